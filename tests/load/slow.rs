//! Clients that write a byte at a time, never end a head or a body, or never read what they asked for:
//! others are served meanwhile, what each costs is bounded, and the server's limits of time end them.

use std::io::Read as _;
use std::net::TcpStream;
use std::time::Duration;

use ecs_local::server::Limits;

use crate::caller::{Caller, PATIENCE, Times, call, target};
use crate::process::{Server, eventually};
use crate::served::{Served, read_answer};

const CALL: &str = "Action=DescribeRegions";

/// The most memory a slow client may take of the server, KiB: an answer that nobody reads, and what is
/// buffered of requests.
const KIB_EACH: usize = 2048;

/// More answers than fit between a server and a client that does not read (11 MB).
const PAGES: usize = 50;

const UNREAD: &str = "answers never read";

/// How much of its body a client sends that never ends it.
const PART: usize = 64 * 1024;

/// A page of a hundred instances, a quarter of a megabyte.
const PAGE: &str = "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=100";

const RUN: &str = "Action=RunInstances&RegionId=cn-hangzhou&InstanceType=ecs.g6.large\
    &ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&VSwitchId=vsw-hangzhou-h\
    &SecurityGroupId=sg-hangzhou&Amount=100";

/// A head that is never ended.
const HALF_A_HEAD: &[u8] = b"GET /?Action=DescribeRegions HTTP/1.1\r\nHost:";

/// What slow clients send before they do nothing more.
fn beginnings() -> [(&'static str, Vec<u8>); 3] {
    let body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n";
    let page = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target("pages", PAGE));
    [
        ("head never ended", HALF_A_HEAD.to_vec()),
        ("body never ended", [&body[..], &vec![b'a'; PART]].concat()),
        (UNREAD, page.repeat(PAGES).into_bytes()),
    ]
}

fn connect(address: &str, count: usize) -> Vec<Caller> {
    (0..count).map(|_| Caller::connect(address).unwrap()).collect()
}

/// Sends a call on each connection, a byte on each in turn; every one is answered.
fn byte_by_byte(server: &Server, count: usize, others: &mut Times) {
    let request = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target("bytes", CALL));
    let mut writers = connect(&server.address, count);
    for byte in request.as_bytes() {
        for writer in &mut writers {
            writer.send(&[*byte]).unwrap();
        }
        assert_eq!(others.of(|| call(server, "other", CALL)).status, 200);
    }
    for writer in &mut writers {
        assert_eq!(read_answer(&mut writer.stream).unwrap().status, 200);
    }
}

/// So many of each kind, who stay until `leaves` says otherwise.
fn slow(count: usize, are_waited_out: bool) {
    let room = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(room > 4 * count as u64 + 100, "{room} file descriptors are too few");
    let server = Server::start(None);
    let files = server.open_files();
    assert_eq!(call(&server, "pages", RUN).status, 200);
    assert!(call(&server, "pages", PAGE).body.len() > 200_000);
    let mut others = Times::default();
    byte_by_byte(&server, count, &mut others);

    let mut held = Vec::new();
    for (name, beginning) in beginnings() {
        // To write a page that nobody reads is work for the server; a hundred readers are enough of it.
        let count = if name == UNREAD { count.min(100) } else { count };
        let memory = server.memory_kib();
        let mut clients = connect(&server.address, count);
        for client in &mut clients {
            client.send(&beginning).unwrap();
        }
        held.extend(clients);
        for _ in 0..50 {
            assert_eq!(others.of(|| call(&server, "other", CALL)).status, 200);
        }
        let each = server.memory_kib().saturating_sub(memory) / count;
        println!("{count} clients, {name}: {each} KiB each");
        assert!(each <= KIB_EACH, "{name}: {each} KiB each");
    }
    println!("others meanwhile: {}", others.told());
    assert!(others.percentile(99) < Duration::from_secs(2), "others wait");
    let mut within = PATIENCE;
    if are_waited_out {
        let limits = Limits::default();
        within += 2 * limits.head + limits.body;
    } else {
        held.clear();
    }
    let is_back = eventually(within, || server.open_files() <= files);
    assert!(is_back, "{} open files, {files} before", server.open_files());
    assert_eq!(call(&server, "other", CALL).status, 200);
}

#[test]
fn slow_clients_are_in_nobodys_way() {
    slow(10, false);
}

#[test]
#[ignore = "full size, and the server's own limits of time; the small one runs always"]
fn a_thousand_slow_clients_are_in_nobodys_way_and_are_ended() {
    slow(1000, true);
}

/// Has the server closed this connection? What it sent stays unread.
fn is_ended(stream: &mut TcpStream) -> bool {
    use std::io::Write as _;
    stream.write_all(b"x").is_err() || stream.take_error().unwrap().is_some()
}

#[test]
fn clients_that_never_go_on_are_ended() {
    let served = Served::impatient();
    let address = served.address.to_string();
    let run = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", target("pages", RUN));
    assert_eq!(served.raw(run.as_bytes()).status, 200);
    for (name, beginning) in beginnings() {
        let mut clients = connect(&address, 3);
        for client in &mut clients {
            client.send(&beginning).unwrap();
        }
        for client in &mut clients {
            let stream = client.stream.get_mut();
            if name == UNREAD {
                assert!(eventually(PATIENCE, || is_ended(stream)), "{name}: not ended");
            } else {
                // An error document, or nothing; then the end.
                let mut rest = Vec::new();
                let _ = stream.read_to_end(&mut rest);
                let rest = String::from_utf8_lossy(&rest);
                assert!(rest.is_empty() || rest.contains("EcsLocal.RequestTimeout"), "{rest}");
            }
        }
    }
}

/// Slow is not stuck: an answer of which some is read from time to time is sent to its end.
#[test]
fn a_client_that_reads_slowly_is_answered_to_the_end() {
    let server = Server::start(None);
    let mut caller = Caller::connect(&server.address).unwrap();
    let large = format!(
        "GET {} HTTP/1.1\r\nHost: a\r\n\r\n",
        target("slow", "Action=DescribeInstanceTypes")
    );
    caller.send(large.repeat(10).as_bytes()).unwrap();
    let mut read = 0;
    let mut part = [0; 16 * 1024];
    while read < 5_000_000 {
        read += caller.stream.get_mut().read(&mut part).unwrap();
        std::thread::park_timeout(Duration::from_millis(1));
    }
}
