//! The calls of README.md work as they stand: each `sh` block that begins with a curl is sent to a
//! served starting world, in the order of the file. A comment `# 400` above a curl states another
//! status than 200.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use ecs_local::clock::Clock;
use ecs_local::domain::World;
use ecs_local::emulator::{Emulator, Start};
use served::Served;

const BASE: &str = "http://127.0.0.1:4526";

/// One curl of the file.
#[derive(Debug)]
struct Call {
    method: String,
    /// Path and query, as quoted.
    target: String,
    body: String,
    status: u16,
}

/// The fenced `sh` blocks whose first line that is no comment is a curl.
fn curl_blocks(text: &str) -> Vec<&str> {
    let blocks = text.split("\n```sh\n").skip(1);
    let bodies = blocks.filter_map(|rest| rest.split_once("\n```").map(|(block, _)| block));
    let begins_with_curl = |block: &&str| {
        let mut lines = block.lines().filter(|line| !line.starts_with('#'));
        lines.next().is_some_and(|line| line.starts_with("curl "))
    };
    bodies.filter(begins_with_curl).collect()
}

fn calls(block: &str) -> Vec<Call> {
    let mut status = 200;
    let mut calls = Vec::new();
    // A backslash at the end of a line continues it.
    for line in block.replace("\\\n", " ").lines() {
        if let Some(comment) = line.strip_prefix('#') {
            let first = comment.split_whitespace().next();
            status =
                first.and_then(|word| word.trim_end_matches(':').parse().ok()).unwrap_or(status);
        } else if line.starts_with("curl ") {
            calls.push(call(line, std::mem::replace(&mut status, 200)));
        }
    }
    calls
}

/// Reads `curl [-s] [-X METHOD] [-d 'BODY'] 'URL'`; values with blanks stand in single quotes.
fn call(line: &str, status: u16) -> Call {
    let quoted: Vec<&str> = line.split('\'').collect();
    let target = quoted
        .iter()
        .find_map(|part| part.strip_prefix(BASE))
        .unwrap_or_else(|| panic!("no quoted URL under {BASE}: {line}"));
    let after = |option: &str| {
        let at = quoted.iter().position(|part| part.trim_end().ends_with(option))?;
        quoted.get(at + 1).map(|body| (*body).to_owned())
    };
    let body = after(" -d").unwrap_or_default();
    let mut words = line.split_whitespace().skip_while(|word| *word != "-X");
    let default = if body.is_empty() { "GET" } else { "POST" };
    Call {
        method: words.nth(1).unwrap_or(default).to_owned(),
        target: target.to_owned(),
        body,
        status,
    }
}

#[test]
fn the_calls_of_the_readme_answer_as_it_says() {
    let text = include_str!("../README.md");
    let all: Vec<Call> = curl_blocks(text).into_iter().flat_map(calls).collect();
    assert!(all.len() >= 3, "README.md shows fewer than three calls");
    let mut clock = Clock::SYSTEM;
    clock.freeze();
    let served =
        Served::start(Emulator::new(Start::of(World::starting(clock.now()).unwrap(), clock)));
    let agent = served::agent();
    for call in all {
        let request = ureq::http::Request::builder()
            .method(call.method.as_str())
            .uri(served.url(&call.target))
            .body(call.body.clone())
            .unwrap();
        let mut answer = agent.run(request).unwrap();
        let got = answer.status().as_u16();
        let body = answer.body_mut().read_to_string().unwrap();
        assert_eq!(got, call.status, "{call:?}\n{body}");
    }
}
