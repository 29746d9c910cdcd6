//! What the gateway remembers of one account: nonces that were used, how often operations were
//! called in the running minute, which keys it has warned about.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use super::TIME_WINDOW;
use crate::domain::{Span, Timestamp};

/// How long calls are counted together.
const MINUTE: Span = Span::seconds(60);

/// The most nonces that are kept of half the time they count: what a table of 2^18 places holds. Of an account that makes
/// more calls the oldest are forgotten before their time, and the others stay near the processor.
const MOST_NONCES: usize = (1 << 18) / 8 * 7;

/// See the module.
#[derive(Debug, Default)]
pub struct Memory {
    nonces: Nonces,
    /// By operation: since when, and how many.
    calls: BTreeMap<&'static str, (Timestamp, u32)>,
    warned: BTreeSet<String>,
}

impl Memory {
    /// The nonce of a key, to be asked for.
    pub fn nonce(&self, key_id: &str, nonce: &str) -> Nonce {
        Nonce(self.nonces.hashes.hash_one((key_id, nonce)))
    }

    /// Was this nonce used in the time that signatures are good for?
    pub fn knows_nonce(&self, nonce: Nonce) -> bool {
        self.nonces.contains(nonce)
    }

    /// Remembers a nonce.
    pub fn use_nonce(&mut self, nonce: Nonce, now: Timestamp) {
        self.nonces.insert(nonce, now);
    }

    /// Would another call of the operation be more than `most` within a minute? Counts it if not.
    pub fn is_over_rate(&mut self, action: &'static str, most: u32, now: Timestamp) -> bool {
        let (since, count) = self.calls.entry(action).or_insert((now, 0));
        if now.since(*since) >= MINUTE {
            (*since, *count) = (now, 0);
        }
        let is_over = *count >= most;
        *count += u32::from(!is_over);
        is_over
    }

    /// Is this the first warning about the key?
    pub fn warns_first(&mut self, key_id: &str) -> bool {
        self.warned.insert(key_id.to_owned())
    }
}

/// What is kept of a nonce and its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nonce(u64);

/// Two generations of nonces, by hash: the older one is dropped when the younger one is as old as
/// the window in which a timestamp is good, to both sides of the clock.
#[derive(Debug, Default)]
struct Nonces {
    young: HashTable<Nonce>,
    old: HashTable<Nonce>,
    turned_at: Timestamp,
    hashes: RandomState,
}

impl Nonces {
    fn contains(&self, nonce: Nonce) -> bool {
        let has =
            |nonces: &HashTable<Nonce>| nonces.find(nonce.0, |known| *known == nonce).is_some();
        has(&self.young) || has(&self.old)
    }

    fn insert(&mut self, nonce: Nonce, now: Timestamp) {
        let is_full = self.young.len() >= MOST_NONCES;
        if is_full || now.since(self.turned_at) > Span(2 * TIME_WINDOW.0) {
            self.old = std::mem::take(&mut self.young);
            self.turned_at = now;
        }
        self.young.entry(nonce.0, |known| *known == nonce, |known| known.0).or_insert(nonce);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_counts_at_least_as_long_as_a_timestamp_is_good() {
        let mut memory = Memory::default();
        let mut now = Timestamp(1_700_000_000_000);
        let nonce = memory.nonce("a", "n");
        memory.use_nonce(nonce, now);
        assert!(memory.knows_nonce(nonce) && !memory.knows_nonce(memory.nonce("b", "n")));
        now = now.plus(Span(2 * TIME_WINDOW.0));
        memory.use_nonce(memory.nonce("a", "other"), now);
        assert!(memory.knows_nonce(nonce));
        for _ in 0..2 {
            now = now.plus(Span(2 * TIME_WINDOW.0 + 1));
            memory.use_nonce(memory.nonce("a", "later"), now);
        }
        assert!(!memory.knows_nonce(nonce));
    }

    #[test]
    fn the_rate_is_per_operation_and_minute() {
        let mut memory = Memory::default();
        let mut now = Timestamp(0);
        assert!(!memory.is_over_rate("A", 2, now) && !memory.is_over_rate("A", 2, now));
        assert!(memory.is_over_rate("A", 2, now) && !memory.is_over_rate("B", 2, now));
        now = now.plus(Span(59_999));
        assert!(memory.is_over_rate("A", 2, now));
        assert!(!memory.is_over_rate("A", 2, now.plus(Span(1))));
    }
}
