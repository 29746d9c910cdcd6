//! Things with an id, in the order they came: a slab of slots and an index from id to slot. A page
//! is a slice of it and a position stays valid while others come and go.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Something a [`Registry`] can hold. Its id is the key in documents, not a field there.
pub trait Named {
    /// The id.
    fn id(&self) -> &str;
    /// Sets the id, when the thing is read from a document.
    fn set_id(&mut self, id: &str);
}

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct Registry<T> {
    slots: Vec<Option<T>>,
    index: BTreeMap<String, usize>,
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self { slots: Vec::new(), index: BTreeMap::new() }
    }
}

impl<T: Named> Registry<T> {
    /// The thing of this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.slots.get(*self.index.get(id)?)?.as_ref()
    }

    /// The thing of this id, to change it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.slots.get_mut(*self.index.get(id)?)?.as_mut()
    }

    /// Adds a thing at the end, or puts it in the place of the one with the same id.
    pub fn put(&mut self, thing: T) {
        if let Some(&slot) = self.index.get(thing.id()) {
            self.slots[slot] = Some(thing);
        } else {
            self.index.insert(thing.id().to_owned(), self.slots.len());
            self.slots.push(Some(thing));
        }
    }

    /// Takes a thing out; its slot stays empty, so that positions stay valid.
    pub fn remove(&mut self, id: &str) -> Option<T> {
        let slot = self.index.remove(id)?;
        self.slots[slot].take()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().flatten()
    }

    /// All of them, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut().flatten()
    }

    /// Those at `position` and behind it, with their positions.
    pub fn iter_from(&self, position: usize) -> impl Iterator<Item = (usize, &T)> {
        self.slots
            .iter()
            .enumerate()
            .skip(position)
            .filter_map(|(slot, thing)| thing.as_ref().map(|thing| (slot, thing)))
    }

    /// Those of these ids, oldest first, with their positions. An id that nothing has is left out.
    pub fn pick<'s>(&'s self, ids: &[String]) -> impl Iterator<Item = (usize, &'s T)> + use<'s, T> {
        let slots: BTreeSet<usize> =
            ids.iter().filter_map(|id| self.index.get(id).copied()).collect();
        slots.into_iter().filter_map(|slot| Some((slot, self.slots.get(slot)?.as_ref()?)))
    }
}

impl<T: Named + Serialize> Serialize for Registry<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for thing in self.iter() {
            map.serialize_entry(thing.id(), thing)?;
        }
        map.end()
    }
}

impl<T: JsonSchema> JsonSchema for Registry<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        BTreeMap::<String, T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, T>::json_schema(generator)
    }
}

impl<'de, T: Named + Deserialize<'de>> Deserialize<'de> for Registry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);

        impl<'de, T: Named + Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Registry<T>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a table from id to its fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Registry<T>, A::Error> {
                let mut registry = Registry::default();
                while let Some(id) = map.next_key::<String>()? {
                    let mut thing: T = map.next_value()?;
                    thing.set_id(&id);
                    registry.put(thing);
                }
                Ok(registry)
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

/// Implements [`Named`] for a struct with a field `id: String`.
macro_rules! named {
    ($($thing:ty),*) => { $(
        impl $crate::domain::registry::Named for $thing {
            fn id(&self) -> &str {
                &self.id
            }

            fn set_id(&mut self, id: &str) {
                id.clone_into(&mut self.id);
            }
        }
    )* };
}
pub(crate) use named;
