//! The edge: one handler for every API call (`rpc`), `/_local/…` for control, and the connections that
//! carry them (`connection`, `envelope`, `tls`). axum and HTTP types end here.

mod connection;
mod control;
mod envelope;
mod proxy;
mod rpc;
mod tls;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;

use crate::emulator::Emulator;
use crate::wire::Outgoing;

#[cfg(test)]
pub(crate) use control::openapi;
pub use proxy::{Shown, pass_on};
pub use tls::{Identity, TlsError};

/// The path of the control interface.
pub const CONTROL: &str = "/_local";

/// What a connection may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long a client may take for a request line and its headers, or stay silent between two
    /// requests; up to twice as long, since it is looked at from time to time.
    pub head: Duration,
    /// How long it may take for a body, or take nothing of an answer.
    pub body: Duration,
    /// How long the calls in flight have to end after the server was told to; and a connection on which nothing goes
    /// on any more, after its client was told so.
    pub farewell: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { head: seconds(60), body: seconds(30), farewell: seconds(5) }
    }
}

/// How to serve.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// What a connection may cost.
    pub limits: Limits,
    /// The certificate for TLS, which the same port then speaks beside plain HTTP.
    pub identity: Option<Arc<Identity>>,
    /// What callers of the control interface must show; without one they must be local.
    pub control_token: Option<String>,
}

/// Where a request came from; on every request that came over a socket.
#[derive(Debug, Clone, Copy)]
struct Origin {
    peer: IpAddr,
    is_secure: bool,
    body_timeout: Duration,
}

/// The router of an emulator: control under `/_local`, everything else is an API call, whatever
/// its path.
fn router(emulator: Arc<Emulator>, service: &Service) -> Router {
    let guard = control::Guard::with(service.control_token.as_deref());
    Router::new()
        .nest(CONTROL, control::router(Arc::clone(&emulator), service.identity.as_deref(), guard))
        .fallback(rpc::call)
        .layer(CatchPanicLayer::custom(rpc::panicked))
        .with_state(emulator)
}

/// Answers a request without a socket: scenarios speak to the control interface this way.
///
/// # Errors
/// A path that is no path, or (never in practice) no runtime to answer in.
pub fn answer(
    emulator: &Arc<Emulator>,
    method: &str,
    path: &str,
    body: Vec<u8>,
) -> Result<Outgoing, Box<dyn std::error::Error>> {
    let request = Request::builder().method(method).uri(path).body(Body::from(body))?;
    // An API call has a time for its body, wherever it comes from.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(async {
        let response = router(Arc::clone(emulator), &Service::default()).oneshot(request).await?;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await?.into();
        Ok(Outgoing { status, body, ..Outgoing::default() })
    })
}

/// Binds a listener; port 0 takes a free one.
///
/// # Errors
/// An address that cannot be bound.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `shutdown` ends; calls in flight are answered before it returns.
pub async fn serve(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    service: Service,
    shutdown: impl Future<Output = ()>,
) {
    connection::serve(listener, emulator, service, shutdown).await;
}
