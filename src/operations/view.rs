//! How an instance is shown: by DescribeInstances as a whole, by DescribeInstanceAttribute in part.
//! Its addresses and interfaces are in `view/network.rs`, the machine in `view/machine.rs`. What a
//! real answer carries and no state of ours decides is a constant here.

mod machine;
mod network;

use std::any::Any;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::catalog::InstanceType;
use crate::domain::image::Image;
use crate::domain::instance::{ChargeType, Instance, Status};
use crate::domain::network::Eip;
use crate::domain::{Shared, Text, Timestamp, Word, World};
use crate::reply::{Kept, Node, Shown, object};

pub(super) use self::machine::{HTTP_ENDPOINT, HTTP_TOKENS};

/// An instance and what its description needs of its surroundings, copied out of the world.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct InstanceView {
    /// The instance. Written and read again it loses its id, as in documents; no call that shows
    /// instances takes a token, so none is.
    instance: Shared<Instance>,
    /// The type that is shown.
    instance_type: Arc<InstanceType>,
    /// The elastic IP bound to it.
    eip: Option<Shared<Eip>>,
    /// Its image, where the world still has it.
    image: Option<Shared<Image>>,
}

impl InstanceView {
    /// Copies what is shown of an instance.
    pub fn of(world: &World, instance: &Shared<Instance>) -> Self {
        Self {
            instance: instance.clone(),
            instance_type: world.find_type(&instance.instance_type).cloned().unwrap_or_default(),
            eip: world.eip_of(&instance.id).cloned(),
            image: world.image.share(&instance.image_id).cloned(),
        }
    }

    /// The instance as DescribeInstances shows it.
    pub fn shown(self) -> Node {
        Node::Kept(Kept(Arc::new(self)))
    }

    fn stopped_mode(&self) -> &'static str {
        match self.instance.status {
            Status::Stopped => self.instance.stopped_mode.as_str(),
            Status::Pending | Status::Starting | Status::Running | Status::Stopping => {
                "Not-applicable"
            }
        }
    }
}

impl Shown for InstanceView {
    fn addresses(&self) -> [usize; 4] {
        let eip = self.eip.as_ref().map_or(0, Shared::address);
        let image = self.image.as_ref().map_or(0, Shared::address);
        let instance_type = Arc::as_ptr(&self.instance_type).addr();
        [self.instance.address(), instance_type, eip, image]
    }

    fn guard(&self) -> Box<dyn Any + Send + Sync> {
        let eip = self.eip.as_ref().map(Shared::guard);
        let image = self.image.as_ref().map(Shared::guard);
        Box::new((self.instance.guard(), Arc::downgrade(&self.instance_type), eip, image))
    }

    fn node(&self) -> Node {
        instance_node(self)
    }
}

impl From<&Text> for Node {
    fn from(text: &Text) -> Self {
        text.as_str().into()
    }
}

impl From<&Word> for Node {
    fn from(text: &Word) -> Self {
        text.as_str().into()
    }
}

/// A generation as the wire counts them: ecs-4 is the families with a 5 (there was no fourth series
/// of its own), ecs-6 those with a 7.
pub(super) fn generation_name(generation: u8) -> String {
    format!("ecs-{}", generation - u8::from(generation >= 4))
}

/// An instance as DescribeInstances shows it.
fn instance_node(view: &InstanceView) -> Node {
    joined([
        attributes(view),
        machine::hardware(view),
        machine::system(view),
        network::interfaces(view),
        life(view),
        surroundings(),
        optional(view),
    ])
}

/// What DescribeInstanceAttribute shows of an instance, too.
pub(super) fn attributes(view: &InstanceView) -> Node {
    let it = &view.instance;
    let own = object! {
        "InstanceId" => &it.id,
        "InstanceName" => &it.name,
        "Description" => &it.description,
        "HostName" => &it.host_name,
        "RegionId" => &it.region_id,
        "ZoneId" => &it.zone_id,
        "ClusterId" => &it.cluster_id,
        "ImageId" => &it.image_id,
        "InstanceType" => &it.instance_type,
        "Cpu" => view.instance_type.vcpus,
        "Memory" => view.instance_type.memory_mib,
        "Status" => it.status.as_str(),
        "StoppedMode" => view.stopped_mode(),
        "InstanceChargeType" => it.charge_type.as_str(),
        "ExpiredTime" => it.shown_expiry().to_minutes(),
        "CreationTime" => it.created_at.to_minutes(),
        "CreditSpecification" => view.credit_specification(),
        "SerialNumber" => machine::serial_number(&it.id),
        "OperationLocks" => locks(it),
        "DedicatedHostAttribute" => object! {
            "DedicatedHostId" => &it.dedicated_host_id,
            "DedicatedHostName" => "",
            "DedicatedHostClusterId" => "",
        },
    };
    joined([own, network::addresses(view)])
}

