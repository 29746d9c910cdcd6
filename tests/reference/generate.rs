//! Random worlds, as the model has them and as a document for the emulator, and random deeds in them: most
//! are near to succeeding, so that the deep rules are met as often as the shallow ones. Decides no answer.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Value, json};

use super::calls::{Deed, Network, Prepay, Sent, Spec};
use super::catalogue::{self, KINDS, NO_KIND};
use super::moment::{self, DAY, HOUR, MINUTE, Moment, SECOND};
use super::money::is_lower;
use super::{Account, Instance, Model, Order, OrderState, PayBy, Remembered, Status, Traits, Wish};

/// The types that can run out.
pub const SCARCE: &[&str] = &["ecs.g6.2xlarge", "ecs.g7.large"];
const CLUSTERS: &[&str] = &["c-1", "c-2"];
const WAITS: &[i64] = &[
    0,
    SECOND,
    3 * SECOND,
    5 * SECOND,
    6 * SECOND,
    7 * SECOND,
    299 * SECOND,
    300 * SECOND,
    300 * SECOND,
    301 * SECOND,
    HOUR,
    3 * HOUR,
    DAY,
];

/// A random world.
pub fn world(rng: &mut Rng) -> Model {
    let account = account(rng);
    let ids = ["i-web", "i-api", "i-year", "i-month", "i-soon"];
    let instances = ids.iter().map(|id| instance(rng, id)).collect();
    let mut model = Model::new(account, instances);
    if rng.bool() {
        for kind in SCARCE {
            for cluster in CLUSTERS {
                model.stock.insert((*kind, *cluster), rng.i64(0..3));
            }
        }
    }
    model.unsold_kind = seldom(rng).then(|| any_kind(rng));
    model.public_ips_left = one_in(rng, 6).then(|| rng.i64(0..2));
    model.is_dedicated_region = seldom(rng);
    model.vpc_has_no_public_bandwidth = seldom(rng);
    if seldom(rng) {
        let instance = pick(rng, &ids).to_owned();
        let (wish, state) = (Wish::Renewal, OrderState::Unpaid);
        model.orders.push(Order {
            instance,
            wish,
            state,
            amount: 1000,
            from_coupons: 0,
            lapses_at: None,
        });
    }
    model
}

fn account(rng: &mut Rng) -> Account {
    Account {
        balance: pick(rng, &[3_000_000, 3_000_000, 3_000_000, 20_000, 100, 0, -1]),
        coupons: if one_in(rng, 4) { 20_000 } else { 0 },
        credit: if one_in(rng, 4) { 500 } else { 0 },
        in_arrears: rare(rng),
        has_no_billing_method: rare(rng),
        has_risky_card: rare(rng),
        may_not_downgrade: seldom(rng),
        sees_no_prices: rare(rng),
        is_denied_post_paid: rare(rng),
        denied_kind: seldom(rng).then(|| any_kind(rng)),
        hidden_kind: seldom(rng).then(|| any_kind(rng)),
        quota: seldom(rng).then(|| (any_kind(rng), rng.usize(0..3))),
        bandwidth_limit: seldom(rng).then_some(50),
        bandwidth_quota: seldom(rng).then_some(60),
    }
}

fn instance(rng: &mut Rng, id: &str) -> Instance {
    let is_prepaid = !["i-web", "i-api"].contains(&id);
    let kind = pick(rng, KINDS);
    let out = pick(rng, &[0, 0, 5, 10, 11, 50, 100]);
    let pay_by = if rng.bool() { PayBy::Traffic } else { PayBy::Bandwidth };
    let mut traits = if one_in(rng, 3) { one_trait(rng) } else { Traits::default() };
    traits.has_ultra_disk |= kind.is_retired;
    Instance {
        id: id.to_owned(),
        status: if one_in(rng, 3) { Status::Running } else { Status::Stopped },
        due: Vec::new(),
        is_prepaid,
        expires_at: moment::BEGINNING
            + match id {
                "i-year" => 365 * DAY,
                "i-month" => 31 * DAY,
                _ => 2 * DAY,
            },
        is_expired: false,
        kind: kind.name,
        guest_kind: kind.name,
        kept_place: None,
        cluster: pick(rng, CLUSTERS),
        out,
        inward: (out > 0).then(|| out.max(10)),
        pay_by,
        has_public_ip: out > 0,
        has_eip: false,
        window: None,
        refunds: if is_prepaid { pick(rng, &[0, 0, 1, 2, 3]) } else { 0 },
        rests_since: BTreeMap::new(),
        traits,
    }
}

