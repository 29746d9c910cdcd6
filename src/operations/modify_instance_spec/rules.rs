//! When ModifyInstanceSpec is refused, in order: the tables are the precedence (docs/decisions/0003).
//! A rule whose row the page in force does not print is passed over.

use super::rows::{self as row, EN_2019, EN_2026, ZH_2018};
use super::{ModifyInstanceSpec, Request};
use crate::domain::Timestamp;
use crate::domain::disk::DISK_CATEGORIES;
use crate::domain::instance::{Lock, NetworkType, Status};
use crate::domain::network::InternetChargeType;
use crate::operations::common;
use crate::operations::conditions::{
    CooldownPolicy, first_malformed, inbound_fits, is_malformed_token, is_unknown,
};
use crate::operations::target::Obstacle;
use crate::operations::{Asked, Case, Operation, TokenCase};
use crate::row::Page;
use crate::rule::Rule;

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

pub(super) const STATE_RULES: &[Rule<Case<ModifyInstanceSpec>>] = &[
    Rule::new(
        &row::UNKNOWN_TYPE,
        |it| !it.facts.type_known,
        "DescribeInstanceTypes lists the types",
    ),
    Rule::new(
        &row::UNKNOWN_TYPE_2018,
        |it| !it.facts.type_known,
        "DescribeInstanceTypes lists the types",
    ),
    Rule::in_prose(
        &row::NOT_FOUND,
        ONLY_2019,
        EVERYWHERE,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    // The samples of the older pages send a bandwidth beside the type, against their own prose;
    // bandwidth the instance has already is no second change.
    Rule::new(
        &row::TYPE_AND_BANDWIDTH,
        |it| it.asked.request.wants_type() && it.changes_bandwidth(),
        "change type and bandwidth in two calls",
    ),
    // The account.
    Rule::new(&row::ARREARS, |it| it.facts.subject.account.arrears, "clear the account's arrears"),
    Rule::new(
        &row::PRICE_PERMISSION,
        |it| it.facts.subject.caller.lacks_prices(),
        "give the RAM user the right to see prices, or call as the account",
    ),
    Rule::new(&row::CARD_RISK, |it| it.facts.subject.account.card_at_risk, "verify the card"),
    // The instance: locks and orders.
    Rule::in_prose(
        &row::SECURITY_LOCK,
        ONLY_2019,
        EVERYWHERE,
        |it| it.facts.subject.instance.is_locked_for(Lock::Security),
        "clear the security lock",
    ),
    Rule::guessed(
        &row::UNPAID_ORDER_DENIED,
        "the unpaid order is one for a change of the configuration",
        |it| it.facts.subject.unpaid_order().is_some_and(|it| it.operation.ends_with("Spec")),
        "pay or cancel the order",
    ),
    Rule::guessed(
        &row::UNPAID_ORDER,
        "the unpaid order is another one: a renewal, a change of the charge type",
        |it| it.facts.subject.unpaid_order().is_some(),
        "pay or cancel the order",
    ),
    Rule::new(
        &row::UNPAID_ORDER_2018,
        |it| it.facts.subject.unpaid_order().is_some(),
        "pay or cancel the order",
    ),
    Rule::new(
        &row::CHANGE_AT_RENEWAL,
        |it| !it.facts.subject.instance.next_period_type.is_empty(),
        "wait until the next period has begun",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| it.facts.subject.is_prepaid(),
        "change a subscription with ModifyPrepayInstanceSpec or ModifyInstanceNetworkSpec",
    ),
    Rule::guessed(
        &row::CHARGE_TYPE,
        "a spot instance keeps its type",
        |it| it.facts.subject.instance.is_spot() && it.asked.request.wants_type(),
        "release the spot instance and create another",
    ),
    Rule::guessed(
        &row::CHARGE_TYPE_UNKNOWN,
        "the instance's charge type is not, or no longer, open to the account",
        |it| it.has_closed_charge_type(),
        "have the charge type opened for the account",
    ),
    // Its status.
    Rule::guessed(
        &row::TYPE_STATUS,
        "the instance is on its way to another status",
        |it| it.asked.request.wants_type() && it.is_in_transit(),
        "wait until the instance is Stopped",
    ),
    Rule::in_prose(
        &row::NOT_STOPPED,
        ONLY_2019,
        "the instance type can be changed only while the instance is Stopped",
        |it| it.needs_stop(),
        "StopInstance first, and wait for Stopped",
    ),
    Rule::new(
        &row::STATUS,
        |it| it.is_bandwidth_in_transit(),
        "wait until the instance is Running or Stopped",
    ),
    Rule::new(
        &row::STATUS_2018,
        |it| it.is_bandwidth_in_transit(),
        "wait until the instance is Running or Stopped",
    ),
    Rule::guessed(
        &row::ONLINE_CPU_TOPOLOGY,
        "ModifyMode=Online, and the vCPUs are mapped to cores discretely",
        |it| {
            it.asked.request.is_online()
                && it.facts.subject.instance.cpu_topology == "DiscreteCoreToHTMapping"
        },
        "stop the instance and leave ModifyMode out",
    ),
    Rule::guessed(
        &row::ONLINE_NEEDS_REBOOT,
        "ModifyMode=Online, and an earlier change of type waits for a reboot",
        |it| it.asked.request.is_online() && !it.facts.subject.instance.effective_type.is_empty(),
        "RebootInstance first",
    ),
    Rule::guessed(
        &row::ONLINE_OS_TYPE,
        "ModifyMode=Online is for Linux",
        |it| {
            it.asked.request.is_online()
                && it.facts.image.as_ref().is_some_and(|image| image.os_type != "linux")
        },
        "stop the instance and leave ModifyMode out",
    ),
    // What it is bound to.
    Rule::guessed(
        &row::STARTER_PACKAGE,
        "an instance of a starter package takes no change at all",
        |it| it.facts.subject.instance.starter_package,
        "buy an instance outside a starter package",
    ),
    Rule::new(
        &row::DEDICATED_HOST,
        |it| it.facts.meets(Obstacle::DedicatedHost),
        "move the instance off its dedicated host",
    ),
    Rule::guessed_words(
        &row::CLOUDBOX,
        "an instance in a CloudBox gets no public bandwidth",
        |it| {
            it.asked.request.wants_bandwidth() && !it.facts.subject.instance.cloudbox_id.is_empty()
        },
        |it| it.cloudbox_words(),
        "an instance in a CloudBox gets no public bandwidth",
    ),
    Rule::new(
        &row::HIBERNATION,
        |it| it.facts.meets(Obstacle::Hibernation),
        "an instance set up to hibernate keeps its type",
    ),
    Rule::new(
        &row::PRIVATE_POOL,
        |it| it.facts.meets(Obstacle::PrivatePool),
        "set PrivatePoolOptions.MatchCriteria to Open or None",
    ),
    Rule::new(
        &row::LOCAL_DISK,
        |it| it.facts.meets(Obstacle::LocalDisk),
        "an instance with local disks keeps its type; create another",
    ),
    Rule::new(
        &row::NO_SYSTEM_DISK,
        |it| it.facts.meets(Obstacle::NoSystemDisk),
        "attach a system disk",
    ),
    Rule::new(
        &row::TEMPORARY_EIP_BOUND,
        |it| it.asked.request.temporary.is_given() && it.facts.subject.eip.is_some(),
        "UnassociateEipAddress first, or change the bandwidth of the EIP",
    ),
    Rule::guessed(
        &row::EIP_BOUND,
        "with an EIP, public bandwidth belongs to the EIP",
        |it| it.asked.request.wants_bandwidth() && it.facts.subject.eip.is_some(),
        "UnassociateEipAddress first, or change the bandwidth of the EIP",
    ),
    Rule::guessed(
        &row::EIP_MODE,
        "an EIP that is visible on the interface (MULTI_BINDED, BINDED) does not survive a change of type",
        |it| it.facts.meets(Obstacle::EipMode),
        "UnassociateEipAddress first",
    ),
    Rule::guessed(
        &row::EIP_ACROSS_CLUSTERS,
        "an instance with an EIP does not move to another cluster",
        |it| it.may_move() && it.asked.request.wants_type() && it.facts.subject.eip.is_some(),
        "UnassociateEipAddress first, or leave AllowMigrateAcrossZone out",
    ),
    Rule::new(
        &row::NAT_PORT_MAP,
        |it| it.facts.subject.instance.nat_port_map,
        "remove the NAT port map first",
    ),
    Rule::guessed(
        &row::IN_VPC,
        "the zone gives instances in a VPC no public bandwidth",
        |it| it.gains_bandwidth_in_vpc() && it.facts.zone.vpc_without_public_bandwidth,
        "bind an EIP",
    ),
    Rule::new(
        &row::DEDICATED_REGION,
        |it| it.asked.request.wants_bandwidth() && it.out_mbps() > 0 && it.facts.region.dedicated,
        "a dedicated region has no public network",
    ),
    // The inbound range where it hangs on the outbound bandwidth the instance has.
    Rule::new(
        &row::BANDWIDTH_IN,
        |it| it.breaks_inbound_range_of_instance(),
        "ask for 1 to 10 Mbit/s, or up to the outbound bandwidth where that is more",
    ),
    // The type asked for: the account and the market.
    Rule::new(
        &row::UNAUTHORISED_TYPE,
        |it| it.facts.meets(Obstacle::Denied),
        "choose a type the account is not denied",
    ),
    Rule::new(
        &row::UNAUTHORISED_TYPE_2018,
        |it| it.facts.meets(Obstacle::Denied) || it.facts.meets(Obstacle::Hidden),
        "choose a type the account is not denied",
    ),
    Rule::guessed(
        &row::HIDDEN_TYPE,
        "the type is sold by invitation; on the page of 2019, which prints one row, also: denied",
        |it| {
            it.facts.meets(Obstacle::Hidden)
                || (*it.asked.page == EN_2019 && it.facts.meets(Obstacle::Denied))
        },
        "choose a type the account can see",
    ),
    Rule::new(&row::RETIRED_TYPE, |it| it.facts.meets(Obstacle::Retired), "choose a type on sale"),
    Rule::new(
        &row::RETIRED_TYPE_2019,
        |it| it.facts.meets(Obstacle::Retired),
        "choose a type on sale",
    ),
    Rule::new(
        &row::TYPE_NOT_OFFERED,
        |it| it.facts.meets(Obstacle::NotOffered),
        "DescribeResourcesModification lists what the zone offers",
    ),
    Rule::guessed(
        &row::UNKNOWN_TYPE_2018,
        "the page calls a type out of range that is retired or not sold in the zone",
        |it| it.facts.meets(Obstacle::Retired) || it.facts.meets(Obstacle::NotOffered),
        "DescribeResourcesModification lists what the zone offers",
    ),
    Rule::new(
        &row::NO_CHANGE_PATH,
        |it| it.has_no_path(),
        "DescribeResourcesModification lists the types the instance can change to",
    ),
    Rule::guessed(
        &row::NO_DOWNGRADE,
        "the way back from a one-way upgrade",
        |it| it.facts.meets(Obstacle::OneWay),
        "an instance stays in the newer families",
    ),
    Rule::guessed(
        &row::NO_DOWNGRADE,
        "temporary bandwidth below the present one",
        |it| it.window().is_some_and(|window| window.out_mbps < window.regular_out_mbps),
        "ask for more temporary bandwidth than the instance has",
    ),
    Rule::new(
        &row::SYSTEM_DISK_CATEGORY,
        |it| {
            let gains = it.facts.target.as_ref().is_some_and(|to| to.gains_io_optimisation());
            it.asked.request.system_disk_category.is_some() && !gains
        },
        "the category can only be chosen when a retired type gives way to an I/O optimised one",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.names_unknown_disk(),
        |_| "Disk.N.DiskId".to_owned(),
        "name disks of the instance",
    ),
    // The type asked for: what it goes with.
    Rule::guessed_words(
        &row::NOT_SOLD_TOGETHER,
        "the zone does not sell the category of the instance's system disk",
        |it| it.facts.meets(Obstacle::NotSoldTogether),
        |it| it.facts.words(Obstacle::NotSoldTogether),
        "choose a zone that sells the disk category of the instance",
    ),
    Rule::worded(
        &row::NESTED_VIRTUALISATION,
        |it| it.facts.meets(Obstacle::NestedVirtualization),
        |it| it.facts.words(Obstacle::NestedVirtualization),
        "choose a type with nested virtualization",
    ),
    Rule::new(
        &row::IMAGE_ARCHITECTURE,
        |it| it.facts.meets(Obstacle::ImageArchitecture),
        "choose a type of the architecture of the image",
    ),
    Rule::new(
        &row::IMAGE_TYPE,
        |it| it.facts.meets(Obstacle::ImageType),
        "choose a type of the image's list",
    ),
    Rule::new(
        &row::IMAGE_TYPE_2018,
        |it| it.facts.meets(Obstacle::ImageType),
        "choose a type of the image's list",
    ),
    Rule::guessed_words(
        &row::IMAGE_RANGE,
        "vCPUs or memory are outside what the image runs on",
        |it| it.facts.meets(Obstacle::ImageRange),
        |it| it.facts.words(Obstacle::ImageRange),
        "choose a type within the image's range",
    ),
    Rule::new(
        &row::MARKET_IMAGE_STATUS,
        |it| it.facts.meets(Obstacle::ImageNotOnSale),
        "replace the image",
    ),
    Rule::worded(
        &row::DISK_COUNT,
        |it| it.facts.meets(Obstacle::DiskCount),
        |it| it.facts.words(Obstacle::DiskCount),
        "detach disks, or choose a larger type",
    ),
    Rule::guessed(
        &row::DISK_CHANGE_NOT_CARRIED,
        "a basic disk in the way, and ModifyMode=Online or a Disk.N",
        |it| it.facts.meets(Obstacle::BasicDisk) && it.names_mode_or_disk(),
        "detach the basic disk",
    ),
    Rule::guessed(
        &row::DISK_NOT_CARRIED,
        "a basic disk, which the type does not take",
        |it| it.facts.meets(Obstacle::BasicDisk),
        "detach the basic disk",
    ),
    Rule::new(
        &row::TYPE_DISK_CATEGORY,
        |it| it.facts.meets(Obstacle::DiskCategory),
        "DescribeInstanceTypes and the family's page tell the categories; detach or convert the disk",
    ),
    Rule::guessed(
        &row::TYPE_SYSTEM_DISK_CATEGORY,
        "a category chosen for the system disk that the type does not take",
        |it| it.chooses_untaken_system_disk(),
        "choose a category the type takes",
    ),
    Rule::guessed(
        &row::TYPE_DATA_DISK_CATEGORY,
        "a category chosen for a data disk that the type does not take",
        |it| it.chooses_untaken_data_disk(),
        "choose a category the type takes",
    ),
    Rule::worded(
        &row::ENI_COUNT,
        |it| it.facts.meets(Obstacle::EniCount),
        |it| it.facts.words(Obstacle::EniCount),
        "detach interfaces, or choose a larger type",
    ),
    Rule::guessed_words(
        &row::IPV4_UNSUPPORTED,
        "the type takes one private address an interface, and there are more",
        |it| it.facts.meets(Obstacle::Ipv4Unsupported),
        |it| it.facts.words(Obstacle::Ipv4Unsupported),
        "take the secondary addresses away",
    ),
    Rule::worded(
        &row::IPV4_COUNT,
        |it| it.facts.meets(Obstacle::Ipv4Count),
        |it| it.facts.words(Obstacle::Ipv4Count),
        "take addresses away, or choose a larger type",
    ),
    Rule::worded(
        &row::IPV6_UNSUPPORTED,
        |it| it.facts.meets(Obstacle::Ipv6Unsupported),
        |it| it.facts.words(Obstacle::Ipv6Unsupported),
        "take the IPv6 addresses away",
    ),
    Rule::worded(
        &row::IPV6_COUNT,
        |it| it.facts.meets(Obstacle::Ipv6Count),
        |it| it.facts.words(Obstacle::Ipv6Count),
        "take addresses away, or choose a larger type",
    ),
    Rule::worded(
        &row::ENI_TRUNKING,
        |it| it.facts.meets(Obstacle::EniTrunking),
        |it| it.facts.words(Obstacle::EniTrunking),
        "detach the trunk interface, or choose a type with trunking",
    ),
    Rule::new(
        &row::RSS,
        |it| it.facts.meets(Obstacle::Rss),
        "turn receive-side scaling off, or choose a type with it",
    ),
    Rule::guessed_words(
        &row::ENI_QUEUE_VALUE,
        "an interface with no queue at all",
        |it| it.facts.meets(Obstacle::QueueValue),
        |it| it.facts.words(Obstacle::QueueValue),
        "set a number of queues from 1",
    ),
    Rule::worded(
        &row::ENI_QUEUES,
        |it| it.facts.meets(Obstacle::Queues),
        |it| it.facts.words(Obstacle::Queues),
        "set fewer queues, or choose a larger type",
    ),
    Rule::worded(
        &row::ENI_QUEUES_TOTAL,
        |it| it.facts.meets(Obstacle::QueuesTotal),
        |it| it.facts.words(Obstacle::QueuesTotal),
        "set fewer queues, or choose a larger type",
    ),
    Rule::worded(
        &row::QUEUE_PAIRS,
        |it| it.facts.meets(Obstacle::QueuePairs),
        |it| it.facts.words(Obstacle::QueuePairs),
        "set fewer queue pairs, or choose a larger type",
    ),
    Rule::worded(
        &row::QUEUE_PAIRS_TOTAL,
        |it| it.facts.meets(Obstacle::QueuePairsTotal),
        |it| it.facts.words(Obstacle::QueuePairsTotal),
        "set fewer queue pairs, or choose a larger type",
    ),
    Rule::worded(
        &row::RDMA_MODE,
        |it| it.facts.meets(Obstacle::RdmaMode),
        |it| it.facts.words(Obstacle::RdmaMode),
        "detach the RDMA interface, or choose a type with RDMA",
    ),
    Rule::worded(
        &row::RDMA_ENI_COUNT,
        |it| it.facts.meets(Obstacle::RdmaCount),
        |it| it.facts.words(Obstacle::RdmaCount),
        "detach RDMA interfaces, or choose a larger type",
    ),
    Rule::new(
        &row::VPC_ADVANCED_FEATURE,
        |it| it.facts.meets(Obstacle::VpcAdvanced),
        "choose a type of a newer family",
    ),
    Rule::guessed_words(
        &row::VPC_SENIOR_FEATURE,
        "the flag of an earlier generation of the service for the same features",
        |it| it.facts.meets(Obstacle::VpcSenior),
        |it| it.facts.words(Obstacle::VpcSenior),
        "choose a type of a newer family",
    ),
    // Limits and quotas.
    Rule::guessed(
        &row::BANDWIDTH_LIMIT,
        "more outbound bandwidth than the account may give one instance",
        |it| it.exceeds_own_limit(),
        "ask for less, or have the limit raised",
    ),
    Rule::worded(
        &row::BANDWIDTH_QUOTA,
        |it| it.exceeds_region_quota(),
        |it| it.region_quota_words(),
        "ask for less, or have the quota raised",
    ),
    Rule::new(
        &row::TYPE_QUOTA,
        |it| it.facts.meets(Obstacle::TypeQuota),
        "release instances of the type, or have the quota raised",
    ),
    Rule::worded(
        &row::DISK_CAPACITY_QUOTA,
        |it| it.disk_over_capacity().is_some(),
        |it| it.disk_capacity_words(),
        "choose another category, or have the quota raised",
    ),
    // Counters, stock and money.
    Rule::guessed(
        &row::ONLINE_ATTEMPTS,
        "the page names no number; ours is three since the last start",
        |it| {
            it.asked.request.is_online()
                && it.facts.subject.instance.online_changes >= MOST_ONLINE_CHANGES
        },
        "RebootInstance first",
    ),
    Rule::in_prose(
        &row::COOLING_DOWN,
        ONLY_2019,
        "after a downgrade of the type the next one has to wait five minutes",
        |it| it.cools_down(),
        "wait five minutes, or advance the clock",
    ),
    Rule::new(
        &row::COOLING_DOWN_2018,
        |it| it.cools_down(),
        "wait five minutes, or advance the clock",
    ),
    Rule::guessed(
        &row::CLUSTER_NO_STOCK,
        "the instance's cluster has none left while the zone has, and the call may not move clusters",
        |it| it.facts.target.as_ref().is_some_and(|to| to.is_only_elsewhere(it.may_move())),
        "set AllowMigrateAcrossZone=true, or choose another type",
    ),
    Rule::guessed(
        &row::CLUSTER_NO_STOCK_2018,
        "none is left in the instance's cluster, or anywhere in the zone",
        |it| it.facts.target.as_ref().is_some_and(|to| !to.is_available(it.may_move())),
        "choose another type",
    ),
    Rule::in_prose(
        &row::NO_STOCK,
        ONLY_2019,
        "the page has no row; stock is finite on every page",
        |it| it.facts.target.as_ref().is_some_and(|to| !to.is_available(it.may_move())),
        "choose another type or zone, or wait for stock",
    ),
    Rule::guessed(
        &row::NO_PRICE,
        "inbound bandwidth without outbound bandwidth has no price",
        |it| it.asked.request.in_mbps.is_given() && it.out_mbps() == 0,
        "ask for outbound bandwidth too",
    ),
    Rule::guessed(
        &row::NOT_ENOUGH_BALANCE,
        "pay-as-you-go: balance and credit together are below zero",
        |it| it.facts.subject.account.available().0 < 0,
        "top up the account",
    ),
    Rule::new(
        &common::DRY_RUN,
        |it| it.asked.request.dry_run.or(false),
        "the call would succeed; repeat it without DryRun",
    ),
];

impl Asked<Request> {
    fn breaks_outbound_range(&self) -> bool {
        self.request.out_mbps.violates(|mbps| BANDWIDTH_RANGE.contains(mbps))
            || self.request.temporary.out_mbps.violates(|mbps| TEMPORARY_RANGE.contains(mbps))
    }

    fn breaks_inbound_range(&self) -> bool {
        let out = self.request.out_mbps.value().filter(|_| *self.page == EN_2026);
        self.request.in_mbps.violates(|mbps| match out {
            Some(out) => inbound_fits(*mbps, *out),
            None => OLD_INBOUND_RANGE.contains(mbps),
        })
    }

    /// After the start where there is one, and never in the past.
    fn ends_in_time(&self, ends: Timestamp) -> bool {
        let starts = self.request.temporary.starts_at.value().copied().unwrap_or(self.now);
        ends > starts
    }

    fn has_wrong_performance_level(&self) -> bool {
        self.request.disks.iter().any(|disk| {
            let other_disk = disk.category.as_deref().is_some_and(|it| it != "cloud_essd");
            let level = disk.performance_level.as_ref();
            is_unknown(level, PERFORMANCE_LEVELS) || (level.is_some() && other_disk)
        })
    }

    fn first_malformed(&self) -> Option<&'static str> {
        first_malformed(&[
            ("Async", self.request.is_async.is_malformed()),
            ("AllowMigrateAcrossZone", self.request.may_move.is_malformed()),
            ("DryRun", self.request.dry_run.is_malformed()),
        ])
    }
}

