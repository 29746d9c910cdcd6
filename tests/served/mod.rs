//! An emulator behind a real socket on a free port, and a plain client for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses its part")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::scenario::Connection;
use ecs_local::server;
use ecs_local::wire::{Incoming, Outgoing};

/// An emulator in the starting world, its clock standing at the beginning of 2026.
pub fn starting_emulator(seed: u64) -> Emulator {
    let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
    let world = World::starting(now).unwrap();
    Emulator::new(Start {
        world,
        clock: Clock::Frozen { at: now },
        seed,
        as_of: None,
        faults: Vec::new(),
        muted: Vec::new(),
    })
}

/// A running server; dropping it stops it.
pub struct Served {
    pub emulator: Arc<Emulator>,
    pub address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Served {
    pub fn start(emulator: Emulator) -> Self {
        let emulator = Arc::new(emulator);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (ready, bound) = std::sync::mpsc::channel();
        let served = Arc::clone(&emulator);
        let thread = thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let stopped = async {
                    let _ = stopped.await;
                };
                server::serve(listener, served, stopped).await.unwrap();
            });
        });
        let address = bound.recv().unwrap();
        Self { emulator, address, stop: Some(stop), thread: Some(thread) }
    }

    pub fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
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
        let mut response = agent().get(&url).call().unwrap();
        let header = |name| Some((name, response.headers().get(name)?.to_str().ok()?.to_owned()));
        let headers = ["x-ecs-local-why", "content-type"].into_iter().filter_map(header).collect();
        Outgoing {
            status: response.status().as_u16(),
            headers,
            body: response.body_mut().read_to_vec().unwrap(),
        }
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        let request = ureq::http::Request::builder().method(method).uri(self.url(path));
        let mut response = agent().run(request.body(body).unwrap()).unwrap();
        let status = response.status().as_u16();
        Outgoing { status, headers: Vec::new(), body: response.body_mut().read_to_vec().unwrap() }
    }
}
