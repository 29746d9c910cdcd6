//! Bytes → damage to a data directory → a clear error, or the world after some whole number of records.

#![no_main]

#[path = "../../tests/probes/mod.rs"]
mod probes;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use probes::journal::Original;

static ORIGINAL: LazyLock<Original> = LazyLock::new(|| {
    let name = format!("ecs-local-fuzz-{}", std::process::id());
    Original::of(std::env::temp_dir().join(name))
});

fuzz_target!(|bytes: &[u8]| {
    ORIGINAL.probe(bytes);
});
