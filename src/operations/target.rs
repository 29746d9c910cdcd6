//! Another type for an instance: everything that can stand in the way, surveyed in one place. The
//! operations that change the type judge by this survey and DescribeResourcesModification lists by
//! it, so what it lists is what then succeeds. Names no row.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::account::Account;
use crate::domain::catalog::{ChangeMatrix, ChangePath, Families, InstanceType};
use crate::domain::disk::Disk;
use crate::domain::fields;
use crate::domain::image::Image;
use crate::domain::instance::Instance;
use crate::domain::network::{EipMode, NetworkInterface, Vpc};
use crate::domain::region::Zone;
use crate::domain::{Shared, Text, World};

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
    instance: Shared<Instance>,
    account: Shared<Account>,
    pub(super) zone: Shared<Zone>,
    image: Option<Shared<Image>>,
    vpc: Option<Shared<Vpc>>,
    eip_mode: Option<EipMode>,
    /// The quota of the type is used up.
    over_quota: bool,
    /// What stands in the way, each with words for the caller; looked for when somebody asks, and most calls are
    /// refused before.
    obstacles: OnceCell<BTreeMap<Obstacle, String>>,
}

impl Target {
    /// A change of an instance to another type; `None` where no such type exists.
    pub fn of(world: &World, instance: &Shared<Instance>, name: &str) -> Option<Self> {
        let to = world.find_type(name)?;
        let from = world.find_type(&instance.instance_type)?;
        let quota = world.account.type_quota.get(name).filter(|_| from.name != to.name);
        let in_use = || world.instance.sum(&fields::instance::TYPE, name).0;
        Some(Self {
            to: Arc::clone(to),
            from: Arc::clone(from),
            instance: instance.clone(),
            account: world.account.clone(),
            zone: world.zone.get(instance.zone_id.as_str())?.clone(),
            image: world.image.share(&instance.image_id).cloned(),
            vpc: world.vpc.share(&instance.vpc_id).cloned(),
            eip_mode: world.eip_of(&instance.id).map(|eip| eip.mode),
            over_quota: quota.is_some_and(|quota| in_use() >= wide(*quota)),
            obstacles: OnceCell::new(),
        })
    }

    fn obstacles(&self) -> &BTreeMap<Obstacle, String> {
        self.obstacles.get_or_init(|| Survey::of(self))
    }

    /// Does this stand in the way?
    pub fn meets(&self, obstacle: Obstacle) -> bool {
        self.obstacles().contains_key(&obstacle)
    }

    /// What to tell the caller of it.
    pub fn words(&self, obstacle: Obstacle) -> String {
        self.obstacles().get(&obstacle).cloned().unwrap_or_default()
    }

    /// The first obstacle that is none of these.
    pub fn first_but(&self, known: &[Obstacle]) -> Option<&str> {
        let mut others = self.obstacles().iter().filter(|(obstacle, _)| !known.contains(obstacle));
        others.next().map(|(_, words)| words.as_str())
    }

    /// The system of the instance's image, where the world still has that.
    pub fn os_type(&self) -> Option<&str> {
        self.image.as_ref().map(|image| image.os_type.as_str())
    }

    /// Nothing but its stock can stand in the way of the change.
    pub fn is_open(&self) -> bool {
        self.obstacles().is_empty()
    }

    /// The zone has one left.
    pub fn is_in_stock(&self) -> bool {
        self.zone.has_stock(&self.to.name)
    }

    /// Something is left, here or (moving clusters) elsewhere in the zone.
    pub fn is_available(&self, may_move: bool) -> bool {
        // The type it has already takes nothing from the stock.
        if self.is_same() {
            return true;
        }
        if may_move {
            self.is_in_stock()
        } else {
            self.zone.has_stock_in(&self.to.name, &self.instance.cluster_id)
        }
    }

    /// Stock is left in the zone, but not in the instance's cluster, which the call may not leave.
    pub fn is_only_elsewhere(&self, may_move: bool) -> bool {
        self.is_in_stock() && !self.is_available(may_move)
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
}

/// Everything that can stand in the way of a target, looked for.
struct Survey<'t> {
    target: &'t Target,
    to: &'t InstanceType,
    it: &'t Instance,
    found: BTreeMap<Obstacle, String>,
}

impl<'t> Survey<'t> {
    fn of(target: &'t Target) -> BTreeMap<Obstacle, String> {
        let (to, it) = (&*target.to, &*target.instance);
        let mut survey = Self { target, to, it, found: BTreeMap::new() };
        survey.instance();
        survey.market();
        survey.image();
        survey.disks();
        survey.interfaces();
        survey.queues();
        survey.vpc();
        survey.found
    }

