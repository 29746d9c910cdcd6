//! A small part of what the fuzz targets do (fuzz/README.md), with a seeded generator; and their tables.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod probes;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ecs_local::operations::ALL;
use ecs_local::schema::Written;
use fastrand::Rng;
use probes::journal::Original;
use probes::{scenario, seeds, world};
use serde_json::Value;

/// How many of `rounds` changed seeds are read.
fn read(
    rounds: usize,
    seeds: &[Vec<u8>],
    change: fn(&[u8], &mut Rng) -> Option<Vec<u8>>,
    probe: fn(&[u8]) -> bool,
) -> usize {
    let mut rng = Rng::with_seed(7);
    let mut changed = || change(rng.choice(seeds).unwrap(), &mut rng);
    (0..rounds).filter_map(|_| changed()).filter(|bytes| probe(bytes)).count()
}

#[test]
fn worlds_of_any_document() {
    let seeds: Vec<Vec<u8>> =
        seeds::WORLDS.iter().map(|world| serde_json::to_vec(world).unwrap()).collect();
    let read = read(20, &seeds, seeds::changed_world, world::probe);
    assert!(read > 5, "{read}");
}

fn scenarios() -> Vec<Vec<u8>> {
    seeds::SCENARIOS.iter().map(|it| toml::to_string(it).unwrap().into_bytes()).collect()
}

#[test]
fn scenarios_of_any_text() {
    let read = read(50, &scenarios(), seeds::changed_scenario, scenario::probe);
    assert!(read > 10, "{read}");
}

#[test]
fn calls_with_any_values() {
    let read = read(50, &scenarios(), seeds::changed_scenario, scenario::probe_calls);
    assert!(read > 10, "{read}");
}

#[test]
fn journals_with_any_damage() {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzzing-journal");
    let original = Original::of(place);
    let mut rng = Rng::with_seed(11);
    let opened = (0..60).filter(|_| {
        let choices: Vec<u8> = (0..4 * rng.usize(1..4)).map(|_| rng.u8(..)).collect();
        original.probe(&choices)
    });
    let opened = opened.count();
    assert!((2..55).contains(&opened), "{opened}");
}

#[test]
fn every_target_is_built_and_run() {
    let sources = fs::read_dir("fuzz/fuzz_targets").unwrap().map(|file| file.unwrap().path());
    let sources: BTreeSet<String> =
        sources.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let manifest: toml::Table =
        toml::from_str(&fs::read_to_string("fuzz/Cargo.toml").unwrap()).unwrap();
    let built = manifest["bin"].as_array().unwrap().iter();
    let built: BTreeSet<String> =
        built.map(|target| target["name"].as_str().unwrap().to_owned()).collect();
    let script = fs::read_to_string("fuzz/run").unwrap();
    let (_, table) = script.split_once("<<'TABLE'\n").unwrap();
    let run = table.lines().take_while(|line| *line != "TABLE");
    let run: Vec<Vec<&str>> = run.map(|line| line.split_whitespace().collect()).collect();
    for line in &run {
        assert!(Path::new("fuzz/dictionaries").join(line[1]).exists(), "{line:?}");
        line[2..].iter().for_each(|seeds| assert!(Path::new(seeds).is_dir(), "{line:?}"));
    }
    let run: BTreeSet<String> = run.iter().map(|line| line[0].to_owned()).collect();
    assert_eq!(sources, built);
    assert_eq!(sources, run);
}

/// The names of headers, and values that decide how a request is read.
const OF_REQUESTS: &[&str] = &[
    "ACS3-HMAC-SHA256 ",
    "ACS3-HMAC-SM3 ",
    "Credential=",
    "GET /?",
    "HMAC-SHA1",
    "POST / HTTP/1.1\\x0d\\x0a",
    "SignedHeaders=host;x-acs-action",
    "Signature=",
    "\\x0d\\x0a\\x0d\\x0a",
    "accept: application/json",
    "application/json",
    "application/x-www-form-urlencoded",
    "authorization: ",
    "content-type: ",
    "x-acs-action: ",
    "x-acs-content-sha256: ",
    "x-acs-date: ",
    "x-acs-security-token: ",
    "x-acs-signature-nonce: ",
    "x-acs-version: 2014-05-26",
];

/// The operations, and every parameter that a scenario names.
fn of_requests() -> BTreeSet<String> {
    let calls = seeds::SCENARIOS.iter().filter_map(|scenario| scenario["step"].as_array());
    let calls = calls.flatten().filter_map(|step| step.get("call")?.as_str());
    let pairs = calls.flat_map(|call| form_urlencoded::parse(call.as_bytes()));
    let parameters = pairs.map(|(name, _)| format!("&{name}="));
    let operations = ALL.iter().map(|entry| format!("Action={}", entry.action));
    let others = OF_REQUESTS.iter().map(|text| (*text).to_owned());
    others.chain(operations).chain(parameters).collect()
}

/// The keys of worlds and scenarios, and the texts that some of them take.
fn of_documents() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for written in [Written::World, Written::Scenario] {
        gather(&serde_json::from_str(&written.schema()).unwrap(), &mut names);
    }
    names
}

fn gather(schema: &Value, names: &mut BTreeSet<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    names.extend(properties.into_iter().flat_map(|properties| properties.keys().cloned()));
    let texts = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let texts = texts.chain(schema.get("const")).filter_map(Value::as_str);
    names.extend(texts.map(str::to_owned));
    match schema {
        Value::Object(fields) => fields.values().for_each(|value| gather(value, names)),
        Value::Array(items) => items.iter().for_each(|item| gather(item, names)),
        _ => {}
    }
}

#[test]
fn dictionaries_have_every_name() {
    for (name, words) in [("request.dict", of_requests()), ("document.dict", of_documents())] {
        let lines = words.iter().flat_map(|word| ["\"", word.as_str(), "\"\n"]);
        let present: String = lines.collect();
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&made, &present).unwrap();
        let written = fs::read_to_string(Path::new("fuzz/dictionaries").join(name));
        let is_same = written.is_ok_and(|written| written == present);
        assert!(is_same, "fuzz/dictionaries/{name} is not up to date: copy {}", made.display());
    }
}
