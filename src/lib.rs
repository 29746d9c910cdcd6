//! ecs-local: a local emulator of Alibaba Cloud ECS (API 2014-05-26).
//!
//! The modules in the order a call meets them. `ARCHITECTURE.md` tells the whole.

pub mod embedded;
pub mod server;
pub mod wire;

pub mod gateway;

pub mod emulator;
pub mod engine;

pub mod operations;

pub mod param;
pub mod reply;
pub mod row;
pub mod rule;

pub mod domain;

pub mod reading;
pub mod writing;

pub mod calls;
pub mod carried;
pub mod clients;
pub mod coverage;
pub mod explain;
pub mod faults;
pub mod metrics;
pub mod schema;
pub mod seen;
#[cfg(feature = "otlp")]
pub mod traces;

pub mod clock;
pub mod ids;

pub mod store;

pub mod scenario;

pub use embedded::EcsLocal;
