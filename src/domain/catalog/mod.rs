//! The catalogue of instance types and the rules of changing between them: embedded data, read on
//! first use. A world may add types or put its own in the place of these.

mod builtin;
mod change_matrix;
mod instance_type;

use std::sync::{Arc, LazyLock};

use foldhash::fast::FixedState;
use indexmap::IndexMap;

pub use builtin::CatalogError;
pub use change_matrix::{ChangeMatrix, ChangePath};
pub use instance_type::{Architecture, FamilyLevel, InstanceType, LocalStorage};

/// Instance types by name, in the order of their names. Every change of type looks several of them up.
#[derive(Debug)]
pub struct Catalog {
    types: IndexMap<String, Arc<InstanceType>, FixedState>,
}

#[expect(clippy::expect_used, reason = "the tables are part of the program, and a test reads them")]
static BUILTIN: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::embedded().expect("the embedded tables are whole"));

impl Catalog {
    /// Reads the embedded tables.
    ///
    /// # Errors
    /// A table that cannot be read.
    pub fn embedded() -> Result<Self, CatalogError> {
        builtin::read().map(|types| Self { types: types.into_iter().collect() })
    }

    /// The documented types and those of newer families.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The type of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<InstanceType>> {
        self.types.get(name)
    }

    /// All types, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<InstanceType>> {
        self.types.values()
    }
}
