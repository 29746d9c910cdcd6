//! What is signed verifies, however its parameters are encoded on the wire; with one more parameter, or
//! another secret, it does not.

#![no_main]

use ecs_local::wire::signature::{SigningKey, v1, v3};
use ecs_local::wire::{Incoming, Pairs, Request};
use libfuzzer_sys::fuzz_target;

fn mismatch(incoming: &Incoming, secret: &str) -> Option<String> {
    let pairs = Pairs::read(incoming);
    let claim = Request::read(incoming, &pairs).claim;
    claim.mismatch(incoming, &pairs, &SigningKey::of(secret))
}

/// Encodes every byte, or as few as the wire allows.
fn encoded(text: &str, all: bool) -> String {
    let must = |byte: u8| all || !byte.is_ascii_alphanumeric();
    let bytes = text.bytes();
    bytes.map(|byte| if must(byte) { format!("%{byte:02x}") } else { char::from(byte).into() }).collect()
}

fuzz_target!(|input: (Vec<(String, String)>, String, bool)| {
    let (mut own, secret, all) = input;
    own.retain(|(name, _)| !name.is_empty());
    // Names that say who signs, how, or where the parameters are, are this target's own.
    let reserved = ["AccessKeyId", "BearerToken", "Signature", "SignatureMethod"];
    let reserved = reserved.iter().chain(&["SignatureType", "SignatureVersion", "SecurityToken"]);
    // So is the parameter it adds: the same pair twice counts once.
    let reserved = reserved.chain(&["one-more"]);
    let reserved: Vec<&&str> = reserved.collect();
    own.retain(|(name, _)| !reserved.iter().any(|it| name.trim() == **it));
    let with = |more: &[(&str, &str)]| -> String {
        let own = own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all_pairs = own.chain(more.iter().copied());
        let pair = |(name, value)| format!("{}={}", encoded(name, all), encoded(value, all));
        all_pairs.map(pair).collect::<Vec<_>>().join("&")
    };

    let mut incoming = Incoming::get(&with(&[("AccessKeyId", "k")]));
    let pairs = Pairs::read(&incoming);
    let signature = v1::sign(&v1::string_to_sign("GET", pairs.all()), &secret);
    incoming.query = with(&[("AccessKeyId", "k"), ("Signature", &signature)]).into();
    assert_eq!(mismatch(&incoming, &secret), None);
    assert!(mismatch(&incoming, &format!("{secret}x")).is_some());
    incoming.query = format!("{}&one-more=", incoming.query).into();
    assert!(mismatch(&incoming, &secret).is_some());

    let mut incoming = Incoming::get(&with(&[]));
    incoming.headers = [("x-acs-date", "2026-01-01T00:00:00Z")].into_iter().collect();
    for hash in [v3::Hash::Sha256, v3::Hash::Sm3] {
        let header = v3::authorization(&incoming, hash, "k", &secret, "x-acs-date");
        let mut signed = incoming.clone();
        signed.headers.push("authorization", &header);
        assert_eq!(mismatch(&signed, &secret), None);
        signed.body.push(b' ');
        assert!(mismatch(&signed, &secret).is_some());
    }
});
