//! What an instance has of its zone and region: type, stock, cluster, disks, bandwidth, addresses.

use smallvec::smallvec;

use super::World;
use crate::domain::change::{DiskCategory, InstanceChange};
use crate::domain::disk::Disk;
use crate::domain::fields;
use crate::domain::instance::NetworkType;
use crate::domain::text::Word;
use crate::domain::time::Timestamp;

impl World {
    /// Applies a change of type, disks, bandwidth or addresses.
    pub(super) fn change_place(&mut self, id: &str, change: InstanceChange, at: Timestamp) {
        use InstanceChange as It;
        match change {
            It::Type { to } => self.set_type(id, &to),
            It::ReserveType { to } => self.reserve_type(id, &to),
            It::TypeReturns(back) => self.return_type(id, &back.from, &back.to),
            It::TypeTakesEffect => self.with(id, |it| {
                it.effective_type.clear();
                it.online_changes = it.online_changes.saturating_add(1);
            }),
            It::DiskCategory(change) => {
                let DiskCategory { disk_id, category, performance_level } = *change;
                self.with_disk(id, &disk_id, |disk| {
                    disk.category = category.into();
                    disk.performance_level = performance_level.into();
                });
            }
            It::DiskChargeType { disk_id, to } => {
                self.with_disk(id, &disk_id, |disk| disk.charge_type = Some(to));
            }
            It::Bandwidth { out_mbps, in_mbps, internet_charge_type } => {
                self.with(id, |it| {
                    let terms = &mut **it;
                    terms.set_out_mbps(out_mbps, at);
                    terms.bandwidth_in_mbps = in_mbps;
                    terms.internet_charge_type = internet_charge_type;
                });
                if out_mbps == 0 && self.is_in_vpc(id) {
                    self.lose_public_ip(id);
                }
            }
            It::TemporaryBandwidth(window) => {
                self.with(id, |it| it.agree_on_window(&window, at));
            }
            It::TemporaryBandwidthStarts => self.with(id, |it| it.begin_window(at)),
            It::TemporaryBandwidthEnds => self.with(id, |it| it.end_window(at)),
            It::AllocatePublicIp => self.allocate_public_ip(id),
            // The rest is the instance's life.
            _ => {}
        }
    }

    fn with_disk(&mut self, id: &str, disk_id: &str, edit: impl FnOnce(&mut Disk)) {
        self.with(id, |it| {
            let disk = it.hardware.disks.iter_mut().find(|disk| disk.id == *disk_id);
            if let Some(disk) = disk {
                edit(disk);
            }
        });
    }

    /// Has an instance of the VPC this private address?
    pub fn is_private_ip_taken(&self, vpc_id: &str, address: &str) -> bool {
        [&fields::instance::PRIVATE_IP, &fields::instance::INNER_IP].into_iter().any(|field| {
            let wanted = [fields::instance::VPC.is(vpc_id), field.is(address)];
            self.instance.select(None, &wanted, |them| !them.is_empty())
        })
    }

    fn is_in_vpc(&self, id: &str) -> bool {
        self.instance.get(id).is_some_and(|it| it.network_type == NetworkType::Vpc)
    }

    pub(super) fn take_public_ip(&mut self, region_id: &str) -> String {
        let address = self.next_public_ip();
        self.public_ips_given = self.public_ips_given.wrapping_add(1);
        if let Some(left) = self.region.get_mut(region_id).and_then(|r| r.public_ips_left.as_mut())
        {
            *left = left.saturating_sub(1);
        }
        address
    }

    pub(super) fn give_back_public_ip(&mut self, region_id: &str) {
        if let Some(left) = self.region.get_mut(region_id).and_then(|r| r.public_ips_left.as_mut())
        {
            *left = left.saturating_add(1);
        }
    }

    /// The instance's public IP returns to the region.
    pub(super) fn lose_public_ip(&mut self, id: &str) {
        let Some(instance) = self.instance.get_mut(id) else { return };
        let region_id = instance.region_id.clone();
        if instance.public_ip.take().is_some() {
            self.give_back_public_ip(&region_id);
        }
    }

    pub(super) fn allocate_public_ip(&mut self, id: &str) {
        // An elastic IP may have been bound since this was agreed on; an instance never has both.
        if self.eip_of(id).is_some() {
            return;
        }
        let needs_one = self.instance.get(id).filter(|one| one.public_ip.is_none());
        let region_id = needs_one.map(|instance| instance.region_id.clone());
        // A region whose addresses are used up has none to give, whatever asks for it.
        if let Some(region_id) = region_id.filter(|region_id| self.has_public_ip_left(region_id)) {
            let address = self.take_public_ip(&region_id);
            self.with(id, |instance| instance.public_ip = Some(address.into()));
        }
    }

