//! The life of an instance: from its creation through starts and stops, renewals and expiry, to its
//! release.

use smallvec::smallvec;

use super::World;
use crate::domain::change::InstanceChange;
use crate::domain::fields;
use crate::domain::history::Cause;
use crate::domain::instance::{ChargeType, Instance, Lock, Status, StoppedMode};
use crate::domain::period::{Period, PeriodUnit};
use crate::domain::registry::Named as _;
use crate::domain::time::{Span, Timestamp};

impl World {
    pub(super) fn create_instance(&mut self, mut instance: Instance, cause: &Cause, at: Timestamp) {
        if at > instance.created_at {
            self.create_late(&mut instance, at);
        }
        if let Some(vswitch) = self.vswitch.get_mut(&instance.vswitch_id) {
            vswitch.hosts_given = vswitch.hosts_given.wrapping_add(1);
        }
        self.take_stock(&instance.zone_id, &instance.cluster_id, &instance.instance_type);
        instance.join(&mut self.alike);
        let id = instance.id.clone();
        self.instance.put(instance);
        self.schedule(&id, cause, at);
    }

    /// Its order was paid later than it was made: its time counts from now, and its private address
    /// may have gone to another meanwhile.
    fn create_late(&self, instance: &mut Instance, at: Timestamp) {
        let late_by = at.since(instance.created_at);
        instance.expires_at = instance.expires_at.map(|ends_at| ends_at.plus(late_by));
        (instance.created_at, instance.started_at) = (at, at);
        let Some(vswitch) = self.vswitch.get(&instance.vswitch_id) else { return };
        if self.is_private_ip_taken(&instance.vpc_id, &instance.private_ip) {
            instance.private_ip = vswitch.host(vswitch.hosts_given);
            for interface in &mut instance.hardware.network_interfaces {
                interface.private_ips = smallvec![instance.private_ip.clone()];
            }
        }
    }

    pub(super) fn release_instance(&mut self, id: &str, at: Timestamp) {
        self.lose_public_ip(id);
        self.give_up_reservation(id);
        let Some(instance) = self.instance.remove(id) else { return };
        if instance.holds_stock() {
            let (zone, cluster) = (&instance.zone_id, &instance.cluster_id);
            self.give_back_stock(zone, cluster, &instance.instance_type);
        }
        let bound: Vec<String> =
            self.eip.found(&[fields::eip::INSTANCE.is(id)]).map(|eip| eip.id.clone()).collect();
        for eip_id in bound {
            if let Some(eip) = self.eip.get_mut(&eip_id) {
                eip.instance_id = None;
            }
        }
        self.close_orders_of(id, at);
    }

    pub(super) fn move_status(
        &mut self,
        id: &str,
        from: Status,
        to: Status,
        cause: &Cause,
        at: Timestamp,
    ) {
        let Some(instance) = self.instance.get_mut(id) else { return };
        if instance.status != from || !from.may_become(to) {
            return;
        }
        instance.status = to;
        match to {
            Status::Starting => self.start_up(id, at),
            Status::Stopped if instance.stopped_mode == StoppedMode::StopCharging => {
                self.give_place_back(id);
            }
            Status::Stopped if instance.reactivates && !instance.is_locked_for(Lock::Financial) => {
                self.unlock(id, cause, at);
            }
            // Nobody has paid for it: it was on its way when it was locked.
            Status::Running if instance.is_locked_for(Lock::Financial) => {
                self.shut_down(id, cause, at);
            }
            Status::Pending | Status::Running | Status::Stopping | Status::Stopped => {}
        }
    }

    pub(super) fn reboot(&mut self, id: &str, takes: Span, cause: &Cause, at: Timestamp) {
        self.pass(id, [Status::Running, Status::Starting, Status::Running], takes, cause, at);
    }

    /// Moves an instance, if it has the first of these statuses, through the second to the third.
    fn pass(&mut self, id: &str, path: [Status; 3], takes: Span, cause: &Cause, at: Timestamp) {
        let [from, through, to] = path;
        if self.instance.get(id).is_none_or(|instance| instance.status != from) {
            return;
        }
        self.move_status(id, from, through, cause, at);
        let arrives = InstanceChange::Status { from: through, to };
        self.later(at.plus(takes), vec![arrives.of(id)], cause, at);
    }

    /// A start gives the guest the type that is shown, and to an instance that was stopped with
    /// StopCharging another place and another public IP.
    fn start_up(&mut self, id: &str, at: Timestamp) {
        let Some(instance) = self.instance.get_mut(id) else { return };
        instance.started_at = at;
        // Setting what is so already would part it from those it is alike.
        if !instance.effective_type.is_empty() || instance.online_changes > 0 {
            instance.effective_type.clear();
            instance.online_changes = 0;
        }
        if instance.stopped_mode != StoppedMode::StopCharging {
            return;
        }
        instance.stopped_mode = StoppedMode::default();
        let has_bandwidth = instance.bandwidth_out_mbps > 0;
        self.take_place_again(id);
        if has_bandwidth {
            self.allocate_public_ip(id);
        }
    }

    /// Stopped with StopCharging, an instance keeps neither vCPUs and memory nor its public IP.
    fn give_place_back(&mut self, id: &str) {
        self.lose_public_ip(id);
        self.give_up_reservation(id);
        let Some(instance) = self.instance.get(id) else { return };
        let (zone, cluster) = (instance.zone_id.clone(), instance.cluster_id.clone());
        let instance_type = instance.instance_type.clone();
        self.give_back_stock(&zone, &cluster, &instance_type);
    }

