//! `ecs-local record`: what passes arrives as it was signed, and what is written loads and names nobody.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod endpoint;
mod served;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ecs_local::clock::Clock;
use ecs_local::scenario::{Load, Recorder, find};
use ecs_local::wire::Incoming;
use ecs_local::wire::signature::{v1, v3};
use endpoint::{Endpoint, KEY, SECRET};
use serde_json::Value;
use served::{Served, starting_emulator};

/// A running recorder; dropping it stops it.
struct Recording {
    child: Child,
    address: String,
    folder: PathBuf,
}

impl Recording {
    fn of(upstream: &str, name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        let mut child = Command::new(env!("CARGO_BIN_EXE_ecs-local"))
            .args(["record", "--listen", "127.0.0.1:0", "--upstream", upstream, "--out"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("http://").unwrap().split(' ').next().unwrap().to_owned();
        Self { child, address, folder }
    }

    /// Sends a request; its status and its JSON body.
    fn send(&self, incoming: &Incoming) -> (u16, Value) {
        let url = format!("http://{}/?{}", self.address, incoming.query);
        let request = ureq::http::Request::builder().method(incoming.method.as_str()).uri(url);
        let headers = incoming.headers.iter();
        let request = headers.fold(request, |request, (name, value)| request.header(name, value));
        let mut answer = served::agent().run(request.body(()).unwrap()).unwrap();
        let body = answer.body_mut().read_to_vec().unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&body).unwrap())
    }

