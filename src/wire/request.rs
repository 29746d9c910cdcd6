//! A request as the clients of two signing generations send it. Version 1 puts everything into
//! parameters, version 3 puts action, version and key into headers; both may spread parameters over
//! query, form and JSON body.

use std::net::IpAddr;

use super::pairs::Pairs;
use super::signature::Claim;
use crate::param::{BadParams, Params};

/// A request as the socket gave it.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// `GET`, `POST`, ….
    pub method: String,
    /// The path, as sent.
    pub path: String,
    /// The query string, still encoded.
    pub query: String,
    /// Names in lower case, values as sent.
    pub headers: Vec<(String, String)>,
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
        Self {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: query.to_owned(),
            ..Self::default()
        }
    }

    /// A request from its text on the wire, as captures hold it. Total: what is missing is empty. An
    /// HTTP library reads those that come over a socket; this is for requests in files.
    pub fn from_text(text: &[u8]) -> Self {
        let end = text.windows(4).position(|part| part == b"\r\n\r\n");
        let (head, body) = end.map_or((text, &[][..]), |end| (&text[..end], &text[end + 4..]));
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default();
        // A proxy gets the whole address.
        let (_, target) = target.split_once("://").map_or(("", target), |(_, rest)| {
            rest.find(['/', '?']).map_or(("", ""), |at| rest.split_at(at))
        });
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim().to_lowercase(), value.trim().to_owned()))
        };
        Self {
            method,
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            query: query.to_owned(),
            headers: lines.filter_map(header).collect(),
            body: body.to_vec(),
            ..Self::default()
        }
    }

    /// A header's value; `None` where it is absent or empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// The form of the answer's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json;charset=utf-8`.
    Json,
    /// `text/xml;charset=utf-8`, the default of the gateway.
    Xml,
}

/// A request taken apart.
#[derive(Debug, Clone)]
pub struct Request {
    /// The operation asked for.
    pub action: Option<String>,
    /// The version of the API.
    pub version: Option<String>,
    /// Who it says it is from.
    pub claim: Claim,
    /// The form the answer takes.
    pub format: Format,
    /// The host the client named.
    pub host: String,
    /// Everything else, merged; nothing where it cannot be read.
    pub params: Params,
    /// Why it cannot be read.
    pub unreadable: Option<BadParams>,
    /// The decoded pairs, as they are signed.
    pub pairs: Pairs,
}

impl Request {
    /// Takes a request apart. Total: what cannot be read shows in `unreadable`.
    pub fn read(incoming: &Incoming) -> Self {
        let pairs = Pairs::read(incoming);
        let (params, unreadable) = match pairs.params() {
            Ok(params) => (params, None),
            Err(bad) => (Params::default(), Some(bad)),
        };
        let find = |name: &str| pairs.find(name).filter(|value| !value.is_empty());
        let either = |name: &str, header: &str| {
            find(name).or_else(|| incoming.header(header)).map(str::to_owned)
        };
        Self {
            action: either("Action", "x-acs-action"),
            version: either("Version", "x-acs-version"),
            claim: Claim::read(incoming, &pairs),
            format: format(incoming, find("Format")),
            host: incoming.header("host").unwrap_or_default().to_owned(),
            params,
            unreadable,
            pairs,
        }
    }

    /// Does `Format`, where it is given, name a format? Python's classic SDK sends `None` where
    /// nothing was chosen.
    pub fn names_known_format(&self) -> bool {
        let known = ["", "json", "xml", "none"];
        let named = self.pairs.find("Format").unwrap_or_default();
        known.iter().any(|format| named.eq_ignore_ascii_case(format))
    }
}

fn format(incoming: &Incoming, asked: Option<&str>) -> Format {
    let accepts = |kind: &str| incoming.header("accept").is_some_and(|all| all.contains(kind));
    match asked.map(str::to_ascii_lowercase).as_deref() {
        Some("xml") => Format::Xml,
        // Python's classic SDK sends Format=None where nothing was chosen; JSON is what it reads.
        Some("json" | "none") => Format::Json,
        _ if accepts("json") => Format::Json,
        _ if accepts("xml") => Format::Xml,
        _ if incoming.header("x-acs-action").is_some() => Format::Json,
        _ => Format::Xml,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_is_all_parameters() {
        let incoming =
            Incoming::get("Action=A&Version=2014-05-26&AccessKeyId=k&Format=json&Tag.1.Key=a+b");
        let request = Request::read(&incoming);
        assert_eq!(request.action.as_deref(), Some("A"));
        assert_eq!((request.claim.key_id.as_str(), request.format), ("k", Format::Json));
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
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        let request = Request::read(&incoming);
        assert_eq!(request.action.as_deref(), Some("StopInstance"));
        assert_eq!((request.claim.key_id.as_str(), request.format), ("key", Format::Json));
    }
}
