//! Stands in for a real endpoint: an emulator that demands right signatures, without a control interface,
//! and what it was sent.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use ecs_local::clock::Clock;
use ecs_local::domain::World;
use ecs_local::emulator::{Emulator, Start};
use ecs_local::gateway::{Options, Signatures};
use ecs_local::wire::Incoming;
use serde_json::json;

/// The access key it knows.
pub const KEY: &str = "LTAI5tRealKeyOfSomebody";
pub const SECRET: &str = "realSecretOfSomebody0123456789";

pub struct Endpoint {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    /// With a stopped instance of this id.
    pub fn start(instance_id: &str) -> Self {
        let clock = Clock::SYSTEM;
        let document = json!({
            "access_key": [{"id": KEY, "secret": SECRET}],
            "instance": {instance_id: {"status": "Stopped"}},
        });
        let world = World::from_value(&document, clock.now()).unwrap();
        let gateway = Options { signatures: Signatures::Strict, ..Options::default() };
        let emulator = Emulator::new(Start { gateway, seed: 7, ..Start::of(world, clock) });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(&stream.unwrap(), &emulator, &told);
            }
        });
        Self { address, seen }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests it got so far, but for the question what it is.
    pub fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap().clone();
        seen.into_iter().filter(|request| !request.contains(" /_local/health ")).collect()
    }
}

fn serve(stream: &TcpStream, emulator: &Emulator, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
        text.push_str(&line);
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    text.push_str(&String::from_utf8_lossy(&body));
    seen.lock().unwrap().push(text.clone());
    let incoming = Incoming::from_text(text.as_bytes());
    let (status, kind, body) = if incoming.path.starts_with("/_local") {
        (404, "text/html".to_owned(), b"<html>not here</html>".to_vec())
    } else {
        let answer = emulator.answer(&incoming);
        (answer.status, answer.header("content-type").unwrap().to_owned(), answer.body)
    };
    let head = format!(
        "HTTP/1.1 {status} Answer\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // A client may have left.
    let mut stream = stream;
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}
