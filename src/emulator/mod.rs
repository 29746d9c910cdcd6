//! The emulator: the worlds of all accounts, and the way of one call from the request as read to
//! the answer as bytes. Knows no socket. An account is in `tenant.rs`; what is kept of it on disk, and
//! how it comes back from there, in `keeping.rs`.

mod keeping;
mod tenant;

pub use tenant::Tenant;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use foldhash::fast::RandomState;
use serde_json::Value;

use crate::calls::{Calls, Heard, Told};
use crate::clock::{CannotMove, Clock, Stopwatch};
use crate::domain::access::AccessKeys;
use crate::domain::document::DocumentError;
use crate::domain::{Timestamp, World};
use crate::engine::{Call, Render};
use crate::explain::{Asker, Explanation};
use crate::faults::{self, Fault, Phase, Sought, Struck};
use crate::gateway::{self, Admitted, Arrival, DEFAULT_ACCOUNT, Directory, Door, Moment, Verdict};
use crate::ids::{Ids, RequestId};
use crate::metrics::{Sizes, memory};
use crate::operations::{Entry, Product};
use crate::reading::{self, Misfit};
use crate::reply::Node;
use crate::row::Date;
use crate::rule::{Refusal, RuleId};
use crate::seen::{Onlookers, Seen};
use crate::store::{Appended, Deed, Store};
#[cfg(feature = "otlp")]
use crate::traces::Traces;
use crate::wire::{self, Delivery, Incoming, Outgoing, Pairs, Request};

use tenant::Snapshot;

/// What an emulator starts from.
#[derive(Debug, Clone)]
pub struct Start {
    /// The world every account begins with.
    pub world: World,
    /// The clock every account begins with.
    pub clock: Clock,
    /// Decides every id.
    pub seed: u64,
    /// Chooses the pages in force; without a date the newest.
    pub as_of: Option<Date>,
    /// How the gateway is set.
    pub gateway: gateway::Options,
    /// What goes wrong on command.
    pub faults: Vec<Fault>,
    /// Rules that are passed over. Only tests mute one.
    pub muted: Vec<RuleId>,
}

