//! Starting: when StartInstance and StartInstances are refused, and what they do to an instance.

use super::{Facts, Power, STATUS_WORDS, Subject, Subjects, Wish};
use crate::domain::change::Change;
use crate::domain::instance::{Status, StoppedMode};
use crate::operations::conditions::first_malformed;
use crate::param::{Param, Params};
use crate::row::Row;
use crate::rule::Rule;

/// What a start asks for.
pub(in crate::operations) struct Start {
    /// Has no effect here: the local disks of an instance do not break.
    init_local_disk: Param<bool>,
}

impl Wish for Start {
    fn parse(params: &Params) -> Self {
        Self { init_local_disk: params.boolean("InitLocalDisk") }
    }

    fn malformed(&self) -> Option<&'static str> {
        first_malformed(&[("InitLocalDisk", self.init_local_disk.is_malformed())])
    }
}

impl Power for Start {
    const NEXT: Status = Status::Starting;

    fn changes(&self, one: &Subject, facts: &Facts) -> Vec<Change> {
        let running = one.moves(Status::Starting, Status::Running);
        vec![
            one.moves(Status::Stopped, Self::NEXT),
            running.at(one.now.plus(facts.settings.starting)),
        ]
    }
}

/// The rows of an operation that starts instances.
pub(in crate::operations) struct StartRows {
    pub not_found: &'static Row,
    pub balance: &'static Row,
    pub security_lock: &'static Row,
    pub expired_prepaid: &'static Row,
    pub expired_postpaid: &'static Row,
    pub status: &'static Row,
    pub no_stock: &'static Row,
    pub dry_run: &'static Row,
}

/// When a start is refused, in order.
pub(in crate::operations) const fn start_rules<C: Subjects>(rows: &StartRows) -> [Rule<C>; 8] {
    [
        Rule::new(
            rows.not_found,
            |it| it.any(|one| !one.found),
            "DescribeInstances lists the instances of the region",
        ),
        Rule::guessed(
            rows.balance,
            "pay-as-you-go, and the account is in arrears or its balance and credit are used up",
            |it| it.any(|one| !one.is_prepaid() && one.owner_in_debt),
            "top up the account, or clear its arrears",
        ),
        Rule::new(
            rows.security_lock,
            |it| it.any(Subject::is_security_locked),
            "clear the security lock",
        ),
        Rule::new(
            rows.expired_prepaid,
            |it| it.any(|one| one.is_prepaid() && one.is_unpaid()),
            "renew the instance",
        ),
        Rule::new(
            rows.expired_postpaid,
            |it| it.any(|one| !one.is_prepaid() && one.is_unpaid()),
            "top up the account, then clear the financial lock",
        ),
        Rule::worded(
            rows.status,
            |it| it.any(|one| one.instance.status != Status::Stopped),
            |_| STATUS_WORDS.to_owned(),
            "StopInstance first, or wait until the instance is Stopped",
        ),
        Rule::new(
            rows.no_stock,
            |it| it.any(lost_its_place),
            "wait for stock in the zone, or change the type of the instance",
        ),
        Rule::new(rows.dry_run, C::is_dry_run, "the call would succeed; repeat it without DryRun"),
    ]
}

/// Stopped with StopCharging, it gave its vCPUs and memory back, and now none are left.
fn lost_its_place(one: &Subject) -> bool {
    one.instance.stopped_mode == StoppedMode::StopCharging && !one.in_stock
}
