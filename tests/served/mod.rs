//! An emulator behind a real socket on a free port, and a plain client for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses its part")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ecs_local::EcsLocal;
use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::scenario::Connection;
use ecs_local::server::{Limits, Service};
use ecs_local::wire::{Incoming, Outgoing};

/// An emulator in the starting world, its clock standing at the beginning of 2026.
pub fn starting_emulator(seed: u64) -> Emulator {
    let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
    let world = World::starting(now).unwrap();
    Emulator::new(Start { seed, ..Start::of(world, Clock::Frozen { at: now }) })
}

/// A running server; dropping it stops it.
pub struct Served {
    pub emulator: Arc<Emulator>,
    pub address: SocketAddr,
    _running: EcsLocal,
}

impl Served {
    pub fn start(emulator: Emulator) -> Self {
        Self::start_as(emulator, Service::default())
    }

    /// With so little patience that a test need not wait.
    pub fn impatient() -> Self {
        let moment = Duration::from_millis(500);
        let limits = Limits { head: moment, body: moment, farewell: moment };
        Self::start_as(starting_emulator(0), Service { limits, ..Service::default() })
    }

    pub fn start_as(emulator: Emulator, service: Service) -> Self {
        let running = EcsLocal::serve(emulator, service).unwrap();
        let (emulator, address) = (Arc::clone(running.emulator()), running.endpoint());
        Self { emulator, address: address.parse().unwrap(), _running: running }
    }

    pub fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }
}

/// A client that does not keep connections, so that a server can stop at once.
pub fn agent() -> ureq::Agent {
    let config =
        ureq::Agent::config_builder().http_status_as_error(false).max_idle_connections(0).build();
    ureq::Agent::new_with_config(config)
}

impl Connection for Served {
    fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        let url = self.url(&format!("/?{}", incoming.query));
        let request = ureq::http::Request::builder().method(incoming.method.as_str()).uri(url);
        let headers = incoming.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header(name, value));
        let mut response = agent().run(request.body(()).unwrap()).unwrap();
        let header = |name| Some((name, response.headers().get(name)?.to_str().ok()?.to_owned()));
        let headers = ["x-ecs-local-why", "content-type"].into_iter().filter_map(header).collect();
        Outgoing {
            status: response.status().as_u16(),
            headers,
            body: response.body_mut().read_to_vec().unwrap(),
            ..Outgoing::default()
        }
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        let request = ureq::http::Request::builder().method(method).uri(self.url(path));
        let mut response = agent().run(request.body(body).unwrap()).unwrap();
        let status = response.status().as_u16();
        let body = response.body_mut().read_to_vec().unwrap();
        Outgoing { status, body, ..Outgoing::default() }
    }
}

/// An answer as it came over the socket.
#[derive(Debug, Clone)]
pub struct RawAnswer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl RawAnswer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// Reads one answer; `None` where the connection ends before one begins.
pub fn read_answer(stream: &mut impl std::io::BufRead) -> Option<RawAnswer> {
    let line = |stream: &mut dyn std::io::BufRead| {
        let mut line = String::new();
        (stream.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let status = line(stream)?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = Vec::new();
    while let Some(header) = line(stream).filter(|header| !header.is_empty()) {
        let (name, value) = header.split_once(':')?;
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(RawAnswer { status, headers, body })
}

impl Served {
    /// Sends bytes as they are and reads one answer, which must come.
    pub fn raw(&self, request: &[u8]) -> RawAnswer {
        use std::io::Write;
        let stream = std::net::TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        (&stream).write_all(request).unwrap();
        let answer = read_answer(&mut std::io::BufReader::new(&stream));
        answer.unwrap_or_else(|| panic!("no answer to {}", String::from_utf8_lossy(request)))
    }
}
