//! How a life is kept: a chain of chapters, the latest first, each with what was there before it. Lives
//! that went alike share their chapters: those of instances that one call made do.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use serde_json::Value;

use super::{Cause, Difference, Entry, Event, Portrait, What, WrittenEntry};
use crate::domain::brief::in_full;
use crate::domain::instance::{Instance, Status};
use crate::domain::text::Text;
use crate::domain::time::Timestamp;
use crate::reading;

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
    /// Anything else.
    Other(Box<Other>),
    /// As a document has it, with what came after it.
    Whole(Box<Entry>),
}

/// What is not told often.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Other {
    event: Event,
    what: What,
    /// What was before, by the keys of world documents.
    before: Vec<(Cow<'static, str>, Value)>,
    /// What was released.
    last: Portrait,
}

impl Deed {
    /// What happened between two portraits by these changes; nothing where they are alike.
    pub fn of(before: &Portrait, after: &Portrait, what: What) -> Option<Self> {
        let (event, last) = match (&before.instance, &after.instance) {
            (None, None) => return None,
            (None, Some(_)) => (Event::Created, Portrait::default()),
            (Some(_), None) => (Event::Released, before.clone()),
            (Some(_), Some(_)) => (Event::Changed, Portrait::default()),
        };
        if event == Event::Created && what == ["create"] {
            return Some(Self::Created);
        }
        let fields = if event == Event::Changed { differing(before, after) } else { Vec::new() };
        if event == Event::Changed && fields.is_empty() {
            return None;
        }
        if what == ["status"]
            && let Some(was) = &before.instance
        {
            match fields.as_slice() {
                ["status"] => return Some(Self::Status(was.status)),
                ["status", "started_at"] => return Some(Self::Started(was.status, was.started_at)),
                _ => {}
            }
        }
        let before = fields.into_iter().map(|field| (field.into(), before.value(field)));
        let (before, what) = (before.collect(), what.into_boxed_slice().into_vec());
        Some(Self::Other(Box::new(Other { event, what, before, last })))
    }

    /// From the form of documents.
    fn written(entry: WrittenEntry) -> Self {
        let WrittenEntry { at, event, what, cause, changes, before } = entry;
        if !changes.is_empty() || event == Event::Released {
            return Self::Whole(Box::new(Entry { at, event, what, cause, changes }));
        }
        if event == Event::Created && what == ["create"] {
            return Self::Created;
        }
        if event == Event::Changed && what == ["status"] {
            let read = |field: &str| before.get(field);
            let status = read("status").and_then(|value| reading::value(value).ok());
            let started = read("started_at").and_then(|value| reading::value(value).ok());
            match (status, started, before.len()) {
                (Some(status), None, 1) => return Self::Status(status),
                (Some(status), Some(started_at), 2) => return Self::Started(status, started_at),
                _ => {}
            }
        }
        let before = before.into_iter().map(|(field, value)| (field.into(), value)).collect();
        Self::Other(Box::new(Other { event, what, before, last: Portrait::default() }))
    }

    const fn event(&self) -> Event {
        match self {
            Self::Created => Event::Created,
            Self::Status(_) | Self::Started(..) => Event::Changed,
            Self::Other(other) => other.event,
            Self::Whole(entry) => entry.event,
        }
    }

    fn what(&self) -> What {
        match self {
            Self::Created => vec!["create".into()],
            Self::Status(_) | Self::Started(..) => vec!["status".into()],
            Self::Other(other) => other.what.clone(),
            Self::Whole(entry) => entry.what.clone(),
        }
    }

    /// What was before it, by the keys of world documents.
    fn before(&self) -> BTreeMap<String, Value> {
        let value = |status: &Status| ("status".to_owned(), json(status));
        match self {
            Self::Created => BTreeMap::new(),
            Self::Status(status) => BTreeMap::from([value(status)]),
            Self::Started(status, at) => {
                BTreeMap::from([value(status), ("started_at".to_owned(), json(at))])
            }
            Self::Other(other) => {
                let before = other.before.iter();
                before.map(|(field, value)| (field.to_string(), value.clone())).collect()
            }
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
                    Self::Other(other) => other.last.clone(),
                    _ => Portrait::default(),
                };
            }
        }
        changes
    }
}

fn json(value: impl serde::Serialize) -> Value {
    in_full(|| serde_json::to_value(value)).unwrap_or_default()
}

