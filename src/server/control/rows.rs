//! `GET /_local/rows`: every row and how it is reached; `?all=true` with those beside the pages.

use axum::routing::get;
use serde::Deserialize;

use super::answered::Json;
use super::asked::Query;
use super::route::{Answer, Route, of};
use crate::coverage::{self, Line};

pub(super) const ROUTES: &[Route] = &[Route {
    query: &[of::<Which>],
    answer: Answer::Json(of::<Vec<Line>>),
    ..Route::new(("get", "/rows"), "rows", "Every documented row and how it is reached.", || {
        get(list)
    })
}];

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Which {
    /// With the rows printed beside the documented pages.
    #[serde(default)]
    all: bool,
}

async fn list(Query(which): Query<Which>) -> Json<Vec<Line>> {
    Json(coverage::lines(which.all))
}
