//! What will happen by itself, in order of time, then of arrival.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::history::Cause;
use super::time::Timestamp;

/// See the module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Due {
    entries: BTreeMap<(Timestamp, u64), (Vec<Change>, Cause)>,
    arrivals: u64,
}

/// One thing, in the form of documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: Timestamp,
    changes: Vec<Change>,
    #[serde(default, skip_serializing_if = "Cause::is_unknown")]
    cause: Cause,
}

impl From<Vec<Entry>> for Due {
    fn from(entries: Vec<Entry>) -> Self {
        let mut due = Self::default();
        for entry in entries {
            due.push(entry.at, entry.changes, entry.cause);
        }
        due
    }
}

impl From<Due> for Vec<Entry> {
    fn from(due: Due) -> Self {
        let entries = due.entries.into_iter();
        entries.map(|((at, _), (changes, cause))| Entry { at, changes, cause }).collect()
    }
}

impl PartialEq for Due {
    /// The same things at the same moments in the same order; how many came and went before does
    /// not count.
    fn eq(&self, other: &Self) -> bool {
        let pairs = || self.entries.iter().zip(&other.entries);
        self.entries.len() == other.entries.len()
            && pairs().all(|((here, _), (there, _))| here.0 == there.0)
            && self.entries.values().eq(other.entries.values())
    }
}

impl Due {
    /// Adds changes of one cause. What was added first comes first at one moment.
    pub fn push(&mut self, at: Timestamp, changes: Vec<Change>, cause: Cause) {
        if !changes.is_empty() {
            self.entries.insert((at, self.arrivals), (changes, cause));
            self.arrivals += 1;
        }
    }

    /// Adds a change unless it is there already.
    pub fn push_once(&mut self, at: Timestamp, change: &Change, cause: &Cause) {
        let mut present = self.entries.range((at, 0)..=(at, u64::MAX));
        if !present.any(|(_, (known, _))| known.contains(change)) {
            self.push(at, vec![change.clone()], cause.clone().due());
        }
    }

    /// Takes the first changes that are due by `now`, with their moment and cause.
    pub fn pop_until(&mut self, now: Timestamp) -> Option<(Timestamp, Vec<Change>, Cause)> {
        let first = self.entries.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), (changes, cause)) = first.remove_entry();
        Some((at, changes, cause))
    }

    /// The moment of the next thing.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.entries.keys().next().map(|(at, _)| *at)
    }
}
