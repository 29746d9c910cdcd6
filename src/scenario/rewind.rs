//! A world's document as it was before some of its latest calls, as far as it can be known: from the
//! histories of its instances, the moments of its orders and of its last changes. Money, tokens and
//! instances that are gone are not brought back. Whoever uses it has to try whether it is near enough.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::domain::Timestamp;

/// Where to go back to.
pub(super) struct Before<'a> {
    /// The moment of the first call that is undone.
    pub(super) at: Timestamp,
    /// The calls that are undone.
    pub(super) calls: BTreeSet<&'a str>,
}

impl Before<'_> {
    /// Has this not happened yet?
    fn is_later(&self, at: &Value, request_id: &Value) -> bool {
        let at = at.as_str().and_then(Timestamp::parse_any).unwrap_or_default();
        let is_undone = request_id.as_str().is_some_and(|id| self.calls.contains(id));
        at > self.at || (at == self.at && is_undone)
    }
}

/// The document as it was.
pub(super) fn rewound(document: &Value, before: &Before<'_>) -> Value {
    let mut world = document.clone();
    let lives = world["history"]["lives"].take();
    for (id, life) in lives.as_object().into_iter().flatten() {
        let entries = life.as_array().into_iter().flatten().rev();
        for entry in entries.take_while(|it| before.is_later(&it["at"], &it["cause"]["request_id"]))
        {
            undo(&mut world, id, entry);
        }
    }
    if let Some(world) = world.as_object_mut() {
        // What is told of lives decides nothing; what is due follows from what is there.
        world.shift_remove("history");
        world.shift_remove("token");
        if let Some(due) = world.get_mut("due").and_then(Value::as_array_mut) {
            due.retain(|entry| {
                let set_off_by = entry["cause"]["request_id"].as_str().unwrap_or_default();
                !before.calls.contains(set_off_by)
            });
        }
    }
    retain(&mut world["order"], |order| order["created_at"].as_str(), before);
    for instance in world["instance"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        retain(&mut instance["last_changes"], |change| change["at"].as_str(), before);
    }
    world
}

/// Takes out what came into being at the moment or later.
fn retain(of: &mut Value, born: impl Fn(&Value) -> Option<&str>, before: &Before<'_>) {
    if let Some(map) = of.as_object_mut() {
        map.retain(|_, it| born(it).and_then(Timestamp::parse_any).is_none_or(|at| at < before.at));
    }
}

/// Undoes one entry of a life.
fn undo(world: &mut Value, id: &str, entry: &Value) {
    if entry["event"] == "created" {
        if let Some(instances) = world["instance"].as_object_mut() {
            instances.shift_remove(id);
        }
        return;
    }
    let changes = entry["changes"].as_object().into_iter().flatten();
    let changes = changes.map(|(field, change)| (field, &change["before"]));
    for (field, before) in entry["before"].as_object().into_iter().flatten().chain(changes) {
        if field == "eip" {
            rebind(world, id, before);
        } else if let Some(instance) = world["instance"].get_mut(id) {
            instance[field] = before.clone();
        }
    }
}

/// The document has elastic addresses the other way round: they name the instance.
fn rebind(world: &mut Value, id: &str, before: &Value) {
    for eip in world["eip"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if eip["instance_id"] == id {
            eip["instance_id"] = Value::Null;
        }
    }
    if let Some(eip) = before.as_str().and_then(|eip| world["eip"].get_mut(eip)) {
        eip["instance_id"] = json!(id);
    }
}
