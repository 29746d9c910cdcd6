//! ModifyInstanceChargeType: subscriptions become pay-as-you-go and the other way round, through
//! orders that take some seconds to be carried out. When it is refused is in `rules.rs`, with which
//! words in `rows.rs`.

mod rows;
mod rules;

use serde::{Deserialize, Serialize};

use super::conditions::{InstanceFacts, bandwidth_of_others, figure};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase};
use crate::domain::instance::ChargeType;
use crate::domain::money::{Cents, Rate};
use crate::domain::network::InternetChargeType;
use crate::domain::order::{Configuration, Order, OrderKind};
use crate::domain::period::{Period, PeriodUnit};
use crate::domain::time::Span;
use crate::domain::{Change, InstanceChange, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reading;
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct ModifyInstanceChargeType;

pub(super) struct Request {
    instance_ids: Param<Vec<String>>,
    region_id: Option<String>,
    charge_type: Param<ChargeType>,
    period: Param<i32>,
    unit: Param<PeriodUnit>,
    includes_data_disks: Param<bool>,
    auto_pay: Param<bool>,
    tells_fees: Param<bool>,
    dry_run: Param<bool>,
    client_token: Option<String>,
}

impl Request {
    fn to(&self) -> ChargeType {
        self.charge_type.or(ChargeType::PrePaid)
    }

    fn period(&self) -> Period {
        let unit = self.unit.or(PeriodUnit::default());
        Period { count: figure(&self.period).unwrap_or(1), unit }
    }
}

/// One of the instances, with what it costs or returns.
pub(super) struct Subject {
    of: InstanceFacts,
    /// What it costs.
    rate: Rate,
    /// What its data disks cost.
    data_rate: Rate,
    /// Bandwidth paid by bandwidth of the region's other pay-as-you-go instances, Mbit/s.
    bandwidth_of_others_mbps: u32,
    /// vCPUs of its type.
    vcpus: u32,
    /// Its type is not sold any more.
    has_retired_type: bool,
}

impl Subject {
    /// As pay-as-you-go its bandwidth would be more than the account may have in the region.
    fn exceeds_bandwidth_quota(&self) -> bool {
        let (instance, account) = (&self.of.instance, &self.of.account);
        let all_mbps = self.bandwidth_of_others_mbps.saturating_add(instance.bandwidth_out_mbps);
        instance.internet_charge_type == InternetChargeType::PayByBandwidth
            && all_mbps > account.bandwidth_quota_mbps
    }
}

pub(super) struct Facts {
    region_known: bool,
    subjects: Vec<Subject>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Fee {
    instance_id: String,
    cents: Cents,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    order_id: String,
    fees: Vec<Fee>,
}

impl Case<ModifyInstanceChargeType> {
    fn to(&self) -> ChargeType {
        self.asked.request.to()
    }

    /// Data disks become part of the subscription.
    fn takes_data_disks(&self) -> bool {
        self.asked.request.includes_data_disks.or(false)
    }

    /// End of the subscription that is bought.
    fn ends_at(&self) -> Timestamp {
        self.asked.request.period().after(self.asked.now)
    }

    /// What one instance costs for its first period; negative for what is left of the last one.
    fn cost_of(&self, one: &Subject) -> Cents {
        let (prices, now) = (&one.of.prices, self.asked.now);
        match self.to() {
            ChargeType::PrePaid => {
                let left_out =
                    if self.takes_data_disks() { Rate::default() } else { one.data_rate };
                prices.subscription(one.rate - left_out, now, self.ends_at())
            }
            ChargeType::PostPaid => {
                let ends_at = one.of.instance.expires_at.unwrap_or(now);
                -prices.subscription(one.rate, now, ends_at)
            }
        }
    }

    fn cost(&self) -> Cents {
        self.facts.subjects.iter().map(|one| self.cost_of(one)).sum()
    }

    /// vCPUs times the hours left of what is given back, begun hours included.
    fn vcpu_hours_of(&self, one: &Subject) -> u32 {
        let left = one.of.instance.expires_at.map(|end| end.since(self.asked.now));
        let hours = left.unwrap_or_default().0.div_euclid(Span::hours(1).0) + 1;
        u32::try_from(hours).unwrap_or(u32::MAX).saturating_mul(one.vcpus)
    }

    fn vcpu_hours(&self) -> u32 {
        let hours = self.facts.subjects.iter().map(|one| self.vcpu_hours_of(one));
        hours.fold(0, u32::saturating_add)
    }

    fn is_paid_now(&self) -> bool {
        self.cost() <= Cents::ZERO || self.asked.request.auto_pay.or(true)
    }

    fn order_of(&self, one: &Subject, id: String) -> Order {
        let instance_id = &one.of.instance.id;
        let (expires_at, converted) = match self.to() {
            ChargeType::PrePaid => {
                let (period, with_data_disks) =
                    (self.asked.request.period(), self.takes_data_disks());
                (Some(self.ends_at()), InstanceChange::Subscribe { period, with_data_disks })
            }
            ChargeType::PostPaid => (None, InstanceChange::PayAsYouGo),
        };
        let after = Configuration { charge_type: self.to(), expires_at, ..one.of.configuration() };
        let delay = one.of.settings.charge_type_change;
        let changed = one.of.changed(ModifyInstanceChargeType::ACTION, false);
        let shown = Change::After { delay, changes: vec![converted.of(instance_id)] };
        Order {
            id,
            kind: OrderKind::Convert,
            takes: delay,
            changes: vec![changed, shown],
            ..one.of.order(
                ModifyInstanceChargeType::ACTION,
                after,
                self.cost_of(one),
                self.asked.now,
            )
        }
    }
}

impl Operation for ModifyInstanceChargeType {
    const ACTION: &'static str = "ModifyInstanceChargeType";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyInstanceChargeType",
        "acs:ecs:{region}:{account}:instance/{InstanceIds}",
    )];
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
            instance_ids: params.parse("InstanceIds", reading::list),
            region_id: params.string("RegionId"),
            charge_type: params.parse("InstanceChargeType", ChargeType::parse),
            period: params.integer("Period"),
            unit: params.parse("PeriodUnit", PeriodUnit::parse),
            includes_data_disks: params.boolean("IncludeDataDisks"),
            auto_pay: params.boolean("AutoPay"),
            tells_fees: params.boolean("IsDetailFee"),
            dry_run: params.boolean("DryRun"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        // A dry run neither stores nor consumes a token.
        request.client_token.as_deref().filter(|_| !request.dry_run.or(false))
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let region_id = asked.request.region_id.as_deref();
        let subject = |id: &String| {
            let of = InstanceFacts::of(world, Some(id), region_id);
            let instance_type = world.find_type(&of.instance.instance_type);
            let disks = of.instance.hardware.disks.iter();
            Subject {
                rate: world.rate_of(&of.instance),
                data_rate: disks.map(|disk| of.prices.of_disk(disk)).sum(),
                bandwidth_of_others_mbps: bandwidth_of_others(world, &of.instance),
                vcpus: instance_type.map_or(0, |one| one.vcpus),
                has_retired_type: instance_type.is_some_and(|one| one.retired),
                of,
            }
        };
        let ids = asked.request.instance_ids.value();
        Facts {
            region_known: region_id.is_some_and(|id| world.region.contains_key(id)),
            subjects: ids.into_iter().flatten().map(subject).collect(),
        }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let mut output = Output { order_id: String::new(), fees: Vec::new() };
        let mut changes = Vec::new();
        for one in &case.facts.subjects {
            // Each instance has an order of its own; the reply has room for the first one.
            let order = case.order_of(one, ids.order());
            if output.order_id.is_empty() {
                output.order_id.clone_from(&order.id);
            }
            let (instance_id, cents) = (order.instance_id.clone(), order.amount_cents);
            output.fees.push(Fee { instance_id, cents });
            changes.extend(order.placed(case.is_paid_now()));
        }
        if case.to() == ChargeType::PostPaid {
            changes.push(Change::VcpuHoursGivenBack { vcpu_hours: case.vcpu_hours() });
        }
        Effect::new(changes, output)
    }

    fn left_behind(case: &Case<Self>, ids: &mut Ids) -> Vec<Change> {
        let failed = |one: &Subject| one.of.failed_order(|| case.order_of(one, ids.order()));
        case.facts.subjects.iter().flat_map(failed).collect()
    }

    fn reply(request: &Request, output: Output) -> Node {
        let fee = |fee: &Fee| {
            object! {
                "InstanceId" => &fee.instance_id,
                "Fee" => yuan(fee.cents),
                "Currency" => "CNY",
            }
        };
        let told = output.fees.iter().filter(|_| request.tells_fees.or(false));
        object! {
            "OrderId" => output.order_id,
            "FeeOfInstances" => Node::List("FeeOfInstance", told.map(fee).collect()),
        }
    }
}

/// Cents as the wire writes an amount: `12.34`.
fn yuan(cents: Cents) -> String {
    let sign = if cents.0 < 0 { "-" } else { "" };
    let cents = cents.0.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_have_two_digits_behind_the_point() {
        assert_eq!(yuan(Cents(1234)), "12.34");
        assert_eq!(yuan(Cents(-5)), "-0.05");
    }
}
