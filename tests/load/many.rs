//! Many clients at once, several to an account, each with a book of its own: accepted and refused calls,
//! tokens that are repeated, what is read of one's own writes. Afterwards every acknowledged change is
//! there and no refused one; after SIGKILL and a restart, too.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ecs_local::clock::Stopwatch;
use serde_json::Value;

use crate::caller::{Caller, Times, call, world};
use crate::process::{Server, fresh_directory};
use crate::served::RawAnswer;

/// How many clients share an account.
const TOGETHER: usize = 5;

/// How many addresses a client holds before it gives the oldest back.
const HELD: usize = 4;

/// After how many calls a client connects anew.
const CALLS_OF_A_CONNECTION: u64 = 100;

/// Little: there are many of them.
const STACK: usize = 256 * 1024;

/// What one client did and was told.
#[derive(Debug, Default)]
struct Client {
    /// Its account's key.
    key: String,
    number: usize,
    /// Its own among the instances of the account.
    instance: String,
    /// The number of its next call.
    next: u64,
    /// Addresses it was given and has not given back.
    held: VecDeque<String>,
    /// Those it has given back.
    released: Vec<String>,
    /// The latest token, and what it was answered with.
    token: Option<(String, String)>,
    /// The name its instance was given: acknowledged, and sent.
    named: Option<u64>,
    naming: Option<u64>,
    /// The change under way when nobody answered any more.
    in_flight: Option<Change>,
    accepted: u64,
    refused: u64,
    /// Of changes that were accepted.
    changes: Times,
    /// Of all other calls.
    others: Times,
}

/// A change that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Allocate,
    Release(String),
    Rename,
}

impl Client {
    fn new(number: usize) -> Self {
        Self { key: format!("many-{}", number / TOGETHER), number, ..Self::default() }
    }

    /// Calls for a while, or until nobody answers.
    fn call_on(&mut self, address: &str, time: Duration) -> Option<()> {
        let watch = Stopwatch::start();
        let mut caller = Caller::connect(address).ok()?;
        while watch.elapsed() < time {
            self.next += 1;
            if self.next.is_multiple_of(CALLS_OF_A_CONNECTION) {
                caller = Caller::connect(address).ok()?;
            }
            self.step(&mut caller)?;
        }
        Some(())
    }

    fn step(&mut self, caller: &mut Caller) -> Option<()> {
        match self.next % 8 {
            0 | 1 => self.allocate(caller),
            2 => self.allocate_again(caller),
            3 => self.allocate_otherwise(caller),
            4 => self.release(caller),
            5 => self.refused(
                caller,
                "Action=ReleaseEipAddress&RegionId=cn-hangzhou&AllocationId=eip-none",
                (404, "InvalidAllocationId.NotFound"),
            ),
            6 => self.rename(caller),
            _ => self.read(caller),
        }
    }

    /// A call that must be accepted.
    fn accepted(
        &mut self,
        caller: &mut Caller,
        call: &str,
        change: Option<Change>,
    ) -> Option<Value> {
        let times = if change.is_some() { &mut self.changes } else { &mut self.others };
        self.in_flight = change;
        let answer = times.of(|| caller.call(&self.key, call))?;
        assert_eq!(answer.status, 200, "{call}: {}", text(&answer));
        self.in_flight = None;
        self.accepted += 1;
        Some(answer.json())
    }

    /// A call that must be refused in just this way.
    fn refused(&mut self, caller: &mut Caller, call: &str, with: (u16, &str)) -> Option<()> {
        let answer = self.others.of(|| caller.call(&self.key, call))?;
        let code = answer.json()["Code"].clone();
        assert_eq!((answer.status, code.as_str()), (with.0, Some(with.1)), "{call}");
        self.refused += 1;
        Some(())
    }

    fn allocate(&mut self, caller: &mut Caller) -> Option<()> {
        let token = format!("{}-{}", self.number, self.next);
        let answer = self.accepted(caller, &allocation(&token), Some(Change::Allocate))?;
        let id = answer["AllocationId"].as_str().unwrap().to_owned();
        self.held.push_back(id.clone());
        self.token = Some((token, id));
        Some(())
    }

    /// The same call again: the same answer, and nothing else happens.
    fn allocate_again(&mut self, caller: &mut Caller) -> Option<()> {
        let Some((token, id)) = self.token.clone() else { return Some(()) };
        let answer = self.accepted(caller, &allocation(&token), None)?;
        assert_eq!(answer["AllocationId"], id, "{token}");
        Some(())
    }

