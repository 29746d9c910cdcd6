//! The command line: the only file that knows the process, its arguments and its environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ecs_local::clients::{self, CLIENTS, Client};
use ecs_local::clock::Clock;
use ecs_local::coverage;
use ecs_local::domain::World;
use ecs_local::domain::settings::{Cooldown, CooldownScope};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::explain::Explanation;
use ecs_local::gateway::{self, Errors, Signatures};
use ecs_local::row::Date;
use ecs_local::scenario::{self, Load, Report};
use ecs_local::server::{self, Identity, Service, TlsError};
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    /// List the documented error rows and how each is reached.
    Rows(Rows),
    /// Print the settings that point a client at the emulator, or those of all clients.
    Env(Env),
    /// List the latest calls of a running emulator.
    Calls(CallsOf),
    /// Ask a running emulator why it answered a call as it did.
    Why(Why),
    /// Ask a running emulator whether it is up.
    Health(Running),
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "ECS_LOCAL_LISTEN", default_value = "127.0.0.1:4526")]
    listen: SocketAddr,
    /// A scenario file whose world every account starts with.
    #[arg(long, env = "ECS_LOCAL_SCENARIO")]
    scenario: Option<PathBuf>,
    /// Answer as the pages of this day (yyyy-mm-dd); the newest by default.
    #[arg(long, env = "ECS_LOCAL_AS_OF", value_parser = date)]
    as_of: Option<Date>,
    /// Run with the system's clock, or stand still until moved.
    #[arg(long, env = "ECS_LOCAL_CLOCK", value_enum, default_value_t = ClockKind::System)]
    clock: ClockKind,
    /// When a change starts the five-minute cooldown: page, any, downgrade_only or off; as the
    /// world says by default.
    #[arg(long, env = "ECS_LOCAL_COOLDOWN", value_parser = named::<Cooldown>)]
    cooldown: Option<Cooldown>,
    /// What a cooldown stops: the same operation, or all three on the instance.
    #[arg(long, env = "ECS_LOCAL_COOLDOWN_SCOPE", value_parser = named::<CooldownScope>)]
    cooldown_scope: Option<CooldownScope>,
    /// What to do about signatures: off, log (verify those of listed keys, and tell what is wrong)
    /// or strict (refuse what the cloud refuses).
    #[arg(long, env = "ECS_LOCAL_SIGNATURES", value_parser = named::<Signatures>)]
    signatures: Option<Signatures>,
    /// Whose codes the gateway refuses with: those of ecs, or those of pop, which most products
    /// share.
    #[arg(long, env = "ECS_LOCAL_GATEWAY_ERRORS", value_parser = named::<Errors>)]
    gateway_errors: Option<Errors>,
    /// How many calls of an operation an account has in a minute; without a figure the documented
    /// 1000.
    #[arg(long, env = "ECS_LOCAL_FLOW_CONTROL", num_args = 0..=1, default_missing_value = "1000")]
    flow_control: Option<u32>,
    /// Speak TLS too, on the same port, with a certificate made at start; it is printed, and served
    /// at /_local/certificate.
    #[arg(long, env = "ECS_LOCAL_TLS")]
    tls: bool,
    /// A certificate (PEM, with its chain) to speak TLS with instead.
    #[arg(long, env = "ECS_LOCAL_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key (PEM).
    #[arg(long, env = "ECS_LOCAL_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// What callers of the control interface must show. Asked for on an address others can reach;
    /// made up there, and logged, where it is not said.
    #[arg(long, env = "ECS_LOCAL_CONTROL_TOKEN")]
    control_token: Option<String>,
    /// Decides every id; random by default.
    #[arg(long, env = "ECS_LOCAL_SEED")]
    seed: Option<u64>,
    /// What to log: error, warn, info, debug, trace, or a filter.
    #[arg(long, env = "ECS_LOCAL_LOG", default_value = "info")]
    log: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockKind {
    System,
    Manual,
}

