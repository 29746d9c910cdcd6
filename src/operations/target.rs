//! Another type for an instance: everything that can stand in the way, surveyed in one place. The
//! operations that change the type judge by this survey and DescribeResourcesModification lists by
//! it, so what it lists is what then succeeds. Names no row.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::catalog::{ChangeMatrix, ChangePath, Families, InstanceType};
use crate::domain::fields;
use crate::domain::instance::Instance;
use crate::domain::network::{EipMode, NetworkInterface};
use crate::domain::{Text, World};

/// Something that stands in the way of another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Obstacle {
    // What the instance is bound to.
    StarterPackage,
    DedicatedHost,
    Hibernation,
    PrivatePool,
    LocalDisk,
    NoSystemDisk,
    EipMode,
    NatPortMap,
    // What the account and the market say of the type.
    Denied,
    Hidden,
    Retired,
    NotOffered,
    FamilyNeverChanges,
    OneWay,
    NoPath,
    NotSoldTogether,
    NestedVirtualization,
    TypeQuota,
    // What the image says of it.
    ImageArchitecture,
    ImageType,
    ImageRange,
    ImageNotOnSale,
    // What the disks say of it.
    DiskCount,
    BasicDisk,
    DiskCategory,
    // What the interfaces and the VPC say of it.
    EniCount,
    Ipv4Unsupported,
    Ipv4Count,
    Ipv6Unsupported,
    Ipv6Count,
    EniTrunking,
    Rss,
    QueueValue,
    Queues,
    QueuesTotal,
    QueuePairs,
    QueuePairsTotal,
    RdmaMode,
    RdmaCount,
    VpcAdvanced,
    VpcSenior,
}

/// The type a call asks for, seen from the instance that is to get it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The type asked for.
    pub to: Arc<InstanceType>,
    /// The present type.
    pub from: Arc<InstanceType>,
    /// What stands in the way, each with words for the caller.
    obstacles: BTreeMap<Obstacle, String>,
    /// The zone has one left.
    pub in_stock: bool,
    /// The instance's own cluster has one left.
    pub in_cluster_stock: bool,
}

impl Target {
    /// Surveys a change of an instance to another type; `None` where no such type exists.
    pub fn survey(world: &World, instance: &Instance, name: &str) -> Option<Self> {
        let to = Arc::clone(world.find_type(name)?);
        let from = Arc::clone(world.find_type(&instance.instance_type)?);
        let zone = world.zone.get(instance.zone_id.as_str())?;
        let in_cluster_stock = zone.has_stock_in(name, &instance.cluster_id);
        let mut target = Self {
            obstacles: BTreeMap::new(),
            in_stock: zone.has_stock(name),
            in_cluster_stock,
            to,
            from,
        };
        target.survey_instance(world, instance);
        target.survey_market(world, instance);
        target.survey_image(world, instance);
        target.survey_disks(instance);
        target.survey_interfaces(instance);
        target.survey_queues(instance);
        target.survey_vpc(world, instance);
        Some(target)
    }

    /// Does this stand in the way?
    pub fn meets(&self, obstacle: Obstacle) -> bool {
        self.obstacles.contains_key(&obstacle)
    }

    /// What to tell the caller of it.
    pub fn words(&self, obstacle: Obstacle) -> String {
        self.obstacles.get(&obstacle).cloned().unwrap_or_default()
    }

    /// The first obstacle that is none of these.
    pub fn first_but(&self, known: &[Obstacle]) -> Option<&str> {
        let mut others = self.obstacles.iter().filter(|(obstacle, _)| !known.contains(obstacle));
        others.next().map(|(_, words)| words.as_str())
    }

    /// Nothing but its stock can stand in the way of the change.
    pub fn is_open(&self) -> bool {
        self.obstacles.is_empty()
    }

    /// Something is left, here or (moving clusters) elsewhere in the zone.
    pub fn is_available(&self, may_move: bool) -> bool {
        // The type it has already takes nothing from the stock.
        if self.is_same() {
            return true;
        }
        if may_move { self.in_stock } else { self.in_cluster_stock }
    }

