//! Money in integer cents, and the price model. The figures are ours: no price list was taken from
//! the cloud. They serve orders, refunds and bills, and keep types in a sensible order.

use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

use super::catalog::InstanceType;
use super::disk::Disk;
use super::network::InternetChargeType;
use super::time::{Span, Timestamp};

/// An amount in cents of the account's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Cents(pub i64);

impl Cents {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Part `part` of `whole` equal parts of it, rounded towards zero; nothing of no parts.
    #[must_use]
    pub fn share(self, part: Self, whole: Self) -> Self {
        if whole.0 == 0 {
            return Self::ZERO;
        }
        narrowed(i128::from(self.0) * i128::from(part.0) / i128::from(whole.0))
    }
}

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

impl Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::add)
    }
}

fn narrowed(cents: i128) -> Cents {
    Cents(i64::try_from(cents).unwrap_or(if cents < 0 { i64::MIN } else { i64::MAX }))
}

/// How many parts of a cent a [`Rate`] counts, so that the price of a MiB is exact.
const PARTS_PER_CENT: i128 = 1024;
/// Milliseconds in an hour.
const HOUR_MS: i128 = Span::hours(1).0 as i128;

/// What something costs for an hour of pay-as-you-go use, in 1/1024 cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(i64);

impl Rate {
    /// What this costs for whole hours, rounded down.
    #[must_use]
    pub fn for_hours(self, hours: i64) -> Cents {
        narrowed((i128::from(self.0) * i128::from(hours)).div_euclid(PARTS_PER_CENT))
    }
}

impl Add for Rate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Rate {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Rate {
    fn sum<I: Iterator<Item = Self>>(rates: I) -> Self {
        rates.fold(Self::default(), Self::add)
    }
}

/// The price model: pay-as-you-go by the hour, a subscription for a share of that. Traffic,
/// addresses, system disks and local disks cost nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Prices {
    /// Cents for a vCPU and hour.
    pub vcpu_hour_cents: u32,
    /// Cents for a GiB of memory and hour.
    pub gib_hour_cents: u32,
    /// Cents for a Mbit/s paid by bandwidth and hour.
    pub mbit_hour_cents: u32,
    /// Cents for 100 GiB of data disks and hour.
    pub disk_100_gib_hour_cents: u32,
    /// What a subscription costs of the hourly price, percent; a month is 730 hours.
    pub subscription_percent: u32,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            vcpu_hour_cents: 12,
            gib_hour_cents: 3,
            mbit_hour_cents: 5,
            disk_100_gib_hour_cents: 5,
            subscription_percent: 70,
        }
    }
}

impl Prices {
    /// An instance type for an hour.
    pub fn of_type(&self, instance_type: &InstanceType) -> Rate {
        let (vcpus, memory_mib) =
            (i64::from(instance_type.vcpus), i64::from(instance_type.memory_mib));
        // A MiB costs 1/1024 of what a GiB does: as many parts as that costs cents.
        let memory = memory_mib.saturating_mul(self.gib_hour_cents.into());
        Rate(vcpus.saturating_mul(1024 * i64::from(self.vcpu_hour_cents)).saturating_add(memory))
    }

    /// Outbound bandwidth for an hour.
    pub fn of_bandwidth(&self, mbps: u32, how: InternetChargeType) -> Rate {
        match how {
            InternetChargeType::PayByTraffic => Rate::default(),
            InternetChargeType::PayByBandwidth => {
                Rate((1024 * i64::from(mbps)).saturating_mul(self.mbit_hour_cents.into()))
            }
        }
    }

    /// A disk for an hour.
    pub fn of_disk(&self, disk: &Disk) -> Rate {
        if disk.system || disk.is_local() { Rate::default() } else { self.of_data(disk.size_gib) }
    }

    /// Data disks of this size for an hour.
    pub fn of_data(&self, size_gib: u32) -> Rate {
        let hundred =
            (1024 * i64::from(size_gib)).saturating_mul(self.disk_100_gib_hour_cents.into());
        Rate(hundred / 100)
    }

    /// What a subscription at this rate costs from one moment to another, rounded towards zero; an
    /// end that is not later costs nothing. Negative for a negative rate: a refund.
    pub fn subscription(&self, rate: Rate, from: Timestamp, until: Timestamp) -> Cents {
        let time_ms = i128::from(until.since(from).0);
        let percent = i128::from(self.subscription_percent);
        let price = (i128::from(rate.0) * time_ms).saturating_mul(percent);
        narrowed(price / (PARTS_PER_CENT * HOUR_MS * 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn a_month_is_730_hours_at_the_share_of_a_subscription() {
        let prices = Prices::default();
        let month = START.plus(Span::hours(730));
        let one = InstanceType { vcpus: 2, memory_mib: 8192, ..InstanceType::default() };
        let rate = prices.of_type(&one);
        assert_eq!(rate.for_hours(1), Cents(2 * 12 + 8 * 3));
        assert_eq!(prices.subscription(rate, START, month), Cents(48 * 730 * 70 / 100));
        let ten = prices.of_bandwidth(10, InternetChargeType::PayByBandwidth);
        assert_eq!(prices.subscription(ten, START, month), Cents(50 * 730 * 70 / 100));
        let traffic = prices.of_bandwidth(10, InternetChargeType::PayByTraffic);
        assert_eq!(prices.subscription(traffic, START, month), Cents::ZERO);
    }

    #[test]
    fn no_price_is_beyond_counting() {
        let prices = Prices {
            vcpu_hour_cents: u32::MAX,
            gib_hour_cents: u32::MAX,
            mbit_hour_cents: u32::MAX,
            disk_100_gib_hour_cents: u32::MAX,
            subscription_percent: u32::MAX,
        };
        let largest = InstanceType { vcpus: u32::MAX, memory_mib: u32::MAX, ..Default::default() };
        let by_bandwidth = InternetChargeType::PayByBandwidth;
        for rate in [
            prices.of_type(&largest),
            prices.of_bandwidth(u32::MAX, by_bandwidth),
            prices.of_data(u32::MAX),
        ] {
            let forever = prices.subscription(rate, Timestamp(i64::MIN), Timestamp(i64::MAX));
            assert_eq!(forever, Cents(i64::MAX));
            assert!(rate.for_hours(1) > Cents::ZERO);
        }
    }

    #[test]
    fn what_is_given_back_at_once_is_what_was_paid() {
        let prices = Prices::default();
        let (small, large) = (Rate(1000), Rate(7777));
        for end_ms in [1, 999, 3_600_001, 2_592_000_123] {
            let end = Timestamp(START.0 + end_ms);
            let paid = prices.subscription(large - small, START, end);
            assert_eq!(prices.subscription(small - large, START, end), -paid);
        }
    }

    #[test]
    fn a_share_is_rounded_towards_zero() {
        assert_eq!(Cents(100).share(Cents(1), Cents(3)), Cents(33));
        assert_eq!(Cents(-100).share(Cents(1), Cents(3)), Cents(-33));
        assert_eq!(Cents(100).share(Cents(1), Cents(0)), Cents(0));
    }
}
