//! An instance: what DescribeInstances shows and what the rules look at, and which status may
//! follow which.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::change::{Change, InstanceChange};
use super::disk::Disk;
use super::network::{InternetChargeType, NetworkInterface};
use super::period::{AutoRenew, Period, PeriodUnit};
use super::registry::named;
use super::time::Timestamp;

/// 2099-12-31T15:59Z: when pay-as-you-go instances are said to expire.
const NEVER: Timestamp = Timestamp(4_102_415_940_000);

/// Where an instance is in its life.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
pub enum Status {
    /// Being created.
    Pending,
    /// On its way to Running.
    Starting,
    /// Up.
    #[default]
    Running,
    /// On its way to Stopped.
    Stopping,
    /// Down.
    Stopped,
}

impl Status {
    /// All of them, in the order of a life.
    pub const ALL: &'static [Self] =
        &[Self::Pending, Self::Starting, Self::Running, Self::Stopping, Self::Stopped];

    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Starting => "Starting",
            Self::Running => "Running",
            Self::Stopping => "Stopping",
            Self::Stopped => "Stopped",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }

    /// Running or Stopped: the two that do not end by themselves.
    pub const fn is_stable(self) -> bool {
        matches!(self, Self::Running | Self::Stopped)
    }

    /// May `next` follow this status?
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            // RunInstances goes on to Starting by itself, CreateInstance ends in Stopped.
            (Self::Pending, Self::Starting | Self::Stopped)
            | (Self::Starting, Self::Running)
            // A reboot goes from Running to Starting, without passing Stopping.
            | (Self::Running, Self::Stopping | Self::Starting)
            | (Self::Stopping, Self::Stopped)
            | (Self::Stopped, Self::Starting) => true,
            (Self::Pending, Self::Pending | Self::Running | Self::Stopping)
            | (Self::Starting, Self::Pending | Self::Starting | Self::Stopping | Self::Stopped)
            | (Self::Running, Self::Pending | Self::Running | Self::Stopped)
            | (Self::Stopping, Self::Pending | Self::Starting | Self::Running | Self::Stopping)
            | (Self::Stopped, Self::Pending | Self::Running | Self::Stopping | Self::Stopped) => {
                false
            }
        }
    }
}

/// How an instance is paid for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
pub enum ChargeType {
    /// Pay-as-you-go.
    #[default]
    PostPaid,
    /// Subscription.
    PrePaid,
}

impl ChargeType {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PostPaid => "PostPaid",
            Self::PrePaid => "PrePaid",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "PostPaid" => Some(Self::PostPaid),
            "PrePaid" => Some(Self::PrePaid),
            _ => None,
        }
    }
}

/// The network an instance is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkType {
    /// A virtual private cloud.
    #[default]
    Vpc,
    /// The classic network.
    Classic,
}

impl NetworkType {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vpc => "vpc",
            Self::Classic => "classic",
        }
    }
}

/// What stopping kept or gave back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum StoppedMode {
    /// Everything is kept and charged.
    #[default]
    KeepCharging,
    /// vCPU, memory and the public IP of the VPC are given back.
    StopCharging,
}

impl StoppedMode {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeepCharging => "KeepCharging",
            Self::StopCharging => "StopCharging",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "KeepCharging" => Some(Self::KeepCharging),
            "StopCharging" => Some(Self::StopCharging),
            _ => None,
        }
    }
}

/// Why an instance is locked.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Expired or in arrears.
    Financial,
    /// Locked for security reasons.
    Security,
}

impl Lock {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Financial => "financial",
            Self::Security => "security",
        }
    }
}

/// A window in which an instance has other bandwidth than it was bought with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemporaryBandwidth {
    /// Outbound bandwidth inside the window, Mbit/s.
    pub out_mbps: u32,
    /// First moment of the window.
    pub starts_at: Timestamp,
    /// First moment after it.
    pub ends_at: Timestamp,
    /// Outbound bandwidth to go back to.
    pub regular_out_mbps: u32,
}

