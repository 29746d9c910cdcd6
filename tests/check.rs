//! `ecs-local check`: what it runs, in what order, and what it tells.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod endpoint;
mod served;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

use ecs_local::server::{Identity, Service};
use endpoint::{Endpoint, KEY, SECRET};
use serde_json::{Value, json};
use served::{Served, starting_emulator};

fn check(arguments: &[&str]) -> Output {
    check_as(None, arguments)
}

/// With the access key of a user in the environment.
fn check_as(user: Option<(&str, &str)>, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-local"));
    command.arg("check").args(arguments);
    for name in ["ID", "SECRET"] {
        command.env_remove(format!("ALIBABA_CLOUD_ACCESS_KEY_{name}"));
    }
    command.env_remove("ALIBABA_CLOUD_SECURITY_TOKEN");
    if let Some((id, secret)) = user {
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", id);
        command.env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret);
    }
    command.output().unwrap()
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

/// Everything only an emulator can do.
const WHOLE: &str = r#"about = "time passes, the world changes, a fault strikes, a key signs"
clock = "2024-02-29T12:00:00Z"

[given.instance.i-a]
status = "Stopped"

[[given.access_key]]
id = "LTAI-listed"
secret = "hush"

[[fault]]
action = "StopInstance"
row = "INTERNAL"
times = 2

[[step]]
call = "Action=StartInstance&InstanceId=i-a"

[[step]]
after = "5s"
call = "Action=DescribeInstanceStatus&RegionId=cn-hangzhou"
key = "LTAI-listed"
signature = "v3"
expect = { "InstanceStatuses.InstanceStatus.0.Status" = "Running" }

[[step]]
world.instance.i-a.deletion_protection = true
call = "Action=DeleteInstance&InstanceId=i-a&Force=true"
code = "InvalidOperation.DeletionProtection"
status = 403

[[step]]
call = "Action=StopInstance&InstanceId=i-a"
raises = "INTERNAL"

[[step]]
control = "GET /_local/clock"
expect = { now = "2024-02-29T12:00:05Z" }
"#;

#[test]
fn another_emulator_plays_the_same_in_a_world_of_its_own() {
    let token = Some("hush".to_owned());
    let service = Service { control_token: token, ..Service::default() };
    let served = Served::start_as(starting_emulator(0), service);
    let differing = WHOLE.replace("12:00:05Z", "12:00:06Z").replace("403", "404");
    let strict = format!("{GOOD}[gateway]\nsignatures = \"strict\"\n");
    let files = [("whole.toml", WHOLE), ("other.toml", &differing), ("strict.toml", &strict)];
    let folder = folder("against", &files);
    let url = served.url("/");
    let run = |name: &str, token: &str| {
        let path = folder.join(name);
        check(&["--against", &url, "--control-token", token, path.to_str().unwrap()])
    };
    let good = run("whole.toml", "hush");
    let said = text(&good.stdout);
    assert!(
        said.starts_with(&format!("against http://{}, an ecs-local ", served.address)),
        "{said}"
    );
    // It was armed for two, and met one.
    assert!(said.ends_with("1 scenarios, 2 runs: 2 passed, 0 failed\n"), "{said}");
    let bad = text(&run("other.toml", "hush").stdout);
    for part in ["step 3", "    status: expected 404\n", "got      403\n", "2 failed"] {
        assert!(bad.contains(part), "{part}: {bad}");
    }
    let skipped = text(&run("strict.toml", "hush").stdout);
    assert!(skipped.contains("its gateway is set otherwise"), "{skipped}");
    assert!(skipped.contains("0 runs: 0 passed, 0 failed; 1 scenarios skipped"), "{skipped}");
    let unknown = text(&run("whole.toml", "wrong").stdout);
    assert!(unknown.contains("401") && unknown.contains("2 failed"), "{unknown}");
    // Nothing is left of any run.
    assert!(served.emulator.metrics().contains("\necs_local_worlds 0\n"));
}

const DRY: &str = r#"about = "what a dry run says"
dry_run = true

[[step]]
call = "Action=DescribeInstanceStatus&RegionId=cn-hangzhou&InstanceId.1=i-real"
expect = { TotalCount = 1, "InstanceStatuses.InstanceStatus.0.Status" = "Running" }

[[step]]
call = "Action=StartInstance&InstanceId=i-real&DryRun=true"
raises = "DRY_RUN"
"#;

