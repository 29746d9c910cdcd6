//! Runs every scenario over HTTP in JSON and XML, and proves that each row's rule is needed: with
//! the rule muted its scenario must fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::path::{Path, PathBuf};

use ecs_local::operations::{ALL, Entry};
use ecs_local::rule::RuleInfo;
use ecs_local::scenario::{self, Load, Run};
use ecs_local::wire::Format;
use served::Served;

fn files() -> Vec<PathBuf> {
    scenario::find(Path::new("scenarios")).unwrap()
}

fn ways(load: &Load) -> Vec<Run> {
    let pages = scenario::pages(load).unwrap();
    let formats = [Format::Json, Format::Xml];
    let way = |as_of, format| Run { as_of, format, muted: Vec::new() };
    pages.into_iter().flat_map(|as_of| formats.map(|format| way(as_of, format))).collect()
}

#[test]
fn every_scenario_passes_over_http() {
    let mut failures = Vec::new();
    for file in files() {
        let load = Load::file(&file).unwrap_or_else(|error| panic!("{error}"));
        for run in ways(&load) {
            let outcome = scenario::run(&load, &run, Served::start);
            if let Err(failure) = outcome {
                failures.push(format!("{} {run:?}\n{failure}", file.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// With the rule muted, does the scenario named after its row fail on some page?
fn is_needed(entry: &Entry, rule: &RuleInfo) -> bool {
    let name = format!("{}.toml", rule.row.name);
    let Ok(load) = Load::file(&Path::new("scenarios").join(entry.action).join(name)) else {
        return false;
    };
    let fails = |as_of| {
        let run = Run { as_of, format: Format::Json, muted: vec![rule.id] };
        scenario::run(&load, &run, std::sync::Arc::new).is_err()
    };
    scenario::pages(&load).unwrap().into_iter().any(fails)
}

#[test]
fn a_muted_rule_fails_its_scenario() {
    let mut idle = Vec::new();
    for entry in ALL {
        for rule in (entry.rules)().iter().filter(|rule| !is_needed(entry, rule)) {
            idle.push(format!("{} {}: {} ({:?})", entry.action, rule.row.name, rule.fix, rule.id));
        }
    }
    assert!(idle.is_empty(), "{} rules no scenario needs: {idle:#?}", idle.len());
}