    /// Another call under the same token.
    fn allocate_otherwise(&mut self, caller: &mut Caller) -> Option<()> {
        let Some((token, _)) = &self.token else { return Some(()) };
        let call = format!("{}&Bandwidth=7", allocation(token));
        self.refused(caller, &call, (400, "IdempotentParameterMismatch"))
    }

    fn release(&mut self, caller: &mut Caller) -> Option<()> {
        while self.held.len() > HELD {
            let id = self.held[0].clone();
            let call = format!("Action=ReleaseEipAddress&RegionId=cn-hangzhou&AllocationId={id}");
            self.accepted(caller, &call, Some(Change::Release(id)))?;
            self.released.extend(self.held.pop_front());
        }
        Some(())
    }

    fn rename(&mut self, caller: &mut Caller) -> Option<()> {
        self.naming = Some(self.next);
        let call = format!(
            "Action=ModifyInstanceAttribute&InstanceId={}&InstanceName=n-{}",
            self.instance, self.next
        );
        self.accepted(caller, &call, Some(Change::Rename))?;
        self.named = self.naming;
        Some(())
    }

    /// What it has written itself it reads.
    fn read(&mut self, caller: &mut Caller) -> Option<()> {
        let call = format!("Action=DescribeInstanceAttribute&InstanceId={}", self.instance);
        let answer = self.accepted(caller, &call, None)?;
        if let Some(named) = self.named {
            assert_eq!(answer["InstanceName"], format!("n-{named}"));
        }
        Some(())
    }
}

