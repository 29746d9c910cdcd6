//! `/_local/calls`: the latest calls of an account, by `?action=`, `?code=` and `?status=` where
//! wanted, and only those behind the first `?after=` for whoever follows them. `/_local/calls/{RequestId}`: why one was answered as it was, whatever its account.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::answered::Json;
use super::asked::{Path, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::calls::Told;
use crate::emulator::Emulator;
use crate::explain::Explanation;

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>, of::<Wanted>],
        answer: Answer::Json(of::<Listed>),
        ..Route::new(("get", "/calls"), "calls", "The latest calls of an account.", || get(list))
    },
    Route {
        answer: Answer::Json(of::<Explanation>),
        refusals: &[(404, "no such call is kept")],
        ..Route::new(
            ("get", "/calls/{request_id}"),
            "why",
            "Why a call was answered as it was, whatever its account.",
            || get(explain),
        )
    },
];

/// Which calls are wanted.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Wanted {
    /// Of this operation only.
    action: Option<String>,
    /// With this error code only.
    code: Option<String>,
    /// With this HTTP status only.
    status: Option<u16>,
    /// Made with this access key only.
    key: Option<String>,
    /// Only those behind the first so many, for whoever follows them.
    #[serde(default)]
    after: u64,
}

/// Calls of an account.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Calls"))]
struct Listed {
    /// How many there have been, kept or not.
    total: u64,
    /// Those of the latest 1000 that are wanted, the latest first.
    calls: Vec<Told>,
}

impl Wanted {
    fn fits(&self, call: &Told) -> bool {
        self.action.as_ref().is_none_or(|action| *action == call.action)
            && self.code.as_ref().is_none_or(|code| *code == call.code)
            && self.status.is_none_or(|status| status == call.status)
            && self.key.as_ref().is_none_or(|key| *key == call.access_key_id)
    }
}

async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Query(wanted): Query<Wanted>,
) -> Json<Listed> {
    Json(emulator.with_tenant(whose.account(), |tenant| {
        let fitting = tenant.calls.behind(wanted.after).filter(|call| wanted.fits(call));
        Listed { total: tenant.calls.total(), calls: fitting.collect() }
    }))
}

async fn explain(
    State(emulator): State<Arc<Emulator>>,
    Path(id): Path<String>,
) -> Result<Json<Explanation>, ControlError> {
    let unknown = || {
        let message = format!("no call {id:?} is among the latest of any account");
        ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.NotFound", message)
    };
    emulator.explain_in_full(&id).map(Json).ok_or_else(unknown)
}
