//! `/_local/snapshots`: worlds kept by name. PUT `/{name}` keeps the present one, POST `/{name}/load`
//! brings it back with its moment, DELETE forgets it. Kept in memory, for as long as the emulator runs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, post, put};
use serde::Serialize;

use super::answered::Json;
use super::asked::{Path, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::domain::Timestamp;
use crate::emulator::Emulator;

const NOT_KEPT: (u16, &str) = (404, "nothing is kept under this name");

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<Vec<Kept>>),
        ..Route::new(("get", "/snapshots"), "snapshots", "The kept worlds of an account.", || {
            get(list)
        })
    },
    Route {
        query: &[of::<Whose>],
        ..Route::new(("put", "/snapshots/{name}"), "keep", "Keeps the world under a name.", || {
            put(keep)
        })
    },
    Route {
        query: &[of::<Whose>],
        refusals: &[NOT_KEPT],
        ..Route::new(
            ("post", "/snapshots/{name}/load"),
            "bringBack",
            "Brings a kept world back, with its moment.",
            || post(load),
        )
    },
    Route {
        query: &[of::<Whose>],
        refusals: &[NOT_KEPT],
        ..Route::new(("delete", "/snapshots/{name}"), "forget", "Forgets a kept world.", || {
            delete(forget)
        })
    },
];

/// A kept world.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Snapshot"))]
struct Kept {
    /// Its name.
    name: String,
    /// The moment it shows.
    at: Timestamp,
    /// How many instances it has.
    instances: usize,
}

async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Json<Vec<Kept>> {
    let kept = emulator.kept(whose.account()).into_iter();
    Json(kept.map(|(name, (at, instances))| Kept { name, at, instances }).collect())
}

async fn keep(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(name): Path<String>,
) -> StatusCode {
    emulator.keep(whose.account(), &name);
    StatusCode::NO_CONTENT
}

async fn load(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(name): Path<String>,
) -> Result<StatusCode, ControlError> {
    done(emulator.bring_back(whose.account(), &name), &name)
}

async fn forget(
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
