//! The latest calls of an account, as they came and as they were answered: what a client really sent,
//! and how often. Why one was answered so is in `explain.rs`.

mod texts;

use std::borrow::Cow;
use std::mem;

use serde::Serialize;

use crate::domain::{Text, Timestamp};
use crate::gateway::{Arrival, Verdict};
use crate::ids::RequestId;
use crate::row::Row;
use crate::rule::{Decider, Refusal};
use crate::wire::signature::v1;
use crate::wire::{Incoming, Pairs};

use texts::Texts;

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
    query: String,
    /// Most have none.
    body: Option<SentBody>,
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
    /// Its parameters.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut incoming = Incoming::get(&self.query);
        if let Some(SentBody { content_type, bytes }) = &self.body {
            incoming.headers = content_type.iter().map(|kind| ("content-type", kind)).collect();
            incoming.body.clone_from(bytes);
        }
        let pairs = Pairs::read(&incoming);
        pairs.all().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl SentBody {
    fn of(incoming: &Incoming) -> Option<Self> {
        let is_kept = incoming.body.len() <= BODY_KEPT;
        (!incoming.body.is_empty()).then(|| Self {
            content_type: incoming.header("content-type").map(str::to_owned),
            bytes: if is_kept { incoming.body.clone() } else { Vec::new() },
        })
    }
}

/// An answered call, as the emulator knows it.
pub struct Heard<'a> {
    /// Names it.
    pub request_id: RequestId,
    /// When it was answered, on the account's clock.
    pub at: Timestamp,
    /// As it came.
    pub incoming: &'a Incoming,
    /// What the gateway found it to be.
    pub arrival: &'a Arrival<'a>,
    /// What the gateway made of its sender.
    pub verdict: &'a Verdict,
    /// The fault that struck it, in words; empty for none.
    pub fault: String,
    /// Parameters that nothing read.
    pub unread: Vec<String>,
    /// The refusal, if it was one.
    pub refusal: Option<&'a Refusal>,
}

/// A call in the list. Every call writes one and hardly anyone reads it: what does not stand in the program
/// anyway is a text of `Calls::texts`, or rare.
#[derive(Debug)]
struct Kept {
    request_id: RequestId,
    at: Timestamp,
    /// The operation; empty for one that is not emulated.
    action: &'static str,
    refused: Option<Refused>,
    signature: &'static str,
    key_length: u32,
    query_length: u32,
    rare: Option<Box<Rare>>,
}

/// How a call was refused.
#[derive(Debug)]
struct Refused {
    row: &'static Row,
    fix: &'static str,
    decider: Decider,
}

/// What few calls have; empty where this one has it not.
#[derive(Debug, Default)]
struct Rare {
    /// What it asked for instead of an operation.
    action: String,
    /// Instead of the row's.
    message: Option<String>,
    /// Status and code instead of the row's.
    custom: Option<(u16, String)>,
    /// Why the signature is wrong.
    signature: String,
    fault: String,
    unread: Vec<String>,
    body: Option<SentBody>,
}

impl Kept {
    fn of(call: Heard<'_>) -> Self {
        let Heard { arrival, refusal, .. } = call;
        let request = arrival.request;
        let action = arrival.entry.map_or("", |entry| entry.action);
        let (signature, why) = match call.verdict.words() {
            Cow::Borrowed(words) => (words, String::new()),
            Cow::Owned(why) => ("", why),
        };
        let instead = request.action.filter(|_| arrival.entry.is_none());
        let rare = Rare {
            action: instead.unwrap_or_default().to_owned(),
            message: refusal.and_then(own_message),
            custom: refusal.and_then(|refusal| refusal.custom.as_deref().cloned()),
            signature: why,
            fault: call.fault,
            unread: call.unread,
            body: SentBody::of(call.incoming),
        };
        Self {
            request_id: call.request_id,
            at: call.at,
            action,
            refused: refusal.map(|it| Refused { row: it.row, fix: it.fix, decider: it.decider }),
            signature,
            key_length: length(request.claim.key_id),
            query_length: length(&call.incoming.query),
            rare: (!rare.is_empty()).then(|| Box::new(rare)),
        }
    }

    const fn length(&self) -> usize {
        self.key_length as usize + self.query_length as usize
    }

    /// Tells of it, with its texts.
    fn told(&self, mut texts: String) -> Told {
        let query = texts.split_off(self.key_length as usize);
        let rare = self.rare.as_deref();
        let row = self.refused.as_ref().map(|refused| refused.row);
        let custom = rare.and_then(|rare| rare.custom.clone());
        let (status, code) = match (custom, row) {
            (Some((status, code)), _) => (status, code.into()),
            (None, Some(row)) => (row.status, row.code.into()),
            (None, None) => (200, "".into()),
        };
        let or = |usual: &'static str, own: fn(&Rare) -> &String| {
            let own = rare.map(own).filter(|own| !own.is_empty());
            own.map_or(Cow::Borrowed(usual), |own| Cow::Owned(own.clone()))
        };
        let message = rare.and_then(|rare| rare.message.clone());
        Told {
            request_id: self.request_id,
            at: self.at,
            access_key_id: texts.into(),
            action: or(self.action, |rare| &rare.action),
            status,
            code,
            row: row.map_or("", |row| row.name),
            message: message.map_or(row.map_or("", |row| row.message).into(), Cow::Owned),
            fix: self.refused.as_ref().map_or("", |refused| refused.fix),
            signature: or(self.signature, |rare| &rare.signature),
            fault: rare.map(|rare| rare.fault.clone()).unwrap_or_default(),
            unread: rare.map(|rare| rare.unread.clone()).unwrap_or_default(),
            decider: self.refused.as_ref().map(|refused| refused.decider),
            sent: Sent { query, body: rare.and_then(|rare| rare.body.clone()) },
        }
    }
}

