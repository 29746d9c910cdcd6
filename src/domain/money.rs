//! Money in integer cents, and the price model. The figures are ours: no price list was taken from
//! the cloud. They only serve orders, refunds and balances, and keep types in a sensible order.

use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

use super::catalog::InstanceType;
use super::time::{Span, Timestamp};

/// An amount in cents of the account's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(pub i64);

impl Add for Cents {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Cents {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Cents {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

/// Cents a month for one vCPU.
const VCPU_MONTH_CENTS: i64 = 6_000;
/// Cents a month for one GiB of memory.
const GIB_MONTH_CENTS: i64 = 1_500;
/// Cents a month for one Mbit/s paid by bandwidth.
const MBIT_MONTH_CENTS: i64 = 2_300;
/// A month of the price model: 730 hours.
const MONTH: Span = Span::hours(730);

/// Price of an instance type for a month.
pub fn type_price(instance_type: &InstanceType) -> Cents {
    let memory = i64::from(instance_type.memory_mib) * GIB_MONTH_CENTS / 1024;
    Cents(i64::from(instance_type.vcpus) * VCPU_MONTH_CENTS + memory)
}

/// Price of fixed bandwidth for a month.
pub fn bandwidth_price(mbps: u32) -> Cents {
    Cents(i64::from(mbps) * MBIT_MONTH_CENTS)
}

/// The share of a monthly price that falls on the time from `now` to `until`, rounded towards zero.
pub fn prorated(monthly: Cents, now: Timestamp, until: Timestamp) -> Cents {
    let share = i128::from(monthly.0) * i128::from(until.since(now).0) / i128::from(MONTH.0);
    Cents(i64::try_from(share).unwrap_or(i64::MAX))
}
