//! Orders and money: what is paid from balance and coupons, what comes back, what pay-as-you-go use
//! costs, and what becomes of an account that owes.

use super::World;
use crate::domain::change::{Change, InstanceChange};
use crate::domain::commit::Commit;
use crate::domain::fields;
use crate::domain::history::Cause;
use crate::domain::instance::{ChargeType, Instance};
use crate::domain::money::{Cents, Rate};
use crate::domain::order::{Configuration, Order, OrderKind, OrderState};
use crate::domain::time::{Span, Timestamp};

/// How long a renewal by itself waits for money before it tries again.
const RENEWAL_RETRY: Span = Span::days(1);

/// Why somebody cannot pay or cancel an order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// There is none of this id.
    #[error("there is no order {0}")]
    Unknown(String),
    /// Its time for this is over.
    #[error(
        "the order is {0}; only an unpaid one is paid, only an unpaid or invalid one cancelled"
    )]
    Closed(&'static str),
    /// Balance and coupons do not cover it.
    #[error("the order costs {} cents, balance and coupons are {} cents", .costs.0, .has.0)]
    NotEnoughBalance {
        /// What it costs.
        costs: Cents,
        /// What the account has.
        has: Cents,
    },
    /// The type it is for is sold out; an unpaid order sets none aside.
    #[error("{0} is sold out in the zone of the instance; the order stays unpaid")]
    NoStock(String),
}

impl World {
    /// Pays an order from coupons and balance, as the console does.
    ///
    /// # Errors
    /// No such order, one that is not unpaid, too little money, a type that is sold out meanwhile.
    pub fn pay_order(&mut self, id: &str, now: Timestamp) -> Result<(), OrderError> {
        self.settle(now);
        let order = self.order.get(id).ok_or_else(|| OrderError::Unknown(id.to_owned()))?;
        if order.state != OrderState::Unpaid {
            return Err(OrderError::Closed(order.state.as_str()));
        }
        let (costs, account) = (order.amount_cents, &self.account);
        if !account.can_pay(costs) {
            let has = account.balance_cents + account.coupon_cents;
            return Err(OrderError::NotEnoughBalance { costs, has });
        }
        if let Some(sold_out) = self.sold_out_for(order) {
            return Err(OrderError::NoStock(sold_out));
        }
        let pay = Change::PayOrder { order_id: id.to_owned() };
        self.commit(Commit::of(vec![pay], Cause::control("pay"), now));
        Ok(())
    }

    /// Calls off an order that nobody has paid.
    ///
    /// # Errors
    /// No such order, or one that is neither unpaid nor invalid.
    pub fn cancel_order(&mut self, id: &str, now: Timestamp) -> Result<(), OrderError> {
        self.settle(now);
        let order = self.order.get(id).ok_or_else(|| OrderError::Unknown(id.to_owned()))?;
        if !order.state.is_unpaid() {
            return Err(OrderError::Closed(order.state.as_str()));
        }
        let cancel = Change::CancelOrder { order_id: id.to_owned() };
        self.commit(Commit::of(vec![cancel], Cause::control("cancel"), now));
        Ok(())
    }

    /// Money comes in from outside; an account that can pay again is out of its arrears.
    pub fn top_up(&mut self, amount: Cents, now: Timestamp) {
        self.settle(now);
        let is_covered = self.account.available() + amount >= Cents::ZERO;
        let mut changes = vec![Change::Balance { amount }];
        if self.account.arrears && is_covered {
            changes.push(Change::Arrears { begin: false });
        }
        self.commit(Commit::of(changes, Cause::control("top_up"), now));
    }

    /// The account falls into arrears, or out of them, as its owner says.
    pub fn set_account_arrears(&mut self, begin: bool, now: Timestamp) {
        self.settle(now);
        let arrears = Change::Arrears { begin };
        self.commit(Commit::of(vec![arrears], Cause::control("arrears"), now));
    }

    /// What an instance costs for an hour, with the disks that are paid for with it.
    pub fn rate_of(&self, instance: &Instance) -> Rate {
        self.rate_paid_as(instance, instance.charge_type)
    }

    /// What of an instance and its disks is paid for in this way, for an hour.
    fn rate_paid_as(&self, instance: &Instance, how: ChargeType) -> Rate {
        let disks = instance.hardware.disks.iter();
        let disks = disks.filter(|disk| disk.paid_as(instance.charge_type) == how);
        let disks: Rate = disks.map(|disk| self.prices.of_disk(disk)).sum();
        if instance.charge_type != how {
            return disks;
        }
        let of_type = self.find_type(&instance.instance_type);
        let of_type = of_type.map(|one| self.prices.of_type(one)).unwrap_or_default();
        let (mbps, by) = (instance.bandwidth_out_mbps, instance.internet_charge_type);
        of_type + self.prices.of_bandwidth(mbps, by) + disks
    }

