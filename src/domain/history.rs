//! The lives of instances: what changed, when, and what caused it. Kept beside the instances, so that
//! copying one for a call does not copy its life. An entry keeps only what was there before it: what
//! came after it is known from the present, with all later entries undone. How a life is kept is in
//! `history/life.rs`.

mod cause;
mod life;

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use smallvec::SmallVec;

pub use self::cause::{Cause, CauseKind, Origin};
use self::life::Lives;
use super::instance::Instance;
use super::request_id::RequestId;
use super::shared::Shared;
use super::time::Timestamp;

/// Of how many released instances the life is kept; the first released give way.
const RELEASED_KEPT: usize = 1000;

/// What an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The instance came into being.
    Created,
    /// Something of it changed.
    Changed,
    /// It is gone.
    Released,
}

/// What something was and is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Before; null where there was nothing.
    pub before: Value,
    /// After.
    pub after: Value,
}

/// The names of changes; mostly the change itself, and that it was made by a call.
pub type What = SmallVec<[Cow<'static, str>; 2]>;

/// One entry of a life: all that one cause changed at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "HistoryEntry"))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// The changes by name, such as `status`, `renew`, `expire`; `document` for one from outside.
    pub what: What,
    /// Why.
    pub cause: Cause,
    /// What changed, by the keys of world documents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, Difference>,
}

/// An instance as its life tells of it, with what is bound to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portrait {
    /// The instance, where there is one.
    pub instance: Option<Shared<Instance>>,
    /// The elastic IP bound to it.
    pub eip_id: Option<String>,
}

/// The lives of all instances of a world.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "Written", into = "Written")]
pub struct Histories {
    lives: Lives,
    /// Instances that are gone, the first released first.
    released: VecDeque<String>,
}

/// An entry in the form of documents: what follows from what the instance is now may be left out.
#[derive(PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "WrittenHistoryEntry"))]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    /// When.
    at: Timestamp,
    /// What happened.
    event: Event,
    /// The changes by name, such as `status`, `renew`, `expire`; `document` for one from outside.
    what: What,
    /// Why.
    cause: Cause,
    /// What changed, by the keys of world documents, with what came of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    changes: BTreeMap<String, Difference>,
    /// Or what was before. What came of it follows from what the instance is now, and so does all that
    /// a new instance had.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    before: BTreeMap<String, Value>,
}

impl From<Entry> for WrittenEntry {
    fn from(entry: Entry) -> Self {
        let Entry { at, event, what, cause, changes } = entry;
        Self { at, event, what, cause, changes, before: BTreeMap::new() }
    }
}

/// The lives of all instances of a world, in the form of documents.
#[derive(Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Histories"))]
#[serde(default, deny_unknown_fields)]
struct Written {
    /// By instance id, oldest entry first.
    lives: BTreeMap<String, Vec<WrittenEntry>>,
    /// Instances that are gone, the first released first.
    released: VecDeque<String>,
}

impl From<Written> for Histories {
    fn from(written: Written) -> Self {
        let Written { lives: written, released } = written;
        let mut lives = Lives::default();
        for (id, entries) in written {
            for entry in entries {
                lives.push_written(&id, entry);
            }
        }
        Self { lives, released }
    }
}

impl From<Histories> for Written {
    fn from(histories: Histories) -> Self {
        let lives = histories.lives.iter();
        let lives = lives.map(|(id, life)| (id.to_owned(), life.written()));
        Self { lives: lives.collect(), released: histories.released }
    }
}

impl PartialEq for Histories {
    fn eq(&self, other: &Self) -> bool {
        self.released == other.released && self.lives == other.lives
    }
}

impl Histories {
    /// Has nothing happened yet?
    pub fn is_empty(&self) -> bool {
        self.lives.is_empty()
    }

    /// The life of an instance that is like this now, oldest entry first; empty where nothing happened
    /// to it.
    pub fn of(&self, instance_id: &str, present: &Portrait) -> Vec<Entry> {
        self.lives.get(instance_id).map(|life| life.told(present)).unwrap_or_default()
    }

    /// The instances that a call did something to, at once or later, by id.
    pub fn touched_by(&self, call: RequestId) -> Vec<String> {
        let lives = self.lives.iter();
        let own = lives.filter(|(_, life)| life.causes().any(|cause| cause.is_of(call)));
        own.map(|(id, _)| id.to_owned()).collect()
    }

    /// Tells what a cause did to an instance. Nothing is told where nothing changed.
    pub fn tell(
        &mut self,
        instance_id: &str,
        before: &Portrait,
        after: &Portrait,
        what: What,
        cause: &Cause,
        at: Timestamp,
    ) {
        let Some(deed) = life::Deed::of(before, after, what) else { return };
        let is_release = after.instance.is_none();
        self.lives.push(instance_id, at, cause, deed);
        if is_release {
            self.bury(instance_id);
        }
    }

