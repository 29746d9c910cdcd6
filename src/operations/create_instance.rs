//! CreateInstance: creates one instance and leaves it Stopped, without a public IP.

use serde::{Deserialize, Serialize};

use super::conditions::{is_malformed_description, is_malformed_name, is_malformed_password};
use super::creation::{Creating as _, Creation, CreationFacts, creation_rules, permissions};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase, common};
use crate::domain::World;
use crate::domain::instance::Status;
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct CreateInstance;

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    instance_id: String,
    order_id: Option<String>,
}

impl Operation for CreateInstance {
    const ACTION: &'static str = "CreateInstance";
    const PERMISSIONS: &'static [Permission] = &permissions("ecs:CreateInstance");
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Creation>>] = REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Creation;
    type Facts = CreationFacts;
    type Output = Output;

    fn parse(params: &Params) -> Creation {
        // The operation has neither of the two; it makes one instance.
        Creation { amount: Param::Absent, min_amount: Param::Absent, ..Creation::parse(params) }
    }

    fn token(request: &Creation) -> Option<&str> {
        request.token()
    }

    fn gather(asked: &Asked<Creation>, world: &World) -> CreationFacts {
        CreationFacts::of(&asked.request, world)
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        // The service shows the new instance as Stopped in its very first answer.
        let instance = case.instance(0, Status::Stopped, &case.terms(), ids);
        let instance_id = instance.id.to_string();
        let (changes, order_id) = case.bought(Self::ACTION, instance, Vec::new(), ids);
        Effect::new(changes, Output { instance_id, order_id })
    }

    fn reply(_request: &Creation, output: Output) -> Node {
        match output.order_id {
            Some(order_id) => object! { "InstanceId" => output.instance_id, "OrderId" => order_id },
            None => object! { "InstanceId" => output.instance_id },
        }
    }
}

