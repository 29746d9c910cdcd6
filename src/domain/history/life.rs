//! How a life is kept: its chapters, oldest first, each with what was there before it. Lives that went alike share
//! all of them: those of instances that one call made do.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use smallvec::{SmallVec, smallvec};

use super::{Cause, Difference, Entry, Event, Portrait, What, WrittenEntry};
use crate::domain::brief::in_full;
use crate::domain::instance::{Instance, Status};
use crate::domain::places::Places;
use crate::domain::text::Text;
use crate::domain::time::Timestamp;
use crate::{reading, writing};

/// The most entries told of one instance; the oldest give way.
pub(super) const ENTRIES_KEPT: usize = 200;

/// What one chapter tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// The instance came into being, and nothing else.
    Created,
    /// Its status changed from this one, and nothing else.
    Status(Status),
    /// Its status changed from this one, and it started; it had started at this moment.
    Started(Status, Timestamp),
    /// Anything else that leaves it there: what, and what was before, as JSON. One text is the smallest form of what is
    /// kept often and asked for seldom.
    Other(Event, Box<[u8]>),
    /// It was released, and was like this before.
    Released(Box<(What, Portrait)>),
    /// As a document has it, with what came after it.
    Whole(Box<Entry>),
}

impl Deed {
    /// What happened between two portraits by these changes; nothing where they are alike.
    pub fn of(before: &Portrait, after: &Portrait, what: What) -> Option<Self> {
        match (&before.instance, &after.instance) {
            (None, None) => None,
            (None, Some(_)) if what[..] == ["create"] => Some(Self::Created),
            (None, Some(_)) => Some(Self::other(Event::Created, &what, |out| {
                out.extend_from_slice(b"{}");
            })),
            (Some(_), None) => Some(Self::Released(Box::new((what, before.clone())))),
            (Some(was), Some(_)) => {
                let fields = differing(before, after);
                let is_status = what[..] == ["status"];
                match fields.as_slice() {
                    [] => None,
                    ["status"] if is_status => Some(Self::Status(was.status)),
                    ["status", "started_at"] if is_status => {
                        Some(Self::Started(was.status, was.started_at))
                    }
                    _ => Some(Self::other(Event::Changed, &what, |out| {
                        before.write_all(&fields, out);
                    })),
                }
            }
        }
    }

    /// From the form of documents.
    fn written(entry: WrittenEntry) -> Self {
        let WrittenEntry { at, event, what, cause, changes, before } = entry;
        if !changes.is_empty() || event == Event::Released {
            return Self::Whole(Box::new(Entry { at, event, what, cause, changes }));
        }
        if event == Event::Created && what[..] == ["create"] {
            return Self::Created;
        }
        if event == Event::Changed && what[..] == ["status"] {
            let read = |field: &str| before.get(field);
            let status = read("status").and_then(|value| reading::value(value).ok());
            let started = read("started_at").and_then(|value| reading::value(value).ok());
            match (status, started, before.len()) {
                (Some(status), None, 1) => return Self::Status(status),
                (Some(status), Some(started_at), 2) => return Self::Started(status, started_at),
                _ => {}
            }
        }
        Self::other(event, &what, |out| {
            // Values always have a JSON form.
            let _ = writing::append(out, &before);
        })
    }

    /// What was before it is written as JSON.
    fn other(event: Event, what: &What, write_before: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut told = Vec::with_capacity(128);
        told.push(b'[');
        write_names(what, &mut told);
        told.push(b',');
        write_before(&mut told);
        told.push(b']');
        // Copied, for it is kept: a buffer has room that is not needed.
        Self::Other(event, told.as_slice().into())
    }

    const fn event(&self) -> Event {
        match self {
            Self::Created => Event::Created,
            Self::Status(_) | Self::Started(..) => Event::Changed,
            Self::Other(event, _) => *event,
            Self::Released(_) => Event::Released,
            Self::Whole(entry) => entry.event,
        }
    }

    fn what(&self) -> What {
        match self {
            Self::Created => smallvec!["create".into()],
            Self::Status(_) | Self::Started(..) => smallvec!["status".into()],
            Self::Other(_, told) => read(told).0,
            Self::Released(released) => released.0.clone(),
            Self::Whole(entry) => entry.what.clone(),
        }
    }

