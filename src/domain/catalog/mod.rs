//! The catalogue of instance types and the rules of changing between them: embedded data, read on
//! first use. A world may add types or put its own in the place of these.

mod builtin;
mod change_matrix;
mod families;
mod instance_type;

use std::hash::BuildHasher;
use std::sync::{Arc, LazyLock, OnceLock};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use self::builtin::{Source, sources};

pub use builtin::CatalogError;
pub use change_matrix::{ChangeMatrix, ChangePath};
pub use families::Families;
pub use instance_type::{Architecture, FamilyLevel, InstanceType, LocalStorage};

/// Instance types by name. Every change of type looks several of them up.
#[derive(Debug)]
pub struct Catalog {
    entries: HashTable<Entry>,
    hasher: FixedState,
}

/// A type that is made when it is first asked for: a world has a few of some hundreds, and every start makes an entry
/// of each.
#[derive(Debug)]
struct Entry {
    source: Source,
    made: OnceLock<Arc<InstanceType>>,
}

impl Entry {
    fn name(&self) -> &str {
        self.source.name().unwrap_or_else(|| self.made().name.as_str())
    }

    #[expect(clippy::expect_used, reason = "the tables are part of the program; a test reads all")]
    fn made(&self) -> &Arc<InstanceType> {
        self.made.get_or_init(|| Arc::new(self.source.read().expect("an embedded line is whole")))
    }
}

#[expect(clippy::expect_used, reason = "the tables are part of the program, and a test reads them")]
static BUILTIN: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::embedded().expect("the embedded tables are whole"));

/// How many types there are, about: as many as a table has room for that is as large.
const ABOUT: usize = 890;

impl Catalog {
    fn embedded() -> Result<Self, CatalogError> {
        let (mut entries, hasher) = (HashTable::with_capacity(ABOUT), FixedState::default());
        sources(|name, source| {
            let entry = Entry { source, made: OnceLock::new() };
            // It has room, so that no entry is asked for its name again.
            let hash_of = |entry: &Entry| hasher.hash_one(entry.name());
            entries.insert_unique(hasher.hash_one(&*name), entry, hash_of);
        })?;
        Ok(Self { entries, hasher })
    }

    /// The documented types and those of newer families.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The type of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<InstanceType>> {
        self.entries.find(self.hasher.hash_one(name), |entry| entry.name() == name).map(Entry::made)
    }

    /// All types, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<InstanceType>> {
        self.entries.iter().map(Entry::made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_makes_no_type_and_little_of_each() {
        let catalog = Catalog::embedded().unwrap();
        assert!(catalog.entries.iter().all(|entry| entry.made.get().is_none()));
        assert!(size_of::<Entry>() <= 24);
        assert!(catalog.get("ecs.g6.large").is_some() && catalog.get("ecs.g6").is_none());
        let made = catalog.entries.iter().filter(|entry| entry.made.get().is_some());
        assert_eq!(made.count(), 1);
    }
}
