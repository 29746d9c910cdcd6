//! No answer without its envelope: where the HTTP library refuses a request by itself, with a bare
//! status and no body, the error document goes out instead. SDKs cannot read anything else. And small answers leave
//! together, where there are several.

use std::io::{self, IoSlice, Write as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connection::{HEAD_LIMIT, Pulse};
use crate::emulator::Emulator;
use crate::gateway;
use crate::rule::Refusal;
use crate::wire::Incoming;

/// Up to so many bytes of head and body leave in one piece, which takes the system less than two do.
const SMALL: usize = 1024;

/// A connection's stream, with an eye on what the HTTP library writes.
pub(super) struct Envelope<S> {
    stream: S,
    emulator: Arc<Emulator>,
    pulse: Arc<Pulse>,
    instead: Option<Instead>,
    company: Company,
    /// An answer has let the others go first.
    has_waited: bool,
}

/// All connections hold the same, and so does the server.
pub(super) type Company = Arc<()>;

/// An answer that goes out instead of a bare one.
struct Instead {
    bytes: Vec<u8>,
    written: usize,
    /// How long the bare one was.
    stands_for: usize,
}

impl<S> Envelope<S> {
    pub(super) const fn around(
        stream: S,
        emulator: Arc<Emulator>,
        pulse: Arc<Pulse>,
        company: Company,
    ) -> Self {
        Self { stream, emulator, pulse, instead: None, company, has_waited: false }
    }

    /// Does an answer wait, once, until the requests of other connections that are here have been answered? They then
    /// leave one right behind the other: a client that waits for several is woken once, and none of them is late.
    fn lets_others_go_first(&mut self, cx: &Context<'_>) -> bool {
        // Held by the server and by this one.
        let is_alone = Arc::strong_count(&self.company) <= 2;
        self.has_waited = !is_alone && !self.has_waited;
        if self.has_waited {
            cx.waker().wake_by_ref();
        }
        self.has_waited
    }

    fn told(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(count)) = written {
            self.pulse.moves(count);
        }
        written
    }

    /// What is to go out instead of these bytes, if they are a refusal of the HTTP library's own.
    fn instead_of(&self, bytes: &[u8]) -> Option<Instead> {
        let status = bytes.strip_prefix(b"HTTP/1.1 4")?.get(..2)?;
        // Answers of ours have a body, always.
        let is_bare = bytes.ends_with(b"\r\n\r\n")
            && bytes.windows(b"content-length: 0".len()).any(|part| part == b"content-length: 0");
        if !is_bare {
            return None;
        }
        let refusal = match status {
            b"31" | b"14" => gateway::too_large(&format!(
                "{} KiB of request line and headers, 64 KiB of request line, 100 headers",
                HEAD_LIMIT / 1024
            )),
            _ => gateway::broken("its request line or headers cannot be read"),
        };
        let stands_for = bytes.len();
        Some(Instead { bytes: refusal_bytes(&self.emulator, &refusal), written: 0, stands_for })
    }
}

/// A whole HTTP/1.1 answer with a refusal, for a request nobody could read.
pub(super) fn refusal_bytes(emulator: &Emulator, refusal: &Refusal) -> Vec<u8> {
    // What the client wanted is unknown; more of them read JSON than XML.
    let unread = Incoming {
        headers: [("accept", "application/json")].into_iter().collect(),
        ..Incoming::default()
    };
    let answer = emulator.refuse(&unread, refusal);
    let reason = StatusCode::from_u16(answer.status).ok().and_then(|it| it.canonical_reason());
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason.unwrap_or_default());
    for (name, value) in answer.headers.iter() {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let length = answer.body.len().to_string();
    head.extend(["content-length: ", &length, "\r\nconnection: close\r\n\r\n"]);
    let mut bytes = head.into_bytes();
    bytes.extend(answer.body);
    bytes
}

impl<S: AsyncWrite + Unpin> Envelope<S> {
    /// Goes on writing what goes out instead; ready when all of it has.
    fn write_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let Some(instead) = &mut self.instead else { return Poll::Ready(Ok(0)) };
        while instead.written < instead.bytes.len() {
            let rest = &instead.bytes[instead.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => instead.written += count,
            }
        }
        let stands_for = instead.stands_for;
        self.instead = None;
        Poll::Ready(Ok(stands_for))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Envelope<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            self.instead = self.instead_of(bytes);
        }
        if self.instead.is_some() {
            return self.write_instead(cx);
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.told(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A bare answer is a head alone.
        let mut parts = slices.iter().filter(|slice| !slice.is_empty());
        match (parts.next(), parts.next()) {
            (Some(head), None) => self.poll_write(cx, head),
            _ if self.instead.is_some() => self.poll_write(cx, &[]),
            _ => {
                let length = slices.iter().map(|slice| slice.len()).sum();
                if length > SMALL {
                    let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
                    return self.told(written);
                }
                if self.lets_others_go_first(cx) {
                    return Poll::Pending;
                }
                let mut piece = [0; SMALL];
                let mut rest = &mut piece[..];
                slices.iter().try_for_each(|slice| rest.write_all(slice))?;
                let written = Pin::new(&mut self.stream).poll_write(cx, &piece[..length]);
                self.told(written)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Envelope<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;
    use crate::clock::Clock;
    use crate::domain::World;
    use crate::emulator::Start;

    #[test]
    fn an_answer_waits_once_where_there_are_other_connections() {
        let emulator = Arc::new(Emulator::new(Start::of(World::default(), Clock::SYSTEM)));
        let (server, cx) = (Company::default(), &mut Context::from_waker(Waker::noop()));
        let connection =
            || Envelope::around(Vec::new(), Arc::clone(&emulator), Arc::default(), server.clone());
        let answer = [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), b"{}"].map(IoSlice::new);
        let mut written =
            |it: &mut Envelope<Vec<u8>>| Pin::new(it).poll_write_vectored(cx, &answer).is_ready();
        let mut one = connection();
        assert_eq!([written(&mut one), written(&mut one)], [true; 2]);
        let other = connection();
        let waits = [false, true, false, true];
        assert_eq!([(); 4].map(|()| written(&mut one)), waits);
        drop(other);
        assert!(written(&mut one));
    }
}
