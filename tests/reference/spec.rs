//! ModifyInstanceSpec, page of 2026-06-26: the type or the public bandwidth of a pay-as-you-go instance.
//! Read from top to bottom: the first `return` is the answer.

use super::calls::{Deed, Spec};
use super::moment::SECOND;
use super::{
    Answer, Coming, Event, Instance, Model, PayBy, Place, Reboot, Status, Window, accept,
    catalogue, is_token, refuse,
};
use super::{OrderState, Wish};

const NAME: &str = "ModifyInstanceSpec";
/// How long an asynchronous change takes.
const ASYNC: i64 = 7 * SECOND;

impl Model {
    pub(super) fn modify_spec(&mut self, call: &Spec) -> Answer {
        if let Some(refusal) = self.spec_parameters(call) {
            return refusal;
        }
        let is_dry = call.dry_run.value() == Some(true);
        let token = call.token.as_deref();
        if !is_dry && let Some(answer) = self.token_answer(NAME, token, &Deed::Spec(call.clone())) {
            return answer;
        }
        if call.instance_type.is_some_and(|name| catalogue::find(name).is_none()) {
            return refuse(400, "InvalidInstanceType.ValueNotSupported");
        }
        let Some(at) = self.find(call.instance.as_deref(), call.region) else {
            return refuse(404, "InvalidInstanceId.NotFound");
        };
        if let Some(refusal) = self.spec_account_and_locks(call, at) {
            return refusal;
        }
        if let Some(refusal) = self.spec_instance(call, at) {
            return refusal;
        }
        if let Some(refusal) = self.spec_target(call, at) {
            return refusal;
        }
        if self.instances[at].rests(NAME, self.now) {
            return refuse(400, "Throttling");
        }
        let mut cluster = self.instances[at].cluster;
        if let Some(kind) = call.instance_type {
            match self.place_for(&self.instances[at], kind, call.migrate.value() == Some(true)) {
                Place::In(found) => cluster = found,
                Place::Elsewhere => return refuse(403, "OperationDenied"),
                Place::Nowhere => return refuse(403, "OperationDenied.NoStock"),
            }
        }
        if call.inward.value().is_some() && self.out_after(call, at) == 0 {
            return refuse(400, "Price.PricePlanResultNotFound");
        }
        if self.account.balance + self.account.credit < 0 {
            return refuse(403, "InvalidAccountStatus.NotEnoughBalance");
        }
        if is_dry {
            return refuse(400, "DryRunOperation");
        }
        self.spec_effect(call, at, cluster);
        accept()
    }

    /// What is wrong with the call whatever there is.
    fn spec_parameters(&self, call: &Spec) -> Option<Answer> {
        let window_times = [&call.window_start, &call.window_end];
        let has_window =
            window_times.iter().any(|it| !it.is_absent()) || !call.window_out.is_absent();
        if call.instance.is_none() {
            return Some(refuse(400, "MissingParameter"));
        }
        if !is_token(call.token.as_deref()) {
            return Some(refuse(400, "InvalidClientToken.ValueNotSupported"));
        }
        let has_bandwidth = !call.out.is_absent() || !call.inward.is_absent() || has_window;
        if call.is_async.is_broken() || (call.is_async.value() == Some(true) && has_bandwidth) {
            return Some(refuse(400, "InvalidParam.Async"));
        }
        if call.migrate.is_broken() {
            return Some(refuse(400, "InvalidParameter.AllowMigrateAcrossZone"));
        }
        if call.out.is_broken() || call.out.value().is_some_and(|out| !(0..=100).contains(&out)) {
            return Some(refuse(400, "InvalidParameter"));
        }
        let window_out = call.window_out.value();
        if call.window_out.is_broken() || window_out.is_some_and(|out| !(1..=100).contains(&out)) {
            return Some(refuse(400, "InvalidParameter"));
        }
        if call.inward.is_broken() {
            return Some(refuse(400, "InvalidParameter.Bandwidth"));
        }
        if let Some(inward) = call.inward.value() {
            let most = call.out.value().map_or(100, |out| if out <= 10 { 10 } else { out });
            if inward < 1 || inward > most {
                return Some(refuse(400, "InvalidParameter.Bandwidth"));
            }
        }
        if let Some(refusal) = self.spec_window(call) {
            return Some(refusal);
        }
        let categories = ["cloud_efficiency", "cloud_ssd"];
        if call.system_disk.is_some_and(|category| !categories.contains(&category)) {
            return Some(refuse(400, "InvalidParam.SystemDiskCategory"));
        }
        let charge_types = ["PayByTraffic", "PayByBandwidth"];
        if call.charge_type.is_some_and(|name| !charge_types.contains(&name)) {
            return Some(refuse(400, "InvalidInternetChargeType.ValueNotSupported"));
        }
        if call.dry_run.is_broken() {
            return Some(refuse(400, "InvalidParameter"));
        }
        if call.instance_type.is_none() && !has_bandwidth {
            return Some(refuse(400, "InvalidAction"));
        }
        if call.instance_type.is_some() && has_bandwidth {
            return Some(refuse(400, "InvalidParameter.Mismatch"));
        }
        None
    }