fn one_trait(rng: &mut Rng) -> Traits {
    let mut traits = Traits::default();
    let all = [
        &mut traits.is_classic,
        &mut traits.is_locked,
        &mut traits.is_spot,
        &mut traits.is_weekly,
        &mut traits.is_starter_package,
        &mut traits.is_on_dedicated_host,
        &mut traits.is_hibernating,
        &mut traits.is_in_chosen_pool,
        &mut traits.has_local_disk,
        &mut traits.has_ultra_disk,
        &mut traits.has_nat_port_map,
        &mut traits.has_no_purchase,
        &mut traits.has_next_period_type,
    ];
    let number = rng.usize(..all.len());
    *all.into_iter().nth(number).unwrap() = true;
    traits
}

/// The world as a document for the emulator.
pub fn document(model: &Model) -> Value {
    let account = &model.account;
    let list = |kind: Option<&str>| kind.map_or_else(|| json!([]), |kind| json!([kind]));
    let mut document = json!({
        "account": {
            "balance_cents": account.balance,
            "coupon_cents": account.coupons,
            "credit_cents": account.credit,
            "arrears": account.in_arrears,
            "billing_method_chosen": !account.has_no_billing_method,
            "card_at_risk": account.has_risky_card,
            "downgrade_privilege": !account.may_not_downgrade,
            "denied_types": list(account.denied_kind),
            "hidden_types": list(account.hidden_kind),
        },
        "region": {"cn-hangzhou": {"dedicated": model.is_dedicated_region}},
        "zone": {"cn-hangzhou-h": {
            "not_offered_types": list(model.unsold_kind),
            "vpc_without_public_bandwidth": model.vpc_has_no_public_bandwidth,
        }},
        "eip": {"eip-a": {}},
    });
    if account.sees_no_prices {
        document["caller"] = json!({"ram_user": "bob", "sees_prices": false});
    }
    if account.is_denied_post_paid {
        document["account"]["denied_charge_types"] = json!(["PostPaid"]);
    }
    if let Some((kind, most)) = account.quota {
        document["account"]["type_quota"] = json!({kind: most});
    }
    if let Some(limit) = account.bandwidth_limit {
        document["account"]["bandwidth_limit_mbps"] = json!(limit);
    }
    if let Some(quota) = account.bandwidth_quota {
        document["account"]["bandwidth_quota_mbps"] = json!(quota);
    }
    if let Some(left) = model.public_ips_left {
        document["region"]["cn-hangzhou"]["public_ips_left"] = json!(left);
    }
    for ((kind, cluster), left) in &model.stock {
        document["zone"]["cn-hangzhou-h"]["stock"][kind][cluster] = json!(left);
    }
    for instance in &model.instances {
        document["instance"][&instance.id] = instance_document(instance);
    }
    for (number, order) in model.orders.iter().enumerate() {
        document["order"][format!("20000000000000{number}")] = json!({
            "instance_id": order.instance,
            "operation": "RenewInstance",
            "amount_cents": order.amount,
            "state": "unpaid",
        });
    }
    document
}

fn instance_document(it: &Instance) -> Value {
    let traits = &it.traits;
    let system = if traits.has_ultra_disk { "cloud_efficiency" } else { "cloud_essd" };
    let mut disks = vec![json!({"system": true, "category": system})];
    if traits.has_local_disk {
        disks.push(json!({"category": "local_ssd_pro"}));
    }
    let mut document = json!({
        "status": if it.status == Status::Running { "Running" } else { "Stopped" },
        "instance_type": it.kind,
        "cluster_id": it.cluster,
        "disks": disks,
        "bandwidth_out_mbps": it.out,
        "internet_charge_type": pay_by_name(it.pay_by),
        "downgrade_refunds": it.refunds,
        "locks": if traits.is_locked { json!(["security"]) } else { json!([]) },
        "spot_strategy": if traits.is_spot { "SpotAsPriceGo" } else { "NoSpot" },
        "weekly": traits.is_weekly,
        "starter_package": traits.is_starter_package,
        "dedicated_host_id": if traits.is_on_dedicated_host { "dh-1" } else { "" },
        "hibernation_configured": traits.is_hibernating,
        "private_pool": if traits.is_in_chosen_pool { "Target" } else { "Open" },
        "nat_port_map": traits.has_nat_port_map,
        "purchase_recorded": !traits.has_no_purchase,
        "next_period_type": if traits.has_next_period_type { "ecs.g6.large" } else { "" },
    });
    if traits.is_classic {
        document["network_type"] = json!("classic");
    }
    if let Some(inward) = it.inward {
        document["bandwidth_in_mbps"] = json!(inward);
    }
    if it.is_prepaid {
        document["charge_type"] = json!("PrePaid");
        document["expires_at"] = json!(moment::to_seconds(it.expires_at));
    }
    document
}

