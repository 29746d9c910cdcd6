//! What comes over a socket and is no call: a table of refusals, each with the error document; time
//! limits; TLS and HTTP/2 beside plain HTTP/1.1; nothing hangs and nothing leaks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use ecs_local::server::{Identity, Service};
use served::{RawAnswer, Served, read_answer, starting_emulator};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, Stream};

const CALL: &[u8] = b"GET /?Action=DescribeRegions&Format=JSON HTTP/1.1\r\nHost: a\r\n\r\n";

fn serve() -> Served {
    Served::start(starting_emulator(0))
}

/// The answer is an error document that every client can read.
fn is_envelope(answer: &RawAnswer) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    let (has_code, kind) = if body.starts_with('<') {
        (body.contains("<Error>") && body.contains("<Code>"), "text/xml;charset=utf-8")
    } else {
        (answer.json()["Code"].is_string(), "application/json;charset=utf-8")
    };
    has_code && answer.header("content-type") == Some(kind)
}

/// What is sent, and status and code of what comes back.
#[expect(clippy::too_many_lines, reason = "a table")]
fn refusals() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes();
    let post = |headers: &str, body: &[u8]| {
        let head = format!("POST /?Format=JSON HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    let sized = |kind: &str, body: &[u8]| {
        post(&format!("Content-Type: {kind}\r\nContent-Length: {}", body.len()), body)
    };
    let form = "application/x-www-form-urlencoded";
    let call = "/?Format=JSON&Action=DescribeRegions";
    vec![
        ("no HTTP", b"HELLO\r\n\r\n".to_vec(), 400, "EcsLocal.BrokenRequest"),
        (
            "an unknown HTTP version",
            b"GET / HTTP/9.9\r\n\r\n".to_vec(),
            400,
            "EcsLocal.BrokenRequest",
        ),
        (
            "a header without a colon",
            b"GET / HTTP/1.1\r\nHost\r\n\r\n".to_vec(),
            400,
            "EcsLocal.BrokenRequest",
        ),
        (
            "a control character in a header",
            b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n".to_vec(),
            400,
            "EcsLocal.BrokenRequest",
        ),
        (
            "two lengths",
            b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n".to_vec(),
            400,
            "EcsLocal.BrokenRequest",
        ),
        ("a length that is none", post("Content-Length: many", b""), 400, "EcsLocal.BrokenRequest"),
        (
            "a chunk that is none",
            post("Transfer-Encoding: chunked", b"zz\r\n"),
            400,
            "EcsLocal.BrokenRequest",
        ),
        (
            "a target of 70,000 bytes",
            get(&format!("/{}", "a".repeat(70_000))),
            413,
            "EcsLocal.RequestTooLarge",
        ),
        (
            "a header of 600,000 bytes",
            get(&format!("/ HTTP/1.1\r\nA: {}", "a".repeat(600_000))),
            413,
            "EcsLocal.RequestTooLarge",
        ),
        (
            "two hundred headers",
            get(&format!("/ HTTP/1.1{}", "\r\na: b".repeat(200))),
            413,
            "EcsLocal.RequestTooLarge",
        ),
        ("a length of 9 MB", post("Content-Length: 9000000", b""), 413, "EcsLocal.RequestTooLarge"),
        ("JSON that is none", sized("application/json", b"{"), 400, "InvalidParameter"),
        ("JSON that is a list", sized("application/json", b"[]"), 400, "InvalidParameter"),
        ("a form that is not UTF-8", sized(form, b"\xFF=\xFE"), 400, "InvalidParameter"),
        (
            "bytes of no kind",
            sized("application/octet-stream", b"\xFF\x00"),
            400,
            "InvalidParameter",
        ),
        (
            "a form in parts",
            sized("multipart/form-data; boundary=a", b"--a--"),
            400,
            "MissingParameter",
        ),
        ("a parameter with two values", get(&format!("{call}&A=1&A=2")), 400, "InvalidParameter"),
        ("an array with a gap", get(&format!("{call}&A.1=1&A.3=1")), 400, "InvalidParameter"),
        ("broken percent-encoding", get(&format!("{call}&A=%zz")), 400, "InvalidParameter"),
        ("percent-encoding cut off", get(&format!("{call}&A=%A")), 400, "InvalidParameter"),
        ("bytes that are not UTF-8", get(&format!("{call}&A=%FF")), 400, "InvalidParameter"),
        (
            "an unknown format",
            get("/?Action=DescribeRegions&Format=YAML"),
            400,
            "InvalidParameter.Format",
        ),
        (
            "a method of its own",
            b"FETCH /?Format=JSON HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            403,
            "UnsupportedHTTPMethod",
        ),
        (
            "a method of browsers",
            b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
            403,
            "UnsupportedHTTPMethod",
        ),
        ("nothing to do", get("/favicon.ico"), 400, "MissingParameter"),
    ]
}

