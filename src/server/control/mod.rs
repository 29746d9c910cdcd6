//! `/_local/…`: control of the emulator itself, one file per resource. Answers are JSON; errors are
//! ours and say so (`EcsLocal.…`). Each call concerns the account of `?access_key_id=`, or the
//! default one.

mod account;
mod calls;
mod clock;
mod faults;
mod guard;
mod instances;
mod orders;
mod rows;
mod snapshots;
mod world;

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Identity;
use crate::emulator::Emulator;
use crate::gateway::DEFAULT_ACCOUNT;

pub(super) use guard::Guard;

pub(super) fn router(identity: Option<&Identity>, guard: Guard) -> Router<Arc<Emulator>> {
    let certificate = identity.map(|identity| identity.certificate_pem().to_owned());
    Router::new()
        .route("/certificate", get(|| async { certificate_pem(certificate) }))
        .route("/health", get(health))
        .route("/metrics", get(metrics))
        .route("/rows", get(rows::list))
        .route(
            "/world",
            get(world::export).put(world::load).patch(world::change).delete(world::reset),
        )
        .route("/world/fork", post(world::fork))
        .route("/snapshots", get(snapshots::list))
        .route("/snapshots/{name}", put(snapshots::keep).delete(snapshots::forget))
        .route("/snapshots/{name}/load", post(snapshots::load))
        .route("/calls", get(calls::list))
        .route("/calls/{id}", get(calls::explain))
        .route("/faults", get(faults::list).post(faults::arm).delete(faults::disarm))
        .route("/clock", get(clock::show).post(clock::change))
        .route("/account", get(account::show).post(account::change))
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::show))
        .route("/orders/{id}/pay", post(orders::pay))
        .route("/orders/{id}/cancel", post(orders::cancel))
        .route("/instances/{id}", get(instances::show))
        .route("/instances/{id}/history", get(instances::history))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(from_fn_with_state(guard, guard::stand))
}

async fn health() -> Json<serde_json::Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn metrics(State(emulator): State<Arc<Emulator>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], emulator.metrics())
}

/// The certificate of `--tls`, for clients that are to trust it.
fn certificate_pem(certificate: Option<String>) -> Result<impl IntoResponse, ControlError> {
    let none = || {
        let message = "this emulator speaks plain HTTP only; start it with --tls";
        ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.NotFound", message)
    };
    let pem = certificate.ok_or_else(none)?;
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], pem))
}

async fn unknown() -> ControlError {
    ControlError::new(
        StatusCode::NOT_FOUND,
        "EcsLocal.NotFound",
        "no such control resource or method",
    )
}

/// A thing of the domain as JSON.
fn told(thing: &impl Serialize) -> Result<Value, ControlError> {
    serde_json::to_value(thing).map_err(|error| ControlError::bug(&error))
}

/// Whose world is meant.
#[derive(Debug, Deserialize)]
pub(super) struct Whose {
    access_key_id: Option<String>,
}

impl Whose {
    fn account(&self) -> &str {
        self.access_key_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(DEFAULT_ACCOUNT)
    }
}

/// An error of the control interface.
#[derive(Debug)]
pub(super) struct ControlError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ControlError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Something of ours has no JSON form.
    fn bug(error: &impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "EcsLocal.Bug", error.to_string())
    }

    fn bad_request(message: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "EcsLocal.BadRequest", message.to_string())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let body = json!({"Code": self.code, "Message": self.message});
        (self.status, Json(body)).into_response()
    }
}
