//! What the documentation tells of whole families, apart from how their types change.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::reading;

/// Families that differ from the others in the same way.
#[derive(Debug, Deserialize)]
pub struct Families<'t> {
    #[serde(borrow)]
    essd_only: BTreeSet<&'t str>,
    #[serde(borrow)]
    without_advanced_vpc: BTreeSet<&'t str>,
    #[serde(borrow)]
    without_io_optimisation: BTreeSet<&'t str>,
}

#[expect(clippy::expect_used, reason = "the list is part of the program, and every test reads it")]
static BUILTIN: LazyLock<Families<'static>> = LazyLock::new(|| {
    reading::json(include_bytes!("data/families.json")).expect("the embedded list is whole")
});

impl Families<'_> {
    /// Those of the catalogue.
    pub fn builtin() -> &'static Families<'static> {
        &BUILTIN
    }

    /// Types of this family take enhanced SSDs only.
    pub fn is_essd_only(&self, family: &str) -> bool {
        self.essd_only.contains(family)
    }

    /// Types of this family do not work in a VPC with advanced features.
    pub fn lacks_advanced_vpc(&self, family: &str) -> bool {
        self.without_advanced_vpc.contains(family)
    }

    /// Types of this family have no I/O optimisation.
    pub fn lacks_io_optimisation(&self, family: &str) -> bool {
        self.without_io_optimisation.contains(family)
    }
}