/// One entry, and those before it.
#[derive(Debug)]
struct Chapter {
    at: Timestamp,
    cause: Cause,
    deed: Deed,
    earlier: Option<Arc<Chapter>>,
    /// How many there are, this one included; of the first one, if some were taken away.
    count: usize,
}

impl Chapter {
    fn is_like(&self, at: Timestamp, cause: &Cause, deed: &Deed) -> bool {
        self.at == at && self.cause == *cause && self.deed == *deed
    }
}

/// The life of one instance.
#[derive(Debug, Clone)]
pub(super) struct Life(Arc<Chapter>);

impl Life {
    /// The latest first.
    fn chapters(&self) -> impl Iterator<Item = &Arc<Chapter>> {
        std::iter::successors(Some(&self.0), |chapter| chapter.earlier.as_ref()).take(ENTRIES_KEPT)
    }

    /// Takes away what is told no more, some of it at a time.
    fn shorten(&mut self) {
        if self.0.count < ENTRIES_KEPT + ENTRIES_KEPT / 4 || self.cut() {
            return;
        }
        let mut kept: Vec<&Arc<Chapter>> = self.chapters().collect();
        kept.reverse();
        let mut shorter = None;
        for (count, chapter) in (1..).zip(kept) {
            let Chapter { at, cause, deed, .. } = &**chapter;
            let (cause, deed) = (cause.clone(), deed.clone());
            shorter = Some(Arc::new(Chapter { at: *at, cause, deed, earlier: shorter, count }));
        }
        if let Some(shorter) = shorter {
            self.0 = shorter;
        }
    }

    /// Cuts off what is told no more; not if somebody else has a part of the life.
    fn cut(&mut self) -> bool {
        let mut last = Arc::get_mut(&mut self.0);
        for _ in 1..ENTRIES_KEPT {
            last = last.and_then(|one| one.earlier.as_mut()).and_then(Arc::get_mut);
        }
        let Some(last) = last else { return false };
        last.earlier = None;
        if let Some(first) = Arc::get_mut(&mut self.0) {
            first.count = ENTRIES_KEPT;
        }
        true
    }

    /// Why each of them, the latest first.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.chapters().map(|chapter| &chapter.cause)
    }

    /// Oldest first, of an instance that is like this now.
    pub fn told(&self, present: &Portrait) -> Vec<Entry> {
        let mut portrait = present.clone();
        let told = |chapter: &Arc<Chapter>| Entry {
            at: chapter.at,
            event: chapter.deed.event(),
            what: chapter.deed.what(),
            cause: chapter.cause.clone(),
            changes: chapter.deed.undone(&mut portrait),
        };
        let mut entries: Vec<Entry> = self.chapters().map(told).collect();
        entries.reverse();
        entries
    }

    /// Oldest first, in the form of documents: what follows from what the instance is now is left out.
    pub fn written(&self) -> Vec<WrittenEntry> {
        let count = self.chapters().count();
        let alive = self.chapters().take_while(|one| one.deed.event() != Event::Released).count();
        // What was released is not there any more to tell what came after.
        let gone = if alive < count { self.told(&Portrait::default()) } else { Vec::new() };
        let gone = gone.into_iter().take(count - alive).map(WrittenEntry::from);
        let mut living: Vec<_> = self.chapters().take(alive).map(|one| one.written()).collect();
        living.reverse();
        gone.chain(living).collect()
    }
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

impl PartialEq for Life {
    /// Lives are equal where they tell the same, however they are kept.
    fn eq(&self, other: &Self) -> bool {
        let nobody = Portrait::default();
        Arc::ptr_eq(&self.0, &other.0)
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
    /// Places by the hash of the id in them. Nothing goes through it, so its order shows nowhere.
    ids: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// The chapter that was written last: the next one may be the same.
    latest: Option<Arc<Chapter>>,
}

impl PartialEq for Lives {
    fn eq(&self, other: &Self) -> bool {
        self.ids.len() == other.ids.len()
            && self.all.iter().flatten().all(|(id, life)| other.get(id) == Some(life))
    }
}

impl Lives {
    fn place(&self, id: &str) -> Option<u32> {
        let is_it = |place: &u32| {
            let life = self.all.get(*place as usize).and_then(Option::as_ref);
            life.is_some_and(|(own, _)| own == id)
        };
        self.ids.find(self.hasher.hash_one(id), is_it).copied()
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
        if let Ok(entry) = self.ids.find_entry(self.hasher.hash_one(id), |one| *one == place) {
            entry.remove();
        }
        self.all[place as usize] = None;
        self.free.push(place);
    }

