//! An emulator inside a Rust test: a server on a port of its own, stopped when it is dropped, and a typed
//! handle on each account for what a test does besides calling the API.
//!
//! ```
//! use std::time::Duration;
//!
//! use ecs_local::EcsLocal;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let ecs = EcsLocal::builder().frozen_at("2026-01-01T00:00:00Z").start()?;
//! let account = ecs.account("my-key");
//! account.load_world(serde_json::json!({"instance": {"i-web": {"status": "Stopped"}}}))?;
//! account.advance(Duration::from_secs(300))?;
//! // An SDK with the endpoint `ecs.endpoint()`, the protocol http and the key `my-key` sees i-web.
//! assert_eq!(account.now().to_seconds(), "2026-01-01T00:05:00Z");
//! # Ok(())
//! # }
//! ```

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::calls::Told;
use crate::clock::{CannotMove, Clock};
use crate::domain::history::Entry;
use crate::domain::instance::Instance;
use crate::domain::money::Cents;
use crate::domain::order::Order;
use crate::domain::world::OrderError;
use crate::domain::{Span, Timestamp, World};
use crate::emulator::{Emulator, ReplaceError, Start};
use crate::explain::Explanation;
use crate::faults::{Fault, FaultError};
use crate::gateway::{Errors, Signatures};
use crate::row::Date;
use crate::scenario::Load;
use crate::server::{self, Service};

/// Why an emulator cannot start.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// A running emulator. Dropping it stops it.
#[derive(Debug)]
pub struct EcsLocal {
    emulator: Arc<Emulator>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// How many accounts have been made up.
    accounts: AtomicU64,
}

/// What an emulator is to be like. All that is not said is as `ecs-local serve` has it, but for the clock,
/// which stands still at the machine's moment, and the seed, which is 0.
#[derive(Debug, Clone, Default)]
pub struct Builder {
    world: Option<Value>,
    scenario: Option<PathBuf>,
    clock: Option<BuilderClock>,
    seed: u64,
    as_of: Option<String>,
    signatures: Option<Signatures>,
    gateway_errors: Option<Errors>,
    flow_control: Option<u32>,
    data: Option<PathBuf>,
}

#[derive(Debug, Clone)]
enum BuilderClock {
    Frozen(String),
    System,
}

impl Builder {
    /// The world every account begins with, as a world document.
    #[must_use]
    pub fn world(self, document: Value) -> Self {
        Self { world: Some(document), ..self }
    }

    /// A scenario file whose world, clock, faults and gateway every account begins with.
    #[must_use]
    pub fn scenario(self, path: impl Into<PathBuf>) -> Self {
        Self { scenario: Some(path.into()), ..self }
    }

    /// The moment the clocks stand at, `2026-01-31T12:00:00Z`.
    #[must_use]
    pub fn frozen_at(self, moment: &str) -> Self {
        Self { clock: Some(BuilderClock::Frozen(moment.to_owned())), ..self }
    }

    /// Clocks run with the machine's.
    #[must_use]
    pub fn running(self) -> Self {
        Self { clock: Some(BuilderClock::System), ..self }
    }

    /// Decides every id.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Answers as the documentation of this day, `yyyy-mm-dd`.
    #[must_use]
    pub fn as_of(self, day: &str) -> Self {
        Self { as_of: Some(day.to_owned()), ..self }
    }

    /// What is done about signatures.
    #[must_use]
    pub fn signatures(self, signatures: Signatures) -> Self {
        Self { signatures: Some(signatures), ..self }
    }

    /// Whose codes the gateway refuses with.
    #[must_use]
    pub fn gateway_errors(self, errors: Errors) -> Self {
        Self { gateway_errors: Some(errors), ..self }
    }

    /// How many calls of an operation an account has in a minute.
    #[must_use]
    pub fn flow_control(self, calls: u32) -> Self {
        Self { flow_control: Some(calls), ..self }
    }

    /// Keeps all worlds in a directory.
    #[must_use]
    pub fn data(self, directory: impl Into<PathBuf>) -> Self {
        Self { data: Some(directory.into()), ..self }
    }

    /// Starts it on a free port of the loopback address.
    ///
    /// # Errors
    /// A document or file that is none, a moment or day that is none, a directory that cannot be used.
    pub fn start(self) -> Result<EcsLocal, StartError> {
        let emulator = match &self.data {
            Some(directory) => Emulator::open(self.start_point()?, directory)?,
            None => Emulator::new(self.start_point()?),
        };
        EcsLocal::serve(emulator, Service::default()).map_err(StartError::from)
    }

