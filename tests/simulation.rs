//! A seeded storm of random calls against stated properties. A failure names its seed and step.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod histories;

use std::collections::BTreeMap;

use ecs_local::domain::World;
use ecs_local::domain::instance::{Instance, Status};
use ecs_local::domain::money::Cents;
use ecs_local::domain::order::{Order, OrderState};
use ecs_local::operations::{ALL, COMMON_ROWS};
use histories::{BALANCE, COUPONS, SCARCE_AMOUNT, SCARCE_TYPE, Step};

const SEEDS: std::ops::Range<u64> = 0..24;
const STEPS: usize = 150;

/// Everything that must hold between the world before a call and the one after it.
fn check(before: &World, after: &World, status: u16, code: &str, context: &str) {
    if status != 200 {
        assert!(is_unchanged(before, after), "a refusal changed the world: {context}");
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
fn is_unchanged(before: &World, after: &World) -> bool {
    let is_left = |order: &&Order| {
        before.order.get(&order.id).is_none() && order.state == OrderState::Invalid
    };
    let left: Vec<&Order> = after.order.iter().filter(is_left).collect();
    if left.is_empty() {
        return before == after;
    }
    let mut rest = after.clone();
    for order in left {
        rest.order.remove(&order.id);
    }
    // By their documents: a place in the ledger that was taken and left again is no difference.
    before.to_value().unwrap() == rest.to_value().unwrap()
}

fn is_documented(status: u16, code: &str) -> bool {
    let mut rows = ALL.iter().flat_map(|entry| entry.rows).chain(COMMON_ROWS);
    rows.any(|row| row.status == status && row.code == code)
}

/// Balance and coupons are what they were at first, less what the orders took, plus what came in.
fn assert_money_is_conserved(world: &World, topped_up: Cents, context: &str) {
    let paid = || world.order.iter().filter(|order| order.paid_at.is_some());
    let from_balance: Cents = paid().map(Order::from_balance).sum();
    let from_coupons: Cents = paid().map(|order| order.coupon_cents.max(Cents::ZERO)).sum();
    let account = &world.account;
    let expected = BALANCE + topped_up - from_balance - account.billed_cents;
    assert_eq!(account.balance_cents, expected, "balance: {context}");
    let is_metered = world.settings.metering;
    assert!(is_metered || account.balance_cents >= Cents::ZERO, "overdrawn: {context}");
    assert_eq!(account.coupon_cents, COUPONS - from_coupons, "coupons: {context}");
    for order in world.order.iter() {
        let is_paid = matches!(order.state, OrderState::Processing | OrderState::Completed);
        assert_eq!(
            is_paid,
            order.paid_at.is_some(),
            "{} is {:?}: {context}",
            order.id,
            order.state
        );
    }
}

/// What the zone has left of a type, what instances hold and what is set aside for changes on their
/// way is always the same together.
fn assert_stock_is_conserved(world: &World, context: &str) {
    let left = world.zone["cn-hangzhou-h"].stock_left(SCARCE_TYPE).unwrap();
    let held =
        world.instance.iter().filter(|it| it.holds_stock() && it.instance_type == SCARCE_TYPE);
    let set_aside = world.instance.iter().filter(|it| it.reserved_type == SCARCE_TYPE);
    let all = usize::try_from(left).unwrap() + held.count() + set_aside.count();
    assert_eq!(all, SCARCE_AMOUNT, "stock: {context}");
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
    assert!(
        !changed || now.is_prepaid() || now.status == Status::Stopped,
        "the type of a running instance changed: {context}"
    );
}

/// Lives one history; counts its answers by code.
fn live(seed: u64, answers: &mut BTreeMap<String, usize>) {
    let emulator = histories::emulator(seed, seed.is_multiple_of(2));
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut topped_up = Cents::ZERO;
    for number in 0..STEPS {
        let ids: Vec<String> =
            histories::settled(&emulator).instance.iter().map(|one| one.id.to_string()).collect();
        for step in histories::next(&mut rng, &ids) {
            let before = histories::settled(&emulator);
            let answer = histories::take(&emulator, &step);
            let after = histories::settled(&emulator);
            let context = format!("seed {seed} step {number}: {step:?}");
            if let Step::TopUp(amount) = step {
                topped_up = topped_up + amount;
            }
            assert_money_is_conserved(&after, topped_up, &context);
            assert_stock_is_conserved(&after, &context);
            let Some(answer) = answer else { continue };
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            let code = body["Code"].as_str().unwrap_or("OK").to_owned();
            check(&before, &after, answer.status, &code, &context);
            *answers.entry(code).or_default() += 1;
        }
    }
}

#[test]
fn a_storm_of_calls_keeps_the_laws() {
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for seed in SEEDS {
        live(seed, &mut answers);
    }
    // The storm is worth its name: it gets through, and it meets many different refusals.
    assert!(answers["OK"] > 300, "{answers:#?}");
    assert!(answers.len() > 30, "{answers:#?}");
}