    /// The text of its only file, which is a scenario.
    fn written(&self) -> (PathBuf, String) {
        let files = find(&self.folder).unwrap();
        assert_eq!(files.len(), 1, "{files:?}");
        Load::file(&files[0]).unwrap_or_else(|error| panic!("{error}"));
        (files[0].clone(), fs::read_to_string(&files[0]).unwrap())
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Signed by version 1; the nonce and the signature are told, too.
fn signed(query: &str, secret: &str, nonce: &str) -> (Incoming, String) {
    let version = if query.contains("Action=AssumeRole") { "2015-04-01" } else { "2014-05-26" };
    let now = Clock::SYSTEM.now().to_seconds();
    let query = format!("{query}&Format=JSON");
    let mut pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    for (name, value) in [
        ("AccessKeyId", KEY),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", nonce),
        ("Timestamp", &now),
        ("Version", version),
    ] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let all = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let signature = v1::sign(&v1::string_to_sign("GET", all), secret);
    pairs.push(("Signature".to_owned(), signature.clone()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    (Incoming::get(&query), signature)
}

/// Signed by version 3, the host included.
fn signed_with_host(query: &str, host: &str) -> Incoming {
    let mut incoming = Incoming::get(query);
    let now = Clock::SYSTEM.now().to_seconds();
    let headers = [
        ("host", host),
        ("x-acs-action", "DescribeInstanceStatus"),
        ("x-acs-date", &now),
        ("x-acs-signature-nonce", "nonce-of-version-3"),
        ("x-acs-version", "2014-05-26"),
    ];
    incoming.headers = headers.into_iter().collect();
    let names = headers.map(|(name, _)| name).join(";");
    let authorization = v3::authorization(&incoming, v3::Hash::Sha256, KEY, SECRET, &names);
    incoming.headers.push("authorization", &authorization);
    incoming
}

const RUN: &str = "Action=RunInstances&RegionId=cn-hangzhou&InstanceType=ecs.g6.large\
    &ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&SecurityGroupId=sg-hangzhou\
    &VSwitchId=vsw-hangzhou-h&Password=Mine-0nly!&ClientToken=token-of-mine";

#[test]
fn what_passes_is_answered_and_nothing_of_anybody_is_written() {
    let endpoint = Endpoint::start("i-bp1real0123456789");
    let recording = Recording::of(&endpoint.url(), "record");
    let mut secrets: Vec<String> = [
        KEY,
        SECRET,
        "Mine-0nly!",
        "Mine-0nly",
        "token-of-mine",
        "bp1real0123456789",
        "nonce-of-",
        "of-version",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut call = |query: &str, secret: &str, expected: u16| {
        let (incoming, signature) = signed(query, secret, &format!("nonce-of-{}", query.len()));
        secrets.push(signature);
        let (status, body) = recording.send(&incoming);
        assert_eq!(status, expected, "{query}: {body}");
        body
    };
    let made = call(RUN, SECRET, 200);
    let id = made["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap().to_owned();
    let refused = call(
        &format!("Action=ModifyInstanceSpec&InstanceId={id}&InstanceType=ecs.g6.xlarge"),
        SECRET,
        400,
    );
    call("Action=StartInstance&InstanceId=i-bp1real0123456789", SECRET, 200);
    // The answer repeats what was signed, with the key in it.
    let wrong = call("Action=StopInstance&InstanceId=i-bp1real0123456789", "wrong", 400);
    assert!(wrong["Message"].as_str().unwrap().contains(KEY), "{wrong}");
    let role = "acs:ram::1000000000000001:role/reader";
    let assumed =
        call(&format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=me"), SECRET, 200);
    let listed = signed_with_host("RegionId=cn-hangzhou", &recording.address);
    let (status, body) = recording.send(&listed);
    assert_eq!(status, 200, "{body}");
    // The recorder's own host is signed, so it arrives; where none is signed, the upstream's does.
    let seen = endpoint.seen();
    assert!(seen[5].to_lowercase().contains(&format!("host: {}\r\n", recording.address)));
    assert!(seen[0].to_lowercase().contains(&format!("host: {}\r\n", endpoint.address)));

    for field in ["AccessKeyId", "AccessKeySecret", "SecurityToken"] {
        secrets.push(assumed["Credentials"][field].as_str().unwrap().to_owned());
    }
    secrets.extend([id, "1000000000000001".to_owned()]);
    for answer in [&made, &refused, &wrong, &assumed, &body] {
        secrets.push(answer["RequestId"].as_str().unwrap().to_owned());
    }
    let header = listed.header("authorization").unwrap();
    secrets.push(header.rsplit('=').next().unwrap().to_owned());
    let (path, written) = recording.written();
    for secret in secrets {
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for secret in [secret, encoded] {
            assert!(!written.contains(&secret), "{secret}: {written}");
            assert!(!path.to_str().unwrap().contains(&secret), "{secret}: {}", path.display());
        }
    }
    let refusal = format!("code = \"{}\"", refused["Code"].as_str().unwrap());
    for part in [
        "i_1 = \"InstanceIdSets.InstanceIdSet.0\"",
        "InstanceId={i_1}",
        "InstanceId=i-1",
        "ClientToken=token-1",
        "[given.instance.i-1]",
        &refusal,
        "Action=DescribeInstanceStatus",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    assert_eq!(Load::file(&path).unwrap().scenario.step.len(), 6);
}

#[test]
fn what_was_recorded_of_an_emulator_passes_as_it_stands() {
    let served = Served::start(starting_emulator(1));
    let recording = Recording::of(&served.url("/"), "record-emulator");
    let get = |query: &str| {
        recording.send(&Incoming::get(&format!("{query}&AccessKeyId=LTAI-somebody&Format=JSON"))).1
    };
    let made = get(RUN);
    let id = made["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap();
    let again = get(&format!("Action=StartInstance&InstanceId={id}"));
    assert_eq!(again["Code"], "IncorrectInstanceStatus", "{again}");
    get("Action=StopInstance&InstanceId=i-web");
    get("Action=DescribeInstanceStatus&RegionId=cn-hangzhou&InstanceId.1=i-web");
    get("Action=StopInstance&InstanceId=i-none");
    // What is no call of the API passes, and is not written.
    let health = served::agent().get(format!("http://{}/_local/health", recording.address)).call();
    assert_eq!(health.unwrap().status().as_u16(), 200);
    let (path, written) = recording.written();
    assert_eq!(Load::file(&path).unwrap().scenario.step.len(), 5, "{written}");
    assert!(written.contains("Stopping") && written.contains("NotFound"), "{written}");
    let check = Command::new(env!("CARGO_BIN_EXE_ecs-local")).arg("check").arg(&path).output();
    let check = check.unwrap();
    assert_eq!(
        check.status.code(),
        Some(0),
        "{}\n{written}",
        String::from_utf8_lossy(&check.stdout)
    );
    // A later session writes beside it.
    let folder = path.parent().unwrap().to_str().unwrap().to_owned();
    let later = Recorder::into(Path::new(&folder)).unwrap();
    later.note(&Incoming::get("Action=DescribeRegions"), 200, b"{}").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    assert!(Load::file(&Path::new(&folder).join("recorded-2.toml")).is_ok());
}

#[test]
fn an_upstream_that_is_not_there_is_told_and_not_written() {
    // Port 9 (discard) of the loopback has no listener.
    let recording = Recording::of("http://127.0.0.1:9", "record-nowhere");
    let (status, told) = recording.send(&Incoming::get("Action=DescribeRegions"));
    assert_eq!((status, told["Code"].as_str()), (502, Some("EcsLocal.Upstream")), "{told}");
    assert!(find(&recording.folder).is_err());
}
