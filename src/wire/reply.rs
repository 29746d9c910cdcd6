//! The answer's bytes, status and headers. Header names and exact content types are those of the
//! service: some clients compare them to the letter.

use std::time::Duration;

use crate::reply::Node;
use crate::rule::Refusal;

use super::request::Format;
use super::{json, xml};

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
    pub headers: Vec<(&'static str, String)>,
    /// Never empty.
    pub body: Vec<u8>,
    /// What becomes of it on its way.
    pub delivery: Delivery,
}

impl Outgoing {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| value.as_str())
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
pub fn success(action: &str, request_id: &str, reply: Node, format: Format) -> Outgoing {
    let mut fields = vec![("RequestId", Node::from(request_id))];
    if let Node::Object(rest) = reply {
        fields.extend(rest);
    }
    let body = Node::Object(fields);
    let bytes = match format {
        Format::Json => json::write(&body),
        Format::Xml => xml::write(&format!("{action}Response"), &body),
    };
    outgoing(200, request_id, format, bytes)
}

/// The answer to a refused call.
pub fn error(
    refusal: &Refusal,
    request_id: &str,
    host: &str,
    product: &str,
    format: Format,
) -> Outgoing {
    let code = refusal.code();
    let recommend = format!(
        "https://api.aliyun.com/troubleshoot?q={code}&product={product}&requestId={request_id}"
    );
    let id = ("RequestId", Node::from(request_id));
    let message = ("Message", Node::from(&refusal.message));
    let recommend = ("Recommend", Node::from(recommend));
    let host = ("HostId", Node::from(host));
    let code = ("Code", Node::from(code));
    // The two forms order their fields differently on the wire.
    let mut fields = match format {
        Format::Json => vec![id, message, recommend, host, code],
        Format::Xml => vec![id, host, code, message, recommend],
    };
    if !refusal.denied.is_empty() {
        let detail = refusal.denied.iter().map(|(name, value)| (*name, Node::from(value)));
        fields.push(("AccessDeniedDetail", Node::Object(detail.collect())));
    }
    let bytes = match format {
        Format::Json => json::write(&Node::Object(fields)),
        Format::Xml => xml::write("Error", &Node::Object(fields)),
    };
    let mut answer = outgoing(refusal.status(), request_id, format, bytes);
    // Ours, for people: the row by its name here and what to do about it.
    let why = format!("{}: {}", refusal.row.name, refusal.fix);
    answer.headers.push(("x-ecs-local-why", why));
    answer
}

fn outgoing(status: u16, request_id: &str, format: Format, body: Vec<u8>) -> Outgoing {
    let trace_id = request_id.replace('-', "").to_lowercase();
    let headers = vec![
        ("content-type", format.content_type().to_owned()),
        ("access-control-allow-origin", "*".to_owned()),
        ("access-control-expose-headers", "*".to_owned()),
        ("x-acs-request-id", request_id.to_owned()),
        ("x-acs-trace-id", trace_id),
    ];
    Outgoing { status, headers, body, delivery: Delivery::default() }
}
