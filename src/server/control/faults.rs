//! `/_local/faults`: what goes wrong on command. POST arms one, GET lists them with how often each met
//! its calls and struck, DELETE takes them back.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post};

use super::answered::Json;
use super::asked::{Body, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::emulator::Emulator;
use crate::faults::Fault;

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<Vec<Fault>>),
        ..Route::new(("get", "/faults"), "faults", "What goes wrong on command.", || get(list))
    },
    Route {
        query: &[of::<Whose>],
        body: Some(of::<Fault>),
        answer: Answer::Json(of::<Vec<Fault>>),
        ..Route::new(("post", "/faults"), "armFault", "Arms a fault, beside those armed.", || {
            post(arm)
        })
    },
    Route {
        query: &[of::<Whose>],
        ..Route::new(("delete", "/faults"), "disarmFaults", "Takes all faults back.", || {
            delete(disarm)
        })
    },
];

async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Json<Vec<Fault>> {
    Json(emulator.with_tenant(whose.account(), |tenant| tenant.faults.clone()))
}

async fn arm(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Body(fault): Body<Fault>,
) -> Result<Json<Vec<Fault>>, ControlError> {
    fault.check().map_err(ControlError::bad_request)?;
    Ok(Json(emulator.with_tenant(whose.account(), |tenant| {
        tenant.faults.push(fault.unused());
        tenant.faults.clone()
    })))
}

async fn disarm(State(emulator): State<Arc<Emulator>>, Query(whose): Query<Whose>) -> StatusCode {
    emulator.with_tenant(whose.account(), |tenant| tenant.faults.clear());
    StatusCode::NO_CONTENT
}
