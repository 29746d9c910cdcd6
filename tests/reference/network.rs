//! ModifyInstanceNetworkSpec, page of 2019-06-03: the public bandwidth of an instance, for good or for a
//! time. Read from top to bottom: the first `return` is the answer.

use super::calls::{Deed, Network};
use super::moment::{HOUR, Moment};
use super::money::{difference, paid_mbps, time_left};
use super::{Answer, Model, Order, OrderState, PayBy, Status, Window, accept, is_token, refuse};
use super::{MOST_REFUNDS, Wish as OrderWish};

const NAME: &str = "ModifyInstanceNetworkSpec";

/// What is asked of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    out: Option<i64>,
    inward: Option<i64>,
    pay_by: Option<PayBy>,
    wants_address: bool,
    window: Option<(Option<Moment>, Moment)>,
}

impl Model {
    pub(super) fn modify_network(&mut self, call: &Network) -> Answer {
        if let Some(refusal) = self.network_parameters(call) {
            return refusal;
        }
        let token = call.token.as_deref();
        if let Some(answer) = self.token_answer(NAME, token, &Deed::Network(call.clone())) {
            return answer;
        }
        let Some(at) = self.find(call.instance.as_deref(), call.region) else {
            return refuse(404, "InvalidInstanceId.NotFound");
        };
        let wish = wish(call);
        let amount = self.network_amount(at, &wish);
        let is_order = self.instances[at].is_prepaid;
        let pays = call.auto_pay.value().unwrap_or(true);
        if let Some(refusal) = self.network_account_and_locks(at) {
            return refusal;
        }
        if let Some(refusal) = self.network_instance(at, &wish) {
            return refusal;
        }
        if is_order && amount < 0 && self.instances[at].refunds >= MOST_REFUNDS {
            return refuse(400, "InstanceDowngrade.QuotaExceed");
        }
        if self.instances[at].rests(NAME, self.now) {
            return refuse(400, "Throttling");
        }
        if self.needs_address(at, &wish) && self.public_ips_left == Some(0) {
            return refuse(400, "IpAllocationError");
        }
        if !is_order && self.account.balance + self.account.credit < 0 {
            return refuse(403, "InvalidAccountStatus.NotEnoughBalance");
        }
        if is_order {
            let lapses_at = wish.window.map_or(self.instances[at].expires_at, |(_, end)| end);
            if let Some(refusal) =
                self.place_order(at, OrderWish::Bandwidth(wish), amount, lapses_at, pays)
            {
                return refusal;
            }
        } else {
            self.change_network(at, &wish);
        }
        self.remember(NAME, token, Deed::Network(call.clone()), self.now);
        accept()
    }

    /// What is wrong with the call whatever there is.
    fn network_parameters(&self, call: &Network) -> Option<Answer> {
        if call.instance.is_none() {
            return Some(refuse(400, "MissingParameter"));
        }
        if !is_token(call.token.as_deref()) {
            return Some(refuse(400, "InvalidClientToken.ValueNotSupported"));
        }
        if call.out.is_broken() || call.inward.is_broken() {
            return Some(refuse(400, "InvalidParameter.Bandwidth"));
        }
        if call.out.value().is_some_and(|out| !(0..=100).contains(&out)) {
            return Some(refuse(400, "InvalidInternetMaxBandwidthOut.ValueNotSupported"));
        }
        if call.inward.value().is_some_and(|inward| !(1..=200).contains(&inward)) {
            return Some(refuse(400, "InvalidInternetMaxBandwidthIn.ValueNotSupported"));
        }
        let charge_types = ["PayByTraffic", "PayByBandwidth"];
        if call.charge_type.is_some_and(|name| !charge_types.contains(&name)) {
            return Some(refuse(400, "InvalidInternetChargeType.ValueNotSupported"));
        }
        if call.allocate.is_broken() {
            return Some(refuse(400, "InvalidParam.AllocatePublicIp"));
        }
        let has_window = !call.start.is_absent() || !call.end.is_absent();
        if has_window && !self.is_window(call) {
            return Some(refuse(400, "InvalidStartTime.ValueNotSupported"));
        }
        let wants_address = call.allocate.value() == Some(true);
        let more_than_out = call.charge_type.is_some() || wants_address || !call.inward.is_absent();
        if has_window && (more_than_out || call.out.is_absent()) {
            return Some(refuse(400, "InvalidParameter.Conflict"));
        }
        if call.auto_pay.is_broken() {
            return Some(refuse(400, "InvalidParameter"));
        }
        let has_bandwidth = !call.out.is_absent() || !call.inward.is_absent();
        if !has_bandwidth && call.charge_type.is_none() && !wants_address {
            return Some(refuse(400, "InvalidAction"));
        }
        None
    }

    /// A window has an end, begins in the future or now, and lasts three hours at least.
    fn is_window(&self, call: &Network) -> bool {
        let (None, Some(end)) = (call.start.value(), call.end.value()) else {
            let (Some(start), Some(end)) = (call.start.value(), call.end.value()) else {
                return false;
            };
            let start = whole_minute(start);
            return start >= self.now && whole_hour(end) - start >= 3 * HOUR;
        };
        !call.start.is_broken() && whole_hour(end) - self.now >= 3 * HOUR
    }

    /// What the change costs, cents; negative for a refund. Pay-as-you-go use is not ordered.
    fn network_amount(&self, at: usize, wish: &Wish) -> i64 {
        let instance = &self.instances[at];
        let span = match wish.window {
            None => time_left(instance, self.now),
            Some((start, end)) => end - start.unwrap_or(self.now),
        };
        let before = paid_mbps(instance.pay_by, instance.out);
        let pay_by = wish.pay_by.unwrap_or(instance.pay_by);
        let after = paid_mbps(pay_by, wish.out.unwrap_or(instance.out));
        difference((instance.kind, before), (instance.kind, after), span)
    }

