//! The data directory: what was on disk comes back, wherever the journal was cut; what is damaged, newer
//! or in use is refused and stays as it is.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod histories;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ecs_local::clock::Clock;
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::Emulator;
use ecs_local::faults::Fault;
use ecs_local::store::StoreError;
use ecs_local::wire::Incoming;
use histories::{next, settled, start, take, with};
use serde_json::{Value, json};

/// A directory of its own for each use, empty.
fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{name}"));
    let _ = fs::remove_dir_all(&path);
    path
}

fn open(directory: &Path) -> Emulator {
    Emulator::open(start(1, true), directory).unwrap()
}

fn on_disk(emulator: &Emulator) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(emulator.on_disk(None)).unwrap();
}

/// Everything of a directory but its lock.
fn files(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| !path.ends_with("lock"));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (path, bytes) in files(from) {
        fs::write(to.join(path.file_name().unwrap()), bytes).unwrap();
    }
}

fn journal(directory: &Path) -> PathBuf {
    files(directory).into_keys().rfind(|path| path.to_str().unwrap().contains("journal")).unwrap()
}

/// The default account as it is: the document of its world, and its clock.
fn present(emulator: &Emulator) -> (Value, Clock) {
    (settled(emulator).to_value().unwrap(), with(emulator, |tenant| tenant.clock))
}

/// Where two worlds differ, by the keys of their documents.
fn difference(one: &Value, other: &Value) -> String {
    let keys = one.as_object().unwrap().keys().filter(|key| one[*key] != other[*key]);
    let lines = keys.map(|key| format!("{key}: {:.300}\n  now {:.300}", one[key], other[key]));
    lines.collect::<Vec<_>>().join("\n")
}

/// Lets a random history happen. What the account was after each step that left something in the
/// journal, by the journal's length.
fn live(
    emulator: &Emulator,
    seed: u64,
    steps: usize,
    directory: &Path,
) -> Vec<(u64, (Value, Clock))> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut past = Vec::new();
    for _ in 0..steps {
        let ids: Vec<String> = with(emulator, |tenant| {
            tenant.world.instance.iter().map(|it| it.id.to_string()).collect()
        });
        for step in next(&mut rng, &ids) {
            take(emulator, &step);
            on_disk(emulator);
            past.push((journal(directory).metadata().unwrap().len(), present(emulator)));
        }
    }
    past
}

#[test]
fn wherever_the_journal_is_cut_what_was_whole_comes_back() {
    let original = directory("cut");
    let emulator = open(&original);
    let past = live(&emulator, 3, 60, &original);
    let bytes = fs::read(journal(&original)).unwrap();
    let mut rng = fastrand::Rng::with_seed(5);
    let ends = past.iter().map(|(length, _)| *length).step_by(7);
    let anywhere: Vec<u64> = (0..30).map(|_| rng.u64(1..bytes.len() as u64)).collect();
    for length in ends.chain(anywhere) {
        let cut = directory("cut-copy");
        copy(&original, &cut);
        fs::write(journal(&cut), &bytes[..usize::try_from(length).unwrap()]).unwrap();
        let again = open(&cut);
        // Two steps can have left the same length; the later one changed nothing then.
        let last = past.iter().rfind(|(upto, _)| *upto <= length);
        if let Some((_, (world, clock))) = last {
            let (found, moment) = present(&again);
            let difference = difference(world, &found);
            assert!(found == *world, "another world after {length} bytes: {difference}");
            assert_eq!(moment, *clock, "another moment after {length} bytes");
        }
    }
}

#[test]
fn histories_go_on_over_crashes_and_quiet_ends() {
    for seed in 0..8 {
        let place = directory(&format!("on-{seed}"));
        let mut rng = fastrand::Rng::with_seed(seed);
        for start in 0..6 {
            let emulator = open(&place);
            let lived = live(&emulator, rng.u64(..), 12, &place);
            let (_, last) = lived.last().unwrap();
            if start % 2 == 0 {
                emulator.close().unwrap();
            }
            drop(emulator);
            let again = open(&place);
            let now = present(&again);
            assert!(now == *last, "seed {seed}, start {start}: {}", difference(&last.0, &now.0));
        }
    }
}

