//! RunInstances: creates instances and starts them, with a public IP where they have bandwidth.

use serde::{Deserialize, Serialize};

use super::conditions::{
    is_malformed_description, is_malformed_host_name, is_malformed_name, is_malformed_password,
};
use super::creation::{Creating as _, Creation, CreationFacts, creation_rules, permissions};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase, common};
use crate::domain::instance::Status;
use crate::domain::{Change, InstanceChange, Shared, Text, World};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct RunInstances;

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    instance_ids: Vec<String>,
    order_id: Option<String>,
}

impl Case<RunInstances> {
    /// Pending, then Starting, then Running, by themselves and together: a call makes up to a hundred.
    fn start_up(&self, instance_ids: &[String]) -> Change {
        let settings = &self.facts.settings;
        let instance_ids: Vec<Text> = instance_ids.iter().map(Text::from).collect();
        let instance_ids = Shared::from(instance_ids);
        let step = |from, to| Change::Statuses { instance_ids: instance_ids.clone(), from, to };
        let up = vec![step(Status::Starting, Status::Running)];
        let up = Change::After { delay: settings.starting, changes: up };
        let starting = vec![step(Status::Pending, Status::Starting), up];
        Change::After { delay: settings.pending, changes: starting }
    }
}

impl Operation for RunInstances {
    const ACTION: &'static str = "RunInstances";
    const PERMISSIONS: &'static [Permission] = &permissions("ecs:RunInstances");
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Creation>>] = REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Creation;
    type Facts = CreationFacts;
    type Output = Output;

    fn parse(params: &Params) -> Creation {
        Creation::parse(params)
    }

    fn token(request: &Creation) -> Option<&str> {
        request.token()
    }

    fn gather(asked: &Asked<Creation>, world: &World) -> CreationFacts {
        CreationFacts::of(&asked.request, world)
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let mut output = Output { instance_ids: Vec::new(), order_id: None };
        let mut changes = Vec::new();
        // Each subscription has an order of its own, and starts when that is paid.
        let is_ordered = case.asked.request.is_prepaid();
        let terms = case.terms();
        for index in 0..case.amount() {
            let instance = case.instance(index, Status::Pending, &terms, ids);
            let instance_id = instance.id.to_string();
            let has_bandwidth = instance.bandwidth_out_mbps > 0;
            let public_ip =
                has_bandwidth.then(|| InstanceChange::AllocatePublicIp.of(&instance_id));
            let start = is_ordered.then(|| case.start_up(std::slice::from_ref(&instance_id)));
            let then = public_ip.into_iter().chain(start).collect();
            let (bought, order_id) = case.bought(Self::ACTION, instance, then, ids);
            changes.extend(bought);
            output.order_id = output.order_id.or(order_id);
            output.instance_ids.push(instance_id);
        }
        if !is_ordered {
            changes.push(case.start_up(&output.instance_ids));
        }
        Effect::new(changes, output)
    }

    fn reply(_request: &Creation, output: Output) -> Node {
        let ids = Node::texts("InstanceIdSet", output.instance_ids);
        match output.order_id {
            Some(order_id) => object! { "InstanceIdSets" => ids, "OrderId" => order_id },
            None => object! { "InstanceIdSets" => ids },
        }
    }
}

