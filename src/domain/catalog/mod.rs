//! The catalogue of instance types and the rules of changing between them: embedded data, read on
//! first use. A world may add types or put its own in the place of these.

mod builtin;
mod change_matrix;
mod instance_type;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub use builtin::CatalogError;
pub use change_matrix::{ChangeMatrix, ChangePath};
pub use instance_type::{Architecture, FamilyLevel, InstanceType, LocalStorage};

/// Instance types by name.
#[derive(Debug)]
pub struct Catalog {
    types: BTreeMap<String, Arc<InstanceType>>,
}

static BUILTIN: LazyLock<Catalog> = LazyLock::new(|| Catalog {
    // The data are part of the program; a test reads them. Were they broken, no type would exist.
    types: builtin::read().unwrap_or_default(),
});

impl Catalog {
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
