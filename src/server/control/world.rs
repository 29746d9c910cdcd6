//! `/_local/world`: export (GET), load (PUT, replaces the world), reset to the starting one (DELETE).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ControlError, Whose};
use crate::domain::World;
use crate::emulator::Emulator;

pub(super) async fn export(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, ControlError> {
    let world = emulator.with_tenant(whose.account(), |tenant| {
        let now = tenant.clock.now();
        tenant.world.settle(now);
        tenant.world.clone()
    });
    world.to_value().map(Json).map_err(|error| {
        ControlError::new(StatusCode::INTERNAL_SERVER_ERROR, "EcsLocal.Bug", error.to_string())
    })
}

pub(super) async fn load(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let document: Value = serde_json::from_slice(&body).map_err(ControlError::bad_request)?;
    if !document.is_object() {
        return Err(ControlError::bad_request("a world is a JSON object"));
    }
    emulator.with_tenant(whose.account(), |tenant| {
        let world =
            World::from_value(document, tenant.clock.now()).map_err(ControlError::bad_request)?;
        let instances = world.instance.len();
        tenant.world = world;
        Ok(Json(json!({"instances": instances})))
    })
}

pub(super) async fn reset(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> StatusCode {
    emulator.reset(whose.account());
    StatusCode::NO_CONTENT
}
