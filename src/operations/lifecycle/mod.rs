//! What the calls that start, stop, reboot and release instances share, whether they name one
//! instance or a batch of them: request, facts, effect, and the answers of a batch. Each kind of
//! call has one rule table in a file of its own; every operation fills it with the rows of its page.

mod reboot;
mod release;
mod start;
mod stop;

pub(super) use reboot::{Reboot, RebootRows, reboot_rules};
pub(super) use release::{Release, ReleaseRows, release, release_rules};
pub(super) use start::{Start, StartRows, start_rules};
pub(super) use stop::{Stop, StopRows, stop_rules};

use serde::{Deserialize, Serialize};

use super::conditions::first_malformed;
use super::{Asked, Case, Effect, Operation, common};
use crate::domain::change::{Change, InstanceChange};
use crate::domain::instance::{Instance, Lock, Status};
use crate::domain::money::Cents;
use crate::domain::settings::Settings;
use crate::domain::{Shared, Timestamp, World};
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::rule::{Refusal, Rule, Table, judge};

/// The most instances of one call.
const MOST_INSTANCES: usize = 100;

/// The words of a status row that is printed as a placeholder.
const STATUS_WORDS: &str = "The current status of the resource does not support this operation.";

/// What a call asks for beside the instances.
pub(super) trait Wish: Send + 'static {
    /// Reads the parameters.
    fn parse(params: &Params) -> Self;

    /// The first parameter that is not a value of its type.
    fn malformed(&self) -> Option<&'static str>;
}

/// A wish that moves each instance to another status.
pub(super) trait Power: Wish {
    /// The status an instance has right after the call.
    const NEXT: Status;

    /// What the call does to one instance.
    fn changes(&self, one: &Subject, facts: &Facts) -> Vec<Change>;
}

/// How a batch takes an instance that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Optimization {
    /// It refuses the whole call.
    AllTogether,
    /// It is reported; the others go on.
    SuccessFirst,
}

impl Optimization {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "AllTogether" => Some(Self::AllTogether),
            "SuccessFirst" => Some(Self::SuccessFirst),
            _ => None,
        }
    }
}

/// A call for one instance or for a batch.
pub(super) struct Request<W> {
    instance_ids: Vec<String>,
    region_id: Option<String>,
    needs_region: bool,
    optimization: Param<Optimization>,
    dry_run: Param<bool>,
    /// What it asks for beside them.
    pub wish: W,
}

impl<W: Wish> Request<W> {
    /// A call for `InstanceId`.
    pub fn single(params: &Params) -> Self {
        Self {
            instance_ids: params.string("InstanceId").into_iter().collect(),
            region_id: params.string("RegionId"),
            needs_region: false,
            optimization: Param::Absent,
            dry_run: params.boolean("DryRun"),
            wish: W::parse(params),
        }
    }

    /// A call for `InstanceId.N` of one region.
    pub fn many(params: &Params) -> Self {
        let mut instance_ids: Vec<String> = Vec::new();
        for id in params.list("InstanceId") {
            // Naming an instance twice asks for nothing more.
            if !instance_ids.iter().any(|known| known == id) {
                instance_ids.push(id.to_owned());
            }
        }
        Self { instance_ids, needs_region: true, ..Self::single(params) }
    }

    /// A call for `InstanceId.N` that chooses how refused instances are taken.
    pub fn batch(params: &Params) -> Self {
        Self {
            optimization: params.parse("BatchOptimization", Optimization::parse),
            ..Self::many(params)
        }
    }

    fn first_missing(&self) -> Option<&'static str> {
        first_malformed(&[
            ("RegionId", self.needs_region && self.region_id.is_none()),
            ("InstanceId", self.instance_ids.is_empty()),
        ])
    }

    fn first_malformed(&self) -> Option<&'static str> {
        first_malformed(&[
            ("InstanceId", self.instance_ids.len() > MOST_INSTANCES),
            ("BatchOptimization", self.optimization.is_malformed()),
            ("DryRun", self.dry_run.is_malformed()),
        ])
        .or_else(|| self.wish.malformed())
    }
}

/// The rules on the request alone.
pub(super) const fn request_rules<W: Wish>() -> [Rule<Asked<Request<W>>>; 2] {
    [
        Rule::worded(
            &common::MISSING_PARAMETER,
            |it| it.request.first_missing().is_some(),
            |it| it.request.first_missing().unwrap_or_default().to_owned(),
            "name the instance in InstanceId; a batch takes RegionId and InstanceId.1, InstanceId.2 and so on",
        ),
        Rule::worded(
            &common::INVALID_PARAMETER,
            |it| it.request.first_malformed().is_some(),
            |it| it.request.first_malformed().unwrap_or_default().to_owned(),
            "send a value of the parameter's list or type, and at most 100 instances",
        ),
    ]
}

/// An instance a call names, copied out of the world.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// Is there such an instance? If not, `instance` is blank but for its id.
    pub found: bool,
    /// The instance.
    pub instance: Shared<Instance>,
    /// Has its zone one of its type left?
    pub in_stock: bool,
    /// Its owner has an outstanding payment, or has used up balance and credit.
    pub owner_in_debt: bool,
    /// The moment of the call.
    pub now: Timestamp,
}

