//! Any bytes as a scenario file: what is read is run as `ecs-local check` does; then all of its steps are
//! taken, whatever they are answered, and every answer can be read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ecs_local::clock::Clock;
use ecs_local::domain::Span;
use ecs_local::emulator::Emulator;
use ecs_local::scenario::{self, Load, Run, Scenario, Step};
use ecs_local::server;
use ecs_local::wire::{Format, Incoming, Outgoing};
use serde_json::Value;

use super::answer::must_be_readable;

/// How much of a scenario is run: small ones say as much, sooner.
const STEPS: usize = 12;
const INSTANCES: usize = 40;
const LONGEST: Span = Span::days(400);

/// The bytes as a file. Tells whether they are a scenario.
pub fn read(bytes: &[u8]) -> Option<Load> {
    let text = std::str::from_utf8(bytes).ok()?;
    match Load::text(Path::new("x.toml"), text) {
        Ok(load) => Some(load),
        Err(error) => {
            assert!(error.to_string().starts_with("x.toml"), "{error}");
            None
        }
    }
}

fn is_small(load: &Load) -> bool {
    let steps = &load.scenario.step;
    let longest = steps.iter().filter_map(|step| step.after).max();
    steps.len() <= STEPS && load.world.instance.len() <= INSTANCES && longest <= Some(LONGEST)
}

/// Reads, and runs what is small on its first page in either format.
pub fn probe(bytes: &[u8]) -> bool {
    let Some(load) = read(bytes) else { return false };
    if is_small(&load) {
        let as_of = scenario::pages(&load).ok().and_then(|pages| pages[0]);
        for format in [Format::Json, Format::Xml] {
            let run = Run { as_of, format, muted: Vec::new() };
            if let Err(failure) = scenario::run(&load, &run, Arc::new) {
                assert!(!failure.to_string().is_empty());
            }
        }
    }
    true
}

/// Reads, and takes all steps of what is small.
pub fn probe_calls(bytes: &[u8]) -> bool {
    let Some(load) = read(bytes) else { return false };
    if is_small(&load) {
        take_all(&load.scenario);
    }
    true
}

fn take_all(scenario: &Scenario) {
    let start = scenario.start(Clock::Frozen { at: scenario.clock }).unwrap();
    let emulator = Arc::new(Emulator::new(start));
    let mut kept = BTreeMap::new();
    for step in &scenario.step {
        prepare(&emulator, step);
        let filled = |text: &str| {
            let kept = kept.iter().map(|(name, value): (&String, &String)| (name, value));
            kept.fold(text.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let is_armed = emulator.with_tenant("default", |tenant| !tenant.faults.is_empty());
        let answer = if let Some(target) = &step.control {
            control(&emulator, &filled(target), step.body.as_ref())
        } else if let Some(call) = &step.call {
            let answer = call_of(&emulator, step, &filled(call));
            if !is_armed {
                must_be_readable(&answer);
            }
            Some(answer)
        } else {
            None
        };
        if let Some(body) = answer.and_then(|it| serde_json::from_slice::<Value>(&it.body).ok()) {
            for (name, path) in &step.keep {
                let value = body.pointer(&format!("/{}", path.replace('.', "/")));
                let value = value.and_then(Value::as_str).map(str::to_owned);
                kept.extend(value.map(|value| (name.clone(), value)));
            }
        }
    }
    emulator.with_tenant("default", |tenant| tenant.clock.advance(Span::days(40)));
    emulator.at_present("default", |world, _| world.to_value().unwrap());
    emulator.metrics();
}

fn prepare(emulator: &Arc<Emulator>, step: &Step) {
    if let Some(after) = step.after {
        let _ = emulator.move_clock("default", |clock| clock.set(clock.now().plus(after)));
    }
    if !step.world.is_empty() {
        let document = Value::Object(step.world.clone());
        control(emulator, "PATCH /_local/world", Some(&document));
    }
}

fn call_of(emulator: &Emulator, step: &Step, query: &str) -> Outgoing {
    let mut incoming = Incoming::get(query);
    incoming.method = step.method.as_ref().map_or(incoming.method, Into::into);
    if incoming.method == "POST" {
        incoming.body = std::mem::take(&mut incoming.query).as_bytes().to_vec();
        let form = "application/x-www-form-urlencoded";
        incoming.headers.push("content-type", form);
    }
    emulator.answer(&incoming)
}

/// A call of the control interface; it has no fault of its own either, and speaks JSON.
fn control(emulator: &Arc<Emulator>, target: &str, body: Option<&Value>) -> Option<Outgoing> {
    let (method, path) = target.split_once(' ').unwrap_or(("GET", target));
    let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
    let answer = server::answer(emulator, method, path, body).ok()?;
    let told = String::from_utf8_lossy(&answer.body);
    assert_ne!(answer.status, 500, "{target}: {told}");
    Some(answer)
}
