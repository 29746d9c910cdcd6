//! The catalogue of instance types and the rules of changing between them: embedded data, read on
//! first use. A world may add types or put its own in the place of these.

mod builtin;
mod change_matrix;
mod families;
mod instance_type;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock, OnceLock};

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use self::builtin::{Source, sources};

pub use builtin::CatalogError;
pub use change_matrix::{ChangeMatrix, ChangePath};
pub use families::Families;
pub use instance_type::{Architecture, FamilyLevel, InstanceType, LocalStorage};

/// Instance types by name, in the order of their names. Every change of type looks several of them up.
#[derive(Debug)]
pub struct Catalog {
    types: IndexMap<Cow<'static, str>, Entry, FixedState>,
}

/// A type that is made when it is first asked for: a world has a few of some hundreds.
#[derive(Debug)]
struct Entry {
    source: Source,
    made: OnceLock<Arc<InstanceType>>,
}

impl Entry {
    #[expect(clippy::expect_used, reason = "the tables are part of the program; a test reads all")]
    fn made(&self) -> &Arc<InstanceType> {
        self.made.get_or_init(|| Arc::new(self.source.read().expect("an embedded line is whole")))
    }
}

#[expect(clippy::expect_used, reason = "the tables are part of the program, and a test reads them")]
static BUILTIN: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::embedded().expect("the embedded tables are whole"));

/// How many types there are, about.
const ABOUT: usize = 880;

impl Catalog {
    fn embedded() -> Result<Self, CatalogError> {
        let mut types = IndexMap::with_capacity_and_hasher(ABOUT, FixedState::default());
        sources(|name, source| {
            types.insert(name, Entry { source, made: OnceLock::new() });
        })?;
        types.sort_unstable_keys();
        Ok(Self { types })
    }

    /// The documented types and those of newer families.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The type of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<InstanceType>> {
        self.types.get(name).map(Entry::made)
    }

    /// All types, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<InstanceType>> {
        self.types.values().map(Entry::made)
    }
}
