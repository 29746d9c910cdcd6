//! ModifyPrepayInstanceSpec, page of 2020-09-23: the type of a subscription, for good or for a time. Read
//! from top to bottom: the first `return` is the answer.

use super::calls::{Deed, Prepay};
use super::moment::{Moment, SECOND};
use super::money::{difference, is_lower, time_left};
use super::{
    Answer, Coming, Event, Model, Order, OrderState, Place, Reboot, Status, accept, catalogue,
    is_token, refuse,
};
use super::{MOST_REFUNDS, Wish as OrderWish};

const NAME: &str = "ModifyPrepayInstanceSpec";
/// How long it takes until the new type shows.
const TAKES: i64 = 7 * SECOND;

/// What is asked of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    pub(super) kind: &'static str,
    until: Option<Moment>,
    reboot: Reboot,
    pub(super) may_move: bool,
}

impl Model {
    pub(super) fn modify_prepay(&mut self, call: &Prepay) -> Answer {
        if let Some(refusal) = self.prepay_parameters(call) {
            return refusal;
        }
        let token = call.token.as_deref();
        if let Some(answer) = self.token_answer(NAME, token, &Deed::Prepay(call.clone())) {
            return answer;
        }
        let name = call.instance_type.unwrap();
        if catalogue::find(name).is_none() {
            return refuse(400, "InvalidInstanceType.ValueNotSupported");
        }
        if !["cn-hangzhou", "cn-beijing"].contains(&call.region.unwrap()) {
            return refuse(404, "InvalidRegionId.NotFound");
        }
        let Some(at) = self.find(call.instance.as_deref(), call.region) else {
            return refuse(404, "InvalidInstanceId.NotFound");
        };
        let is_downgrade = is_lower(name, self.instances[at].kind);
        if let Some(refusal) = self.prepay_account_and_locks(at, is_downgrade) {
            return refusal;
        }
        if let Some(refusal) = self.prepay_instance(call, at, is_downgrade) {
            return refusal;
        }
        if let Some(refusal) = self.prepay_target(call, at) {
            return refusal;
        }
        let wish = wish(call);
        let amount = self.prepay_amount(at, &wish);
        if amount < 0 && self.instances[at].refunds >= MOST_REFUNDS {
            return refuse(400, "InstanceDowngrade.QuotaExceed");
        }
        if self.instances[at].rests(NAME, self.now) {
            return refuse(400, "Throttling");
        }
        match self.place_for(&self.instances[at], wish.kind, wish.may_move) {
            Place::In(_) => {}
            Place::Elsewhere | Place::Nowhere => return refuse(403, "OperationDenied.NoStock"),
        }
        let lapses_at = wish.until.unwrap_or(self.instances[at].expires_at);
        let pays = call.auto_pay.value().unwrap_or(true);
        if let Some(refusal) = self.place_order(at, OrderWish::Type(wish), amount, lapses_at, pays)
        {
            return refusal;
        }
        self.remember(NAME, token, Deed::Prepay(call.clone()), self.now);
        accept()
    }

    /// What is wrong with the call whatever there is.
    fn prepay_parameters(&self, call: &Prepay) -> Option<Answer> {
        if call.instance.is_none() || call.region.is_none() || call.instance_type.is_none() {
            return Some(refuse(400, "MissingParameter"));
        }
        if !call.instance.as_ref().unwrap().starts_with("i-") {
            return Some(refuse(403, "InvalidParameter.InstanceId"));
        }
        if !is_token(call.token.as_deref()) {
            return Some(refuse(400, "InvalidClientToken.ValueNotSupported"));
        }
        if call.reboot_time.is_broken() {
            return Some(refuse(400, "InvalidRebootTime.MalFormed"));
        }
        if reboot_time(call).is_some_and(|at| at < self.now) {
            return Some(refuse(400, "InvalidRebootTime.ValueNotSupported"));
        }
        let switches = [&call.auto_pay, &call.migrate, &call.reboot_when_finished];
        let categories = ["cloud_efficiency", "cloud_ssd"];
        let is_no_category = call.system_disk.is_some_and(|it| !categories.contains(&it));
        let is_no_end = call.end.is_broken() || call.end.value().is_some_and(|at| at <= self.now);
        if switches.iter().any(|it| it.is_broken()) || is_no_end || is_no_category {
            return Some(refuse(400, "InvalidParameter"));
        }
        if call.operator.is_some_and(|name| !["upgrade", "downgrade"].contains(&name)) {
            return Some(refuse(400, "InvalidAction"));
        }
        None
    }

    /// The account, and what holds the instance.
    fn prepay_account_and_locks(&self, at: usize, is_downgrade: bool) -> Option<Answer> {
        let instance = &self.instances[at];
        if self.account.has_no_billing_method {
            return Some(refuse(404, "BillingMethodNotFound"));
        }
        if self.account.in_arrears {
            return Some(refuse(400, "Account.Arrearage"));
        }
        if is_downgrade && self.account.may_not_downgrade {
            return Some(refuse(400, "OperationDenied"));
        }
        if instance.traits.is_locked {
            return Some(refuse(403, "InstanceLockedForSecurity"));
        }
        if instance.traits.has_no_purchase {
            return Some(refuse(400, "InvalidInstance.PurchaseNotFound"));
        }
        if instance.is_expired {
            return Some(refuse(403, "InvalidInstance.PreInstanceExpired"));
        }
        let is_open = |order: &Order| {
            use OrderState::{Invalid, Processing, Unpaid};
            matches!(order.state, Invalid | Processing | Unpaid)
        };
        if self.orders.iter().any(|order| order.instance == instance.id && is_open(order)) {
            return Some(refuse(400, "LastOrderProcessing"));
        }
        None
    }