creation_rules!(CreateInstance);

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "CreateInstance";
        pages: {}
        rows: {}
        beside: {
            TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
                "The ClientToken provided is invalid."
                source "page of CreateInstance, 2021";
            NAME: 400 "InvalidInstanceName.Malformed"
                "The specified parameter \"InstanceName\" is not valid."
                source "page of CreateInstance, 2021";
            DESCRIPTION: 400 "InvalidDescription.Malformed"
                "The specified parameter \"Description\" is not valid."
                source "page of CreateInstance, 2021";
            PASSWORD: 400 "InvalidPassword.Malformed"
                "The specified parameter \"Password\" is not valid."
                source "page of CreateInstance, 2021";
            CHARGE_TYPE: 404 "InvalidInstanceChargeType.NotFound"
                "The InstanceChargeType does not exist in our records"
                source "page of CreateInstance, 2021";
            PERIOD_MISSING: 400 "MissingParamter"
                "The specified parameter \"Period\" is not null."
                source "page of CreateInstance, 2021";
            PERIOD_UNIT: 400 "InvalidPeriodUnit.ValueNotSupported"
                "The specified parameter PeriodUnit is not valid."
                source "page of CreateInstance, 2021";
            PERIOD: 400 "InvalidPeriod"
                "The specified period is not valid."
                source "page of CreateInstance, 2021";
            INTERNET_CHARGE_TYPE: 400 "InvalidInternetChargeType.ValueNotSupported"
                "The specified InternetChargeType is not valid."
                source "page of CreateInstance, 2021";
            BANDWIDTH_OUT: 400 "InvalidParameter"
                "The specified parameter \"InternetMaxBandwidthOut\" is not valid."
                source "page of CreateInstance, 2021";
            BANDWIDTH_IN: 400 "InvalidParameter.Bandwidth"
                "The specified parameter Bandwidth is not valid."
                source "page of CreateInstance, 2021";
            SYSTEM_DISK_CATEGORY: 400 "InvalidSystemDiskCategory.ValueNotSupported"
                "The specified parameter \"SystemDisk.Category\" is not valid."
                source "page of CreateInstance, 2021";
            DATA_DISK_CATEGORY: 400 "InvalidDataDiskCategory.ValueNotSupported"
                "The specified parameter \"DataDisk.n.Category\" is not valid."
                source "page of CreateInstance, 2021";
            DATA_DISK_SIZE: 400 "InvalidDataDiskSize.ValueNotSupported"
                "The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size limit of the specified disk category."
                source "page of CreateInstance, 2021";
            TAG_KEY: 400 "InvalidTagKey.Malformed"
                "The specified Tag.n.Key is not valid."
                source "page of CreateInstance, 2021";
            TAG_VALUE: 400 "InvalidTagValue.Malformed"
                "The specified Tag.n.Value is not valid."
                source "page of CreateInstance, 2021";
            TAG_REPEATED: 400 "Duplicate.TagKey"
                "The Tag.N.Key contain duplicate key."
                source "page of CreateInstance, 2021";
            PRIVATE_IP: 400 "InvalidPrivateIpAddress.Malformed"
                "Specified private IP address is malformed."
                source "page of CreateInstance, 2021";
            ZONE_NOT_FOUND: 404 "InvalidZoneId.NotFound"
                "The specified zoneId does not exist."
                source "page of CreateInstance, 2021";
            IMAGE_NOT_FOUND: 404 "InvalidImageId.NotFound"
                "The specified ImageId does not exist."
                source "page of CreateInstance, 2021";
            UNKNOWN_TYPE: 400 "InvalidInstanceType.ValueNotSupported"
                "The specified InstanceType does not exist or beyond the permitted range."
                source "page of CreateInstance, 2021";
            VSWITCH_NOT_FOUND: 404 "InvalidVSwitchId.NotFound"
                "Specified virtual switch does not exist."
                source "page of CreateInstance, 2021";
            GROUP_NOT_FOUND: 404 "InvalidSecurityGroupId.NotFound"
                "The specified SecurityGroupId does not exist."
                source "page of CreateInstance, 2021";
            VSWITCH_MISSING: 400 "MissingParameter"
                "The input parameter \"VSwitchId\" that is mandatory for processing this request is not supplied."
                source "page of CreateInstance, 2021";
            VSWITCH_ZONE: 400 "InvalidParameter.Mismatch"
                "Specified virtual switch is not in the specified zone."
                source "page of CreateInstance, 2021";
            GROUP_VPC: 400 "InvalidParameter.Mismatch"
                "Specified security group and virtual switch are not in the same VPC."
                source "page of CreateInstance, 2021";
            PRIVATE_IP_OUTSIDE: 400 "InvalidPrivateIpAddress"
                "Specified private IP address is not in the CIDR block of virtual switch."
                source "page of CreateInstance, 2021";
            PRIVATE_IP_TAKEN: 400 "InvalidPrivateIpAddress.Duplicated"
                "Specified private IP address is duplicated."
                source "page of CreateInstance, 2021";
            IMAGE_ARCHITECTURE: 400 "InvalidParameter.Conflict"
                "The specified image does not support the specified instance type."
                source "page of CreateInstance, 2021";
            ARREARS: 400 "Account.Arrearage"
                "Your account has an outstanding payment."
                source "page of CreateInstance, 2021";
            UNAUTHORISED_TYPE: 400 "InvalidInstanceType.ValueUnauthorized"
                "The specified InstanceType is not authorized."
                source "page of CreateInstance, 2021";
            TYPE_NOT_OFFERED: 403 "InvalidInstanceType.ZoneNotSupported"
                "The specified zone does not support this instancetype."
                source "page of CreateInstance, 2021";
            SYSTEM_DISK_SIZE: 404 "InvalidSystemDiskSize.LessThanImageSize"
                "The specified parameter SystemDisk.Size is less than the image size."
                source "page of CreateInstance, 2021";
            NO_STOCK: 403 "OperationDenied.NoStock"
                "The requested resource is sold out in the specified zone; try other types of resources or other regions and zones."
                source "page of CreateInstance, 2021";
            NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance"
                "Your account does not have enough balance."
                source "page of CreateInstance, 2021";
        }
    }
}
