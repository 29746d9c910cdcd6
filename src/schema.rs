//! The JSON Schemas of what people write: worlds, scenarios, faults. Files that `made.rs` writes from the types
//! that read them, so that an editor completes and checks what the emulator will read.

#[cfg(test)]
pub(crate) mod made;

use strum::{EnumString, VariantNames};

use crate::carried;

/// A kind of document people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames, clap::ValueEnum)]
#[strum(serialize_all = "snake_case")]
pub enum Written {
    /// A world: `/_local/world`.
    World,
    /// A scenario file.
    Scenario,
    /// A fault: `/_local/faults`.
    Fault,
}

impl Written {
    /// The kind of this name.
    pub fn find(name: &str) -> Option<Self> {
        name.parse().ok()
    }

    /// The names of all kinds.
    pub const fn names() -> &'static [&'static str] {
        Self::VARIANTS
    }

    /// Its schema, JSON Schema 2020-12.
    pub fn schema(self) -> String {
        let path = match self {
            Self::World => "src/schema/world.json",
            Self::Scenario => "src/schema/scenario.json",
            Self::Fault => "src/schema/fault.json",
        };
        carried::file(path).unwrap_or_default()
    }
}
