//! Regions, zones, what they offer and what they have in stock.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A region.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Region {
    /// Name shown to people.
    pub local_name: String,
    /// Built for one customer; its instances get no public IP.
    pub dedicated: bool,
    /// How many public IP addresses are left; no figure means enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ips_left: Option<u32>,
}

impl Region {
    /// Has it a public address left?
    pub fn has_public_ip_left(&self) -> bool {
        self.public_ips_left != Some(0)
    }
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Zone {
    /// The region it lies in.
    pub region_id: String,
    /// Name shown to people.
    pub local_name: String,
    /// The instance types sold here; no list means all of the catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_types: Option<BTreeSet<String>>,
    /// Types not sold here although the list above (or its absence) says so.
    pub not_offered_types: BTreeSet<String>,
    /// The categories of disks sold here; no list means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disk_categories: Option<BTreeSet<String>>,
    /// How much the account can still have of a category of disks, GiB; without an entry enough.
    pub disk_capacity_left_gib: BTreeMap<String, u32>,
    /// Instances in a VPC get no public bandwidth here.
    pub vpc_without_public_bandwidth: bool,
    /// What is left of a type: a number, or a table from cluster to number. A type without an entry
    /// never runs out.
    pub stock: BTreeMap<String, Stock>,
}

impl Zone {
    /// Is this type sold here?
    pub fn offers(&self, instance_type: &str) -> bool {
        self.offered_types.as_ref().is_none_or(|offered| offered.contains(instance_type))
            && !self.not_offered_types.contains(instance_type)
    }

    /// Is there one of this type left anywhere in the zone?
    pub fn has_stock(&self, instance_type: &str) -> bool {
        self.stock.get(instance_type).is_none_or(|stock| stock.total() > 0)
    }

    /// How many of this type are left in the zone; none where it never runs out.
    pub fn stock_left(&self, instance_type: &str) -> Option<u32> {
        self.stock.get(instance_type).map(Stock::total)
    }

    /// Is there one of this type left in this cluster of the zone?
    pub fn has_stock_in(&self, instance_type: &str, cluster: &str) -> bool {
        self.stock.get(instance_type).is_none_or(|stock| stock.of_cluster(cluster) > 0)
    }
}

/// How many instances of a type can still be had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Stock {
    /// Anywhere in the zone.
    Zone(u32),
    /// By cluster; a cluster without an entry has none.
    Clusters(BTreeMap<String, u32>),
}

impl Stock {
    fn total(&self) -> u32 {
        match self {
            Self::Zone(left) => *left,
            Self::Clusters(clusters) => {
                clusters.values().fold(0, |sum, left| sum.saturating_add(*left))
            }
        }
    }

    fn of_cluster(&self, cluster: &str) -> u32 {
        match self {
            Self::Zone(left) => *left,
            Self::Clusters(clusters) => clusters.get(cluster).copied().unwrap_or(0),
        }
    }

    /// The cluster that has one: `preferred` where it does, else the first that does. None where
    /// stock is not counted by cluster, or nothing is left.
    pub fn cluster_for(&self, preferred: &str) -> Option<String> {
        let Self::Clusters(clusters) = self else { return None };
        if clusters.get(preferred).is_some_and(|left| *left > 0) {
            return Some(preferred.to_owned());
        }
        clusters.iter().find(|(_, left)| **left > 0).map(|(name, _)| name.clone())
    }

    /// Takes one, from `cluster` where it has one, else from the first that has.
    pub fn take(&mut self, cluster: &str) {
        match self {
            Self::Zone(left) => *left = left.saturating_sub(1),
            Self::Clusters(_) => {
                let name = self.cluster_for(cluster);
                if let (Self::Clusters(clusters), Some(name)) = (self, name) {
                    clusters.entry(name).and_modify(|left| *left -= 1);
                }
            }
        }
    }

    /// Gives one back to `cluster`.
    pub fn give_back(&mut self, cluster: &str) {
        match self {
            Self::Zone(left) => *left = left.saturating_add(1),
            Self::Clusters(clusters) => {
                let left = clusters.entry(cluster.to_owned()).or_default();
                *left = left.saturating_add(1);
            }
        }
    }
}
