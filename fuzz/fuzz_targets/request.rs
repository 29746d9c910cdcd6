//! Bytes → a request → an answer that every client can read, and no panic.

#![no_main]

use std::sync::LazyLock;

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::gateway::{Options, Signatures};
use ecs_local::wire::Incoming;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

/// A moment at which captured requests were signed.
const NOW: Timestamp = Timestamp(1_795_228_300_000);

static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| {
    let document = json!({
        "base": "starting",
        "settings": {"request_time": "unchecked"},
        "access_key": [{
            "id": "LTAItestAccessKeyId00",
            "secret": "testAccessKeySecret000000000000",
            "bearer_token": "BEARERtok",
        }],
    });
    let world = World::from_value(document, NOW).expect("a world");
    let gateway = Options { signatures: Signatures::Log, ..Options::default() };
    Emulator::new(Start { gateway, ..Start::of(world, Clock::Frozen { at: NOW }) })
});

fuzz_target!(|bytes: &[u8]| {
    let incoming = Incoming::from_text(bytes);
    let answer = EMULATOR.answer(&incoming);
    assert!(!answer.body.is_empty() && answer.header("content-type").is_some());
    assert_ne!(answer.status, 500);
    if answer.body.first() != Some(&b'<') {
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert!(body["RequestId"].is_string());
        assert_eq!(answer.status != 200, body["Code"].is_string());
    }
});
