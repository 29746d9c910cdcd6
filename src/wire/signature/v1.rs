//! Version 1: HMAC-SHA1 over the parameters of query and form together. The path never counts, nor
//! does any header; a JSON body is not signed.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{Scheme, canonical_query};
use crate::wire::common::Common;
use crate::wire::eight;
use crate::wire::pairs::{Pair, Pairs, Sent};
use crate::wire::request::Incoming;

/// The scheme that `SignatureMethod` and `SignatureVersion` name; what is missing is told elsewhere.
pub(super) fn scheme(common: &Common<'_>) -> Scheme {
    let is_or_missing = |value: Option<&str>, known: &str| {
        value.is_none_or(|value| value.eq_ignore_ascii_case(known))
    };
    let is_known = is_or_missing(common.signature_method, "HMAC-SHA1")
        && is_or_missing(common.signature_version, "1.0")
        && common.signature_type.is_none();
    if is_known { Scheme::V1 } else { Scheme::Unsupported }
}

/// What is signed: method, `/`, and all parameters of query and form but the signature itself.
pub fn string_to_sign<'a>(method: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<Pair<'_>> = pairs.map(|(name, value)| Pair::plain(name, value)).collect();
    string_of(method, &Sent { pairs: &pairs, are_canonical: false })
}

/// The query of the pairs is itself encoded, `=` and `&` included.
fn string_of(method: &str, sent: &Sent<'_>) -> String {
    let pairs = sent.pairs.iter().filter(|pair| pair.name != "Signature");
    let query = canonical_query(pairs, sent.are_canonical);
    let mut out = String::with_capacity(method.len() + 2 * query.len());
    out.extend([method, "&%2F&"]);
    let mut begin = 0;
    eight::each(&query, signs, |at, byte| {
        let encoded = match byte {
            b'%' => "%25",
            b'=' => "%3D",
            b'&' => "%26",
            _ => return,
        };
        out.extend([&query[begin..at], encoded]);
        begin = at + 1;
    });
    out.push_str(&query[begin..]);
    out
}

/// The signs that are encoded: `=`, and what comes before `-`, of which an encoded query has `%` and `&`.
const fn signs(word: u64) -> u64 {
    eight::equal(word, b'=') | eight::below(word, b'-')
}

/// A message with a string to sign, without the tokens in it: whoever reads a log is not to have them.
#[inline]
pub fn without_tokens(message: Cow<'static, str>) -> Cow<'static, str> {
    // Other messages have no percent sign.
    if !message.contains('%') {
        return message;
    }
    let mut out = message.into_owned();
    for name in ["SecurityToken%3D", "BearerToken%3D"] {
        if let Some(begin) = out.find(name).map(|at| at + name.len()) {
            let end = out[begin..].find("%26").map_or(out.len(), |at| begin + at);
            out.replace_range(begin..end, "***");
        }
    }
    Cow::Owned(out)
}

/// The signature of a string, in base64.
pub fn sign(string_to_sign: &str, secret: &str) -> String {
    STANDARD.encode(Key::of(secret).mac(string_to_sign).finalize().into_bytes())
}

/// A secret with the work done that is the same for every string.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha1>);

impl Key {
    /// Of a secret.
    pub(super) fn of(secret: &str) -> Self {
        let key = format!("{secret}&");
        #[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
        Self(Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key fits"))
    }

    fn mac(&self, string_to_sign: &str) -> Hmac<Sha1> {
        self.0.clone().chain_update(string_to_sign.as_bytes())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Key")
    }
}

/// Room for a SHA-1 out of base64: what takes more is none.
const ROOM: usize = 24;

/// See [`super::Claim::mismatch`].
pub(super) fn mismatch(
    incoming: &Incoming,
    pairs: &Pairs<'_>,
    key: &Key,
    signature: &str,
) -> Option<String> {
    let string_to_sign = string_of(&incoming.method, &pairs.query_and_form());
    let mut given = [0; ROOM];
    let length = STANDARD.decode_slice(signature, &mut given).unwrap_or_default();
    let is_match = key.mac(&string_to_sign).verify_slice(&given[..length]).is_ok();
    (!is_match).then_some(string_to_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(pairs: &[(&str, &str)]) -> String {
        sign(&string_to_sign("GET", pairs.iter().copied()), "testsecret")
    }

    /// What is taken as it came is what encoding what it says would give.
    #[test]
    fn what_is_signed_does_not_depend_on_how_it_was_encoded() {
        for query in [
            "Action=A&Timestamp=2026-01-01T00%3A00%3A00Z&Name=a-b_c.d~e",
            "b=%2fa&a=1",
            "a=%7E",
            "a=*&b=+",
            "a=\u{e9}&b=%C3%A9",
            "a=b=c",
            "a&b=c=d",
            "a&b=%3D&&c",
            "=x&a=b&=y=z",
            "a=1&b=%26%3D%25",
        ] {
            let incoming = Incoming::get(query);
            let pairs = Pairs::read(&incoming);
            let from_what_came = string_of("GET", &pairs.query_and_form());
            assert_eq!(from_what_came, string_to_sign("GET", pairs.all()), "{query}");
        }
    }

    /// The sign that stands for bytes that are no text is as long as one of them escaped.
    #[test]
    fn what_is_no_text_is_signed_as_it_came() {
        let incoming = Incoming::get("Name=%FF&b=1");
        let signed = string_of("GET", &Pairs::read(&incoming).query_and_form());
        assert_eq!(signed, "GET&%2F&Name%3D%25FF%26b%3D1");
    }

    #[test]
    fn tokens_are_left_out_of_logs() {
        let pairs = [("Action", "A"), ("SecurityToken", "hush+/="), ("Version", "1")];
        let hidden = without_tokens(string_to_sign("GET", pairs.into_iter()).into());
        assert_eq!(hidden, "GET&%2F&Action%3DA%26SecurityToken%3D***%26Version%3D1");
        assert_eq!(without_tokens("no token".into()), "no token");
    }

    #[test]
    fn the_published_example_of_the_service() {
        let pairs = [
            ("Timestamp", "2016-02-23T12:46:24Z"),
            ("Format", "XML"),
            ("AccessKeyId", "testid"),
            ("Action", "DescribeRegions"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
            ("Version", "2014-05-26"),
            ("SignatureVersion", "1.0"),
        ];
        assert_eq!(signed(&pairs), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
    }

    #[test]
    fn the_published_example_of_libcloud() {
        let pairs = [
            ("TimeStamp", "2012-12-26T10:33:56Z"),
            ("Format", "XML"),
            ("AccessKeyId", "testid"),
            ("Action", "DescribeRegions"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("RegionId", "region1"),
            ("SignatureNonce", "NwDAxvLU6tFE0DVb"),
            ("Version", "2014-05-26"),
            ("SignatureVersion", "1.0"),
            ("Signature", "is not part of it"),
        ];
        assert_eq!(signed(&pairs), "K9fCVP6Jrklpd3rLYKh1pfrrFNo=");
    }
}
