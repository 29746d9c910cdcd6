//! Reads the embedded tables: the documented types one by one, newer families by rule.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::change_matrix::ChangeMatrix;
use super::instance_type::{Architecture, FamilyLevel, InstanceType, LocalStorage};
use crate::reading::Misfit;

const DOCUMENTED: &str = include_str!("data/documented-types.csv");
const NEWER: &str = include_str!("data/newer-families.csv");

/// Network disks of types on sale that are not limited to enhanced SSDs.
const ALL_CATEGORIES: &[&str] = &["cloud_efficiency", "cloud_ssd", "cloud_essd"];
const ESSD_CATEGORIES: &[&str] = &["cloud_essd", "cloud_auto"];
/// Universal and economy families alone take the enhanced SSD of entry level.
const ENTRY_CATEGORIES: &[&str] = &["cloud_essd", "cloud_auto", "cloud_essd_entry"];
const RETIRED_CATEGORIES: &[&str] = &["cloud", "cloud_efficiency", "cloud_ssd", "ephemeral_ssd"];

/// The first documented generation whose CPU types all take enhanced SSDs only.
const FIRST_ESSD_GENERATION: u8 = 7;

/// Memory of a vCPU where the table has none, GiB: as the other sizes of re6p-redis have.
const USUAL_GIB_PER_VCPU: f64 = 4.0;

/// Why an embedded table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A line that is not a type or a family.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A matrix of changes that is not one.
    #[error("{0}")]
    Matrix(#[from] Misfit),
    /// A size name that is not one.
    #[error("{0:?} is not the name of a size")]
    Size(String),
}

/// A line of the documented types. Gaps are empty.
#[derive(Deserialize)]
struct Documented {
    instance_type: String,
    generation: u8,
    vcpus: Option<u32>,
    memory_gib: Option<f64>,
    gpu_spec: String,
    local_storage_gib: String,
    bandwidth_gbps: Option<f64>,
    pps: Option<u64>,
    nic_queues: Option<u32>,
    enis: Option<u32>,
    private_ips_per_eni: Option<u32>,
    credits_per_hour: Option<u32>,
    retired: bool,
}

/// Which network disks a newer family takes.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum DiskGroup {
    Essd,
    Entry,
}

impl DiskGroup {
    const fn categories(&self) -> &'static [&'static str] {
        match self {
            Self::Essd => ESSD_CATEGORIES,
            Self::Entry => ENTRY_CATEGORIES,
        }
    }
}

/// A line of the newer families.
#[derive(Deserialize)]
struct Family {
    #[serde(rename = "family")]
    name: String,
    prefix: String,
    generation: u8,
    architecture: Architecture,
    level: FamilyLevel,
    gib_per_vcpu: f64,
    sizes: String,
    disks: DiskGroup,
    gpu_spec: String,
    local_disks: String,
}

/// All types by name.
///
/// # Errors
/// An embedded table that cannot be read.
pub(super) fn read() -> Result<BTreeMap<String, Arc<InstanceType>>, CatalogError> {
    let mut types = BTreeMap::new();
    let mut add = |one: InstanceType| types.insert(one.name.clone(), Arc::new(one));
    for line in csv::Reader::from_reader(DOCUMENTED.as_bytes()).deserialize() {
        add(documented(line?));
    }
    let mut newer = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(NEWER.as_bytes());
    for line in newer.deserialize() {
        let family: Family = line?;
        // Without local disks the list is empty, and so is every size's part of it.
        let disks = family.local_disks.split(' ').chain(std::iter::repeat(""));
        for (size, disks) in family.sizes.split(' ').zip(disks) {
            add(newer_type(&family, size, disks)?);
        }
    }
    Ok(types)
}