impl Case<ModifyInstanceSpec> {
    fn may_move(&self) -> bool {
        self.asked.request.may_move.or(false)
    }

    fn names_unknown_disk(&self) -> bool {
        let disks = &self.facts.subject.instance.disks;
        let named = self.asked.request.disks.iter().filter_map(|disk| disk.disk_id.as_ref());
        named.into_iter().any(|id| disks.iter().all(|disk| disk.id != *id))
    }

    fn is_in_transit(&self) -> bool {
        !self.facts.subject.instance.status.is_stable()
    }

    /// A change of type waits for Stopped, unless it is asked for online.
    fn needs_stop(&self) -> bool {
        let (request, status) = (&self.asked.request, self.facts.subject.instance.status);
        let fits = status == Status::Stopped || (request.is_online() && status == Status::Running);
        request.wants_type() && !fits
    }

    fn has_closed_charge_type(&self) -> bool {
        let charge_type = self.facts.subject.instance.charge_type;
        self.facts.subject.account.denied_charge_types.contains(&charge_type)
    }

    /// On the page of 2018, which knows no one-way upgrades, the way back is no way either.
    fn has_no_path(&self) -> bool {
        self.facts.meets(Obstacle::NoPath)
            || self.facts.meets(Obstacle::FamilyNeverChanges)
            || (*self.asked.page == ZH_2018 && self.facts.meets(Obstacle::OneWay))
    }

