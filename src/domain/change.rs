//! Changes: everything that can happen to a world, whether a call does it now or it comes due
//! later. `World::commit` is the only place that applies them.

use serde::{Deserialize, Serialize};

use super::instance::{Instance, LastChange, Status, StoppedMode, TemporaryBandwidth};
use super::money::Cents;
use super::network::{Eip, InternetChargeType};
use super::order::{Order, OrderState};
use super::time::Timestamp;

/// One change of a world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A new instance; takes its private address and its stock.
    CreateInstance(Box<Instance>),
    /// An instance's attributes, replaced as a whole.
    UpdateInstance(Box<Instance>),
    /// An instance is gone; its EIP is free, its stock returns.
    ReleaseInstance {
        /// Which.
        instance_id: String,
    },
    /// An instance moves from one status to the next, unless it has left `from` meanwhile.
    Status {
        /// Which.
        instance_id: String,
        /// The status it must still have.
        from: Status,
        /// The next one.
        to: Status,
    },
    /// What the stop now under way keeps.
    StoppedMode {
        /// Which.
        instance_id: String,
        /// Kept or given back.
        mode: StoppedMode,
    },
    /// Another type is shown; the guest gets it at its next start.
    InstanceType {
        /// Which.
        instance_id: String,
        /// The new type.
        to: String,
    },
    /// One of the type's stock is set aside for a change that is still on its way.
    ReserveType {
        /// For which.
        instance_id: String,
        /// The type.
        to: String,
    },
    /// A type that was had for a time gives way to the one before, unless it has done so already.
    TypeReturns {
        /// Which.
        instance_id: String,
        /// The type it must still have.
        from: String,
        /// The type before.
        to: String,
    },
    /// The type that is shown takes effect in the running guest.
    TypeTakesEffect {
        /// Which.
        instance_id: String,
    },
    /// Another category of a disk, chosen with a change of type.
    DiskCategory {
        /// Whose.
        instance_id: String,
        /// Which.
        disk_id: String,
        /// The new category.
        category: String,
        /// PL0 to PL3 for `cloud_essd`, else empty.
        performance_level: String,
    },
    /// Other public bandwidth. Without outbound bandwidth an instance in a VPC loses its public IP.
    Bandwidth {
        /// Which.
        instance_id: String,
        /// Outbound, Mbit/s.
        out_mbps: u32,
        /// Inbound, Mbit/s.
        in_mbps: Option<u32>,
        /// How it is paid for from now on.
        internet_charge_type: InternetChargeType,
    },
    /// A window of other bandwidth is agreed on.
    TemporaryBandwidth {
        /// Which.
        instance_id: String,
        /// The window.
        window: TemporaryBandwidth,
    },
    /// The window begins.
    TemporaryBandwidthStarts {
        /// Which.
        instance_id: String,
    },
    /// The window is over.
    TemporaryBandwidthEnds {
        /// Which.
        instance_id: String,
    },
    /// A public IP from the region's pool.
    AllocatePublicIp {
        /// Which.
        instance_id: String,
    },
    /// A modifying operation succeeded: the cooldown begins.
    Changed {
        /// Which.
        instance_id: String,
        /// By which operation.
        operation: String,
        /// When, and whether it was a downgrade.
        last: LastChange,
    },
    /// A downgrade was refunded.
    DowngradeRefunded {
        /// Which.
        instance_id: String,
    },
    /// Money comes (or goes, where negative).
    Balance {
        /// How much.
        amount: Cents,
    },
    /// A new order.
    CreateOrder {
        /// Its id.
        order_id: String,
        /// The order.
        order: Box<Order>,
    },
    /// An order gets on.
    OrderState {
        /// Which.
        order_id: String,
        /// How far it is now.
        state: OrderState,
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
    /// A token's time is over.
    ForgetToken {
        /// Under which it is remembered.
        key: String,
    },
    /// Something that comes due.
    Later {
        /// When.
        at: Timestamp,
        /// What.
        change: Box<Change>,
    },
}

impl Change {
    /// This change, at a later moment.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self::Later { at, change: Box::new(self) }
    }
}
