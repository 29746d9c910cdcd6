//! A seeded storm of random calls against stated properties. A failure names its seed and step.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use ecs_local::clock::Clock;
use ecs_local::domain::instance::{ChargeType, Instance, Status};
use ecs_local::domain::money::Cents;
use ecs_local::domain::order::{Order, OrderState};
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::operations::{ALL, COMMON_ROWS};
use ecs_local::wire::Incoming;

const SEEDS: std::ops::Range<u64> = 0..24;
const STEPS: usize = 150;

const CALLS: &[&str] = &[
    "Action=StartInstance&InstanceId={id}",
    "Action=StopInstance&InstanceId={id}",
    "Action=StopInstance&InstanceId={id}&ForceStop=true&StoppedMode=StopCharging",
    "Action=RebootInstance&InstanceId={id}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType={type}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType={type}&Async=true&ClientToken={token}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType={type}&DryRun=true",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&AutoPay={bool}",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&NetworkChargeType=PayByBandwidth&AllocatePublicIp={bool}",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&ClientToken={token}",
    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={id}&InstanceType={type}&AutoPay={bool}&RebootWhenFinished={bool}",
    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={id}&InstanceType={type}&OperatorType=downgrade",
    "Action=AllocatePublicIpAddress&InstanceId={id}",
    "Action=AssociateEipAddress&RegionId=cn-hangzhou&AllocationId=eip-a&InstanceId={id}",
    "Action=UnassociateEipAddress&RegionId=cn-hangzhou&AllocationId=eip-a&InstanceId={id}",
    "Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&InstanceType={type}&SecurityGroupId=sg-hangzhou&VSwitchId=vsw-hangzhou-h&InternetMaxBandwidthOut={mbps}",
    "Action=DeleteInstance&InstanceId={id}&Force={bool}",
    "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=100",
    "Action=DescribeResourcesModification&RegionId=cn-hangzhou&ResourceId={id}&DestinationResource=InstanceType",
];
const TYPES: &[&str] = &[
    "ecs.g6.large",
    "ecs.g6.xlarge",
    "ecs.g6.2xlarge",
    "ecs.g7.large",
    "ecs.s1.large",
    "ecs.none",
];
const MBPS: &[&str] = &["0", "1", "5", "10", "50", "100", "101", "x"];

fn world(now: Timestamp) -> World {
    let document = serde_json::json!({
        "instance": {
            "i-payg": {"status": "Stopped", "instance_type": "ecs.g6.large"},
            "i-busy": {"status": "Running", "instance_type": "ecs.g6.xlarge", "bandwidth_out_mbps": 5},
            "i-year": {"charge_type": "PrePaid", "instance_type": "ecs.g6.xlarge", "expires_at": "2027-01-01T00:00Z"},
            "i-month": {"charge_type": "PrePaid", "status": "Stopped", "instance_type": "ecs.g6.2xlarge"}
        },
        "eip": {"eip-a": {}},
        "zone": {"cn-hangzhou-h": {"stock": {"ecs.g6.2xlarge": 3}}}
    });
    World::from_value(document, now).unwrap()
}

fn call(rng: &mut fastrand::Rng, ids: &[String]) -> String {
    let pick = |rng: &mut fastrand::Rng, all: &[&str]| all[rng.usize(..all.len())].to_owned();
    let id = if ids.is_empty() || rng.u8(..20) == 0 {
        "i-gone".to_owned()
    } else {
        ids[rng.usize(..ids.len())].clone()
    };
    pick(rng, CALLS)
        .replace("{id}", &id)
        .replace("{type}", &pick(rng, TYPES))
        .replace("{mbps}", &pick(rng, MBPS))
        .replace("{bool}", &pick(rng, &["true", "false"]))
        .replace("{token}", &pick(rng, &["a", "b"]))
}

