//! ModifyPrepayInstanceSpec: another type for a subscription instance, through an order that takes
//! some seconds to be carried out. When it is refused is in `rules.rs`, with which words in
//! `rows.rs`.

mod rows;
mod rules;

use serde::{Deserialize, Serialize};

use super::conditions::InstanceFacts;
use super::target::{Obstacle, Target};
use super::{Asked, Case, Effect, Operation, TokenCase};
use crate::domain::change::Change;
use crate::domain::instance::Status;
use crate::domain::money::{self, Cents};
use crate::domain::order::{Order, OrderState};
use crate::domain::{Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::{Page, Row};
use crate::rule::Rule;

pub(super) struct ModifyPrepayInstanceSpec;

/// `OperatorType`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Upgrade,
    Downgrade,
}

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
    instance_type: Option<String>,
    direction: Param<Direction>,
    auto_pay: Param<bool>,
    may_move: Param<bool>,
    system_disk_category: Option<String>,
    reboot_at: Param<Timestamp>,
    ends_at: Param<Timestamp>,
    reboot_when_finished: Param<bool>,
    client_token: Option<String>,
}

pub(super) struct Facts {
    subject: InstanceFacts,
    /// The region the call names exists.
    region_known: bool,
    /// The type asked for is one of the catalogue.
    type_known: bool,
    /// The type asked for, seen from the instance.
    target: Option<Target>,
    /// The instance's image is from the marketplace.
    has_market_image: bool,
}

/// Obstacles that have a row of their own on the page.
const KNOWN_OBSTACLES: &[Obstacle] = &[
    Obstacle::LocalDisk,
    Obstacle::Denied,
    Obstacle::Hidden,
    Obstacle::Retired,
    Obstacle::NotOffered,
    Obstacle::FamilyNeverChanges,
    Obstacle::OneWay,
    Obstacle::NoPath,
    Obstacle::ImageType,
    Obstacle::Ipv4Count,
    Obstacle::Ipv6Unsupported,
    Obstacle::Ipv6Count,
];

impl Facts {
    /// The type asked for meets this.
    fn meets(&self, obstacle: Obstacle) -> bool {
        self.target.as_ref().is_some_and(|target| target.meets(obstacle))
    }

    fn words(&self, obstacle: Obstacle) -> String {
        self.target.as_ref().map(|target| target.words(obstacle)).unwrap_or_default()
    }

    /// What stands in the way and has no row of its own here.
    fn other_obstacle(&self) -> Option<&str> {
        self.target.as_ref()?.first_but(KNOWN_OBSTACLES)
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    order_id: String,
}

impl Case<ModifyPrepayInstanceSpec> {
    fn is_lower(&self) -> bool {
        self.facts.target.as_ref().is_some_and(Target::is_downgrade)
    }

    /// What the change costs until it ends; negative where it returns something.
    fn cost(&self) -> Cents {
        let Some(target) = &self.facts.target else {
            return Cents::default();
        };
        let monthly = money::type_price(&target.to) - money::type_price(&target.from);
        let expires_at = self.facts.subject.instance.expires_at.unwrap_or(self.asked.now);
        let until = self.asked.request.ends_at.or(expires_at);
        money::prorated(monthly, self.asked.now, until)
    }

    /// Paid at once: by AutoPay, or because there is nothing to pay.
    fn is_paid_now(&self) -> bool {
        self.cost() <= Cents::default() || self.asked.request.auto_pay.or(true)
    }

    /// What happens once the order is paid, counted from now.
    fn changes(&self, target: &Target) -> Vec<Change> {
        let instance_id = || self.facts.subject.instance.id.clone();
        let to_type =
            Change::InstanceType { instance_id: instance_id(), to: target.to.name.clone() };
        let done_at = self.asked.now.plus(self.facts.subject.settings.spec_change);
        let to = target.to.name.clone();
        let reserve = Change::ReserveType { instance_id: instance_id(), to };
        let mut changes = vec![reserve, to_type.at(done_at)];
        let system_disk = self.asked.request.system_disk_category.as_deref();
        let system_disk = system_disk.and_then(|to| self.facts.subject.system_disk_becomes(to));
        changes.extend(system_disk.map(|change| change.at(done_at)));
        if let Some(ends_at) = self.asked.request.ends_at.value() {
            let (from, to) = (target.to.name.clone(), target.from.name.clone());
            let returns = Change::TypeReturns { instance_id: instance_id(), from, to };
            changes.push(returns.at(*ends_at));
        }
        if let Some(reboot_at) = self.reboot_at(done_at) {
            changes.extend(self.reboot(reboot_at));
        }
        changes
    }

