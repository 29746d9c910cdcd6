//! Finds scenario files: by their paths, by folders searched to their depth, by patterns such as
//! `scenarios/**/NOT_*.toml`. What names nothing is an error, lest a slip passes for a success.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::file::ScenarioError;

/// The scenario files a path leads to (a file, a folder searched to its depth, or a pattern), sorted.
///
/// # Errors
/// A path that cannot be read, or leads to no scenario file.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, ScenarioError> {
    let mut found = BTreeSet::new();
    // What exists is meant literally, whatever characters are in its name.
    if path.exists() || !is_pattern(path) {
        gather(path, &mut found)?;
    } else {
        for path in matching(path)? {
            gather(&path, &mut found)?;
        }
    }
    if found.is_empty() {
        return Err(nothing(path, &"no scenario file is there"));
    }
    Ok(found.into_iter().collect())
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

fn matching(pattern: &Path) -> Result<Vec<PathBuf>, ScenarioError> {
    let all = glob::glob(&pattern.to_string_lossy()).map_err(|error| nothing(pattern, &error))?;
    let read = |entry: glob::GlobResult| {
        entry.map_err(|error| ScenarioError::Read {
            path: error.path().to_owned(),
            error: error.into(),
        })
    };
    all.map(read).collect()
}

fn gather(path: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), ScenarioError> {
    let failed = |error| ScenarioError::Read { path: path.to_owned(), error };
    if !path.metadata().map_err(failed)?.is_dir() {
        found.insert(path.to_owned());
        return Ok(());
    }
    for entry in path.read_dir().map_err(failed)? {
        let entry = entry.map_err(failed)?.path();
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "toml") {
            gather(&entry, found)?;
        }
    }
    Ok(())
}

fn nothing(path: &Path, why: &dyn std::fmt::Display) -> ScenarioError {
    ScenarioError::Nothing { path: path.to_owned(), why: why.to_string() }
}
