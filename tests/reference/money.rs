//! Prices and payments, as decision 0007 has them: cents, in whole numbers.

use super::moment::Moment;
use super::{Answer, Instance, Model, Order, OrderState, PayBy, Wish, catalogue, refuse};

/// Cents an hour of pay-as-you-go use, in 1/1024.
const VCPU: i64 = 12 * 1024;
const MIB: i64 = 3;
const MBIT: i64 = 5 * 1024;

/// What a subscription to a type and a bandwidth costs for a span of milliseconds, cents with their
/// fraction cut off. Of two configurations the difference is what counts, so both are asked at once.
pub fn difference(before: (&str, i64), after: (&str, i64), span: i64) -> i64 {
    let rate = |(kind, paid_mbps): (&str, i64)| {
        let kind = catalogue::find(kind).unwrap();
        kind.vcpus * VCPU + kind.memory_mib * MIB + paid_mbps * MBIT
    };
    let per_hour = i128::from(rate(after) - rate(before));
    let cents = per_hour * i128::from(span) * 70 / (100 * 1024 * 3_600_000);
    i64::try_from(cents).unwrap()
}

/// Is the type lower than the one the instance has: does it cost less?
pub fn is_lower(kind: &str, than: &str) -> bool {
    let price = |name: &str| {
        let kind = catalogue::find(name).unwrap();
        kind.vcpus * VCPU + kind.memory_mib * MIB
    };
    price(kind) < price(than)
}

/// The Mbit/s that are paid for as such.
pub fn paid_mbps(pay_by: PayBy, out: i64) -> i64 {
    if pay_by == PayBy::Bandwidth { out } else { 0 }
}

impl Model {
    pub fn can_pay(&self, amount: i64) -> bool {
        self.account.coupons + self.account.balance >= amount
    }

    /// Makes an order: paid at once, left unpaid, or refused for want of money, which leaves an invalid one.
    pub fn place_order(
        &mut self,
        at: usize,
        wish: Wish,
        amount: i64,
        lapses_at: Moment,
        pays: bool,
    ) -> Option<Answer> {
        let instance = self.instances[at].id.clone();
        let (state, lapses_at) = (OrderState::Unpaid, Some(lapses_at));
        self.orders.push(Order { instance, wish, state, amount, from_coupons: 0, lapses_at });
        let number = self.orders.len() - 1;
        if amount > 0 && pays && !self.can_pay(amount) {
            self.orders[number].state = OrderState::Invalid;
            return Some(refuse(403, "InvalidAccountStatus.NotEnoughBalance"));
        }
        // What costs nothing or returns money is carried out at once.
        if amount <= 0 || pays {
            self.carry_out(number);
        }
        None
    }

    /// Money moves, and the order brings what it is for.
    pub fn carry_out(&mut self, number: usize) {
        self.settle_order(number);
        match self.orders[number].wish {
            Wish::Renewal => self.orders[number].state = OrderState::Completed,
            Wish::Bandwidth(_) => self.carry_out_bandwidth(number),
            Wish::Type(_) => self.carry_out_type(number),
        }
    }

    /// Takes what an order costs, coupons first, or gives back what it returns.
    fn settle_order(&mut self, number: usize) {
        let amount = self.orders[number].amount;
        let from_coupons = if amount >= 0 {
            amount.min(self.account.coupons)
        } else {
            self.share_of_coupons(number)
        };
        self.orders[number].from_coupons = from_coupons;
        if amount >= 0 {
            self.account.coupons -= from_coupons;
        }
        self.account.balance -= amount - from_coupons;
        if amount < 0 {
            let id = self.orders[number].instance.clone();
            let instance = self.instances.iter_mut().find(|it| it.id == id).unwrap();
            instance.refunds += 1;
        }
    }

    /// The part of a refund that coupons had paid, which is gone; negative.
    fn share_of_coupons(&self, number: usize) -> i64 {
        let id = &self.orders[number].instance;
        let is_paid = |state| matches!(state, OrderState::Processing | OrderState::Completed);
        let others = self.orders.iter().enumerate().filter(|(at, it)| {
            *at != number && it.instance == *id && is_paid(it.state) && it.amount > 0
        });
        let (mut paid, mut by_coupons) = (0, 0);
        for (_, order) in others {
            paid += order.amount;
            by_coupons += order.from_coupons;
        }
        if paid == 0 { 0 } else { self.orders[number].amount * by_coupons / paid }
    }
}

/// What is left of a subscription, milliseconds.
pub fn time_left(instance: &Instance, now: Moment) -> i64 {
    (instance.expires_at - now).max(0)
}
