//! What caused a change: a call of the API, one of the control interface, or that its time had come.

use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin<'a> {
    /// The operation, or the control call. Empty for what a world document brought along.
    pub action: &'a str,
    /// The RequestId of the call.
    pub request_id: &'a str,
    /// The order that was carried out.
    pub order_id: &'a str,
}

/// What caused a change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "WrittenCause", into = "WrittenCause")]
pub struct Cause {
    /// What kind of thing.
    pub kind: CauseKind,
    /// The parts of its origin, a line each; nothing for what a world document brought along. One text, since there
    /// are nearly as many as entries in the lives of instances.
    origin: Word,
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
        let (action, request_id, order_id) = (&action, &request_id, &order_id);
        Self::of(kind, Origin { action, request_id, order_id })
    }
}

impl From<Cause> for WrittenCause {
    fn from(cause: Cause) -> Self {
        let Origin { action, request_id, order_id } = cause.origin();
        let [action, request_id, order_id] = [action, request_id, order_id].map(str::to_owned);
        Self { kind: cause.kind, action, request_id, order_id }
    }
}

impl Cause {
    fn of(kind: CauseKind, origin: Origin<'_>) -> Self {
        let Origin { action, request_id, order_id } = origin;
        if origin == Origin::default() {
            return Self { kind, origin: Word::default() };
        }
        Self { kind, origin: Word::of(&[action, "\n", request_id, "\n", order_id]) }
    }

    /// A call of the API.
    pub fn call(action: &str, request_id: &str) -> Self {
        Self::of(CauseKind::Call, Origin { action, request_id, order_id: "" })
    }

    /// A call of the control interface.
    pub fn control(action: &str) -> Self {
        Self::of(CauseKind::Control, Origin { action, ..Origin::default() })
    }

    /// Which call or order.
    pub fn origin(&self) -> Origin<'_> {
        let mut lines = self.origin.splitn(3, '\n');
        let mut next = || lines.next().unwrap_or_default();
        Origin { action: next(), request_id: next(), order_id: next() }
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
        Self::of(self.kind, Origin { order_id, ..self.origin() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_reads_back_from_its_text_and_from_documents() {
        let call = Cause::call("RunInstances", "R");
        let causes = [
            (call.clone(), ["RunInstances", "R", ""]),
            (call.by_order("an\norder").due(), ["RunInstances", "R", "an\norder"]),
            (Cause::control("pay"), ["pay", "", ""]),
            (Cause::default(), ["", "", ""]),
        ];
        for (cause, [action, request_id, order_id]) in causes {
            assert_eq!(cause.origin(), Origin { action, request_id, order_id });
            let written = serde_json::to_value(&cause).unwrap();
            assert_eq!(serde_json::from_value::<Cause>(written).unwrap(), cause);
        }
        let foreign = serde_json::json!({"kind": "call", "action": "a\nb", "request_id": "R"});
        let foreign: Cause = serde_json::from_value(foreign).unwrap();
        assert_eq!(foreign.origin(), Origin { action: "a b", request_id: "R", order_id: "" });
    }
}
