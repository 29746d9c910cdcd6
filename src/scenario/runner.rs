//! Runs scenarios: on every page that knows the row they raise, in JSON and in XML. After a refusal
//! the world must be what it was.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::clock::Clock;
use crate::domain::document::DocumentError;
use crate::domain::order::OrderState;
use crate::emulator::{Emulator, Start};
use crate::faults::{Fault, Phase};
use crate::gateway::{self, DEFAULT_ACCOUNT};
use crate::operations::{self, Entry};
use crate::row::{Date, Page, Row};
use crate::rule::RuleId;
use crate::server;
use crate::wire::{Format, Incoming, Outgoing};

use super::file::{Load, ScenarioError, Step};
use super::signing;

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
    /// What the scenario says.
    pub expected: String,
    /// What came.
    pub got: String,
    /// The rule that decided, where one did, and its fix.
    pub decided: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "  step {}: {}", self.step, self.call)?;
        writeln!(out, "    expected {}", self.expected)?;
        writeln!(out, "    got      {}", self.got)?;
        match &self.decided {
            Some(rule) => write!(out, "    decided  {rule}"),
            None => write!(out, "    decided  no rule; the call was accepted"),
        }
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

/// How a run reaches its emulator: in process, or over a socket.
pub trait Connection {
    /// The emulator, for its clock and its world.
    fn emulator(&self) -> &Emulator;
    /// Sends a request.
    fn send(&self, incoming: &Incoming) -> Outgoing;
    /// Sends a call of the control interface.
    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing;
}

impl Connection for Arc<Emulator> {
    fn emulator(&self) -> &Emulator {
        self
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        self.answer(incoming)
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        server::answer(self, method, path, body).unwrap_or_else(|error| Outgoing {
            status: 400,
            body: error.to_string().into_bytes(),
            ..Outgoing::default()
        })
    }
}

/// Runs a scenario one way, against an emulator made for it.
///
/// # Errors
/// The first step that goes otherwise than the scenario says.
pub fn run<C: Connection>(load: &Load, run: &Run, connect: impl FnOnce(Emulator) -> C) -> Outcome {
    let connection = connect(Emulator::new(Start {
        as_of: run.as_of,
        gateway: load.scenario.gateway,
        faults: load.scenario.fault.clone(),
        muted: run.muted.clone(),
        ..Start::of(load.world.clone(), Clock::Frozen { at: load.scenario.clock })
    }));
    let page = run.as_of.map(|day| day.to_string()).unwrap_or_default();
    let is_for = |step: &&Step| step.pages.is_empty() || step.pages.contains(&page);
    let mut steps = load.scenario.step.iter().filter(is_for).enumerate();
    let mut kept = BTreeMap::new();
    steps
        .try_for_each(|(index, step)| take(&connection, run.format, index + 1, step, &mut kept))?;
    let faults = faults(connection.emulator());
    let idle = faults.iter().enumerate().filter(|(_, fault)| fault.fired == 0);
    Ok(idle.map(|(index, _)| index + 1).collect())
}

/// The faults of the scenario, as they are now.
fn faults(emulator: &Emulator) -> Vec<Fault> {
    emulator.with_tenant(DEFAULT_ACCOUNT, |tenant| tenant.faults.clone())
}

/// How often faults struck after a call, so that its change happened although it was refused.
fn struck_after(emulator: &Emulator) -> u64 {
    let faults = faults(emulator);
    faults.iter().filter(|fault| fault.phase == Phase::After).map(|fault| fault.fired).sum()
}

/// What steps have kept of their replies, by name.
type Kept = BTreeMap<String, String>;

