//! RAM policies (version 1) and their evaluation: a statement that denies wins over all that allow,
//! and what nothing allows is denied.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::Timestamp;

/// A policy document, in RAM's own words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    /// `1`.
    pub version: Version,
    /// Its statements, in any order.
    pub statement: Vec<Statement>,
}

/// The one version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Version {
    /// Version 1.
    #[default]
    #[serde(rename = "1")]
    One,
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", try_from = "Written")]
pub struct Statement {
    /// `Allow` or `Deny`.
    pub effect: StatementEffect,
    /// The actions it is about, `*` for any characters and `?` for one.
    #[serde(flatten)]
    pub actions: Actions,
    /// The resources it is about, by resource name, with the same wildcards.
    pub resource: OneOrMany,
    /// What else must hold: operator → key → values. All of it must.
    #[serde(skip_serializing_if = "Conditions::is_empty")]
    pub condition: Conditions,
}

/// A statement as it is written, which allows for neither or both ways to name actions.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    effect: StatementEffect,
    action: Option<OneOrMany>,
    not_action: Option<OneOrMany>,
    resource: OneOrMany,
    #[serde(default)]
    condition: Conditions,
}

impl TryFrom<Written> for Statement {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, &'static str> {
        let actions = match (written.action, written.not_action) {
            (Some(these), None) => Actions::Action(these),
            (None, Some(these)) => Actions::NotAction(these),
            _ => return Err("a statement has either Action or NotAction"),
        };
        let Written { effect, resource, condition, .. } = written;
        Ok(Self { effect, actions, resource, condition })
    }
}

/// Does a statement allow or deny?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum StatementEffect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// The actions a statement is about, or all but these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Actions {
    /// These.
    Action(OneOrMany),
    /// All but these.
    NotAction(OneOrMany),
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    fn any(&self, holds: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(text) => holds(text),
            Self::Many(texts) => texts.iter().any(|text| holds(text)),
        }
    }
}

/// What a caller wants to do.
pub struct Wish<'a> {
    /// The action, like `ecs:StopInstance`.
    pub action: &'a str,
    /// The resource's name.
    pub resource: &'a str,
    /// The values of condition keys; `None` for a key the call has no value for.
    pub context: &'a dyn Fn(&str) -> Option<String>,
}

/// Why something is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// A statement denies it.
    Explicit,
    /// No statement allows it.
    Implicit,
}

/// May the bearer of these policies do it?
///
/// # Errors
/// How it is denied.
pub fn evaluate(policies: &[Policy], wish: &Wish<'_>) -> Result<(), Denial> {
    let statements = || policies.iter().flat_map(|policy| &policy.statement);
    let any = |effect: StatementEffect| {
        statements().any(|statement| statement.effect == effect && statement.is_about(wish))
    };
    if any(StatementEffect::Deny) {
        Err(Denial::Explicit)
    } else if any(StatementEffect::Allow) {
        Ok(())
    } else {
        Err(Denial::Implicit)
    }
}

impl Statement {
    fn is_about(&self, wish: &Wish<'_>) -> bool {
        let is_action = |pattern: &str| like(&pattern.to_lowercase(), &wish.action.to_lowercase());
        let of_action = match &self.actions {
            Actions::Action(patterns) => patterns.any(is_action),
            Actions::NotAction(patterns) => !patterns.any(is_action),
        };
        of_action
            && self.resource.any(|pattern| like(pattern, wish.resource))
            && self.condition.hold(wish.context)
    }
}

/// `*` stands for any characters, `?` for one.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(one) if *one == '?' || *one == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // The last star takes one character more.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

/// The conditions of a statement, checked when they are read: operator → key → values.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct Conditions(Vec<Condition>);

#[derive(Debug, Clone, PartialEq)]
struct Condition {
    operator: Operator,
    key: String,
    /// The value as written, for exports.
    written: Value,
    wanted: Vec<Operand>,
}

/// Why conditions are no conditions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// There is no such operator.
    #[error("{0:?} is no condition operator")]
    Operator(String),
    /// An operator is followed by keys and values.
    #[error("{0} wants a table of keys and values")]
    Keys(String),
    /// A value the operator cannot compare with.
    #[error("{operator} cannot compare {key:?} with {value}")]
    Operand {
        /// The operator.
        operator: String,
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
}

