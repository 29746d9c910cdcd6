//! Random histories of a world: calls, waits, and what the console does. One seed, one history.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses its part")]

use ecs_local::clock::Clock;
use ecs_local::domain::money::Cents;
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::{Emulator, Start, Tenant};
use ecs_local::wire::{Incoming, Outgoing};

const CALLS: &[&str] = &[
    "Action=StartInstance&InstanceId={id}",
    "Action=StopInstance&InstanceId={id}",
    "Action=StopInstance&InstanceId={id}&ForceStop=true&StoppedMode=StopCharging",
    "Action=RebootInstance&InstanceId={id}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType={type}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType={type}&Async=true&ClientToken={token}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType={type}&DryRun=true",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&AutoPay={bool}",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&NetworkChargeType=PayByBandwidth&AllocatePublicIp={bool}",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&ClientToken={token}",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut={mbps}&EndTime=2026-01-09T00Z&AutoPay={bool}",
    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={id}&InstanceType={type}&AutoPay={bool}&RebootWhenFinished={bool}",
    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={id}&InstanceType={type}&EndTime=2026-01-20T00:00:00Z",
    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={id}&InstanceType={type}&OperatorType=downgrade",
    "Action=ModifyInstanceChargeType&RegionId=cn-hangzhou&InstanceIds=%5B%22{id}%22%5D&InstanceChargeType={charge}&AutoPay={bool}&IncludeDataDisks={bool}",
    "Action=ModifyDiskChargeType&RegionId=cn-hangzhou&InstanceId=i-year&DiskIds=%5B%22d-year%22%5D&DiskChargeType={charge}&AutoPay={bool}",
    "Action=RenewInstance&InstanceId={id}&Period=1&PeriodUnit={unit}&ClientToken={token}",
    "Action=RenewInstance&InstanceId={id}&Period=1",
    "Action=ModifyInstanceAutoRenewAttribute&RegionId=cn-hangzhou&InstanceId={id}&AutoRenew={bool}&Duration=1&PeriodUnit={unit}",
    "Action=DescribeInstanceAutoRenewAttribute&RegionId=cn-hangzhou&InstanceId={id}",
    "Action=ModifyInstanceAutoReleaseTime&InstanceId={id}&AutoReleaseTime=2026-03-01T00:00:00Z",
    "Action=ModifyInstanceAutoReleaseTime&InstanceId={id}",
    "Action=AllocatePublicIpAddress&InstanceId={id}",
    "Action=AssociateEipAddress&RegionId=cn-hangzhou&AllocationId=eip-a&InstanceId={id}",
    "Action=UnassociateEipAddress&RegionId=cn-hangzhou&AllocationId=eip-a&InstanceId={id}",
    "Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&InstanceType={type}&SecurityGroupId=sg-hangzhou&VSwitchId=vsw-hangzhou-h&InternetMaxBandwidthOut={mbps}",
    "Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&InstanceType={type}&SecurityGroupId=sg-hangzhou&VSwitchId=vsw-hangzhou-h&InstanceChargeType=PrePaid&Period=1&PeriodUnit={unit}&AutoPay={bool}",
    "Action=DeleteInstance&InstanceId={id}&Force={bool}",
    "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=100",
    "Action=DescribeResourcesModification&RegionId=cn-hangzhou&ResourceId={id}&DestinationResource=InstanceType",
];
const TYPES: &[&str] = &[
    "ecs.g6.large",
    "ecs.g6.xlarge",
    "ecs.g6.2xlarge",
    "ecs.g7.large",
    "ecs.s1.large",
    "ecs.none",
];
const MBPS: &[&str] = &["0", "1", "5", "10", "50", "100", "101", "x"];
/// How long a history waits between two steps, in seconds: mostly not long.
const WAITS_S: &[i64] = &[0, 0, 1, 3, 7, 60, 300, 300, 3600, 86_400, 777_600];

/// What an account begins with, in cents.
pub const BALANCE: Cents = Cents(3_000_000);
/// What it has in coupons, in cents.
pub const COUPONS: Cents = Cents(20_000);

/// The one type that runs out.
pub const SCARCE_TYPE: &str = "ecs.g6.2xlarge";
/// How many there are of it: one held at the beginning, the others in stock.
pub const SCARCE_AMOUNT: usize = 4;

/// An emulator with some instances of either charge type, at the beginning of 2026.
pub fn emulator(seed: u64, metering: bool) -> Emulator {
    Emulator::new(start(seed, metering))
}

