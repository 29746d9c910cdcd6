//! `/_local`: health, rows, world, clock, faults and calls, each for the account that is named.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::sync::Arc;

use ecs_local::server::{self, Service};
use serde_json::{Value, json};
use served::{Served, starting_emulator};

fn serve() -> Served {
    Served::start(starting_emulator(0))
}

fn read(answer: &mut ureq::http::Response<ureq::Body>) -> (u16, Value) {
    let body = answer.body_mut().read_to_vec().unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&body).unwrap_or_default())
}

fn get(served: &Served, path: &str) -> (u16, Value) {
    let mut answer = served::agent().get(served.url(path)).call().unwrap();
    read(&mut answer)
}

fn post(served: &Served, path: &str, body: &str) -> (u16, Value) {
    let mut answer = served::agent().post(served.url(path)).send(body).unwrap();
    read(&mut answer)
}

fn put(served: &Served, path: &str, body: &str) -> (u16, Value) {
    let mut answer = served::agent().put(served.url(path)).send(body).unwrap();
    read(&mut answer)
}

fn instances(served: &Served, key: &str) -> u64 {
    let query =
        format!("/?Action=DescribeInstances&RegionId=cn-hangzhou&Format=JSON&AccessKeyId={key}");
    get(served, &query).1["TotalCount"].as_u64().unwrap()
}

/// Without a socket an API call with a body is read as with one.
#[test]
fn an_api_call_with_a_body_is_answered_without_a_socket() {
    let emulator = Arc::new(starting_emulator(0));
    let body = b"Action=DescribeRegions&Format=JSON".to_vec();
    let answer = server::answer(&emulator, "POST", "/", body).unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

#[test]
fn health_and_rows() {
    let served = serve();
    let health = get(&served, "/_local/health").1;
    assert_eq!(health["status"], "ok");
    assert_eq!((&health["as_of"], &health["gateway"]["signatures"]), (&Value::Null, &"log".into()));
    assert_eq!(get(&served, "/_local/rows").1.as_array().unwrap().len(), 213);
    assert!(get(&served, "/_local/rows?all=true").1.as_array().unwrap().len() > 213);
}

#[test]
fn metrics_count_calls_and_worlds() {
    let served = serve();
    get(&served, "/?Action=DescribeRegions&AccessKeyId=a");
    get(&served, "/?Action=StopInstance&InstanceId=i-nowhere");
    get(&served, "/?Action=DescribeDragons");
    let mut answer = served::agent().get(served.url("/_local/metrics")).call().unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    for line in [
        r#"ecs_local_calls_total{action="DescribeRegions",code="",key="unlisted"} 1"#,
        r#"ecs_local_calls_total{action="StopInstance",code="InvalidInstanceId.NotFound",key="anonymous"} 1"#,
        r#"ecs_local_calls_total{action="(unknown)",code="InvalidAction.NotFound",key="anonymous"} 1"#,
        r#"ecs_local_call_seconds_count{action="StopInstance"} 1"#,
        "ecs_local_worlds 2",
        "ecs_local_instances 10",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}:\n{text}");
    }
}

