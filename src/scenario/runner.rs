//! Runs scenarios: on every page that knows the row they raise, in JSON and in XML. After a refusal
//! the world must be what it was.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::clock::Clock;
use crate::domain::order::OrderState;
use crate::emulator::{Emulator, Start};
use crate::faults::Phase;
use crate::operations::Entry;
use crate::reading;
use crate::row::{Date, Page, Row};
use crate::rule::RuleId;
use crate::wire::Format;

use super::expected::{Difference, differences, entry_of, find_row, pointer, xml_text};
use super::file::{Load, ScenarioError, Step};
use super::stage::{Answer, Call, Connection, Own, Stage};
use super::taken::{Answered, Asked, Taken};

/// One way to run a scenario.
#[derive(Debug, Clone)]
pub struct Run {
    /// Chooses the pages in force; the newest without a date.
    pub as_of: Option<Date>,
    /// The form of the answers.
    pub format: Format,
    /// Rules that are passed over.
    pub muted: Vec<RuleId>,
}

/// What went otherwise than the scenario says.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Which step, from 1.
    pub step: usize,
    /// Its call.
    pub call: String,
    /// Where the answer differs.
    pub differences: Vec<Difference>,
    /// The rule that decided, with its fix; or that none did.
    pub decided: String,
}

impl Failure {
    /// Of a step that went otherwise.
    fn of(taken: &Taken) -> Option<Self> {
        let decided = match &taken.answer {
            Some(answer) if !answer.rule.is_empty() => format!("{}: {}", answer.rule, answer.fix),
            Some(answer) if answer.status < 300 => "no rule; the call was accepted".to_owned(),
            _ => "not told".to_owned(),
        };
        (!taken.passed).then(|| Self {
            step: taken.step,
            call: taken.request.as_ref().map(Asked::told).unwrap_or_default(),
            differences: taken.differences.clone(),
            decided,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "  step {}: {}", self.step, self.call)?;
        for difference in &self.differences {
            write!(out, "{difference}")?;
        }
        write!(out, "    decided  {}", self.decided)
    }
}

/// How a run ended; in peace, the faults that never struck, by their place in the file from 1.
pub type Outcome = Result<Vec<usize>, Failure>;

/// The dates of the pages a scenario runs on: those it names, else those that know the first row
/// it raises, else (no date) the newest.
///
/// # Errors
/// A page or a row that does not exist.
pub fn pages(load: &Load) -> Result<Vec<Option<Date>>, ScenarioError> {
    if !load.scenario.pages.is_empty() {
        let date = |text: &String| {
            Date::parse(text).map(Some).ok_or_else(|| unknown(load, format!("no date: {text:?}")))
        };
        return load.scenario.pages.iter().map(date).collect();
    }
    let raising = load.scenario.step.iter().find(|step| step.raises.is_some());
    let Some(step) = raising else {
        return Ok(vec![None]);
    };
    let row = find_row(step).map_err(|what| unknown(load, what))?;
    let known_on: Vec<Option<Date>> = entry_of(step)
        .map(|entry| entry.pages.iter().filter(|page| knows(entry, page, row)))
        .into_iter()
        .flatten()
        .map(|page| Some(page.date))
        .collect();
    Ok(if known_on.is_empty() { vec![None] } else { known_on })
}

/// Runs a scenario one way, against an emulator made for it.
///
/// # Errors
/// The first step that goes otherwise than the scenario says.
pub fn run<C: Connection>(load: &Load, run: &Run, connect: impl FnOnce(Emulator) -> C) -> Outcome {
    play(&own(load, run, connect), load, run).outcome
}

/// A run, step by step.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The steps that were taken: up to the first that went otherwise.
    pub steps: Vec<Taken>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Trace {
    /// Of a run whose world could not be set up.
    pub(super) fn never_began(why: String) -> Self {
        let failure = Failure {
            step: 0,
            call: "(the world of the scenario)".to_owned(),
            differences: vec![Difference::of("world", "one that is taken", why)],
            decided: "not told".to_owned(),
        };
        Self { steps: Vec::new(), outcome: Err(failure) }
    }
}

/// The stage of an emulator made for one run.
pub(super) fn own<C: Connection>(
    load: &Load,
    run: &Run,
    connect: impl FnOnce(Emulator) -> C,
) -> Own<C> {
    Own(connect(Emulator::new(Start {
        as_of: run.as_of,
        gateway: load.scenario.gateway,
        faults: load.scenario.fault.clone(),
        muted: run.muted.clone(),
        ..Start::of(load.world.clone(), Clock::Frozen { at: load.scenario.clock })
    })))
}

/// Plays a scenario on a stage that is set for it.
pub(super) fn play(stage: &impl Stage, load: &Load, run: &Run) -> Trace {
    let page = run.as_of.map(|day| day.to_string()).unwrap_or_default();
    let is_for = |step: &&Step| step.pages.is_empty() || step.pages.contains(&page);
    let mut player = Player { stage, format: run.format, kept: BTreeMap::new() };
    let mut steps = Vec::new();
    for (index, step) in load.scenario.step.iter().filter(is_for).enumerate() {
        let taken = player.take(index + 1, step);
        let failure = Failure::of(&taken);
        steps.push(taken);
        if let Some(failure) = failure {
            return Trace { steps, outcome: Err(failure) };
        }
    }
    // Faults that cannot be asked for any more are not told.
    let faults = stage.faults().unwrap_or_default();
    let idle = faults.iter().enumerate().filter(|(_, fault)| fault.fired == 0);
    Trace { steps, outcome: Ok(idle.map(|(index, _)| index + 1).collect()) }
}

/// Takes the steps of one run.
struct Player<'a, S> {
    stage: &'a S,
    format: Format,
    /// What steps have kept of their replies, by name.
    kept: BTreeMap<String, String>,
}

