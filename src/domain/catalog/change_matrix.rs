//! Which types an instance can change to. Documented edges between families come first; newer
//! families, for which no matrix was published, follow a rule of ours: they change among families
//! of the sixth generation and later with the same architecture and nothing special in the host,
//! but not into a documented family that its own row does not open.

use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};
use serde::Deserialize;

use super::builtin::CatalogError;
use super::instance_type::InstanceType;
use crate::reading;

const MATRIX: &str = include_str!("data/change-matrix.json");

/// The first generation in which newer families change freely.
const FIRST_FREE_GENERATION: u8 = 6;

/// Whether a change of type has a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangePath {
    /// It has.
    Allowed,
    /// The present family never changes, not even its size.
    FamilyNeverChanges,
    /// It would be the way back from a one-way upgrade.
    OneWay,
    /// It has none.
    None,
}

#[derive(Debug, Default, Deserialize)]
struct OneWay<'t> {
    #[serde(borrow)]
    from: HashSet<&'t str>,
    #[serde(borrow)]
    to: HashSet<&'t str>,
}

/// Single types that are open beside what their families allow.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum TypeEdge<'t> {
    From {
        from_family: &'t str,
        to_type: &'t str,
    },
    Mutual {
        #[serde(borrow)]
        mutual_types: HashSet<&'t str>,
    },
}

/// The documented matrix.
#[derive(Debug, Deserialize)]
pub struct ChangeMatrix<'t> {
    #[serde(borrow)]
    no_change: HashSet<&'t str>,
    #[serde(borrow)]
    edges: HashMap<&'t str, HashSet<&'t str>>,
    #[serde(borrow)]
    extra_type_edges: Vec<TypeEdge<'t>>,
    #[serde(borrow)]
    one_way_by_ticket: Vec<OneWay<'t>>,
}

#[expect(clippy::expect_used, reason = "the matrix is part of the program, and a test reads it")]
static BUILTIN: LazyLock<ChangeMatrix<'static>> =
    LazyLock::new(|| ChangeMatrix::parse(MATRIX).expect("the embedded matrix is whole"));

impl<'t> ChangeMatrix<'t> {
    /// Reads a matrix.
    ///
    /// # Errors
    /// A text that is not a matrix.
    fn parse(text: &'t str) -> Result<Self, CatalogError> {
        Ok(reading::json(text.as_bytes())?)
    }

    /// The embedded matrix.
    pub fn builtin() -> &'static ChangeMatrix<'static> {
        &BUILTIN
    }

    /// The way from one type to another.
    pub fn path(&self, from: &InstanceType, to: &InstanceType) -> ChangePath {
        let (source, target) = (from.family_key(), to.family_key());
        if self.has_type_edge(from, to) {
            return ChangePath::Allowed;
        }
        if self.no_change.contains(source) || (!self.is_documented(source) && is_bound(from)) {
            return ChangePath::FamilyNeverChanges;
        }
        let allowed = match self.edges.get(source) {
            Some(open) => {
                open.contains(target) || (!self.is_documented(target) && is_free(from, to))
            }
            None => source == target || (!self.is_documented(target) && is_free(from, to)),
        };
        if allowed {
            ChangePath::Allowed
        } else if self.is_way_back(from, to) {
            ChangePath::OneWay
        } else {
            ChangePath::None
        }
    }

    fn has_type_edge(&self, from: &InstanceType, to: &InstanceType) -> bool {
        self.extra_type_edges.iter().any(|edge| match edge {
            TypeEdge::From { from_family, to_type } => {
                *from_family == from.family_key() && *to_type == to.name
            }
            TypeEdge::Mutual { mutual_types } => {
                mutual_types.contains(&*from.name) && mutual_types.contains(&*to.name)
            }
        })
    }

    /// The matrix speaks of this family.
    fn is_documented(&self, family: &str) -> bool {
        self.edges.contains_key(family) || self.no_change.contains(family)
    }

