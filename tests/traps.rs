//! The traps of the wire: what clients are known to send and to trip over, each with its test. The
//! numbers are those of docs/clients.md, "Traps".

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use ecs_local::emulator::Emulator;
use ecs_local::gateway::{self, Errors, Signatures};
use ecs_local::operations::ALL;
use ecs_local::scenario::{self, Connection, Load, Run};
use ecs_local::wire::signature::{v1, v3};
use ecs_local::wire::{Format, Incoming, Outgoing};
use serde_json::{Value, json};
use served::{RawAnswer, Served, starting_emulator};

const JSON: &str = "application/json;charset=utf-8";
const XML: &str = "text/xml;charset=utf-8";
const SECRET: &str = "hush";

fn serve() -> Served {
    Served::start(starting_emulator(0))
}

/// An emulator that refuses wrong signatures, with one key.
fn strict(errors: Errors) -> Served {
    let mut start = starting_emulator(0).start().clone();
    start.gateway =
        gateway::Options { signatures: Signatures::Strict, errors, ..gateway::Options::default() };
    let keys = json!([{"id": "LTAI", "secret": SECRET, "bearer_token": "bearer"}]);
    start.world.access_key = serde_json::from_value(keys).unwrap();
    Served::start(Emulator::new(start))
}

fn get(served: &Served, target: &str) -> RawAnswer {
    served.raw(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes())
}

fn post(served: &Served, target: &str, headers: &str, body: &str) -> RawAnswer {
    served.raw(format!("POST {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n{body}").as_bytes())
}

/// A form post of a client that says what it sends.
fn form(served: &Served, target: &str, body: &str) -> RawAnswer {
    let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
    post(served, target, &format!("{kind}Content-Length: {}\r\n", body.len()), body)
}

fn accepted(answer: &RawAnswer) -> &RawAnswer {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    answer
}

/// Version 1 parameters with a signature over `signed`, as a query where `wire` has the same in
/// another encoding.
fn signed_query(method: &str, signed: &[(&str, &str)], wire: &str) -> String {
    let system = [
        ("AccessKeyId", "LTAI"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "n"),
        ("SignatureType", ""),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "2026-01-01T00:00:00Z"),
        ("Version", "2014-05-26"),
    ];
    let all = signed.iter().copied().chain(system);
    let signature = v1::sign(&v1::string_to_sign(method, all), SECRET);
    let signature = form_urlencoded::byte_serialize(signature.as_bytes()).collect::<String>();
    let system = "AccessKeyId=LTAI&SignatureMethod=HMAC-SHA1&SignatureNonce=n&SignatureType\
                  &SignatureVersion=1.0&Timestamp=2026-01-01T00:00:00Z&Version=2014-05-26";
    format!("{wire}&{system}&Signature={signature}")
}

#[test]
fn trap_01_odd_formats_empty_values_bare_keys_and_unknown_parameters() {
    let served = serve();
    for (format, kind) in
        [("json", JSON), ("JSON", JSON), ("None", JSON), ("xml", XML), ("XML", XML), ("", XML)]
    {
        let answer = get(&served, &format!("/?Action=DescribeRegions&Format={format}&on=x"));
        assert_eq!(accepted(&answer).header("content-type"), Some(kind), "{format}");
    }
    // An empty SignatureType is signed, here on the wire without its equals sign; a bearer call
    // names what it does not use.
    let strict = strict(Errors::Ecs);
    let query = signed_query("GET", &[("Action", "DescribeRegions")], "Action=DescribeRegions");
    accepted(&get(&strict, &format!("/?{query}")));
    let bearer = "/?Action=DescribeRegions&SignatureType=BEARERTOKEN&SignatureVersion&SignatureMethod\
                  &BearerToken=bearer&Version=2014-05-26";
    accepted(&get(&strict, bearer));
}

#[test]
fn trap_02_booleans_in_any_case() {
    for word in ["True", "true", "FALSE", "False"] {
        let call = format!("/?Action=StopInstance&InstanceId=i-web&ForceStop={word}&Format=JSON");
        accepted(&get(&serve(), &call));
    }
}

