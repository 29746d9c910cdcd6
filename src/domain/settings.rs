//! What of the emulated service a user may choose: how long things take, and the readings of the
//! pages that contradict each other.

use serde::{Deserialize, Serialize};

use super::time::Span;

/// When a change starts the five-minute cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cooldown {
    /// As the page in force says: after a downgrade on pages that say so, else after any change.
    #[default]
    Page,
    /// After any successful change.
    Any,
    /// After a downgrade only, and only against another downgrade.
    DowngradeOnly,
    /// Never.
    Off,
}

/// Which later changes a cooldown stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CooldownScope {
    /// The same operation on the same instance.
    #[default]
    Operation,
    /// All three modifying operations on the same instance.
    Instance,
}

/// What an automatic payment leaves behind that fails for want of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailedPayment {
    /// An invalid order, which stands in the way of other changes until it is cancelled.
    #[default]
    InvalidOrder,
    /// Nothing.
    Nothing,
}

/// Whose clock the timestamp of a signed request must agree with, within fifteen minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestTime {
    /// The account's, which can be moved away from the client's.
    #[default]
    Account,
    /// The machine's, so that the account's clock can be moved under a client that signs by its own.
    Machine,
    /// Nobody's.
    Unchecked,
}

/// The settings of a world. Spans are on the world's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Pending after a creation.
    pub pending: Span,
    /// Starting until Running.
    pub starting: Span,
    /// Stopping until Stopped.
    pub stopping: Span,
    /// Stopping until Stopped when forced.
    pub force_stopping: Span,
    /// Starting until Running again on a reboot.
    pub rebooting: Span,
    /// From an accepted ModifyPrepayInstanceSpec until the new type shows.
    pub spec_change: Span,
    /// From an accepted ModifyInstanceChargeType until the new charge type shows.
    pub charge_type_change: Span,
    /// How long an instance is kept for which nobody pays: after its expiry, or in arrears.
    pub kept_unpaid: Span,
    /// How long before its end a subscription begins to renew itself, at the start of that day.
    pub renewal_lead: Span,
    /// How long pay-as-you-go instances run on in arrears before they are locked.
    pub arrears_grace: Span,
    /// Pay-as-you-go use is billed to the balance at each full hour.
    pub metering: bool,
    /// What an automatic payment that fails leaves behind: `invalid_order` or `nothing`.
    pub failed_payment: FailedPayment,
    /// Length of the cooldown.
    pub cooldown_length: Span,
    /// When a change starts a cooldown: `page` (as the page in force says), `any`, `downgrade_only`
    /// or `off`.
    pub cooldown: Cooldown,
    /// What a cooldown stops: the same `operation`, or all three on the same `instance`.
    pub cooldown_scope: CooldownScope,
    /// How long a ClientToken is remembered.
    pub token_retention: Span,
    /// Whose clock the timestamp of a signed request must agree with: the `account`'s, the
    /// `machine`'s, or `unchecked`.
    pub request_time: RequestTime,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pending: Span::seconds(2),
            starting: Span::seconds(5),
            stopping: Span::seconds(5),
            force_stopping: Span::seconds(1),
            rebooting: Span::seconds(6),
            spec_change: Span::seconds(7),
            charge_type_change: Span::seconds(5),
            kept_unpaid: Span::days(15),
            renewal_lead: Span::days(9),
            arrears_grace: Span::days(15),
            metering: false,
            failed_payment: FailedPayment::default(),
            cooldown_length: Span::seconds(300),
            cooldown: Cooldown::default(),
            cooldown_scope: CooldownScope::default(),
            token_retention: Span::hours(24),
            request_time: RequestTime::default(),
        }
    }
}
