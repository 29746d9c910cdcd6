//! DescribeEipAddresses (Vpc): lists elastic IPs.

use super::paging::{Cut, Paging};
use super::{Asked, Case, Effect, Operation, Permission, Product, common};
use crate::domain::fields::eip as field;
use crate::domain::index::{Positions, Wanted};
use crate::domain::network::Eip;
use crate::domain::{Shared, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

const LARGEST_PAGE: i32 = 100;

pub(super) struct DescribeEipAddresses;

pub(super) struct Request {
    region_id: Option<String>,
    /// Comma lists; empty for any.
    eip_ids: Vec<String>,
    ip_addresses: Vec<String>,
    status: Option<String>,
    target_type: Option<String>,
    instance_id: Option<String>,
    dry_run: Param<bool>,
    paging: Paging,
}

impl Request {
    fn wanted(&self) -> Vec<Wanted<'_, Eip>> {
        let bound = self.target_type.as_ref().map(|_| "InUse");
        // Bound to nothing is bound to an instance without an id.
        let (instance_id, free) = match self.instance_id.as_deref() {
            Some("") => (None, Some("Available")),
            id => (id, None),
        };
        let texts = [
            (&field::REGION, self.region_id.as_deref()),
            (&field::STATUS, self.status.as_deref()),
            (&field::STATUS, bound),
            (&field::STATUS, free),
            (&field::INSTANCE, instance_id),
        ];
        let addresses = Some(self.ip_addresses.as_slice()).filter(|list| !list.is_empty());
        let texts = texts.into_iter().filter_map(|(field, text)| Some(field.is(text?)));
        texts.chain(addresses.map(|list| field::ADDRESS.is_one_of(list))).collect()
    }
}

/// An address with its id, which a document keeps outside of it.
type Listed = (String, Shared<Eip>);

impl Operation for DescribeEipAddresses {
    const ACTION: &'static str = "DescribeEipAddresses";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "vpc:DescribeEipAddresses",
        "acs:vpc:{region}:{account}:eip/{AllocationId}",
    )];
    const PRODUCT: Product = Product::Vpc;
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = &[Rule::new(
        &common::DRY_RUN,
        |it| it.asked.request.dry_run.or(false),
        "the call would succeed; send it without DryRun",
    )];

    type Request = Request;
    type Facts = Cut<Listed>;
    type Output = Cut<Listed>;

    fn parse(params: &Params) -> Request {
        let list = |name: &str| {
            let text = params.text(name).unwrap_or_default();
            text.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect()
        };
        Request {
            region_id: params.string("RegionId"),
            eip_ids: list("AllocationId"),
            ip_addresses: list("EipAddress"),
            status: params.string("Status"),
            target_type: params.string("AssociatedInstanceType"),
            instance_id: params.string("AssociatedInstanceId"),
            dry_run: params.boolean("DryRun"),
            paging: Paging::by_number(params, LARGEST_PAGE),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Cut<Listed> {
        let request = &asked.request;
        let ids = Some(&request.eip_ids).filter(|ids| !ids.is_empty());
        let mut among = ids.map(|ids| world.eip.positions(ids.iter().map(String::as_str)));
        // Nothing else of what an address can be bound to is emulated.
        if request.target_type.as_deref().is_some_and(|wanted| wanted != "EcsInstance") {
            among = Some(Positions::default());
        }
        let page = request.paging.page(&world.eip, among.as_ref(), &request.wanted());
        page.map(|eip| (eip.id.clone(), eip.clone()))
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Cut<Listed>> {
        Effect::new(Vec::new(), case.facts.clone())
    }

    fn reply(_request: &Request, page: Cut<Listed>) -> Node {
        object! {
            "TotalCount" => page.total,
            "PageNumber" => page.number,
            "PageSize" => page.size,
            "EipAddresses" => Node::List("EipAddress", page.items.iter().map(address).collect()),
        }
    }
}

fn address((id, eip): &Listed) -> Node {
    let instance_id = eip.instance_id.clone().unwrap_or_default();
    let bound = |text: &'static str| if instance_id.is_empty() { "" } else { text };
    let region = if instance_id.is_empty() { "" } else { eip.region_id.as_str() };
    let bandwidth = eip.bandwidth_mbps.to_string();
    object! {
        "AllocationId" => id,
        "IpAddress" => &eip.ip_address,
        "Name" => &eip.name,
        // The first spelling is the documented one, the second the one clients read.
        "Descritpion" => &eip.description,
        "Description" => &eip.description,
        "Status" => eip.status(),
        "RegionId" => &eip.region_id,
        "InstanceId" => &instance_id,
        "InstanceType" => bound("EcsInstance"),
        "InstanceRegionId" => region,
        "Bandwidth" => &bandwidth,
        "EipBandwidth" => &bandwidth,
        "InternetChargeType" => eip.internet_charge_type.as_str(),
        "ChargeType" => "PostPaid",
        "ISP" => "BGP",
        "Netmode" => "public",
        "Mode" => bound("NAT"),
        "AllocationTime" => eip.allocated_at.to_seconds(),
        "ExpiredTime" => "",
        "BusinessStatus" => "Normal",
        "ResourceGroupId" => "",
        "DeletionProtection" => false,
        "SecondLimited" => false,
        "ServiceManaged" => 0,
        "HDMonitorStatus" => "OFF",
        "HasReservationData" => "false",
        "OperationLocks" => Node::List("LockReason", Vec::new()),
        "AvailableRegions" => Node::texts("AvailableRegion", [eip.region_id.as_str()]),
        "Tags" => Node::List("Tag", Vec::new()),
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.region_id.is_none(),
        |_| "RegionId".to_owned(),
        "name the region in RegionId",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.paging.first_wrong().is_some(),
        |it| it.request.paging.first_wrong().unwrap_or_default().to_owned(),
        "PageNumber from 1, PageSize 1 to 100",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.dry_run.is_malformed(),
        |_| "DryRun".to_owned(),
        "send true or false",
    ),
    Rule::new(
        &row::TARGET_TYPE,
        |it| {
            let known = ["EcsInstance", "SlbInstance", "Nat", "HaVip", "NetworkInterface"];
            let asked = it.request.target_type.as_deref();
            asked.is_some_and(|target_type| !known.contains(&target_type))
        },
        "send EcsInstance or nothing",
    ),
];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeEipAddresses";
        pages: {}
        rows: {}
        beside: {
            TARGET_TYPE: 400 "InvalidIAssociatedInstanceType.ValueNotSupported"
                "The specified value of AssociatedInstanceType is not supported."
                source "page of DescribeEipAddresses, 2021";
        }
    }
}
