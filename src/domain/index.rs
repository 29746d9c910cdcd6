//! Finding things by what they are: for each field that was ever asked for, which positions of a
//! [`Registry`](super::registry::Registry) have which value, as sets. An index is built when it is first
//! asked for and kept from then on; a copy of a registry begins without any. The fields themselves are in
//! `fields.rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};

use roaring::{MultiOps, RoaringBitmap};
use smallvec::SmallVec;

use super::shared::Shared;

/// Tells the values a thing has of a field: none, one or several.
pub type Read<T> = fn(&T, &mut dyn FnMut(&str));

/// Something things are found by.
pub struct Field<T> {
    /// Its name; no other field of the things has it.
    pub name: &'static str,
    /// How its values are read.
    pub read: Read<T>,
    /// What a thing adds to the sum of its value; 0 where nobody asks for sums.
    pub weigh: fn(&T) -> u64,
}

impl<T> Field<T> {
    /// A field whose sums nobody asks for.
    pub const fn new(name: &'static str, read: Read<T>) -> Self {
        Self { name, read, weigh: |_| 0 }
    }
}

/// Which values are asked for.
pub enum Values<'q> {
    /// This one.
    Is(&'q str),
    /// One of these.
    OneOf(&'q [String]),
    /// One from here to there, both included, in the order of text.
    Between(Cow<'q, str>, Cow<'q, str>),
    /// One that begins like this and of which this holds. All that begin so get looked at.
    Like(&'q str, Box<dyn Fn(&str) -> bool + 'q>),
}

impl Values<'_> {
    /// Is this value one of them?
    fn have(&self, value: &str) -> bool {
        match self {
            Self::Is(one) => *one == value,
            Self::OneOf(several) => several.iter().any(|one| one == value),
            Self::Between(first, last) => (first.as_ref()..=last.as_ref()).contains(&value),
            Self::Like(begin, holds) => value.starts_with(begin) && holds(value),
        }
    }
}

/// Something things have to be.
pub struct Wanted<'q, T: 'static> {
    /// Of which field.
    pub field: &'static Field<T>,
    /// Its values.
    pub values: Values<'q>,
}

impl<T> Wanted<'_, T> {
    /// Is a thing like this? Indexes know it of all things at once.
    pub fn fits(&self, thing: &T) -> bool {
        let mut fits = false;
        (self.field.read)(thing, &mut |value| fits |= self.values.have(value));
        fits
    }
}

impl<T> Field<T> {
    /// Things with this value are wanted.
    pub const fn is<'q>(&'static self, value: &'q str) -> Wanted<'q, T> {
        Wanted { field: self, values: Values::Is(value) }
    }

    /// Things with one of these values are wanted.
    pub const fn is_one_of<'q>(&'static self, values: &'q [String]) -> Wanted<'q, T> {
        Wanted { field: self, values: Values::OneOf(values) }
    }

    /// Things with a value that begins like this and of which this holds are wanted.
    pub fn is_like<'q>(
        &'static self,
        begin: &'q str,
        holds: impl Fn(&str) -> bool + 'q,
    ) -> Wanted<'q, T> {
        Wanted { field: self, values: Values::Like(begin, Box::new(holds)) }
    }

    /// Things with a value from here to there, both included, are wanted.
    pub fn is_between<'q>(&'static self, first: String, last: String) -> Wanted<'q, T> {
        Wanted { field: self, values: Values::Between(first.into(), last.into()) }
    }
}

/// Positions in a registry, in order. How many there are, and the thousandth of them, is known without
/// going through them. Most are one: of a name, of an address, of an id that is asked for.
#[derive(Debug, Clone)]
pub struct Positions(Set);

#[derive(Debug, Clone)]
enum Set {
    One(u32),
    Any(RoaringBitmap),
}

/// Several of them, looked at together.
pub type Sets<'a> = SmallVec<[Cow<'a, Positions>; 4]>;