/// What is compared, how, and whether the answer is turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::Display)]
enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    IpAddress,
    NotIpAddress,
}

/// A value in the form its operator compares.
#[derive(Debug, Clone, PartialEq)]
enum Operand {
    Text(String),
    Number(f64),
    Date(Timestamp),
    Bool(bool),
    Network { address: IpAddr, prefix: u8 },
}

impl Operator {
    /// A text as this operator compares it.
    fn read(self, text: &str) -> Option<Operand> {
        use Operator as It;
        match self {
            It::StringEquals | It::StringNotEquals | It::StringLike | It::StringNotLike => {
                Some(Operand::Text(text.to_owned()))
            }
            It::StringEqualsIgnoreCase | It::StringNotEqualsIgnoreCase => {
                Some(Operand::Text(text.to_lowercase()))
            }
            It::NumericEquals
            | It::NumericNotEquals
            | It::NumericLessThan
            | It::NumericLessThanEquals
            | It::NumericGreaterThan
            | It::NumericGreaterThanEquals => text.parse().ok().map(Operand::Number),
            It::DateEquals
            | It::DateNotEquals
            | It::DateLessThan
            | It::DateLessThanEquals
            | It::DateGreaterThan
            | It::DateGreaterThanEquals => Some(Operand::Date(date(text)?)),
            It::Bool => text.to_lowercase().parse().ok().map(Operand::Bool),
            It::IpAddress | It::NotIpAddress => network(text),
        }
    }

    /// Is the answer turned round: must no value hold?
    const fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
        )
    }

    fn holds(self, got: &Operand, wanted: &Operand) -> bool {
        use Operator as It;
        match (self, got, wanted) {
            (It::StringLike | It::StringNotLike, Operand::Text(got), Operand::Text(wanted)) => {
                like(wanted, got)
            }
            (
                It::IpAddress | It::NotIpAddress,
                Operand::Network { address, .. },
                Operand::Network { address: network, prefix },
            ) => is_within(*address, *network, *prefix),
            (_, Operand::Number(got), Operand::Number(wanted)) => self.orders(got, wanted),
            (_, Operand::Date(got), Operand::Date(wanted)) => self.orders(got, wanted),
            _ => got == wanted,
        }
    }

    fn orders<T: PartialOrd>(self, got: &T, wanted: &T) -> bool {
        use Operator as It;
        match self {
            It::NumericLessThan | It::DateLessThan => got < wanted,
            It::NumericLessThanEquals | It::DateLessThanEquals => got <= wanted,
            It::NumericGreaterThan | It::DateGreaterThan => got > wanted,
            It::NumericGreaterThanEquals | It::DateGreaterThanEquals => got >= wanted,
            _ => got == wanted,
        }
    }
}

/// A moment as policies write it: with a `Z`, or with an offset like `+08:00`.
fn date(text: &str) -> Option<Timestamp> {
    let parsed = chrono::DateTime::parse_from_rfc3339(text).ok();
    parsed.map(|moment| Timestamp(moment.timestamp_millis())).or_else(|| Timestamp::parse_any(text))
}

/// An address, or a network in CIDR notation.
fn network(text: &str) -> Option<Operand> {
    let (address, prefix) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let prefix = if prefix.is_empty() { bits } else { prefix.parse().ok()? };
    (prefix <= bits).then_some(Operand::Network { address, prefix })
}

fn is_within(address: IpAddr, network: IpAddr, prefix: u8) -> bool {
    fn equal_head<const N: usize>(a: [u8; N], b: [u8; N], prefix: u8) -> bool {
        a.iter().zip(b).enumerate().all(|(index, (a, b))| {
            let bits = usize::from(prefix).saturating_sub(index * 8).min(8);
            let mask = u8::try_from(0xFF00_u16 >> bits & 0xFF).unwrap_or(u8::MAX);
            a & mask == b & mask
        })
    }
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => equal_head(a.octets(), b.octets(), prefix),
        (IpAddr::V6(a), IpAddr::V6(b)) => equal_head(a.octets(), b.octets(), prefix),
        _ => false,
    }
}