creation_rules!(
    RunInstances,
    // What only this operation takes.
    Rule::worded(
        &row::AMOUNT,
        |it| it.breaks_amount_range(),
        |_| "The specified parameter Amount is not valid.".to_owned(),
        "ask for 1 to 100 instances",
    ),
    Rule::new(&row::MIN_AMOUNT, |it| it.breaks_min_amount_range(), "send 1 to Amount"),
    Rule::new(
        &row::HOST_NAME,
        |it| is_malformed_host_name(it.request.host_name.as_ref()),
        "2 to 64 letters, digits, dots and hyphens",
    ),
    Rule::new(&row::TAG_COUNT, |it| it.has_too_many_tags(), "send at most 20 tags"),
    Rule::new(
        &row::RELEASE_TIME,
        |it| it.has_wrong_release_time(),
        "send a time half an hour to three years ahead",
    ),
);

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "RunInstances";
        pages: {}
        rows: {}
        beside: {
            TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
                "The ClientToken provided is invalid."
                source "page of RunInstances, 2021";
            NAME: 400 "InvalidInstanceName.Malformed"
                "The specified parameter \"InstanceName\" is not valid."
                source "page of RunInstances, 2021";
            DESCRIPTION: 400 "InvalidDescription.Malformed"
                "The specified parameter \"Description\" is not valid."
                source "page of RunInstances, 2021";
            PASSWORD: 400 "InvalidPassword.Malformed"
                "The specified parameter \"Password\" is not valid."
                source "page of RunInstances, 2021";
            CHARGE_TYPE: 404 "InvalidInstanceChargeType.NotFound"
                "The InstanceChargeType does not exist in our records"
                source "page of RunInstances, 2021";
            PERIOD_MISSING: 400 "MissingParamter"
                "The specified parameter \"Period\" is not null."
                source "page of RunInstances, 2021";
            PERIOD_UNIT: 400 "InvalidPeriodType.ValueNotSupported"
                "The specified parameter PeriodType is invalid."
                source "page of RunInstances, 2021";
            PERIOD: 400 "InvalidPeriod"
                "The specified period is not valid."
                source "page of RunInstances, 2021";
            INTERNET_CHARGE_TYPE: 400 "InvalidInternetChargeType.ValueNotSupported"
                "The specified InternetChargeType is not valid."
                source "page of RunInstances, 2021";
            BANDWIDTH_OUT: 400 "InvalidParameter"
                "The specified parameter \"InternetMaxBandwidthOut\" is not valid."
                source "page of RunInstances, 2021";
            BANDWIDTH_IN: 400 "InvalidInternetMaxBandwidthIn.Malformed"
                "The specified parameter internetMaxBandwidthIn is not valid."
                source "page of RunInstances, 2021";
            SYSTEM_DISK_CATEGORY: 400 "InvalidSystemDiskCategory.ValueNotSupported"
                "The specified parameter \"SystemDisk.Category\" is not valid."
                source "page of RunInstances, 2021";
            DATA_DISK_CATEGORY: 400 "InvalidDataDiskCategory.ValueNotSupported"
                "The specified parameter \"DataDisk.n.Category\" is not valid."
                source "page of RunInstances, 2021";
            DATA_DISK_SIZE: 400 "InvalidDataDiskSize.ValueNotSupported"
                "The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category."
                source "page of RunInstances, 2021";
            TAG_KEY: 400 "InvalidTagKey.Malformed"
                "The specified Tag.n.Key is not valid."
                source "page of RunInstances, 2021";
            TAG_VALUE: 400 "InvalidTagValue.Malformed"
                "The specified Tag.n.Value is not valid."
                source "page of RunInstances, 2021";
            TAG_REPEATED: 400 "Duplicate.TagKey"
                "The Tag.N.Key contain duplicate key."
                source "page of RunInstances, 2021";
            PRIVATE_IP: 400 "InvalidPrivateIpAddress.Malformed"
                "Specified private IP address is malformed."
                source "page of RunInstances, 2021";
            ZONE_NOT_FOUND: 404 "InvalidZoneId.NotFound"
                "The specified zoneId does not exist."
                source "page of RunInstances, 2021";
            IMAGE_NOT_FOUND: 404 "InvalidImageId.NotFound"
                "The specified ImageId does not exist."
                source "page of RunInstances, 2021";
            UNKNOWN_TYPE: 400 "InvalidInstanceType.ValueNotSupported"
                "The specified InstanceType does not exist or beyond the permitted range."
                source "page of RunInstances, 2021";
            VSWITCH_NOT_FOUND: 404 "InvalidVSwitchId.NotFound"
                "Specified virtual switch does not exist."
                source "page of RunInstances, 2021";
            GROUP_NOT_FOUND: 404 "InvalidSecurityGroupId.NotFound"
                "The SecurityGroupId provided does not exist in our records."
                source "page of RunInstances, 2021";
            VSWITCH_MISSING: 400 "MissingParameter"
                "The input parameter \"VSwitchId\" that is mandatory for processing this request is not supplied."
                source "page of RunInstances, 2021";
            VSWITCH_ZONE: 400 "InvalidParameter.Mismatch"
                "Specified virtual switch is not in the specified zone."
                source "page of RunInstances, 2021";
            GROUP_VPC: 400 "InvalidParameter.Mismatch"
                "Specified security group and virtual switch are not in the same VPC."
                source "page of RunInstances, 2021";
            PRIVATE_IP_OUTSIDE: 400 "InvalidPrivateIpAddress"
                "Specified private IP address is not in the CIDR block of virtual switch."
                source "page of RunInstances, 2021";
            PRIVATE_IP_TAKEN: 400 "InvalidPrivateIpAddress.Duplicated"
                "Specified private IP address is duplicated."
                source "page of RunInstances, 2021";
            IMAGE_ARCHITECTURE: 400 "InvalidParameter.Conflict"
                "The specified image does not support the specified instance type."
                source "page of RunInstances, 2021";
            ARREARS: 400 "Account.Arrearage"
                "Your account has been in arrears."
                source "page of RunInstances, 2021";
            UNAUTHORISED_TYPE: 400 "InvalidInstanceType.ValueUnauthorized"
                "The specified InstanceType is not authorized."
                source "page of RunInstances, 2021";
            TYPE_NOT_OFFERED: 403 "InvalidInstanceType.ZoneNotSupported"
                "The specified zone does not support this instancetype."
                source "page of RunInstances, 2021";
            SYSTEM_DISK_SIZE: 404 "InvalidSystemDiskSize.LessThanImageSize"
                "The specified parameter SystemDisk.Size is less than the image size."
                source "page of RunInstances, 2021";
            NO_STOCK: 403 "OperationDenied.NoStock"
                "The requested resource is sold out in the specified zone; try other types of resources or other regions and zones."
                source "page of RunInstances, 2021";
            NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance"
                "Your account does not have enough balance."
                source "page of RunInstances, 2021";
            AMOUNT: 403 "InvalidParam.Amount"
                "%s"
                source "page of RunInstances, 2021";
            MIN_AMOUNT: 400 "InvalidMinAmount.Malformed"
                "The specified parameter MinAmount is not valid."
                source "page of RunInstances, 2021";
            HOST_NAME: 400 "InvalidHostName.Malformed"
                "The specified parameter \"HostName\" is not valid."
                source "page of RunInstances, 2021";
            TAG_COUNT: 400 "InvalidTagCount"
                "The specified tags are beyond the permitted range."
                source "page of RunInstances, 2021";
            RELEASE_TIME: 400 "InvalidAutoReleaseTime.Malformed"
                "The specified parameter AutoReleaseTime is not valid."
                source "page of RunInstances, 2021";
        }
    }
}
