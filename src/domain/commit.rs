//! Commits: what was written to a world at one moment, and the notes a world takes of them for whoever
//! keeps it on disk. The same commits at the same moments make the same world again.

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::history::Cause;
use super::time::Timestamp;
use super::token::Remembered;

/// Everything an accepted call, or somebody outside of calls, writes to a world at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// When.
    pub at: Timestamp,
    /// What changes, in order.
    pub changes: Vec<Change>,
    /// The call to be remembered with it, by the key of its token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<(String, Remembered)>,
    /// Why.
    pub cause: Cause,
}

impl Commit {
    /// Of changes without a token.
    pub const fn of(changes: Vec<Change>, cause: Cause, at: Timestamp) -> Self {
        Self { at, changes, token: None, cause }
    }
}

/// The commits of a world since they were last taken, where somebody wants them. They belong to the one
/// world: a copy has none and takes none, and worlds are compared without them.
#[derive(Debug, Default)]
pub struct Notes(Option<Vec<Commit>>);

impl Notes {
    /// From now on commits are noted.
    pub fn want(&mut self) {
        self.0.get_or_insert_default();
    }

    /// Are commits noted?
    pub const fn are_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// What was noted since the last time.
    pub fn take(&mut self) -> Vec<Commit> {
        self.0.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Notes a commit that writes something; that of a question does not.
    pub(super) fn note(&mut self, commit: &Commit) {
        if let Some(noted) = &mut self.0
            && !(commit.changes.is_empty() && commit.token.is_none())
        {
            noted.push(commit.clone());
        }
    }
}

impl Clone for Notes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
