//! `/_local/snapshots`: worlds kept by name. PUT `/{name}` keeps the present one, POST `/{name}/load`
//! brings it back with its moment, DELETE forgets it. Kept in memory, for as long as the emulator runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ControlError, Whose};
use crate::emulator::Emulator;

pub(super) async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Json<Value> {
    let kept = emulator.kept(whose.account()).into_iter();
    let shown = kept.map(|(name, (at, instances))| {
        json!({"name": name, "at": at.to_string(), "instances": instances})
    });
    Json(shown.collect())
}

pub(super) async fn keep(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(name): Path<String>,
) -> StatusCode {
    emulator.keep(whose.account(), &name);
    StatusCode::NO_CONTENT
}

pub(super) async fn load(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    done(emulator.bring_back(whose.account(), &name), &name)
}

pub(super) async fn forget(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    done(emulator.forget(whose.account(), &name), &name)
}

fn done(was_kept: bool, name: &str) -> Result<StatusCode, ControlError> {
    if was_kept {
        return Ok(StatusCode::NO_CONTENT);
    }
    let message = format!("nothing is kept under {name:?} for this account");
    Err(ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.NotFound", message))
}
