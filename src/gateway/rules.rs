//! When the gateway refuses a call, in order: the call itself, who it is from, what that one may do.
//! The tables are the same for both families of rows.

use super::rows::{self, ECS, Family, POP};
use super::{Errors, TIME_WINDOW};
use crate::rule::{Rule, RuleInfo, Table};

/// What rules on the call itself look at.
pub(super) struct CallFacts {
    /// GET or POST?
    pub(super) is_known_method: bool,
    /// The name of a parameter that cannot be read.
    pub(super) unreadable: Option<String>,
    /// Does `Format`, where it is given, name a format?
    pub(super) is_known_format: bool,
    /// Is an action named?
    pub(super) names_action: bool,
    /// Is it one that is emulated?
    pub(super) is_known_action: bool,
    /// Does the version, where it is given, belong to the action?
    pub(super) is_its_version: bool,
}

/// What rules on the sender look at.
pub(super) struct SenderFacts {
    /// The first system parameter that is not there.
    pub(super) missing: Option<&'static str>,
    /// Is it signed in a way that is emulated?
    pub(super) is_known_scheme: bool,
    /// Is the timestamp none?
    pub(super) is_time_malformed: bool,
    /// How far it lies from the clock, milliseconds.
    pub(super) time_distance_ms: i64,
    /// Was the nonce used before?
    pub(super) is_nonce_used: bool,
    /// Is it known whom the key, or the bearer token, belongs to?
    pub(super) is_known_key: bool,
    /// Is it the bearer token that is unknown?
    pub(super) is_bearer: bool,
    /// Is the key disabled?
    pub(super) is_disabled: bool,
    /// What this side would have signed, where the signature is another.
    pub(super) mismatch: Option<String>,
    /// Is it a version 3 signature?
    pub(super) is_v3: bool,
    /// Does a temporary key come without its token?
    pub(super) lacks_token: bool,
    /// Does a token come that is not the key's?
    pub(super) is_token_wrong: bool,
    /// Is the time of the key over?
    pub(super) is_expired: bool,
}

/// What rules on the sender's rights look at.
pub(super) struct RightsFacts {
    /// Too many calls of the operation in a minute?
    pub(super) is_over_rate: bool,
    /// Do the sender's policies not allow it?
    pub(super) is_denied: bool,
}

const fn call_rules(family: &Family) -> [Rule<CallFacts>; 6] {
    [
        Rule::new(&rows::METHOD, |it| !it.is_known_method, "send GET or POST"),
        Rule::worded(
            &rows::PARAMETER,
            |it: &CallFacts| it.unreadable.is_some(),
            |it| it.unreadable.clone().unwrap_or_default(),
            "send the parameter once, as percent-encoded UTF-8 text, arrays from 1 without a gap",
        ),
        Rule::new(&rows::FORMAT, |it| !it.is_known_format, "send Format=JSON or Format=XML"),
        Rule::worded(
            family.missing_action,
            |it| !it.names_action,
            |_| "Action".to_owned(),
            "name the operation in Action",
        ),
        Rule::new(
            &rows::ACTION_UNKNOWN,
            |it| !it.is_known_action,
            "this operation is not emulated; README.md lists those that are",
        ),
        Rule::new(
            &rows::VERSION,
            |it| !it.is_its_version,
            "send the version the operation belongs to",
        ),
    ]
}

const SIGN: &str = "sign the call: every SDK does";
const SIGN_V1: &str = "send HMAC-SHA1, version 1.0; or sign by ACS3-HMAC-SHA256 or ACS3-HMAC-SM3";
const SET_CLOCK: &str = "set the client's clock, or settings.request_time to machine";

/// A rule for one system parameter that is not there.
macro_rules! missing {
    ($row:expr, $name:literal) => {
        Rule::worded($row, |it: &SenderFacts| it.missing == Some($name), |_| $name.to_owned(), SIGN)
    };
}

