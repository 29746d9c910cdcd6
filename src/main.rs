//! The command line: the only file that knows the process, its arguments and its environment.

mod cli;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cli::ask::{self, CallsOf, Running, Why};
use crate::cli::check::{self, Check};
use crate::cli::list::{self, Env, Rows, SchemaOf};
use crate::cli::new::{self, New};
use crate::cli::record::{self, Record};
use crate::cli::serve::{self, Serve};

/// The exit code of a command that could not start.
const CANNOT_START: u8 = 2;

/// A local emulator of Alibaba Cloud ECS (API 2014-05-26).
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (the default command).
    Serve(Serve),
    /// Run scenario files.
    Check(Check),
    /// Make a file of what a running emulator knows: a scenario of its latest calls.
    New(New),
    /// Pass calls on to a server, and write them as scenario files without keys, ids and addresses.
    Record(Record),
    /// List the documented error rows and how each is reached.
    Rows(Rows),
    /// Print the settings that point a client at the emulator, or those of all clients.
    Env(Env),
    /// List the latest calls of a running emulator.
    Calls(CallsOf),
    /// Ask a running emulator why it answered a call as it did.
    Why(Why),
    /// Print the JSON Schema of a kind of document, for editors: world, scenario or fault.
    Schema(SchemaOf),
    /// Ask a running emulator whether it is up.
    Health(Running),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve::serve(&args),
        Command::Check(args) => check::check(&args),
        Command::New(args) => new::new(&args),
        Command::Record(args) => record::record(&args),
        Command::Rows(args) => list::rows(&args),
        Command::Env(args) => list::env(&args),
        Command::Calls(args) => ask::calls(&args),
        Command::Why(args) => ask::why(&args),
        Command::Schema(args) => list::schema(&args),
        Command::Health(args) => ask::health(&args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("ecs-local: {error}");
        ExitCode::from(CANNOT_START)
    })
}