impl TemporaryBandwidth {
    /// What agreeing on the window brings about.
    pub fn changes(self, instance_id: &str) -> Vec<Change> {
        let starts = InstanceChange::TemporaryBandwidthStarts.of(instance_id).at(self.starts_at);
        let ends = InstanceChange::TemporaryBandwidthEnds.of(instance_id).at(self.ends_at);
        vec![InstanceChange::TemporaryBandwidth(self).of(instance_id), starts, ends]
    }
}

/// The last successful change by one operation, for the cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LastChange {
    /// When it succeeded.
    pub at: Timestamp,
    /// Did it lower the configuration?
    pub downgrade: bool,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Instance {
    /// `i-…`.
    #[serde(skip)]
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What it is for, in the owner's words.
    pub description: String,
    /// Name of the host inside the guest.
    pub host_name: String,
    /// The region; the first one where a document names none.
    pub region_id: String,
    /// The zone; the region's first where a document names none.
    pub zone_id: String,
    /// The cluster inside the zone.
    pub cluster_id: String,
    /// The image it was created from.
    pub image_id: String,
    /// The type as DescribeInstances shows it.
    pub instance_type: String,
    /// The type the guest runs on: differs from the one shown until the next start. Empty where
    /// they are the same.
    pub effective_type: String,
    /// The type a change on its way will give it; its stock is set aside. Empty where none is.
    pub reserved_type: String,
    /// The cluster that stock is in.
    pub reserved_cluster: String,
    /// Where it is in its life: `Pending`, `Starting`, `Running`, `Stopping` or `Stopped`.
    pub status: Status,
    /// How it is paid for: `PostPaid` or `PrePaid`.
    pub charge_type: ChargeType,
    /// What the last stop kept: `KeepCharging` or `StopCharging`.
    pub stopped_mode: StoppedMode,
    /// `NoSpot`, `SpotWithPriceLimit` or `SpotAsPriceGo`.
    pub spot_strategy: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last started.
    pub started_at: Timestamp,
    /// End of the subscription. A subscription instance without one lasts a month from now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What becomes of the subscription at its end.
    pub auto_renew: AutoRenew,
    /// When it is to be released by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_release_at: Option<Timestamp>,
    /// Why it is locked: `financial`, `security`.
    pub locks: BTreeSet<Lock>,
    /// It ran when it was stopped because nobody paid, and runs again once somebody has.
    pub reactivates: bool,
    /// Refuses DeleteInstance.
    pub deletion_protection: bool,
    /// The network it is in: `vpc` or `classic`.
    pub network_type: NetworkType,
    /// Its VPC; that of the switch where a document names none.
    pub vpc_id: String,
    /// Its switch; the zone's first where a document names none.
    pub vswitch_id: String,
    /// Its security groups.
    pub security_group_ids: Vec<String>,
    /// Its private address; the next free one where a document names none.
    pub private_ip: String,
    /// Its public address (not an elastic one).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_ip: Option<String>,
    /// Outbound public bandwidth, Mbit/s.
    pub bandwidth_out_mbps: u32,
    /// Inbound public bandwidth, Mbit/s; no figure without public bandwidth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_in_mbps: Option<u32>,
    /// How its public bandwidth is paid for: `PayByTraffic` or `PayByBandwidth`.
    pub internet_charge_type: InternetChargeType,
    /// A window of other bandwidth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporary_bandwidth: Option<TemporaryBandwidth>,
    /// Its disks; one system disk where a document does not speak of them.
    pub disks: Vec<Disk>,
    /// Its interfaces; the primary one where a document does not speak of them.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its key pair.
    pub key_pair_name: String,
    /// Its resource group.
    pub resource_group_id: String,
    /// Its user data, base64.
    pub user_data: String,
    /// Its RAM role.
    pub ram_role_name: String,
    /// The dedicated host it is on.
    pub dedicated_host_id: String,
    /// The CloudBox it is in.
    pub cloudbox_id: String,
    /// `Open`, `Target` or `None`: which private pool its capacity comes from.
    pub private_pool: String,
    /// Part of a starter package, which is sold as it is.
    pub starter_package: bool,
    /// Set up to hibernate.
    pub hibernation_configured: bool,
    /// Ports of a NAT gateway lead to it.
    pub nat_port_map: bool,
    /// Its vCPUs can run virtual machines.
    pub nested_virtualization: bool,
    /// `ContinuousCoreToHTMapping` or `DiscreteCoreToHTMapping`; empty for the default.
    pub cpu_topology: String,
    /// How often its type was changed while it ran, since its last start.
    pub online_changes: u32,
    /// The records of its purchase exist.
    pub purchase_recorded: bool,
    /// A subscription by the week.
    pub weekly: bool,
    /// The type a renewal has bought for the next period; empty for none.
    pub next_period_type: String,
    /// How many downgrades of this subscription instance were refunded.
    pub downgrade_refunds: u32,
    /// The last successful change by operation.
    pub last_changes: BTreeMap<String, LastChange>,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            description: String::new(),
            host_name: String::new(),
            region_id: String::new(),
            zone_id: String::new(),
            cluster_id: "c-1".to_owned(),
            image_id: "aliyun_3_x64_20G_alibase_20240528.vhd".to_owned(),
            instance_type: "ecs.g6.large".to_owned(),
            effective_type: String::new(),
            reserved_type: String::new(),
            reserved_cluster: String::new(),
            status: Status::default(),
            charge_type: ChargeType::default(),
            stopped_mode: StoppedMode::default(),
            spot_strategy: "NoSpot".to_owned(),
            created_at: Timestamp::default(),
            started_at: Timestamp::default(),
            expires_at: None,
            auto_renew: AutoRenew::default(),
            auto_release_at: None,
            locks: BTreeSet::new(),
            reactivates: false,
            deletion_protection: false,
            network_type: NetworkType::default(),
            vpc_id: String::new(),
            vswitch_id: String::new(),
            security_group_ids: Vec::new(),
            private_ip: String::new(),
            public_ip: None,
            bandwidth_out_mbps: 0,
            bandwidth_in_mbps: None,
            internet_charge_type: InternetChargeType::default(),
            temporary_bandwidth: None,
            disks: vec![Disk::default_system()],
            network_interfaces: vec![NetworkInterface {
                primary: true,
                ..NetworkInterface::default()
            }],
            tags: BTreeMap::new(),
            key_pair_name: String::new(),
            resource_group_id: String::new(),
            user_data: String::new(),
            ram_role_name: String::new(),
            dedicated_host_id: String::new(),
            cloudbox_id: String::new(),
            private_pool: "None".to_owned(),
            starter_package: false,
            hibernation_configured: false,
            nat_port_map: false,
            nested_virtualization: false,
            cpu_topology: String::new(),
            online_changes: 0,
            purchase_recorded: true,
            weekly: false,
            next_period_type: String::new(),
            downgrade_refunds: 0,
            last_changes: BTreeMap::new(),
        }
    }
}

