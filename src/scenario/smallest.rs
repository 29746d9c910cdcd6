//! The smallest scenario that answers calls as a running emulator did. It begins with the world as it was
//! before them, as far as that can be known (`rewind.rs`), and with more calls before where that is not
//! enough; then leaves out whatever makes no difference. Every attempt is played, so that what comes out
//! is a scenario that passes.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::draft::{Draft, DraftStep, call, without_nulls};
use super::file::Load;
use super::rewind::{Before, rewound};
use super::runner::{Run, own, play};
use crate::domain::{Span, Timestamp, World};
use crate::explain::Explanation;
use crate::gateway::Options;
use crate::row::Date;
use crate::wire::Format;

/// How deep in a document things are left out one by one: `instance.ID.disks.0.id` is five deep.
const DEPTH: usize = 5;

/// An account of a running emulator.
#[derive(Debug)]
pub struct Account {
    /// Its world as it is now.
    pub world: Value,
    /// The latest calls, the first of them first.
    pub calls: Vec<Explanation>,
    /// The day whose pages answer; the newest without one.
    pub as_of: Option<Date>,
    /// How the gateway is set.
    pub gateway: Options,
}

/// A scenario that was made.
#[derive(Debug)]
pub struct Made {
    /// The text of its file.
    pub text: String,
    /// How many calls it has.
    pub steps: usize,
}

/// A call of the log with its time since the one before.
#[derive(Debug, Clone)]
struct Step {
    /// Its place in the log.
    at: usize,
    after: Span,
}

/// Why a candidate does not do.
enum Otherwise {
    /// It cannot be read.
    NoScenario,
    /// A step of it, from 0, is answered otherwise.
    Step(usize),
}

/// A scenario that may do.
#[derive(Debug, Clone)]
struct Candidate {
    base: Option<&'static str>,
    /// A table.
    given: Value,
    clock: Option<Timestamp>,
    steps: Vec<Step>,
    signs: bool,
}

impl Account {
    /// The smallest scenario in which the calls from `first` to `last` of the log are answered as they
    /// were. Calls before them are in it where they are needed.
    ///
    /// # Errors
    /// No scenario found answers them so.
    pub fn smallest(&self, first: usize, last: usize) -> Result<Made, String> {
        let wanted = first..=last;
        if let Some(struck) = self.calls[wanted.clone()].iter().find(|call| !call.fault.is_empty())
        {
            return Err(format!(
                "a fault struck {} ({}): say so in a [[fault]]",
                struck.request_id, struck.fault
            ));
        }
        let mut candidate = self
            .lookbacks(first)
            .into_iter()
            .find_map(|begin| self.beginning(begin, last, first))
            .ok_or_else(|| self.hopeless(last))?;
        self.leave_out(&mut candidate, first);
        let text = self.draft(&candidate).text()?;
        Ok(Made { text, steps: candidate.steps.len() })
    }

    fn hopeless(&self, last: usize) -> String {
        let call = &self.calls[last];
        format!(
            "no scenario found in which {} is answered {} {}: the world from before the call is not \
             known well enough (money, tokens and instances that are gone are not brought back)",
            call.action, call.status, call.code
        )
    }

    /// Where to begin: at the first wanted call, then further and further back, as long as the log tells
    /// of one line of time.
    fn lookbacks(&self, first: usize) -> Vec<usize> {
        let at = |index: usize| self.calls[index].at;
        let reaches = (0..first).rev().take_while(|&index| at(index) <= at(index + 1));
        let reach = reaches.count();
        let mut back = vec![0];
        back.extend(
            std::iter::successors(Some(1), |back| Some(back * 2)).take_while(|it| *it < reach),
        );
        back.push(reach);
        back.dedup();
        back.into_iter().map(|back| first - back).collect()
    }

