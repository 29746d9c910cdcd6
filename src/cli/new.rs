//! `ecs-local new`: files made of what a running emulator knows.

use std::fs::File;
use std::io::Write as _;

use clap::{Args, Subcommand};
use ecs_local::explain::Explanation;
use ecs_local::reading;
use ecs_local::row::Date;
use ecs_local::scenario::Account;
use serde_json::Value;

use super::ask::{Running, told};
use super::{Done, say};

/// How many calls before the wanted ones are looked at.
const LOOKBACK: usize = 100;

#[derive(Debug, Args)]
pub(crate) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write the smallest scenario in which the latest call of an account is answered as it was.
    ///
    /// The emulator does not keep the worlds from before its calls. They are worked out from the world
    /// as it is now, the histories of its instances and the log; money, tokens and instances that are
    /// gone are not brought back. Where the world before the call does not do, calls before it are
    /// added, up to a hundred. Then whatever makes no difference is left out: calls, times, instances,
    /// their fields. Each attempt is played in this process, and what is written passes `check`; where
    /// nothing does, nothing is written.
    Scenario(NewScenario),
}

#[derive(Debug, Args)]
struct NewScenario {
    /// The file, without `.toml`; `-` for the standard output.
    name: String,
    /// Whose calls; the default account's where it is not said.
    #[arg(long, default_value = "")]
    access_key_id: String,
    /// So many of the latest calls are to be in it.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    calls: u16,
    /// The call that is to be in it, by the RequestId of its answer.
    #[arg(long, conflicts_with = "calls")]
    request_id: Option<String>,
    #[command(flatten)]
    running: Running,
}

pub(crate) fn new(args: &New) -> Done {
    let What::Scenario(args) = &args.what;
    let (account, first, last) = account(args)?;
    let made = account.smallest(first, last)?;
    if args.name == "-" {
        return say(&made.text);
    }
    let path = format!("{}.toml", args.name.trim_end_matches(".toml"));
    // What somebody has written is not written over.
    let written = File::create_new(&path).and_then(|mut file| file.write_all(made.text.as_bytes()));
    written.map_err(|error| format!("{path}: {error}"))?;
    let calls = if made.steps == 1 { "call" } else { "calls" };
    say(&format!("{path}: {} {calls}\n", made.steps))
}

/// The account, and the first and the last of its calls that are wanted.
fn account(args: &NewScenario) -> Result<(Account, usize, usize), Box<dyn std::error::Error>> {
    let mut whose = form_urlencoded::Serializer::new(String::new());
    let whose = whose.append_pair("access_key_id", &args.access_key_id).finish();
    let health = told(&args.running, "health")?;
    let listed = told(&args.running, &format!("calls?{whose}"))?;
    let ids = listed["calls"].as_array().into_iter().flatten();
    let mut ids: Vec<&str> = ids.filter_map(|call| call["request_id"].as_str()).collect();
    ids.reverse();
    let last = match &args.request_id {
        Some(id) => ids.iter().position(|known| known == id),
        None => ids.len().checked_sub(1),
    };
    let last = last.ok_or("no such call is among the latest of the account")?;
    let first = (last + 1).saturating_sub(args.calls.into());
    let from = first.saturating_sub(LOOKBACK);
    let explained = |id: &&str| -> Result<Explanation, Box<dyn std::error::Error>> {
        Ok(reading::value(&told(&args.running, &format!("calls/{id}"))?)?)
    };
    let account = Account {
        world: told(&args.running, &format!("world?{whose}"))?,
        // Those behind the wanted ones have changed the world as it is now, too.
        calls: ids[from..].iter().map(explained).collect::<Result<_, _>>()?,
        as_of: health["as_of"].as_str().and_then(Date::parse),
        gateway: match &health["gateway"] {
            Value::Null => ecs_local::gateway::Options::default(),
            gateway => reading::value(gateway)?,
        },
    };
    Ok((account, first - from, last - from))
}
