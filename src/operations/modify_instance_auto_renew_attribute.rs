//! ModifyInstanceAutoRenewAttribute: what becomes of subscriptions at their end: they renew
//! themselves, wait for their owner, or end.

use super::conditions::{SomeInstances, figure};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::period::{AutoRenew, Period, PeriodUnit, RenewalStatus};
use crate::domain::{Change, InstanceChange, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

/// The most instances of one call.
const MOST_INSTANCES: usize = 100;

pub(super) struct ModifyInstanceAutoRenewAttribute;

pub(super) struct Request {
    instance_ids: Vec<String>,
    region_id: Option<String>,
    status: Param<RenewalStatus>,
    auto_renew: Param<bool>,
    duration: Param<i32>,
    unit: Param<PeriodUnit>,
}

impl Request {
    /// RenewalStatus counts more than the older AutoRenew.
    fn status(&self) -> RenewalStatus {
        self.status.or(if self.auto_renew.or(false) {
            RenewalStatus::AutoRenewal
        } else {
            RenewalStatus::Normal
        })
    }

    fn unit(&self) -> PeriodUnit {
        self.unit.or(PeriodUnit::default())
    }

    /// How many units can be renewed at once, as the pages since 2024 say.
    fn allows(&self, duration: i32) -> bool {
        match self.unit() {
            PeriodUnit::Week => (1..=4).contains(&duration),
            PeriodUnit::Month => matches!(duration, 1 | 2 | 3 | 6 | 12 | 24 | 36 | 48 | 60),
            PeriodUnit::Year => (1..=5).contains(&duration),
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
    Rule::new(
        &row::INSTANCE_ID_MISSING,
        |it| it.request.instance_ids.is_empty(),
        "name the instances in InstanceId, separated by commas",
    ),
    Rule::new(
        &row::TOO_MANY,
        |it| it.request.instance_ids.len() > MOST_INSTANCES,
        "name at most 100 instances",
    ),
    Rule::worded(
        &row::STATUS_VALUE,
        |it| it.request.status.is_malformed(),
        |_| "The specified RenewalStatus is not valid.".to_owned(),
        "send AutoRenewal, Normal or NotRenewal",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.auto_renew.is_malformed(),
        |_| "AutoRenew".to_owned(),
        "send true or false",
    ),
    Rule::new(&row::PERIOD_UNIT, |it| it.request.unit.is_malformed(), "send Week, Month or Year"),
    Rule::worded(
        &row::DURATION,
        |it| it.request.duration.violates(|duration| it.request.allows(*duration)),
        |_| "The specified Duration is not valid.".to_owned(),
        "send 1 to 4 weeks, 1, 2, 3, 6, 12, 24, 36, 48 or 60 months, or 1 to 5 years",
    ),
];

const STATE_RULES: &[Rule<Case<ModifyInstanceAutoRenewAttribute>>] = &[
    Rule::worded(
        &row::NOT_FOUND,
        |it| it.facts.first_unknown().is_some(),
        |it| {
            let id = it.facts.first_unknown().unwrap_or_default();
            format!("The specified InstanceId {id} does not exist.")
        },
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| it.facts.any(|one| !one.is_prepaid()),
        "only subscriptions are renewed; a conversion takes some seconds to show",
    ),
    Rule::new(
        &row::STATUS,
        |it| {
            let turns_on = it.asked.request.status() == RenewalStatus::AutoRenewal;
            turns_on && it.facts.any(|one| one.is_expired(it.asked.now))
        },
        "RenewInstance first: an expired subscription does not renew itself",
    ),
    Rule::new(
        &row::STARTER_PACKAGE,
        |it| {
            let by_year = it.asked.request.unit() == PeriodUnit::Year;
            by_year && it.facts.any(|one| one.starter_package)
        },
        "send PeriodUnit=Month",
    ),
];

impl Operation for ModifyInstanceAutoRenewAttribute {
    const ACTION: &'static str = "ModifyInstanceAutoRenewAttribute";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyInstanceAutoRenewAttribute",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = SomeInstances;
    type Output = ();

    fn parse(params: &Params) -> Request {
        Request {
            instance_ids: params.words("InstanceId"),
            region_id: params.string("RegionId"),
            status: params.parse("RenewalStatus", RenewalStatus::parse),
            auto_renew: params.boolean("AutoRenew"),
            duration: params.integer("Duration"),
            unit: params.parse("PeriodUnit", PeriodUnit::parse),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> SomeInstances {
        let request = &asked.request;
        SomeInstances::of(world, &request.instance_ids, request.region_id.as_deref())
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        let request = &case.asked.request;
        let changes = case.facts.found.iter().map(|one| -> Change {
            let present = one.auto_renew.period;
            let period = match figure(&request.duration) {
                Some(count) => Period { count, unit: request.unit() },
                None => present,
            };
            InstanceChange::AutoRenew(AutoRenew { status: request.status(), period }).of(&one.id)
        });
        Effect::new(changes.collect(), ())
    }

    fn reply(_request: &Request, (): ()) -> Node {
        Node::empty()
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "ModifyInstanceAutoRenewAttribute";
        pages: {}
        rows: {}
        beside: {
            INSTANCE_ID_MISSING: 403 "MissingParameter.InstanceId"
                "InstanceId should not be null."
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            TOO_MANY: 403 "InvalidParameter.ToManyInstanceIds"
                "InstanceId should be less than 100."
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            NOT_FOUND: 403 "InvalidParameter.InvalidInstanceId"
                "%s"
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            CHARGE_TYPE: 403 "ChargeTypeViolation"
                "Pay-As-You-Go instances do not support this operation."
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            DURATION: 403 "InvalidParameter.Duration"
                "%s"
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            STATUS_VALUE: 403 "InvalidParameter.RenewalStatus"
                "%s"
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            PERIOD_UNIT: 403 "InvalidPeriodUnit.ValueNotSupported"
                "The specified parameter PeriodUnit is not valid."
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            STARTER_PACKAGE: 403 "InvalidPeriod.StarterPackage"
                "This instance was created by using a Starter Package plan and can only be renewed monthly, not yearly."
                source "page of ModifyInstanceAutoRenewAttribute, 2021";
            INTERNAL: 500 "InternalError"
                "The request processing has failed due to some unknown error."
                source "page of ModifyInstanceAutoRenewAttribute, 2021"
                injected "nothing a caller can do causes it";
        }
    }
}