fn documented(line: Documented) -> InstanceType {
    let name = line.instance_type;
    // Two types stand in the tables without figures; their size's name gives the vCPUs.
    let size = name.rsplit('.').next().unwrap_or_default();
    let vcpus = line.vcpus.or_else(|| vcpus_of(size)).unwrap_or(1);
    let memory_gib = line.memory_gib.unwrap_or(f64::from(vcpus) * USUAL_GIB_PER_VCPU);
    let mut one = InstanceType {
        generation: line.generation,
        vcpus,
        memory_mib: whole(memory_gib * 1024.0),
        architecture: architecture(&name),
        gpu_amount: gpu_amount(&line.gpu_spec),
        gpu_spec: gpu_model(&line.gpu_spec),
        local_storage: local_storage(&name, &line.local_storage_gib),
        bandwidth_kbps: line.bandwidth_gbps.map_or(0, |gbps| u64::from(whole(gbps * 1_000_000.0))),
        pps: line.pps.unwrap_or(0),
        nic_queues: line.nic_queues.unwrap_or(0),
        eni_quantity: line.enis.unwrap_or(0),
        private_ips_per_eni: line.private_ips_per_eni.unwrap_or(0),
        baseline_credit: line.credits_per_hour.unwrap_or(0),
        level: level(&name, line.credits_per_hour.is_some()),
        retired: line.retired,
        ..InstanceType::default()
    };
    one.complete(&name);
    let matrix = ChangeMatrix::builtin();
    one.io_optimized = !matrix.lacks_io_optimisation(one.family_key());
    one.nvme = line.generation >= 7;
    let is_newest = line.generation >= FIRST_ESSD_GENERATION && one.gpu_amount == 0;
    one.disk_categories = owned(if line.retired {
        RETIRED_CATEGORIES
    } else if is_newest || matrix.is_essd_only(one.family_key()) {
        ESSD_CATEGORIES
    } else {
        ALL_CATEGORIES
    });
    one
}

fn newer_type(family: &Family, size: &str, disks: &str) -> Result<InstanceType, CatalogError> {
    let vcpus = vcpus_of(size).ok_or_else(|| CatalogError::Size(size.to_owned()))?;
    let hyphen = if family.prefix.is_empty() { "" } else { "-" };
    let name = format!("ecs.{}{hyphen}{}.{size}", family.name, family.prefix);
    let mut one = InstanceType {
        generation: family.generation,
        vcpus,
        memory_mib: whole(f64::from(vcpus) * family.gib_per_vcpu * 1024.0),
        architecture: family.architecture,
        level: family.level,
        gpu_amount: gpu_amount(&family.gpu_spec),
        gpu_spec: gpu_model(&family.gpu_spec),
        local_storage: local_storage(&name, disks),
        disk_categories: owned(family.disks.categories()),
        nvme: true,
        ..InstanceType::default()
    };
    one.complete(&name);
    Ok(one)
}

fn owned(categories: &[&str]) -> Vec<String> {
    categories.iter().map(|category| (*category).to_owned()).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "table figures are small and positive"
)]
fn whole(figure: f64) -> u32 {
    figure.round() as u32
}

/// small is 1 vCPU, large 2, xlarge 4, Nxlarge 4N.
fn vcpus_of(size: &str) -> Option<u32> {
    match size {
        "small" | "medium" => Some(1),
        "large" => Some(2),
        "xlarge" => Some(4),
        _ => size.strip_suffix("xlarge")?.parse::<u32>().ok().map(|count| count * 4),
    }
}

/// Arm families end in r, y or m behind their generation's digit.
fn architecture(name: &str) -> Architecture {
    let family = name.strip_prefix("ecs.").and_then(|rest| rest.split(['.', '-']).next());
    match family {
        Some("g6r" | "c6r" | "g8y" | "c8y" | "r8y" | "g8m" | "c8m" | "r8m") => Architecture::Arm64,
        _ => Architecture::X86_64,
    }
}

/// Families whose documentation calls them shared, burstable ones aside.
const SHARED_FAMILIES: &[&str] = &["xn4.", "n4.", "mn4.", "e4.", "n1.", "n2.", "e3."];

fn level(name: &str, has_credits: bool) -> FamilyLevel {
    let is = |family: &str| name.strip_prefix("ecs.").is_some_and(|rest| rest.starts_with(family));
    if has_credits {
        FamilyLevel::CreditEntryLevel
    } else if SHARED_FAMILIES.iter().any(|family| is(family)) {
        FamilyLevel::EntryLevel
    } else {
        FamilyLevel::EnterpriseLevel
    }
}

/// `NVIDIA V100 × 8` is 8; a spec without a figure is one device.
fn gpu_amount(spec: &str) -> u32 {
    match spec.rsplit_once('×') {
        Some((_, figure)) => figure.trim().parse().unwrap_or(1),
        None => u32::from(!spec.is_empty()),
    }
}

