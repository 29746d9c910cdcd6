//! The one handler of API calls: socket types in, socket types out.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

use super::{Limits, Origin};
use crate::emulator::Emulator;
use crate::gateway;
use crate::rule::Refusal;
use crate::wire::{Delivery, Headers, Incoming, Outgoing};

/// The largest body that is read.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The body of an answer: all of it at once, as nearly all are, or anything else.
pub(super) type Answer = Either<Full<Bytes>, Body>;

/// An answer: there already, as nearly all are, or once something was waited for.
pub(super) enum Answering {
    Now(std::future::Ready<Response<Answer>>),
    Later(Pin<Box<dyn Future<Output = Response<Answer>> + Send>>),
}

impl Answering {
    fn now(answer: Response<Answer>) -> Self {
        Self::Now(std::future::ready(answer))
    }

    pub(super) fn later(answer: impl Future<Output = Response<Answer>> + Send + 'static) -> Self {
        Self::Later(Box::pin(answer))
    }
}

impl Future for Answering {
    type Output = Response<Answer>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<Answer>> {
        match &mut *self {
            Self::Now(answer) => Pin::new(answer).poll(cx),
            Self::Later(answer) => answer.as_mut().poll(cx),
        }
    }
}

/// [`answer`] as axum has it.
pub(super) async fn call(
    State(emulator): State<Arc<Emulator>>,
    request: Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let origin = head.extensions.get::<Origin>().copied();
    answer(&emulator, incoming(head, origin), body, origin).await.map(Body::new)
}

/// Answers an API call that came without its body so far. `origin` is where it came from, if over a socket.
pub(super) fn answer<B>(
    emulator: &Arc<Emulator>,
    mut incoming: Incoming,
    body: B,
    origin: Option<Origin>,
) -> Answering
where
    B: HttpBody<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Send,
{
    if body.is_end_stream() {
        return answer_whole(emulator, incoming);
    }
    let emulator = Arc::clone(emulator);
    let within = origin.map_or(Limits::default().body, |origin| origin.body_timeout);
    Answering::later(async move {
        let read = timeout(within, read(body, within)).await;
        match read.unwrap_or_else(|_| Err(gateway::too_slow("the body"))) {
            Ok(body) => {
                incoming.body = body;
                answer_whole(&emulator, incoming).await
            }
            Err(refusal) => response(emulator.refuse(&incoming, &refusal)),
        }
    })
}

/// Answers an API call with its body.
fn answer_whole(emulator: &Arc<Emulator>, incoming: Incoming) -> Answering {
    // A panic is a bug of ours, and not the end of the connection.
    let outgoing = match catch_unwind(AssertUnwindSafe(|| emulator.answer(&incoming))) {
        Ok(outgoing) => outgoing,
        Err(panic) => return Answering::now(panicked(panic)),
    };
    let Delivery { recorded, wait, .. } = outgoing.delivery;
    if emulator.is_on_disk(recorded) && wait.is_zero() {
        emulator.tidy();
        return Answering::now(delivered(outgoing));
    }
    let emulator = Arc::clone(emulator);
    Answering::later(async move {
        // Everything it tells of is on disk before it leaves.
        if let Err(failure) = emulator.on_disk(Some(recorded)).await {
            return response(emulator.refuse(&incoming, &gateway::not_kept(&failure)));
        }
        emulator.tidy();
        if !wait.is_zero() {
            linger(wait).await;
        }
        delivered(outgoing)
    })
}

/// An answer, with what a fault does to it on its way.
fn delivered(outgoing: Outgoing) -> Response<Answer> {
    let Delivery { is_dropped, truncated_at, .. } = outgoing.delivery;
    let mut response = response(outgoing);
    if is_dropped {
        response.extensions_mut().insert(Dropped);
    }
    match truncated_at {
        Some(length) => response.map(|body| {
            let body = Truncated { body, length: Some(length), has_left: false };
            Answer::Right(Body::new(body))
        }),
        None => response,
    }
}

#[expect(clippy::disallowed_methods, reason = "a fault that somebody armed says how long")]
async fn linger(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// Marks an answer that is not to be sent: the connection is closed instead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropped;

/// A body that breaks off before the length it announced.
struct Truncated {
    body: Answer,
    /// How many bytes are sent; none when they have been.
    length: Option<usize>,
    /// What was sent has had its time to leave.
    has_left: bool,
}

impl HttpBody for Truncated {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(length) = self.length.take() {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
            let data = frame.and_then(Result::ok).and_then(|frame| frame.into_data().ok());
            let data = data.unwrap_or_default();
            return Poll::Ready(Some(Ok(Frame::data(data.slice(..data.len().min(length))))));
        }
        if !std::mem::replace(&mut self.has_left, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        Poll::Ready(Some(Err(broken.into())))
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A request without its body.
pub(super) fn incoming(head: Parts, origin: Option<Origin>) -> Incoming {
    let mut headers = Headers::from(head.headers);
    // HTTP/2 names the host beside the headers; signatures cover it under the old name.
    if let Some(authority) = head.uri.authority().filter(|_| !headers.contains("host")) {
        headers.push("host", authority.as_str());
    }
    Incoming {
        method: head.method.as_str().into(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        headers,
        body: Vec::new(),
        peer: origin.map(|origin| origin.peer),
        is_secure: origin.is_some_and(|origin| origin.is_secure),
    }
}

/// Reads a body up to the limit. What comes behind a refusal is read too, and thrown away: a client
/// that is still sending would otherwise meet a closed connection instead of the answer.
async fn read<B>(mut body: B, within: Duration) -> Result<Vec<u8>, Refusal>
where
    B: HttpBody<Data = Bytes> + Unpin + Send + 'static,
    B::Error: Send,
{
    // A client that says how much it will send need not have sent it.
    let mut is_too_large = body.size_hint().lower() > BODY_LIMIT as u64;
    let mut whole = Vec::new();
    while !is_too_large {
        match body.frame().await {
            None => return Ok(whole),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                is_too_large = whole.len() + data.len() > BODY_LIMIT;
                whole.extend_from_slice(&data);
            }
            Some(Err(_)) => {
                return Err(gateway::broken("its body ended early or is not framed as it says"));
            }
        }
    }
    tokio::spawn(timeout(within, async move { while let Some(Ok(_)) = body.frame().await {} }));
    Err(gateway::too_large("8 MiB of body"))
}

/// A panic is a bug of ours; the client still gets an error document it can read.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response<Answer> {
    let body = r#"{"RequestId":"","Code":"EcsLocal.Bug","Message":"This emulator failed on the call; please report it with the call."}"#;
    response(Outgoing {
        status: 500,
        headers: [("content-type", "application/json;charset=utf-8")].into_iter().collect(),
        body: body.as_bytes().to_vec(),
        ..Outgoing::default()
    })
}

fn response(outgoing: Outgoing) -> Response<Answer> {
    let mut response = Response::new(Answer::Left(Full::from(outgoing.body)));
    *response.status_mut() =
        StatusCode::from_u16(outgoing.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = outgoing.headers.into_map();
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_2_names_its_host_where_signatures_look_for_it() {
        let of = |request: axum::http::request::Builder| {
            let (head, ()) = request.body(()).unwrap().into_parts();
            incoming(head, None).header("host").map(str::to_owned)
        };
        let request = || axum::http::Request::builder().uri("https://a:4526/?Action=A");
        assert_eq!(of(request()).as_deref(), Some("a:4526"));
        // A proxy's target is an address, too; there the header counts, to the letter.
        assert_eq!(of(request().header("host", "b/ecs")).as_deref(), Some("b/ecs"));
    }
}
