//! What came of running scenarios: a case for each run, as text for people and as JUnit XML for CI.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::file::{Load, ScenarioError};
use super::runner::{Failure, Run, pages, run};
use crate::row::Date;
use crate::wire::Format;

/// One run of one scenario.
#[derive(Debug, Clone)]
pub struct Case {
    /// The file.
    pub path: PathBuf,
    /// The page and the form of the answers, in words.
    pub way: String,
    /// What went otherwise than the scenario says.
    pub failure: Option<Failure>,
}

/// All runs.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many files were run.
    pub scenarios: usize,
    /// Their runs, in order.
    pub cases: Vec<Case>,
    /// Faults that never struck: the file, and their place in it from 1.
    pub idle_faults: BTreeSet<(PathBuf, usize)>,
}

impl Report {
    /// Runs a file on its pages, or on the one of `as_of`, in JSON and in XML.
    ///
    /// # Errors
    /// A file that is no scenario.
    pub fn add(&mut self, file: &Path, as_of: Option<Date>) -> Result<(), ScenarioError> {
        let load = Load::file(file)?;
        let pages = match as_of {
            Some(day) => vec![Some(day)],
            None => pages(&load)?,
        };
        self.scenarios += 1;
        for as_of in pages {
            for format in [Format::Json, Format::Xml] {
                let page = as_of.map_or_else(|| "newest".to_owned(), |day| day.to_string());
                let way = format!("page {page}, {format:?}");
                let outcome = run(&load, &Run { as_of, format, muted: Vec::new() }, Arc::new);
                if let Ok(idle) = &outcome {
                    self.idle_faults.extend(idle.iter().map(|at| (file.to_owned(), *at)));
                }
                self.cases.push(Case { path: file.to_owned(), way, failure: outcome.err() });
            }
        }
        Ok(())
    }

    /// The runs that went otherwise than their scenario says.
    pub fn failed(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(|case| case.failure.is_some())
    }

    /// As JUnit XML: a suite for each file, a case for each run.
    pub fn junit(&self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        // Writing to memory does not fail.
        let _ = self.write_junit(&mut writer);
        String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n"
    }

    fn write_junit(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let counted = |name: &'static str, cases: &[Case]| {
            let failures = cases.iter().filter(|case| case.failure.is_some()).count();
            let mut tag = BytesStart::new(name);
            tag.push_attribute(("tests", cases.len().to_string().as_str()));
            tag.push_attribute(("failures", failures.to_string().as_str()));
            tag
        };
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Start(counted("testsuites", &self.cases)))?;
        for cases in self.cases.chunk_by(|a, b| a.path == b.path) {
            let path = cases[0].path.display().to_string();
            let mut suite = counted("testsuite", cases);
            suite.push_attribute(("name", path.as_str()));
            writer.write_event(Event::Start(suite))?;
            for case in cases {
                write_case(writer, &path, case)?;
            }
            writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
        }
        writer.write_event(Event::End(BytesEnd::new("testsuites")))
    }
}

fn write_case(writer: &mut Writer<Vec<u8>>, path: &str, case: &Case) -> std::io::Result<()> {
    let mut tag = BytesStart::new("testcase");
    tag.push_attribute(("classname", path));
    tag.push_attribute(("name", case.way.as_str()));
    let Some(failure) = &case.failure else { return writer.write_event(Event::Empty(tag)) };
    writer.write_event(Event::Start(tag))?;
    let mut inner = BytesStart::new("failure");
    let short =
        format!("step {}: expected {}, got {}", failure.step, failure.expected, failure.got);
    inner.push_attribute(("message", short.as_str()));
    writer.write_event(Event::Start(inner))?;
    writer.write_event(Event::Text(BytesText::new(&failure.to_string())))?;
    writer.write_event(Event::End(BytesEnd::new("failure")))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for case in self.failed() {
            let mut failure = String::new();
            if let Some(it) = &case.failure {
                let _ = write!(failure, "{it}");
            }
            writeln!(out, "FAILED {} ({})\n{failure}", case.path.display(), case.way)?;
        }
        for (file, at) in &self.idle_faults {
            writeln!(out, "never struck: fault {at} of {}", file.display())?;
        }
        let (scenarios, runs, failed) = (self.scenarios, self.cases.len(), self.failed().count());
        let passed = runs - failed;
        writeln!(out, "{scenarios} scenarios, {runs} runs: {passed} passed, {failed} failed")
    }
}
