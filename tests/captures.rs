//! Requests of real clients, as they came over the socket: each is read, its signature verified with
//! the known secret, and answered; with a changed byte it is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::path::{Path, PathBuf};

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::gateway::{self, Signatures};
use ecs_local::wire::Incoming;
use serde_json::{Value, json};
use served::{RawAnswer, Served};

const KEY_ID: &str = "LTAItestAccessKeyId00";

fn captures() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new("tests/captures").read_dir().unwrap();
    let files = folder.map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// The moment a request was signed.
fn signed_at(request: &str) -> Timestamp {
    let found = request.split_once("x-acs-date: ").or_else(|| request.split_once("Timestamp="));
    let text = found.map_or("2026-11-21T02:31:31Z", |(_, rest)| rest);
    let end = text.find('Z').unwrap() + 1;
    Timestamp::parse_seconds(&text[..end].replace("%3A", ":")).unwrap()
}

/// A strict emulator at the moment of a request, with the key it was signed with.
fn emulator(request: &str) -> Emulator {
    let now = signed_at(request);
    let token = if request.contains("CAISfakeStsToken") { "CAISfakeStsToken+/==" } else { "" };
    let document = json!({"base": "starting", "access_key": [{
        "id": KEY_ID,
        "secret": "testAccessKeySecret000000000000",
        "bearer_token": "BEARERtok",
        "security_token": token,
    }]});
    let world = World::from_value(&document, now).unwrap();
    let gateway =
        gateway::Options { signatures: Signatures::Strict, ..gateway::Options::default() };
    let start = Start::of(world, Clock::Frozen { at: now });
    Emulator::new(Start { gateway, ..start })
}

/// The answer to a request, and what the emulator noted of it.
fn ask(served: &Served, request: &[u8]) -> (RawAnswer, Value) {
    let answer = served.raw(request);
    let calls = served.raw(b"GET /_local/calls HTTP/1.1\r\nHost: a\r\n\r\n").json();
    (answer, calls["calls"][0].clone())
}

#[test]
fn each_is_read_verified_and_answered() {
    let captures = captures();
    assert_eq!(captures.len(), 108);
    let mut good = 0;
    for (path, request) in captures {
        let text = String::from_utf8(request.clone()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        // CLIENT.Action or CLIENT.Action.N; two are named after a method of the client's.
        let action = name.split('.').nth(1).unwrap();
        let (answer, call) = ask(&Served::start(emulator(&text)), &request);
        let says = format!("{name}: {} {call}", String::from_utf8_lossy(&answer.body));
        if !action.ends_with("_node") {
            assert_eq!(call["action"], action, "{says}");
        }
        if name.contains("anon") {
            assert_eq!(call["row"], "MISSING", "{says}");
        } else {
            assert_eq!(call["signature"], "good", "{says}");
            good += 1;
        }
        let kind = answer.header("content-type").unwrap();
        let is_xml = text.contains("Format=XML");
        let wanted =
            if is_xml { "text/xml;charset=utf-8" } else { "application/json;charset=utf-8" };
        assert_eq!(kind, wanted, "{says}");
        let id = answer.header("x-acs-request-id").unwrap();
        assert!(
            answer.status < 500 && String::from_utf8_lossy(&answer.body).contains(id),
            "{says}"
        );
    }
    assert_eq!(good, 106);
}

#[test]
fn each_is_refused_with_a_changed_byte() {
    let mut refused = 0;
    for (path, request) in captures() {
        let text = String::from_utf8(request).unwrap();
        // A value of the query or the body, which signatures of both generations cover.
        let value = if text.contains("i-bp67") { "i-bp67" } else { "cn-hangzhou" };
        let changed = text.replacen(value, &value.replace(['7', 'h'], "x"), 1);
        if changed == text
            || ["anon", "bearer"].iter().any(|it| path.to_string_lossy().contains(it))
        {
            continue;
        }
        let (answer, call) = ask(&Served::start(emulator(&text)), changed.as_bytes());
        assert_eq!(call["code"], "IncompleteSignature", "{}: {call}", path.display());
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(body.contains("server string to sign is:"), "{body}");
        refused += 1;
    }
    assert!(refused >= 90, "{refused}");
}

/// A small part of what the fuzzers do (fuzz/README.md): bytes changed, doubled, left out.
#[test]
fn damaged_ones_are_answered_all_the_same() {
    let mut random = fastrand::Rng::with_seed(5);
    for (path, request) in captures() {
        let emulator = emulator(&String::from_utf8(request.clone()).unwrap());
        for round in 0..200 {
            let mut damaged = request.clone();
            for _ in 0..random.usize(1..8) {
                let at = random.usize(..damaged.len());
                match random.u8(..4) {
                    0 => damaged[at] = random.u8(..),
                    1 => damaged.insert(at, *random.choice(b"%&=+;\xFF\0.1\r\n").unwrap()),
                    2 => damaged.truncate(at.max(1)),
                    _ => damaged.extend_from_within(at..(at + 20).min(damaged.len())),
                }
            }
            let answer = emulator.answer(&Incoming::from_text(&damaged));
            let body = String::from_utf8(answer.body).unwrap();
            let says = || format!("{} {round}: {} {body}", path.display(), answer.status);
            assert!(body.contains("RequestId") && answer.status < 500, "{}", says());
            assert_eq!(answer.status != 200, body.contains("Code"), "{}", says());
        }
    }
}