    fn bury(&mut self, instance_id: &str) {
        self.released.push_back(instance_id.to_owned());
        if self.released.len() > RELEASED_KEPT
            && let Some(first) = self.released.pop_front()
        {
            self.lives.remove(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;
    use crate::domain::brief::briefly;
    use crate::domain::disk::Disk;

    fn portrait(instance: Instance) -> Portrait {
        Portrait { instance: Some(instance.into()), eip_id: None }
    }

    fn named(name: &str) -> Portrait {
        portrait(Instance { name: name.into(), ..Instance::default() })
    }

    #[test]
    fn a_life_goes_from_creation_to_release() {
        let mut histories = Histories::default();
        let cause = Cause::call("RunInstances", RequestId::default());
        let due = cause.clone().due();
        let (nobody, born, renamed) = (Portrait::default(), named("a"), named("web"));
        let mut tell = |before, after, what: &[&'static str], cause, at| {
            let what = what.iter().map(|one| (*one).into()).collect();
            histories.tell("i-a", before, after, what, cause, Timestamp(at));
        };
        tell(&nobody, &born, &["create"], &cause, 1);
        tell(&born, &born, &["update"], &cause, 2);
        tell(&born, &renamed, &["update"], &cause, 2);
        tell(&renamed, &nobody, &["release"], &due, 3);
        let read = |histories: &Histories| histories.of("i-a", &nobody);
        let entries = read(&histories);
        let events: Vec<Event> = entries.iter().map(|entry| entry.event).collect();
        assert_eq!(events, [Event::Created, Event::Changed, Event::Released]);
        assert_eq!(entries[0].changes["name"].after, "a");
        assert_eq!(entries[1].changes["name"].before, "a");
        assert_eq!(entries[1].changes["name"].after, "web");
        // What is gone tells its life from a document, too.
        let written = serde_json::to_value(&histories).unwrap();
        let again: Histories = serde_json::from_value(written).unwrap();
        assert_eq!(read(&again), entries);
        assert_eq!(again, histories);
    }

    #[test]
    fn a_document_leaves_out_what_follows_from_the_present() {
        let mut histories = Histories::default();
        let cause = Cause::call("RunInstances", RequestId::default());
        let (born, renamed) = (named("a"), named("web"));
        let (create, update) = (smallvec!["create".into()], smallvec!["update".into()]);
        histories.tell("i-a", &Portrait::default(), &born, create, &cause, Timestamp(1));
        histories.tell("i-a", &born, &renamed, update, &cause, Timestamp(2));
        let written = serde_json::to_value(&histories).unwrap();
        let entries = &written["lives"]["i-a"];
        assert_eq!(entries[0].get("changes"), None);
        assert_eq!(entries[1]["before"], serde_json::json!({"name": "a"}));
        let again: Histories = serde_json::from_value(written).unwrap();
        assert_eq!(again, histories);
        assert_eq!(again.of("i-a", &renamed), histories.of("i-a", &renamed));
    }

    /// A life is told by values, which are whole however the document around them is written.
    #[test]
    fn what_is_gone_is_told_in_full_where_the_rest_is_brief() {
        let mut histories = Histories::default();
        let mut born = Instance::default();
        born.hardware.disks = [Disk { id: "d-a".into(), ..Disk::default() }].into_iter().collect();
        let born = portrait(born);
        let (nobody, cause) = (Portrait::default(), Cause::default());
        histories.tell("i-a", &nobody, &born, smallvec!["create".into()], &cause, Timestamp(1));
        histories.tell("i-a", &born, &nobody, smallvec!["release".into()], &cause, Timestamp(2));
        let told = histories.of("i-a", &nobody);
        assert_eq!(told[0].changes["disks"].after[0]["system"], false);
        let written = briefly(|| serde_json::to_string(&histories)).unwrap();
        let again: Histories = serde_json::from_str(&written).unwrap();
        assert_eq!(again.of("i-a", &nobody), told);
    }

    #[test]
    fn memory_is_bounded() {
        let mut histories = Histories::default();
        let (nobody, cause) = (Portrait::default(), Cause::default());
        for number in 0..RELEASED_KEPT + 5 {
            let (id, born) = (format!("i-{number}"), named(""));
            histories.tell(&id, &nobody, &born, What::new(), &cause, Timestamp(0));
            histories.tell(&id, &born, &nobody, What::new(), &cause, Timestamp(1));
        }
        assert_eq!(histories.lives.iter().count(), RELEASED_KEPT);
        // Somebody may hold what there was at some moment.
        for held_at in [usize::MAX, 0, 100, 220, 430] {
            let (mut before, mut held) = (named(""), Vec::new());
            for number in 0..5 * life::ENTRIES_KEPT {
                let after = named(&number.to_string());
                histories.tell("i-b", &before, &after, What::new(), &cause, Timestamp(0));
                before = after;
                if number == held_at {
                    held.push((histories.clone(), before.clone(), histories.of("i-b", &before)));
                }
            }
            let entries = histories.of("i-b", &before);
            assert_eq!(entries.len(), life::ENTRIES_KEPT);
            assert_eq!(entries[0].changes["name"].before, "799");
            for (then, present, told) in held {
                assert_eq!(then.of("i-b", &present), told);
            }
        }
    }
}
