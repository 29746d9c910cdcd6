//! Scenarios of what clients really asked and were answered: a file for each access key of a session,
//! written anew after each call. Whoever records is somebody: `redact.rs` takes out what is theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value, json};

use super::draft::{Draft, DraftStep, call};
use super::expected::Got;
use super::redact::{Redaction, ids, is_secret, kind};
use super::stage::Answer;
use crate::clock::Clock;
use crate::domain::{Span, Timestamp, World};
use crate::reading;
use crate::wire::{Format, Headers, Incoming, Pairs, Request};

/// The most fields of a reply that a step expects.
const EXPECTED: usize = 8;

/// Ends of the names of fields that are other each time, or somebody's.
const UNSTABLE: &[&str] =
    &["Id", "Ids", "Ip", "Address", "Time", "Name", "Key", "Url", "Code", "Price"];

/// See the module.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    /// By access key.
    sessions: Mutex<BTreeMap<String, Session>>,
}

/// What one access key asked.
#[derive(Debug)]
struct Session {
    path: PathBuf,
    calls: Vec<Recorded>,
}

/// A call as it passed.
#[derive(Debug)]
struct Recorded {
    at: Timestamp,
    action: String,
    parameters: Vec<(String, String)>,
    /// What stands in the envelope: keys, signatures, tokens.
    secrets: Vec<String>,
    answer: Answer,
    format: Format,
    /// The reply, where it is JSON.
    reply: Value,
}

impl Recorder {
    /// Writes into a folder, beside what is there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn into(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), sessions: Mutex::default() })
    }

    /// Notes a call and writes the file of its key.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note(&self, incoming: &Incoming, status: u16, body: &[u8]) -> std::io::Result<()> {
        if incoming.path.starts_with("/_local") {
            return Ok(());
        }
        let pairs = Pairs::read(incoming);
        let request = Request::read(incoming, &pairs);
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let taken: BTreeSet<PathBuf> = sessions.values().map(|it| it.path.clone()).collect();
        let fresh = || Session { path: self.free(&taken), calls: Vec::new() };
        let session = sessions.entry(request.claim.key_id.to_owned()).or_insert_with(fresh);
        session.calls.push(Recorded::of(incoming, &request, status, body));
        let text = drafted(&session.calls).text().map_err(std::io::Error::other)?;
        std::fs::write(&session.path, text)
    }

    /// The first name that no file has.
    fn free(&self, taken: &BTreeSet<PathBuf>) -> PathBuf {
        let named = |number: usize| self.folder.join(format!("recorded-{number}.toml"));
        let mut names = (1..).map(named);
        let free = names.find(|path| !path.exists() && !taken.contains(path));
        free.unwrap_or_else(|| named(0))
    }
}

impl Recorded {
    fn of(incoming: &Incoming, request: &Request<'_>, status: u16, body: &[u8]) -> Self {
        let pairs = || request.pairs.all().map(|(name, value)| (name.trim(), value.trim()));
        let claim = &request.claim;
        let authorization = incoming.header("authorization").unwrap_or_default();
        let in_headers = authorization.split(['=', ',', ' ']).filter(|part| part.len() > 20);
        let named = [claim.key_id, claim.security_token, claim.bearer_token, claim.nonce];
        let reply: Value = reading::json(body).unwrap_or_default();
        let mut secrets: Vec<String> = named.map(str::to_owned).to_vec();
        secrets.extend(in_headers.map(str::to_owned));
        let own = pairs().filter(|(name, _)| is_secret(name));
        secrets.extend(own.map(|(_, value)| value.to_owned()));
        leaves(&reply, "", &mut |path, value| {
            let is_theirs = path.split('.').any(is_secret);
            secrets.extend(value.as_str().filter(|_| is_theirs).map(str::to_owned));
        });
        let is_kept = |name: &str| !is_secret(name) || name.to_lowercase().contains("password");
        Self {
            at: Clock::SYSTEM.now(),
            action: request.action.unwrap_or_default().to_owned(),
            parameters: pairs()
                .filter(|(name, _)| is_kept(name))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            secrets,
            answer: Answer { status, headers: Headers::default(), body: body.to_vec() },
            format: if body.first() == Some(&b'<') { Format::Xml } else { Format::Json },
            reply,
        }
    }

    /// Does it make something whose id a later call may name? A list shows what was there before.
    fn makes(&self) -> bool {
        !self.answer.is_refusal() && !self.action.starts_with("Describe")
    }

    /// The ids its parameters name.
    fn named(&self) -> impl Iterator<Item = String> {
        self.parameters.iter().flat_map(|(_, value)| ids(value))
    }
}

/// The scenario of a session.
fn drafted(calls: &[Recorded]) -> Draft {
    let mut writer = Writer { redaction: Redaction::default(), kept: kept(calls) };
    writer.redaction.know(common());
    for secret in calls.iter().flat_map(|call| &call.secrets) {
        writer.redaction.hide(secret);
    }
    let mut before = calls.first().map_or(Timestamp(0), |call| call.at);
    let mut step = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let after = Span(call.at.since(before).0 / 1000 * 1000);
        before = before.plus(after);
        step.push(DraftStep { after, ..writer.step(index, call) });
    }
    let begun = calls.first().and_then(|call| Timestamp::parse_seconds(&call.at.to_seconds()));
    Draft {
        about: format!(
            "Recorded: {} calls. What was there before them is to be filled in.",
            calls.len()
        ),
        clock: begun,
        given: writer.given(calls),
        step,
        ..Draft::default()
    }
}