    fn set_type(&mut self, id: &str, to: &str) {
        self.reserve_type(id, to);
        let Some(instance) = self.instance.get_mut(id).filter(|it| it.instance_type != to) else {
            return;
        };
        if instance.effective_type.is_empty() {
            instance.effective_type = instance.instance_type.clone();
        }
        // Back to what the guest runs on: nothing waits for a start.
        if instance.effective_type == to {
            instance.effective_type.clear();
        }
        let from = std::mem::replace(&mut instance.instance_type, to.into());
        // One that gave its place back takes another at its next start.
        if !instance.holds_stock() {
            return;
        }
        let to_cluster = std::mem::take(&mut instance.reserved_cluster);
        instance.reserved_type.clear();
        let (zone, cluster) = (instance.zone_id.clone(), instance.cluster_id.clone());
        self.give_back_stock(&zone, &cluster, &from);
        self.move_cluster(id, to_cluster);
    }

    /// The type that was had for a time gives way, unless another change came first.
    fn return_type(&mut self, id: &str, from: &str, to: &str) {
        if self.instance.get(id).is_some_and(|it| it.instance_type == from) {
            self.set_type(id, to);
        }
    }

    /// Sets one of a type's stock aside, in the cluster the instance will be in. The type it has
    /// takes nothing.
    fn reserve_type(&mut self, id: &str, to: &str) {
        let Some(instance) = self.instance.get(id) else { return };
        let has_it = instance.instance_type == to || instance.reserved_type == to;
        if has_it || !instance.holds_stock() {
            return;
        }
        let (zone, present) = (instance.zone_id.clone(), instance.cluster_id.clone());
        self.give_up_reservation(id);
        let cluster = self.take_place(&zone, present, to);
        self.with(id, |instance| {
            instance.reserved_type = to.into();
            instance.reserved_cluster = cluster;
        });
    }

    /// What was set aside for a change that does not come returns to the stock.
    pub(super) fn give_up_reservation(&mut self, id: &str) {
        let reserving = self.instance.get_mut(id).filter(|it| !it.reserved_type.is_empty());
        let Some(instance) = reserving else { return };
        let reserved = std::mem::take(&mut instance.reserved_type);
        let cluster = std::mem::take(&mut instance.reserved_cluster);
        let zone = instance.zone_id.clone();
        self.give_back_stock(&zone, &cluster, &reserved);
    }

    /// An instance that gave its vCPUs and memory back takes others, where there are some.
    pub(super) fn take_place_again(&mut self, id: &str) {
        let Some(instance) = self.instance.get(id) else { return };
        let (zone, present) = (instance.zone_id.clone(), instance.cluster_id.clone());
        let instance_type = instance.instance_type.clone();
        let cluster = self.take_place(&zone, present, &instance_type);
        self.move_cluster(id, cluster);
    }

    /// Takes one of a type's stock, in the present cluster where it has one; the cluster it is in.
    fn take_place(&mut self, zone: &str, present: Word, instance_type: &str) -> Word {
        let stock = self.zone.get(zone).and_then(|zone| zone.stock.get(instance_type));
        let cluster = stock.and_then(|stock| stock.cluster_for(&present));
        let cluster = cluster.map_or(present, Word::from);
        self.take_stock(zone, &cluster, instance_type);
        cluster
    }

    /// An instance goes to another cluster of its zone; in the classic network its private address
    /// is another one there.
    fn move_cluster(&mut self, id: &str, cluster: Word) {
        self.with(id, |instance| {
            if instance.cluster_id == cluster {
                return;
            }
            instance.cluster_id = cluster;
            if instance.network_type == NetworkType::Classic {
                instance.private_ip = other_classic_address(&instance.private_ip).into();
                for interface in &mut instance.hardware.network_interfaces {
                    interface.private_ips = smallvec![instance.private_ip.clone()];
                }
            }
        });
    }

    pub(super) fn take_stock(&mut self, zone: &str, cluster: &str, instance_type: &str) {
        if let Some(stock) = self.zone.get_mut(zone).and_then(|z| z.stock.get_mut(instance_type)) {
            stock.take(cluster);
        }
    }

    pub(super) fn give_back_stock(&mut self, zone: &str, cluster: &str, instance_type: &str) {
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