    /// What was before it, by the keys of world documents.
    fn before(&self) -> BTreeMap<String, Value> {
        let value = |status: &Status| ("status".to_owned(), json(status));
        match self {
            Self::Created | Self::Released(_) => BTreeMap::new(),
            Self::Status(status) => BTreeMap::from([value(status)]),
            Self::Started(status, at) => {
                BTreeMap::from([value(status), ("started_at".to_owned(), json(at))])
            }
            Self::Other(_, told) => read(told).1,
            Self::Whole(entry) => {
                let changes = entry.changes.iter();
                changes.map(|(field, it)| (field.clone(), it.before.clone())).collect()
            }
        }
    }

    /// What changed, where this is what came of it; that becomes what was before.
    fn undone(&self, portrait: &mut Portrait) -> BTreeMap<String, Difference> {
        let changes = match self {
            Self::Whole(entry) => entry.changes.clone(),
            _ if self.event() == Event::Created => {
                let blank = Portrait { instance: Some(Instance::default().into()), eip_id: None };
                let fields = differing(&blank, portrait);
                let difference =
                    |field| Difference { before: blank.value(field), after: portrait.value(field) };
                fields.into_iter().map(|field| (field.to_owned(), difference(field))).collect()
            }
            _ => self
                .before()
                .into_iter()
                .map(|(field, before)| {
                    let after = portrait.value(&field);
                    (field, Difference { before, after })
                })
                .collect(),
        };
        match self.event() {
            Event::Created => *portrait = Portrait::default(),
            Event::Changed => {
                for (field, change) in &changes {
                    portrait.set(field, &change.before);
                }
            }
            Event::Released => {
                *portrait = match self {
                    Self::Released(released) => released.1.clone(),
                    _ => Portrait::default(),
                };
            }
        }
        changes
    }
}

/// Writes the names of changes as JSON.
fn write_names(names: &What, out: &mut Vec<u8>) {
    let mut mark = b'[';
    for name in names {
        out.push(mark);
        match name {
            Cow::Borrowed(own) => writing::append_plain(out, own),
            Cow::Owned(name) => {
                // Texts always have a JSON form.
                let _ = writing::append(out, name);
            }
        }
        mark = b',';
    }
    out.extend_from_slice(if names.is_empty() { b"[]" } else { b"]" });
}

/// What happened, and what was before it.
fn read(told: &[u8]) -> (What, BTreeMap<String, Value>) {
    reading::json(told).unwrap_or_default()
}

fn json(value: impl Serialize) -> Value {
    in_full(|| writing::value(&value))
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
struct Chapter {
    at: Timestamp,
    cause: Cause,
    deed: Deed,
}

impl Chapter {
    fn written(&self) -> WrittenEntry {
        if let Deed::Whole(entry) = &self.deed {
            return WrittenEntry::from((**entry).clone());
        }
        WrittenEntry {
            at: self.at,
            event: self.deed.event(),
            what: self.deed.what(),
            cause: self.cause.clone(),
            changes: BTreeMap::new(),
            before: self.deed.before(),
        }
    }
}

/// The life of one instance, oldest chapter first. It is written on where it is while nobody else has it: one chapter
/// comes and one goes, once it is long.
#[derive(Debug, Clone, Default)]
pub(super) struct Life(Arc<VecDeque<Chapter>>);

impl Life {
    /// Has another one this life, too?
    fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    fn push(&mut self, chapter: Chapter) {
        let chapters = Arc::make_mut(&mut self.0);
        if chapters.len() == ENTRIES_KEPT {
            chapters.pop_front();
        } else if chapters.len() == chapters.capacity() {
            // Room for no more than there can be: a new one then stands where the oldest was.
            chapters.reserve_exact(chapters.len().clamp(1, ENTRIES_KEPT - chapters.len()));
        }
        chapters.push_back(chapter);
    }

    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Why each of them.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.0.iter().map(|chapter| &chapter.cause)
    }

    /// Oldest first, of an instance that is like this now.
    pub fn told(&self, present: &Portrait) -> Vec<Entry> {
        let mut portrait = present.clone();
        let told = |chapter: &Chapter| Entry {
            at: chapter.at,
            event: chapter.deed.event(),
            what: chapter.deed.what(),
            cause: chapter.cause.clone(),
            changes: chapter.deed.undone(&mut portrait),
        };
        let mut entries: Vec<Entry> = self.0.iter().rev().map(told).collect();
        entries.reverse();
        entries
    }

    /// Oldest first, in the form of documents: what follows from what the instance is now is left out.
    pub fn written(&self) -> Vec<WrittenEntry> {
        let ends = |chapter: &Chapter| chapter.deed.event() == Event::Released;
        let gone = self.0.iter().rposition(ends).map_or(0, |last| last + 1);
        // What was released is not there any more to tell what came after.
        let told = if gone > 0 { self.told(&Portrait::default()) } else { Vec::new() };
        let told = told.into_iter().take(gone).map(WrittenEntry::from);
        told.chain(self.0.iter().skip(gone).map(Chapter::written)).collect()
    }
}