    /// The account, and what holds the instance.
    fn network_account_and_locks(&self, at: usize) -> Option<Answer> {
        let instance = &self.instances[at];
        if self.account.in_arrears {
            return Some(refuse(400, "Account.Arrearage"));
        }
        if instance.traits.is_locked {
            return Some(refuse(403, "InstanceLockedForSecurity"));
        }
        if instance.is_expired {
            return Some(refuse(403, "InstanceExpiredOrInArrears"));
        }
        let is_open =
            |order: &&Order| matches!(order.state, OrderState::Unpaid | OrderState::Invalid);
        if self.orders.iter().filter(is_open).any(|order| order.instance == instance.id) {
            return Some(refuse(403, "InvalidInstance.UnpaidOrder"));
        }
        // Only a subscription makes another order.
        if instance.is_prepaid && self.orders.iter().any(|order| is_open(&order)) {
            return Some(refuse(400, "InvalidInstance.UnpaidOrder"));
        }
        None
    }

    /// How the instance is paid for, its orders, its status, its network.
    fn network_instance(&self, at: usize, wish: &Wish) -> Option<Answer> {
        let instance = &self.instances[at];
        let back_to_traffic =
            instance.pay_by == PayBy::Bandwidth && wish.pay_by == Some(PayBy::Traffic);
        if instance.is_prepaid && back_to_traffic {
            return Some(refuse(403, "ChargeTypeViolation"));
        }
        let is_less = wish.out.is_some_and(|out| out < instance.out);
        let is_for_good = wish.window.is_none();
        if instance.is_prepaid && is_less && self.account.may_not_downgrade {
            return Some(refuse(400, "DecreasedBandwidthNotAllowed"));
        }
        let is_carried_out = |order: &Order| order.state == OrderState::Processing;
        if self.orders.iter().any(|it| it.instance == instance.id && is_carried_out(it)) {
            return Some(refuse(403, "InvalidInstanceStatus"));
        }
        if !matches!(instance.status, Status::Running | Status::Stopped) {
            return Some(refuse(403, "IncorrectInstanceStatus"));
        }
        let is_first = instance.out_now() == 0 && wish.out.is_some_and(|out| out > 0);
        if instance.traits.is_classic && is_first && instance.status != Status::Stopped {
            return Some(refuse(400, "InvalidInstanceStatus"));
        }
        if instance.has_eip && !is_for_good {
            return Some(refuse(400, "BandwidthUpgradeDenied.EipBoundInstance"));
        }
        let out = wish.out.unwrap_or(instance.out);
        if instance.has_eip && out > 0 {
            return Some(refuse(403, "InvalidInstance.InstanceNotSupported"));
        }
        if !is_for_good && out <= instance.out {
            return Some(refuse(400, "InvalidBandwidth.ValueNotSupported"));
        }
        if wish.wants_address && out == 0 {
            return Some(refuse(400, "InvalidParam.AllocatePublicIp"));
        }
        let gains_bandwidth = instance.out_now() == 0 && out > 0;
        if self.vpc_has_no_public_bandwidth && !instance.traits.is_classic && gains_bandwidth {
            return Some(refuse(400, "OperationDenied"));
        }
        None
    }

    /// A subscription with bandwidth takes an address; pay-as-you-go only on request.
    fn needs_address(&self, at: usize, wish: &Wish) -> bool {
        let instance = &self.instances[at];
        let has_bandwidth = wish.out.unwrap_or(instance.out) > 0;
        (instance.is_prepaid || wish.wants_address) && has_bandwidth && !instance.has_public_ip
    }

    /// A paid order is carried out at once.
    pub(super) fn carry_out_bandwidth(&mut self, number: usize) {
        let OrderWish::Bandwidth(wish) = self.orders[number].wish.clone() else { return };
        let id = self.orders[number].instance.clone();
        self.orders[number].state = OrderState::Completed;
        if let Some(at) = self.instances.iter().position(|it| it.id == id) {
            self.change_network(at, &wish);
        }
    }

    fn change_network(&mut self, at: usize, wish: &Wish) {
        let now = self.now;
        if let Some((start, end)) = wish.window {
            let (out, start) = (wish.out.unwrap_or_default(), start.unwrap_or(now));
            self.instances[at].window = Some(Window { out, start, end, has_begun: false });
            self.settle();
            return;
        }
        let needs_address = self.needs_address(at, wish);
        let instance = &mut self.instances[at];
        let out = wish.out.unwrap_or(instance.out);
        // After a downgrade nothing else for five minutes, says the page.
        if out < instance.out {
            instance.rests_since.insert(NAME, now);
        }
        // The page gives no default for inbound bandwidth: what there is stays, if it is enough.
        let inward = wish.inward.or(instance.inward.max(Some(out.max(10))));
        instance.pay_by = wish.pay_by.unwrap_or(instance.pay_by);
        self.change_bandwidth(at, out, inward);
        if needs_address {
            self.give_address(at);
        }
    }
}

fn wish(call: &Network) -> Wish {
    Wish {
        out: call.out.value(),
        inward: call.inward.value(),
        pay_by: call.charge_type.map(|name| match name {
            "PayByTraffic" => PayBy::Traffic,
            _ => PayBy::Bandwidth,
        }),
        wants_address: call.allocate.value() == Some(true),
        window: call.end.value().map(|end| (call.start.value().map(whole_minute), whole_hour(end))),
    }
}

/// A start is written to the minute.
fn whole_minute(at: Moment) -> Moment {
    at - at.rem_euclid(60_000)
}

/// An end is written to the hour.
fn whole_hour(at: Moment) -> Moment {
    at - at.rem_euclid(HOUR)
}