/// `NVIDIA V100 × 8` is eight of `NVIDIA V100`, `NVIDIA T4 × 1/4` one of `NVIDIA T4/4`.
fn gpu_model(spec: &str) -> String {
    let Some((model, figure)) = spec.rsplit_once('×') else {
        return spec.to_owned();
    };
    let share =
        figure.split_once('/').map_or_else(String::new, |(_, of)| format!("/{}", of.trim()));
    format!("{}{share}", model.trim())
}

/// `12x5500` is twelve disks of 5500 GiB, `880` one.
fn local_storage(name: &str, text: &str) -> Option<LocalStorage> {
    let (amount, capacity) = text.split_once('x').unwrap_or(("1", text));
    let capacity_gib = capacity.trim().parse().ok()?;
    let is_hdd = name.starts_with("ecs.d");
    Some(LocalStorage {
        category: if is_hdd { "local_hdd_pro" } else { "local_ssd_pro" }.to_owned(),
        amount: amount.trim().parse().ok()?,
        capacity_gib,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read_whole() {
        let types = read().unwrap();
        assert_eq!(DOCUMENTED.lines().count() - 1, 615);
        assert!(types.len() > 800, "{}", types.len());
        assert!(types.values().all(|one| one.vcpus > 0 && one.memory_mib > 0));
        assert!(types.values().all(|one| one.eni_quantity > 0 && !one.disk_categories.is_empty()));
    }

    #[test]
    fn newer_families_follow_their_rule() {
        let types = read().unwrap();
        let g8i = &types["ecs.g8i.xlarge"];
        assert_eq!((g8i.vcpus, g8i.memory_mib, g8i.family.as_str()), (4, 16384, "ecs.g8i"));
        let u1 = &types["ecs.u1-c1m2.large"];
        assert_eq!((u1.vcpus, u1.memory_mib, u1.family.as_str()), (2, 4096, "ecs.u1"));
        assert_eq!(types["ecs.g8y.large"].architecture, Architecture::Arm64);
        let gn7i = &types["ecs.gn7i-c32g1.16xlarge"];
        assert_eq!((gn7i.memory_mib, gn7i.gpu_amount), (376 * 1024, 2));
        let i4 = types["ecs.i4.16xlarge"].local_storage.as_ref().unwrap();
        assert_eq!((i4.amount, i4.capacity_gib), (4, 3837));
    }

    #[test]
    fn disks_of_entry_level_are_for_universal_and_economy_families() {
        let types = read().unwrap();
        let takes = |name: &str, category: &str| {
            types[name].disk_categories.iter().any(|one| one == category)
        };
        assert!(takes("ecs.u1-c1m2.large", "cloud_essd_entry"));
        assert!(takes("ecs.e-c1m2.large", "cloud_essd_entry"));
        assert!(!takes("ecs.g8i.large", "cloud_essd_entry"));
        assert!(
            !takes("ecs.g7a.large", "cloud_efficiency") && takes("ecs.g7a.large", "cloud_essd")
        );
        assert!(takes("ecs.g6.large", "cloud_efficiency"));
    }

    #[test]
    fn documented_figures_arrive() {
        let types = read().unwrap();
        let i2 = types["ecs.i2.4xlarge"].local_storage.as_ref().unwrap();
        assert_eq!((i2.amount, i2.capacity_gib, i2.category.as_str()), (2, 1788, "local_ssd_pro"));
        let s1 = &types["ecs.s1.large"];
        assert!(s1.retired && !s1.io_optimized && s1.ipv6_per_eni == 0);
        assert_eq!(types["ecs.g6.2xlarge"].private_ips_per_eni, 10);
        assert_eq!(types["ecs.t5-lc2m1.nano"].family, "ecs.t5");
        let gpus = |name: &str| (types[name].gpu_amount, types[name].gpu_spec.as_str());
        assert_eq!(gpus("ecs.gn6v-c8g1.16xlarge"), (8, "NVIDIA V100"));
        assert_eq!(gpus("ecs.vgn6i-m4.xlarge"), (1, "NVIDIA T4/4"));
        assert_eq!(types["ecs.n1.small"].level, FamilyLevel::EntryLevel);
        assert_eq!(types["ecs.t6-c1m2.large"].level, FamilyLevel::CreditEntryLevel);
        assert_eq!(types["ecs.sn1.large"].level, FamilyLevel::EnterpriseLevel);
    }
}
