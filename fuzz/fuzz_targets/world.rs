//! Bytes → a world document → a world that is written and read again, lives, and answers.

#![no_main]

#[path = "../mutation.rs"]
mod mutation;
#[path = "../../tests/probes/mod.rs"]
mod probes;

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};
use probes::{seeds, world};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if world::probe(bytes) { Corpus::Keep } else { Corpus::Reject }
});

fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutation::mutated(bytes, size, max_size, seed, seeds::changed_world)
});
