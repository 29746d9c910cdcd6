//! Names and values as a request carries them: in the query, in a form body, in a JSON body. Decoded,
//! but exactly as sent otherwise, because signatures cover them so. What needs no decoding is not copied.

use std::borrow::Cow;

use serde_json::Value;

use super::request::Incoming;
use crate::param::{BadParams, Params};

/// A name and its value.
#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    /// How both are encoded, where that is how signatures encode them, too.
    pub(super) canonical: Option<(&'a str, &'a str)>,
    /// A blank is at an end of the name or the value.
    has_blanks: bool,
}

/// The decoded pairs of one request.
#[derive(Debug, Clone, Default)]
pub struct Pairs<'a> {
    /// Those of the query, then those of the form, then those of the JSON body.
    all: Vec<Pair<'a>>,
    in_query: usize,
    in_form: usize,
    /// A name whose value, or itself, cannot be decoded.
    broken: Option<String>,
}

impl<'a> Pairs<'a> {
    /// Decodes query and body. Total: what cannot be decoded shows in [`Pairs::params`].
    pub fn read(incoming: &'a Incoming) -> Self {
        let mut pairs = Self { all: Vec::with_capacity(16), ..Self::default() };
        pairs.read_encoded(&incoming.query);
        pairs.in_query = pairs.all.len();
        if !incoming.body.is_empty() {
            pairs.read_body(incoming);
        }
        pairs
    }

    fn read_body(&mut self, incoming: &'a Incoming) {
        let kind = incoming.header("content-type").unwrap_or_default();
        if kind.contains("json") {
            self.read_json(&incoming.body);
        } else if !kind.starts_with("multipart/") {
            // Some clients send a form without saying so.
            match std::str::from_utf8(&incoming.body) {
                Ok(form) => self.read_encoded(form),
                Err(_) => self.broken = Some("body".to_owned()),
            }
            self.in_form = self.all.len() - self.in_query;
        }
    }

    /// Reads `name=value&…`; what is empty or has an empty name does not count.
    fn read_encoded(&mut self, text: &'a str) {
        let (mut begin, mut equals, mut is_plain) = (0, None, true);
        for (at, byte) in text.bytes().enumerate() {
            match CLASSES[usize::from(byte)] {
                Class::Plain => {}
                Class::Equals if equals.is_none() => equals = Some(at - begin),
                Class::Equals | Class::Coded => is_plain = false,
                Class::End => {
                    self.add(&text[begin..at], equals, is_plain);
                    (begin, equals, is_plain) = (at + 1, None, true);
                }
            }
        }
        self.add(&text[begin..], equals, is_plain);
    }

    fn add(&mut self, part: &'a str, equals: Option<usize>, is_plain: bool) {
        let (name, value) = equals.map_or((part, ""), |at| (&part[..at], &part[at + 1..]));
        if name.is_empty() {
            return;
        }
        if is_plain {
            let canonical = Some((name, value));
            self.all.push(Pair { canonical, ..Pair::plain(name, value) });
            return;
        }
        let (decoded_name, decoded_value) = (Decoded::of(name), Decoded::of(value));
        if decoded_name.is_broken || decoded_value.is_broken {
            self.broken.get_or_insert_with(|| readable(name));
        }
        let is_canonical = decoded_name.is_canonical && decoded_value.is_canonical;
        let canonical = is_canonical.then_some((name, value));
        let pair = Pair::new(decoded_name.text, decoded_value.text, canonical);
        if !pair.name.is_empty() {
            self.all.push(pair);
        }
    }

