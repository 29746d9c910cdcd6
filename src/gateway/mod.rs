//! What every RPC product shares, before any operation: method, action, version, readable
//! parameters, and whose world a call enters. Signatures are not verified yet.

mod rows;

pub use rows::ROWS;

use crate::operations::Entry;
use crate::rule::Refusal;
use crate::wire::Request;

/// The account of calls without an access key.
pub const DEFAULT_ACCOUNT: &str = "default";

/// Finds the operation a request asks for.
///
/// # Errors
/// The gateway's own rows: method, action, version, unreadable parameters.
pub fn admit(request: &Request) -> Result<&'static Entry, Refusal> {
    if !matches!(request.method.as_str(), "GET" | "POST") {
        return Err(Refusal::of(&rows::METHOD, "", "send GET or POST"));
    }
    if let Err(bad) = &request.params {
        return Err(Refusal::of(
            &rows::PARAMETER,
            bad.name(),
            "send the parameter once, as UTF-8 text, arrays from 1 without a gap",
        ));
    }
    let Some(action) = request.action.as_deref() else {
        return Err(Refusal::of(&rows::ACTION_MISSING, "Action", "name the operation in Action"));
    };
    let Some(entry) = Entry::find(action) else {
        return Err(Refusal::of(
            &rows::ACTION_UNKNOWN,
            "",
            "this operation is not emulated; README.md lists those that are",
        ));
    };
    // Sample calls of the documentation are pasted without their common parameters, so a call
    // without a version means the one that is emulated.
    match request.version.as_deref() {
        None => Ok(entry),
        Some(version) if entry.product.versions().contains(&version) => Ok(entry),
        Some(_) => {
            Err(Refusal::of(&rows::VERSION, "", "send the version the operation belongs to"))
        }
    }
}

/// The account whose world a request enters: its access key id, or the default one.
pub fn account(request: &Request) -> &str {
    if request.access_key_id.is_empty() { DEFAULT_ACCOUNT } else { &request.access_key_id }
}

/// The refusal of a request that is larger than `limit`.
pub fn too_large(limit: &str) -> Refusal {
    Refusal::of(&rows::TOO_LARGE, limit, "send less")
}
