//! StopInstance: a running instance goes to Stopping, then to Stopped. When it is refused, and what it
//! does, is in `lifecycle/stop.rs`, which StopInstances shares; the rules here are of the single call.

use super::lifecycle::{self, Facts, Stop, StopRows, Subjects};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct StopInstance;

type Request = lifecycle::Request<Stop>;

const ROWS: StopRows = StopRows {
    not_found: &row::NOT_FOUND,
    security_lock: &row::SECURITY_LOCK,
    expired: &row::EXPIRED,
    status: &row::STATUS,
    dry_run: &common::DRY_RUN,
};

/// Instances of this family lose the data of their local disks when they stop.
const LOSES_DATA: &str = "ecs.i1";

const STATE_RULES: &[Rule<Case<StopInstance>>] = &{
    let [not_found, security_lock, expired, status, dry_run] = lifecycle::stop_rules(&ROWS);
    let unconfirmed = Rule::new(
        &row::UNCONFIRMED,
        |it: &Case<StopInstance>| {
            let confirmed = it.asked.request.wish.is_confirmed();
            !confirmed && it.any(|one| one.instance.instance_type.starts_with(LOSES_DATA))
        },
        "send ConfirmStop=true",
    );
    let hibernation = Rule::guessed(
        &row::HIBERNATION,
        "no instance here is configured for hibernation",
        |it: &Case<StopInstance>| it.asked.request.wish.hibernates(),
        "leave Hibernate out",
    );
    [not_found, security_lock, expired, status, unconfirmed, hibernation, dry_run]
};

impl Operation for StopInstance {
    const ACTION: &'static str = "StopInstance";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:StopInstance", "acs:ecs:{region}:{account}:instance/{InstanceId}")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &lifecycle::request_rules();
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        Request::single(params)
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        lifecycle::gather(asked, world)
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        lifecycle::apply_single(case)
    }

    fn reply(_request: &Request, (): ()) -> Node {
        Node::empty()
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "StopInstance";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of StopInstance, 2025/26";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help page of StopInstance, 2025/26";
            EXPIRED: 403 "InstanceExpiredOrInArrears"
                "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode)."
                source "help page of StopInstance, 2025/26";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help page of StopInstance, 2025/26";
            UNCONFIRMED: 403 "InstanceType.ParameterMismatch"
                "The input parameter ConfirmStop must be true when an instance have localstorage."
                source "help page of StopInstance, 2025/26";
            HIBERNATION: 403 "HibernationConfigured.NotEnabled"
                "The instance hibernation configured option is not enabled."
                source "help page of StopInstance, 2025/26";
        }
    }
}
