//! Which of two rows wins, for every pair of one page that can hold at once. The scenarios of two
//! rows are laid over each other: where each row is raised with the other one muted, both hold, and
//! the one whose rule stands earlier in the tables must win.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::operations::{ALL, COMMON_ROWS, Entry};
use ecs_local::row::{Mark, Page, Row};
use ecs_local::rule::RuleId;
use ecs_local::scenario::Load;
use ecs_local::wire::Incoming;
use serde_json::{Map, Value};

const OPERATIONS: &[&str] =
    &["ModifyInstanceNetworkSpec", "ModifyInstanceSpec", "ModifyPrepayInstanceSpec"];

/// A row, the place of its rule, and the world and call in which it is raised at once.
struct Provoked {
    row: &'static Row,
    /// Places of its rules in the tables, on this page.
    places: Vec<RuleId>,
    given: Map<String, Value>,
    call: BTreeMap<String, String>,
    clock: Timestamp,
}

fn provoked(entry: &Entry, page: &Page) -> Vec<Provoked> {
    let rules = (entry.rules)();
    let applies = |row: &Row, prose: &[Page]| {
        row.pages.is_empty() || row.is_printed_on(page) || prose.contains(page)
    };
    let rows = entry.rows.iter().chain(COMMON_ROWS).filter(|row| row.mark == Mark::Raised);
    rows.filter_map(|row| {
        let file = Path::new("scenarios").join(entry.action).join(format!("{}.toml", row.name));
        let load = Load::file(&file).ok()?;
        let first = load.scenario.step.iter().find(|step| step.call.is_some())?;
        let named =
            load.scenario.pages.is_empty() || load.scenario.pages.contains(&page.date.to_string());
        // A row that needs calls before it has no single call to lay over another.
        if first.raises.as_deref() != Some(row.name) || first.after.is_some() || !named {
            return None;
        }
        let own = rules.iter().filter(|rule| std::ptr::eq(rule.row, *row));
        let places = own.filter(|rule| applies(row, rule.prose)).map(|rule| rule.id).collect();
        Some(Provoked {
            row,
            places,
            given: load.scenario.given(),
            call: form_urlencoded::parse(first.call.as_deref()?.as_bytes()).into_owned().collect(),
            clock: load.scenario.clock,
        })
    })
    .filter(|one| !one.places.is_empty())
    .collect()
}

fn lay_over(under: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => lay_over(under, over),
            _ => {
                under.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The row an answer was refused with.
fn refused_with(
    world: &World,
    clock: Timestamp,
    page: &Page,
    query: &str,
    muted: &[RuleId],
) -> String {
    let emulator = Emulator::new(Start {
        as_of: Some(page.date),
        muted: muted.to_vec(),
        ..Start::of(world.clone(), Clock::Frozen { at: clock })
    });
    let answer = emulator.answer(&Incoming::get(query));
    let why = answer.header("x-ecs-local-why").unwrap_or_default();
    why.split(':').next().unwrap_or_default().to_owned()
}

/// The row that wins, and the one that should, where both hold at once.
fn contest(page: &Page, one: &Provoked, other: &Provoked) -> Option<(String, &'static str)> {
    // Rows whose rules stand on both sides of the other's have no single order.
    let earlier = if one.places.iter().max() < other.places.iter().min() {
        one.row.name
    } else if other.places.iter().max() < one.places.iter().min() {
        other.row.name
    } else {
        return None;
    };
    let agree = |(key, value): (&String, &String)| other.call.get(key).is_none_or(|it| it == value);
    if !one.call.iter().all(agree) || one.row.name == other.row.name {
        return None;
    }
    let mut given = one.given.clone();
    lay_over(&mut given, &other.given);
    let world = World::from_value(&Value::Object(given), one.clock).ok()?;
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(one.call.iter().chain(&other.call).collect::<BTreeMap<_, _>>())
        .finish();
    let refused = |muted: &[RuleId]| refused_with(&world, one.clock, page, &query, muted);
    let both_hold =
        refused(&one.places) == other.row.name && refused(&other.places) == one.row.name;
    both_hold.then(|| (refused(&[]), earlier))
}

#[test]
fn the_earlier_rule_wins_for_every_pair_that_can_hold_at_once() {
    let (mut pairs, mut wrong) = (0, Vec::new());
    for entry in ALL.iter().filter(|entry| OPERATIONS.contains(&entry.action)) {
        for page in entry.pages {
            let rows = provoked(entry, page);
            for (index, one) in rows.iter().enumerate() {
                for other in &rows[index + 1..] {
                    let Some((winner, earlier)) = contest(page, one, other) else { continue };
                    pairs += 1;
                    if winner != earlier {
                        let (action, date) = (entry.action, page.date);
                        wrong.push(format!("{action} {date}: {winner} before {earlier}"));
                    }
                }
            }
        }
    }
    println!("{pairs} pairs hold at once");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(pairs > 1000, "only {pairs} pairs hold at once");
}

/// The rows a walk meets, in its order.
fn met(load: &Load) -> Vec<String> {
    load.scenario.step.iter().filter_map(|step| step.raises.clone()).collect()
}

#[test]
fn every_page_has_a_walk_that_meets_its_rows_in_table_order() {
    for entry in ALL.iter().filter(|entry| OPERATIONS.contains(&entry.action)) {
        let rules = (entry.rules)();
        for page in entry.pages {
            let file = format!("scenarios/precedence/{}-{}.toml", entry.action, page.date);
            let load = Load::file(Path::new(&file)).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(load.scenario.pages, [page.date.to_string()], "{file}");
            let mut reached = None;
            for name in met(&load) {
                let own = rules.iter().filter(|rule| rule.row.name == name).map(|rule| rule.id);
                let next = own.filter(|id| reached.is_none_or(|last| *id > last)).min();
                assert!(next.is_some(), "{file}: {name} stands before what was met already");
                reached = next;
            }
            assert!(load.scenario.step.last().unwrap().raises.is_none(), "{file} ends refused");
        }
    }
}
