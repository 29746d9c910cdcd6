//! A world: everything one account can see. `settle` lets happen what has come due, `commit` is
//! the only other write. What a change does: to the life of an instance in `world/life.rs`, to its
//! type, stock and addresses in `world/place.rs`, to orders and money in `world/ledger.rs`. Reading a
//! world from a document is in `document.rs`.

mod ledger;
mod life;
mod place;

pub use ledger::OrderError;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

use super::access::{AccessKeys, Identity, Principal};
use super::account::{Account, Caller};
use super::catalog::{Catalog, InstanceType};
use super::change::{Change, InstanceChange};
use super::commit::{Commit, Notes};
use super::due::Due;
use super::fields;
use super::history::{Cause, Entry, Histories, Portrait, What};
use super::image::Image;
use super::instance::{Alike, Instance, LastChange};
use super::money::Prices;
use super::network::{Eip, SecurityGroup, VSwitch, Vpc};
use super::order::Order;
use super::ram::Policy;
use super::region::{Region, Zone};
use super::registry::Registry;
use super::settings::Settings;
use super::shared::Shared;
use super::text::Text;
use super::time::Timestamp;
use super::token::Tokens;

/// Everything one account can see. The names of the fields are the keys of world documents.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Who owns it.
    pub account: Shared<Account>,
    /// Who calls in its name, where no access key says so.
    pub caller: Caller,
    /// The access keys that enter this world.
    #[serde(skip_serializing_if = "AccessKeys::is_empty")]
    pub access_key: AccessKeys,
    /// RAM users by name.
    pub ram_user: Shared<BTreeMap<String, Identity>>,
    /// RAM roles by name. A role that is not here may be assumed too, and may do everything.
    pub ram_role: Shared<BTreeMap<String, Identity>>,
    /// What a user may choose.
    pub settings: Shared<Settings>,
    /// What things cost.
    pub prices: Shared<Prices>,
    /// Regions by id.
    pub region: Shared<BTreeMap<String, Shared<Region>>>,
    /// Zones by id.
    pub zone: Shared<BTreeMap<String, Shared<Zone>>>,
    /// Instance types beside, or instead of, those of the catalogue.
    pub instance_type: Shared<BTreeMap<String, Arc<InstanceType>>>,
    /// Images.
    pub image: Registry<Image>,
    /// VPCs.
    pub vpc: Registry<Vpc>,
    /// Switches.
    pub vswitch: Registry<VSwitch>,
    /// Security groups.
    pub security_group: Registry<SecurityGroup>,
    /// Instances.
    pub instance: Registry<Instance>,
    /// Elastic IPs.
    pub eip: Registry<Eip>,
    /// Orders.
    pub order: Registry<Order>,
    /// Remembered tokens.
    pub token: Shared<Tokens>,
    /// How many public addresses have been given out.
    pub public_ips_given: u32,
    /// What will happen by itself.
    pub due: Shared<Due>,
    /// What happened to the instances.
    #[serde(skip_serializing_if = "is_untold")]
    pub history: Shared<Histories>,
    /// What the latest instances were had on.
    #[serde(skip)]
    pub alike: Alike,
    /// What is committed, for whoever keeps it on disk.
    #[serde(skip)]
    pub notes: Notes,
}

/// An instance that changes are about to touch.
struct Touched {
    id: Text,
    before: Portrait,
    /// The changes.
    what: What,
}

/// Instances that changes of one cause are about to touch, in the order in which they do: mostly one.
#[derive(Default)]
struct AllTouched {
    all: SmallVec<[Touched; 1]>,
    /// Where they stand by their ids, once they are many.
    places: BTreeMap<Text, usize>,
}

impl AllTouched {
    /// Up to so many are looked through one by one.
    const FEW: usize = 8;

    fn get_mut(&mut self, id: &Text) -> Option<&mut Touched> {
        if self.all.len() <= Self::FEW {
            return self.all.iter_mut().find(|one| one.id == *id);
        }
        self.all.get_mut(*self.places.get(id)?)
    }

    fn push(&mut self, one: Touched) {
        self.all.push(one);
        if self.all.len() > Self::FEW {
            for place in self.places.len()..self.all.len() {
                self.places.insert(self.all[place].id.clone(), place);
            }
        }
    }
}

fn is_untold(history: &Shared<Histories>) -> bool {
    history.is_empty()
}

impl World {
    /// Lets happen what has come due by `now`, each thing at its own moment.
    pub fn settle(&mut self, now: Timestamp) {
        while self.due.next_at().is_some_and(|at| at <= now)
            && let Some((at, changes, cause)) = self.due.pop_until(now)
        {
            self.enact(changes, &cause, at);
        }
    }

