//! Stopping: when StopInstance and StopInstances are refused, and what they do to an instance.

use super::{Facts, Power, Subject, Subjects, Wish};
use crate::domain::change::{Change, InstanceChange};
use crate::domain::instance::{NetworkType, Status, StoppedMode};
use crate::operations::conditions::first_malformed;
use crate::param::{Param, Params};
use crate::row::Row;
use crate::rule::Rule;

/// What a stop asks for.
pub(in crate::operations) struct Stop {
    force: Param<bool>,
    mode: Param<StoppedMode>,
    confirm: Param<bool>,
    hibernate: Param<bool>,
}

impl Wish for Stop {
    fn parse(params: &Params) -> Self {
        Self {
            force: params.boolean("ForceStop"),
            mode: params.parse("StoppedMode", StoppedMode::parse),
            confirm: params.boolean("ConfirmStop"),
            hibernate: params.boolean("Hibernate"),
        }
    }

    fn malformed(&self) -> Option<&'static str> {
        first_malformed(&[
            ("ForceStop", self.force.is_malformed()),
            ("StoppedMode", self.mode.is_malformed()),
            ("ConfirmStop", self.confirm.is_malformed()),
            ("Hibernate", self.hibernate.is_malformed()),
        ])
    }
}

impl Stop {
    /// The caller accepts that an instance of the i1 family loses its local disks.
    pub fn is_confirmed(&self) -> bool {
        self.confirm.or(false)
    }

    /// Memory is to be kept.
    pub fn hibernates(&self) -> bool {
        self.hibernate.or(false)
    }

    /// StopCharging is for pay-as-you-go instances in a VPC that can leave their host; the others
    /// stop as if it had not been asked for.
    fn mode(&self, one: &Subject, economical_mode: bool) -> StoppedMode {
        let it = &one.instance;
        let can_leave = !one.is_prepaid() && !it.is_spot() && !it.has_local_disk();
        if it.network_type != NetworkType::Vpc || !can_leave {
            return StoppedMode::KeepCharging;
        }
        self.mode.or(if economical_mode {
            StoppedMode::StopCharging
        } else {
            StoppedMode::KeepCharging
        })
    }
}

impl Power for Stop {
    const NEXT: Status = Status::Stopping;

    fn changes(&self, one: &Subject, facts: &Facts) -> Vec<Change> {
        let lasts = if self.force.or(false) {
            facts.settings.force_stopping
        } else {
            facts.settings.stopping
        };
        let mode = InstanceChange::StoppedMode(self.mode(one, facts.economical_mode));
        let mode = mode.of(&one.instance.id);
        let stopped = one.moves(Status::Stopping, Status::Stopped);
        vec![mode, one.moves(Status::Running, Self::NEXT), stopped.at(one.now.plus(lasts))]
    }
}

/// The rows of an operation that stops instances.
pub(in crate::operations) struct StopRows {
    pub not_found: &'static Row,
    pub security_lock: &'static Row,
    pub expired: &'static Row,
    pub status: &'static Row,
    pub dry_run: &'static Row,
}

/// When a stop is refused, in order.
pub(in crate::operations) const fn stop_rules<C: Subjects>(rows: &StopRows) -> [Rule<C>; 5] {
    [
        Rule::new(
            rows.not_found,
            |it| it.any(|one| !one.found),
            "DescribeInstances lists the instances of the region",
        ),
        Rule::new(
            rows.security_lock,
            |it| it.any(Subject::is_security_locked),
            "clear the security lock",
        ),
        Rule::new(
            rows.expired,
            |it| it.any(Subject::is_unpaid),
            "renew the instance, or clear the financial lock",
        ),
        Rule::new(
            rows.status,
            |it| it.any(|one| one.instance.status != Status::Running),
            "StartInstance first, or wait until the instance is Running",
        ),
        Rule::new(rows.dry_run, C::is_dry_run, "the call would succeed; repeat it without DryRun"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::domain::disk::Disk;
    use crate::domain::instance::{ChargeType, Instance};

    fn mode(asked: Param<StoppedMode>, economical_mode: bool, instance: Instance) -> StoppedMode {
        let one = Subject {
            found: true,
            instance: instance.into(),
            in_stock: true,
            owner_in_debt: false,
            now: Timestamp(0),
        };
        let stop = Stop {
            force: Param::Absent,
            mode: asked,
            confirm: Param::Absent,
            hibernate: Param::Absent,
        };
        stop.mode(&one, economical_mode)
    }

    fn with(edit: impl FnOnce(&mut Instance)) -> Instance {
        let mut instance = Instance::default();
        edit(&mut instance);
        instance
    }

    #[test]
    fn economical_mode_is_a_default() {
        let asked = Param::Value(StoppedMode::KeepCharging);
        let economical = mode(Param::Absent, true, Instance::default());
        assert_eq!(economical, StoppedMode::StopCharging);
        assert_eq!(mode(asked, true, Instance::default()), StoppedMode::KeepCharging);
        assert_eq!(mode(Param::Absent, false, Instance::default()), StoppedMode::KeepCharging);
    }

    #[test]
    fn an_instance_that_cannot_leave_its_host_keeps_charging() {
        let local = Disk { category: "local_ssd_pro".into(), ..Disk::default() };
        let stay = [
            with(|it| it.charge_type = ChargeType::PrePaid),
            with(|it| it.network_type = NetworkType::Classic),
            with(|it| it.spot_strategy = "SpotAsPriceGo".into()),
            with(|it| it.hardware.disks.push(local.clone())),
        ];
        for instance in stay {
            let asked = Param::Value(StoppedMode::StopCharging);
            assert_eq!(mode(asked, true, instance), StoppedMode::KeepCharging);
        }
    }
}