    /// Adds an entry to a life.
    pub fn push(&mut self, id: &str, at: Timestamp, cause: &Cause, deed: Deed) {
        let known = self.place(id);
        let earlier = known.and_then(|place| self.all.get(place as usize)?.as_ref());
        let earlier = earlier.map(|(_, life)| &life.0);
        let is_next = |it: &&Arc<Chapter>| {
            it.is_like(at, cause, &deed) && is_same(it.earlier.as_ref(), earlier)
        };
        let chapter = self.latest.as_ref().filter(is_next).cloned().unwrap_or_else(|| {
            let count = earlier.map_or(1, |it| it.count + 1);
            Arc::new(Chapter { at, cause: cause.clone(), deed, earlier: earlier.cloned(), count })
        });
        // Held twice, a chapter could not be cut off.
        self.latest = None;
        let life = Life(chapter);
        if let Some((_, known)) = known.and_then(|place| self.all.get_mut(place as usize)?.as_mut())
        {
            *known = life;
            known.shorten();
            self.latest = Some(Arc::clone(&known.0));
        } else {
            self.latest = Some(Arc::clone(&life.0));
            self.begin(id, life);
        }
    }

    fn begin(&mut self, id: &str, life: Life) {
        let Self { all, ids, hasher, free, .. } = self;
        let place = free.pop().unwrap_or_else(|| {
            all.push(None);
            u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
        });
        let hash_of = |place: &u32| {
            let life = all.get(*place as usize).and_then(Option::as_ref);
            hasher.hash_one(life.map_or("", |(id, _)| id.as_str()))
        };
        ids.insert_unique(hasher.hash_one(id), place, hash_of);
        all[place as usize] = Some((id.into(), life));
    }

    /// Adds an entry of a document to a life.
    pub fn push_written(&mut self, id: &str, entry: WrittenEntry) {
        let (at, cause) = (entry.at, entry.cause.clone());
        self.push(id, at, &cause, Deed::written(entry));
    }
}

fn is_same(one: Option<&Arc<Chapter>>, other: Option<&Arc<Chapter>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        _ => false,
    }
}

impl Portrait {
    /// A field, by the key of world documents.
    fn value(&self, field: &str) -> Value {
        match (field, &self.instance) {
            ("eip", _) => json(&self.eip_id),
            (_, Some(instance)) => instance.value(field),
            (_, None) => Instance::default().value(field),
        }
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
fn differing(before: &Portrait, after: &Portrait) -> Vec<&'static str> {
    let (Some(was), Some(is)) = (&before.instance, &after.instance) else { return Vec::new() };
    let mut fields = if was.is_same(is) { Vec::new() } else { was.differing(is) };
    fields.retain(|field| *field != "last_changes");
    if before.eip_id != after.eip_id {
        fields.push("eip");
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fields_are_told_but_the_cooldowns_own() {
        let portrait = |it: Instance| Portrait { instance: Some(it.into()), eip_id: None };
        let blank = portrait(Instance::default());
        let mut changed = Instance::default();
        let last =
            serde_json::json!({"StopInstance": {"at": "2026-01-01T00:00Z", "downgrade": false}});
        changed.set("last_changes", &last);
        assert_eq!(changed.last_changes.len(), 1);
        assert!(differing(&blank, &portrait(changed.clone())).is_empty());
        changed.set("zone_id", &"cn-hangzhou-h".into());
        assert_eq!(differing(&blank, &portrait(changed)), ["zone_id"]);
    }

    #[test]
    fn lives_that_went_alike_share_their_chapters() {
        let mut lives = Lives::default();
        let cause = Cause::call("RunInstances", "R");
        for deed in [Deed::Created, Deed::Status(Status::Pending)] {
            for id in ["i-a", "i-b", "i-c"] {
                lives.push(id, Timestamp(1), &cause, deed.clone());
            }
        }
        lives.push("i-c", Timestamp(2), &cause, Deed::Status(Status::Running));
        let chain = |id: &str| &lives.get(id).unwrap().0;
        assert!(Arc::ptr_eq(chain("i-a"), chain("i-b")));
        assert!(is_same(chain("i-c").earlier.as_ref(), Some(chain("i-a"))));
        assert_eq!(chain("i-a").count, 2);
    }
}
