//! How long a world takes from its text to the first answer, and back: `cargo bench --bench worlds --
//! INSTANCES` (100,000 without it). A short document, the export of the same world, and a data directory.

#![allow(clippy::expect_used, reason = "a measurement that cannot go on has failed")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use ecs_local::clock::Clock;
use ecs_local::domain::document::Whole;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::wire::Incoming;

const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// How long some work takes; the shortest of several times.
fn timed<T>(what: &str, size: usize, work: impl Fn() -> T) -> T {
    let round = || {
        #[expect(clippy::disallowed_methods, reason = "a measurement")]
        let start = Instant::now();
        (work(), start.elapsed())
    };
    let (mut made, mut shortest) = (None, Duration::MAX);
    for _ in 0..3 {
        drop(made.take());
        let (thing, time) = round();
        (made, shortest) = (Some(thing), shortest.min(time));
    }
    println!("{what:<28} {:>8} kB {shortest:>10.2?}", size / 1000);
    made.expect("at least one round")
}

fn first_answer(emulator: &Emulator) {
    let call = "Action=DescribeInstances&RegionId=cn-hangzhou&AccessKeyId=default&Format=JSON";
    assert_eq!(emulator.answer(&Incoming::get(call)).status, 200);
}

fn started(text: &[u8]) -> Emulator {
    let world = World::read(text, NOW).expect("a world");
    let emulator = Emulator::new(Start::of(world, Clock::Frozen { at: NOW }));
    first_answer(&emulator);
    emulator
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let count: usize = arguments.first().map_or(100_000, |it| it.parse().expect("a number"));
    let mut short = String::from(r#"{"instance":{"#);
    for number in 0..count {
        let comma = if number == 0 { "" } else { "," };
        write!(short, r#"{comma}"i-bp1{number:017}":{{"name":"web-{number}"}}"#).expect("memory");
    }
    short.push_str("}}");
    let emulator = timed("short document", short.len(), || started(short.as_bytes()));
    let world = emulator.start().world.clone();
    let export = || serde_json::to_vec(&Whole::of(world.clone())).expect("a document");
    let text = export();
    timed("export, written", text.len(), export);
    timed("export, read", text.len(), || started(&text));

    let directory = std::env::temp_dir().join(format!("ecs-local-worlds-{}", std::process::id()));
    let base = || Start::of(World::base(NOW).expect("the base"), Clock::Frozen { at: NOW });
    {
        let kept = Emulator::open(base(), &directory).expect("a data directory");
        kept.load_world("default", &text, None).expect("a world");
        kept.close().expect("a state");
    }
    let files = directory.read_dir().expect("the directory");
    let sizes = files.map(|file| file.expect("a file").metadata().expect("its size").len());
    let size = usize::try_from(sizes.sum::<u64>()).expect("a size");
    timed("data directory, opened", size, || {
        first_answer(&Emulator::open(base(), &directory).expect("a data directory"));
    });
    std::fs::remove_dir_all(directory).expect("it goes");
}
