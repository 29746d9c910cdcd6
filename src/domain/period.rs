//! Periods of subscriptions: how long one lasts, and what becomes of it at its end.

use serde::{Deserialize, Serialize};

use super::time::{Span, Timestamp};

/// What periods are counted in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum PeriodUnit {
    /// Seven days.
    Week,
    /// A calendar month.
    #[default]
    Month,
    /// Twelve calendar months.
    Year,
}

impl PeriodUnit {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "Week",
            Self::Month => "Month",
            Self::Year => "Year",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Week, Self::Month, Self::Year].into_iter().find(|unit| unit.as_str() == text)
    }

    /// Can so many of them be bought at once?
    pub fn sells(self, count: u32) -> bool {
        match self {
            Self::Week => (1..=4).contains(&count),
            Self::Month => matches!(count, 1..=9 | 12 | 24 | 36 | 48 | 60),
            Self::Year => (1..=5).contains(&count),
        }
    }
}

/// A period of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Period {
    /// How many units, 1 to 60.
    pub count: u32,
    /// `Week`, `Month` or `Year`.
    pub unit: PeriodUnit,
}

impl Default for Period {
    fn default() -> Self {
        Self { count: 1, unit: PeriodUnit::Month }
    }
}

impl Period {
    /// When a period that begins at this moment ends.
    pub fn after(self, from: Timestamp) -> Timestamp {
        match self.unit {
            PeriodUnit::Week => from.plus(Span::days(i64::from(self.count) * 7)),
            PeriodUnit::Month => from.plus_months(self.count),
            PeriodUnit::Year => from.plus_months(self.count.saturating_mul(12)),
        }
    }
}

/// What becomes of a subscription at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum RenewalStatus {
    /// It is renewed by itself.
    AutoRenewal,
    /// Its owner renews it, and is reminded.
    #[default]
    Normal,
    /// It is not renewed, and nobody is reminded.
    NotRenewal,
}

impl RenewalStatus {
    /// The wire's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AutoRenewal => "AutoRenewal",
            Self::Normal => "Normal",
            Self::NotRenewal => "NotRenewal",
        }
    }

    /// Reads the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = [Self::AutoRenewal, Self::Normal, Self::NotRenewal].into_iter();
        all.find(|status| status.as_str() == text)
    }
}

/// How a subscription is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AutoRenew {
    /// `AutoRenewal`, `Normal` or `NotRenewal`.
    pub status: RenewalStatus,
    /// For how long it renews itself.
    pub period: Period,
}

impl AutoRenew {
    /// Does it renew itself?
    pub fn is_on(&self) -> bool {
        self.status == RenewalStatus::AutoRenewal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_on_the_calendar() {
        let january = Timestamp::parse_minutes("2026-01-31T10:00Z").unwrap();
        let after = |count, unit| Period { count, unit }.after(january).to_minutes();
        assert_eq!(after(1, PeriodUnit::Month), "2026-02-28T10:00Z");
        assert_eq!(after(2, PeriodUnit::Year), "2028-01-31T10:00Z");
        assert_eq!(after(1, PeriodUnit::Week), "2026-02-07T10:00Z");
    }
}
