//! Rebooting: when RebootInstance and RebootInstances are refused, and what they do to an instance.

use super::{Facts, Power, Subject, Subjects, Wish};
use crate::domain::change::{Change, InstanceChange};
use crate::domain::instance::Status;
use crate::operations::conditions::first_malformed;
use crate::param::{Param, Params};
use crate::row::Row;
use crate::rule::Rule;

/// What a reboot asks for. Forced or not, it takes the same time here. The single call and the
/// batch name the parameter differently.
pub(in crate::operations) struct Reboot {
    force_stop: Param<bool>,
    force_reboot: Param<bool>,
}

impl Wish for Reboot {
    fn parse(params: &Params) -> Self {
        Self {
            force_stop: params.boolean("ForceStop"),
            force_reboot: params.boolean("ForceReboot"),
        }
    }

    fn malformed(&self) -> Option<&'static str> {
        first_malformed(&[
            ("ForceStop", self.force_stop.is_malformed()),
            ("ForceReboot", self.force_reboot.is_malformed()),
        ])
    }
}

impl Power for Reboot {
    const NEXT: Status = Status::Starting;

    fn changes(&self, one: &Subject, facts: &Facts) -> Vec<Change> {
        let reboot = InstanceChange::Reboot { takes: facts.settings.rebooting };
        vec![reboot.of(&one.instance.id)]
    }
}

/// The rows of an operation that reboots instances.
pub(in crate::operations) struct RebootRows {
    pub not_found: &'static Row,
    pub security_lock: &'static Row,
    pub expired: &'static Row,
    pub status: &'static Row,
    pub dry_run: &'static Row,
}

/// When a reboot is refused, in order.
pub(in crate::operations) const fn reboot_rules<C: Subjects>(rows: &RebootRows) -> [Rule<C>; 5] {
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
