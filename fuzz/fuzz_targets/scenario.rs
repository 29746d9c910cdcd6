//! Bytes → a scenario file → a run of it, and no panic.

#![no_main]

#[path = "../../tests/probes/mod.rs"]
mod probes;

use fastrand::Rng;
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use probes::{scenario, seeds};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if scenario::probe(bytes) { Corpus::Keep } else { Corpus::Reject }
});

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let rng = &mut Rng::with_seed(seed.into());
    let changed = (rng.u8(..8) > 0).then(|| seeds::changed_scenario(&bytes[..size], rng)).flatten();
    match changed.filter(|changed| changed.len() <= max_size) {
        Some(changed) => {
            bytes[..changed.len()].copy_from_slice(&changed);
            changed.len()
        }
        None => fuzzer_mutate(bytes, size, max_size),
    }
});