    fn note(&mut self, stands: bool, obstacle: Obstacle, words: impl FnOnce() -> String) {
        if stands {
            self.found.insert(obstacle, words());
        }
    }

    fn instance(&mut self) {
        let it = self.it;
        let fixed = |what: &str| format!("The specified instance {what} keeps its instance type.");
        let is_visible = self.target.eip_mode.is_some_and(|mode| mode != EipMode::Nat);
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
            self.note(stands, obstacle, || fixed(what));
        }
    }

    fn market(&mut self) {
        let Target { account, zone, from, .. } = self.target;
        let (it, to, name) = (self.it, self.to, &self.to.name);
        let path = ChangeMatrix::builtin().path(from, to);
        let offered = zone.offers(name);
        let disks = zone.disk_categories.as_ref();
        let unsold = it.hardware.disks.iter().any(|disk| {
            disk.system && disks.is_some_and(|sold| !sold.contains(disk.category.as_str()))
        });
        let nested = it.nested_virtualization && !to.nested_virtualization;
        let retired = to.retired && !from.retired;
        let unsupported = || "The specified InstanceType is not supported.".to_owned();
        self.note(account.denied_types.contains(name), Obstacle::Denied, unsupported);
        self.note(account.hidden_types.contains(name), Obstacle::Hidden, unsupported);
        self.note(retired, Obstacle::Retired, || {
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
        self.note(unsold, Obstacle::NotSoldTogether, || {
            "This resource type is not supported; please try other resource types.".to_owned()
        });
        self.note(nested, Obstacle::NestedVirtualization, || "enabled".to_owned());
        self.note(self.target.over_quota, Obstacle::TypeQuota, || {
            format!("The quota of instance type {name} is used up.")
        });
    }

    fn image(&mut self) {
        let (Some(image), to) = (self.target.image.as_deref(), self.to) else { return };
        let memory_gib = to.memory_mib / 1024;
        let outside = |range: Option<(u32, u32)>, value: u32| {
            range.filter(|(least, most)| value < *least || value > *most)
        };
        let listed = image.supported_types.as_ref().is_none_or(|all| all.contains(&self.to.name));
        let vcpus = outside(image.vcpu_range, self.to.vcpus);
        let memory = outside(image.memory_gib_range, memory_gib);
        self.note(image.architecture != self.to.architecture, Obstacle::ImageArchitecture, || {
            "The specified image does not support the specified instance type.".to_owned()
        });
        self.note(!listed, Obstacle::ImageType, || {
            "The specified image does not support the specified InstanceType.".to_owned()
        });
        let range = vcpus.map(|range| ("cpu", self.to.vcpus, range));
        let range = range.or(memory.map(|range| ("memory", memory_gib, range)));
        if let Some((what, has, (least, most))) = range {
            let words = format!(
                "the provided 'InstanceType -> {what}: {has}' and 'Image -> {what}: [{least} {most}]' are not matched."
            );
            self.note(true, Obstacle::ImageRange, || words);
        }
        self.note(image.marketplace && !image.on_sale, Obstacle::ImageNotOnSale, || {
            "The marketplace image of the instance is not on sale.".to_owned()
        });
    }

    fn disks(&mut self) {
        let (target, name, disks) = (self.target, &self.to.name, &self.it.hardware.disks);
        let (attached, limit) = (disks.len(), self.to.disk_quantity);
        self.note(attached > wide(limit), Obstacle::DiskCount, || {
            format!("The number of attached disks {attached} exceeds the limit {limit} of the target instance type {name}.")
        });
        // A system disk whose category is chosen anew does not stand in the way.
        let chosen_anew = target.gains_io_optimisation();
        let goes = |disk: &&Disk| disk.is_local() || (disk.system && chosen_anew);
        let stays = disks.iter().filter(|disk| !goes(disk));
        let refused = stays.filter(|disk| !target.takes(&disk.category));
        let (basic, other): (Vec<_>, Vec<_>) = refused.partition(|disk| disk.category == "cloud");
        let (basic, other) = (!basic.is_empty(), !other.is_empty());
        let words =
            || "The instance type does not take the category of a disk of the instance.".to_owned();
        self.note(basic, Obstacle::BasicDisk, words);
        self.note(other, Obstacle::DiskCategory, words);
    }

    fn interfaces(&mut self) {
        let (to, name, interfaces) = (self.to, &self.to.name, &self.it.hardware.network_interfaces);
        let (enis, limit) = (count(interfaces.len()), to.eni_quantity);
        self.note(enis > limit, Obstacle::EniCount, || {
            format!(
                "The number of ENI exceeds the limit({limit}). target instanceType {name}. Attached:{enis}. Expecting attach:{enis}."
            )
        });
        let (ipv4, ipv6) = (to.private_ips_per_eni, to.ipv6_per_eni);
        for eni in interfaces {
            let has = |of: &[Text]| count(of.len());
            let too_many = |what: &str, limit: u32, has: u32| {
                format!(
                    "The number of eni {} {what} exceeds the limit({limit}). target instanceType {name}. Assigned:{has}. Expecting assign:{has}.",
                    eni.id
                )
            };
            let (private, six) = (has(&eni.private_ips), has(&eni.ipv6_addresses));
            let (no_second, no_six) = (ipv4 == 1 && private > 1, ipv6 == 0 && six > 0);
            self.note(no_second, Obstacle::Ipv4Unsupported, || {
                format!("The instanceType of {name} not support secondary ipv4.")
            });
            self.note(ipv4 > 1 && private > ipv4, Obstacle::Ipv4Count, || {
                too_many("private ip", ipv4, private)
            });
            self.note(no_six, Obstacle::Ipv6Unsupported, || {
                format!("The instanceType of {name} not support ipv6.")
            });
            self.note(ipv6 > 0 && six > ipv6, Obstacle::Ipv6Count, || {
                too_many("ipv6 address", ipv6, six)
            });
        }
        let any = |is: fn(&NetworkInterface) -> bool| interfaces.iter().any(is);
        self.note(any(|eni| eni.trunk) && !self.to.eni_trunking, Obstacle::EniTrunking, || {
            format!("The instance type {name} does not support ENI trunking.")
        });
        self.note(any(|eni| eni.rss) && !self.to.rss, Obstacle::Rss, || {
            format!("The instance type {name} does not support Rss.")
        });
    }

    fn queues(&mut self) {
        let (to, name, interfaces) = (self.to, &self.to.name, &self.it.hardware.network_interfaces);
        let (most, most_pairs, rdma_limit) =
            (to.nic_queues, to.queue_pairs_per_eni, to.eri_quantity);
        for eni in interfaces {
            let (queues, pairs, id) = (eni.queues, eni.queue_pairs.unwrap_or(0), &eni.id);
            self.note(queues == Some(0), Obstacle::QueueValue, || {
                format!("The queue number 0 of eni {id} is not valid for instance type {name}.")
            });
            let queues = queues.unwrap_or(0);
            self.note(queues > most, Obstacle::Queues, || {
                format!("The queue number {queues} of eni {id} exceeds the limit({most}) of instance type {name}.")
            });
            self.note(pairs > most_pairs, Obstacle::QueuePairs, || {
                format!("The queue pair number {pairs} exceeds the limit({most_pairs}) of instance type {name}.")
            });
        }
        let sum = |of: fn(&NetworkInterface) -> u32| {
            interfaces.iter().map(of).fold(0, u32::saturating_add)
        };
        let (queues, pairs) =
            (sum(|eni| eni.queues.unwrap_or(0)), sum(|eni| eni.queue_pairs.unwrap_or(0)));
        let rdma = sum(|eni| u32::from(eni.high_performance));
        let (total, total_pairs) = (to.total_queues, to.queue_pairs);
        self.note(queues > total, Obstacle::QueuesTotal, || {
            format!("The total queue number {queues} of the ENIs exceeds the limit({total}) of instance type {name}.")
        });
        self.note(pairs > total_pairs, Obstacle::QueuePairsTotal, || {
            format!(
                "The total queue pair number {pairs} of the ENIs exceeds the limit({total_pairs})."
            )
        });
        self.note(rdma > 0 && rdma_limit == 0, Obstacle::RdmaMode, || {
            format!("The instance type {name} does not support the HighPerformance network interface traffic mode.")
        });
        self.note(rdma_limit > 0 && rdma > rdma_limit, Obstacle::RdmaCount, || {
            format!("The number of HighPerformance ENI exceeds the limit({rdma_limit}) of instance type {name}.")
        });
    }

    fn vpc(&mut self) {
        let Some(vpc) = self.target.vpc.as_deref() else { return };
        let too_old = Families::builtin().lacks_advanced_vpc(self.to.family_key());
        self.note(too_old && vpc.advanced_features, Obstacle::VpcAdvanced, || vpc.id.clone());
        self.note(too_old && vpc.senior_features, Obstacle::VpcSenior, || vpc.id.clone());
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn wide(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