#[test]
fn trap_03_what_is_signed_is_not_what_is_sent() {
    // A space as + or %20; *, ~ and !'() raw or encoded: all of it is decoded and encoded anew.
    let name = "a b*~!'()";
    for sent in ["a+b*~!'()", "a%20b%2A%7E%21%27%28%29", "a%20b*%7e!%27()"] {
        let signed = [("Action", "DescribeRegions"), ("InstanceName", name)];
        let wire = format!("Action=DescribeRegions&InstanceName={sent}");
        let query = signed_query("GET", &signed, &wire);
        accepted(&get(&strict(Errors::Ecs), &format!("/?{query}")));
    }
}

#[test]
fn trap_04_a_post_without_a_body_in_every_form() {
    let served = serve();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    for headers in [
        String::new(),
        "Content-Length: 0\r\n".to_owned(),
        form.to_owned(),
        format!("{form}Content-Length: 0\r\n"),
    ] {
        accepted(&post(&served, "/?Action=DescribeRegions&Format=JSON", &headers, ""));
    }
}

#[test]
fn trap_05_parameters_anywhere() {
    let split = form(&serve(), "/?Action=StopInstance&Format=JSON", "InstanceId=i-web");
    accepted(&split);
    accepted(&form(&serve(), "/", "Action=StopInstance&Format=JSON&InstanceId=i-web"));
    let json = r#"{"InstanceId":"i-web"}"#;
    let headers = format!(
        "Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n",
        json.len()
    );
    accepted(&post(&serve(), "/?Action=StopInstance&Format=JSON", &headers, json));
}

#[test]
fn trap_06_the_action_in_the_header_the_form_the_query_or_in_two_of_them() {
    let served = serve();
    let header = "x-acs-action: DescribeRegions\r\nx-acs-version: 2014-05-26\r\n";
    accepted(&post(&served, "/", header, ""));
    accepted(&post(&served, "/?Action=DescribeRegions&Version=2014-05-26", header, ""));
    accepted(&form(&served, "/", "Action=DescribeRegions"));
    accepted(&get(&served, "/?Action=DescribeRegions"));
}

#[test]
fn trap_07_version_3_in_every_clients_form() {
    // The Java form: no host among the signed headers, parts in another order, the hash of the body
    // in a header of its own. The others are in tests/captures.rs.
    let mut incoming = Incoming::get("Action=DescribeRegions&Version=2014-05-26&Format=JSON");
    incoming.method = "POST".into();
    incoming.headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-acs-action", "DescribeRegions"),
        ("x-acs-content-sm3", "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"),
        ("x-acs-date", "2026-01-01T00:00:00Z"),
        ("x-acs-signature-nonce", "n"),
        ("x-acs-version", "2014-05-26"),
    ]
    .into_iter()
    .collect();
    let signed = incoming.headers.iter().map(|(name, _)| name).collect::<Vec<_>>().join(";");
    let header = v3::authorization(&incoming, v3::Hash::Sm3, "LTAI", SECRET, &signed);
    let (algorithm, parts) = header.split_once(' ').unwrap();
    let parts: Vec<&str> = parts.split(',').collect();
    let turned = format!("{algorithm} {},{},{}", parts[0], parts[2], parts[1]);
    incoming.headers.push("authorization", &turned);
    let headers = incoming.headers.iter();
    let lines =
        headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    accepted(&post(&strict(Errors::Ecs), &format!("/?{}", incoming.query), &lines, ""));
    // Host values that are none, as some clients send them.
    for host in ["http://127.0.0.1:4526", "127.0.0.1:4526/ecs", "ecs.cn-hangzhou.aliyuncs.com", ""]
    {
        let call = format!("GET /?Action=DescribeRegions HTTP/1.1\r\nHost: {host}\r\n\r\n");
        accepted(&serve().raw(call.as_bytes()));
    }
}

#[test]
fn trap_08_proxies_and_path_prefixes() {
    let served = serve();
    for target in [
        "http://ecs.cn-hangzhou.aliyuncs.com/?Action=DescribeRegions",
        "http://ecs.aliyuncs.com?Action=DescribeRegions",
        "/ecs/?Action=DescribeRegions",
        "/a/deep/prefix?Action=DescribeRegions",
    ] {
        accepted(&get(&served, target));
    }
    let query = signed_query("GET", &[("Action", "DescribeRegions")], "Action=DescribeRegions");
    accepted(&get(&strict(Errors::Ecs), &format!("/ecs/?{query}")));
}

#[test]
fn trap_09_tls_on_the_plain_port_gets_an_answer() {
    // The log, with the fix, is the main thing; tests/connections.rs has the rest.
    assert_eq!(serve().raw(b"\x16\x03\x01").status, 400);
}

