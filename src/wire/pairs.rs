//! Names and values as a request carries them: in the query, in a form body, in a JSON body. Decoded,
//! but exactly as sent otherwise, because signatures cover them so. What needs no decoding is not copied.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::eight;
use super::request::Incoming;
use crate::param::{BadParams, Params};
use crate::reading;

/// A name and its value.
#[derive(Debug, Clone)]
pub(super) struct Pair<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    /// Both as they came, still encoded and joined, where they came encoded at all.
    pub(super) encoded: Option<&'a str>,
}

/// The decoded pairs of one request.
#[derive(Debug, Clone, Default)]
pub struct Pairs<'a> {
    /// Those of the query, then those of the form, then those of the JSON body.
    all: Vec<Pair<'a>>,
    in_query: usize,
    in_form: usize,
    /// Query and form as they came.
    query: &'a str,
    form: &'a str,
    /// A name whose value, or itself, cannot be decoded.
    broken: Option<String>,
    /// A name of the query or the form has no equals sign behind it.
    has_bare_names: bool,
    /// A value of the query or the form has an equals sign that is not encoded.
    has_equals_in_values: bool,
    /// A dot is in a name.
    is_dotted: bool,
    /// A blank is at an end of a name or a value.
    has_blanks: bool,
}

impl<'a> Pairs<'a> {
    /// Decodes query and body. Total: what cannot be decoded shows in [`Pairs::params`].
    pub fn read(incoming: &'a Incoming) -> Self {
        let mut pairs = Self { all: Vec::with_capacity(16), ..Self::default() };
        pairs.query = &incoming.query;
        pairs.read_encoded(pairs.query);
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
                Ok(form) => {
                    self.form = form;
                    self.read_encoded(form);
                }
                Err(_) => self.broken = Some("body".to_owned()),
            }
            self.in_form = self.all.len() - self.in_query;
        }
    }

    /// Reads `name=value&…`; what is empty or has an empty name does not count.
    fn read_encoded(&mut self, text: &'a str) {
        let plain = if is_graphic(text) { text.len() } else { 0 };
        let first = Part { begin: 0, equals: text.len(), plain };
        let mut part = first;
        eight::each(text, mark_or_less, |at, byte| match byte {
            b'&' => {
                self.add(text, part, at);
                part = Part { begin: at + 1, ..first };
            }
            b'=' => {
                self.has_equals_in_values |= part.equals < at;
                part.equals = part.equals.min(at);
            }
            b'%' | b'+' => part.plain = part.plain.min(at),
            b'.' => self.is_dotted |= at < part.equals,
            _ => {}
        });
        if part.begin < text.len() {
            self.add(text, part, text.len());
        }
    }

    /// Adds what stands between two `&`.
    fn add(&mut self, text: &'a str, Part { begin, equals, plain }: Part, end: usize) {
        let (part, plain) = (&text[begin..end], plain.saturating_sub(begin));
        self.has_bare_names |= equals >= end;
        let equals = equals.min(end) - begin;
        let (name, value) = halves_at(part, equals);
        if name.is_empty() {
            return;
        }
        if plain >= part.len() {
            self.all.push(Pair { encoded: Some(part), ..Pair::plain(name, value) });
            return;
        }
        let decoded_value = Decoded::of(value);
        let decoded_name =
            if plain >= equals { Decoded::plain(name) } else { self.decoded_name(name) };
        if decoded_name.is_broken || decoded_value.is_broken {
            self.broken.get_or_insert_with(|| readable(name));
        }
        self.has_blanks |= has_blanks(&decoded_value.text);
        if !decoded_name.text.is_empty() {
            let (name, value) = (decoded_name.text, decoded_value.text);
            self.all.push(Pair { name, value, encoded: Some(part) });
        }
    }

    fn decoded_name(&mut self, name: &'a str) -> Decoded<'a> {
        let decoded = Decoded::of(name);
        self.is_dotted |= decoded.text.contains('.');
        self.has_blanks |= has_blanks(&decoded.text);
        decoded
    }

    fn read_json(&mut self, body: &[u8]) {
        match reading::json::<Value>(body) {
            Ok(Value::Object(fields)) => {
                for (name, value) in fields {
                    flatten(name, &value, &mut self.all);
                }
                self.is_dotted |= self.all.iter().any(|pair| pair.name.contains('.'));
                self.has_blanks |=
                    self.all.iter().any(|pair| has_blanks(&pair.name) || has_blanks(&pair.value));
                let is_lossy = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
                let lossy = |pair: &&Pair<'_>| is_lossy(&pair.name) || is_lossy(&pair.value);
                if let Some(pair) = self.all.iter().find(lossy) {
                    self.broken.get_or_insert_with(|| readable(&pair.name));
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
        self.all.iter().map(|pair| self.trim(pair))
    }

    fn trim<'p>(&self, pair: &'p Pair<'_>) -> (&'p str, &'p str) {
        if self.has_blanks { pair.trimmed() } else { pair.as_sent() }
    }

    /// The pairs of the query.
    pub(super) fn query(&self) -> Sent<'_> {
        self.sent(self.in_query, &[self.query])
    }

    /// The pairs of query and form.
    pub(super) fn query_and_form(&self) -> Sent<'_> {
        self.sent(self.in_query + self.in_form, &[self.query, self.form])
    }

    fn sent(&self, count: usize, lists: &[&str]) -> Sent<'_> {
        let is_regular = !self.has_bare_names && !self.has_equals_in_values;
        let are_canonical = is_regular && lists.iter().all(|list| is_canonical_list(list));
        Sent { pairs: &self.all[..count], are_canonical }
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
        let pairs =
            query.iter().map(|pair| self.trim(pair)).chain(bodies.iter().map(Pair::as_sent));
        if self.is_dotted { Params::from_pairs(pairs) } else { Params::without_arrays(pairs) }
    }
}

