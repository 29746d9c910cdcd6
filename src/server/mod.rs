//! The edge: one handler for every API call (`rpc`), and `/_local/…` for control. axum and HTTP
//! types end here.

mod control;
mod rpc;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;

use crate::emulator::Emulator;
use crate::wire::Outgoing;

/// The router of an emulator: control under `/_local`, everything else is an API call, whatever
/// its path.
pub fn router(emulator: Arc<Emulator>) -> Router {
    Router::new()
        .nest("/_local", control::router())
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
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let response = router(Arc::clone(emulator)).oneshot(request).await?;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await?.into();
        Ok(Outgoing { status, headers: Vec::new(), body })
    })
}

/// Binds a listener; port 0 takes a free one.
///
/// # Errors
/// An address that cannot be bound.
pub async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until `shutdown` ends.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // An answer that leaves in two writes would wait 40 ms for the client's delayed ACK.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    axum::serve(listener, router(emulator)).with_graceful_shutdown(shutdown).await
}
