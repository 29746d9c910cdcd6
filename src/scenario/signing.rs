//! Signs the calls of scenarios, as clients sign theirs.

use super::file::{Signature, Step};
use crate::domain::Timestamp;
use crate::operations::Entry;
use crate::wire::signature::{v1, v3};
use crate::wire::{Incoming, Pairs};

/// The request of a step, signed by a key's id and secret where it has one.
pub(super) fn request(
    step: &Step,
    query: &str,
    signer: Option<(&str, &str)>,
    nonce: &str,
    now: Timestamp,
) -> Incoming {
    let mut incoming = Incoming::get(query);
    if let Some(method) = &step.method {
        incoming.method = method.into();
    }
    let Some((key_id, secret)) = signer else { return incoming };
    match step.signature {
        Signature::V1 => sign_v1(&mut incoming, key_id, secret, nonce, now),
        Signature::V3 => sign_v3(&mut incoming, key_id, secret, nonce, now),
    }
    incoming
}

/// The version of the operation a request asks for.
fn version(pairs: &Pairs<'_>) -> &'static str {
    let entry = pairs.find("Action").and_then(Entry::find);
    entry.and_then(|entry| entry.product.versions().first()).unwrap_or(&"2014-05-26")
}

fn sign_v1(incoming: &mut Incoming, key_id: &str, secret: &str, nonce: &str, now: Timestamp) {
    let pairs = Pairs::read(incoming);
    let moment = now.to_seconds();
    let mut all: Vec<(&str, &str)> = pairs.all().collect();
    for (name, value) in [
        ("Version", version(&pairs)),
        ("AccessKeyId", key_id),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", nonce),
        ("Timestamp", &moment),
    ] {
        if pairs.find(name).is_none() {
            all.push((name, value));
        }
    }
    let signature = v1::sign(&v1::string_to_sign(&incoming.method, all.iter().copied()), secret);
    all.push(("Signature", &signature));
    let mut query = form_urlencoded::Serializer::new(String::new());
    incoming.query = query.extend_pairs(all).finish().into();
}

fn sign_v3(incoming: &mut Incoming, key_id: &str, secret: &str, nonce: &str, now: Timestamp) {
    let version = version(&Pairs::read(incoming));
    let headers = [
        ("x-acs-date", now.to_seconds()),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", version.to_owned()),
    ];
    incoming.headers = headers.into_iter().collect();
    let signed = "x-acs-date;x-acs-signature-nonce;x-acs-version";
    let header = v3::authorization(incoming, v3::Hash::Sha256, key_id, secret, signed);
    incoming.headers.push("authorization", &header);
}
