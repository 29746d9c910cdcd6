//! What a control call is asked with, in its path, its query and its body. What cannot be read is refused in
//! the control interface's own words.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path as InPath, Query as InQuery, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::ControlError;
use crate::reading::{self, Misfit};

/// What the query says.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Query<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let refused = |why: QueryRejection| ControlError::bad_request(why.body_text());
        InQuery::from_request_parts(parts, state).await.map(|InQuery(it)| Self(it)).map_err(refused)
    }
}

/// What stands in the varying parts of the path.
pub(super) struct Path<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let refused = |why: PathRejection| ControlError::bad_request(why.body_text());
        InPath::from_request_parts(parts, state).await.map(|InPath(it)| Self(it)).map_err(refused)
    }
}

/// The body as it came.
pub(super) struct Text(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Text {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ControlError> {
        let unread = |why: BytesRejection| ControlError::bad_request(why.body_text());
        Bytes::from_request(request, state).await.map(Self).map_err(unread)
    }
}

/// The JSON of the body.
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ControlError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ControlError> {
        let Text(bytes) = Text::from_request(request, state).await?;
        let refused = |why: Misfit| ControlError::bad_request(why.in_text(&bytes));
        reading::json(&bytes).map(Self).map_err(refused)
    }
}
