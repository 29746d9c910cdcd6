//! `ecs-local check`: what it runs, in what order, and what it tells.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};

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

#[test]
fn the_report_is_in_the_order_of_the_files_however_many_run_at_a_time() {
    let bad = format!("{GOOD}code = \"Nothing.Such\"\n");
    // The first files take longest.
    let long = format!("{bad}{}", "[[step]]\ncall = \"Action=DescribeRegions\"\n".repeat(9));
    let long = long.replace("code = \"Nothing.Such\"\n", "") + "code = \"Nothing.Such\"\n";
    let files: Vec<(String, &str)> =
        (0..12).map(|at| (format!("{at:02}.toml"), if at < 3 { &*long } else { &*bad })).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, *text)).collect();
    let folder = folder("order", &files);
    let run = |jobs: &str| text(&check(&["--jobs", jobs, folder.to_str().unwrap()]).stdout);
    let alone = run("1");
    let named: Vec<&str> = alone.lines().filter_map(|line| line.strip_prefix("FAILED ")).collect();
    assert_eq!(named.len(), 24, "{alone}");
    assert!(named.is_sorted_by_key(|line| line.split(' ').next()), "{named:#?}");
    for jobs in ["2", "5", "64"] {
        assert_eq!(run(jobs), alone, "{jobs}");
    }
    assert_eq!(check(&["--jobs", "0", folder.to_str().unwrap()]).status.code(), Some(2));
}

#[test]
fn nobody_at_a_terminal_sees_only_the_outcome() {
    let folder = folder("silent", &[("good.toml", GOOD)]);
    let output = check(&[folder.to_str().unwrap()]);
    assert_eq!(text(&output.stdout), "1 scenarios, 2 runs: 2 passed, 0 failed\n");
    assert_eq!(text(&output.stderr), "");
}

/// A call that succeeds, one that is refused, a control call, one that goes otherwise.
const STORY: &str = r#"about = "a story"

[given.instance.i-a]

[[step]]
about = "it runs"
call = "Action=DescribeInstanceStatus&RegionId=cn-hangzhou"
keep = { instance = "InstanceStatuses.InstanceStatus.0.InstanceId" }
expect = { "InstanceStatuses.InstanceStatus.0.Status" = "Running" }

[[step]]
call = "Action=ModifyInstanceSpec&InstanceId={instance}&InstanceType=ecs.g6.xlarge"
raises = "NOT_STOPPED"

[[step]]
after = "5m"
control = "POST /_local/account"
body = { top_up_cents = 5 }
expect = { balance_cents = 1 }

[[step]]
call = "Action=DescribeRegions"
"#;

#[test]
fn each_step_is_written_with_request_answer_and_rule() {
    let folder = folder("json", &[("story.toml", STORY)]);
    let json = folder.join("out.json");
    let path = folder.join("story.toml");
    let arguments = ["--as-of", "2026-06-26", "--json", json.to_str().unwrap()];
    let output = check(&[&arguments[..], &[path.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    let told: Value = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(
        (&told["format"], &told["failed"], &told["passed"]),
        (&1.into(), &2.into(), &0.into())
    );
    let run = |answers: &str| {
        let mut runs = told["runs"].as_array().unwrap().iter();
        runs.find(|run| run["answers"] == answers).unwrap()
    };
    assert_eq!(run("JSON")["page"], "2026-06-26");
    let steps = run("JSON")["steps"].as_array().unwrap();
    // The last step is not taken: the one before it went otherwise.
    assert_eq!(steps.len(), 3);
    for (at, pointer, value) in [
        (0, "/about", json!("it runs")),
        (0, "/passed", json!(true)),
        (0, "/request/kind", json!("call")),
        (0, "/request/method", json!("GET")),
        (0, "/answer/status", json!(200)),
        (0, "/answer/rule", json!("")),
        (0, "/answer/body/InstanceStatuses/InstanceStatus/0/InstanceId", json!("i-a")),
        (0, "/answer/headers/content-type", json!("application/json;charset=utf-8")),
        (
            1,
            "/request/query",
            json!(
                "Action=ModifyInstanceSpec&InstanceId=i-a&InstanceType=ecs.g6.xlarge&Format=JSON"
            ),
        ),
        (1, "/answer/status", json!(400)),
        (1, "/answer/body/Code", json!("InvalidInstanceStatus.NotStopped")),
        (1, "/answer/rule", json!("NOT_STOPPED")),
        (2, "/after", json!("5m")),
        (2, "/request/kind", json!("control")),
        (2, "/request/path", json!("/_local/account")),
        (2, "/request/body/top_up_cents", json!(5)),
        (2, "/passed", json!(false)),
        (2, "/differences/0/field", json!("balance_cents")),
        (2, "/differences/0/expected", json!(1)),
    ] {
        assert_eq!(steps[at].pointer(pointer), Some(&value), "{at}{pointer}: {:#}", steps[at]);
    }
    let got = &steps[2]["differences"][0]["got"];
    assert_eq!(*got, steps[2]["answer"]["body"]["balance_cents"]);
    let xml = &run("XML")["steps"][1]["answer"]["body"];
    assert!(
        xml.as_str().unwrap().contains("<Code>InvalidInstanceStatus.NotStopped</Code>"),
        "{xml}"
    );
}