    fn gains_bandwidth_in_vpc(&self) -> bool {
        let it = &self.facts.subject.instance;
        it.network_type == NetworkType::Vpc && it.bandwidth_out_mbps == 0 && self.out_mbps() > 0
    }

    fn cloudbox_words(&self) -> String {
        let id = &self.facts.subject.instance.cloudbox_id;
        format!("The specified operation is not supported by instances in a CloudBox: {id}.")
    }

    fn names_mode_or_disk(&self) -> bool {
        self.asked.request.is_online() || !self.asked.request.disks.is_empty()
    }

    /// The disks of the request with the category chosen for each: is one of this kind refused?
    fn chooses_untaken(&self, system: bool) -> bool {
        let Some(target) = &self.facts.target else { return false };
        let disks = &self.facts.subject.instance.disks;
        let is_of_kind =
            |id: &String| disks.iter().any(|disk| disk.id == *id && disk.system == system);
        self.asked.request.disks.iter().any(|disk| {
            disk.disk_id.as_ref().is_some_and(is_of_kind)
                && disk.category.as_deref().is_some_and(|category| !target.takes(category))
        })
    }

    fn chooses_untaken_system_disk(&self) -> bool {
        let chosen = self.asked.request.system_disk_category.as_deref();
        let refused = |category: &str| {
            self.facts.target.as_ref().is_some_and(|target| !target.takes(category))
        };
        chosen.is_some_and(refused) || self.chooses_untaken(true)
    }