    /// The type an order needs of which none is left.
    fn sold_out_for(&self, order: &Order) -> Option<String> {
        let is_sold_out = |zone_id: &str, instance_type: &str| {
            let zone = self.zone.get(zone_id);
            zone.is_some_and(|zone| !zone.has_stock(instance_type))
                .then(|| instance_type.to_owned())
        };
        order.changes.iter().find_map(|change| match change {
            Change::Instance { instance_id, change } => match change {
                InstanceChange::Create(it) => is_sold_out(&it.zone_id, &it.instance_type),
                InstanceChange::ReserveType { to } => {
                    is_sold_out(&self.instance.get(instance_id)?.zone_id, to)
                }
                _ => None,
            },
            _ => None,
        })
    }

    pub(super) fn create_order(&mut self, order: Order, cause: &Cause, at: Timestamp) {
        if let Some(lapses_at) = order.lapses_at {
            let cancel = Change::CancelOrder { order_id: order.id.clone() };
            self.later(lapses_at, vec![cancel], cause, at);
        }
        self.order.put(order);
    }

    /// Money moves, and the order's changes begin.
    pub(super) fn carry_out(&mut self, order_id: &str, cause: &Cause, at: Timestamp) {
        let Some(order) = self.order.get(order_id).filter(|it| it.state == OrderState::Unpaid)
        else {
            return;
        };
        let coupons = self.coupons_for(order);
        let takes = order.takes;
        let refunded = order.kind == OrderKind::Downgrade && order.amount_cents < Cents::ZERO;
        let refunded = refunded.then(|| InstanceChange::DowngradeRefunded.of(&order.instance_id));
        let Some(order) = self.order.get_mut(order_id) else { return };
        order.coupon_cents = coupons;
        order.paid_at = Some(at);
        order.state = OrderState::Processing;
        let changes: Vec<Change> = refunded.into_iter().chain(order.changes.drain(..)).collect();
        let account = &mut self.account;
        account.balance_cents = account.balance_cents - order.from_balance();
        // Coupons that had paid for what is given back are gone.
        account.coupon_cents = account.coupon_cents - coupons.max(Cents::ZERO);
        let cause = cause.by_order(order_id);
        self.later(at, changes, &cause, at);
        if takes.is_zero() {
            self.complete_order(order_id, at);
        } else {
            let complete = Change::CompleteOrder { order_id: order_id.to_owned() };
            self.later(at.plus(takes), vec![complete], &cause, at);
        }
    }

    /// What coupons pay of an order: as much as there are. Of a refund, the share that coupons had
    /// in what was paid for the instance, negative.
    fn coupons_for(&self, order: &Order) -> Cents {
        let amount = order.amount_cents;
        if amount >= Cents::ZERO {
            return amount.min(self.account.coupon_cents);
        }
        let of_instance = [fields::order::INSTANCE.is(&order.instance_id)];
        let all = self.order.found(&of_instance);
        let paid: Vec<&Order> = all
            .map(|it| &**it)
            .filter(|it| it.paid_at.is_some() && it.amount_cents > Cents::ZERO)
            .collect();
        let by_coupon = paid.iter().map(|it| it.coupon_cents).sum();
        amount.share(by_coupon, paid.iter().map(|it| it.amount_cents).sum())
    }

    pub(super) fn complete_order(&mut self, order_id: &str, at: Timestamp) {
        self.close_order(order_id, OrderState::Completed, at, |state| {
            state == OrderState::Processing
        });
    }

    pub(super) fn call_off(&mut self, order_id: &str, at: Timestamp) {
        self.close_order(order_id, OrderState::Cancelled, at, OrderState::is_unpaid);
    }

    fn close_order(
        &mut self,
        order_id: &str,
        to: OrderState,
        at: Timestamp,
        from: impl Fn(OrderState) -> bool,
    ) {
        if let Some(order) = self.order.get_mut(order_id).filter(|order| from(order.state)) {
            order.state = to;
            order.closed_at = Some(at);
            order.changes.clear();
        }
    }

