//! `/_local/openapi.json`: the control interface as an OpenAPI 3.1 document, made in `openapi/made.rs` from the
//! table of its calls and the types they take and answer. `/_local/schemas/{name}`: the form of what people write.

#[cfg(test)]
pub(super) mod made;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Map, Value};

use super::ControlError;
use super::answered::Text;
use super::asked::Path;
use super::route::{Answer, Route, of};
use crate::carried;
use crate::schema::Written;

pub(super) const ROUTES: &[Route] = &[
    Route {
        answer: Answer::Json(of::<Map<String, Value>>),
        ..Route::new(("get", "/openapi.json"), "openapi", "This document.", || get(document))
    },
    Route {
        answer: Answer::Json(of::<Map<String, Value>>),
        refusals: &[(404, "there is no such schema")],
        ..Route::new(
            ("get", "/schemas/{name}"),
            "schema",
            "The JSON Schema of what people write: world, scenario or fault.",
            || get(schema),
        )
    },
];

async fn document() -> impl IntoResponse {
    Text(carried::file("src/schema/openapi.json").unwrap_or_default())
}

async fn schema(Path(name): Path<String>) -> Result<impl IntoResponse, ControlError> {
    let unknown = || {
        let message = format!("no schema {name:?} among {}", Written::names().join(", "));
        ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.NotFound", message)
    };
    Written::find(&name).map(|written| Text(written.schema())).ok_or_else(unknown)
}