    /// Stock is left in the zone, but not in the instance's cluster, which the call may not leave.
    pub fn is_only_elsewhere(&self, may_move: bool) -> bool {
        self.in_stock && !self.is_available(may_move)
    }

    /// The type itself: no change at all.
    pub fn is_same(&self) -> bool {
        self.from.name == self.to.name
    }

    /// Lower than the present type. Equal size counts as an upgrade.
    pub fn is_downgrade(&self) -> bool {
        self.to.compare_size(&self.from) == Ordering::Less
    }

    /// From a retired type without I/O optimisation to one on sale with it: the only change in
    /// which a system disk category may be chosen.
    pub fn gains_io_optimisation(&self) -> bool {
        self.from.retired && !self.from.io_optimized && !self.to.retired && self.to.io_optimized
    }

    /// The type takes disks of this category.
    pub fn takes(&self, category: &str) -> bool {
        self.to.disk_categories.iter().any(|one| one == category)
    }

    fn note(&mut self, stands: bool, obstacle: Obstacle, words: impl FnOnce(&Self) -> String) {
        if stands {
            let words = words(self);
            self.obstacles.insert(obstacle, words);
        }
    }

    fn survey_instance(&mut self, world: &World, it: &Instance) {
        let fixed = |what: &str| format!("The specified instance {what} keeps its instance type.");
        let eip_mode = world.eip_of(&it.id).map(|eip| eip.mode);
        let is_visible = eip_mode.is_some_and(|mode| mode != EipMode::Nat);
        let lacks_system_disk = it.hardware.disks.iter().all(|disk| !disk.system);
        for (stands, obstacle, what) in [
            (it.starter_package, Obstacle::StarterPackage, "of a starter package"),
            (!it.dedicated_host_id.is_empty(), Obstacle::DedicatedHost, "on a dedicated host"),
            (it.hibernation_configured, Obstacle::Hibernation, "set up to hibernate"),
            (it.private_pool == "Target", Obstacle::PrivatePool, "of a private pool"),
            (it.has_local_disk(), Obstacle::LocalDisk, "with local disks"),
            (lacks_system_disk, Obstacle::NoSystemDisk, "without a system disk"),
            (is_visible, Obstacle::EipMode, "with a visible elastic IP"),
            (it.nat_port_map, Obstacle::NatPortMap, "with a NAT port map"),
        ] {
            self.note(stands, obstacle, |_| fixed(what));
        }
    }

    fn survey_market(&mut self, world: &World, it: &Instance) {
        let (account, to) = (&world.account, Arc::clone(&self.to));
        let name = &to.name;
        let path = ChangeMatrix::builtin().path(&self.from, &self.to);
        let zone = world.zone.get(it.zone_id.as_str());
        let offered = zone.is_some_and(|zone| zone.offers(name));
        let disks = zone.and_then(|zone| zone.disk_categories.as_ref());
        let unsold = it.hardware.disks.iter().any(|disk| {
            disk.system && disks.is_some_and(|sold| !sold.contains(disk.category.as_str()))
        });
        let nested = it.nested_virtualization && !self.to.nested_virtualization;
        let retired = self.to.retired && !self.from.retired;
        let quota = account.type_quota.get(name).is_some_and(|quota| {
            let (present, _) = world.instance.sum(&fields::instance::TYPE, name);
            !self.is_same() && present >= usize::try_from(*quota).unwrap_or(usize::MAX)
        });
        let unsupported = |_: &Self| "The specified InstanceType is not supported.".to_owned();
        self.note(account.denied_types.contains(name), Obstacle::Denied, unsupported);
        self.note(account.hidden_types.contains(name), Obstacle::Hidden, unsupported);
        self.note(retired, Obstacle::Retired, |_| {
            "The specified InstanceType has been offline.".to_owned()
        });
        self.note(!offered, Obstacle::NotOffered, unsupported);
        self.note(
            path == ChangePath::FamilyNeverChanges,
            Obstacle::FamilyNeverChanges,
            unsupported,
        );
        self.note(path == ChangePath::OneWay, Obstacle::OneWay, unsupported);
        self.note(path == ChangePath::None, Obstacle::NoPath, unsupported);
        self.note(unsold, Obstacle::NotSoldTogether, |_| {
            "This resource type is not supported; please try other resource types.".to_owned()
        });
        self.note(nested, Obstacle::NestedVirtualization, |_| "enabled".to_owned());
        self.note(quota, Obstacle::TypeQuota, |to| {
            format!("The quota of instance type {} is used up.", to.to.name)
        });
    }