impl Condition {
    fn read(operator: &str, key: String, written: Value) -> Result<Self, ConditionError> {
        let known: Operator =
            operator.parse().map_err(|_| ConditionError::Operator(operator.to_owned()))?;
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let values = written.as_array().map_or(std::slice::from_ref(&written), Vec::as_slice);
        let operands = values.iter().map(|value| text(value).and_then(|text| known.read(&text)));
        let wanted = operands.collect::<Option<Vec<Operand>>>().ok_or_else(|| {
            let (operator, value) = (operator.to_owned(), written.to_string());
            ConditionError::Operand { operator, key: key.clone(), value }
        })?;
        Ok(Self { operator: known, key, written, wanted })
    }

    /// A key the call has no value for meets no condition.
    fn holds(&self, context: &dyn Fn(&str) -> Option<String>) -> bool {
        let got = context(&self.key).and_then(|text| self.operator.read(&text));
        got.is_some_and(|got| {
            let any = self.wanted.iter().any(|wanted| self.operator.holds(&got, wanted));
            any != self.operator.is_negated()
        })
    }
}

impl Conditions {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn hold(&self, context: &dyn Fn(&str) -> Option<String>) -> bool {
        self.0.iter().all(|condition| condition.holds(context))
    }
}

impl TryFrom<Map<String, Value>> for Conditions {
    type Error = ConditionError;

    fn try_from(table: Map<String, Value>) -> Result<Self, ConditionError> {
        let mut all = Vec::new();
        for (operator, keys) in table {
            let Value::Object(keys) = keys else { return Err(ConditionError::Keys(operator)) };
            for (key, written) in keys {
                all.push(Condition::read(&operator, key, written)?);
            }
        }
        Ok(Self(all))
    }
}

