//! When ModifyInstanceSpec is refused, in order: the tables are the precedence (docs/decisions/0003).
//! A rule whose row the page in force does not print is passed over. The rules on the state are in
//! `state.rs`, the longer conditions in `conditions.rs`.

mod conditions;
mod state;

use super::Request;
use super::rows::{self as row, EN_2019, EN_2026};
use crate::domain::disk::DISK_CATEGORIES;
use crate::domain::network::InternetChargeType;
use crate::operations::common;
use crate::operations::conditions::{is_malformed_token, is_unknown};
use crate::operations::{Asked, TokenCase};
use crate::row::Page;
use crate::rule::Rule;

pub(super) use state::STATE_RULES;

/// Disk categories SystemDisk.Category may name.
const SYSTEM_DISK_CATEGORIES: &[&str] = &["cloud_efficiency", "cloud_ssd"];
const PERFORMANCE_LEVELS: &[&str] = &["PL0", "PL1", "PL2", "PL3"];
const BANDWIDTH_RANGE: std::ops::RangeInclusive<i32> = 0..=100;
const OLD_INBOUND_RANGE: std::ops::RangeInclusive<i32> = 1..=200;
const TEMPORARY_RANGE: std::ops::RangeInclusive<i32> = 1..=100;

/// Changes of a running instance's type between two starts.
const MOST_ONLINE_CHANGES: u32 = 3;

const ONLY_2019: &[Page] = &[EN_2019];
const EVERYWHERE: &str = "the row of the general error table holds on every page";

pub(super) const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.instance_id.is_none(),
        |_| "InstanceId".to_owned(),
        "name the instance in InstanceId",
    ),
    Rule::in_prose(
        &row::TOKEN_MALFORMED,
        ONLY_2019,
        "the table of parameters asks for at most 64 ASCII characters",
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::new(&row::ASYNC, |it| it.request.is_async.is_malformed(), "send true or false"),
    Rule::guessed(
        &row::ASYNC,
        "only a change of type can be asynchronous",
        |it| it.request.is_async.or(false) && it.request.wants_bandwidth(),
        "leave Async out of a change of bandwidth",
    ),
    Rule::new(
        &row::MIGRATE_ACROSS_ZONE,
        |it| it.request.may_move.is_malformed(),
        "send true or false",
    ),
    Rule::new(&row::BANDWIDTH_OUT, |it| it.breaks_outbound_range(), "ask for 0 to 100 Mbit/s"),
    Rule::in_prose(
        &row::BANDWIDTH_OUT_2018,
        ONLY_2019,
        "the table of parameters gives the range",
        |it| it.breaks_outbound_range(),
        "ask for 0 to 100 Mbit/s",
    ),
    Rule::in_prose(
        &row::BANDWIDTH_IN,
        ONLY_2019,
        "the table of parameters gives the range",
        |it| it.breaks_inbound_range(),
        "ask for 1 to 10 Mbit/s, or up to the outbound bandwidth where that is more",
    ),
    Rule::new(
        &row::TEMPORARY_START_MISSING,
        |it| it.request.temporary.is_given() && !it.request.temporary.starts_at.is_given(),
        "send Temporary.StartTime with the other two",
    ),
    Rule::new(
        &row::TEMPORARY_END_MISSING,
        |it| it.request.temporary.is_given() && !it.request.temporary.ends_at.is_given(),
        "send Temporary.EndTime with the other two",
    ),
    Rule::new(
        &row::TEMPORARY_START,
        |it| it.request.temporary.starts_at.violates(|starts| *starts >= it.now),
        "send a future time as yyyy-MM-ddTHH:mm:ssZ",
    ),
    Rule::new(
        &row::TEMPORARY_END,
        |it| it.request.temporary.ends_at.violates(|ends| it.ends_in_time(*ends)),
        "send a time after the start as yyyy-MM-ddTHH:mm:ssZ",
    ),
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.temporary.is_given() && !it.request.temporary.out_mbps.is_given(),
        |_| "Temporary.InternetMaxBandwidthOut".to_owned(),
        "send Temporary.InternetMaxBandwidthOut with the times",
    ),
    Rule::new(
        &row::DISK_CATEGORY_MISSING,
        |it| it.request.disks.iter().any(|d| d.disk_id.is_some() && d.category.is_none()),
        "send Disk.N.Category with Disk.N.DiskId",
    ),
    Rule::new(
        &row::DISK_CATEGORY,
        |it| it.request.disks.iter().any(|d| is_unknown(d.category.as_ref(), DISK_CATEGORIES)),
        "send a category of network disks such as cloud_essd",
    ),
    Rule::new(
        &row::DISK_PERFORMANCE_LEVEL,
        |it| it.has_wrong_performance_level(),
        "send PL0 to PL3, for cloud_essd only",
    ),
    Rule::new(
        &row::SYSTEM_DISK_CATEGORY,
        |it| is_unknown(it.request.system_disk_category.as_ref(), SYSTEM_DISK_CATEGORIES),
        "send cloud_efficiency or cloud_ssd",
    ),
    Rule::guessed(
        &row::INTERNET_CHARGE_TYPE,
        "the operation documents no such parameter, but older clients send one",
        |it| {
            let value = it.request.internet_charge_type.as_deref();
            value.is_some_and(|value| InternetChargeType::parse(value).is_none())
        },
        "send PayByTraffic or PayByBandwidth, or nothing",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.first_malformed().is_some(),
        |it| it.first_malformed().unwrap_or_default().to_owned(),
        "send a value of the parameter's type",
    ),
    Rule::in_prose(
        &row::NOTHING_TO_CHANGE,
        ONLY_2019,
        "the page has no row; a call that asks for nothing is refused on the others",
        |it| !it.request.wants_type() && !it.request.wants_bandwidth(),
        "send InstanceType or a bandwidth",
    ),
    Rule::guessed(
        &row::NOTHING_TO_CHANGE_2018,
        "neither a type nor a bandwidth is asked for",
        |it| !it.request.wants_type() && !it.request.wants_bandwidth(),
        "send InstanceType or a bandwidth",
    ),
    // The newest page: one setting a call. The older ones: see STATE_RULES.
    Rule::new(
        &row::TYPE_AND_BANDWIDTH,
        |it| *it.page == EN_2026 && it.request.wants_type() && it.request.wants_bandwidth(),
        "change type and bandwidth in two calls",
    ),
];

pub(super) const TOKEN_RULES: &[Rule<TokenCase>] = &[
    Rule::new(&row::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call"),
    Rule::new(
        &row::TOKEN_MISMATCH_2018,
        TokenCase::is_mismatch,
        "use a new token for another call",
    ),
    Rule::in_prose(
        &row::TOKEN_IN_FLIGHT,
        ONLY_2019,
        EVERYWHERE,
        TokenCase::is_in_flight,
        "wait for the first call's work to end, then repeat",
    ),
];
