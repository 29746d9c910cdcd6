//! `/_local/…`: control of the emulator itself, one file per resource. Answers are JSON; errors are
//! ours and say so (`EcsLocal.…`). Each call concerns the account of `?access_key_id=`, or the
//! default one. A resource's calls stand in its own table `ROUTES`; `routes` lists the tables.

mod account;
mod answered;
mod asked;
mod calls;
mod clock;
mod faults;
mod guard;
mod instances;
mod openapi;
mod orders;
mod route;
mod rows;
mod snapshots;
mod world;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use serde::{Deserialize, Serialize};

use self::answered::Json;
use self::route::{Answer, Route, of};
use super::Identity;
use crate::emulator::Emulator;
use crate::gateway::{DEFAULT_ACCOUNT, Options};
use crate::store::Status;

pub(super) use guard::Guard;
#[cfg(test)]
pub(crate) use openapi::made::openapi;

/// Every call of the control interface.
fn routes() -> impl Iterator<Item = &'static Route> {
    let tables = [
        ROUTES,
        openapi::ROUTES,
        rows::ROUTES,
        world::ROUTES,
        snapshots::ROUTES,
        calls::ROUTES,
        faults::ROUTES,
        clock::ROUTES,
        account::ROUTES,
        orders::ROUTES,
        instances::ROUTES,
    ];
    tables.into_iter().flatten()
}

pub(super) fn router(
    emulator: Arc<Emulator>,
    identity: Option<&Identity>,
    guard: Guard,
) -> Router<Arc<Emulator>> {
    let certificate = identity.map(|identity| identity.certificate_pem().to_owned());
    let (open, guarded): (Vec<_>, Vec<_>) = routes().partition(|route| route.is_open);
    route::router(guarded.into_iter())
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(Extension(Certificate(certificate)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(emulator, kept))
        .layer(from_fn_with_state(guard, guard::stand))
        .merge(route::router(open.into_iter()).method_not_allowed_fallback(unknown))
}

/// Lets an answer leave once everything it tells of is on disk. While nothing can be written a call is
/// refused before it changes anything.
async fn kept(State(emulator): State<Arc<Emulator>>, request: Request, next: Next) -> Response {
    if let Some(failure) = emulator.data().and_then(|data| data.failure) {
        return not_kept(&failure);
    }
    let answer = next.run(request).await;
    match emulator.on_disk(None).await {
        Err(failure) if answer.status().is_success() => not_kept(&failure),
        _ => answer,
    }
}

fn not_kept(failure: &str) -> Response {
    let message = format!("the data directory cannot be written: {failure}");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    ControlError::new(status, "EcsLocal.NotKept", message).into_response()
}

/// The largest document that is read, bytes: a world of some hundred thousand instances.
const BODY_LIMIT: usize = 1 << 30;

/// What is of no resource.
const ROUTES: &[Route] = &[
    Route {
        answer: Answer::Json(of::<Health>),
        is_open: true,
        ..Route::new(("get", "/health"), "health", "Is it up? Asks for no token.", || get(health))
    },
    Route {
        answer: Answer::Text("text/plain"),
        ..Route::new(("get", "/metrics"), "metrics", "What it has done, for Prometheus.", || {
            get(metrics)
        })
    },
    Route {
        answer: Answer::Text("application/x-pem-file"),
        refusals: &[(404, "it speaks plain HTTP only")],
        ..Route::new(
            ("get", "/certificate"),
            "certificate",
            "The certificate of --tls, for clients that are to trust it.",
            || get(certificate),
        )
    },
];

/// That it is up, and how it is set.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Health {
    /// `ok`, or `failing` (with 503) where nothing can be kept in the data directory.
    status: &'static str,
    /// Its version.
    version: &'static str,
    /// The day whose pages it answers by; null for the newest.
    as_of: Option<String>,
    /// How its gateway is set.
    gateway: Options,
    /// For how long it has been up, seconds.
    uptime_s: u64,
    /// Its data directory; null without one.
    data: Option<Data>,
}

/// A data directory.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "DataDirectory"))]
struct Data {
    /// Where it is.
    directory: String,
    /// How much journal there is behind the last state, bytes.
    journal_bytes: u64,
    /// Why it cannot be written at the moment; null where it can.
    failure: Option<String>,
}

impl From<Status> for Data {
    fn from(Status { directory, journal_bytes, failure }: Status) -> Self {
        Self { directory: directory.display().to_string(), journal_bytes, failure }
    }
}

async fn health(State(emulator): State<Arc<Emulator>>) -> (StatusCode, Json<Health>) {
    let data = emulator.data().map(Data::from);
    let is_failing = data.as_ref().is_some_and(|data| data.failure.is_some());
    let (code, status) = if is_failing {
        (StatusCode::SERVICE_UNAVAILABLE, "failing")
    } else {
        (StatusCode::OK, "ok")
    };
    let (version, uptime_s) = (env!("CARGO_PKG_VERSION"), emulator.uptime().as_secs());
    let start = emulator.start();
    let (as_of, gateway) = (start.as_of.map(|day| day.to_string()), start.gateway);
    (code, Json(Health { status, version, as_of, gateway, uptime_s, data }))
}

async fn metrics(State(emulator): State<Arc<Emulator>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], emulator.metrics())
}

/// The certificate clients are shown, where TLS is spoken.
#[derive(Debug, Clone)]
struct Certificate(Option<String>);

async fn certificate(
    Extension(Certificate(pem)): Extension<Certificate>,
) -> Result<impl IntoResponse, ControlError> {
    let none = || {
        let message = "this emulator speaks plain HTTP only; start it with --tls";
        ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.NotFound", message)
    };
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], pem.ok_or_else(none)?))
}

async fn unknown() -> ControlError {
    ControlError::new(
        StatusCode::NOT_FOUND,
        "EcsLocal.NotFound",
        "no such control resource or method",
    )
}

/// Whose world is meant.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Whose {
    /// An access key of the account that is meant; the default account where it is not said.
    access_key_id: Option<String>,
}

impl Whose {
    fn account(&self) -> &str {
        self.access_key_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(DEFAULT_ACCOUNT)
    }
}

/// The body of a refusal.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
struct Refused {
    /// `EcsLocal.` and what is wrong.
    code: &'static str,
    /// What is wrong, and what to do.
    message: String,
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

    fn bad_request(message: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "EcsLocal.BadRequest", message.to_string())
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        (status, Json(Refused { code, message })).into_response()
    }
}
