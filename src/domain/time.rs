//! Moments and spans of time as the domain knows them: UTC milliseconds, no clock. Texts follow
//! the wire: with minutes (`2017-12-05T22:40Z`), with seconds, or with hours only.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How long `yyyy-MM-ddTHH:mmZ` is.
const MINUTES_LENGTH: usize = 17;
/// Milliseconds in a second.
const SECOND_MS: i64 = 1000;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// The first moment of the year 0 and the last of the year 9999: documents and the wire have four digits
/// for a year, so that nothing lies outside of what they can say.
const FIRST: Timestamp = Timestamp(-62_167_219_200_000);
const LAST: Timestamp = Timestamp(253_402_300_799_999);

impl Timestamp {
    /// This moment, or the nearest that has a form.
    fn within(self) -> Self {
        self.clamp(FIRST, LAST)
    }

    /// Reads `yyyy-MM-ddTHH:mm:ssZ`.
    pub fn parse_seconds(text: &str) -> Option<Self> {
        Self::parse_parts(text, 6)
    }

    /// Reads `yyyy-MM-ddTHH:mmZ`.
    pub fn parse_minutes(text: &str) -> Option<Self> {
        Self::parse_parts(text, 5)
    }

    /// Reads `yyyy-MM-ddTHHZ`.
    pub fn parse_hours(text: &str) -> Option<Self> {
        Self::parse_parts(text, 4)
    }

    /// Reads any of the forms above, or seconds with a fraction.
    pub fn parse_any(text: &str) -> Option<Self> {
        Self::parse_seconds(text)
            .or_else(|| Self::parse_minutes(text))
            .or_else(|| Self::parse_hours(text))
            .or_else(|| {
                DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
            })
            // An offset can lead out of the years that have a form.
            .filter(|at| *at == at.within())
    }

    /// Reads the first so many of year, month, day, hour, minute and second, each with all its digits.
    fn parse_parts(text: &str, count: usize) -> Option<Self> {
        const BEHIND: [u8; 6] = *b"--T::Z";
        let mut rest = text.as_bytes();
        let mut parts = [0; 6];
        for (index, part) in parts.iter_mut().enumerate().take(count) {
            let (digits, behind) = rest.split_at_checked(if index == 0 { 4 } else { 2 })?;
            for byte in digits {
                *part = *part * 10 + char::from(*byte).to_digit(10)?;
            }
            let mark = if index + 1 == count { b'Z' } else { BEHIND[index] };
            rest = behind.strip_prefix(&[mark])?;
        }
        let [year, month, day, hour, minute, second] = parts;
        // A leap second is the one behind it.
        let (second, leap) = if second == 60 { (59, Span::seconds(1)) } else { (second, Span(0)) };
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        let at = date.and_hms_opt(hour, minute, second).filter(|_| rest.is_empty())?;
        Some(Self(at.and_utc().timestamp_millis()).plus(leap))
    }

    fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// `yyyy-MM-ddTHH:mmZ`, as DescribeInstances shows times.
    pub fn to_minutes(self) -> String {
        let at = self.to_chrono();
        let mut text = String::with_capacity(MINUTES_LENGTH);
        let date = [at.year().unsigned_abs() / 100, at.year().unsigned_abs() % 100, at.month()];
        let parts = [at.day(), at.hour(), at.minute()];
        let marks = ["", "", "-", "-", "T", ":"];
        if !(0..=9999).contains(&at.year()) {
            return at.format("%Y-%m-%dT%H:%MZ").to_string();
        }
        for (mark, part) in marks.into_iter().zip(date.into_iter().chain(parts)) {
            text.push_str(mark);
            text.extend(
                [part / 10, part % 10].map(|digit| char::from_digit(digit, 10).unwrap_or('0')),
            );
        }
        text.push('Z');
        text
    }

    /// `yyyy-MM-ddTHH:mm:ssZ`.
    pub fn to_seconds(self) -> String {
        self.to_chrono().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The moment `span` later, or the last of the year 9999.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0)).within()
    }

    /// The midnight (UTC) before this moment, or this moment.
    #[must_use]
    pub fn start_of_day(self) -> Self {
        let day_ms = Span::days(1).0;
        Self(self.0.div_euclid(day_ms).saturating_mul(day_ms))
    }

    /// This moment without its seconds.
    #[must_use]
    pub fn start_of_minute(self) -> Self {
        let minute_ms = Span::seconds(60).0;
        Self(self.0.div_euclid(minute_ms).saturating_mul(minute_ms))
    }

    /// The next full hour, later than this moment.
    #[must_use]
    pub fn next_hour(self) -> Self {
        let hour_ms = Span::hours(1).0;
        Self((self.0.div_euclid(hour_ms).saturating_add(1)).saturating_mul(hour_ms)).within()
    }

    /// The moment `span` earlier, or the first of the year 0.
    #[must_use]
    pub fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0)).within()
    }

    /// How long after `earlier` this is; zero where it is not later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }

    /// The moment `count` calendar months later, the last day of a shorter month where needed; or the
    /// last moment of the year 9999.
    #[must_use]
    pub fn plus_months(self, count: u32) -> Self {
        self.to_chrono()
            .checked_add_months(chrono::Months::new(count))
            .map_or(LAST, |later| Self(later.timestamp_millis()).within())
    }
}

