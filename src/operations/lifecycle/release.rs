//! Releasing: when DeleteInstance and DeleteInstances are refused, and what they do. Locked
//! instances are released like others, and no disk survives its instance here.

use super::{Facts, Request, Subject, Subjects, Wish};
use crate::domain::change::InstanceChange;
use crate::domain::instance::Status;
use crate::operations::conditions::{first_malformed, is_malformed_token};
use crate::operations::{Case, Effect, Operation};
use crate::param::{Param, Params};
use crate::row::Row;
use crate::rule::Rule;

/// The words of the deletion protection's row, which the page prints as a placeholder.
const PROTECTION_WORDS: &str =
    "The specified instance cannot be released because its deletion protection is enabled.";

/// What a release asks for.
pub(in crate::operations) struct Release {
    /// Running instances too.
    force: Param<bool>,
    /// How the guest of a running instance is stopped; without effect here.
    force_stop: Param<bool>,
    /// Expired subscriptions too.
    terminate_subscription: Param<bool>,
    /// Only the batch has one.
    client_token: Option<String>,
}

impl Wish for Release {
    fn parse(params: &Params) -> Self {
        Self {
            force: params.boolean("Force"),
            force_stop: params.boolean("ForceStop"),
            terminate_subscription: params.boolean("TerminateSubscription"),
            client_token: params.string("ClientToken"),
        }
    }

    fn malformed(&self) -> Option<&'static str> {
        first_malformed(&[
            ("Force", self.force.is_malformed()),
            ("ForceStop", self.force_stop.is_malformed()),
            ("TerminateSubscription", self.terminate_subscription.is_malformed()),
        ])
    }
}

impl Release {
    fn spares(&self, one: &Subject) -> bool {
        let may_end = self.terminate_subscription.or(false) && one.instance.is_expired(one.now);
        one.is_prepaid() && !may_end
    }

    fn cannot_reach(&self, status: Status) -> bool {
        let is_up = status == Status::Running && !self.force.or(false);
        is_up || status == Status::Stopping
    }
}

impl Request<Release> {
    /// The token, unless the call is a dry run, which neither stores nor consumes one.
    pub fn token(&self) -> Option<&str> {
        let token = self.wish.client_token.as_deref();
        token.filter(|_| !self.dry_run.or(false))
    }

    /// Its token is none.
    pub fn has_malformed_token(&self) -> bool {
        is_malformed_token(self.wish.client_token.as_ref())
    }
}

/// What the call brings about: the instances are gone at once.
pub(in crate::operations) fn release<O>(case: &Case<O>) -> Effect<()>
where
    O: Operation<Request = Request<Release>, Facts = Facts>,
{
    let gone = |one: &Subject| InstanceChange::Release.of(&one.instance.id);
    Effect::new(case.facts.subjects.iter().map(gone).collect(), ())
}

/// The rows of an operation that releases instances.
pub(in crate::operations) struct ReleaseRows {
    pub not_found: &'static Row,
    pub charge_type: &'static Row,
    pub protected: &'static Row,
    pub initializing: &'static Row,
    pub status: &'static Row,
    pub dry_run: &'static Row,
}

/// When a release is refused, in order.
pub(in crate::operations) const fn release_rules<O>(rows: &ReleaseRows) -> [Rule<Case<O>>; 6]
where
    O: Operation<Request = Request<Release>, Facts = Facts>,
{
    [
        Rule::new(
            rows.not_found,
            |it| it.any(|one| !one.found),
            "DescribeInstances lists the instances of the region",
        ),
        Rule::new(
            rows.charge_type,
            |it| it.any(|one| it.asked.request.wish.spares(one)),
            "wait until the subscription ends, then send TerminateSubscription=true",
        ),
        Rule::worded(
            rows.protected,
            |it| it.any(|one| one.instance.deletion_protection),
            |_| PROTECTION_WORDS.to_owned(),
            "ModifyInstanceAttribute with DeletionProtection=false first",
        ),
        Rule::guessed(
            rows.initializing,
            "the instance is still being created or started",
            |it| it.any(|one| matches!(one.instance.status, Status::Pending | Status::Starting)),
            "wait until the instance is Running",
        ),
        Rule::new(
            rows.status,
            |it| it.any(|one| it.asked.request.wish.cannot_reach(one.instance.status)),
            "StopInstance first and wait until it is Stopped, or send Force=true",
        ),
        Rule::new(
            rows.dry_run,
            Subjects::is_dry_run,
            "the call would succeed; repeat it without DryRun",
        ),
    ]
}
