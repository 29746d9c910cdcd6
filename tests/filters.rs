//! DescribeInstances finds by each filter exactly what its full list shows to fit, whatever random
//! histories did to the instances: the indexes of a world follow every change.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod histories;

use std::collections::BTreeSet;

use ecs_local::emulator::Emulator;
use ecs_local::wire::Incoming;
use serde_json::Value;

const STEPS: usize = 120;

/// A filter and where its value is shown. `["{}"]` marks those that list values.
const FILTERS: &[(&str, &str)] = &[
    ("Status={}", "/Status"),
    ("ZoneId={}", "/ZoneId"),
    ("VpcId={}", "/VpcAttributes/VpcId"),
    ("VSwitchId={}", "/VpcAttributes/VSwitchId"),
    ("ImageId={}", "/ImageId"),
    ("InstanceType={}", "/InstanceType"),
    ("InstanceName={}", "/InstanceName"),
    ("InstanceTypeFamily={}", "/InstanceTypeFamily"),
    ("InstanceChargeType={}", "/InstanceChargeType"),
    ("InstanceNetworkType={}", "/InstanceNetworkType"),
    ("IoOptimized={}", "/IoOptimized"),
    ("SecurityGroupId={}", "/SecurityGroupIds/SecurityGroupId/0"),
    ("LockReason={}", "/OperationLocks/LockReason/0/LockReason"),
    ("InstanceIds=[\"{}\"]", "/InstanceId"),
    ("PrivateIpAddresses=[\"{}\"]", "/VpcAttributes/PrivateIpAddress/IpAddress/0"),
    ("PublicIpAddresses=[\"{}\"]", "/PublicIpAddress/IpAddress/0"),
    ("EipAddresses=[\"{}\"]", "/EipAddress/IpAddress"),
];

fn list(emulator: &Emulator, filter: &str) -> Vec<Value> {
    let call = format!(
        "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=100&Format=JSON&AccessKeyId=&{filter}"
    );
    let answer = emulator.answer(&Incoming::get(&call));
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.status, 200, "{filter}: {body}");
    let Value::Array(found) = body["Instances"]["Instance"].take() else {
        panic!("no list: {body}");
    };
    assert_eq!(body["TotalCount"], found.len(), "{filter}");
    found
}

fn text(shown: &Value, at: &str) -> Option<String> {
    match shown.pointer(at)? {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}

fn check(emulator: &Emulator, context: &str) {
    let all = list(emulator, "");
    for (filter, at) in FILTERS {
        let values: BTreeSet<String> = all.iter().filter_map(|shown| text(shown, at)).collect();
        for value in values {
            let fits = |shown: &&Value| text(shown, at).as_ref() == Some(&value);
            let expected: Vec<&Value> = all.iter().filter(fits).collect();
            let found = list(emulator, &filter.replace("{}", &value));
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter} {value}: {context}");
        }
    }
    // Two at once, a pattern, and spans of time.
    let both = list(emulator, "Status=Running&InstanceChargeType=PrePaid");
    let is = |shown: &&Value, at: &str, value: &str| shown[at] == value;
    let running = all.iter().filter(|it| is(it, "Status", "Running"));
    let expected = running.filter(|it| is(it, "InstanceChargeType", "PrePaid"));
    assert_eq!(both.iter().collect::<Vec<_>>(), expected.collect::<Vec<_>>(), "{context}");
    for (pattern, begin) in [("i-*", "i-"), ("i-b*", "i-b"), ("*", "")] {
        let named = |it: &&Value| it["InstanceName"].as_str().unwrap().starts_with(begin);
        let found = list(emulator, &format!("InstanceName={pattern}"));
        let expected: Vec<&Value> = all.iter().filter(named).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{pattern}: {context}");
    }
    for (key, at, later) in [
        ("CreationStartTime", "CreationTime", true),
        ("CreationEndTime", "CreationTime", false),
        ("ExpiredStartTime", "ExpiredTime", true),
        ("ExpiredEndTime", "ExpiredTime", false),
    ] {
        let moments: BTreeSet<&str> = all.iter().filter_map(|it| it[at].as_str()).collect();
        for moment in moments {
            // What is shown ends with the minute: whole minutes are compared with their edge.
            let edge = if later { "00" } else { "59" };
            let value = moment.replace('Z', &format!(":{edge}Z"));
            let fits = |it: &&Value| {
                let own = it[at].as_str().unwrap();
                if later { own >= moment } else { own <= moment }
            };
            let found = list(emulator, &format!("Filter.1.Key={key}&Filter.1.Value={value}"));
            let expected: Vec<&Value> = all.iter().filter(fits).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{key} {value}: {context}");
        }
    }
}

#[test]
fn a_filter_finds_what_the_list_shows() {
    for seed in 0..4 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let emulator = histories::emulator(seed, true);
        for step in 0..STEPS {
            let ids: Vec<String> =
                list(&emulator, "").iter().filter_map(|it| text(it, "/InstanceId")).collect();
            for step in histories::next(&mut rng, &ids) {
                histories::take(&emulator, &step);
            }
            if step % 10 == 9 {
                check(&emulator, &format!("seed {seed}, step {step}"));
            }
        }
    }
}
