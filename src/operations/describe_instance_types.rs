//! DescribeInstanceTypes: the types of the catalogue and the world that the account sees, whether
//! or not a zone sells them. Without MaxResults all of them come at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::paging::{Cut, Paging};
use super::view::joined;
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::World;
use crate::domain::catalog::InstanceType;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::{Node, object};
use crate::rule::Rule;

const MOST_NAMES: usize = 10;

pub(super) struct DescribeInstanceTypes;

pub(super) struct Request {
    family: Option<String>,
    names: BTreeSet<String>,
    paging: Paging,
}

impl Request {
    fn first_wrong(&self) -> Option<&'static str> {
        let too_many = self.names.len() > MOST_NAMES;
        too_many.then_some("InstanceTypes").or_else(|| self.paging.first_wrong())
    }

    fn fits(&self, one: &InstanceType) -> bool {
        let is_named = self.names.is_empty() || self.names.contains(&one.name);
        is_named && self.family.as_ref().is_none_or(|id| *id == one.family)
    }
}

pub(super) struct Facts {
    page: Arc<Cut<Arc<InstanceType>>>,
}

impl Operation for DescribeInstanceTypes {
    const ACTION: &'static str = "DescribeInstanceTypes";
    const PERMISSIONS: &'static [Permission] = &[Permission::on("ecs:DescribeInstanceTypes", "*")];
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Arc<Cut<Arc<InstanceType>>>;

    fn parse(params: &Params) -> Request {
        let names = params.list("InstanceTypes");
        Request {
            family: params.string("InstanceTypeFamily"),
            names: names.into_iter().map(str::to_owned).collect(),
            paging: Paging::by_token(params, usize::MAX),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let types = world.all_types();
        let is_seen = |one: &InstanceType| !world.account.hidden_types.contains(&one.name);
        let matches =
            types.values().enumerate().filter(|(_, one)| asked.request.fits(one) && is_seen(one));
        let page = asked.request.paging.cut(matches);
        Facts { page: Arc::new(page.map(|one| Arc::clone(one))) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), Arc::clone(&case.facts.page))
    }

    fn reply(_request: &Request, page: Self::Output) -> Node {
        let types = page.items.iter().map(|one| shown(one)).collect();
        object! {
            "NextToken" => page.next_token(),
            "InstanceTypes" => Node::List("InstanceType", types),
        }
    }
}

fn shown(one: &InstanceType) -> Node {
    let size = object! {
        "InstanceTypeId" => &one.name,
        "InstanceTypeFamily" => &one.family,
        "InstanceFamilyLevel" => one.level.as_str(),
        "CpuCoreCount" => one.vcpus,
        "MemorySize" => f64::from(one.memory_mib) / 1024.0,
        "CpuArchitecture" => one.architecture.as_str(),
        "GPUAmount" => one.gpu_amount,
        "GPUSpec" => &one.gpu_spec,
        "DiskQuantity" => one.disk_quantity,
        "NvmeSupport" => if one.nvme { "required" } else { "unsupported" },
    };
    joined([size, network(one), local_storage(one), credits(one)])
}

fn network(one: &InstanceType) -> Node {
    let figure = |value: u64| Node::Int(i64::try_from(value).unwrap_or(i64::MAX));
    object! {
        "InstanceBandwidthRx" => figure(one.bandwidth_kbps),
        "InstanceBandwidthTx" => figure(one.bandwidth_kbps),
        "InstancePpsRx" => figure(one.pps),
        "InstancePpsTx" => figure(one.pps),
        "EniQuantity" => one.eni_quantity,
        "EniTotalQuantity" => one.eni_quantity,
        "EniPrivateIpAddressQuantity" => one.private_ips_per_eni,
        "EniIpv6AddressQuantity" => one.ipv6_per_eni,
        "EniTrunkSupported" => one.eni_trunking,
        "EriQuantity" => one.eri_quantity,
        "PrimaryEniQueueNumber" => one.nic_queues,
        "SecondaryEniQueueNumber" => one.nic_queues,
        "MaximumQueueNumberPerEni" => one.nic_queues,
        "TotalEniQueueQuantity" => one.total_queues,
    }
}

fn local_storage(one: &InstanceType) -> Node {
    match &one.local_storage {
        None => object! { "LocalStorageCategory" => "" },
        Some(local) => object! {
            "LocalStorageCategory" => &local.category,
            "LocalStorageAmount" => local.amount,
            "LocalStorageCapacity" => local.capacity_gib,
        },
    }
}

/// Only burstable types have CPU credits.
fn credits(one: &InstanceType) -> Node {
    match one.baseline_credit {
        0 => Node::empty(),
        credit => object! { "BaselineCredit" => credit },
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[Rule::worded(
    &common::INVALID_PARAMETER,
    |it| it.request.first_wrong().is_some(),
    |it| it.request.first_wrong().unwrap_or_default().to_owned(),
    "send at most 10 types, MaxResults from 1 to 100, tokens as they came",
)];
