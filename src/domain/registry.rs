//! Things with an id, in the order they came: a slab of slots, an index from id to slot, and those of the
//! fields they are found by. A page is a slice of it and a position stays valid while others come and
//! go. A copy shares everything until one of the two changes.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::index::{Field, Indexes, Positions, Wanted};
use super::places::Places;
use super::shared::Shared;

/// Something a [`Registry`] can hold. Its id is the key in documents, not a field there.
pub trait Named: 'static {
    /// The id.
    fn id(&self) -> &str;
    /// Sets the id, when the thing is read from a document.
    fn set_id(&mut self, id: &str);
    /// What things of the kind share that are alike.
    type Alike: Default;
    /// Shares what it is alike in with those that came before.
    fn join(&mut self, alike: &mut Self::Alike);
}

/// Up to so many are looked at one by one.
const FEW: usize = 4;

/// See the module.
#[derive(Debug)]
pub struct Registry<T: 'static>(Shared<Slab<T>>);

struct Slab<T: 'static> {
    slots: Vec<Option<Shared<T>>>,
    /// Slots by the id in them.
    ids: Places,
    /// The slot that was found last. A call looks the thing it speaks of up again and again.
    latest: AtomicU32,
    /// The slots that are not empty.
    taken: Positions,
    indexes: Mutex<Indexes<T>>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            ids: Places::default(),
            latest: AtomicU32::default(),
            taken: Positions::default(),
            indexes: Mutex::default(),
        }
    }
}

impl<T> Clone for Slab<T> {
    fn clone(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            ids: self.ids.clone(),
            latest: AtomicU32::default(),
            taken: self.taken.clone(),
            indexes: Mutex::default(),
        }
    }
}

impl<T> fmt::Debug for Slab<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} things", self.ids.len())
    }
}

impl<T: Named> Slab<T> {
    fn find(&self, id: &str) -> Option<u32> {
        let is_it = |slot| self.at(slot).is_some_and(|thing| thing.id() == id);
        let latest = self.latest.load(Ordering::Relaxed);
        if is_it(latest) {
            return Some(latest);
        }
        let found = self.ids.find(id, is_it)?;
        self.latest.store(found, Ordering::Relaxed);
        Some(found)
    }

    fn at(&self, slot: u32) -> Option<&Shared<T>> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// A slot is about to change.
    fn begin(&mut self, slot: u32) {
        let indexes = self.indexes.get_mut().unwrap_or_else(PoisonError::into_inner);
        indexes.begin(slot, &self.slots);
    }

    fn push(&mut self, thing: Shared<T>) {
        // 2^32 things do not fit into memory.
        let slot = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        self.begin(slot);
        let Self { slots, ids, .. } = self;
        ids.add(thing.id(), slot, || {
            (0..).zip(&*slots).filter_map(|(slot, thing)| Some((slot, thing.as_ref()?.id())))
        });
        slots.push(Some(thing));
        self.taken.insert(slot);
    }

    fn remove(&mut self, id: &str) -> Option<Shared<T>> {
        let slot = self.find(id)?;
        self.begin(slot);
        self.ids.remove(id, slot);
        self.taken.remove(slot);
        self.slots.get_mut(slot as usize)?.take()
    }
}

impl<T> Clone for Registry<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self(Shared::default())
    }
}

impl<T: Named + PartialEq> PartialEq for Registry<T> {
    /// The same things in the same order; the places of those that went do not count.
    fn eq(&self, other: &Self) -> bool {
        self.0.is_same(&other.0) || (self.len() == other.len() && self.all().eq(other.all()))
    }
}

