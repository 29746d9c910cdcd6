//! Reads the embedded tables: the documented types one by one, newer families by rule. Fields are parted by
//! commas, and none has one.

use std::borrow::Cow;
use std::str::FromStr;

use super::families::Families;
use super::instance_type::{Architecture, FamilyLevel, InstanceType, LocalStorage};
use crate::reading::{self, Misfit};

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
    /// A line with more or fewer fields than its table has.
    #[error("{0:?} is no line of its table")]
    Line(&'static str),
    /// A field that is not what its column is about.
    #[error("{0:?} is not what its column is about")]
    Field(&'static str),
    /// A matrix of changes that is not one, or a word that is not of its list.
    #[error("{0}")]
    Misfit(#[from] Misfit),
}

/// Where the tables tell of a type. Small, since every start makes one of each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Where its line begins in its table.
    begin: u32,
    /// Which size of a newer family, from 0; none for a documented type.
    size: Option<u16>,
}

/// Tells all types with their names, in no order.
///
/// # Errors
/// A line that is not one of its table.
pub(super) fn sources(mut tell: impl FnMut(Cow<'static, str>, Source)) -> Result<(), CatalogError> {
    for (begin, line) in lines(DOCUMENTED).skip(1) {
        tell(documented_name(line).into(), Source { begin, size: None });
    }
    for (begin, line) in lines(NEWER).filter(|(_, line)| !line.starts_with('#')).skip(1) {
        let [family, prefix, .., sizes, _, _, _] = fields::<10>(line)?;
        for (at, size) in (0..).zip(sizes.split(' ')) {
            let name = newer_name(family, prefix, size);
            tell(name.into(), Source { begin, size: Some(at) });
        }
    }
    Ok(())
}

/// The lines of a table, each with its place there. Every start goes through them all.
fn lines(table: &'static str) -> impl Iterator<Item = (u32, &'static str)> {
    let mut begin = 0;
    memchr::memchr_iter(b'\n', table.as_bytes()).map(move |end| {
        let line = &table[begin..end];
        // A table is some kilobytes long.
        let place = u32::try_from(begin).unwrap_or(u32::MAX);
        begin = end + 1;
        (place, line)
    })
}

impl Source {
    /// The type.
    ///
    /// # Errors
    /// A field that is not what its column is about.
    pub(super) fn read(self) -> Result<InstanceType, CatalogError> {
        match self.size {
            None => documented(line_at(DOCUMENTED, self.begin)),
            Some(size) => newer(line_at(NEWER, self.begin), usize::from(size)),
        }
    }

    /// The name of the type, where the table has it as it is.
    pub(super) fn name(self) -> Option<&'static str> {
        self.size.is_none().then(|| documented_name(rest_at(DOCUMENTED, self.begin)))
    }
}

fn rest_at(table: &'static str, begin: u32) -> &'static str {
    table.get(begin as usize..).unwrap_or_default()
}

fn line_at(table: &'static str, begin: u32) -> &'static str {
    let rest = rest_at(table, begin);
    rest.split_once('\n').map_or(rest, |(line, _)| line)
}

/// The name of a type that has a line of its own. Every start asks for all of them.
#[inline]
fn documented_name(line: &str) -> &str {
    &line[..memchr::memchr(b',', line.as_bytes()).unwrap_or(line.len())]
}

fn fields<const N: usize>(line: &'static str) -> Result<[&'static str; N], CatalogError> {
    let fields: Vec<&str> = line.split(',').collect();
    fields.try_into().map_err(|_| CatalogError::Line(line))
}

fn figure<T: FromStr>(field: &'static str) -> Result<T, CatalogError> {
    field.parse().map_err(|_| CatalogError::Field(field))
}

/// A figure where there is one.
fn known<T: FromStr>(field: &'static str) -> Result<Option<T>, CatalogError> {
    (!field.is_empty()).then(|| figure(field)).transpose()
}

fn documented(line: &'static str) -> Result<InstanceType, CatalogError> {
    let [
        name,
        generation,
        vcpus,
        memory_gib,
        gpu_spec,
        local_storage_gib,
        bandwidth_gbps,
        pps,
        nic_queues,
        enis,
        private_ips_per_eni,
        credits_per_hour,
        retired,
    ] = fields(line)?;
    // Two types stand in the tables without figures; their size's name gives the vCPUs.
    let size = name.rsplit('.').next().unwrap_or_default();
    let vcpus = known(vcpus)?.or_else(|| vcpus_of(size)).unwrap_or(1);
    let memory_gib = known(memory_gib)?.unwrap_or(f64::from(vcpus) * USUAL_GIB_PER_VCPU);
    let bandwidth_gbps: Option<f64> = known(bandwidth_gbps)?;
    let credits_per_hour: Option<u32> = known(credits_per_hour)?;
    let mut one = InstanceType {
        generation: figure(generation)?,
        vcpus,
        memory_mib: whole(memory_gib * 1024.0),
        architecture: architecture(name),
        gpu_amount: gpu_amount(gpu_spec),
        gpu_spec: gpu_model(gpu_spec),
        local_storage: local_storage(name, local_storage_gib),
        bandwidth_kbps: bandwidth_gbps.map_or(0, |gbps| u64::from(whole(gbps * 1_000_000.0))),
        pps: known(pps)?.unwrap_or(0),
        nic_queues: known(nic_queues)?.unwrap_or(0),
        eni_quantity: known(enis)?.unwrap_or(0),
        private_ips_per_eni: known(private_ips_per_eni)?.unwrap_or(0),
        baseline_credit: credits_per_hour.unwrap_or(0),
        level: level(name, credits_per_hour.is_some()),
        retired: figure(retired)?,
        ..InstanceType::default()
    };
    one.complete(name);
    let families = Families::builtin();
    one.io_optimized = !families.lacks_io_optimisation(one.family_key());
    one.nvme = one.generation >= 7;
    let is_newest = one.generation >= FIRST_ESSD_GENERATION && one.gpu_amount == 0;
    one.disk_categories = owned(if one.retired {
        RETIRED_CATEGORIES
    } else if is_newest || families.is_essd_only(one.family_key()) {
        ESSD_CATEGORIES
    } else {
        ALL_CATEGORIES
    });
    Ok(one)
}

/// The size at this position in the line of a newer family.
fn newer(line: &'static str, at: usize) -> Result<InstanceType, CatalogError> {
    let [
        family,
        prefix,
        generation,
        architecture,
        level,
        gib_per_vcpu,
        sizes,
        disk_group,
        gpu_spec,
        local_disks,
    ] = fields(line)?;
    let size = sizes.split(' ').nth(at).ok_or(CatalogError::Line(line))?;
    // Without local disks the list is empty, and so is every size's part of it.
    let disks = local_disks.split(' ').nth(at).unwrap_or_default();
    let vcpus = vcpus_of(size).ok_or(CatalogError::Field(size))?;
    let name = newer_name(family, prefix, size);
    let mut one = InstanceType {
        generation: figure(generation)?,
        vcpus,
        memory_mib: whole(f64::from(vcpus) * figure::<f64>(gib_per_vcpu)? * 1024.0),
        architecture: reading::value(&architecture)?,
        level: reading::value(&level)?,
        gpu_amount: gpu_amount(gpu_spec),
        gpu_spec: gpu_model(gpu_spec),
        local_storage: local_storage(&name, disks),
        disk_categories: owned(match disk_group {
            "essd" => ESSD_CATEGORIES,
            "entry" => ENTRY_CATEGORIES,
            other => return Err(CatalogError::Field(other)),
        }),
        nvme: true,
        ..InstanceType::default()
    };
    one.complete(&name);
    Ok(one)
}

fn newer_name(family: &str, prefix: &str, size: &str) -> String {
    let hyphen = if prefix.is_empty() { "" } else { "-" };
    ["ecs.", family, hyphen, prefix, ".", size].concat()
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
    use std::collections::BTreeMap;

    use super::*;

    fn types() -> BTreeMap<String, InstanceType> {
        let mut types = BTreeMap::new();
        let mut read = |name: Cow<'_, str>, source: Source| {
            assert!(source.name().is_none_or(|known| known == name));
            let former = types.insert(name.into_owned(), source.read().unwrap());
            assert!(former.is_none(), "{former:?} stands there twice");
        };
        sources(&mut read).unwrap();
        types
    }

    #[test]
    fn the_tables_are_read_whole() {
        let types = types();
        assert_eq!(DOCUMENTED.lines().count() - 1, 615);
        assert!(types.len() > 800, "{}", types.len());
        assert!(types.iter().all(|(name, one)| *name == one.name));
        assert!(types.values().all(|one| one.vcpus > 0 && one.memory_mib > 0));
        assert!(types.values().all(|one| one.eni_quantity > 0 && !one.disk_categories.is_empty()));
    }

    #[test]
    fn newer_families_follow_their_rule() {
        let types = types();
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
        let types = types();
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
        let types = types();
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
