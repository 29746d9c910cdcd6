//! `/_local/account`: an account's money and debts. `POST` moves them from outside:
//! `{"top_up_cents": 100000}` pays in, and out of arrears where that covers them;
//! `{"arrears": true}` or `false` is the fall into arrears, or their end, as such.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::Value;

use super::{ControlError, Whose, told};
use crate::domain::money::Cents;
use crate::emulator::Emulator;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Event {
    top_up_cents: Option<u32>,
    arrears: Option<bool>,
}

pub(super) async fn show(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
) -> Result<Json<Value>, ControlError> {
    let account = emulator.at_present(whose.account(), |world, _| world.account.clone());
    told(&account).map(Json)
}

pub(super) async fn change(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let event: Event = serde_json::from_slice(&body).map_err(ControlError::bad_request)?;
    let account = emulator.at_present(whose.account(), |world, now| {
        if let Some(begin) = event.arrears {
            world.set_account_arrears(begin, now);
        }
        if let Some(amount) = event.top_up_cents {
            world.top_up(Cents(amount.into()), now);
        }
        world.account.clone()
    });
    told(&account).map(Json)
}
