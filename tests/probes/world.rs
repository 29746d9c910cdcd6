//! Any bytes as a world document: what is read is written out again and read back to the same; then it
//! lives for some weeks, is called, and is still a world.

use ecs_local::clock::Clock;
use ecs_local::domain::{Span, Timestamp, World};
use ecs_local::emulator::{Emulator, Start};
use ecs_local::wire::Incoming;
use serde_json::Value;

use super::answer::must_be_readable;
use super::seeds;

/// The beginning of 2026.
const NOW: Timestamp = Timestamp(1_767_225_600_000);

/// What shows all types and zones there are; once will do.
const LONG_CALLS: &[&str] = &[
    "Action=DescribeInstanceTypes&Format=JSON",
    "Action=DescribeZones&RegionId=cn-hangzhou&Format=JSON",
    "Action=DescribeResourcesModification&RegionId=cn-hangzhou&ResourceId={id}&DestinationResource=InstanceType",
];

/// What shows everything else, and what takes an address.
const CALLS: &[&str] = &[
    "Action=DescribeInstances&RegionId=cn-hangzhou&PageSize=100",
    "Action=DescribeInstanceStatus&RegionId=cn-hangzhou",
    "Action=DescribeEipAddresses&RegionId=cn-hangzhou",
    "Action=DescribeRegions",
    "Action=AllocateEipAddress&RegionId=cn-hangzhou",
    "Action=RunInstances&RegionId=cn-hangzhou&ImageId=aliyun_3_x64_20G_alibase_20240528.vhd&InstanceType=ecs.g6.large&SecurityGroupId=sg-hangzhou&VSwitchId=vsw-hangzhou-h&InternetMaxBandwidthOut=5",
    "Action=DescribeInstanceAttribute&InstanceId={id}",
    "Action=DescribeInstanceAutoRenewAttribute&RegionId=cn-hangzhou&InstanceId={id}",
    "Action=AllocatePublicIpAddress&InstanceId={id}",
    "Action=ModifyInstanceNetworkSpec&InstanceId={id}&InternetMaxBandwidthOut=7&AutoPay=true",
    "Action=RenewInstance&InstanceId={id}&Period=1",
    "Action=StopInstance&InstanceId={id}&ForceStop=true",
    "Action=ModifyInstanceSpec&InstanceId={id}&InstanceType=ecs.g6.xlarge",
    "Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId={id}&InstanceType=ecs.g6.xlarge",
    "Action=ModifyInstanceChargeType&RegionId=cn-hangzhou&InstanceIds=%5B%22{id}%22%5D&InstanceChargeType=PostPaid",
    "Action=StartInstance&InstanceId={id}",
    "Action=DeleteInstance&InstanceId={id}&Force=true",
];

/// The bytes as JSON or TOML, a scenario's world among them. Tells whether they are a world.
pub fn probe(bytes: &[u8]) -> bool {
    let Some(mut document) = seeds::document(bytes) else { return false };
    if let Some(given) = document.get_mut("given").map(Value::take) {
        document = given;
    }
    let world = match World::from_value(&document, NOW) {
        Ok(world) => world,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let written = must_survive_its_document(&world, NOW);
    let again = World::from_value(&written, NOW).unwrap();
    assert!(again == world, "the same document, another world");
    must_be_read_from_toml(&document, &written);
    must_survive_its_document(&World::default().patched(written, NOW).unwrap(), NOW);
    must_live(world);
    true
}

/// What is written of a world reads back as the same. Answers it.
fn must_survive_its_document(world: &World, now: Timestamp) -> Value {
    let written = world.to_value().unwrap();
    let again = World::from_value(&written, now).unwrap();
    must_be_same(&written, &again.to_value().unwrap());
    written
}

fn must_be_same(one: &Value, other: &Value) {
    let keys = one.as_object().unwrap().keys().filter(|key| one[*key] != other[*key]);
    let told: Vec<String> =
        keys.map(|key| format!("{key}: {:.2000}\n  now {:.2000}", one[key], other[key])).collect();
    assert!(told.is_empty() && one == other, "{}", told.join("\n"));
}

/// A document means the same in TOML, where it has such a form.
fn must_be_read_from_toml(document: &Value, written: &Value) {
    let Ok(text) = toml::to_string(document) else { return };
    let again = toml::from_str::<Value>(&text).unwrap();
    let again = World::from_value(&again, NOW).unwrap();
    must_be_same(written, &again.to_value().unwrap());
}

/// Calls, before and after weeks in which whatever is due happens.
fn must_live(world: World) {
    let emulator = Emulator::new(Start::of(world, Clock::Frozen { at: NOW }));
    must_answer(&emulator, LONG_CALLS);
    for span in [Span::seconds(61), Span::days(40)] {
        emulator.move_clock("default", |clock| clock.set(clock.now().plus(span))).unwrap();
        must_answer(&emulator, CALLS);
    }
    emulator.at_present("default", |world, now| must_survive_its_document(world, now));
}

/// Calls, those of one instance for the latest.
fn must_answer(emulator: &Emulator, calls: &[&str]) {
    let latest = emulator.with_tenant("default", |tenant| {
        tenant.world.instance.iter().last().map(|it| it.id.clone()).unwrap_or_default()
    });
    let id: String = form_urlencoded::byte_serialize(latest.as_bytes()).collect();
    for call in calls {
        must_be_readable(&emulator.answer(&Incoming::get(&call.replace("{id}", &id))));
    }
}