    /// Applies what an accepted call brings about. Everything that was due by then has happened before.
    pub fn commit(&mut self, commit: Commit) {
        self.notes.note(&commit);
        let Commit { at, changes, token, cause } = commit;
        self.enact(changes, &cause, at);
        if let Some((key, call)) = token {
            let forget = Change::ForgetToken { key: key.clone() };
            self.later(call.expires_at, vec![forget], &cause, at);
            self.token.put(key, call);
        }
        // What is due at this very moment is part of it (a due time equal to now).
        self.settle(at);
    }

    /// Applies changes of one cause and tells the lives of the instances they touch.
    fn enact(&mut self, changes: Vec<Change>, cause: &Cause, at: Timestamp) {
        let mut touched = AllTouched::default();
        for change in changes {
            for id in self.touched(&change) {
                if let Some(known) = touched.get_mut(&id) {
                    known.what.push(change.name().into());
                } else {
                    let (before, what) = (self.portrait(&id), smallvec![change.name().into()]);
                    touched.push(Touched { id, before, what });
                }
            }
            self.apply(change, cause, at);
        }
        for Touched { id, before, what } in touched.all {
            let after = self.portrait(&id);
            self.history.tell(&id, &before, &after, what, cause, at);
        }
    }

    /// Tells the lives of the instances that are not as they were in another world.
    pub(super) fn tell_difference(&mut self, earlier: &Self, cause: &Cause, at: Timestamp) {
        let both = earlier.instance.iter().chain(self.instance.iter());
        let ids: BTreeSet<String> = both.map(|instance| instance.id.to_string()).collect();
        for id in ids {
            let (before, after) = (earlier.portrait(&id), self.portrait(&id));
            if before != after {
                self.history.tell(&id, &before, &after, smallvec!["document".into()], cause, at);
            }
        }
    }

    /// The instances a change is told of.
    fn touched(&self, change: &Change) -> SmallVec<[Text; 2]> {
        match change {
            Change::Instance { instance_id, .. } => smallvec![instance_id.clone()],
            Change::Statuses { instance_ids, .. } => instance_ids.iter().cloned().collect(),
            Change::BindEip { eip_id, instance_id } => {
                let present = self.eip.get(eip_id).and_then(|eip| eip.instance_id.as_ref());
                present.into_iter().chain(instance_id).map(Text::from).collect()
            }
            _ => SmallVec::new(),
        }
    }

    /// The life of an instance, oldest entry first; empty where nothing happened to it.
    pub fn life(&self, id: &str) -> Vec<Entry> {
        self.history.of(id, &self.portrait(id))
    }

    fn portrait(&self, id: &str) -> Portrait {
        let eip_id = self.eip_of(id).map(|eip| eip.id.clone());
        Portrait { instance: self.instance.share(id).cloned(), eip_id }
    }

    /// Lets changes come due; those of a past moment come due now.
    fn later(&mut self, at: Timestamp, changes: Vec<Change>, cause: &Cause, now: Timestamp) {
        let cause = if at > now { cause.clone().due() } else { cause.clone() };
        self.due.push(at.max(now), changes, cause);
    }

    fn apply(&mut self, change: Change, cause: &Cause, at: Timestamp) {
        match change {
            Change::Instance { instance_id, change } => {
                self.change_instance(&instance_id, change, cause, at);
            }
            Change::Statuses { instance_ids, from, to } => {
                for id in instance_ids.iter() {
                    self.move_status(id, from, to, cause, at);
                }
            }
            Change::CreateOrder { order_id, order } => {
                self.create_order(Order { id: order_id, ..*order }, cause, at);
            }
            Change::PayOrder { order_id } => self.carry_out(&order_id, cause, at),
            Change::CompleteOrder { order_id } => self.complete_order(&order_id, at),
            Change::CancelOrder { order_id } => self.call_off(&order_id, at),
            Change::CreateEip { eip_id, eip } => {
                let ip_address = self.take_public_ip(&eip.region_id);
                self.eip.put(Eip { id: eip_id, ip_address, ..*eip });
            }
            Change::ReleaseEip { eip_id } => {
                if let Some(eip) = self.eip.remove(&eip_id) {
                    self.give_back_public_ip(&eip.region_id);
                }
            }
            Change::BindEip { eip_id, instance_id } => {
                if let Some(eip) = self.eip.get_mut(&eip_id) {
                    eip.instance_id = instance_id;
                }
            }
            Change::Balance { amount } => {
                self.account.balance_cents = self.account.balance_cents + amount;
            }
            Change::Arrears { begin } => self.set_arrears(begin, cause, at),
            Change::Bill => self.bill(at),
            Change::VcpuHoursGivenBack { vcpu_hours } => {
                if let Some(left) = &mut self.account.refund_vcpu_hours {
                    *left = left.saturating_sub(vcpu_hours);
                }
            }
            Change::AddAccessKey(key) => self.access_key.add(*key, at),
            Change::ForgetToken { key } => self.token.forget(&key, at),
            Change::Later { at: moment, change } => self.later(moment, vec![*change], cause, at),
            Change::After { delay, changes } => self.later(at.plus(delay), changes, cause, at),
        }
    }