/// Looks at every answer on its way.
struct Watched {
    emulator: Arc<Emulator>,
    answers: Rc<RefCell<Vec<(Incoming, Outgoing)>>>,
}

impl Connection for Watched {
    fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        let answer = self.emulator.send(incoming);
        self.answers.borrow_mut().push((incoming.clone(), answer.clone()));
        answer
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        self.emulator.control(method, path, body)
    }
}

/// Every answer of every scenario.
fn every_answer(format: Format, look: impl Fn(&Incoming, &Outgoing)) {
    for file in scenario::find(Path::new("scenarios")).unwrap() {
        let load = Load::file(&file).unwrap();
        let as_of = scenario::pages(&load).unwrap().pop().flatten();
        let run = Run { as_of, format, muted: Vec::new() };
        let answers = Rc::default();
        let connect =
            |emulator| Watched { emulator: Arc::new(emulator), answers: Rc::clone(&answers) };
        scenario::run(&load, &run, connect).unwrap();
        for (incoming, answer) in answers.borrow().iter() {
            look(incoming, answer);
        }
    }
}

#[test]
fn traps_10_to_14_and_20_the_shape_of_every_answer() {
    every_answer(Format::Json, |incoming, answer| {
        let says = || format!("{}: {}", incoming.query, String::from_utf8_lossy(&answer.body));
        // 14: XML only where it was asked for, and with exactly this type.
        if answer.body.starts_with(b"<") {
            assert!(!incoming.query.contains("Format=JSON"), "{}", says());
            assert_eq!(answer.header("content-type"), Some(XML));
            return;
        }
        // 11: never empty, always typed.
        assert_eq!(answer.header("content-type"), Some(JSON), "{}", says());
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(body["RequestId"].is_string(), "{}", says());
        if answer.status == 200 {
            // 10: no field by which some clients tell an error. One protocol has Success itself.
            for name in ["Code", "Message", "Success"] {
                let is_its_protocol =
                    name == "Success" && incoming.query.contains("DescribeEndpoints");
                assert!(body.get(name).is_none() || is_its_protocol, "{name}: {}", says());
            }
            has_no_null(&body, &says);
        } else {
            // 12: texts, and one object.
            for name in ["Code", "Message", "RequestId", "HostId", "Recommend"] {
                assert!(body[name].is_string(), "{name}: {}", says());
            }
            assert!(body.get("AccessDeniedDetail").is_none_or(Value::is_object), "{}", says());
        }
    });
}

/// 20: what is empty is an empty list or text, never null.
fn has_no_null(value: &Value, says: &dyn Fn() -> String) {
    match value {
        Value::Null => panic!("null in {}", says()),
        Value::Array(items) => items.iter().for_each(|item| has_no_null(item, says)),
        Value::Object(fields) => fields.values().for_each(|field| has_no_null(field, says)),
        _ => {}
    }
}

#[test]
fn trap_11_every_path_and_method_answers_with_the_envelope() {
    let served = serve();
    for target in ["/", "/favicon.ico", "/ecs", "/../..", "/%2e%2e", "//", "/?", "/?&&=&"] {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
            let call = format!(
                "{method} {target} HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n"
            );
            let answer = served.raw(call.as_bytes());
            assert!(answer.status >= 400 && answer.json()["Code"].is_string(), "{method} {target}");
            assert_eq!(answer.header("content-type"), Some(JSON), "{method} {target}");
        }
    }
    // The control interface has an envelope too.
    let unknown = get(&served, "/_local/nothing");
    assert_eq!((unknown.status, &unknown.json()["Code"]), (404, &json!("EcsLocal.NotFound")));
}

#[test]
fn trap_12_the_detail_of_a_denial_is_an_object_of_texts() {
    let served = serve();
    served.emulator.with_tenant("default", |tenant| {
        let user = json!({"dev": {"policy": []}});
        tenant.world.ram_user = serde_json::from_value(user).unwrap();
        tenant.world.caller.ram_user = "dev".to_owned();
    });
    let answer = get(&served, "/?Action=DescribeRegions&Format=JSON");
    let body = answer.json();
    let detail = body["AccessDeniedDetail"].as_object().unwrap();
    assert_eq!((answer.status, &body["Code"]), (403, &json!("Forbidden.RAM")));
    assert_eq!(detail.len(), 7);
    assert!(detail.values().all(Value::is_string), "{body}");
}

