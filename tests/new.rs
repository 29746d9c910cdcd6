//! `ecs-local new scenario`: what it makes of refusals passes, says the same, and is small.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use ecs_local::emulator::Emulator;
use ecs_local::explain::Explanation;
use ecs_local::gateway::DEFAULT_ACCOUNT;
use ecs_local::scenario::{self, Account, Connection, Load, Run};
use ecs_local::wire::{Format, Incoming, Outgoing};
use serde_json::Value;
use served::{Served, starting_emulator};

/// An emulator that outlives the run of a scenario.
struct Kept(Arc<Emulator>);

impl Connection for Kept {
    fn emulator(&self) -> &Emulator {
        &self.0
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        self.0.send(incoming)
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        self.0.control(method, path, body)
    }
}

/// The account of a scenario after it was played.
fn after(path: &Path) -> Account {
    let load = Load::file(path).unwrap();
    let as_of = scenario::pages(&load).unwrap().pop().flatten();
    let run = Run { as_of, format: Format::Json, muted: Vec::new() };
    let mut kept = None;
    scenario::run(&load, &run, |emulator| {
        let emulator = Arc::new(emulator);
        kept = Some(Arc::clone(&emulator));
        Kept(emulator)
    })
    .unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
    let emulator = kept.unwrap();
    let (world, mut calls) = emulator.at_present(DEFAULT_ACCOUNT, |world, _| {
        (world.clone().without_secrets().to_value().unwrap(), Vec::new())
    });
    emulator.with_tenant(DEFAULT_ACCOUNT, |tenant| {
        calls.extend(tenant.calls.latest().map(|told| told.request_id));
    });
    calls.reverse();
    let calls = calls.iter().map(|id| emulator.explain(&id.to_string()).unwrap()).collect();
    Account { world, calls, as_of, gateway: load.scenario.gateway }
}

/// Adds instances that have nothing to do with anything.
fn crowd(world: &mut Value) {
    let instances = world["instance"].as_object_mut().unwrap();
    let Some(one) = instances.values().next().cloned() else { return };
    for number in 0..20 {
        instances.insert(format!("i-other-{number}"), one.clone());
    }
}

#[test]
fn refusals_become_small_scenarios_that_say_the_same() {
    let folders = ["ModifyInstanceSpec", "ModifyInstanceNetworkSpec", "ModifyPrepayInstanceSpec"];
    let folders = folders.map(|operation| Path::new("scenarios").join(operation));
    let files = folders.iter().flat_map(|folder| scenario::find(folder).unwrap());
    let mut made_of = 0;
    for path in files.step_by(11) {
        let mut account = after(&path);
        crowd(&mut account.world);
        let refused = |call: &&Explanation| call.decided.is_some() && call.fault.is_empty();
        let Some(call) = account.calls.iter().find(refused).cloned() else { continue };
        let at = account.calls.iter().position(|it| it.request_id == call.request_id).unwrap();
        let made = account.smallest(at, at);
        let made = made.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let load = Load::text(&path, &made.text).unwrap();
        let last = load.scenario.step.last().unwrap();
        assert_eq!(last.code.as_ref(), Some(&call.code), "{}", made.text);
        assert_eq!(last.message.as_ref(), Some(&call.message), "{}", made.text);
        assert_eq!(load.scenario.step.len(), made.steps, "{}", made.text);
        assert!(made.steps <= 2, "{}", made.text);
        let given = load.scenario.given();
        let instances = given.get("instance").and_then(Value::as_object).map_or(0, |it| it.len());
        assert!(instances <= 1 && keys(&Value::Object(given.clone())) <= 12, "{}", made.text);
        for format in [Format::Json, Format::Xml] {
            let run = Run { as_of: account.as_of, format, muted: Vec::new() };
            let outcome = scenario::run(&load, &run, Arc::new);
            assert!(outcome.is_ok(), "{}\n{}", made.text, outcome.unwrap_err());
        }
        made_of += 1;
    }
    assert!(made_of > 12, "{made_of}");
}

/// How many keys a document has, at all depths.
fn keys(document: &Value) -> usize {
    match document {
        Value::Object(map) => map.len() + map.values().map(keys).sum::<usize>(),
        Value::Array(items) => items.iter().map(keys).sum(),
        _ => 0,
    }
}

#[test]
fn the_calls_before_are_in_it_where_they_are_needed_and_only_there() {
    for (story, at, steps) in [
        // The second change is too early because of the first.
        ("two_changes_in_five_minutes", 1, 2),
        // Nothing before the order matters to what waits for it.
        ("unpaid_order", 2, 2),
    ] {
        let account = after(&Path::new("scenarios/flows").join(format!("{story}.toml")));
        let mut refused = account.calls.iter().enumerate().filter(|(_, it)| it.decided.is_some());
        let made = account.smallest(at, at).unwrap();
        assert_eq!(made.steps, steps, "{}", made.text);
        // All of its calls, where that is wanted.
        let last = refused.next_back().unwrap().0;
        let all = account.smallest(0, last).unwrap();
        assert_eq!(all.steps, last + 1, "{}", all.text);
    }
}

fn ecs_local(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ecs-local")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_running_emulator_is_asked_and_a_file_written() {
    let served = Served::start(starting_emulator(3));
    let address = served.address.to_string();
    let call = |query: &str| {
        let url = served.url(&format!("/?AccessKeyId=k&Format=JSON&{query}"));
        let mut answer = served::agent().get(url).call().unwrap();
        let body: Value =
            serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).unwrap();
        body["RequestId"].as_str().unwrap().to_owned()
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("new");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let name = folder.join("too-early");
    let name = name.to_str().unwrap();
    let new = |arguments: &[&str]| {
        let common = ["new", "scenario", "--access-key-id", "k", "--listen", &address];
        ecs_local(&[&common[..], arguments].concat())
    };
    let nothing = new(&[name]);
    assert_eq!(nothing.status.code(), Some(2), "{}", text(&nothing.stdout));

    let early = call("Action=ModifyInstanceSpec&InstanceId=i-web&InstanceType=ecs.g6.xlarge");
    call("Action=StopInstance&InstanceId=i-web");
    call("Action=StopInstance&InstanceId=i-web");
    let output = new(&["--request-id", &early, name]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let path = format!("{name}.toml");
    assert!(text(&output.stdout).contains(&format!("{path}: 1 call\n")));
    let written = fs::read_to_string(&path).unwrap();
    // As it was before StopInstance.
    assert!(written.contains("NOT_STOPPED") && !written.contains("status ="), "{written}");
    assert!(!written.contains("AccessKeyId"), "{written}");
    let checked = ecs_local(&["check", &path]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stdout));
    // What is there is not written over.
    assert_eq!(new(&[name]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).unwrap(), written);

    let shown = text(&new(&["--calls", "2", "-"]).stdout);
    assert_eq!(shown.matches("[[step]]").count(), 2, "{shown}");
    assert!(shown.contains("IncorrectInstanceStatus"), "{shown}");
}
