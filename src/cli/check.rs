//! `ecs-local check`: runs scenario files and tells what came of them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use ecs_local::row::Date;
use ecs_local::scenario::{self, Report};

use super::{Done, date, say};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, folders searched to their depth, or patterns such as 'scenarios/**/NOT_*.toml'.
    #[arg(default_value = "scenarios")]
    paths: Vec<PathBuf>,
    /// Only files whose path contains this; all of them, where it is said more than once.
    #[arg(long)]
    filter: Vec<String>,
    /// Write what came of it as JUnit XML, too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Run on the pages of this day only.
    #[arg(long, env = "ECS_LOCAL_AS_OF", value_parser = date)]
    as_of: Option<Date>,
}

pub(crate) fn check(args: &Check) -> Done {
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(scenario::find(Path::new(path))?);
    }
    files.retain(|file| args.filter.iter().all(|part| file.to_string_lossy().contains(part)));
    if files.is_empty() {
        return Err(format!("--filter {}: no file is left", args.filter.join(" --filter ")).into());
    }
    let mut report = Report::default();
    for file in &files {
        report.add(file, args.as_of)?;
        if report.scenarios % 25 == 0 {
            say(&format!("{} of {} scenarios\n", report.scenarios, files.len()))?;
        }
    }
    say(&report.to_string())?;
    if let Some(path) = &args.junit {
        std::fs::write(path, report.junit())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let is_good = report.failed().next().is_none();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
