//! A world: everything one account can see. `settle` lets happen what has come due, `commit` is
//! the only other write. Reading it from a document is in `document.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::account::{Account, Caller};
use super::catalog::{Catalog, InstanceType};
use super::change::Change;
use super::image::Image;
use super::instance::{Instance, NetworkType, Status, StoppedMode};
use super::network::{Eip, SecurityGroup, VSwitch, Vpc};
use super::order::Order;
use super::region::{Region, Zone};
use super::registry::Registry;
use super::settings::Settings;
use super::time::Timestamp;
use super::token::{Remembered, Tokens};

/// Everything one account can see. The names of the fields are the keys of world documents.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Who owns it.
    pub account: Account,
    /// Who calls in its name.
    pub caller: Caller,
    /// What a user may choose.
    pub settings: Settings,
    /// Regions by id.
    pub region: BTreeMap<String, Region>,
    /// Zones by id.
    pub zone: BTreeMap<String, Zone>,
    /// Instance types beside, or instead of, those of the catalogue.
    pub instance_type: BTreeMap<String, Arc<InstanceType>>,
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
    pub token: Tokens,
    /// How many public addresses have been given out.
    pub public_ips_given: u32,
    /// What will happen by itself.
    pub due: Due,
}

/// What will happen by itself, in order of time, then of arrival.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<DueEntry>", into = "Vec<DueEntry>")]
pub struct Due {
    entries: BTreeMap<(Timestamp, u64), Change>,
    arrivals: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DueEntry {
    at: Timestamp,
    change: Change,
}

impl From<Vec<DueEntry>> for Due {
    fn from(entries: Vec<DueEntry>) -> Self {
        let mut due = Self::default();
        for entry in entries {
            due.push(entry.at, entry.change);
        }
        due
    }
}

impl From<Due> for Vec<DueEntry> {
    fn from(due: Due) -> Self {
        due.entries.into_iter().map(|((at, _), change)| DueEntry { at, change }).collect()
    }
}

impl Due {
    fn push(&mut self, at: Timestamp, change: Change) {
        self.entries.insert((at, self.arrivals), change);
        self.arrivals += 1;
    }

    fn pop_until(&mut self, now: Timestamp) -> Option<(Timestamp, Change)> {
        let first = self.entries.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), change) = first.remove_entry();
        Some((at, change))
    }

    /// The moment of the next entry.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.entries.keys().next().map(|(at, _)| *at)
    }
}

impl World {
    /// Lets happen what has come due by `now`, each entry at its own moment.
    pub fn settle(&mut self, now: Timestamp) {
        while let Some((at, change)) = self.due.pop_until(now) {
            self.apply(change, at);
        }
    }

