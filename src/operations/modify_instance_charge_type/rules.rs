//! When ModifyInstanceChargeType is refused, in order: the tables are the precedence
//! (docs/decisions/0003). One instance that is refused refuses the call.

use super::rows as row;
use super::{ModifyInstanceChargeType, Request, Subject};
use crate::domain::instance::ChargeType;
use crate::operations::common;
use crate::operations::conditions::{CooldownPolicy, first_malformed, is_malformed_token};
use crate::operations::{Asked, Case, Operation, TokenCase};
use crate::rule::Rule;

/// The most instances of one call.
const MOST_INSTANCES: usize = 20;

pub(super) const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.first_missing().is_some(),
        |it| it.first_missing().unwrap_or_default().to_owned(),
        "send RegionId and InstanceIds",
    ),
    Rule::new(
        &row::INSTANCE_IDS,
        |it| it.request.instance_ids.violates(|ids| !ids.is_empty()),
        "send a JSON array of instance ids",
    ),
    Rule::new(
        &row::TOO_MANY,
        |it| it.request.instance_ids.violates(|ids| ids.len() <= MOST_INSTANCES),
        "name at most 20 instances",
    ),
    Rule::new(
        &row::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::worded(
        &row::CHARGE_TYPE,
        |it| it.request.charge_type.is_malformed(),
        |_| "The specified InstanceChargeType is not valid.".to_owned(),
        "send PrePaid or PostPaid",
    ),
    Rule::new(
        &row::PERIOD,
        |it| it.request.period.violates(|count| *count > 0),
        "send a whole number of months or weeks",
    ),
    Rule::new(
        &row::PERIOD_UNIT,
        |it| {
            let period = it.request.period();
            it.request.unit.is_malformed() || !period.unit.sells(period.count)
        },
        "send 1 to 9, 12, 24, 36, 48 or 60 months, 1 to 4 weeks, or 1 to 5 years",
    ),
    Rule::worded(
        &row::MALFORMED,
        |it| it.first_malformed().is_some(),
        |it| {
            let name = it.first_malformed().unwrap_or_default();
            format!("The specified parameter \"{name}\" is not valid.")
        },
        "send true or false",
    ),
];

pub(super) const TOKEN_RULES: &[Rule<TokenCase>] = &[Rule::new(
    &common::TOKEN_MISMATCH,
    TokenCase::is_mismatch,
    "use a new token for another call",
)];

