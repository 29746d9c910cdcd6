//! What came of scenarios as a JSON document: each run with its steps, for whoever wants to know more than
//! whether they passed.

use serde::Serialize;

use super::report::{Case, Report};
use super::taken::Taken;
use crate::writing;

/// The form of the document.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    format: u32,
    /// The version that ran the scenarios.
    ecs_local: &'static str,
    /// The server they were run against; null for emulators made for each run.
    against: Option<&'a str>,
    scenarios: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    runs: Vec<Ran<'a>>,
    idle_faults: Vec<Idle>,
}

#[derive(Serialize)]
struct Ran<'a> {
    path: String,
    about: &'a str,
    /// The date of the page; none for the newest.
    #[serde(skip_serializing_if = "str::is_empty")]
    page: &'a str,
    /// `JSON` or `XML`.
    answers: String,
    passed: bool,
    /// Why it was not run at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a str>,
    steps: &'a [Taken],
}

/// A fault that never struck.
#[derive(Serialize)]
struct Idle {
    path: String,
    /// Its place in the file, from 1.
    fault: usize,
}

impl Report {
    /// As a JSON document; the steps are in it where the plan kept them.
    pub fn json(&self) -> String {
        let (failed, skipped) = (self.failed().count(), self.skipped());
        let idle = self.idle_faults.iter();
        let idle =
            idle.map(|(path, fault)| Idle { path: path.display().to_string(), fault: *fault });
        writing::pretty(&Document {
            format: FORMAT,
            ecs_local: env!("CARGO_PKG_VERSION"),
            against: self.against.as_deref(),
            scenarios: self.scenarios,
            passed: self.cases.len() - failed - skipped,
            failed,
            skipped,
            runs: self.cases.iter().map(ran).collect(),
            idle_faults: idle.collect(),
        })
    }
}

fn ran(case: &Case) -> Ran<'_> {
    Ran {
        path: case.path.display().to_string(),
        about: &case.about,
        page: &case.page,
        answers: format!("{:?}", case.format).to_uppercase(),
        passed: case.failure.is_none() && case.skipped.is_none(),
        skipped: case.skipped.as_deref(),
        steps: &case.steps,
    }
}
