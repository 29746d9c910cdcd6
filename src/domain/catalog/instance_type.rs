//! An instance type: what DescribeInstanceTypes shows and what changes of type look at.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// What a type's CPUs, or an image, are built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Architecture {
    /// 64-bit x86.
    #[default]
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit Arm.
    #[serde(rename = "arm64")]
    Arm64,
}

impl Architecture {
    /// As `CpuArchitecture` shows it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X86_64 => "X86",
            Self::Arm64 => "ARM",
        }
    }
}

/// For whom a family is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum FamilyLevel {
    /// Shared vCPUs.
    EntryLevel,
    /// Dedicated vCPUs.
    #[default]
    EnterpriseLevel,
    /// Shared vCPUs with CPU credits.
    CreditEntryLevel,
}

impl FamilyLevel {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EntryLevel => "EntryLevel",
            Self::EnterpriseLevel => "EnterpriseLevel",
            Self::CreditEntryLevel => "CreditEntryLevel",
        }
    }
}

/// Disks that come with a type and live in its host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LocalStorage {
    /// `local_ssd_pro` or `local_hdd_pro`.
    pub category: String,
    /// How many.
    pub amount: u32,
    /// Size of each, GiB.
    pub capacity_gib: u32,
}

/// An instance type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct InstanceType {
    /// `ecs.g6.large`.
    pub name: String,
    /// `ecs.g6`; from the name where a document does not say.
    pub family: String,
    /// 1 to 9; from the family's name where a document does not say.
    pub generation: u8,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory, MiB.
    pub memory_mib: u32,
    /// What its CPUs are.
    pub architecture: Architecture,
    /// How many GPUs (or FPGAs).
    pub gpu_amount: u32,
    /// Their model.
    pub gpu_spec: String,
    /// Disks that come with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_storage: Option<LocalStorage>,
    /// Network bandwidth, kbit/s each way.
    pub bandwidth_kbps: u64,
    /// Packets a second each way.
    pub pps: u64,
    /// Queues of an interface.
    pub nic_queues: u32,
    /// Queues of all interfaces together; queues times interfaces where nothing says.
    pub total_queues: u32,
    /// RDMA queue pairs of an interface; as many as queues where nothing says.
    pub queue_pairs_per_eni: u32,
    /// RDMA queue pairs of all interfaces; queue pairs times interfaces where nothing says.
    pub queue_pairs: u32,
    /// How many RDMA interfaces.
    pub eri_quantity: u32,
    /// Interfaces can carry the traffic of member interfaces.
    pub eni_trunking: bool,
    /// Interfaces can scale on the receiving side.
    pub rss: bool,
    /// vCPUs can run virtual machines.
    pub nested_virtualization: bool,
    /// How many network interfaces; by vCPUs where neither table nor document says.
    pub eni_quantity: u32,
    /// Private IPv4 addresses of an interface; by vCPUs where nothing says.
    pub private_ips_per_eni: u32,
    /// IPv6 addresses of an interface; by vCPUs where nothing says.
    pub ipv6_per_eni: u32,
    /// How many disks it takes.
    pub disk_quantity: u32,
    /// The categories of disks it takes.
    pub disk_categories: Vec<String>,
    /// For whom its family is meant.
    pub level: FamilyLevel,
    /// CPU credits an hour.
    pub baseline_credit: u32,
    /// Off the market: kept by those who have it, not to be had by a change from a type on sale.
    pub retired: bool,
    /// With I/O optimisation.
    pub io_optimized: bool,
    /// Disks show as NVMe devices.
    pub nvme: bool,
}

impl Default for InstanceType {
    fn default() -> Self {
        Self {
            name: String::new(),
            family: String::new(),
            generation: 0,
            vcpus: 2,
            memory_mib: 8192,
            architecture: Architecture::default(),
            gpu_amount: 0,
            gpu_spec: String::new(),
            local_storage: None,
            bandwidth_kbps: 0,
            pps: 0,
            nic_queues: 0,
            total_queues: 0,
            queue_pairs_per_eni: 0,
            queue_pairs: 0,
            eri_quantity: 0,
            eni_trunking: false,
            rss: true,
            nested_virtualization: true,
            eni_quantity: 0,
            private_ips_per_eni: 0,
            ipv6_per_eni: 0,
            disk_quantity: 17,
            disk_categories: Vec::new(),
            level: FamilyLevel::default(),
            baseline_credit: 0,
            retired: false,
            io_optimized: true,
            nvme: false,
        }
    }
}

/// Weight of a vCPU against a GiB of memory in the comparison of sizes: as in the price model.
const VCPU_WEIGHT: u64 = 4;

/// From here on an interface has as many IPv6 addresses as private IPv4 ones; before it had one.
const FIRST_IPV6_GENERATION: u8 = 7;

impl InstanceType {
    /// The family as the matrix of changes names it: `g6`.
    pub fn family_key(&self) -> &str {
        self.family.strip_prefix("ecs.").unwrap_or(&self.family)
    }

