//! Why a call was answered as it was: the rules in the order they were judged, the one that decided and
//! what supports it, what was sent and not read, what the call changed. Behind `/_local/calls/ID` and
//! `ecs-local why`.

mod turning;

pub use turning::{Asker, TurningPoint};

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::calls::Told;
use crate::domain::history::{CauseKind, Difference, Entry as HistoryEntry};
use crate::domain::{RequestId, Timestamp, World};
use crate::gateway::{self, Signatures};
use crate::operations::Entry;
use crate::row::{Date, Page};
use crate::rule::{Decider, RuleInfo, Table};

/// Parameters whose values are nobody's business.
const SECRETS: &[&str] = &["BearerToken", "Password", "SecurityToken", "Signature"];

/// Why a call was answered as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Explanation {
    /// Names the call.
    pub request_id: String,
    /// When it was answered, on the account's clock.
    pub at: Timestamp,
    /// The access key it named; empty for none.
    pub access_key_id: String,
    /// The operation it asked for; empty for none.
    pub action: String,
    /// The date of the operation's page that was in force; empty where it has none.
    pub page: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// The error code; empty for a success.
    pub code: String,
    /// The error message; empty for a success.
    pub message: String,
    /// What the signature was found to be.
    pub signature: String,
    /// The fault that struck it, in words; empty for none.
    pub fault: String,
    /// What was sent, by name.
    pub parameters: BTreeMap<String, String>,
    /// Parameters that nothing read.
    pub unread: Vec<String>,
    /// What decided a refusal.
    pub decided: Option<Decided>,
    /// What a refusal turned on, where somebody asks for that, too.
    pub turned_on: Vec<TurningPoint>,
    /// The rules in the order they are judged.
    pub rules: Vec<Judged>,
    /// What the call changed so far, an element for each moment at which something of an instance
    /// changed.
    pub changed: Vec<Changed>,
}

/// What decided a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Decided {
    /// The row, by its name here.
    pub row: String,
    /// `documented`, `guessed`, `injected` or `ours`.
    pub support: String,
    /// The guess in words, where it is one.
    pub guess: String,
    /// What the caller can do about it.
    pub fix: String,
}

/// A rule and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "JudgedRule"))]
pub struct Judged {
    /// The table it stands in.
    pub table: String,
    /// The row it raises.
    pub row: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did not hold.
    Passed,
    /// The page in force does not have it.
    NotOnThisPage,
    /// As the emulator is set, rules of its table do not decide: those on who a call is from, unless
    /// signatures are strict.
    NotAsked,
    /// It held, and decided.
    Held,
    /// Another one had decided before.
    NotReached,
}

/// What a call changed of an instance at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Changed {
    /// The instance.
    pub instance_id: String,
    /// When.
    pub at: Timestamp,
    /// Did it come due by itself, later than the call?
    pub is_due: bool,
    /// The changes by name.
    pub what: Vec<String>,
    /// The difference to the world's document, as a JSON patch (RFC 6902).
    pub patch: Vec<Value>,
}

impl Explanation {
    /// Of a call in its world.
    pub fn of(told: &Told, world: &World, gateway: gateway::Options, as_of: Option<Date>) -> Self {
        let entry = Entry::find(&told.action);
        let page = entry.map_or(Page::NONE, |entry| Page::in_force(entry.pages, as_of));
        let mut rules = gateway.errors.rules();
        rules.extend(entry.into_iter().flat_map(|entry| (entry.rules)()));
        let has_page = page.date != Page::NONE.date;
        Self {
            request_id: told.request_id.to_string(),
            at: told.at,
            access_key_id: (&told.access_key_id).into(),
            action: told.action.clone().into_owned(),
            page: if has_page { page.date.to_string() } else { String::new() },
            status: told.status,
            code: told.code.clone().into_owned(),
            message: told.message.clone().into_owned(),
            signature: told.signature.to_string(),
            fault: told.fault.clone(),
            parameters: parameters(told),
            unread: told.unread.clone(),
            decided: told.decider.map(|decider| decided(told, decider, &rules)),
            turned_on: Vec::new(),
            rules: judged(told, &rules, page, gateway.signatures),
            changed: changed(told.request_id, world),
        }
    }
}

fn parameters(told: &Told) -> BTreeMap<String, String> {
    let shown = |(name, value): (String, String)| {
        let is_secret = SECRETS.contains(&name.as_str());
        (name, if is_secret { "***".to_owned() } else { value })
    };
    told.sent.pairs().into_iter().map(shown).collect()
}

fn decided(told: &Told, decider: Decider, rules: &[RuleInfo]) -> Decided {
    let (support, guess) = match decider {
        Decider::Fault => ("injected", None),
        Decider::Socket => ("ours", None),
        Decider::Rule(id) => {
            let guess = rules.iter().find(|rule| rule.id == id).and_then(|rule| rule.guess);
            (if guess.is_some() { "guessed" } else { "documented" }, guess)
        }
    };
    Decided {
        row: told.row.to_owned(),
        support: support.to_owned(),
        guess: guess.unwrap_or_default().to_owned(),
        fix: told.fix.to_owned(),
    }
}

