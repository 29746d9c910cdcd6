//! The answer to a refused call. Those with one row are alike but for the ids and the host, and a row is met again and
//! again: what stands between them is written once.

use std::sync::LazyLock;

use dashmap::DashMap;
use foldhash::fast::RandomState;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::reply::{Outgoing, headers_in, outgoing};
use super::request::Format;
use super::{json, xml};
use crate::ids::RequestId;
use crate::reply::Node;
use crate::rule::Refusal;

const WHY: HeaderName = HeaderName::from_static("x-ecs-local-why");

/// Stand for the id and the host in what is made ready. No row has such characters.
const ID: char = '\u{E000}';
const HOST: char = '\u{E001}';

/// All answers with a row, in one form.
struct Ready {
    /// The body from one [`ID`] or [`HOST`] to the next, each with the one behind it.
    pieces: Vec<(String, Option<char>)>,
    /// How long they are together.
    length: usize,
    headers: HeaderMap,
}

/// By where its row, its fix and its product stand, which are all of the program; and by its form.
static READY: LazyLock<DashMap<([usize; 4], Format), Ready, RandomState>> =
    LazyLock::new(DashMap::default);

/// The answer to a refused call.
pub fn error(
    refusal: &Refusal,
    request_id: RequestId,
    host: &str,
    product: &'static str,
    format: Format,
) -> Outgoing {
    let mut room = RequestId::ROOM;
    let id = request_id.text(&mut room);
    let (headers, body) = if is_usual(refusal, host) {
        let addresses = [
            std::ptr::from_ref(refusal.row).addr(),
            refusal.fix.as_ptr().addr(),
            refusal.fix.len(),
            product.as_ptr().addr(),
        ];
        let key = (addresses, format);
        let kept = READY.get(&key).unwrap_or_else(|| {
            READY.entry(key).or_insert(Ready::of(refusal, product, format)).downgrade()
        });
        (kept.headers.clone(), kept.body(id, host))
    } else {
        (headers(refusal, format), body(refusal, id, host, product, format))
    };
    outgoing(refusal.status(), (request_id, id), headers, body)
}

/// Says it no more than its row does, to a host that is written as it is in either form?
fn is_usual(refusal: &Refusal, host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    refusal.message == refusal.row.message
        && refusal.custom.is_none()
        && refusal.denied.is_empty()
        && host.bytes().all(is_plain)
}

impl Ready {
    fn of(refusal: &Refusal, product: &str, format: Format) -> Self {
        let mut marks = [[0; 4]; 2];
        let [id, host] = &mut marks;
        let body = body(refusal, ID.encode_utf8(id), HOST.encode_utf8(host), product, format);
        let text = String::from_utf8_lossy(&body);
        let pieces = text.split_inclusive([ID, HOST]).map(|piece| {
            let mark = piece.chars().next_back().filter(|last| [ID, HOST].contains(last));
            (piece.trim_end_matches([ID, HOST]).to_owned(), mark)
        });
        let pieces: Vec<(String, Option<char>)> = pieces.collect();
        let length = pieces.iter().map(|(piece, _)| piece.len()).sum();
        Self { pieces, length, headers: headers(refusal, format) }
    }

    fn body(&self, id: &str, host: &str) -> Vec<u8> {
        // Exactly as much room as it takes, with the id twice: what has more is not sent as it stands.
        let mut body = Vec::with_capacity(self.length + 2 * id.len() + host.len());
        for (piece, mark) in &self.pieces {
            body.extend_from_slice(piece.as_bytes());
            match mark {
                Some(ID) => body.extend_from_slice(id.as_bytes()),
                Some(_) => body.extend_from_slice(host.as_bytes()),
                None => {}
            }
        }
        body
    }
}

fn body(refusal: &Refusal, id: &str, host: &str, product: &str, format: Format) -> Vec<u8> {
    let code = refusal.code();
    let recommend =
        ["https://api.aliyun.com/troubleshoot?q=", code, "&product=", product, "&requestId=", id]
            .concat();
    let id = ("RequestId", id);
    let message = ("Message", refusal.message.as_ref());
    let recommend = ("Recommend", recommend.as_str());
    let host = ("HostId", host);
    let code = ("Code", code);
    let detail = refusal.denied.iter().map(|(name, value)| (*name, Node::from(value)));
    let detail = (!refusal.denied.is_empty())
        .then(|| ("AccessDeniedDetail", Node::Object(detail.collect())));
    // The two forms order their fields differently on the wire.
    match format {
        Format::Json => {
            json::write_object(&[id, message, recommend, host, code], detail.as_slice())
        }
        Format::Xml => {
            let texts = [id, host, code, message, recommend];
            let fields = texts.map(|(name, text)| (name, Node::from(text)));
            xml::write("Error", &Node::Object(fields.into_iter().chain(detail).collect()))
        }
    }
}

fn headers(refusal: &Refusal, format: Format) -> HeaderMap {
    let mut headers = headers_in(format).clone();
    // Ours, for people: the row by its name here and what to do about it.
    let why = [refusal.row.name, ": ", refusal.fix].concat();
    if let Ok(why) = HeaderValue::try_from(why) {
        headers.insert(WHY, why);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Errors;
    use crate::ids::Ids;
    use crate::rule::Decider;

    /// What is made ready is what is written anew, whoever asks.
    #[test]
    fn what_is_ready_is_what_would_be_written() {
        let rules = [Errors::Ecs, Errors::Pop].into_iter().flat_map(Errors::rules);
        let mut ids = Ids::seeded(1);
        for rule in rules {
            let refusal = Refusal::of(rule.row, "words", rule.fix, Decider::Rule(rule.id));
            for format in [Format::Json, Format::Xml] {
                for host in ["127.0.0.1:4526", "", "a\"<&\\b", "é"] {
                    let request_id = ids.request_id();
                    let answer = error(&refusal, request_id, host, "Ecs", format);
                    let id = request_id.to_string();
                    let body = body(&refusal, &id, host, "Ecs", format);
                    assert_eq!(answer.body, body, "{} for {host:?}", rule.row.name);
                    let length = answer.body.len();
                    assert!(!is_usual(&refusal, host) || answer.body.capacity() == length);
                    assert_eq!(answer.header("x-acs-request-id"), Some(&*id));
                    let why = format!("{}: {}", rule.row.name, rule.fix);
                    assert_eq!(answer.header("x-ecs-local-why"), Some(&*why));
                }
            }
        }
    }
}
