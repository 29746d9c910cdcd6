//! A proxy that shows what passes: each request goes to another server as it came, as far as its signature
//! covers it, and each answer comes back as it is. What is made of both is the caller's business.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use ureq::Agent;

use super::connection::{ServerEnds, accept, lead};
use super::{Limits, rpc};
use crate::wire::Incoming;

/// The largest body of a request.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// How long the other server may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a connection is about, not its request; and what the HTTP client says itself. Answers are to come
/// unpacked, so that they can be read.
const NOT_PASSED: &[HeaderName] = &[
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Is shown each request with the status and the body of its answer, before the client gets it.
pub type Shown = dyn Fn(&Incoming, u16, &[u8]) + Send + Sync;

struct Proxy {
    agent: Agent,
    /// Scheme, host and port, without a slash at the end.
    upstream: String,
    shown: Box<Shown>,
}

/// Passes on what comes until `shutdown` ends.
pub async fn pass_on(
    listener: TcpListener,
    upstream: &str,
    shown: Box<Shown>,
    shutdown: impl Future<Output = ()>,
) {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .allow_non_standard_methods(true)
        .timeout_global(Some(PATIENCE))
        .build();
    let upstream = upstream.trim_end_matches('/').to_owned();
    let proxy = Proxy { agent: Agent::new_with_config(config), upstream, shown };
    let proxy = Arc::new(proxy);
    let farewell = Limits::default().farewell;
    let welcome = |stream, _, server: ServerEnds| {
        let proxy = Arc::clone(&proxy);
        let service = service_fn(move |request| passed(Arc::clone(&proxy), request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A client that leaves before its answer is of no interest.
        async move { drop(lead(connection, server, pending(), farewell).await) }
    };
    accept(listener, welcome, farewell, shutdown).await;
}

async fn passed(
    proxy: Arc<Proxy>,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let mut incoming = rpc::incoming(head.clone(), None);
    let Ok(body) = to_bytes(Body::new(body), BODY_LIMIT).await else {
        return Ok(failed("the request is broken, or larger than 8 MiB"));
    };
    incoming.body = body.into();
    let asked = tokio::task::spawn_blocking(move || proxy.ask(&head.headers, &incoming));
    Ok(match asked.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    })
}

impl Proxy {
    fn ask(&self, headers: &HeaderMap, incoming: &Incoming) -> Result<Response<Body>, ureq::Error> {
        let Incoming { method, path, query, body, .. } = incoming;
        let mark = if query.is_empty() { "" } else { "?" };
        let mut request = ureq::http::Request::builder()
            .method(method.as_str())
            .uri(format!("{}{path}{mark}{query}", self.upstream));
        for (name, value) in headers {
            // Without it the client names the host it reaches, which a server behind a name needs.
            if (*name != header::HOST || signs_host(incoming)) && !NOT_PASSED.contains(name) {
                request = request.header(name, value);
            }
        }
        let mut answer = if body.is_empty() {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body.as_slice())?)?
        };
        let body = answer.body_mut().with_config().limit(u64::MAX).read_to_vec()?;
        (self.shown)(incoming, answer.status().as_u16(), &body);
        let mut passed = Response::new(Body::from(body));
        *passed.status_mut() = answer.status();
        let headers = answer.headers().iter().filter(|(name, _)| !NOT_PASSED.contains(name));
        passed.headers_mut().extend(headers.map(|(name, value)| (name.clone(), value.clone())));
        Ok(passed)
    }
}

/// Does a signature cover the host? Version 3 names the headers it covers; version 1 covers none.
fn signs_host(incoming: &Incoming) -> bool {
    let authorization = incoming.header("authorization").unwrap_or_default();
    let signed = authorization.split(',').find_map(|part| part.trim().split_once("SignedHeaders="));
    signed.is_some_and(|(_, names)| names.split(';').any(|name| name == "host"))
}

fn failed(why: &str) -> Response<Body> {
    let told = serde_json::json!({"Code": "EcsLocal.Upstream", "Message": why});
    let mut response = Response::new(Body::from(told.to_string()));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}
