//! ModifyInstanceNetworkSpec: another public bandwidth, or another way of paying for it, for an
//! instance of either charge type. When it is refused is in `rules.rs`, with which words in
//! `rows.rs`.

mod rows;
mod rules;

use serde::{Deserialize, Serialize};

use super::conditions::{InstanceFacts, default_inbound, figure};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase};
use crate::domain::change::{Change, InstanceChange};
use crate::domain::instance::TemporaryBandwidth;
use crate::domain::money::Cents;
use crate::domain::network::InternetChargeType;
use crate::domain::order::{Configuration, Order};
use crate::domain::{Text, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::{Page, Row};
use crate::rule::Rule;

pub(super) struct ModifyInstanceNetworkSpec;

pub(super) struct Request {
    instance_id: Option<Text>,
    region_id: Option<Text>,
    out_mbps: Param<i32>,
    in_mbps: Param<i32>,
    network_charge_type: Param<InternetChargeType>,
    allocate_public_ip: Param<bool>,
    starts_at: Param<Timestamp>,
    ends_at: Param<Timestamp>,
    auto_pay: Param<bool>,
    client_token: Option<String>,
}

impl Request {
    /// Asks for a window of other bandwidth.
    const fn is_temporary(&self) -> bool {
        self.starts_at.is_given() || self.ends_at.is_given()
    }
}

pub(super) struct Facts {
    subject: InstanceFacts,
    /// The zone gives instances in a VPC no public bandwidth.
    vpc_without_public_bandwidth: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    order_id: Option<String>,
}

impl Case<ModifyInstanceNetworkSpec> {
    /// Without what a window adds for a time.
    fn present_out_mbps(&self) -> u32 {
        self.facts.subject.instance.regular_out_mbps(self.asked.now)
    }

    fn out_mbps(&self) -> u32 {
        figure(&self.asked.request.out_mbps).unwrap_or(self.present_out_mbps())
    }

    fn charge_type(&self) -> InternetChargeType {
        self.asked.request.network_charge_type.or(self.facts.subject.instance.internet_charge_type)
    }

    /// A public address has to be given: always for a subscription that gets bandwidth, on request
    /// for pay-as-you-go.
    fn needs_public_ip(&self) -> bool {
        let wanted =
            self.facts.subject.is_prepaid() || self.asked.request.allocate_public_ip.or(false);
        wanted && self.out_mbps() > 0 && self.facts.subject.instance.public_ip.is_none()
    }

    /// What the change costs until the subscription ends; negative where it returns something.
    /// Traffic is paid as it comes, pay-as-you-go by the hour.
    fn cost(&self) -> Cents {
        let instance = &self.facts.subject.instance;
        let Some(expires_at) = instance.expires_at.filter(|_| self.facts.subject.is_prepaid())
        else {
            return Cents::ZERO;
        };
        let prices = &self.facts.subject.prices;
        let present = prices.of_bandwidth(self.present_out_mbps(), instance.internet_charge_type);
        let more = prices.of_bandwidth(self.out_mbps(), self.charge_type()) - present;
        match self.window() {
            Some(window) => prices.subscription(more, window.starts_at, window.ends_at),
            None => prices.subscription(more, self.asked.now, expires_at),
        }
    }

    /// Paid at once: by AutoPay, or because there is nothing to pay.
    fn is_paid_now(&self) -> bool {
        self.cost() <= Cents::ZERO || self.asked.request.auto_pay.or(true)
    }

    fn is_downgrade(&self) -> bool {
        self.out_mbps() < self.present_out_mbps()
    }

    fn window(&self) -> Option<TemporaryBandwidth> {
        Some(TemporaryBandwidth {
            out_mbps: figure(&self.asked.request.out_mbps)?,
            starts_at: self.asked.request.starts_at.or(self.asked.now),
            ends_at: *self.asked.request.ends_at.value()?,
            regular_out_mbps: self.present_out_mbps(),
        })
    }

    fn changes(&self) -> Vec<Change> {
        let (request, instance) = (&self.asked.request, &self.facts.subject.instance);
        if let Some(window) = self.window() {
            return window.changes(&instance.id);
        }
        let out_mbps = self.out_mbps();
        // The page gives no default: what the instance has stays, and is raised to the new outbound
        // bandwidth, or 10 Mbit/s, where it is less.
        let in_mbps =
            figure(&request.in_mbps).or(instance.bandwidth_in_mbps.max(default_inbound(out_mbps)));
        let bandwidth = InstanceChange::Bandwidth {
            out_mbps,
            in_mbps: in_mbps.filter(|_| out_mbps > 0),
            internet_charge_type: self.charge_type(),
        };
        // With room for what begins the cooldown.
        let mut changes = Vec::with_capacity(3);
        changes.push(bandwidth.of(&instance.id));
        if self.needs_public_ip() {
            changes.push(InstanceChange::AllocatePublicIp.of(&instance.id));
        }
        changes
    }

    /// The order of a subscription.
    fn order(&self, id: String, changes: Vec<Change>) -> Order {
        let subject = &self.facts.subject;
        let after = Configuration {
            bandwidth_out_mbps: self.out_mbps(),
            internet_charge_type: self.charge_type(),
            ..subject.configuration()
        };
        let order =
            subject.order(ModifyInstanceNetworkSpec::ACTION, after, self.cost(), self.asked.now);
        let lapses_at = self.window().map(|window| window.ends_at).or(order.lapses_at);
        Order { id, lapses_at, changes, ..order }
    }
}

impl Operation for ModifyInstanceNetworkSpec {
    const ACTION: &'static str = "ModifyInstanceNetworkSpec";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyInstanceNetworkSpec",
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
        Request {
            instance_id: params.string("InstanceId"),
            region_id: params.string("RegionId"),
            out_mbps: params.integer("InternetMaxBandwidthOut"),
            in_mbps: params.integer("InternetMaxBandwidthIn"),
            network_charge_type: params.parse("NetworkChargeType", InternetChargeType::parse),
            allocate_public_ip: params.boolean("AllocatePublicIp"),
            starts_at: params.parse("StartTime", Timestamp::parse_minutes),
            ends_at: params.parse("EndTime", Timestamp::parse_hours),
            auto_pay: params.boolean("AutoPay"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        request.client_token.as_deref()
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.instance_id, &asked.request.region_id);
        let subject = InstanceFacts::of(world, id.as_deref(), region.as_deref());
        let zone = world.zone.get(subject.instance.zone_id.as_str());
        let without = zone.is_some_and(|zone| zone.vpc_without_public_bandwidth);
        Facts { subject, vpc_without_public_bandwidth: without }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let changed = case.facts.subject.changed(Self::ACTION, case.is_downgrade());
        let mut changes = case.changes();
        changes.push(changed);
        if !case.facts.subject.is_prepaid() {
            return Effect::new(changes, Output { order_id: None });
        }
        let order_id = ids.order();
        let order = case.order(order_id.clone(), changes);
        Effect::new(order.placed(case.is_paid_now()), Output { order_id: Some(order_id) })
    }

    fn left_behind(case: &Case<Self>, ids: &mut Ids) -> Vec<Change> {
        let subject = &case.facts.subject;
        if !subject.is_prepaid() {
            return Vec::new();
        }
        subject.failed_order(|| case.order(ids.order(), Vec::new()))
    }

    fn reply(_request: &Request, output: Output) -> Node {
        match output.order_id {
            Some(order_id) => object! { "OrderId" => order_id },
            None => Node::empty(),
        }
    }
}
