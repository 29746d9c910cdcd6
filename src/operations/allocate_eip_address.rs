//! AllocateEipAddress (Vpc): a new elastic IP, free to be bound. Only pay-as-you-go ones: the
//! emulator keeps no subscriptions of addresses.

use serde::{Deserialize, Serialize};

use super::conditions::{is_malformed_token, is_unknown};
use super::{Asked, Case, Effect, Operation, Permission, Product, TokenCase, common};
use crate::domain::network::{Eip, InternetChargeType};
use crate::domain::{Change, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

const BANDWIDTH_RANGE: std::ops::RangeInclusive<i32> = 1..=200;
/// Bandwidth of a new address where the call names none, Mbit/s.
const DEFAULT_BANDWIDTH: i32 = 5;

pub(super) struct AllocateEipAddress;

pub(super) struct Request {
    region_id: Option<String>,
    bandwidth_mbps: Param<i32>,
    internet_charge_type: Param<InternetChargeType>,
    charge_type: Option<String>,
    name: Option<String>,
    description: Option<String>,
    client_token: Option<String>,
}

pub(super) struct Facts {
    region_known: bool,
    public_ip_left: bool,
    in_debt: bool,
    /// The address that is given out next.
    ip_address: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    eip_id: String,
    ip_address: String,
}

impl Operation for AllocateEipAddress {
    const ACTION: &'static str = "AllocateEipAddress";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("vpc:AllocateEipAddress", "acs:vpc:{region}:{account}:eip/*")];
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
    type Output = Output;

    fn parse(params: &Params) -> Request {
        Request {
            region_id: params.string("RegionId"),
            bandwidth_mbps: params.integer("Bandwidth"),
            internet_charge_type: params.parse("InternetChargeType", InternetChargeType::parse),
            charge_type: params.string("InstanceChargeType"),
            name: params.string("Name"),
            description: params.string("Description"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        request.client_token.as_deref()
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let region = asked.request.region_id.as_deref().unwrap_or_default();
        Facts {
            region_known: world.region.contains_key(region),
            public_ip_left: world.has_public_ip_left(region),
            in_debt: world.account.arrears || world.account.available().0 < 0,
            ip_address: world.next_public_ip(),
        }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let request = &case.asked.request;
        let eip_id = String::from(&ids.resource("eip"));
        let eip = Eip {
            region_id: request.region_id.clone().unwrap_or_default(),
            bandwidth_mbps: request.bandwidth_mbps.or(DEFAULT_BANDWIDTH).unsigned_abs(),
            internet_charge_type: request
                .internet_charge_type
                .or(InternetChargeType::PayByBandwidth),
            name: request.name.clone().unwrap_or_default(),
            description: request.description.clone().unwrap_or_default(),
            allocated_at: case.asked.now,
            ..Eip::default()
        };
        let output = Output { eip_id: eip_id.clone(), ip_address: case.facts.ip_address.clone() };
        Effect::new(vec![Change::CreateEip { eip_id, eip: Box::new(eip) }], output)
    }

    fn reply(_request: &Request, output: Output) -> Node {
        object! { "EipAddress" => output.ip_address, "AllocationId" => output.eip_id, "ResourceGroupId" => "" }
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.region_id.is_none(),
        |_| "RegionId".to_owned(),
        "name the region in RegionId",
    ),
    Rule::new(
        &common::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::new(
        &row::BANDWIDTH,
        |it| it.request.bandwidth_mbps.violates(|mbps| BANDWIDTH_RANGE.contains(mbps)),
        "ask for 1 to 200 Mbit/s",
    ),
    Rule::new(
        &row::INTERNET_CHARGE_TYPE,
        |it| it.request.internet_charge_type.is_malformed(),
        "send PayByBandwidth or PayByTraffic",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| is_unknown(it.request.charge_type.as_ref(), &["PostPaid"]),
        |_| "InstanceChargeType".to_owned(),
        "subscriptions of addresses are not emulated; send PostPaid or nothing",
    ),
];

const STATE_RULES: &[Rule<Case<AllocateEipAddress>>] = &[
    Rule::new(&row::REGION, |it| !it.facts.region_known, "DescribeRegions lists the regions"),
    Rule::new(&row::BALANCE, |it| it.facts.in_debt, "top up the account, or clear its arrears"),
    Rule::guessed(
        &row::NO_ADDRESS,
        "the region has no public address left",
        |it| !it.facts.public_ip_left,
        "release an address of the region",
    ),
];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "AllocateEipAddress";
        pages: {}
        rows: {}
        beside: {
            BANDWIDTH: 400 "InvalidParameter"
                "Specified value of \"Bandwidth\" is not valid."
                source "page of AllocateEipAddress, 2021";
            INTERNET_CHARGE_TYPE: 400 "InvalidParameter"
                "Specified value of \"InternetChargeType\" is not valid"
                source "page of AllocateEipAddress, 2021";
            REGION: 400 "InvalidRegion.NotSupport"
                "The specified region does not support."
                source "page of AllocateEipAddress, 2021";
            BALANCE: 400 "InsufficientBalance"
                "Your account does not have enough balance."
                source "page of AllocateEipAddress, 2021";
            NO_ADDRESS: 400 "ReserveIpFail"
                "Reserve eip failed."
                source "page of AllocateEipAddress, 2021";
        }
    }
}
