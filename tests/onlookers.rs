//! What the outside sees: a line in the log for each call, as text or JSON; spans for a collector.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use ecs_local::traces::Traces;
use ecs_local::wire::Incoming;
use serde_json::Value;
use served::starting_emulator;

/// What a server logs while it answers these calls.
fn log(arguments: &[&str], calls: &[&str]) -> Vec<String> {
    let mut process = Command::new(env!("CARGO_BIN_EXE_ecs-local"))
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.contains("listens on http://")).unwrap();
    let address = line.split_once("http://").unwrap().1;
    let address = address.split(|c: char| c == '"' || c.is_whitespace()).next().unwrap().to_owned();
    for call in calls {
        served::agent().get(format!("http://{address}/?{call}")).call().unwrap();
    }
    let stop = Command::new("kill").arg(process.id().to_string()).status().unwrap();
    assert!(stop.success() && process.wait().unwrap().success());
    lines.filter(|line| line.contains("took_us")).collect()
}

#[cfg(unix)]
#[test]
fn who_says_it_listens_ends_in_peace() {
    // `log` asks it to end right behind that line, and for the status of its end.
    for _ in 0..5 {
        assert!(log(&[], &[]).is_empty());
    }
}

const CALLS: [&str; 2] =
    ["Action=DescribeRegions", "Action=StartInstance&InstanceId=i-web&AccessKeyId=mine"];

#[cfg(unix)]
#[test]
fn each_call_is_a_line_of_json() {
    let lines = log(&["--log-format", "json"], &CALLS);
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let (accepted, refused) = (&lines[0], &lines[1]);
    assert_eq!(accepted["message"], "accepted");
    assert_eq!(
        (&accepted["action"], &accepted["status"]),
        (&"DescribeRegions".into(), &200.into())
    );
    assert_eq!(refused["message"], "refused");
    assert_eq!((&refused["account"], &refused["status"]), (&"mine".into(), &403.into()));
    assert_eq!(refused["code"], "IncorrectInstanceStatus");
    for field in ["request_id", "row", "fix"] {
        assert!(refused[field].is_string(), "{refused}");
    }
    assert!(refused["took_us"].is_u64(), "{refused}");
}

#[cfg(unix)]
#[test]
fn each_call_is_a_line_of_text_and_can_be_left_out() {
    let lines = log(&[], &CALLS);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains("status=403 code=\"IncorrectInstanceStatus\""), "{}", lines[1]);
    assert_eq!(log(&["--log", "info,ecs_local::seen=warn"], &CALLS), Vec::<String>::new());
}

/// A collector that takes one delivery.
fn collector() -> (String, std::thread::JoinHandle<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let collected = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(&stream);
        let head: Vec<String> = reader
            .by_ref()
            .lines()
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty())
            .collect();
        let length = head.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        });
        let mut body = vec![0; length.unwrap()];
        reader.read_exact(&mut body).unwrap();
        (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        (head[0].clone(), serde_json::from_slice(&body).unwrap())
    });
    (url, collected)
}

#[test]
fn a_span_stands_under_that_of_its_client() {
    let (url, collected) = collector();
    let emulator = starting_emulator(0).traced(Some(Traces::to(&url).unwrap()));
    let mut incoming = Incoming::get("Action=StartInstance&InstanceId=i-web");
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    incoming.headers.push("traceparent", parent);
    emulator.answer(&incoming);
    emulator.answer(&Incoming::get("Action=DescribeRegions"));
    drop(emulator);

    let (request, told) = collected.join().unwrap();
    assert_eq!(request, "POST /v1/traces HTTP/1.1");
    let resource = &told["resourceSpans"][0];
    assert!(resource["resource"]["attributes"].to_string().contains("ecs-local"), "{told}");
    let spans = resource["scopeSpans"][0]["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 2, "{told}");
    let span = spans.iter().find(|span| span["name"] == "StartInstance").unwrap();
    assert_eq!(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
    assert_eq!(span["parentSpanId"], "b7ad6b7169203331");
    let attributes = span["attributes"].to_string();
    for word in ["IncorrectInstanceStatus", "ecs_local.row", "ecs_local.request_id", "403"] {
        assert!(attributes.contains(word), "{word}: {attributes}");
    }
    let times = ["startTimeUnixNano", "endTimeUnixNano"]
        .map(|time| span[time].as_str().unwrap().parse::<u64>().unwrap());
    assert!(times[0] <= times[1] && times[0] > 1_700_000_000_000_000_000, "{times:?}");
}

#[test]
fn a_collector_that_is_no_address_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_ecs-local"))
        .args(["--listen", "127.0.0.1:0", "--otlp", "not an address"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
