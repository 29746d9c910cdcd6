//! The answer's bytes, status and headers. Header names and exact content types are those of the
//! service: some clients compare them to the letter.

use std::sync::LazyLock;
use std::time::Duration;

use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, CONTENT_TYPE, HeaderMap,
    HeaderName, HeaderValue,
};

use super::headers::Headers;
use super::request::Format;
use super::{json, xml};
use crate::ids::RequestId;
use crate::reply::Node;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-acs-trace-id");
const IDS: [HeaderName; 2] = [REQUEST_ID, TRACE_ID];
/// How many headers are before those.
const BEFORE_IDS: usize = 3;

/// What becomes of an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// How long the client waits for it.
    pub wait: Duration,
    /// It never comes: the connection is closed.
    pub is_dropped: bool,
    /// It breaks off after so many bytes of its body.
    pub truncated_at: Option<usize>,
    /// It leaves when the store is on disk up to this position.
    pub recorded: u64,
}

/// An answer ready for the socket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outgoing {
    /// HTTP status.
    pub status: u16,
    /// Headers beside those of HTTP itself.
    pub headers: Headers,
    /// Never empty.
    pub body: Vec<u8>,
    /// What becomes of it on its way.
    pub delivery: Delivery,
}

impl Outgoing {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }
}

impl Format {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

/// The answer to an accepted call: its reply behind the request id.
pub fn success(action: &str, request_id: RequestId, reply: Node, format: Format) -> Outgoing {
    let rest = if let Node::Object(rest) = reply { rest } else { Vec::new() };
    let mut room = RequestId::ROOM;
    let id = request_id.text(&mut room);
    let bytes = match format {
        Format::Json => json::write_object(&[("RequestId", id)], &rest),
        Format::Xml => {
            let id = ("RequestId", Node::from(id));
            let body = Node::Object(std::iter::once(id).chain(rest).collect());
            xml::write(&format!("{action}Response"), &body)
        }
    };
    outgoing(200, (request_id, id), headers_in(format).clone(), bytes)
}

/// The headers of all answers in a form. Nothing stands yet where the ids of an answer will, which are the last of
/// them.
pub(super) fn headers_in(format: Format) -> &'static HeaderMap {
    static READY: LazyLock<[HeaderMap; 2]> =
        LazyLock::new(|| [Format::Json, Format::Xml].map(headers_of));
    &READY[usize::from(format == Format::Xml)]
}

fn headers_of(format: Format) -> HeaderMap {
    const NOTHING: HeaderValue = HeaderValue::from_static("");
    const ANY: HeaderValue = HeaderValue::from_static("*");
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
    headers.extend(IDS.map(|name| (name, NOTHING)));
    headers
}

/// An answer with these headers, made by [`headers_in`] and perhaps others behind them.
pub(super) fn outgoing(
    status: u16,
    (request_id, id): (RequestId, &str),
    mut headers: HeaderMap,
    body: Vec<u8>,
) -> Outgoing {
    let mut room = RequestId::ROOM;
    let ids = [id, request_id.trace_id(&mut room)];
    for (place, id) in headers.values_mut().skip(BEFORE_IDS).zip(ids) {
        if let Ok(id) = HeaderValue::from_str(id) {
            *place = id;
        }
    }
    Outgoing { status, headers: headers.into(), body, delivery: Delivery::default() }
}