    /// What is wrong with the window, if one is asked for.
    fn spec_window(&self, call: &Spec) -> Option<Answer> {
        let has_times = !call.window_start.is_absent() || !call.window_end.is_absent();
        if !has_times && call.window_out.is_absent() {
            return None;
        }
        if call.window_start.is_absent() {
            return Some(refuse(404, "MissingTemporary.StartTime"));
        }
        if call.window_end.is_absent() {
            return Some(refuse(404, "MissingTemporary.EndTime"));
        }
        let (start, end) = (call.window_start.value(), call.window_end.value());
        if call.window_start.is_broken() || start.is_some_and(|start| start < self.now) {
            return Some(refuse(400, "InvalidTemporary.StartTime"));
        }
        if call.window_end.is_broken() || end <= start {
            return Some(refuse(400, "InvalidTemporary.EndTime"));
        }
        if call.window_out.is_absent() {
            return Some(refuse(400, "MissingParameter"));
        }
        None
    }

    /// The account, what holds the instance, how it is paid for.
    fn spec_account_and_locks(&self, call: &Spec, at: usize) -> Option<Answer> {
        let instance = &self.instances[at];
        let traits = &instance.traits;
        if self.account.in_arrears {
            return Some(refuse(400, "Account.Arrearage"));
        }
        if self.account.sees_no_prices {
            return Some(refuse(400, "NoPermission.Price"));
        }
        if self.account.has_risky_card {
            return Some(refuse(403, "SecurityRisk.3DVerification"));
        }
        if traits.is_locked {
            return Some(refuse(403, "InstanceLockedForSecurity"));
        }
        if let Some(refusal) = self.spec_unpaid_order(instance) {
            return Some(refusal);
        }
        if traits.has_next_period_type {
            return Some(refuse(403, "InstanceSpecModification.NotEffective"));
        }
        if instance.is_prepaid || (traits.is_spot && call.instance_type.is_some()) {
            return Some(refuse(403, "ChargeTypeViolation"));
        }
        if self.account.is_denied_post_paid {
            return Some(refuse(404, "InvalidInstanceChargeType.NotFound"));
        }
        None
    }

    /// Its status, and its surroundings.
    fn spec_instance(&self, call: &Spec, at: usize) -> Option<Answer> {
        let instance = &self.instances[at];
        let traits = &instance.traits;
        let wants_type = call.instance_type.is_some();
        let has_window = !call.window_out.is_absent();
        if wants_type && instance.status != Status::Stopped {
            return Some(refuse(400, "InvalidInstanceStatus.NotStopped"));
        }
        if !wants_type && !matches!(instance.status, Status::Running | Status::Stopped) {
            return Some(refuse(403, "InvalidStatus.ValueNotSupported"));
        }
        if traits.is_starter_package {
            return Some(refuse(403, "InvalidOperation.StarterPackage"));
        }
        if wants_type && traits.is_on_dedicated_host {
            return Some(refuse(400, "InvalidAction.NotSupport"));
        }
        if wants_type && traits.is_hibernating {
            return Some(refuse(403, "HibernationConfigured.InstanceOperationForbidden"));
        }
        if wants_type && traits.is_in_chosen_pool {
            return Some(refuse(400, "Invalid.PrivatePoolOptions.MatchCriteria"));
        }
        if wants_type && traits.has_local_disk {
            return Some(refuse(403, "CategoryViolation"));
        }
        if instance.has_eip && wants_type && call.migrate.value() == Some(true) {
            return Some(refuse(403, "InvalidOperation.InstanceWithEipNotSupport"));
        }
        if instance.has_eip && has_window {
            return Some(refuse(400, "BandwidthUpgradeDenied.EipBoundInstance"));
        }
        if instance.has_eip && !wants_type {
            return Some(refuse(403, "InvalidInstance.EipNotSupport"));
        }
        if traits.has_nat_port_map {
            return Some(refuse(403, "InvalidInstance.NatPortMapNotSupport"));
        }
        let gives_bandwidth = call.out.value().is_some_and(|out| out > 0) || has_window;
        if self.is_dedicated_region && gives_bandwidth {
            return Some(refuse(400, "InvalidParameter.DedicatedRegionNotSupported"));
        }
        if let (Some(inward), None) = (call.inward.value(), call.out.value()) {
            let most = if instance.out <= 10 { 10 } else { instance.out };
            if inward > most {
                return Some(refuse(400, "InvalidParameter.Bandwidth"));
            }
        }
        None
    }

    /// An order that changes the configuration has one row, any other order another.
    fn spec_unpaid_order(&self, instance: &Instance) -> Option<Answer> {
        let mut open = self.orders.iter().filter(|order| {
            let is_open = matches!(order.state, OrderState::Unpaid | OrderState::Invalid);
            order.instance == instance.id && is_open
        });
        let order = open.next()?;
        match order.wish {
            Wish::Renewal => Some(refuse(403, "InvalidInstance.UnpaidOrder")),
            _ => Some(refuse(403, "OperationDenied.UnpaidOrder")),
        }
    }

