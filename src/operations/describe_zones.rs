//! DescribeZones: the zones of a region and what they sell, sold out or not. A zone has one name,
//! whatever the language asked for.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::conditions::is_unknown;
use super::view::generation_name;
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::domain::catalog::InstanceType;
use crate::domain::instance::ChargeType;
use crate::domain::region::Zone;
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

const LANGUAGES: &[&str] = &["zh-CN", "en-US", "ja"];
const SPOT_STRATEGIES: &[&str] = &["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"];

pub(super) struct DescribeZones;

pub(super) struct Request {
    region_id: Option<String>,
    charge_type: Param<ChargeType>,
    spot_strategy: Option<String>,
    language: Option<String>,
    verbose: Param<bool>,
}

pub(super) struct Facts {
    region_found: bool,
    zones: Arc<Vec<Shown>>,
}

/// A zone and the types it sells to the account.
#[derive(Serialize, Deserialize)]
pub(super) struct Shown {
    zone_id: String,
    local_name: String,
    types: Vec<Arc<InstanceType>>,
}

impl Shown {
    fn of(world: &World, zone_id: &str, zone: &Zone) -> Self {
        let is_seen = |name: &str| !world.account.hidden_types.contains(name);
        let types = world.all_types().into_iter();
        Self {
            zone_id: zone_id.to_owned(),
            local_name: zone.local_name.clone(),
            types: types
                .filter(|(name, _)| zone.offers(name) && is_seen(name))
                .map(|(_, one)| Arc::clone(one))
                .collect(),
        }
    }

    fn node(&self, verbose: bool) -> Node {
        let types: Vec<&InstanceType> = self.types.iter().map(Arc::as_ref).collect();
        let mut fields = vec![
            ("ZoneId", Node::from(&self.zone_id)),
            ("LocalName", Node::from(&self.local_name)),
            ("AvailableResourceCreation", creation(&types)),
            ("AvailableDiskCategories", texts("DiskCategories", disk_categories(&types))),
        ];
        if verbose {
            let names = types.iter().map(|one| one.name.as_str());
            fields.extend([
                ("AvailableInstanceTypes", texts("InstanceTypes", names)),
                ("AvailableVolumeCategories", texts("VolumeCategories", [])),
                ("AvailableDedicatedHostTypes", texts("DedicatedHostType", [])),
                ("DedicatedHostGenerations", texts("DedicatedHostGeneration", [])),
                ("AvailableResources", Node::List("ResourcesInfo", resources(&types))),
            ]);
        }
        Node::Object(fields)
    }
}

impl Operation for DescribeZones {
    const ACTION: &'static str = "DescribeZones";
    const PERMISSIONS: &'static [Permission] = &[Permission::on("ecs:DescribeZones", "*")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Arc<Vec<Shown>>;

    fn parse(params: &Params) -> Request {
        Request {
            region_id: params.string("RegionId"),
            charge_type: params.parse("InstanceChargeType", ChargeType::parse),
            spot_strategy: params.string("SpotStrategy"),
            language: params.string("AcceptLanguage"),
            verbose: params.boolean("Verbose"),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let region = asked.request.region_id.as_deref().unwrap_or_default();
        let zones = world.zone.iter();
        let in_region = zones.filter(|(_, zone)| zone.region_id == region);
        let shown = in_region.map(|(id, zone)| Shown::of(world, id, zone));
        Facts { region_found: world.region.contains_key(region), zones: Arc::new(shown.collect()) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), Arc::clone(&case.facts.zones))
    }

    fn reply(request: &Request, zones: Self::Output) -> Node {
        let verbose = request.verbose.or(true);
        let shown = zones.iter().map(|zone| zone.node(verbose)).collect();
        object! { "Zones" => Node::List("Zone", shown) }
    }
}

fn texts<'a>(element: &'static str, items: impl IntoIterator<Item = &'a str>) -> Node {
    Node::texts(element, items)
}