#[test]
fn a_connection_on_which_nothing_was_said_delays_no_end() {
    let served = Served::start(starting_emulator(0));
    let silent = std::net::TcpStream::connect(served.address).unwrap();
    // Once this is answered, the silent one has been accepted.
    assert_eq!(served.raw(b"GET /_local/health HTTP/1.1\r\nhost: a\r\n\r\n").status, 200);
    let watch = ecs_local::clock::Stopwatch::start();
    drop(served);
    assert!(watch.elapsed() < Duration::from_secs(3), "{:?}", watch.elapsed());
    drop(silent);
}

#[test]
fn what_is_no_call_is_refused_with_an_error_document() {
    let served = serve();
    for (name, request, status, code) in refusals() {
        let answer = served.raw(&request);
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, status, "{name}: {body}");
        assert!(body.contains(code) && is_envelope(&answer), "{name}: {body}");
    }
    assert_eq!(served.raw(CALL).status, 200);
}

/// A server of ours reads no further where a request ends early, and is not harmed.
#[test]
fn requests_that_end_early_end_there() {
    let served = serve();
    for (_, request, ..) in refusals() {
        for end in [1, request.len() / 2, request.len() - 1] {
            let mut stream = TcpStream::connect(served.address).unwrap();
            // The server may have refused and closed already.
            let _ = stream.write_all(&request[..end]);
        }
    }
    assert_eq!(served.raw(CALL).status, 200);
}

#[test]
fn garbage_behind_a_call_does_not_touch_its_answer() {
    let served = serve();
    let stream = TcpStream::connect(served.address).unwrap();
    (&stream).write_all(&[CALL, CALL, b"GARB\x01AGE\r\n\r\n", CALL].concat()).unwrap();
    let mut reader = BufReader::new(&stream);
    let statuses: Vec<u16> =
        std::iter::from_fn(|| read_answer(&mut reader)).map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 400]);
}

#[test]
fn a_connection_is_kept_for_the_next_call() {
    let served = serve();
    let stream = TcpStream::connect(served.address).unwrap();
    let mut reader = BufReader::new(&stream);
    for _ in 0..3 {
        (&stream).write_all(CALL).unwrap();
        assert_eq!(read_answer(&mut reader).unwrap().status, 200);
    }
}

#[test]
fn a_slow_client_is_not_waited_for() {
    let served = Served::impatient();
    // Until the end: of a client that says nothing, half a line, half a head, or stays silent
    // after a call.
    for (begun, answers) in [(&b""[..], 0), (b"GE", 0), (b"GET / HTTP/1.1\r\nHost:", 0), (CALL, 1)]
    {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(begun).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        let text = String::from_utf8_lossy(&rest);
        assert_eq!(text.matches("HTTP/1.1 200").count(), answers, "{begun:?}: {text}");
    }
    let slow =
        served.raw(b"POST /?Format=JSON HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nAct");
    assert_eq!((slow.status, is_envelope(&slow)), (408, true));
    assert_eq!(slow.json()["Code"], "EcsLocal.RequestTimeout");
}

/// Open files of this process, which holds both ends of every connection.
#[cfg(target_os = "linux")]
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[cfg(target_os = "linux")]
#[test]
fn no_connection_is_left_open() {
    let served = Served::impatient();
    served.raw(CALL);
    // Other tests of this process come and go; what may not stay is a thousand connections.
    let before = open_files();
    for _ in 0..20 {
        for (_, request, ..) in refusals() {
            let mut stream = TcpStream::connect(served.address).unwrap();
            let _ = stream.write_all(&request[..request.len().min(40)]);
            let mut stream = TcpStream::connect(served.address).unwrap();
            let _ = stream.write_all(&request);
        }
    }
    // Each look takes a call, so the server gets its time.
    let is_closed = (0..20_000).any(|_| {
        served.raw(CALL);
        open_files() < before + 100
    });
    assert!(is_closed, "{} open files, {before} before", open_files());
}

#[test]
fn calls_in_flight_are_answered_when_the_server_ends() {
    let served = serve();
    let stream = TcpStream::connect(served.address).unwrap();
    let (head, rest) = CALL.split_at(10);
    (&stream).write_all(head).unwrap();
    // Another call on another connection has been answered: the first one has been accepted.
    assert_eq!(served.raw(CALL).status, 200);
    let ended = std::thread::spawn(move || drop(served));
    (&stream).write_all(rest).unwrap();
    // Either the call was begun in time and is answered whole, or the connection is closed clean.
    let answer = read_answer(&mut BufReader::new(&stream));
    assert!(answer.is_none_or(|answer| answer.status == 200));
    ended.join().unwrap();
}

fn secure() -> (Served, Arc<Identity>) {
    let identity = Arc::new(Identity::self_signed(["localhost".to_owned()]).unwrap());
    let service = Service { identity: Some(Arc::clone(&identity)), ..Service::default() };
    (Served::start_as(starting_emulator(0), service), identity)
}

