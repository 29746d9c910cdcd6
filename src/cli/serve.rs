//! `ecs-local serve`: everything that can be said about a server before it starts, and its start.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use ecs_local::clock::Clock;
use ecs_local::domain::World;
use ecs_local::domain::settings::{Cooldown, CooldownScope};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::gateway::{Errors, Signatures};
use ecs_local::reading;
use ecs_local::row::Date;
use ecs_local::scenario::Load;
use ecs_local::server::{self, Identity, Service, TlsError};
#[cfg(feature = "otlp")]
use ecs_local::traces::Traces;
use serde::de::DeserializeOwned;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Done, date, say};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "ECS_LOCAL_LISTEN", default_value = "127.0.0.1:4526")]
    listen: SocketAddr,
    /// A scenario file whose world every account starts with.
    #[arg(long, env = "ECS_LOCAL_SCENARIO")]
    scenario: Option<PathBuf>,
    /// A world document (JSON), such as an export of GET /_local/world, that every account starts with.
    #[arg(long, env = "ECS_LOCAL_WORLD", value_name = "FILE", conflicts_with = "scenario")]
    world: Option<PathBuf>,
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
    /// Keep the worlds in this directory: what was answered is on disk, and there again at the next
    /// start.
    #[arg(long, env = "ECS_LOCAL_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Decides every id; random by default.
    #[arg(long, env = "ECS_LOCAL_SEED")]
    seed: Option<u64>,
    /// What to log: error, warn, info (a line for each call), debug, trace, or a filter.
    #[arg(long, env = "ECS_LOCAL_LOG", default_value = "info")]
    log: String,
    /// The form of the log.
    #[arg(long, env = "ECS_LOCAL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// A collector for OpenTelemetry that takes OTLP over plain HTTP, such as http://127.0.0.1:4318.
    #[cfg(feature = "otlp")]
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockKind {
    System,
    Manual,
}

/// Reads a value by its name in world documents.
fn named<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    reading::value(&text).map_err(|error| error.to_string())
}

pub(crate) fn serve(args: &Serve) -> Done {
    begin_log(args)?;
    raise_file_limit();
    let (start, world_name) = starting_point(args)?;
    let identity = identity(args, &start.world)?.map(Arc::new);
    let emulator = match &args.data {
        Some(directory) => Emulator::open(start, directory)?,
        None => Emulator::new(start),
    };
    #[cfg(feature = "otlp")]
    let emulator = emulator.traced(traces(args)?);
    let emulator = Arc::new(emulator);
    let runtime = runtime()?;
    let served: Done = runtime.block_on(async {
        let listener = server::bind(args.listen)
            .await
            .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
        // Before anybody can know that it is there, and stop it.
        let shutdown = shutdown()?;
        banner(listener.local_addr()?, &world_name, &emulator);
        if let Some(identity) = &identity {
            tracing::info!("TLS on the same port; the certificate is at /_local/certificate");
            say(identity.certificate_pem())?;
        }
        let control_token = control_token(args);
        let service = Service { identity, control_token, ..Service::default() };
        server::serve(listener, Arc::clone(&emulator), service, shutdown).await;
        Ok(ExitCode::SUCCESS)
    });
    // Connections that were cut off are closed now: their descriptors may be the last ones.
    drop(runtime);
    emulator.close()?;
    // The system has the memory back at once; a large world takes a while to take apart.
    std::mem::forget(emulator);
    served
}

/// One thread for all connections. What another thread wakes, an answer that is on disk by now, has its turn
/// at once; by default 31 others come before it, and answers that wait for nothing leave first.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().global_queue_interval(1).enable_all().build()
}

/// Where spans go, if anywhere.
#[cfg(feature = "otlp")]
fn traces(args: &Serve) -> Result<Option<Traces>, String> {
    // As in other programs, a variable that is set to nothing is not set.
    let endpoint = args.otlp.as_deref().filter(|endpoint| !endpoint.is_empty());
    let traces = endpoint.map(|endpoint| {
        Traces::to(endpoint).map_err(|error| format!("--otlp {endpoint:?}: {error}"))
    });
    traces.transpose()
}

fn begin_log(args: &Serve) -> Result<(), String> {
    let wrong = |why: &dyn Display| format!("--log {:?}: {why}", args.log);
    // The library takes nothing for everything.
    let lacks_something = |part: &str| part.split('=').any(str::is_empty);
    if args.log.split(',').any(lacks_something) {
        return Err(wrong(&"a target or a level is missing"));
    }
    let filter: Targets = args.log.parse().map_err(|error| wrong(&error))?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match args.log_format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry().with(filter).with(log).init();
    Ok(())
}

/// Takes all the file descriptors the system grants: soft limits are low (1024, or 256) for the sake of
/// programs that use select(2).
fn raise_file_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit on open files stays as it is");
    }
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
    let (mut start, name) = match (&args.scenario, &args.world) {
        (None, None) => {
            (Start::of(World::starting(clock.now())?, clock), "the starting world".to_owned())
        }
        (None, Some(path)) => {
            let wrong = |error: &dyn Display| format!("{}: {error}", path.display());
            let text = std::fs::read(path).map_err(|error| wrong(&error))?;
            let world = World::read(&text, clock.now()).map_err(|error| wrong(&error))?;
            (Start::of(world, clock), path.display().to_string())
        }
        (Some(path), _) => {
            let is_manual = args.clock == ClockKind::Manual;
            let load = Load::file_at(path, (!is_manual).then(|| clock.now()))?;
            if is_manual {
                clock = Clock::Frozen { at: load.scenario.clock };
            }
            (load.start(clock), path.display().to_string())
        }
    };
    let settings = &mut start.world.settings;
    settings.cooldown = args.cooldown.unwrap_or(settings.cooldown);
    settings.cooldown_scope = args.cooldown_scope.unwrap_or(settings.cooldown_scope);
    let gateway = start.gateway.with(args.signatures, args.gateway_errors, args.flow_control);
    let seed = args.seed.unwrap_or_else(random_seed);
    Ok((Start { seed, as_of: args.as_of, gateway, ..start }, name))
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

fn banner(address: SocketAddr, world: &str, emulator: &Emulator) {
    let start = emulator.start();
    let page = start
        .as_of
        .map_or_else(|| "the newest pages".to_owned(), |day| format!("the pages of {day}"));
    tracing::info!("ecs-local {} listens on http://{address}", env!("CARGO_PKG_VERSION"));
    tracing::info!(
        "every access key has {world} of its own ({} instances), answered by {page}",
        start.world.instance.len()
    );
    if let Some(data) = emulator.data() {
        let (accounts, directory) = (emulator.accounts(), data.directory.display());
        tracing::info!("kept in {directory}; accounts there: {accounts}");
    }
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

/// Ends when the process is asked to end. It listens from the moment it is made.
#[cfg(unix)]
pub(super) fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Ends when the process is asked to end. It listens from the moment it is made.
#[cfg(windows)]
pub(super) fn shutdown() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_c, ctrl_close};
    let (mut interrupted, mut closed) = (ctrl_c()?, ctrl_close()?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = closed.recv() => {}
        }
    })
}