    fn is_way_back(&self, from: &InstanceType, to: &InstanceType) -> bool {
        let (source, target) = (from.family_key(), to.family_key());
        let by_ticket = |way: &OneWay<'_>| way.from.contains(target) && way.to.contains(source);
        // From a newer family back into a documented one that could change to it.
        let newer = !self.is_documented(source) && self.is_documented(target) && is_free(to, from);
        newer || self.one_way_by_ticket.iter().any(by_ticket)
    }
}

/// Its disks live in the host: as in the documented families of this kind, no size of it changes.
fn is_bound(one: &InstanceType) -> bool {
    one.local_storage.is_some() && !one.retired
}

/// Our rule for families without a published matrix.
fn is_free(from: &InstanceType, to: &InstanceType) -> bool {
    let is_plain = |one: &InstanceType| {
        let family = one.family_key();
        one.generation >= FIRST_FREE_GENERATION
            && !one.retired
            && one.local_storage.is_none()
            && one.gpu_amount == 0
            && !family.starts_with("ebm")
            && !family.starts_with("scc")
    };
    is_plain(from) && is_plain(to) && from.architecture == to.architecture
}

#[cfg(test)]
mod tests {
    use super::super::Catalog;
    use super::*;

    fn path(from: &str, to: &str) -> ChangePath {
        let get = |name| Catalog::builtin().get(name).unwrap_or_else(|| panic!("{name}"));
        ChangeMatrix::builtin().path(get(from), get(to))
    }

    #[test]
    fn the_matrix_is_read_whole() {
        let matrix = ChangeMatrix::parse(MATRIX).unwrap();
        let edges: usize = matrix.edges.values().map(HashSet::len).sum();
        assert_eq!((matrix.no_change.len(), matrix.edges.len(), edges), (44, 70, 1012));
    }

    #[test]
    fn documented_ways() {
        assert_eq!(path("ecs.g6.large", "ecs.g6.xlarge"), ChangePath::Allowed);
        assert_eq!(path("ecs.g6.large", "ecs.g7.large"), ChangePath::Allowed);
        assert_eq!(path("ecs.g7.large", "ecs.g6.large"), ChangePath::OneWay);
        assert_eq!(path("ecs.g5.large", "ecs.g6.large"), ChangePath::None);
        assert_eq!(path("ecs.s1.small", "ecs.s1.large"), ChangePath::Allowed);
        assert_eq!(path("ecs.i2.2xlarge", "ecs.i2.4xlarge"), ChangePath::FamilyNeverChanges);
        assert_eq!(
            path("ecs.gn5-c4g1.xlarge", "ecs.gn5-c4g1.2xlarge"),
            ChangePath::FamilyNeverChanges
        );
    }

    #[test]
    fn newer_families_change_by_our_rule() {
        assert_eq!(path("ecs.g8i.large", "ecs.g8i.xlarge"), ChangePath::Allowed);
        assert_eq!(path("ecs.g8i.large", "ecs.c9i.xlarge"), ChangePath::Allowed);
        assert_eq!(path("ecs.g6.large", "ecs.g8i.large"), ChangePath::Allowed);
        assert_eq!(path("ecs.g8i.large", "ecs.g8y.large"), ChangePath::None);
        assert_eq!(path("ecs.g8i.large", "ecs.g6.large"), ChangePath::OneWay);
        assert_eq!(path("ecs.g5.large", "ecs.g8i.large"), ChangePath::None);
        assert_eq!(path("ecs.gn7i-c32g1.8xlarge", "ecs.gn7i-c8g1.2xlarge"), ChangePath::Allowed);
        assert_eq!(path("ecs.gn7i-c8g1.2xlarge", "ecs.g8i.2xlarge"), ChangePath::None);
        assert_eq!(path("ecs.i4.large", "ecs.i4.xlarge"), ChangePath::FamilyNeverChanges);
    }
}