    /// An instance that is gone leaves nothing to pay, and nothing to be carried out.
    pub(super) fn close_orders_of(&mut self, instance_id: &str, at: Timestamp) {
        let open = [fields::order::OPEN.is(instance_id)];
        let ids: Vec<String> = self.order.found(&open).map(|it| it.id.clone()).collect();
        for id in ids {
            self.call_off(&id, at);
            self.complete_order(&id, at);
        }
    }

    /// A subscription renews itself from the balance, or waits a day for money. At its end it
    /// expires like any other.
    pub(super) fn renew_by_itself(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        let Some(instance) = self.instance.get(id) else { return };
        let renews = instance.is_prepaid() && instance.auto_renew.is_on();
        let ends_at = instance.expires_at.filter(|ends_at| renews && *ends_at > at);
        let Some(ends_at) = ends_at.filter(|end| self.renewal_begins(*end) <= at) else { return };
        let period = instance.auto_renew.period;
        let expires_at = period.after(ends_at);
        let costs = self.prices.subscription(self.rate_of(instance), ends_at, expires_at);
        if !self.account.can_pay(costs) || self.account.arrears {
            let again = vec![InstanceChange::RenewByItself.of(id)];
            self.later(at.plus(RENEWAL_RETRY).start_of_day(), again, cause, at);
            return;
        }
        let before = Configuration::of(instance);
        let order = Order {
            id: self.renewal_id(id, at),
            instance_id: id.to_owned(),
            operation: "AutoRenew".to_owned(),
            kind: OrderKind::Renew,
            after: Configuration { expires_at: Some(expires_at), ..before.clone() },
            before: Some(before),
            amount_cents: costs,
            created_at: at,
            changes: vec![InstanceChange::Renew(period).of(id)],
            ..Order::default()
        };
        self.later(at, order.placed(true), cause, at);
    }

    /// The number of an order that nobody asked for: it follows from the instance and the moment
    /// (FNV-1a), so that the same world and clock give the same.
    fn renewal_id(&self, instance_id: &str, at: Timestamp) -> String {
        const ORDERS: u64 = 100_000_000_000_000;
        let seed = instance_id.bytes().chain(at.0.to_be_bytes());
        let hash = seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut ids = (0..).map(|step| format!("2{:014}", hash.wrapping_add(step) % ORDERS));
        ids.find(|id| self.order.get(id).is_none()).unwrap_or_default()
    }

    /// Puts the next bill, and the end of what nobody may have paid by then, on the calendar.
    pub(in crate::domain) fn schedule_account(&mut self, now: Timestamp) {
        if self.settings.metering {
            self.due.push_once(now.next_hour(), &Change::Bill, &Cause::default());
        }
        let unpaid = self.order.iter().filter(|order| order.state == OrderState::Unpaid);
        let lapsing = unpaid.filter_map(|order| Some((order.lapses_at?, order.id.clone())));
        let lapsing: Vec<(Timestamp, String)> = lapsing.collect();
        for (at, order_id) in lapsing {
            self.due.push_once(at.max(now), &Change::CancelOrder { order_id }, &Cause::default());
        }
    }

    /// Bills the pay-as-you-go use of the last hour, by what the instances are at its end.
    pub(super) fn bill(&mut self, at: Timestamp) {
        if !self.settings.metering {
            return;
        }
        let in_use = self.instance.iter().filter(|it| it.holds_stock() && it.locks.is_empty());
        let rate: Rate = in_use.map(|it| self.rate_paid_as(it, ChargeType::PostPaid)).sum();
        let amount = rate.for_hours(1);
        self.account.billed_cents = self.account.billed_cents + amount;
        self.account.balance_cents = self.account.balance_cents - amount;
        let cause = Cause::default();
        if self.account.available() < Cents::ZERO && !self.account.arrears {
            self.later(at, vec![Change::Arrears { begin: true }], &cause, at);
        }
        self.later(at.next_hour(), vec![Change::Bill], &cause, at);
    }

    /// Arrears begin, and lock the pay-as-you-go instances after a grace; or they end.
    pub(super) fn set_arrears(&mut self, begin: bool, cause: &Cause, at: Timestamp) {
        self.account.arrears = begin;
        self.account.arrears_since = begin.then_some(at);
        let concerned = self.instance.iter().filter(|it| !it.is_prepaid());
        let concerned: Vec<String> = concerned.map(|it| it.id.to_string()).collect();
        let (when, what) = if begin {
            (at.plus(self.settings.arrears_grace), InstanceChange::LockForArrears)
        } else {
            (at, InstanceChange::Reactivate)
        };
        for id in concerned {
            self.later(when, vec![what.clone().of(&id)], cause, at);
        }
    }
}
