//! `GET /_local/rows`: every row and how it is reached; `?all=true` with those beside the pages.

use axum::Json;
use axum::extract::Query;
use serde::Deserialize;

use crate::coverage::{self, Line};

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    all: bool,
}

pub(super) async fn list(Query(which): Query<Which>) -> Json<Vec<Line>> {
    Json(coverage::lines(which.all))
}
