//! Many callers at once: one token is one effect, and worlds of different keys do not touch.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use ecs_local::emulator::Emulator;
use ecs_local::wire::Incoming;
use serde_json::Value;
use served::starting_emulator;

const CALLERS: usize = 64;

/// The answers to calls sent at the same time.
fn at_once(emulator: &Arc<Emulator>, query: impl Fn(usize) -> String) -> Vec<(u16, Value)> {
    let call = |query: String| {
        let emulator = Arc::clone(emulator);
        thread::spawn(move || {
            let answer = emulator.answer(&Incoming::get(&query));
            (answer.status, serde_json::from_slice(&answer.body).unwrap())
        })
    };
    let callers: Vec<_> = (0..CALLERS).map(|caller| call(query(caller))).collect();
    callers.into_iter().map(|caller| caller.join().unwrap()).collect()
}

const UPGRADE: &str = "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&Format=JSON\
    &InstanceId=i-bp67acfmxazb4ph****&ClientToken=once";

#[test]
fn one_token_is_one_effect_and_one_answer() {
    let emulator = Arc::new(starting_emulator(0));
    let answers = at_once(&emulator, |_| format!("{UPGRADE}&InstanceType=ecs.g5.xlarge"));
    let orders: BTreeSet<&str> =
        answers.iter().map(|(_, it)| it["OrderId"].as_str().unwrap()).collect();
    let requests: BTreeSet<&str> =
        answers.iter().map(|(_, it)| it["RequestId"].as_str().unwrap()).collect();
    assert_eq!((orders.len(), requests.len()), (1, CALLERS));
    emulator.with_tenant("default", |tenant| assert_eq!(tenant.world.order.len(), 1));
}

#[test]
fn one_token_for_different_calls_lets_one_through() {
    let emulator = Arc::new(starting_emulator(0));
    let types = ["ecs.g5.xlarge", "ecs.g5.2xlarge", "ecs.g5.3xlarge", "ecs.g5.4xlarge"];
    let answers =
        at_once(&emulator, |caller| format!("{UPGRADE}&InstanceType={}", types[caller % 4]));
    let accepted = answers.iter().filter(|(status, _)| *status == 200).count();
    let mismatched =
        answers.iter().filter(|(_, it)| it["Code"] == "IdempotenceParamNotMatch").count();
    // A quarter of the calls are repetitions of the one that came first.
    assert_eq!((accepted, mismatched), (CALLERS / 4, CALLERS * 3 / 4));
    emulator.with_tenant("default", |tenant| assert_eq!(tenant.world.order.len(), 1));
}

#[test]
fn created_instances_are_as_many_as_answers() {
    let emulator = Arc::new(starting_emulator(0));
    let create = "Action=RunInstances&RegionId=cn-hangzhou&InstanceType=ecs.g6.large&Format=JSON\
        &ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&VSwitchId=vsw-hangzhou-h&SecurityGroupId=sg-hangzhou";
    let answers = at_once(&emulator, |_| create.to_owned());
    let ids: BTreeSet<String> = answers
        .iter()
        .map(|(_, it)| it["InstanceIdSets"]["InstanceIdSet"][0].to_string())
        .collect();
    assert_eq!(ids.len(), CALLERS);
    emulator.with_tenant("default", |tenant| {
        let addresses: BTreeSet<&str> =
            tenant.world.instance.iter().map(|one| one.private_ip.as_str()).collect();
        assert_eq!(addresses.len(), tenant.world.instance.len(), "an address was given twice");
    });
}

#[test]
fn keys_do_not_touch_each_other() {
    let emulator = Arc::new(starting_emulator(0));
    let answers = at_once(&emulator, |caller| {
        format!("Action=StopInstance&InstanceId=i-web&Format=JSON&AccessKeyId=key-{caller}")
    });
    assert!(answers.iter().all(|(status, _)| *status == 200));
}

#[test]
fn a_repetition_may_be_of_another_time_however_that_is_spelt() {
    let emulator = starting_emulator(0);
    for name in ["Timestamp", "TimeStamp"] {
        let address = |time: &str| {
            let call = "Action=AllocateEipAddress&RegionId=cn-hangzhou&Format=JSON";
            let query = format!("{call}&ClientToken={name}&{name}={time}");
            let answer = emulator.answer(&Incoming::get(&query));
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            assert!(body["AllocationId"].is_string(), "{body}");
            body["AllocationId"].clone()
        };
        assert_eq!(address("2026-01-01T00:00:00Z"), address("2026-01-01T00:00:07Z"), "{name}");
        let unread = emulator
            .with_tenant("default", |tenant| tenant.calls.latest().next().unwrap().unread.clone());
        assert_eq!(unread, Vec::<String>::new(), "{name}");
    }
}
