//! An instance: what DescribeInstances shows and what the rules look at, and which status may
//! follow which.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hash, Hasher as _};
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use foldhash::fast::FixedState;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use smallvec::{SmallVec, smallvec};

use super::brief::is_brief;
use super::change::{Change, InstanceChange};
use super::disk::{Disk, Disks};
use super::network::{InternetChargeType, NetworkInterface};
use super::period::{AutoRenew, Period, PeriodUnit};
use super::registry::Named;
use super::shared::Shared;
use super::text::{Text, Word};
use super::time::Timestamp;
use crate::{reading, writing};

/// 2099-12-31T15:59Z: when pay-as-you-go instances are said to expire.
const NEVER: Timestamp = Timestamp(4_102_415_940_000);

/// Where an instance is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, PartialEq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LastChange {
    /// When it succeeded.
    pub at: Timestamp,
    /// Did it lower the configuration?
    pub downgrade: bool,
}

/// The last successful changes of an instance, by operation: seldom more than one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(inline))]
#[serde(from = "BTreeMap<Word, LastChange>", into = "BTreeMap<Word, LastChange>")]
pub struct LastChanges(SmallVec<[(Word, LastChange); 1]>);

impl LastChanges {
    /// Puts a change in the place of an earlier one by the operation.
    pub fn insert(&mut self, operation: Word, change: LastChange) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&operation)) {
            Ok(place) => self.0[place].1 = change,
            Err(place) => self.0.insert(place, (operation, change)),
        }
    }

    /// All of them, in the order of the operations' names.
    pub fn iter(&self) -> impl Iterator<Item = &(Word, LastChange)> {
        self.0.iter()
    }
}

impl From<BTreeMap<Word, LastChange>> for LastChanges {
    fn from(changes: BTreeMap<Word, LastChange>) -> Self {
        Self(changes.into_iter().collect())
    }
}

impl From<LastChanges> for BTreeMap<Word, LastChange> {
    fn from(changes: LastChanges) -> Self {
        changes.0.into_iter().collect()
    }
}

