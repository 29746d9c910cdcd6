//! What caused a change: a call of the API, one of the control interface, or that its time had come.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::request_id::RequestId;
use crate::domain::text::Word;

/// What kind of thing caused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A call of the API.
    Call,
    /// A call of the control interface.
    Control,
    /// It came due by itself; action and request id are those of the call that set it off.
    #[default]
    Due,
}

/// Where a cause comes from: shared by everything that one call did and set off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin<'a> {
    /// The operation, or the control call. Empty for what a world document brought along.
    pub action: &'a str,
    /// The RequestId of the call.
    pub request_id: Cow<'a, str>,
    /// The order that was carried out.
    pub order_id: &'a str,
}

/// What caused a change.
#[derive(Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "WrittenCause", into = "WrittenCause")]
pub struct Cause {
    /// What kind of thing.
    pub kind: CauseKind,
    source: Source,
}

/// An origin as it is kept: there are nearly as many as entries in the lives of instances.
#[derive(Clone)]
enum Source {
    /// A call: its operation, and its RequestId. Nothing of it lies elsewhere in memory.
    Call(&'static str, RequestId),
    /// Anything else, its parts a line each; nothing for what a world document brought along.
    Told(Word),
}

impl Default for Source {
    fn default() -> Self {
        Self::Told(Word::default())
    }
}

/// What caused a change, in the form of documents.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Cause"))]
#[serde(default, deny_unknown_fields)]
struct WrittenCause {
    /// What kind of thing.
    kind: CauseKind,
    /// The operation, or the control call. Empty for what a world document brought along.
    #[serde(skip_serializing_if = "String::is_empty")]
    action: String,
    /// The RequestId of the call.
    #[serde(skip_serializing_if = "String::is_empty")]
    request_id: String,
    /// The order that was carried out.
    #[serde(skip_serializing_if = "String::is_empty")]
    order_id: String,
}

impl From<WrittenCause> for Cause {
    fn from(written: WrittenCause) -> Self {
        let WrittenCause { kind, action, request_id, order_id } = written;
        // Ours have no line breaks; in a document of somebody else's they would part what belongs together.
        let (action, request_id) = (action.replace('\n', " "), request_id.replace('\n', " "));
        let (action, request_id, order_id) = (&action, request_id.into(), &order_id);
        Self::of(kind, &Origin { action, request_id, order_id })
    }
}

impl From<Cause> for WrittenCause {
    fn from(cause: Cause) -> Self {
        let Origin { action, request_id, order_id } = cause.origin();
        let [action, order_id] = [action, order_id].map(str::to_owned);
        Self { kind: cause.kind, action, request_id: request_id.into_owned(), order_id }
    }
}

impl PartialEq for Cause {
    /// Those of one origin are equal, however it is kept.
    fn eq(&self, other: &Self) -> bool {
        let has_same_origin = match (&self.source, &other.source) {
            (Source::Call(action, id), Source::Call(other, other_id)) => {
                id == other_id && action == other
            }
            (Source::Told(told), Source::Told(other)) => told == other,
            _ => self.origin() == other.origin(),
        };
        self.kind == other.kind && has_same_origin
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} of {:?}", self.kind, self.origin())
    }
}

impl Cause {
    fn of(kind: CauseKind, origin: &Origin<'_>) -> Self {
        if *origin == Origin::default() {
            return Self { kind, source: Source::default() };
        }
        let Origin { action, request_id, order_id } = origin;
        let told = Word::of(&[action, "\n", request_id, "\n", order_id]);
        Self { kind, source: Source::Told(told) }
    }

    /// A call of the API.
    pub const fn call(action: &'static str, request_id: RequestId) -> Self {
        Self { kind: CauseKind::Call, source: Source::Call(action, request_id) }
    }

    /// A call of the control interface.
    pub fn control(action: &str) -> Self {
        Self::of(CauseKind::Control, &Origin { action, ..Origin::default() })
    }

    /// Which call or order.
    pub fn origin(&self) -> Origin<'_> {
        match &self.source {
            Source::Call(action, id) => {
                Origin { action, request_id: id.to_string().into(), order_id: "" }
            }
            Source::Told(told) => {
                let mut lines = told.splitn(3, '\n');
                let mut next = || lines.next().unwrap_or_default();
                Origin { action: next(), request_id: next().into(), order_id: next() }
            }
        }
    }

    /// Is it this call, or what that set off?
    pub fn is_of(&self, call: RequestId) -> bool {
        match self.source {
            Source::Call(_, id) => id == call,
            Source::Told(_) => RequestId::parse(&self.origin().request_id) == Some(call),
        }
    }

    /// Does it name neither a call nor an order?
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// What this cause set off has come due.
    #[must_use]
    pub fn due(self) -> Self {
        Self { kind: CauseKind::Due, ..self }
    }

    /// This cause, by way of an order.
    #[must_use]
    pub fn by_order(&self, order_id: &str) -> Self {
        Self::of(self.kind, &Origin { order_id, ..self.origin() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_reads_back_from_its_text_and_from_documents() {
        let id = RequestId::default();
        let (call, request_id) = (Cause::call("RunInstances", id), id.to_string());
        let causes = [
            (call.clone(), ["RunInstances", &request_id, ""]),
            (call.by_order("an\norder").due(), ["RunInstances", &request_id, "an\norder"]),
            (Cause::control("pay"), ["pay", "", ""]),
            (Cause::default(), ["", "", ""]),
        ];
        for (cause, [action, request_id, order_id]) in causes {
            let request_id = request_id.into();
            let origin = Origin { action, request_id, order_id };
            assert_eq!(cause.origin(), origin);
            let written = serde_json::to_value(&cause).unwrap();
            let read: Cause = serde_json::from_value(written).unwrap();
            assert_eq!(read, cause);
            for it in [cause, read] {
                assert_eq!(it.is_of(id), !origin.request_id.is_empty());
            }
        }
        let foreign = serde_json::json!({"kind": "call", "action": "a\nb", "request_id": "R"});
        let foreign: Cause = serde_json::from_value(foreign).unwrap();
        let (action, request_id) = ("a b", "R".into());
        assert_eq!(foreign.origin(), Origin { action, request_id, order_id: "" });
        assert!(!foreign.is_of(id));
    }

    /// There are two hundred in a long life.
    #[test]
    fn a_cause_is_small() {
        assert_eq!(size_of::<Cause>(), 40);
    }
}
