//! DescribeInstanceAutoRenewAttribute: a page of subscriptions and what becomes of each at its end.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::conditions::SomeInstances;
use super::paging::{Cut, Paging};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::fields::instance as field;
use crate::domain::index::Wanted;
use crate::domain::instance::{ChargeType, Instance};
use crate::domain::period::{AutoRenew, RenewalStatus};
use crate::domain::{Shared, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

/// The most instances of one call.
const MOST_INSTANCES: usize = 100;
const LARGEST_PAGE: i32 = 100;

pub(super) struct DescribeInstanceAutoRenewAttribute;

pub(super) struct Request {
    instance_ids: Vec<String>,
    region_id: Option<String>,
    status: Param<RenewalStatus>,
    paging: Paging,
}

impl Request {
    fn wanted(&self) -> Vec<Wanted<'_, Instance>> {
        let texts = [
            (&field::CHARGE_TYPE, Some(ChargeType::PrePaid.as_str())),
            (&field::REGION, self.region_id.as_deref()),
            (&field::RENEWAL, self.status.value().map(|status| status.as_str())),
        ];
        texts.into_iter().filter_map(|(field, text)| Some(field.is(text?))).collect()
    }
}

pub(super) struct Facts {
    named: SomeInstances,
    page: Arc<Cut<Shown>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Shown {
    instance_id: String,
    auto_renew: AutoRenew,
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.region_id.is_none(),
        |_| "RegionId".to_owned(),
        "name the region in RegionId",
    ),
    Rule::new(
        &row::BOTH_EMPTY,
        |it| it.request.instance_ids.is_empty() && !it.request.status.is_given(),
        "send InstanceId, RenewalStatus or both",
    ),
    Rule::new(
        &row::TOO_MANY,
        |it| it.request.instance_ids.len() > MOST_INSTANCES,
        "name at most 100 instances",
    ),
    Rule::new(
        &row::STATUS_VALUE,
        |it| it.request.status.is_malformed(),
        "send AutoRenewal, Normal or NotRenewal",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.paging.first_wrong().is_some(),
        |it| it.request.paging.first_wrong().unwrap_or_default().to_owned(),
        "pages from 1 on and of 1 to 100",
    ),
];

const STATE_RULES: &[Rule<Case<DescribeInstanceAutoRenewAttribute>>] = &[
    Rule::worded(
        &row::NOT_FOUND,
        |it| it.facts.named.first_unknown().is_some(),
        |it| {
            let id = it.facts.named.first_unknown().unwrap_or_default();
            format!("The specified InstanceId {id} does not exist.")
        },
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| it.facts.named.any(|one| !one.is_prepaid()),
        "name subscriptions only",
    ),
];

impl Operation for DescribeInstanceAutoRenewAttribute {
    const ACTION: &'static str = "DescribeInstanceAutoRenewAttribute";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:DescribeInstanceAutoRenewAttribute",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Arc<Cut<Shown>>;

    fn parse(params: &Params) -> Request {
        Request {
            instance_ids: params.words("InstanceId"),
            region_id: params.string("RegionId"),
            status: params.parse("RenewalStatus", RenewalStatus::parse),
            paging: Paging::by_number(params, LARGEST_PAGE),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let request = &asked.request;
        let named = SomeInstances::of(world, &request.instance_ids, request.region_id.as_deref());
        let ids = Some(&request.instance_ids).filter(|ids| !ids.is_empty());
        let among = ids.map(|ids| world.instance.positions(ids.iter().map(String::as_str)));
        let page = request.paging.page(&world.instance, among.as_ref(), &request.wanted());
        let shown = |it: &Shared<Instance>| Shown {
            instance_id: it.id.to_string(),
            auto_renew: it.auto_renew,
        };
        Facts { named, page: Arc::new(page.map(shown)) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), Arc::clone(&case.facts.page))
    }

    fn reply(_request: &Request, page: Self::Output) -> Node {
        let shown = |it: &Shown| {
            object! {
                "InstanceId" => &it.instance_id,
                "AutoRenewEnabled" => it.auto_renew.is_on(),
                "RenewalStatus" => it.auto_renew.status.as_str(),
                "Duration" => it.auto_renew.period.count,
                "PeriodUnit" => it.auto_renew.period.unit.as_str(),
            }
        };
        object! {
            "TotalCount" => page.total,
            "PageNumber" => page.number,
            "PageSize" => page.size,
            "InstanceRenewAttributes" =>
                Node::List("InstanceRenewAttribute", page.items.iter().map(shown).collect()),
        }
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeInstanceAutoRenewAttribute";
        pages: {}
        rows: {}
        beside: {
            BOTH_EMPTY: 403 "InvalidParameter.RenewalStatusInstanceId"
                "The parameter RenewalStatus and InstanceId can not be both empty."
                source "page of DescribeInstanceAutoRenewAttribute, 2020/21";
            TOO_MANY: 403 "InvalidParameter.ToManyInstanceIds"
                "InstanceId should be less than 100."
                source "page of DescribeInstanceAutoRenewAttribute, 2020/21";
            NOT_FOUND: 403 "InvalidParameter.InvalidInstanceId"
                "%s"
                source "page of DescribeInstanceAutoRenewAttribute, 2020/21";
            CHARGE_TYPE: 403 "ChargeTypeViolation"
                "Pay-As-You-Go instances do not support this operation."
                source "page of DescribeInstanceAutoRenewAttribute, 2020/21";
            STATUS_VALUE: 403 "InvalidParameter.RenewalStatus"
                "The specified parameter RenewalStatus is not valid."
                source "page of DescribeInstanceAutoRenewAttribute, 2020/21";
        }
    }
}
