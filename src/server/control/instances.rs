//! `/_local/instances/{id}/history`: the life of an instance, released ones included: each change with
//! its moment, its cause and what was before and after. `/_local/instances/{id}`: what its guest sees,
//! which is not what DescribeInstances shows while a new type waits for a start.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{ControlError, Whose, told};
use crate::domain::World;
use crate::domain::history::Entry;
use crate::domain::instance::Instance;
use crate::emulator::Emulator;

pub(super) async fn show(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    emulator.at_present(whose.account(), |world, _| {
        let instance = world.instance.get(&id).ok_or_else(|| unknown(&id))?;
        Ok(Json(json!({
            "instance_id": id,
            "guest": guest(world, instance),
            "instance": told(instance)?,
        })))
    })
}

fn guest(world: &World, instance: &Instance) -> Value {
    let name = match instance.effective_type.as_str() {
        "" => &instance.instance_type,
        effective => effective,
    };
    let size = world.find_type(name).map(|one| (one.vcpus, one.memory_mib)).unwrap_or_default();
    json!({"instance_type": name, "vcpus": size.0, "memory_mib": size.1})
}

pub(super) async fn history(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ControlError> {
    let entries = emulator.at_present(whose.account(), |world, _| {
        let entries: Vec<Entry> = world.history.of(&id).cloned().collect();
        let is_known = !entries.is_empty() || world.instance.get(&id).is_some();
        if is_known { Ok(entries) } else { Err(unknown(&id)) }
    })?;
    told(&entries).map(Json)
}

fn unknown(id: &str) -> ControlError {
    let message = format!("there is no instance {id}, and there was none");
    ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.InstanceNotFound", message)
}
