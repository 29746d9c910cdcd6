//! The JSON Schemas of what people write: worlds, scenarios, faults. Written from the types that read
//! them, so that an editor completes and checks what the emulator will read.

use schemars::{JsonSchema, Schema, schema_for};
use strum::{EnumString, VariantNames};

use crate::domain::document::WorldDocument;
use crate::faults::Fault;
use crate::scenario::Scenario;

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
    pub fn schema(self) -> Schema {
        match self {
            Self::World => titled::<WorldDocument>("A world of ecs-local"),
            Self::Scenario => titled::<Scenario>("A scenario of ecs-local"),
            Self::Fault => titled::<Fault>("A fault of ecs-local"),
        }
    }
}

fn titled<T: JsonSchema>(title: &str) -> Schema {
    let mut schema = schema_for!(T);
    schema.insert("title".to_owned(), title.into());
    schema
}
