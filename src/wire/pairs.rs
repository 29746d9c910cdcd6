//! Names and values as a request carries them: in the query, in a form body, in a JSON body. Decoded,
//! but exactly as sent otherwise, because signatures cover them so.

use serde_json::Value;

use super::request::Incoming;
use crate::param::{BadParams, Params};

/// The decoded pairs of one request.
#[derive(Debug, Clone, Default)]
pub struct Pairs {
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    json: Vec<(String, String)>,
    /// A name whose value, or itself, cannot be decoded.
    broken: Option<String>,
}

impl Pairs {
    /// Decodes query and body. Total: what cannot be decoded shows in [`Pairs::params`].
    pub fn read(incoming: &Incoming) -> Self {
        let mut pairs = Self { query: decode(&incoming.query), ..Self::default() };
        pairs.broken = first_broken(&incoming.query);
        let kind = incoming.header("content-type").unwrap_or_default();
        if kind.contains("json") {
            pairs.read_json(&incoming.body);
        } else if !kind.starts_with("multipart/") {
            // Some clients send a form without saying so.
            match std::str::from_utf8(&incoming.body) {
                Ok(form) => {
                    pairs.form = decode(form);
                    pairs.broken = pairs.broken.take().or_else(|| first_broken(form));
                }
                Err(_) => pairs.broken = Some("body".to_owned()),
            }
        }
        pairs
    }

    fn read_json(&mut self, body: &[u8]) {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(fields)) => {
                for (name, value) in fields {
                    flatten(name, &value, &mut self.json);
                }
            }
            Err(_) if body.is_empty() => {}
            Ok(_) | Err(_) => self.broken = Some("body".to_owned()),
        }
    }

    /// All pairs.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.query.iter().chain(&self.form).chain(&self.json);
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of a name; surrounding blanks, which a pasted call has, do not count.
    pub fn find(&self, name: &str) -> Option<&str> {
        // Few names are as long as the one looked for, and fewer have blanks.
        let is_it = |key: &str| key == name || (key.len() > name.len() && key.trim() == name);
        self.all().find(|(key, _)| is_it(key)).map(|(_, value)| value.trim())
    }

    /// The pairs of the query.
    pub fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The pairs of query and form.
    pub fn query_and_form(&self) -> impl Iterator<Item = (&str, &str)> {
        let both = self.query.iter().chain(&self.form);
        both.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The parameters of the call.
    ///
    /// # Errors
    /// What cannot be decoded, and what [`Params::from_pairs`] refuses.
    pub fn params(&self) -> Result<Params, BadParams> {
        if let Some(name) = &self.broken {
            return Err(BadParams::NotText(name.clone()));
        }
        // A call pasted over several lines leaves blanks and line ends around its values; only the
        // query is pasted, and no documented value begins or ends with one.
        let trimmed =
            |(name, value): &(String, String)| (name.trim().to_owned(), value.trim().to_owned());
        let query = self.query.iter().map(trimmed);
        Params::from_pairs(query.chain(self.form.iter().chain(&self.json).cloned()))
    }
}

fn decode(text: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(text.as_bytes()).into_owned();
    pairs.filter(|(name, _)| !name.is_empty()).collect()
}

/// The name of the first pair with a `%` that is not followed by two hexadecimal digits, or with
/// bytes that are not UTF-8.
fn first_broken(text: &str) -> Option<String> {
    let is_broken = |pair: &&str| {
        let mut rest = pair.as_bytes();
        while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
            let digits = rest.get(at + 1..at + 3);
            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                return true;
            }
            rest = &rest[at + 3..];
        }
        decode(pair).iter().any(|(name, value)| (name.clone() + value).contains('\u{FFFD}'))
    };
    let pair = text.split('&').filter(|pair| pair.contains('%') || !pair.is_ascii());
    let broken = pair.into_iter().find(is_broken)?;
    let name = broken.split('=').next().unwrap_or_default();
    // What cannot be read is not repeated in the answer.
    Some(name.chars().map(|it| if it.is_ascii_graphic() && it != '%' { it } else { '?' }).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn with_body(kind: &str, body: &[u8]) -> Result<Params, BadParams> {
        let mut incoming = Incoming::get("Action=A");
        incoming.headers = vec![("content-type".to_owned(), kind.to_owned())];
        incoming.body = body.to_vec();
        Pairs::read(&incoming).params()
    }

    #[test]
    fn form_and_json_bodies_join_the_query() {
        let form = with_body("application/x-www-form-urlencoded", b"InstanceId=i-1&Force=True");
        assert_eq!(form.unwrap().text("Force"), Some("True"));
        let json = br#"{"Tag":[{"Key":"a"}],"Amount":2}"#;
        let params = with_body("application/json; charset=utf-8", json).unwrap();
        assert_eq!((params.text("Tag.1.Key"), params.text("Amount")), (Some("a"), Some("2")));
        assert!(with_body("application/json", b"{").is_err());
        assert!(with_body("application/json", b"[1]").is_err());
        assert!(with_body("application/json", b"").is_ok());
    }

    #[test]
    fn a_pasted_call_may_break_its_lines() {
        let pairs = Pairs::read(&Incoming::get("Action=A%20%0A&InstanceId=i-1%20"));
        assert_eq!(pairs.find("Action"), Some("A"));
        assert_eq!(pairs.params().unwrap().text("InstanceId"), Some("i-1"));
    }

    #[test]
    fn what_cannot_be_decoded_is_told_by_its_name() {
        let name = |query: &str| Pairs::read(&Incoming::get(query)).params().unwrap_err();
        for query in ["Action=A&Name=%FF%FE", "Name=100%", "Name=%zz", "A=1&Name=%4"] {
            assert_eq!(name(query), BadParams::NotText("Name".to_owned()), "{query}");
        }
        assert_eq!(name("%FF=1"), BadParams::NotText("?FF".to_owned()));
        assert_eq!(with_body("", b"\xFF\xFE").unwrap_err(), BadParams::NotText("body".to_owned()));
    }
}
