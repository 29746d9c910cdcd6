//! DescribeInstanceTypeFamilies: the families of which a zone of the region sells a type that the
//! account sees.

use std::collections::BTreeMap;

use super::view::generation_name;
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::domain::region::Zone;
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::rule::Rule;

pub(super) struct DescribeInstanceTypeFamilies;

pub(super) struct Request {
    region_id: Option<String>,
    generation: Param<String>,
}

pub(super) struct Facts {
    region_found: bool,
    families: Families,
}

/// Generations by family.
type Families = BTreeMap<String, u8>;

impl Operation for DescribeInstanceTypeFamilies {
    const ACTION: &'static str = "DescribeInstanceTypeFamilies";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:DescribeInstanceTypeFamilies", "*")];
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Families;

    fn parse(params: &Params) -> Request {
        Request {
            region_id: params.string("RegionId"),
            generation: params.parse("Generation", generation),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let region = asked.request.region_id.as_deref().unwrap_or_default();
        let zones = world.zone.values().filter(|zone| zone.region_id == region);
        let zones: Vec<&Zone> = zones.map(|zone| &**zone).collect();
        let is_sold = |name: &str| {
            !world.account.hidden_types.contains(name) && zones.iter().any(|zone| zone.offers(name))
        };
        let mut families = Families::new();
        for (name, one) in world.all_types() {
            if !families.contains_key(&one.family) && is_sold(name) {
                families.insert(one.family.clone(), one.generation);
            }
        }
        Facts { region_found: world.region.contains_key(region), families }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Families> {
        Effect::new(Vec::new(), case.facts.families.clone())
    }

    fn reply(request: &Request, families: Families) -> Node {
        let wanted = request.generation.value();
        let named =
            families.into_iter().map(|(family, generation)| (family, generation_name(generation)));
        let shown = named
            .filter(|(_, generation)| wanted.is_none_or(|wanted| wanted == generation))
            .map(|(family, generation)| {
                object! { "InstanceTypeFamilyId" => family, "Generation" => generation }
            });
        let shown = Node::List("InstanceTypeFamily", shown.collect());
        object! { "InstanceTypeFamilies" => shown }
    }
}

/// `ecs-1`, `ecs-2`, …
fn generation(text: &str) -> Option<String> {
    let figure: u8 = text.strip_prefix("ecs-")?.parse().ok()?;
    (figure > 0).then(|| text.to_owned())
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
        |it| it.request.generation.is_malformed(),
        |_| "Generation".to_owned(),
        "send ecs-1, ecs-2, and so on",
    ),
];

const STATE_RULES: &[Rule<Case<DescribeInstanceTypeFamilies>>] = &[Rule::new(
    &common::REGION_NOT_FOUND,
    |it| !it.facts.region_found,
    "DescribeRegions lists the regions",
)];
