//! Every answer can say why: for each call of each scenario the explanation names the row that was
//! raised, the one rule that held, and what the call changed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use ecs_local::emulator::Emulator;
use ecs_local::explain::{Explanation, Outcome};
use ecs_local::scenario::{self, Connection, Load, Run};
use ecs_local::wire::{Format, Incoming, Outgoing};
use serde_json::Value;
use served::{Served, starting_emulator};

/// Asks for the explanation of every answer as it comes.
struct Asking(Arc<Emulator>);

impl Connection for Asking {
    fn emulator(&self) -> &Emulator {
        &self.0
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        let before = world(&self.0);
        let answer = self.0.send(incoming);
        let id = answer.header("x-acs-request-id").unwrap();
        let explanation = self.0.explain(id).unwrap();
        holds(&explanation, &answer, &incoming.query);
        // Where a fault moved the clock, other things came due meanwhile.
        if explanation.fault.contains("clock") {
            return answer;
        }
        let of_now = explanation.changed.iter().filter(|change| !change.is_due);
        let patches = of_now.flat_map(|change| change.patch.clone()).collect::<Vec<Value>>();
        let (patched, after) = (apply(&before, &patches), world(&self.0));
        for (id, instance) in patched {
            // One that is gone is told by its release.
            let Some(now) = after.get(&id) else { continue };
            assert_eq!(instance, *now, "{}: {patches:?}", incoming.query);
        }
        answer
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        self.0.control(method, path, body)
    }
}

type Instances = serde_json::Map<String, Value>;

/// The instances as explanations tell of them: when what was changed last is the cooldown's business.
fn world(emulator: &Emulator) -> Instances {
    let world = emulator.at_present("default", |world, _| world.to_value().unwrap());
    let mut instances = world["instance"].as_object().unwrap().clone();
    for instance in instances.values_mut() {
        instance.as_object_mut().unwrap().remove("last_changes");
    }
    instances
}

/// The instances that were there, with a patch applied.
fn apply(before: &Instances, patch: &[Value]) -> Instances {
    let mut document = serde_json::json!({"instance": before});
    for operation in patch {
        let path = operation["path"].as_str().unwrap();
        let (parent, field) = path.rsplit_once('/').unwrap();
        let Some(instance) = document.pointer_mut(parent).and_then(Value::as_object_mut) else {
            continue;
        };
        match operation["op"].as_str().unwrap() {
            "remove" => drop(instance.remove(field)),
            _ => drop(instance.insert(field.to_owned(), operation["value"].clone())),
        }
    }
    document["instance"].as_object().unwrap().clone()
}

fn holds(explanation: &Explanation, answer: &Outgoing, query: &str) {
    let says = || format!("{query}: {explanation}");
    assert_eq!(explanation.status, answer.status, "{}", says());
    let outcomes: Vec<Outcome> = explanation.rules.iter().map(|rule| rule.outcome).collect();
    let held: Vec<_> = explanation.rules.iter().filter(|it| it.outcome == Outcome::Held).collect();
    match (&explanation.decided, answer.header("x-ecs-local-why")) {
        (None, None) => {
            assert!(held.is_empty() && !outcomes.contains(&Outcome::NotReached), "{}", says());
        }
        (Some(decided), Some(why)) => {
            assert!(why.starts_with(&format!("{}: {}", decided.row, decided.fix)), "{}", says());
            if decided.support == "injected" {
                assert!(held.is_empty(), "{}", says());
            } else {
                assert_eq!(held.len(), 1, "{}", says());
                assert_eq!(held[0].row, decided.row, "{}", says());
                let at = outcomes.iter().position(|it| *it == Outcome::Held).unwrap();
                let is_before = |it: &Outcome| !matches!(it, Outcome::Held | Outcome::NotReached);
                assert!(outcomes[..at].iter().all(is_before), "{}", says());
                assert!(
                    outcomes[at + 1..].iter().all(|it| *it == Outcome::NotReached),
                    "{}",
                    says()
                );
            }
        }
        _ => panic!("{}", says()),
    }
}

