//! Conditions of ModifyInstanceSpec that are longer than a line.

use super::super::rows::{EN_2019, EN_2026, ZH_2018};
use super::super::{ModifyInstanceSpec, Request};
use super::{BANDWIDTH_RANGE, OLD_INBOUND_RANGE, PERFORMANCE_LEVELS, TEMPORARY_RANGE};
use crate::domain::Timestamp;
use crate::domain::instance::{NetworkType, Status};
use crate::domain::network::InternetChargeType;
use crate::operations::conditions::{
    CooldownPolicy, figure, first_malformed, inbound_fits, is_unknown,
};
use crate::operations::target::Obstacle;
use crate::operations::{Asked, Case, Operation};

impl Asked<Request> {
    pub(super) fn breaks_outbound_range(&self) -> bool {
        self.request.out_mbps.violates(|mbps| BANDWIDTH_RANGE.contains(mbps))
            || self.request.temporary.out_mbps.violates(|mbps| TEMPORARY_RANGE.contains(mbps))
    }

    pub(super) fn breaks_inbound_range(&self) -> bool {
        if *self.page != EN_2026 {
            return self.request.in_mbps.violates(|mbps| OLD_INBOUND_RANGE.contains(mbps));
        }
        // Without outbound bandwidth in the call: what fits the most there is.
        let out = self.request.out_mbps.or(*BANDWIDTH_RANGE.end());
        self.request.in_mbps.violates(|mbps| inbound_fits(*mbps, out))
    }

    /// After the start where there is one, and never in the past.
    pub(super) fn ends_in_time(&self, ends: Timestamp) -> bool {
        let starts = self.request.temporary.starts_at.value().copied().unwrap_or(self.now);
        ends > starts
    }

    pub(super) fn has_wrong_performance_level(&self) -> bool {
        self.request.disks.iter().any(|disk| {
            let other_disk = disk.category.as_deref().is_some_and(|it| it != "cloud_essd");
            let level = disk.performance_level.as_ref();
            is_unknown(level, PERFORMANCE_LEVELS) || (level.is_some() && other_disk)
        })
    }

    pub(super) fn first_malformed(&self) -> Option<&'static str> {
        first_malformed(&[
            ("Async", self.request.is_async.is_malformed()),
            ("AllowMigrateAcrossZone", self.request.may_move.is_malformed()),
            ("DryRun", self.request.dry_run.is_malformed()),
        ])
    }
}

impl Case<ModifyInstanceSpec> {
    /// On the older pages; the newest judges it by the request alone.
    pub(super) fn changes_both(&self) -> bool {
        let by_state = *self.asked.page != EN_2026;
        by_state && self.asked.request.wants_type() && self.changes_bandwidth()
    }

    pub(super) fn may_move(&self) -> bool {
        self.asked.request.may_move.or(false)
    }

    pub(super) fn names_unknown_disk(&self) -> bool {
        let disks = &self.facts.subject.instance.hardware.disks;
        let named = self.asked.request.disks.iter().filter_map(|disk| disk.disk_id.as_ref());
        named.into_iter().any(|id| disks.iter().all(|disk| disk.id != *id))
    }

    pub(super) fn is_in_transit(&self) -> bool {
        !self.facts.subject.instance.status.is_stable()
    }

    /// A change of type waits for Stopped, unless it is asked for online.
    pub(super) fn needs_stop(&self) -> bool {
        let (request, status) = (&self.asked.request, self.facts.subject.instance.status);
        let fits = status == Status::Stopped || (request.is_online() && status == Status::Running);
        request.wants_type() && !fits
    }

    pub(super) fn has_closed_charge_type(&self) -> bool {
        let charge_type = self.facts.subject.instance.charge_type;
        self.facts.subject.account.denied_charge_types.contains(&charge_type)
    }

    /// On the page of 2018, which knows no one-way upgrades, the way back is no way either.
    pub(super) fn has_no_path(&self) -> bool {
        self.facts.meets(Obstacle::NoPath)
            || self.facts.meets(Obstacle::FamilyNeverChanges)
            || (*self.asked.page == ZH_2018 && self.facts.meets(Obstacle::OneWay))
    }

    pub(super) fn gains_bandwidth_in_vpc(&self) -> bool {
        let it = &self.facts.subject.instance;
        it.network_type == NetworkType::Vpc && it.bandwidth_out_mbps == 0 && self.out_mbps() > 0
    }

    pub(super) fn cloudbox_words(&self) -> String {
        let id = &self.facts.subject.instance.cloudbox_id;
        format!("The specified operation is not supported by instances in a CloudBox: {id}.")
    }

