//! docs/world.md has every key of a world.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use ecs_local::domain::{Timestamp, World};
use serde_json::{Value, json};

/// Tables whose keys are ids or names, not fields.
const BY_ID: &[&str] = &[
    "region",
    "zone",
    "instance_type",
    "image",
    "vpc",
    "vswitch",
    "security_group",
    "instance",
    "eip",
    "order",
    "ram_user",
    "ram_role",
    "token",
    "tags",
    "last_changes",
    "stock",
    "type_quota",
    "disk_capacity_left_gib",
];

fn collect(value: &Value, by_id: bool, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                if !by_id {
                    keys.insert(key.clone());
                }
                collect(value, !by_id && BY_ID.contains(&key.as_str()), keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, false, keys)),
        _ => {}
    }
}

#[test]
fn every_key_is_documented() {
    // One of everything, with whatever is left out where it is empty.
    let document = json!({
        "account": {"bandwidth_limit_mbps": 1, "refund_vcpu_hours": 1, "arrears_since": "2026-01-01T00:00Z"},
        "access_key": [{
            "id": "LTAI-a",
            "secret": "hush",
            "ram_user": "dev",
            "role_session": "builder/ci",
            "security_token": "token",
            "bearer_token": "bearer",
            "session_policy": [{"Version": "1", "Statement": []}],
            "expires_at": "2026-01-01T00:00Z"
        }],
        "ram_user": {"dev": {"policy": []}},
        "ram_role": {"builder": {"policy": []}},
        "region": {"cn-hangzhou": {"public_ips_left": 1}},
        "zone": {"cn-hangzhou-h": {"offered_types": ["ecs.own.large"], "disk_categories": []}},
        "instance_type": {"ecs.own.large": {"local_storage": {"category": "local_ssd_pro", "amount": 1, "capacity_gib": 1}}},
        "image": {"m-a": {"supported_types": [], "vcpu_range": [1, 2], "memory_gib_range": [1, 2]}},
        "security_group": {"sg-a": {}},
        "instance": {"i-a": {
            "instance_type": "ecs.own.large",
            "charge_type": "PrePaid",
            "auto_release_at": "2026-01-01T00:00Z",
            "bandwidth_out_mbps": 1,
            "bandwidth_in_mbps": 1,
            "temporary_bandwidth": {"out_mbps": 2, "starts_at": "2026-01-01T00:00Z", "ends_at": "2026-01-02T00:00Z", "regular_out_mbps": 1},
            "last_changes": {"ModifyInstanceSpec": {"at": "2026-01-01T00:00Z", "downgrade": false}},
            "network_interfaces": [{"queues": 1, "queue_pairs": 1}]
        }},
        "eip": {"eip-a": {"instance_id": "i-a"}},
        "order": {"1": {
            "before": {},
            "paid_at": "2026-01-01T00:00Z",
            "closed_at": "2026-01-01T00:00Z",
            "lapses_at": "2026-01-01T00:00Z",
            "takes": "7s",
            "state": "completed",
            "changes": [{"balance": {"amount": 1}}]
        }}
    });
    let world = World::from_value(&document, Timestamp(0)).unwrap().to_value().unwrap();
    let mut keys = BTreeSet::new();
    collect(&world, false, &mut keys);
    // The base of a document, the inside of what an unpaid order will change, and of a period.
    let told_elsewhere = ["base", "balance", "amount", "count", "unit", "Version", "Statement"];
    let written = std::fs::read_to_string("docs/world.md").unwrap();
    let missing: Vec<&String> = keys
        .iter()
        .filter(|key| !told_elsewhere.contains(&key.as_str()))
        .filter(|key| !written.contains(&format!("| `{key}` |")))
        .collect();
    assert!(keys.len() > 150, "{}", keys.len());
    assert!(missing.is_empty(), "{missing:?}");
}
