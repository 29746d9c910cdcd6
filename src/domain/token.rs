//! Idempotency tokens: what was answered to which call, for as long as it is remembered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::time::Timestamp;

/// A remembered successful call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// The business parameters of the call, sorted and joined: what a repetition must equal.
    pub digest: String,
    /// The instance the call named; empty for none.
    pub instance_id: String,
    /// What the call brought about (ids), from which its reply is written again.
    pub output: serde_json::Value,
    /// Until when the work the call began is in flight; a repetition is refused before.
    pub in_flight_until: Timestamp,
    /// When the token is forgotten.
    pub expires_at: Timestamp,
}

/// The remembered calls by `operation region token`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Tokens(BTreeMap<String, Remembered>);

impl Tokens {
    /// The call remembered under this key.
    pub fn get(&self, key: &str, now: Timestamp) -> Option<&Remembered> {
        self.0.get(key).filter(|call| now < call.expires_at)
    }

    /// Remembers a call.
    pub fn put(&mut self, key: String, call: Remembered) {
        self.0.insert(key, call);
    }

    /// Forgets the call remembered under this key, if its time is over.
    pub fn forget(&mut self, key: &str, now: Timestamp) {
        if self.0.get(key).is_some_and(|call| call.expires_at <= now) {
            self.0.remove(key);
        }
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
