//! Disks of an instance.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::brief::is_implied;
use super::catalog::InstanceType;
use super::instance::ChargeType;
use super::text::{Text, Word};

/// The categories of network disks a caller may name.
pub const DISK_CATEGORIES: &[&str] =
    &["cloud", "cloud_efficiency", "cloud_ssd", "cloud_essd", "cloud_auto", "cloud_essd_entry"];

/// The disks of an instance: most have one or two.
pub type Disks = SmallVec<[Disk; 2]>;

/// A disk attached to an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Disk {
    /// `d-…`; made from the instance's id where a document names none.
    pub id: Text,
    /// The disk the system starts from?
    #[serde(skip_serializing_if = "is_implied")]
    pub system: bool,
    /// `cloud_essd`, … or a local category (`local_ssd_pro`, `ephemeral_ssd`, …). By the instance's
    /// type where a document does not say.
    pub category: Word,
    /// Size in GiB.
    pub size_gib: u32,
    /// PL0 to PL3 for `cloud_essd`, else empty.
    #[serde(skip_serializing_if = "is_implied")]
    pub performance_level: Word,
    /// `PostPaid` or `PrePaid`; none for as its instance is paid for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_type: Option<ChargeType>,
}

impl Default for Disk {
    fn default() -> Self {
        Self {
            id: Text::default(),
            system: false,
            category: Word::default(),
            size_gib: 40,
            performance_level: Word::default(),
            charge_type: None,
        }
    }
}

/// The category a disk gets where nobody says: ultra disks, or enhanced SSDs where the type takes
/// no other.
pub fn default_category(instance_type: &InstanceType) -> &'static str {
    let takes_ultra = instance_type.disk_categories.iter().any(|one| one == "cloud_efficiency");
    if takes_ultra { "cloud_efficiency" } else { "cloud_essd" }
}

impl Disk {
    /// A system disk as instances get it by default.
    pub fn default_system() -> Self {
        Self { system: true, ..Self::default() }
    }

    /// How it is paid for, attached to an instance that is paid for like this.
    pub fn paid_as(&self, instance: ChargeType) -> ChargeType {
        self.charge_type.unwrap_or(instance)
    }

    /// Does the disk live in the host, so that it cannot move with the instance?
    pub fn is_local(&self) -> bool {
        self.category.starts_with("local_") || self.category.starts_with("ephemeral")
    }
}
