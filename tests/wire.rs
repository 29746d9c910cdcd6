//! Snapshots of whole answers: status, headers and bytes, in both forms. Times and ids are fixed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use ecs_local::wire::{Incoming, Outgoing};
use served::starting_emulator;

fn answer(query: &str) -> String {
    let mut incoming = Incoming::get(query);
    incoming.headers.push("host", "127.0.0.1:4526");
    text(&starting_emulator(7).answer(&incoming))
}

fn text(answer: &Outgoing) -> String {
    let headers: Vec<String> =
        answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{}\n{}\n{}", answer.status, headers.concat(), String::from_utf8_lossy(&answer.body))
}

const UPGRADE: &str = "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou\
    &InstanceId=i-bp67acfmxazb4ph****&InstanceType=ecs.g5.xlarge&AutoPay=true&OperatorType=upgrade\
    &ClientToken=123e4567-e89b-12d3-a456-426655440000";

#[test]
fn an_accepted_call() {
    insta::assert_snapshot!("accepted_json", answer(&format!("{UPGRADE}&Format=JSON")));
    insta::assert_snapshot!("accepted_xml", answer(UPGRADE));
}

#[test]
fn a_refused_call() {
    let resize = "Action=ModifyInstanceSpec&InstanceId=i-web&InstanceType=ecs.g6.xlarge";
    insta::assert_snapshot!("refused_json", answer(&format!("{resize}&Format=JSON")));
    insta::assert_snapshot!("refused_xml", answer(resize));
}

#[test]
fn an_instance() {
    let describe = "Action=DescribeInstances&RegionId=cn-hangzhou&InstanceIds=%5B%22i-web%22%5D";
    insta::assert_snapshot!("instance_json", answer(&format!("{describe}&Format=JSON")));
    insta::assert_snapshot!("instance_xml", answer(describe));
}

#[test]
fn texts_are_escaped() {
    let missing = "Action=ModifyInstanceSpec&Tag.2.%3Ckey%3E=1";
    insta::assert_snapshot!("escaped_message_xml", answer(missing));
}

#[test]
fn one_seed_one_clock_one_answer() {
    assert_eq!(answer(UPGRADE), answer(UPGRADE));
}