/// Pairs as a signature covers them.
pub(super) struct Sent<'p> {
    pub(super) pairs: &'p [Pair<'p>],
    /// Is all of them known to be encoded as signatures encode? Most clients send what they sign as they sign
    /// it.
    pub(super) are_canonical: bool,
}

impl<'a> Pair<'a> {
    /// Of a name and a value as they are.
    pub(super) fn plain(name: &'a str, value: &'a str) -> Self {
        Self { name: name.into(), value: value.into(), encoded: None }
    }

    /// As both came encoded, where that is how signatures encode them, too.
    pub(super) fn canonical(&self) -> Option<(&str, &str)> {
        let (name, value) = halves(self.encoded?);
        (is_canonical(name) && is_canonical(value)).then_some((name, value))
    }

    #[inline]
    pub(super) fn as_sent(&self) -> (&str, &str) {
        (&self.name, &self.value)
    }

    fn trimmed(&self) -> (&str, &str) {
        (self.name.trim(), self.value.trim())
    }
}

/// What stands between two `&`, as far as it is known, by where it is in the whole text.
#[derive(Clone, Copy)]
struct Part {
    begin: usize,
    /// The first equals sign.
    equals: usize,
    /// Up to where nothing in it is to be decoded.
    plain: usize,
}

/// `=`, and all that comes before digits: `&`, `%`, `+` and `.` with some others, which is sooner seen than each of
/// them.
const fn mark_or_less(word: u64) -> u64 {
    eight::equal(word, b'=') | eight::below(word, b'0')
}

/// Is all of it ASCII, and no blank or control character among it?
fn is_graphic(text: &str) -> bool {
    !eight::any(text, |word| eight::not_ascii(word) | eight::below(word, b'!'))
}

/// A name and its value.
fn halves(part: &str) -> (&str, &str) {
    halves_at(part, memchr(b'=', part.as_bytes()).unwrap_or(part.len()))
}