/// Everything that must hold between the world before a step and the one after it.
fn check(before: &World, after: &World, status: u16, code: &str, context: &str) {
    if status == 200 {
        assert_money_is_conserved(before, after, context);
    } else {
        assert_eq!(
            before,
            &without_failed_orders(before, after),
            "a refusal changed the world: {context}"
        );
        assert!(status < 500 || code == "InvalidAction", "{status} {code}: {context}");
        assert!(is_documented(status, code), "{status} {code} is no row: {context}");
    }
    for instance in after.instance.iter() {
        assert!(instance.downgrade_refunds <= 3, "a fourth refund: {context}");
        let has_both = instance.public_ip.is_some() && after.eip_of(&instance.id).is_some();
        assert!(!has_both, "a public and an elastic IP on {}: {context}", instance.id);
        if let Some(earlier) = before.instance.get(&instance.id) {
            assert_steps_are_allowed(earlier, instance, context);
        }
    }
}

/// A refused call leaves at most the order whose automatic payment failed.
fn without_failed_orders(before: &World, after: &World) -> World {
    let mut after = after.clone();
    let is_left = |order: &&Order| {
        before.order.get(&order.id).is_none() && order.state == OrderState::Invalid
    };
    let left: Vec<String> = after.order.iter().filter(is_left).map(|it| it.id.clone()).collect();
    for id in left {
        after.order.remove(&id);
    }
    after
}

fn is_documented(status: u16, code: &str) -> bool {
    let mut rows = ALL.iter().flat_map(|entry| entry.rows).chain(COMMON_ROWS);
    rows.any(|row| row.status == status && row.code == code)
}

/// What left balance and coupons is what the orders paid meanwhile took.
fn assert_money_is_conserved(before: &World, after: &World, context: &str) {
    let is_new = |order: &&Order| {
        let known = before.order.get(&order.id);
        order.paid_at.is_some() && known.is_none_or(|known| known.paid_at.is_none())
    };
    let paid = || after.order.iter().filter(is_new);
    let from_balance: Cents = paid().map(Order::from_balance).sum();
    let from_coupons: Cents = paid().map(|order| order.coupon_cents.max(Cents::ZERO)).sum();
    let (was, is) = (&before.account, &after.account);
    assert_eq!(was.balance_cents - is.balance_cents, from_balance, "balance: {context}");
    assert_eq!(was.coupon_cents - is.coupon_cents, from_coupons, "coupons: {context}");
}

fn assert_steps_are_allowed(earlier: &Instance, now: &Instance, context: &str) {
    let moved = earlier.status != now.status;
    assert!(
        !moved || earlier.status.may_become(now.status),
        "{:?} to {:?}: {context}",
        earlier.status,
        now.status
    );
    let changed = earlier.instance_type != now.instance_type;
    let payg = now.charge_type == ChargeType::PostPaid;
    assert!(
        !(changed && payg) || now.status == Status::Stopped,
        "the type of a running instance changed: {context}"
    );
}

#[test]
fn a_storm_of_calls_keeps_the_laws() {
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for seed in SEEDS {
        let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
        let start = Start {
            world: world(now),
            clock: Clock::Frozen { at: now },
            seed,
            as_of: None,
            faults: Vec::new(),
            muted: Vec::new(),
        };
        let emulator = Emulator::new(start);
        let mut rng = fastrand::Rng::with_seed(seed);
        for step in 0..STEPS {
            let settled = |emulator: &Emulator| {
                emulator.with_tenant("default", |tenant| {
                    tenant.world.settle(tenant.clock.now());
                    tenant.world.clone()
                })
            };
            let wait = [0, 1, 3, 7, 60, 300][rng.usize(..6)];
            emulator.with_tenant("default", |tenant| tenant.clock.advance(Span::seconds(wait)));
            let before = settled(&emulator);
            let ids: Vec<String> = before.instance.iter().map(|one| one.id.clone()).collect();
            let query = call(&mut rng, &ids);
            let answer = emulator.answer(&Incoming::get(&format!("{query}&Format=JSON")));
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            let code = body["Code"].as_str().unwrap_or("OK").to_owned();
            let after = settled(&emulator);
            check(
                &before,
                &after,
                answer.status,
                &code,
                &format!("seed {seed} step {step}: {query}"),
            );
            *answers.entry(code).or_default() += 1;
        }
    }
    // The storm is worth its name: it gets through, and it meets many different refusals.
    assert!(answers["OK"] > 300, "{answers:#?}");
    assert!(answers.len() > 20, "{answers:#?}");
}
