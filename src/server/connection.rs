//! Connections: accepted, told apart (plain HTTP or TLS, HTTP/1.1 or HTTP/2), limited in time and
//! size, and ended in peace. What a request says is `rpc`'s business.

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutWriter;
use tower::ServiceExt as _;

use super::envelope::{Company, Envelope, refusal_bytes};
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

/// What leaves on a connection without an answer, in bytes: acknowledgements of HTTP/2, and whether the client is there.
const BESIDE: usize = 1024;

/// What all connections share.
struct Shared {
    emulator: Arc<Emulator>,
    service: Service,
    /// For the control interface: most who start an emulator never ask there, or not at once.
    router: OnceLock<Router>,
    /// A client that speaks TLS to a plain port repeats it; saying so once is enough.
    has_warned_of_tls: AtomicBool,
    company: Company,
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
    let shared = Arc::new(Shared {
        emulator,
        service,
        router: OnceLock::new(),
        has_warned_of_tls: AtomicBool::new(false),
        company: Company::default(),
    });
    let farewell = shared.limits().farewell;
    // Connections on which nothing was ever said; nobody misses them at the end.
    let silent = watch::Sender::new(());
    let welcome = move |stream, peer, server| {
        let mut is_over = silent.subscribe();
        welcome(stream, peer, Arc::clone(&shared), server, async move {
            let _ = is_over.changed().await;
        })
    };
    accept(listener, welcome, farewell, shutdown).await;
}

/// Tells a connection when the server ends. The server waits until all of them are gone.
pub(super) type ServerEnds = watch::Receiver<()>;

/// Welcomes each connection until `shutdown` ends; then those that are there have some time to end in peace.
pub(super) async fn accept<C: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    welcome: impl Fn(TcpStream, SocketAddr, ServerEnds) -> C,
    farewell: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let connections = watch::Sender::new(());
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
                tokio::spawn(welcome(stream, peer, connections.subscribe()));
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
    let _ = connections.send(());
    if timeout(farewell, connections.closed()).await.is_err() {
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
    server: ServerEnds,
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
        (_, false) => speak(Box::new(stream), origin, &shared, server, is_http_2).await,
        (None, true) => turn_away(stream, peer, &shared).await,
        (Some(identity), true) => {
            let handshake = identity.acceptor().accept(stream);
            match timeout(shared.limits().head, handshake).await {
                Ok(Ok(stream)) => {
                    let is_http_2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                    speak(Box::new(stream), origin, &shared, server, is_http_2).await;
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
    server: ServerEnds,
    is_http_2: bool,
) {
    let Limits { head, body, farewell } = shared.limits();
    let pulse = Arc::new(Pulse::default());
    let service = service_fn({
        let (shared, pulse) = (Arc::clone(shared), Arc::clone(&pulse));
        move |request| {
            let beat = Beat::of(&pulse);
            Answered { answering: answer(&shared, request, origin), _beat: beat }
        }
    });
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(body));
    let (emulator, company) = (Arc::clone(&shared.emulator), Arc::clone(&shared.company));
    let envelope = Envelope::around(Box::pin(stream), emulator, Arc::clone(&pulse), company);
    let io = TokioIo::new(envelope);
    let is_dead = Arc::clone(&pulse).fades(head);
    let ended = if is_http_2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(head);
        lead(builder.serve_connection(io, service), server, is_dead, farewell).await
    } else {
        let mut builder = http1::Builder::new();
        // Who says that nothing more will come still waits for the answers.
        builder.half_close(true).max_buf_size(HEAD_LIMIT).header_read_timeout(None);
        lead(builder.serve_connection(io, service), server, is_dead, farewell).await
    };
    if let Err(error) = ended {
        tracing::debug!(peer = %origin.peer, %error, "a connection ended early");
    }
}

/// Leads a connection to its end. Where the server ends, or the client has, it is told so, and ends in peace; one that is
/// dead has some time for that.
pub(super) async fn lead<C: GracefulConnection<Error = hyper::Error> + Send>(
    connection: C,
    mut server: ServerEnds,
    is_dead: impl Future<Output = ()> + Send,
    farewell: Duration,
) -> hyper::Result<()> {
    let mut connection = pin!(connection);
    let is_dead = tokio::select! {
        biased;
        ended = &mut connection => return ended,
        _ = server.changed() => false,
        () = is_dead => true,
    };
    connection.as_mut().graceful_shutdown();
    if is_dead { timeout(farewell, connection).await.unwrap_or(Ok(())) } else { connection.await }
}

/// Whether something goes on on a connection: a request that is answered, or bytes of an answer that are taken. A
/// head that does not get to its end is nothing, and neither are answers of HTTP/2 for which there is no window.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// Requests that are being answered.
    answering: AtomicUsize,
    /// Bytes that were taken since it was felt.
    moved: AtomicUsize,
}

impl Pulse {
    /// So many bytes were taken.
    pub(super) fn moves(&self, count: usize) {
        self.moved.fetch_add(count, Ordering::Relaxed);
    }

    /// Has something gone on since this was asked before?
    fn beats(&self) -> bool {
        self.moved.swap(0, Ordering::Relaxed) > BESIDE || self.answering.load(Ordering::Relaxed) > 0
    }

    /// Ends once there is no beat between two looks. To look from time to time takes less than a timer for each request.
    #[expect(
        clippy::disallowed_methods,
        reason = "this time is the client's, and not the account's"
    )]
    async fn fades(self: Arc<Self>, looked_at_each: Duration) {
        loop {
            tokio::time::sleep(looked_at_each).await;
            if !self.beats() {
                return;
            }
        }
    }
}

/// A request that is being answered, for as long as it is.
struct Beat(Arc<Pulse>);

impl Beat {
    fn of(pulse: &Arc<Pulse>) -> Self {
        pulse.answering.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pulse))
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.0.answering.fetch_sub(1, Ordering::Relaxed);
        // However short the answer is.
        self.0.moves(BESIDE + 1);
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
    _beat: Beat,
}

impl Future for Answered {
    type Output = io::Result<Response<Answer>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.answering).poll(cx));
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
