//! The emulator: the worlds of all accounts, and the way of one call from the request as read to
//! the answer as bytes. Knows no socket.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashmap::DashMap;

use crate::clock::Clock;
use crate::domain::{Timestamp, World};
use crate::engine::Call;
use crate::faults::{self, Fault};
use crate::gateway;
use crate::ids::Ids;
use crate::operations::Product;
use crate::param::Params;
use crate::row::Date;
use crate::rule::{Refusal, RuleId};
use crate::wire::{self, Incoming, Outgoing, Request};

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
    /// Rows answered on command.
    pub faults: Vec<Fault>,
    /// Rules that are passed over. Only tests mute one.
    pub muted: Vec<RuleId>,
}

/// One account's world, clock and ids.
#[derive(Debug)]
pub struct Tenant {
    /// Everything it can see.
    pub world: World,
    /// Its time.
    pub clock: Clock,
    /// Rows answered on command.
    pub faults: Vec<Fault>,
    ids: Ids,
}

/// See the module.
#[derive(Debug)]
pub struct Emulator {
    start: Start,
    tenants: DashMap<String, Arc<Mutex<Tenant>>>,
}

impl Emulator {
    /// An emulator in which every account, known or not, has a copy of the starting world.
    pub fn new(start: Start) -> Self {
        Self { start, tenants: DashMap::new() }
    }

    /// What it started from.
    pub const fn start(&self) -> &Start {
        &self.start
    }

    /// Answers one request. Reading and writing stand outside the world's lock.
    pub fn answer(&self, incoming: &Incoming) -> Outgoing {
        let request = Request::read(incoming);
        let account = gateway::account(&request);
        match (gateway::admit(&request), &request.params) {
            (Ok(entry), Ok(params)) => self.call(entry, account, &request, params),
            (Err(refusal), _) => self.refuse(incoming, &refusal),
            // `admit` refuses unreadable parameters.
            (Ok(entry), Err(_)) => self.call(entry, account, &request, &Params::default()),
        }
    }

    /// Refuses a request before it was read to its end.
    pub fn refuse(&self, incoming: &Incoming, refusal: &Refusal) -> Outgoing {
        let request = Request::read(incoming);
        let account = gateway::account(&request);
        let id = self.with_tenant(account, |tenant| tenant.ids.request_id());
        refused(refusal, &id, account, &request, Product::Ecs)
    }

    fn call(
        &self,
        entry: &'static crate::operations::Entry,
        account: &str,
        request: &Request,
        params: &Params,
    ) -> Outgoing {
        let (id, verdict) = self.with_tenant(account, |tenant| {
            let id = tenant.ids.request_id();
            if let Some(refusal) = faults::take(&mut tenant.faults, entry.action) {
                return (id, Err(refusal));
            }
            let now = tenant.clock.now();
            let (as_of, muted) = (self.start.as_of, self.start.muted.as_slice());
            let call = Call { params, request_id: &id, now, as_of, muted };
            let verdict = (entry.answer)(&call, &mut tenant.world, &mut tenant.ids);
            (id, verdict)
        });
        match verdict {
            Ok(render) => {
                let unread = params.unread();
                tracing::debug!(action = entry.action, account, request_id = %id, ?unread, "accepted");
                wire::success(entry.action, &id, render(), request.format)
            }
            Err(refusal) => refused(&refusal, &id, account, request, entry.product),
        }
    }

    /// Runs `work` on an account's world, made on first use. The lock is held meanwhile.
    pub fn with_tenant<T>(&self, account: &str, work: impl FnOnce(&mut Tenant) -> T) -> T {
        let tenant = self.tenant(account);
        let mut locked = lock(&tenant);
        work(&mut locked)
    }

    /// Runs `work` on an account's world as it is now: what has come due has happened.
    pub fn at_present<T>(&self, account: &str, work: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        self.with_tenant(account, |tenant| {
            let now = tenant.clock.now();
            tenant.world.settle(now);
            work(&mut tenant.world, now)
        })
    }

    fn tenant(&self, account: &str) -> Arc<Mutex<Tenant>> {
        if let Some(known) = self.tenants.get(account) {
            return Arc::clone(&known);
        }
        let fresh = || Arc::new(Mutex::new(self.fresh_tenant(account)));
        Arc::clone(&self.tenants.entry(account.to_owned()).or_insert_with(fresh))
    }

    fn fresh_tenant(&self, account: &str) -> Tenant {
        Tenant {
            world: self.start.world.clone(),
            clock: self.start.clock,
            faults: self.start.faults.clone(),
            ids: Ids::seeded(seed_of(self.start.seed, account)),
        }
    }

    /// Gives an account the starting world, clock and ids again.
    pub fn reset(&self, account: &str) {
        self.tenants.remove(account);
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

fn refused(
    refusal: &Refusal,
    request_id: &str,
    account: &str,
    request: &Request,
    product: Product,
) -> Outgoing {
    tracing::info!(
        action = request.action.as_deref().unwrap_or("-"),
        account,
        request_id,
        row = refusal.row.name,
        code = refusal.row.code,
        fix = refusal.fix,
        guess = refusal.guess.unwrap_or("-"),
        "refused"
    );
    wire::error(refusal, request_id, &request.host, product.name(), request.format)
}