/// What such an emulator starts from.
pub fn start(seed: u64, metering: bool) -> Start {
    let now = Timestamp::parse_seconds("2026-01-01T00:00:00Z").unwrap();
    let document = serde_json::json!({
        "account": {"balance_cents": BALANCE, "coupon_cents": COUPONS},
        "settings": {"metering": metering},
        "instance": {
            "i-payg": {"status": "Stopped", "instance_type": "ecs.g6.large"},
            "i-busy": {"status": "Running", "instance_type": "ecs.g6.xlarge", "bandwidth_out_mbps": 5},
            "i-year": {"charge_type": "PrePaid", "instance_type": "ecs.g6.xlarge", "expires_at": "2027-01-01T00:00Z",
                "disks": [{"system": true}, {"id": "d-year", "size_gib": 500}]},
            "i-month": {"charge_type": "PrePaid", "status": "Stopped", "instance_type": SCARCE_TYPE}
        },
        "eip": {"eip-a": {}},
        "zone": {"cn-hangzhou-h": {"stock": {SCARCE_TYPE: SCARCE_AMOUNT - 1}}}
    });
    Start {
        seed,
        ..Start::of(World::from_value(&document, now).unwrap(), Clock::Frozen { at: now })
    }
}

/// One step of a history.
#[derive(Debug, Clone)]
pub enum Step {
    /// Time passes.
    Wait(Span),
    /// A call of the API.
    Call(String),
    /// The newest orders are paid, as far as they can be.
    Pay,
    /// They are cancelled.
    Cancel,
    /// Money comes in.
    TopUp(Cents),
}

/// The next step of a history: a wait, mostly a call, sometimes something the console does.
pub fn next(rng: &mut fastrand::Rng, ids: &[String]) -> Vec<Step> {
    let wait = Step::Wait(Span::seconds(WAITS_S[rng.usize(..WAITS_S.len())]));
    let deed = match rng.u8(..20) {
        0 => Step::Pay,
        1 => Step::Cancel,
        2 => Step::TopUp(Cents(10_000)),
        _ => Step::Call(call(rng, ids)),
    };
    vec![wait, deed]
}

fn call(rng: &mut fastrand::Rng, ids: &[String]) -> String {
    let pick = |rng: &mut fastrand::Rng, all: &[&str]| all[rng.usize(..all.len())].to_owned();
    let id = if ids.is_empty() || rng.u8(..20) == 0 {
        "i-gone".to_owned()
    } else {
        ids[rng.usize(..ids.len())].clone()
    };
    pick(rng, CALLS)
        .replace("{id}", &id)
        .replace("{type}", &pick(rng, TYPES))
        .replace("{mbps}", &pick(rng, MBPS))
        .replace("{bool}", &pick(rng, &["true", "false"]))
        .replace("{charge}", &pick(rng, &["PrePaid", "PostPaid"]))
        .replace("{unit}", &pick(rng, &["Week", "Month"]))
        .replace("{token}", &pick(rng, &["a", "b"]))
}

/// Runs `work` on the only account.
pub fn with<T>(emulator: &Emulator, work: impl FnOnce(&mut Tenant) -> T) -> T {
    emulator.with_tenant("default", work)
}

/// The world as it is now.
pub fn settled(emulator: &Emulator) -> World {
    with(emulator, |tenant| {
        tenant.world.settle(tenant.clock.now());
        tenant.world.clone()
    })
}

/// Lets a step happen; the answer of a call.
pub fn take(emulator: &Emulator, step: &Step) -> Option<Outgoing> {
    take_as(emulator, "default", step)
}

/// Lets a step happen in the world of a key: a wait or a call; what the console does, in the default
/// one.
pub fn take_as(emulator: &Emulator, key_id: &str, step: &Step) -> Option<Outgoing> {
    match step {
        Step::Wait(span) => emulator.with_tenant(key_id, |tenant| {
            tenant.clock.advance(*span);
            tenant.world.settle(tenant.clock.now());
            None
        }),
        Step::Call(query) => {
            let key = if key_id == "default" { "" } else { key_id };
            let query = format!("{query}&Format=JSON&AccessKeyId={key}");
            Some(emulator.answer(&Incoming::get(&query)))
        }
        Step::Pay => on_newest_orders(emulator, |world, id, now| {
            let _ = world.pay_order(id, now);
        }),
        Step::Cancel => on_newest_orders(emulator, |world, id, now| {
            let _ = world.cancel_order(id, now);
        }),
        Step::TopUp(amount) => with(emulator, |tenant| {
            tenant.world.top_up(*amount, tenant.clock.now());
            None
        }),
    }
}

fn on_newest_orders(
    emulator: &Emulator,
    deed: impl Fn(&mut World, &str, Timestamp),
) -> Option<Outgoing> {
    with(emulator, |tenant| {
        // Which are the newest is a question to the world as it is now.
        tenant.world.settle(tenant.clock.now());
        let ids: Vec<String> = tenant.world.order.iter().map(|order| order.id.clone()).collect();
        for id in ids.iter().rev().take(3) {
            deed(&mut tenant.world, id, tenant.clock.now());
        }
        None
    })
}
