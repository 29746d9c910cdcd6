//! What changed documents are made of: the scenarios of this project and the worlds in them.

use std::path::Path;
use std::sync::LazyLock;

use ecs_local::domain::{Timestamp, World};
use ecs_local::scenario::find;
use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::change::Pool;

/// The scenarios in the repository, as documents.
pub static SCENARIOS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The targets are a crate of their own, one folder down.
    let folders = [manifest.join("scenarios"), manifest.join("../scenarios")];
    let folder = folders.into_iter().find(|folder| folder.is_dir()).unwrap();
    let files = find(&folder).unwrap();
    files.iter().map(|file| document(&std::fs::read(file).unwrap()).unwrap()).collect()
});

/// The worlds in them, and one whole one.
pub static WORLDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let starting = World::starting(Timestamp(1_767_225_600_000)).unwrap().to_value().unwrap();
    let given = SCENARIOS.iter().filter_map(|scenario| scenario.get("given").cloned());
    given.chain([starting, json!({"base": "starting"})]).collect()
});

/// Parts of scenarios.
pub static SCENARIO_POOL: LazyLock<Pool> = LazyLock::new(|| Pool::of(SCENARIOS.iter().cloned()));

/// Parts of worlds.
pub static WORLD_POOL: LazyLock<Pool> = LazyLock::new(|| Pool::of(WORLDS.iter().cloned()));

/// Bytes as a table, be they JSON or TOML.
pub fn document(bytes: &[u8]) -> Option<Value> {
    let json = serde_json::from_slice::<Map<String, Value>>(bytes).ok();
    let toml = || toml::from_str(std::str::from_utf8(bytes).ok()?).ok();
    json.or_else(toml).map(Value::Object)
}

/// A document of a world, changed.
pub fn changed_world(bytes: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let mut document = document(bytes)?;
    if let Some(given) = document.get_mut("given").map(Value::take) {
        document = given;
    }
    WORLD_POOL.change(&mut document, rng);
    serde_json::to_vec(&document).ok()
}

/// The text of a scenario, changed; nothing where it has no form in TOML any more.
pub fn changed_scenario(bytes: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
    let mut document = document(bytes)?;
    SCENARIO_POOL.change(&mut document, rng);
    toml::to_string(&document).ok().map(String::into_bytes)
}
