//! How the machine of an instance is shown: its hardware, its system, its serial number.

use super::InstanceView;
use crate::domain::catalog::{Architecture, FamilyLevel};
use crate::reply::{Node, object};

/// The metadata service of every instance.
pub(in crate::operations) const HTTP_ENDPOINT: &str = "enabled";
/// The metadata service asks for no token.
pub(in crate::operations) const HTTP_TOKENS: &str = "optional";

impl InstanceView {
    /// Has its type I/O optimisation?
    pub fn is_io_optimized(&self) -> bool {
        self.instance_type.io_optimized
    }

    pub(super) fn credit_specification(&self) -> &'static str {
        match self.instance_type.level {
            FamilyLevel::CreditEntryLevel => "Standard",
            FamilyLevel::EntryLevel | FamilyLevel::EnterpriseLevel => "",
        }
    }
}

pub(super) fn hardware(view: &InstanceView) -> Node {
    let one = &view.instance_type;
    // A vCPU is one of a core's two threads; Arm cores and single vCPUs stand for themselves.
    let has_pairs = one.architecture == Architecture::X86_64 && one.vcpus > 1;
    let threads_per_core = 1 + u32::from(has_pairs);
    object! {
        "InstanceTypeFamily" => &one.family,
        "CpuOptions" => object! {
            "CoreCount" => one.vcpus / threads_per_core,
            "ThreadsPerCore" => threads_per_core,
            "Numa" => "ON",
        },
        "GPUAmount" => one.gpu_amount,
        "GPUSpec" => &one.gpu_spec,
        "IoOptimized" => view.is_io_optimized(),
    }
}

pub(super) fn system(view: &InstanceView) -> Node {
    let os_name = view.image.as_ref().map_or("", |image| &image.os_name);
    let os_type = view.image.as_ref().map_or("", |image| &image.os_type);
    object! {
        "OSName" => os_name,
        "OSNameEn" => os_name,
        "OSType" => os_type,
        "MetadataOptions" => object! {
            "HttpEndpoint" => HTTP_ENDPOINT,
            "HttpTokens" => HTTP_TOKENS,
        },
        "HibernationOptions" => object! { "Configured" => view.instance.hibernation_configured },
        "ImageOptions" => Node::empty(),
        "PrivateDnsNameOptions" => Node::empty(),
    }
}

/// A UUID that follows from the instance's id (its FNV-1a hash): the guest's serial number never
/// changes, and nothing else is to be read from it.
pub(super) fn serial_number(id: &str) -> String {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mix = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    let hash = id.bytes().fold(BASIS, mix);
    uuid::Builder::from_random_bytes(hash.to_be_bytes()).into_uuid().to_string()
}
