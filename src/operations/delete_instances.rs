//! DeleteInstances: up to 100 instances are gone, or none of them. When it is refused is in
//! `lifecycle/release.rs`, which DeleteInstance shares.

use super::lifecycle::{self, Facts, Release, ReleaseRows};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase, common};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct DeleteInstances;

type Request = lifecycle::Request<Release>;

const ROWS: ReleaseRows = ReleaseRows {
    not_found: &row::NOT_FOUND,
    charge_type: &row::CHARGE_TYPE,
    protected: &row::PROTECTED,
    initializing: &row::INITIALIZING,
    status: &row::STATUS,
    dry_run: &row::DRY_RUN,
};

const REQUEST_RULES: &[Rule<Asked<Request>>] = &{
    let [missing, malformed] = lifecycle::request_rules();
    let token = Rule::new(
        &common::TOKEN_MALFORMED,
        |it: &Asked<Request>| it.request.has_malformed_token(),
        "send a token of at most 64 ASCII characters",
    );
    [missing, token, malformed]
};

const TOKEN_RULES: &[Rule<TokenCase>] = &[Rule::new(
    &common::TOKEN_MISMATCH,
    TokenCase::is_mismatch,
    "use a new token for another call",
)];

impl Operation for DeleteInstances {
    const ACTION: &'static str = "DeleteInstances";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:DeleteInstances",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = &lifecycle::release_rules(&ROWS);

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        Request::many(params)
    }

    fn token(request: &Request) -> Option<&str> {
        request.token()
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
        operation: "DeleteInstances";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of DeleteInstance, whose checks DeleteInstances repeats";
            CHARGE_TYPE: 403 "ChargeTypeViolation"
                "The operation is not permitted due to charge type of the instance."
                source "help page of DeleteInstance, whose checks DeleteInstances repeats";
            PROTECTED: 403 "InvalidOperation.DeletionProtection"
                "%s"
                source "help page of DeleteInstance, whose checks DeleteInstances repeats";
            INITIALIZING: 403 "IncorrectInstanceStatus.Initializing"
                "The specified instance status does not support this operation."
                source "help page of DeleteInstance, whose checks DeleteInstances repeats";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help page of DeleteInstance, whose checks DeleteInstances repeats";
            DRY_RUN: 400 "DRYRUN.SUCCESS"
                "Request validation has been passed with DryRun flag set."
                source "the page names the code; status and text are those of DryRunOperation";
        }
    }
}
