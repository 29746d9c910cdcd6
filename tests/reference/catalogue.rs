//! The instance types the histories use, and which family may become which: copied by hand from the
//! pages on instance families (2021-06-03). Decides nothing about a call.

/// An instance type, as the tables of the instance families list it.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub family: &'static str,
    pub vcpus: i64,
    pub memory_mib: i64,
    pub is_retired: bool,
}

const fn kind(name: &'static str, family: &'static str, vcpus: i64, gib: i64) -> Kind {
    Kind { name, family, vcpus, memory_mib: gib * 1024, is_retired: false }
}

const fn retired(name: &'static str, family: &'static str, vcpus: i64, gib: i64) -> Kind {
    Kind { is_retired: true, ..kind(name, family, vcpus, gib) }
}

pub const KINDS: &[Kind] = &[
    kind("ecs.g5.large", "g5", 2, 8),
    kind("ecs.g5.xlarge", "g5", 4, 16),
    kind("ecs.g6.large", "g6", 2, 8),
    kind("ecs.g6.xlarge", "g6", 4, 16),
    kind("ecs.g6.2xlarge", "g6", 8, 32),
    kind("ecs.c6.xlarge", "c6", 4, 8),
    kind("ecs.t6-c1m4.large", "t6", 2, 8),
    kind("ecs.g7.large", "g7", 2, 8),
    kind("ecs.g7.xlarge", "g7", 4, 16),
    kind("ecs.i2.xlarge", "i2", 4, 32),
    retired("ecs.n1.medium", "n1", 2, 4),
    retired("ecs.n1.large", "n1", 4, 8),
    retired("ecs.s1.medium", "s1", 1, 4),
];

/// A name that no table has.
pub const NO_KIND: &str = "ecs.g6.gigantic";

pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|one| one.name == name)
}

/// The families a family may change to; none where its types never change.
pub fn may_become(family: &str) -> &'static [&'static str] {
    match family {
        "g5" => &["g5"],
        "g6" | "c6" => &["g6", "c6", "t6", "g7"],
        "t6" => &["g6", "c6", "t6"],
        "g7" => &["g7"],
        "n1" => &["g5", "n1"],
        "s1" => &["g5", "n1", "s1"],
        "i2" => &[],
        other => panic!("no family {other}"),
    }
}

/// Changes that were made by ticket and cannot be taken back: from the 6th generation to the 7th.
pub fn is_way_back(from: &str, to: &str) -> bool {
    from == "g7" && ["g6", "c6"].contains(&to)
}

/// Families whose types take enhanced SSDs only.
pub fn takes_essd_only(family: &str) -> bool {
    family == "g7"
}

/// Families without I/O optimisation.
pub fn is_io_optimized(family: &str) -> bool {
    family != "s1"
}
