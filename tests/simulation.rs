//! A seeded storm of random calls against stated properties: a refusal is a row of the operation's page in
//! force and changes nothing; a repeated token repeats its answer; refunds never pass three; the type of a
//! pay-as-you-go instance changes only while it is Stopped; money and stock are conserved. A failure names its
//! seed and step. Thousands of calls by default; `cargo test --release --test simulation -- --ignored` makes
//! millions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod histories;

use std::collections::BTreeMap;

use ecs_local::domain::instance::{Instance, Status};
use ecs_local::domain::money::Cents;
use ecs_local::domain::order::{Order, OrderState};
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::operations::{ALL, Entry};
use ecs_local::row::{Date, Page};
use histories::{BALANCE, COUPONS, SCARCE_AMOUNT, SCARCE_TYPE, Step};
use serde_json::Value;

/// How many steps a history has.
const STEPS: usize = 150;
/// The days whose pages the storm goes over: between them each page of the three operations is in force.
const DAYS: &[Option<&str>] = &[None, Some("2018-11-15"), None, Some("2019-05-21")];

/// What a call was answered, read.
struct Answer {
    status: u16,
    code: String,
    body: Value,
}

impl Answer {
    fn is_accepted(&self) -> bool {
        self.status == 200
    }
}

/// Everything that must hold between the world before a call and the one after it.
fn check(before: &World, after: &World, answer: &Answer, context: &str) {
    if !answer.is_accepted() {
        assert!(is_unchanged(before, after), "a refusal changed the world: {context}");
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

/// Is the refusal raised by a rule of this operation that counts on its page of this day?
fn is_of_its_page(query: &str, day: Option<Date>, answer: &Answer) -> bool {
    let entry = entry_of(query);
    let page = Page::in_force(entry.pages, day);
    let message = answer.body["Message"].as_str().unwrap_or_default();
    (entry.rules)().iter().filter(|rule| rule.applies_on(page)).any(|rule| {
        let (before, after) = rule.row.message.split_once("%s").unwrap_or((rule.row.message, ""));
        rule.row.status == answer.status
            && rule.row.code == answer.code
            && message.starts_with(before)
            && message.ends_with(after)
    })
}

/// The operation a call names.
fn entry_of(query: &str) -> &'static Entry {
    let action = query.trim_start_matches("Action=").split('&').next().unwrap();
    ALL.iter().find(|entry| entry.action == action).unwrap()
}

/// The tokens of an account: for each operation and token the accepted call, its answer and its moment.
#[derive(Default)]
struct Tokens(BTreeMap<(String, String), (String, Value, Timestamp)>);

impl Tokens {
    /// While it is remembered, a token answers its call as before and no other call at all.
    fn check(&mut self, query: &str, answer: &Answer, now: Timestamp, context: &str) {
        let Some((_, token)) = query.split_once("ClientToken=") else { return };
        let key = (entry_of(query).action.to_owned(), token.to_owned());
        let known = self.0.get(&key).filter(|(_, _, at)| now < at.plus(Span::days(1)));
        match known {
            Some((same, first, _)) if same == query => {
                let is_repeated = answer.is_accepted() && is_same_result(first, &answer.body);
                assert!(is_repeated || answer.code == "LastTokenProcessing", "{context}");
            }
            Some(_) => assert!(!answer.is_accepted(), "a token for two calls: {context}"),
            None if answer.is_accepted() => {
                self.0.insert(key, (query.to_owned(), answer.body.clone(), now));
            }
            None => {}
        }
    }
}

/// The same answer but for the number of the request.
fn is_same_result(one: &Value, other: &Value) -> bool {
    let without_request = |body: &Value| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove("RequestId");
        body
    };
    without_request(one) == without_request(other)
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
    let day =
        DAYS[usize::try_from(seed).unwrap() % DAYS.len()].map(|day| Date::parse(day).unwrap());
    let start = Start { as_of: day, ..histories::start(seed, seed.is_multiple_of(2)) };
    let emulator = Emulator::new(start);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut topped_up = Cents::ZERO;
    let mut tokens = Tokens::default();
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
            let (Some(answer), Step::Call(query)) = (answer, &step) else { continue };
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            let code = body["Code"].as_str().unwrap_or("OK").to_owned();
            let answer = Answer { status: answer.status, code, body };
            check(&before, &after, &answer, &context);
            let is_row = answer.is_accepted() || is_of_its_page(query, day, &answer);
            assert!(is_row, "{} {} is no row: {context}", answer.status, answer.code);
            let now = histories::with(&emulator, |tenant| tenant.clock.now());
            tokens.check(query, &answer, now, &context);
            *answers.entry(answer.code).or_default() += 1;
        }
    }
}

/// Lives histories of so many seeds; how often each code was answered.
fn storm(seeds: u64) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    for seed in 0..seeds {
        live(seed, &mut answers);
    }
    println!("{} calls, {} different answers", answers.values().sum::<usize>(), answers.len());
    answers
}

#[test]
fn a_storm_of_calls_keeps_the_laws() {
    let answers = storm(24);
    // The storm is worth its name: it gets through, and it meets many different refusals.
    assert!(answers["OK"] > 300, "{answers:#?}");
    assert!(answers.len() > 30, "{answers:#?}");
}

#[test]
#[ignore = "takes a quarter of an hour in a release build; the short version runs always"]
fn a_storm_of_millions_of_calls_keeps_the_laws() {
    let answers = storm(16_000);
    assert!(answers.values().sum::<usize>() > 2_000_000, "{answers:#?}");
    assert!(answers.len() > 60, "{answers:#?}");
}
