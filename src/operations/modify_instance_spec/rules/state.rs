//! The rules of ModifyInstanceSpec on request and state, in order: account, instance, status, what
//! the instance is bound to, the type asked for, limits, stock and money.

use super::super::ModifyInstanceSpec;
use super::super::rows::{self as row, EN_2019};
use super::{EVERYWHERE, MOST_ONLINE_CHANGES, ONLY_2019};
use crate::domain::instance::Lock;
use crate::operations::target::{Obstacle, Target};
use crate::operations::{Case, common};
use crate::rule::Rule;

pub(in super::super) const STATE_RULES: &[Rule<Case<ModifyInstanceSpec>>] = &[
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
        |it| it.changes_both(),
        "change type and bandwidth in two calls",
    ),
    // The account.
    Rule::new(&row::ARREARS, |it| it.facts.subject.account.arrears, "clear the account's arrears"),
    Rule::new(
        &row::PRICE_PERMISSION,
        |it| it.asked.caller.lacks_prices(),
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
                && it
                    .facts
                    .target
                    .as_ref()
                    .and_then(Target::os_type)
                    .is_some_and(|os| os != "linux")
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
        |it| it.wants_public_bandwidth() && it.facts.subject.region.dedicated,
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
