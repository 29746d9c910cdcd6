//! ModifyPrepayInstanceSpec: another type for a subscription instance, through an order that takes
//! some seconds to be carried out. When it is refused is in `rules.rs`, with which words in
//! `rows.rs`.

mod rows;
mod rules;

use serde::{Deserialize, Serialize};

use super::conditions::InstanceFacts;
use super::target::{Obstacle, Target};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase};
use crate::domain::change::{Change, InstanceChange, TypeReturn};
use crate::domain::money::Cents;
use crate::domain::order::{Configuration, Order};
use crate::domain::{Text, Timestamp, World};
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
    instance_id: Option<Text>,
    region_id: Option<Text>,
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
            return Cents::ZERO;
        };
        let prices = &self.facts.subject.prices;
        let more = prices.of_type(&target.to) - prices.of_type(&target.from);
        let expires_at = self.facts.subject.instance.expires_at.unwrap_or(self.asked.now);
        let until = self.asked.request.ends_at.or(expires_at);
        prices.subscription(more, self.asked.now, until)
    }

    /// Paid at once: by AutoPay, or because there is nothing to pay.
    fn is_paid_now(&self) -> bool {
        self.cost() <= Cents::ZERO || self.asked.request.auto_pay.or(true)
    }

    /// What happens once the order is paid. Nobody knows when that is, so all but EndTime and
    /// RebootTime is counted from then.
    fn changes(&self, target: &Target) -> Vec<Change> {
        let (request, subject) = (&self.asked.request, &self.facts.subject);
        let instance_id = &subject.instance.id;
        let to = || target.to.name.clone();
        let from = || target.from.name.clone();
        let mut shown = vec![InstanceChange::Type { to: to() }.of(instance_id)];
        if request.ends_at.is_given() {
            // The place it will return to stays its own.
            shown.push(InstanceChange::ReserveType { to: from() }.of(instance_id));
        }
        let system_disk = request.system_disk_category.as_deref();
        shown.extend(system_disk.and_then(|to| subject.system_disk_becomes(to)));
        shown.extend(self.reboot());
        if let Some(ends_at) = request.ends_at.value() {
            // An end that comes before the type does waits for it.
            let returns = TypeReturn { from: to(), to: from() };
            let returns = InstanceChange::TypeReturns(returns.into());
            shown.push(returns.of(instance_id).at(*ends_at));
        }
        let delay = subject.settings.spec_change;
        vec![
            InstanceChange::ReserveType { to: to() }.of(instance_id),
            Change::After { delay, changes: shown },
            subject.changed(ModifyPrepayInstanceSpec::ACTION, self.is_lower()),
        ]
    }

    /// The reboot the call asks for: at a time, or as soon as the new type shows. One that is due
    /// earlier waits for the type.
    fn reboot(&self) -> Option<Change> {
        let (request, subject) = (&self.asked.request, &self.facts.subject);
        let reboot = || {
            InstanceChange::Reboot { takes: subject.settings.rebooting }.of(&subject.instance.id)
        };
        match request.reboot_at.value() {
            Some(reboot_at) => Some(reboot().at(*reboot_at)),
            None => request.reboot_when_finished.or(false).then(reboot),
        }
    }

    fn order(&self, id: String) -> Order {
        let (target, subject) = (self.facts.target.as_ref(), &self.facts.subject);
        let after = Configuration {
            instance_type: target.map(|target| target.to.name.clone()).unwrap_or_default(),
            ..subject.configuration()
        };
        let order =
            subject.order(ModifyPrepayInstanceSpec::ACTION, after, self.cost(), self.asked.now);
        Order {
            id,
            takes: subject.settings.spec_change,
            lapses_at: self.asked.request.ends_at.value().copied().or(order.lapses_at),
            changes: target.map(|target| self.changes(target)).unwrap_or_default(),
            ..order
        }
    }
}

impl Operation for ModifyPrepayInstanceSpec {
    const ACTION: &'static str = "ModifyPrepayInstanceSpec";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyPrepayInstanceSpec",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const PAGES: &'static [Page] = rows::PAGES;
    const ROWS: &'static [&'static Row] = rows::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = rules::REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = rules::TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = rules::STATE_RULES;
    const PAYMENT_ROW: Option<&'static Row> = Some(&rows::NOT_ENOUGH_BALANCE);

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
            target: Target::of(world, &subject.instance, name),
            has_market_image: world
                .image
                .get(&subject.instance.image_id)
                .is_some_and(|image| image.marketplace),
            subject,
        }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let order_id = ids.order();
        let order = case.order(order_id.clone());
        Effect::new(order.placed(case.is_paid_now()), Output { order_id })
    }

    fn left_behind(case: &Case<Self>, ids: &mut Ids) -> Vec<Change> {
        case.facts.subject.failed_order(|| case.order(ids.order()))
    }

    fn reply(_request: &Request, output: Output) -> Node {
        object! { "OrderId" => output.order_id }
    }
}