impl From<Conditions> for Map<String, Value> {
    fn from(conditions: Conditions) -> Self {
        let mut table = Self::new();
        for Condition { operator, key, written, .. } in conditions.0 {
            let keys = table.entry(operator.to_string()).or_insert_with(|| Self::new().into());
            if let Value::Object(keys) = keys {
                keys.insert(key, written);
            }
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decide(statements: &Value, action: &str, resource: &str) -> Result<(), Denial> {
        let policy = json!({"Version": "1", "Statement": statements});
        let policy: Policy = serde_json::from_value(policy).unwrap();
        let context = |key: &str| match key {
            "acs:SourceIp" => Some("10.1.2.3".to_owned()),
            "acs:SecureTransport" => Some("false".to_owned()),
            "acs:CurrentTime" => Some("2026-06-01T00:00:00Z".to_owned()),
            "ecs:Amount" => Some("5".to_owned()),
            "ecs:tag/env" => Some("Test-1".to_owned()),
            _ => None,
        };
        evaluate(&[policy], &Wish { action, resource, context: &context })
    }

    const INSTANCE: &str = "acs:ecs:cn-hangzhou:1:instance/i-1";

    #[test]
    fn a_deny_wins_and_nothing_is_allowed_by_itself() {
        let both = json!([
            {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["ecs:Stop*", "ecs:Delete?nstance"], "Resource": "*"},
        ]);
        assert_eq!(decide(&both, "ecs:StartInstance", INSTANCE), Ok(()));
        assert_eq!(decide(&both, "ecs:stopinstance", INSTANCE), Err(Denial::Explicit));
        assert_eq!(decide(&both, "ecs:DeleteInstance", INSTANCE), Err(Denial::Explicit));
        assert_eq!(decide(&both, "vpc:ReleaseEipAddress", INSTANCE), Err(Denial::Implicit));
    }

    #[test]
    fn resources_are_matched_by_their_names() {
        let one = json!([{
            "Effect": "Allow", "NotAction": "ecs:Delete*",
            "Resource": ["acs:ecs:*:*:instance/i-1", "acs:ecs:*:*:disk/*"],
        }]);
        assert_eq!(decide(&one, "ecs:StopInstance", INSTANCE), Ok(()));
        assert!(decide(&one, "ecs:StopInstance", "acs:ecs:cn-hangzhou:1:instance/i-10").is_err());
        assert!(decide(&one, "ecs:DeleteInstance", INSTANCE).is_err());
    }

    #[test]
    fn each_operator_compares() {
        let holds = |operator: &str, key: &str, value: Value| {
            let statement = json!([{
                "Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {operator: {key: value}},
            }]);
            decide(&statement, "ecs:StopInstance", INSTANCE).is_ok()
        };
        let yes = [
            ("StringEquals", "ecs:tag/env", json!(["a", "Test-1"])),
            ("StringNotEquals", "ecs:tag/env", json!(["a", "b"])),
            ("StringEqualsIgnoreCase", "ecs:tag/env", json!("test-1")),
            ("StringNotEqualsIgnoreCase", "ecs:tag/env", json!("test-2")),
            ("StringLike", "ecs:tag/env", json!("Test-*")),
            ("StringNotLike", "ecs:tag/env", json!("Prod-*")),
            ("NumericEquals", "ecs:Amount", json!(5)),
            ("NumericNotEquals", "ecs:Amount", json!("6")),
            ("NumericLessThan", "ecs:Amount", json!(6)),
            ("NumericLessThanEquals", "ecs:Amount", json!(5)),
            ("NumericGreaterThan", "ecs:Amount", json!(4)),
            ("NumericGreaterThanEquals", "ecs:Amount", json!(5)),
            ("DateEquals", "acs:CurrentTime", json!("2026-06-01T08:00:00+08:00")),
            ("DateNotEquals", "acs:CurrentTime", json!("2026-06-01T00:00:01Z")),
            ("DateLessThan", "acs:CurrentTime", json!("2026-06-02T00:00:00Z")),
            ("DateLessThanEquals", "acs:CurrentTime", json!("2026-06-01T00:00:00Z")),
            ("DateGreaterThan", "acs:CurrentTime", json!("2026-05-31T00:00:00Z")),
            ("DateGreaterThanEquals", "acs:CurrentTime", json!("2026-06-01T00:00:00Z")),
            ("Bool", "acs:SecureTransport", json!("false")),
            ("IpAddress", "acs:SourceIp", json!(["192.168.0.1", "10.1.0.0/16"])),
            ("NotIpAddress", "acs:SourceIp", json!("10.1.2.4/31")),
        ];
        for (operator, key, value) in yes {
            assert!(holds(operator, key, value), "{operator}");
        }
        let no = [
            ("StringEquals", "ecs:tag/env", json!("test-1")),
            ("StringLike", "ecs:tag/other", json!("*")),
            ("NumericLessThan", "ecs:Amount", json!(5)),
            ("DateGreaterThan", "acs:CurrentTime", json!("2026-06-01T00:00:00Z")),
            ("Bool", "acs:SecureTransport", json!(true)),
            ("IpAddress", "acs:SourceIp", json!("10.2.0.0/16")),
            ("IpAddress", "acs:SourceIp", json!("::/0")),
        ];
        for (operator, key, value) in no {
            assert!(!holds(operator, key, value.clone()), "{operator} {value}");
        }
    }

    #[test]
    fn a_mistake_in_a_policy_is_told() {
        let error =
            |policy: Value| serde_json::from_value::<Policy>(policy).unwrap_err().to_string();
        let with = |operator: &str, value: Value| {
            json!({"Version": "1", "Statement": [{
                "Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {operator: {"acs:SourceIp": value}},
            }]})
        };
        assert!(error(with("StringIs", json!("a"))).contains("StringIs"));
        assert!(error(with("IpAddress", json!("10.0.0.0/40"))).contains("10.0.0.0/40"));
        assert!(error(json!({"Version": "2", "Statement": []})).contains('2'));
        let no_action =
            json!({"Version": "1", "Statement": [{"Effect": "Allow", "Resource": "*"}]});
        assert!(error(no_action).contains("ction"));
    }

    #[test]
    fn a_policy_survives_its_document() {
        let document = json!({"Version": "1", "Statement": [{
            "Effect": "Deny", "Action": ["ecs:*"], "Resource": "*",
            "Condition": {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}},
        }]});
        let policy: Policy = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(policy).unwrap(), document);
    }
}
