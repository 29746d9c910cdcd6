//! What a control call answers.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::ControlError;
use crate::writing;

/// A thing as JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Everything that is answered has a form.
        let bug = |error: serde_json::Error| {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            ControlError::new(status, "EcsLocal.Bug", error.to_string())
        };
        writing::json(&self.0).map(Text).map_err(bug).into_response()
    }
}

/// Text that is JSON already.
pub(super) struct Text<B>(pub(super) B);

impl<B: IntoResponse> IntoResponse for Text<B> {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}