fn text(answer: &RawAnswer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

fn allocation(token: &str) -> String {
    format!("Action=AllocateEipAddress&RegionId=cn-hangzhou&ClientToken={token}")
}

/// So many clients, each with an instance of its own.
fn clients(server: &Server, count: usize) -> Vec<Client> {
    let mut clients: Vec<Client> = (0..count).map(Client::new).collect();
    for together in clients.chunks_mut(TOGETHER) {
        let run = format!(
            "Action=RunInstances&RegionId=cn-hangzhou&InstanceType=ecs.g6.large&Amount={}\
             &ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&VSwitchId=vsw-hangzhou-h\
             &SecurityGroupId=sg-hangzhou",
            together.len()
        );
        let answer = call(server, &together[0].key, &run);
        assert_eq!(answer.status, 200, "{}", text(&answer));
        let ids = answer.json()["InstanceIdSets"]["InstanceIdSet"].clone();
        for (client, id) in together.iter_mut().zip(ids.as_array().unwrap()) {
            id.as_str().unwrap().clone_into(&mut client.instance);
        }
    }
    clients
}

/// All call at once for a while, at the end of which the server may be killed under them.
fn call_at_once(server: &mut Server, clients: &mut [Client], time: Duration, is_killed: bool) {
    let watch = Stopwatch::start();
    let address = &server.address;
    let process = &mut server.process;
    thread::scope(|scope| {
        for client in &mut *clients {
            let builder = thread::Builder::new().stack_size(STACK);
            let calling = move || {
                let allowed = if is_killed { Duration::MAX } else { time };
                let is_answered = client.call_on(address, allowed).is_some();
                assert!(is_answered || is_killed, "call {} was not answered", client.next);
            };
            builder.spawn_scoped(scope, calling).unwrap();
        }
        if is_killed {
            let (_end, ended) = mpsc::channel::<()>();
            // A wait that nothing ends: for as long as the clients are to call.
            let _ = ended.recv_timeout(time);
            process.kill().unwrap();
            process.wait().unwrap();
        }
    });
    report(clients, watch.elapsed());
}

/// Prints the figures, and holds those that must be within bounds against them.
fn report(clients: &mut [Client], took: Duration) {
    let (mut changes, mut others) = (Times::default(), Times::default());
    let (mut accepted, mut refused) = (0, 0);
    for client in &mut *clients {
        changes.add(std::mem::take(&mut client.changes));
        others.add(std::mem::take(&mut client.others));
        accepted += client.accepted;
        refused += client.refused;
    }
    let calls = u32::try_from(changes.count() + others.count()).unwrap();
    let rate = f64::from(calls) / took.as_secs_f64();
    println!("{} clients for {took:.1?}, {rate:.0} calls/s", clients.len());
    println!("{accepted} accepted, {refused} refused as expected");
    println!("changes: {}", changes.told());
    println!("others: {}", others.told());
    assert!(refused > 0 && accepted > refused, "{accepted} accepted, {refused} refused");
    // A change waits for the disk, but not behind everybody who does not.
    let bound = 10 * others.percentile(50) + Duration::from_millis(50);
    assert!(changes.percentile(50) < bound, "changes wait behind other calls");
}

/// Every acknowledged change of the clients of an account is there, and nothing else but, perhaps, what was
/// under way.
fn check(server: &Server, together: &[Client], instances: usize) {
    let world = world(server, &together[0].key);
    let there: BTreeSet<&str> =
        world["eip"].as_object().unwrap().keys().map(|it| it.as_str()).collect();
    let mut expected = BTreeSet::new();
    let mut allocating = 0;
    for client in together {
        for id in &client.held {
            let is_going = client.in_flight == Some(Change::Release(id.clone()));
            assert!(there.contains(id.as_str()) || is_going, "{}: {id} is lost", client.key);
            expected.insert(id.as_str());
        }
        for id in &client.released {
            assert!(!there.contains(id.as_str()), "{}: {id} has come back", client.key);
        }
        allocating += usize::from(client.in_flight == Some(Change::Allocate));
        let name = world["instance"][&client.instance]["name"].as_str().unwrap_or_default();
        let is_renaming = client.in_flight == Some(Change::Rename);
        let names = [client.named, client.naming.filter(|_| is_renaming)];
        let is_known = names.into_iter().flatten().any(|number| name == format!("n-{number}"));
        assert!(is_known || client.named.is_none(), "{}: {name}, {names:?}", client.key);
    }
    let others = there.difference(&expected).count();
    assert!(others <= allocating, "{others} addresses nobody was given; {allocating} under way");
    let known = world["instance"].as_object().unwrap().len();
    assert_eq!(known, instances + together.len(), "instances of {}", together[0].key);
}

fn many(count: usize, time: Duration, data: Option<&Path>) {
    let room = rlimit::increase_nofile_limit(u64::MAX).unwrap();
    assert!(room > count as u64 + 300, "{count} clients, but {room} file descriptors");
    let mut server = Server::start(data);
    let instances = world(&server, "untouched")["instance"].as_object().unwrap().len();
    let mut clients = clients(&server, count);
    call_at_once(&mut server, &mut clients, time, data.is_some());
    if data.is_some() {
        server = Server::start(data);
    }
    for together in clients.chunks(TOGETHER) {
        check(&server, together, instances);
    }
    for client in &clients {
        let Some((token, id)) = &client.token else { continue };
        let again = call(&server, &client.key, &allocation(token));
        assert_eq!(again.json()["AllocationId"], id.as_str(), "{token} was forgotten");
    }
    assert_eq!(undocumented(&server), Vec::<String>::new());
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

/// Codes that were counted and that no client expects.
fn undocumented(server: &Server) -> Vec<String> {
    let metrics = crate::caller::get(server, "/_local/metrics");
    let metrics = String::from_utf8(metrics.body).unwrap();
    let expected = ["", "InvalidAllocationId.NotFound", "IdempotentParameterMismatch"];
    let mut codes = BTreeMap::new();
    for line in metrics.lines().filter(|line| line.starts_with("ecs_local_calls_total{")) {
        let (_, rest) = line.split_once("code=\"").unwrap();
        codes.insert(rest.split('"').next().unwrap(), line.to_owned());
    }
    codes.retain(|code, _| !expected.contains(code));
    codes.into_values().collect()
}

/// How long the full size calls.
#[expect(clippy::disallowed_methods, reason = "a setting of the test, not of the program")]
fn full_time() -> Duration {
    let seconds = std::env::var("LOAD_SECONDS").ok();
    Duration::from_secs(seconds.map_or(60, |it| it.parse().unwrap()))
}

#[test]
fn fifty_clients_at_once_get_what_they_were_told() {
    many(50, Duration::from_secs(1), None);
}

#[test]
fn fifty_clients_lose_nothing_when_the_server_is_killed() {
    many(50, Duration::from_secs(1), Some(&fresh_directory("load-many")));
}

#[test]
#[ignore = "full size; the small one runs always"]
fn a_thousand_clients_at_once_get_what_they_were_told() {
    many(1000, full_time(), None);
}

#[test]
#[ignore = "full size; the small one runs always"]
fn a_thousand_clients_lose_nothing_when_the_server_is_killed() {
    many(1000, full_time(), Some(&fresh_directory("load-many-full")));
}
