//! The account a world belongs to: who it is, what it owes and owns, what it may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::money::Cents;

/// An account. The defaults refuse nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// The account's number, 16 digits.
    pub id: String,
    /// An outstanding payment: every change is refused until it is cleared.
    pub arrears: bool,
    /// Money that pays orders. May be zero or, for pay-as-you-go use on credit, negative.
    pub balance_cents: Cents,
    /// How far pay-as-you-go use may overdraw the balance.
    pub credit_cents: Cents,
    /// May the account downgrade subscription instances?
    pub downgrade_privilege: bool,
    /// Instance types the account is expressly denied.
    pub denied_types: BTreeSet<String>,
    /// Instance types sold by invitation that this account does not see.
    pub hidden_types: BTreeSet<String>,
    /// Economical mode is on: pay-as-you-go instances in a VPC stop with StopCharging by default.
    pub economical_mode: bool,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            id: "1000000000000001".to_owned(),
            arrears: false,
            balance_cents: Cents(10_000_000),
            credit_cents: Cents(0),
            downgrade_privilege: true,
            denied_types: BTreeSet::new(),
            hidden_types: BTreeSet::new(),
            economical_mode: false,
        }
    }
}

impl Account {
    /// What the account can still spend on credit and balance together.
    pub fn available(&self) -> Cents {
        self.balance_cents + self.credit_cents
    }
}