pub fn pay_by_name(pay_by: PayBy) -> &'static str {
    match pay_by {
        PayBy::Traffic => "PayByTraffic",
        PayBy::Bandwidth => "PayByBandwidth",
    }
}

/// The next deed in a world.
pub fn deed(rng: &mut Rng, model: &Model) -> Deed {
    // As SDKs do that heard no answer: the same call again, with the same token.
    let again = model.tokens.last().filter(|_| rng.u8(..50) == 0);
    if let Some(Remembered { call, .. }) = again {
        return call.clone();
    }
    match rng.u8(..100) {
        0..22 => Deed::Spec(spec(rng, model)),
        22..44 => Deed::Network(network(rng, model)),
        44..66 => Deed::Prepay(prepay(rng, model)),
        66..70 => Deed::Start(any_id(rng)),
        70..74 => Deed::Stop { instance: any_id(rng), force: rng.bool() },
        74..76 => Deed::Reboot(any_id(rng)),
        76..79 => Deed::Associate(any_id(rng)),
        79..82 => Deed::Unassociate(any_id(rng)),
        82..95 => Deed::Wait(pick(rng, WAITS)),
        95..97 => Deed::Pay,
        97..99 => Deed::Cancel,
        _ => Deed::TopUp(10_000),
    }
}

fn spec(rng: &mut Rng, model: &Model) -> Spec {
    let instance = called(rng, &["i-web", "i-api"]);
    let mut call = Spec {
        instance_type: None,
        instance,
        region: region(rng),
        out: Sent::Absent,
        inward: Sent::Absent,
        is_async: switch(rng),
        migrate: switch(rng),
        window_start: Sent::Absent,
        window_end: Sent::Absent,
        window_out: Sent::Absent,
        system_disk: system_disk(rng),
        charge_type: one_in(rng, 20).then(|| pick(rng, &["PayByTraffic", "PayByMoon"])),
        dry_run: switch(rng),
        token: token(rng),
    };
    match rng.u8(..20) {
        0..10 => call.instance_type = Some(target(rng, model, call.instance.as_deref())),
        10..14 => call.out = mbps(rng, 0..=100),
        14..16 => {
            call.out = mbps(rng, 0..=100);
            call.inward = mbps(rng, 1..=100);
        }
        16..18 => call.inward = mbps(rng, 1..=20),
        18 => {
            let (start, end) = (time(rng, model.now), time(rng, model.now));
            let out = mbps(rng, 1..=100);
            call.window_start = if one_in(rng, 8) { Sent::Absent } else { start };
            call.window_end = if one_in(rng, 8) { Sent::Absent } else { end };
            call.window_out = if one_in(rng, 8) { Sent::Absent } else { out };
        }
        _ => {
            call.instance_type = one_in(rng, 4).then(|| any_kind(rng));
            call.out = if one_in(rng, 4) { mbps(rng, 0..=100) } else { Sent::Absent };
        }
    }
    call
}

fn network(rng: &mut Rng, model: &Model) -> Network {
    let mut call = Network {
        instance: called(rng, &["i-web", "i-api", "i-year", "i-month", "i-soon"]),
        region: region(rng),
        out: if one_in(rng, 6) { Sent::Absent } else { mbps(rng, 0..=100) },
        inward: if one_in(rng, 5) { mbps(rng, 1..=200) } else { Sent::Absent },
        charge_type: match rng.u8(..20) {
            0..2 => Some("PayByTraffic"),
            2..6 => Some("PayByBandwidth"),
            6 => Some("PayByMoon"),
            _ => None,
        },
        allocate: switch(rng),
        start: Sent::Absent,
        end: Sent::Absent,
        auto_pay: switch(rng),
        token: token(rng),
    };
    if one_in(rng, 5) {
        if !one_in(rng, 8) {
            call.charge_type = None;
            call.inward = Sent::Absent;
        }
        call.start = if one_in(rng, 3) { Sent::Absent } else { time(rng, model.now) };
        call.end = if rare(rng) { Sent::Absent } else { time(rng, model.now + 3 * HOUR) };
    }
    call
}

