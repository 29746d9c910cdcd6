//! Runs every scenario over HTTP in JSON and XML, and proves that each row's rule is needed: with
//! the rule muted its scenario must fail.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::path::{Path, PathBuf};

use ecs_local::operations::{ALL, COMMON_ROWS};
use ecs_local::row::Mark;
use ecs_local::scenario::{self, Load, Run};
use ecs_local::wire::Format;
use served::Served;

fn files() -> Vec<PathBuf> {
    scenario::find(Path::new("scenarios")).unwrap()
}

fn ways(load: &Load) -> Vec<Run> {
    let pages = scenario::pages(load).unwrap();
    let formats = [Format::Json, Format::Xml];
    let way = |as_of, format| Run { as_of, format, muted: None };
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

#[test]
fn a_muted_rule_fails_its_scenario() {
    let mut idle = Vec::new();
    for entry in ALL {
        let rows = entry.rows.iter().chain(COMMON_ROWS).filter(|row| row.mark == Mark::Raised);
        for row in rows {
            let file = Path::new("scenarios").join(entry.action).join(format!("{}.toml", row.name));
            if !file.exists() {
                // tests/tables.rs asks for the file where there must be one.
                continue;
            }
            let load = Load::file(&file).unwrap_or_else(|error| panic!("{error}"));
            for as_of in scenario::pages(&load).unwrap() {
                let muted = Some(row.name.to_owned());
                let run = Run { as_of, format: Format::Json, muted };
                if scenario::run(&load, &run, |emulator| emulator).is_ok() {
                    idle.push(format!("{} on page {as_of:?}", file.display()));
                }
            }
        }
    }
    assert!(idle.is_empty(), "these pass without the rule they are named after: {idle:#?}");
}