    fn survey_image(&mut self, world: &World, it: &Instance) {
        let Some(image) = world.image.get(&it.image_id) else { return };
        let memory_gib = self.to.memory_mib / 1024;
        let outside = |range: Option<(u32, u32)>, value: u32| {
            range.filter(|(least, most)| value < *least || value > *most)
        };
        let listed = image.supported_types.as_ref().is_none_or(|all| all.contains(&self.to.name));
        let vcpus = outside(image.vcpu_range, self.to.vcpus);
        let memory = outside(image.memory_gib_range, memory_gib);
        self.note(image.architecture != self.to.architecture, Obstacle::ImageArchitecture, |_| {
            "The specified image does not support the specified instance type.".to_owned()
        });
        self.note(!listed, Obstacle::ImageType, |_| {
            "The specified image does not support the specified InstanceType.".to_owned()
        });
        let range = vcpus.map(|range| ("cpu", self.to.vcpus, range));
        let range = range.or(memory.map(|range| ("memory", memory_gib, range)));
        if let Some((what, has, (least, most))) = range {
            let words = format!(
                "the provided 'InstanceType -> {what}: {has}' and 'Image -> {what}: [{least} {most}]' are not matched."
            );
            self.note(true, Obstacle::ImageRange, |_| words);
        }
        self.note(image.marketplace && !image.on_sale, Obstacle::ImageNotOnSale, |_| {
            "The marketplace image of the instance is not on sale.".to_owned()
        });
    }

    fn survey_disks(&mut self, it: &Instance) {
        let (attached, limit) = (it.hardware.disks.len(), self.to.disk_quantity);
        let too_many = attached > usize::try_from(limit).unwrap_or(usize::MAX);
        self.note(too_many, Obstacle::DiskCount, |to| {
            format!(
                "The number of attached disks {attached} exceeds the limit {limit} of the target instance type {}.",
                to.to.name
            )
        });
        // A system disk whose category is chosen anew does not stand in the way.
        let chosen_anew = self.gains_io_optimisation();
        let stays = it
            .hardware
            .disks
            .iter()
            .filter(|disk| !(disk.is_local() || (disk.system && chosen_anew)));
        let refused = stays.filter(|disk| !self.takes(&disk.category));
        let (basic, other): (Vec<_>, Vec<_>) = refused.partition(|disk| disk.category == "cloud");
        let (basic, other) = (!basic.is_empty(), !other.is_empty());
        let words = |_: &Self| {
            "The instance type does not take the category of a disk of the instance.".to_owned()
        };
        self.note(basic, Obstacle::BasicDisk, words);
        self.note(other, Obstacle::DiskCategory, words);
    }