#[test]
fn a_real_endpoint_is_asked_only_what_changes_nothing() {
    let endpoint = Endpoint::start("i-real");
    let url = endpoint.url();
    let real = DRY.replace("Running", "Stopped");
    let change = real.replace("dry_run = true", "").replace("&DryRun=true", "");
    let change = change.replace("raises = \"DRY_RUN\"", "");
    let clock = real.replace("\n[[step]]", "\n[[step]]\nafter = \"1s\"");
    let files = [
        ("real.toml", &*real),
        ("differs.toml", DRY),
        ("change.toml", &change),
        ("clock.toml", &clock),
    ];
    let folder = folder("real", &files);
    let user = Some((KEY, SECRET));
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let json = path("out.json");

    let nobody = check(&["--against", &url, &path("real.toml")]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(text(&nobody.stderr).contains("ALIBABA_CLOUD_ACCESS_KEY_ID"), "{nobody:?}");
    assert!(endpoint.seen().is_empty());

    let good = check_as(user, &["--against", &url, "--json", &json, &path("real.toml")]);
    let said = text(&good.stdout);
    assert!(said.contains("a real endpoint") && said.contains("1 runs: 1 passed"), "{said}");
    assert_eq!(endpoint.seen().len(), 2);
    let written = fs::read_to_string(&json).unwrap();
    assert!(written.contains("DryRunOperation") && !written.contains(KEY), "{written}");

    let differs = text(&check_as(user, &["--against", &url, &path("differs.toml")]).stdout);
    for part in ["InstanceStatuses.InstanceStatus.0.Status: expected Running", "got      Stopped"] {
        assert!(differs.contains(part), "{part}: {differs}");
    }
    let wrong = check_as(Some((KEY, "wrong")), &["--against", &url, &path("real.toml")]);
    assert!(text(&wrong.stdout).contains("IncompleteSignature"), "{wrong:?}");

    let before = endpoint.seen().len();
    for (name, reason) in [("change.toml", "--allow-changes"), ("clock.toml", "moves the clock")] {
        let skipped = text(&check_as(user, &["--against", &url, &path(name)]).stdout);
        assert!(skipped.contains(reason) && skipped.contains("1 scenarios skipped"), "{skipped}");
    }
    assert_eq!(endpoint.seen().len(), before, "{:#?}", endpoint.seen());
    let arguments = ["--against", &url, "--allow-changes", &path("change.toml")];
    let changed = check_as(user, &arguments);
    assert_eq!(changed.status.code(), Some(0), "{}", text(&changed.stdout));
    // It has started: what was to find it stopped does not.
    let after = check_as(user, &["--against", &url, &path("real.toml")]);
    assert_eq!(after.status.code(), Some(1), "{}", text(&after.stdout));
}

#[test]
fn what_is_not_there_or_not_trusted_is_told() {
    let folder = folder("nowhere", &[("good.toml", GOOD)]);
    let path = folder.to_str().unwrap();
    let identity = Identity::self_signed(["127.0.0.1".to_owned()]).unwrap();
    let service = Service { identity: Some(identity.into()), ..Service::default() };
    let served = Served::start_as(starting_emulator(0), service);
    let secure = format!("https://{}", served.address);
    let failing = failing_emulator();
    for (url, why) in [
        // Port 9 (discard) of the loopback has no listener.
        ("http://127.0.0.1:9", "127.0.0.1:9"),
        (&*secure, "certificate"),
        ("no url", "no url"),
        // It is no real endpoint, whatever it cannot do.
        (&failing, "an ecs-local that is failing"),
    ] {
        let output = check(&["--against", url, path]);
        assert_eq!(output.status.code(), Some(2), "{url}");
        let said = text(&output.stderr);
        assert!(said.contains(why) && said.lines().count() == 1, "{url}: {said}");
    }
    let alone = check(&["--allow-changes", path]);
    assert_eq!(alone.status.code(), Some(2));
}

/// A slip in a path would be answered as an API call, whatever its path is.
#[test]
fn a_control_call_goes_to_the_control_interface() {
    let of = |control: &str| format!("about = \"a\"\n[[step]]\ncontrol = \"{control}\"\n");
    for control in ["nt", "GET /l_ocal/account", "GET /_localhost", "POST _local/clock"] {
        let folder = folder("misdirected", &[("a.toml", &of(control))]);
        let output = check(&[folder.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{control}");
        let said = text(&output.stderr);
        assert!(said.contains("step 1") && said.contains(control), "{said}");
    }
    for control in ["GET /_local/account", "/_local/clock", "GET /_local/calls?after=1"] {
        let folder = folder("directed", &[("a.toml", &of(control))]);
        let output = check(&[folder.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{control}: {}", text(&output.stderr));
    }
}

/// An ecs-local that cannot keep its worlds; it answers once.
fn failing_emulator() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 1024];
        assert!(stream.read(&mut head).unwrap() > 0);
        let body = r#"{"status":"failing","version":"1.0.0"}"#;
        let length = body.len();
        let answer = format!("HTTP/1.1 503 Answer\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).unwrap();
    });
    url
}
