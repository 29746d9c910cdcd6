//! Images instances are created from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::catalog::Architecture;
use super::registry::named;

/// An image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Image {
    /// `m-…` or a public image's name.
    #[serde(skip)]
    pub id: String,
    /// Name of the operating system, as shown.
    pub os_name: String,
    /// `linux` or `windows`.
    pub os_type: String,
    /// What it is built for.
    pub architecture: Architecture,
    /// The instance types it runs on; no list means all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supported_types: Option<BTreeSet<String>>,
    /// The least and the most vCPUs it runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcpu_range: Option<(u32, u32)>,
    /// The least and the most memory it runs on, GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_gib_range: Option<(u32, u32)>,
    /// From the marketplace.
    pub marketplace: bool,
    /// On sale there (where it is from).
    pub on_sale: bool,
    /// Size in GiB, the least a system disk must have.
    pub size_gib: u32,
}

impl Default for Image {
    fn default() -> Self {
        Self {
            id: String::new(),
            os_name: "Alibaba Cloud Linux 3.2104 LTS 64 bit".to_owned(),
            os_type: "linux".to_owned(),
            architecture: Architecture::X86_64,
            supported_types: None,
            vcpu_range: None,
            memory_gib_range: None,
            marketplace: false,
            on_sale: true,
            size_gib: 20,
        }
    }
}

named!(Image);
