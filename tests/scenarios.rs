//! Runs every scenario over HTTP in JSON and XML, and proves that each row's rule is needed: with
//! the rule muted its scenario must fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::path::{Path, PathBuf};

use ecs_local::gateway::Errors;
use ecs_local::operations::ALL;
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

/// With the rule muted, does the scenario named after its row, in this folder, fail on some page?
fn is_needed(folder: &str, rule: &RuleInfo) -> bool {
    let name = format!("{}.toml", rule.row.name);
    let Ok(load) = Load::file(&Path::new("scenarios").join(folder).join(name)) else {
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
    let own = ALL.iter().map(|entry| (entry.action, (entry.rules)()));
    let gateway = [Errors::Ecs, Errors::Pop].map(|errors| ("gateway", errors.rules()));
    let mut idle = Vec::new();
    for (folder, rules) in own.chain(gateway) {
        for rule in rules.iter().filter(|rule| !is_needed(folder, rule)) {
            idle.push(format!("{folder} {}: {} ({:?})", rule.row.name, rule.fix, rule.id));
        }
    }
    assert!(idle.is_empty(), "{} rules no scenario needs: {idle:#?}", idle.len());
}