#[test]
fn every_answer_says_why() {
    for file in scenario::find(Path::new("scenarios")).unwrap() {
        let load = Load::file(&file).unwrap();
        for as_of in scenario::pages(&load).unwrap() {
            let run = Run { as_of, format: Format::Json, muted: Vec::new() };
            let outcome = scenario::run(&load, &run, |emulator| Asking(Arc::new(emulator)));
            assert!(outcome.is_ok(), "{}: {}", file.display(), outcome.unwrap_err());
        }
    }
}

#[test]
fn the_command_line_asks_a_running_emulator() {
    let served = Served::start(starting_emulator(0));
    let call = "Action=ModifyInstanceSpec&InstanceId=i-web&InstanceType=ecs.g6.xlarge&Colour=red\
                &SecurityToken=hush";
    let answer = served.emulator.answer(&Incoming::get(call));
    let id = answer.header("x-acs-request-id").unwrap().to_owned();
    let why = |id: &str| {
        let address = served.address.to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-local"));
        command.args(["why", id, "--listen", &address]).output().unwrap()
    };
    let told = why(&id);
    let text = String::from_utf8(told.stdout).unwrap();
    for part in [
        "ModifyInstanceSpec at 2026-01-01T00:00:00Z, page 2026-06-26",
        "Colour = red   (nothing read it)",
        "SecurityToken = ***",
        "answered 400 InvalidInstanceStatus.NotStopped",
        "decided by NOT_STOPPED (documented)",
        "what to do: StopInstance first",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let unknown = why("0");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("no call"));
}