    /// Applies what an accepted call brings about.
    pub fn commit(
        &mut self,
        changes: Vec<Change>,
        token: Option<(String, Remembered)>,
        now: Timestamp,
    ) {
        for change in changes {
            self.apply(change, now);
        }
        if let Some((key, call)) = token {
            self.due.push(call.expires_at, Change::ForgetToken { key: key.clone() });
            self.token.put(key, call);
        }
        // What is due at this very moment is part of it (a due time equal to now).
        self.settle(now);
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
    pub fn eip_of(&self, instance_id: &str) -> Option<&Eip> {
        self.eip.iter().find(|eip| eip.instance_id.as_deref() == Some(instance_id))
    }

    /// The public address that will be given out next: from 198.18.0.0/15, which no real host has.
    pub fn next_public_ip(&self) -> String {
        let first = u32::from(std::net::Ipv4Addr::new(198, 18, 0, 1));
        std::net::Ipv4Addr::from(first + self.public_ips_given % 0x1_FFFE).to_string()
    }

    /// Has the region a public address left?
    pub fn has_public_ip_left(&self, region_id: &str) -> bool {
        self.region.get(region_id).is_none_or(|region| region.public_ips_left != Some(0))
    }

    fn take_public_ip(&mut self, region_id: &str) -> String {
        let address = self.next_public_ip();
        self.public_ips_given = self.public_ips_given.wrapping_add(1);
        if let Some(left) = self.region.get_mut(region_id).and_then(|r| r.public_ips_left.as_mut())
        {
            *left = left.saturating_sub(1);
        }
        address
    }

    fn give_back_public_ip(&mut self, region_id: &str) {
        if let Some(left) = self.region.get_mut(region_id).and_then(|r| r.public_ips_left.as_mut())
        {
            *left = left.saturating_add(1);
        }
    }

    fn apply(&mut self, change: Change, at: Timestamp) {
        match change {
            Change::CreateInstance(instance) => self.create_instance(*instance),
            Change::UpdateInstance(instance) => self.instance.put(*instance),
            Change::ReleaseInstance { instance_id } => self.release_instance(&instance_id),
            Change::Status { instance_id, from, to } => {
                self.move_status(&instance_id, from, to, at);
            }
            Change::StoppedMode { instance_id, mode } => self.set_stopped_mode(&instance_id, mode),
            Change::InstanceType { instance_id, to } => self.set_type(&instance_id, &to),
            Change::ReserveType { instance_id, to } => self.reserve_type(&instance_id, &to),
            Change::TypeReturns { instance_id, from, to } => {
                // Another change came first: there is nothing to return from.
                if self.instance.get(&instance_id).is_some_and(|it| it.instance_type == from) {
                    self.set_type(&instance_id, &to);
                }
            }
            Change::TypeTakesEffect { instance_id } => {
                self.with(&instance_id, |instance| {
                    instance.effective_type.clear();
                    instance.online_changes += 1;
                });
            }
            Change::DiskCategory { instance_id, disk_id, category, performance_level } => {
                self.with(&instance_id, |instance| {
                    if let Some(disk) = instance.disks.iter_mut().find(|disk| disk.id == disk_id) {
                        disk.category = category;
                        disk.performance_level = performance_level;
                    }
                });
            }
            Change::Bandwidth { instance_id, out_mbps, in_mbps, internet_charge_type } => {
                self.with(&instance_id, |instance| {
                    instance.set_out_mbps(out_mbps, at);
                    instance.bandwidth_in_mbps = in_mbps;
                    instance.internet_charge_type = internet_charge_type;
                });
                if out_mbps == 0 && self.is_in_vpc(&instance_id) {
                    self.lose_public_ip(&instance_id);
                }
            }
            Change::TemporaryBandwidth { instance_id, window } => {
                self.with(&instance_id, |instance| instance.agree_on_window(&window, at));
            }
            Change::TemporaryBandwidthStarts { instance_id } => {
                self.with(&instance_id, |instance| instance.begin_window(at));
            }
            Change::TemporaryBandwidthEnds { instance_id } => {
                self.with(&instance_id, |instance| instance.end_window(at));
            }
            Change::AllocatePublicIp { instance_id } => self.allocate_public_ip(&instance_id),
            Change::Changed { instance_id, operation, last } => {
                self.with(&instance_id, |instance| {
                    instance.last_changes.insert(operation, last);
                });
            }
            Change::DowngradeRefunded { instance_id } => {
                self.with(&instance_id, |instance| instance.downgrade_refunds += 1);
            }
            Change::Balance { amount } => {
                self.account.balance_cents = self.account.balance_cents + amount;
            }
            Change::ForgetToken { key } => self.token.forget(&key, at),
            Change::Later { at, change } => self.due.push(at, *change),
            order_or_eip => self.apply_to_order_or_eip(order_or_eip),
        }
    }

    fn apply_to_order_or_eip(&mut self, change: Change) {
        match change {
            Change::CreateOrder { order_id, order } => {
                self.order.put(Order { id: order_id, ..*order });
            }
            Change::OrderState { order_id, state } => {
                if let Some(order) = self.order.get_mut(&order_id) {
                    order.state = state;
                }
            }
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
            _ => {}
        }
    }

    fn with(&mut self, instance_id: &str, edit: impl FnOnce(&mut Instance)) {
        // An instance released meanwhile takes what was due for it along.
        if let Some(instance) = self.instance.get_mut(instance_id) {
            edit(instance);
        }
    }

    fn create_instance(&mut self, instance: Instance) {
        if let Some(vswitch) = self.vswitch.get_mut(&instance.vswitch_id) {
            vswitch.hosts_given += 1;
        }
        self.take_stock(&instance.zone_id, &instance.cluster_id, &instance.instance_type);
        self.instance.put(instance);
    }

    fn is_in_vpc(&self, instance_id: &str) -> bool {
        self.instance.get(instance_id).is_some_and(|it| it.network_type == NetworkType::Vpc)
    }

    /// The instance's public IP returns to the region.
    fn lose_public_ip(&mut self, instance_id: &str) {
        let Some(instance) = self.instance.get_mut(instance_id) else { return };
        let region_id = instance.region_id.clone();
        if instance.public_ip.take().is_some() {
            self.give_back_public_ip(&region_id);
        }
    }

    fn release_instance(&mut self, instance_id: &str) {
        self.lose_public_ip(instance_id);
        let Some(instance) = self.instance.remove(instance_id) else {
            return;
        };
        self.give_back_stock(&instance.zone_id, &instance.cluster_id, &instance.instance_type);
        for eip in self.eip.iter_mut() {
            if eip.instance_id.as_deref() == Some(instance_id) {
                eip.instance_id = None;
            }
        }
    }

    fn move_status(&mut self, instance_id: &str, from: Status, to: Status, at: Timestamp) {
        let Some(instance) = self.instance.get_mut(instance_id) else { return };
        if instance.status != from || !from.may_become(to) {
            return;
        }
        instance.status = to;
        match to {
            Status::Starting => self.start_up(instance_id, at),
            Status::Stopped if instance.stopped_mode == StoppedMode::StopCharging => {
                self.lose_public_ip(instance_id);
            }
            Status::Pending | Status::Running | Status::Stopping | Status::Stopped => {}
        }
    }

    /// A start gives the guest the type that is shown, and another public IP to an instance that
    /// was stopped with StopCharging and gave its own back.
    fn start_up(&mut self, instance_id: &str, at: Timestamp) {
        let Some(instance) = self.instance.get_mut(instance_id) else { return };
        instance.effective_type.clear();
        instance.online_changes = 0;
        instance.started_at = at;
        let stopped_mode = std::mem::take(&mut instance.stopped_mode);
        if stopped_mode == StoppedMode::StopCharging && instance.bandwidth_out_mbps > 0 {
            self.allocate_public_ip(instance_id);
        }
    }

    fn set_stopped_mode(&mut self, instance_id: &str, mode: StoppedMode) {
        self.with(instance_id, |instance| instance.stopped_mode = mode);
    }

    fn set_type(&mut self, instance_id: &str, to: &str) {
        self.reserve_type(instance_id, to);
        let Some(instance) = self.instance.get_mut(instance_id) else { return };
        if instance.effective_type.is_empty() {
            instance.effective_type.clone_from(&instance.instance_type);
        }
        let from = std::mem::replace(&mut instance.instance_type, to.to_owned());
        let to_cluster = std::mem::take(&mut instance.reserved_cluster);
        instance.reserved_type.clear();
        let (zone, cluster) = (instance.zone_id.clone(), instance.cluster_id.clone());
        self.give_back_stock(&zone, &cluster, &from);
        if to_cluster != cluster {
            self.move_cluster(instance_id, to_cluster);
        }
    }

    /// Sets one of a type's stock aside, in the cluster the instance will be in.
    fn reserve_type(&mut self, instance_id: &str, to: &str) {
        let Some(instance) = self.instance.get(instance_id) else { return };
        if instance.reserved_type == to {
            return;
        }
        let (zone, present) = (instance.zone_id.clone(), instance.cluster_id.clone());
        let stock = self.zone.get(&zone).and_then(|zone| zone.stock.get(to));
        let cluster = stock.and_then(|stock| stock.cluster_for(&present)).unwrap_or(present);
        self.take_stock(&zone, &cluster, to);
        self.with(instance_id, |instance| {
            to.clone_into(&mut instance.reserved_type);
            instance.reserved_cluster = cluster;
        });
    }

    /// An instance goes to another cluster of its zone; in the classic network its private address
    /// is another one there.
    fn move_cluster(&mut self, instance_id: &str, cluster: String) {
        self.with(instance_id, |instance| {
            instance.cluster_id = cluster;
            if instance.network_type == NetworkType::Classic {
                instance.private_ip = other_classic_address(&instance.private_ip);
                for interface in &mut instance.network_interfaces {
                    interface.private_ips = vec![instance.private_ip.clone()];
                }
            }
        });
    }

    fn allocate_public_ip(&mut self, instance_id: &str) {
        // An elastic IP may have been bound since this was agreed on; an instance never has both.
        if self.eip_of(instance_id).is_some() {
            return;
        }
        let needs_one = self.instance.get(instance_id).filter(|one| one.public_ip.is_none());
        let region_id = needs_one.map(|instance| instance.region_id.clone());
        // A region whose addresses are used up has none to give, whatever asks for it.
        if let Some(region_id) = region_id.filter(|region_id| self.has_public_ip_left(region_id)) {
            let address = self.take_public_ip(&region_id);
            self.with(instance_id, |instance| instance.public_ip = Some(address));
        }
    }

    fn take_stock(&mut self, zone: &str, cluster: &str, instance_type: &str) {
        if let Some(stock) = self.zone.get_mut(zone).and_then(|z| z.stock.get_mut(instance_type)) {
            stock.take(cluster);
        }
    }

    fn give_back_stock(&mut self, zone: &str, cluster: &str, instance_type: &str) {
        if let Some(stock) = self.zone.get_mut(zone).and_then(|z| z.stock.get_mut(instance_type)) {
            stock.give_back(cluster);
        }
    }
}

/// An address of the classic network other than this one.
fn other_classic_address(address: &str) -> String {
    let present = address.parse().unwrap_or(std::net::Ipv4Addr::new(10, 170, 0, 10));
    std::net::Ipv4Addr::from(u32::from(present).wrapping_add(256)).to_string()
}
