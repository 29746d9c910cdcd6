//! StartInstance: a stopped instance goes to Starting, then to Running. When it is refused, and what
//! it does, is in `lifecycle/start.rs`, which StartInstances shares.

use super::lifecycle::{self, Facts, Start, StartRows};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct StartInstance;

type Request = lifecycle::Request<Start>;

const ROWS: StartRows = StartRows {
    not_found: &row::NOT_FOUND,
    balance: &row::BALANCE,
    security_lock: &row::SECURITY_LOCK,
    expired_prepaid: &row::EXPIRED_PREPAID,
    expired_postpaid: &row::EXPIRED_POSTPAID,
    status: &row::STATUS,
    no_stock: &row::NO_STOCK,
    dry_run: &common::DRY_RUN,
};

impl Operation for StartInstance {
    const ACTION: &'static str = "StartInstance";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:StartInstance", "acs:ecs:{region}:{account}:instance/{InstanceId}")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &lifecycle::request_rules();
    const STATE_RULES: &'static [Rule<Case<Self>>] = &lifecycle::start_rules(&ROWS);

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
        operation: "StartInstance";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of StartInstance, 2025/26";
            BALANCE: 403 "InsufficientBalance"
                "Your account does not have enough balance."
                source "help page of StartInstance, 2025/26";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help page of StartInstance, 2025/26";
            EXPIRED_PREPAID: 403 "InstanceExpired"
                "The prePaid instance has been expired."
                source "help page of StartInstance, 2025/26";
            EXPIRED_POSTPAID: 403 "InstanceExpired"
                "The postPaid instance has been expired.Please ensure your account have enough balance."
                source "help page of StartInstance, 2025/26";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help page of StartInstance, 2025/26";
            NO_STOCK: 403 "OperationDenied.NoStock"
                "The requested resource is sold out in the specified zone; try other types of resources or other regions and zones."
                source "help page of StartInstance, 2025/26";
        }
    }
}
