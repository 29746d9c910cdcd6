//! DescribeRegions: the regions of the world. A region has one name, whatever the language asked for.
//! Their endpoints are where the client asked, so that one that follows them does not leave.

use super::conditions::is_unknown;
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::domain::instance::ChargeType;
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

const LANGUAGES: &[&str] = &["zh-CN", "en-US", "ja"];
const RESOURCE_TYPES: &[&str] = &["instance", "disk", "reservedinstance", "scu"];

pub(super) struct DescribeRegions;

pub(super) struct Request {
    charge_type: Param<ChargeType>,
    resource_type: Option<String>,
    language: Option<String>,
}

pub(super) struct Facts {
    regions: Vec<Shown>,
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct Shown {
    id: String,
    name: String,
    endpoint: String,
}

impl Operation for DescribeRegions {
    const ACTION: &'static str = "DescribeRegions";
    const PERMISSIONS: &'static [Permission] = &[Permission::on("ecs:DescribeRegions", "*")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Vec<Shown>;

    fn parse(params: &Params) -> Request {
        Request {
            charge_type: params.parse("InstanceChargeType", ChargeType::parse),
            resource_type: params.string("ResourceType"),
            language: params.string("AcceptLanguage"),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let is_cloud = asked.host.is_empty() || asked.host.contains("aliyuncs.com");
        let shown = world.region.iter().map(|(id, region)| Shown {
            id: id.clone(),
            name: region.local_name.clone(),
            endpoint: if is_cloud {
                format!("ecs.{id}.aliyuncs.com")
            } else {
                asked.host.to_string()
            },
        });
        Facts { regions: shown.collect() }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), case.facts.regions.clone())
    }

    fn reply(_request: &Request, regions: Self::Output) -> Node {
        let shown = regions.into_iter().map(|region| {
            object! {
                "RegionEndpoint" => region.endpoint,
                "RegionId" => region.id,
                "LocalName" => region.name,
                "Status" => "available",
            }
        });
        object! { "Regions" => Node::List("Region", shown.collect()) }
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.charge_type.is_malformed(),
        |_| "InstanceChargeType".to_owned(),
        "send PostPaid or PrePaid",
    ),
    Rule::new(
        &row::RESOURCE_TYPE,
        |it| is_unknown(it.request.resource_type.as_ref(), RESOURCE_TYPES),
        "send instance, disk, reservedinstance or scu",
    ),
    Rule::new(
        &row::LANGUAGE,
        |it| is_unknown(it.request.language.as_ref(), LANGUAGES),
        "send zh-CN, en-US or ja",
    ),
];

const STATE_RULES: &[Rule<Case<DescribeRegions>>] = &[Rule::guessed(
    &row::EMPTY_REGION,
    "the world has no region",
    |it| it.facts.regions.is_empty(),
    "give the world a region",
)];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeRegions";
        pages: {}
        rows: {}
        beside: {
            EMPTY_REGION: 403 "Unauthorized.EmptyRegion"
                "The specified account has no access authority to any region."
                source "page of DescribeRegions, 2021";
            LANGUAGE: 404 "InvalidAcceptLanguage.NotFound"
                "Only Chinese (zh-CN), English (en-US), and Japanese (ja) are allowed."
                source "page of DescribeRegions, 2021";
            RESOURCE_TYPE: 404 "InvalidResourceType.NotFound"
                "The ResourceType provided does not exist in our records."
                source "page of DescribeRegions, 2021";
        }
    }
}