#[derive(Debug, Args)]
struct Check {
    /// Files, or folders searched to their depth.
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

#[derive(Debug, Args)]
struct Rows {
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
enum RowsFormat {
    Table,
    Json,
    Markdown,
}

#[derive(Debug, Args)]
struct Env {
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
struct CallsOf {
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
struct Why {
    /// The RequestId of the answer.
    request_id: String,
    #[command(flatten)]
    running: Running,
}

/// A running emulator.
#[derive(Debug, Args)]
struct Running {
    /// Where the emulator listens.
    #[arg(long, env = "ECS_LOCAL_LISTEN", default_value = "127.0.0.1:4526")]
    listen: SocketAddr,
    /// Its control token, where it asks for one.
    #[arg(long, env = "ECS_LOCAL_CONTROL_TOKEN")]
    control_token: Option<String>,
}

fn date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| format!("{text:?} is not a day like 2026-06-26"))
}

/// Reads a value by its name in world documents.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(args) => serve(&args),
        Command::Check(args) => check(&args),
        Command::Rows(args) => rows(&args),
        Command::Env(args) => env(&args),
        Command::Calls(args) => calls(&args),
        Command::Why(args) => why(&args),
        Command::Health(args) => Ok(health(&args)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("ecs-local: {error}");
        ExitCode::from(CANNOT_START)
    })
}

type Done = Result<ExitCode, Box<dyn std::error::Error>>;

fn serve(args: &Serve) -> Done {
    let filter = tracing_subscriber::EnvFilter::try_new(&args.log)
        .map_err(|error| format!("--log {:?}: {error}", args.log))?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let (start, world_name) = starting_point(args)?;
    let identity = identity(args, &start.world)?.map(Arc::new);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = server::bind(args.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
        banner(listener.local_addr()?, &world_name, &start);
        if let Some(identity) = &identity {
            tracing::info!("TLS on the same port; the certificate is at /_local/certificate");
            print!("{}", identity.certificate_pem());
        }
        let control_token = control_token(args);
        let service = Service { identity, control_token, ..Service::default() };
        server::serve(listener, Arc::new(Emulator::new(start)), service, shutdown()).await;
        Ok(ExitCode::SUCCESS)
    })
}

/// What TLS is spoken with, if it is.
fn identity(args: &Serve, world: &World) -> Result<Option<Identity>, TlsError> {
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        return Identity::files(certificate, key).map(Some);
    }
    if !args.tls {
        return Ok(None);
    }
    // The names it is reached by on one machine, among containers, and in place of the cloud.
    let fixed = ["localhost", "127.0.0.1", "::1", "ecs-local", "host.docker.internal"];
    let products = ["ecs", "vpc", "sts", "location", "location-readonly"];
    let hosts = products.iter().flat_map(|product| {
        let regional = world.region.keys().map(move |id| format!("{product}.{id}.aliyuncs.com"));
        regional.chain([format!("{product}.aliyuncs.com")])
    });
    let names = fixed.map(str::to_owned).into_iter().chain([args.listen.ip().to_string()]);
    Identity::self_signed(names.chain(hosts)).map(Some)
}

fn starting_point(args: &Serve) -> Result<(Start, String), Box<dyn std::error::Error>> {
    let mut clock = Clock::SYSTEM;
    if args.clock == ClockKind::Manual {
        clock.freeze();
    }
    let (mut world, faults, given, name) = match &args.scenario {
        None => {
            let world = World::starting(clock.now())?;
            (world, Vec::new(), gateway::Options::default(), "the starting world".to_owned())
        }
        Some(path) => {
            let load = Load::file(path)?;
            if args.clock == ClockKind::Manual {
                clock = Clock::Frozen { at: load.scenario.clock };
            }
            let world = load.scenario.world_at(clock.now())?;
            (world, load.scenario.fault, load.scenario.gateway, path.display().to_string())
        }
    };
    let settings = &mut world.settings;
    settings.cooldown = args.cooldown.unwrap_or(settings.cooldown);
    settings.cooldown_scope = args.cooldown_scope.unwrap_or(settings.cooldown_scope);
    let gateway = gateway::Options {
        signatures: args.signatures.unwrap_or(given.signatures),
        errors: args.gateway_errors.unwrap_or(given.errors),
        flow_control: args.flow_control.or(given.flow_control),
    };
    let seed = args.seed.unwrap_or_else(random_seed);
    Ok((Start { world, clock, seed, as_of: args.as_of, gateway, faults, muted: Vec::new() }, name))
}