    pub(super) fn names_mode_or_disk(&self) -> bool {
        self.asked.request.is_online() || !self.asked.request.disks.is_empty()
    }

    /// The disks of the request with the category chosen for each: is one of this kind refused?
    pub(super) fn chooses_untaken(&self, system: bool) -> bool {
        let Some(target) = &self.facts.target else { return false };
        let disks = &self.facts.subject.instance.hardware.disks;
        let is_of_kind =
            |id: &String| disks.iter().any(|disk| disk.id == *id && disk.system == system);
        self.asked.request.disks.iter().any(|disk| {
            disk.disk_id.as_ref().is_some_and(is_of_kind)
                && disk.category.as_deref().is_some_and(|category| !target.takes(category))
        })
    }

    pub(super) fn chooses_untaken_system_disk(&self) -> bool {
        let chosen = self.asked.request.system_disk_category.as_deref();
        let refused = |category: &str| {
            self.facts.target.as_ref().is_some_and(|target| !target.takes(category))
        };
        chosen.is_some_and(refused) || self.chooses_untaken(true)
    }

    pub(super) fn chooses_untaken_data_disk(&self) -> bool {
        self.chooses_untaken(false)
    }

    /// The outbound bandwidth the call asks for, for good or for a time; none where it asks for inbound
    /// bandwidth alone.
    fn asked_out_mbps(&self) -> Option<u32> {
        let request = &self.asked.request;
        figure(&request.temporary.out_mbps).or(figure(&request.out_mbps))
    }

    pub(super) fn wants_public_bandwidth(&self) -> bool {
        self.asked_out_mbps().is_some_and(|mbps| mbps > 0)
    }

    pub(super) fn exceeds_own_limit(&self) -> bool {
        let limit = self.facts.subject.account.bandwidth_limit_mbps;
        self.asked_out_mbps().is_some_and(|mbps| limit.is_some_and(|limit| mbps > limit))
    }

    pub(super) fn exceeds_region_quota(&self) -> bool {
        let it = &self.facts.subject.instance;
        let (others, quota) =
            (self.facts.bandwidth_of_others_mbps, self.facts.subject.account.bandwidth_quota_mbps);
        it.internet_charge_type == InternetChargeType::PayByBandwidth
            && self.asked_out_mbps().is_some_and(|mbps| others.saturating_add(mbps) > quota)
    }

    pub(super) fn region_quota_words(&self) -> String {
        let (it, quota) =
            (&self.facts.subject.instance, self.facts.subject.account.bandwidth_quota_mbps);
        format!(
            "The total pay-by-bandwidth public bandwidth of the account in region {} exceeds the quota {quota} Mbit/s",
            it.region_id
        )
    }

    /// The first category asked for whose capacity in the zone is used up.
    pub(super) fn disk_over_capacity(&self) -> Option<(&str, u32)> {
        let disks = &self.facts.subject.instance.hardware.disks;
        self.asked.request.disks.iter().find_map(|asked| {
            let disk =
                disks.iter().find(|disk| asked.disk_id.as_deref() == Some(disk.id.as_str()))?;
            let category =
                asked.category.as_deref().filter(|category| disk.category != *category)?;
            let left = *self.facts.zone.disk_capacity_left_gib.get(category)?;
            (disk.size_gib > left).then_some((category, left))
        })
    }

    pub(super) fn disk_capacity_words(&self) -> String {
        let (category, left) = self.disk_over_capacity().unwrap_or_default();
        format!("{category} has {left} GiB left")
    }

    pub(super) fn is_bandwidth_in_transit(&self) -> bool {
        self.asked.request.wants_bandwidth() && !self.facts.subject.instance.status.is_stable()
    }

    pub(super) fn breaks_inbound_range_of_instance(&self) -> bool {
        let out = i32::try_from(self.out_mbps()).unwrap_or(i32::MAX);
        *self.asked.page == EN_2026
            && self.asked.request.in_mbps.violates(|mbps| inbound_fits(*mbps, out))
    }

    pub(super) fn cools_down(&self) -> bool {
        // The page of 2019 speaks of a downgrade after a downgrade of the type, the others of any
        // change after any change.
        let policy = if *self.asked.page == EN_2019 {
            let stops_this = self.facts.target.is_some() && self.is_downgrade();
            CooldownPolicy { after_any: false, stops_this }
        } else {
            CooldownPolicy::ANY
        };
        self.facts.subject.cools_down(ModifyInstanceSpec::ACTION, policy, self.asked.now)
    }
}
