//! ReleaseEipAddress (Vpc): gives a free elastic IP back.

use super::conditions::find_eip;
use super::{Asked, Case, Effect, Operation, Permission, Product, common};
use crate::domain::network::Eip;
use crate::domain::{Change, Shared, World};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct ReleaseEipAddress;

pub(super) struct Request {
    eip_id: Option<String>,
    region_id: Option<String>,
}

pub(super) struct Facts {
    eip: Option<Shared<Eip>>,
}

impl Operation for ReleaseEipAddress {
    const ACTION: &'static str = "ReleaseEipAddress";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("vpc:ReleaseEipAddress", "acs:vpc:{region}:{account}:eip/{AllocationId}")];
    const PRODUCT: Product = Product::Vpc;
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &[Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.eip_id.is_none(),
        |_| "AllocationId".to_owned(),
        "name the address in AllocationId",
    )];
    const STATE_RULES: &'static [Rule<Case<Self>>] = &[
        Rule::new(
            &row::EIP_NOT_FOUND,
            |it| it.facts.eip.is_none(),
            "DescribeEipAddresses lists the addresses",
        ),
        Rule::new(
            &row::EIP_STATUS,
            |it| it.facts.eip.as_ref().is_some_and(|eip| eip.instance_id.is_some()),
            "UnassociateEipAddress first",
        ),
    ];

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        Request { eip_id: params.string("AllocationId"), region_id: params.string("RegionId") }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.eip_id, &asked.request.region_id);
        Facts { eip: find_eip(world, id.as_deref(), region.as_deref()) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        let eip_id = case.asked.request.eip_id.clone().unwrap_or_default();
        Effect::new(vec![Change::ReleaseEip { eip_id }], ())
    }

    fn reply(_request: &Request, _output: ()) -> Node {
        Node::empty()
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "ReleaseEipAddress";
        pages: {}
        rows: {}
        beside: {
            EIP_NOT_FOUND: 404 "InvalidAllocationId.NotFound"
                "Specified allocation ID is not found"
                source "page of ReleaseEipAddress, 2021";
            EIP_STATUS: 400 "IncorrectEipStatus"
                "Current elastic IP status does not support this operation."
                source "page of ReleaseEipAddress, 2021";
        }
    }
}
