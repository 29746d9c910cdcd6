//! When ModifyInstanceNetworkSpec is refused, in order: the tables are the precedence
//! (docs/decisions/0003).

use super::rows as row;
use super::{ModifyInstanceNetworkSpec, Request};
use crate::domain::Span;
use crate::domain::instance::{Lock, NetworkType, Status};
use crate::domain::money::Cents;
use crate::domain::network::InternetChargeType;
use crate::operations::common;
use crate::operations::conditions::{CooldownPolicy, first_malformed, is_malformed_token};
use crate::operations::{Asked, Case, Operation, TokenCase};
use crate::rule::Rule;

const OUTBOUND_RANGE: std::ops::RangeInclusive<i32> = 0..=100;
const INBOUND_RANGE: std::ops::RangeInclusive<i32> = 1..=200;
/// The shortest window of temporary bandwidth.
const SHORTEST_WINDOW: Span = Span::hours(3);

pub(super) const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.instance_id.is_none(),
        |_| "InstanceId".to_owned(),
        "name the instance in InstanceId",
    ),
    Rule::new(
        &row::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::guessed_words(
        &row::BANDWIDTH_MALFORMED,
        "a bandwidth that is no number",
        |it| it.request.out_mbps.is_malformed() || it.request.in_mbps.is_malformed(),
        |_| "The specified parameter Bandwidth is not valid.".to_owned(),
        "send whole numbers of Mbit/s",
    ),
    Rule::new(
        &row::BANDWIDTH_OUT,
        |it| it.request.out_mbps.violates(|mbps| OUTBOUND_RANGE.contains(mbps)),
        "ask for 0 to 100 Mbit/s",
    ),
    Rule::new(
        &row::BANDWIDTH_IN,
        |it| it.request.in_mbps.violates(|mbps| INBOUND_RANGE.contains(mbps)),
        "ask for 1 to 200 Mbit/s",
    ),
    Rule::new(
        &row::INTERNET_CHARGE_TYPE,
        |it| it.request.network_charge_type.is_malformed(),
        "send PayByTraffic or PayByBandwidth",
    ),
    Rule::new(
        &row::ALLOCATE_PUBLIC_IP,
        |it| it.request.allocate_public_ip.is_malformed(),
        "send true or false",
    ),
    Rule::worded(
        &row::TEMPORARY_START,
        |it| it.window_fault().is_some(),
        |it| it.window_fault().unwrap_or_default().to_owned(),
        "StartTime as yyyy-MM-ddTHH:mmZ, EndTime as yyyy-MM-ddTHHZ at least three hours later",
    ),
    Rule::guessed_words(
        &row::TEMPORARY_CONFLICT,
        "a window changes bandwidth only, and needs one",
        |it| it.conflict().is_some(),
        |it| it.conflict().unwrap_or_default().to_owned(),
        "send the window with InternetMaxBandwidthOut alone",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.first_malformed().is_some(),
        |it| it.first_malformed().unwrap_or_default().to_owned(),
        "send true or false",
    ),
    Rule::guessed(
        &row::NOTHING_TO_CHANGE,
        "neither a bandwidth, nor a charge type, nor a public IP is asked for",
        |it| it.asks_for_nothing(),
        "send InternetMaxBandwidthOut, InternetMaxBandwidthIn, NetworkChargeType or AllocatePublicIp",
    ),
];

