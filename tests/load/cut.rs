//! Requests that are cut off: at any byte, politely (FIN), rudely (RST), or only on the way there. What was
//! not sent whole has no effect, what was has one or none, and no connection stays behind.

use std::io::Read as _;
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::Value;
use socket2::SockRef;

use crate::caller::{Caller, PATIENCE, addresses, call};
use crate::process::{Server, eventually, fresh_directory};

const CALL: &str = "Action=DescribeRegions";

/// How a client leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    /// It closes.
    Close,
    /// It resets the connection.
    Reset,
    /// It says that it will send no more, and waits for an answer.
    Listen,
}

const LEAVES: [Leave; 3] = [Leave::Close, Leave::Reset, Leave::Listen];

/// One change, in each of the ways a request can say how long it is.
fn samples() -> [Vec<u8>; 3] {
    let change = "Action=AllocateEipAddress&RegionId=cn-hangzhou&Format=JSON&AccessKeyId=cut";
    let kind = "Content-Type: application/x-www-form-urlencoded";
    let length = change.len();
    [
        format!("GET /?{change} HTTP/1.1\r\nHost: a\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: a\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{change}"),
        format!(
            "POST / HTTP/1.1\r\nHost: a\r\n{kind}\r\nTransfer-Encoding: chunked\r\n\r\n\
             {length:x}\r\n{change}\r\n0\r\n\r\n"
        ),
    ]
    .map(String::into_bytes)
}

/// Sends some bytes and leaves; what came back, where that was waited for.
fn send_and_leave(server: &Server, bytes: &[u8], leave: Leave) -> Vec<u8> {
    let mut caller = Caller::connect(&server.address).unwrap();
    caller.send(bytes).unwrap();
    let mut stream: &TcpStream = caller.stream.get_ref();
    let mut answer = Vec::new();
    match leave {
        Leave::Close => {}
        Leave::Reset => SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap(),
        Leave::Listen => {
            stream.shutdown(Shutdown::Write).unwrap();
            // How the server closes is its business; that it does is ours.
            if let Err(error) = stream.read_to_end(&mut answer) {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{bytes:?}");
            }
        }
    }
    answer
}

/// The number of descriptors comes back to what it was, and the server answers.
fn is_as_before(server: &Server, files: usize) {
    let is_back = eventually(PATIENCE, || server.open_files() <= files);
    assert!(is_back, "{} open files, {files} before:\n{}", server.open_files(), server.log());
    assert_eq!(call(server, "other", CALL).status, 200);
}

/// Every `step`th position of each sample, in each way.
fn cut_everywhere(step: usize) {
    let server = Server::start(None);
    let files = server.open_files();
    let mut cuts = 0;
    for request in samples() {
        let ends = [request.len() - 1, request.len() - 2];
        for position in (0..request.len() - 2).step_by(step).chain(ends) {
            for leave in LEAVES {
                let answer = send_and_leave(&server, &request[..position], leave);
                let answer = String::from_utf8_lossy(&answer);
                assert!(!answer.starts_with("HTTP/1.1 2"), "{position} {leave:?}: {answer}");
                cuts += 1;
            }
        }
    }
    is_as_before(&server, files);
    let applied = addresses(&server, "cut");
    assert_eq!(applied, Vec::<String>::new(), "part of a request had an effect");
    // The same bytes whole do have it.
    for request in samples() {
        let answer = send_and_leave(&server, &request, Leave::Listen);
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(addresses(&server, "cut").len(), samples().len());
    println!("{cuts} requests cut");
}

#[test]
fn a_request_cut_anywhere_has_no_effect() {
    cut_everywhere(23);
}

#[test]
#[ignore = "full size; the small one runs always"]
fn a_request_cut_at_every_byte_has_no_effect() {
    cut_everywhere(1);
}

/// The requests are whole, the client only sends no more: it is answered, however long an answer takes to be
/// on disk.
#[test]
fn who_sends_no_more_is_answered_all_the_same() {
    let data = fresh_directory("load-cut");
    let server = Server::start(Some(&data));
    for request in samples() {
        for count in [1, 2, 1, 2, 3] {
            let answer = send_and_leave(&server, &request.repeat(count), Leave::Listen);
            let answer = String::from_utf8_lossy(&answer);
            assert_eq!(answer.matches("HTTP/1.1 200").count(), count, "{answer}");
        }
    }
}

/// Two changes in a row, cut somewhere, also behind the end, where the answer is on its way.
fn cut_at_random(count: usize) {
    let server = Server::start(None);
    let files = server.open_files();
    let mut rng = fastrand::Rng::with_seed(7);
    // Changes that must have come about, and that may have.
    let (mut least, mut most) = (0, 0);
    for _ in 0..count {
        let request = &samples()[rng.usize(..samples().len())];
        let pair = [request.as_slice(), request.as_slice()].concat();
        let sent = rng.usize(..=pair.len());
        let leave = LEAVES[rng.usize(..LEAVES.len())];
        let answer = send_and_leave(&server, &pair[..sent], leave);
        let answers = String::from_utf8_lossy(&answer).matches("HTTP/1.1 200").count();
        let whole = sent / request.len();
        if leave == Leave::Listen {
            assert_eq!(answers, whole, "{sent} bytes: {}", String::from_utf8_lossy(&answer));
        }
        least += answers;
        most += whole;
    }
    is_as_before(&server, files);
    let applied = addresses(&server, "cut").len();
    println!("{count} pairs cut: {applied} changes, {least} acknowledged, {most} sent whole");
    assert!((least..=most).contains(&applied), "{applied} changes of {least} to {most}");
    let metrics = crate::caller::get(&server, "/_local/metrics");
    let metrics = String::from_utf8(metrics.body).unwrap();
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.contains("AllocateEipAddress\",code=\"\""))
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    let counted: Value = serde_json::from_str(&counted.concat()).unwrap();
    assert_eq!(counted, applied, "calls answered and changes made");
}

#[test]
fn requests_cut_at_random_have_one_effect_or_none() {
    cut_at_random(100);
}

#[test]
#[ignore = "full size; the small one runs always"]
fn ten_thousand_requests_cut_at_random_have_one_effect_or_none() {
    cut_at_random(10_000);
}