impl Positions {
    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Set::One(_) => 1,
            Set::Any(set) => usize::try_from(set.len()).unwrap_or(usize::MAX),
        }
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Is this one of them?
    fn contains(&self, position: u32) -> bool {
        match &self.0 {
            Set::One(one) => *one == position,
            Set::Any(set) => set.contains(position),
        }
    }

    /// The one with this number, from 0.
    pub fn nth(&self, number: usize) -> Option<usize> {
        let position = match &self.0 {
            Set::One(one) => (number == 0).then_some(*one),
            Set::Any(set) => u32::try_from(number).ok().and_then(|number| set.select(number)),
        };
        position.map(wide)
    }

    /// This position, where it is there, and those behind it.
    pub fn iter_from(&self, position: usize) -> impl Iterator<Item = usize> {
        let (one, set) = match &self.0 {
            Set::One(one) => (Some(*one).filter(|one| wide(*one) >= position), None),
            Set::Any(set) => (None, u32::try_from(position).ok().map(|start| set.range(start..))),
        };
        one.into_iter().chain(set.into_iter().flatten()).map(wide)
    }

    /// Those of which this holds.
    #[must_use]
    pub fn only(&self, holds: impl Fn(u32) -> bool) -> Self {
        match &self.0 {
            Set::One(one) if holds(*one) => self.clone(),
            Set::One(_) => Self::default(),
            Set::Any(set) => set.iter().filter(|one| holds(*one)).collect(),
        }
    }

    /// Adds one.
    pub fn insert(&mut self, position: u32) {
        match &mut self.0 {
            Set::One(one) => self.0 = Set::Any([*one, position].into_iter().collect()),
            Set::Any(set) => {
                set.insert(position);
            }
        }
    }

    /// Takes one away.
    pub fn remove(&mut self, position: u32) {
        match &mut self.0 {
            Set::One(one) if *one == position => *self = Self::default(),
            Set::One(_) => {}
            Set::Any(set) => {
                set.remove(position);
            }
        }
    }

    /// Those that are here and there.
    fn and(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Set::One(one), _) if other.contains(*one) => self.clone(),
            (_, Set::One(one)) if self.contains(*one) => other.clone(),
            (Set::Any(these), Set::Any(those)) => Self(Set::Any(these & those)),
            _ => Self::default(),
        }
    }

    /// Those that are in all of the sets, which are not none; the smallest decides how long it takes.
    pub fn in_all(mut sets: Sets<'_>) -> Cow<'_, Self> {
        let sizes = sets.iter().enumerate().map(|(place, set)| (set.len(), place));
        let Some((_, smallest)) = sizes.min() else { return Cow::default() };
        let first = sets.swap_remove(smallest);
        sets.into_iter().fold(first, |left, set| Cow::Owned(left.and(&set)))
    }

    /// Those that are in any of the sets.
    fn in_any<'a>(sets: impl Iterator<Item = &'a Self>) -> Self {
        let (mut ones, mut any) = (Vec::new(), Vec::new());
        for set in sets {
            match &set.0 {
                Set::One(one) => ones.push(*one),
                Set::Any(set) => any.push(set),
            }
        }
        let ones: RoaringBitmap = ones.into_iter().collect();
        Self(Set::Any(any.into_iter().chain([&ones]).union()))
    }
}

impl Default for Positions {
    fn default() -> Self {
        Self(Set::Any(RoaringBitmap::new()))
    }
}

impl From<u32> for Positions {
    fn from(one: u32) -> Self {
        Self(Set::One(one))
    }
}

impl FromIterator<u32> for Positions {
    fn from_iter<I: IntoIterator<Item = u32>>(positions: I) -> Self {
        let mut positions = positions.into_iter();
        match (positions.next(), positions.next()) {
            (Some(one), None) => one.into(),
            (first, second) => {
                Self(Set::Any(first.into_iter().chain(second).chain(positions).collect()))
            }
        }
    }
}

const fn wide(position: u32) -> usize {
    position as usize
}

/// The things of one value, and the sum of what they weigh.
#[derive(Debug)]
struct Entry {
    positions: Positions,
    weight: u64,
}

impl Entry {
    fn of(position: u32, weight: u64) -> Self {
        Self { positions: position.into(), weight }
    }

    fn add(&mut self, position: u32, weight: u64) {
        self.weight = self.weight.saturating_add(weight);
        self.positions.insert(position);
    }

    /// Tells whether none is left.
    fn take(&mut self, position: u32, weight: u64) -> bool {
        self.weight = self.weight.saturating_sub(weight);
        self.positions.remove(position);
        self.positions.is_empty()
    }
}

/// One field's index.
struct Index<T: 'static> {
    field: &'static Field<T>,
    entries: BTreeMap<Box<str>, Entry>,
}

impl<T> Index<T> {
    fn add(&mut self, position: u32, thing: &T) {
        let (entries, weight) = (&mut self.entries, (self.field.weigh)(thing));
        (self.field.read)(thing, &mut |value| {
            if let Some(entry) = entries.get_mut(value) {
                entry.add(position, weight);
            } else {
                entries.insert(value.into(), Entry::of(position, weight));
            }
        });
    }

    fn take(&mut self, position: u32, thing: &T) {
        let (entries, weight) = (&mut self.entries, (self.field.weigh)(thing));
        (self.field.read)(thing, &mut |value| {
            if entries.get_mut(value).is_some_and(|entry| entry.take(position, weight)) {
                entries.remove(value);
            }
        });
    }

