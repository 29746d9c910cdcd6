//! The latest calls of an account, as they came and as they were answered: what a client really sent,
//! and how often. Why one was answered so is in `explain.rs`.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;

use crate::domain::{Text, Timestamp};
use crate::ids::RequestId;
use crate::rule::{Decider, Refusal};
use crate::wire::signature::v1;
use crate::wire::{Incoming, Pairs};

/// How many calls are kept.
const KEPT: usize = 1000;

/// The largest body that is kept with its call.
const BODY_KEPT: usize = 16 * 1024;

/// One call and its answer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Call"))]
pub struct Told {
    /// Names it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub request_id: RequestId,
    /// When it was answered, on the account's clock.
    pub at: Timestamp,
    /// The access key it named; empty for none.
    pub access_key_id: Text,
    /// The operation it asked for; empty for none.
    pub action: Cow<'static, str>,
    /// HTTP status of the answer.
    pub status: u16,
    /// The error code; empty for a success.
    pub code: Cow<'static, str>,
    /// The row it was refused with, by its name here; empty for a success.
    pub row: &'static str,
    /// The error message; empty for a success.
    pub message: Cow<'static, str>,
    /// What the caller can do about the refusal; empty for a success.
    pub fix: &'static str,
    /// What the signature was found to be.
    pub signature: Cow<'static, str>,
    /// The fault that struck it, in words; empty for none.
    pub fault: String,
    /// Parameters that nothing read.
    pub unread: Vec<String>,
    /// What decided a refusal.
    #[serde(skip)]
    pub decider: Option<Decider>,
    /// What the request carried, still encoded.
    #[serde(skip)]
    pub sent: Sent,
}

/// The part of a request that its parameters are read from.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    query: Arc<str>,
    /// Most have none.
    body: Option<Box<SentBody>>,
}

/// The body of a request.
#[derive(Debug, Clone)]
struct SentBody {
    /// How to read it.
    content_type: Option<String>,
    /// Empty where it was too large to be kept.
    bytes: Vec<u8>,
}

impl Sent {
    /// Of a request.
    pub fn of(incoming: &Incoming) -> Self {
        let body = (!incoming.body.is_empty()).then(|| {
            let is_kept = incoming.body.len() <= BODY_KEPT;
            Box::new(SentBody {
                content_type: incoming.header("content-type").map(str::to_owned),
                bytes: if is_kept { incoming.body.clone() } else { Vec::new() },
            })
        });
        Self { query: Arc::clone(&incoming.query), body }
    }

    /// Its parameters.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut incoming = Incoming { query: Arc::clone(&self.query), ..Incoming::default() };
        if let Some(SentBody { content_type, bytes }) = self.body.as_deref() {
            incoming.headers = content_type.iter().map(|kind| ("content-type", kind)).collect();
            incoming.body.clone_from(bytes);
        }
        let pairs = Pairs::read(&incoming);
        pairs.all().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl Told {
    /// Notes how the call was refused.
    #[must_use]
    pub fn refused(mut self, refusal: &Refusal) -> Self {
        self.status = refusal.status();
        self.code = refusal.owned_code();
        self.row = refusal.row.name;
        // The string to sign holds the caller's token.
        self.message = v1::without_tokens(refusal.message.clone());
        self.fix = refusal.fix;
        self.decider = Some(refusal.decider);
        self
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Calls {
    kept: Vec<Told>,
    /// Where the oldest is, once so many are kept that the next one takes its place.
    oldest: usize,
    total: u64,
}

impl Calls {
    /// Adds a call; the oldest one that is kept may go.
    pub fn push(&mut self, told: Told) {
        if self.kept.len() < KEPT {
            self.kept.push(told);
        } else {
            self.kept[self.oldest] = told;
            self.oldest = (self.oldest + 1) % KEPT;
        }
        self.total += 1;
    }

    /// How many calls there have been, kept or not.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The calls that are kept, the latest first.
    pub fn latest(&self) -> impl Iterator<Item = &Told> {
        let (later, earlier) = self.kept.split_at(self.oldest);
        later.iter().rev().chain(earlier.iter().rev())
    }

    /// The calls that are kept of those behind the first `count`, the latest first.
    pub fn behind(&self, count: u64) -> impl Iterator<Item = &Told> {
        let new = usize::try_from(self.total.saturating_sub(count)).unwrap_or(usize::MAX);
        self.latest().take(new)
    }

    /// The call of this RequestId, if it is kept.
    pub fn find(&self, request_id: &str) -> Option<&Told> {
        self.latest().find(|told| told.request_id.as_str() == request_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn told(number: i64, ids: &mut Ids) -> Told {
        Told {
            request_id: ids.request_id(),
            at: Timestamp(number),
            access_key_id: Text::default(),
            action: Cow::Borrowed(""),
            status: 200,
            code: Cow::Borrowed(""),
            row: "",
            message: Cow::Borrowed(""),
            fix: "",
            signature: Cow::Borrowed(""),
            fault: String::new(),
            unread: Vec::new(),
            decider: None,
            sent: Sent::default(),
        }
    }

    #[test]
    fn the_latest_calls_are_kept_in_their_order() {
        let (mut calls, mut ids) = (Calls::default(), Ids::seeded(1));
        for number in 0..2 * KEPT + KEPT / 2 {
            let told = told(i64::try_from(number).unwrap(), &mut ids);
            let id = told.request_id;
            calls.push(told);
            let kept: Vec<i64> = calls.latest().map(|told| told.at.0).collect();
            let first = (number + 1).saturating_sub(KEPT);
            let expected = (first..=number).rev().map(|it| i64::try_from(it).unwrap());
            assert!(kept.into_iter().eq(expected), "after call {number}");
            assert_eq!(calls.behind(0).count(), number + 1 - first);
            assert!(calls.find(id.as_str()).is_some());
        }
        assert_eq!(calls.total(), 2500);
        assert_eq!(calls.behind(2497).count(), 3);
    }
}