fn trusting(pem: &str, alpn: &[&[u8]]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config
}

#[test]
fn one_port_speaks_tls_and_plain_http() {
    let (served, identity) = secure();
    assert_eq!(served.raw(CALL).status, 200);
    // The certificate is fetched over plain HTTP, as a user would.
    let fetched = served.raw(b"GET /_local/certificate HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(fetched.body, identity.certificate_pem().as_bytes());
    let config = Arc::new(trusting(&String::from_utf8(fetched.body).unwrap(), &[b"http/1.1"]));
    let name = ServerName::try_from("localhost").unwrap();
    let mut session = ClientConnection::new(config, name).unwrap();
    let mut socket = TcpStream::connect(served.address).unwrap();
    let mut stream = Stream::new(&mut session, &mut socket);
    stream.write_all(CALL).unwrap();
    assert_eq!(read_answer(&mut BufReader::new(stream)).unwrap().status, 200);
}

#[test]
fn http_2_is_chosen_where_the_client_offers_it() {
    let (served, identity) = secure();
    let config = Arc::new(trusting(identity.certificate_pem(), &[b"h2", b"http/1.1"]));
    let name = ServerName::try_from("localhost").unwrap();
    let mut session = ClientConnection::new(config, name).unwrap();
    let mut socket = TcpStream::connect(served.address).unwrap();
    let mut stream = Stream::new(&mut session, &mut socket);
    // The preface and an empty SETTINGS frame; the server answers with SETTINGS (type 4).
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!((session.alpn_protocol(), frame[3]), (Some(&b"h2"[..]), 4));
    // Clients that know beforehand speak it without TLS, too.
    let mut plain = TcpStream::connect(served.address).unwrap();
    plain.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    plain.read_exact(&mut frame).unwrap();
    assert_eq!(frame[3], 4);
}

#[test]
fn tls_to_a_plain_port_is_answered_with_the_fix() {
    let answer = serve().raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03");
    let body = answer.json();
    assert!(body["Message"].as_str().unwrap().contains("--tls"), "{body}");
}

#[test]
fn files_that_are_no_certificate_are_told_by_name() {
    let dir = std::env::temp_dir().join(format!("ecs-local-tls-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let (certificate, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    let error = || Identity::files(&certificate, &key).unwrap_err().to_string();
    assert!(error().contains("cert.pem"));
    let (_, identity) = secure();
    std::fs::write(&certificate, identity.certificate_pem()).unwrap();
    std::fs::write(&key, "no key").unwrap();
    assert!(error().contains("key.pem") && error().contains("private key"), "{}", error());
    std::fs::remove_dir_all(&dir).unwrap();
}

/// An emulator with this fault armed for everything.
fn faulty(fault: serde_json::Value) -> Served {
    let served = serve();
    let fault = serde_json::from_value(fault).unwrap();
    served.emulator.with_tenant("default", |tenant| tenant.faults.push(fault));
    served
}

const STOP: &[u8] =
    b"GET /?Action=StopInstance&InstanceId=i-web&Format=JSON HTTP/1.1\r\nHost: a\r\n\r\n";

fn status_of_web(served: &Served) -> String {
    served.emulator.at_present("default", |world, _| {
        format!("{:?}", world.instance.get("i-web").unwrap().status)
    })
}

#[test]
fn a_dropped_answer_never_comes_and_its_phase_says_what_happened() {
    for (phase, status) in [("before", "Running"), ("after", "Stopping")] {
        let served = faulty(serde_json::json!({"drop": true, "phase": phase}));
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(STOP).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        assert_eq!((all.len(), status_of_web(&served).as_str()), (0, status), "{phase}");
        assert_eq!(served.raw(CALL).status, 200);
    }
}

#[test]
fn a_truncated_answer_breaks_off() {
    let served = faulty(serde_json::json!({"truncate": 20, "phase": "after"}));
    let mut stream = TcpStream::connect(served.address).unwrap();
    stream.write_all(STOP).unwrap();
    let mut all = Vec::new();
    // Whether the end is a reset or not is the system's business.
    let _ = stream.read_to_end(&mut all);
    let text = String::from_utf8(all).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{text}");
    assert_eq!(body.len(), 20, "{text}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(length.parse::<usize>().unwrap() > 20, "{head}");
}

#[test]
fn a_client_waits_as_long_as_the_fault_says() {
    let served = faulty(serde_json::json!({"wait": "1s"}));
    let stream = TcpStream::connect(served.address).unwrap();
    (&stream).write_all(STOP).unwrap();
    // Nothing has come while a client of less patience waits.
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!((&stream).read(&mut [0]).is_err());
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(read_answer(&mut BufReader::new(&stream)).unwrap().status, 200);
}
