//! Connections: accepted, told apart (plain HTTP or TLS, HTTP/1.1 or HTTP/2), limited in time and
//! size, and ended in peace. What a request says is `rpc`'s business.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt as _;

use super::envelope::{Envelope, refusal_bytes};
use super::rpc::{self, Dropped};
use super::{CONTROL, Limits, Origin, Service};
use crate::emulator::Emulator;
use crate::gateway;

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// The first bytes of HTTP/2 without TLS; no method of HTTP/1.1 begins so.
const HTTP_2: &[u8] = b"PRI";

/// The most bytes of a request line with its headers.
pub(super) const HEAD_LIMIT: usize = 256 * 1024;

/// How long to wait when no connection can be accepted, for want of file descriptors for instance.
const BREATH: Duration = Duration::from_millis(50);

/// What all connections share.
struct Shared {
    emulator: Arc<Emulator>,
    service: Service,
    /// For the control interface: most who start an emulator never ask there, or not at once.
    router: OnceLock<Router>,
    /// A client that speaks TLS to a plain port repeats it; saying so once is enough.
    has_warned_of_tls: AtomicBool,
}

impl Shared {
    fn limits(&self) -> Limits {
        self.service.limits
    }

    fn router(&self) -> Router {
        let router = || super::router(Arc::clone(&self.emulator), &self.service);
        self.router.get_or_init(router).clone()
    }
}

/// See [`super::serve`].
pub(super) async fn serve(
    listener: TcpListener,
    emulator: Arc<Emulator>,
    service: Service,
    shutdown: impl Future<Output = ()>,
) {
    let (router, has_warned_of_tls) = (OnceLock::new(), AtomicBool::new(false));
    let shared = Arc::new(Shared { emulator, service, router, has_warned_of_tls });
    let connections = GracefulShutdown::new();
    // Connections on which nothing was ever said; nobody misses them at the end.
    let silent = watch::Sender::new(());
    let mut shutdown = pin!(shutdown);
    let mut is_full = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                is_full = false;
                let (watcher, mut is_over) = (connections.watcher(), silent.subscribe());
                let connection = welcome(stream, peer, Arc::clone(&shared), watcher, async move {
                    let _ = is_over.changed().await;
                });
                tokio::spawn(connection);
            }
            Err(error) => {
                // Once for as long as it lasts.
                if !std::mem::replace(&mut is_full, true) {
                    tracing::warn!(%error, "no connection can be accepted");
                }
                breathe().await;
            }
        }
    }
    drop((listener, silent));
    if timeout(shared.limits().farewell, connections.shutdown()).await.is_err() {
        tracing::warn!("some connections had to be cut off");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the machine is short of something; nobody's call waits"
)]
async fn breathe() {
    tokio::time::sleep(BREATH).await;
}

/// Finds out what a new connection speaks.
async fn welcome(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    watcher: Watcher,
    is_over: impl Future<Output = ()>,
) {
    // An answer that leaves in two writes would wait 40 ms for the client's delayed ACK.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let mut first = [0; HTTP_2.len()];
    let said = tokio::select! {
        said = timeout(shared.limits().head, stream.peek(&mut first)) => said,
        () = is_over => return,
    };
    let Ok(Ok(count @ 1..)) = said else { return };
    let is_secure = first[0] == TLS_HANDSHAKE;
    let body_timeout = shared.limits().body;
    let origin = Origin { peer: peer.ip(), is_secure, body_timeout };
    let is_http_1 = !HTTP_2.starts_with(&first[..count]);
    match (&shared.service.identity, is_secure) {
        (_, false) => speak(stream, origin, &shared, watcher, is_http_1).await,
        (None, true) => turn_away(stream, peer, &shared).await,
        (Some(identity), true) => {
            let handshake = identity.acceptor().accept(stream);
            match timeout(shared.limits().head, handshake).await {
                Ok(Ok(stream)) => speak(stream, origin, &shared, watcher, false).await,
                Ok(Err(error)) => tracing::warn!(%peer, %error, "a TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
            }
        }
    }
}

/// Speaks HTTP until the client leaves: HTTP/1.1 where that is known, else what its first bytes tell. A
/// client that has made no request in time has nothing to say.
async fn speak<S>(
    stream: S,
    origin: Origin,
    shared: &Arc<Shared>,
    watcher: Watcher,
    is_http_1: bool,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let has_asked = Arc::new(AtomicBool::new(false));
    let service = service_fn({
        let (shared, has_asked) = (Arc::clone(shared), Arc::clone(&has_asked));
        move |request: Request<Incoming>| {
            has_asked.store(true, Ordering::Relaxed);
            answered(Arc::clone(&shared), request, origin)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Who says that nothing more will come still waits for the answers.
        .half_close(true)
        .header_read_timeout(shared.limits().head)
        .max_buf_size(HEAD_LIMIT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(shared.limits().head);
    if is_http_1 {
        builder = builder.http1_only();
    }
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(shared.limits().body));
    let io = TokioIo::new(Envelope::around(Box::pin(stream), Arc::clone(&shared.emulator)));
    let connection = builder.serve_connection(io, service).into_owned();
    let mut connection = pin!(watcher.watch(connection));
    let ended = match timeout(shared.limits().head, &mut connection).await {
        Ok(ended) => ended,
        Err(_) if has_asked.load(Ordering::Relaxed) => connection.await,
        Err(_) => return,
    };
    if let Err(error) = ended {
        tracing::debug!(peer = %origin.peer, error, "a connection ended early");
    }
}

/// Answers a request. API calls, which are nearly all, go straight to their handler; the router is for
/// the control interface.
async fn answered(
    shared: Arc<Shared>,
    request: Request<Incoming>,
    origin: Origin,
) -> io::Result<Response<Body>> {
    let answer = if request.uri().path().starts_with(CONTROL) {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(origin);
        let Ok(answer): Result<Response<Body>, Infallible> = shared.router().oneshot(request).await;
        answer
    } else {
        let (head, body) = request.into_parts();
        rpc::answer(&shared.emulator, rpc::incoming(head, Some(origin)), body, Some(origin)).await
    };
    // An error of the service closes the connection, and nothing is written.
    let is_dropped = answer.extensions().get::<Dropped>().is_some();
    if is_dropped { Err(ErrorKind::ConnectionReset.into()) } else { Ok(answer) }
}

/// Tells a client that speaks TLS where there is none. It will not understand, but whoever looks at
/// the log or at the bytes does.
async fn turn_away(mut stream: TcpStream, peer: SocketAddr, shared: &Shared) {
    if !shared.has_warned_of_tls.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            %peer,
            "a client speaks TLS (https) to this plain port: set its protocol to http, or start \
             ecs-local with --tls"
        );
    }
    let hint =
        "this port speaks plain HTTP: set the client's protocol to http, or start with --tls";
    let answer = refusal_bytes(&shared.emulator, &gateway::broken(hint));
    let written = timeout(shared.limits().body, stream.write_all(&answer)).await;
    tracing::debug!(?written, "answered TLS in plain text");
}
