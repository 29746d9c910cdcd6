//! A server that is killed (SIGKILL) at random moments under load: every acknowledged call is there when
//! it is started again, none is there by half, tokens and clocks have survived. A few rounds by default;
//! `cargo test --test crash -- --ignored` does two hundred.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod process;

use std::sync::mpsc;
use std::time::Duration;

use process::{Server, fresh_directory};
use serde_json::{Value, json};

/// How many clients call at once, each in an account of its own.
const CLIENTS: usize = 4;

/// What one client was told.
#[derive(Debug, Default, Clone)]
struct Client {
    key: String,
    /// The number of its next call.
    next: u64,
    /// Acknowledged: addresses by the token they were asked for with.
    eips: Vec<(String, String)>,
    /// Acknowledged and, where it differs, sent last: names of the instance.
    name: (u64, u64),
    /// Acknowledged moves of the clock, a second each.
    moves: i64,
}

impl Client {
    /// Calls until nobody answers.
    fn call_on(&mut self, address: &str) {
        let agent = agent();
        loop {
            self.next += 1;
            if self.call(&agent, address).is_none() {
                return;
            }
        }
    }

    fn call(&mut self, agent: &ureq::Agent, address: &str) -> Option<()> {
        let number = self.next;
        let api = |call: &str| ask(agent, address, &self.key, call);
        match number % 4 {
            0 => {
                let token = format!("token-{number}");
                let call =
                    format!("Action=AllocateEipAddress&RegionId=cn-hangzhou&ClientToken={token}");
                let id = api(&call)?["AllocationId"].as_str()?.to_owned();
                self.eips.push((token, id));
            }
            1 => {
                self.name.1 = number;
                let call = "Action=ModifyInstanceAttribute&InstanceId=i-web";
                let answer =
                    ask(agent, address, &self.key, &format!("{call}&InstanceName=n-{number}"));
                assert!(answer?["RequestId"].is_string());
                self.name.0 = number;
            }
            2 => {
                let mbps = number % 100 + 1;
                api(&format!(
                    "Action=ModifyInstanceNetworkSpec&InstanceId=i-bp67acfmxazb4ph****\
                     &InternetMaxBandwidthOut={mbps}&AutoPay=true"
                ))?;
            }
            _ => {
                let url = format!("http://{address}/_local/clock?access_key_id={}", self.key);
                let answer = agent.post(url).send(r#"{"advance":"1s"}"#).ok()?;
                assert_eq!(answer.status().as_u16(), 200);
                self.moves += 1;
            }
        }
        Some(())
    }

    /// Everything acknowledged is there, and at most the one call that was on its way besides.
    fn check(&mut self, address: &str, beginning: &Value) {
        let agent = agent();
        let get = |what: &str| {
            let url = format!("http://{address}/_local/{what}?access_key_id={}", self.key);
            let mut answer = agent.get(url).call().unwrap();
            serde_json::from_slice::<Value>(&answer.body_mut().read_to_vec().unwrap()).unwrap()
        };
        let world = get("world");
        let eips = world["eip"].as_object().unwrap();
        for (token, id) in &self.eips {
            assert!(eips.contains_key(id), "{}: {token} is lost", self.key);
        }
        assert!(eips.len() <= self.eips.len() + 1, "{}: {} addresses", self.key, eips.len());
        let name = world["instance"]["i-web"]["name"].as_str().unwrap();
        let names = [self.name.0, self.name.1].map(|number| format!("n-{number}"));
        assert!(names.iter().any(|it| it == name) || self.name.0 == 0, "{name}: {names:?}");
        self.name = name.strip_prefix("n-").map_or((0, 0), |it| {
            let number = it.parse().unwrap();
            (number, number)
        });
        check_money(&world, beginning);
        let now = seconds(&get("clock")["now"]) - seconds(&beginning["clock"]);
        assert!((self.moves..=self.moves + 1).contains(&now), "{}: {now} {}", self.key, self.moves);
        self.moves = now;
        if let Some((token, id)) = self.eips.last() {
            let call =
                format!("Action=AllocateEipAddress&RegionId=cn-hangzhou&ClientToken={token}");
            let again = ask(&agent, address, &self.key, &call).unwrap();
            assert_eq!(again["AllocationId"], json!(id), "{}: {token} was forgotten", self.key);
        }
        // What was on its way and did happen is known from now on.
        let known: Vec<&String> = self.eips.iter().map(|(_, id)| id).collect();
        let other = eips.keys().find(|id| !known.contains(id)).cloned();
        let in_flight = format!("token-{}", self.next);
        self.eips.extend(other.map(|id| (in_flight, id)));
    }
}

/// Every order that is paid was paid for, and nothing else was.
fn check_money(world: &Value, beginning: &Value) {
    let orders = world["order"].as_object().unwrap().values();
    let paid = orders.filter(|order| order["paid_at"].is_string());
    let paid: i64 = paid
        .map(|order| {
            order["amount_cents"].as_i64().unwrap() - order["coupon_cents"].as_i64().unwrap_or(0)
        })
        .sum();
    let balance = world["account"]["balance_cents"].as_i64().unwrap();
    assert_eq!(balance + paid, beginning["balance"].as_i64().unwrap(), "a payment by half");
}

fn seconds(moment: &Value) -> i64 {
    chrono::DateTime::parse_from_rfc3339(moment.as_str().unwrap()).unwrap().timestamp()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    ureq::Agent::new_with_config(config.timeout_global(Some(Duration::from_secs(10))).build())
}

/// A call of the API; `None` where nobody answers.
fn ask(agent: &ureq::Agent, address: &str, key: &str, call: &str) -> Option<Value> {
    let url = format!("http://{address}/?{call}&Format=JSON&AccessKeyId={key}");
    let mut answer = agent.get(url).call().ok()?;
    serde_json::from_slice(&answer.body_mut().read_to_vec().ok()?).ok()
}

/// What an untouched account has.
fn beginning(address: &str, key: &str) -> Value {
    let get = |what: &str| {
        let url = format!("http://{address}/_local/{what}?access_key_id={key}");
        let mut answer = agent().get(url).call().unwrap();
        serde_json::from_slice::<Value>(&answer.body_mut().read_to_vec().unwrap()).unwrap()
    };
    json!({"clock": get("clock")["now"], "balance": get("world")["account"]["balance_cents"]})
}

/// Lets clients call for a while and kills the server under them; tells how it ended.
fn round(server: &mut Server, clients: &mut [Client], rng: &mut fastrand::Rng) {
    let (end, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        for client in clients {
            let address = &server.address;
            scope.spawn(move || client.call_on(address));
        }
        // A wait that nothing ends: for as long as the clients are to call.
        let _ = ended.recv_timeout(Duration::from_millis(rng.u64(2..60)));
        if rng.u8(..6) == 0 {
            // In the middle of a quiet end.
            server.signal("TERM");
            let _ = ended.recv_timeout(Duration::from_millis(rng.u64(..40)));
        }
        server.process.kill().unwrap();
        server.process.wait().unwrap();
    });
    drop(end);
}

