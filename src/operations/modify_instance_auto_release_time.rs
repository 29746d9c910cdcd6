//! ModifyInstanceAutoReleaseTime: when a pay-as-you-go instance is released by itself, or that it is
//! not.

use super::conditions::InstanceFacts;
use super::{Asked, Case, Effect, Operation, Permission};
use crate::domain::{InstanceChange, Span, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

/// The soonest release, counted from the call.
const SOONEST: Span = Span::seconds(30 * 60);
/// The latest release, counted from the call.
const LATEST_MONTHS: u32 = 36;

pub(super) struct ModifyInstanceAutoReleaseTime;

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
    /// None calls the release off.
    release_at: Param<Timestamp>,
}

pub(super) struct Facts {
    subject: InstanceFacts,
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::new(
        &row::INSTANCE_ID_MISSING,
        |it| it.request.instance_id.is_none(),
        "name the instance in InstanceId",
    ),
    Rule::new(
        &row::RELEASE_TIME,
        |it| {
            let (soonest, latest) = (it.now.plus(SOONEST), it.now.plus_months(LATEST_MONTHS));
            it.request.release_at.violates(|at| *at >= soonest && *at <= latest)
        },
        "send yyyy-MM-ddTHH:mm:ssZ, half an hour to three years ahead, or nothing to call it off",
    ),
];

const STATE_RULES: &[Rule<Case<ModifyInstanceAutoReleaseTime>>] = &[
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| it.facts.subject.is_prepaid(),
        "a subscription ends by itself; change it to pay-as-you-go first",
    ),
];

impl Operation for ModifyInstanceAutoReleaseTime {
    const ACTION: &'static str = "ModifyInstanceAutoReleaseTime";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyInstanceAutoReleaseTime",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        Request {
            instance_id: params.string("InstanceId"),
            region_id: params.string("RegionId"),
            release_at: params.parse("AutoReleaseTime", Timestamp::parse_seconds),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.instance_id, &asked.request.region_id);
        Facts { subject: InstanceFacts::of(world, id.as_deref(), region.as_deref()) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        // The page: seconds other than 00 do not count.
        let release_at = case.asked.request.release_at.value().map(|at| at.start_of_minute());
        let changed = InstanceChange::AutoReleaseAt(release_at);
        Effect::new(vec![changed.of(&case.facts.subject.instance.id)], ())
    }

    fn reply(_request: &Request, (): ()) -> Node {
        Node::empty()
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "ModifyInstanceAutoReleaseTime";
        pages: {}
        rows: {}
        beside: {
            INSTANCE_ID_MISSING: 400 "MissingParameter"
                "InstanceId should not be null."
                source "page of ModifyInstanceAutoReleaseTime, 2019 to 2021";
            RELEASE_TIME: 400 "InvalidAutoReleaseTime.Malformed"
                "The specified paramter autoReleaseTime is not valid."
                source "page of ModifyInstanceAutoReleaseTime, 2019 to 2021";
            NOT_FOUND: 404 "NoSuchResource"
                "The specified resource is not found."
                source "page of ModifyInstanceAutoReleaseTime, 2019 to 2021";
            CHARGE_TYPE: 403 "ChargeTypeViolation"
                "The operation is not permitted due to charge type of the instance."
                source "page of ModifyInstanceAutoReleaseTime, 2019 to 2021";
            INTERNAL: 500 "InternalError"
                "The request processing has failed due to some unknown error, exception or failure."
                source "page of ModifyInstanceAutoReleaseTime, 2019 to 2021"
                injected "nothing a caller can do causes it";
        }
    }
}
