//! What a refusal tells the caller to do helps: where the fix is a call, a wait or a change of the world,
//! doing it and repeating the call gets past the rule, in every scenario on every page. Every fix of every
//! operation stands here, as something to do or with the reason why there is nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use ecs_local::domain::order::OrderState;
use ecs_local::domain::{Span, World};
use ecs_local::emulator::Emulator;
use ecs_local::explain::{Explanation, Outcome};
use ecs_local::operations;
use ecs_local::scenario::{self, Connection, Load, Run};
use ecs_local::wire::{Format, Incoming, Outgoing};
use serde_json::Value;

/// Something to do about a refusal. `{id}` is each instance the call names, `{present}` the address
/// bound to one of them, `{eip}` the address it names (or else that one), `{owner}` whom that is bound to.
#[derive(Clone, Copy)]
enum Do {
    /// A call; it may be refused itself where the state needs it not.
    Call(&'static str),
    /// Time passes.
    Wait(&'static str),
    /// The world changes.
    World(&'static str),
    /// The orders nobody has paid are called off.
    CancelOrders,
    /// Those that are carried out come to their end.
    FinishOrders,
}

use Do::{Call, CancelOrders, FinishOrders, Wait, World as Change};

const STOP: Do = Call("Action=StopInstance&InstanceId={id}");
const START: Do = Call("Action=StartInstance&InstanceId={id}");
const RENEW: Do = Call("Action=RenewInstance&InstanceId={id}&Period=1");
const UNBIND: Do = Call("Action=UnassociateEipAddress&AllocationId={eip}&InstanceId={owner}");
const UNBIND_PRESENT: Do =
    Call("Action=UnassociateEipAddress&AllocationId={present}&InstanceId={id}");
const RICH: Do = Change(r#"{"account":{"balance_cents":100000000,"arrears":false}}"#);
const UNLOCKED: Do = Change(r#"{"instance":{"{id}":{"locks":[]}}}"#);
const SOON: Do = Wait("10m");
// A state on its way that a world document states stays there: nothing was begun that would end. Waiting for
// its end is a change of the world then.
const RUNNING: Do = Change(r#"{"instance":{"{id}":{"status":"Running"}}}"#);
const STOPPED: Do = Change(r#"{"instance":{"{id}":{"status":"Stopped"}}}"#);
const TYPE_DONE: Do = Change(
    r#"{"instance":{"{id}":{"effective_type":"","reserved_type":"","next_period_type":""}}}"#,
);
const RENEWED: Do =
    Change(r#"{"instance":{"{id}":{"locks":[],"expires_at":"2030-01-01T00:00:00Z"}}}"#);

/// What is done about each fix that is a call, a wait or a change of the world.
const DONE: &[(&str, &[Do])] = &[
    (
        "DescribeInstanceTypes and the family's page tell the categories; detach or convert the disk",
        &[Change(r#"{"instance":{"{id}":{"disks":[{"system":true,"category":"cloud_essd"}]}}}"#)],
    ),
    (
        "ModifyInstanceAttribute with DeletionProtection=false first",
        &[Call("Action=ModifyInstanceAttribute&InstanceId={id}&DeletionProtection=false")],
    ),
    (
        "ModifyInstanceAutoReleaseTime without a time calls the release off",
        &[Call("Action=ModifyInstanceAutoReleaseTime&InstanceId={id}")],
    ),
    ("RebootInstance first", &[Call("Action=RebootInstance&InstanceId={id}"), SOON]),
    (
        "RebootInstance first, so that the earlier change takes effect",
        &[Call("Action=RebootInstance&InstanceId={id}"), SOON],
    ),
    ("RenewInstance first", &[RICH, RENEW, SOON]),
    ("RenewInstance first, or wait until the instance is Running or Stopped", &[RICH, RENEW, SOON]),
    ("RenewInstance first: an expired subscription does not renew itself", &[RICH, RENEW, SOON]),
    ("StartInstance first, or wait until the instance is Running", &[START, SOON, RUNNING]),
    ("StopInstance first and wait until it is Stopped, or send Force=true", &[SOON, STOP, SOON]),
    (
        "StopInstance first for user data, wait until it is Running for a password",
        &[SOON, STOP, SOON],
    ),
    ("StopInstance first, and wait for Stopped", &[STOP, SOON]),
    ("StopInstance first, or wait until the instance is Stopped", &[SOON, STOP, SOON]),
    (
        "StopInstance first: in the classic network bandwidth is added to a stopped instance",
        &[STOP, SOON],
    ),
    ("UnassociateEipAddress first", &[UNBIND, SOON]),
    ("UnassociateEipAddress first, or change the bandwidth of the EIP", &[UNBIND, SOON]),
    ("UnassociateEipAddress first, or leave AllowMigrateAcrossZone out", &[UNBIND, SOON]),
    ("UnassociateEipAddress first, or leave MigrateAcrossZone out", &[UNBIND, SOON]),
    ("UnassociateEipAddress the instance's present address first", &[UNBIND_PRESENT, SOON]),
    ("change the bandwidth of the EIP, or UnassociateEipAddress first", &[UNBIND, SOON]),
    ("the instance is reached by its elastic IP; UnassociateEipAddress first", &[UNBIND, SOON]),
    (
        "give the instance bandwidth first: ModifyInstanceNetworkSpec, InternetMaxBandwidthOut",
        &[Change(r#"{"instance":{"{id}":{"bandwidth_out_mbps":5}}}"#)],
    ),
    (
        "give the public IP back with ModifyInstanceNetworkSpec and InternetMaxBandwidthOut=0",
        &[Call("Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut=0"), SOON],
    ),
    (
        "ask for less, or have the limit raised",
        &[Change(r#"{"account":{"bandwidth_limit_mbps":100000}}"#)],
    ),
    ("clear the account's arrears", &[RICH]),
    ("clear the security lock", &[UNLOCKED]),
    (
        "give the RAM user ram:PassRole, or call as the account",
        &[Change(r#"{"caller":{"passes_roles":true}}"#)],
    ),
    (
        "give the RAM user the right to see prices, or call as the account",
        &[Change(r#"{"caller":{"sees_prices":true}}"#)],
    ),
    (
        "let the RAM user see prices, or send AutoPay=true",
        &[Change(r#"{"caller":{"sees_prices":true}}"#)],
    ),
    ("pay or cancel the account's other order", &[CancelOrders]),
    ("pay or cancel the order", &[CancelOrders]),
    ("remove the NAT port map first", &[Change(r#"{"instance":{"{id}":{"nat_port_map":false}}}"#)]),
    ("renew by the month first", &[Change(r#"{"instance":{"{id}":{"weekly":false}}}"#)]),
    ("renew the instance", &[RICH, RENEW, SOON]),
    ("renew the instance first", &[CancelOrders, RICH, RENEW, SOON, RENEWED]),
    ("renew the instance, or clear the arrears", &[CancelOrders, RICH, RENEW, SOON, RENEWED]),
    ("renew the instance, or clear the financial lock", &[RICH, RENEW, UNLOCKED, SOON]),
    (
        "move the instance off its dedicated host",
        &[Change(r#"{"instance":{"{id}":{"dedicated_host_id":""}}}"#)],
    ),
    (
        "take the instance out of its private pool",
        &[Change(r#"{"instance":{"{id}":{"private_pool":"None"}}}"#)],
    ),
    (
        "the records of the purchase are missing; open a ticket",
        &[Change(r#"{"instance":{"{id}":{"purchase_recorded":true}}}"#)],
    ),
    ("attach a system disk", &[Change(r#"{"instance":{"{id}":{"disks":[{"system":true}]}}}"#)]),
    ("detach the basic disk", &[Change(r#"{"instance":{"{id}":{"disks":[{"system":true}]}}}"#)]),
    (
        "detach disks, or choose a larger type",
        &[Change(r#"{"instance":{"{id}":{"disks":[{"system":true}]}}}"#)],
    ),
    ("detach interfaces, or choose a larger type", &[ONE_INTERFACE]),
    ("detach RDMA interfaces, or choose a larger type", &[ONE_INTERFACE]),
    ("detach the RDMA interface, or choose a type with RDMA", &[ONE_INTERFACE]),
    ("detach the trunk interface, or choose a type with trunking", &[ONE_INTERFACE]),
    ("set fewer queue pairs, or choose a larger type", &[ONE_INTERFACE]),
    ("set fewer queues, or choose a larger type", &[ONE_INTERFACE]),
    ("set a number of queues from 1", &[ONE_INTERFACE]),
    ("take addresses away, or choose a larger type", &[ONE_INTERFACE]),
    ("take the IPv6 addresses away", &[ONE_INTERFACE]),
    ("take the secondary addresses away", &[ONE_INTERFACE]),
    ("turn receive-side scaling off, or choose a type with it", &[ONE_INTERFACE]),
    ("top up the account", &[RICH]),
    (
        "top up the account and cancel the invalid order this call leaves, or send AutoPay=false",
        &[RICH, CancelOrders],
    ),
    ("top up the account, and cancel the invalid order this call leaves", &[RICH, CancelOrders]),
    ("top up the account, or clear its arrears", &[RICH]),
    ("top up the account, then clear the financial lock", &[RICH, UNLOCKED]),
    ("verify the card", &[Change(r#"{"account":{"card_at_risk":false}}"#)]),
    ("wait five minutes, or advance the clock", &[Wait("5m")]),
    ("wait for the first call's work to end, then repeat", &[SOON]),
    ("wait until the change is complete", &[SOON]),
    ("wait until the change of the type is complete", &[SOON, FinishOrders]),
    ("wait until the instance is Running", &[SOON]),
    ("wait until the instance is Running or Stopped", &[SOON, RUNNING]),
    ("wait until the instance is Stopped", &[SOON, STOP, SOON, STOPPED]),
    ("wait until the next period has begun", &[SOON, TYPE_DONE]),
    ("wait until the change that the last renewal bought takes effect", &[SOON, TYPE_DONE]),
    ("wait until the order is carried out", &[SOON, FinishOrders]),
    (
        "wait until the order is carried out, or pay or cancel it",
        &[SOON, CancelOrders, FinishOrders],
    ),
    (
        "wait until the window is over",
        &[Change(r#"{"instance":{"{id}":{"temporary_bandwidth":null}}}"#)],
    ),
    (
        "wait for the next month, or give back fewer vCPU hours",
        &[Change(r#"{"account":{"refund_vcpu_hours":1000000}}"#)],
    ),
    ("release an address of the region", &[PLENTY]),
    ("the region has no public address left; bind an EIP instead", &[PLENTY]),
    ("bind an elastic IP instead", &[PLENTY]),
    ("choose another type or zone, or wait for stock", &[STOCKED]),
    ("choose another type", &[STOCKED]),
    ("wait for stock in the zone, or change the type of the instance", &[STOCKED]),
    ("set AllowMigrateAcrossZone=true, or choose another type", &[STOCKED]),
    ("set MigrateAcrossZone=true, or choose another type", &[STOCKED]),
];

const ONE_INTERFACE: Do =
    Change(r#"{"instance":{"{id}":{"network_interfaces":[{"primary":true}]}}}"#);
const PLENTY: Do = Change(r#"{"region":{"cn-hangzhou":{"public_ips_left":100}}}"#);
const STOCKED: Do = Change(r#"{"zone":{"*":{"stock":{}}}}"#);

/// How a fix begins that asks for another request.
const ANOTHER_REQUEST: &[&str] = &[
    "send ",
    "ask for ",
    "choose ",
    "name ",
    "leave ",
    "set ",
    "use ",
    "DescribeEipAddresses lists",
    "DescribeInstanceTypes lists",
    "DescribeInstances lists",
    "DescribeRegions lists",
    "DescribeZones lists",
    "DescribeResourcesModification lists",
    "DiskIds is ",
    "PageNumber ",
    "StartTime as ",
    "pages from ",
    "the call would succeed",
    "at most 128",
    "1 to ",
    "2 to ",
    "5 to ",
    "8 to ",
    "change type and bandwidth",
    "only ",
    "subscriptions of ",
    "a password of Windows",
    "stop the instance and leave",
    "allocate an address",
    "change a pay-as-you-go instance with",
    "change a subscription with",
    "bind an EIP",
    "change what the message",
    "the category can only",
    "user data is for",
];

const NOTHING: &str = "there is nothing left to do";
const NEVER: &str = "there is no way";
const LATER: &str = "it asks for another request, later";
const OUTSIDE: &str = "whoever runs the account does it, and what exactly depends on the case";
const OTHER_INSTANCE: &str =
    "another instance, or one that is not this one any more, is what helps";

/// Fixes that nobody here can carry out, and why.
const UNDONE: &[(&str, &str)] = &[
    ("DescribeInstances shows the address in PublicIpAddress", NOTHING),
    ("the address is free already", NOTHING),
    ("ModifyInstanceSpec to a type on sale first", OTHER_INSTANCE),
    ("a dedicated region has no public network", NEVER),
    ("a subscription ends by itself; change it to pay-as-you-go first", OTHER_INSTANCE),
    ("an instance in a CloudBox gets no public bandwidth", NEVER),
    ("an instance of the classic network takes no elastic IP", NEVER),
    ("an instance on a dedicated host keeps its charge type", NEVER),
    ("an instance set up to hibernate keeps its type", NEVER),
    ("an instance stays in the newer families", NEVER),
    ("an instance with local disks keeps its type; create another", NEVER),
    ("buy an instance outside a starter package", NEVER),
    ("create a subscription instead", NEVER),
    ("give the world a region", OUTSIDE),
    ("have the charge type opened for the account", OUTSIDE),
    ("open the way of paying to the account", OUTSIDE),
    ("lower the bandwidth first, or pay it by traffic", OTHER_INSTANCE),
    ("release instances of the type, or have the quota raised", OTHER_INSTANCE),
    ("release the spot instance and create another", NEVER),
    ("replace the image", OTHER_INSTANCE),
    ("the instance has been downgraded three times; it keeps its bandwidth", NEVER),
    ("the instance has been downgraded three times; it keeps its type", NEVER),
    ("the instance has had its three refunds; its disks stay as they are", NEVER),
    ("the page leaves this change of a subscription to the console", NEVER),
    ("wait until the subscription ends, then send TerminateSubscription=true", LATER),
];

/// The scenarios' own emulator. At each refusal a copy of the account is mended, and asked again.
struct Mending {
    emulator: Arc<Emulator>,
    found: Rc<RefCell<Found>>,
}

#[derive(Default)]
struct Found {
    /// Fixes that were tried, with how often.
    tried: BTreeMap<String, usize>,
    /// Where one did not help.
    in_vain: Vec<String>,
}

impl Connection for Mending {
    fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        let answer = self.emulator.answer(incoming);
        let why = explanation(&self.emulator, &answer);
        if let Some((fix, place)) = why.as_ref().and_then(held) {
            self.mend(incoming, &fix, &place);
        }
        answer
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        self.emulator.control(method, path, body)
    }
}

impl Mending {
    fn mend(&self, incoming: &Incoming, fix: &str, place: &Place) {
        let Some((_, deeds)) = DONE.iter().find(|(done, _)| *done == fix) else { return };
        // Signed calls are of the gateway's scenarios, and of another account.
        if incoming.query.contains("AccessKeyId=") || !incoming.headers.is_empty() {
            return;
        }
        let emulator = &self.emulator;
        emulator.reset("mended");
        assert!(emulator.fork("default", "mended"));
        for deed in *deeds {
            carry_out(emulator, deed, &incoming.query);
        }
        let again =
            emulator.answer(&Incoming::get(&format!("{}&AccessKeyId=mended", incoming.query)));
        let then = explanation(emulator, &again);
        let mut found = self.found.borrow_mut();
        *found.tried.entry(fix.to_owned()).or_default() += 1;
        if let Some((_, now)) = then.as_ref().and_then(held)
            && now <= *place
        {
            let body = String::from_utf8_lossy(&again.body).into_owned();
            found.in_vain.push(format!(
                "{fix}\n    {place:?} then {now:?}\n    {}\n    {body:.200}",
                incoming.query
            ));
        }
    }
}

/// The place of a rule: how many stand before it, and its row.
type Place = (usize, String);

/// The fix and the place of the operation's rule that held.
fn held(why: &Explanation) -> Option<(String, Place)> {
    let at = why.rules.iter().position(|rule| rule.outcome == Outcome::Held)?;
    let is_of_operation = ["request", "token", "state"].contains(&why.rules[at].table.as_str());
    is_of_operation
        .then(|| (why.decided.as_ref().unwrap().fix.clone(), (at, why.rules[at].row.clone())))
}

fn explanation(emulator: &Emulator, answer: &Outgoing) -> Option<Explanation> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    emulator.explain(body["RequestId"].as_str()?)
}

fn carry_out(emulator: &Emulator, deed: &Do, query: &str) {
    let (ids, present, eip) = emulator.at_present("mended", |world, _| named(world, query));
    let owner = emulator.at_present("mended", |world, _| world.eip.get(&eip)?.instance_id.clone());
    let filled = |text: &str| -> Vec<String> {
        let text = text
            .replace("{present}", &present)
            .replace("{eip}", &eip)
            .replace("{owner}", &owner.clone().unwrap_or_default());
        ids.iter().map(|id| text.replace("{id}", id)).collect()
    };
    match deed {
        Wait(span) => emulator.with_tenant("mended", |tenant| {
            tenant.clock.advance(Span::parse(span).unwrap());
        }),
        Call(call) => {
            for call in filled(call) {
                emulator.answer(&Incoming::get(&format!(
                    "{call}&RegionId=cn-hangzhou&AccessKeyId=mended"
                )));
            }
        }
        Change(document) => {
            for document in filled(document) {
                let mut patch: Value = serde_json::from_str(&document).unwrap();
                emulator.at_present("mended", |world, now| {
                    stock_up(world, &mut patch);
                    *world = world.patched(patch, now).unwrap();
                });
            }
        }
        FinishOrders => emulator.at_present("mended", |world, _| {
            let orders: Vec<String> = world.order.iter().map(|order| order.id.clone()).collect();
            for order in orders {
                let order = world.order.get_mut(&order).unwrap();
                if order.state == OrderState::Processing {
                    order.state = OrderState::Completed;
                }
            }
        }),
        CancelOrders => emulator.at_present("mended", |world, now| {
            let orders: Vec<String> = world.order.iter().map(|order| order.id.clone()).collect();
            for id in orders {
                let _ = world.cancel_order(&id, now);
            }
        }),
    }
}

/// `zone.*`: there is enough of everything, everywhere.
fn stock_up(world: &mut World, patch: &mut Value) {
    let zones = patch.get_mut("zone").and_then(Value::as_object_mut);
    if zones.and_then(|zones| zones.shift_remove("*")).is_some() {
        for zone in world.zone.values_mut() {
            let region_id = zone.region_id.clone();
            *zone = ecs_local::domain::region::Zone { region_id, ..Default::default() }.into();
        }
    }
}

/// The instances a call is about, the address they have, and the one the call names.
fn named(world: &World, query: &str) -> (Vec<String>, String, String) {
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let values = pairs.iter().flat_map(|(_, value)| {
        serde_json::from_str::<Vec<String>>(value)
            .unwrap_or_else(|_| value.split(',').map(str::to_owned).collect())
    });
    let ids: BTreeSet<String> =
        values.filter(|value| world.instance.get(value).is_some()).collect();
    let named =
        pairs.iter().find(|(name, _)| name == "AllocationId").map(|(_, value)| value.clone());
    let present = ids.iter().find_map(|id| world.eip_of(id).map(|eip| eip.id.clone()));
    let present = present.unwrap_or_default();
    let eip = named.unwrap_or_else(|| present.clone());
    // Something is done even where no instance is named.
    let ids = if ids.is_empty() { vec!["none".to_owned()] } else { ids.into_iter().collect() };
    (ids, present, eip)
}

#[test]
fn every_fix_is_something_to_do_or_says_why_not() {
    let all: BTreeSet<&str> =
        operations::ALL.iter().flat_map(|entry| (entry.rules)()).map(|rule| rule.fix).collect();
    let is_request = |fix: &str| ANOTHER_REQUEST.iter().any(|begin| fix.starts_with(begin));
    for fix in &all {
        let places = [DONE.iter().any(|(it, _)| it == fix), UNDONE.iter().any(|(it, _)| it == fix)];
        let stands = places.iter().filter(|is| **is).count();
        assert!(
            stands == 1 || (stands == 0 && is_request(fix)),
            "{fix:?} stands nowhere, or twice"
        );
    }
    for (fix, _) in DONE {
        assert!(all.contains(fix), "{fix:?} is no fix of any rule");
    }
    for (fix, _) in UNDONE {
        assert!(all.contains(fix), "{fix:?} is no fix of any rule");
    }
}

#[test]
fn doing_what_the_fix_says_gets_past_the_rule() {
    let found = Rc::new(RefCell::new(Found::default()));
    for file in scenario::find(Path::new("scenarios")).unwrap() {
        let load = Load::file(&file).unwrap();
        for as_of in scenario::pages(&load).unwrap() {
            let run = Run { as_of, format: Format::Json, muted: Vec::new() };
            let mending =
                |emulator| Mending { emulator: Arc::new(emulator), found: Rc::clone(&found) };
            scenario::run(&load, &run, mending).unwrap_or_else(|failure| {
                panic!("{} does not pass any more: {failure}", file.display())
            });
        }
    }
    let found = found.borrow();
    let in_vain: BTreeSet<&String> = found.in_vain.iter().collect();
    let list = in_vain.iter().map(|it| it.as_str()).collect::<Vec<_>>().join("\n");
    assert!(
        in_vain.is_empty(),
        "{} of {:?} in vain:\n{list}",
        in_vain.len(),
        found.tried.values().sum::<usize>()
    );
    let untried: Vec<&&str> =
        DONE.iter().map(|(fix, _)| fix).filter(|fix| !found.tried.contains_key(**fix)).collect();
    assert!(untried.is_empty(), "no scenario asks for {untried:?}");
}
