//! Version 3: `ACS3-HMAC-SHA256` and `ACS3-HMAC-SM3` over the headers the client names, the query and
//! a hash of the body. The client's own list of headers counts: their sets differ.

use hmac::digest::Digest;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sm3::Sm3;

use super::canonical_query;
use crate::wire::pairs::Pairs;
use crate::wire::request::Incoming;

/// The hash of a version 3 signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// `ACS3-HMAC-SHA256`.
    Sha256,
    /// `ACS3-HMAC-SM3`.
    Sm3,
}

impl Hash {
    const fn algorithm(self) -> &'static str {
        match self {
            Self::Sha256 => "ACS3-HMAC-SHA256",
            Self::Sm3 => "ACS3-HMAC-SM3",
        }
    }

    fn of(self, bytes: &[u8]) -> String {
        match self {
            Self::Sha256 => hex::encode(Sha256::digest(bytes)),
            Self::Sm3 => hex::encode(Sm3::digest(bytes)),
        }
    }

    fn verifies(self, secret: &str, string_to_sign: &str, signature: &[u8]) -> bool {
        match self {
            Self::Sha256 => mac::<Hmac<Sha256>>(secret, string_to_sign).verify_slice(signature),
            Self::Sm3 => mac::<Hmac<Sm3>>(secret, string_to_sign).verify_slice(signature),
        }
        .is_ok()
    }

    fn sign(self, secret: &str, string_to_sign: &str) -> String {
        match self {
            Self::Sha256 => {
                hex::encode(mac::<Hmac<Sha256>>(secret, string_to_sign).finalize().into_bytes())
            }
            Self::Sm3 => {
                hex::encode(mac::<Hmac<Sm3>>(secret, string_to_sign).finalize().into_bytes())
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "an HMAC takes a key of any length")]
fn mac<M: Mac + KeyInit>(secret: &str, string_to_sign: &str) -> M {
    let mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).expect("any key fits");
    mac.chain_update(string_to_sign)
}

/// The header `Authorization: ACS3-… Credential=ID,SignedHeaders=a;b,Signature=HEX`, whose parts come
/// in any order.
pub(super) struct Authorization<'a> {
    /// `None` for an algorithm that is not emulated.
    pub(super) hash: Option<Hash>,
    pub(super) key_id: &'a str,
    pub(super) signature: &'a str,
    signed_headers: &'a str,
}

impl<'a> Authorization<'a> {
    pub(super) fn read(incoming: &'a Incoming) -> Option<Self> {
        let header = incoming.header("authorization")?;
        let (algorithm, parts) = header.split_once(' ').unwrap_or((header, ""));
        if !algorithm.starts_with("ACS3-") {
            return None;
        }
        let part = |name: &str| {
            let mut parts = parts.split(',').filter_map(|part| part.trim().split_once('='));
            parts.find(|(key, _)| *key == name).map_or("", |(_, value)| value)
        };
        let known = [Hash::Sha256, Hash::Sm3];
        Some(Self {
            hash: known.into_iter().find(|hash| hash.algorithm() == algorithm),
            key_id: part("Credential"),
            signature: part("Signature"),
            signed_headers: part("SignedHeaders"),
        })
    }
}

/// What is signed: the algorithm, and a hash of method, path, query, signed headers and body.
fn string_to_sign(
    incoming: &Incoming,
    pairs: &Pairs<'_>,
    hash: Hash,
    signed_headers: &str,
    path: &str,
    host_suffix: &str,
) -> String {
    let method = &incoming.method;
    let sent = pairs.query();
    let query = canonical_query(sent.pairs.iter(), sent.are_canonical);
    let headers = canonical_headers(incoming, signed_headers, host_suffix);
    let payload = hash.of(&incoming.body);
    let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{signed_headers}\n{payload}");
    format!("{}\n{}", hash.algorithm(), hash.of(canonical.as_bytes()))
}

/// The header `Authorization` that signs a request over these headers of it, which are sorted, in
/// lower case and joined by `;`.
pub fn authorization(
    incoming: &Incoming,
    hash: Hash,
    key_id: &str,
    secret: &str,
    signed_headers: &str,
) -> String {
    let pairs = Pairs::read(incoming);
    let text = string_to_sign(incoming, &pairs, hash, signed_headers, "/", "");
    let signature = hash.sign(secret, &text);
    let algorithm = hash.algorithm();
    format!("{algorithm} Credential={key_id},SignedHeaders={signed_headers},Signature={signature}")
}

/// See [`super::Claim::mismatch`].
pub(super) fn mismatch(
    incoming: &Incoming,
    pairs: &Pairs<'_>,
    hash: Hash,
    secret: &str,
    signature: &str,
) -> Option<String> {
    let signed_headers = Authorization::read(incoming)?.signed_headers;
    let signature = hex::decode(signature).unwrap_or_default();
    let text = |path: &str, host_suffix: &str| {
        string_to_sign(incoming, pairs, hash, signed_headers, path, host_suffix)
    };
    let usual = text("/", "");
    if hash.verifies(secret, &usual, &signature) {
        return None;
    }
    // Under a path prefix clients sign `/` or the path, and one of them signs the prefix as part of
    // the host, which then is not what it sends.
    let path = incoming.path.as_str();
    let prefix = path.trim_end_matches('/');
    let unusual = [(path, ""), ("/", prefix), (path, prefix)];
    let is_match = !prefix.is_empty()
        && unusual
            .iter()
            .any(|(path, host_suffix)| hash.verifies(secret, &text(path, host_suffix), &signature));
    (!is_match).then_some(usual)
}

/// `name:value\n` for each signed header, in the client's order; several of one name are sorted and
/// joined.
fn canonical_headers(incoming: &Incoming, signed_headers: &str, host_suffix: &str) -> String {
    let mut out = String::new();
    for name in signed_headers.split(';') {
        let of_name = incoming.headers.iter().filter(|(header, _)| *header == name);
        let mut values: Vec<&str> = of_name.map(|(_, value)| value.trim()).collect();
        values.sort_unstable();
        out.push_str(name);
        out.push(':');
        out.push_str(&values.join(","));
        if name == "host" {
            out.push_str(host_suffix);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_of_sm3() {
        assert_eq!(
            Hash::Sm3.of(b"abc"),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            Hash::Sm3.of(b""),
            "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"
        );
    }

    /// The example of the page on version 3 signatures, with one value of its query changeable.
    fn example(region: &str) -> Incoming {
        let query = format!(
            "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId={region}"
        );
        let mut incoming = Incoming::get(&query);
        incoming.method = "POST".into();
        let empty = Hash::Sha256.of(b"");
        incoming.headers = [
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", &empty),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
            (
                "authorization",
                "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;\
                 x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,\
                 Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
            ),
        ]
        .into_iter()
        .collect();
        incoming
    }

    #[test]
    fn the_published_example_of_the_service() {
        let signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
        let check = |region: &str, secret: &str| {
            let incoming = example(region);
            mismatch(&incoming, &Pairs::read(&incoming), Hash::Sha256, secret, signature)
        };
        assert_eq!(check("cn-shanghai", "YourAccessKeySecret"), None);
        assert!(check("cn-shanghai", "another").is_some());
        assert!(check("cn-beijing", "YourAccessKeySecret").is_some());
    }
}
