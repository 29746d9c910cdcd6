//! What will happen by itself, in order of time, then of arrival.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::history::Cause;
use super::text::Text;
use super::time::Timestamp;

/// See the module.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Due {
    entries: BTreeMap<(Timestamp, u64), (Vec<Change>, Cause)>,
    arrivals: u64,
    /// What of the entries can be there once: many instances share one moment, so it is not searched.
    known: BTreeSet<Known>,
}

/// A change that stands alone in its entry: when, of what, and its name.
type Known = (Timestamp, Text, &'static str);

fn known(at: Timestamp, change: &Change) -> Known {
    let of = match change {
        Change::Instance { instance_id, .. } => instance_id.clone(),
        Change::CancelOrder { order_id } => order_id.into(),
        _ => Text::default(),
    };
    (at, of, change.name())
}

/// One thing, in the form of documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "DueEntry"))]
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
        if let [alone] = changes.as_slice() {
            self.known.insert(known(at, alone));
        }
        if !changes.is_empty() {
            self.entries.insert((at, self.arrivals), (changes, cause));
            self.arrivals += 1;
        }
    }

    /// Adds a change unless one of its name is there for the same thing at that moment.
    pub fn push_once(&mut self, at: Timestamp, change: &Change, cause: &Cause) {
        if !self.known.contains(&known(at, change)) {
            self.push(at, vec![change.clone()], cause.clone().due());
        }
    }

    /// Takes the first changes that are due by `now`, with their moment and cause.
    pub fn pop_until(&mut self, now: Timestamp) -> Option<(Timestamp, Vec<Change>, Cause)> {
        let first = self.entries.first_entry().filter(|entry| entry.key().0 <= now)?;
        let ((at, _), (changes, cause)) = first.remove_entry();
        if let [alone] = changes.as_slice() {
            self.known.remove(&known(at, alone));
        }
        Some((at, changes, cause))
    }

    /// The moment of the next thing.
    pub fn next_at(&self) -> Option<Timestamp> {
        self.entries.keys().next().map(|(at, _)| *at)
    }
}
