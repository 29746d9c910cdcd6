//! UnassociateEipAddress (Vpc): frees an elastic IP from its instance, at once.

use super::conditions::{InstanceFacts, find_eip, is_malformed_token, is_unknown};
use super::{Asked, Case, Effect, Operation, Permission, Product, TokenCase, common};
use crate::domain::network::Eip;
use crate::domain::{Change, Shared, World};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct UnassociateEipAddress;

pub(super) struct Request {
    eip_id: Option<String>,
    region_id: Option<String>,
    instance_id: Option<String>,
    target_type: Option<String>,
    client_token: Option<String>,
}

pub(super) struct Facts {
    eip: Option<Shared<Eip>>,
    /// The instance the address is bound to.
    subject: InstanceFacts,
}

impl Operation for UnassociateEipAddress {
    const ACTION: &'static str = "UnassociateEipAddress";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "vpc:UnassociateEipAddress",
        "acs:vpc:{region}:{account}:eip/{AllocationId}",
    )];
    const PRODUCT: Product = Product::Vpc;
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = &[Rule::new(
        &common::TOKEN_MISMATCH,
        TokenCase::is_mismatch,
        "use a new token for another call",
    )];
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        Request {
            eip_id: params.string("AllocationId"),
            region_id: params.string("RegionId"),
            instance_id: params.string("InstanceId"),
            target_type: params.string("InstanceType"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        request.client_token.as_deref()
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.eip_id, &asked.request.region_id);
        let eip = find_eip(world, id.as_deref(), region.as_deref());
        let bound_to = eip.as_ref().and_then(|eip| eip.instance_id.as_deref());
        Facts { subject: InstanceFacts::of(world, bound_to, None), eip }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        let eip_id = case.asked.request.eip_id.clone().unwrap_or_default();
        Effect::new(vec![Change::BindEip { eip_id, instance_id: None }], ())
    }

    fn reply(_request: &Request, _output: ()) -> Node {
        Node::empty()
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.eip_id.is_none(),
        |_| "AllocationId".to_owned(),
        "name the address in AllocationId",
    ),
    Rule::new(
        &common::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::new(
        &row::TARGET_TYPE,
        |it| is_unknown(it.request.target_type.as_ref(), &["EcsInstance"]),
        "only ECS instances are emulated; send EcsInstance or nothing",
    ),
];

const STATE_RULES: &[Rule<Case<UnassociateEipAddress>>] = &[
    Rule::new(
        &row::EIP_NOT_FOUND,
        |it| it.facts.eip.is_none(),
        "DescribeEipAddresses lists the addresses",
    ),
    Rule::new(
        &row::EIP_STATUS,
        |it| it.facts.eip.as_ref().is_some_and(|eip| eip.instance_id.is_none()),
        "the address is free already",
    ),
    Rule::new(
        &row::NOT_FOUND,
        |it| {
            let bound_to = &it.facts.subject.instance.id;
            it.asked.request.instance_id.as_ref().is_some_and(|id| id != bound_to)
        },
        "name the instance the address is bound to, or none",
    ),
    Rule::new(
        &row::STATUS,
        |it| !it.facts.subject.instance.status.is_stable(),
        "wait until the instance is Running or Stopped",
    ),
];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "UnassociateEipAddress";
        pages: {}
        rows: {}
        beside: {
            TARGET_TYPE: 400 "InvalidInstanceType.ValueNotSupported"
                "The specified value of InstanceType is not supported."
                source "page of UnassociateEipAddress, 2021";
            EIP_NOT_FOUND: 404 "InvalidAllocationId.NotFound"
                "Specified allocation ID is not found"
                source "page of UnassociateEipAddress, 2021";
            EIP_STATUS: 400 "IncorrectEipStatus"
                "Current elastic IP status does not support this operation."
                source "page of UnassociateEipAddress, 2021";
            NOT_FOUND: 400 "InvalidInstanceId.NotFound"
                "Specified instance does not exist."
                source "page of UnassociateEipAddress, 2021";
            STATUS: 400 "IncorrectInstanceStatus"
                "The current status of instance does not support this operation."
                source "page of UnassociateEipAddress, 2021";
        }
    }
}
