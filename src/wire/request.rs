//! A request as the clients of two signing generations send it. Version 1 puts everything into
//! parameters, version 3 puts action, version and key into headers; both may spread parameters over
//! query, form and JSON body.

use std::net::IpAddr;

use compact_str::CompactString;

use super::common::Common;
use super::headers::Headers;
use super::pairs::Pairs;
use super::signature::Claim;
use crate::param::{BadParams, Params};

/// A request as the socket gave it.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// `GET`, `POST`, ….
    pub method: CompactString,
    /// The path, as sent.
    pub path: CompactString,
    /// The query string, still encoded.
    pub query: Box<str>,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// The address it came from, where it came over a socket.
    pub peer: Option<IpAddr>,
    /// Did it come encrypted?
    pub is_secure: bool,
}

impl Incoming {
    /// A GET with this query string.
    pub fn get(query: &str) -> Self {
        Self { method: "GET".into(), path: "/".into(), query: query.into(), ..Self::default() }
    }

    /// A request from its text on the wire, as captures hold it. Total: what is missing is empty. An
    /// HTTP library reads those that come over a socket; this is for requests in files.
    pub fn from_text(text: &[u8]) -> Self {
        let end = text.windows(4).position(|part| part == b"\r\n\r\n");
        let (head, body) = end.map_or((text, &[][..]), |end| (&text[..end], &text[end + 4..]));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let method = words.next().unwrap_or_default().into();
        let target = words.next().unwrap_or_default();
        // A proxy gets the whole address.
        let (_, target) = target.split_once("://").map_or(("", target), |(_, rest)| {
            rest.find(['/', '?']).map_or(("", ""), |at| rest.split_at(at))
        });
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: if path.is_empty() { "/".into() } else { path.into() },
            query: query.into(),
            headers: lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.trim(), value.trim()))
                .collect(),
            body: body.to_vec(),
            ..Self::default()
        }
    }

    /// A header's value; `None` where it is absent or empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).filter(|value| !value.is_empty())
    }
}

/// The form of the answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `application/json;charset=utf-8`.
    Json,
    /// `text/xml;charset=utf-8`, the default of the gateway.
    Xml,
}

/// A request taken apart.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The operation asked for.
    pub action: Option<&'a str>,
    /// The version of the API.
    pub version: Option<&'a str>,
    /// Who it says it is from.
    pub claim: Claim<'a>,
    /// The form the answer takes.
    pub format: Format,
    /// The host the client named.
    pub host: &'a str,
    /// Everything else, merged; nothing where it cannot be read.
    pub params: Params<'a>,
    /// Why it cannot be read.
    pub unreadable: Option<BadParams>,
    /// The decoded pairs, as they are signed.
    pub pairs: &'a Pairs<'a>,
    names_known_format: bool,
}

impl<'a> Request<'a> {
    /// Takes a request apart whose pairs were read. Total: what cannot be read shows in `unreadable`.
    pub fn read(incoming: &'a Incoming, pairs: &'a Pairs<'a>) -> Self {
        let (params, unreadable) = match pairs.params() {
            Ok(params) => (params, None),
            Err(bad) => (Params::default(), Some(bad)),
        };
        let common = Common::of(incoming, pairs);
        Self {
            action: common.action,
            version: common.version,
            claim: Claim::of(&common, incoming),
            format: format(&common),
            host: common.host.unwrap_or_default(),
            params,
            unreadable,
            pairs,
            names_known_format: names_known_format(common.format),
        }
    }

    /// Does `Format`, where it is given, name a format?
    pub const fn names_known_format(&self) -> bool {
        self.names_known_format
    }
}

/// Python's classic SDK sends `None` where nothing was chosen.
fn names_known_format(named: Option<&str>) -> bool {
    let known = ["", "json", "xml", "none"];
    named.is_none_or(|named| known.iter().any(|format| named.eq_ignore_ascii_case(format)))
}

fn format(common: &Common<'_>) -> Format {
    let accepts = |kind: &str| common.accept.is_some_and(|all| all.contains(kind));
    let asks = |kind: &str| common.format.is_some_and(|asked| asked.eq_ignore_ascii_case(kind));
    match () {
        () if asks("xml") => Format::Xml,
        // Python's classic SDK sends Format=None where nothing was chosen; JSON is what it reads.
        () if asks("json") || asks("none") || accepts("json") => Format::Json,
        () if accepts("xml") => Format::Xml,
        () if common.is_version_3 => Format::Json,
        () => Format::Xml,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_is_all_parameters() {
        let incoming =
            Incoming::get("Action=A&Version=2014-05-26&AccessKeyId=k&Format=json&Tag.1.Key=a+b");
        let pairs = Pairs::read(&incoming);
        let request = Request::read(&incoming, &pairs);
        assert_eq!(request.action, Some("A"));
        assert_eq!((request.claim.key_id, request.format), ("k", Format::Json));
        assert_eq!(request.params.text("Tag.1.Key"), Some("a b"));
    }

    #[test]
    fn version_3_is_headers_and_parameters() {
        let mut incoming = Incoming::get("InstanceId=i-1");
        incoming.headers = [
            ("x-acs-action", "StopInstance"),
            ("x-acs-version", "2014-05-26"),
            ("accept", "application/json"),
            ("authorization", "ACS3-HMAC-SHA256 Signature=1,Credential=key,SignedHeaders=host"),
        ]
        .into_iter()
        .collect();
        let pairs = Pairs::read(&incoming);
        let request = Request::read(&incoming, &pairs);
        assert_eq!(request.action, Some("StopInstance"));
        assert_eq!((request.claim.key_id, request.format), ("key", Format::Json));
    }
}
