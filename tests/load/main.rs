//! The real binary under load and in want: idle connections by the thousand, slow clients, shut windows, many
//! clients at once, requests cut off, no file descriptors, no disk. Nothing acknowledged is lost, nothing hangs, every
//! error is a document. Small by default; in full size with
//! `cargo test --test load -- --ignored --test-threads=1 --nocapture`, where `LOAD_SECONDS` says for how
//! long many clients call (60).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../process/mod.rs"]
mod process;
#[path = "../served/mod.rs"]
mod served;

mod caller;
mod cut;
mod descriptors;
mod disk;
mod idle;
mod many;
mod slow;
mod windows;
