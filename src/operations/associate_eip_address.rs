//! AssociateEipAddress (Vpc): binds an elastic IP to an instance, at once. Only ECS instances: the
//! emulator has none of the other things an address can be bound to.

use super::conditions::{InstanceFacts, find_eip, is_malformed_token, is_unknown};
use super::{Asked, Case, Effect, Operation, Permission, Product, TokenCase, common};
use crate::domain::instance::NetworkType;
use crate::domain::network::Eip;
use crate::domain::{Change, Shared, World};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct AssociateEipAddress;

pub(super) struct Request {
    eip_id: Option<String>,
    region_id: Option<String>,
    instance_id: Option<String>,
    target_type: Option<String>,
    client_token: Option<String>,
}

pub(super) struct Facts {
    eip: Option<Shared<Eip>>,
    subject: InstanceFacts,
}

impl Operation for AssociateEipAddress {
    const ACTION: &'static str = "AssociateEipAddress";
    const PERMISSIONS: &'static [Permission] = &[
        Permission::on("vpc:AssociateEipAddress", "acs:vpc:{region}:{account}:eip/{AllocationId}"),
        Permission::on(
            "vpc:AssociateEipAddress",
            "acs:ecs:{region}:{account}:instance/{InstanceId}",
        ),
    ];
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
        let request = &asked.request;
        Facts {
            eip: find_eip(world, request.eip_id.as_deref(), request.region_id.as_deref()),
            // In any region: that it is another one than the address's is a row of its own.
            subject: InstanceFacts::of(world, request.instance_id.as_deref(), None),
        }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        let eip_id = case.asked.request.eip_id.clone().unwrap_or_default();
        let instance_id = case.asked.request.instance_id.clone();
        Effect::new(vec![Change::BindEip { eip_id, instance_id }], ())
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
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.instance_id.is_none(),
        |_| "InstanceId".to_owned(),
        "name the instance in InstanceId",
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

const STATE_RULES: &[Rule<Case<AssociateEipAddress>>] = &[
    Rule::new(
        &row::EIP_NOT_FOUND,
        |it| it.facts.eip.is_none(),
        "DescribeEipAddresses lists the addresses",
    ),
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::OTHER_REGION,
        |it| {
            let region = &it.facts.subject.instance.region_id;
            it.facts.eip.as_ref().is_some_and(|eip| eip.region_id != *region)
        },
        "allocate an address in the instance's region",
    ),
    Rule::new(
        &row::NOT_IN_VPC,
        |it| it.facts.subject.instance.network_type == NetworkType::Classic,
        "an instance of the classic network takes no elastic IP",
    ),
    Rule::new(
        &row::EIP_STATUS,
        |it| it.facts.eip.as_ref().is_some_and(|eip| eip.instance_id.is_some()),
        "UnassociateEipAddress first",
    ),
    Rule::new(
        &row::ALREADY_BOUND,
        |it| it.facts.subject.eip.is_some(),
        "UnassociateEipAddress the instance's present address first",
    ),
    Rule::new(
        &row::PUBLIC_IP_BOUND,
        |it| it.facts.subject.instance.public_ip.is_some(),
        "give the public IP back with ModifyInstanceNetworkSpec and InternetMaxBandwidthOut=0",
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
        operation: "AssociateEipAddress";
        pages: {}
        rows: {}
        beside: {
            TARGET_TYPE: 400 "InvalidInstanceType.ValueNotSupported"
                "The specified value of InstanceType is not supported."
                source "page of AssociateEipAddress, 2021";
            EIP_NOT_FOUND: 404 "InvalidAllocationId.NotFound"
                "Specified allocation ID is not found"
                source "page of AssociateEipAddress, 2021";
            NOT_FOUND: 404 "InvalidInstanId.NotFound"
                "Specified instance does not exist."
                source "page of AssociateEipAddress, 2021";
            OTHER_REGION: 400 "InvalidParameter.Mismatch"
                "Specified elastic IP address and ECS instance are not in the same region."
                source "page of AssociateEipAddress, 2021";
            NOT_IN_VPC: 400 "OperationDenied"
                "Specified instance is not in VPC."
                source "page of AssociateEipAddress, 2021";
            EIP_STATUS: 400 "IncorrectEipStatus"
                "Current elastic IP status does not support this operation"
                source "page of AssociateEipAddress, 2021";
            ALREADY_BOUND: 400 "InvalidAssociation.Duplicated"
                "Specified instance already is associated."
                source "page of AssociateEipAddress, 2021";
            PUBLIC_IP_BOUND: 400 "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP"
                "instance already bind natpublicip,cannot bind eip."
                source "seen on the wire, alibaba/terraform-provider issue 597";
            STATUS: 400 "IncorrectInstanceStatus"
                "Current instance status does not support this operation."
                source "page of AssociateEipAddress, 2021";
        }
    }
}
