//! Inputs of targets that read documents: mostly the document is changed and not its bytes.

use fastrand::Rng;
use libfuzzer_sys::fuzzer_mutate;

/// What a target's mutator does, `change` being how its documents change.
pub fn mutated(
    bytes: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    change: fn(&[u8], &mut Rng) -> Option<Vec<u8>>,
) -> usize {
    let rng = &mut Rng::with_seed(seed.into());
    let changed = (rng.u8(..8) > 0).then(|| change(&bytes[..size], rng)).flatten();
    match changed.filter(|changed| changed.len() <= max_size) {
        Some(changed) => {
            bytes[..changed.len()].copy_from_slice(&changed);
            changed.len()
        }
        None => fuzzer_mutate(bytes, size, max_size),
    }
}
