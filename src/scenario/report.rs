//! Runs scenario files, several at a time, and tells what came of them: a case for each run, in the order
//! of the files. As JUnit XML in `junit.rs`, as JSON in `json.rs`.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::against::Against;
use super::file::{Load, ScenarioError};
use super::runner::{Failure, Run, Trace, own, pages, play};
use super::taken::Taken;
use crate::row::Date;
use crate::wire::Format;

/// How to run scenario files.
pub struct Plan<'a> {
    /// Run on the pages of this day only.
    pub as_of: Option<Date>,
    /// How many files run at a time.
    pub jobs: usize,
    /// Are the steps kept, for [`Report::json`]? Their answers take memory.
    pub keeps_steps: bool,
    /// The server to run against; without one, emulators made for each run.
    pub against: Option<&'a Against>,
    /// Told of each file that is done.
    pub done: &'a (dyn Fn() + Sync),
}

/// One run of one scenario.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file.
    pub path: PathBuf,
    /// What the scenario shows.
    pub about: String,
    /// The page it ran on; empty for the newest.
    pub page: String,
    /// The form of the answers.
    pub format: Format,
    /// Why it was not run at all.
    pub skipped: Option<String>,
    /// What went otherwise than the scenario says.
    pub failure: Option<Failure>,
    /// The steps, where they are kept.
    pub steps: Vec<Taken>,
}

impl Case {
    /// Of a run that is still to come.
    fn of(load: &Load, page: Option<Date>, format: Format) -> Self {
        Self {
            path: load.path.clone(),
            about: load.scenario.about.clone(),
            page: page.map(|day| day.to_string()).unwrap_or_default(),
            format,
            skipped: None,
            failure: None,
            steps: Vec::new(),
        }
    }

    /// The page and the form of the answers, in words.
    pub fn way(&self) -> String {
        let page = if self.page.is_empty() { "newest" } else { &self.page };
        format!("page {page}, {:?}", self.format)
    }
}

/// All runs.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many files were run.
    pub scenarios: usize,
    /// Their runs, in order.
    pub cases: Vec<Case>,
    /// The server they were run against, if it was one.
    pub against: Option<String>,
    /// Faults that never struck: the file, and their place in it from 1.
    pub idle_faults: BTreeSet<(PathBuf, usize)>,
}

/// What came of one file.
#[derive(Debug, Clone, Default)]
struct Part {
    cases: Vec<Case>,
    /// By their place in the file, from 1.
    idle_faults: BTreeSet<usize>,
}

impl Report {
    /// Runs files, each on its pages or on the one of [`Plan::as_of`], in JSON and in XML.
    ///
    /// # Errors
    /// A file that is no scenario; none is run then.
    pub fn of(files: &[PathBuf], plan: &Plan<'_>) -> Result<Self, ScenarioError> {
        let work = files.iter().map(|file| Work::on(file, plan)).collect::<Result<Vec<_>, _>>()?;
        let against = plan.against.map(|against| against.url().to_owned());
        let mut report = Self { scenarios: files.len(), against, ..Self::default() };
        for (file, part) in files.iter().zip(side_by_side(&work, plan)) {
            report.cases.extend(part.cases);
            report.idle_faults.extend(part.idle_faults.iter().map(|at| (file.clone(), *at)));
        }
        Ok(report)
    }

    /// How many scenarios were not run.
    pub fn skipped(&self) -> usize {
        self.cases.iter().filter(|case| case.skipped.is_some()).count()
    }

    /// The runs that went otherwise than their scenario says.
    pub fn failed(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.failure.is_some())
    }
}

/// A file and the ways to run it, or why it cannot be run.
struct Work {
    load: Load,
    runs: Result<Vec<Run>, String>,
}

impl Work {
    fn on(file: &Path, plan: &Plan<'_>) -> Result<Self, ScenarioError> {
        let load = Load::file(file)?;
        let runs = match plan.against {
            Some(against) => against.runs(&load)?,
            None => Ok(ways(&load, plan.as_of)?),
        };
        Ok(Self { load, runs })
    }

    fn done(&self, plan: &Plan<'_>) -> Part {
        let mut part = Part::default();
        let runs = match &self.runs {
            Ok(runs) => runs,
            Err(reason) => {
                let skipped = Some(reason.clone());
                part.cases.push(Case { skipped, ..Case::of(&self.load, None, Format::Json) });
                return part;
            }
        };
        for run in runs {
            let Trace { steps, outcome } = match plan.against {
                Some(against) => against.play(&self.load, run),
                None => play(&own(&self.load, run, Arc::new), &self.load, run),
            };
            part.idle_faults.extend(outcome.as_ref().into_iter().flatten());
            part.cases.push(Case {
                failure: outcome.err(),
                steps: if plan.keeps_steps { steps } else { Vec::new() },
                ..Case::of(&self.load, run.as_of, run.format)
            });
        }
        part
    }
}

/// The ways to run a scenario in process.
fn ways(load: &Load, as_of: Option<Date>) -> Result<Vec<Run>, ScenarioError> {
    let pages = match as_of {
        Some(day) => vec![Some(day)],
        None => pages(load)?,
    };
    let formats = [Format::Json, Format::Xml];
    let way = |as_of, format| Run { as_of, format, muted: Vec::new() };
    Ok(pages.into_iter().flat_map(|as_of| formats.map(|format| way(as_of, format))).collect())
}

/// Does all work, several threads at a time; what came of it in the order of the work.
fn side_by_side(work: &[Work], plan: &Plan<'_>) -> Vec<Part> {
    let next = AtomicUsize::new(0);
    let parts = Mutex::new(vec![Part::default(); work.len()]);
    let labour = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(one) = work.get(at) else { return };
            let part = one.done(plan);
            parts.lock().unwrap_or_else(PoisonError::into_inner)[at] = part;
            (plan.done)();
        }
    };
    thread::scope(|scope| {
        let most = if plan.against.is_none_or(Against::takes_several) { work.len() } else { 1 };
        for _ in 0..plan.jobs.clamp(1, most.max(1)) {
            scope.spawn(labour);
        }
    });
    parts.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in &self.cases {
            if let Some(failure) = &case.failure {
                writeln!(out, "FAILED {} ({})\n{failure}", case.path.display(), case.way())?;
            }
        }
        for case in &self.cases {
            if let Some(reason) = &case.skipped {
                writeln!(out, "skipped {}: {reason}", case.path.display())?;
            }
        }
        for (file, at) in &self.idle_faults {
            writeln!(out, "never struck: fault {at} of {}", file.display())?;
        }
        let (scenarios, skipped, failed) = (self.scenarios, self.skipped(), self.failed().count());
        let runs = self.cases.len() - skipped;
        let passed = runs - failed;
        write!(out, "{scenarios} scenarios, {runs} runs: {passed} passed, {failed} failed")?;
        if skipped > 0 {
            write!(out, "; {skipped} scenarios skipped")?;
        }
        writeln!(out)
    }
}