/// Everything an account has besides its world.
fn furnish(emulator: &Emulator) -> String {
    let answer = |query: &str| emulator.answer(&Incoming::get(&format!("{query}&Format=JSON")));
    let allocate = "Action=AllocateEipAddress&RegionId=cn-hangzhou&ClientToken=once";
    let eip = String::from_utf8(answer(allocate).body).unwrap();
    with(emulator, |tenant| {
        tenant.clock.advance(Span::hours(5));
        tenant.faults.push(Fault { drop: true, times: Some(3), ..Fault::default() });
    });
    assert!(answer("Action=DescribeRegions").delivery.is_dropped);
    emulator.keep("default", "noon");
    emulator.keep("default", "night");
    assert!(emulator.forget("default", "night"));
    assert!(emulator.fork("default", "other"));
    emulator.with_tenant("gone", |tenant| tenant.clock.advance(Span::days(1)));
    emulator.reset("gone");
    eip
}

#[test]
fn clocks_tokens_faults_and_kept_worlds_come_back() {
    for is_quiet in [true, false] {
        let place = directory(&format!("all-{is_quiet}"));
        let emulator = open(&place);
        let eip = furnish(&emulator);
        let before = present(&emulator);
        if is_quiet {
            emulator.close().unwrap();
        }
        drop(emulator);

        let again = open(&place);
        assert_eq!(again.accounts(), 2);
        assert!(present(&again) == before);
        let faults = with(&again, |tenant| tenant.faults.clone());
        assert_eq!((faults.len(), faults[0].fired, faults[0].met), (1, 1, 1));
        assert_eq!(again.kept("default").into_keys().collect::<Vec<_>>(), ["noon"]);
        assert!(again.with_tenant("other", |tenant| tenant.world.eip.len()) == 2);
        let moment = |key| again.with_tenant(key, |tenant| tenant.clock.now());
        assert_eq!(moment("gone"), Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap());
        with(&again, |tenant| tenant.faults.clear());
        let allocate =
            "Action=AllocateEipAddress&RegionId=cn-hangzhou&ClientToken=once&Format=JSON";
        let repeated = again.answer(&Incoming::get(allocate));
        let ids = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let repeated = ids(&String::from_utf8(repeated.body).unwrap());
        let first = ids(&eip);
        assert_eq!(repeated["AllocationId"], first["AllocationId"], "the token was forgotten");
        assert_ne!(repeated["RequestId"], first["RequestId"]);
        assert!(again.bring_back("default", "noon"));
    }
}

/// What follows on the last moments that can be said lies no further.
#[test]
fn a_world_at_the_end_of_time_comes_back() {
    let place = directory("end");
    let emulator = open(&place);
    let document =
        json!({"instance": {"i-a": {"charge_type": "PrePaid", "expires_at": "9999-12-31T23:59Z"}}});
    emulator.at_present("default", |world, now| *world = world.patched(document, now).unwrap());
    emulator.answer(&Incoming::get("Action=RenewInstance&InstanceId=i-a&Period=1"));
    let before = present(&emulator);
    let again = World::from_value(&before.0, before.1.now()).unwrap();
    assert!(again == settled(&emulator), "another world");
    drop(emulator);
    assert!(present(&open(&place)) == before);
}

#[test]
fn keys_lead_where_they_led() {
    let place = directory("keys");
    let emulator = open(&place);
    let document =
        json!({"access_key": [{"id": "LTAI-1", "secret": "hush"}], "instance": {"i-mine": {}}});
    emulator.at_present("mine", |world, now| *world = World::from_value(&document, now).unwrap());
    drop(emulator);
    let again = open(&place);
    let ids = again.with_tenant("LTAI-1", |tenant| tenant.world.instance.len());
    assert_eq!(ids, 1);
    let secret = again.with_tenant("mine", |tenant| {
        tenant.world.access_key.iter().next().unwrap().secret.0.clone()
    });
    assert_eq!(secret, "hush", "what is kept is whole");
}

#[test]
fn what_is_only_read_is_not_written() {
    let place = directory("read");
    let emulator = open(&place);
    let empty = files(&place);
    for query in
        ["Action=DescribeInstances&RegionId=cn-hangzhou", "Action=StopInstance&InstanceId=i-none"]
    {
        emulator.answer(&Incoming::get(query));
    }
    on_disk(&emulator);
    assert_eq!(files(&place), empty);
}

