//! Loops over the tables of rows, rules and operations: add a row, and a test fails until it is
//! raised, marked, and has its scenario.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;

use ecs_local::gateway::Errors;
use ecs_local::operations::{ALL, COMMON_ROWS, Entry};
use ecs_local::row::{Mark, Row};
use ecs_local::rule::RuleInfo;
use ecs_local::{coverage, gateway};

fn every_row() -> impl Iterator<Item = &'static Row> {
    let own = ALL.iter().flat_map(|entry| entry.rows);
    own.chain(COMMON_ROWS).chain(gateway::ROWS).copied()
}

fn is_raised(entry: &Entry, row: &'static Row) -> bool {
    (entry.rules)().iter().any(|rule| std::ptr::eq(rule.row, row))
}

#[test]
fn the_five_pages_print_213_rows() {
    assert_eq!(coverage::lines(false).len(), 213);
}

#[test]
fn a_row_is_raised_unless_it_says_why_not() {
    for entry in ALL {
        for row in entry.rows {
            let expected = row.mark == Mark::Raised;
            assert_eq!(
                is_raised(entry, row),
                expected,
                "{} {}: {:?}",
                entry.action,
                row.name,
                row.mark
            );
        }
    }
}

#[test]
fn few_rows_are_only_injected_and_none_is_pending() {
    let of = |reach: &str| coverage::lines(false).iter().filter(|line| line.reach == reach).count();
    assert!(of("injected") <= 12, "{}", of("injected"));
    assert_eq!(of("pending"), 0);
}

#[test]
fn a_rule_raises_a_row_of_its_operation_or_a_general_one() {
    for entry in ALL {
        for rule in (entry.rules)() {
            let mut known = entry.rows.iter().chain(COMMON_ROWS);
            assert!(
                known.any(|row| std::ptr::eq(*row, rule.row)),
                "{} {}",
                entry.action,
                rule.row.name
            );
            // The fix goes out in a header.
            let is_fit = !rule.fix.is_empty() && rule.fix.is_ascii();
            assert!(is_fit, "{} {}: {:?}", entry.action, rule.row.name, rule.fix);
        }
    }
}

#[test]
fn rows_are_named_once_and_speak_as_the_service_does() {
    for entry in ALL {
        let names: BTreeSet<&str> = entry.rows.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), entry.rows.len(), "{} names a row twice", entry.action);
    }
    for row in every_row() {
        assert!((400..=599).contains(&row.status), "{} {}", row.operation, row.name);
        assert!(!row.code.is_empty() && row.code.is_ascii(), "{} {}", row.operation, row.name);
        assert_eq!(row.pages.is_empty(), !row.source.is_empty(), "{} {}", row.operation, row.name);
    }
}

#[test]
fn pages_are_oldest_first() {
    for entry in ALL {
        assert!(entry.pages.is_sorted_by_key(|page| page.date), "{}", entry.action);
        for row in entry.rows {
            assert!(row.pages.is_sorted_by_key(|page| page.date), "{} {}", entry.action, row.name);
        }
    }
}

#[test]
fn operations_are_sorted_and_named_once() {
    let names: Vec<&str> = ALL.iter().map(|entry| entry.action).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
}

#[test]
fn every_row_has_its_scenario() {
    let missing: Vec<String> = ALL
        .iter()
        .flat_map(|entry| entry.rows.iter().map(move |row| (entry.action, row)))
        .filter(|(_, row)| !matches!(row.mark, Mark::Pending(_)))
        .map(|(action, row)| format!("scenarios/{action}/{}.toml", row.name))
        .filter(|path| !Path::new(path).exists())
        .collect();
    assert!(missing.is_empty(), "{} missing: {missing:#?}", missing.len());
}

#[test]
fn every_row_of_the_gateway_has_its_rule_and_its_scenario() {
    let rules: Vec<RuleInfo> =
        [Errors::Ecs, Errors::Pop].into_iter().flat_map(Errors::rules).collect();
    // tests/connections.rs proves those of our own.
    for row in gateway::ROWS.iter().filter(|row| !row.is_ours()) {
        assert!(rules.iter().any(|rule| std::ptr::eq(rule.row, *row)), "{} has no rule", row.name);
        let path = format!("scenarios/gateway/{}.toml", row.name);
        assert!(Path::new(&path).exists(), "{path} is missing");
    }
    for file in Path::new("scenarios/gateway").read_dir().unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            gateway::ROWS.iter().any(|row| row.name == name),
            "{} names no row",
            path.display()
        );
    }
}

#[test]
fn both_families_are_judged_in_the_same_order() {
    let order = |errors: Errors| {
        let rules = errors.rules().into_iter();
        rules.map(|rule| (rule.id, rule.fix)).collect::<Vec<_>>()
    };
    assert_eq!(order(Errors::Ecs), order(Errors::Pop));
}

#[test]
fn an_operation_asks_for_its_own_permission_first() {
    // Everybody may ask who they are and where things are.
    let open_to_all = ["DescribeEndpoints", "GetCallerIdentity"];
    for entry in ALL {
        let own = format!("{}:{}", entry.product.name().to_lowercase(), entry.action);
        match entry.permissions.first() {
            Some(first) => assert_eq!(first.action, own),
            None => assert!(open_to_all.contains(&entry.action), "{}", entry.action),
        }
    }
}

#[test]
fn every_scenario_is_named_after_a_row() {
    for entry in ALL {
        let Ok(folder) = Path::new("scenarios").join(entry.action).read_dir() else {
            continue;
        };
        for file in folder {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut rows = entry.rows.iter().chain(COMMON_ROWS);
            assert!(
                rows.any(|row| row.name == name && !matches!(row.mark, Mark::Pending(_))),
                "{} names no row that is reached",
                path.display()
            );
        }
    }
}

#[test]
fn the_coverage_document_is_the_tables() {
    // Written by: cargo run -- rows --format markdown > docs/coverage.md
    let written = std::fs::read_to_string("docs/coverage.md").unwrap();
    assert!(
        written == coverage::markdown(&coverage::lines(false)),
        "docs/coverage.md is not up to date"
    );
}