fn judged(told: &Told, rules: &[RuleInfo], page: &Page, signatures: Signatures) -> Vec<Judged> {
    let is_lenient = signatures != Signatures::Strict;
    let outcome = |rule: &RuleInfo| match told.decider {
        Some(Decider::Rule(id)) if rule.id == id => Outcome::Held,
        Some(Decider::Rule(id)) if rule.id > id => Outcome::NotReached,
        Some(Decider::Socket) => Outcome::NotReached,
        // Faults stand between the gateway and the operation.
        Some(Decider::Fault) if rule.id.table.is_of_operation() => Outcome::NotReached,
        _ if rule.id.table == Table::Sender && is_lenient => Outcome::NotAsked,
        _ if !rule.applies_on(page) => Outcome::NotOnThisPage,
        _ => Outcome::Passed,
    };
    let tell = |rule: &RuleInfo| Judged {
        table: <&str>::from(rule.id.table).to_owned(),
        row: rule.row.name.to_owned(),
        outcome: outcome(rule),
    };
    rules.iter().map(tell).collect()
}

/// What the histories say of a call, in the order of time.
fn changed(call: RequestId, world: &World) -> Vec<Changed> {
    let touched = world.history.touched_by(call);
    let entries = touched.iter().flat_map(|id| world.life(id).into_iter().map(move |it| (id, it)));
    let own = entries.filter(|(_, entry)| entry.cause.is_of(call));
    let mut changed: Vec<Changed> = own.map(|(id, entry)| told_change(id, &entry)).collect();
    changed.sort_by_key(|change| change.at);
    changed
}

fn told_change(instance_id: &str, entry: &HistoryEntry) -> Changed {
    let changes = entry.changes.iter();
    Changed {
        instance_id: instance_id.to_owned(),
        at: entry.at,
        is_due: entry.cause.kind == CauseKind::Due,
        what: entry.what.iter().map(ToString::to_string).collect(),
        patch: changes.flat_map(|(field, it)| operations(instance_id, field, it)).collect(),
    }
}

/// One change of an instance as operations on the world's document.
fn operations(instance_id: &str, field: &str, difference: &Difference) -> Vec<Value> {
    let escaped = |id: &str| id.replace('~', "~0").replace('/', "~1");
    let Difference { before, after } = difference;
    if field == "eip" {
        // The document has it the other way round: the address names the instance.
        let path = |id: &Value| id.as_str().map(|id| format!("/eip/{}/instance_id", escaped(id)));
        let freed = path(before).map(|path| json!({"op": "remove", "path": path}));
        let bound = path(after);
        let bound = bound.map(|path| json!({"op": "add", "path": path, "value": instance_id}));
        return freed.into_iter().chain(bound).collect();
    }
    let path = format!("/instance/{}/{field}", escaped(instance_id));
    vec![match (before, after) {
        (_, Value::Null) => json!({"op": "remove", "path": path}),
        (Value::Null, after) => json!({"op": "add", "path": path, "value": after}),
        (_, after) => json!({"op": "replace", "path": path, "value": after}),
    }]
}

impl fmt::Display for Explanation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page =
            if self.page.is_empty() { String::new() } else { format!(", page {}", self.page) };
        writeln!(out, "{} at {}{page}", self.action, self.at)?;
        for (name, value) in &self.parameters {
            let note = if self.unread.contains(name) { "   (nothing read it)" } else { "" };
            writeln!(out, "    {name} = {value}{note}")?;
        }
        writeln!(out, "signature: {}", self.signature)?;
        if !self.fault.is_empty() {
            writeln!(out, "a fault struck {}", self.fault)?;
        }
        match &self.decided {
            None => writeln!(out, "answered {}: no rule refused it", self.status)?,
            Some(decided) => self.tell_refusal(out, decided)?,
        }
        for change in &self.changed {
            let due = if change.is_due { ", by itself" } else { "" };
            let what = change.what.join(", ");
            writeln!(out, "changed {} at {}{due}: {what}", change.instance_id, change.at)?;
            for operation in &change.patch {
                writeln!(out, "    {operation}")?;
            }
        }
        Ok(())
    }
}

impl Explanation {
    fn tell_refusal(&self, out: &mut fmt::Formatter<'_>, decided: &Decided) -> fmt::Result {
        writeln!(out, "answered {} {}: {}", self.status, self.code, self.message)?;
        let mut support = decided.support.clone();
        if !decided.guess.is_empty() {
            let _ = write!(support, ": {}", decided.guess);
        }
        writeln!(out, "decided by {} ({support})", decided.row)?;
        let count = |outcome: Outcome| self.rules.iter().filter(|it| it.outcome == outcome).count();
        let (before, after) = (count(Outcome::Passed), count(Outcome::NotReached));
        writeln!(
            out,
            "    {before} rules before it did not hold, {after} behind it were not reached"
        )?;
        for TurningPoint { what, value, otherwise, row } in &self.turned_on {
            let then = if row.is_empty() { "accepted" } else { row };
            let without = if otherwise.is_null() { "without it" } else { "" };
            let with =
                if otherwise.is_null() { String::new() } else { format!("with {otherwise}") };
            writeln!(out, "it turned on {what} = {value}; {without}{with}: {then}")?;
        }
        writeln!(out, "what to do: {}", decided.fix)
    }
}
