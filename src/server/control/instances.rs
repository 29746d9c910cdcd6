//! `/_local/instances/{id}/history`: the life of an instance, released ones included: each change with
//! its moment, its cause and what was before and after. `/_local/instances/{id}`: what its guest sees,
//! which is not what DescribeInstances shows while a new type waits for a start.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde::Serialize;

use super::answered::Json;
use super::asked::{Path, Query};
use super::route::{Answer, Route, of};
use super::{ControlError, Whose};
use crate::domain::World;
use crate::domain::history::Entry;
use crate::domain::instance::Instance;
use crate::emulator::Emulator;

const NO_INSTANCE: (u16, &str) = (404, "there is no such instance, and there was none");

pub(super) const ROUTES: &[Route] = &[
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<View>),
        refusals: &[NO_INSTANCE],
        ..Route::new(
            ("get", "/instances/{id}"),
            "instance",
            "An instance, and what its guest sees.",
            || get(show),
        )
    },
    Route {
        query: &[of::<Whose>],
        answer: Answer::Json(of::<Vec<Entry>>),
        refusals: &[NO_INSTANCE],
        ..Route::new(
            ("get", "/instances/{id}/history"),
            "history",
            "What happened to an instance, and why; the oldest first.",
            || get(history),
        )
    },
];

/// An instance and its guest.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "InstanceView"))]
struct View {
    /// `i-…`.
    instance_id: String,
    /// What runs inside.
    guest: Guest,
    /// As in world documents.
    instance: Instance,
}

/// The machine that runs, which is not the one DescribeInstances shows while a new type waits for a start.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Guest {
    /// Its type.
    instance_type: String,
    /// Its vCPUs.
    vcpus: u32,
    /// Its memory, MiB.
    memory_mib: u32,
}

async fn show(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<View>, ControlError> {
    emulator.at_present(whose.account(), |world, _| {
        let instance = world.instance.get(&id).ok_or_else(|| unknown(&id))?;
        let (guest, instance) = (guest(world, instance), instance.clone());
        Ok(Json(View { instance_id: id, guest, instance }))
    })
}

fn guest(world: &World, instance: &Instance) -> Guest {
    let name = match instance.effective_type.as_str() {
        "" => instance.instance_type.as_str(),
        effective => effective,
    };
    let size = world.find_type(name).map(|one| (one.vcpus, one.memory_mib));
    let (vcpus, memory_mib) = size.unwrap_or_default();
    Guest { instance_type: name.to_owned(), vcpus, memory_mib }
}

async fn history(
    State(emulator): State<Arc<Emulator>>,
    Query(whose): Query<Whose>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Entry>>, ControlError> {
    emulator.at_present(whose.account(), |world, _| {
        let entries: Vec<Entry> = world.life(&id);
        let is_known = !entries.is_empty() || world.instance.get(&id).is_some();
        if is_known { Ok(Json(entries)) } else { Err(unknown(&id)) }
    })
}

fn unknown(id: &str) -> ControlError {
    let message = format!("there is no instance {id}, and there was none");
    ControlError::new(StatusCode::NOT_FOUND, "EcsLocal.InstanceNotFound", message)
}