impl<T: Named> Registry<T> {
    /// The thing of this id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.share(id).map(|thing| &**thing)
    }

    /// The thing of this id, to hold on to as it is now.
    pub fn share(&self, id: &str) -> Option<&Shared<T>> {
        self.0.at(self.0.find(id)?)
    }

    /// The thing at a position.
    pub fn at(&self, position: usize) -> Option<&Shared<T>> {
        self.0.slots.get(position)?.as_ref()
    }

    /// The thing of this id, to change it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T>
    where
        T: Clone,
    {
        let slot = self.0.find(id)?;
        self.0.begin(slot);
        self.0.slots.get_mut(slot as usize)?.as_deref_mut()
    }

    /// Adds a thing at the end, or puts it in the place of the one with the same id.
    pub fn put(&mut self, thing: impl Into<Shared<T>>) {
        let thing = thing.into();
        if let Some(slot) = self.0.find(thing.id()) {
            self.0.begin(slot);
            self.0.slots[slot as usize] = Some(thing);
        } else {
            self.0.push(thing);
        }
    }

    /// Takes a thing out; its slot stays empty, so that positions stay valid.
    pub fn remove(&mut self, id: &str) -> Option<Shared<T>> {
        self.0.remove(id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.ids.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.ids.is_empty()
    }

    fn all(&self) -> impl Iterator<Item = &Shared<T>> {
        self.0.slots.iter().flatten()
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.all().map(|thing| &**thing)
    }

    /// All of them, to change them, oldest first. Indexes begin anew.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T>
    where
        T: Clone,
    {
        let slab = &mut *self.0;
        slab.indexes = Mutex::default();
        slab.slots.iter_mut().flatten().map(|thing| &mut **thing)
    }

    /// What `read` makes of the positions of those that are all of this, of these or of all there are.
    pub fn select<R>(
        &self,
        among: Option<&Positions>,
        wanted: &[Wanted<'_, T>],
        read: impl FnOnce(&Positions) -> R,
    ) -> R {
        let all = among.unwrap_or(&self.0.taken);
        if wanted.is_empty() || all.is_empty() {
            return read(all);
        }
        // A few are looked at themselves, and no index is made for them.
        if all.len() <= FEW {
            let fits = |thing: &Shared<T>| wanted.iter().all(|it| it.fits(thing));
            return read(&all.only(|position| self.0.at(position).is_some_and(fits)));
        }
        let mut indexes = self.indexes();
        let mut sets = indexes.find(wanted, &self.0.slots);
        // What every thing is limits nothing.
        sets.retain(|set| set.len() < self.len());
        sets.extend(among.map(Cow::Borrowed));
        if sets.is_empty() { read(all) } else { read(&Positions::in_all(sets)) }
    }

    /// Those that are all of this, oldest first.
    pub fn found<'s>(
        &'s self,
        wanted: &[Wanted<'_, T>],
    ) -> impl Iterator<Item = &'s Shared<T>> + use<'s, T> {
        let positions: Vec<usize> = if self.is_empty() {
            Vec::new()
        } else {
            self.select(None, wanted, |them| them.iter_from(0).collect())
        };
        positions.into_iter().filter_map(|position| self.at(position))
    }

    /// How many have this value of a field, and the sum of what they weigh.
    pub fn sum(&self, field: &'static Field<T>, value: &str) -> (usize, u64) {
        if self.is_empty() {
            return (0, 0);
        }
        self.indexes().sum(field, value, &self.0.slots)
    }

    fn indexes(&self) -> MutexGuard<'_, Indexes<T>> {
        self.0.indexes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The positions of these ids. An id that nothing has is left out.
    pub fn positions<'i>(&self, ids: impl IntoIterator<Item = &'i str>) -> Positions {
        ids.into_iter().filter_map(|id| self.0.find(id)).collect()
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

/// Implements [`Named`] for a struct with a text `id` that shares nothing.
macro_rules! named {
    ($($thing:ty),*) => { $(
        impl $crate::domain::registry::Named for $thing {
            fn id(&self) -> &str {
                &self.id
            }

            fn set_id(&mut self, id: &str) {
                self.id = id.into();
            }

            type Alike = ();

            fn join(&mut self, (): &mut ()) {}
        }
    )* };
}
pub(crate) use named;

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Thing {
        id: String,
        colours: Vec<&'static str>,
        weight: u64,
    }

    named!(Thing);

    thread_local! {
        /// How many things were looked at.
        static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
    }

    static COLOUR: Field<Thing> = Field {
        name: "colour",
        read: |it, tell| {
            LOOKED_AT.set(LOOKED_AT.get() + 1);
            it.colours.iter().for_each(|colour| tell(colour));
        },
        weigh: |it| it.weight,
    };
    static ID: Field<Thing> = Field::new("id", |it, tell| tell(&it.id));

    const COLOURS: &[&str] = &["blue", "green", "grey", "red"];

    fn thing(number: usize, rng: &mut fastrand::Rng) -> Thing {
        let colours = COLOURS.iter().copied().filter(|_| rng.bool()).collect();
        Thing { id: format!("t-{number:04}"), colours, weight: rng.u64(0..10) }
    }

    fn registry(count: usize) -> Registry<Thing> {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut registry = Registry::default();
        (0..count).for_each(|number| registry.put(thing(number, &mut rng)));
        registry
    }

    fn ids<'r>(things: impl Iterator<Item = &'r Thing>) -> Vec<String> {
        things.map(|it| it.id.clone()).collect()
    }

    /// What is found is what going through everything finds, whatever came, changed and went.
    #[test]
    fn indexes_know_what_a_search_would_find() {
        let (mut rng, mut registry) = (fastrand::Rng::with_seed(1), registry(50));
        for round in 0..2000 {
            let number = rng.usize(0..100);
            let id = format!("t-{number:04}");
            match rng.u8(0..4) {
                0 => registry.put(thing(number, &mut rng)),
                1 => drop(registry.remove(&id)),
                _ => {
                    for _ in 0..rng.u8(1..3) {
                        if let Some(it) = registry.get_mut(&id) {
                            *it = Thing { id: id.clone(), ..thing(number, &mut rng) };
                        }
                    }
                }
            }
            let copy = if round % 7 == 0 { registry.clone() } else { Registry::default() };
            let of = if copy.is_empty() { &registry } else { &copy };
            for colour in COLOURS {
                let has = |it: &&Thing| it.colours.contains(colour);
                let found = ids(of.found(&[COLOUR.is(colour)]).map(|it| &**it));
                assert_eq!(found, ids(of.iter().filter(has)), "{colour} in round {round}");
                let sum = of.iter().filter(has).map(|it| it.weight).sum::<u64>();
                assert_eq!(of.sum(&COLOUR, colour), (found.len(), sum));
            }
            let wanted =
                [COLOUR.is_like("gr", |_| true), ID.is_between("t-0010".into(), id.clone())];
            let fits = |it: &&Thing| {
                let is_alike = it.colours.iter().any(|colour| colour.starts_with("gr"));
                is_alike && (String::from("t-0010")..=id.clone()).contains(&it.id)
            };
            assert_eq!(ids(of.found(&wanted).map(|it| &**it)), ids(of.iter().filter(fits)));
        }
    }

    /// Once an index is there, a change and a question look at as many things among many as among few.
    #[test]
    fn work_does_not_grow_with_the_number_of_things() {
        let looked_at = |count: usize| {
            let mut registry = registry(count);
            registry.sum(&COLOUR, "red");
            LOOKED_AT.set(0);
            for step in 0..10 {
                let id = format!("t-{:04}", step * (count / 10));
                registry.get_mut(&id).unwrap().weight = 100;
                registry.select(None, &[COLOUR.is("red")], |them| them.nth(0));
                registry.remove(&id);
                registry.put(Thing { id, colours: vec!["red"], weight: 1 });
            }
            registry.sum(&COLOUR, "red");
            LOOKED_AT.get()
        };
        assert_eq!(looked_at(10), looked_at(5000));
    }

    /// A few things are looked at themselves, many found by the indexes: both find the same.
    #[test]
    fn a_few_are_found_as_many_are() {
        let registry = registry(50);
        let colours = [String::from("grey"), String::from("red")];
        let all_wanted = [
            vec![COLOUR.is("red")],
            vec![COLOUR.is_one_of(&colours)],
            vec![COLOUR.is_like("gr", |colour| colour.ends_with('y'))],
            vec![COLOUR.is("blue"), ID.is_between("t-0010".into(), "t-0030".into())],
            vec![ID.is_between("t-0030".into(), "t-0010".into())],
        ];
        let among = |positions: &mut dyn Iterator<Item = u32>, wanted: &[Wanted<'_, Thing>]| {
            let positions: Positions = positions.collect();
            registry.select(Some(&positions), wanted, |them| them.iter_from(0).collect::<Vec<_>>())
        };
        for wanted in all_wanted {
            let one_by_one = (0..50).flat_map(|one| among(&mut std::iter::once(one), &wanted));
            let all = among(&mut (0..50), &wanted);
            assert_eq!(one_by_one.collect::<Vec<_>>(), all);
            let in_pairs =
                (0..25).flat_map(|pair| among(&mut [2 * pair, 2 * pair + 1].into_iter(), &wanted));
            assert_eq!(in_pairs.collect::<Vec<_>>(), all);
        }
    }

    #[test]
    fn positions_stay_valid() {
        let mut registry = registry(5);
        registry.remove("t-0001");
        registry.put(Thing { id: "t-0009".to_owned(), colours: Vec::new(), weight: 0 });
        let positions: Vec<usize> = registry.select(None, &[], |them| them.iter_from(1).collect());
        assert_eq!(positions, [2, 3, 4, 5]);
        assert_eq!(registry.select(None, &[], |them| them.nth(1)), Some(2));
        assert_eq!(registry.at(5).unwrap().id, "t-0009");
    }
}