    fn change_instance(&mut self, id: &str, change: InstanceChange, cause: &Cause, at: Timestamp) {
        use InstanceChange as It;
        match change {
            // Written down, an instance has its id beside it.
            It::Create(instance) => {
                self.create_instance(Instance { id: id.into(), ..*instance }, cause, at);
            }
            It::Update(instance) => self.instance.put(Instance { id: id.into(), ..*instance }),
            It::Release => self.release_instance(id, at),
            It::Status { from, to } => self.move_status(id, from, to, cause, at),
            It::Reboot { takes } => self.reboot(id, takes, cause, at),
            It::StoppedMode(mode) => self.with(id, |it| {
                if it.stopped_mode != mode {
                    it.stopped_mode = mode;
                }
            }),
            It::Subscribe { period, with_data_disks } => {
                self.with(id, |it| it.subscribe(period, with_data_disks, at));
                self.schedule(id, cause, at);
            }
            It::PayAsYouGo => self.with(id, Instance::end_subscription),
            It::Renew(period) => self.renew(id, period, cause, at),
            It::AutoRenew(auto_renew) => {
                self.with(id, |it| it.auto_renew = auto_renew);
                self.schedule(id, cause, at);
            }
            It::AutoReleaseAt(moment) => {
                self.with(id, |it| it.auto_release_at = moment);
                self.schedule(id, cause, at);
            }
            It::AutoRelease => self.auto_release(id, at),
            It::RenewByItself => self.renew_by_itself(id, cause, at),
            It::Expire => self.expire(id, cause, at),
            It::LockForArrears => self.lock_for_arrears(id, cause, at),
            It::Reactivate => self.reactivate(id, cause, at),
            It::ReleaseUnpaid => self.release_unpaid(id, at),
            It::DowngradeRefunded => {
                self.with(id, |it| it.downgrade_refunds = it.downgrade_refunds.saturating_add(1));
            }
            It::Changed { operation, downgrade } => self.with(id, |it| {
                it.last_changes.insert(operation, LastChange { at, downgrade });
            }),
            of_its_place => self.change_place(id, of_its_place, at),
        }
    }

    /// Edits an instance. One released meanwhile takes what was due for it along.
    fn with(&mut self, id: &str, edit: impl FnOnce(&mut Instance)) {
        if let Some(instance) = self.instance.get_mut(id) {
            edit(instance);
        }
    }

    /// The policies that limit a caller; `None` where nothing does: for the account itself, for a
    /// RAM user no access key belongs to, and for a role the world does not list.
    pub fn policies(&self, principal: &Principal) -> Option<&[Policy]> {
        let identity = match principal {
            Principal::Account => None,
            Principal::User(name) => self.ram_user.get(name),
            Principal::Role { role, .. } => self.ram_role.get(role),
        };
        identity.map(|identity| identity.policy.as_slice())
    }

    /// The instance type of this name: the world's own, else the catalogue's.
    pub fn find_type(&self, name: &str) -> Option<&Arc<InstanceType>> {
        self.instance_type.get(name).or_else(|| Catalog::builtin().get(name))
    }

    /// Every instance type, by name.
    pub fn all_types(&self) -> BTreeMap<&str, &Arc<InstanceType>> {
        let own = self.instance_type.values();
        Catalog::builtin().iter().chain(own).map(|one| (one.name.as_str(), one)).collect()
    }

    /// The elastic IP bound to an instance.
    pub fn eip_of(&self, instance_id: &str) -> Option<&Shared<Eip>> {
        self.eip.found(&[fields::eip::INSTANCE.is(instance_id)]).next()
    }

    /// The public address that will be given out next: from 198.18.0.0/15, which no real host has.
    pub fn next_public_ip(&self) -> String {
        let first = u32::from(std::net::Ipv4Addr::new(198, 18, 0, 1));
        std::net::Ipv4Addr::from(first + self.public_ips_given % 0x1_FFFE).to_string()
    }

    /// Has the region a public address left?
    pub fn has_public_ip_left(&self, region_id: &str) -> bool {
        self.region.get(region_id).is_none_or(|region| region.has_public_ip_left())
    }
}