/// The networks of the world that scenarios begin in.
fn common() -> impl Iterator<Item = String> {
    let world = World::base(Timestamp(0)).unwrap_or_default();
    let vpcs = world.vpc.iter().map(|vpc| vpc.id.clone());
    let vswitches = world.vswitch.iter().map(|vswitch| vswitch.id.clone());
    let groups = world.security_group.iter().map(|group| group.id.clone());
    vpcs.chain(vswitches).chain(groups).collect::<Vec<_>>().into_iter()
}

/// An id that one call gives and a later one names: where the reply has it, and its name.
struct Given {
    by: usize,
    path: String,
    name: String,
}

/// The ids that later calls take from replies.
fn kept(calls: &[Recorded]) -> BTreeMap<String, Given> {
    let mut seen = BTreeSet::new();
    let mut kept = BTreeMap::new();
    for (index, call) in calls.iter().enumerate() {
        seen.extend(call.named());
        let later: BTreeSet<String> = calls[index + 1..].iter().flat_map(Recorded::named).collect();
        leaves(&call.reply, "", &mut |path, value| {
            let id = value.as_str().unwrap_or_default();
            // What a part of a text names cannot be kept; neither what was there before.
            if seen.insert(id.to_owned()) && call.makes() && later.contains(id) {
                let name = format!("{}_{}", kind(id).unwrap_or("id"), kept.len() + 1);
                kept.insert(id.to_owned(), Given { by: index, path: path.to_owned(), name });
            }
        });
    }
    kept
}

/// Writes the steps of one session.
struct Writer {
    redaction: Redaction,
    kept: BTreeMap<String, Given>,
}

impl Writer {
    fn step(&mut self, index: usize, recorded: &Recorded) -> DraftStep {
        let mut step = DraftStep { call: self.call(recorded), ..DraftStep::default() };
        let got = Got::read(&recorded.answer, recorded.format);
        if recorded.answer.is_refusal() {
            // A string to sign has keys and tokens in it, encoded; and a kept id has no one form.
            let is_plain = !got.message.contains('%')
                && !self.kept.keys().any(|id| got.message.contains(id.as_str()));
            let message = is_plain.then(|| self.redaction.text(&got.message));
            step.refused(got.status, &self.redaction.text(&got.code), message);
            return step;
        }
        let own = self.kept.values().filter(|given| given.by == index);
        step.keep = own.map(|given| (given.name.clone(), given.path.clone())).collect();
        if !gives_secrets(&recorded.action) {
            step.expect = expected(&recorded.reply);
        }
        step
    }

    fn call(&mut self, recorded: &Recorded) -> String {
        let mut parameters = Vec::new();
        for (name, value) in &recorded.parameters {
            let value = match name.as_str() {
                "ClientToken" => self.redaction.stand_in("token", value),
                _ => self.value(value),
            };
            parameters.push((self.redaction.text(name), value));
        }
        let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut text = call(&self.redaction.text(&recorded.action), pairs);
        for given in self.kept.values() {
            // Names stand in braces, unencoded.
            text = text.replace(&format!("%7B{}%7D", given.name), &format!("{{{}}}", given.name));
        }
        text
    }

    fn value(&mut self, value: &str) -> String {
        let mut text = value.to_owned();
        for id in ids(value) {
            if let Some(given) = self.kept.get(&id) {
                text = text.replace(&id, &format!("{{{}}}", given.name));
            }
        }
        self.redaction.text(&text)
    }

    /// Instances and elastic addresses that calls name and none made: so they were there.
    fn given(&mut self, calls: &[Recorded]) -> Map<String, Value> {
        let mut given = json!({});
        for call in calls {
            let code = Got::read(&call.answer, call.format).code;
            for id in
                call.named().filter(|id| !self.kept.contains_key(id) && !code.contains("NotFound"))
            {
                let table = match kind(&id) {
                    Some("i") => "instance",
                    Some("eip") => "eip",
                    _ => continue,
                };
                given[table][self.redaction.text(&id)] = json!({});
            }
        }
        given.as_object().cloned().unwrap_or_default()
    }
}

/// Does an operation answer with keys, tokens or passwords?
fn gives_secrets(action: &str) -> bool {
    is_secret(action) || action.contains("Role") || action.contains("Key")
}

/// A few fields of a reply that will be the same again.
fn expected(reply: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    leaves(reply, "", &mut |path, value| {
        let name = path.split('.').rfind(|part| part.parse::<usize>().is_err()).unwrap_or_default();
        let is_named_stable =
            !path.split('.').any(is_secret) && !UNSTABLE.iter().any(|end| name.ends_with(end));
        if fields.len() < EXPECTED && is_named_stable && is_plain(value) {
            fields.insert(path.to_owned(), value.clone());
        }
    });
    fields
}

/// A figure, a yes or no, or a word that names nobody's thing.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Number(number) => number.to_string().len() < 10,
        Value::String(word) => {
            let is_word = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
            let is_short = (1..=32).contains(&word.len());
            let has_time = word.bytes().filter(u8::is_ascii_digit).count() >= 8;
            is_short && !has_time && word.chars().all(is_word) && kind(word).is_none()
        }
        _ => false,
    }
}

/// Shows everything of a reply that is no table and no list, by its dotted path.
fn leaves(value: &Value, path: &str, shown: &mut dyn FnMut(&str, &Value)) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, it)| leaves(it, &below(key), shown)),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, it)| leaves(it, &below(&at.to_string()), shown));
        }
        Value::Null => {}
        leaf => shown(path, leaf),
    }
}
