//! A step as it was taken: what was asked, what was answered, what of it differs. The form in which
//! `check --json` writes it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::expected::Difference;
use super::file::{Step, parted};
use super::stage::Answer;
use crate::domain::Span;
use crate::reading;

/// See the module.
#[derive(Debug, Clone, Serialize)]
pub struct Taken {
    /// Which step of those taken, from 1.
    pub step: usize,
    /// What it shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// How far the clock moved before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Span>,
    /// What was asked; nothing in a step that only moves the clock.
    pub request: Option<Asked>,
    /// What was answered; nothing where nothing was asked, or no answer came.
    pub answer: Option<Answered>,
    /// Did it go as the scenario says?
    pub passed: bool,
    /// Where it did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
}

/// What a step asked. A call is told as it was before it was signed.
#[derive(Debug, Clone, Serialize)]
pub struct Asked {
    /// `call` of the API, or `control`.
    pub kind: &'static str,
    /// The HTTP method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query string.
    pub query: String,
    /// The access key that signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The JSON body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl Asked {
    /// A call of the API.
    pub(super) fn call(step: &Step, query: &str, key: Option<&str>) -> Self {
        Self {
            kind: "call",
            method: step.method.clone().unwrap_or_else(|| "GET".to_owned()),
            path: "/".to_owned(),
            query: query.to_owned(),
            key: key.map(str::to_owned),
            body: None,
        }
    }

    /// A call of the control interface: `METHOD /path?query`.
    pub(super) fn control(step: &Step, control: &str) -> Self {
        let [method, path, query] = parted(control);
        Self {
            kind: "control",
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            key: None,
            body: step.body.clone(),
        }
    }

    /// Path and query.
    pub(super) fn target(&self) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.path, self.query)
    }

    /// In the words of the scenario.
    pub(super) fn told(&self) -> String {
        match self.kind {
            "call" => self.query.clone(),
            _ => format!("{} {}", self.method, self.target()),
        }
    }
}

/// What was answered.
#[derive(Debug, Clone, Serialize)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The headers, by names in lower case.
    pub headers: BTreeMap<String, String>,
    /// JSON as it is, anything else as text.
    pub body: Value,
    /// The row that decided, by its name in `ecs-local rows`; empty where none did, or none is told.
    pub rule: String,
    /// What the caller can do about it.
    pub fix: String,
}

impl From<&Answer> for Answered {
    fn from(answer: &Answer) -> Self {
        let (rule, fix) = answer
            .header("x-ecs-local-why")
            .and_then(|why| why.split_once(": "))
            .unwrap_or_default();
        let text = || Value::from(String::from_utf8_lossy(&answer.body));
        Self {
            status: answer.status,
            headers: answer
                .headers
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: reading::json(&answer.body).unwrap_or_else(|_| text()),
            rule: rule.to_owned(),
            fix: fix.to_owned(),
        }
    }
}
