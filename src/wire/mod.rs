//! Bytes ↔ values: what a client sends becomes a [`Request`], a reply or refusal becomes bytes.
//! Decides nothing about the call itself.

mod common;
mod eight;
mod headers;
mod json;
mod kept;
mod pairs;
mod refused;
mod reply;
mod request;
pub mod signature;
mod xml;

pub use headers::Headers;
pub use pairs::Pairs;
pub use refused::error;
pub use reply::{Delivery, Outgoing, success};
pub use request::{Format, Incoming, Request};
