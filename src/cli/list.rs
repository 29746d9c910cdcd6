//! What ecs-local knows and prints: rows, settings of clients, schemas.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use ecs_local::clients::{self, CLIENTS, Client};
use ecs_local::coverage;
use ecs_local::schema::Written;
use ecs_local::writing;

use super::{Done, say};

#[derive(Debug, Args)]
pub(crate) struct Rows {
    /// The form of the list.
    #[arg(long, value_enum, default_value_t = RowsFormat::Table)]
    format: RowsFormat,
    /// With the rows printed beside the documented pages: the gateway's, the general ones, those
    /// of neighbouring operations.
    #[arg(long)]
    all: bool,
    /// Tell everything about the rows of this name: cause, what to do, a scenario.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["format", "all"])]
    explain: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum RowsFormat {
    Table,
    Json,
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct Env {
    /// The client: python-classic, go-tea, terraform, ...; all of them by default.
    client: Option<String>,
    /// Where the emulator listens.
    #[arg(long, env = "ECS_LOCAL_LISTEN", default_value = "127.0.0.1:4526")]
    listen: SocketAddr,
    /// As Markdown.
    #[arg(long, conflicts_with = "client")]
    markdown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaOf {
    /// Which.
    #[arg(value_enum)]
    of: Written,
}

pub(crate) fn rows(args: &Rows) -> Done {
    if let Some(name) = &args.explain {
        let text = coverage::explain(name).ok_or_else(|| format!("no row is named {name}"))?;
        return say(&text);
    }
    let lines = coverage::lines(args.all);
    match args.format {
        RowsFormat::Table => say(&coverage::table(&lines)),
        RowsFormat::Json => say(&writing::pretty(&lines)),
        RowsFormat::Markdown => say(&coverage::markdown(&lines)),
    }
}

pub(crate) fn env(args: &Env) -> Done {
    let text = match &args.client {
        Some(name) => {
            let known = || CLIENTS.iter().map(|client| client.name).collect::<Vec<_>>().join(", ");
            let client = Client::find(name);
            client
                .ok_or_else(|| format!("no client {name:?} among {}", known()))?
                .settings(args.listen)
        }
        None if args.markdown => clients::markdown(args.listen),
        None => clients::text(args.listen),
    };
    say(&text)
}

pub(crate) fn schema(args: &SchemaOf) -> Done {
    say(&args.of.schema())
}