    /// The world as it was before a call, and the calls from there on; without those before the wanted
    /// ones that are answered otherwise now.
    fn beginning(&self, begin: usize, last: usize, first: usize) -> Option<Candidate> {
        let undone = self.calls[begin..].iter().map(|call| call.request_id.as_str());
        let at = self.calls[begin].at;
        let mut world = rewound(&self.world, &Before { at, calls: undone.collect() });
        make_keys_known(&mut world);
        let mut now = at;
        let steps = (begin..=last).map(|index| {
            let moment = self.calls[index].at;
            let after = moment.since(now);
            now = moment;
            Step { at: index, after }
        });
        let steps: Vec<Step> = steps.collect();
        let documents = [(None, over_base(&world, at)), (Some("none"), world.as_object().cloned())];
        documents.into_iter().find_map(|(base, given)| {
            let given = without_nulls(Value::Object(given?));
            let steps = steps.clone();
            let mut candidate = Candidate { base, given, clock: Some(at), steps, signs: true };
            loop {
                match self.play(&candidate) {
                    Ok(()) => return Some(candidate),
                    Err(Otherwise::Step(other)) if candidate.steps[other].at < first => {
                        remove_step(&mut candidate.steps, other);
                    }
                    Err(_) => return None,
                }
            }
        })
    }

    /// Leaves out whatever makes no difference to the calls from `first` on.
    fn leave_out(&self, candidate: &mut Candidate, first: usize) {
        self.shorten(candidate, |candidate| candidate.clock = None);
        self.shorten(candidate, |candidate| {
            candidate.signs = false;
            remove(&mut candidate.given, &["access_key".to_owned()]);
        });
        let mut at = 0;
        while candidate.steps.get(at).is_some_and(|step| step.at < first) {
            if !self.shorten(candidate, |candidate| remove_step(&mut candidate.steps, at)) {
                at += 1;
            }
        }
        for at in 0..candidate.steps.len() {
            self.shorten(candidate, |candidate| candidate.steps[at].after = Span(0));
        }
        let mut size = usize::MAX;
        while size_of(&candidate.given) < size {
            size = size_of(&candidate.given);
            for depth in 1..=DEPTH {
                self.thin(candidate, depth);
            }
        }
    }

    /// Leaves out the keys of the document at a depth, many at a time and then fewer.
    fn thin(&self, candidate: &mut Candidate, depth: usize) {
        let mut paths = paths_at(&candidate.given, depth);
        let mut count = paths.len();
        while count > 0 {
            let mut at = 0;
            while at < paths.len() {
                let some = at..(at + count).min(paths.len());
                let removed = paths[some.clone()].to_vec();
                let is_gone = self.shorten(candidate, |candidate| {
                    for path in &removed {
                        remove(&mut candidate.given, path);
                    }
                });
                if is_gone {
                    paths.drain(some);
                } else {
                    at += count;
                }
            }
            count /= 2;
        }
    }

    /// Takes a change over where the answers stay what they were.
    fn shorten(&self, candidate: &mut Candidate, change: impl FnOnce(&mut Candidate)) -> bool {
        let mut shorter = candidate.clone();
        change(&mut shorter);
        let holds = self.play(&shorter).is_ok();
        if holds {
            *candidate = shorter;
        }
        holds
    }

    /// Plays a candidate in JSON and in XML: is every call answered as it was?
    fn play(&self, candidate: &Candidate) -> Result<(), Otherwise> {
        let text = self.draft(candidate).text().map_err(|_| Otherwise::NoScenario)?;
        let load = Load::text(Path::new("new.toml"), &text).map_err(|_| Otherwise::NoScenario)?;
        for format in [Format::Json, Format::Xml] {
            let run = Run { as_of: self.as_of, format, muted: Vec::new() };
            let trace = play(&own(&load, &run, Arc::new), &load, &run);
            if let Err(failure) = &trace.outcome {
                let at = failure.step.checked_sub(1);
                return Err(at.map_or(Otherwise::NoScenario, Otherwise::Step));
            }
            for (at, (step, taken)) in candidate.steps.iter().zip(&trace.steps).enumerate() {
                // The same words can come from another rule.
                let row = self.calls[step.at].decided.as_ref().map_or("", |it| it.row.as_str());
                if taken.answer.as_ref().is_none_or(|answer| answer.rule != row) {
                    return Err(Otherwise::Step(at));
                }
            }
        }
        Ok(())
    }

    fn draft(&self, candidate: &Candidate) -> Draft {
        Draft {
            about: candidate.steps.last().map(|step| self.about(step.at)).unwrap_or_default(),
            base: candidate.base,
            pages: self.as_of.iter().map(ToString::to_string).collect(),
            clock: candidate.clock,
            gateway: self.gateway,
            given: candidate.given.as_object().cloned().unwrap_or_default(),
            step: candidate.steps.iter().map(|step| self.step(step, candidate.signs)).collect(),
        }
    }

