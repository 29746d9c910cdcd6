//! `ecs-local check`: what it runs, in what order, and what it tells.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ecs-local")).arg("check").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A folder of its own for each test, with these files.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    for (name, content) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

const GOOD: &str = "about = \"a\"\n[[step]]\ncall = \"Action=DescribeRegions\"\n";

#[test]
fn patterns_lead_to_files_and_folders_and_a_slip_is_told() {
    let files = ["a/NOT_1.toml", "a/b/NOT_2.toml", "a/b/OK.toml", "c [1]/OK.toml", "d/readme.md"];
    let folder = folder("patterns", &files.map(|name| (name, GOOD)));
    for (pattern, count) in [
        ("**/NOT_*.toml", Some(2)),
        ("a", Some(3)),
        ("a/*", Some(3)),
        ("**", Some(4)),
        ("a/b/OK.toml", Some(1)),
        // What exists is meant literally.
        ("c [1]", Some(1)),
        ("d", None),
        ("**/YES_*.toml", None),
        ("a/***", None),
        ("nowhere.toml", None),
    ] {
        let path = folder.join(pattern);
        let output = check(&[path.to_str().unwrap()]);
        if let Some(count) = count {
            let said = text(&output.stdout);
            assert!(said.contains(&format!("{count} scenarios, ")), "{pattern}: {said}");
            assert_eq!(output.status.code(), Some(0), "{pattern}");
        } else {
            let said = text(&output.stderr);
            assert!(said.contains(path.to_str().unwrap()), "{pattern}: {said}");
            assert_eq!(output.status.code(), Some(2), "{pattern}");
        }
    }
    let filtered = check(&["--filter", "nowhere", folder.to_str().unwrap()]);
    assert_eq!(filtered.status.code(), Some(2));
    assert!(text(&filtered.stderr).contains("--filter nowhere"), "{}", text(&filtered.stderr));
}
