//! Who a request says it is from, and whether its signature proves it. Two generations sign: version
//! 1 over all parameters (`v1.rs`), version 3 over chosen headers, the query and a hash of the body
//! (`v3.rs`). Knows no key and no clock; whether a claim is good is the gateway's business.

pub mod v1;
pub mod v3;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use super::pairs::Pairs;
use super::request::Incoming;

/// How a request says who it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Not at all.
    Anonymous,
    /// By a bearer token, which nothing signs.
    Bearer,
    /// HMAC-SHA1 over all parameters.
    V1,
    /// `ACS3-HMAC-…` in the header `Authorization`.
    V3(v3::Hash),
    /// By an algorithm that is not emulated (key pairs, bare HMAC-SHA256 …).
    Unsupported,
}

/// What a request says about its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// How it says so.
    pub scheme: Scheme,
    /// The access key's id; empty for none.
    pub key_id: String,
    /// The token of a temporary key; empty for none.
    pub security_token: String,
    /// The bearer token; empty for none.
    pub bearer_token: String,
    /// When it was signed, as sent; empty for none.
    pub timestamp: String,
    /// What makes it unique; empty for none.
    pub nonce: String,
    /// The first system parameter that is not there, by its name in error messages.
    pub missing: Option<&'static str>,
    signature: String,
}

impl Claim {
    /// Reads what a request says. Total: what is not there is empty.
    pub fn read(incoming: &Incoming, pairs: &Pairs) -> Self {
        let param = |name: &str| pairs.find(name).unwrap_or_default().to_owned();
        let header = |name: &str| incoming.header(name).unwrap_or_default().to_owned();
        let either = |param: String, header: String| if param.is_empty() { header } else { param };
        let authorization = v3::Authorization::read(incoming);
        let bearer_token = either(param("BearerToken"), header("x-acs-bearer-token"));
        let mut claim = Self {
            scheme: Scheme::Anonymous,
            key_id: either(param("AccessKeyId"), header("x-acs-accesskey-id")),
            security_token: either(param("SecurityToken"), header("x-acs-security-token")),
            bearer_token,
            timestamp: String::new(),
            nonce: String::new(),
            missing: None,
            signature: String::new(),
        };
        if let Some(authorization) = authorization {
            claim.scheme = authorization.hash.map_or(Scheme::Unsupported, Scheme::V3);
            authorization.key_id.clone_into(&mut claim.key_id);
            authorization.signature.clone_into(&mut claim.signature);
            claim.timestamp = header("x-acs-date");
            claim.nonce = header("x-acs-signature-nonce");
        } else if !claim.bearer_token.is_empty() {
            claim.scheme = Scheme::Bearer;
        } else if !claim.key_id.is_empty() || pairs.find("Signature").is_some() {
            claim.scheme = v1::scheme(pairs);
            claim.signature = param("Signature");
            // One library spells it with a capital S.
            claim.timestamp = either(param("Timestamp"), param("TimeStamp"));
            claim.nonce = param("SignatureNonce");
        }
        claim.missing = claim.first_missing(incoming, pairs);
        claim
    }

    fn first_missing(&self, incoming: &Incoming, pairs: &Pairs) -> Option<&'static str> {
        let has = |name: &str| pairs.find(name).is_some_and(|value| !value.is_empty());
        let is_v1 = match self.scheme {
            Scheme::Bearer => return None,
            Scheme::V1 | Scheme::Anonymous => true,
            Scheme::V3(_) | Scheme::Unsupported => incoming.header("authorization").is_none(),
        };
        let needed = [
            ("Version", has("Version") || incoming.header("x-acs-version").is_some()),
            ("AccessKeyId", !self.key_id.is_empty()),
            ("Signature", !self.signature.is_empty()),
            ("SignatureMethod", !is_v1 || has("SignatureMethod")),
            ("SignatureVersion", !is_v1 || has("SignatureVersion")),
            ("SignatureNonce", !self.nonce.is_empty()),
            ("TimeStamp", !self.timestamp.is_empty()),
        ];
        needed.into_iter().find(|(_, is_there)| !is_there).map(|(name, _)| name)
    }

    /// The string this side would have signed with `secret`, where the request's signature is
    /// another one. Compares in constant time.
    pub fn mismatch(&self, incoming: &Incoming, pairs: &Pairs, secret: &str) -> Option<String> {
        match self.scheme {
            Scheme::V1 => v1::mismatch(incoming, pairs, secret, &self.signature),
            Scheme::V3(hash) => v3::mismatch(incoming, pairs, hash, secret, &self.signature),
            Scheme::Anonymous | Scheme::Bearer | Scheme::Unsupported => None,
        }
    }
}

/// What both generations encode before they sign: all but `A–Z a–z 0–9 - _ . ~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes as both generations sign.
fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, ENCODED)
}

/// `name=value&…`, sorted by name and encoded; a pair that is there twice counts once.
fn canonical_query<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut sorted: Vec<(&str, &str)> = pairs.collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut out = String::with_capacity(sorted.iter().map(|(k, v)| k.len() + v.len() + 8).sum());
    for (name, value) in sorted {
        if !out.is_empty() {
            out.push('&');
        }
        out.extend(encode(name));
        out.push('=');
        out.extend(encode(value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_leaves_only_what_both_generations_leave() {
        assert_eq!(encode("aZ09-_.~ *+/é").to_string(), "aZ09-_.~%20%2A%2B%2F%C3%A9");
    }
}
