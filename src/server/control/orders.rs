//! `/_local/orders`: the ledger of an account, `?instance_id=` for one instance; an order by its
//! number; `POST …/pay` and `POST …/cancel`, which the console of the cloud has and its API does not.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ControlError, Whose, told};
use crate::domain::order::Order;
use crate::domain::world::OrderError;
use crate::domain::{Timestamp, World};
use crate::emulator::Emulator;

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    access_key_id: Option<String>,
    instance_id: Option<String>,
}

pub(super) async fn list(
    State(emulator): State<Arc<Emulator>>,
    Query(which): Query<Which>,
) -> Result<Json<Value>, ControlError> {
    let whose = Whose { access_key_id: which.access_key_id };
    let orders: Vec<Order> = emulator.at_present(whose.account(), |world, _| {
        let wanted =
            |order: &&Order| which.instance_id.as_ref().is_none_or(|id| *id == order.instance_id);
        world.order.iter().filter(wanted).cloned().collect()
    });
    orders.iter().map(view).collect::<Result<Vec<Value>, _>>().map(Value::from).map(Json)
}

pub(super) async fn show(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let order = emulator.at_present(whose.account(), |world, _| world.order.get(&id).cloned());
    let order = order.ok_or_else(|| refused(&OrderError::Unknown(id)))?;
    view(&order).map(Json)
}

pub(super) async fn pay(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    change(&emulator, &whose, &id, World::pay_order)
}

pub(super) async fn cancel(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    change(&emulator, &whose, &id, World::cancel_order)
}

fn change(
    emulator: &Emulator,
    whose: &Whose,
    id: &str,
    how: fn(&mut World, &str, Timestamp) -> Result<(), OrderError>,
) -> Result<Json<Value>, ControlError> {
    let order = emulator.at_present(whose.account(), |world, now| {
        how(world, id, now).map_err(|error| refused(&error))?;
        Ok(world.order.get(id).cloned().unwrap_or_default())
    })?;
    view(&order).map(Json)
}

/// The order with its number; what it will do is the emulator's own affair.
fn view(order: &Order) -> Result<Value, ControlError> {
    let mut fields = Map::new();
    fields.insert("order_id".to_owned(), Value::from(order.id.clone()));
    if let Value::Object(own) = told(order)? {
        fields.extend(own.into_iter().filter(|(key, _)| key != "changes"));
    }
    Ok(Value::Object(fields))
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
