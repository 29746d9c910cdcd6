//! Bad input gets a refusal with a code, never a panic, a 500 or a changed world.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::io::{Read, Write};
use std::net::TcpStream;

use ecs_local::clock::Clock;
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::wire::{Incoming, Outgoing};
use serde_json::json;
use served::{Served, starting_emulator};

fn code(answer: &Outgoing) -> String {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    body["Code"].as_str().unwrap_or_default().to_owned()
}

fn refused(query: &str) -> (u16, String) {
    let emulator = starting_emulator(0);
    let before = emulator.with_tenant("default", |tenant| tenant.world.clone());
    let answer = emulator.answer(&Incoming::get(&format!("{query}&Format=JSON")));
    let after = emulator.with_tenant("default", |tenant| tenant.world.clone());
    assert_eq!(before, after, "{query} changed the world");
    (answer.status, code(&answer))
}

#[test]
fn unreadable_values_meet_a_documented_row_or_the_general_one() {
    let spec = "Action=ModifyInstanceSpec&InstanceId=i-web";
    let network = "Action=ModifyInstanceNetworkSpec&InstanceId=i-web";
    let prepay = "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceType=ecs.g5.xlarge\
                  &InstanceId=i-bp67acfmxazb4ph****";
    for (query, status, expected) in [
        (format!("{spec}&InternetMaxBandwidthOut=ten"), 400, "InvalidParameter"),
        (format!("{spec}&InternetMaxBandwidthOut=-1"), 400, "InvalidParameter"),
        (format!("{spec}&InternetMaxBandwidthOut=99999999999999999999"), 400, "InvalidParameter"),
        (format!("{spec}&InstanceType=ecs.g6.xlarge&Async=maybe"), 400, "InvalidParam.Async"),
        (format!("{spec}&InstanceType=ecs.g6.xlarge&DryRun=maybe"), 400, "InvalidParameter"),
        (format!("{spec}&Temporary.StartTime=yesterday&Temporary.EndTime=2026-02-01T00:00:00Z&Temporary.InternetMaxBandwidthOut=9"), 400, "InvalidTemporary.StartTime"),
        (format!("{spec}&ClientToken={}&InstanceType=ecs.g6.xlarge", "x".repeat(65)), 400, "InvalidClientToken.ValueNotSupported"),
        (format!("{network}&InternetMaxBandwidthOut=ten"), 400, "InvalidParameter.Bandwidth"),
        (format!("{network}&InternetMaxBandwidthOut=9&EndTime=2026-02-30T22Z"), 400, "InvalidStartTime.ValueNotSupported"),
        (format!("{network}&InternetMaxBandwidthOut=9&AutoPay=perhaps"), 400, "InvalidParameter"),
        (format!("{prepay}&RebootTime=12:05"), 400, "InvalidRebootTime.MalFormed"),
        (format!("{prepay}&EndTime=2026-13-01T00:00:00Z"), 400, "InvalidParameter"),
        (format!("{prepay}&OperatorType=sidegrade"), 400, "InvalidAction"),
        ("Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceType=ecs.g5.xlarge&InstanceId=%3Cscript%3E".to_owned(), 403, "InvalidParameter.InstanceId"),
        (format!("{spec}&InternetMaxBandwidthOut=5&InternetMaxBandwidthOut=6"), 400, "InvalidParameter"),
        (format!("{spec}&InternetMaxBandwidthOut=5&Tag.3.Key=a"), 400, "InvalidParameter"),
        (format!("{spec}&InternetMaxBandwidthOut=5&Name=%FF%FE"), 400, "InvalidParameter"),
        (format!("{spec}&InstanceType={}", "x".repeat(1_000_000)), 400, "InvalidInstanceType.ValueNotSupported"),
    ] {
        let shown = &query[..query.len().min(150)];
        assert_eq!(refused(&query), (status, expected.to_owned()), "{shown}");
    }
}

/// They are added and multiplied; what overflows panics here.
#[test]
fn the_largest_numbers_of_a_world_are_numbers() {
    let most = u32::MAX;
    let document = json!({
        "public_ips_given": most,
        "prices": {
            "vcpu_hour_cents": most,
            "gib_hour_cents": most,
            "mbit_hour_cents": most,
            "disk_100_gib_hour_cents": most,
            "subscription_percent": most,
        },
        "vswitch": {"vsw-hangzhou-h": {"hosts_given": most}},
        "instance": {"i-a": {
            "charge_type": "PrePaid",
            "bandwidth_out_mbps": most,
            "internet_charge_type": "PayByBandwidth",
            "online_changes": most,
            "downgrade_refunds": most,
            "disks": [{"system": true}, {"size_gib": most}],
            "network_interfaces": [{"queues": most, "queue_pairs": most}, {"queues": most, "queue_pairs": most}],
        }},
    });
    let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
    let world = World::from_value(&document, now).unwrap();
    for query in [
        "Action=RenewInstance&InstanceId=i-a&Period=1",
        "Action=DescribeResourcesModification&RegionId=cn-hangzhou&ResourceId=i-a&DestinationResource=InstanceType",
        "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId=i-a&InstanceType=ecs.g6.large&OperatorType=downgrade",
        "Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&InstanceType=ecs.g6.large&SecurityGroupId=sg-hangzhou&VSwitchId=vsw-hangzhou-h&Amount=2",
        "Action=AllocateEipAddress&RegionId=cn-hangzhou",
    ] {
        let emulator = Emulator::new(Start::of(world.clone(), Clock::Frozen { at: now }));
        let answer = emulator.answer(&Incoming::get(query));
        assert!(answer.status < 500, "{query}: {}", answer.status);
        emulator.at_present("default", |world, _| world.to_value().unwrap());
    }
}

