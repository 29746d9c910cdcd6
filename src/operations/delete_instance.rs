//! DeleteInstance: an instance is gone. When it is refused is in `lifecycle/release.rs`, which
//! DeleteInstances shares.

use super::lifecycle::{self, Facts, Release, ReleaseRows};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct DeleteInstance;

type Request = lifecycle::Request<Release>;

const ROWS: ReleaseRows = ReleaseRows {
    not_found: &row::NOT_FOUND,
    charge_type: &row::CHARGE_TYPE,
    protected: &row::PROTECTED,
    initializing: &row::INITIALIZING,
    status: &row::STATUS,
    dry_run: &common::DRY_RUN,
};

impl Operation for DeleteInstance {
    const ACTION: &'static str = "DeleteInstance";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:DeleteInstance", "acs:ecs:{region}:{account}:instance/{InstanceId}")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &lifecycle::request_rules();
    const STATE_RULES: &'static [Rule<Case<Self>>] = &lifecycle::release_rules(&ROWS);

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
        lifecycle::release(case)
    }

    fn reply(_request: &Request, (): ()) -> Node {
        Node::empty()
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DeleteInstance";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help pages of DeleteInstance, 2020 and 2025/26";
            CHARGE_TYPE: 403 "ChargeTypeViolation"
                "The operation is not permitted due to charge type of the instance."
                source "help pages of DeleteInstance, 2020 and 2025/26";
            PROTECTED: 403 "InvalidOperation.DeletionProtection"
                "%s"
                source "help pages of DeleteInstance, 2020 and 2025/26";
            INITIALIZING: 403 "IncorrectInstanceStatus.Initializing"
                "The specified instance status does not support this operation."
                source "help pages of DeleteInstance, 2020 and 2025/26";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help pages of DeleteInstance, 2020 and 2025/26";
        }
    }
}