/// Fields of several objects as one.
pub(super) fn joined(parts: impl IntoIterator<Item = Node>) -> Node {
    let fields = parts.into_iter().flat_map(|part| match part {
        Node::Object(fields) => fields,
        _ => Vec::new(),
    });
    Node::Object(fields.collect())
}

fn life(view: &InstanceView) -> Node {
    let it = &view.instance;
    let is_started = it.started_at != Timestamp::default();
    let sale_cycle = match it.charge_type {
        ChargeType::PrePaid => "month",
        ChargeType::PostPaid => "",
    };
    object! {
        "StartTime" => if is_started { it.started_at.to_minutes() } else { String::new() },
        "AutoReleaseTime" => it.auto_release_at.map(Timestamp::to_minutes).unwrap_or_default(),
        "DeletionProtection" => it.deletion_protection,
        "SpotStrategy" => &it.spot_strategy,
        "SpotPriceLimit" => 0.0,
        "SpotDuration" => u32::from(it.is_spot()),
        "SaleCycle" => sale_cycle,
        "ResourceGroupId" => &it.resource_group_id,
    }
}

fn surroundings() -> Node {
    object! {
        "DeviceAvailable" => true,
        "Recyclable" => false,
        "DeploymentSetId" => "",
        "HpcClusterId" => "",
        "DedicatedInstanceAttribute" => object! {
            "Tenancy" => "default",
            "Affinity" => "default",
        },
        "EcsCapacityReservationAttr" => object! {
            "CapacityReservationId" => "",
            "CapacityReservationPreference" => "",
        },
    }
}

/// What is shown only where there is something to show.
fn optional(view: &InstanceView) -> Node {
    let mut fields = Vec::new();
    let it = &view.instance;
    if !it.key_pair_name.is_empty() {
        fields.push(("KeyPairName", Node::from(&it.key_pair_name)));
    }
    if !it.tags.is_empty() {
        let tag = |(key, value)| object! { "TagKey" => key, "TagValue" => value };
        let tags: Vec<Node> = it.tags.iter().map(tag).collect();
        fields.push(("Tags", Node::List("Tag", tags)));
    }
    if let Some(local) = &view.instance_type.local_storage {
        fields.push(("LocalStorageAmount", Node::from(local.amount)));
        fields.push(("LocalStorageCapacity", Node::from(local.capacity_gib)));
    }
    Node::Object(fields)
}

fn locks(it: &Instance) -> Node {
    let lock = |reason: &str| object! { "LockReason" => reason, "LockMsg" => "" };
    let reasons = it.locks.iter().map(|reason| lock(reason.as_str()));
    Node::List("LockReason", reasons.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(node: &Node, name: &str) -> Node {
        let Node::Object(fields) = node else {
            return Node::empty();
        };
        let found = fields.iter().find(|(field, _)| *field == name);
        found.map_or_else(Node::empty, |(_, value)| value.clone())
    }

    #[test]
    fn no_field_is_shown_twice() {
        let Node::Object(fields) = instance_node(&InstanceView::default()) else {
            panic!("an instance is an object");
        };
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn an_elastic_ip_takes_the_place_of_public_bandwidth() {
        let mut view = InstanceView::default();
        view.instance.bandwidth_out_mbps = 5;
        view.instance.public_ip = Some("198.18.0.1".into());
        let shown = instance_node(&view);
        assert_eq!(field(&shown, "InternetChargeType"), "PayByTraffic".into());
        assert_eq!(field(&shown, "InternetMaxBandwidthIn"), 10.into());

        view.eip = Some(Shared::default());
        let shown = instance_node(&view);
        assert_eq!(field(&shown, "InternetChargeType"), "".into());
        assert_eq!(field(&shown, "InternetMaxBandwidthOut"), 0.into());
        assert_eq!(field(&shown, "InternetMaxBandwidthIn"), (-1).into());
        let none = Node::List("IpAddress", Vec::new());
        assert_eq!(field(&shown, "PublicIpAddress"), none);
    }
}
