//! The commands, one file for those of a kind: what each can be told, and what it does.

pub(crate) mod ask;
pub(crate) mod check;
pub(crate) mod list;
pub(crate) mod new;
pub(crate) mod record;
pub(crate) mod serve;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use ecs_local::row::Date;

/// How a command ended.
pub(crate) type Done = Result<ExitCode, Box<dyn std::error::Error>>;

/// Prints text. Whoever reads may have seen enough before its end.
fn say(text: &str) -> Done {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| format!("{text:?} is not a day like 2026-06-26"))
}