fn take(
    connection: &impl Connection,
    format: Format,
    number: usize,
    step: &Step,
    kept: &mut Kept,
) -> Result<(), Failure> {
    let emulator = connection.emulator();
    let failed_at = |call: &str, (expected, got): (String, String), decided| Failure {
        step: number,
        call: call.to_owned(),
        expected,
        got,
        decided,
    };
    prepare(emulator, step)
        .map_err(|error| failed_at("world", ("a world".to_owned(), error.to_string()), None))?;
    let Some(call) = step.call.as_ref().or(step.control.as_ref()) else { return Ok(()) };
    let filled = |text: &String| {
        let kept = kept.iter();
        kept.fold(text.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    };
    let call = filled(call);
    let key = step.key.as_ref().map(filled);
    // The control interface speaks JSON whatever the scenario is run in.
    let format = if step.call.is_some() { format } else { Format::Json };
    let before = settled_world(emulator);
    let struck_before = struck_after(emulator);
    let answer = send(connection, step, number, (&call, key.as_deref()), format);
    // A call that names a format itself is answered in that one.
    let format = match answer.body.first() {
        Some(b'<') if names_format(&call) => Format::Xml,
        Some(_) if names_format(&call) => Format::Json,
        _ => format,
    };
    let after = settled_world(emulator);
    let failed = |difference| {
        let decided = answer.header("x-ecs-local-why").map(str::to_owned);
        failed_at(&call, difference, decided)
    };
    let refused = answer.status >= 300;
    let may_change = struck_after(emulator) > struck_before;
    if refused && !may_change && !is_unchanged(before.as_ref(), after) {
        let expected = "an unchanged world after a refusal";
        return Err(failed((expected.to_owned(), "a changed one".to_owned())));
    }
    let got = Got::read(&answer, format);
    match Wanted::of(step).map_err(|what| failed((what.clone(), what)))? {
        Some(wanted) if !wanted.matches(&got) => {
            return Err(failed((wanted.to_string(), got.to_string())));
        }
        None if refused => return Err(failed(("success".to_owned(), got.to_string()))),
        _ => {}
    }
    if format == Format::Json {
        check_fields(step, &answer).map_err(failed)?;
    }
    keep(step, &answer, format, kept).map_err(failed)
}

/// What happens before the call: time passes, the world changes from outside.
fn prepare(emulator: &Emulator, step: &Step) -> Result<(), DocumentError> {
    if let Some(after) = step.after {
        emulator.with_tenant(DEFAULT_ACCOUNT, |tenant| tenant.clock.advance(after));
    }
    if step.world.is_empty() {
        return Ok(());
    }
    emulator.at_present(DEFAULT_ACCOUNT, |world, now| {
        *world = world.patched(Value::Object(step.world.clone()), now)?;
        Ok(())
    })
}

fn send(
    connection: &impl Connection,
    step: &Step,
    number: usize,
    (call, key): (&str, Option<&str>),
    format: Format,
) -> Outgoing {
    if step.call.is_some() {
        let named = if format == Format::Json { "JSON" } else { "XML" };
        let query =
            if names_format(call) { call.to_owned() } else { format!("{call}&Format={named}") };
        let (secret, now) = connection.emulator().with_tenant(DEFAULT_ACCOUNT, |tenant| {
            let mut keys = tenant.world.access_key.iter();
            let own = keys.find(|listed| Some(listed.id.as_str()) == key);
            (own.map(|key| key.secret.0.clone()).unwrap_or_default(), tenant.clock.now())
        });
        let signer = key.map(|key| (key, step.secret.as_ref().unwrap_or(&secret).as_str()));
        return connection.send(&signing::request(step, &query, signer, number, now));
    }
    let (method, path) = call.split_once(' ').unwrap_or(("GET", call));
    let body = step.body.as_ref().map(|body| body.to_string().into_bytes());
    connection.control(method, path, body.unwrap_or_default())
}

/// Does a call say in what form it wants its answer?
fn names_format(call: &str) -> bool {
    call.contains("&Format=")
}

/// Keeps fields of a reply for later calls.
fn keep(
    step: &Step,
    answer: &Outgoing,
    format: Format,
    kept: &mut Kept,
) -> Result<(), (String, String)> {
    for (name, path) in &step.keep {
        let value = match format {
            Format::Json => serde_json::from_slice::<Value>(&answer.body).ok().and_then(|body| {
                body.pointer(&pointer(path)).and_then(Value::as_str).map(str::to_owned)
            }),
            // In XML an element is found by the last of the path that is no position.
            Format::Xml => path
                .rsplit('.')
                .find(|part| part.parse::<usize>().is_err())
                .and_then(|element| xml_text(&answer.body, element)),
        };
        let value = value.ok_or_else(|| (format!("{path} to keep"), "nothing".to_owned()))?;
        kept.insert(name.clone(), value);
    }
    Ok(())
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

fn settled_world(emulator: &Emulator) -> Option<Value> {
    emulator.at_present(DEFAULT_ACCOUNT, |world, _| world.to_value().ok())
}

/// The error a step expects.
struct Wanted {
    status: u16,
    code: String,
    /// `None` where any text will do (a row whose text the rule completes).
    message: Option<String>,
    template: Option<&'static str>,
}

impl Wanted {
    fn of(step: &Step) -> Result<Option<Self>, String> {
        if step.raises.is_some() {
            let row = find_row(step)?;
            let template = row.message.contains("%s").then_some(row.message);
            let message =
                step.message.clone().or(template.is_none().then(|| row.message.to_owned()));
            return Ok(Some(Self {
                status: row.status,
                code: row.code.to_owned(),
                message,
                template,
            }));
        }
        Ok(step.code.as_ref().map(|code| Self {
            status: step.status.unwrap_or(400),
            code: code.clone(),
            message: step.message.clone(),
            template: None,
        }))
    }

    fn matches(&self, got: &Got) -> bool {
        let text_fits = match (&self.message, self.template) {
            (Some(message), _) => *message == got.message,
            (None, Some(template)) => fits(template, &got.message),
            (None, None) => true,
        };
        self.status == got.status && self.code == got.code && text_fits
    }
}

/// The text is the template with words in place of its `%s`.
fn fits(template: &str, text: &str) -> bool {
    let (head, tail) = template.split_once("%s").unwrap_or((template, ""));
    let words = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
    words.is_some_and(|words| !words.is_empty() && !words.contains("%s"))
}

impl fmt::Display for Wanted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().or(self.template).unwrap_or("(any message)");
        write!(out, "{} {} {message:?}", self.status, self.code)
    }
}

