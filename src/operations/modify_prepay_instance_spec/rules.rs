//! When ModifyPrepayInstanceSpec is refused, in order: the tables are the precedence
//! (docs/decisions/0003).

use super::rows as row;
use super::{Direction, ModifyPrepayInstanceSpec, Request};
use crate::domain::instance::{Lock, Status};
use crate::domain::money::Cents;
use crate::operations::common;
use crate::operations::conditions::{
    CooldownPolicy, first_malformed, is_malformed_instance_id, is_malformed_token, is_unknown,
};
use crate::operations::target::{Obstacle, Target};
use crate::operations::{Asked, Case, Operation, TokenCase};
use crate::rule::Rule;

/// Disk categories SystemDisk.Category may name.
const SYSTEM_DISK_CATEGORIES: &[&str] = &["cloud_efficiency", "cloud_ssd"];

pub(super) const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.first_missing().is_some(),
        |it| it.first_missing().unwrap_or_default().to_owned(),
        "send InstanceId, RegionId and InstanceType",
    ),
    Rule::guessed_words(
        &row::INSTANCE_ID_MALFORMED,
        "not of the shape of an instance id",
        |it| it.request.instance_id.as_deref().is_some_and(is_malformed_instance_id),
        |_| "The specified InstanceId is not valid.".to_owned(),
        "send an id that begins with i-",
    ),
    Rule::new(
        &row::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::new(
        &row::REBOOT_TIME_MALFORMED,
        |it| it.request.reboot_at.is_malformed(),
        "send the time as yyyy-MM-ddTHH:mm:ssZ",
    ),
    Rule::new(
        &row::REBOOT_TIME,
        |it| it.request.reboot_at.violates(|reboot_at| *reboot_at >= it.now),
        "send a future time",
    ),
    Rule::guessed_words(
        &row::MALFORMED_PARAMETER,
        "any other value that is not of its parameter's type or list",
        |it| it.first_malformed().is_some(),
        |it| {
            let name = it.first_malformed().unwrap_or_default();
            format!("The specified parameter \"{name}\" is not valid.")
        },
        "send a value of the parameter's type",
    ),
    Rule::guessed_words(
        &row::OPERATOR_TYPE,
        "OperatorType is neither upgrade nor downgrade",
        |it| it.request.direction.is_malformed(),
        |_| "Specified action is not valid.".to_owned(),
        "send upgrade or downgrade",
    ),
];

