//! When DescribeResourcesModification is refused, in order, and with which words.

use super::{DescribeResourcesModification, OperationType, Request};
use crate::domain::instance::ChargeType;
use crate::operations::conditions::{first_malformed, is_malformed_instance_id};
use crate::operations::{Asked, Case, common};
use crate::rule::Rule;

pub(super) use self::row::ROWS;

pub(super) const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.first_missing().is_some(),
        |it| it.request.first_missing().unwrap_or_default().to_owned(),
        "send RegionId and ResourceId; with DestinationResource=SystemDisk also InstanceType",
    ),
    Rule::new(
        &row::DESTINATION_MISSING,
        |it| !it.request.destination.is_given(),
        "send DestinationResource=InstanceType",
    ),
    Rule::new(
        &row::DESTINATION,
        |it| it.request.destination.is_malformed(),
        "send InstanceType or SystemDisk",
    ),
    Rule::new(
        &row::OPERATION_TYPE,
        |it| it.request.operation_type.is_malformed(),
        "send Upgrade, Downgrade, RenewDowngrade or RenewModify",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.first_wrong().is_some(),
        |it| it.request.first_wrong().unwrap_or_default().to_owned(),
        "send positive figures, and true or false",
    ),
    Rule::guessed(
        &row::CORES,
        "a system disk has no vCPUs",
        |it| it.request.is_for_disk() && it.request.cores.is_given(),
        "leave Cores out, or ask for DestinationResource=InstanceType",
    ),
    Rule::guessed(
        &row::MEMORY,
        "a system disk has no memory",
        |it| it.request.is_for_disk() && it.request.memory_gib.is_given(),
        "leave Memory out, or ask for DestinationResource=InstanceType",
    ),
    Rule::new(
        &row::TYPE_AND_SIZE,
        |it| {
            let request = &it.request;
            let has_size = request.cores.is_given() || request.memory_gib.is_given();
            request.instance_type.is_some() && has_size
        },
        "send InstanceType, or Cores and Memory",
    ),
    Rule::guessed(
        &row::RESOURCE_ID,
        "a ResourceId that is not of the shape of an instance's id",
        |it| {
            let id = it.request.resource_id.as_ref();
            id.is_some_and(|id| is_malformed_instance_id(id))
        },
        "send the id of an instance",
    ),
];

pub(super) const STATE_RULES: &[Rule<Case<DescribeResourcesModification>>] = &[
    Rule::new(
        &row::REGION_NOT_FOUND,
        |it| !it.facts.region_found,
        "DescribeRegions lists the regions",
    ),
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::OPERATION_TYPE,
        |it| {
            let is_upgrade = |wanted: &OperationType| *wanted == OperationType::Upgrade;
            it.facts.charge_type == ChargeType::PostPaid
                && it.asked.request.operation_type.violates(is_upgrade)
        },
        "send Upgrade, which lists smaller types of a pay-as-you-go instance, too",
    ),
];

impl Request {
    fn first_missing(&self) -> Option<&'static str> {
        let needs_type = self.is_for_disk() && self.instance_type.is_none();
        first_malformed(&[
            ("RegionId", self.region_id.is_none()),
            ("ResourceId", self.resource_id.is_none()),
            ("InstanceType", needs_type),
        ])
    }

    fn first_wrong(&self) -> Option<&'static str> {
        first_malformed(&[
            ("Cores", self.cores.violates(|cores| *cores > 0)),
            ("Memory", self.memory_gib.violates(|gib| *gib > 0.0)),
            ("MigrateAcrossZone", self.may_move.is_malformed()),
        ])
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeResourcesModification";
        pages: {}
        rows: {}
        beside: {
            DESTINATION_MISSING: 400 "Invalid.Param"
                "The input parameter DestinationResource that is mandatory for processing this request is not supplied."
                source "page of DescribeResourcesModification, 2021";
            DESTINATION: 404 "Invalid.DestinationResource"
                "The specified DestinationResource is not valid."
                source "page of DescribeResourcesModification, 2021";
            OPERATION_TYPE: 400 "Invalid.OperationType"
                "The specified operationType is not valid."
                source "page of DescribeResourcesModification, 2021";
            CORES: 403 "InvalidParam.Cores"
                "The specified parameter 'Cores' should be empty"
                source "page of DescribeResourcesModification, 2021";
            MEMORY: 403 "InvalidParam.Memory"
                "The specified parameter 'Memory' should be empty"
                source "page of DescribeResourcesModification, 2021";
            TYPE_AND_SIZE: 403 "InvalidParam.TypeAndCpuMem.Conflict"
                "The specified 'InstanceType' and 'Cores','Memory' are not blank at the same time."
                source "page of DescribeResourcesModification, 2021";
            RESOURCE_ID: 404 "Invalid.ResourceId"
                "The specified ResourceId is not valid."
                source "page of DescribeResourcesModification, 2021";
            REGION_NOT_FOUND: 404 "Invalid.RegionId"
                "The specified RegionId does not exist."
                source "page of DescribeResourcesModification, 2021";
            NOT_FOUND: 404 "InvalidResourceId.NotFound"
                "The specified ResourceId is not found in our records"
                source "page of DescribeResourcesModification, 2021";
        }
    }
}