/// Declares what an instance has, each field with its default: what is its own; what is attached to it; how it was
/// set up; and the terms it is had on. What seldom changes stands apart, so that a change of the rest does not copy
/// it. Documents show all of it side by side.
macro_rules! instance {
    (
        own { $( $(#[doc = $own_doc:tt])+ $(#[serde($($own_serde:tt)+)])?
            $own:ident: $own_type:ty = $own_default:expr; )+ }
        hardware { $( $(#[doc = $part_doc:tt])+ $(#[serde($($part_serde:tt)+)])?
            $part:ident: $part_type:ty = $part_default:expr; )+ }
        setup { $( $(#[doc = $setup_doc:tt])+ $(#[serde($($setup_serde:tt)+)])?
            $setup:ident: $setup_type:ty = $setup_default:expr; )+ }
        terms { $( $(#[doc = $term_doc:tt])+ $(#[serde($($term_serde:tt)+)])?
            $term:ident: $term_type:ty = $term_default:expr; )+ }
    ) => {
        /// An instance. Its terms and its setup are read and set as if they were its own fields.
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(from = "Written")]
        pub struct Instance {
            $( $(#[doc = $own_doc])+ pub $own: $own_type, )+
            /// What is attached to it.
            pub hardware: Shared<Hardware>,
            /// What it is had on, together with others until one of them changes.
            pub terms: Shared<Terms>,
        }

        /// What is attached to an instance.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Hardware {
            $( $(#[doc = $part_doc])+ pub $part: $part_type, )+
        }

        /// What an instance is had on: what calls change. Those that were made alike share it.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Terms {
            $( $(#[doc = $term_doc])+ pub $term: $term_type, )+
            /// How it was set up.
            pub setup: Shared<Setup>,
        }

        /// How an instance was set up: what seldom changes, so that a change of its terms does not copy it.
        #[derive(Debug, Clone, PartialEq, Hash)]
        pub struct Setup {
            $( $(#[doc = $setup_doc])+ pub $setup: $setup_type, )+
        }

        /// An instance.
        #[derive(Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[cfg_attr(test, schemars(rename = "Instance"))]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct Written {
            $( $(#[doc = $own_doc])+ $(#[serde($($own_serde)+)])? $own: $own_type, )+
            $( $(#[doc = $part_doc])+ $(#[serde($($part_serde)+)])? $part: $part_type, )+
            $( $(#[doc = $setup_doc])+ $(#[serde($($setup_serde)+)])? $setup: $setup_type, )+
            $( $(#[doc = $term_doc])+ $(#[serde($($term_serde)+)])? $term: $term_type, )+
        }

        impl Default for Instance {
            fn default() -> Self {
                let (hardware, terms) = (Shared::default(), Shared::default());
                Self { $( $own: $own_default, )+ hardware, terms }
            }
        }

        impl Default for Hardware {
            fn default() -> Self {
                Self { $( $part: $part_default, )+ }
            }
        }

        impl Default for Terms {
            fn default() -> Self {
                Self { $( $term: $term_default, )+ setup: Shared::default() }
            }
        }

        impl Default for Setup {
            fn default() -> Self {
                Self { $( $setup: $setup_default, )+ }
            }
        }

        impl Default for Written {
            fn default() -> Self {
                Self {
                    $( $own: $own_default, )+
                    $( $part: $part_default, )+
                    $( $setup: $setup_default, )+
                    $( $term: $term_default, )+
                }
            }
        }

        impl Marked for Terms {
            /// Setups that are alike are the same, once they have joined.
            fn mark(&self) -> u64 {
                let mut hasher = FixedState::default().build_hasher();
                $( self.$term.hash(&mut hasher); )+
                self.setup.address().hash(&mut hasher);
                hasher.finish()
            }
        }

        impl Instance {
            /// The fields of which it differs from another, by the keys of world documents.
            pub fn differing(&self, other: &Self) -> SmallVec<[&'static str; 4]> {
                let mut fields = SmallVec::new();
                $( if self.$own != other.$own { fields.push(stringify!($own)); } )+
                if !self.hardware.is_same(&other.hardware) {
                    $( if self.hardware.$part != other.hardware.$part {
                        fields.push(stringify!($part));
                    } )+
                }
                if !self.terms.is_same(&other.terms) {
                    $( if self.$term != other.$term { fields.push(stringify!($term)); } )+
                }
                if !self.setup.is_same(&other.setup) {
                    $( if self.$setup != other.$setup { fields.push(stringify!($setup)); } )+
                }
                fields
            }

            /// Writes the value of a field, by the key of world documents; null for what is none.
            ///
            /// # Errors
            /// Never in practice: every field has a form.
            pub fn write(&self, field: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
                match field {
                    $( stringify!($own) => writing::append(out, &self.$own), )+
                    $( stringify!($part) => writing::append(out, &self.hardware.$part), )+
                    $( stringify!($setup) => writing::append(out, &self.$setup), )+
                    $( stringify!($term) => writing::append(out, &self.$term), )+
                    _ => writing::append(out, &()),
                }
            }

            /// Sets a field, by the key of world documents. What is no value of it leaves it as it is.
            pub fn set(&mut self, field: &str, to: &Value) {
                match field {
                    $( stringify!($own) => { reading::value(to).map(|to| self.$own = to).ok(); } )+
                    $( stringify!($part) => {
                        reading::value(to).map(|to| self.hardware.$part = to).ok();
                    } )+
                    $( stringify!($setup) => { reading::value(to).map(|to| self.$setup = to).ok(); } )+
                    $( stringify!($term) => { reading::value(to).map(|to| self.$term = to).ok(); } )+
                    _ => {}
                }
            }
        }

        impl From<Written> for Instance {
            fn from(written: Written) -> Self {
                let Written { $( $own, )+ $( $part, )+ $( $setup, )+ $( $term, )+ } = written;
                let hardware = Hardware { $( $part, )+ }.into();
                let setup = Setup { $( $setup, )+ }.into();
                Self { $( $own, )+ hardware, terms: Terms { $( $term, )+ setup }.into() }
            }
        }

        impl From<Instance> for Written {
            fn from(instance: Instance) -> Self {
                let Instance { $( $own, )+ hardware, terms } = instance;
                let Hardware { $( $part, )+ } = hardware.into_inner();
                let Terms { $( $term, )+ setup } = terms.into_inner();
                let Setup { $( $setup, )+ } = setup.into_inner();
                Self { $( $own, )+ $( $part, )+ $( $setup, )+ $( $term, )+ }
            }
        }

        impl Serialize for Instance {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                static BLANK: LazyLock<Instance> = LazyLock::new(Instance::default);
                if !is_brief() {
                    return Written::from(self.clone()).serialize(serializer);
                }
                let mut map = serializer.serialize_map(None)?;
                // The id is the key of the whole, in documents and in changes.
                $( if self.$own != BLANK.$own && stringify!($own) != "id" {
                    map.serialize_entry(stringify!($own), &self.$own)?;
                } )+
                $( if self.hardware.$part != BLANK.hardware.$part {
                    map.serialize_entry(stringify!($part), &self.hardware.$part)?;
                } )+
                $( if self.$setup != BLANK.$setup {
                    map.serialize_entry(stringify!($setup), &self.$setup)?;
                } )+
                $( if self.$term != BLANK.$term {
                    map.serialize_entry(stringify!($term), &self.$term)?;
                } )+
                map.end()
            }
        }
    };
}

instance! {
    own {
        /// `i-…`.
        #[serde(skip)]
        id: Text = Text::default();
        /// Name shown to people.
        name: Text = Text::default();
        /// Name of the host inside the guest.
        host_name: Text = Text::default();
        /// Where it is in its life: `Pending`, `Starting`, `Running`, `Stopping` or `Stopped`.
        status: Status = Status::default();
        /// When it was created.
        created_at: Timestamp = Timestamp::default();
        /// When it was last started.
        started_at: Timestamp = Timestamp::default();
        /// Its private address; the next free one where a document names none.
        private_ip: Text = Text::default();
        /// Its public address (not an elastic one).
        #[serde(skip_serializing_if = "Option::is_none")]
        public_ip: Option<Box<str>> = None;
    }
    hardware {
        /// Its disks; one system disk where a document does not speak of them.
        disks: Disks = smallvec![Disk::default_system()];
        /// Its interfaces; the primary one where a document does not speak of them.
        network_interfaces: SmallVec<[NetworkInterface; 1]> = smallvec![NetworkInterface {
                primary: true,
                ..NetworkInterface::default()
            }];
    }
    setup {
        /// What it is for, in the owner's words.
        description: Text = Text::default();
        /// The region; the first one where a document names none.
        region_id: Text = Text::default();
        /// The zone; the region's first where a document names none.
        zone_id: Text = Text::default();
        /// The cluster inside the zone.
        cluster_id: Word = "c-1".into();
        /// The image it was created from.
        image_id: Text = Text::known("aliyun_3_x64_20G_alibase_20240528.vhd");
        /// `NoSpot`, `SpotWithPriceLimit` or `SpotAsPriceGo`.
        spot_strategy: Text = Text::known("NoSpot");
        /// Refuses DeleteInstance.
        deletion_protection: bool = false;
        /// The network it is in: `vpc` or `classic`.
        network_type: NetworkType = NetworkType::default();
        /// Its VPC; that of the switch where a document names none.
        vpc_id: Text = Text::default();
        /// Its switch; the zone's first where a document names none.
        vswitch_id: Text = Text::default();
        /// Its security groups.
        security_group_ids: Vec<Text> = Vec::new();
        /// Its tags.
        tags: BTreeMap<Text, Text> = BTreeMap::new();
        /// Its key pair.
        key_pair_name: Text = Text::default();
        /// Its resource group.
        resource_group_id: Text = Text::default();
        /// Its user data, base64.
        user_data: Text = Text::default();
        /// Its RAM role.
        ram_role_name: Text = Text::default();
        /// The dedicated host it is on.
        dedicated_host_id: Text = Text::default();
        /// The CloudBox it is in.
        cloudbox_id: Text = Text::default();
        /// `Open`, `Target` or `None`: which private pool its capacity comes from.
        private_pool: Text = Text::known("None");
        /// Part of a starter package, which is sold as it is.
        starter_package: bool = false;
        /// Set up to hibernate.
        hibernation_configured: bool = false;
        /// Ports of a NAT gateway lead to it.
        nat_port_map: bool = false;
        /// Its vCPUs can run virtual machines.
        nested_virtualization: bool = false;
        /// `ContinuousCoreToHTMapping` or `DiscreteCoreToHTMapping`; empty for the default.
        cpu_topology: Text = Text::default();
        /// The records of its purchase exist.
        purchase_recorded: bool = true;
    }
    terms {
        /// The type as DescribeInstances shows it.
        instance_type: Word = "ecs.g6.large".into();
        /// The type the guest runs on: differs from the one shown until the next start. Empty where
        /// they are the same.
        effective_type: Word = Word::default();
        /// The type a change on its way will give it; its stock is set aside. Empty where none is.
        reserved_type: Word = Word::default();
        /// The cluster that stock is in.
        reserved_cluster: Word = Word::default();
        /// How it is paid for: `PostPaid` or `PrePaid`.
        charge_type: ChargeType = ChargeType::default();
        /// What the last stop kept: `KeepCharging` or `StopCharging`.
        stopped_mode: StoppedMode = StoppedMode::default();
        /// End of the subscription. A subscription instance without one lasts a month from now.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp> = None;
        /// What becomes of the subscription at its end.
        auto_renew: AutoRenew = AutoRenew::default();
        /// When it is to be released by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        auto_release_at: Option<Timestamp> = None;
        /// Why it is locked: `financial`, `security`.
        locks: BTreeSet<Lock> = BTreeSet::new();
        /// It ran when it was stopped because nobody paid, and runs again once somebody has.
        reactivates: bool = false;
        /// Outbound public bandwidth, Mbit/s.
        bandwidth_out_mbps: u32 = 0;
        /// Inbound public bandwidth, Mbit/s; no figure without public bandwidth.
        #[serde(skip_serializing_if = "Option::is_none")]
        bandwidth_in_mbps: Option<u32> = None;
        /// How its public bandwidth is paid for: `PayByTraffic` or `PayByBandwidth`.
        internet_charge_type: InternetChargeType = InternetChargeType::default();
        /// A window of other bandwidth.
        #[serde(skip_serializing_if = "Option::is_none")]
        temporary_bandwidth: Option<TemporaryBandwidth> = None;
        /// How often its type was changed while it ran, since its last start.
        online_changes: u32 = 0;
        /// A subscription by the week.
        weekly: bool = false;
        /// The type a renewal has bought for the next period; empty for none.
        next_period_type: Word = Word::default();
        /// How many downgrades of this subscription instance were refunded.
        downgrade_refunds: u32 = 0;
        /// The last successful change by operation.
        last_changes: LastChanges = LastChanges::default();
    }
}

/// Reads and sets the parts of one thing as if they were its own fields.
macro_rules! reads_as_its {
    ($($whole:ident: $part:ident as $Part:ident),+) => { $(
        impl Deref for $whole {
            type Target = $Part;

            fn deref(&self) -> &$Part {
                &self.$part
            }
        }

        impl DerefMut for $whole {
            fn deref_mut(&mut self) -> &mut $Part {
                &mut self.$part
            }
        }
    )+ };
}

reads_as_its!(Instance: terms as Terms, Terms: setup as Setup);

/// What instances that came were had on, so that the next one that is made alike shares it. It decides
/// nothing: a copy begins without, and worlds are compared without.
#[derive(Debug, Default)]
pub struct Alike {
    setups: Known<Setup>,
    terms: Known<Terms>,
    /// Terms that came shared, and what those became: those of one call come one after the other.
    latest: Option<(Shared<Terms>, Shared<Terms>)>,
}

/// Something that is found by a mark, which is the same for what is equal.
trait Marked: PartialEq {
    fn mark(&self) -> u64;
}

impl Marked for Setup {
    fn mark(&self) -> u64 {
        FixedState::default().hash_one(self)
    }
}

/// Those of a kind that came, by their marks.
#[derive(Debug)]
struct Known<T>(BTreeMap<u64, Shared<T>>);

/// How many of them are known; then they are forgotten, and others get to be.
const KNOWN: usize = 1024;

impl<T: Marked> Known<T> {
    /// The one that is known and like this one, or this one, which is known from now on.
    fn one_like(&mut self, new: &Shared<T>) -> Shared<T> {
        let mark = new.mark();
        if let Some(known) = self.0.get(&mark).filter(|known| *known == new) {
            return known.clone();
        }
        if self.0.len() == KNOWN {
            self.0.clear();
        }
        self.0.insert(mark, new.clone());
        new.clone()
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl Clone for Alike {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Alike {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Named for Instance {
    fn id(&self) -> &str {
        &self.id
    }

    fn set_id(&mut self, id: &str) {
        self.id = id.into();
    }

    type Alike = Alike;

    fn join(&mut self, alike: &mut Alike) {
        if let Some((came, became)) = &alike.latest
            && came.is_same(&self.terms)
        {
            self.terms = became.clone();
            return;
        }
        let came = self.terms.is_shared().then(|| self.terms.clone());
        let setup = alike.setups.one_like(&self.setup);
        if !setup.is_same(&self.setup) {
            self.setup = setup;
        }
        self.terms = alike.terms.one_like(&self.terms);
        if let Some(came) = came {
            alike.latest = Some((came, self.terms.clone()));
        }
    }
}

impl Terms {
    /// Outbound bandwidth outside any window, Mbit/s: what a lasting change starts from.
    pub fn regular_out_mbps(&self, now: Timestamp) -> u32 {
        let under_way = self.temporary_bandwidth.as_ref().filter(|window| window.starts_at <= now);
        under_way.map_or(self.bandwidth_out_mbps, |window| window.regular_out_mbps)
    }

    /// Changes outbound bandwidth for good: a window under way is over, one to come returns to this.
    pub fn set_out_mbps(&mut self, out_mbps: u32, now: Timestamp) {
        self.bandwidth_out_mbps = out_mbps;
        self.temporary_bandwidth.take_if(|window| window.starts_at <= now);
        if let Some(window) = &mut self.temporary_bandwidth {
            window.regular_out_mbps = out_mbps;
        }
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
}

/// The name of a host for which nobody chose one.
pub fn usual_host_name(instance_id: &str) -> Text {
    Text::of(&["iZ", instance_id.strip_prefix("i-").unwrap_or(instance_id), "Z"])
}

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
        for disk in self.hardware.disks.iter_mut().filter(|disk| !disk.system && !with_data_disks) {
            disk.charge_type = Some(ChargeType::PostPaid);
        }
    }

    /// Makes it pay-as-you-go, its disks with it.
    pub fn end_subscription(&mut self) {
        self.charge_type = ChargeType::PostPaid;
        self.expires_at = None;
        self.weekly = false;
        for disk in &mut self.hardware.disks {
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

    /// Has it a disk that cannot leave its host?
    pub fn has_local_disk(&self) -> bool {
        self.hardware.disks.iter().any(Disk::is_local)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn fields_are_read_and_set_by_their_keys() {
        let mut all = Instance { public_ip: Some("".into()), ..Instance::default() };
        let value = |it: &Instance, field: &str| {
            let mut json = Vec::new();
            it.write(field, &mut json).unwrap();
            reading::json::<Value>(&json).unwrap()
        };
        let (blank, is) = (Instance::default(), |field: &str| value(&all, field) != Value::Null);
        let written = writing::value(&all);
        let keys: Vec<&String> = written.as_object().unwrap().keys().collect();
        assert!(keys.iter().all(|key| is(key)), "{keys:?}");
        assert!(all.differing(&blank)[..] == ["public_ip"] && blank.differing(&blank).is_empty());
        // Of each part one.
        for (field, to) in [
            ("name", json!("web")),
            ("disks", json!([])),
            ("zone_id", json!("cn-hangzhou-h")),
            ("bandwidth_out_mbps", json!(5)),
        ] {
            let before = all.clone();
            all.set(field, &json!({"no": "value of it"}));
            assert_eq!(all, before);
            all.set(field, &to);
            assert_eq!((value(&all, field), all.differing(&before).to_vec()), (to, vec![field]));
        }
    }

    #[test]
    fn what_comes_shared_is_shared_with_what_came_before() {
        let mut alike = Alike::default();
        let joined = |terms: &Shared<Terms>, alike: &mut Alike| {
            let mut instance = Instance { terms: terms.clone(), ..Instance::default() };
            instance.join(alike);
            instance.terms
        };
        let first = joined(&Shared::default(), &mut alike);
        let other = Terms { weekly: true, ..Terms::default() }.into();
        let (same, setup) = (Shared::default(), first.setup.clone());
        for terms in [&same, &same, &other, &other, &same] {
            let joined = joined(terms, &mut alike);
            assert_eq!((&joined, joined.is_same(&first)), (terms, terms.is_same(&same)));
            assert!(joined.setup.is_same(&setup));
        }
    }

    /// There may be a million of them, each behind its counts and the allocator's own in multiples of sixteen bytes.
    #[test]
    fn an_instance_is_small() {
        let sizes = (size_of::<Instance>(), size_of::<Hardware>());
        assert!(sizes.0 <= 152 && sizes.1 <= 232, "{sizes:?}");
    }

    #[test]
    fn wire_spellings_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(*status));
        }
        assert_eq!(Status::parse("running"), None);
    }
}
