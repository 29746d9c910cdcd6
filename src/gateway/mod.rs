//! What every RPC product shares, before any operation: method, action, version and readable
//! parameters; who calls, proven by a signature; how often, and by what right. Whose world a call
//! enters is decided here.

mod arrival;
mod directory;
mod door;
mod memory;
mod rights;
mod rows;
mod rules;

pub use arrival::Arrival;
pub use directory::{Directory, Listed};
pub use door::{Admitted, Door, Moment, Verdict};
pub use memory::Memory;
pub use rows::ROWS;

use serde::{Deserialize, Serialize};

use crate::domain::Span;
use crate::rule::{Decider, Refusal};

/// The account of calls without an access key, and the one that owns the keys of the starting world.
pub const DEFAULT_ACCOUNT: &str = "default";

/// How far the timestamp of a signed request may lie from the clock, to both sides.
const TIME_WINDOW: Span = Span::seconds(15 * 60);

/// What is done about signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signatures {
    /// Nothing.
    Off,
    /// Those of listed keys are verified; what is wrong is told in the log and in the list of
    /// calls. Any other key is welcome.
    #[default]
    Log,
    /// Only listed keys with right signatures get in.
    Strict,
}

/// The family of rows that the gateway refuses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Errors {
    /// What ECS answers with.
    #[default]
    Ecs,
    /// What the gateway answers with that most products share.
    Pop,
}

/// How the gateway is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, schemars(rename = "Gateway"))]
pub struct Options {
    /// What is done about signatures.
    pub signatures: Signatures,
    /// The family of rows it refuses with.
    pub errors: Errors,
    /// How many calls of an operation an account has in a minute; no figure means no limit.
    pub flow_control: Option<u32>,
}

impl Options {
    /// The same, with what somebody says otherwise.
    #[must_use]
    pub fn with(
        self,
        signatures: Option<Signatures>,
        errors: Option<Errors>,
        flow_control: Option<u32>,
    ) -> Self {
        Self {
            signatures: signatures.unwrap_or(self.signatures),
            errors: errors.unwrap_or(self.errors),
            flow_control: flow_control.or(self.flow_control),
        }
    }
}

/// The refusal of a request that is larger than `limit`.
pub fn too_large(limit: &str) -> Refusal {
    Refusal::of(&rows::TOO_LARGE, limit, "send less", Decider::Socket)
}

/// The refusal of a request that is no HTTP request, or ended early.
pub fn broken(how: &str) -> Refusal {
    Refusal::of(&rows::BROKEN, how, "send a whole HTTP/1.1 or HTTP/2 request", Decider::Socket)
}

/// The refusal of a request while nothing can be kept in the data directory.
pub fn not_kept(why: &str) -> Refusal {
    let fix = "make room, or the directory writable; it is tried again. What this call changed may be lost";
    Refusal::of(&rows::NOT_KEPT, why, fix, Decider::Socket)
}

/// The refusal of a request that came too slowly.
pub fn too_slow(how: &str) -> Refusal {
    Refusal::of(&rows::TOO_SLOW, how, "send it faster", Decider::Socket)
}
