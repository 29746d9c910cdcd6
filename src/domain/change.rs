//! Changes: everything that can happen to a world, whether a call does it now or it comes due
//! later. `World::commit` and `World::settle` are the only places that apply them.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::access::AccessKey;
use super::instance::{ChargeType, Instance, Status, StoppedMode, TemporaryBandwidth};
use super::money::Cents;
use super::network::{Eip, InternetChargeType};
use super::order::Order;
use super::period::{AutoRenew, Period};
use super::shared::Shared;
use super::text::{Text, Word};
use super::time::{Span, Timestamp};

/// One change of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum Change {
    /// Of an instance.
    Instance {
        /// Which.
        instance_id: Text,
        /// What.
        change: InstanceChange,
    },
    /// Instances that were made together move from one status to the next, but those that have left `from` meanwhile.
    #[strum(serialize = "status")]
    Statuses {
        /// Which. What moves them on later shares it.
        instance_ids: Shared<Vec<Text>>,
        /// The status they must still have.
        from: Status,
        /// The next one.
        to: Status,
    },
    /// A new order, as it is before anybody pays it.
    CreateOrder {
        /// Its id.
        order_id: String,
        /// The order.
        order: Box<Order>,
    },
    /// An unpaid order is paid: money moves, and its changes begin.
    PayOrder {
        /// Which.
        order_id: String,
    },
    /// An order is carried out.
    CompleteOrder {
        /// Which.
        order_id: String,
    },
    /// An order that nobody has paid is called off.
    CancelOrder {
        /// Which.
        order_id: String,
    },
    /// A new elastic IP, its address taken from the region's pool.
    CreateEip {
        /// Its id.
        eip_id: String,
        /// The address.
        eip: Box<Eip>,
    },
    /// An elastic IP is given back.
    ReleaseEip {
        /// Which.
        eip_id: String,
    },
    /// An elastic IP is bound to an instance, or free again.
    BindEip {
        /// Which.
        eip_id: String,
        /// The instance, or none.
        instance_id: Option<String>,
    },
    /// Money comes to the account (or goes, where negative).
    Balance {
        /// How much.
        amount: Cents,
    },
    /// The account falls into arrears, which locks its pay-as-you-go instances, or is out of them.
    Arrears {
        /// Into or out of.
        begin: bool,
    },
    /// Pay-as-you-go use of the last hour is billed.
    Bill,
    /// Time of subscriptions is given back for pay-as-you-go, of which an account may give back so
    /// much.
    VcpuHoursGivenBack {
        /// vCPUs times hours.
        vcpu_hours: u32,
    },
    /// A temporary access key is given out.
    AddAccessKey(Box<AccessKey>),
    /// A token's time is over.
    ForgetToken {
        /// Under which it is remembered.
        key: String,
    },
    /// Something that comes due at a moment, or at once where that is past.
    Later {
        /// When.
        at: Timestamp,
        /// What.
        change: Box<Change>,
    },
    /// Something that comes due some time after this change is applied: orders hold these, since
    /// nobody knows when they are paid.
    After {
        /// How long after.
        delay: Span,
        /// What, in order.
        changes: Vec<Change>,
    },
}

/// What can happen to an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, IntoStaticStr)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum InstanceChange {
    /// It comes into being; takes its private address and its stock.
    Create(Box<Instance>),
    /// Its attributes are replaced as a whole.
    Update(Box<Instance>),
    /// It is gone; its EIP is free, its stock returns.
    Release,
    /// It moves from one status to the next, unless it has left `from` meanwhile.
    Status {
        /// The status it must still have.
        from: Status,
        /// The next one.
        to: Status,
    },
    /// It starts anew, if it runs.
    Reboot {
        /// How long until it runs again.
        takes: Span,
    },
    /// What the stop now under way keeps.
    StoppedMode(StoppedMode),
    /// Another type is shown; the guest gets it at its next start.
    Type {
        /// The new type.
        to: String,
    },
    /// One of the type's stock is set aside for a change that is still on its way.
    ReserveType {
        /// The type.
        to: String,
    },
    /// A type that was had for a time gives way to the one before, unless it has done so already.
    TypeReturns(Box<TypeReturn>),
    /// The type that is shown takes effect in the running guest.
    TypeTakesEffect,
    /// Another category of a disk, chosen with a change of type.
    DiskCategory(Box<DiskCategory>),
    /// A data disk is paid for in another way.
    DiskChargeType {
        /// Which.
        disk_id: String,
        /// How.
        to: ChargeType,
    },
    /// Other public bandwidth. Without outbound bandwidth an instance in a VPC loses its public IP.
    Bandwidth {
        /// Outbound, Mbit/s.
        out_mbps: u32,
        /// Inbound, Mbit/s.
        in_mbps: Option<u32>,
        /// How it is paid for from now on.
        internet_charge_type: InternetChargeType,
    },
    /// A window of other bandwidth is agreed on.
    TemporaryBandwidth(TemporaryBandwidth),
    /// The window begins.
    TemporaryBandwidthStarts,
    /// The window is over.
    TemporaryBandwidthEnds,
    /// It gets a public IP from the region's pool.
    AllocatePublicIp,
    /// A modifying operation succeeded: the cooldown begins.
    Changed {
        /// Which operation.
        operation: Word,
        /// Did it lower the configuration?
        downgrade: bool,
    },
    /// From now on it is a subscription.
    Subscribe {
        /// The first period.
        period: Period,
        /// Its data disks are part of it; else they are paid for as they are used.
        with_data_disks: bool,
    },
    /// From now on it is paid for as it is used.
    PayAsYouGo,
    /// Its subscription lasts another period: from its end on, or, where that is past, from now. A
    /// lock for its expiry is gone.
    Renew(Period),
    /// What becomes of its subscription at its end.
    AutoRenew(AutoRenew),
    /// When it is to be released by itself; none for never.
    AutoReleaseAt(Option<Timestamp>),
    /// The time of its release by itself has come, unless it was moved meanwhile.
    AutoRelease,
    /// It renews itself, if it is to and money is there; else it tries again a day later.
    RenewByItself,
    /// Its subscription is over, unless it was renewed meanwhile: it is locked and stops.
    Expire,
    /// The grace of its account's arrears is over: a pay-as-you-go instance is locked and stops.
    LockForArrears,
    /// The arrears are paid: it is unlocked, and runs again if it ran before.
    Reactivate,
    /// A downgrade of it was refunded.
    DowngradeRefunded,
    /// It is released because nobody has paid for it in time, unless somebody has.
    ReleaseUnpaid,
}

/// A type giving way to the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TypeReturn {
    /// The type the instance must still have.
    pub from: String,
    /// The type before.
    pub to: String,
}

/// Another category of a disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DiskCategory {
    /// Which disk.
    pub disk_id: String,
    /// The new category.
    pub category: String,
    /// PL0 to PL3 for `cloud_essd`, else empty.
    pub performance_level: String,
}

impl InstanceChange {
    /// This change, of an instance.
    #[must_use]
    pub fn of(self, instance_id: &str) -> Change {
        Change::Instance { instance_id: instance_id.into(), change: self }
    }
}

impl Change {
    /// Its name in histories; of a change of instances, what happens to those.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Instance { change, .. } => change.into(),
            other => other.into(),
        }
    }

    /// This change, at a moment.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self::Later { at, change: Box::new(self) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thousands of instances that start at once have some each.
    #[test]
    fn a_change_is_small() {
        assert!(size_of::<Change>() <= 56, "{}", size_of::<Change>());
    }
}
