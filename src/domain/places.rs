//! Where things are by their ids: four bytes a thing, since the things hold the ids.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// See the module. Nothing goes through the table, so its order shows nowhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Places {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Where the thing of this id is. `is_it` tells whether it is at a place.
    pub fn find(&self, id: &str, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |place| is_it(*place)).copied()
    }

    /// Adds the place of an id that has none. `all` are the others, in the order in which they stand in memory: where the
    /// table grows it is made anew in that order, and not in its own, in which nearly every thing is out of the cache.
    pub fn add<'t, All>(&mut self, id: &str, place: u32, all: impl FnOnce() -> All)
    where
        All: Iterator<Item = (u32, &'t str)>,
    {
        if self.table.len() == self.table.capacity() {
            // By half more: what holds as many is twice as large, and has room where many were taken away.
            let count = self.table.len();
            let mut wider = HashTable::with_capacity(count + count / 2 + 1);
            for (place, id) in all() {
                insert(&mut wider, self.hasher.hash_one(id), place);
            }
            self.table = wider;
        }
        insert(&mut self.table, self.hasher.hash_one(id), place);
    }

    /// Takes the place of an id away.
    pub fn remove(&mut self, id: &str, place: u32) {
        if let Ok(entry) = self.table.find_entry(self.hasher.hash_one(id), |one| *one == place) {
            entry.remove();
        }
    }
}

/// Puts a place into a table that has room.
fn insert(table: &mut HashTable<u32>, hash: u64, place: u32) {
    // Hashes of others are asked for only where there is none.
    table.insert_unique(hash, place, |_| 0);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Four bytes a thing are many for a million: the table is no larger than one that grows by itself.
    #[test]
    fn there_is_no_more_room_than_there_must_be() {
        let (mut places, mut table) = (Places::default(), HashTable::new());
        let mut ids: Vec<String> = Vec::new();
        for place in 0..5000 {
            let id = place.to_string();
            places.add(&id, place, || (0..).zip(ids.iter().map(String::as_str)));
            ids.push(id);
            table.insert_unique(u64::from(place), place, |place| u64::from(*place));
            assert_eq!(places.table.capacity(), table.capacity(), "of {place}");
        }
    }

    /// What a map from ids to places would know, however many come and go.
    #[test]
    fn every_id_is_where_it_was_put() {
        let (mut rng, mut places) = (fastrand::Rng::with_seed(3), Places::default());
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        for round in 0..20_000 {
            let id = format!("i-{}", rng.u32(0..2000));
            if let Some(place) = known.remove(&id) {
                places.remove(&id, place);
            } else {
                places.add(&id, round, || known.iter().map(|(id, place)| (*place, id.as_str())));
                known.insert(id.clone(), round);
            }
            assert_eq!(places.len(), known.len());
            let asked = format!("i-{}", rng.u32(0..2000));
            let is_it = |place: u32| known.get(&asked) == Some(&place);
            assert_eq!(places.find(&asked, is_it), known.get(&asked).copied(), "{round}");
        }
    }
}
