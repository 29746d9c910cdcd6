//! The domain: instances, orders, networks, money, time. Pure values and their changes; no calls,
//! no rows, no clock, no HTTP.

pub mod access;
pub mod account;
pub mod brief;
pub mod catalog;
pub mod change;
pub mod commit;
pub mod disk;
pub mod document;
pub mod due;
pub mod fields;
pub mod history;
pub mod image;
pub mod index;
pub mod instance;
pub mod money;
pub mod network;
pub mod order;
pub mod period;
mod places;
pub mod ram;
pub mod region;
pub mod registry;
pub mod request_id;
pub mod settings;
pub mod shared;
pub mod text;
pub mod time;
pub mod token;
pub mod world;

pub use change::{Change, InstanceChange};
pub use commit::Commit;
pub use history::Cause;
pub use request_id::RequestId;
pub use shared::Shared;
pub use text::{Text, Word};
pub use time::{Span, Timestamp};
pub use world::World;
