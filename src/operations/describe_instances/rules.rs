//! When DescribeInstances is refused, in order, and with which words.

use super::{DescribeInstances, Request};
use crate::operations::conditions::first_malformed;
use crate::operations::{Asked, Case, common};
use crate::param::Param;
use crate::rule::Rule;

const MOST_TAGS: usize = 20;

pub(super) use self::row::ROWS;

pub(super) const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.filter.region_id.is_none(),
        |_| "RegionId".to_owned(),
        "name the region in RegionId",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.first_wrong().is_some(),
        |it| it.request.first_wrong().unwrap_or_default().to_owned(),
        "send lists as JSON arrays of at most 100 texts, pages of 1 to 100, tokens as they came",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| it.request.filter.charge_type.is_malformed(),
        "send PostPaid or PrePaid",
    ),
    Rule::new(
        &row::INTERNET_CHARGE_TYPE,
        |it| it.request.filter.internet_charge_type.is_malformed(),
        "send PayByTraffic or PayByBandwidth",
    ),
    Rule::new(
        &row::NETWORK_TYPE,
        |it| it.request.filter.network_type.is_malformed(),
        "send vpc or classic",
    ),
    Rule::new(
        &row::STATUS,
        |it| it.request.filter.status.is_malformed(),
        "send Pending, Starting, Running, Stopping or Stopped",
    ),
    Rule::new(
        &row::LOCK_REASON,
        |it| it.request.filter.lock_reason.is_malformed(),
        "send financial, security, recycling, dedicatedhostfinancial or refunded",
    ),
    Rule::new(
        &row::TAG_COUNT,
        |it| it.request.filter.tags.len() > MOST_TAGS,
        "send at most 20 tags",
    ),
    Rule::new(
        &row::TAG_MISMATCH,
        |it| it.request.filter.tags.iter().any(|tag| tag.key.is_none()),
        "send a Tag.N.Key with each Tag.N.Value",
    ),
    Rule::guessed(
        &row::FILTER_KEY,
        "a key that is no end of a span of creation or expiry, or a value that is no time",
        |it| it.request.filter.limits.iter().any(Option::is_none),
        "send CreationStartTime, CreationEndTime, ExpiredStartTime or ExpiredEndTime with a time",
    ),
];

pub(super) const STATE_RULES: &[Rule<Case<DescribeInstances>>] = &[
    Rule::new(
        &common::REGION_NOT_FOUND,
        |it| !it.facts.region_found,
        "DescribeRegions lists the regions",
    ),
    Rule::guessed(
        &row::HPC_CLUSTER,
        "worlds have no HPC clusters",
        |it| it.asked.request.filter.hpc_cluster_id.is_some(),
        "leave HpcClusterId out",
    ),
    Rule::new(
        &common::DRY_RUN,
        |it| it.asked.request.dry_run.or(false),
        "leave DryRun out to get the instances",
    ),
];

impl Request {
    fn first_wrong(&self) -> Option<&'static str> {
        let filter = &self.filter;
        let given = first_malformed(&[
            ("InstanceIds", filter.instance_ids.is_malformed()),
            ("IoOptimized", filter.io_optimized.is_malformed()),
            ("DryRun", self.dry_run.is_malformed()),
        ]);
        let address = |(name, list, _): &(&'static str, Param<Vec<String>>, _)| {
            list.is_malformed().then_some(*name)
        };
        given
            .or_else(|| filter.addresses.iter().find_map(address))
            .or_else(|| self.paging.first_wrong())
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "DescribeInstances";
        pages: {}
        rows: {}
        beside: {
            CHARGE_TYPE: 404 "InvalidInstanceChargeType.NotFound"
                "The InstanceChargeType does not exist in our records"
                source "page of DescribeInstances, 2021";
            INTERNET_CHARGE_TYPE: 404 "InvalidInternetChargeType.ValueNotSupported"
                "The specified InternetChargeType is not valid"
                source "page of DescribeInstances, 2021";
            LOCK_REASON: 404 "InvalidLockReason.NotFound"
                "The specified LockReason is not found"
                source "page of DescribeInstances, 2021";
            FILTER_KEY: 404 "InvalidFilterKey.NotFound"
                ""
                source "page of DescribeInstances, 2021";
            NETWORK_TYPE: 404 "InvalidNetworkType.NotFound"
                "The specified InstanceNetworkType is not found"
                source "page of DescribeInstances, 2021";
            STATUS: 404 "InvalidStatus.NotFound"
                "The specified Status is not found"
                source "page of DescribeInstances, 2021";
            TAG_MISMATCH: 400 "InvalidTag.Mismatch"
                "The specified Tag.n.Key and Tag.n.Value are not match."
                source "page of DescribeInstances, 2021";
            TAG_COUNT: 400 "InvalidTagCount"
                "The specified tags are beyond the permitted range."
                source "page of DescribeInstances, 2021";
            HPC_CLUSTER: 400 "InvalidHpcClusterId.NotFound"
                "The specified HpcClusterId is not found."
                source "page of DescribeInstances, 2021";
        }
    }
}
