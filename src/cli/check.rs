//! `ecs-local check`: runs scenario files and tells what came of them.

use std::fmt::Arguments;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use ecs_local::domain::access::Secret;
use ecs_local::row::Date;
use ecs_local::scenario::{self, Against, AgainstError, Credentials, Plan, Report};

use super::{Done, date, say};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files, folders searched to their depth, or patterns such as 'scenarios/**/NOT_*.toml'.
    #[arg(default_value = "scenarios")]
    paths: Vec<PathBuf>,
    /// Only files whose path contains this; all of them, where it is said more than once.
    #[arg(long)]
    filter: Vec<String>,
    /// How many files run at a time; as many as the machine has processors where it is not said.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Write what came of it as JUnit XML, too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write each step with its request, its answer and the rule that decided as JSON, too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Run on the pages of this day only.
    #[arg(long, env = "ECS_LOCAL_AS_OF", value_parser = date, conflicts_with = "against")]
    as_of: Option<Date>,
    /// Run against the server of this URL: an ecs-local, which plays each run in a world of its own,
    /// or a real endpoint, which is asked with the key of ALIBABA_CLOUD_ACCESS_KEY_ID,
    /// ALIBABA_CLOUD_ACCESS_KEY_SECRET and, for a temporary one, ALIBABA_CLOUD_SECURITY_TOKEN. Of a
    /// real endpoint only scenarios marked `dry_run = true` ask.
    #[arg(long, value_name = "URL")]
    against: Option<String>,
    /// Let scenarios that change something run against a real endpoint, too.
    #[arg(long, requires = "against")]
    allow_changes: bool,
    /// The control token of the ecs-local to run against, where it asks for one.
    #[arg(long, env = "ECS_LOCAL_CONTROL_TOKEN")]
    control_token: Option<String>,
}

pub(crate) fn check(args: &Check) -> Done {
    let files = files(args)?;
    let against = against(args)?;
    if let Some(against) = &against {
        say(&format!("{}\n", against.about()))?;
    }
    let progress = Progress::of(files.len());
    let report = Report::of(
        &files,
        &Plan {
            as_of: args.as_of,
            jobs: jobs(args),
            keeps_steps: args.json.is_some(),
            against: against.as_ref(),
            done: &|| progress.one_more(),
        },
    );
    progress.clear();
    let report = report?;
    say(&report.to_string())?;
    if let Some(path) = &args.junit {
        write(path, report.junit())?;
    }
    if let Some(path) = &args.json {
        write(path, report.json())?;
    }
    let is_good = report.failed().next().is_none();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn files(args: &Check) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(scenario::find(Path::new(path))?);
    }
    files.retain(|file| args.filter.iter().all(|part| file.to_string_lossy().contains(part)));
    if files.is_empty() {
        return Err(format!("--filter {}: no file is left", args.filter.join(" --filter ")).into());
    }
    Ok(files)
}

fn against(args: &Check) -> Result<Option<Against>, AgainstError> {
    let Some(url) = &args.against else { return Ok(None) };
    Against::find(url, args.control_token.clone(), credentials(), args.allow_changes).map(Some)
}

/// The access key of the user, by the variables all SDKs read.
fn credentials() -> Option<Credentials> {
    Some(Credentials {
        key_id: variable("ALIBABA_CLOUD_ACCESS_KEY_ID")?,
        secret: Secret(variable("ALIBABA_CLOUD_ACCESS_KEY_SECRET")?),
        security_token: variable("ALIBABA_CLOUD_SECURITY_TOKEN").map(Secret),
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a secret stands in no argument, which others can see"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn jobs(args: &Check) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, usize::from);
    args.jobs.map_or_else(all, usize::from)
}

/// How far the files are, for people; nothing where nobody looks on.
struct Progress {
    files: usize,
    done: AtomicUsize,
    is_seen: bool,
}

impl Progress {
    fn of(files: usize) -> Self {
        Self { files, done: AtomicUsize::new(0), is_seen: io::stderr().is_terminal() }
    }

    fn one_more(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.show(format_args!("\r{}", self.line(done)));
    }

    fn line(&self, done: usize) -> String {
        format!("{done} of {} scenarios", self.files)
    }

    /// Leaves the line to the report: by blanks, for not all terminals know how to erase.
    fn clear(&self) {
        self.show(format_args!("\r{:1$}\r", "", self.line(self.files).len()));
    }

    fn show(&self, line: Arguments<'_>) {
        if self.is_seen {
            // A terminal that is gone misses nothing.
            let _ = io::stderr().write_fmt(line);
        }
    }
}

fn write(path: &Path, text: String) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