    fn start_point(&self) -> Result<Start, StartError> {
        let load = self.scenario.as_deref().map(Load::file).transpose()?;
        let mut clock = Clock::SYSTEM;
        match &self.clock {
            Some(BuilderClock::System) => {}
            Some(BuilderClock::Frozen(moment)) => clock = Clock::Frozen { at: parsed(moment)? },
            None => match &load {
                Some(load) => clock = Clock::Frozen { at: load.scenario.clock },
                None => clock.freeze(),
            },
        }
        let now = clock.now();
        let mut start = match (load, &self.world) {
            (Some(load), _) => load.scenario.start(clock)?,
            (None, Some(_)) => Start::of(World::default(), clock),
            (None, None) => Start::of(World::starting(now)?, clock),
        };
        if let Some(document) = &self.world {
            start.world = World::from_value(document, now)?;
        }
        let day = self.as_of.as_deref();
        let as_of = day.map(|day| Date::parse(day).ok_or_else(|| format!("{day:?} is no day")));
        let gateway = start.gateway.with(self.signatures, self.gateway_errors, self.flow_control);
        Ok(Start { seed: self.seed, as_of: as_of.transpose()?, gateway, ..start })
    }
}

fn parsed(moment: &str) -> Result<Timestamp, StartError> {
    Timestamp::parse_seconds(moment)
        .ok_or_else(|| format!("{moment:?} is not a time like 2026-01-31T12:00:00Z").into())
}

impl EcsLocal {
    /// One that is to be described first.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// One in the starting world.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Serves an emulator of one's own making on a free port of the loopback address.
    ///
    /// # Errors
    /// No port, thread or runtime.
    pub fn serve(emulator: Emulator, service: Service) -> std::io::Result<Self> {
        let emulator = Arc::new(emulator);
        let (stop, stopped) = oneshot::channel();
        let (bound, address) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = Arc::clone(&emulator);
        let thread = std::thread::Builder::new().name("ecs-local".to_owned()).spawn(move || {
            runtime.block_on(async {
                let listener = server::bind(([127, 0, 0, 1], 0).into()).await;
                let listening = listener.and_then(|it| Ok((it.local_addr()?, it)));
                match listening {
                    Err(error) => drop(bound.send(Err(error))),
                    Ok((address, listener)) => {
                        let _ = bound.send(Ok(address));
                        let stopped = async { drop(stopped.await) };
                        server::serve(listener, served, service, stopped).await;
                    }
                }
            });
        })?;
        let address = address.recv().map_err(std::io::Error::other)??;
        let (stop, thread) = (Some(stop), Some(thread));
        Ok(Self { emulator, address, stop, thread, accounts: AtomicU64::new(0) })
    }

    /// What an SDK calls an endpoint: `127.0.0.1:PORT`. Its protocol is http.
    pub fn endpoint(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The emulator itself.
    pub const fn emulator(&self) -> &Arc<Emulator> {
        &self.emulator
    }

    /// The account an access key enters.
    pub fn account(&self, key_id: impl Into<String>) -> Account<'_> {
        Account { emulator: &self.emulator, key_id: key_id.into() }
    }

    /// An account nobody has used.
    pub fn fresh_account(&self) -> Account<'_> {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        self.account(format!("account-{number}"))
    }

    /// Why the call of this RequestId was answered as it was; `None` where it is not known any more.
    pub fn why(&self, request_id: &str) -> Option<Explanation> {
        self.emulator.explain(request_id)
    }
}

impl Drop for EcsLocal {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if let Err(error) = self.emulator.close() {
            tracing::error!(%error, "what was not kept is lost");
        }
    }
}

/// One account of a running emulator.
#[derive(Debug, Clone)]
pub struct Account<'a> {
    emulator: &'a Emulator,
    key_id: String,
}

