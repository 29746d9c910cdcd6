//! What DescribeResourcesModification lists as available is what then succeeds, and nothing else:
//! for every type of the catalogue, from instances of different families.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use ecs_local::clock::Clock;
use ecs_local::domain::catalog::Catalog;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::wire::Incoming;
use serde_json::{Value, json};

const SOURCES: &[&str] = &[
    "ecs.g6.large",
    "ecs.g5.xlarge",
    "ecs.s1.small",
    "ecs.g8i.large",
    "ecs.t5-c1m1.large",
    "ecs.gn5-c4g1.xlarge",
    "ecs.g7.2xlarge",
];

fn emulator(source: &str, charge_type: &str) -> Emulator {
    let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
    let document = json!({
        "account": {"denied_types": ["ecs.g6.4xlarge"], "hidden_types": ["ecs.g6.8xlarge"], "balance_cents": 100_000_000_000_i64},
        "zone": {"cn-hangzhou-h": {
            "not_offered_types": ["ecs.g6.3xlarge", "ecs.g5.large"],
            "stock": {"ecs.g6.2xlarge": 0, "ecs.c6.large": {"c-1": 0, "c-2": 4}, "ecs.g5.2xlarge": 1}
        }},
        "instance": {"i-a": {"status": "Stopped", "instance_type": source, "charge_type": charge_type}}
    });
    let world = World::from_value(&document, now).unwrap();
    Emulator::new(Start::of(world, Clock::Frozen { at: now }))
}

fn call(emulator: &Emulator, query: &str) -> Value {
    serde_json::from_slice(&emulator.answer(&Incoming::get(&format!("{query}&Format=JSON"))).body)
        .unwrap()
}

/// Types listed, with their status.
fn listed(emulator: &Emulator, extra: &str) -> BTreeMap<String, String> {
    let query = format!(
        "Action=DescribeResourcesModification&RegionId=cn-hangzhou&ResourceId=i-a&DestinationResource=InstanceType{extra}"
    );
    let reply = call(emulator, &query);
    let zones = reply.pointer("/AvailableZones/AvailableZone").unwrap().as_array().unwrap();
    let resources =
        zones.iter().filter_map(|zone| zone.pointer("/AvailableResources/AvailableResource"));
    let supported = resources
        .flat_map(|list| list.as_array().unwrap())
        .filter_map(|one| one.pointer("/SupportedResources/SupportedResource"));
    supported
        .flat_map(|list| list.as_array().unwrap())
        .map(|one| {
            (one["Value"].as_str().unwrap().to_owned(), one["Status"].as_str().unwrap().to_owned())
        })
        .collect()
}

fn code(reply: &Value) -> String {
    reply["Code"].as_str().unwrap_or("OK").to_owned()
}

#[test]
fn pay_as_you_go_lists_what_succeeds() {
    let mut available = 0;
    for source in SOURCES {
        for (may_move, name) in
            [("", ""), ("&MigrateAcrossZone=true", "&AllowMigrateAcrossZone=true")]
        {
            let emulator = emulator(source, "PostPaid");
            let listed = listed(&emulator, may_move);
            for target in Catalog::builtin().iter().filter(|one| one.name != **source) {
                let query = format!(
                    "Action=ModifyInstanceSpec&InstanceId=i-a&InstanceType={}&DryRun=true{name}",
                    target.name
                );
                let code = code(&call(&emulator, &query));
                let context = format!("{source} to {}{may_move}: {code}", target.name);
                match listed.get(&target.name).map(String::as_str) {
                    Some("Available") => assert_eq!(code, "DryRunOperation", "{context}"),
                    Some(_) => assert!(code.starts_with("OperationDenied"), "{context}"),
                    None => assert!(
                        !["DryRunOperation", "OperationDenied.NoStock", "OperationDenied"]
                            .contains(&code.as_str()),
                        "{context}"
                    ),
                }
            }
            available += listed.values().filter(|status| *status == "Available").count();
        }
    }
    assert!(available > 500, "{available}");
}

#[test]
fn a_subscription_lists_what_succeeds_in_each_direction() {
    for source in SOURCES {
        for (direction, operator) in [("Upgrade", "upgrade"), ("Downgrade", "downgrade")] {
            let listed =
                listed(&emulator(source, "PrePaid"), &format!("&OperationType={direction}"));
            // Each call changes the world, so each gets a fresh one; every third type is enough.
            let all = Catalog::builtin().iter().filter(|one| one.name != **source);
            for (_, target) in all
                .enumerate()
                .filter(|(index, one)| index % 3 == 0 || listed.contains_key(&one.name))
            {
                let query = format!(
                    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId=i-a&InstanceType={}&OperatorType={operator}",
                    target.name
                );
                let code = code(&call(&emulator(source, "PrePaid"), &query));
                let context = format!("{source} {direction} to {}: {code}", target.name);
                match listed.get(&target.name).map(String::as_str) {
                    Some("Available") => assert_eq!(code, "OK", "{context}"),
                    Some(_) => assert_eq!(code, "OperationDenied.NoStock", "{context}"),
                    None => assert!(
                        !["OK", "OperationDenied.NoStock"].contains(&code.as_str()),
                        "{context}"
                    ),
                }
            }
        }
    }
}
