//! Both ends of every range, and an unknown value for every list, of the three modifying
//! operations, on the page that documents them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use ecs_local::clock::Clock;
use ecs_local::domain::{Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::row::Date;
use ecs_local::wire::Incoming;

const SPEC: &str = "Action=ModifyInstanceSpec&InstanceId=i-payg";
const TYPE: &str = "Action=ModifyInstanceSpec&InstanceId=i-payg&InstanceType=ecs.g6.xlarge";
const NETWORK: &str = "Action=ModifyInstanceNetworkSpec&InstanceId=i-payg";
const PREPAY: &str = "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId=i-sub&InstanceType=ecs.g6.xlarge";
const WINDOW: &str =
    "&Temporary.StartTime=2026-01-02T00:00:00Z&Temporary.EndTime=2026-01-03T00:00:00Z";

/// A parameter: the call without it, its name, values inside, values outside, and the row of those.
struct Range {
    page: &'static str,
    call: &'static str,
    name: &'static str,
    inside: &'static [&'static str],
    outside: &'static [&'static str],
    row: &'static str,
}

const fn range(
    page: &'static str,
    call: &'static str,
    name: &'static str,
    inside: &'static [&'static str],
    outside: &'static [&'static str],
    row: &'static str,
) -> Range {
    Range { page, call, name, inside, outside, row }
}

const OLDEST: &str = "2018-11-15";
const MIDDLE: &str = "2019-05-21";
const NEWEST: &str = "2026-06-26";

const RANGES: &[Range] = &[
    range(
        OLDEST,
        SPEC,
        "InternetMaxBandwidthOut",
        &["0", "1", "100"],
        &["-1", "101", "1.5", "x"],
        "BANDWIDTH_OUT_2018",
    ),
    range(
        MIDDLE,
        SPEC,
        "InternetMaxBandwidthOut",
        &["0", "100"],
        &["-1", "101"],
        "BANDWIDTH_OUT_2018",
    ),
    range(
        NEWEST,
        SPEC,
        "InternetMaxBandwidthOut",
        &["0", "100"],
        &["-1", "101", "2147483648"],
        "BANDWIDTH_OUT",
    ),
    range(
        OLDEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&InternetMaxBandwidthOut=20",
        "InternetMaxBandwidthIn",
        &["1", "200"],
        &["0", "201", "x"],
        "BANDWIDTH_IN",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&InternetMaxBandwidthOut=10",
        "InternetMaxBandwidthIn",
        &["1", "10"],
        &["0", "11"],
        "BANDWIDTH_IN",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&InternetMaxBandwidthOut=20",
        "InternetMaxBandwidthIn",
        &["1", "20"],
        &["0", "21"],
        "BANDWIDTH_IN",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&Temporary.StartTime=2026-01-02T00:00:00Z&Temporary.EndTime=2026-01-03T00:00:00Z",
        "Temporary.InternetMaxBandwidthOut",
        &["1", "100"],
        &["0", "101"],
        "BANDWIDTH_OUT",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&Temporary.InternetMaxBandwidthOut=50&Temporary.EndTime=2026-01-03T00:00:00Z",
        "Temporary.StartTime",
        &["2026-01-01T00:00:00Z", "2026-01-02T23:59:59Z"],
        &["2025-12-31T23:59:59Z", "2026-01-02T00:00Z", "x"],
        "TEMPORARY_START",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&Temporary.InternetMaxBandwidthOut=50&Temporary.StartTime=2026-01-02T00:00:00Z",
        "Temporary.EndTime",
        &["2026-01-02T00:00:01Z"],
        &["2026-01-02T00:00:00Z", "2026-01-03T00Z"],
        "TEMPORARY_END",
    ),
    range(NEWEST, TYPE, "Async", &["true", "FALSE"], &["1", "yes"], "ASYNC"),
    range(
        NEWEST,
        TYPE,
        "AllowMigrateAcrossZone",
        &["True", "false"],
        &["1"],
        "MIGRATE_ACROSS_ZONE",
    ),
    range(
        NEWEST,
        TYPE,
        "SystemDisk.Category",
        &[],
        &["cloud", "cloud_essd"],
        "SYSTEM_DISK_CATEGORY",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&InstanceType=ecs.g6.xlarge&Disk.1.DiskId=d-payg",
        "Disk.1.Category",
        &["cloud_essd", "cloud_ssd"],
        &["floppy"],
        "DISK_CATEGORY",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceSpec&InstanceId=i-payg&InstanceType=ecs.g6.xlarge&Disk.1.DiskId=d-payg&Disk.1.Category=cloud_essd",
        "Disk.1.PerformanceLevel",
        &["PL0", "PL3"],
        &["PL4", "pl1"],
        "DISK_PERFORMANCE_LEVEL",
    ),
    range(
        NEWEST,
        NETWORK,
        "InternetMaxBandwidthOut",
        &["0", "100"],
        &["-1", "101"],
        "BANDWIDTH_OUT",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceNetworkSpec&InstanceId=i-payg&InternetMaxBandwidthOut=10",
        "InternetMaxBandwidthIn",
        &["1", "200"],
        &["0", "201"],
        "BANDWIDTH_IN",
    ),
    range(
        NEWEST,
        NETWORK,
        "NetworkChargeType",
        &["PayByTraffic", "PayByBandwidth"],
        &["paybytraffic", "PayByMoon"],
        "INTERNET_CHARGE_TYPE",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceNetworkSpec&InstanceId=i-payg&InternetMaxBandwidthOut=10",
        "AllocatePublicIp",
        &["true", "false"],
        &["yes"],
        "ALLOCATE_PUBLIC_IP",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceNetworkSpec&InstanceId=i-payg&InternetMaxBandwidthOut=50&StartTime=2026-01-01T12:00Z",
        "EndTime",
        &["2026-01-01T15Z"],
        &["2026-01-01T14Z", "2026-01-01T15:00Z"],
        "TEMPORARY_START",
    ),
    range(
        NEWEST,
        "Action=ModifyInstanceNetworkSpec&InstanceId=i-payg&InternetMaxBandwidthOut=50&EndTime=2026-01-02T00Z",
        "StartTime",
        &["2026-01-01T00:00Z", "2026-01-01T21:00Z"],
        &["2025-12-31T23:59Z", "2026-01-01T21:01Z", "2026-01-01T12Z"],
        "TEMPORARY_START",
    ),
    range(NEWEST, PREPAY, "OperatorType", &["upgrade"], &["Upgrade", "sidegrade"], "OPERATOR_TYPE"),
    range(
        NEWEST,
        PREPAY,
        "RebootTime",
        &["2026-01-01T00:00:00Z", "2026-02-01T00:00Z"],
        &["2025-12-31T23:59:59Z", "2026-02-01T00:00:01Z"],
        "REBOOT_TIME",
    ),
    range(NEWEST, PREPAY, "RebootTime", &[], &["2026-01-01", "12:05"], "REBOOT_TIME_MALFORMED"),
    range(
        NEWEST,
        PREPAY,
        "EndTime",
        &["2026-01-01T00:00:01Z"],
        &["2026-01-01T00:00:00Z", "x"],
        "MALFORMED_PARAMETER",
    ),
    range(NEWEST, PREPAY, "AutoPay", &["true", "False"], &["0"], "MALFORMED_PARAMETER"),
    range(NEWEST, PREPAY, "MigrateAcrossZone", &["true"], &["0"], "MALFORMED_PARAMETER"),
    range(NEWEST, PREPAY, "RebootWhenFinished", &["false"], &["0"], "MALFORMED_PARAMETER"),
];