impl fmt::Display for Timestamp {
    /// Seconds, or milliseconds where there are some.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_chrono().to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(Self::parse_any, "a time like 2026-01-31T12:00:00Z"))
    }
}

/// Reads a text, and says what it should be. A reader that is refused within a text tells of this text; of one
/// that is refused afterwards it would tell what the text is part of.
struct Text<T>(fn(&str) -> Option<T>, &'static str);

impl<T> de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        let Self(read, wanted) = self;
        read(text).ok_or_else(|| E::custom(format!("{text:?} is not {wanted}")))
    }
}

/// A span of time in milliseconds; written in documents as `"5m"`, `"7s"`, `"1h 30m"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span(pub i64);

impl Span {
    /// Whole seconds.
    pub const fn seconds(count: i64) -> Self {
        Self(count.saturating_mul(SECOND_MS))
    }

    /// Whole hours.
    pub const fn hours(count: i64) -> Self {
        Self::seconds(count.saturating_mul(3600))
    }

    /// Whole days of 24 hours.
    pub const fn days(count: i64) -> Self {
        Self::hours(count.saturating_mul(24))
    }

    /// No time at all?
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// Whole seconds in the span, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0 / SECOND_MS
    }

    /// Reads `4m59s`, `1h`, `250ms`: whole milliseconds.
    pub fn parse(text: &str) -> Option<Self> {
        let span = humantime::parse_duration(text).ok()?;
        let is_whole = span.subsec_nanos().is_multiple_of(1_000_000);
        i64::try_from(span.as_millis()).ok().filter(|_| is_whole).map(Self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No months and years: those are not of one length.
        let mut left = u64::try_from(self.0).unwrap_or(0);
        let mut parts = Vec::new();
        for (unit, millis) in
            [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
        {
            if left >= millis {
                parts.push(format!("{}{unit}", left / millis));
                left %= millis;
            }
        }
        out.write_str(if parts.is_empty() { "0s" } else { "" })?;
        out.write_str(&parts.join(" "))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(Self::parse, "a span of time like 4m59s"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_forms_are_read_strictly() {
        let minute = Timestamp::parse_minutes("2017-12-05T22:40Z").unwrap();
        assert_eq!(minute.to_minutes(), "2017-12-05T22:40Z");
        assert_eq!(minute.to_seconds(), "2017-12-05T22:40:00Z");
        assert_eq!(
            Timestamp::parse_hours("2017-12-05T22Z").unwrap().to_minutes(),
            "2017-12-05T22:00Z"
        );
        for bad in
            ["2017-12-05T22:40", "2017-13-05T22:40Z", "17-12-05T22:40Z", "+2017-12-05T22:40Z", ""]
        {
            assert_eq!(Timestamp::parse_minutes(bad), None, "{bad}");
        }
        assert_eq!(Timestamp::parse_seconds("2017-12-05T22:40Z"), None);
    }

    #[test]
    fn minutes_are_written_as_chrono_writes_them() {
        let moments = [0, -1, 59_999, 951_782_400_000, 4_102_415_940_000, 253_402_300_799_999];
        for at in
            moments.into_iter().chain([i64::MIN, i64::MAX, -62_167_219_200_001]).map(Timestamp)
        {
            let expected = at.to_chrono().format("%Y-%m-%dT%H:%MZ").to_string();
            assert_eq!(at.to_minutes(), expected);
        }
    }

    #[test]
    fn every_moment_that_can_be_reached_has_a_form() {
        let forever = Span(i64::MAX);
        for from in [FIRST, Timestamp(0), LAST] {
            let reached = [
                from.plus(forever),
                from.minus(forever),
                from.plus_months(u32::MAX),
                from.next_hour(),
                from.start_of_day(),
                from.start_of_minute(),
            ];
            for at in reached {
                assert_eq!(Timestamp::parse_any(&at.to_string()), Some(at));
            }
        }
        assert_eq!(Timestamp::parse_any("9999-12-31T23:59:59-01:00"), None);
        assert_eq!(Timestamp::parse_any("0000-01-01T00:00:00+01:00"), None);
    }

    #[test]
    fn spans_read_as_people_write_them() {
        assert_eq!(Span::parse("4m59s"), Some(Span::seconds(299)));
        assert_eq!(Span::seconds(299).to_string(), "4m 59s");
        assert_eq!(Span::parse("500d 3h").unwrap().to_string(), "500d 3h");
        assert_eq!((Span(0).to_string(), Span(1001).to_string()), ("0s".into(), "1s 1ms".into()));
        for bad in ["soon", "1us", "1500us", ""] {
            assert_eq!(Span::parse(bad), None, "{bad}");
        }
    }
}