    fn survey_interfaces(&mut self, it: &Instance) {
        let (to, enis) = (Arc::clone(&self.to), count(it.hardware.network_interfaces.len()));
        let name = &to.name;
        let limit = self.to.eni_quantity;
        self.note(enis > limit, Obstacle::EniCount, |_| {
            format!(
                "The number of ENI exceeds the limit({limit}). target instanceType {name}. Attached:{enis}. Expecting attach:{enis}."
            )
        });
        let (ipv4, ipv6) = (self.to.private_ips_per_eni, self.to.ipv6_per_eni);
        for eni in &it.hardware.network_interfaces {
            let has = |of: &[Text]| count(of.len());
            let too_many = |what: &str, limit: u32, has: u32| {
                format!(
                    "The number of eni {} {what} exceeds the limit({limit}). target instanceType {name}. Assigned:{has}. Expecting assign:{has}.",
                    eni.id
                )
            };
            let (private, six) = (has(&eni.private_ips), has(&eni.ipv6_addresses));
            let (no_second, no_six) = (ipv4 == 1 && private > 1, ipv6 == 0 && six > 0);
            self.note(no_second, Obstacle::Ipv4Unsupported, |_| {
                format!("The instanceType of {name} not support secondary ipv4.")
            });
            self.note(ipv4 > 1 && private > ipv4, Obstacle::Ipv4Count, |_| {
                too_many("private ip", ipv4, private)
            });
            self.note(no_six, Obstacle::Ipv6Unsupported, |_| {
                format!("The instanceType of {name} not support ipv6.")
            });
            self.note(ipv6 > 0 && six > ipv6, Obstacle::Ipv6Count, |_| {
                too_many("ipv6 address", ipv6, six)
            });
        }
        let any = |is: fn(&NetworkInterface) -> bool| it.hardware.network_interfaces.iter().any(is);
        self.note(any(|eni| eni.trunk) && !self.to.eni_trunking, Obstacle::EniTrunking, |_| {
            format!("The instance type {name} does not support ENI trunking.")
        });
        self.note(any(|eni| eni.rss) && !self.to.rss, Obstacle::Rss, |_| {
            format!("The instance type {name} does not support Rss.")
        });
    }

    fn survey_queues(&mut self, it: &Instance) {
        let (to, most) = (Arc::clone(&self.to), self.to.nic_queues);
        let name = &to.name;
        let (most_pairs, rdma_limit) = (self.to.queue_pairs_per_eni, self.to.eri_quantity);
        for eni in &it.hardware.network_interfaces {
            let (queues, pairs, id) = (eni.queues, eni.queue_pairs.unwrap_or(0), &eni.id);
            self.note(queues == Some(0), Obstacle::QueueValue, |_| {
                format!("The queue number 0 of eni {id} is not valid for instance type {name}.")
            });
            let queues = queues.unwrap_or(0);
            self.note(queues > most, Obstacle::Queues, |_| {
                format!("The queue number {queues} of eni {id} exceeds the limit({most}) of instance type {name}.")
            });
            self.note(pairs > most_pairs, Obstacle::QueuePairs, |_| {
                format!("The queue pair number {pairs} exceeds the limit({most_pairs}) of instance type {name}.")
            });
        }
        let sum = |of: fn(&NetworkInterface) -> u32| {
            it.hardware.network_interfaces.iter().map(of).fold(0, u32::saturating_add)
        };
        let (queues, pairs) =
            (sum(|eni| eni.queues.unwrap_or(0)), sum(|eni| eni.queue_pairs.unwrap_or(0)));
        let rdma = sum(|eni| u32::from(eni.high_performance));
        self.note(queues > self.to.total_queues, Obstacle::QueuesTotal, |to| {
            format!("The total queue number {queues} of the ENIs exceeds the limit({}) of instance type {name}.", to.to.total_queues)
        });
        self.note(pairs > self.to.queue_pairs, Obstacle::QueuePairsTotal, |to| {
            format!(
                "The total queue pair number {pairs} of the ENIs exceeds the limit({}).",
                to.to.queue_pairs
            )
        });
        self.note(rdma > 0 && rdma_limit == 0, Obstacle::RdmaMode, |_| {
            format!("The instance type {name} does not support the HighPerformance network interface traffic mode.")
        });
        self.note(rdma_limit > 0 && rdma > rdma_limit, Obstacle::RdmaCount, |_| {
            format!("The number of HighPerformance ENI exceeds the limit({rdma_limit}) of instance type {name}.")
        });
    }

    fn survey_vpc(&mut self, world: &World, it: &Instance) {
        let Some(vpc) = world.vpc.get(&it.vpc_id) else { return };
        let too_old = Families::builtin().lacks_advanced_vpc(self.to.family_key());
        self.note(too_old && vpc.advanced_features, Obstacle::VpcAdvanced, |_| vpc.id.clone());
        self.note(too_old && vpc.senior_features, Obstacle::VpcSenior, |_| vpc.id.clone());
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