fn creation(types: &[&InstanceType]) -> Node {
    let sells = if types.is_empty() {
        &["VSwitch", "Disk"][..]
    } else {
        &["VSwitch", "IoOptimized", "Instance", "Disk"]
    };
    texts("ResourceTypes", sells.iter().copied())
}

fn disk_categories<'a>(types: &[&'a InstanceType]) -> BTreeSet<&'a str> {
    let categories = types.iter().flat_map(|one| &one.disk_categories);
    categories.map(String::as_str).collect()
}

/// What can be had with I/O optimisation, then what can be had without it.
fn resources(types: &[&InstanceType]) -> Vec<Node> {
    let of = |io_optimized: bool| {
        let types = types.iter().copied();
        types.filter(|one| one.io_optimized == io_optimized).collect()
    };
    [true, false]
        .into_iter()
        .map(|io_optimized| (io_optimized, of(io_optimized)))
        .filter(|(_, types): &(bool, Vec<&InstanceType>)| !types.is_empty())
        .map(|(io_optimized, types)| resource(io_optimized, &types))
        .collect()
}

fn resource(io_optimized: bool, types: &[&InstanceType]) -> Node {
    let names = types.iter().map(|one| one.name.as_str());
    let families: BTreeSet<&str> = types.iter().map(|one| one.family.as_str()).collect();
    let generations: BTreeSet<String> =
        types.iter().map(|one| generation_name(one.generation)).collect();
    let categories = disk_categories(types);
    // The service writes the names of these lists in small letters.
    object! {
        "IoOptimized" => io_optimized,
        "SystemDiskCategories" => texts("supportedSystemDiskCategory", categories.iter().copied()),
        "DataDiskCategories" => texts("supportedDataDiskCategory", categories),
        "NetworkTypes" => texts("supportedNetworkCategory", ["vpc"]),
        "InstanceTypes" => texts("supportedInstanceType", names),
        "InstanceTypeFamilies" => texts("supportedInstanceTypeFamily", families),
        "InstanceGenerations" => Node::texts("supportedInstanceGeneration", generations),
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.region_id.is_none(),
        |_| "RegionId".to_owned(),
        "name the region in RegionId",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.verbose.is_malformed(),
        |_| "Verbose".to_owned(),
        "send true or false",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| it.request.charge_type.is_malformed(),
        "send PostPaid or PrePaid",
    ),
    Rule::new(
        &row::SPOT_STRATEGY,
        |it| is_unknown(it.request.spot_strategy.as_ref(), SPOT_STRATEGIES),
        "send NoSpot, SpotWithPriceLimit or SpotAsPriceGo",
    ),
    Rule::new(
        &row::LANGUAGE,
        |it| is_unknown(it.request.language.as_ref(), LANGUAGES),
        "send zh-CN, en-US or ja",
    ),
];

const STATE_RULES: &[Rule<Case<DescribeZones>>] = &[Rule::new(
    &row::REGION_NOT_FOUND,
    |it| !it.facts.region_found,
    "DescribeRegions lists the regions",
)];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeZones";
        pages: {}
        rows: {}
        beside: {
            REGION_NOT_FOUND: 404 "InvalidRegionId.NotFound"
                "The specified RegionId does not exist."
                source "page of DescribeZones, 2021";
            CHARGE_TYPE: 404 "InvalidInstanceChargeType.NotFound"
                "The InstanceChargeType does not exist in our records"
                source "page of DescribeZones, 2021";
            SPOT_STRATEGY: 400 "InvalidSpotStrategy"
                "The specified SpotStrategy is not valid."
                source "page of DescribeZones, 2021";
            LANGUAGE: 404 "InvalidAcceptLanguage.NotFound"
                "Only Chinese (zh-CN), English (en-US), and Japanese (ja) are allowed."
                source "page of DescribeZones, 2021";
        }
    }
}