#[inline]
fn halves_at(part: &str, equals: usize) -> (&str, &str) {
    (&part[..equals], part.get(equals + 1..).unwrap_or_default())
}

/// Is a blank at an end of it?
fn has_blanks(text: &str) -> bool {
    // Nearly all ends are seen not to be one at once.
    let may_be = |end: Option<&u8>| end.is_some_and(|byte| !byte.is_ascii_graphic());
    let bytes = text.as_bytes();
    (may_be(bytes.first()) || may_be(bytes.last())) && text.trim().len() < text.len()
}

/// What signatures leave as it is, `A–Z a–z 0–9 - _ . ~`.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Is it encoded as signatures encode: nothing more than must be, in upper case?
fn is_canonical(encoded: &str) -> bool {
    memchr2(b'=', b'&', encoded.as_bytes()).is_none() && is_canonical_list(encoded)
}

/// Are all names and values of `name=value&…` encoded so, where no equals sign is in a value?
fn is_canonical_list(list: &str) -> bool {
    let list = list.as_bytes();
    let is_needed = |at| matches!(escape(&list[at + 1..]), Some((byte, true)) if !is_plain(byte));
    are_in_lists(list) && memchr_iter(b'%', list).all(is_needed)
}

/// Are all of these bytes plain ones, or `% = &`? Sixteen at a time: the same is done with each of them, so that the
/// compiler does it with all at once.
fn are_in_lists(list: &[u8]) -> bool {
    let (sixteens, rest) = list.as_chunks::<16>();
    let mut others = [0_u8; 16];
    let mut look_at = |bytes: &[u8; 16]| {
        for (other, byte) in others.iter_mut().zip(bytes) {
            *other |= u8::from(!is_in_lists(*byte));
        }
    };
    for bytes in sixteens {
        look_at(bytes);
    }
    let mut last = [b'x'; 16];
    last[..rest.len()].copy_from_slice(rest);
    look_at(&last);
    others == [0; 16]
}

const fn is_in_lists(byte: u8) -> bool {
    const fn is_among(byte: u8, first: u8, last: u8) -> bool {
        byte.wrapping_sub(first) <= last - first
    }
    // Of `% & - .` two are the other two with one bit more.
    is_among(byte | 0x20, b'a', b'z')
        || is_among(byte, b'0', b'9')
        || is_among(byte & !0x08, b'%', b'&')
        || (byte == b'_')
        || (byte == b'~')
        || (byte == b'=')
}

/// A text decoded as forms are: a plus is a blank.
struct Decoded<'a> {
    text: Cow<'a, str>,
    /// A `%` without two hexadecimal digits, or bytes that are not UTF-8. The sign that stands for such
    /// bytes counts as them.
    is_broken: bool,
}

impl<'a> Decoded<'a> {
    /// A text with nothing to decode.
    const fn plain(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), is_broken: false }
    }

    fn of(text: &'a str) -> Self {
        let Some(plain) = memchr2(b'%', b'+', text.as_bytes()) else {
            return Self { text: text.into(), is_broken: is_broken(text) };
        };
        let (plain, mut rest) = text.split_at(plain);
        let mut decoded = String::with_capacity(text.len());
        decoded.push_str(plain);
        let mut has_stray = false;
        while let Some(sign) = rest.bytes().next() {
            let escaped = if sign == b'%' { escape(&rest.as_bytes()[1..]) } else { None };
            let (becomes, length) = match escaped {
                Some((byte, _)) if byte.is_ascii() => (char::from(byte), 3),
                Some(_) => return Self::of_any(text),
                None => {
                    has_stray |= sign == b'%';
                    (if sign == b'+' { ' ' } else { '%' }, 1)
                }
            };
            decoded.push(becomes);
            // What stands between two signs is short.
            let behind = &rest[length..];
            let plain = behind.bytes().position(|byte| matches!(byte, b'%' | b'+'));
            let (plain, next) = behind.split_at(plain.unwrap_or(behind.len()));
            decoded.push_str(plain);
            rest = next;
        }
        let is_broken = has_stray || is_broken(&decoded);
        Self { text: decoded.into(), is_broken }
    }

    /// Of one in which more than ASCII is escaped, so that only all of it is a text, or none.
    fn of_any(text: &str) -> Self {
        let signs = memchr_iter(b'%', text.as_bytes());
        let has_stray =
            signs.map(|at| at + 1).any(|behind| escape(&text.as_bytes()[behind..]).is_none());
        let decoded = percent_decode_str(&text.replace('+', " ")).collect();
        let text = String::from_utf8(decoded)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let is_broken = has_stray || is_broken(&text);
        Self { text: text.into(), is_broken }
    }
}

