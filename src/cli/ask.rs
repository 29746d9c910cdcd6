//! Questions to a running emulator: its latest calls, why one was answered so, whether it is up.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use ecs_local::explain::Explanation;
use ecs_local::reading;
use serde_json::Value;

use super::{Done, say};

#[derive(Debug, Args)]
pub(crate) struct CallsOf {
    /// Whose calls; the default account's where it is not said.
    #[arg(long, default_value = "")]
    access_key_id: String,
    /// Of this operation only.
    #[arg(long)]
    action: Option<String>,
    /// With this error code only.
    #[arg(long)]
    code: Option<String>,
    /// With this HTTP status only.
    #[arg(long)]
    status: Option<u16>,
    /// Go on listing as calls come.
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    running: Running,
}

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The RequestId of the answer.
    request_id: String,
    #[command(flatten)]
    running: Running,
}

/// A running emulator.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Where the emulator listens.
    #[arg(long, env = "ECS_LOCAL_LISTEN", default_value = "127.0.0.1:4526")]
    listen: SocketAddr,
    /// Its control token, where it asks for one.
    #[arg(long, env = "ECS_LOCAL_CONTROL_TOKEN")]
    control_token: Option<String>,
}

/// A call of a running emulator's control interface.
fn control(running: &Running, path: &str) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(2)))
        .http_status_as_error(false)
        .build();
    let agent = ureq::Agent::new_with_config(config);
    let call = agent.get(format!("http://{}/_local/{path}", running.listen));
    match &running.control_token {
        Some(token) => call.header("authorization", format!("Bearer {token}")).call(),
        None => call.call(),
    }
}

/// The answer of a control call, which must be a success.
pub(super) fn told(running: &Running, path: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let mut answer = control(running, path)?;
    let body: Value = reading::json(&answer.body_mut().read_to_vec()?)?;
    if answer.status().is_success() {
        return Ok(body);
    }
    Err(body["Message"].as_str().unwrap_or_default().into())
}

pub(crate) fn why(args: &Why) -> Done {
    let told = told(&args.running, &format!("calls/{}", args.request_id))?;
    say(&reading::value::<Explanation>(&told)?.to_string())
}

pub(crate) fn calls(args: &CallsOf) -> Done {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("access_key_id", &args.access_key_id);
    let status = args.status.map(|status| status.to_string());
    for (name, value) in [("action", &args.action), ("code", &args.code), ("status", &status)] {
        query.extend_pairs(value.iter().map(|value| (name, value)));
    }
    let query = query.finish();
    let mut after = 0;
    loop {
        let told = told(&args.running, &format!("calls?{query}&after={after}"))?;
        // The latest come first; people read downwards.
        for call in told["calls"].as_array().into_iter().flatten().rev() {
            let text = |field: &str| call[field].as_str().unwrap_or_default();
            let (at, status, action) = (text("at"), &call["status"], text("action"));
            say(&format!("{at} {status} {action} {} {}\n", text("request_id"), text("code")))?;
        }
        if !args.follow {
            return Ok(ExitCode::SUCCESS);
        }
        after = told["total"].as_u64().unwrap_or_default();
        breathe();
    }
}

#[expect(clippy::disallowed_methods, reason = "a person looks on; no call waits")]
fn breathe() {
    std::thread::sleep(Duration::from_millis(250));
}

pub(crate) fn health(running: &Running) -> Done {
    let url = format!("http://{}/_local/health", running.listen);
    let (text, code) = match control(running, "health") {
        Ok(answer) if answer.status().is_success() => (format!("up: {url}\n"), ExitCode::SUCCESS),
        Ok(answer) => (format!("down: {url}: {}\n", answer.status()), ExitCode::FAILURE),
        Err(error) => (format!("down: {url}: {error}\n"), ExitCode::FAILURE),
    };
    say(&text)?;
    Ok(code)
}
