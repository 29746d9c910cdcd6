//! `/_local/clock`: the time of an account, and its moving. One of `{"advance":"5m"}`,
//! `{"set":"2026-01-31T12:00:00Z"}`, `{"freeze":true}`, `{"run":true}`.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ControlError, Whose};
use crate::clock::Clock;
use crate::domain::{Span, Timestamp};
use crate::emulator::Emulator;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Move {
    advance: Option<Span>,
    set: Option<Timestamp>,
    freeze: bool,
    run: bool,
}

pub(super) async fn show(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Json<Value> {
    Json(emulator.with_tenant(whose.account(), |tenant| view(tenant.clock)))
}

pub(super) async fn change(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let wanted: Move = serde_json::from_slice(&body).map_err(ControlError::bad_request)?;
    emulator.with_tenant(whose.account(), |tenant| {
        // Tried on a copy: a move that is refused changes nothing.
        let mut clock = tenant.clock;
        if wanted.freeze {
            clock.freeze();
        }
        if let Some(span) = wanted.advance {
            clock.set(clock.now().plus(span)).map_err(ControlError::bad_request)?;
        }
        if let Some(moment) = wanted.set {
            clock.set(moment).map_err(ControlError::bad_request)?;
        }
        if wanted.run {
            clock.run();
        }
        tenant.clock = clock;
        tenant.world.settle(clock.now());
        Ok(Json(view(clock)))
    })
}

fn view(clock: Clock) -> Value {
    json!({"now": clock.now().to_string(), "frozen": clock.is_frozen()})
}
