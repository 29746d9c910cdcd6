//! Any bytes as a request: whatever they are, the answer is one that a client can read.

use std::sync::LazyLock;

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::gateway::{Errors, Options, Signatures};
use ecs_local::wire::Incoming;
use serde_json::json;

use super::answer::must_be_readable;

/// A moment at which captured requests were signed.
const NOW: Timestamp = Timestamp(1_795_228_300_000);

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let document = json!({
        "base": "starting",
        "settings": {"request_time": "unchecked"},
        "access_key": [{
            "id": "LTAItestAccessKeyId00",
            "secret": "testAccessKeySecret000000000000",
            "bearer_token": "BEARERtok",
        }],
    });
    World::from_value(&document, NOW).unwrap()
});

/// The ways a gateway can be set that decide how a request is read.
const GATEWAYS: [Options; 3] = [
    Options { signatures: Signatures::Log, errors: Errors::Ecs, flow_control: None },
    Options { signatures: Signatures::Strict, errors: Errors::Pop, flow_control: None },
    Options { signatures: Signatures::Off, errors: Errors::Pop, flow_control: Some(1) },
];

/// The bytes as a request in a capture, to an emulator of each kind, twice.
pub fn probe(bytes: &[u8]) {
    let incoming = Incoming::from_text(bytes);
    for gateway in GATEWAYS {
        let start = Start::of(WORLD.clone(), Clock::Frozen { at: NOW });
        let emulator = Emulator::new(Start { gateway, ..start });
        for _ in 0..2 {
            must_be_readable(&emulator.answer(&incoming));
        }
    }
}