#[test]
fn trap_13_the_signature_message_ends_in_the_string_to_sign() {
    let query = signed_query("GET", &[("Action", "DescribeRegions")], "Action=DescribeZones");
    for (errors, code) in
        [(Errors::Ecs, "IncompleteSignature"), (Errors::Pop, "SignatureDoesNotMatch")]
    {
        let body = get(&strict(errors), &format!("/?{query}&Format=JSON")).json();
        let message = body["Message"].as_str().unwrap();
        // One client takes what stands between the first two colons.
        let (head, string_to_sign) = message.split_once(':').unwrap();
        assert_eq!(body["Code"], code);
        assert!(head.ends_with("server string to sign is"), "{message}");
        assert!(string_to_sign.starts_with("GET&%2F&AccessKeyId%3DLTAI"), "{message}");
    }
}

#[test]
fn trap_14_an_error_in_xml_has_exactly_this_type() {
    let answer = get(&serve(), "/?Action=StopInstance&Format=XML");
    assert_eq!(answer.header("content-type"), Some(XML));
    assert!(answer.body.starts_with(b"<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>"));
}

#[test]
fn trap_15_what_is_not_emulated_is_404_and_no_5xx() {
    let answer = get(&serve(), "/?Action=DescribeSnapshots&Version=2014-05-26&Format=JSON");
    assert_eq!((answer.status, &answer.json()["Code"]), (404, &json!("InvalidAction.NotFound")));
}

#[test]
fn trap_16_two_throttlings_and_no_advice_to_retry() {
    let row = |code: &str| {
        let rows = ALL.iter().flat_map(|entry| entry.rows).chain(gateway::ROWS);
        rows.filter(|row| row.code == code).map(|row| row.message).next().unwrap()
    };
    // A cooldown is retried by clients, the flow control of a user is not.
    assert!(row("Throttling").contains("5 minutes") || row("Throttling").contains("throttling"));
    assert_eq!(row("Throttling.User"), "Request was denied due to user flow control.");
    every_answer(Format::Json, |incoming, answer| {
        assert_eq!(answer.header("x-acs-retry-after"), None, "{}", incoming.query);
    });
}

const RUN: &str = "/?Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd\
                   &InstanceType=ecs.g6.large&VSwitchId=vsw-hangzhou-h&SecurityGroupId=sg-hangzhou\
                   &Format=JSON";