    fn read_json(&mut self, body: &[u8]) {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(fields)) => {
                for (name, value) in fields {
                    flatten(name, &value, &mut self.all);
                }
            }
            Ok(_) | Err(_) => self.broken = Some("body".to_owned()),
        }
    }

    /// All pairs.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(Pair::as_sent)
    }

    /// The value of a name; surrounding blanks, which a pasted call has, do not count.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.trimmed().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All pairs without surrounding blanks.
    pub(super) fn trimmed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(Pair::trimmed)
    }

    /// The pairs of the query.
    pub(super) fn query(&self) -> &[Pair<'a>] {
        &self.all[..self.in_query]
    }

    /// The pairs of query and form.
    pub(super) fn query_and_form(&self) -> &[Pair<'a>] {
        &self.all[..self.in_query + self.in_form]
    }

    /// The parameters of the call.
    ///
    /// # Errors
    /// What cannot be decoded, and what [`Params::from_pairs`] refuses.
    pub fn params(&self) -> Result<Params<'_>, BadParams> {
        if let Some(name) = &self.broken {
            return Err(BadParams::NotText(name.clone()));
        }
        // A call pasted over several lines leaves blanks and line ends around its values; only the
        // query is pasted, and no documented value begins or ends with one.
        let (query, bodies) = self.all.split_at(self.in_query);
        Params::from_pairs(query.iter().map(Pair::trimmed).chain(bodies.iter().map(Pair::as_sent)))
    }
}

impl<'a> Pair<'a> {
    /// Of a name and a value as they are.
    pub(super) fn plain(name: &'a str, value: &'a str) -> Self {
        Self { name: name.into(), value: value.into(), canonical: None, has_blanks: false }
    }

    fn new(name: Cow<'a, str>, value: Cow<'a, str>, canonical: Option<(&'a str, &'a str)>) -> Self {
        let has_blanks = name.trim().len() + value.trim().len() < name.len() + value.len();
        Self { name, value, canonical, has_blanks }
    }

    pub(super) fn as_sent(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }

    fn trimmed(&self) -> (&str, &str) {
        if self.has_blanks { (self.name.trim(), self.value.trim()) } else { self.as_sent() }
    }
}

/// What a byte of a query or a form is.
#[derive(Clone, Copy)]
enum Class {
    /// What signatures leave as it is: `A–Z a–z 0–9 - _ . ~`.
    Plain,
    /// Between a name and its value.
    Equals,
    /// Between two pairs.
    End,
    /// Encodes another byte, or should be encoded.
    Coded,
}

/// A table, because every byte of a request is looked up in it.
static CLASSES: [Class; 256] = {
    let mut classes = [Class::Coded; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            classes[byte as usize] = Class::Plain;
        }
        byte += 1;
    }
    classes[b'=' as usize] = Class::Equals;
    classes[b'&' as usize] = Class::End;
    classes
};

fn is_plain(byte: u8) -> bool {
    matches!(CLASSES[usize::from(byte)], Class::Plain)
}

/// A text decoded as forms are: a plus is a blank.
struct Decoded<'a> {
    text: Cow<'a, str>,
    /// It was encoded as signatures encode: nothing more than must be, in upper case.
    is_canonical: bool,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8.
    is_broken: bool,
}

