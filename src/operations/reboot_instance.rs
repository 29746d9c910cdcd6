//! RebootInstance: a running instance goes to Starting, then to Running again, on the type that is
//! shown. When it is refused, and what it does, is in `lifecycle/reboot.rs`, which RebootInstances shares.

use super::lifecycle::{self, Facts, Reboot, RebootRows};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct RebootInstance;

type Request = lifecycle::Request<Reboot>;

const ROWS: RebootRows = RebootRows {
    not_found: &row::NOT_FOUND,
    security_lock: &row::SECURITY_LOCK,
    expired: &row::EXPIRED,
    status: &row::STATUS,
    dry_run: &common::DRY_RUN,
};

impl Operation for RebootInstance {
    const ACTION: &'static str = "RebootInstance";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:RebootInstance", "acs:ecs:{region}:{account}:instance/{InstanceId}")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &lifecycle::request_rules();
    const STATE_RULES: &'static [Rule<Case<Self>>] = &lifecycle::reboot_rules(&ROWS);

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
        operation: "RebootInstance";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of RebootInstance, 2025/26";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help page of RebootInstance, 2025/26";
            EXPIRED: 403 "InstanceExpiredOrInArrears"
                "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode)."
                source "help page of RebootInstance, 2025/26";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help page of RebootInstance, 2025/26";
        }
    }
}