impl Rare {
    const fn is_empty(&self) -> bool {
        self.action.is_empty()
            && self.message.is_none()
            && self.custom.is_none()
            && self.signature.is_empty()
            && self.fault.is_empty()
            && self.unread.is_empty()
            && self.body.is_none()
    }
}

/// The message of a refusal, where it is not the row's.
fn own_message(refusal: &Refusal) -> Option<String> {
    let message = &refusal.message;
    // The string to sign holds the caller's token.
    (*message != refusal.row.message).then(|| v1::without_tokens(message.clone()).into_owned())
}

/// Of a text that came over a socket, which has a limit far below.
fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// See the module.
#[derive(Debug, Default)]
pub struct Calls {
    kept: Vec<Kept>,
    /// Where the oldest is, once so many are kept that the next one takes its place.
    oldest: usize,
    /// Access key and query of each that is kept, the oldest first.
    texts: Texts,
    total: u64,
}

impl Calls {
    /// Adds a call; the oldest one that is kept may go.
    pub fn push(&mut self, call: Heard<'_>) {
        let (key, query) = (call.arrival.request.claim.key_id, &call.incoming.query);
        let kept = Kept::of(call);
        if self.kept.len() < KEPT {
            self.kept.push(kept);
        } else {
            let gone = mem::replace(&mut self.kept[self.oldest], kept);
            self.texts.forget(gone.length());
            self.oldest = (self.oldest + 1) % KEPT;
        }
        self.texts.push(key);
        self.texts.push(query);
        self.total += 1;
    }

    /// How many calls there have been, kept or not.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The calls that are kept, the latest first.
    pub fn latest(&self) -> impl Iterator<Item = Told> {
        self.behind(0)
    }

    /// The calls that are kept of those behind the first `count`, the latest first.
    pub fn behind(&self, count: u64) -> impl Iterator<Item = Told> {
        let new = usize::try_from(self.total.saturating_sub(count)).unwrap_or(usize::MAX);
        self.placed().take(new).map(|(kept, begin)| self.told(kept, begin))
    }

    /// The call of this RequestId, if it is kept.
    pub fn find(&self, request_id: &str) -> Option<Told> {
        let id = RequestId::parse(request_id)?;
        let mut placed = self.placed();
        placed.find(|(kept, _)| kept.request_id == id).map(|(kept, begin)| self.told(kept, begin))
    }

    /// What is kept, the latest first, and where its texts begin.
    fn placed(&self) -> impl Iterator<Item = (&Kept, usize)> {
        let (later, earlier) = self.kept.split_at(self.oldest);
        let latest = later.iter().rev().chain(earlier.iter().rev());
        latest.scan(self.texts.len(), |end, kept| {
            *end -= kept.length();
            Some((kept, *end))
        })
    }

    fn told(&self, kept: &Kept, begin: usize) -> Told {
        kept.told(self.texts.get(begin, kept.length()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{Directory, Options};
    use crate::ids::Ids;
    use crate::wire::Request;

    /// Adds a call with this query.
    fn push(calls: &mut Calls, number: i64, query: &str, ids: &mut Ids) -> RequestId {
        let request_id = ids.request_id();
        let incoming = Incoming::get(query);
        let pairs = Pairs::read(&incoming);
        let request = Request::read(&incoming, &pairs);
        let arrival = Arrival::of(Options::default(), &Directory::default(), &incoming, &request);
        calls.push(Heard {
            request_id,
            at: Timestamp(number),
            incoming: &incoming,
            arrival: &arrival,
            verdict: &Verdict::Unchecked,
            fault: String::new(),
            unread: Vec::new(),
            refusal: None,
        });
        request_id
    }

    #[test]
    fn the_latest_calls_are_kept_in_their_order() {
        let (mut calls, mut ids) = (Calls::default(), Ids::seeded(1));
        for number in 0..2 * KEPT + KEPT / 2 {
            // Keys and queries of many lengths.
            let key = "k".repeat(number % 7);
            let query = format!("AccessKeyId={key}&N={number}{}", "0".repeat(number % 11));
            let id = push(&mut calls, i64::try_from(number).unwrap(), &query, &mut ids);
            assert_eq!(calls.find(&id.to_string()).unwrap().access_key_id, key);
            assert_eq!(calls.latest().next().unwrap().sent.query, query);
            if number % 250 == 0 || number.abs_diff(KEPT) < 3 {
                let kept: Vec<i64> = calls.latest().map(|told| told.at.0).collect();
                let first = (number + 1).saturating_sub(KEPT);
                let expected = (first..=number).rev().map(|it| i64::try_from(it).unwrap());
                assert!(kept.into_iter().eq(expected), "after call {number}");
                assert_eq!(calls.behind(0).count(), number + 1 - first);
            }
        }
        let own = calls.latest().all(|told| told.sent.query.contains(&format!("&N={}", told.at.0)));
        assert!(own, "each has its own texts");
        assert_eq!(calls.total(), 2500);
        assert_eq!(calls.behind(2497).count(), 3);
    }
}
