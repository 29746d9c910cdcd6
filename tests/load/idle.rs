//! Connections on which nothing happens: nothing was ever said on one half, one call was answered on the
//! other. Others are served meanwhile, and the end is quick.

use std::net::TcpStream;
use std::time::Duration;

use ecs_local::clock::Stopwatch;

use crate::caller::{Caller, Times, call};
use crate::process::{Server, eventually};

const CALL: &str = "Action=DescribeRegions";

/// The most memory an idle connection may take of the server, KiB.
const KIB_EACH: usize = 32;

/// How quickly a server ends with nothing but idle connections: no farewell of five seconds.
const END: Duration = Duration::from_secs(4);

fn idle(count: usize) {
    let room = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(room > count as u64 + 300, "{count} connections, but {room} file descriptors");
    let mut server = Server::start(None);
    let files = server.open_files();
    assert_eq!(call(&server, "other", CALL).status, 200);
    let memory = server.memory_kib();

    let silent: Vec<TcpStream> =
        (0..count / 2).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let are_accepted = || server.open_files() >= files + count / 2;
    assert!(eventually(Duration::from_secs(20), are_accepted), "{}", server.log());
    let silent_each = server.memory_kib().saturating_sub(memory) / (count / 2);

    let memory = server.memory_kib();
    let kept = (0..count / 2).map(|number| {
        let mut caller = Caller::connect(&server.address).unwrap();
        // Of a few accounts: what is measured is connections, not worlds.
        assert_eq!(caller.call(&format!("idle-{}", number % 10), CALL).unwrap().status, 200);
        caller
    });
    let mut kept: Vec<Caller> = kept.collect();
    let kept_each = server.memory_kib().saturating_sub(memory) / (count / 2);

    let mut times = Times::default();
    for _ in 0..200 {
        assert_eq!(times.of(|| call(&server, "other", CALL)).status, 200);
    }
    // Those that were answered once are answered again.
    for caller in kept.iter_mut().step_by(count / 20) {
        assert_eq!(times.of(|| caller.call("other", CALL)).unwrap().status, 200);
    }
    println!("{count} idle: {}", times.told());
    println!("memory of a connection: {silent_each} KiB silent, {kept_each} KiB after a call");
    assert!(times.percentile(99) < Duration::from_secs(1), "others wait");
    assert!(silent_each.max(kept_each) <= KIB_EACH, "{silent_each} and {kept_each} KiB each");

    let watch = Stopwatch::start();
    server.signal("TERM");
    assert_eq!(server.end(END).code(), Some(0), "{}", server.log());
    println!("ended in {:.1?}", watch.elapsed());
    drop((silent, kept));
}

#[test]
fn a_hundred_idle_connections_are_in_nobodys_way() {
    idle(100);
}

#[test]
#[ignore = "full size; the small one runs always"]
fn ten_thousand_idle_connections_are_in_nobodys_way() {
    idle(10_000);
}
