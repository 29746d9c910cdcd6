//! StartInstances: up to 100 stopped instances go to Starting, then to Running. When it is refused,
//! and what it does, is in `lifecycle/start.rs`, which StartInstance shares.

use super::lifecycle::{self, Facts, InstanceResponse, Start, StartRows, Subject};
use super::{Asked, Case, Effect, Operation, Permission};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct StartInstances;

type Request = lifecycle::Request<Start>;

const ROWS: StartRows = StartRows {
    not_found: &row::NOT_FOUND,
    balance: &row::BALANCE,
    security_lock: &row::SECURITY_LOCK,
    expired_prepaid: &row::EXPIRED_PREPAID,
    expired_postpaid: &row::EXPIRED_POSTPAID,
    status: &row::STATUS,
    no_stock: &row::NO_STOCK,
    dry_run: &row::DRY_RUN,
};

/// The table as it judges one instance by itself.
const EACH: &[Rule<Subject>] = &lifecycle::start_rules(&ROWS);

impl Operation for StartInstances {
    const ACTION: &'static str = "StartInstances";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:StartInstances", "acs:ecs:{region}:{account}:instance/{InstanceId}")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &lifecycle::request_rules();
    const STATE_RULES: &'static [Rule<Case<Self>>] = &lifecycle::start_rules(&ROWS);

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
        operation: "StartInstances";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of StartInstances, 2020";
            BALANCE: 403 "InsufficientBalance"
                "Your account does not have enough balance."
                source "help page of StartInstances, 2020";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help page of StartInstance, whose checks StartInstances repeats";
            EXPIRED_PREPAID: 403 "InstanceExpired"
                "The prePaid instance has been expired."
                source "help page of StartInstance, whose checks StartInstances repeats";
            EXPIRED_POSTPAID: 403 "InstanceExpired"
                "The postPaid instance has been expired.Please ensure your account have enough balance."
                source "help page of StartInstance, whose checks StartInstances repeats";
            STATUS: 403 "IncorrectInstanceStatus"
                "%s"
                source "help page of StartInstances, 2020";
            NO_STOCK: 403 "OperationDenied.NoStock"
                "The requested resource is sold out in the specified zone; try other types of resources or other regions and zones."
                source "help page of StartInstances, 2020";
            DRY_RUN: 400 "DRYRUN.SUCCESS"
                "Request validation has been passed with DryRun flag set."
                source "the page names the code; status and text are those of DryRunOperation";
        }
    }
}