named!(Instance);

impl Instance {
    /// Locked for this reason?
    pub fn is_locked_for(&self, lock: Lock) -> bool {
        self.locks.contains(&lock)
    }

    /// A subscription?
    pub fn is_prepaid(&self) -> bool {
        self.charge_type == ChargeType::PrePaid
    }

    /// A subscription whose end has come.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.is_prepaid() && self.expires_at.is_some_and(|end| end <= now)
    }

    /// Will something become of it by itself?
    pub fn has_plans(&self) -> bool {
        self.expires_at.is_some()
            || self.auto_release_at.is_some()
            || self.temporary_bandwidth.is_some()
    }

    /// When it is said to expire: a subscription at its end, everything else at 2099-12-31T15:59Z.
    pub fn shown_expiry(&self) -> Timestamp {
        self.expires_at.filter(|_| self.is_prepaid()).unwrap_or(NEVER)
    }

    /// Makes it a subscription. Data disks that are not part of it are paid for as they are used.
    pub fn subscribe(&mut self, period: Period, with_data_disks: bool, now: Timestamp) {
        self.charge_type = ChargeType::PrePaid;
        self.expires_at = Some(period.after(now));
        self.weekly = period.unit == PeriodUnit::Week;
        for disk in self.disks.iter_mut().filter(|disk| !disk.system && !with_data_disks) {
            disk.charge_type = Some(ChargeType::PostPaid);
        }
    }

    /// Makes it pay-as-you-go, its disks with it.
    pub fn end_subscription(&mut self) {
        self.charge_type = ChargeType::PostPaid;
        self.expires_at = None;
        self.weekly = false;
        for disk in &mut self.disks {
            disk.charge_type = None;
        }
    }

    /// The end of the subscription once another period is bought: that counts from its present end,
    /// also where that is past, unless it would be over already.
    pub fn renewed_until(&self, period: Period, now: Timestamp) -> Timestamp {
        let from_its_end = period.after(self.expires_at.unwrap_or(now));
        if from_its_end > now { from_its_end } else { period.after(now) }
    }

    /// Has it vCPUs and memory of its own? Stopped with StopCharging it gave them back.
    pub fn holds_stock(&self) -> bool {
        self.status != Status::Stopped || self.stopped_mode != StoppedMode::StopCharging
    }

    /// A spot instance?
    pub fn is_spot(&self) -> bool {
        self.spot_strategy != "NoSpot"
    }

    /// Outbound bandwidth outside any window, Mbit/s: what a lasting change starts from.
    pub fn regular_out_mbps(&self, now: Timestamp) -> u32 {
        let under_way = self.temporary_bandwidth.as_ref().filter(|window| window.starts_at <= now);
        under_way.map_or(self.bandwidth_out_mbps, |window| window.regular_out_mbps)
    }

    /// Changes outbound bandwidth for good: a window under way is over, one to come returns to this.
    pub fn set_out_mbps(&mut self, out_mbps: u32, now: Timestamp) {
        self.bandwidth_out_mbps = out_mbps;
        self.temporary_bandwidth = self.temporary_bandwidth.take().and_then(|window| {
            (window.starts_at > now)
                .then_some(TemporaryBandwidth { regular_out_mbps: out_mbps, ..window })
        });
    }

    /// Agrees on a window; it takes the place of an earlier one.
    pub fn agree_on_window(&mut self, window: &TemporaryBandwidth, now: Timestamp) {
        let regular_out_mbps = self.regular_out_mbps(now);
        self.bandwidth_out_mbps = regular_out_mbps;
        self.temporary_bandwidth = Some(TemporaryBandwidth { regular_out_mbps, ..*window });
    }

    /// Begins the window agreed on, if its time has come.
    pub fn begin_window(&mut self, now: Timestamp) {
        if let Some(window) = self.temporary_bandwidth.as_ref().filter(|w| w.starts_at <= now) {
            self.bandwidth_out_mbps = window.out_mbps.max(window.regular_out_mbps);
        }
    }

    /// Ends the window under way, if its time is over.
    pub fn end_window(&mut self, now: Timestamp) {
        if let Some(window) = self.temporary_bandwidth.take_if(|window| window.ends_at <= now) {
            self.bandwidth_out_mbps = window.regular_out_mbps;
        }
    }

    /// Has it a disk that cannot leave its host?
    pub fn has_local_disk(&self) -> bool {
        self.disks.iter().any(Disk::is_local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stable_status_is_left_only_by_a_call() {
        for from in Status::ALL {
            let next = Status::ALL.iter().filter(|to| from.may_become(**to)).count();
            assert!(next >= 1, "{from:?} is a dead end");
            assert!(!from.may_become(*from));
        }
    }

    #[test]
    fn pay_as_you_go_never_expires() {
        assert_eq!(Instance::default().shown_expiry().to_minutes(), "2099-12-31T15:59Z");
    }

    #[test]
    fn wire_spellings_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(*status));
        }
        assert_eq!(Status::parse("running"), None);
    }
}
