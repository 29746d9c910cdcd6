//! DescribeInstanceStatus: a page of the region's instances, each with its status only. Ids that
//! no instance of the region has are left out of the reply.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::paging::{Cut, Paging};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::domain::fields::instance as field;
use crate::domain::index::Wanted;
use crate::domain::instance::{Instance, Status};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::{Node, object};
use crate::rule::Rule;

const MOST_IDS: usize = 100;
const LARGEST_PAGE: i32 = 50;

pub(super) struct DescribeInstanceStatus;

pub(super) struct Request {
    region_id: Option<String>,
    zone_id: Option<String>,
    cluster_id: Option<String>,
    instance_ids: Vec<String>,
    paging: Paging,
}

impl Request {
    fn first_wrong(&self) -> Option<&'static str> {
        let too_many = self.instance_ids.len() > MOST_IDS;
        too_many.then_some("InstanceId").or_else(|| self.paging.first_wrong())
    }

    fn wanted(&self) -> Vec<Wanted<'_, Instance>> {
        let texts = [
            (&field::REGION, &self.region_id),
            (&field::ZONE, &self.zone_id),
            (&field::CLUSTER, &self.cluster_id),
        ];
        texts.into_iter().filter_map(|(field, text)| Some(field.is(text.as_deref()?))).collect()
    }
}

pub(super) struct Facts {
    region_found: bool,
    page: Arc<Cut<Shown>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Shown {
    instance_id: String,
    status: Status,
}

impl Operation for DescribeInstanceStatus {
    const ACTION: &'static str = "DescribeInstanceStatus";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:DescribeInstanceStatus",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Arc<Cut<Shown>>;

    fn parse(params: &Params) -> Request {
        let ids = params.list("InstanceId");
        Request {
            region_id: params.string("RegionId"),
            zone_id: params.string("ZoneId"),
            cluster_id: params.string("ClusterId"),
            instance_ids: ids.into_iter().map(str::to_owned).collect(),
            paging: Paging::by_number(params, LARGEST_PAGE),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let request = &asked.request;
        let region = request.region_id.as_ref();
        let ids = Some(&request.instance_ids).filter(|ids| !ids.is_empty());
        let among = ids.map(|ids| world.instance.positions(ids.iter().map(String::as_str)));
        let page = request
            .paging
            .page(&world.instance, among.as_ref(), &request.wanted())
            .map(|it| Shown { instance_id: it.id.to_string(), status: it.status });
        Facts {
            region_found: region.is_some_and(|id| world.region.contains_key(id)),
            page: Arc::new(page),
        }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), Arc::clone(&case.facts.page))
    }

    fn reply(_request: &Request, page: Self::Output) -> Node {
        let shown = |it: &Shown| {
            object! { "InstanceId" => &it.instance_id, "Status" => it.status.as_str() }
        };
        let statuses = page.items.iter().map(shown).collect();
        object! {
            "TotalCount" => page.total,
            "PageNumber" => page.number,
            "PageSize" => page.size,
            "InstanceStatuses" => Node::List("InstanceStatus", statuses),
        }
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
        |it| it.request.first_wrong().is_some(),
        |it| it.request.first_wrong().unwrap_or_default().to_owned(),
        "send at most 100 ids, pages from 1 on and of 1 to 50",
    ),
];

const STATE_RULES: &[Rule<Case<DescribeInstanceStatus>>] = &[Rule::new(
    &common::REGION_NOT_FOUND,
    |it| !it.facts.region_found,
    "DescribeRegions lists the regions",
)];