/// What callers of the control interface must show, if anything.
fn control_token(args: &Serve) -> Option<String> {
    if args.listen.ip().is_loopback() || args.control_token.is_some() {
        return args.control_token.clone();
    }
    let made_up = format!("{:016x}{:016x}", random_seed(), random_seed());
    tracing::warn!(
        "others can reach {}: the control interface asks for a token, Authorization: Bearer {made_up}; \
         --control-token sets one",
        args.listen
    );
    Some(made_up)
}

/// Different at each start: the standard library keys its hashers by the system's randomness.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::hash::RandomState::new().build_hasher().finish()
}

fn banner(address: SocketAddr, world: &str, start: &Start) {
    let page = start
        .as_of
        .map_or_else(|| "the newest pages".to_owned(), |day| format!("the pages of {day}"));
    tracing::info!("ecs-local {} listens on http://{address}", env!("CARGO_PKG_VERSION"));
    tracing::info!(
        "every access key has {world} of its own ({} instances), answered by {page}",
        start.world.instance.len()
    );
    let keys = match start.gateway.signatures {
        Signatures::Strict => "a key and secret that a world lists",
        Signatures::Off | Signatures::Log => "any access key and secret",
    };
    tracing::info!(
        "point an SDK here: endpoint {address}, protocol http, {keys}; `ecs-local env` has the rest"
    );
    tracing::info!(
        "control: http://{address}/_local/health, calls, clock, world, account, orders, \
         instances, faults, rows"
    );
}

async fn shutdown() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}

fn check(args: &Check) -> Done {
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(scenario::find(Path::new(path))?);
    }
    files.retain(|file| args.filter.iter().all(|part| file.to_string_lossy().contains(part)));
    let mut report = Report::default();
    for file in &files {
        report.add(file, args.as_of)?;
        if report.scenarios % 25 == 0 {
            println!("{} of {} scenarios", report.scenarios, files.len());
        }
    }
    print!("{report}");
    if let Some(path) = &args.junit {
        std::fs::write(path, report.junit())
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let is_good = report.failed().next().is_none();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn rows(args: &Rows) -> Done {
    if let Some(name) = &args.explain {
        let text = coverage::explain(name).ok_or_else(|| format!("no row is named {name}"))?;
        print!("{text}");
        return Ok(ExitCode::SUCCESS);
    }
    let lines = coverage::lines(args.all);
    match args.format {
        RowsFormat::Table => print!("{}", coverage::table(&lines)),
        RowsFormat::Json => println!("{}", serde_json::to_string_pretty(&lines)?),
        RowsFormat::Markdown => print!("{}", coverage::markdown(&lines)),
    }
    Ok(ExitCode::SUCCESS)
}

fn env(args: &Env) -> Done {
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
    print!("{text}");
    Ok(ExitCode::SUCCESS)
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
fn told(running: &Running, path: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let mut answer = control(running, path)?;
    let body: Value = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
    if answer.status().is_success() {
        return Ok(body);
    }
    Err(body["Message"].as_str().unwrap_or_default().into())
}

fn why(args: &Why) -> Done {
    let told = told(&args.running, &format!("calls/{}", args.request_id))?;
    print!("{}", serde_json::from_value::<Explanation>(told)?);
    Ok(ExitCode::SUCCESS)
}

fn calls(args: &CallsOf) -> Done {
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
            println!(
                "{} {} {} {} {}",
                text("at"),
                call["status"],
                text("action"),
                text("request_id"),
                text("code")
            );
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

fn health(running: &Running) -> ExitCode {
    let url = format!("http://{}/_local/health", running.listen);
    match control(running, "health") {
        Ok(answer) if answer.status().is_success() => {
            println!("up: {url}");
            ExitCode::SUCCESS
        }
        Ok(answer) => {
            println!("down: {url}: {}", answer.status());
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("down: {url}: {error}");
            ExitCode::FAILURE
        }
    }
}