#[test]
fn the_clock_is_moved_and_never_goes_back() {
    let served = serve();
    let moved = post(&served, "/_local/clock", r#"{"advance":"5m"}"#).1;
    assert_eq!(moved, json!({"now": "2026-01-01T00:05:00Z", "frozen": true}));
    let set = post(&served, "/_local/clock", r#"{"set":"2026-02-01T00:00:00Z"}"#).1;
    assert_eq!(set["now"], "2026-02-01T00:00:00Z");
    let (status, refused) = post(&served, "/_local/clock", r#"{"set":"2026-01-01T00:00:00Z"}"#);
    assert_eq!((status, refused["Code"].as_str()), (400, Some("EcsLocal.BadRequest")));
    assert_eq!(get(&served, "/_local/clock").1["now"], "2026-02-01T00:00:00Z");
    assert_eq!(post(&served, "/_local/clock", r#"{"run":true}"#).1["frozen"], false);
    assert_eq!(post(&served, "/_local/clock", r#"{"freeze":true}"#).1["frozen"], true);
    assert_eq!(post(&served, "/_local/clock", r#"{"leap":"5m"}"#).0, 400);
    let (status, refused) = post(&served, "/_local/clock", r#"{"advance":"9000y"}"#);
    assert_eq!(
        (status, refused["Message"].as_str()),
        (400, Some("the clock ends at 9999-12-31T23:59:59Z"))
    );
    assert_eq!(post(&served, "/_local/clock", "tomorrow").0, 400);
}

#[test]
fn what_is_due_happens_when_the_clock_is_moved() {
    let served = serve();
    get(&served, "/?Action=StopInstance&InstanceId=i-web&Format=JSON");
    post(&served, "/_local/clock", r#"{"advance":"5s"}"#);
    let world = get(&served, "/_local/world").1;
    assert_eq!(world["instance"]["i-web"]["status"], "Stopped");
}

#[test]
fn a_world_is_exported_loaded_and_reset() {
    let served = serve();
    let (_, exported) = get(&served, "/_local/world");
    assert_eq!(
        put(&served, "/_local/world", r#"{"instance":{"i-a":{},"i-b":{}}}"#).1["instances"],
        2
    );
    assert_eq!(instances(&served, ""), 2);
    assert_eq!(put(&served, "/_local/world", &exported.to_string()).0, 200);
    assert_eq!(get(&served, "/_local/world").1, exported);
    for wrong in ["[]", "{", r#"{"instance":{"i-a":{"statsu":"Stopped"}}}"#, r#"{"base":"moon"}"#] {
        let (status, error) = put(&served, "/_local/world", wrong);
        assert_eq!((status, error["Code"].as_str()), (400, Some("EcsLocal.BadRequest")), "{wrong}");
    }
    assert_eq!(get(&served, "/_local/world").1, exported, "a refused document changed the world");
    put(&served, "/_local/world", "{}");
    assert_eq!(instances(&served, ""), 0);
    let reset = served::agent().delete(served.url("/_local/world")).call().unwrap();
    assert_eq!((reset.status().as_u16(), instances(&served, "")), (204, 5));
}

const SUBSCRIPTION: &str = "i-bp67acfmxazb4ph****";

/// An unpaid order of the subscription of the starting world.
#[test]
fn a_world_may_begin_at_a_moment_of_its_own() {
    let served = serve();
    let now = |key: &str| {
        get(&served, &format!("/_local/clock?access_key_id={key}")).1["now"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let before = now("k");
    let load = |at: &str, document: &str| {
        put(&served, &format!("/_local/world?access_key_id=k&at={at}"), document).0
    };
    // What the document leaves open is counted from there.
    let document = r#"{"instance":{"i-a":{"charge_type":"PrePaid"}}}"#;
    for (at, end) in [
        ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"),
        ("2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z"),
        ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"),
    ] {
        assert_eq!(load(at, document), 200, "{at}");
        assert_eq!(now("k"), at);
        let world = get(&served, "/_local/world?access_key_id=k").1;
        assert_eq!(world["instance"]["i-a"]["expires_at"], end, "{at}");
    }
    // A world that is refused leaves the clock, too; and it is the account's own clock.
    assert_eq!(load("2020-01-01T00:00:00Z", r#"{"instances":{}}"#), 400);
    assert_eq!(load("someday", document), 400);
    assert_eq!(now("k"), "2024-01-01T00:00:00Z");
    assert_eq!(now("other"), before);
}

fn unpaid_order(served: &Served) -> String {
    let query = format!(
        "/?Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={SUBSCRIPTION}&InstanceType=ecs.g5.xlarge&AutoPay=false&Format=JSON"
    );
    get(served, &query).1["OrderId"].as_str().unwrap().to_owned()
}

#[test]
fn orders_are_listed_paid_and_cancelled() {
    let served = serve();
    let (first, orders) = (unpaid_order(&served), "/_local/orders");
    let listed = get(&served, orders).1;
    assert_eq!((&listed[0]["order_id"], &listed[0]["state"]), (&json!(first), &json!("unpaid")));
    assert_eq!(get(&served, &format!("{orders}?instance_id=i-web")).1, json!([]));
    assert_eq!(post(&served, &format!("{orders}/{first}/cancel"), "").1["state"], "cancelled");
    let (status, refused) = post(&served, &format!("{orders}/{first}/pay"), "");
    assert_eq!((status, refused["Code"].as_str()), (409, Some("EcsLocal.OrderClosed")));

    let second = unpaid_order(&served);
    let patch = served::agent()
        .patch(served.url("/_local/world"))
        .send(r#"{"account":{"balance_cents":1}}"#)
        .unwrap();
    assert_eq!(patch.status().as_u16(), 200);
    let (status, refused) = post(&served, &format!("{orders}/{second}/pay"), "");
    assert_eq!((status, refused["Code"].as_str()), (409, Some("EcsLocal.NotEnoughBalance")));
    let account = post(&served, "/_local/account", r#"{"top_up_cents":1000000}"#).1;
    assert_eq!(account["balance_cents"], 1_000_001);
    assert_eq!(post(&served, &format!("{orders}/{second}/pay"), "").1["state"], "processing");
    post(&served, "/_local/clock", r#"{"advance":"7s"}"#);
    assert_eq!(get(&served, &format!("{orders}/{second}")).1["state"], "completed");
    for path in ["/_local/orders/1", "/_local/orders/1/pay"] {
        let (status, error) =
            if path.ends_with("pay") { post(&served, path, "") } else { get(&served, path) };
        assert_eq!(
            (status, error["Code"].as_str()),
            (404, Some("EcsLocal.OrderNotFound")),
            "{path}"
        );
    }
}

#[test]
fn an_order_in_an_exported_world_still_does_what_it_was_for() {
    let served = serve();
    let run = "/?Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd\
               &InstanceType=ecs.g6.large&SecurityGroupId=sg-hangzhou&VSwitchId=vsw-hangzhou-h\
               &InstanceChargeType=PrePaid&Period=1&AutoPay=false&Format=JSON";
    let (_, ordered) = get(&served, run);
    let exported = get(&served, "/_local/world").1;
    assert_eq!(put(&served, "/_local/world", &exported.to_string()).0, 200);
    let order = ordered["OrderId"].as_str().unwrap();
    assert_eq!(post(&served, &format!("/_local/orders/{order}/pay"), "").0, 200);
    post(&served, "/_local/clock", r#"{"advance":"1m"}"#);
    let id = ordered["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap();
    let instance = get(&served, &format!("/_local/instances/{id}")).1;
    assert_eq!(instance["instance"]["status"], "Running", "{instance}");
}

#[test]
fn an_unpaid_order_holds_no_stock() {
    let served = serve();
    let order = unpaid_order(&served);
    let sold_out = r#"{"zone":{"cn-hangzhou-h":{"stock":{"ecs.g5.xlarge":0}}}}"#;
    served::agent().patch(served.url("/_local/world")).send(sold_out).unwrap();
    let (status, refused) = post(&served, &format!("/_local/orders/{order}/pay"), "");
    assert_eq!((status, refused["Code"].as_str()), (409, Some("EcsLocal.NoStock")));
    assert_eq!(get(&served, &format!("/_local/orders/{order}")).1["state"], "unpaid");
}

#[test]
fn a_life_is_told_with_its_causes() {
    let served = serve();
    let (_, stopped) = get(&served, "/?Action=StopInstance&InstanceId=i-web&Format=JSON");
    post(&served, "/_local/clock", r#"{"advance":"5s"}"#);
    served::agent()
        .patch(served.url("/_local/world"))
        .send(r#"{"instance":{"i-web":{"name":"renamed"}}}"#)
        .unwrap();
    let life = get(&served, "/_local/instances/i-web/history").1;
    let told: Vec<(&Value, &Value)> = life
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (&entry["cause"]["kind"], &entry["cause"]["action"]))
        .collect();
    let call = |text| json!(text);
    assert_eq!(
        told,
        [
            (&call("call"), &call("StopInstance")),
            (&call("due"), &call("StopInstance")),
            (&call("control"), &call("world"))
        ]
    );
    assert_eq!(life[0]["cause"]["request_id"], stopped["RequestId"]);
    assert_eq!(life[1]["changes"]["status"], json!({"before": "Stopping", "after": "Stopped"}));
    let (status, error) = get(&served, "/_local/instances/i-none/history");
    assert_eq!((status, error["Code"].as_str()), (404, Some("EcsLocal.InstanceNotFound")));
    assert_eq!(get(&served, "/_local/instances/i-none").0, 404);
}

#[test]
fn every_access_key_has_a_world_of_its_own() {
    let served = serve();
    put(&served, "/_local/world?access_key_id=a", "{}");
    post(&served, "/_local/clock?access_key_id=a", r#"{"advance":"1h"}"#);
    assert_eq!(
        (instances(&served, "a"), instances(&served, "b"), instances(&served, "")),
        (0, 5, 5)
    );
    assert_eq!(get(&served, "/_local/clock?access_key_id=b").1["now"], "2026-01-01T00:00:00Z");
}

#[test]
fn a_world_of_many_megabytes_is_loaded() {
    let served = serve();
    let note = "x".repeat(4 << 20);
    let document = json!({"instance": {"i-a": {"description": note}}});
    assert_eq!(put(&served, "/_local/world", &document.to_string()).1["instances"], 1);
    let (status, error) = put(&served, "/_local/world", "{\"instance\":");
    assert_eq!((status, error["Code"].as_str()), (400, Some("EcsLocal.BadRequest")));
}

#[test]
fn what_a_control_call_cannot_make_out_it_refuses_in_its_own_words() {
    let served = serve();
    for path in ["calls?status=abc", "calls?after=-1", "rows?all=maybe", "orders/%FF"] {
        let (status, error) = get(&served, &format!("/_local/{path}"));
        let is_ours = error["Code"] == "EcsLocal.BadRequest" && error["Message"].is_string();
        assert!(status == 400 && is_ours, "{path}: {error}");
    }
    for (path, body) in [
        ("world/fork", ""),
        ("clock", "{}"),
        ("clock", r#"{"freeze":true,"run":true}"#),
        ("clock", r#"{"advance":"1s","set":"2027-01-01T00:00:00Z"}"#),
        ("clock", r#"{"advance":"1us"}"#),
        ("account", "{}"),
        ("faults", "{}"),
    ] {
        let (status, error) = post(&served, &format!("/_local/{path}"), body);
        assert_eq!(
            (status, error["Code"].as_str()),
            (400, Some("EcsLocal.BadRequest")),
            "{path} {body}"
        );
    }
    let used = r#"{"row":"INTERNAL","met":7,"fired":3,"times":5}"#;
    let armed = post(&served, "/_local/faults", used).1;
    assert_eq!((&armed[0]["met"], &armed[0]["fired"]), (&json!(0), &json!(0)));
}

#[test]
fn what_is_no_control_call_is_told_as_ours() {
    let served = serve();
    for path in ["/_local/nothing", "/_local/health/x"] {
        let (status, error) = get(&served, path);
        assert_eq!((status, error["Code"].as_str()), (404, Some("EcsLocal.NotFound")), "{path}");
    }
    assert_eq!(post(&served, "/_local/health", "").0, 404);
}

#[test]
fn a_fault_is_armed_listed_and_taken_back() {
    let served = serve();
    let fault = r#"{"action":"DescribeRegions","row":"UNAVAILABLE","times":2}"#;
    assert_eq!(post(&served, "/_local/faults", fault).0, 200);
    let call = "/?Action=DescribeRegions&Format=JSON";
    let (status, refused) = get(&served, call);
    assert_eq!((status, refused["Code"].as_str()), (503, Some("ServiceUnavailable")));
    let listed = get(&served, "/_local/faults").1;
    assert_eq!((&listed[0]["met"], &listed[0]["fired"]), (&json!(1), &json!(1)));
    let gone = served::agent().delete(served.url("/_local/faults")).call().unwrap();
    assert_eq!(gone.status(), 204);
    assert_eq!(get(&served, call).0, 200);
    let unknown = post(&served, "/_local/faults", r#"{"action":"DescribeRegions","row":"NONE"}"#);
    assert_eq!((unknown.0, unknown.1["Code"].as_str()), (400, Some("EcsLocal.BadRequest")));
}

#[test]
fn calls_are_listed_as_they_were_answered() {
    let served = serve();
    get(&served, "/?Action=DescribeRegions&Format=JSON&AccessKeyId=a&Colour=red");
    get(&served, "/?Action=StartInstance&InstanceId=i-nowhere&Format=JSON&AccessKeyId=a");
    get(&served, "/?Action=DescribeRegions&Format=JSON&AccessKeyId=b");
    let listed = get(&served, "/_local/calls?access_key_id=a").1;
    assert_eq!(listed["total"], 2);
    let latest = &listed["calls"][0];
    assert_eq!(
        (&latest["action"], &latest["status"], &latest["code"], &latest["row"]),
        (
            &json!("StartInstance"),
            &json!(404),
            &json!("InvalidInstanceId.NotFound"),
            &json!("NOT_FOUND")
        )
    );
    assert!(!latest["fix"].as_str().unwrap().is_empty());
    // What nobody reads is told; what signs or routes a call is nobody's to read.
    assert_eq!(listed["calls"][1]["unread"], json!(["Colour"]));
    for (filter, count) in [
        ("action=DescribeRegions", 1),
        ("status=404", 1),
        ("code=None", 0),
        ("status=200&code=", 1),
    ] {
        let some = get(&served, &format!("/_local/calls?access_key_id=a&{filter}")).1;
        assert_eq!(some["calls"].as_array().unwrap().len(), count, "{filter}");
    }
    let id = latest["request_id"].as_str().unwrap();
    let explained = get(&served, &format!("/_local/calls/{id}")).1;
    assert_eq!((&explained["request_id"], &explained["code"]), (&json!(id), &latest["code"]));
    assert_eq!(get(&served, "/_local/calls/0").0, 404);
}

#[test]
fn a_listed_key_enters_the_world_that_lists_it() {
    let served = serve();
    let world =
        r#"{"access_key":[{"id":"LTAI-1","secret":"hush"},{"id":"LTAI-2","secret":"hush"}]}"#;
    assert_eq!(put(&served, "/_local/world?access_key_id=team", world).0, 200);
    get(&served, "/?Action=AllocateEipAddress&RegionId=cn-hangzhou&AccessKeyId=LTAI-1");
    let eips = "/?Action=DescribeEipAddresses&RegionId=cn-hangzhou&Format=JSON&AccessKeyId=";
    for (key, count) in [("LTAI-1", 1), ("LTAI-2", 1), ("team", 1), ("LTAI-3", 0)] {
        assert_eq!(get(&served, &format!("{eips}{key}")).1["TotalCount"], count, "{key}");
    }
    // Controlled by any of its keys.
    assert_eq!(get(&served, "/_local/calls?access_key_id=LTAI-2").1["total"], 4);
    // A key belongs to one account.
    let (status, refused) = put(&served, "/_local/world?access_key_id=other", world);
    assert_eq!((status, refused["Code"].as_str()), (409, Some("EcsLocal.KeyTaken")));
    // Beginning anew, the account has no keys, and they are free.
    let reset = served::agent().delete(served.url("/_local/world?access_key_id=team")).call();
    assert_eq!(reset.unwrap().status(), 204);
    assert_eq!(put(&served, "/_local/world?access_key_id=other", world).0, 200);
}

#[test]
fn secrets_stay_inside() {
    let served = serve();
    let world = r#"{"base":"starting","access_key":[{"id":"LTAI","secret":"hush-hush","bearer_token":"hush-too"}]}"#;
    put(&served, "/_local/world?access_key_id=LTAI", world);
    let exported = get(&served, "/_local/world?access_key_id=LTAI").1;
    assert_eq!(exported["access_key"], json!([{"id": "LTAI", "status": "Active"}]));
    // Loaded again or changed, the world still knows them.
    put(&served, "/_local/world?access_key_id=LTAI", &exported.to_string());
    served.emulator.with_tenant("LTAI", |tenant| {
        let key = tenant.world.access_key.iter().next().unwrap();
        assert_eq!((key.secret.0.as_str(), key.bearer_token.0.as_str()), ("hush-hush", "hush-too"));
    });
}

#[test]
fn with_a_token_the_control_interface_asks_for_it() {
    let service = Service { control_token: Some("hush".to_owned()), ..Service::default() };
    let served = Served::start_as(starting_emulator(0), service);
    let clock = served.url("/_local/clock");
    let mut without = served::agent().get(&clock).call().unwrap();
    let (status, refused) = read(&mut without);
    assert_eq!((status, refused["Code"].as_str()), (401, Some("EcsLocal.TokenRequired")));
    let with = served::agent().get(&clock).header("authorization", "Bearer hush").call().unwrap();
    assert_eq!(with.status(), 200);
    // Health checks and calls of the API need none.
    assert_eq!(get(&served, "/_local/health").0, 200);
    assert_eq!(get(&served, "/?Action=DescribeRegions").0, 200);
}

#[test]
fn a_web_page_of_another_site_cannot_use_the_control_interface() {
    let served = serve();
    let call = served::agent().post(served.url("/_local/clock"));
    let mut answer =
        call.header("origin", "http://evil.example").send(r#"{"advance":"1h"}"#).unwrap();
    let (status, refused) = read(&mut answer);
    assert_eq!((status, refused["Code"].as_str()), (403, Some("EcsLocal.CrossSite")));
    assert_eq!(get(&served, "/_local/clock").1["now"], "2026-01-01T00:00:00Z");
}
