//! The account a world belongs to: who it is, what it owes and owns, what it may do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::access::{AccessKey, Principal};
use super::instance::ChargeType;
use super::money::Cents;
use super::time::Timestamp;

/// An account. The defaults refuse nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// The account's number, 16 digits.
    pub id: String,
    /// An outstanding payment: every change is refused until it is cleared.
    pub arrears: bool,
    /// Since when its pay-as-you-go instances are locked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrears_since: Option<Timestamp>,
    /// Money that pays orders. May be zero or, for pay-as-you-go use on credit, negative.
    pub balance_cents: Cents,
    /// Coupons: they pay orders before the balance does, and never come back.
    pub coupon_cents: Cents,
    /// What pay-as-you-go use has cost so far, where it is metered.
    pub billed_cents: Cents,
    /// How far pay-as-you-go use may overdraw the balance.
    pub credit_cents: Cents,
    /// How many vCPU hours of subscriptions the account may still give back for pay-as-you-go; no
    /// figure means enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_vcpu_hours: Option<u32>,
    /// May the account downgrade subscription instances?
    pub downgrade_privilege: bool,
    /// Instance types the account is expressly denied.
    pub denied_types: BTreeSet<String>,
    /// Instance types sold by invitation that this account does not see.
    pub hidden_types: BTreeSet<String>,
    /// Charge types that are not open to the account.
    pub denied_charge_types: BTreeSet<ChargeType>,
    /// How many instances of a type the account may have; a type without an entry has no limit.
    pub type_quota: BTreeMap<String, u32>,
    /// The most outbound bandwidth of one instance, Mbit/s; no figure means none of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth_limit_mbps: Option<u32>,
    /// The most bandwidth paid by bandwidth of all pay-as-you-go instances in a region, Mbit/s.
    pub bandwidth_quota_mbps: u32,
    /// The account has chosen how it pays.
    pub billing_method_chosen: bool,
    /// A risk was found on the card it pays with.
    pub card_at_risk: bool,
    /// Economical mode is on: pay-as-you-go instances in a VPC stop with StopCharging by default.
    pub economical_mode: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: "1000000000000001".to_owned(),
            arrears: false,
            arrears_since: None,
            balance_cents: Cents(10_000_000),
            coupon_cents: Cents::ZERO,
            billed_cents: Cents::ZERO,
            credit_cents: Cents::ZERO,
            refund_vcpu_hours: None,
            downgrade_privilege: true,
            denied_types: BTreeSet::new(),
            hidden_types: BTreeSet::new(),
            denied_charge_types: BTreeSet::new(),
            type_quota: BTreeMap::new(),
            bandwidth_limit_mbps: None,
            bandwidth_quota_mbps: 50_000,
            billing_method_chosen: true,
            card_at_risk: false,
            economical_mode: false,
        }
    }
}

impl Account {
    /// What the account can still spend on credit and balance together.
    pub fn available(&self) -> Cents {
        self.balance_cents + self.credit_cents
    }

    /// Coupons and balance pay this amount. Credit is for pay-as-you-go use.
    pub fn can_pay(&self, amount: Cents) -> bool {
        amount <= Cents::ZERO || self.balance_cents + self.coupon_cents >= amount
    }
}

/// Who calls in the account's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Caller {
    /// Name of the RAM user; empty for the account itself, which may do everything.
    pub ram_user: String,
    /// May the user see prices?
    pub sees_prices: bool,
    /// May the user pass the role of an instance on?
    pub passes_roles: bool,
    /// Its access key, where the call was made with one of the account's.
    #[serde(skip)]
    pub access_key: Option<Arc<AccessKey>>,
}

impl Default for Caller {
    fn default() -> Self {
        Self { ram_user: String::new(), sees_prices: true, passes_roles: true, access_key: None }
    }
}

impl Caller {
    /// A RAM user without the right to see prices.
    pub fn lacks_prices(&self) -> bool {
        !self.ram_user.is_empty() && !self.sees_prices
    }

    /// Who that is.
    pub fn principal(&self) -> Principal {
        match &self.access_key {
            Some(key) => key.principal(),
            None if self.ram_user.is_empty() => Principal::Account,
            None => Principal::User(self.ram_user.clone()),
        }
    }

    /// A RAM user without the right to pass roles.
    pub fn lacks_roles(&self) -> bool {
        !self.ram_user.is_empty() && !self.passes_roles
    }
}
