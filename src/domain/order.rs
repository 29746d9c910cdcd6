//! Orders: what a subscription costs or returns, how far the payment is, and what happens once it
//! is paid. Who pays what is in `world/ledger.rs`.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::instance::{ChargeType, Instance};
use super::money::Cents;
use super::network::InternetChargeType;
use super::registry::named;
use super::time::{Span, Timestamp};

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for its payment; the instance is as before and takes no other change.
    #[default]
    Unpaid,
    /// Paid; its change is being carried out.
    Processing,
    /// Carried out.
    Completed,
    /// Called off before it was paid, or left unpaid until what it was for was over.
    Cancelled,
    /// Its automatic payment failed. It cannot be paid any more, only cancelled, and stands in the
    /// way of other changes until then.
    Invalid,
}

impl OrderState {
    /// Its name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Invalid => "invalid",
        }
    }

    /// Does the instance wait for this order's end?
    pub const fn is_open(self) -> bool {
        match self {
            Self::Unpaid | Self::Processing | Self::Invalid => true,
            Self::Completed | Self::Cancelled => false,
        }
    }

    /// Does somebody have to pay or cancel it?
    pub const fn is_unpaid(self) -> bool {
        matches!(self, Self::Unpaid | Self::Invalid)
    }
}

/// What an order is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderKind {
    /// A new instance.
    Buy,
    /// A higher configuration, or one of the same price.
    #[default]
    Upgrade,
    /// A lower configuration: the rest of the price comes back, three times an instance.
    Downgrade,
    /// Another period.
    Renew,
    /// Another way of paying for the instance.
    Convert,
}

/// What of an instance an order is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// `PostPaid` or `PrePaid`.
    pub charge_type: ChargeType,
    /// The instance type.
    pub instance_type: String,
    /// Outbound public bandwidth, Mbit/s.
    pub bandwidth_out_mbps: u32,
    /// How that is paid for: `PayByTraffic` or `PayByBandwidth`.
    pub internet_charge_type: InternetChargeType,
    /// End of the subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Configuration {
    /// What an instance has.
    pub fn of(instance: &Instance) -> Self {
        Self {
            charge_type: instance.charge_type,
            instance_type: instance.instance_type.to_string(),
            bandwidth_out_mbps: instance.bandwidth_out_mbps,
            internet_charge_type: instance.internet_charge_type,
            expires_at: instance.expires_at,
        }
    }
}

/// An order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// 15 digits.
    #[serde(skip)]
    pub id: String,
    /// The instance it changes.
    pub instance_id: String,
    /// The operation that made it.
    pub operation: String,
    /// What it is for: `buy`, `upgrade`, `downgrade`, `renew` or `convert`.
    pub kind: OrderKind,
    /// How far it is: `unpaid`, `processing`, `completed`, `cancelled` or `invalid`.
    pub state: OrderState,
    /// What the instance had when it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Configuration>,
    /// What the instance has once it is carried out.
    pub after: Configuration,
    /// What it costs; negative for a refund.
    pub amount_cents: Cents,
    /// What of it the account's coupons paid; negative for the part of a refund that coupons had
    /// paid and that does not come back.
    pub coupon_cents: Cents,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// When it was carried out or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// From when on there is nothing left to pay for: an unpaid order is cancelled then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapses_at: Option<Timestamp>,
    /// How long carrying it out takes once it is paid.
    #[serde(skip_serializing_if = "Span::is_zero")]
    pub takes: Span,
    /// What happens once it is paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

named!(Order);

impl Order {
    /// The order as a change, paid at once or left unpaid.
    pub fn placed(self, pays: bool) -> Vec<Change> {
        let order_id = self.id.clone();
        let created = Change::CreateOrder { order_id: order_id.clone(), order: Box::new(self) };
        let paid = pays.then_some(Change::PayOrder { order_id });
        std::iter::once(created).chain(paid).collect()
    }

    /// The order of an automatic payment that failed.
    pub fn failed(self) -> Vec<Change> {
        let changes = Vec::new();
        Self { state: OrderState::Invalid, changes, lapses_at: None, ..self }.placed(false)
    }

    /// What the account's balance paid; negative for what came back to it.
    pub fn from_balance(&self) -> Cents {
        if self.paid_at.is_some() { self.amount_cents - self.coupon_cents } else { Cents::ZERO }
    }
}
