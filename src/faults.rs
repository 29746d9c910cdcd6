//! Faults: what goes wrong on command, whatever the state. They prove rows that nothing a caller can do
//! causes, and how a client takes what networks and services do to it: errors, waits, answers that never
//! come although the change happened.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Span;
use crate::gateway;
use crate::operations::{COMMON_ROWS, Entry};
use crate::param::Params;
use crate::row::{Row, error_rows};
use crate::rule::{Decider, Refusal};
use crate::wire::Delivery;

error_rows! {
    operation: "(fault)";
    pages: {}
    rows: {}
    beside: {
        CUSTOM: 500 "EcsLocal.Fault"
            "%s"
            source "ours; status, code and message are those of the fault";
    }
}

/// The longest time a fault may keep a client waiting.
const LONGEST_WAIT: Span = Span::seconds(300);

/// When in a call a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the call is looked at: nothing changes.
    #[default]
    Before,
    /// After it: what it changes has happened, and the client does not know.
    After,
}

/// Something that goes wrong with calls it is meant for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// The operation; any where it is not said. So for all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The InstanceId a call names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// The access key it is made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The RegionId it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<String>,
    /// Parameters with these values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,

    /// The row to answer with, by its name in `ecs-local rows`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
    /// Or the HTTP status of an error of one's own,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// its code,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// and its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How far the account's clock moves meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<Span>,
    /// How long the client really waits for the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<Span>,
    /// The connection is closed without an answer.
    #[serde(skip_serializing_if = "is_false")]
    pub drop: bool,
    /// The answer breaks off after so many bytes of its body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<usize>,
    /// `before` the call is looked at, or `after` it.
    pub phase: Phase,

    /// How often it strikes; once, where nothing of this and what follows is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// It strikes each such call only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u32>,
    /// Which of the calls it strikes, from the first; then begins anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequence: Vec<bool>,
    /// How likely it strikes, 0 to 1, by the seeded generator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,

    /// How many calls it was meant for so far. Told, not asked for.
    #[cfg_attr(test, schemars(extend("readOnly" = true)))]
    pub met: u64,
    /// How often it struck. Told, not asked for.
    #[cfg_attr(test, schemars(extend("readOnly" = true)))]
    pub fired: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Why a fault makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// It does nothing.
    #[error("a fault needs an effect: row, status with code, delay, wait, drop or truncate")]
    NoEffect,
    /// There is no such row.
    #[error("{action} has no row named {row}")]
    NoRow {
        /// The operation, or `(any)`.
        action: String,
        /// The row's name.
        row: String,
    },
    /// A field that does not go with another, or is out of its range.
    #[error("{0}")]
    Wrong(&'static str),
}

/// A call a fault may be meant for.
pub struct Sought<'a> {
    /// The operation.
    pub action: &'a str,
    /// The access key it is made with.
    pub access_key_id: &'a str,
    /// Its parameters.
    pub params: &'a Params<'a>,
}

/// A fault that strikes.
pub struct Struck {
    /// When in the call.
    pub phase: Phase,
    /// What is answered instead, if anything.
    pub refusal: Option<Refusal>,
    /// How far the account's clock moves.
    pub delay: Span,
    /// What becomes of the answer on its way.
    pub delivery: Delivery,
    /// All of it in words.
    pub words: String,
}

impl Fault {
    /// The same, as if it had met no call: one that was listed can be armed again.
    #[must_use]
    pub fn unused(self) -> Self {
        Self { met: 0, fired: 0, ..self }
    }

