//! Clocks. The only file that reads the machine's time. A clock runs with the system (ahead of it
//! by what was advanced) or stands still until it is moved. It never goes back.

use serde::{Deserialize, Serialize};

use crate::domain::{Span, Timestamp};

/// The clock of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Clock {
    /// The system's time plus an offset.
    Running {
        /// How far ahead; behind, where it is negative.
        #[serde(rename = "ahead_ms", with = "millis")]
        ahead: Span,
    },
    /// Stands at a moment.
    Frozen {
        /// The moment.
        at: Timestamp,
    },
}

/// Spans as people write them do not go backwards; on disk they are milliseconds.
mod millis {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Span;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(super) fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(span.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Span, D::Error> {
        i64::deserialize(deserializer).map(Span)
    }
}

/// The last moment of a clock, 9999-12-31T23:59:59Z: the wire has four digits for a year.
const END: Timestamp = Timestamp(253_402_300_799_000);

/// Why a clock does not move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotMove {
    /// Time goes forward only.
    #[error("the clock stands at {now} and does not go back to {to}")]
    Back {
        /// Where it stands.
        now: Timestamp,
        /// Where it was to go.
        to: Timestamp,
    },
    /// There is no such year.
    #[error("the clock ends at {END}")]
    TooFar,
}

impl Clock {
    /// A clock that runs with the system.
    pub const SYSTEM: Self = Self::Running { ahead: Span(0) };

    /// The moment it shows.
    pub fn now(self) -> Timestamp {
        self.when(system_now)
    }

    /// The moment it shows when the system's shows this one.
    pub fn when(self, system: impl FnOnce() -> Timestamp) -> Timestamp {
        match self {
            Self::Running { ahead } => system().plus(ahead).min(END),
            Self::Frozen { at } => at,
        }
    }

    /// Moves it forward, to its end at most; whether it runs or stands stays as it was.
    pub fn advance(&mut self, by: Span) {
        match self {
            Self::Running { ahead } => *ahead = Span(ahead.0.saturating_add(by.0)),
            Self::Frozen { at } => *at = at.plus(by).min(END),
        }
    }

    /// Sets it to a moment.
    ///
    /// # Errors
    /// The moment lies before the one it shows, or behind the year 9999.
    pub fn set(&mut self, to: Timestamp) -> Result<(), CannotMove> {
        let now = self.now();
        if to < now {
            return Err(CannotMove::Back { now, to });
        }
        if to > END {
            return Err(CannotMove::TooFar);
        }
        self.advance(to.since(now));
        Ok(())
    }

    /// Stops it where it is.
    pub fn freeze(&mut self) {
        *self = Self::Frozen { at: self.now() };
    }

    /// Lets it run on from where it is.
    pub fn run(&mut self) {
        if let Self::Frozen { at } = *self {
            *self = Self::Running { ahead: Span(at.0.saturating_sub(system_now().0)) };
        }
    }

    /// Does it stand still?
    pub const fn is_frozen(self) -> bool {
        matches!(self, Self::Frozen { .. })
    }
}

fn system_now() -> Timestamp {
    let since_epoch = machine_time().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since_epoch.map_or(0, |span| i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
}

/// The machine's time, for those outside who know no account.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's time")]
pub fn machine_time() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// Measures how long something takes on the machine, whatever the accounts' clocks show.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts one.
    #[expect(clippy::disallowed_methods, reason = "the one place that measures time")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// How long ago that was.
    pub fn elapsed(self) -> std::time::Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let mut clock = Clock::Frozen { at: Timestamp(1000) };
        clock.advance(Span::seconds(5));
        assert_eq!(clock.now(), Timestamp(6000));
        assert!(clock.set(Timestamp(5999)).is_err());
        assert_eq!(clock.set(Timestamp(i64::MAX)), Err(CannotMove::TooFar));
        clock.set(Timestamp(7000)).unwrap();
        assert_eq!(clock.now(), Timestamp(7000));
        clock.advance(Span(i64::MAX));
        assert_eq!(clock.now(), END);
    }

    #[test]
    fn a_stopped_clock_runs_on_from_where_it_stood() {
        let mut clock = Clock::SYSTEM;
        clock.advance(Span::hours(24));
        clock.freeze();
        let stood = clock.now();
        clock.run();
        assert!(clock.now() >= stood && clock.now().since(stood) < Span::hours(1));
    }
}
