//! The calls of the control interface as a table: what serves each and what it takes and answers. The
//! router and the OpenAPI document are both made of it, so that neither can say what the other does not.

use std::sync::Arc;

use axum::Router;
use axum::routing::MethodRouter;
#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::emulator::Emulator;

/// Writes the schema of a type, or a reference to it. Only tests make schemas.
#[cfg(test)]
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;
#[cfg(not(test))]
pub(super) type SchemaOf = fn();

/// The schema of `T`.
#[cfg(test)]
pub(super) fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
#[cfg(not(test))]
pub(super) const fn of<T>() {}

/// What a call answers where it succeeds.
#[derive(Clone, Copy)]
#[cfg_attr(not(test), expect(dead_code, reason = "what the document says of it"))]
pub(super) enum Answer {
    /// 204 without a body.
    Nothing,
    /// JSON of this schema.
    Json(SchemaOf),
    /// Text of this content type.
    Text(&'static str),
}

/// One call of the control interface.
#[derive(Clone, Copy)]
#[cfg_attr(not(test), expect(dead_code, reason = "what the document says of it"))]
pub(super) struct Route {
    /// The HTTP method, in lower case.
    pub(super) method: &'static str,
    /// The path under `/_local`; variable parts in braces.
    pub(super) path: &'static str,
    /// The operation's name for generated clients.
    pub(super) name: &'static str,
    /// What it does, in a sentence.
    pub(super) about: &'static str,
    /// What the query may say: the fields of these types.
    pub(super) query: &'static [SchemaOf],
    /// The JSON body it wants.
    pub(super) body: Option<SchemaOf>,
    /// What it answers.
    pub(super) answer: Answer,
    /// May anybody ask it at any time: without a token, and while nothing can be kept?
    pub(super) is_open: bool,
    /// The statuses of its refusals, each with what it means.
    pub(super) refusals: &'static [(u16, &'static str)],
    /// What serves it.
    pub(super) handler: fn() -> MethodRouter<Arc<Emulator>>,
}

impl Route {
    /// A call that takes nothing and answers nothing.
    pub(super) const fn new(
        (method, path): (&'static str, &'static str),
        name: &'static str,
        about: &'static str,
        handler: fn() -> MethodRouter<Arc<Emulator>>,
    ) -> Self {
        let (query, refusals) = (&[], &[]);
        Self {
            method,
            path,
            name,
            about,
            query,
            body: None,
            answer: Answer::Nothing,
            is_open: false,
            refusals,
            handler,
        }
    }
}

/// The router of these calls.
pub(super) fn router<'a>(routes: impl Iterator<Item = &'a Route>) -> Router<Arc<Emulator>> {
    routes.fold(Router::new(), |router, route| router.route(route.path, (route.handler)()))
}
