//! Bytes → a request → an answer that every client can read, and no panic.

#![no_main]

#[path = "../../tests/probes/mod.rs"]
mod probes;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| probes::request::probe(bytes));
