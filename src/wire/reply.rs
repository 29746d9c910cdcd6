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
use crate::rule::Refusal;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-acs-trace-id");
const IDS: [HeaderName; 2] = [REQUEST_ID, TRACE_ID];
const WHY: HeaderName = HeaderName::from_static("x-ecs-local-why");

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
    outgoing(200, (request_id, id), None, format, bytes)
}

/// The answer to a refused call.
pub fn error(
    refusal: &Refusal,
    request_id: RequestId,
    host: &str,
    product: &str,
    format: Format,
) -> Outgoing {
    let mut room = RequestId::ROOM;
    let (code, id) = (refusal.code(), request_id.text(&mut room));
    let recommend =
        ["https://api.aliyun.com/troubleshoot?q=", code, "&product=", product, "&requestId=", id]
            .concat();
    let (named, message) = (("RequestId", id), ("Message", &*refusal.message));
    let (host, code, recommend) = (("HostId", host), ("Code", code), ("Recommend", &*recommend));
    let detail = refusal.denied.iter().map(|(name, value)| (*name, Node::from(value)));
    let detail = (!refusal.denied.is_empty())
        .then(|| ("AccessDeniedDetail", Node::Object(detail.collect())));
    // The two forms order their fields differently on the wire.
    let bytes = match format {
        Format::Json => {
            json::write_object(&[named, message, recommend, host, code], detail.as_slice())
        }
        Format::Xml => {
            let texts = [named, host, code, message, recommend];
            let fields = texts.map(|(name, text)| (name, Node::from(text)));
            xml::write("Error", &Node::Object(fields.into_iter().chain(detail).collect()))
        }
    };
    // Ours, for people: the row by its name here and what to do about it.
    let why = [refusal.row.name, ": ", refusal.fix].concat();
    outgoing(refusal.status(), (request_id, id), Some(why), format, bytes)
}

/// The headers of all answers in a form, refusals or not. Nothing stands yet where an answer's own will, which are
/// the last of them: `IDS`, and why it was refused.
fn headers_in(format: Format, is_refusal: bool) -> HeaderMap {
    const NOTHING: HeaderValue = HeaderValue::from_static("");
    const ANY: HeaderValue = HeaderValue::from_static("*");
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
    headers.extend(IDS.map(|name| (name, NOTHING)));
    if is_refusal {
        headers.insert(WHY, NOTHING);
    }
    headers
}

fn outgoing(
    status: u16,
    (request_id, id): (RequestId, &str),
    why: Option<String>,
    format: Format,
    body: Vec<u8>,
) -> Outgoing {
    static READY: LazyLock<[HeaderMap; 4]> = LazyLock::new(|| {
        let kinds = [
            (Format::Json, false),
            (Format::Json, true),
            (Format::Xml, false),
            (Format::Xml, true),
        ];
        kinds.map(|(format, is_refusal)| headers_in(format, is_refusal))
    });
    let is_refusal = why.is_some();
    let kind = 2 * usize::from(format == Format::Xml) + usize::from(is_refusal);
    let mut headers = READY[kind].clone();
    let first = headers.len() - IDS.len() - usize::from(is_refusal);
    let id = HeaderValue::from_str(id).ok();
    let mut room = RequestId::ROOM;
    let trace_id = HeaderValue::from_str(request_id.trace_id(&mut room)).ok();
    let why = why.and_then(|why| HeaderValue::try_from(why).ok());
    for (place, own) in headers.values_mut().skip(first).zip([id, trace_id, why]) {
        if let Some(own) = own {
            *place = own;
        }
    }
    Outgoing { status, headers: headers.into(), body, delivery: Delivery::default() }
}