impl Subject {
    fn of(world: &World, id: &str, region_id: Option<&str>, now: Timestamp) -> Self {
        let in_region =
            |it: &&Shared<Instance>| region_id.is_none_or(|region| it.region_id == region);
        let found = world.instance.share(id).filter(in_region);
        let blank = || Shared::from(Instance { id: id.into(), ..Instance::default() });
        let has_stock = |it: &Shared<Instance>| {
            let zone = world.zone.get(it.zone_id.as_str());
            zone.is_none_or(|zone| zone.has_stock(&it.instance_type))
        };
        let account = &world.account;
        Self {
            found: found.is_some(),
            in_stock: found.is_none_or(has_stock),
            instance: found.cloned().unwrap_or_else(blank),
            owner_in_debt: account.arrears || account.available() < Cents::default(),
            now,
        }
    }

    fn is_security_locked(&self) -> bool {
        self.instance.is_locked_for(Lock::Security)
    }

    fn is_prepaid(&self) -> bool {
        self.instance.is_prepaid()
    }

    /// Expired, or locked because nobody paid.
    fn is_unpaid(&self) -> bool {
        self.instance.is_expired(self.now) || self.instance.is_locked_for(Lock::Financial)
    }

    fn moves(&self, from: Status, to: Status) -> Change {
        InstanceChange::Status { from, to }.of(&self.instance.id)
    }
}

/// What a call may look at.
pub(super) struct Facts {
    subjects: Vec<Subject>,
    settings: Shared<Settings>,
    /// The account stops instances with StopCharging where it can.
    economical_mode: bool,
}

/// Copies the instances a call names.
pub(super) fn gather<W>(asked: &Asked<Request<W>>, world: &World) -> Facts {
    let region_id = asked.request.region_id.as_deref();
    let subject = |id: &String| Subject::of(world, id, region_id, asked.now);
    Facts {
        subjects: asked.request.instance_ids.iter().map(subject).collect(),
        settings: world.settings.clone(),
        economical_mode: world.account.economical_mode,
    }
}

/// What the tables judge: every instance of a call, or one of a batch by itself.
pub(super) trait Subjects {
    /// Does the condition hold for one of the instances that can refuse the case?
    fn any(&self, condition: impl Fn(&Subject) -> bool) -> bool;

    /// Is the case to be checked only?
    fn is_dry_run(&self) -> bool;
}

impl Subjects for Subject {
    fn any(&self, condition: impl Fn(&Subject) -> bool) -> bool {
        condition(self)
    }

    fn is_dry_run(&self) -> bool {
        false
    }
}

impl<O, W> Subjects for Case<O>
where
    O: Operation<Request = Request<W>, Facts = Facts>,
{
    fn any(&self, condition: impl Fn(&Subject) -> bool) -> bool {
        // With SuccessFirst no instance refuses the call; `apply_batch` judges each by itself.
        let by_itself =
            self.asked.request.optimization.value() == Some(&Optimization::SuccessFirst);
        !by_itself && self.facts.subjects.iter().any(condition)
    }

    fn is_dry_run(&self) -> bool {
        self.asked.request.dry_run.or(false)
    }
}

/// What a call for one instance brings about.
pub(super) fn apply_single<O, P>(case: &Case<O>) -> Effect<()>
where
    O: Operation<Request = Request<P>, Facts = Facts>,
    P: Power,
{
    let changes = |one| case.asked.request.wish.changes(one, &case.facts);
    Effect::new(case.facts.subjects.iter().flat_map(changes).collect(), ())
}

/// What became of one instance of a batch.
#[derive(Serialize, Deserialize)]
pub(super) struct InstanceResponse {
    instance_id: String,
    code: String,
    message: String,
    previous_status: Option<Status>,
    current_status: Option<Status>,
}

impl InstanceResponse {
    fn moved(one: &Subject, to: Status) -> Self {
        Self {
            instance_id: one.instance.id.to_string(),
            code: "200".to_owned(),
            message: "success".to_owned(),
            previous_status: Some(one.instance.status),
            current_status: Some(to),
        }
    }

    fn refused(one: &Subject, refusal: Refusal) -> Self {
        let status = one.found.then_some(one.instance.status);
        Self {
            instance_id: one.instance.id.to_string(),
            code: refusal.code().to_owned(),
            message: refusal.message.into_owned(),
            previous_status: status,
            current_status: status,
        }
    }

    fn node(self) -> Node {
        let status = |status: Option<Status>| status.map_or("", Status::as_str);
        object! {
            "Code" => self.code,
            "Message" => self.message,
            "InstanceId" => self.instance_id,
            "PreviousStatus" => status(self.previous_status),
            "CurrentStatus" => status(self.current_status),
        }
    }
}

/// What a batch brings about: the operation's table, applied to each instance by itself, decides
/// which ones move.
pub(super) fn apply_batch<O, P>(
    case: &Case<O>,
    rules: &'static [Rule<Subject>],
) -> Effect<Vec<InstanceResponse>>
where
    O: Operation<Request = Request<P>, Facts = Facts>,
    P: Power,
{
    let (facts, wish) = (&case.facts, &case.asked.request.wish);
    let mut changes = Vec::new();
    let mut responses = Vec::with_capacity(facts.subjects.len());
    for one in &facts.subjects {
        responses.push(match judge(Table::State, rules, one, case.asked.page, &[]) {
            Ok(()) => {
                changes.extend(wish.changes(one, facts));
                InstanceResponse::moved(one, P::NEXT)
            }
            Err(refusal) => InstanceResponse::refused(one, refusal),
        });
    }
    Effect::new(changes, responses)
}

/// The reply of a batch.
pub(super) fn batch_reply(responses: Vec<InstanceResponse>) -> Node {
    let items = responses.into_iter().map(InstanceResponse::node).collect();
    object! { "InstanceResponses" => Node::List("InstanceResponse", items) }
}
