//! Bytes ↔ values: what a client sends becomes a [`Request`], a reply or refusal becomes bytes.
//! Decides nothing about the call itself.

mod json;
mod reply;
mod request;
mod xml;

pub use reply::{Outgoing, error, success};
pub use request::{Format, Incoming, Request};