    /// Which of two types is the lower one. The pages do not say how sizes compare; ours weighs
    /// vCPUs and memory as the price model does.
    pub fn compare_size(&self, other: &Self) -> Ordering {
        self.weight().cmp(&other.weight())
    }

    fn weight(&self) -> u64 {
        u64::from(self.vcpus) * 1024 * VCPU_WEIGHT + u64::from(self.memory_mib)
    }

    /// Fills what follows from the name and the number of vCPUs.
    pub fn complete(&mut self, name: &str) {
        name.clone_into(&mut self.name);
        if self.family.is_empty() {
            self.family = family_of(name);
        }
        if self.generation == 0 {
            let digit = self.family.chars().rev().find_map(|c| c.to_digit(10)).unwrap_or(7);
            self.generation = u8::try_from(digit).unwrap_or(7);
        }
        // The first generations had one interface and no IPv6.
        let (enis, private_ips) =
            if self.retired { (1, 1) } else { interfaces(self.generation, self.vcpus) };
        fill(&mut self.eni_quantity, enis);
        fill(&mut self.private_ips_per_eni, private_ips);
        let ipv6 =
            if self.generation >= FIRST_IPV6_GENERATION { self.private_ips_per_eni } else { 1 };
        fill(&mut self.ipv6_per_eni, if self.retired { 0 } else { ipv6 });
        fill(&mut self.nic_queues, self.vcpus.clamp(1, 32));
        fill(&mut self.total_queues, self.nic_queues.saturating_mul(self.eni_quantity));
        fill(&mut self.queue_pairs_per_eni, self.nic_queues);
        fill(&mut self.queue_pairs, self.queue_pairs_per_eni.saturating_mul(self.eni_quantity));
        if self.disk_categories.is_empty() {
            let usual = ["cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto"];
            self.disk_categories = usual.map(str::to_owned).to_vec();
        }
        if self.bandwidth_kbps == 0 {
            self.bandwidth_kbps = u64::from(self.vcpus) * 512_000;
        }
        if self.pps == 0 {
            self.pps = u64::from(self.vcpus) * 100_000;
        }
    }
}

fn fill(figure: &mut u32, value: u32) {
    if *figure == 0 {
        *figure = value;
    }
}

/// Interfaces, and private IPv4 addresses of each, where no table says. From the eighth generation
/// on as the vendor's table of hfg8i has them; before it by a guess of ours.
const fn interfaces(generation: u8, vcpus: u32) -> (u32, u32) {
    match (generation, vcpus) {
        (8.., 0..=2) => (3, 6),
        (8.., 3..=8) => (4, 15),
        (8.., 9..=12) => (8, 15),
        (8.., 13..=64) => (8, 30),
        (8.., _) => (15, 50),
        (_, 0..=2) => (2, 6),
        (_, 3..=8) => (4, 10),
        (_, _) => (8, 20),
    }
}

/// `ecs.t5-lc2m1.nano` belongs to `ecs.t5`: the part behind a hyphen is a ratio of the sizes.
pub(super) fn family_of(name: &str) -> String {
    let without_size = name.rsplit_once('.').map_or(name, |(family, _)| family);
    if without_size == "ecs.re6p-redis" {
        return without_size.to_owned();
    }
    without_size.split('-').next().unwrap_or(without_size).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(name: &str, vcpus: u32, retired: bool) -> InstanceType {
        let mut one = InstanceType { vcpus, retired, ..InstanceType::default() };
        one.complete(name);
        one
    }

    #[test]
    fn gaps_are_filled_by_generation_and_vcpus() {
        let figures = |one: &InstanceType| {
            (one.eni_quantity, one.private_ips_per_eni, one.ipv6_per_eni, one.nic_queues)
        };
        assert_eq!(figures(&completed("ecs.g8i.large", 2, false)), (3, 6, 6, 2));
        assert_eq!(figures(&completed("ecs.hfg8i.32xlarge", 128, false)), (15, 50, 50, 32));
        assert_eq!(figures(&completed("ecs.g6.xlarge", 4, false)), (4, 10, 1, 4));
        assert_eq!(figures(&completed("ecs.s1.large", 1, true)), (1, 1, 0, 1));
    }

    #[test]
    fn what_a_document_says_is_kept() {
        let text = r#"{"vcpus": 6, "eni_quantity": 5, "ipv6_per_eni": 3, "family": "ecs.own"}"#;
        let mut own: InstanceType = serde_json::from_str(text).unwrap();
        own.complete("ecs.g9own.odd");
        assert_eq!((own.eni_quantity, own.ipv6_per_eni, own.family_key()), (5, 3, "own"));
        assert_eq!(own.generation, 7);
    }

    #[test]
    fn sizes_compare_by_weight() {
        let small = completed("ecs.g6.large", 2, false);
        let large = completed("ecs.g6.xlarge", 4, false);
        assert_eq!(small.compare_size(&large), Ordering::Less);
        assert_eq!(small.compare_size(&small), Ordering::Equal);
    }
}