const fn sender_rules(family: &Family) -> [Rule<SenderFacts>; 19] {
    [
        missing!(family.missing_version, "Version"),
        missing!(family.missing_key, "AccessKeyId"),
        missing!(family.missing_signature, "Signature"),
        missing!(family.missing_method, "SignatureMethod"),
        missing!(family.missing_signature_version, "SignatureVersion"),
        missing!(family.missing_nonce, "SignatureNonce"),
        missing!(family.missing_time, "TimeStamp"),
        Rule::new(family.signing_method, |it| !it.is_known_scheme, SIGN_V1),
        Rule::new(family.time_malformed, |it| it.is_time_malformed, "send 2026-01-31T12:00:00Z"),
        Rule::new(family.time_outside, |it| it.time_distance_ms > TIME_WINDOW.0, SET_CLOCK),
        Rule::new(family.nonce, |it| it.is_nonce_used, "send another nonce with each call"),
        Rule::worded(
            &rows::PARAMETER,
            |it| !it.is_known_key && it.is_bearer,
            |_| "BearerToken".to_owned(),
            "list the token as bearer_token of an access_key of the world",
        ),
        Rule::new(
            &rows::KEY_UNKNOWN,
            |it| !it.is_known_key,
            "list the key under access_key of the world, or do without --signatures strict",
        ),
        Rule::new(family.key_disabled, |it| it.is_disabled, "give the key the status Active"),
        Rule::worded(
            family.signature,
            |it| it.mismatch.is_some() && !it.is_v3,
            |it| it.mismatch.clone().unwrap_or_default(),
            "check the secret; the message ends in what this side signs",
        ),
        Rule::worded(
            family.signature_v3,
            |it| it.mismatch.is_some() && it.is_v3,
            |it| it.mismatch.clone().unwrap_or_default(),
            "check the secret; the message ends in what this side signs",
        ),
        Rule::worded(
            family.token_missing,
            |it| it.lacks_token,
            |_| "SecurityToken".to_owned(),
            "send the token that came with the temporary key",
        ),
        Rule::worded(
            family.token_wrong,
            |it| it.is_token_wrong,
            |_| "SecurityToken.MismatchWithAccessKey".to_owned(),
            "send the token that came with the temporary key",
        ),
        Rule::worded(
            family.token_expired,
            |it| it.is_expired,
            |_| "SecurityToken.Expired".to_owned(),
            "ask for another temporary key by AssumeRole",
        ),
    ]
}

pub(super) static RIGHTS_RULES: &[Rule<RightsFacts>] = &[
    Rule::new(
        &rows::THROTTLED,
        |it| it.is_over_rate,
        "wait, or advance the clock; --flow-control says how many calls a minute has",
    ),
    Rule::new(
        &rows::FORBIDDEN,
        |it| it.is_denied,
        "give the RAM user or role a policy that allows it; AccessDeniedDetail names the action",
    ),
];

static ECS_CALL_RULES: &[Rule<CallFacts>] = &call_rules(&ECS);
static POP_CALL_RULES: &[Rule<CallFacts>] = &call_rules(&POP);
static ECS_SENDER_RULES: &[Rule<SenderFacts>] = &sender_rules(&ECS);
static POP_SENDER_RULES: &[Rule<SenderFacts>] = &sender_rules(&POP);

impl Errors {
    pub(super) const fn call_rules(self) -> &'static [Rule<CallFacts>] {
        match self {
            Self::Ecs => ECS_CALL_RULES,
            Self::Pop => POP_CALL_RULES,
        }
    }

    pub(super) const fn sender_rules(self) -> &'static [Rule<SenderFacts>] {
        match self {
            Self::Ecs => ECS_SENDER_RULES,
            Self::Pop => POP_SENDER_RULES,
        }
    }

    /// The rules of the gateway with this family of rows, in order of judgement.
    pub fn rules(self) -> Vec<RuleInfo> {
        let mut rules = Rule::infos(Table::Call, self.call_rules());
        rules.extend(Rule::infos(Table::Sender, self.sender_rules()));
        rules.extend(Rule::infos(Table::Rights, RIGHTS_RULES));
        rules
    }
}
