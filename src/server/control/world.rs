//! `/_local/world`: export (GET), load (PUT, replaces the world), change (PATCH, lays a document over
//! it), reset to the starting one (DELETE). `/_local/world/fork?to=KEY`: a copy for another key.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answered::Json;
use super::asked::{Body, Query, Text};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::domain::document::{Whole, WorldDocument};
use crate::domain::{Timestamp, World};
use crate::emulator::{Emulator, ReplaceError};

const KEY_TAKEN: (u16, &str) = (409, "an access key of it belongs to another account");

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<WorldDocument>),
        ..Route::new(("get", "/world"), "world", "The whole world, without secrets.", || {
            get(export)
        })
    },
    Route {
        query: &[of::<Whose>, of::<Begin>],
        body: Some(of::<WorldDocument>),
        answer: Answer::Json(of::<Size>),
        refusals: &[KEY_TAKEN],
        ..Route::new(("put", "/world"), "loadWorld", "Replaces the world.", || put(load))
    },
    Route {
        query: &[of::<Whose>],
        body: Some(of::<WorldDocument>),
        answer: Answer::Json(of::<Size>),
        refusals: &[KEY_TAKEN],
        ..Route::new(("patch", "/world"), "changeWorld", "Lays a document over the world.", || {
            patch(change)
        })
    },
    Route {
        query: &[of::<Whose>],
        ..Route::new(
            ("delete", "/world"),
            "resetWorld",
            "World, clock, ids, faults and calls as they began; kept worlds stay.",
            || delete(reset),
        )
    },
    Route {
        query: &[of::<Whose>, of::<To>],
        ..Route::new(
            ("post", "/world/fork"),
            "forkWorld",
            "Gives the account of another key a copy of this world and its moment.",
            || post(fork),
        )
    },
];

/// How large a world is now.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "WorldSize"))]
struct Size {
    /// Its instances.
    instances: usize,
}

async fn export(State(emulator): State<Arc<Emulator>>, Query(whose): Query<Whose>) -> Json<Whole> {
    let world = emulator.at_present(whose.account(), |world, _| world.clone());
    Json(Whole::of(world.without_secrets()))
}

/// When a world begins that replaces another.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Begin {
    /// The moment at which the account's clock then stands, be it earlier or later than it was. The
    /// clock goes on as it did where it is not said.
    at: Option<Timestamp>,
}

async fn load(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Query(begin): Query<Begin>,
    Text(document): Text,
) -> Result<Json<Size>, ControlError> {
    sized(emulator.load_world(whose.account(), &document, begin.at))
}

async fn change(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Body(document): Body<Value>,
) -> Result<Json<Size>, ControlError> {
    sized(emulator.replace_world(whose.account(), document, None, World::patched))
}

fn sized(replaced: Result<usize, ReplaceError>) -> Result<Json<Size>, ControlError> {
    let instances = replaced.map_err(|error| {
        let message = error.to_string();
        match error {
            ReplaceError::KeyTaken(_) => {
                ControlError::new(StatusCode::CONFLICT, "EcsLocal.KeyTaken", message)
            }
            ReplaceError::NoObject | ReplaceError::Document(_) => {
                ControlError::bad_request(message)
            }
        }
    })?;
    Ok(Json(Size { instances }))
}

/// Whose world becomes a copy.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct To {
    /// A key of another account.
    to: String,
}

async fn fork(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Query(To { to }): Query<To>,
) -> Result<StatusCode, ControlError> {
    if to.is_empty() || !emulator.fork(whose.account(), &to) {
        return Err(ControlError::bad_request("to names a key of another account"));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn reset(State(emulator): State<Arc<Emulator>>, Query(whose): Query<Whose>) -> StatusCode {
    emulator.reset(whose.account());
    StatusCode::NO_CONTENT
}
