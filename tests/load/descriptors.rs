//! No file descriptors left: the server waits for some instead of spinning or ending, serves again once
//! connections have closed, and goes on keeping what it acknowledges.

use std::time::Duration;

use ecs_local::clock::Stopwatch;

use crate::caller::{Caller, addresses, call};
use crate::process::{Server, eventually, fresh_directory};

const CALL: &str = "Action=DescribeRegions";
const ALLOCATE: &str = "Action=AllocateEipAddress&RegionId=cn-hangzhou";
const LIMIT: usize = 64;

/// More journals than there may be before a state is due.
const JOURNALS: usize = 9;

/// Opens connections until the server has no descriptor left; more wait than it can take.
fn exhaust(server: &Server) -> Vec<Caller> {
    let callers = (0..2 * LIMIT).map(|_| Caller::connect(&server.address).unwrap()).collect();
    let is_out = || server.open_files() >= LIMIT && server.log().contains("no connection can be");
    assert!(eventually(Duration::from_secs(10), is_out), "{}", server.log());
    callers
}

#[test]
fn without_descriptors_the_server_waits_and_then_goes_on() {
    let server = Server::limited(&format!("-n {LIMIT}"), None);
    let mut kept = Caller::connect(&server.address).unwrap();
    assert_eq!(kept.call("kept", CALL).unwrap().status, 200);
    let mut waiting = exhaust(&server);
    // Who has a connection is served, for a second of want, in which next to nothing is computed.
    let (watch, before, mut answers) = (Stopwatch::start(), server.computed(), 0);
    while watch.elapsed() < Duration::from_secs(1) {
        if answers < 10 {
            answers += 1;
            assert_eq!(kept.call("kept", CALL).unwrap().status, 200);
        }
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let computed = server.computed().saturating_sub(before);
    let share = computed.as_secs_f64() / watch.elapsed().as_secs_f64();
    let warnings = server.log().matches("no connection can be accepted").count();
    println!("out of descriptors: {:.0} % of a processor, {warnings} warnings", share * 100.0);
    assert!(share < 0.3, "it spins: {share}");
    assert!(warnings < 4, "{warnings} warnings");
    // Those in front close; those behind them are served, and so are others.
    let behind = waiting.split_off(LIMIT);
    drop(waiting);
    for mut caller in behind {
        assert_eq!(caller.call("behind", CALL).unwrap().status, 200);
    }
    assert_eq!(call(&server, "other", CALL).status, 200);
}

/// Journals are open already; a new one, and a state, are not. What cannot be opened is refused clearly and
/// tried again.
#[test]
fn without_descriptors_nothing_acknowledged_is_lost() {
    let data = fresh_directory("load-descriptors");
    // Each start behind a crash adds a journal, until a state is due at the next call.
    for _ in 0..JOURNALS {
        Server::start(Some(&data)).kill();
    }
    let mut server = Server::limited(&format!("-n {LIMIT}"), Some(&data));
    let mut kept = Caller::connect(&server.address).unwrap();
    // No call of the API: that would be the one at which the state is written.
    assert_eq!(kept.get("/_local/health").unwrap().status, 200);
    let waiting = exhaust(&server);
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    let mut allocate = |kept: &mut Caller| {
        let answer = kept.call("kept", ALLOCATE).unwrap();
        let body = answer.json();
        if let Some(id) = body["AllocationId"].as_str() {
            acknowledged.push(id.to_owned());
        } else {
            refused += 1;
            assert_eq!((answer.status, &body["Code"]), (503, &"EcsLocal.NotKept".into()));
            assert!(body["Message"].as_str().unwrap().contains("Too many open files"));
        }
        answer.status == 200
    };
    for _ in 0..20 {
        allocate(&mut kept);
    }
    drop(waiting);
    assert!(eventually(Duration::from_secs(10), || allocate(&mut kept)), "{}", server.log());
    println!("out of descriptors: {} acknowledged, {refused} refused", acknowledged.len());
    let known = addresses(&server, "kept");
    assert!(acknowledged.iter().all(|id| known.contains(id)));
    server.kill();
    let known = addresses(&Server::start(Some(&data)), "kept");
    assert!(acknowledged.iter().all(|id| known.contains(id)), "an acknowledged address is lost");
}

/// Whoever still has a connection holds its descriptor, but not for longer than the farewell: the state of a
/// quiet end is written.
#[test]
fn without_descriptors_the_end_is_quiet_all_the_same() {
    let data = fresh_directory("load-descriptors-end");
    let mut server = Server::limited(&format!("-n {LIMIT}"), Some(&data));
    let mut kept = Caller::connect(&server.address).unwrap();
    assert_eq!(kept.call("kept", ALLOCATE).unwrap().status, 200);
    let mut waiting = exhaust(&server);
    // Requests that are begun and never ended.
    waiting.push(kept);
    for caller in &mut waiting {
        let _ = caller.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
    }
    server.signal("TERM");
    let ended = server.end(Duration::from_secs(15));
    assert_eq!(ended.code(), Some(0), "{}", server.log());
    let server = Server::start(Some(&data));
    assert_eq!(addresses(&server, "kept").len(), 1);
}

/// Soft limits are low by tradition (1024, 256); what the system grants beyond them is used.
#[test]
fn a_low_soft_limit_is_raised() {
    let server = Server::limited(&format!("-S -n {LIMIT}"), None);
    let callers = (0..4 * LIMIT).map(|_| Caller::connect(&server.address).unwrap());
    for mut caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.call("other", CALL).unwrap().status, 200);
    }
    assert!(server.log().lines().all(|line| !line.contains("WARN")), "{}", server.log());
}
