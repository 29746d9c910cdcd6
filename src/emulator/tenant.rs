//! One account while the emulator runs: its world, and what stands beside it.

use std::borrow::Cow;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::domain::{Timestamp, World};
use crate::faults::Fault;
use crate::gateway;
use crate::ids::Ids;
use crate::store::{Appended, Aside, Deed};

/// One account's world, clock and ids.
#[derive(Debug)]
pub struct Tenant {
    /// Everything it can see.
    pub world: World,
    /// Its time.
    pub clock: Clock,
    /// What goes wrong on command.
    pub faults: Vec<Fault>,
    /// Its latest calls.
    pub calls: Calls,
    pub(super) ids: Ids,
    pub(super) memory: gateway::Memory,
    /// Decides which calls a fault strikes by chance.
    pub(super) chance: fastrand::Rng,
    /// How much of it has been handed to the store.
    pub(super) kept: Appended,
    /// It was reset: who still holds it looks for the one in its place.
    pub(super) is_gone: bool,
}

impl Tenant {
    /// What it has beside its world, for the store.
    pub(super) fn aside(&self) -> Aside<'_> {
        Aside {
            clock: self.clock,
            faults: Cow::Borrowed(&self.faults),
            ids: self.ids.state(),
            chance: self.chance.get_seed(),
        }
    }

    /// Takes over what a store has of it.
    pub(super) fn take_aside(&mut self, aside: Aside<'_>) {
        self.clock = aside.clock;
        self.faults = aside.faults.into_owned();
        self.ids = Ids::seeded(aside.ids);
        self.chance = fastrand::Rng::with_seed(aside.chance);
    }
}

/// A world as it was at a moment, to come back to.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    /// The world.
    pub(super) world: World,
    /// The moment.
    pub(super) at: Timestamp,
    /// Did the account's clock run?
    pub(super) runs: bool,
}

impl Snapshot {
    /// Of an account as it is now.
    pub(super) fn of(tenant: &Tenant) -> Self {
        let (world, at) = (tenant.world.clone(), tenant.clock.now());
        Self { world, at, runs: !tenant.clock.is_frozen() }
    }

    /// As the store tells of it.
    pub(super) fn kept<'a>(&'a self, name: &'a str) -> Deed<'a> {
        let (name, world) = (name.into(), Cow::Borrowed(&self.world));
        Deed::Kept { name, at: self.at, runs: self.runs, world }
    }

    /// Puts an account into this world at this moment. Its keys stay its own.
    pub(super) fn put_into(self, tenant: &mut Tenant) {
        let keys = std::mem::take(&mut tenant.world.access_key);
        tenant.world = self.world;
        tenant.world.access_key = keys;
        tenant.clock = Clock::Frozen { at: self.at };
        if self.runs {
            tenant.clock.run();
        }
    }
}
