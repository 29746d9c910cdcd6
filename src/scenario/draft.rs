//! A scenario that is written, not read: by `ecs-local new` and `ecs-local record`. What it leaves open is
//! left out.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::domain::{Span, Timestamp};
use crate::gateway::Options;
use crate::param::is_system;

/// See the module; the keys are those of `file.rs`, values before tables as TOML wants them.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Draft {
    pub(super) about: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) pages: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) clock: Option<Timestamp>,
    #[serde(skip_serializing_if = "is_default")]
    pub(super) gateway: Options,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) given: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) step: Vec<DraftStep>,
}

/// A step of it.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct DraftStep {
    #[serde(skip_serializing_if = "Span::is_zero")]
    pub(super) after: Span,
    pub(super) call: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) keep: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) expect: Map<String, Value>,
}

fn is_default(options: &Options) -> bool {
    *options == Options::default()
}

impl DraftStep {
    /// Says what the call is answered, where it is refused.
    pub(super) fn refused(&mut self, status: u16, code: &str, message: Option<String>) {
        // What a file leaves open is 400.
        self.status = (status != 400).then_some(status);
        self.code = Some(code.to_owned());
        self.message = message;
    }
}

impl Draft {
    /// The text of the file.
    pub(super) fn text(&self) -> Result<String, String> {
        toml::to_string(self).map_err(|error| error.to_string())
    }
}

/// A password that any operation takes, in place of one that is nobody's business.
const PASSWORD: &str = "Stand-1n-Password";

/// A call as scenarios write it, without what signs and routes it, and without passwords.
pub(super) fn call<'a>(
    action: &'a str,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> String {
    let wanted = parameters.filter(|(name, _)| !is_system(name.trim()));
    let shown = wanted.map(|(name, value)| {
        (name, if name.to_lowercase().contains("password") { PASSWORD } else { value })
    });
    let mut call = form_urlencoded::Serializer::new(String::new());
    call.extend_pairs(Some(("Action", action)).filter(|(_, action)| !action.is_empty()));
    call.extend_pairs(shown).finish()
}

/// A document without nulls, which TOML does not have.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => {
            let kept = items.into_iter().filter(|value| !value.is_null());
            Value::Array(kept.map(without_nulls).collect())
        }
        other => other,
    }
}