    /// What stands between the instance and the type or bandwidth it is to have.
    fn spec_target(&self, call: &Spec, at: usize) -> Option<Answer> {
        let instance = &self.instances[at];
        let Some(name) = call.instance_type else {
            return self.spec_bandwidth_target(call, at);
        };
        let kind = catalogue::find(name).unwrap();
        let current = catalogue::find(instance.kind).unwrap();
        if self.account.denied_kind == Some(name) {
            return Some(refuse(401, "InvalidInstanceType.ValueUnauthorized"));
        }
        if self.account.hidden_kind == Some(name) {
            return Some(refuse(400, "InvalidInstanceType.ValueUnauthorized"));
        }
        if kind.is_retired && !current.is_retired {
            return Some(refuse(403, "InstanceType.Offline"));
        }
        if self.unsold_kind == Some(name) {
            return Some(refuse(403, "InvalidInstanceType.ValueNotSupported"));
        }
        if catalogue::is_way_back(current.family, kind.family) {
            return Some(refuse(400, "Downgrade.NotSupported"));
        }
        if !catalogue::may_become(current.family).contains(&kind.family) {
            return Some(refuse(400, "DependencyViolation.InstanceType"));
        }
        let becomes_optimized =
            current.is_retired && !catalogue::is_io_optimized(current.family) && !kind.is_retired;
        if call.system_disk.is_some() && !becomes_optimized {
            return Some(refuse(400, "InvalidParam.SystemDiskCategory"));
        }
        if takes_ultra_disk_along(call, instance) && catalogue::takes_essd_only(kind.family) {
            return Some(refuse(403, "InvalidInstanceType.NotSupportDiskCategory"));
        }
        if let Some((of, most)) = self.account.quota
            && of == name
            && instance.kind != name
            && self.instances.iter().filter(|it| it.kind == name && it.id != instance.id).count()
                >= most
        {
            return Some(refuse(403, "QuotaExceed.ElasticQuota"));
        }
        None
    }

    fn spec_bandwidth_target(&self, call: &Spec, at: usize) -> Option<Answer> {
        let instance = &self.instances[at];
        if let Some(out) = call.window_out.value()
            && out < instance.out
        {
            return Some(refuse(400, "Downgrade.NotSupported"));
        }
        if call.system_disk.is_some() {
            return Some(refuse(400, "InvalidParam.SystemDiskCategory"));
        }
        let wanted = call.window_out.value().or(call.out.value())?;
        if self.account.bandwidth_limit.is_some_and(|limit| wanted > limit) {
            return Some(refuse(403, "InvalidParameter.InternetMaxBandwidthOut"));
        }
        if let Some(quota) = self.account.bandwidth_quota
            && instance.pay_by == PayBy::Bandwidth
        {
            let others = self.instances.iter().filter(|it| {
                it.id != instance.id && !it.is_prepaid && it.pay_by == PayBy::Bandwidth
            });
            let sum: i64 = others.map(Instance::out_now).sum();
            if sum + wanted > quota {
                return Some(refuse(400, "QuotaExceeded.InternetBandwidth"));
            }
        }
        None
    }

    /// The outbound bandwidth after the call.
    fn out_after(&self, call: &Spec, at: usize) -> i64 {
        call.out.value().unwrap_or(self.instances[at].out)
    }

    fn spec_effect(&mut self, call: &Spec, at: usize, cluster: &'static str) {
        let now = self.now;
        let is_async = call.is_async.value() == Some(true);
        if let Some(kind) = call.instance_type {
            let shows_at = if is_async { now + ASYNC } else { now };
            // The type it has already is no change, and takes no other place.
            if kind != self.instances[at].kind {
                self.take_place(kind, cluster);
                let reboot = Reboot::ByHand;
                let coming = Coming { kind, order: None, reboot, until: None, cluster };
                self.later(at, shows_at, Event::TypeShows(coming));
            }
            self.settle();
        } else if let (Some(out), Some(start), Some(end)) =
            (call.window_out.value(), call.window_start.value(), call.window_end.value())
        {
            self.instances[at].window = Some(Window { out, start, end, has_begun: false });
            self.settle();
        } else {
            let out = self.out_after(call, at);
            let kept = if call.out.is_absent() { self.instances[at].inward } else { None };
            let inward = call.inward.value().or(kept).or(Some(out.max(10)));
            self.change_bandwidth(at, out, inward);
        }
        self.instances[at].rests_since.insert(NAME, now);
        let busy_until = if is_async { now + ASYNC } else { now };
        self.remember(NAME, call.token.as_deref(), Deed::Spec(call.clone()), busy_until);
    }
}

/// Does the instance take an ultra disk along, or is its system disk changed by the call?
fn takes_ultra_disk_along(call: &Spec, instance: &Instance) -> bool {
    instance.traits.has_ultra_disk && call.system_disk.is_none()
}