impl<S: Stage> Player<'_, S> {
    fn take(&mut self, number: usize, step: &Step) -> Taken {
        let mut taken = Taken {
            step: number,
            about: step.about.clone(),
            after: step.after,
            request: self.asked(step),
            answer: None,
            passed: false,
            differences: Vec::new(),
        };
        // What keeps a call from being answered at all is told like a wrong answer.
        taken.differences = self
            .ask(step, &mut taken)
            .unwrap_or_else(|error| vec![Difference::of("answer", "one", error)]);
        taken.passed = taken.differences.is_empty();
        taken
    }

    /// The call of a step, filled in.
    fn asked(&self, step: &Step) -> Option<Asked> {
        if let Some(control) = &step.control {
            return Some(Asked::control(step, &self.filled(control)));
        }
        let mut query = self.filled(step.call.as_ref()?);
        if !names_format(&query) {
            query.push_str(if self.format == Format::Json {
                "&Format=JSON"
            } else {
                "&Format=XML"
            });
        }
        let key = step.key.as_ref().map(|key| self.filled(key));
        Some(Asked::call(step, &query, key.as_deref()))
    }

    fn filled(&self, text: &str) -> String {
        let kept = self.kept.iter();
        kept.fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// Prepares and sends a step's call, and compares.
    fn ask(&mut self, step: &Step, taken: &mut Taken) -> Result<Vec<Difference>, String> {
        self.stage.prepare(step)?;
        let Some(asked) = &taken.request else { return Ok(Vec::new()) };
        let (before, struck) = (self.stage.world()?, self.struck_after()?);
        let answer = self.send(step, taken.step, asked)?;
        let format = self.format_of(step, &answer);
        taken.answer = Some(Answered::from(&answer));
        let may_change = !answer.is_refusal() || self.struck_after()? > struck;
        if !may_change && !is_unchanged(before.as_ref(), self.stage.world()?) {
            let unchanged = "as before: the call was refused";
            return Ok(vec![Difference::of("world", unchanged, "a changed one")]);
        }
        let mut differences = differences(step, &answer, format);
        if differences.is_empty() {
            differences.extend(self.keep(step, &answer, format));
        }
        Ok(differences)
    }

    fn send(&self, step: &Step, number: usize, asked: &Asked) -> Result<Answer, String> {
        if asked.kind == "control" {
            let body = asked.body.as_ref().map(|body| body.to_string().into_bytes());
            let target = asked.target();
            return self.stage.control(&asked.method, &target, body.unwrap_or_default());
        }
        let key = asked.key.as_deref();
        self.stage.send(&Call { step, number, query: &asked.query, key })
    }

    /// The form of an answer: a call that names one itself is answered in that one, and the control
    /// interface speaks JSON.
    fn format_of(&self, step: &Step, answer: &Answer) -> Format {
        match (&step.call, answer.body.first()) {
            (None, _) => Format::Json,
            (Some(call), Some(b'<')) if names_format(call) => Format::Xml,
            (Some(call), Some(_)) if names_format(call) => Format::Json,
            _ => self.format,
        }
    }

    /// How often faults struck after a call, so that its change happened although it was refused.
    fn struck_after(&self) -> Result<u64, String> {
        let faults = self.stage.faults()?;
        Ok(faults.iter().filter(|fault| fault.phase == Phase::After).map(|fault| fault.fired).sum())
    }

    /// Keeps fields of a reply for later calls; tells those that are not there.
    fn keep(&mut self, step: &Step, answer: &Answer, format: Format) -> Vec<Difference> {
        let mut missing = Vec::new();
        for (name, path) in &step.keep {
            let value = match format {
                Format::Json => {
                    let body: Value = reading::json(&answer.body).unwrap_or_default();
                    body.pointer(&pointer(path)).and_then(Value::as_str).map(str::to_owned)
                }
                // In XML an element is found by the last of the path that is no position.
                Format::Xml => path
                    .rsplit('.')
                    .find(|part| part.parse::<usize>().is_err())
                    .and_then(|element| xml_text(&answer.body, element)),
            };
            match value {
                Some(value) => drop(self.kept.insert(name.clone(), value)),
                None => missing.push(Difference::of(path, "something to keep", Value::Null)),
            }
        }
        missing
    }
}

/// Does a call say in what form it wants its answer?
fn names_format(call: &str) -> bool {
    call.contains("&Format=")
}

/// A refused call leaves at most the order whose automatic payment failed.
fn is_unchanged(before: Option<&Value>, after: Option<Value>) -> bool {
    let Some((before, mut after)) = before.zip(after) else { return true };
    if let Some(orders) = after.get_mut("order").and_then(Value::as_object_mut) {
        let is_left = |id: &str, order: &Value| {
            before["order"].get(id).is_none() && order["state"] == OrderState::Invalid.as_str()
        };
        orders.retain(|id, order| !is_left(id, order));
    }
    *before == after
}

fn knows(entry: &Entry, page: &Page, row: &Row) -> bool {
    let rules = (entry.rules)();
    let in_prose =
        rules.iter().any(|rule| std::ptr::eq(rule.row, row) && rule.prose.contains(page));
    // A row that no page prints is one of every page.
    row.pages.is_empty() || row.is_printed_on(page) || in_prose
}

fn unknown(load: &Load, what: String) -> ScenarioError {
    ScenarioError::Unknown { path: load.path.clone(), what }
}
