//! Orders: what a change of a subscription instance costs or returns, and how far its payment is.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::money::Cents;
use super::registry::named;
use super::time::Timestamp;

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Waits for its payment; the instance is as before and takes no other change.
    #[default]
    Unpaid,
    /// Paid; its change is being carried out.
    Processing,
    /// Carried out.
    Completed,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// 15 digits.
    #[serde(skip)]
    pub id: String,
    /// The instance it changes.
    pub instance_id: String,
    /// The operation that made it.
    pub operation: String,
    /// How far it is: `unpaid`, `processing` or `completed`.
    pub state: OrderState,
    /// What it costs; negative for a refund.
    pub amount_cents: Cents,
    /// When it was made.
    pub created_at: Timestamp,
    /// What happens once an unpaid order is paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
}

named!(Order);
