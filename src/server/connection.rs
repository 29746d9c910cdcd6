//! Connections: accepted, told apart (plain HTTP or TLS, HTTP/1.1 or HTTP/2), limited in time and
//! size, and ended in peace. What a request says is `rpc`'s business.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt as _;

use super::envelope::{Envelope, refusal_bytes};
use super::rpc::{self, Answer, Answering, Dropped};
use super::{CONTROL, Limits, Origin, Service};
use crate::emulator::Emulator;
use crate::gateway;

/// The first byte of a TLS connection: a handshake record.
const TLS_HANDSHAKE: u8 = 0x16;

/// The first bytes of HTTP/2 without TLS; no method of HTTP/1.1 begins so. They come in one piece.
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
    let farewell = shared.limits().farewell;
    // Connections on which nothing was ever said; nobody misses them at the end.
    let silent = watch::Sender::new(());
    let welcome = move |stream, peer, watcher| {
        let mut is_over = silent.subscribe();
        welcome(stream, peer, Arc::clone(&shared), watcher, async move {
            let _ = is_over.changed().await;
        })
    };
    accept(listener, welcome, farewell, shutdown).await;
}

/// Welcomes each connection until `shutdown` ends; then those that are there have some time to end in peace.
pub(super) async fn accept<C: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    welcome: impl Fn(TcpStream, SocketAddr, Watcher) -> C,
    farewell: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
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
                // An answer that leaves in two writes would wait 40 ms for the client's delayed ACK.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY could not be set");
                }
                tokio::spawn(welcome(stream, peer, connections.watcher()));
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
    drop((listener, welcome));
    if timeout(farewell, connections.shutdown()).await.is_err() {
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
    let mut first = [0; HTTP_2.len()];
    let said = tokio::select! {
        said = timeout(shared.limits().head, stream.peek(&mut first)) => said,
        () = is_over => return,
    };
    let Ok(Ok(count @ 1..)) = said else { return };
    let is_secure = first[0] == TLS_HANDSHAKE;
    let body_timeout = shared.limits().body;
    let origin = Origin { peer: peer.ip(), is_secure, body_timeout };
    let is_http_2 = first[..count] == *HTTP_2;
    match (&shared.service.identity, is_secure) {
        (_, false) => speak(Box::new(stream), origin, &shared, watcher, is_http_2).await,
        (None, true) => turn_away(stream, peer, &shared).await,
        (Some(identity), true) => {
            let handshake = identity.acceptor().accept(stream);
            match timeout(shared.limits().head, handshake).await {
                Ok(Ok(stream)) => {
                    let is_http_2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    speak(Box::new(stream), origin, &shared, watcher, is_http_2).await;
                }
                Ok(Err(error)) => tracing::warn!(%peer, %error, "a TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
            }
        }
    }
}

/// What HTTP is spoken over. Behind a pointer, since for each kind of stream the whole of both versions of HTTP would
/// be in the program once more.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Speaks HTTP until the client leaves.
async fn speak(
    stream: Box<dyn Stream>,
    origin: Origin,
    shared: &Arc<Shared>,
    watcher: Watcher,
    is_http_2: bool,
) {
    let Limits { head, body, .. } = shared.limits();
    let pulse = Arc::new(Pulse::default());
    let service = service_fn({
        let (shared, pulse) = (Arc::clone(shared), Arc::clone(&pulse));
        move |request| {
            pulse.begins_to_answer();
            Answered { answering: answer(&shared, request, origin), pulse: Arc::clone(&pulse) }
        }
    });
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(body));
    let emulator = Arc::clone(&shared.emulator);
    let io = TokioIo::new(Envelope::around(Box::pin(stream), emulator, Arc::clone(&pulse)));
    let ended = if is_http_2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(head);
        let connection = watcher.watch(builder.serve_connection(io, service));
        while_it(connection, head, || pulse.has_ever_asked()).await
    } else {
        let mut builder = http1::Builder::new();
        // Who says that nothing more will come still waits for the answers.
        builder.half_close(true).max_buf_size(HEAD_LIMIT).header_read_timeout(None);
        let connection = watcher.watch(builder.serve_connection(io, service));
        while_it(connection, head, || pulse.beats()).await
    };
    if let Err(error) = ended {
        tracing::debug!(peer = %origin.peer, %error, "a connection ended early");
    }
}

/// Waits for the end of a connection, or ends one that is not alive when it is looked at. Looking at it from
/// time to time takes less than a timer for each request.
async fn while_it<E>(
    connection: impl Future<Output = Result<(), E>>,
    looked_at_each: Duration,
    is_alive: impl Fn() -> bool,
) -> Result<(), E> {
    let mut connection = pin!(connection);
    loop {
        match timeout(looked_at_each, &mut connection).await {
            Ok(ended) => return ended,
            Err(_) if is_alive() => {}
            Err(_) => return Ok(()),
        }
    }
}

/// Whether something goes on on a connection: a request that is answered, or bytes of an answer that are taken. A
/// head that does not get to its end is nothing.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    has_ever_asked: AtomicBool,
    is_answering: AtomicBool,
    has_moved: AtomicBool,
}

impl Pulse {
    fn begins_to_answer(&self) {
        self.has_ever_asked.store(true, Ordering::Relaxed);
        self.is_answering.store(true, Ordering::Relaxed);
    }

    fn has_answered(&self) {
        self.is_answering.store(false, Ordering::Relaxed);
        self.moves();
    }

    /// Bytes of an answer were taken.
    pub(super) fn moves(&self) {
        self.has_moved.store(true, Ordering::Relaxed);
    }

    fn has_ever_asked(&self) -> bool {
        self.has_ever_asked.load(Ordering::Relaxed)
    }

    /// Has something gone on since this was asked before? HTTP/1.1 answers one request after another.
    fn beats(&self) -> bool {
        self.has_moved.swap(false, Ordering::Relaxed) || self.is_answering.load(Ordering::Relaxed)
    }
}

/// Answers a request. API calls, which are nearly all, go straight to their handler; the router is for
/// the control interface.
fn answer(shared: &Arc<Shared>, request: Request<Incoming>, origin: Origin) -> Answering {
    if !request.uri().path().starts_with(CONTROL) {
        let (head, body) = request.into_parts();
        let incoming = rpc::incoming(head, Some(origin));
        return rpc::answer(&shared.emulator, incoming, body, Some(origin));
    }
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(origin);
    let router = shared.router();
    Answering::later(async move {
        let Ok(answer): Result<_, Infallible> = router.oneshot(request).await;
        answer.map(Answer::Right)
    })
}

/// A request that is being answered.
struct Answered {
    answering: Answering,
    pulse: Arc<Pulse>,
}

impl Future for Answered {
    type Output = io::Result<Response<Answer>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.answering).poll(cx));
        self.pulse.has_answered();
        // An error of the service closes the connection, and nothing is written.
        let is_dropped = answer.extensions().get::<Dropped>().is_some();
        Poll::Ready(if is_dropped { Err(ErrorKind::ConnectionReset.into()) } else { Ok(answer) })
    }
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
