//! A client with one connection that is kept, the times its calls took, and what is asked of a server from
//! beside the load.

use std::io::{self, BufReader, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ecs_local::clock::Stopwatch;
use serde_json::Value;

use crate::process::Server;
use crate::served::{RawAnswer, read_answer};

/// What no answer may take; a server that does not answer in this time is stuck.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
pub struct Caller {
    pub stream: BufReader<TcpStream>,
}

impl Caller {
    pub fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// An answer, if one comes.
    pub fn get(&mut self, target: &str) -> Option<RawAnswer> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        self.send(request.as_bytes()).ok()?;
        read_answer(&mut self.stream)
    }

    /// The same for a request with a body of JSON.
    pub fn post(&mut self, target: &str, body: &str) -> Option<RawAnswer> {
        let length = body.len();
        let head = format!("POST {target} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n");
        let kind = "Content-Type: application/json";
        self.send(format!("{head}{kind}\r\n\r\n{body}").as_bytes()).ok()?;
        read_answer(&mut self.stream)
    }

    /// A call of the API in JSON, by an access key.
    pub fn call(&mut self, key: &str, call: &str) -> Option<RawAnswer> {
        self.get(&target(key, call))
    }
}

/// Where a call of the API goes.
pub fn target(key: &str, call: &str) -> String {
    format!("/?{call}&Format=JSON&AccessKeyId={key}")
}

/// A call on a connection of its own.
pub fn call(server: &Server, key: &str, call: &str) -> RawAnswer {
    get(server, &target(key, call))
}

/// An answer on a connection of its own, which must come.
pub fn get(server: &Server, target: &str) -> RawAnswer {
    let answer = Caller::connect(&server.address).ok().and_then(|mut caller| caller.get(target));
    answer.unwrap_or_else(|| panic!("no answer to {target}:\n{}", server.log()))
}

/// The world of a key.
pub fn world(server: &Server, key: &str) -> Value {
    let answer = get(server, &format!("/_local/world?access_key_id={key}"));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// The ids of the elastic addresses in the world of a key.
pub fn addresses(server: &Server, key: &str) -> Vec<String> {
    world(server, key)["eip"].as_object().map_or_else(Vec::new, |it| it.keys().cloned().collect())
}

/// How long calls took.
#[derive(Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Takes the time of one.
    pub fn of<T>(&mut self, call: impl FnOnce() -> T) -> T {
        let watch = Stopwatch::start();
        let answer = call();
        self.0.push(watch.elapsed());
        answer
    }

    pub fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that so many percent of the calls did not exceed.
    pub fn percentile(&mut self, percent: usize) -> Duration {
        self.0.sort_unstable();
        let at = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(at).copied().unwrap_or_default()
    }

    /// Half of them, almost all, and the slowest, in words.
    pub fn told(&mut self) -> String {
        let [half, most, all] = [50, 99, 100].map(|percent| self.percentile(percent));
        format!("p50 {half:.1?}, p99 {most:.1?}, slowest {all:.1?} of {} calls", self.count())
    }
}
