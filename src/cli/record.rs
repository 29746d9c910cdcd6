//! `ecs-local record`: a proxy that writes what passes as scenario files.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use ecs_local::scenario::Recorder;
use ecs_local::server;

use super::serve::shutdown;
use super::{Done, say};

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The server that calls are passed on to: an endpoint, or an ecs-local.
    #[arg(long, value_name = "URL")]
    upstream: String,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:4527")]
    listen: SocketAddr,
    /// The folder for the files, one for each access key.
    #[arg(long, value_name = "DIR", default_value = "recorded")]
    out: PathBuf,
}

pub(crate) fn record(args: &Record) -> Done {
    let recorder = Arc::new(
        Recorder::into(&args.out).map_err(|error| format!("{}: {error}", args.out.display()))?,
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let shutdown = shutdown()?;
        let listener = server::bind(args.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
        let (address, upstream, out) = (listener.local_addr()?, &args.upstream, args.out.display());
        say(&format!("http://{address} passes on to {upstream} and writes into {out}\n"))?;
        let note = Box::new(move |incoming: &_, status, body: &_| {
            // The client is to get its answer all the same.
            if let Err(error) = recorder.note(incoming, status, body) {
                eprintln!("ecs-local: a call is not written: {error}");
            }
        });
        server::pass_on(listener, upstream, note, shutdown).await;
        Ok(ExitCode::SUCCESS)
    })
}
