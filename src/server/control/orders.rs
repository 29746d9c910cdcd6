//! `/_local/orders`: the ledger of an account, `?instance_id=` for one instance; an order by its
//! number; `POST …/pay` and `POST …/cancel`, which the console of the cloud has and its API does not.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::answered::Json;
use super::asked::{Path, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::domain::order::Order;
use crate::domain::world::OrderError;
use crate::domain::{Timestamp, World};
use crate::emulator::Emulator;

const NO_ORDER: (u16, &str) = (404, "there is no such order");

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>, of::<Which>],
        answer: Answer::Json(of::<Vec<View>>),
        ..Route::new(("get", "/orders"), "orders", "The ledger of an account.", || get(list))
    },
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<View>),
        refusals: &[NO_ORDER],
        ..Route::new(("get", "/orders/{id}"), "order", "An order.", || get(show))
    },
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<View>),
        refusals: &[NO_ORDER, (409, "it is not unpaid, or money or stock are short")],
        ..Route::new(
            ("post", "/orders/{id}/pay"),
            "payOrder",
            "Pays an order, as the console does.",
            || post(pay),
        )
    },
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<View>),
        refusals: &[NO_ORDER, (409, "it is neither unpaid nor invalid")],
        ..Route::new(("post", "/orders/{id}/cancel"), "cancelOrder", "Calls an order off.", || {
            post(cancel)
        })
    },
];

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Which {
    /// Of this instance only.
    instance_id: Option<String>,
}

/// An order with its number; what it will do is the emulator's own affair.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "OrderView", transform = without_changes))]
struct View {
    /// Its number.
    order_id: String,
    /// As in world documents.
    #[serde(flatten)]
    order: Order,
}

#[cfg(test)]
fn without_changes(schema: &mut schemars::Schema) {
    if let Some(fields) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
        fields.shift_remove("changes");
    }
}

impl From<Order> for View {
    fn from(order: Order) -> Self {
        Self { order_id: order.id.clone(), order: Order { changes: Vec::new(), ..order } }
    }
}

async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Query(which): Query<Which>,
) -> Json<Vec<View>> {
    Json(emulator.at_present(whose.account(), |world, _| {
        let wanted =
            |order: &&Order| which.instance_id.as_ref().is_none_or(|id| *id == order.instance_id);
        world.order.iter().filter(wanted).cloned().map(View::from).collect()
    }))
}

async fn show(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<View>, ControlError> {
    let order = emulator.at_present(whose.account(), |world, _| world.order.get(&id).cloned());
    order.map(|order| Json(order.into())).ok_or_else(|| refused(&OrderError::Unknown(id)))
}

async fn pay(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<View>, ControlError> {
    change(&emulator, &whose, &id, World::pay_order)
}

async fn cancel(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<View>, ControlError> {
    change(&emulator, &whose, &id, World::cancel_order)
}

fn change(
    emulator: &Emulator,
    whose: &Whose,
    id: &str,
    how: fn(&mut World, &str, Timestamp) -> Result<(), OrderError>,
) -> Result<Json<View>, ControlError> {
    emulator.at_present(whose.account(), |world, now| {
        how(world, id, now).map_err(|error| refused(&error))?;
        Ok(Json(world.order.get(id).cloned().unwrap_or_default().into()))
    })
}

fn refused(error: &OrderError) -> ControlError {
    let (status, code) = match error {
        OrderError::Unknown(_) => (StatusCode::NOT_FOUND, "EcsLocal.OrderNotFound"),
        OrderError::Closed(_) => (StatusCode::CONFLICT, "EcsLocal.OrderClosed"),
        OrderError::NotEnoughBalance { .. } => (StatusCode::CONFLICT, "EcsLocal.NotEnoughBalance"),
        OrderError::NoStock(_) => (StatusCode::CONFLICT, "EcsLocal.NoStock"),
    };
    ControlError::new(status, code, error.to_string())
}