    fn about(&self, at: usize) -> String {
        let call = &self.calls[at];
        match &call.decided {
            Some(decided) => {
                format!("{} is refused: {} ({}).", call.action, call.code, decided.row)
            }
            None => format!("{} succeeds.", call.action),
        }
    }

    fn step(&self, step: &Step, signs: bool) -> DraftStep {
        let told = &self.calls[step.at];
        let parameters =
            told.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let number = signs.then(|| key_number(&self.world, &told.access_key_id)).flatten();
        let mut draft = DraftStep {
            after: step.after,
            call: call(&told.action, parameters),
            key: number.map(key_name),
            ..DraftStep::default()
        };
        if told.status >= 300 {
            draft.refused(told.status, &told.code, Some(told.message.clone()));
        }
        draft
    }
}

/// Takes a step out; its time goes to the next one.
fn remove_step(steps: &mut Vec<Step>, at: usize) {
    let step = steps.remove(at);
    if let Some(next) = steps.get_mut(at) {
        next.after = Span(next.after.0.saturating_add(step.after.0));
    }
}

/// Which of the keys that a world lists this is, from 0.
fn key_number(world: &Value, id: &str) -> Option<usize> {
    world["access_key"].as_array()?.iter().position(|key| key["id"] == id)
}

fn key_name(number: usize) -> String {
    format!("key-{}", number + 1)
}

/// An exported world has no secrets, and a file is to have no real key: each gets a name and a secret
/// that are nobody's.
fn make_keys_known(world: &mut Value) {
    let keys = world.get_mut("access_key").and_then(Value::as_array_mut);
    for (number, key) in keys.into_iter().flatten().enumerate() {
        key["id"] = Value::from(key_name(number));
        key["secret"] = Value::from("secret");
    }
}

/// What a document says beside the world that documents build on.
fn over_base(world: &Value, now: Timestamp) -> Option<Map<String, Value>> {
    let base = World::base(now).ok()?.to_value().ok()?;
    let Value::Object(mut over) = over(world, &base)? else { return None };
    over.shift_remove("base");
    Some(over)
}

/// What of a value is not as in another; nothing where they are the same.
fn over(value: &Value, base: &Value) -> Option<Value> {
    let (Some(fields), Some(known)) = (value.as_object(), base.as_object()) else {
        return (value != base).then(|| value.clone());
    };
    let differing = fields.iter().filter_map(|(key, value)| {
        let value = known.get(key).map_or_else(|| Some(value.clone()), |known| over(value, known));
        Some((key.clone(), value?))
    });
    let differing: Map<String, Value> = differing.collect();
    (!differing.is_empty()).then_some(Value::Object(differing))
}

/// The paths to everything in a document at a depth, from 1. What stands in lists is found by its place;
/// the places themselves stay, lest others move.
fn paths_at(document: &Value, depth: usize) -> Vec<Vec<String>> {
    let below = |key: &str, value: &Value| -> Vec<Vec<String>> {
        let inner = paths_at(value, depth - 1).into_iter();
        inner.map(|rest| [vec![key.to_owned()], rest].concat()).collect()
    };
    match document {
        Value::Object(map) if depth == 1 => map.keys().map(|key| vec![key.clone()]).collect(),
        Value::Object(map) => map.iter().flat_map(|(key, value)| below(key, value)).collect(),
        Value::Array(items) if depth > 1 => {
            let items = items.iter().enumerate();
            items.flat_map(|(at, value)| below(&at.to_string(), value)).collect()
        }
        _ => Vec::new(),
    }
}

fn remove(document: &mut Value, path: &[String]) {
    let Some((last, way)) = path.split_last() else { return };
    let inner = way.iter().try_fold(document, |inner, key| match inner {
        Value::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        other => other.get_mut(key),
    });
    if let Some(map) = inner.and_then(Value::as_object_mut) {
        map.shift_remove(last);
    }
}

/// How many keys a document has, at all depths.
fn size_of(document: &Value) -> usize {
    match document {
        Value::Object(map) => map.len() + map.values().map(size_of).sum::<usize>(),
        Value::Array(items) => items.iter().map(size_of).sum(),
        _ => 0,
    }
}
