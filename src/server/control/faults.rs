//! `/_local/faults`: what goes wrong on command. POST arms one, GET lists them with how often each met
//! its calls and struck, DELETE takes them back.

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
    fault.check().map_err(ControlError::bad_request)?;
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