#[test]
fn a_damaged_directory_is_refused_and_stays_as_it_is() {
    let original = directory("damage");
    let emulator = open(&original);
    live(&emulator, 2, 6, &original);
    emulator.close().unwrap();
    drop(emulator);
    // A state, the journal that goes with it, and two more.
    let emulator = open(&original);
    live(&emulator, 4, 6, &original);
    drop(emulator);
    let emulator = open(&original);
    live(&emulator, 8, 6, &original);
    let last = present(&emulator);
    drop(emulator);
    let mut rng = fastrand::Rng::with_seed(9);
    let mut refused = 0;
    for (path, bytes) in files(&original) {
        let is_last = journal(&original) == path;
        let name = path.file_name().unwrap().to_owned();
        let flips: Vec<usize> = (0..40).map(|_| rng.usize(..bytes.len())).collect();
        for at in flips.into_iter().chain([0, bytes.len() - 1, bytes.len() - 2]) {
            let hurt = directory("damage-copy");
            copy(&original, &hurt);
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << rng.u8(..7);
            fs::write(hurt.join(&name), &bytes).unwrap();
            let before = files(&hurt);
            match Emulator::open(start(1, true), &hurt) {
                Err(StoreError::Damaged { .. } | StoreError::Newer { .. }) => refused += 1,
                Err(other) => panic!("{name:?} byte {at}: {other}"),
                Ok(again) => assert!(present(&again) == last, "{name:?} byte {at}: another world"),
            }
            if let Err(error) = Emulator::open(start(1, true), &hurt) {
                assert!(error.to_string().contains("nothing was changed"), "{error}");
                assert_eq!(files(&hurt), before, "{name:?} byte {at}");
            }
        }
        // Cut where a line ends, which no checksum tells.
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        if let [most @ .., _] = lines.as_slice()
            && most.len() > 1
        {
            let shorter = directory("damage-copy");
            copy(&original, &shorter);
            fs::write(shorter.join(&name), most.concat()).unwrap();
            let opened = Emulator::open(start(1, true), &shorter);
            assert_eq!(opened.is_err(), !is_last, "{name:?} without its last line");
        }
        let missing = directory("damage-copy");
        copy(&original, &missing);
        fs::remove_file(missing.join(&name)).unwrap();
        let opened = Emulator::open(start(1, true), &missing);
        assert_eq!(opened.is_err(), !is_last, "without {name:?}");
    }
    assert!(refused > 100, "{refused}");
}

/// Such a journal has nothing but lines that were written; which is missing, only their places tell.
#[test]
fn no_line_is_lost_doubled_or_moved_unnoticed() {
    let original = directory("lines");
    let emulator = open(&original);
    live(&emulator, 5, 12, &original);
    drop(emulator);
    let bytes = fs::read(journal(&original)).unwrap();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    assert!(lines.len() > 5);
    for at in 1..lines.len() - 1 {
        let mut lost = lines.clone();
        lost.remove(at);
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        let mut moved = lines.clone();
        moved.swap(at, at + 1);
        for changed in [lost, doubled, moved] {
            let hurt = directory("lines-copy");
            copy(&original, &hurt);
            fs::write(journal(&hurt), changed.concat()).unwrap();
            let before = files(&hurt);
            let error = Emulator::open(start(1, true), &hurt).unwrap_err();
            assert!(matches!(error, StoreError::Damaged { .. }), "line {at}: {error}");
            assert_eq!(files(&hurt), before);
        }
    }
}