    /// When the instance reboots by itself, if it runs then.
    fn reboot_at(&self, done_at: Timestamp) -> Option<Timestamp> {
        let request = &self.asked.request;
        let at_once = request.reboot_when_finished.or(false).then_some(done_at);
        request.reboot_at.value().map(|at| (*at).max(done_at)).or(at_once)
    }

    fn reboot(&self, at: Timestamp) -> [Change; 2] {
        let instance_id = || self.facts.subject.instance.id.clone();
        let step = |from, to| Change::Status { instance_id: instance_id(), from, to };
        [
            step(Status::Running, Status::Starting).at(at),
            step(Status::Starting, Status::Running)
                .at(at.plus(self.facts.subject.settings.rebooting)),
        ]
    }

    fn order(&self, changes: Vec<Change>, state: OrderState) -> Order {
        Order {
            instance_id: self.facts.subject.instance.id.clone(),
            operation: ModifyPrepayInstanceSpec::ACTION.to_owned(),
            state,
            amount_cents: self.cost(),
            created_at: self.asked.now,
            changes,
            ..Order::default()
        }
    }

    fn paid(&self, order_id: &str, changes: Vec<Change>) -> Vec<Change> {
        let (amount, subject) = (self.cost(), &self.facts.subject);
        let order_id = || order_id.to_owned();
        let done_at = self.asked.now.plus(subject.settings.spec_change);
        let order = self.order(Vec::new(), OrderState::Processing);
        let completed = Change::OrderState { order_id: order_id(), state: OrderState::Completed };
        let mut all = vec![
            Change::CreateOrder { order_id: order_id(), order: Box::new(order) },
            Change::Balance { amount: -amount },
            subject.changed(ModifyPrepayInstanceSpec::ACTION, self.is_lower(), self.asked.now),
        ];
        if amount < Cents::default() {
            all.push(Change::DowngradeRefunded { instance_id: subject.instance.id.clone() });
        }
        all.extend(changes);
        all.push(completed.at(done_at));
        all
    }
}

impl Operation for ModifyPrepayInstanceSpec {
    const ACTION: &'static str = "ModifyPrepayInstanceSpec";
    const PAGES: &'static [Page] = rows::PAGES;
    const ROWS: &'static [&'static Row] = rows::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = rules::REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = rules::TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = rules::STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Output;

    fn parse(params: &Params) -> Request {
        // The page describes seconds and shows minutes; both are taken.
        let time =
            |text: &str| Timestamp::parse_seconds(text).or_else(|| Timestamp::parse_minutes(text));
        Request {
            instance_id: params.string("InstanceId"),
            region_id: params.string("RegionId"),
            instance_type: params.string("InstanceType"),
            direction: params.parse("OperatorType", |text| match text {
                "upgrade" => Some(Direction::Upgrade),
                "downgrade" => Some(Direction::Downgrade),
                _ => None,
            }),
            auto_pay: params.boolean("AutoPay"),
            may_move: params.boolean("MigrateAcrossZone"),
            system_disk_category: params.string("SystemDisk.Category"),
            reboot_at: params.parse("RebootTime", time),
            ends_at: params.parse("EndTime", time),
            reboot_when_finished: params.boolean("RebootWhenFinished"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        request.client_token.as_deref()
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let request = &asked.request;
        let (id, region) = (request.instance_id.as_deref(), request.region_id.as_deref());
        let subject = InstanceFacts::of(world, id, region);
        let name = request.instance_type.as_deref().unwrap_or_default();
        Facts {
            region_known: region.is_some_and(|region| world.region.contains_key(region)),
            type_known: world.find_type(name).is_some(),
            target: Target::survey(world, &subject.instance, name),
            has_market_image: world
                .image
                .get(&subject.instance.image_id)
                .is_some_and(|image| image.marketplace),
            subject,
        }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let order_id = ids.order();
        let changes = case.facts.target.as_ref().map(|to| case.changes(to)).unwrap_or_default();
        let changes = if case.is_paid_now() {
            case.paid(&order_id, changes)
        } else {
            let order = case.order(changes, OrderState::Unpaid);
            vec![Change::CreateOrder { order_id: order_id.clone(), order: Box::new(order) }]
        };
        Effect::new(changes, Output { order_id })
    }

    fn reply(_request: &Request, output: Output) -> Node {
        object! { "OrderId" => output.order_id }
    }
}