#[test]
fn the_command_line_lists_calls_and_follows_them() {
    let served = Served::start(starting_emulator(0));
    let call = |query: &str| served.emulator.answer(&Incoming::get(query));
    call("Action=DescribeRegions&AccessKeyId=k");
    call("Action=StopInstance&InstanceId=i-nowhere&AccessKeyId=k");
    let command = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-local"));
        let address = served.address.to_string();
        command.args(["calls", "--access-key-id", "k", "--listen", &address]).args(more);
        command
    };
    let listed = String::from_utf8(command(&[]).output().unwrap().stdout).unwrap();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert!(lines[0].starts_with("2026-01-01T00:00:00Z 200 DescribeRegions "), "{listed}");
    assert!(lines[1].ends_with(" InvalidInstanceId.NotFound"), "{listed}");
    let refused = command(&["--status", "404"]).output().unwrap().stdout;
    assert_eq!(String::from_utf8(refused).unwrap().lines().count(), 1);

    let mut following = command(&["--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().contains("DescribeRegions") && next().contains("StopInstance"));
    call("Action=DescribeZones&RegionId=cn-hangzhou&AccessKeyId=k");
    assert!(next().contains("DescribeZones"));
    following.kill().unwrap();
    following.wait().unwrap();
}

/// Rows whose refusals turn on nothing that is there, and why.
const SILENT: &[(&str, &str, &[&str])] = &[
    (
        "something is missing, in the request or in the world",
        "ModifyInstanceSpec",
        &[
            "MISSING_PARAMETER",
            "NOTHING_TO_CHANGE",
            "NOTHING_TO_CHANGE_2018",
            "NOT_FOUND",
            "TEMPORARY_END_MISSING",
            "TEMPORARY_START_MISSING",
            "UNKNOWN_TYPE",
            "UNKNOWN_TYPE_2018",
        ],
    ),
    (
        "something is missing, in the request or in the world",
        "ModifyInstanceNetworkSpec",
        &["MISSING_PARAMETER", "NOTHING_TO_CHANGE", "NOT_FOUND"],
    ),
    (
        "something is missing, in the request or in the world",
        "ModifyPrepayInstanceSpec",
        &["MISSING_PARAMETER", "NOT_FOUND", "REGION_NOT_FOUND", "UNKNOWN_TYPE"],
    ),
    (
        "without the parameter another rule holds before",
        "ModifyInstanceSpec",
        &["DISK_CATEGORY", "TEMPORARY_END", "TEMPORARY_START"],
    ),
    (
        "without the parameter another rule holds before",
        "ModifyInstanceNetworkSpec",
        &["TEMPORARY_CONFLICT"],
    ),
    (
        "without the parameter another rule holds before",
        "ModifyPrepayInstanceSpec",
        &["INSTANCE_ID_MALFORMED"],
    ),
    ("other instances count", "ModifyInstanceSpec", &["BANDWIDTH_QUOTA", "TYPE_QUOTA"]),
    ("other instances count", "ModifyInstanceNetworkSpec", &["ACCOUNT_UNPAID_ORDER"]),
    ("asked again, the invalid order is met", "ModifyInstanceNetworkSpec", &["NOT_ENOUGH_BALANCE"]),
    ("asked again, the invalid order is met", "ModifyPrepayInstanceSpec", &["NOT_ENOUGH_BALANCE"]),
];

/// Collects the calls an operation's rule refused that nothing was found to have turned on.
struct Turning(Arc<Emulator>, Arc<Mutex<(usize, BTreeSet<String>)>>);

impl Connection for Turning {
    fn emulator(&self) -> &Emulator {
        &self.0
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        let answer = self.0.send(incoming);
        let why = self.0.explain_in_full(answer.header("x-acs-request-id").unwrap()).unwrap();
        if why.decided.as_ref().is_some_and(|it| ["documented", "guessed"].contains(&&*it.support))
        {
            let mut found = self.1.lock().unwrap();
            found.0 += 1;
            if why.turned_on.is_empty() {
                found.1.insert(format!("{} {}", why.action, why.decided.unwrap().row));
            }
        }
        answer
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        self.0.control(method, path, body)
    }
}

#[test]
fn what_a_running_instance_is_refused_for_is_that_it_runs() {
    let emulator = starting_emulator(0);
    let call = "Action=ModifyInstanceSpec&InstanceId=i-web&InstanceType=ecs.g6.xlarge";
    let answer = emulator.answer(&Incoming::get(call));
    let before = world(&emulator);
    let why = emulator.explain_in_full(answer.header("x-acs-request-id").unwrap()).unwrap();
    let [only] = why.turned_on.as_slice() else { panic!("{:?}", why.turned_on) };
    assert_eq!(only.what, "instance.i-web.status");
    assert_eq!((&only.value, &only.otherwise), (&"Running".into(), &"Stopped".into()));
    assert_eq!(only.row, "", "{only:?}");
    assert!(why.to_string().contains("it turned on instance.i-web.status = \"Running\""), "{why}");
    // Signatures are not strict here, so nothing was asked about the sender.
    let sender = why.rules.iter().filter(|rule| rule.table == "sender");
    assert!(sender.clone().count() > 3 && sender.clone().all(|it| it.outcome == Outcome::NotAsked));
    assert_eq!(world(&emulator), before, "asking again changed the world");
    assert_eq!(emulator.with_tenant("default", |tenant| tenant.calls.total()), 1);
}

#[test]
fn a_refusal_tells_what_it_turned_on() {
    let found = Arc::new(Mutex::new((0, BTreeSet::new())));
    for operation in ["ModifyInstanceSpec", "ModifyInstanceNetworkSpec", "ModifyPrepayInstanceSpec"]
    {
        for file in scenario::find(&Path::new("scenarios").join(operation)).unwrap() {
            let load = Load::file(&file).unwrap();
            let as_of = *scenario::pages(&load).unwrap().last().unwrap();
            let run = Run { as_of, format: Format::Json, muted: Vec::new() };
            scenario::run(&load, &run, |emulator| Turning(Arc::new(emulator), Arc::clone(&found)))
                .unwrap_or_else(|failure| panic!("{}: {failure}", file.display()));
        }
    }
    let found = found.lock().unwrap();
    assert!(found.0 > 200, "{}", found.0);
    let silent: BTreeSet<String> = SILENT
        .iter()
        .flat_map(|(_, operation, rows)| rows.iter().map(move |row| format!("{operation} {row}")))
        .collect();
    assert_eq!(found.1, silent, "found without a word, and known to be so");
}