    /// A running instance is stopped from outside, and keeps what it has.
    fn shut_down(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        let takes = self.settings.stopping;
        self.with(id, |instance| {
            let keeps = instance.stopped_mode == StoppedMode::KeepCharging;
            if instance.status == Status::Running && !keeps {
                instance.stopped_mode = StoppedMode::KeepCharging;
            }
        });
        self.pass(id, [Status::Running, Status::Stopping, Status::Stopped], takes, cause, at);
    }

    /// Puts what will become of an instance by itself on the calendar. What is there already, or is
    /// moved later, is told apart when it comes due.
    pub(in crate::domain) fn schedule(&mut self, id: &str, cause: &Cause, now: Timestamp) {
        let Some(instance) = self.instance.get(id) else { return };
        let mut coming: Vec<(Timestamp, InstanceChange)> = Vec::new();
        if let Some(ends_at) = instance.expires_at.filter(|_| instance.is_prepaid()) {
            let renews = instance.auto_renew.is_on() && ends_at > now;
            // Missed today's time: tomorrow's.
            let tomorrow = now.plus(Span::days(1)).start_of_day();
            let begins = Some(self.renewal_begins(ends_at)).filter(|begins| *begins > now);
            let renews_at = renews.then(|| begins.unwrap_or(tomorrow));
            coming.extend(renews_at.map(|at| (at, InstanceChange::RenewByItself)));
            coming.push((ends_at, InstanceChange::Expire));
            coming.push((ends_at.plus(self.settings.kept_unpaid), InstanceChange::ReleaseUnpaid));
        }
        if let Some(release_at) = instance.auto_release_at {
            coming.push((release_at, InstanceChange::AutoRelease));
        }
        if let Some(window) = &instance.temporary_bandwidth {
            coming.push((window.starts_at, InstanceChange::TemporaryBandwidthStarts));
            coming.push((window.ends_at, InstanceChange::TemporaryBandwidthEnds));
        }
        // What a document puts into the past has happened as far as it says so itself.
        coming.retain(|(at, _)| *at > now);
        for (at, change) in coming {
            self.due.push_once(at, &change.of(id), cause);
        }
    }

    /// When a subscription with this end begins to renew itself: at 08:00 UTC+8, some days before.
    pub(super) fn renewal_begins(&self, ends_at: Timestamp) -> Timestamp {
        ends_at.minus(self.settings.renewal_lead).start_of_day()
    }

    pub(super) fn renew(&mut self, id: &str, period: Period, cause: &Cause, at: Timestamp) {
        self.with(id, |instance| {
            instance.expires_at = Some(instance.renewed_until(period, at));
            instance.weekly = period.unit == PeriodUnit::Week;
        });
        self.schedule(id, cause, at);
        self.unlock(id, cause, at);
    }

    /// The end of a subscription, unless it was renewed or converted meanwhile.
    pub(super) fn expire(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        if self.instance.get(id).is_some_and(|instance| instance.is_expired(at)) {
            self.lock(id, cause, at);
        }
    }

    /// The grace of the arrears is over, unless they were paid meanwhile.
    pub(super) fn lock_for_arrears(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        let grace = self.settings.arrears_grace;
        let is_over = self.account.arrears_since.is_some_and(|since| since.plus(grace) <= at);
        if is_over && self.instance.get(id).is_some_and(|instance| !instance.is_prepaid()) {
            self.lock(id, cause, at);
            let released = InstanceChange::ReleaseUnpaid.of(id);
            self.later(at.plus(self.settings.kept_unpaid), vec![released], cause, at);
        }
    }

    /// The arrears are paid.
    pub(super) fn reactivate(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        if self.instance.get(id).is_some_and(|instance| !instance.is_prepaid()) {
            self.unlock(id, cause, at);
        }
    }

    /// Nobody pays: an instance is locked, and stops.
    fn lock(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        self.with(id, |instance| {
            instance.locks.insert(Lock::Financial);
            instance.reactivates = !matches!(instance.status, Status::Stopped | Status::Stopping);
        });
        self.shut_down(id, cause, at);
    }

    /// Somebody has paid. What the lock stopped runs again.
    fn unlock(&mut self, id: &str, cause: &Cause, at: Timestamp) {
        let Some(instance) = self.instance.get_mut(id) else { return };
        if instance.is_locked_for(Lock::Financial) {
            instance.locks.remove(&Lock::Financial);
        }
        // One that is still on its way down comes here again.
        if instance.reactivates && instance.status == Status::Stopped {
            instance.reactivates = false;
            let takes = self.settings.starting;
            self.pass(id, [Status::Stopped, Status::Starting, Status::Running], takes, cause, at);
        }
    }

    /// Nobody has paid for it in time, unless somebody has.
    pub(super) fn release_unpaid(&mut self, id: &str, at: Timestamp) {
        let Some(instance) = self.instance.get(id) else { return };
        let locked_at = self.account.arrears_since.map(|at| at.plus(self.settings.arrears_grace));
        let since = match instance.charge_type {
            ChargeType::PrePaid => instance.expires_at,
            ChargeType::PostPaid => locked_at,
        };
        let is_over = since.is_some_and(|since| since.plus(self.settings.kept_unpaid) <= at);
        if is_over && instance.is_locked_for(Lock::Financial) {
            self.release_instance(id, at);
        }
    }

    /// Its release by itself, unless that was moved or called off meanwhile.
    pub(super) fn auto_release(&mut self, id: &str, at: Timestamp) {
        let moment = self.instance.get(id).and_then(|instance| instance.auto_release_at);
        if moment.is_some_and(|moment| moment <= at) {
            self.release_instance(id, at);
        }
    }
}