const ODD_VALUES: &[&str] = &[
    "",
    " ",
    "0",
    "-1",
    "2147483647",
    "99999999999999999999",
    "1e9",
    "true",
    "None",
    "[]",
    "[\"\"]",
    "{}",
    ",",
    "i-web,,i-web",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23Z",
    "\u{0}",
    "Ünïcode 中文",
    "'; DROP TABLE instance; --",
];

/// Every call of every scenario, each of its parameters in turn with an odd value: an answer that can
/// be read, no 500, and nothing that blows up when its time comes.
#[test]
fn odd_values_of_every_parameter_are_answered() {
    for file in ecs_local::scenario::find(std::path::Path::new("scenarios")).unwrap() {
        let load = ecs_local::scenario::Load::file(&file).unwrap();
        let Some(call) = load.scenario.step.iter().find_map(|step| step.call.clone()) else {
            continue;
        };
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(call.as_bytes()).into_owned().collect();
        for (name, _) in pairs.iter().filter(|(name, _)| name != "Action") {
            for value in ODD_VALUES {
                let odd = |(own, given): &(String, String)| {
                    (own.clone(), if own == name { (*value).to_owned() } else { given.clone() })
                };
                let query = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(pairs.iter().map(odd))
                    .finish();
                let mut incoming = Incoming::get(&query);
                incoming.headers = [("accept", "application/json")].into_iter().collect();
                let emulator = Emulator::new(Start::of(
                    load.world.clone(),
                    Clock::Frozen { at: load.scenario.clock },
                ));
                let answer = emulator.answer(&incoming);
                let refused = answer.status >= 400;
                assert!(answer.status < 500, "{query}: {}", answer.status);
                assert_eq!(refused, !code(&answer).is_empty(), "{query}");
                emulator.with_tenant("default", |tenant| {
                    tenant.clock.advance(Span::days(40));
                    tenant.world.settle(tenant.clock.now());
                });
            }
        }
    }
}

#[test]
fn the_gateway_refuses_what_is_no_call() {
    assert_eq!(refused("InstanceId=i-web"), (400, "MissingParameter".to_owned()));
    assert_eq!(refused("Action=FlyToTheMoon"), (404, "InvalidAction.NotFound".to_owned()));
    assert_eq!(
        refused("Action=StartInstance&Version=2013-01-10&InstanceId=i-web"),
        (400, "InvalidVersion".to_owned())
    );
    let delete = Incoming { method: "DELETE".into(), ..Incoming::get("Action=A&Format=JSON") };
    let answer = starting_emulator(0).answer(&delete);
    assert_eq!((answer.status, code(&answer)), (403, "UnsupportedHTTPMethod".to_owned()));
}

/// Sends raw bytes and reads until the server closes.
fn raw(served: &Served, request: &[u8]) -> String {
    let mut socket = TcpStream::connect(served.address).unwrap();
    socket.write_all(request).unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn odd_requests_of_real_clients_are_answered() {
    let served = Served::start(starting_emulator(0));
    for request in [
        // A POST without Content-Length, as Java sends it.
        "POST /?Action=DescribeRegions&Format=JSON HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        // An absolute target, as through a proxy.
        "GET http://ecs.aliyuncs.com/?Action=DescribeRegions&Format=JSON HTTP/1.1\r\nHost: ecs.aliyuncs.com\r\nConnection: close\r\n\r\n",
        // A path prefix, and a Host that is none.
        "GET /ecs/?Action=DescribeRegions&Format=JSON HTTP/1.1\r\nHost: http://127.0.0.1:4526\r\nConnection: close\r\n\r\n",
        // Everything in the form, Action included.
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 34\r\n\r\nAction=DescribeRegions&Format=JSON",
    ] {
        let answer = raw(&served, request.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200"), "{request}\n{answer}");
        assert!(answer.contains("\"Regions\":{\"Region\":["), "{answer}");
    }
}

#[test]
fn a_parameter_of_a_megabyte_is_refused_like_any_other() {
    let served = Served::start(starting_emulator(0));
    let form = format!(
        "Action=ModifyInstanceSpec&InstanceId=i-web&Format=JSON&InstanceType={}",
        "x".repeat(1 << 20)
    );
    let mut answer = served::agent()
        .post(served.url("/"))
        .content_type("application/x-www-form-urlencoded")
        .send(form)
        .unwrap();
    assert_eq!(answer.status().as_u16(), 400);
    let body = answer.body_mut().read_to_string().unwrap();
    assert!(body.contains("InvalidInstanceType.ValueNotSupported"), "{body}");
}

#[test]
fn a_body_beyond_the_limit_is_refused_as_ours() {
    let served = Served::start(starting_emulator(0));
    let agent = served::agent();
    let body = "x".repeat(9 * 1024 * 1024);
    let mut answer =
        agent.post(served.url("/?Action=DescribeRegions&Format=JSON")).send(body).unwrap();
    assert_eq!(answer.status().as_u16(), 413);
    assert!(answer.body_mut().read_to_string().unwrap().contains("EcsLocal.RequestTooLarge"));
}
