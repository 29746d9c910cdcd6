//! DescribeEndpoints (the Location service): where a client finds a product. Everything is found
//! where the client asked.

use super::{Asked, Case, Effect, Operation, Permission, Product, common};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct DescribeEndpoints;

pub(super) struct Request {
    region_id: Option<String>,
    service_code: Option<String>,
    kind: Option<String>,
}

pub(super) struct Facts {
    region_known: bool,
}

impl Operation for DescribeEndpoints {
    const ACTION: &'static str = "DescribeEndpoints";
    const PERMISSIONS: &'static [Permission] = &[];
    const PRODUCT: Product = Product::Location;
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = String;

    fn parse(params: &Params) -> Request {
        Request {
            region_id: params.string("Id"),
            service_code: params.string("ServiceCode"),
            kind: params.string("Type"),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let region_id = asked.request.region_id.as_deref().unwrap_or_default();
        Facts { region_known: world.region.contains_key(region_id) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<String> {
        Effect::new(Vec::new(), case.asked.host.to_string())
    }

    fn reply(request: &Request, host: String) -> Node {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let endpoint = object! {
            "Type" => request.kind.clone().unwrap_or_else(|| "openAPI".to_owned()),
            "Id" => text(&request.region_id),
            // Misspelt in the protocol.
            "SerivceCode" => text(&request.service_code),
            "Endpoint" => host,
            "Namespace" => "",
            "Protocols" => Node::texts("Protocols", ["HTTP", "HTTPS"]),
        };
        object! {
            // The one success body with such a field: the protocol has it, and clients take it well.
            "Success" => true,
            "Endpoints" => Node::List("Endpoint", vec![endpoint]),
        }
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.region_id.is_none(),
        |_| "Id".to_owned(),
        "send the region as Id",
    ),
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.service_code.is_none(),
        |_| "ServiceCode".to_owned(),
        "send the product as ServiceCode, like ecs",
    ),
];

const STATE_RULES: &[Rule<Case<DescribeEndpoints>>] =
    &[Rule::new(&row::REGION, |it| !it.facts.region_known, "DescribeRegions lists the regions")];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeEndpoints";
        pages: {}
        rows: {}
        beside: {
            REGION: 404 "InvalidRegionId"
                "The specified region does not exist."
                source "error table of the Location service";
        }
    }
}
