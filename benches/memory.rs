//! Bytes an instance, and how creating goes as they get many: `cargo bench --bench memory -- INSTANCES`
//! (100,000 without it). Instances as RunInstances makes them, with name, host name, tags and a data disk,
//! after they have started. Growth of the resident set, so that the allocator counts.

#![allow(clippy::expect_used, reason = "a measurement that cannot go on has failed")]

use std::time::Instant;

use ecs_local::clock::Clock;
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::wire::Incoming;

const NOW: Timestamp = Timestamp(1_767_225_600_000);
const RUN: &str = "Action=RunInstances&RegionId=cn-hangzhou&ZoneId=cn-hangzhou-h&Amount=100\
    &ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&InstanceType=ecs.g6.large\
    &SecurityGroupId=sg-default&VSwitchId=vsw-default\
    &InstanceName=load-{n}-[0,4]&HostName=host-{n}-[0,4]\
    &Tag.1.Key=env&Tag.1.Value=load&Tag.2.Key=batch&Tag.2.Value=batch-{n}\
    &DataDisk.1.Size=100&DataDisk.1.Category=cloud_essd&AccessKeyId=default&Format=JSON";

fn resident() -> usize {
    memory_stats::memory_stats().expect("a system that tells").physical_mem
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let count: usize = arguments.first().map_or(100_000, |it| it.parse().expect("a number"));
    let world = World::base(NOW).expect("the base world");
    let groups: Vec<&str> = world.security_group.iter().map(|it| it.id.as_str()).collect();
    let vswitch = world.vswitch.iter().find(|it| it.zone_id == "cn-hangzhou-h").expect("a switch");
    let run = RUN.replace("sg-default", groups[0]).replace("vsw-default", &vswitch.id);
    let emulator = Emulator::new(Start::of(world, Clock::Frozen { at: NOW }));
    let mut before = 0;
    #[expect(clippy::disallowed_methods, reason = "a measurement")]
    let start = Instant::now();
    for batch in 0..count / 100 {
        // The first ones make what all use.
        if batch == 10 {
            before = resident();
        }
        let call = run.replace("{n}", &batch.to_string());
        let answer = emulator.answer(&Incoming::get(&call));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        if (batch + 1) * 1000 == count {
            println!("the first tenth: {:.2?}", start.elapsed());
        }
    }
    println!("all {count}: {:.2?}", start.elapsed());
    emulator
        .move_clock("default", |clock| {
            clock.advance(Span::seconds(60));
            Ok(())
        })
        .expect("time goes on");
    let grown = resident() - before;
    println!("settled: {:.2?}; {} bytes an instance", start.elapsed(), grown / (count - 1000));
}