/// Gives the first record of a file another number, with the checksum that belongs to it there.
fn forge(path: &Path, generation: u64, number: u64) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (json, _) = lines[1].rsplit_once(' ').unwrap();
    let mut record: Value = serde_json::from_str(json).unwrap();
    record["number"] = json!(number);
    let json = record.to_string();
    let mut sum = crc32fast::Hasher::new();
    sum.update(json.as_bytes());
    sum.update(&generation.to_le_bytes());
    sum.update(&0_u64.to_le_bytes());
    lines[1] = format!("{json} {:08x}", sum.finalize());
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Whatever number a record has: what is opened with it can be written to, and be opened again.
#[test]
fn a_record_whose_number_is_no_next_one_is_refused_before_others_follow_it() {
    const HALF: u64 = u64::MAX / 2;
    for (is_state, number, is_good) in [
        (false, 1, true),
        (false, 1 << 32, true),
        (false, (1 << 32) + 1, false),
        (false, HALF, false),
        (false, u64::MAX, false),
        (true, 1, true),
        (true, HALF, true),
        (true, HALF + 1, false),
        (true, u64::MAX, false),
    ] {
        let place = directory("numbers");
        let emulator = open(&place);
        emulator.with_tenant("default", |tenant| tenant.clock.advance(Span::hours(1)));
        if is_state {
            emulator.close().unwrap();
        }
        drop(emulator);
        let named = |kind: &str| {
            files(&place).into_keys().find(|path| path.to_str().unwrap().contains(kind))
        };
        let path = named(if is_state { "state-" } else { "journal-" }).unwrap();
        let generation = path.file_stem().unwrap().to_str().unwrap().rsplit_once('-').unwrap().1;
        forge(&path, generation.parse().unwrap(), number);
        let opened = Emulator::open(start(1, true), &place);
        assert_eq!(opened.is_ok(), is_good, "number {number}, in a state: {is_state}");
        let Ok(emulator) = opened else { continue };
        for _ in 0..3 {
            emulator.with_tenant("default", |tenant| tenant.clock.advance(Span::hours(1)));
        }
        let then = present(&emulator);
        drop(emulator);
        assert!(present(&open(&place)) == then, "number {number}, in a state: {is_state}");
    }
}

#[test]
fn a_newer_directory_is_refused_and_stays_as_it_is() {
    let place = directory("newer");
    drop(open(&place));
    let path = journal(&place);
    let header = r#"{"ecs_local":"9.0.0","format":99,"kind":"journal","generation":1,"more":true}"#;
    fs::write(&path, format!("{header} {:08x}\n", crc32fast::hash(header.as_bytes()))).unwrap();
    let before = files(&place);
    let error = Emulator::open(start(1, true), &place).unwrap_err();
    assert!(matches!(error, StoreError::Newer { format: 99, .. }));
    assert!(error.to_string().contains("ecs-local 9.0.0"), "{error}");
    assert_eq!(files(&place), before);
}

#[test]
fn what_an_earlier_format_kept_comes_back() {
    for format in fs::read_dir("tests/data").unwrap() {
        let place = directory("format");
        copy(&format.unwrap().path(), &place);
        let emulator = open(&place);
        let (world, moment) =
            emulator.with_tenant("LTAI-old", |tenant| (tenant.world.clone(), tenant.clock.now()));
        assert_eq!(moment.to_seconds(), "2027-01-01T00:00:10Z");
        let old = world.instance.get("i-old").unwrap();
        assert_eq!(old.status, ecs_local::domain::instance::Status::Stopped);
        assert_eq!(world.eip.len(), 1);
        assert_eq!(emulator.kept("old").len(), 1);
        let query = "Action=AllocateEipAddress&RegionId=cn-hangzhou&ClientToken=once&Format=JSON";
        let again = emulator.answer(&Incoming::get(&format!("{query}&AccessKeyId=LTAI-old")));
        assert!(String::from_utf8_lossy(&again.body).contains("eip-bp1av5co9q26c7eh3x15"));
        emulator.close().unwrap();
    }
}

#[test]
fn one_directory_is_for_one_process() {
    let place = directory("twice");
    let first = open(&place);
    let second = Emulator::open(start(1, true), &place).unwrap_err();
    assert!(matches!(second, StoreError::InUse(_)), "{second}");
    drop(first);
    drop(open(&place));
}

#[test]
fn a_state_makes_older_journals_go() {
    let place = directory("state");
    for _ in 0..3 {
        let emulator = open(&place);
        live(&emulator, 6, 5, &place);
        emulator.close().unwrap();
    }
    let names: Vec<String> = files(&place)
        .into_keys()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names.iter().filter(|name| name.starts_with("state")).count(), 1, "{names:?}");
}
