//! The laws of time, over random histories: it does not matter in how many moves the clock gets
//! somewhere; a call sees what was due before it and nothing else; one seed, one clock and the same
//! calls give the same bytes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod histories;

use ecs_local::domain::{Span, World};
use ecs_local::emulator::Emulator;
use histories::Step;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::Value;

const STEPS: usize = 60;

/// What a history answered, and the world it ended in.
struct Lived {
    transcript: Vec<u8>,
    world: World,
}

/// Lives a history. `wait` is how time passes.
fn live(seed: u64, wait: impl Fn(&Emulator, Span)) -> Lived {
    let emulator = histories::emulator(seed, true);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut transcript = Vec::new();
    for _ in 0..STEPS {
        let ids = ["i-payg", "i-busy", "i-year", "i-month"].map(str::to_owned);
        for step in histories::next(&mut rng, &ids) {
            if let Step::Wait(span) = step {
                wait(&emulator, span);
            } else if let Some(answer) = histories::take(&emulator, &step) {
                transcript.extend(answer.body);
            }
        }
    }
    Lived { transcript, world: histories::settled(&emulator) }
}

fn at_once(emulator: &Emulator, span: Span) {
    histories::take(emulator, &Step::Wait(span));
}

/// The first key at which two worlds differ, for a message that can be read.
fn difference(one: &Value, other: &Value) -> Option<String> {
    let (one, other) = (one.as_object()?, other.as_object()?);
    let key = one.keys().chain(other.keys()).find(|key| one.get(*key) != other.get(*key))?;
    Some(format!("{key}: {:.2000?} / {:.2000?}", one.get(key), other.get(key)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: RngSeed::Fixed(0), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_moves_are_one(seed in any::<u64>(), share in 1_i64..1000) {
        let whole = live(seed, at_once);
        let in_parts = live(seed, |emulator, span| {
            let first = Span(span.0 * share / 1000);
            at_once(emulator, first);
            at_once(emulator, Span(span.0 - first.0));
        });
        prop_assert!(whole.transcript == in_parts.transcript, "the answers differ");
        prop_assert!(whole.world == in_parts.world, "the worlds differ");
        prop_assert!(whole.world.history == in_parts.world.history, "the lives differ");
    }

    #[test]
    fn moving_without_settling_is_the_same(seed in any::<u64>()) {
        // The clock is moved, and what is due waits for the next call.
        let lazily = live(seed, |emulator, span| {
            histories::with(emulator, |tenant| tenant.clock.advance(span));
        });
        let eagerly = live(seed, at_once);
        prop_assert!(lazily.transcript == eagerly.transcript, "the answers differ");
        prop_assert!(lazily.world == eagerly.world, "the worlds differ");
    }

    #[test]
    fn one_seed_gives_the_same_bytes(seed in any::<u64>()) {
        let (once, again) = (live(seed, at_once), live(seed, at_once));
        prop_assert!(once.transcript == again.transcript);
        prop_assert!(once.world.to_value().unwrap() == again.world.to_value().unwrap());
    }

    #[test]
    fn a_world_lives_on_from_its_document(seed in any::<u64>(), days in 0_i64..60) {
        let emulator = histories::emulator(seed, true);
        let mut rng = fastrand::Rng::with_seed(seed);
        for _ in 0..STEPS {
            for step in histories::next(&mut rng, &["i-year".to_owned(), "i-busy".to_owned()]) {
                histories::take(&emulator, &step);
            }
        }
        let mut world = histories::settled(&emulator);
        let now = histories::with(&emulator, |tenant| tenant.clock.now());
        let mut again = World::from_value(&world.to_value().unwrap(), now).unwrap();
        let later = now.plus(Span::days(days));
        world.settle(later);
        again.settle(later);
        let difference = difference(&world.to_value().unwrap(), &again.to_value().unwrap());
        prop_assert!(difference.is_none(), "{difference:?}");
    }

    #[test]
    fn nothing_happens_before_its_time(seed in any::<u64>()) {
        let mut world = live(seed, at_once).world;
        for _ in 0..20 {
            let Some(next_at) = world.due.next_at() else { break };
            let before = world.clone();
            world.settle(next_at.minus(Span(1)));
            prop_assert!(world == before, "something happened early");
            world.settle(next_at);
            prop_assert!(world.due.next_at() > Some(next_at) || world.due.next_at().is_none());
        }
    }
}