fn survive(rounds: usize, name: &str) {
    let data = fresh_directory(name);
    let mut rng = fastrand::Rng::with_seed(11);
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|number| Client { key: format!("client-{number}"), ..Client::default() })
        .collect();
    let mut server = Server::start(Some(&data));
    let beginnings: Vec<Value> =
        clients.iter().map(|client| beginning(&server.address, &client.key)).collect();
    // Clocks differ from start to start, until they have been moved.
    for client in &mut clients {
        client.next = 2;
        client.call(&agent(), &server.address).unwrap();
        client.next = 3;
        client.call(&agent(), &server.address).unwrap();
    }
    for _ in 0..rounds {
        round(&mut server, &mut clients, &mut rng);
        server = Server::start(Some(&data));
        for (client, beginning) in clients.iter_mut().zip(&beginnings) {
            client.check(&server.address, beginning);
        }
    }
    let calls: u64 = clients.iter().map(|client| client.next).sum();
    println!("{rounds} rounds survived, about {calls} calls");
    assert!(calls > rounds as u64, "too few calls to tell anything");
}

#[test]
fn a_killed_server_has_lost_nothing_it_acknowledged() {
    survive(8, "crash-short");
}

#[test]
#[ignore = "takes half a minute; the short version runs always"]
fn a_server_killed_two_hundred_times_has_lost_nothing_it_acknowledged() {
    survive(200, "crash-long");
}

#[test]
fn on_a_full_disk_nothing_is_acknowledged_that_is_not_kept() {
    let data = fresh_directory("crash-full");
    let mut server = Server::limited("-f 100", Some(&data));
    let allocate = |server: &Server| {
        let call = "Action=AllocateEipAddress&RegionId=cn-hangzhou";
        ask(&agent(), &server.address, "full", call).unwrap()
    };
    let mut kept = Vec::new();
    let refusal = loop {
        let answer = allocate(&server);
        match answer["AllocationId"].as_str() {
            Some(id) => kept.push(id.to_owned()),
            None => break answer,
        }
    };
    assert_eq!(refusal["Code"], "EcsLocal.NotKept", "{refusal}");
    assert!(refusal["Message"].as_str().unwrap().contains("journal-00000001"), "{refusal}");
    assert!(kept.len() > 10, "{}", kept.len());
    // It goes on refusing, says why, and does not hang.
    assert_eq!(allocate(&server)["Code"], "EcsLocal.NotKept");
    let mut health =
        agent().get(format!("http://{}/_local/health", server.address)).call().unwrap();
    let health: Value = serde_json::from_slice(&health.body_mut().read_to_vec().unwrap()).unwrap();
    assert!(health["status"] == "failing" && health["data"]["failure"].is_string(), "{health}");
    server.signal("TERM");
    assert_eq!(server.process.wait().unwrap().code(), Some(2), "an end with something not kept");

    let server = Server::start(Some(&data));
    let url = format!("http://{}/_local/world?access_key_id=full", server.address);
    let mut world = agent().get(url).call().unwrap();
    let world: Value = serde_json::from_slice(&world.body_mut().read_to_vec().unwrap()).unwrap();
    let eips = world["eip"].as_object().unwrap();
    for id in &kept {
        assert!(eips.contains_key(id), "{id} is lost");
    }
    assert!(allocate(&server)["AllocationId"].is_string());
}