impl PartialEq for Life {
    /// Lives are equal where they tell the same, however they are kept.
    fn eq(&self, other: &Self) -> bool {
        let nobody = Portrait::default();
        self.is_same(other)
            || self.written() == other.written()
            || self.told(&nobody) == other.told(&nobody)
    }
}

/// Lives by the id of their instance.
#[derive(Debug, Clone, Default)]
pub(super) struct Lives {
    /// The place of a life that is forgotten is taken by another.
    all: Vec<Option<(Text, Life)>>,
    free: Vec<u32>,
    /// Places by the id in them.
    ids: Places,
    /// A life that several had, none for a new one, and how it went on: the next one may go on alike.
    latest: Option<(Option<Life>, Life)>,
}

impl PartialEq for Lives {
    fn eq(&self, other: &Self) -> bool {
        self.ids.len() == other.ids.len()
            && self.all.iter().flatten().all(|(id, life)| other.get(id) == Some(life))
    }
}

impl Lives {
    fn place(&self, id: &str) -> Option<u32> {
        self.ids.find(id, |place| {
            let life = self.all.get(place as usize).and_then(Option::as_ref);
            life.is_some_and(|(own, _)| own == id)
        })
    }

    /// The life of an instance.
    pub fn get(&self, id: &str) -> Option<&Life> {
        self.all.get(self.place(id)? as usize)?.as_ref().map(|(_, life)| life)
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Life)> {
        let all = self.all.iter().flatten();
        let mut all: Vec<(&str, &Life)> = all.map(|(id, life)| (id.as_str(), life)).collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all.into_iter()
    }

    /// Takes a life away.
    pub fn remove(&mut self, id: &str) {
        let Some(place) = self.place(id) else { return };
        self.ids.remove(id, place);
        self.all[place as usize] = None;
        self.free.push(place);
    }

    /// Adds an entry to a life.
    pub fn push(&mut self, id: &str, at: Timestamp, cause: &Cause, deed: Deed) {
        let chapter = Chapter { at, cause: cause.clone(), deed };
        let place = self.place(id);
        let life = place.and_then(|place| self.all.get_mut(place as usize)?.as_mut());
        let life = life.map(|(_, life)| life);
        if let Some((earlier, later)) = &self.latest
            && is_same(earlier.as_ref(), life.as_deref())
            && later.0.back() == Some(&chapter)
        {
            let later = later.clone();
            match life {
                Some(life) => *life = later,
                None => self.begin(id, later),
            }
            return;
        }
        // What is held here, too, would be copied.
        self.latest = None;
        match life {
            Some(life) if life.is_shared() => {
                let earlier = life.clone();
                life.push(chapter);
                self.latest = Some((Some(earlier), life.clone()));
            }
            Some(life) => life.push(chapter),
            None => {
                let mut life = Life::default();
                life.push(chapter);
                self.latest = Some((None, life.clone()));
                self.begin(id, life);
            }
        }
    }