pub(super) const STATE_RULES: &[Rule<Case<ModifyInstanceChargeType>>] = &[
    Rule::new(
        &common::REGION_NOT_FOUND,
        |it| !it.facts.region_known,
        "DescribeRegions lists the regions",
    ),
    Rule::new(
        &row::NOT_FOUND,
        |it| it.any(|one| !one.of.found),
        "DescribeInstances lists the instances of the region",
    ),
    // The account and the caller.
    Rule::new(
        &row::ARREARS,
        |it| it.any(|one| one.of.account.arrears),
        "clear the account's arrears",
    ),
    Rule::new(
        &row::PRICE_PERMISSION,
        |it| {
            let asks_for_a_price = !it.asked.request.auto_pay.or(true);
            asks_for_a_price && it.asked.caller.lacks_prices()
        },
        "let the RAM user see prices, or send AutoPay=true",
    ),
    // The instances: expiry, orders, how they are paid for now.
    Rule::new(
        &row::EXPIRED,
        |it| it.any(|one| one.of.instance.is_expired(it.asked.now)),
        "RenewInstance first",
    ),
    Rule::new(
        &row::UNPAID_ORDER,
        |it| it.any(|one| one.of.unpaid_order().is_some()),
        "pay or cancel the order",
    ),
    Rule::guessed_words(
        &row::ORDER_PROCESSING,
        "any order of the instance that is being carried out",
        |it| it.any(|one| one.of.has_order_in_progress()),
        |_| "The specified instance has an order that is being processed.".to_owned(),
        "wait until the order is carried out",
    ),
    Rule::guessed_words(
        &row::CHARGE_TYPE,
        "paid for in this way already, or a way that is not open to the account",
        |it| {
            it.any(|one| {
                let is_there = one.of.instance.charge_type == it.to();
                is_there || one.of.account.denied_charge_types.contains(&it.to())
            })
        },
        |_| "The specified InstanceChargeType is not supported.".to_owned(),
        "send the other InstanceChargeType, or open it to the account",
    ),
    Rule::guessed(
        &row::SPOT,
        "a spot instance does not become a subscription",
        |it| it.any(|one| one.of.instance.is_spot()),
        "create a subscription instead",
    ),
    Rule::worded(
        &row::STATUS,
        |it| it.any(|one| !one.of.instance.status.is_stable()),
        |_| "The current status of the resource does not support this operation.".to_owned(),
        "wait until the instance is Running or Stopped",
    ),
    // What stands in the way of the other charge type.
    Rule::new(
        &row::RELEASE_TIME,
        |it| it.any(|one| one.of.instance.auto_release_at.is_some()),
        "ModifyInstanceAutoReleaseTime without a time calls the release off",
    ),
    Rule::new(
        &row::TEMPORARY_BANDWIDTH,
        |it| {
            let leaves = it.to() == ChargeType::PostPaid;
            leaves && it.any(|one| one.of.instance.temporary_bandwidth.is_some())
        },
        "wait until the window is over",
    ),
    Rule::new(
        &row::DEDICATED_HOST,
        |it| it.any(|one| !one.of.instance.dedicated_host_id.is_empty()),
        "an instance on a dedicated host keeps its charge type",
    ),
    Rule::new(
        &row::PRIVATE_POOL,
        |it| it.any(|one| one.of.instance.private_pool == "Target"),
        "take the instance out of its private pool",
    ),
    Rule::new(
        &row::NO_SYSTEM_DISK,
        |it| it.any(|one| one.of.instance.hardware.disks.iter().all(|disk| !disk.system)),
        "attach a system disk",
    ),
    Rule::guessed(
        &row::RETIRED_TYPE,
        "nobody subscribes to a retired type any more",
        |it| it.to() == ChargeType::PrePaid && it.any(|one| one.has_retired_type),
        "ModifyInstanceSpec to a type on sale first",
    ),
    Rule::guessed_words(
        &row::BANDWIDTH_QUOTA,
        "the bandwidth would exceed what pay-as-you-go instances of the region may have together",
        |it| it.to() == ChargeType::PostPaid && it.any(Subject::exceeds_bandwidth_quota),
        |_| "The quota of pay-by-bandwidth Internet bandwidth is exceeded".to_owned(),
        "lower the bandwidth first, or pay it by traffic",
    ),
    // Counters and money.
    Rule::worded(
        &row::REFUND_VCPU,
        |it| it.gives_back_too_much(),
        |it| it.vcpu_hours().to_string(),
        "wait for the next month, or give back fewer vCPU hours",
    ),
    Rule::new(
        &row::COOLING_DOWN,
        |it| {
            let action = ModifyInstanceChargeType::ACTION;
            it.any(|one| one.of.cools_down(action, CooldownPolicy::ANY, it.asked.now))
        },
        "wait five minutes, or advance the clock",
    ),
    Rule::new(
        &row::NOT_ENOUGH_BALANCE,
        |it| it.is_paid_now() && it.any(|one| !one.of.account.can_pay(it.cost())),
        "top up the account and cancel the invalid order this call leaves, or send AutoPay=false",
    ),
    Rule::new(
        &common::DRY_RUN,
        |it| it.asked.request.dry_run.or(false),
        "the call would succeed; repeat it without DryRun",
    ),
];

impl Asked<Request> {
    fn first_missing(&self) -> Option<&'static str> {
        first_malformed(&[
            ("RegionId", self.request.region_id.is_none()),
            ("InstanceIds", !self.request.instance_ids.is_given()),
        ])
    }

    fn first_malformed(&self) -> Option<&'static str> {
        let request = &self.request;
        first_malformed(&[
            ("IncludeDataDisks", request.includes_data_disks.is_malformed()),
            ("AutoPay", request.auto_pay.is_malformed()),
            ("IsDetailFee", request.tells_fees.is_malformed()),
            ("DryRun", request.dry_run.is_malformed()),
        ])
    }
}

impl Case<ModifyInstanceChargeType> {
    fn any(&self, condition: impl Fn(&Subject) -> bool) -> bool {
        self.facts.subjects.iter().any(condition)
    }

    fn gives_back_too_much(&self) -> bool {
        let left = self.facts.subjects.first().and_then(|one| one.of.account.refund_vcpu_hours);
        self.to() == ChargeType::PostPaid && left.is_some_and(|left| self.vcpu_hours() > left)
    }
}
