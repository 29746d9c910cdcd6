//! The door of a world: calls are judged in the order of the tables, the call itself, its sender, the
//! sender's rights (`rights.rs`).

use std::borrow::Cow;

use super::arrival::Arrival;
use super::memory::{Memory, Nonce};
use super::rules::{CallFacts, SenderFacts};
use super::{Options, Signatures, broken};
use crate::domain::account::Caller;
use crate::domain::settings::RequestTime;
use crate::domain::{Timestamp, World};
use crate::operations::Entry;
use crate::row::Page;
use crate::rule::{Refusal, RuleId, Table, judge};
use crate::wire::signature::{Scheme, v1};

/// The moment of a call, on the clocks that count.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The account's.
    pub now: Timestamp,
    /// The machine's.
    pub machine: Timestamp,
}

/// What the gateway made of the sender, for the log and the list of calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Signatures are off.
    Unchecked,
    /// The call was refused before its sender was looked at.
    Unreached,
    /// The call is anonymous or its key is not listed, so there is nothing to verify with.
    Unlisted,
    /// The sender is who it says.
    Good,
    /// `--signatures strict` refuses it: the row's code and message.
    Wrong(String),
}

impl Verdict {
    /// In words.
    pub fn words(&self) -> Cow<'static, str> {
        let words = match self {
            Self::Unchecked => "not verified: --signatures off",
            Self::Unreached => "not verified: the call was refused before",
            Self::Unlisted => "not verified: the key is not listed in a world",
            Self::Good => "good",
            Self::Wrong(why) => return Cow::Owned(why.clone()),
        };
        Cow::Borrowed(words)
    }
}

/// A call that was let in.
pub struct Admitted {
    /// The operation.
    pub entry: &'static Entry,
    /// Who calls.
    pub caller: Caller,
}

/// Judges a call at the door of its world.
pub struct Door<'a> {
    /// How the gateway is set.
    pub options: Options,
    /// What it remembers of the account.
    pub memory: &'a mut Memory,
    /// The world behind it.
    pub world: &'a World,
    /// When the call is made.
    pub moment: Moment,
    /// Rules that are passed over; only tests mute one.
    pub muted: &'a [RuleId],
}

impl Door<'_> {
    /// Lets a call in or refuses it; beside that, what was made of the sender.
    pub fn admit(&mut self, arrival: &Arrival<'_>) -> (Verdict, Result<Admitted, Refusal>) {
        let entry = match self.judge_call(arrival) {
            Ok(entry) => entry,
            // The first to be said is what is wrong with the call; the sender was not looked at.
            Err(refusal) => return (Verdict::Unreached, Err(refusal)),
        };
        let (verdict, refusal) = self.judge_sender(arrival);
        if let Some(refusal) = refusal {
            return (verdict, Err(refusal));
        }
        let standing = self.standing(arrival);
        let caller = self.caller(arrival, &standing);
        let rights = self.judge_rights(arrival, entry, &standing);
        (verdict, rights.map(|()| Admitted { entry, caller }))
    }

    fn judge_call(&self, arrival: &Arrival<'_>) -> Result<&'static Entry, Refusal> {
        let (request, entry) = (arrival.request, arrival.entry);
        // Sample calls of the documentation are pasted without their common parameters, so a call
        // without a version means the one that is emulated.
        let version = request.version;
        let facts = CallFacts {
            is_known_method: matches!(arrival.method, "GET" | "POST"),
            unreadable: request.unreadable.as_ref().map(|bad| bad.name().to_owned()),
            is_known_format: request.names_known_format(),
            names_action: request.action.is_some(),
            is_known_action: entry.is_some(),
            is_its_version: version.is_none_or(|version| {
                entry.is_some_and(|entry| entry.product.versions().contains(&version))
            }),
        };
        judge(Table::Call, self.options.errors.call_rules(), &facts, Page::NONE, self.muted)?;
        // Without an entry a rule has refused, unless a test mutes it.
        entry.ok_or_else(|| broken("it asks for no operation"))
    }

    fn judge_sender(&mut self, arrival: &Arrival<'_>) -> (Verdict, Option<Refusal>) {
        let is_strict = self.options.signatures == Signatures::Strict;
        if self.options.signatures == Signatures::Off {
            return (Verdict::Unchecked, None);
        }
        if arrival.listed.is_none() && !is_strict {
            return (Verdict::Unlisted, None);
        }
        let claim = &arrival.request.claim;
        let is_signed = claim.scheme != Scheme::Bearer;
        let nonce = is_signed.then(|| self.memory.nonce(claim.key_id, claim.nonce));
        let facts = self.sender_facts(arrival, nonce);
        let rules = self.options.errors.sender_rules();
        match judge(Table::Sender, rules, &facts, Page::NONE, self.muted) {
            Ok(()) => {
                if let Some(nonce) = nonce {
                    self.memory.use_nonce(nonce, self.moment.now);
                }
                (Verdict::Good, None)
            }
            Err(refusal) => {
                let message = v1::without_tokens(refusal.message.clone());
                let why = format!("{}: {message}", refusal.row.code);
                if !is_strict && self.memory.warns_first(claim.key_id) {
                    tracing::warn!(
                        key = claim.key_id,
                        "--signatures strict would refuse calls of this key, which are answered \
                         as they are: {why}"
                    );
                }
                (Verdict::Wrong(why), is_strict.then_some(refusal))
            }
        }
    }

    fn sender_facts(&self, arrival: &Arrival<'_>, nonce: Option<Nonce>) -> SenderFacts {
        let claim = &arrival.request.claim;
        let key = arrival.listed.as_ref().map(|listed| listed.key.as_ref());
        let clock = match self.world.settings.request_time {
            RequestTime::Account => Some(self.moment.now),
            RequestTime::Machine => Some(self.moment.machine),
            RequestTime::Unchecked => None,
        };
        let is_signed = nonce.is_some();
        let clock = clock.filter(|_| is_signed && !claim.timestamp.is_empty());
        let sent_at = clock.and_then(|_| Timestamp::parse_seconds(claim.timestamp));
        let distance = clock
            .zip(sent_at)
            .map_or(0, |(clock, sent_at)| clock.0.saturating_sub(sent_at.0).saturating_abs());
        let token = key.map_or("", |key| key.security_token.0.as_str());
        SenderFacts {
            missing: claim.missing,
            is_known_scheme: claim.scheme != Scheme::Unsupported,
            is_time_malformed: clock.is_some() && sent_at.is_none(),
            time_distance_ms: distance,
            is_nonce_used: nonce.is_some_and(|nonce| self.memory.knows_nonce(nonce)),
            is_known_key: key.is_some(),
            is_bearer: !is_signed,
            is_disabled: key.is_some_and(|key| !key.is_active()),
            mismatch: arrival.mismatch.clone(),
            is_v3: matches!(claim.scheme, Scheme::V3(_)),
            lacks_token: is_signed && claim.security_token.is_empty() && !token.is_empty(),
            is_token_wrong: is_signed && claim.security_token != token,
            is_expired: key.is_some_and(|key| key.is_expired(self.moment.now)),
        }
    }
}