pub(super) const TOKEN_RULES: &[Rule<TokenCase>] = &[
    Rule::guessed_words(
        &row::TOKEN_MISMATCH_OTHER,
        "the token was used for another instance",
        TokenCase::is_for_another_instance,
        |it| format!("The client token was used in a request for {}.", it.remembered_instance()),
        "use a new token for another call",
    ),
    Rule::new(&row::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call"),
];

pub(super) const STATE_RULES: &[Rule<Case<ModifyPrepayInstanceSpec>>] = &[
    Rule::new(
        &row::UNKNOWN_TYPE,
        |it| !it.facts.type_known,
        "DescribeInstanceTypes lists the types",
    ),
    Rule::new(
        &row::REGION_NOT_FOUND,
        |it| !it.facts.region_known,
        "DescribeRegions lists the regions",
    ),
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    // The account.
    Rule::new(
        &row::NO_BILLING_METHOD,
        |it| !it.facts.subject.account.billing_method_chosen,
        "choose how the account pays",
    ),
    Rule::new(&row::ARREARS, |it| it.facts.subject.account.arrears, "clear the account's arrears"),
    Rule::new(
        &row::PASS_ROLE,
        |it| !it.facts.subject.instance.ram_role_name.is_empty() && it.asked.caller.lacks_roles(),
        "give the RAM user ram:PassRole, or call as the account",
    ),
    Rule::guessed(
        &row::DOWNGRADE_PRIVILEGE,
        "the account may not downgrade subscriptions",
        |it| it.is_lower() && !it.facts.subject.account.downgrade_privilege,
        "ask for the privilege to downgrade",
    ),
    // The instance: locks, expiry, orders.
    Rule::new(
        &row::SECURITY_LOCK,
        |it| it.facts.subject.instance.is_locked_for(Lock::Security),
        "clear the security lock",
    ),
    Rule::new(
        &row::NO_PURCHASE,
        |it| !it.facts.subject.instance.purchase_recorded,
        "the records of the purchase are missing; open a ticket",
    ),
    Rule::new(
        &row::EXPIRED,
        |it| it.facts.subject.instance.is_expired(it.asked.now),
        "renew the instance first",
    ),
    Rule::new(
        &row::LAST_ORDER_PROCESSING,
        |it| !it.facts.subject.open_orders.is_empty(),
        "wait until the order is carried out, or pay or cancel it",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| !it.facts.subject.is_prepaid(),
        "change a pay-as-you-go instance with ModifyInstanceSpec",
    ),
    Rule::guessed_words(
        &row::CHARGE_TYPE_FIXED,
        "a subscription by the week, or a spot instance",
        |it| it.facts.subject.instance.weekly || it.facts.subject.instance.is_spot(),
        |_| "The specified parameter ChargeType is not valid.".to_owned(),
        "renew by the month first",
    ),
    Rule::worded(
        &row::OPERATOR_TYPE,
        |it| it.contradicts_direction(),
        |_| "Specified action is not valid.".to_owned(),
        "send OperatorType=downgrade for a lower type, upgrade or nothing for a higher one",
    ),
    // Its status.
    Rule::new(
        &row::NOT_STOPPED,
        |it| it.is_lower() && it.facts.subject.instance.status != Status::Stopped,
        "StopInstance first, and wait for Stopped",
    ),
    Rule::new(
        &row::STATUS,
        |it| !it.facts.subject.instance.status.is_stable(),
        "wait until the instance is Running or Stopped",
    ),
    Rule::guessed(
        &row::CHANGE_IN_PROGRESS,
        "the instance runs on, and an earlier change of its type waits for a reboot",
        |it| it.waits_for_reboot(),
        "RebootInstance first, so that the earlier change takes effect",
    ),
    // What it is bound to.
    Rule::new(
        &row::LOCAL_DISK,
        |it| it.facts.meets(Obstacle::LocalDisk),
        "an instance with local disks keeps its type; create another",
    ),
    Rule::guessed(
        &row::EIP_BOUND,
        "an instance with an EIP does not move to another cluster",
        |it| it.may_move() && it.facts.subject.eip.is_some(),
        "UnassociateEipAddress first, or leave MigrateAcrossZone out",
    ),
    // The type asked for.
    Rule::new(
        &row::UNAUTHORISED_TYPE,
        |it| it.facts.meets(Obstacle::Denied) || it.facts.meets(Obstacle::Hidden),
        "choose a type the account is not denied",
    ),
    Rule::guessed(
        &row::UNCHANGEABLE_TYPE,
        "the type the instance has already, or a family that never changes",
        |it| {
            let is_same = it.facts.target.as_ref().is_some_and(Target::is_same);
            is_same || it.facts.meets(Obstacle::FamilyNeverChanges)
        },
        "DescribeResourcesModification lists the types the instance can change to",
    ),
    Rule::worded(
        &row::RETIRED_TYPE,
        |it| it.facts.meets(Obstacle::Retired),
        |_| "The specified InstanceType has been offline.".to_owned(),
        "choose a type on sale",
    ),
    Rule::guessed_words(
        &row::NO_CHANGE_PATH,
        "no documented change leads there, or the zone does not sell it",
        |it| {
            let closed = [Obstacle::NoPath, Obstacle::OneWay, Obstacle::NotOffered];
            closed.into_iter().any(|obstacle| it.facts.meets(obstacle))
        },
        |_| "The specified InstanceType is not supported.".to_owned(),
        "DescribeResourcesModification lists the types the instance can change to",
    ),
    Rule::guessed_words(
        &row::MALFORMED_PARAMETER,
        "the category can only be chosen when a retired type gives way to an I/O optimised one",
        |it| {
            let gains = it.facts.target.as_ref().is_some_and(|to| to.gains_io_optimisation());
            it.asked.request.system_disk_category.is_some() && !gains
        },
        |_| "The specified parameter \"SystemDisk.Category\" is not valid.".to_owned(),
        "leave SystemDisk.Category out",
    ),
    Rule::guessed(
        &row::REBOOT_TIME,
        "after the end of the subscription, or of the temporary change",
        |it| it.reboots_too_late(),
        "send a time before the instance expires",
    ),
    Rule::new(
        &row::IMAGE_TYPE,
        |it| it.facts.meets(Obstacle::ImageType) && !it.facts.has_market_image,
        "choose a type of the list of the image",
    ),
    Rule::new(
        &row::MARKET_IMAGE_TYPE,
        |it| it.facts.meets(Obstacle::ImageType) && it.facts.has_market_image,
        "choose a type of the list of the image",
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
    Rule::guessed_words(
        &row::DENIED,
        "whatever else stands in the way of the type and has no row of its own here",
        |it| it.facts.other_obstacle().is_some(),
        |it| it.facts.other_obstacle().unwrap_or_default().to_owned(),
        "change what the message names, or create another instance",
    ),
    // Counters, stock and money.
    Rule::new(
        &row::DOWNGRADE_QUOTA,
        |it| it.cost() < Cents::ZERO && it.facts.subject.instance.downgrade_refunds >= 3,
        "the instance has been downgraded three times; it keeps its type",
    ),
    Rule::guessed(
        &row::COOLING_DOWN,
        "a successful change of the same instance less than five minutes ago",
        |it| {
            let action = ModifyPrepayInstanceSpec::ACTION;
            it.facts.subject.cools_down(action, CooldownPolicy::ANY, it.asked.now)
        },
        "wait five minutes, or advance the clock",
    ),
    Rule::guessed(
        &row::CLUSTER_NO_STOCK,
        "the instance's cluster has none left while the zone has, and the call may not move clusters",
        |it| it.facts.target.as_ref().is_some_and(|to| to.is_only_elsewhere(it.may_move())),
        "set MigrateAcrossZone=true, or choose another type",
    ),
    Rule::new(
        &row::NO_STOCK,
        |it| it.facts.target.as_ref().is_some_and(|to| !to.is_in_stock()),
        "choose another type or zone, or wait for stock",
    ),
    Rule::new(
        &row::NOT_ENOUGH_BALANCE,
        |it| it.is_paid_now() && !it.facts.subject.account.can_pay(it.cost()),
        "top up the account and cancel the invalid order this call leaves, or send AutoPay=false",
    ),
];

impl Asked<Request> {
    fn first_missing(&self) -> Option<&'static str> {
        first_malformed(&[
            ("InstanceId", self.request.instance_id.is_none()),
            ("RegionId", self.request.region_id.is_none()),
            ("InstanceType", self.request.instance_type.is_none()),
        ])
    }

    fn first_malformed(&self) -> Option<&'static str> {
        let request = &self.request;
        let disk = request.system_disk_category.as_ref();
        first_malformed(&[
            ("AutoPay", request.auto_pay.is_malformed()),
            ("MigrateAcrossZone", request.may_move.is_malformed()),
            ("RebootWhenFinished", request.reboot_when_finished.is_malformed()),
            ("EndTime", request.ends_at.violates(|ends_at| *ends_at > self.now)),
            ("SystemDisk.Category", is_unknown(disk, SYSTEM_DISK_CATEGORIES)),
        ])
    }
}

impl Case<ModifyPrepayInstanceSpec> {
    fn may_move(&self) -> bool {
        self.asked.request.may_move.or(false)
    }

    fn waits_for_reboot(&self) -> bool {
        let it = &self.facts.subject.instance;
        it.status == Status::Running && !it.effective_type.is_empty()
    }

    /// A lower type needs OperatorType=downgrade, a higher one anything but that.
    fn contradicts_direction(&self) -> bool {
        let asked = self.asked.request.direction.or(Direction::Upgrade);
        self.is_lower() != (asked == Direction::Downgrade)
    }

    fn reboots_too_late(&self) -> bool {
        let expires_at = self.facts.subject.instance.expires_at.unwrap_or(self.asked.now);
        let ends_at = self.asked.request.ends_at.or(expires_at).min(expires_at);
        self.asked.request.reboot_at.violates(|reboot_at| *reboot_at <= ends_at)
    }
}
