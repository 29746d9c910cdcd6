//! Imports point down: what a part may not know, it does not name. And every file says what it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};

/// A part of the source and the modules it may not name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    (
        "src/domain",
        &[
            "crate::param",
            "crate::reply",
            "crate::row",
            "crate::rule",
            "crate::operations",
            "crate::engine",
            "crate::wire",
            "crate::gateway",
            "crate::server",
            "crate::clock",
            "crate::ids",
            "crate::emulator",
            "crate::scenario",
            "axum",
            "tokio",
        ],
    ),
    (
        "src/row.rs",
        &["crate::operations", "crate::domain", "crate::engine", "crate::wire", "axum", "http::"],
    ),
    ("src/param.rs", &["crate::", "axum", "http::"]),
    (
        "src/reading.rs",
        &["crate::domain", "crate::operations", "crate::wire", "crate::scenario", "axum"],
    ),
    (
        "src/writing.rs",
        &["crate::domain", "crate::operations", "crate::wire", "crate::scenario", "axum"],
    ),
    (
        "src/reply.rs",
        &["crate::domain", "crate::operations", "crate::engine", "crate::wire", "axum"],
    ),
    (
        "src/rule.rs",
        &["crate::domain", "crate::operations", "crate::engine", "crate::wire", "axum"],
    ),
    (
        "src/operations",
        &[
            "crate::wire",
            "crate::gateway",
            "crate::server",
            "crate::clock",
            "crate::emulator",
            "crate::scenario",
            "Mutex",
            "async fn",
            "axum",
            "tokio",
        ],
    ),
    (
        "src/engine.rs",
        &[
            "crate::wire",
            "crate::gateway",
            "crate::server",
            "crate::clock",
            "crate::emulator",
            "Mutex",
            "axum",
        ],
    ),
    (
        "src/wire",
        &[
            "crate::domain",
            "crate::operations",
            "crate::engine",
            "crate::emulator",
            "crate::server",
            "axum",
        ],
    ),
    (
        "src/gateway",
        &["crate::engine", "crate::server", "crate::emulator", "crate::clock", "Mutex", "axum"],
    ),
    ("src/server", &["crate::row"]),
];

fn sources(under: &Path) -> Vec<PathBuf> {
    if under.is_file() {
        return vec![under.to_owned()];
    }
    let mut found: Vec<PathBuf> = under
        .read_dir()
        .unwrap()
        .flat_map(|entry| sources(&entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    found.sort();
    found
}

/// The source without its comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    for (part, forbidden) in FORBIDDEN {
        for path in sources(Path::new(part)) {
            let code = code(&path);
            let named = forbidden.iter().filter(|name| code.contains(**name));
            wrong.extend(named.map(|name| format!("{} names {name}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn operations_do_not_name_each_other() {
    let shared = [
        "mod",
        "common",
        "conditions",
        "creation",
        "lifecycle",
        "paging",
        "permission",
        "target",
        "view",
    ];
    let modules: Vec<String> = Path::new("src/operations")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !shared.contains(&name.as_str()))
        .collect();
    for module in &modules {
        let file = Path::new("src/operations").join(format!("{module}.rs"));
        let place = if file.exists() { file } else { Path::new("src/operations").join(module) };
        for path in sources(&place) {
            let code = code(&path);
            for other in modules.iter().filter(|other| *other != module) {
                let named = [format!("super::{other}::"), format!("operations::{other}::")];
                assert!(
                    !named.iter().any(|name| code.contains(name)),
                    "{} names {other}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_operation_is_registered() {
    let registry = fs::read_to_string("src/operations/mod.rs").unwrap();
    for path in sources(Path::new("src/operations")) {
        let implements = code(&path).contains("impl Operation for ");
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let module = if stem == "mod" {
            path.parent().unwrap().file_name().unwrap().to_str().unwrap()
        } else {
            stem
        };
        let registered = registry.contains(&format!("Entry::of::<{module}::"));
        assert_eq!(implements, registered, "{}", path.display());
    }
}

#[test]
fn every_file_says_what_it_is() {
    for path in sources(Path::new("src")) {
        let text = fs::read_to_string(&path).unwrap();
        let header = text.lines().take_while(|line| line.starts_with("//!")).count();
        assert!(header >= 1, "{} has no header", path.display());
    }
}

/// What a call costs does not grow with what the world holds: indexes find things, nothing goes through
/// all of them. What concerns a whole account or a document may.
#[test]
fn no_call_goes_through_all_things() {
    let mut paths = sources(Path::new("src/operations"));
    paths.extend(sources(Path::new("src/gateway")));
    paths.extend(sources(Path::new("src/engine.rs")));
    paths.push("src/domain/world/life.rs".into());
    paths.push("src/domain/world/place.rs".into());
    for path in paths {
        let code: String = code(&path).split_whitespace().collect();
        for things in ["instance", "eip", "order"] {
            for all in ["iter()", "iter_mut()"] {
                let all = format!(".{things}.{all}");
                assert!(!code.contains(&all), "{} names {all}", path.display());
            }
        }
    }
}

/// A type that documents are made of is compiled anew for each reader it is read by and each writer it is written
/// by: one of each is enough.
#[test]
fn documents_have_one_reader_and_one_writer() {
    let others = [
        "from_value",
        "from_str",
        "from_slice",
        "from_reader",
        "to_value",
        "to_vec",
        "to_string",
        "to_writer",
    ];
    for path in sources(Path::new("src")).into_iter().filter(|path| !path.ends_with("writing.rs")) {
        let code = code(&path);
        let (code, _) = code.split_once("#[cfg(test)]").unwrap_or((&code, ""));
        for other in
            others.iter().map(|other| format!("json::{other}")).chain(["toml::from_".to_owned()])
        {
            assert!(!code.contains(&other), "{} names {other}", path.display());
        }
    }
}
