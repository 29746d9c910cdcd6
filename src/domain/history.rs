//! The lives of instances: what changed, when, and what caused it. Kept beside the instances, so
//! that copying one for a call does not copy its life.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::instance::Instance;
use super::shared::Shared;
use super::time::Timestamp;

/// The most entries kept of one instance; the oldest give way.
const ENTRIES_KEPT: usize = 200;
/// Of how many released instances the life is kept; the first released give way.
const RELEASED_KEPT: usize = 1000;

/// What kind of thing caused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A call of the API.
    Call,
    /// A call of the control interface.
    Control,
    /// It came due by itself; action and request id are those of the call that set it off.
    #[default]
    Due,
}

/// What caused a change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cause {
    /// What kind of thing.
    pub kind: CauseKind,
    /// The operation, or the control call. Empty for what a world document brought along.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub action: String,
    /// The RequestId of the call.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// The order that was carried out.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub order_id: String,
}

impl Cause {
    /// A call of the API.
    pub fn call(action: &str, request_id: &str) -> Self {
        let (action, request_id) = (action.to_owned(), request_id.to_owned());
        Self { kind: CauseKind::Call, action, request_id, order_id: String::new() }
    }

    /// A call of the control interface.
    pub fn control(action: &str) -> Self {
        Self { kind: CauseKind::Control, action: action.to_owned(), ..Self::default() }
    }

    /// Does it name neither a call nor an order?
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// What this cause set off has come due.
    #[must_use]
    pub fn due(self) -> Self {
        Self { kind: CauseKind::Due, ..self }
    }

    /// This cause, by way of an order.
    #[must_use]
    pub fn by_order(&self, order_id: &str) -> Self {
        Self { order_id: order_id.to_owned(), ..self.clone() }
    }
}

/// What an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The instance came into being.
    Created,
    /// Something of it changed.
    Changed,
    /// It is gone.
    Released,
}

/// What something was and is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Before; null where there was nothing.
    pub before: Value,
    /// After.
    pub after: Value,
}

/// One entry of a life: all that one cause changed at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "HistoryEntry")]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// The changes by name, such as `status`, `renew`, `expire`; `document` for one from outside.
    pub what: Vec<Cow<'static, str>>,
    /// Why.
    pub cause: Cause,
    /// What changed, by the keys of world documents.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changes: BTreeMap<String, Difference>,
}

/// An instance as its life tells of it, with what is bound to it.
#[derive(Debug, Clone, Default)]
pub struct Portrait {
    /// The instance, where there is one.
    pub instance: Option<Shared<Instance>>,
    /// The elastic IP bound to it.
    pub eip_id: Option<String>,
}

/// The lives of all instances of a world.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Histories {
    /// By instance id, oldest entry first.
    pub lives: BTreeMap<String, VecDeque<Entry>>,
    /// Instances that are gone, the first released first.
    pub released: VecDeque<String>,
}

impl Histories {
    /// Has nothing happened yet?
    pub fn is_empty(&self) -> bool {
        self.lives.is_empty()
    }

    /// The life of an instance, oldest entry first; none where nothing happened to it.
    pub fn of(&self, instance_id: &str) -> impl Iterator<Item = &Entry> {
        self.lives.get(instance_id).into_iter().flatten()
    }

    /// Tells what a cause did to an instance. Nothing is told where nothing changed.
    pub fn tell(
        &mut self,
        instance_id: &str,
        before: &Portrait,
        after: &Portrait,
        what: Vec<Cow<'static, str>>,
        cause: &Cause,
        at: Timestamp,
    ) {
        let event = match (&before.instance, &after.instance) {
            (None, None) => return,
            (None, Some(_)) => Event::Created,
            (Some(_), None) => Event::Released,
            (Some(_), Some(_)) => Event::Changed,
        };
        let changes = differences(before, after);
        if event == Event::Changed && changes.is_empty() {
            return;
        }
        let life = self.lives.entry(instance_id.to_owned()).or_default();
        if life.len() == ENTRIES_KEPT {
            life.pop_front();
        }
        life.push_back(Entry { at, event, what, cause: cause.clone(), changes });
        if event == Event::Released {
            self.bury(instance_id);
        }
    }

    fn bury(&mut self, instance_id: &str) {
        self.released.push_back(instance_id.to_owned());
        if self.released.len() > RELEASED_KEPT
            && let Some(first) = self.released.pop_front()
        {
            self.lives.remove(&first);
        }
    }
}

