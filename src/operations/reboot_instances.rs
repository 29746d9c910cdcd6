//! RebootInstances: up to 100 running instances go to Starting, then to Running again. When it is
//! refused, and what it does, is in `lifecycle/reboot.rs`, which RebootInstance shares.

use super::lifecycle::{self, Facts, InstanceResponse, Reboot, RebootRows, Subject};
use super::{Asked, Case, Effect, Operation, Permission};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct RebootInstances;

type Request = lifecycle::Request<Reboot>;

const ROWS: RebootRows = RebootRows {
    not_found: &row::NOT_FOUND,
    security_lock: &row::SECURITY_LOCK,
    expired: &row::EXPIRED,
    status: &row::STATUS,
    dry_run: &row::DRY_RUN,
};

/// The table as it judges one instance by itself.
const EACH: &[Rule<Subject>] = &lifecycle::reboot_rules(&ROWS);

impl Operation for RebootInstances {
    const ACTION: &'static str = "RebootInstances";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:RebootInstances",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &lifecycle::request_rules();
    const STATE_RULES: &'static [Rule<Case<Self>>] = &lifecycle::reboot_rules(&ROWS);

    type Request = Request;
    type Facts = Facts;
    type Output = Vec<InstanceResponse>;

    fn parse(params: &Params) -> Request {
        Request::batch(params)
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        lifecycle::gather(asked, world)
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Vec<InstanceResponse>> {
        lifecycle::apply_batch(case, EACH)
    }

    fn reply(_request: &Request, output: Vec<InstanceResponse>) -> Node {
        lifecycle::batch_reply(output)
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "RebootInstances";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of RebootInstance, whose checks RebootInstances repeats";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help page of RebootInstance, whose checks RebootInstances repeats";
            EXPIRED: 403 "InstanceExpiredOrInArrears"
                "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode)."
                source "help page of RebootInstance, whose checks RebootInstances repeats";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help page of RebootInstance, whose checks RebootInstances repeats";
            DRY_RUN: 400 "DRYRUN.SUCCESS"
                "Request validation has been passed with DryRun flag set."
                source "the page names the code; status and text are those of DryRunOperation";
        }
    }
}