/// The error document of an answer, if it is one.
struct Got {
    status: u16,
    code: String,
    message: String,
}

impl Got {
    fn read(answer: &Outgoing, format: Format) -> Self {
        let field = |name: &str| match format {
            Format::Json => serde_json::from_slice::<Value>(&answer.body)
                .ok()
                .and_then(|body| Some(body.get(name)?.as_str()?.to_owned())),
            Format::Xml => xml_text(&answer.body, name),
        };
        Self {
            status: answer.status,
            code: field("Code").unwrap_or_default(),
            message: field("Message").unwrap_or_default(),
        }
    }
}

impl fmt::Display for Got {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} {:?}", self.status, self.code, self.message)
    }
}

/// The text of the first element of this name.
fn xml_text(body: &[u8], name: &str) -> Option<String> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut inside = false;
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            quick_xml::events::Event::Start(tag) => inside = tag.name().as_ref() == name,
            quick_xml::events::Event::Text(part) if inside => text.push_str(&part),
            quick_xml::events::Event::GeneralRef(part) if inside => {
                let resolved = quick_xml::escape::resolve_predefined_entity(&part);
                text.push_str(resolved.unwrap_or_default());
            }
            quick_xml::events::Event::End(_) if inside => return Some(text),
            quick_xml::events::Event::Eof => return None,
            _ => {}
        }
    }
}

/// A JSON pointer from a dotted path.
fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

fn check_fields(step: &Step, answer: &Outgoing) -> Result<(), (String, String)> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    for (path, wanted) in &step.expect {
        let got = body.pointer(&pointer(path));
        if got != Some(wanted) {
            let got = got.map_or_else(|| "nothing".to_owned(), Value::to_string);
            return Err((format!("{path} = {wanted}"), format!("{path} = {got}")));
        }
    }
    Ok(())
}

fn entry_of(step: &Step) -> Option<&'static Entry> {
    let call = step.call.as_deref()?;
    let action = form_urlencoded::parse(call.as_bytes()).find(|(name, _)| name == "Action")?.1;
    Entry::find(&action)
}

fn find_row(step: &Step) -> Result<&'static Row, String> {
    let name = step.raises.as_deref().unwrap_or_default();
    let own = entry_of(step).map_or(&[][..], |entry| entry.rows);
    let mut all = own.iter().chain(operations::COMMON_ROWS).chain(gateway::ROWS);
    all.find(|row| row.name == name)
        .copied()
        .ok_or_else(|| format!("no row named {name} for this call"))
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
