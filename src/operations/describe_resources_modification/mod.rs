//! DescribeResourcesModification: what an instance can change to, by the same survey as the
//! operations that make the change: a type is listed exactly where only its stock can stand in the
//! way, and Available exactly where its stock does not. When it is refused is in `rules.rs`.

mod rules;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::conditions::figure;
use super::target::Target;
use super::{Asked, Case, Effect, Operation, Permission};
use crate::domain::catalog::InstanceType;
use crate::domain::instance::{ChargeType, Instance};
use crate::domain::{Shared, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

/// The categories that can be chosen for a system disk where it changes with the type.
const CHOSEN_CATEGORIES: &[&str] = &["cloud_efficiency", "cloud_ssd"];

pub(super) struct DescribeResourcesModification;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Destination {
    InstanceType,
    SystemDisk,
}

impl Destination {
    const fn as_str(self) -> &'static str {
        match self {
            Self::InstanceType => "InstanceType",
            Self::SystemDisk => "SystemDisk",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::InstanceType, Self::SystemDisk];
        all.into_iter().find(|one| one.as_str() == text)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OperationType {
    Upgrade,
    Downgrade,
    RenewDowngrade,
    RenewModify,
}

impl OperationType {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "Upgrade" => Some(Self::Upgrade),
            "Downgrade" => Some(Self::Downgrade),
            "RenewDowngrade" => Some(Self::RenewDowngrade),
            "RenewModify" => Some(Self::RenewModify),
            _ => None,
        }
    }

    /// Does the change go this way? A pay-as-you-go instance is upgraded to smaller types, too.
    fn fits(self, charge_type: ChargeType, target: &Target) -> bool {
        match (charge_type, self) {
            (ChargeType::PostPaid, _) | (_, Self::RenewModify) => true,
            (ChargeType::PrePaid, Self::Upgrade) => !target.is_downgrade(),
            (ChargeType::PrePaid, Self::Downgrade | Self::RenewDowngrade) => target.is_downgrade(),
        }
    }
}

pub(super) struct Request {
    region_id: Option<String>,
    resource_id: Option<String>,
    destination: Param<Destination>,
    operation_type: Param<OperationType>,
    instance_type: Option<String>,
    cores: Param<i32>,
    memory_gib: Param<f64>,
    may_move: Param<bool>,
}

impl Request {
    fn is_for_disk(&self) -> bool {
        self.destination.value() == Some(&Destination::SystemDisk)
    }

    fn fits(&self, one: &InstanceType) -> bool {
        let memory_gib = f64::from(one.memory_mib) / 1024.0;
        let is_memory = |wanted: &f64| (wanted - memory_gib).abs() < 1e-3;
        self.instance_type.as_ref().is_none_or(|name| *name == one.name)
            && figure(&self.cores).is_none_or(|cores| cores == one.vcpus)
            && self.memory_gib.value().is_none_or(is_memory)
    }
}

#[derive(Default)]
pub(super) struct Facts {
    region_found: bool,
    found: bool,
    charge_type: ChargeType,
    listing: Arc<Listing>,
}

/// What the instance's zone has for it.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Listing {
    region_id: String,
    zone_id: String,
    offers: Vec<Offer>,
}

/// A type or a category, and whether there is some of it left.
#[derive(Serialize, Deserialize)]
struct Offer {
    value: String,
    available: bool,
}