    /// How the instance is paid for, its status, its surroundings.
    fn prepay_instance(&self, call: &Prepay, at: usize, is_downgrade: bool) -> Option<Answer> {
        let instance = &self.instances[at];
        let traits = &instance.traits;
        if !instance.is_prepaid {
            return Some(refuse(400, "InvalidBillingMethod.ValueNotSupported"));
        }
        if traits.is_weekly || traits.is_spot {
            return Some(refuse(400, "InvalidInstanceChargeType.ValueNotSupported"));
        }
        // The default is an upgrade; a lower type must be asked for as a downgrade.
        if is_downgrade != (call.operator == Some("downgrade")) {
            return Some(refuse(400, "InvalidAction"));
        }
        if is_downgrade && instance.status != Status::Stopped {
            return Some(refuse(400, "InvalidStatus.NotStopped"));
        }
        if !matches!(instance.status, Status::Running | Status::Stopped) {
            return Some(refuse(403, "IncorrectInstanceStatus"));
        }
        if instance.status == Status::Running && instance.guest_kind != instance.kind {
            return Some(refuse(403, "InvalidInstanceStatus"));
        }
        if traits.has_local_disk {
            return Some(refuse(403, "OperationDenied.LocalDiskUnsupported"));
        }
        if instance.has_eip && call.migrate.value() == Some(true) {
            return Some(refuse(403, "InvalidInstance.EipNotSupport"));
        }
        None
    }

    /// What stands between the instance and its type to be.
    fn prepay_target(&self, call: &Prepay, at: usize) -> Option<Answer> {
        let instance = &self.instances[at];
        let name = call.instance_type.unwrap();
        let kind = catalogue::find(name).unwrap();
        let current = catalogue::find(instance.kind).unwrap();
        if [self.account.denied_kind, self.account.hidden_kind].contains(&Some(name)) {
            return Some(refuse(400, "InvalidInstanceType.ValueUnauthorized"));
        }
        if name == instance.kind || catalogue::may_become(instance.family()).is_empty() {
            return Some(refuse(400, "InvalidInstanceType.NotSupported"));
        }
        if kind.is_retired && !current.is_retired {
            return Some(refuse(403, "InstanceType.Offline"));
        }
        let has_way = catalogue::may_become(current.family).contains(&kind.family);
        if !has_way || self.unsold_kind == Some(name) {
            return Some(refuse(400, "InvalidInstanceType.ValueNotSupported"));
        }
        let becomes_optimized =
            current.is_retired && !catalogue::is_io_optimized(current.family) && !kind.is_retired;
        if call.system_disk.is_some() && !becomes_optimized {
            return Some(refuse(400, "InvalidParameter"));
        }
        let end = call.end.value().unwrap_or(instance.expires_at).min(instance.expires_at);
        if reboot_time(call).is_some_and(|at| at > end) {
            return Some(refuse(400, "InvalidRebootTime.ValueNotSupported"));
        }
        let ultra_stays = instance.traits.has_ultra_disk && call.system_disk.is_none();
        let disk_is_refused = ultra_stays && catalogue::takes_essd_only(kind.family);
        let traits = &instance.traits;
        let is_bound = traits.is_on_dedicated_host
            || traits.is_starter_package
            || traits.is_hibernating
            || traits.is_in_chosen_pool
            || traits.has_nat_port_map;
        let is_over_quota = self.account.quota.is_some_and(|(of, most)| {
            of == name && self.instances.iter().filter(|it| it.kind == name).count() >= most
        });
        if is_bound || disk_is_refused || is_over_quota {
            return Some(refuse(403, "OperationDenied"));
        }
        None
    }

    /// What the change costs, cents; negative for a refund.
    fn prepay_amount(&self, at: usize, wish: &Wish) -> i64 {
        let instance = &self.instances[at];
        let span = match wish.until {
            None => time_left(instance, self.now),
            Some(until) => until - self.now,
        };
        difference((instance.kind, 0), (wish.kind, 0), span)
    }

    /// A paid order takes a place for the type, which shows some seconds later.
    pub(super) fn carry_out_type(&mut self, number: usize) {
        let OrderWish::Type(wish) = self.orders[number].wish.clone() else { return };
        let id = self.orders[number].instance.clone();
        let at = self.instances.iter().position(|it| it.id == id).unwrap();
        let found = self.place_for(&self.instances[at], wish.kind, wish.may_move);
        let Place::In(cluster) = found else { return };
        self.give_up_kept_place(at);
        self.take_place(wish.kind, cluster);
        self.orders[number].state = OrderState::Processing;
        let coming = Coming {
            kind: wish.kind,
            order: Some(number),
            reboot: wish.reboot,
            until: wish.until,
            cluster,
        };
        self.later(at, self.now + TAKES, Event::TypeShows(coming));
        self.instances[at].rests_since.insert(NAME, self.now);
    }
}

fn wish(call: &Prepay) -> Wish {
    let when_finished = call.reboot_when_finished.value() == Some(true);
    Wish {
        kind: catalogue::find(call.instance_type.unwrap()).unwrap().name,
        until: call.end.value().map(|at| at - at.rem_euclid(SECOND)),
        reboot: match reboot_time(call) {
            Some(at) => Reboot::At(at),
            None if when_finished => Reboot::WhenFinished,
            None => Reboot::ByHand,
        },
        may_move: call.migrate.value() == Some(true),
    }
}

/// It is written to the minute.
fn reboot_time(call: &Prepay) -> Option<Moment> {
    call.reboot_time.value().map(|at| at - at.rem_euclid(60 * SECOND))
}
