//! What is kept of the accounts on disk: what a call did to one is handed to the store before its lock is
//! given back, and an answer waits until that is written. At the next start the same comes back.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::tenant::{Snapshot, Tenant};
use super::{Emulator, Start, lock};
use crate::clock::Clock;
use crate::faults::Fault;
use crate::ids::Ids;
use crate::store::{Appended, Deed, Record, Status, Store, StoreError};

/// What of an account may change without a commit, as it was before.
pub(super) struct Before {
    clock: Clock,
    faults: Vec<Fault>,
}

impl Emulator {
    /// An emulator that is kept in a directory, and has again what was kept there.
    ///
    /// # Errors
    /// A directory that another process uses, a later version wrote, or that is damaged.
    pub fn open(start: Start, directory: &Path) -> Result<Self, StoreError> {
        let mut emulator = Self::new(start);
        let store = Store::open(directory, |record| emulator.recover(record))?;
        for tenant in emulator.all_tenants() {
            let mut tenant = lock(&tenant);
            tenant.world.notes.want();
            // Ids that were drawn and not written, for refusals say, are not to come again.
            tenant.ids.leap(store.generation());
        }
        emulator.store = Some(store);
        Ok(emulator)
    }

    /// How many accounts it has at the moment.
    pub fn accounts(&self) -> usize {
        self.tenants.len()
    }

    /// How its data directory is, if it has one.
    pub fn data(&self) -> Option<Status> {
        self.store.as_ref().map(Store::status)
    }

    /// Is everything up to a position on disk, as far as anything is kept there?
    pub fn is_on_disk(&self, position: u64) -> bool {
        self.store.as_ref().is_none_or(|store| store.is_on_disk(position))
    }

    /// Waits until everything up to a position is on disk; `None` for everything so far.
    ///
    /// # Errors
    /// Why it cannot be written at the moment.
    pub async fn on_disk(&self, position: Option<u64>) -> Result<(), String> {
        let Some(store) = &self.store else { return Ok(()) };
        store.on_disk(position.unwrap_or_else(|| store.position())).await
    }

    /// Writes a state in a thread of its own, where the journals have grown large.
    pub fn tidy(self: &Arc<Self>) {
        let is_due = self.store.as_ref().is_some_and(Store::is_state_due);
        if is_due && !self.is_tidying.swap(true, Ordering::Relaxed) {
            let emulator = Arc::clone(self);
            std::thread::spawn(move || {
                if let Err(error) = emulator.write_state() {
                    tracing::error!(%error, "no state could be written; the journals stay");
                }
                emulator.is_tidying.store(false, Ordering::Relaxed);
            });
        }
    }

    /// Writes everything as it is, so that the next start is quick, and ends.
    ///
    /// # Errors
    /// What could not be written. Nothing that was acknowledged is lost.
    pub fn close(&self) -> Result<(), StoreError> {
        self.onlookers.close();
        let Some(store) = &self.store else { return Ok(()) };
        self.write_state().and_then(|()| store.close())
    }

    fn write_state(&self) -> Result<(), StoreError> {
        let Some(store) = &self.store else { return Ok(()) };
        store.write_state(|write| self.write_all(write))
    }

