//! `/_local/clock`: the time of an account, and its moving. One of `{"advance":"5m"}`,
//! `{"set":"2026-01-31T12:00:00Z"}`, `{"freeze":true}`, `{"run":true}`.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::answered::Json;
use super::asked::{Body, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::clock::Clock;
use crate::domain::{Span, Timestamp};
use crate::emulator::Emulator;

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<View>),
        ..Route::new(("get", "/clock"), "clock", "The time of an account.", || get(show))
    },
    Route {
        query: &[of::<Whose>],
        body: Some(of::<Move>),
        answer: Answer::Json(of::<View>),
        ..Route::new(
            ("post", "/clock"),
            "moveClock",
            "Moves, stops or runs the clock of an account; what comes due happens.",
            || post(change),
        )
    },
];

/// What is done to a clock.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "ClockMove"))]
#[serde(default, deny_unknown_fields)]
struct Move {
    /// It goes forward by this.
    advance: Option<Span>,
    /// It goes forward to this moment.
    set: Option<Timestamp>,
    /// It stands still from now on.
    freeze: bool,
    /// It runs on with the machine's.
    run: bool,
}

/// A clock.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Clock"))]
struct View {
    /// The moment it shows.
    now: Timestamp,
    /// Does it stand still?
    frozen: bool,
}

impl From<Clock> for View {
    fn from(clock: Clock) -> Self {
        Self { now: clock.now(), frozen: clock.is_frozen() }
    }
}

async fn show(State(emulator): State<Arc<Emulator>>, Query(whose): Query<Whose>) -> Json<View> {
    Json(emulator.with_tenant(whose.account(), |tenant| tenant.clock.into()))
}

async fn change(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Body(wanted): Body<Move>,
) -> Result<Json<View>, ControlError> {
    let is_one_of = [wanted.advance.is_some(), wanted.set.is_some(), wanted.run, wanted.freeze];
    let said = is_one_of.into_iter().filter(|is_said| *is_said).count();
    if said == 0
        || (wanted.run && wanted.freeze)
        || (wanted.advance.is_some() && wanted.set.is_some())
    {
        let message = "say advance or set, freeze or run";
        return Err(ControlError::bad_request(message));
    }
    let moved = emulator.move_clock(whose.account(), |clock| {
        if wanted.freeze {
            clock.freeze();
        }
        if let Some(span) = wanted.advance {
            clock.set(clock.now().plus(span))?;
        }
        if let Some(moment) = wanted.set {
            clock.set(moment)?;
        }
        if wanted.run {
            clock.run();
        }
        Ok(())
    });
    moved.map(|clock| Json(clock.into())).map_err(ControlError::bad_request)
}