/// Does something stand for what was no text? Nearly all is ASCII, which is quickly seen.
#[inline]
fn is_broken(text: &str) -> bool {
    !text.is_ascii() && text.contains(char::REPLACEMENT_CHARACTER)
}

/// The byte that two hexadecimal digits stand for, and whether they are in upper case.
#[inline]
fn escape(text: &[u8]) -> Option<(u8, bool)> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    let [high, low, ..] = *text else { return None };
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
    pairs.push(Pair { name: name.into(), value: text.into(), encoded: None });
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
    fn what_stands_in_lists_is_plain_or_joins() {
        for byte in 0..=u8::MAX {
            assert_eq!(is_in_lists(byte), is_plain(byte) || b"%=&".contains(&byte), "{byte}");
            for at in 0..40 {
                let mut list = [b'a'; 40];
                list[at] = byte;
                assert_eq!(are_in_lists(&list), is_in_lists(byte), "{byte} at {at}");
            }
        }
    }

    #[test]
    fn only_one_encoding_is_canonical() {
        for (canonical, text) in
            [("", ""), ("aZ09-_.~", "aZ09-_.~"), ("a%3D%2F%2Bb%20", "a=/+b "), ("%C3%A9", "é")]
        {
            let decoded = Decoded::of(canonical);
            assert_eq!((decoded.text.as_ref(), is_canonical(canonical)), (text, true));
            assert!(!decoded.is_broken);
        }
        for (other, text) in [
            ("+", " "),
            ("%2f", "/"),
            ("%41", "A"),
            ("%7E", "~"),
            ("a*b", "a*b"),
            ("é", "é"),
            ("a+%41+", "a A "),
            ("a=b&c", "a=b&c"),
        ] {
            let decoded = Decoded::of(other);
            assert_eq!((decoded.text.as_ref(), is_canonical(other)), (text, false));
            assert!(!decoded.is_broken);
        }
        for broken in ["%", "a%2", "%zz", "%FF", "%EF%BF%BD", "\u{FFFD}"] {
            assert!(Decoded::of(broken).is_broken, "{broken}");
        }
    }

    /// Most escapes are decoded one by one, and some all together: both ways are the same.
    #[test]
    fn texts_are_decoded_in_two_ways_alike() {
        let mut rng = fastrand::Rng::with_seed(5);
        let parts = ["%3A", "%2f", "+", "%", "%2", "%zz", "a", "-_", "é", "%41", "%00", "%7F"];
        for _ in 0..2000 {
            let text: String = (0..rng.usize(0..9)).map(|_| parts[rng.usize(0..12)]).collect();
            let (one, other) = (Decoded::of(&text), Decoded::of_any(&text));
            assert_eq!((one.text, one.is_broken), (other.text, other.is_broken), "{text:?}");
        }
    }

    #[test]
    fn only_graphic_ascii_is_taken_as_it_is() {
        for byte in 0..=u8::MAX {
            for before in 0..20 {
                let text = format!("{}{}!~!~!~!", "~".repeat(before), char::from(byte));
                assert_eq!(is_graphic(&text), (b'!'..0x80).contains(&byte), "{text:?}");
            }
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