fn differences(before: &Portrait, after: &Portrait) -> BTreeMap<String, Difference> {
    let Some(present) = &after.instance else { return BTreeMap::new() };
    // A new instance is told by what it has beside the defaults.
    let blank = Instance::default();
    let earlier = before.instance.as_deref().unwrap_or(&blank);
    let mut told = told(earlier, present);
    if before.eip_id != after.eip_id {
        let (before, after) =
            (Value::from(before.eip_id.clone()), Value::from(after.eip_id.clone()));
        told.insert("eip".to_owned(), Difference { before, after });
    }
    told
}

/// Compares field by field; only what differs is written as JSON.
macro_rules! tellers {
    ($($field:ident)*) => {
        fn told(before: &Instance, after: &Instance) -> BTreeMap<String, Difference> {
            let mut told = BTreeMap::new();
            $(if before.$field != after.$field {
                let value = |instance: &Instance| {
                    serde_json::to_value(&instance.$field).unwrap_or_default()
                };
                let difference = Difference { before: value(before), after: value(after) };
                told.insert(stringify!($field).to_owned(), difference);
            })*
            told
        }

        #[cfg(test)]
        const TOLD: &[&str] = &[$(stringify!($field)),*];
    };
}

tellers! {
    name description host_name region_id zone_id cluster_id image_id instance_type effective_type
    reserved_type reserved_cluster status charge_type stopped_mode spot_strategy created_at started_at
    expires_at auto_renew auto_release_at locks reactivates deletion_protection network_type vpc_id vswitch_id
    security_group_ids private_ip public_ip bandwidth_out_mbps bandwidth_in_mbps internet_charge_type
    temporary_bandwidth disks network_interfaces tags key_pair_name resource_group_id user_data
    ram_role_name dedicated_host_id cloudbox_id private_pool starter_package hibernation_configured
    nat_port_map nested_virtualization cpu_topology online_changes purchase_recorded weekly
    next_period_type downgrade_refunds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portrait(instance: Instance) -> Portrait {
        Portrait { instance: Some(instance.into()), eip_id: None }
    }

    #[test]
    fn every_field_is_told_but_the_cooldowns_own() {
        let all = Instance {
            expires_at: Some(Timestamp(1)),
            auto_release_at: Some(Timestamp(1)),
            public_ip: Some(String::new()),
            bandwidth_in_mbps: Some(1),
            temporary_bandwidth: Some(crate::domain::instance::TemporaryBandwidth {
                out_mbps: 1,
                starts_at: Timestamp(0),
                ends_at: Timestamp(1),
                regular_out_mbps: 0,
            }),
            ..Instance::default()
        };
        let fields = serde_json::to_value(all).unwrap();
        for field in fields.as_object().unwrap().keys().filter(|key| *key != "last_changes") {
            assert!(TOLD.contains(&field.as_str()), "{field} is not told");
        }
    }

    #[test]
    fn a_life_is_told_from_its_beginning_to_its_end() {
        let mut histories = Histories::default();
        let (born, cause) = (portrait(Instance::default()), Cause::call("RunInstances", "R-1"));
        let renamed = portrait(Instance { name: "web".to_owned(), ..Instance::default() });
        histories.tell("i-a", &Portrait::default(), &born, Vec::new(), &cause, Timestamp(0));
        histories.tell("i-a", &born, &born, Vec::new(), &cause, Timestamp(1));
        histories.tell("i-a", &born, &renamed, Vec::new(), &cause, Timestamp(2));
        histories.tell(
            "i-a",
            &renamed,
            &Portrait::default(),
            Vec::new(),
            &cause.clone().due(),
            Timestamp(3),
        );
        let events: Vec<Event> = histories.of("i-a").map(|entry| entry.event).collect();
        assert_eq!(events, [Event::Created, Event::Changed, Event::Released]);
        assert_eq!(histories.of("i-a").nth(1).unwrap().changes["name"].after, "web");
    }

    #[test]
    fn memory_is_bounded() {
        let mut histories = Histories::default();
        for number in 0..RELEASED_KEPT + 5 {
            let (id, cause) = (format!("i-{number}"), Cause::default());
            let born = portrait(Instance::default());
            histories.tell(&id, &Portrait::default(), &born, Vec::new(), &cause, Timestamp(0));
            histories.tell(&id, &born, &Portrait::default(), Vec::new(), &cause, Timestamp(1));
        }
        assert_eq!(histories.lives.len(), RELEASED_KEPT);
        for number in 0..ENTRIES_KEPT + 5 {
            let before = portrait(Instance::default());
            let after = portrait(Instance { name: number.to_string(), ..Instance::default() });
            histories.tell("i-b", &before, &after, Vec::new(), &Cause::default(), Timestamp(0));
        }
        assert_eq!(histories.of("i-b").count(), ENTRIES_KEPT);
    }
}