    /// Does it make sense?
    ///
    /// # Errors
    /// What does not.
    pub fn check(&self) -> Result<(), FaultError> {
        let has_own = self.status.is_some() || self.code.is_some() || self.message.is_some();
        if self.row.is_some() && self.find_row().is_none() {
            let action = self.action.clone().unwrap_or_else(|| "(any)".to_owned());
            return Err(FaultError::NoRow { action, row: self.row.clone().unwrap_or_default() });
        }
        let wrong = [
            (self.row.is_some() && has_own, "row goes without status, code and message"),
            (has_own && (self.status.is_none() || self.code.is_none()), "status goes with code"),
            (self.status.is_some_and(|it| !(400..=599).contains(&it)), "status is 400 to 599"),
            (self.every == Some(0), "every is 1 or more"),
            (
                self.probability.is_some_and(|it| !(0.0..=1.0).contains(&it)),
                "probability is 0 to 1",
            ),
            (self.wait.is_some_and(|it| it > LONGEST_WAIT), "wait is at most 5 minutes"),
        ];
        if let Some((_, why)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            return Err(FaultError::Wrong(why));
        }
        let has_effect = self.row.is_some()
            || has_own
            || self.delay.is_some()
            || self.wait.is_some()
            || self.drop
            || self.truncate.is_some();
        if has_effect { Ok(()) } else { Err(FaultError::NoEffect) }
    }

    /// The row it answers with; `None` where the operation has no row of this name.
    pub fn find_row(&self) -> Option<&'static Row> {
        let name = self.row.as_deref()?;
        let own = match self.action.as_deref() {
            Some(action) => Entry::find(action)?.rows,
            None => &[],
        };
        let mut known = own.iter().chain(COMMON_ROWS).chain(gateway::ROWS);
        known.find(|row| row.name == name).copied()
    }

    /// Is a call one it is meant for?
    fn is_for(&self, call: &Sought<'_>) -> bool {
        let is = |wanted: &Option<String>, got: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| got == Some(wanted))
        };
        is(&self.action, Some(call.action))
            && is(&self.access_key_id, Some(call.access_key_id))
            && is(&self.instance_id, call.params.text("InstanceId"))
            && is(&self.region_id, call.params.text("RegionId"))
            && self.parameters.iter().all(|(name, value)| call.params.text(name) == Some(value))
    }

    /// How often it strikes at the most.
    fn limit(&self) -> u64 {
        let is_limited_otherwise =
            self.every.is_some() || !self.sequence.is_empty() || self.probability.is_some();
        let times = self.times.map(u64::from);
        times.unwrap_or(if is_limited_otherwise { u64::MAX } else { 1 })
    }

    /// Meets a call it is meant for: does it strike?
    fn strikes(&mut self, chance: &mut fastrand::Rng) -> bool {
        self.met += 1;
        let position = usize::try_from(self.met - 1).unwrap_or(usize::MAX);
        let strikes = self.fired < self.limit()
            && self.every.is_none_or(|every| self.met.is_multiple_of(u64::from(every)))
            && (self.sequence.is_empty() || self.sequence[position % self.sequence.len()])
            && self.probability.is_none_or(|probability| chance.f64() < probability);
        self.fired += u64::from(strikes);
        strikes
    }

    fn refusal(&self) -> Option<Refusal> {
        let fix = match self.phase {
            Phase::Before => "a fault was armed for this call; repeat it",
            Phase::After => "a fault was armed for this call, whose change has happened",
        };
        if let Some(row) = self.find_row() {
            let words = "a fault was armed for this call";
            return Some(Refusal::of(row, words, fix, Decider::Fault));
        }
        let (status, code) = self.status.zip(self.code.clone())?;
        let message = self.message.clone().unwrap_or_default();
        let refusal = Refusal::of(&CUSTOM, &message, fix, Decider::Fault);
        Some(Refusal { custom: Some(Box::new((status, code))), ..refusal })
    }

    /// What it does, in words.
    pub fn words(&self) -> String {
        let mut words = match self.phase {
            Phase::Before => "before the call:".to_owned(),
            Phase::After => "after the call:".to_owned(),
        };
        let effects = [
            self.row.as_ref().map(|row| format!("answers {row}")),
            self.status.map(|status| {
                format!("answers {status} {}", self.code.as_deref().unwrap_or_default())
            }),
            self.delay.map(|span| format!("moves the clock by {span}")),
            self.wait.map(|span| format!("waits {span}")),
            self.drop.then(|| "drops the connection".to_owned()),
            self.truncate.map(|bytes| format!("breaks off after {bytes} bytes")),
        ];
        for effect in effects.into_iter().flatten() {
            let _ = write!(words, " {effect},");
        }
        words.trim_end_matches(',').to_owned()
    }
}