impl<'a> Decoded<'a> {
    fn of(text: &'a str) -> Self {
        let mut whole = Self { text: text.into(), is_canonical: true, is_broken: false };
        if text.bytes().all(is_plain) {
            return whole;
        }
        let mut decoded = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let [byte, behind @ ..] = rest {
            rest = behind;
            if *byte != b'%' {
                whole.is_canonical &= is_plain(*byte);
                decoded.push(if *byte == b'+' { b' ' } else { *byte });
            } else if let Some((byte, is_upper)) = escape(behind) {
                whole.is_canonical &= is_upper && !is_plain(byte);
                decoded.push(byte);
                rest = &behind[2..];
            } else {
                (whole.is_canonical, whole.is_broken) = (false, true);
                decoded.push(b'%');
            }
        }
        let decoded = String::from_utf8(decoded).unwrap_or_else(|error| {
            whole.is_broken = true;
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        Self { text: decoded.into(), ..whole }
    }
}

/// The byte that two hexadecimal digits stand for, and whether they are in upper case.
fn escape(text: &[u8]) -> Option<(u8, bool)> {
    let [high, low, ..] = *text else { return None };
    let digit = |byte: u8| Some(u8::try_from(char::from(byte).to_digit(16)?).unwrap_or_default());
    let is_upper = !high.is_ascii_lowercase() && !low.is_ascii_lowercase();
    Some((digit(high)? << 4 | digit(low)?, is_upper))
}

/// A name as it can be told. What cannot be read is not repeated in the answer.
fn readable(name: &str) -> String {
    name.chars().map(|it| if it.is_ascii_graphic() && it != '%' { it } else { '?' }).collect()
}

/// Nested JSON becomes dotted names with positions from 1.
fn flatten(name: String, value: &Value, pairs: &mut Vec<Pair<'_>>) {
    let text = match value {
        Value::Null => return,
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(format!("{name}.{}", index + 1), item, pairs);
            }
            return;
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                flatten(format!("{name}.{field}"), value, pairs);
            }
            return;
        }
    };
    pairs.push(Pair::new(name.into(), text.into(), None));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_body(kind: &str, body: &[u8]) -> Incoming {
        let mut incoming = Incoming::get("Action=A");
        incoming.headers.push("content-type", kind);
        incoming.body = body.to_vec();
        incoming
    }

    fn refused(incoming: &Incoming) -> Option<BadParams> {
        Pairs::read(incoming).params().err()
    }

    #[test]
    fn form_and_json_bodies_join_the_query() {
        let form = with_body("application/x-www-form-urlencoded", b"InstanceId=i-1&Force=True");
        assert_eq!(Pairs::read(&form).params().unwrap().text("Force"), Some("True"));
        let json = br#"{"Tag":[{"Key":"a"}],"Amount":2}"#;
        let json = with_body("application/json; charset=utf-8", json);
        let pairs = Pairs::read(&json);
        let params = pairs.params().unwrap();
        assert_eq!((params.text("Tag.1.Key"), params.text("Amount")), (Some("a"), Some("2")));
        assert!(refused(&with_body("application/json", b"{")).is_some());
        assert!(refused(&with_body("application/json", b"[1]")).is_some());
        assert!(refused(&with_body("application/json", b"")).is_none());
    }

    #[test]
    fn a_pasted_call_may_break_its_lines() {
        let incoming = Incoming::get("Action=A%20%0A&InstanceId=i-1%20");
        let pairs = Pairs::read(&incoming);
        assert_eq!(pairs.find("Action"), Some("A"));
        assert_eq!(pairs.params().unwrap().text("InstanceId"), Some("i-1"));
    }

    #[test]
    fn what_cannot_be_decoded_is_told_by_its_name() {
        let not_text = |name: &str| Some(BadParams::NotText(name.to_owned()));
        for query in ["Action=A&Name=%FF%FE", "Name=100%", "Name=%zz", "A=1&Name=%4"] {
            assert_eq!(refused(&Incoming::get(query)), not_text("Name"), "{query}");
        }
        assert_eq!(refused(&Incoming::get("%FF=1")), not_text("?FF"));
        assert_eq!(refused(&with_body("", b"\xFF\xFE")), not_text("body"));
    }

    #[test]
    fn only_one_encoding_is_canonical() {
        for (canonical, text) in
            [("", ""), ("aZ09-_.~", "aZ09-_.~"), ("a%3D%2F%2Bb%20", "a=/+b "), ("%C3%A9", "é")]
        {
            let decoded = Decoded::of(canonical);
            assert_eq!((decoded.text.as_ref(), decoded.is_canonical), (text, true));
            assert!(!decoded.is_broken);
        }
        for (other, text) in
            [("+", " "), ("%2f", "/"), ("%41", "A"), ("%7E", "~"), ("a*b", "a*b"), ("é", "é")]
        {
            let decoded = Decoded::of(other);
            assert_eq!((decoded.text.as_ref(), decoded.is_canonical), (text, false));
            assert!(!decoded.is_broken);
        }
        for broken in ["%", "a%2", "%zz", "%FF"] {
            assert!(Decoded::of(broken).is_broken, "{broken}");
        }
    }

    #[test]
    fn pairs_are_parted_at_the_first_sign() {
        let incoming = Incoming::get("&A=1=2&&B&=x&C=%26%3D&D==&E=");
        let pairs = Pairs::read(&incoming);
        let all: Vec<(&str, &str)> = pairs.all().collect();
        assert_eq!(all, [("A", "1=2"), ("B", ""), ("C", "&="), ("D", "="), ("E", "")]);
    }
}
