//! Who a request says it is from, and whether its signature proves it. Two generations sign: version
//! 1 over all parameters (`v1.rs`), version 3 over chosen headers, the query and a hash of the body
//! (`v3.rs`). Knows no key and no clock; whether a claim is good is the gateway's business.

pub mod v1;
pub mod v3;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use super::common::Common;
use super::pairs::{Pair, Pairs};
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
pub struct Claim<'a> {
    /// How it says so.
    pub scheme: Scheme,
    /// The access key's id; empty for none.
    pub key_id: &'a str,
    /// The token of a temporary key; empty for none.
    pub security_token: &'a str,
    /// The bearer token; empty for none.
    pub bearer_token: &'a str,
    /// When it was signed, as sent; empty for none.
    pub timestamp: &'a str,
    /// What makes it unique; empty for none.
    pub nonce: &'a str,
    /// The first system parameter that is not there, by its name in error messages.
    pub missing: Option<&'static str>,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    /// Reads what a request says. Total: what is not there is empty.
    pub(super) fn of(common: &Common<'a>, incoming: &'a Incoming) -> Self {
        let mut claim = Self {
            scheme: Scheme::Anonymous,
            key_id: common.access_key_id.unwrap_or_default(),
            security_token: common.security_token.unwrap_or_default(),
            bearer_token: common.bearer_token.unwrap_or_default(),
            timestamp: "",
            nonce: "",
            missing: None,
            signature: "",
        };
        if let Some(authorization) = v3::Authorization::read(incoming) {
            claim.scheme = authorization.hash.map_or(Scheme::Unsupported, Scheme::V3);
            claim.key_id = authorization.key_id;
            claim.signature = authorization.signature;
            claim.timestamp = common.date.unwrap_or_default();
            claim.nonce = common.nonce.unwrap_or_default();
        } else if !claim.bearer_token.is_empty() {
            claim.scheme = Scheme::Bearer;
        } else if !claim.key_id.is_empty() || common.has_signature {
            claim.scheme = v1::scheme(common);
            claim.signature = common.signature.unwrap_or_default();
            claim.timestamp = common.timestamp.or(common.time_stamp).unwrap_or_default();
            claim.nonce = common.signature_nonce.unwrap_or_default();
        }
        claim.missing = claim.first_missing(common);
        claim
    }

    fn first_missing(&self, common: &Common<'_>) -> Option<&'static str> {
        let is_v1 = match self.scheme {
            Scheme::Bearer => return None,
            Scheme::V1 | Scheme::Anonymous => true,
            Scheme::V3(_) | Scheme::Unsupported => common.authorization.is_none(),
        };
        let needed = [
            ("Version", common.version.is_some()),
            ("AccessKeyId", !self.key_id.is_empty()),
            ("Signature", !self.signature.is_empty()),
            ("SignatureMethod", !is_v1 || common.signature_method.is_some()),
            ("SignatureVersion", !is_v1 || common.signature_version.is_some()),
            ("SignatureNonce", !self.nonce.is_empty()),
            ("TimeStamp", !self.timestamp.is_empty()),
        ];
        needed.into_iter().find(|(_, is_there)| !is_there).map(|(name, _)| name)
    }

    /// The string this side would have signed with `secret`, where the request's signature is
    /// another one. Compares in constant time.
    pub fn mismatch(
        &self,
        incoming: &Incoming,
        pairs: &Pairs<'_>,
        key: &SigningKey,
    ) -> Option<String> {
        match self.scheme {
            Scheme::V1 => v1::mismatch(incoming, pairs, &key.v1, self.signature),
            Scheme::V3(hash) => v3::mismatch(incoming, pairs, hash, &key.secret, self.signature),
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

/// The pairs in the order in which they are signed: by name. A pair that is there twice counts once.
fn in_order<'a>(pairs: impl Iterator<Item = &'a Pair<'a>>) -> Vec<&'a Pair<'a>> {
    // A signed call has some thirteen, whose beginnings nearly always tell them apart.
    let mut sorted: Vec<(u128, &Pair<'_>)> = Vec::with_capacity(16);
    sorted.extend(pairs.map(|pair| (beginning(&pair.name), pair)));
    sorted.sort_unstable_by(|(a, one), (b, other)| {
        a.cmp(b).then_with(|| one.as_sent().cmp(&other.as_sent()))
    });
    sorted.dedup_by(|(_, one), (_, other)| one.as_sent() == other.as_sent());
    sorted.into_iter().map(|(_, pair)| pair).collect()
}

/// The first bytes of a name as a number: what is less comes before.
fn beginning(name: &str) -> u128 {
    const MOST: usize = size_of::<u128>();
    let name = name.as_bytes();
    let name = &name[..name.len().min(MOST)];
    if let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) {
        let number = |half: &[u8; MOST / 2]| u128::from(u64::from_be_bytes(*half));
        // Where the two overlap they say the same.
        number(first) << 64 | number(last) << (8 * (MOST - name.len()))
    } else {
        name.iter().rev().fold(0, |number, byte| u128::from(*byte) << 120 | number >> 8)
    }
}

/// `name=value&…`, encoded as both generations sign.
fn canonical_query<'a>(pairs: impl Iterator<Item = &'a Pair<'a>>, are_canonical: bool) -> String {
    let pairs = in_order(pairs);
    let length = |pair: &&Pair<'_>| pair.name.len() + pair.value.len() + "%3D%3D&".len();
    let mut out = String::with_capacity(pairs.iter().map(length).sum());
    for pair in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        match pair.encoded.filter(|_| are_canonical) {
            Some(part) => out.push_str(part),
            None => push_encoded(&mut out, pair),
        }
    }
    out
}

fn push_encoded(out: &mut String, pair: &Pair<'_>) {
    if let Some((name, value)) = pair.canonical() {
        out.extend([name, "=", value]);
    } else {
        out.extend(encode(&pair.name));
        out.push('=');
        out.extend(encode(&pair.value));
    }
}

/// The secret of an access key, made ready for what it has to verify.
#[derive(Debug, Clone)]
pub struct SigningKey {
    secret: String,
    v1: v1::Key,
}

impl SigningKey {
    /// Of a secret.
    pub fn of(secret: &str) -> Self {
        Self { secret: secret.to_owned(), v1: v1::Key::of(secret) }
    }

    /// A key without a secret verifies nothing.
    pub const fn is_empty(&self) -> bool {
        self.secret.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_in_the_order_of_their_names_and_values() {
        let texts = [
            "",
            "A",
            "A\0",
            "AB",
            "B",
            "RegionId",
            "RegionIds",
            "InternetMaxBandwidthIn",
            "InternetMaxBandwidthOut",
            "\u{e9}",
        ];
        let all = texts.iter().flat_map(|name| texts.iter().map(move |value| (*name, *value)));
        let mut pairs: Vec<Pair<'_>> = all.map(|(name, value)| Pair::plain(name, value)).collect();
        fastrand::Rng::with_seed(3).shuffle(&mut pairs);
        let sorted = in_order(pairs.iter().chain(&pairs));
        assert!(sorted.is_sorted_by(|one, other| one.as_sent() < other.as_sent()));
        assert_eq!(sorted.len(), pairs.len());
    }

    #[test]
    fn encoding_leaves_only_what_both_generations_leave() {
        assert_eq!(encode("aZ09-_.~ *+/é").to_string(), "aZ09-_.~%20%2A%2B%2F%C3%A9");
    }
}