impl Operation for DescribeResourcesModification {
    const ACTION: &'static str = "DescribeResourcesModification";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:DescribeResourcesModification", "*")];
    const ROWS: &'static [&'static Row] = rules::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = rules::REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = rules::STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Arc<Listing>;

    fn parse(params: &Params) -> Request {
        let memory = |text: &str| text.parse::<f64>().ok().filter(|gib| gib.is_finite());
        Request {
            region_id: params.string("RegionId"),
            resource_id: params.string("ResourceId"),
            destination: params.parse("DestinationResource", Destination::parse),
            operation_type: params.parse("OperationType", OperationType::parse),
            instance_type: params.string("InstanceType"),
            cores: params.integer("Cores"),
            memory_gib: params.parse("Memory", memory),
            may_move: params.boolean("MigrateAcrossZone"),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let request = &asked.request;
        let region = request.region_id.as_deref().unwrap_or_default();
        let region_found = world.region.contains_key(region);
        let id = request.resource_id.as_ref();
        let instance = id.and_then(|id| world.instance.share(id));
        let Some(instance) = instance.filter(|it| it.region_id == region) else {
            return Facts { region_found, ..Facts::default() };
        };
        let offers = if request.is_for_disk() {
            categories(request, world, instance)
        } else {
            types(request, world, instance)
        };
        Facts {
            region_found,
            found: true,
            charge_type: instance.charge_type,
            listing: Arc::new(Listing {
                region_id: instance.region_id.to_string(),
                zone_id: instance.zone_id.to_string(),
                offers,
            }),
        }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), Arc::clone(&case.facts.listing))
    }

    fn reply(request: &Request, listing: Self::Output) -> Node {
        let kind = request.destination.or(Destination::InstanceType);
        let zone = zone_node(kind, &listing);
        object! { "AvailableZones" => Node::List("AvailableZone", vec![zone]) }
    }
}

/// The types the instance can change to.
fn types(request: &Request, world: &World, instance: &Shared<Instance>) -> Vec<Offer> {
    let direction = request.operation_type.or(OperationType::Upgrade);
    let types = world.all_types();
    let wanted = types.values().filter(|one| request.fits(one));
    wanted
        .filter_map(|one| Target::of(world, instance, &one.name))
        .filter(|target| !target.is_same() && target.is_open())
        .filter(|target| direction.fits(instance.charge_type, target))
        .map(|target| Offer {
            value: target.to.name.clone(),
            available: target.is_available(request.may_move.or(false)),
        })
        .collect()
}

/// The categories its system disk can have with the type named: a choice where the type gains I/O
/// optimisation, else the present one.
fn categories(request: &Request, world: &World, instance: &Shared<Instance>) -> Vec<Offer> {
    let name = request.instance_type.as_deref().unwrap_or_default();
    let target = Target::of(world, instance, name);
    let Some(target) = target.filter(|to| to.is_same() || to.is_open()) else {
        return Vec::new();
    };
    let can_choose = target.gains_io_optimisation();
    let is_present = |category: &str| {
        let mut disks = instance.hardware.disks.iter();
        disks.any(|disk| disk.system && disk.category == category)
    };
    let fits = |category: &&String| {
        is_present(category) || (can_choose && CHOSEN_CATEGORIES.contains(&category.as_str()))
    };
    let available = target.is_same() || target.is_available(request.may_move.or(false));
    let offer = |category: &String| Offer { value: category.clone(), available };
    let categories = target.to.disk_categories.iter();
    categories.filter(fits).map(offer).collect()
}

const fn status(available: bool) -> (&'static str, &'static str) {
    if available { ("Available", "WithStock") } else { ("SoldOut", "WithoutStock") }
}

fn zone_node(kind: Destination, listing: &Listing) -> Node {
    let offered = |offer: &Offer| {
        let (status, category) = status(offer.available);
        object! { "Value" => &offer.value, "Status" => status, "StatusCategory" => category }
    };
    let offers: Vec<Node> = listing.offers.iter().map(offered).collect();
    let resource = object! {
        "Type" => kind.as_str(),
        "SupportedResources" => Node::List("SupportedResource", offers),
    };
    let (status, category) = status(listing.offers.iter().any(|offer| offer.available));
    object! {
        "ZoneId" => &listing.zone_id,
        "RegionId" => &listing.region_id,
        "Status" => status,
        "StatusCategory" => category,
        "AvailableResources" => Node::List("AvailableResource", vec![resource]),
    }
}