/// The first armed fault that strikes a call. Those it passes over have met it all the same.
pub fn strike(
    faults: &mut [Fault],
    call: &Sought<'_>,
    chance: &mut fastrand::Rng,
) -> Option<Struck> {
    let mut meant = faults.iter_mut().filter(|fault| fault.is_for(call));
    let fault = meant.find_map(|fault| fault.strikes(chance).then_some(fault))?;
    let wait = fault.wait.unwrap_or_default().0;
    Some(Struck {
        phase: fault.phase,
        refusal: fault.refusal(),
        delay: fault.delay.unwrap_or_default(),
        delivery: Delivery {
            wait: Duration::from_millis(u64::try_from(wait).unwrap_or_default()),
            is_dropped: fault.drop,
            truncated_at: fault.truncate,
            recorded: 0,
        },
        words: fault.words(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn fault(document: Value) -> Fault {
        serde_json::from_value(document).unwrap()
    }

    /// Which of the first calls are struck.
    fn pattern(document: Value, calls: usize) -> String {
        let mut faults = [fault(document)];
        let params = Params::default();
        let call = Sought { action: "StopInstance", access_key_id: "k", params: &params };
        let mut chance = fastrand::Rng::with_seed(1);
        let mut struck = |_| strike(&mut faults, &call, &mut chance).is_some();
        (0..calls).map(|index| if struck(index) { 'x' } else { '.' }).collect()
    }

    #[test]
    fn it_strikes_as_often_as_it_says() {
        let row = |more: Value| {
            let mut document = json!({"row": "INTERNAL"});
            document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            document
        };
        assert_eq!(pattern(row(json!({})), 4), "x...");
        assert_eq!(pattern(row(json!({"times": 2})), 4), "xx..");
        assert_eq!(pattern(row(json!({"every": 3})), 7), "..x..x.");
        assert_eq!(pattern(row(json!({"every": 2, "times": 1})), 5), ".x...");
        assert_eq!(pattern(row(json!({"sequence": [false, true, true]})), 7), ".xx.xx.");
        assert_eq!(pattern(row(json!({"probability": 0.0})), 5), ".....");
        assert_eq!(pattern(row(json!({"probability": 1.0})), 5), "xxxxx");
        let half = pattern(row(json!({"probability": 0.5})), 200);
        assert!((70..130).contains(&half.matches('x').count()), "{half}");
        assert_eq!(pattern(row(json!({"probability": 0.5})), 200), half);
    }

    #[test]
    fn it_is_meant_for_what_it_names() {
        let params = [("InstanceId", "i-a"), ("RegionId", "r"), ("Force", "true")];
        let params = Params::from_pairs(params).unwrap();
        let call = Sought { action: "StopInstance", access_key_id: "k", params: &params };
        for own in [
            json!({}),
            json!({"action": "StopInstance", "instance_id": "i-a", "region_id": "r"}),
            json!({"access_key_id": "k", "parameters": {"Force": "true"}}),
        ] {
            assert!(fault(own.clone()).is_for(&call), "{own}");
        }
        for other in [
            json!({"action": "StartInstance"}),
            json!({"instance_id": "i-b"}),
            json!({"access_key_id": "l"}),
            json!({"region_id": "s"}),
            json!({"parameters": {"Force": "false"}}),
            json!({"parameters": {"DryRun": "true"}}),
        ] {
            assert!(!fault(other.clone()).is_for(&call), "{other}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        let error = |document: Value| fault(document).check().unwrap_err().to_string();
        assert!(error(json!({"action": "StopInstance"})).contains("effect"));
        assert!(error(json!({"action": "StopInstance", "row": "NONE"})).contains("StopInstance"));
        assert!(error(json!({"row": "INTERNAL", "status": 500, "code": "A"})).contains("row"));
        assert!(error(json!({"status": 500})).contains("code"));
        assert!(error(json!({"status": 200, "code": "A"})).contains("400"));
        assert!(error(json!({"drop": true, "every": 0})).contains("every"));
        assert!(error(json!({"drop": true, "probability": 1.5})).contains("probability"));
        assert!(error(json!({"wait": "1h"})).contains("wait"));
        assert_eq!(fault(json!({"status": 418, "code": "Teapot"})).check(), Ok(()));
    }
}