fn prepay(rng: &mut Rng, model: &Model) -> Prepay {
    let instance = called(rng, &["i-year", "i-month", "i-soon"]);
    let kind = target(rng, model, instance.as_deref());
    let current = model.instances.iter().find(|it| Some(it.id.as_str()) == instance.as_deref());
    let is_downgrade =
        catalogue::find(kind).is_some() && current.is_some_and(|it| is_lower(kind, it.kind));
    Prepay {
        instance,
        region: match rng.u8(..50) {
            0 => None,
            1 => Some("cn-atlantis"),
            2 => Some("cn-beijing"),
            _ => Some("cn-hangzhou"),
        },
        instance_type: (!rare(rng)).then_some(kind),
        operator: match rng.u8(..20) {
            0 => Some("sidegrade"),
            1 => Some("upgrade"),
            2 => None,
            3 => Some("downgrade"),
            _ => is_downgrade.then_some("downgrade"),
        },
        auto_pay: switch(rng),
        migrate: switch(rng),
        system_disk: system_disk(rng),
        reboot_time: if one_in(rng, 8) { time(rng, model.now) } else { Sent::Absent },
        end: if one_in(rng, 6) { time(rng, model.now) } else { Sent::Absent },
        reboot_when_finished: switch(rng),
        token: token(rng),
    }
}

/// A type the instance might get, mostly from where a way leads.
fn target(rng: &mut Rng, model: &Model, id: Option<&str>) -> &'static str {
    let instance = model.instances.iter().find(|it| Some(it.id.as_str()) == id);
    let Some(instance) = instance.filter(|_| !one_in(rng, 4)) else {
        return if one_in(rng, 6) { NO_KIND } else { any_kind(rng) };
    };
    let family = catalogue::find(instance.kind).unwrap().family;
    let reachable: Vec<_> =
        KINDS.iter().filter(|it| catalogue::may_become(family).contains(&it.family)).collect();
    if reachable.is_empty() { any_kind(rng) } else { pick(rng, &reachable).name }
}

fn mbps(rng: &mut Rng, range: std::ops::RangeInclusive<i64>) -> Sent<i64> {
    let (least, most) = (*range.start(), *range.end());
    match rng.u8(..40) {
        0 => Sent::Broken("fast"),
        1 => Sent::Broken("1.5"),
        2 => Sent::Is(least - 1),
        3 => Sent::Is(most + 1),
        4..8 => Sent::Is(least),
        8..12 => Sent::Is(most),
        12..20 => Sent::Is(pick(rng, &[1, 5, 10, 11, 20])),
        _ => Sent::Is(rng.i64(least..=most)),
    }
}

fn time(rng: &mut Rng, around: Moment) -> Sent<Moment> {
    match rng.u8(..20) {
        0 => Sent::Broken("soon"),
        1 => Sent::Is(around - HOUR),
        2 => Sent::Is(around),
        3 => Sent::Is(around + MINUTE),
        4 => Sent::Is(around + 10 * DAY),
        5 => Sent::Is(around + 5 * SECOND),
        _ => Sent::Is(around + rng.i64(1..40) * HOUR),
    }
}

fn switch(rng: &mut Rng) -> Sent<bool> {
    match rng.u8(..60) {
        0 => Sent::Broken("maybe"),
        1..10 => Sent::Is(true),
        10..20 => Sent::Is(false),
        _ => Sent::Absent,
    }
}

fn system_disk(rng: &mut Rng) -> Option<&'static str> {
    one_in(rng, 20).then(|| pick(rng, &["cloud_ssd", "cloud_efficiency", "floppy"]))
}

fn token(rng: &mut Rng) -> Option<String> {
    match rng.u8(..40) {
        0 => Some("x".repeat(65)),
        1 => Some("x".repeat(64)),
        2 => Some(String::new()),
        3..8 => Some(pick(rng, &["a", "b", "A"]).to_string()),
        _ => None,
    }
}

fn region(rng: &mut Rng) -> Option<&'static str> {
    match rng.u8(..40) {
        0 => Some("cn-beijing"),
        1..20 => Some("cn-hangzhou"),
        _ => None,
    }
}

fn called(rng: &mut Rng, ids: &[&str]) -> Option<String> {
    match rng.u8(..60) {
        0 => None,
        1 => Some("i-none".to_owned()),
        2 => Some("web".to_owned()),
        3..6 => Some(any_id(rng)),
        _ => Some(pick(rng, ids).to_owned()),
    }
}

fn any_id(rng: &mut Rng) -> String {
    pick(rng, &["i-web", "i-api", "i-year", "i-month", "i-soon"]).to_owned()
}

fn any_kind(rng: &mut Rng) -> &'static str {
    pick(rng, KINDS).name
}

fn pick<T: Copy>(rng: &mut Rng, all: &[T]) -> T {
    all[rng.usize(..all.len())]
}

fn seldom(rng: &mut Rng) -> bool {
    one_in(rng, 12)
}

fn rare(rng: &mut Rng) -> bool {
    one_in(rng, 40)
}

fn one_in(rng: &mut Rng, many: usize) -> bool {
    rng.usize(..many) == 0
}
