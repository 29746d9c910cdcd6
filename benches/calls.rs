//! Calls in process, for counting their instructions: `cargo bench --bench calls -- CALL INSTANCES
//! TIMES`, run under `valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*measured*'`.
//! Without arguments the cpu time of every call is printed, at several sizes of the world. No socket,
//! no signature.

#![allow(clippy::expect_used, reason = "a measurement that cannot go on has failed")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::wire::Incoming;
use serde_json::{Map, Value, json};

/// The calls by name. `{}` is the id of an instance; each has one that nothing else has.
const CALLS: &[(&str, &str)] = &[
    ("refused", "Action=ModifyInstanceSpec&InstanceId={}&InstanceType=ecs.g6.xlarge"),
    ("accepted", "Action=ModifyInstanceNetworkSpec&InstanceId={}&InternetMaxBandwidthOut=5"),
    ("one", "Action=DescribeInstances&RegionId=cn-hangzhou&InstanceIds=[\"{}\"]"),
    ("page", "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=100"),
    ("last", "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=10&PageNumber={pages}"),
    ("status", "Action=DescribeInstances&RegionId=cn-hangzhou&Status=Stopped"),
    ("type", "Action=DescribeInstances&RegionId=cn-hangzhou&InstanceType=ecs.g6.xlarge"),
    ("name", "Action=DescribeInstances&RegionId=cn-hangzhou&InstanceName=web-0000007"),
    ("prefix", "Action=DescribeInstances&RegionId=cn-hangzhou&InstanceName=web-000001*"),
    ("tag", "Action=DescribeInstances&RegionId=cn-hangzhou&Tag.1.Key=rare"),
    (
        "tags",
        "Action=DescribeInstances&RegionId=cn-hangzhou&Tag.1.Key=env&Tag.2.Key=rare&Tag.2.Value=yes",
    ),
    (
        "address",
        "Action=DescribeInstances&RegionId=cn-hangzhou&PrivateIpAddresses=[\"172.16.0.12\"]",
    ),
    ("states", "Action=DescribeInstanceStatus&RegionId=cn-hangzhou&PageSize=50"),
    ("eips", "Action=DescribeEipAddresses&RegionId=cn-hangzhou"),
];

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn emulator(instances: usize) -> Emulator {
    let mut all = Map::new();
    for number in 0..instances {
        let mut one = json!({
            "name": format!("web-{number:07}"),
            "tags": {"env": "test"},
        });
        // The same few at any size.
        if number % (instances / 10) == 3 {
            one["status"] = "Stopped".into();
            one["instance_type"] = "ecs.g6.xlarge".into();
            one["tags"]["rare"] = "yes".into();
        }
        all.insert(id(number), one);
    }
    let document = json!({"instance": Value::Object(all)});
    let world = World::from_value(&document, NOW).expect("a world");
    Emulator::new(Start::of(world, Clock::Frozen { at: NOW }))
}

fn id(number: usize) -> String {
    format!("i-bp1{number:017}")
}

/// The requests of one call, each for another instance.
fn requests(call: &str, instances: usize, times: usize) -> Vec<Incoming> {
    let query = CALLS.iter().find(|(name, _)| *name == call).expect("a known call").1;
    let query = query.replace("{pages}", &(instances / 10).to_string());
    let numbers =
        (0..times).map(|step| 1 + step * (instances / times.max(1)).max(1) % (instances - 1));
    let query =
        |number| format!("{}&AccessKeyId=default&Format=JSON", query.replace("{}", &id(number)));
    numbers.map(|number| Incoming::get(&query(number))).collect()
}

/// Answers; how many were accepted. Its own function, so that a profiler can tell it apart.
#[inline(never)]
fn measured(emulator: &Emulator, requests: &[Incoming]) -> usize {
    let accepted = |request| black_box(emulator.answer(request)).status < 400;
    requests.iter().filter(|request| accepted(request)).count()
}

/// The shortest of several rounds, for one call of each.
fn timed(emulator: &Emulator, requests: &[Incoming]) -> Duration {
    let round = |_| {
        #[expect(clippy::disallowed_methods, reason = "a measurement")]
        let start = Instant::now();
        measured(emulator, requests);
        start.elapsed() / u32::try_from(requests.len()).unwrap_or(1)
    };
    (0..7).map(round).min().unwrap_or_default()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    if let [call, instances, times] = arguments.as_slice()
        && call.parse::<usize>().is_err()
    {
        let (instances, times) =
            (instances.parse().expect("a number"), times.parse().expect("a number"));
        let emulator = emulator(instances);
        // What is made at first use is not a call's own.
        emulator.answer(&requests(call, instances, 1)[0]);
        let accepted = measured(&emulator, &requests(call, instances, times));
        println!("{call}: {accepted} of {times} accepted");
        return;
    }
    let sizes: Vec<usize> = match arguments.as_slice() {
        [] => vec![1_000, 100_000],
        sizes => sizes.iter().map(|size| size.parse().expect("a number")).collect(),
    };
    let mut first: Vec<Duration> = Vec::new();
    for instances in sizes {
        let emulator = emulator(instances);
        for (position, (call, _)) in CALLS.iter().enumerate() {
            let requests = requests(call, instances, 200);
            emulator.answer(&requests[0]);
            let time = timed(&emulator, &requests);
            if first.len() == position {
                first.push(time);
            }
            let ratio = time.as_secs_f64() / first[position].as_secs_f64();
            println!("{instances:>8} {call:<10} {time:>10.2?} {ratio:.2}");
        }
    }
}