    /// Every account that has ever changed, then the kept worlds: those may be later than their account.
    fn write_all(&self, write: &mut dyn FnMut(&Record<'_>) -> io::Result<()>) -> io::Result<()> {
        let all: Vec<_> =
            self.tenants.iter().map(|entry| (entry.key().clone(), Arc::clone(&entry))).collect();
        for (account, tenant) in all {
            let (number, world, aside) = {
                let tenant = lock(&tenant);
                if tenant.is_gone || tenant.kept.number == 0 {
                    continue;
                }
                (tenant.kept.number, tenant.world.clone(), tenant.aside().into_owned())
            };
            let deed = Deed::Became { world: Cow::Owned(world), aside };
            write(&Record { number, account: account.into(), deed })?;
        }
        let kept: Vec<_> = self.snapshots.iter().map(|entry| entry.key().clone()).collect();
        for (account, name) in kept {
            let copy = self.snapshots.get(&(account.clone(), name.clone())).as_deref().cloned();
            if let Some(copy) = copy {
                write(&Record { number: 0, account: account.into(), deed: copy.kept(&name) })?;
            }
        }
        Ok(())
    }

    /// What has to be compared after work on an account; nothing where nothing is kept.
    pub(super) fn before(&self, tenant: &Tenant) -> Option<Before> {
        let of = |_| Before { clock: tenant.clock, faults: tenant.faults.clone() };
        self.store.as_ref().map(of)
    }

    /// Hands to the store what work did to an account.
    pub(super) fn hand_in(&self, account: &str, tenant: &mut Tenant, before: Option<Before>) {
        let Some(before) = before else { return };
        // A world that takes no notes came from elsewhere: a document, a fork, a kept one.
        let is_another = !tenant.world.notes.are_wanted();
        let commits = tenant.world.notes.take();
        let has_moved = tenant.clock != before.clock || tenant.faults != before.faults;
        if !is_another && commits.is_empty() && !has_moved {
            return;
        }
        tenant.world.notes.want();
        let appended = if is_another || tenant.kept.number == 0 {
            let deed = Deed::Became { world: Cow::Borrowed(&tenant.world), aside: tenant.aside() };
            self.appended(account, [deed])
        } else {
            let ids = tenant.ids.state();
            let commits = commits.into_iter();
            let commits = commits.map(|it| Deed::Committed { commit: Cow::Owned(it), ids });
            let moved = has_moved.then(|| Deed::Moved(tenant.aside()));
            self.appended(account, commits.chain(moved))
        };
        tenant.kept = appended.unwrap_or(tenant.kept);
    }

    /// Hands deeds of an account to the store, whose lock is held.
    pub(super) fn append<'a>(
        &self,
        account: &str,
        tenant: &mut Tenant,
        deeds: impl IntoIterator<Item = Deed<'a>>,
    ) {
        let appended = self.appended(account, deeds);
        tenant.kept.position = appended.map_or(tenant.kept.position, |it| it.position);
    }

    fn appended<'a>(
        &self,
        account: &str,
        deeds: impl IntoIterator<Item = Deed<'a>>,
    ) -> Option<Appended> {
        self.store.as_ref().map(|store| store.append(account, deeds.into_iter()))
    }

    /// Lets what a record tells happen again.
    fn recover(&self, record: Record<'static>) {
        let Record { number, account, deed } = record;
        let account = account.into_owned();
        let known = self.tenants.get(&account).as_deref().map(Arc::clone);
        // What the state has already; where it has nothing of the account, that was reset later on.
        let is_past = known.as_ref().is_some_and(|known| number <= lock(known).kept.number);
        match deed {
            Deed::Kept { name, at, runs, world } => {
                let copy = Snapshot { world: world.into_owned(), at, runs };
                self.snapshots.insert((account, name.into_owned()), copy);
            }
            Deed::Forgotten { name } => {
                self.snapshots.remove(&(account, name.into_owned()));
            }
            _ if is_past => {}
            Deed::Became { world, aside } => self.within(&account, |tenant| {
                tenant.world = world.into_owned();
                tenant.take_aside(aside);
                tenant.kept.number = number;
            }),
            Deed::Reset => self.reset_account(&account),
            Deed::Committed { commit, ids } if known.is_some() => {
                self.within(&account, |tenant| {
                    tenant.world.settle(commit.at);
                    tenant.world.commit(commit.into_owned());
                    tenant.ids = Ids::seeded(ids);
                    tenant.kept.number = number;
                });
            }
            Deed::Moved(aside) if known.is_some() => self.within(&account, |tenant| {
                tenant.take_aside(aside);
                tenant.kept.number = number;
            }),
            Deed::Committed { .. } | Deed::Moved(_) => {}
        }
    }
}