fn answer(page: &str, query: &str) -> (u16, String) {
    let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
    let document = serde_json::json!({"instance": {
        "i-payg": {"status": "Stopped", "bandwidth_out_mbps": 1, "bandwidth_in_mbps": 1},
        "i-sub": {"charge_type": "PrePaid", "expires_at": "2026-02-01T00:00:00Z"},
    }});
    let emulator = Emulator::new(Start {
        as_of: Some(Date::parse(page).unwrap()),
        ..Start::of(World::from_value(&document, now).unwrap(), Clock::Frozen { at: now })
    });
    let answer = emulator.answer(&Incoming::get(query));
    let why = answer.header("x-ecs-local-why").unwrap_or_default();
    (answer.status, why.split(':').next().unwrap_or_default().to_owned())
}

#[test]
fn values_inside_a_range_are_taken_and_those_outside_meet_its_row() {
    for range in RANGES {
        for value in range.inside {
            let query = format!("{}&{}={value}", range.call, range.name);
            assert_eq!(
                answer(range.page, &query),
                (200, String::new()),
                "{query} on {}",
                range.page
            );
        }
        for value in range.outside {
            let query = format!("{}&{}={value}", range.call, range.name);
            assert_eq!(answer(range.page, &query).1, range.row, "{query} on {}", range.page);
        }
    }
}

#[test]
fn a_token_has_64_ascii_characters_at_most() {
    for call in [
        TYPE,
        "Action=ModifyInstanceNetworkSpec&InstanceId=i-payg&InternetMaxBandwidthOut=9",
        PREPAY,
    ] {
        let token = |text: &str| answer(NEWEST, &format!("{call}&ClientToken={text}"));
        assert_eq!(token(&"t".repeat(64)).0, 200, "{call}");
        assert_eq!(token(&"t".repeat(65)).1, "TOKEN_MALFORMED", "{call}");
        assert_eq!(token("%C3%A9").1, "TOKEN_MALFORMED", "{call}");
        assert_eq!(token("").0, 200, "an empty token is none: {call}");
    }
}

#[test]
fn windows_are_taken_whole() {
    assert_eq!(
        answer(NEWEST, &format!("{SPEC}&Temporary.InternetMaxBandwidthOut=50{WINDOW}")).0,
        200
    );
}
