//! AllocatePublicIpAddress: a public IP for an instance that has bandwidth and none yet.

use serde::{Deserialize, Serialize};

use super::conditions::InstanceFacts;
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::instance::Lock;
use crate::domain::{InstanceChange, World};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct AllocatePublicIpAddress;

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
}

pub(super) struct Facts {
    subject: InstanceFacts,
    /// The address that is given out next.
    ip_address: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    ip_address: String,
}

impl Operation for AllocatePublicIpAddress {
    const ACTION: &'static str = "AllocatePublicIpAddress";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:AllocatePublicIpAddress",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = &[Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.instance_id.is_none(),
        |_| "InstanceId".to_owned(),
        "name the instance in InstanceId",
    )];
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Output;

    fn parse(params: &Params) -> Request {
        Request { instance_id: params.string("InstanceId"), region_id: params.string("RegionId") }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.instance_id, &asked.request.region_id);
        let subject = InstanceFacts::of(world, id.as_deref(), region.as_deref());
        Facts { subject, ip_address: world.next_public_ip() }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Output> {
        let allocated = InstanceChange::AllocatePublicIp.of(&case.facts.subject.instance.id);
        let output = Output { ip_address: case.facts.ip_address.clone() };
        Effect::new(vec![allocated], output)
    }

    fn reply(_request: &Request, output: Output) -> Node {
        object! { "IpAddress" => output.ip_address }
    }
}

const STATE_RULES: &[Rule<Case<AllocatePublicIpAddress>>] = &[
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::SECURITY_LOCK,
        |it| it.facts.subject.instance.is_locked_for(Lock::Security),
        "clear the security lock",
    ),
    Rule::new(
        &row::EXPIRED,
        |it| {
            let instance = &it.facts.subject.instance;
            instance.is_expired(it.asked.now) || instance.is_locked_for(Lock::Financial)
        },
        "renew the instance, or clear the arrears",
    ),
    Rule::new(
        &row::STATUS,
        |it| !it.facts.subject.instance.status.is_stable(),
        "wait until the instance is Running or Stopped",
    ),
    Rule::guessed(
        &row::EIP_BOUND,
        "an elastic IP is bound to the instance: it has an address already",
        |it| it.facts.subject.eip.is_some(),
        "the instance is reached by its elastic IP; UnassociateEipAddress first",
    ),
    Rule::new(
        &row::ALREADY_ALLOCATED,
        |it| it.facts.subject.instance.public_ip.is_some(),
        "DescribeInstances shows the address in PublicIpAddress",
    ),
    Rule::new(
        &row::BANDWIDTH,
        |it| it.facts.subject.instance.bandwidth_out_mbps == 0,
        "give the instance bandwidth first: ModifyInstanceNetworkSpec, InternetMaxBandwidthOut",
    ),
    Rule::guessed(
        &row::NO_ADDRESS,
        "the region has no public address left",
        |it| !it.facts.subject.region.has_public_ip_left(),
        "bind an elastic IP instead",
    ),
];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "AllocatePublicIpAddress";
        pages: {}
        rows: {}
        beside: {
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            EXPIRED: 403 "InstanceExpiredOrInArrears"
                "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode)."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            EIP_BOUND: 400 "OperationDenied"
                "The specified instance already has a public IP."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            ALREADY_ALLOCATED: 403 "AllocatedAlready"
                "There is an IpAddress allocated already for the specified instance."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            BANDWIDTH: 400 "AllocateIpInvalidInstanceBandwidth"
                "OperationDenied The InternetMaxBandwidthOut of the specified instance cannot be less than 0."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
            NO_ADDRESS: 400 "InsufficientPublicIp"
                "Ip address not found."
                source "help page of AllocatePublicIpAddress, 2026-01-28";
        }
    }
}
