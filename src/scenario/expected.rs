//! What a step expects, and where an answer differs from it, field by field.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::file::Step;
use super::stage::Answer;
use crate::gateway;
use crate::operations::{self, Entry};
use crate::reading;
use crate::row::Row;
use crate::wire::Format;

/// A field that is not as the scenario says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// `status`, `Code`, `Message`, the dotted path of an expected field; or in words.
    pub field: String,
    /// What the scenario says.
    pub expected: Value,
    /// What came; null for nothing.
    pub got: Value,
}

impl Difference {
    /// Of a field.
    pub(super) fn of(
        field: impl Into<String>,
        expected: impl Into<Value>,
        got: impl Into<Value>,
    ) -> Self {
        Self { field: field.into(), expected: expected.into(), got: got.into() }
    }

    /// In one line.
    pub(super) fn brief(&self) -> String {
        let Self { field, expected, got } = self;
        format!("{field}: expected {}, got {}", words(expected), words(got))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, expected, got } = self;
        writeln!(out, "    {field}: expected {}", words(expected))?;
        writeln!(out, "    {:width$}  got      {}", "", words(got), width = field.len())
    }
}

/// A value as people read it.
fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Where an answer differs from what its step expects.
pub(super) fn differences(step: &Step, answer: &Answer, format: Format) -> Vec<Difference> {
    let got = Got::read(answer, format);
    let mut differences = match Wanted::of(step) {
        Err(what) => vec![Difference::of("raises", what, Value::Null)],
        Ok(Some(wanted)) => wanted.differences(&got),
        Ok(None) if answer.is_refusal() => {
            vec![Difference::of("answer", "success", got.to_string())]
        }
        Ok(None) => Vec::new(),
    };
    if format == Format::Json {
        let body: Value = reading::json(&answer.body).unwrap_or_default();
        let wrong = step.expect.iter().filter_map(|(path, expected)| {
            let got = body.pointer(&pointer(path)).cloned().unwrap_or_default();
            (got != *expected).then(|| Difference::of(path, expected.clone(), got))
        });
        differences.extend(wrong);
    }
    differences
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

    fn differences(&self, got: &Got) -> Vec<Difference> {
        let text = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
        let mut differences = Vec::new();
        if self.status != got.status {
            differences.push(Difference::of("status", self.status, got.status));
        }
        if self.code != got.code {
            differences.push(Difference::of("Code", self.code.as_str(), text(&got.code)));
        }
        let fits = match (&self.message, self.template) {
            (Some(message), _) => *message == got.message,
            (None, Some(template)) => fits(template, &got.message),
            (None, None) => true,
        };
        if !fits {
            let message = self.message.as_deref().or(self.template).unwrap_or_default();
            differences.push(Difference::of("Message", message, text(&got.message)));
        }
        differences
    }
}

/// The text is the template with words in place of its `%s`.
fn fits(template: &str, text: &str) -> bool {
    let (head, tail) = template.split_once("%s").unwrap_or((template, ""));
    let words = text.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
    words.is_some_and(|words| !words.is_empty() && !words.contains("%s"))
}

/// The error document of an answer, if it is one.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
}

impl Got {
    pub(super) fn read(answer: &Answer, format: Format) -> Self {
        let field = |name: &str| match format {
            Format::Json => reading::json::<Value>(&answer.body)
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
pub(super) fn xml_text(body: &[u8], name: &str) -> Option<String> {
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
pub(super) fn pointer(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// The operation a step calls.
pub(super) fn entry_of(step: &Step) -> Option<&'static Entry> {
    let call = step.call.as_deref()?;
    let action = form_urlencoded::parse(call.as_bytes()).find(|(name, _)| name == "Action")?.1;
    Entry::find(&action)
}

/// The row a step names.
pub(super) fn find_row(step: &Step) -> Result<&'static Row, String> {
    let name = step.raises.as_deref().unwrap_or_default();
    let own = entry_of(step).map_or(&[][..], |entry| entry.rows);
    let mut all = own.iter().chain(operations::COMMON_ROWS).chain(gateway::ROWS);
    all.find(|row| row.name == name)
        .copied()
        .ok_or_else(|| format!("no row named {name} for this call"))
}
