//! `/_local/faults`: rows to be answered on command. POST `{"action":…,"row":…,"times":…}` arms one, GET
//! lists those that are left, DELETE takes them back.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde_json::Value;

use super::{ControlError, Whose, told};
use crate::emulator::Emulator;
use crate::faults::Fault;

pub(super) async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, ControlError> {
    told(&emulator.with_tenant(whose.account(), |tenant| tenant.faults.clone())).map(Json)
}

pub(super) async fn arm(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let fault: Fault = serde_json::from_slice(&body).map_err(ControlError::bad_request)?;
    if fault.find_row().is_none() {
        let message = format!("{} has no row named {}", fault.action, fault.row);
        return Err(ControlError::bad_request(message));
    }
    told(&emulator.with_tenant(whose.account(), |tenant| {
        tenant.faults.push(fault);
        tenant.faults.clone()
    }))
    .map(Json)
}

pub(super) async fn disarm(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> StatusCode {
    emulator.with_tenant(whose.account(), |tenant| tenant.faults.clear());
    StatusCode::NO_CONTENT
}
