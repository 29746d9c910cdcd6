//! `/_local/calls`: the latest calls of an account, by `?action=`, `?code=` and `?status=` where
//! wanted, and only those behind the first `?after=` for whoever follows them. `/_local/calls/{RequestId}`: why one was answered as it was, whatever its account.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, Whose, told};
use crate::calls::Told;
use crate::emulator::Emulator;

/// Which calls are wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    action: Option<String>,
    code: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    after: u64,
}

impl Wanted {
    fn fits(&self, call: &Told) -> bool {
        self.action.as_ref().is_none_or(|action| *action == call.action)
            && self.code.as_ref().is_none_or(|code| *code == call.code)
            && self.status.is_none_or(|status| status == call.status)
    }
}

pub(super) async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Value>, ControlError> {
    let (total, calls) = emulator.with_tenant(whose.account(), |tenant| {
        let fitting = tenant.calls.behind(wanted.after).filter(|call| wanted.fits(call));
        (tenant.calls.total(), fitting.cloned().collect::<Vec<Told>>())
    });
    Ok(Json(json!({"total": total, "calls": told(&calls)?})))
}

pub(super) async fn explain(
    State(emulator): State<Arc<Emulator>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let unknown = || {
        let message = format!("no call {id:?} is among the latest of any account");
        ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.NotFound", message)
    };
    told(&emulator.explain(&id).ok_or_else(unknown)?).map(Json)
}