pub(super) const TOKEN_RULES: &[Rule<TokenCase>] =
    &[Rule::new(&row::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call")];

pub(super) const STATE_RULES: &[Rule<Case<ModifyInstanceNetworkSpec>>] = &[
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    // The account.
    Rule::new(&row::ARREARS, |it| it.facts.subject.account.arrears, "clear the account's arrears"),
    // The instance: locks, expiry, orders.
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
        &row::UNPAID_ORDER,
        |it| it.facts.subject.unpaid_order().is_some(),
        "pay or cancel the order",
    ),
    Rule::guessed(
        &row::ACCOUNT_UNPAID_ORDER,
        "an order of another instance of the account is unpaid, and this change would make one too",
        |it| it.facts.subject.is_prepaid() && it.facts.subject.unpaid_elsewhere,
        "pay or cancel the account's other order",
    ),
    // How it is paid for.
    Rule::new(
        &row::CHARGE_TYPE,
        |it| {
            let instance = &it.facts.subject.instance;
            it.facts.subject.is_prepaid()
                && instance.internet_charge_type == InternetChargeType::PayByBandwidth
                && it.charge_type() == InternetChargeType::PayByTraffic
        },
        "the page leaves this change of a subscription to the console",
    ),
    Rule::guessed_words(
        &row::BANDWIDTH_DECREASE,
        "the account may not downgrade subscriptions",
        |it| {
            let subject = &it.facts.subject;
            subject.is_prepaid() && it.is_downgrade() && !subject.account.downgrade_privilege
        },
        |_| "A higher bandwidth than the current one is required.".to_owned(),
        "ask for more bandwidth than the instance has",
    ),
    // Its status.
    Rule::guessed(
        &row::CHANGE_IN_PROGRESS,
        "an order of the instance is being carried out",
        |it| it.facts.subject.has_order_in_progress(),
        "wait until the change of the type is complete",
    ),
    Rule::new(
        &row::STATUS,
        |it| !it.facts.subject.instance.status.is_stable(),
        "wait until the instance is Running or Stopped",
    ),
    Rule::new(
        &row::NOT_STOPPED,
        |it| {
            let instance = &it.facts.subject.instance;
            instance.network_type == NetworkType::Classic
                && instance.bandwidth_out_mbps == 0
                && it.out_mbps() > 0
                && instance.status != Status::Stopped
        },
        "StopInstance first: in the classic network bandwidth is added to a stopped instance",
    ),
    // Its network.
    Rule::new(
        &row::TEMPORARY_EIP_BOUND,
        |it| it.asked.request.is_temporary() && it.facts.subject.eip.is_some(),
        "UnassociateEipAddress first, or change the bandwidth of the EIP",
    ),
    Rule::new(
        &row::EIP_BOUND,
        |it| it.facts.subject.eip.is_some() && it.out_mbps() > 0,
        "change the bandwidth of the EIP, or UnassociateEipAddress first",
    ),
    Rule::new(
        &row::TEMPORARY_BANDWIDTH,
        |it| it.asked.request.is_temporary() && it.out_mbps() <= it.present_out_mbps(),
        "ask for more temporary bandwidth than the instance has",
    ),
    Rule::guessed(
        &row::ALLOCATE_PUBLIC_IP,
        "a public IP is asked for where there is no outbound bandwidth",
        |it| it.asked.request.allocate_public_ip.or(false) && it.out_mbps() == 0,
        "ask for outbound bandwidth too",
    ),
    Rule::guessed(
        &row::IN_VPC,
        "the zone gives instances in a VPC no public bandwidth",
        |it| it.gains_bandwidth_in_vpc() && it.facts.vpc_without_public_bandwidth,
        "bind an EIP",
    ),
    // Counters, stock and money.
    Rule::new(
        &row::DOWNGRADE_QUOTA,
        |it| it.cost() < Cents::ZERO && it.facts.subject.instance.downgrade_refunds >= 3,
        "the instance has been downgraded three times; it keeps its bandwidth",
    ),
    Rule::new(
        &row::COOLING_DOWN,
        |it| {
            // The page: after a downgrade nothing can be changed for five minutes.
            let policy = CooldownPolicy { after_any: false, stops_this: true };
            let action = ModifyInstanceNetworkSpec::ACTION;
            it.facts.subject.cools_down(action, policy, it.asked.now)
        },
        "wait five minutes, or advance the clock",
    ),
    Rule::new(
        &row::NO_PUBLIC_IP,
        |it| it.needs_public_ip() && !it.facts.subject.region.has_public_ip_left(),
        "the region has no public address left; bind an EIP instead",
    ),
    Rule::guessed(
        &row::NOT_ENOUGH_BALANCE,
        "a subscription: balance and coupons do not pay the order; pay-as-you-go: balance and credit \
         together are below zero",
        |it| it.lacks_balance(),
        "top up the account and cancel the invalid order this call leaves, or send AutoPay=false",
    ),
];

impl Asked<Request> {
    fn window_fault(&self) -> Option<&'static str> {
        let (starts, ends) = (&self.request.starts_at, &self.request.ends_at);
        let starts_at = starts.or(self.now);
        if starts.is_malformed() || starts_at < self.now {
            return Some("The specified StartTime is out of the permitted range.");
        }
        let long_enough =
            |ends: &crate::domain::Timestamp| ends.0 - starts_at.0 >= SHORTEST_WINDOW.0;
        (ends.violates(long_enough) || (starts.is_given() && !ends.is_given()))
            .then_some("The specified EndTime is out of the permitted range.")
    }

    fn conflict(&self) -> Option<&'static str> {
        if !self.request.is_temporary() {
            return None;
        }
        if self.request.network_charge_type.is_given() {
            return Some("The specified parameter EndTime conflicts with NetworkChargeType.");
        }
        if self.request.allocate_public_ip.or(false) {
            return Some("The specified parameter EndTime conflicts with AllocatePublicIp.");
        }
        if self.request.in_mbps.is_given() {
            return Some("The specified parameter EndTime conflicts with InternetMaxBandwidthIn.");
        }
        let needs_bandwidth = !self.request.out_mbps.is_given();
        needs_bandwidth.then_some("The specified parameter EndTime needs InternetMaxBandwidthOut.")
    }

    fn first_malformed(&self) -> Option<&'static str> {
        first_malformed(&[("AutoPay", self.request.auto_pay.is_malformed())])
    }

    /// AllocatePublicIp=false is the default, and asks for nothing.
    fn asks_for_nothing(&self) -> bool {
        let request = &self.request;
        !(request.out_mbps.is_given()
            || request.in_mbps.is_given()
            || request.network_charge_type.is_given()
            || request.allocate_public_ip.or(false))
    }
}

impl Case<ModifyInstanceNetworkSpec> {
    fn gains_bandwidth_in_vpc(&self) -> bool {
        let it = &self.facts.subject.instance;
        it.network_type == NetworkType::Vpc && it.bandwidth_out_mbps == 0 && self.out_mbps() > 0
    }

    fn lacks_balance(&self) -> bool {
        let account = &self.facts.subject.account;
        if !self.facts.subject.is_prepaid() {
            return account.available() < Cents::ZERO;
        }
        self.is_paid_now() && !account.can_pay(self.cost())
    }
}
