//! `/_local/account`: an account's money and debts. `POST` moves them from outside:
//! `{"top_up_cents": 100000}` pays in, and out of arrears where that covers them;
//! `{"arrears": true}` or `false` is the fall into arrears, or their end, as such.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;

use super::answered::Json;
use super::asked::{Body, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::domain::account::Account;
use crate::domain::money::Cents;
use crate::emulator::Emulator;

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<Account>),
        ..Route::new(("get", "/account"), "account", "An account's money and debts.", || get(show))
    },
    Route {
        query: &[of::<Whose>],
        body: Some(of::<Event>),
        answer: Answer::Json(of::<Account>),
        ..Route::new(
            ("post", "/account"),
            "changeAccount",
            "Moves money or debts from outside.",
            || post(change),
        )
    },
];

/// What happens to an account's money from outside.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "AccountEvent"))]
#[serde(default, deny_unknown_fields)]
struct Event {
    /// So much is paid in; arrears it covers end.
    top_up_cents: Option<u32>,
    /// The account falls into arrears, or out of them.
    arrears: Option<bool>,
}

async fn show(State(emulator): State<Arc<Emulator>>, Query(whose): Query<Whose>) -> Json<Account> {
    Json(emulator.at_present(whose.account(), |world, _| Account::clone(&world.account)))
}

async fn change(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Body(event): Body<Event>,
) -> Result<Json<Account>, ControlError> {
    if event.arrears.is_none() && event.top_up_cents.is_none() {
        return Err(ControlError::bad_request("say top_up_cents or arrears"));
    }
    let account = emulator.at_present(whose.account(), |world, now| {
        if let Some(begin) = event.arrears {
            world.set_account_arrears(begin, now);
        }
        if let Some(amount) = event.top_up_cents {
            world.top_up(Cents(amount.into()), now);
        }
        Account::clone(&world.account)
    });
    Ok(Json(account))
}
