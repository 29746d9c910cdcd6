//! A request as the clients of two signing generations send it. Version 1 puts everything into
//! parameters, version 3 puts action, version and key into headers; both may spread parameters over
//! query, form and JSON body.

use serde_json::Value;

use crate::param::{BadParams, Params};

/// A request as the socket gave it.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// `GET`, `POST`, ….
    pub method: String,
    /// The query string, still encoded.
    pub query: String,
    /// Names in lower case, values as sent.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Incoming {
    /// A GET with this query string.
    pub fn get(query: &str) -> Self {
        Self { method: "GET".to_owned(), query: query.to_owned(), ..Self::default() }
    }

    fn header(&self, name: &str) -> Option<&str> {
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
    /// `GET`, `POST`, ….
    pub method: String,
    /// The operation asked for.
    pub action: Option<String>,
    /// The version of the API.
    pub version: Option<String>,
    /// Who asks; empty for an anonymous call.
    pub access_key_id: String,
    /// The form the answer takes.
    pub format: Format,
    /// The host the client named.
    pub host: String,
    /// Everything else, merged.
    pub params: Result<Params, BadParams>,
}

impl Request {
    /// Takes a request apart. Total: what cannot be read shows in `params`.
    pub fn read(incoming: &Incoming) -> Self {
        let pairs = pairs(incoming);
        let find = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
            found.filter(|value| !value.is_empty())
        };
        let header = |name: &str| incoming.header(name).map(str::to_owned);
        Self {
            method: incoming.method.clone(),
            action: find("Action").or_else(|| header("x-acs-action")),
            version: find("Version").or_else(|| header("x-acs-version")),
            access_key_id: find("AccessKeyId")
                .or_else(|| credential(incoming))
                .or_else(|| header("x-acs-accesskey-id"))
                .unwrap_or_default(),
            format: format(incoming, find("Format").as_deref()),
            host: header("host").unwrap_or_default(),
            params: Params::from_pairs(pairs),
        }
    }
}

fn pairs(incoming: &Incoming) -> Vec<(String, String)> {
    let decode = |bytes: &[u8]| -> Vec<(String, String)> {
        form_urlencoded::parse(bytes).into_owned().filter(|(name, _)| !name.is_empty()).collect()
    };
    // A call pasted over several lines leaves blanks and line ends around its values; only the
    // query is pasted, and no documented value begins or ends with one.
    let trimmed =
        |(name, value): (String, String)| (name.trim().to_owned(), value.trim().to_owned());
    let mut pairs: Vec<(String, String)> =
        decode(incoming.query.as_bytes()).into_iter().map(trimmed).collect();
    if incoming.header("content-type").is_some_and(|kind| kind.contains("json")) {
        match serde_json::from_slice::<Value>(&incoming.body) {
            Ok(Value::Object(fields)) => {
                for (name, value) in fields {
                    flatten(name, &value, &mut pairs);
                }
            }
            Ok(_) => {}
            Err(_) if incoming.body.is_empty() => {}
            Err(_) => pairs.push(("body".to_owned(), "\u{FFFD}".to_owned())),
        }
    } else {
        pairs.extend(decode(&incoming.body));
    }
    pairs
}

/// Nested JSON becomes dotted names with positions from 1.
fn flatten(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Bool(value) => pairs.push((name, value.to_string())),
        Value::Number(value) => pairs.push((name, value.to_string())),
        Value::String(value) => pairs.push((name, value.clone())),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{name}.{}", index + 1), item, pairs);
            }
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                flatten(format!("{name}.{field}"), value, pairs);
            }
        }
    }
}

/// The key id of a version 3 `Authorization: ACS3-… Credential=ID,SignedHeaders=…,Signature=…`,
/// whose parts come in any order.
fn credential(incoming: &Incoming) -> Option<String> {
    let parts = incoming.header("authorization")?.strip_prefix("ACS3-")?.split_once(' ')?.1;
    let id = parts.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?;
    (!id.is_empty()).then(|| id.to_owned())
}

fn format(incoming: &Incoming, asked: Option<&str>) -> Format {
    let accepts = |kind: &str| incoming.header("accept").is_some_and(|all| all.contains(kind));
    match asked.map(str::to_ascii_lowercase).as_deref() {
        Some("xml") => Format::Xml,
        // Python's classic SDK sends Format=None where nothing was chosen; JSON is what it reads.
        Some(_) => Format::Json,
        None if accepts("json") => Format::Json,
        None if accepts("xml") => Format::Xml,
        None if incoming.header("x-acs-action").is_some() => Format::Json,
        None => Format::Xml,
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
        assert_eq!((request.access_key_id.as_str(), request.format), ("k", Format::Json));
        assert_eq!(request.params.unwrap().text("Tag.1.Key"), Some("a b"));
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
        assert_eq!((request.access_key_id.as_str(), request.format), ("key", Format::Json));
    }

    #[test]
    fn form_and_json_bodies_join_the_query() {
        let mut incoming = Incoming::get("Action=A");
        incoming.body = b"InstanceId=i-1&Force=True".to_vec();
        assert_eq!(Request::read(&incoming).params.unwrap().text("Force"), Some("True"));
        incoming.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        incoming.body = br#"{"Tag":[{"Key":"a"}],"Amount":2}"#.to_vec();
        let params = Request::read(&incoming).params.unwrap();
        assert_eq!((params.text("Tag.1.Key"), params.text("Amount")), (Some("a"), Some("2")));
        incoming.body = b"{".to_vec();
        assert!(Request::read(&incoming).params.is_err());
    }

    #[test]
    fn a_pasted_call_may_break_its_lines() {
        let request = Request::read(&Incoming::get("Action=A%20%0A&InstanceId=i-1%20"));
        assert_eq!(request.action.as_deref(), Some("A"));
    }

    #[test]
    fn bytes_that_are_not_text_are_told() {
        let request = Request::read(&Incoming::get("Action=A&Name=%FF%FE"));
        assert!(matches!(request.params, Err(BadParams::NotText(_))));
    }
}
