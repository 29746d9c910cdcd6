//! Probes: each takes any bytes and states what must hold for them. The fuzz targets (fuzz/) run them on
//! what libFuzzer makes, tests/fuzzing.rs on a few hundred inputs of a seeded generator.

#![allow(clippy::unwrap_used, reason = "a probe that cannot go on has found something")]
#![allow(dead_code, reason = "each target uses its part")]

pub mod answer;
pub mod change;
pub mod journal;
pub mod request;
pub mod scenario;
pub mod seeds;
pub mod world;

#[path = "../histories/mod.rs"]
mod histories;
