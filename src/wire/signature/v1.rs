//! Version 1: HMAC-SHA1 over the parameters of query and form together. The path never counts, nor
//! does any header; a JSON body is not signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{Scheme, canonical_query, encode};
use crate::wire::pairs::Pairs;
use crate::wire::request::Incoming;

/// The scheme that `SignatureMethod` and `SignatureVersion` name; what is missing is told elsewhere.
pub(super) fn scheme(pairs: &Pairs) -> Scheme {
    let is_or_missing = |name: &str, known: &str| {
        pairs.find(name).is_none_or(|value| value.is_empty() || value.eq_ignore_ascii_case(known))
    };
    let is_known = is_or_missing("SignatureMethod", "HMAC-SHA1")
        && is_or_missing("SignatureVersion", "1.0")
        && is_or_missing("SignatureType", "");
    if is_known { Scheme::V1 } else { Scheme::Unsupported }
}

/// What is signed: method, `/`, and all parameters but the signature itself.
pub fn string_to_sign<'a>(method: &str, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let query = canonical_query(pairs.filter(|(name, _)| *name != "Signature"));
    format!("{method}&%2F&{}", encode(&query))
}

/// A message with a string to sign, without the tokens in it: whoever reads a log is not to have them.
pub fn without_tokens(message: &str) -> String {
    let mut out = message.to_owned();
    // Other messages have no percent sign.
    if !out.contains('%') {
        return out;
    }
    for name in ["SecurityToken%3D", "BearerToken%3D"] {
        if let Some(begin) = out.find(name).map(|at| at + name.len()) {
            let end = out[begin..].find("%26").map_or(out.len(), |at| begin + at);
            out.replace_range(begin..end, "***");
        }
    }
    out
}

/// The signature of a string, in base64.
pub fn sign(string_to_sign: &str, secret: &str) -> String {
    STANDARD.encode(mac(string_to_sign, secret).finalize().into_bytes())
}

fn mac(string_to_sign: &str, secret: &str) -> Hmac<Sha1> {
    let key = format!("{secret}&");
    #[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key fits");
    mac.update(string_to_sign.as_bytes());
    mac
}

/// See [`super::Claim::mismatch`].
pub(super) fn mismatch(
    incoming: &Incoming,
    pairs: &Pairs,
    secret: &str,
    signature: &str,
) -> Option<String> {
    let string_to_sign = string_to_sign(&incoming.method, pairs.query_and_form());
    let given = STANDARD.decode(signature).unwrap_or_default();
    let is_match = mac(&string_to_sign, secret).verify_slice(&given).is_ok();
    (!is_match).then_some(string_to_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(pairs: &[(&str, &str)]) -> String {
        sign(&string_to_sign("GET", pairs.iter().copied()), "testsecret")
    }

    #[test]
    fn tokens_are_left_out_of_logs() {
        let pairs = [("Action", "A"), ("SecurityToken", "hush+/="), ("Version", "1")];
        let hidden = without_tokens(&string_to_sign("GET", pairs.into_iter()));
        assert_eq!(hidden, "GET&%2F&Action%3DA%26SecurityToken%3D***%26Version%3D1");
        assert_eq!(without_tokens("no token"), "no token");
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