impl Account<'_> {
    /// The access key that enters it. Its secret is whatever a client has, unless a world lists it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The moment its clock shows.
    pub fn now(&self) -> Timestamp {
        self.emulator.with_tenant(&self.key_id, |tenant| tenant.clock.now())
    }

    /// Moves its clock forward; what comes due happens.
    ///
    /// # Errors
    /// The end of the year 9999.
    pub fn advance(&self, by: Duration) -> Result<Timestamp, CannotMove> {
        let by = Span(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
        self.moved(|clock| clock.set(clock.now().plus(by)))
    }

    /// Sets its clock to a later moment.
    ///
    /// # Errors
    /// An earlier moment.
    pub fn set_clock(&self, to: Timestamp) -> Result<Timestamp, CannotMove> {
        self.moved(|clock| clock.set(to))
    }

    fn moved(
        &self,
        moves: impl FnOnce(&mut Clock) -> Result<(), CannotMove>,
    ) -> Result<Timestamp, CannotMove> {
        self.emulator.move_clock(&self.key_id, moves).map(Clock::now)
    }

    /// Its world as it is now.
    pub fn world(&self) -> World {
        self.emulator.at_present(&self.key_id, |world, _| world.clone())
    }

    /// Replaces its world by a document. Answers how many instances there are.
    ///
    /// # Errors
    /// A document that is no world, or has a key of another account.
    pub fn load_world(&self, document: Value) -> Result<usize, ReplaceError> {
        let by = |_: &World, document, now| World::from_value(&document, now);
        self.emulator.replace_world(&self.key_id, document, None, by)
    }

    /// Lays a document over its world. Answers how many instances there are.
    ///
    /// # Errors
    /// As [`Account::load_world`].
    pub fn change_world(&self, document: Value) -> Result<usize, ReplaceError> {
        self.emulator.replace_world(&self.key_id, document, None, World::patched)
    }

    /// Gives it the starting world again.
    pub fn reset(&self) {
        self.emulator.reset(&self.key_id);
    }

    /// Gives another account a copy of its world and moment. Tells whether it is another one.
    pub fn fork_to(&self, other: &Self) -> bool {
        self.emulator.fork(&self.key_id, &other.key_id)
    }

    /// Keeps its world under a name.
    pub fn keep(&self, name: &str) {
        self.emulator.keep(&self.key_id, name);
    }

    /// Brings a kept world back, with its moment. Tells whether there is such.
    pub fn bring_back(&self, name: &str) -> bool {
        self.emulator.bring_back(&self.key_id, name)
    }

    /// Arms a fault, beside those armed.
    ///
    /// # Errors
    /// A fault that makes no sense.
    pub fn arm(&self, fault: Fault) -> Result<(), FaultError> {
        fault.check()?;
        self.emulator.with_tenant(&self.key_id, |tenant| tenant.faults.push(fault.unused()));
        Ok(())
    }

    /// Its faults, with how often each met its calls and struck.
    pub fn faults(&self) -> Vec<Fault> {
        self.emulator.with_tenant(&self.key_id, |tenant| tenant.faults.clone())
    }

    /// Takes all faults back.
    pub fn disarm(&self) {
        self.emulator.with_tenant(&self.key_id, |tenant| tenant.faults.clear());
    }

    /// Its latest calls, the latest first.
    pub fn calls(&self) -> Vec<Told> {
        self.emulator.with_tenant(&self.key_id, |tenant| tenant.calls.latest().collect())
    }

    /// An instance as it is now.
    pub fn instance(&self, id: &str) -> Option<Instance> {
        self.emulator.at_present(&self.key_id, |world, _| world.instance.get(id).cloned())
    }

    /// What happened to an instance, the oldest first.
    pub fn history(&self, id: &str) -> Vec<Entry> {
        self.emulator.at_present(&self.key_id, |world, _| world.life(id))
    }

    /// Its orders, the oldest first.
    pub fn orders(&self) -> Vec<Order> {
        self.emulator.at_present(&self.key_id, |world, _| world.order.iter().cloned().collect())
    }

    /// Pays an order, as the console does.
    ///
    /// # Errors
    /// No such order, one that is not unpaid, too little money or stock.
    pub fn pay_order(&self, id: &str) -> Result<(), OrderError> {
        self.emulator.at_present(&self.key_id, |world, now| world.pay_order(id, now))
    }

    /// Calls an order off.
    ///
    /// # Errors
    /// No such order, or one that is neither unpaid nor invalid.
    pub fn cancel_order(&self, id: &str) -> Result<(), OrderError> {
        self.emulator.at_present(&self.key_id, |world, now| world.cancel_order(id, now))
    }

    /// Pays money in.
    pub fn top_up(&self, amount: Cents) {
        self.emulator.at_present(&self.key_id, |world, now| world.top_up(amount, now));
    }

    /// Lets the account fall into arrears, or out of them.
    pub fn set_arrears(&self, begin: bool) {
        self.emulator.at_present(&self.key_id, |world, now| world.set_account_arrears(begin, now));
    }
}
