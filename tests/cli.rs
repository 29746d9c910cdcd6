//! The command line: exit codes, one clear line for a wrong start, and the lists.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod process;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use process::Server;

fn ecs_local(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ecs-local")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A scenario file of its own for each test.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_wrong_start_is_one_line_and_exit_code_2() {
    let missing = ecs_local(&["serve", "--scenario", "no-such-file.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(text(&missing.stderr).lines().count(), 1, "{}", text(&missing.stderr));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let in_use = ecs_local(&["serve", "--log", "error", "--listen", &address]);
    assert_eq!(in_use.status.code(), Some(2));
    assert!(text(&in_use.stderr).contains(&address), "{}", text(&in_use.stderr));
    let no_world = file("no-world.json", "{\"instance\":\n{\"i-a\": {\"statsu\": \"Stopped\"}}}");
    let misfit = ecs_local(&["serve", "--world", no_world.to_str().unwrap()]);
    let error = text(&misfit.stderr);
    assert!(
        ["no-world.json", "statsu", "line 2"].iter().all(|part| error.contains(part)),
        "{error}"
    );
    assert_eq!((misfit.status.code(), error.lines().count()), (Some(2), 1));
    for wrong in [
        ["--cooldown", "never"],
        ["--as-of", "yesterday"],
        ["--listen", "nowhere"],
        ["--log", "=,="],
        ["--clock", "sun"],
        ["--signatures", "maybe"],
        ["--gateway-errors", "both"],
        ["--flow-control", "many"],
        ["--tls-cert", "without-its-key.pem"],
    ] {
        let output = ecs_local(&["serve", wrong[0], wrong[1]]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(text(&output.stderr).contains(wrong[0]), "{}", text(&output.stderr));
    }
}

#[test]
fn a_server_starts_with_the_world_of_a_file() {
    let world = file("world.json", r#"{"instance": {"i-mine": {"name": "mine"}}}"#);
    let mut server = Server::with(&["--world", world.to_str().unwrap()]);
    let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
    let call = "/?Action=DescribeInstances&RegionId=cn-hangzhou&Format=JSON";
    write!(stream, "GET {call} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    for part in
        ["200 OK", r#""InstanceId":"i-mine""#, r#""InstanceName":"mine""#, r#""TotalCount":1"#]
    {
        assert!(answer.contains(part), "{part}: {answer}");
    }
    server.kill();
    assert!(server.log().contains("world.json"), "{}", server.log());
}

#[test]
fn a_malformed_scenario_is_told_with_file_line_and_key() {
    let path =
        file("malformed.toml", "about = \"a\"\n[given.instance.i-a]\nstatsu = \"Stopped\"\n");
    let output = ecs_local(&["check", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(
        ["malformed.toml", "line 3", "statsu"].iter().all(|part| error.contains(part)),
        "{error}"
    );
}

#[test]
fn a_failed_scenario_shows_call_expectation_and_rule() {
    let path = file(
        "failing.toml",
        "about = \"a\"\n[given.instance.i-a]\n[[step]]\ncall = \"Action=StartInstance&InstanceId=i-a\"\n",
    );
    let output = ecs_local(&["check", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    for part in [
        "Action=StartInstance&InstanceId=i-a",
        "expected success",
        "IncorrectInstanceStatus",
        "decided  STATUS",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn rows_are_listed_as_json_with_their_reach() {
    let output = ecs_local(&["rows", "--format", "json"]);
    assert!(output.status.success());
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), 213);
    for row in rows {
        for key in ["operation", "page", "code", "message", "name"] {
            assert!(row[key].is_string(), "{key}: {row}");
        }
        assert!(row["status"].is_u64(), "{row}");
        let reach = row["reach"].as_str().unwrap();
        assert!(["raised", "guessed", "injected", "pending"].contains(&reach), "{row}");
        assert_eq!(row["scenario"].is_string(), reach != "pending", "{row}");
    }
}

#[test]
fn health_of_nobody_is_exit_code_1() {
    // Port 9 (discard) of the loopback has no listener.
    assert_eq!(ecs_local(&["health", "--listen", "127.0.0.1:9"]).status.code(), Some(1));
}

#[test]
fn a_row_is_explained_with_cause_fix_and_scenario() {
    let shown = text(&ecs_local(&["rows", "--explain", "NOT_STOPPED"]).stdout);
    for part in [
        "ModifyInstanceSpec NOT_STOPPED: 400 InvalidInstanceStatus.NotStopped",
        "printed on: 2018-11-15, 2026-06-26",
        "what to do: StopInstance first",
        "raises = \"NOT_STOPPED\"",
        "ModifyPrepayInstanceSpec NOT_STOPPED: 400 InvalidStatus.NotStopped",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(ecs_local(&["rows", "--explain", "NO_SUCH_ROW"]).status.code(), Some(2));
}

#[test]
fn the_settings_of_clients_are_those_of_the_document() {
    // Written by: ecs-local env --markdown, between the marks.
    let all = text(&ecs_local(&["env", "--markdown", "--listen", "127.0.0.1:4526"]).stdout);
    let document = fs::read_to_string("docs/clients.md").unwrap();
    let (_, rest) = document.split_once("<!-- settings: ecs-local env --markdown -->\n\n").unwrap();
    let (written, _) = rest.split_once("\n<!-- end of the settings -->").unwrap();
    assert!(written == all, "the settings in docs/clients.md are not up to date");
    // Every client of the matrix has settings.
    for folder in fs::read_dir("tests/clients").unwrap() {
        let path = folder.unwrap().path();
        if path.join("run").exists() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let one = ecs_local(&["env", name, "--listen", "127.0.0.1:7"]);
            assert!(one.status.success() && text(&one.stdout).contains("127.0.0.1"), "{name}");
        }
    }
    let unknown = ecs_local(&["env", "cobol"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("python-classic"), "{}", text(&unknown.stderr));
}

#[test]
fn what_came_of_scenarios_is_written_for_ci() {
    let good = "about = \"a\"\n[[step]]\ncall = \"Action=DescribeRegions\"\n";
    let bad = format!("{good}code = \"Not<This>\"\n");
    let (good, bad) = (file("junit-good.toml", good), file("junit-bad.toml", &bad));
    let idle = "about = \"a\"\n[[fault]]\naction = \"StopInstance\"\ndrop = true\n\
                [[step]]\ncall = \"Action=DescribeRegions\"\n";
    let idle = file("junit-idle.toml", idle);
    let xml = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("junit.xml");
    let paths = [&good, &bad, &idle].map(|path| path.to_str().unwrap());
    let output = ecs_local(&[&["check", "--junit", xml.to_str().unwrap()], &paths[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("3 scenarios, 6 runs: 4 passed, 2 failed"), "{said}");
    assert!(
        said.contains("never struck: fault 1 of") && said.contains("junit-idle.toml"),
        "{said}"
    );
    let written = fs::read_to_string(&xml).unwrap();
    assert!(written.contains(r#"<testsuites tests="6" failures="2">"#), "{written}");
    assert_eq!(written.matches("<testsuite ").count(), 3, "{written}");
    assert_eq!(written.matches("<failure ").count(), 2, "{written}");
    assert!(written.contains("Not&lt;This&gt;"), "{written}");
    let filtered = ecs_local(&[&["check", "--filter", "good"], &paths[..]].concat());
    assert!(text(&filtered.stdout).contains("1 scenarios, 2 runs: 2 passed"));
    let nowhere = ecs_local(&["check", "--junit", "/no/such/folder/a.xml", paths[0]]);
    assert_eq!(nowhere.status.code(), Some(2));
}

#[test]
fn a_schema_is_printed_and_a_reader_may_leave_early() {
    let fault: serde_json::Value =
        serde_json::from_slice(&ecs_local(&["schema", "fault"]).stdout).unwrap();
    assert_eq!(fault["title"], "A fault of ecs-local");
    assert_eq!(ecs_local(&["schema", "dragon"]).status.code(), Some(2));
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-local"));
    let mut rows =
        command.args(["rows", "--format", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(rows.stdout.take());
    assert_eq!(rows.wait().unwrap().code(), Some(0));
}
