//! Moments as milliseconds since 1970 in UTC, and how the calls write them. Reads none.

/// Milliseconds since the beginning of 1970, UTC.
pub type Moment = i64;

pub const SECOND: i64 = 1000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

/// When every history begins: 2026-01-01T00:00:00Z.
pub const BEGINNING: Moment = 20_454 * DAY;

/// `yyyy-MM-ddTHH:mm:ssZ`.
pub fn to_seconds(at: Moment) -> String {
    format!("{}:{:02}Z", day_hour_minute(at), at.rem_euclid(MINUTE) / SECOND)
}

/// `yyyy-MM-ddTHH:mmZ`.
pub fn to_minutes(at: Moment) -> String {
    format!("{}Z", day_hour_minute(at))
}

/// `yyyy-MM-ddTHHZ`.
pub fn to_hours(at: Moment) -> String {
    format!("{}T{:02}Z", day(at), at.rem_euclid(DAY) / HOUR)
}

fn day_hour_minute(at: Moment) -> String {
    let (hour, minute) = (at.rem_euclid(DAY) / HOUR, at.rem_euclid(HOUR) / MINUTE);
    format!("{}T{hour:02}:{minute:02}", day(at))
}

/// The date, counted up year by year and month by month.
fn day(at: Moment) -> String {
    let (mut year, mut left) = (1970, at.div_euclid(DAY));
    while left >= days_of_year(year) {
        left -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while left >= days_of_month(year, month) {
        left -= days_of_month(year, month);
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

fn days_of_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}