    fn entries(&self, values: &Values<'_>) -> SmallVec<[&Entry; 1]> {
        match values {
            Values::Is(value) => self.entries.get(*value).into_iter().collect(),
            Values::OneOf(values) => {
                values.iter().filter_map(|value| self.entries.get(value.as_str())).collect()
            }
            Values::Between(first, last) if first <= last => {
                let ends = (Included(first.as_ref()), Included(last.as_ref()));
                let range = self.entries.range::<str, _>(ends);
                range.map(|(_, entry)| entry).collect()
            }
            Values::Between(..) => SmallVec::new(),
            Values::Like(begin, holds) => {
                let range = self.entries.range::<str, _>((Included(*begin), Unbounded));
                let alike = range.take_while(|(value, _)| value.starts_with(begin));
                alike.filter(|(value, _)| holds(value)).map(|(_, entry)| entry).collect()
            }
        }
    }

    fn positions(&self, values: &Values<'_>) -> Cow<'_, Positions> {
        match self.entries(values).as_slice() {
            [one] => Cow::Borrowed(&one.positions),
            several => Cow::Owned(Positions::in_any(several.iter().map(|one| &one.positions))),
        }
    }

    /// Does it see a difference between two things?
    fn tells_apart(&self, one: &T, other: &T) -> bool {
        let values = |thing: &T| {
            let (mut text, mut ends) = (String::new(), Vec::new());
            (self.field.read)(thing, &mut |value| {
                text.push_str(value);
                ends.push(text.len());
            });
            (text, ends, (self.field.weigh)(thing))
        };
        values(one) != values(other)
    }
}

/// A thing that is being changed, as it was when its change began: not there, or this.
struct Open<T> {
    position: u32,
    before: Option<Shared<T>>,
}

/// The indexes of a registry.
pub(super) struct Indexes<T: 'static> {
    built: Vec<Index<T>>,
    open: Option<Open<T>>,
}

impl<T> Default for Indexes<T> {
    fn default() -> Self {
        Self { built: Vec::new(), open: None }
    }
}

impl<T> Indexes<T> {
    /// A thing is about to change, to come or to go. What it becomes is looked at when the next one is,
    /// so that many changes of one thing count as one.
    pub fn begin(&mut self, position: u32, slots: &[Option<Shared<T>>]) {
        let is_open = self.open.as_ref().is_some_and(|open| open.position == position);
        if self.built.is_empty() || is_open {
            return;
        }
        self.close(slots);
        let before = slots.get(wide(position)).cloned().flatten();
        self.open = Some(Open { position, before });
    }

    /// Brings the indexes up to the present.
    fn close(&mut self, slots: &[Option<Shared<T>>]) {
        let Some(Open { position, before }) = self.open.take() else { return };
        let after = slots.get(wide(position)).and_then(Option::as_ref);
        for index in &mut self.built {
            if let (Some(before), Some(after)) = (&before, after)
                && (before.is_same(after) || !index.tells_apart(before, after))
            {
                continue;
            }
            if let Some(before) = &before {
                index.take(position, before);
            }
            if let Some(after) = after {
                index.add(position, after);
            }
        }
    }

    fn build(&mut self, field: &'static Field<T>, slots: &[Option<Shared<T>>]) -> usize {
        let known = self.built.iter().position(|index| index.field.name == field.name);
        known.unwrap_or_else(|| {
            let mut index = Index { field, entries: BTreeMap::new() };
            for (position, thing) in (0..).zip(slots) {
                if let Some(thing) = thing {
                    index.add(position, thing);
                }
            }
            self.built.push(index);
            self.built.len() - 1
        })
    }

    /// The positions of what is all of this; nothing wanted is no set.
    pub fn find(&mut self, wanted: &[Wanted<'_, T>], slots: &[Option<Shared<T>>]) -> Sets<'_> {
        self.close(slots);
        let built: SmallVec<[usize; 4]> =
            wanted.iter().map(|it| self.build(it.field, slots)).collect();
        let indexes = built.into_iter().zip(wanted);
        indexes.map(|(index, wanted)| self.built[index].positions(&wanted.values)).collect()
    }

    /// How many have a value, and the sum of what they weigh.
    pub fn sum(
        &mut self,
        field: &'static Field<T>,
        value: &str,
        slots: &[Option<Shared<T>>],
    ) -> (usize, u64) {
        self.close(slots);
        let index = self.build(field, slots);
        let entry = self.built[index].entries.get(value);
        entry.map_or((0, 0), |entry| (entry.positions.len(), entry.weight))
    }
}