    fn chooses_untaken_data_disk(&self) -> bool {
        self.chooses_untaken(false)
    }

    fn exceeds_own_limit(&self) -> bool {
        let limit = self.facts.subject.account.bandwidth_limit_mbps;
        self.asked.request.wants_bandwidth() && limit.is_some_and(|limit| self.out_mbps() > limit)
    }

    fn exceeds_region_quota(&self) -> bool {
        let it = &self.facts.subject.instance;
        let sum = self.facts.bandwidth_of_others_mbps.saturating_add(self.out_mbps());
        self.asked.request.wants_bandwidth()
            && it.internet_charge_type == InternetChargeType::PayByBandwidth
            && sum > self.facts.subject.account.bandwidth_quota_mbps
    }

    fn region_quota_words(&self) -> String {
        let (it, quota) =
            (&self.facts.subject.instance, self.facts.subject.account.bandwidth_quota_mbps);
        format!(
            "The total pay-by-bandwidth public bandwidth of the account in region {} exceeds the quota {quota} Mbit/s",
            it.region_id
        )
    }

    /// The first category asked for whose capacity in the zone is used up.
    fn disk_over_capacity(&self) -> Option<(&str, u32)> {
        let disks = &self.facts.subject.instance.disks;
        self.asked.request.disks.iter().find_map(|asked| {
            let disk = disks.iter().find(|disk| Some(&disk.id) == asked.disk_id.as_ref())?;
            let category =
                asked.category.as_deref().filter(|category| *category != disk.category)?;
            let left = *self.facts.zone.disk_capacity_left_gib.get(category)?;
            (disk.size_gib > left).then_some((category, left))
        })
    }

    fn disk_capacity_words(&self) -> String {
        let (category, left) = self.disk_over_capacity().unwrap_or_default();
        format!("{category} has {left} GiB left")
    }

    fn is_bandwidth_in_transit(&self) -> bool {
        self.asked.request.wants_bandwidth() && !self.facts.subject.instance.status.is_stable()
    }

    fn breaks_inbound_range_of_instance(&self) -> bool {
        let out = i32::try_from(self.out_mbps()).unwrap_or(i32::MAX);
        *self.asked.page == EN_2026
            && self.asked.request.in_mbps.violates(|mbps| inbound_fits(*mbps, out))
    }

    fn cools_down(&self) -> bool {
        // The page of 2019 speaks of a downgrade after a downgrade of the type, the others of any
        // change after any change.
        let policy = if *self.asked.page == EN_2019 {
            let stops_this = self.facts.target.is_some() && self.is_downgrade();
            CooldownPolicy { after_any: false, stops_this }
        } else {
            CooldownPolicy::ANY
        };
        self.facts.subject.cools_down(ModifyInstanceSpec::ACTION, policy, self.asked.now)
    }
}