#[test]
fn trap_17_a_retry_without_a_token_does_it_again_and_with_one_does_not() {
    let served = serve();
    let id = |target: &str| {
        let body = get(&served, target).json();
        body["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap().to_owned()
    };
    assert_ne!(id(RUN), id(RUN));
    let with_token = format!("{RUN}&ClientToken=once");
    assert_eq!(id(&with_token), id(&with_token));
}

#[test]
fn trap_18_no_answer_waits() {
    // Nothing in the source sleeps on a call (clippy.toml refuses it): a frozen clock answers.
    let served = serve();
    let answer = get(&served, "/?Action=StopInstance&InstanceId=i-web&Format=JSON");
    accepted(&answer);
    let now = get(&served, "/_local/clock").json();
    assert_eq!(now["now"], "2026-01-01T00:00:00Z");
}

#[test]
fn trap_19_a_new_instance_is_listed_at_once_and_once() {
    let served = serve();
    let created = get(&served, RUN).json();
    let id = &created["InstanceIdSets"]["InstanceIdSet"][0];
    let list = "/?Action=DescribeInstances&RegionId=cn-hangzhou&Format=JSON&PageSize=100";
    let body = get(&served, list).json();
    let all = body["Instances"]["Instance"].as_array().unwrap();
    let own: Vec<&Value> = all.iter().filter(|one| one["InstanceId"] == *id).collect();
    assert_eq!(own.len(), 1);
    assert_ne!(own[0]["Status"], "Stopping");
}

#[test]
fn traps_20_21_and_24_lists_and_figures_of_a_page() {
    let served = serve();
    let list = "/?Action=DescribeInstances&RegionId=cn-hangzhou&Format=JSON";
    // An id is looked for in a JSON list, and an empty page keeps its shape.
    let body = get(&served, &format!("{list}&InstanceIds=%5B%22i-nowhere%22%5D")).json();
    assert_eq!(body["Instances"], json!({"Instance": []}));
    let one = get(&served, &format!("{list}&InstanceIds=%5B%22i-web%22,%20%22i-none%22%5D")).json();
    assert_eq!(one["TotalCount"], 1);
    for field in ["TotalCount", "PageNumber", "PageSize"] {
        assert!(body[field].is_u64(), "{field}: {body}");
    }
}

#[test]
fn trap_22_the_region_is_needed_where_the_pages_need_it() {
    let served = serve();
    let code = |call: &str| get(&served, &format!("/?{call}&Format=JSON")).json()["Code"].clone();
    for call in [
        "Action=StartInstance&InstanceId=i-x",
        "Action=ModifyInstanceSpec&InstanceId=i-x&InstanceType=ecs.g6.large",
        "Action=ModifyInstanceNetworkSpec&InstanceId=i-x&InternetMaxBandwidthOut=5",
    ] {
        assert_eq!(code(call), "InvalidInstanceId.NotFound", "{call}");
    }
    assert_eq!(code("Action=DescribeInstances"), "MissingParameter");
}

#[test]
fn trap_23_the_services_that_clients_ask_first() {
    let served = serve();
    let endpoints = "Action=DescribeEndpoints&Version=2015-06-12&Id=cn-hangzhou&ServiceCode=ecs";
    let body = get(&served, &format!("/?{endpoints}&Format=JSON")).json();
    assert_eq!(body["Endpoints"]["Endpoint"][0]["Endpoint"], "a");
    // A client that follows what it is told stays here, by whatever name it came.
    for (host, endpoint) in
        [("a:4526", "a:4526"), ("ecs.aliyuncs.com", "ecs.ap-southeast-1.aliyuncs.com")]
    {
        let call =
            format!("GET /?Action=DescribeRegions&Format=JSON HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let regions = served.raw(call.as_bytes()).json();
        assert_eq!(regions["Regions"]["Region"][0]["RegionEndpoint"], endpoint);
    }
    let identity = get(&served, "/?Action=GetCallerIdentity&Version=2015-04-01&Format=JSON").json();
    assert_eq!(identity["Arn"], "acs:ram::1000000000000001:root");
    let role = "RoleArn=acs:ram::1000000000000001:role/any&RoleSessionName=ci&Format=JSON";
    let assumed = get(&served, &format!("/?Action=AssumeRole&Version=2015-04-01&{role}")).json();
    assert!(assumed["Credentials"]["SecurityToken"].is_string());
    // Billing is not here, and Terraform takes that well.
    let billing = get(&served, "/?Action=QueryAvailableInstances&Version=2017-12-14");
    assert_eq!(billing.status, 404);
}

#[test]
fn trap_25_by_default_no_timestamp_and_no_nonce_stops_a_call() {
    let served = serve();
    let keys = json!([{"id": "LTAI", "secret": SECRET}]);
    served.emulator.with_tenant("default", |tenant| {
        tenant.world.access_key = serde_json::from_value(keys).unwrap();
    });
    let query = signed_query("GET", &[("Action", "DescribeRegions")], "Action=DescribeRegions");
    let late = query.replace("2026-01-01", "2001-01-01");
    for query in [&query, &query, &late] {
        accepted(&get(&served, &format!("/?{query}")));
    }
    // But it is told.
    let calls = get(&served, "/_local/calls").json();
    let told: Vec<&str> = calls["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["signature"].as_str().unwrap())
        .collect();
    assert!(told[0].starts_with("IllegalTimestamp"), "{told:?}");
    assert!(told[1].starts_with("SignatureNonceUsed"), "{told:?}");
    assert_eq!(told[2], "good");
}

#[test]
fn trap_26_an_unknown_key_is_404_and_the_gateway_knows_no_401() {
    let query = signed_query("GET", &[("Action", "DescribeRegions")], "Action=DescribeRegions");
    let unknown = query.replace("LTAI", "LTAI-nobody");
    let answer = get(&strict(Errors::Ecs), &format!("/?{unknown}&Format=JSON"));
    assert_eq!(
        (answer.status, &answer.json()["Code"]),
        (404, &json!("InvalidAccessKeyId.NotFound"))
    );
    assert!(gateway::ROWS.iter().all(|row| row.status != 401));
}

#[test]
fn trap_27_by_default_any_key_is_welcome() {
    let query = signed_query("GET", &[("Action", "DescribeRegions")], "Action=DescribeRegions");
    accepted(&get(&serve(), &format!("/?{}", query.replace("LTAI", "LTAI-anybody"))));
}
