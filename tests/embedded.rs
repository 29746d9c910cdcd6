//! The emulator inside a Rust test: what its builder promises, and the typed handle on an account.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::time::Duration;

use ecs_local::EcsLocal;
use ecs_local::domain::money::Cents;
use ecs_local::faults::Fault;
use ecs_local::gateway::Signatures;
use serde_json::{Value, json};

fn call(ecs: &EcsLocal, key: &str, call: &str) -> (u16, Value) {
    let url = format!("{}/?{call}&Format=JSON&AccessKeyId={key}", ecs.url());
    let mut answer = served::agent().get(url).call().unwrap();
    let body = answer.body_mut().read_to_vec().unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&body).unwrap())
}

#[test]
fn a_test_has_its_world_clock_and_faults() {
    let ecs = EcsLocal::builder()
        .frozen_at("2026-01-01T00:00:00Z")
        .world(json!({"instance": {"i-web": {"status": "Running"}}}))
        .seed(7)
        .start()
        .unwrap();
    let (mine, other) = (ecs.fresh_account(), ecs.fresh_account());
    let (status, refused) = call(
        &ecs,
        mine.key_id(),
        "Action=ModifyInstanceSpec&InstanceId=i-web&InstanceType=ecs.g6.xlarge",
    );
    assert_eq!(status, 400);
    let why = ecs.why(refused["RequestId"].as_str().unwrap()).unwrap();
    assert_eq!(why.decided.unwrap().row, "NOT_STOPPED");

    call(&ecs, mine.key_id(), "Action=StopInstance&InstanceId=i-web");
    mine.advance(Duration::from_secs(10)).unwrap();
    assert_eq!(mine.instance("i-web").unwrap().status.as_str(), "Stopped");
    assert_eq!(other.instance("i-web").unwrap().status.as_str(), "Running");
    assert_eq!(mine.history("i-web").len(), 2);
    assert!(mine.set_clock(other.now()).is_err());
    assert_eq!(mine.calls().len(), 2);

    mine.arm(Fault { row: Some("INTERNAL".to_owned()), ..Fault::default() }).unwrap();
    assert!(mine.arm(Fault::default()).is_err());
    assert_eq!(call(&ecs, mine.key_id(), "Action=DescribeRegions").0, 500);
    assert_eq!(mine.faults()[0].fired, 1);
    mine.disarm();

    mine.keep("noon");
    assert_eq!(mine.load_world(json!({"instance": {}})).unwrap(), 0);
    assert!(mine.load_world(json!([])).is_err());
    assert!(mine.bring_back("noon") && !mine.bring_back("night"));
    assert!(mine.fork_to(&other) && !mine.fork_to(&mine));
    assert_eq!(other.instance("i-web").unwrap().status.as_str(), "Stopped");
    mine.change_world(json!({"account": {"balance_cents": 5}})).unwrap();
    mine.top_up(Cents(10));
    mine.set_arrears(true);
    let account = mine.world().account;
    assert_eq!((account.balance_cents, account.arrears), (Cents(15), true));
    mine.reset();
    assert_eq!(mine.now().to_seconds(), "2026-01-01T00:00:00Z");
}

#[test]
fn orders_are_paid_as_in_the_console() {
    let ecs = EcsLocal::start().unwrap();
    let account = ecs.account("default");
    let order = "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&AutoPay=false\
                 &InstanceId=i-bp67acfmxazb4ph****&InstanceType=ecs.g5.xlarge";
    let id = call(&ecs, "", order).1["OrderId"].as_str().unwrap().to_owned();
    assert_eq!(account.orders()[0].id, id);
    account.cancel_order(&id).unwrap();
    assert!(account.pay_order(&id).is_err());
}

#[test]
fn what_the_builder_is_told_counts() {
    let ecs = EcsLocal::builder().signatures(Signatures::Strict).running().start().unwrap();
    assert_eq!(call(&ecs, "nobody", "Action=DescribeRegions").1["Code"], "MissingParameter");
    for wrong in [
        EcsLocal::builder().as_of("yesterday"),
        EcsLocal::builder().frozen_at("noon"),
        EcsLocal::builder().scenario("no-such-file.toml"),
        EcsLocal::builder().world(json!({"instnace": {}})),
        EcsLocal::builder().data("Cargo.toml"),
    ] {
        assert!(wrong.clone().start().is_err(), "{wrong:?}");
    }
    let scenario = "scenarios/ModifyInstanceSpec/NOT_STOPPED.toml";
    let ecs = EcsLocal::builder().scenario(scenario).as_of("2018-11-15").start().unwrap();
    assert_eq!(ecs.account("default").now().to_seconds(), "2026-01-01T00:00:00Z");
}

#[test]
fn dropping_it_stops_it_and_data_stays() {
    let data = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("embedded");
    let _ = std::fs::remove_dir_all(&data);
    let ecs = EcsLocal::builder().data(&data).start().unwrap();
    ecs.account("a").load_world(json!({"instance": {"i-kept": {}}})).unwrap();
    let endpoint = ecs.endpoint();
    drop(ecs);
    assert!(std::net::TcpStream::connect(&endpoint).is_err());
    let ecs = EcsLocal::builder().data(&data).start().unwrap();
    assert!(ecs.account("a").instance("i-kept").is_some());
}