    fn begin(&mut self, id: &str, life: Life) {
        let Self { all, ids, free, .. } = self;
        let place = free.pop().unwrap_or_else(|| {
            all.push(None);
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        });
        ids.add(id, place, || {
            (0..).zip(&*all).filter_map(|(place, life)| Some((place, life.as_ref()?.0.as_str())))
        });
        all[place as usize] = Some((id.into(), life));
    }

    /// Adds an entry of a document to a life.
    pub fn push_written(&mut self, id: &str, entry: WrittenEntry) {
        let (at, cause) = (entry.at, entry.cause.clone());
        self.push(id, at, &cause, Deed::written(entry));
    }
}

fn is_same(one: Option<&Life>, other: Option<&Life>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is_same(other),
        (None, None) => true,
        _ => false,
    }
}

impl Portrait {
    /// A field, by the key of world documents.
    fn value(&self, field: &str) -> Value {
        let mut json = Vec::with_capacity(64);
        self.write(field, &mut json);
        reading::json(&json).unwrap_or_default()
    }

    /// Writes some fields, by the keys of world documents, as JSON.
    fn write_all(&self, fields: &[&str], out: &mut Vec<u8>) {
        let mut mark = b'{';
        for field in fields {
            writing::append_name(out, mark, field);
            self.write(field, out);
            mark = b',';
        }
        out.extend_from_slice(if fields.is_empty() { b"{}" } else { b"}" });
    }

    /// Writes the value of a field, with what it has by default.
    fn write(&self, field: &str, out: &mut Vec<u8>) {
        let written = in_full(|| match (field, &self.instance) {
            ("eip", _) => writing::append(out, &self.eip_id),
            (_, Some(instance)) => instance.write(field, out),
            (_, None) => Instance::default().write(field, out),
        });
        debug_assert!(written.is_ok(), "{field} has no form");
    }

    /// Sets a field. What is no value of it leaves it as it is.
    fn set(&mut self, field: &str, to: &Value) {
        match (field, &mut self.instance) {
            ("eip", _) => self.eip_id = to.as_str().map(str::to_owned),
            (_, Some(instance)) => instance.set(field, to),
            (_, None) => {}
        }
    }
}

/// The fields of which two portraits differ, by the keys of world documents. Nothing differs from nothing. When
/// the last changes were is what the entries themselves tell.
fn differing(before: &Portrait, after: &Portrait) -> SmallVec<[&'static str; 4]> {
    let (Some(was), Some(is)) = (&before.instance, &after.instance) else {
        return SmallVec::new();
    };
    let mut fields = if was.is_same(is) { SmallVec::new() } else { was.differing(is) };
    fields.retain(|field| *field != "last_changes");
    if before.eip_id != after.eip_id {
        fields.push("eip");
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::request_id::RequestId;

    #[test]
    fn all_fields_are_told_but_the_cooldowns_own() {
        let portrait = |it: Instance| Portrait { instance: Some(it.into()), eip_id: None };
        let blank = portrait(Instance::default());
        let mut changed = Instance::default();
        let last =
            serde_json::json!({"StopInstance": {"at": "2026-01-01T00:00Z", "downgrade": false}});
        changed.set("last_changes", &last);
        assert_eq!(changed.last_changes.iter().count(), 1);
        assert!(differing(&blank, &portrait(changed.clone())).is_empty());
        changed.set("zone_id", &"cn-hangzhou-h".into());
        assert_eq!(differing(&blank, &portrait(changed))[..], ["zone_id"]);
    }

    #[test]
    fn lives_that_went_alike_share_all_of_them() {
        let mut lives = Lives::default();
        let cause = Cause::call("RunInstances", RequestId::default());
        for deed in [Deed::Created, Deed::Status(Status::Pending)] {
            for id in ["i-a", "i-b", "i-c"] {
                lives.push(id, Timestamp(1), &cause, deed.clone());
            }
        }
        lives.push("i-c", Timestamp(2), &cause, Deed::Status(Status::Running));
        let life = |id: &str| lives.get(id).unwrap();
        assert!(life("i-a").is_same(life("i-b")));
        assert_eq!((life("i-a").0.len(), life("i-c").0.len()), (2, 3));
    }
}
