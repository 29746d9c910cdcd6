//! VPCs, switches, security groups, network interfaces and elastic IPs.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::brief::is_implied;
use super::registry::named;
use super::text::Text;
use super::time::Timestamp;

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Vpc {
    /// `vpc-…`.
    #[serde(skip)]
    pub id: String,
    /// The region it lies in.
    pub region_id: String,
    /// Its address block.
    pub cidr_block: String,
    /// Advanced network features are on: older families do not work in it.
    pub advanced_features: bool,
    /// The same, as an earlier generation of the service calls it.
    pub senior_features: bool,
}

/// How an elastic IP is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum EipMode {
    /// Through NAT.
    #[default]
    #[serde(rename = "NAT")]
    Nat,
    /// Visible on the interface, beside its private addresses.
    #[serde(rename = "MULTI_BINDED")]
    MultiBound,
    /// Visible on the interface, in their place.
    #[serde(rename = "BINDED")]
    Bound,
}

/// A switch (subnet) of a VPC in one zone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct VSwitch {
    /// `vsw-…`.
    #[serde(skip)]
    pub id: String,
    /// The VPC it belongs to.
    pub vpc_id: String,
    /// The zone it lies in.
    pub zone_id: String,
    /// Its address block, a `/16` to `/29`.
    pub cidr_block: String,
    /// How many host addresses have been given out.
    pub hosts_given: u32,
}

impl VSwitch {
    /// Does this address lie in the block?
    pub fn contains(&self, address: std::net::Ipv4Addr) -> bool {
        let Some((network, bits)) = self.cidr_block.split_once('/') else { return false };
        let (network, bits) = (network.parse::<std::net::Ipv4Addr>(), bits.parse::<u32>());
        let (Ok(network), Ok(bits @ 0..=32)) = (network, bits) else { return false };
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        u32::from(network) & mask == u32::from(address) & mask
    }

    /// The host address with this number (the first three of a block are the service's own).
    pub fn host(&self, number: u32) -> Text {
        let network = self
            .cidr_block
            .split('/')
            .next()
            .and_then(|address| address.parse::<std::net::Ipv4Addr>().ok())
            .unwrap_or(std::net::Ipv4Addr::new(172, 16, 0, 0));
        Text::of_address(u32::from(network).wrapping_add(number).wrapping_add(10))
    }
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SecurityGroup {
    /// `sg-…`.
    #[serde(skip)]
    pub id: String,
    /// The VPC it belongs to; empty for the classic network.
    pub vpc_id: String,
    /// Its name.
    pub name: String,
}

/// A network interface of an instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NetworkInterface {
    /// `eni-…`; made from the instance's id where a document names none.
    pub id: Text,
    /// The interface the instance was created with?
    #[serde(skip_serializing_if = "is_implied")]
    pub primary: bool,
    /// Its hardware address.
    pub mac_address: Text,
    /// Its private addresses, the primary one first.
    pub private_ips: SmallVec<[Text; 1]>,
    /// Its IPv6 addresses.
    #[serde(skip_serializing_if = "is_implied")]
    pub ipv6_addresses: Box<[Text]>,
    /// It carries the traffic of member interfaces.
    #[serde(skip_serializing_if = "is_implied")]
    pub trunk: bool,
    /// Receive-side scaling is on.
    #[serde(skip_serializing_if = "is_implied")]
    pub rss: bool,
    /// RDMA: the `HighPerformance` traffic mode.
    #[serde(skip_serializing_if = "is_implied")]
    pub high_performance: bool,
    /// How many queues were set; none for the type's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queues: Option<u32>,
    /// How many queue pairs were set (RDMA).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_pairs: Option<u32>,
}

/// How public bandwidth is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum InternetChargeType {
    /// By the traffic used.
    #[default]
    PayByTraffic,
    /// By the bandwidth bought.
    PayByBandwidth,
}

impl InternetChargeType {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayByTraffic => "PayByTraffic",
            Self::PayByBandwidth => "PayByBandwidth",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "PayByTraffic" => Some(Self::PayByTraffic),
            "PayByBandwidth" => Some(Self::PayByBandwidth),
            _ => None,
        }
    }
}

/// An elastic IP address.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Eip {
    /// `eip-…`, the allocation id.
    #[serde(skip)]
    pub id: String,
    /// The region it belongs to.
    pub region_id: String,
    /// The address.
    pub ip_address: String,
    /// Peak bandwidth, Mbit/s.
    pub bandwidth_mbps: u32,
    /// How its bandwidth is paid for.
    pub internet_charge_type: InternetChargeType,
    /// Its name.
    pub name: String,
    /// What it is for, in the owner's words.
    pub description: String,
    /// How it is bound: `NAT`, `MULTI_BINDED` or `BINDED`.
    pub mode: EipMode,
    /// The instance it is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// When it was allocated.
    pub allocated_at: Timestamp,
}

impl Eip {
    /// `InUse` where it is bound, else `Available`.
    pub const fn status(&self) -> &'static str {
        if self.instance_id.is_some() { "InUse" } else { "Available" }
    }
}

named!(Vpc, VSwitch, SecurityGroup, Eip);
