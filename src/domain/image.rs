//! Images instances are created from.

use serde::{Deserialize, Serialize};

use super::catalog::Architecture;
use super::registry::named;

/// An image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
            size_gib: 20,
        }
    }
}

named!(Image);
