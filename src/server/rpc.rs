//! The one handler of API calls: socket types in, socket types out.

use std::any::Any;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::emulator::Emulator;
use crate::gateway;
use crate::wire::{Incoming, Outgoing};

/// The largest body that is read.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

pub(super) async fn call(
    State(emulator): State<Arc<Emulator>>,
    request: Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut incoming = Incoming {
        method: head.method.as_str().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: Vec::new(),
    };
    let outgoing = match to_bytes(body, BODY_LIMIT).await {
        Ok(bytes) => {
            incoming.body = bytes.into();
            emulator.answer(&incoming)
        }
        Err(_) => emulator.refuse(&incoming, &gateway::too_large("8 MiB of body")),
    };
    response(outgoing)
}

/// A panic is a bug of ours; the client still gets an error document it can read.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    let body = r#"{"RequestId":"","Code":"EcsLocal.Bug","Message":"This emulator failed on the call; please report it with the call."}"#;
    response(Outgoing {
        status: 500,
        headers: vec![("content-type", "application/json;charset=utf-8".to_owned())],
        body: body.as_bytes().to_vec(),
    })
}

fn response(outgoing: Outgoing) -> Response<Body> {
    let mut response = Response::new(Body::from(outgoing.body));
    *response.status_mut() =
        StatusCode::from_u16(outgoing.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in outgoing.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