impl Start {
    /// A start in this world at this time, everything else as by default and the seed 0.
    pub fn of(world: World, clock: Clock) -> Self {
        Self {
            world,
            clock,
            seed: 0,
            as_of: None,
            gateway: gateway::Options::default(),
            faults: Vec::new(),
            muted: Vec::new(),
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Emulator {
    start: Start,
    tenants: DashMap<String, Arc<Mutex<Tenant>>, RandomState>,
    directory: Directory,
    onlookers: Onlookers,
    /// Kept worlds, by account and name.
    snapshots: DashMap<(String, String), Snapshot>,
    /// Where it is kept on disk, if it is.
    store: Option<Store>,
    /// A state is being written.
    is_tidying: AtomicBool,
    since: Stopwatch,
}

/// Why a world cannot be put in the place of another.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// JSON of another kind.
    #[error("a world is a JSON object")]
    NoObject,
    /// The document is no world.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It lists a key of another account.
    #[error("the access key {0:?} belongs to another account")]
    KeyTaken(String),
}

/// How a call went in its world: its id, and a reply to be written or a refusal.
struct Answered {
    id: RequestId,
    outcome: Result<(&'static Entry, Render), (Refusal, Product)>,
    delivery: Delivery,
}

impl Emulator {
    /// An emulator in which every account, known or not, has a copy of the starting world. The keys
    /// the starting world lists are those of the default account.
    pub fn new(start: Start) -> Self {
        let emulator = Self {
            start,
            tenants: DashMap::default(),
            directory: Directory::default(),
            onlookers: Onlookers::default(),
            snapshots: DashMap::new(),
            store: None,
            is_tidying: AtomicBool::new(false),
            since: Stopwatch::start(),
        };
        let keys = emulator.first_keys(DEFAULT_ACCOUNT);
        emulator.directory.enlist(DEFAULT_ACCOUNT, &AccessKeys::default(), &keys);
        emulator
    }

    /// What it started from.
    pub const fn start(&self) -> &Start {
        &self.start
    }

    /// Answers one request. Reading, verifying and writing stand outside the world's lock.
    pub fn answer(&self, incoming: &Incoming) -> Outgoing {
        let watch = Stopwatch::start();
        if let Some(failure) = self.store.as_ref().and_then(Store::failure) {
            return self.refuse(incoming, &gateway::not_kept(&failure));
        }
        let pairs = Pairs::read(incoming);
        let request = Request::read(incoming, &pairs);
        let options = self.start.gateway;
        let arrival = Arrival::of(options, &self.directory, incoming, &request);
        let account = arrival.account(options);
        let (answered, recorded) =
            self.recorded(account, |tenant| self.call(tenant, &arrival, incoming));
        let Answered { id, outcome, delivery } = answered;
        let (answer, refusal) = match outcome {
            Ok((entry, render)) => {
                (wire::success(entry.action, id, render(), request.format), None)
            }
            Err((refusal, product)) => {
                let host = request.host;
                (wire::error(&refusal, id, host, product.name(), request.format), Some(refusal))
            }
        };
        let seen = Seen::of(incoming, &arrival, account, id);
        self.onlookers.tell(&seen.answered(&answer, refusal.as_ref(), watch.elapsed()));
        Outgoing { delivery: Delivery { recorded, ..delivery }, ..answer }
    }

    /// Lets spans of its calls go to a collector.
    #[cfg(feature = "otlp")]
    #[must_use]
    pub fn traced(mut self, traces: Option<Traces>) -> Self {
        self.onlookers.traces = traces;
        self
    }

    /// For how long it has been there.
    pub fn uptime(&self) -> Duration {
        self.since.elapsed()
    }

    /// What it has done and holds, in the text format of Prometheus.
    pub fn metrics(&self) -> String {
        let tenants = self.all_tenants();
        let instances = tenants.iter().map(|tenant| lock(tenant).world.instance.len()).sum();
        let (worlds, snapshots) = (tenants.len(), self.snapshots.len());
        self.onlookers.metrics.text(Sizes { worlds, instances, snapshots, memory: memory() })
    }

    /// Refuses a request before it was read to its end.
    pub fn refuse(&self, incoming: &Incoming, refusal: &Refusal) -> Outgoing {
        let watch = Stopwatch::start();
        let pairs = Pairs::read(incoming);
        let request = Request::read(incoming, &pairs);
        let options = self.start.gateway;
        let arrival = Arrival::of(options, &self.directory, incoming, &request);
        let account = arrival.account(options);
        let id = self.within(account, |tenant| {
            let id = tenant.ids.request_id();
            tenant.calls.push(Heard {
                request_id: id,
                at: tenant.clock.now(),
                incoming,
                arrival: &arrival,
                verdict: &Verdict::Unreached,
                fault: String::new(),
                unread: Vec::new(),
                refusal: Some(refusal),
            });
            id
        });
        let product = Product::Ecs.name();
        let answer = wire::error(refusal, id, request.host, product, request.format);
        let seen = Seen::of(incoming, &arrival, account, id);
        self.onlookers.tell(&seen.answered(&answer, Some(refusal), watch.elapsed()));
        answer
    }

    fn call(&self, tenant: &mut Tenant, arrival: &Arrival<'_>, incoming: &Incoming) -> Answered {
        let id = tenant.ids.request_id();
        let machine = Clock::SYSTEM.now();
        let moment = Moment { now: tenant.clock.when(|| machine), machine };
        let mut door = Door {
            options: self.start.gateway,
            memory: &mut tenant.memory,
            world: &tenant.world,
            moment,
            muted: &self.start.muted,
        };
        let (verdict, admitted) = door.admit(arrival);
        let (mut fault, mut unread) = (String::new(), Vec::new());
        let product = arrival.entry.map_or(Product::Ecs, |entry| entry.product);
        let mut delivery = Delivery::default();
        let outcome = admitted.and_then(|admitted| {
            let struck = strike(tenant, arrival, admitted.entry);
            let call = |tenant: &mut Tenant| {
                let now = tenant.clock.when(|| machine);
                self.enter(tenant, arrival, &admitted, id, now)
            };
            let done = match struck {
                None => call(tenant),
                Some(struck) => {
                    fault.clone_from(&struck.words);
                    delivery = struck.delivery;
                    under(tenant, struck, call)
                }
            };
            unread = arrival.request.params.unread();
            Ok((admitted.entry, done?))
        });
        tenant.calls.push(Heard {
            request_id: id,
            at: moment.now,
            incoming,
            arrival,
            verdict: &verdict,
            fault,
            unread,
            refusal: outcome.as_ref().err(),
        });
        Answered { id, outcome: outcome.map_err(|refusal| (refusal, product)), delivery }
    }

    /// A call that was let in meets its world.
    fn enter(
        &self,
        tenant: &mut Tenant,
        arrival: &Arrival<'_>,
        admitted: &Admitted,
        request_id: RequestId,
        now: Timestamp,
    ) -> Result<Render, Refusal> {
        let Admitted { entry, caller } = admitted;
        let call = Call {
            params: &arrival.request.params,
            request_id,
            now,
            as_of: self.start.as_of,
            caller,
            host: arrival.request.host,
            muted: &self.start.muted,
        };
        (entry.answer)(&call, &mut tenant.world, &mut tenant.ids)
    }

    /// Runs `work` on the world a key enters, made on first use. The lock is held meanwhile.
    pub fn with_tenant<T>(&self, key_id: &str, work: impl FnOnce(&mut Tenant) -> T) -> T {
        self.within(&self.account_of(key_id), work)
    }

    /// The account whose world a key enters.
    fn account_of(&self, key_id: &str) -> String {
        let listed = self.directory.find_id(key_id);
        listed.map_or_else(|| key_id.to_owned(), |listed| listed.account.clone())
    }

    fn within<T>(&self, account: &str, work: impl FnOnce(&mut Tenant) -> T) -> T {
        self.recorded(account, work).0
    }

    /// Runs `work` on the world of an account. Answers the position in the store, too, up to which
    /// everything that `work` can have seen of it is written.
    fn recorded<T>(&self, account: &str, work: impl FnOnce(&mut Tenant) -> T) -> (T, u64) {
        loop {
            let tenant = self.tenant(account);
            let mut locked = lock(&tenant);
            if locked.is_gone {
                continue;
            }
            let keys = locked.world.access_key.clone();
            let before = self.before(&locked);
            let done = work(&mut locked);
            if !locked.world.access_key.is_same(&keys) {
                self.directory.enlist(account, &keys, &locked.world.access_key);
            }
            self.hand_in(account, &mut locked, before);
            return (done, locked.kept.position);
        }
    }

    /// Runs `work` on the world a key enters as it is now: what has come due has happened.
    pub fn at_present<T>(&self, key_id: &str, work: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        self.with_tenant(key_id, |tenant| {
            let now = tenant.clock.now();
            tenant.world.settle(now);
            work(&mut tenant.world, now)
        })
    }

    /// Puts another world in the place of a key's: what `by` makes of the present one and a document.
    /// Keys that are known already keep their secrets where the document leaves them out. The clock then
    /// stands at a moment, be it earlier or later, where one is said. Answers how many instances there are.
    ///
    /// # Errors
    /// A document that is no world, or has a key of another account. Nothing has changed then.
    pub fn replace_world(
        &self,
        key_id: &str,
        document: Value,
        at: Option<Timestamp>,
        by: impl FnOnce(&World, Value, Timestamp) -> Result<World, DocumentError>,
    ) -> Result<usize, ReplaceError> {
        if !document.is_object() {
            return Err(ReplaceError::NoObject);
        }
        self.put_world(key_id, at, |world, now| by(world, document, now))
    }

    /// As [`Emulator::replace_world`], of the text of a document that stands for itself.
    ///
    /// # Errors
    /// A text that is no world, or has a key of another account. Nothing has changed then.
    pub fn load_world(
        &self,
        key_id: &str,
        text: &[u8],
        at: Option<Timestamp>,
    ) -> Result<usize, ReplaceError> {
        if !text.trim_ascii_start().starts_with(b"{") {
            let no_text = |misfit: Misfit| DocumentError::from(misfit.in_text(text));
            reading::json::<Value>(text).map_err(no_text)?;
            return Err(ReplaceError::NoObject);
        }
        self.put_world(key_id, at, |_, now| World::read(text, now))
    }

    fn put_world(
        &self,
        key_id: &str,
        at: Option<Timestamp>,
        by: impl FnOnce(&World, Timestamp) -> Result<World, DocumentError>,
    ) -> Result<usize, ReplaceError> {
        let account = self.account_of(key_id);
        self.with_tenant(key_id, |tenant| {
            let clock = at.map_or(tenant.clock, |at| Clock::Frozen { at });
            tenant.world.settle(tenant.clock.now());
            let mut next = by(&tenant.world, clock.now())?;
            next.access_key.recall(&tenant.world.access_key);
            if let Some(taken) = self.directory.taken(&account, &next.access_key) {
                return Err(ReplaceError::KeyTaken(taken.to_owned()));
            }
            (tenant.world, tenant.clock) = (next, clock);
            Ok(tenant.world.instance.len())
        })
    }

    /// Moves the clock of a key's account, and lets happen what comes due. Answers where it is then.
    ///
    /// # Errors
    /// What `moves` refuses. Nothing has changed then.
    pub fn move_clock(
        &self,
        key_id: &str,
        moves: impl FnOnce(&mut Clock) -> Result<(), CannotMove>,
    ) -> Result<Clock, CannotMove> {
        self.with_tenant(key_id, |tenant| {
            let mut clock = tenant.clock;
            moves(&mut clock)?;
            tenant.clock = clock;
            tenant.world.settle(clock.now());
            Ok(clock)
        })
    }

    /// Why the call of this RequestId was answered as it was, in whatever account it was made.
    pub fn explain(&self, request_id: &str) -> Option<Explanation> {
        self.on_call(request_id, |told, tenant| self.explanation(told, tenant))
    }

    /// As [`Emulator::explain`], with what a refusal turned on, for which it is asked again many times.
    pub fn explain_in_full(&self, request_id: &str) -> Option<Explanation> {
        let (explanation, asker) = self.on_call(request_id, |told, tenant| {
            let (world, now) = (&tenant.world, tenant.clock.now());
            (self.explanation(told, tenant), Asker::of(told, world, now, self.start.as_of))
        })?;
        // No world's lock is held any more.
        let turned_on = asker.map(|asker| asker.turning_points()).unwrap_or_default();
        Some(Explanation { turned_on, ..explanation })
    }

    fn explanation(&self, told: &Told, tenant: &Tenant) -> Explanation {
        Explanation::of(told, &tenant.world, self.start.gateway, self.start.as_of)
    }

    /// Runs `work` on the call of this RequestId and its account, if it is still known.
    fn on_call<T>(&self, request_id: &str, work: impl Fn(&Told, &Tenant) -> T) -> Option<T> {
        self.all_tenants().iter().find_map(|tenant| {
            let tenant = lock(tenant);
            tenant.calls.find(request_id).map(|told| work(&told, &tenant))
        })
    }

    /// Gives the account of another key a copy of this one's world and moment; keys stay where they
    /// are. Tells whether the two are different accounts at all.
    pub fn fork(&self, key_id: &str, to: &str) -> bool {
        if self.account_of(key_id) == self.account_of(to) {
            return false;
        }
        // One after the other: two locks at once could wait for each other.
        let copy = self.with_tenant(key_id, |tenant| Snapshot::of(tenant));
        self.with_tenant(to, |tenant| copy.put_into(tenant));
        true
    }

    /// Keeps the world of a key's account under a name, in place of what was kept under it.
    pub fn keep(&self, key_id: &str, name: &str) {
        let account = self.account_of(key_id);
        self.within(&account, |tenant| {
            let copy = Snapshot::of(tenant);
            self.append(&account, tenant, [copy.kept(name)]);
            self.snapshots.insert((account.clone(), name.to_owned()), copy);
        });
    }

    /// What is kept of a key's account, by name: the moment, and how many instances.
    pub fn kept(&self, key_id: &str) -> BTreeMap<String, (Timestamp, usize)> {
        let account = self.account_of(key_id);
        let own = self.snapshots.iter().filter(|entry| entry.key().0 == account);
        own.map(|entry| (entry.key().1.clone(), (entry.at, entry.world.instance.len()))).collect()
    }

    /// Brings back what is kept under a name; it stays kept. Tells whether there is such.
    pub fn bring_back(&self, key_id: &str, name: &str) -> bool {
        let kept = self.snapshots.get(&(self.account_of(key_id), name.to_owned()));
        let Some(copy) = kept.as_deref().cloned() else { return false };
        drop(kept);
        self.with_tenant(key_id, |tenant| copy.put_into(tenant));
        true
    }

    /// Forgets what is kept under a name. Tells whether there was such.
    pub fn forget(&self, key_id: &str, name: &str) -> bool {
        let account = self.account_of(key_id);
        self.within(&account, |tenant| {
            let was_kept = self.snapshots.remove(&(account.clone(), name.to_owned())).is_some();
            if was_kept {
                self.append(&account, tenant, [Deed::Forgotten { name: name.into() }]);
            }
            was_kept
        })
    }

    /// Every tenant, gathered first so that no world's lock is taken while the map is held.
    fn all_tenants(&self) -> Vec<Arc<Mutex<Tenant>>> {
        self.tenants.iter().map(|tenant| Arc::clone(&tenant)).collect()
    }

    fn tenant(&self, account: &str) -> Arc<Mutex<Tenant>> {
        if let Some(known) = self.tenants.get(account) {
            return Arc::clone(&known);
        }
        let fresh = || Arc::new(Mutex::new(self.fresh_tenant(account)));
        Arc::clone(&self.tenants.entry(account.to_owned()).or_insert_with(fresh))
    }

    /// The keys an account begins with: those of the starting world are the default account's.
    fn first_keys(&self, account: &str) -> AccessKeys {
        let own = (account == DEFAULT_ACCOUNT).then(|| self.start.world.access_key.clone());
        own.unwrap_or_default()
    }

    fn fresh_tenant(&self, account: &str) -> Tenant {
        let mut world = World { access_key: self.first_keys(account), ..self.start.world.clone() };
        if self.store.is_some() {
            world.notes.want();
        }
        Tenant {
            world,
            clock: self.start.clock,
            faults: self.start.faults.clone(),
            calls: Calls::default(),
            ids: Ids::seeded(seed_of(self.start.seed, account)),
            memory: gateway::Memory::default(),
            chance: fastrand::Rng::with_seed(seed_of(self.start.seed, account)),
            kept: Appended::default(),
            is_gone: false,
        }
    }

    /// Gives the account of a key the starting world, clock and ids again, at its next use.
    pub fn reset(&self, key_id: &str) {
        self.reset_account(&self.account_of(key_id));
    }

    fn reset_account(&self, account: &str) {
        let Some(tenant) = self.tenants.get(account).as_deref().map(Arc::clone) else { return };
        let mut former = lock(&tenant);
        if !std::mem::replace(&mut former.is_gone, true) {
            self.tenants.remove(account);
            let keys = &former.world.access_key;
            self.directory.enlist(account, keys, &self.first_keys(account));
            self.append(account, &mut former, [Deed::Reset]);
        }
    }
}

/// The armed fault that strikes a call, if one does.
fn strike(tenant: &mut Tenant, arrival: &Arrival<'_>, entry: &Entry) -> Option<Struck> {
    let (access_key_id, params) = (arrival.request.claim.key_id, &arrival.request.params);
    let call = Sought { action: entry.action, access_key_id, params };
    faults::strike(&mut tenant.faults, &call, &mut tenant.chance)
}

/// A call that a fault strikes, before it or after it.
fn under(
    tenant: &mut Tenant,
    struck: Struck,
    call: impl FnOnce(&mut Tenant) -> Result<Render, Refusal>,
) -> Result<Render, Refusal> {
    match struck.phase {
        Phase::Before => {
            tenant.clock.advance(struck.delay);
            match struck.refusal {
                Some(refusal) => Err(refusal),
                // An answer that never comes, with nothing changed.
                None if struck.delivery.is_dropped => Ok(Box::new(Node::empty)),
                None => call(tenant),
            }
        }
        Phase::After => {
            let done = call(tenant);
            tenant.clock.advance(struck.delay);
            // A call that is refused anyway keeps its own refusal.
            done.and_then(|render| struck.refusal.map_or(Ok(render), Err))
        }
    }
}

fn lock(tenant: &Mutex<Tenant>) -> MutexGuard<'_, Tenant> {
    // A panic inside a call is answered as our own bug; the world is as its last commit left it.
    tenant.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Different accounts draw different ids from one seed (FNV-1a over the name).
fn seed_of(seed: u64, account: &str) -> u64 {
    account.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
