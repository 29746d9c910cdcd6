//! RenewInstance: another period for a subscription, paid at once. An expired one is unlocked, and
//! runs again if it ran before.

use serde::{Deserialize, Serialize};

use super::conditions::{InstanceFacts, figure, is_malformed_token};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase, common};
use crate::domain::instance::Lock;
use crate::domain::money::{Cents, Rate};
use crate::domain::order::{Configuration, Order, OrderKind, OrderState};
use crate::domain::period::{Period, PeriodUnit};
use crate::domain::{Change, InstanceChange, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

/// The furthest end of a subscription, counted from the call.
const FURTHEST_MONTHS: u32 = 120;

pub(super) struct RenewInstance;

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
    period: Param<i32>,
    unit: Param<PeriodUnit>,
    client_token: Option<String>,
}

impl Request {
    fn unit(&self) -> PeriodUnit {
        self.unit.or(PeriodUnit::default())
    }

    fn period(&self) -> Period {
        Period { count: figure(&self.period).unwrap_or(1), unit: self.unit() }
    }

    /// Ten and eleven months can be renewed, not bought.
    fn sells(&self, count: i32) -> bool {
        let by_month = self.unit() == PeriodUnit::Month && matches!(count, 10 | 11);
        by_month || u32::try_from(count).is_ok_and(|count| self.unit().sells(count))
    }
}

pub(super) struct Facts {
    subject: InstanceFacts,
    /// What the instance costs.
    rate: Rate,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    order_id: String,
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.instance_id.is_none() || !it.request.period.is_given(),
        |it| match it.request.instance_id {
            None => "InstanceId".to_owned(),
            Some(_) => "Period".to_owned(),
        },
        "send InstanceId and Period",
    ),
    Rule::new(
        &row::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::new(&row::PERIOD_UNIT, |it| it.request.unit.is_malformed(), "send Week, Month or Year"),
    Rule::new(
        &row::PERIOD,
        |it| it.request.period.violates(|count| it.request.sells(*count)),
        "send 1 to 12, 24, 36, 48 or 60 months, 1 to 4 weeks, or 1 to 5 years",
    ),
];

const TOKEN_RULES: &[Rule<TokenCase>] =
    &[Rule::new(&row::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call")];

const STATE_RULES: &[Rule<Case<RenewInstance>>] = &[
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(&row::ARREARS, |it| it.facts.subject.account.arrears, "clear the account's arrears"),
    Rule::new(
        &row::SECURITY_LOCK,
        |it| it.facts.subject.instance.is_locked_for(Lock::Security),
        "clear the security lock",
    ),
    Rule::new(
        &row::UNPAID_ORDER,
        |it| it.facts.subject.unpaid_order().is_some(),
        "pay or cancel the order",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| !it.facts.subject.is_prepaid(),
        "only subscriptions are renewed; ModifyInstanceChargeType makes one",
    ),
    Rule::guessed(
        &row::UPGRADING,
        "an order for another configuration is being carried out",
        |it| it.is_carrying_out(|kind| matches!(kind, OrderKind::Upgrade | OrderKind::Downgrade)),
        "wait until the change is complete",
    ),
    Rule::new(
        &row::LAST_ORDER_PROCESSING,
        |it| it.is_carrying_out(|_| true),
        "wait until the order is carried out",
    ),
    Rule::new(
        &row::STATUS,
        |it| !it.facts.subject.instance.status.is_stable(),
        "wait until the instance is Running or Stopped",
    ),
    Rule::new(
        &row::NOT_EFFECTIVE,
        |it| !it.facts.subject.instance.next_period_type.is_empty(),
        "wait until the change that the last renewal bought takes effect",
    ),
    Rule::new(
        &row::STARTER_PACKAGE,
        |it| {
            let by_year = it.asked.request.unit() == PeriodUnit::Year;
            by_year && it.facts.subject.instance.starter_package
        },
        "send PeriodUnit=Month",
    ),
    Rule::guessed(
        &row::FURTHEST,
        "the new end lies more than ten years ahead",
        |it| it.ends_at() > it.asked.now.plus_months(FURTHEST_MONTHS),
        "send a shorter period",
    ),
    Rule::new(
        &row::NOT_ENOUGH_BALANCE,
        |it| !it.facts.subject.account.can_pay(it.cost()),
        "top up the account, and cancel the invalid order this call leaves",
    ),
];

impl Case<RenewInstance> {
    fn ends_at(&self) -> Timestamp {
        self.facts.subject.instance.renewed_until(self.asked.request.period(), self.asked.now)
    }

    fn cost(&self) -> Cents {
        let subject = &self.facts.subject;
        let present_end = subject.instance.expires_at.unwrap_or(self.asked.now);
        subject.prices.subscription(self.facts.rate, present_end, self.ends_at())
    }

    fn is_carrying_out(&self, of: impl Fn(OrderKind) -> bool) -> bool {
        let mut orders = self.facts.subject.open_orders.iter();
        orders.any(|order| order.state == OrderState::Processing && of(order.kind))
    }

    fn order(&self, id: String) -> Order {
        let subject = &self.facts.subject;
        let after = Configuration { expires_at: Some(self.ends_at()), ..subject.configuration() };
        let renewed = InstanceChange::Renew(self.asked.request.period()).of(&subject.instance.id);
        Order {
            id,
            kind: OrderKind::Renew,
            changes: vec![renewed],
            ..subject.order(RenewInstance::ACTION, after, self.cost(), self.asked.now)
        }
    }
}

impl Operation for RenewInstance {
    const ACTION: &'static str = "RenewInstance";
    const PERMISSIONS: &'static [Permission] =
        &[Permission::on("ecs:RenewInstance", "acs:ecs:{region}:{account}:instance/{InstanceId}")];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;
    const PAYMENT_ROW: Option<&'static Row> = Some(&row::NOT_ENOUGH_BALANCE);

    type Request = Request;
    type Facts = Facts;
    type Output = Output;

    fn parse(params: &Params) -> Request {
        Request {
            instance_id: params.string("InstanceId"),
            region_id: params.string("RegionId"),
            period: params.integer("Period"),
            unit: params.parse("PeriodUnit", PeriodUnit::parse),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        request.client_token.as_deref()
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.instance_id, &asked.request.region_id);
        let subject = InstanceFacts::of(world, id.as_deref(), region.as_deref());
        Facts { rate: world.rate_of(&subject.instance), subject }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Output> {
        let order_id = ids.order();
        Effect::new(case.order(order_id.clone()).placed(true), Output { order_id })
    }

    fn left_behind(case: &Case<Self>, ids: &mut Ids) -> Vec<Change> {
        case.facts.subject.failed_order(|| case.order(ids.order()))
    }

    fn reply(_request: &Request, output: Output) -> Node {
        object! { "OrderId" => output.order_id }
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "RenewInstance";
        pages: {}
        rows: {}
        beside: {
            TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
                "The ClientToken provided is invalid."
                source "page of RenewInstance, 2019 to 2021";
            TOKEN_MISMATCH: 400 "IdempotenceParamNotMatch"
                "Request uses a client token in a previous request but is not identical to that request."
                source "page of RenewInstance, 2019 to 2021";
            PERIOD_UNIT: 400 "InvalidPeriodUnit.ValueNotSupported"
                "The specified parameter PeriodUnit is not valid."
                source "page of RenewInstance, 2019 to 2021";
            PERIOD: 400 "InvalidPeriod"
                "The specified period is not valid."
                source "page of RenewInstance, 2019 to 2021";
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "page of RenewInstance, 2019 to 2021";
            ARREARS: 400 "Account.Arrearage"
                "Your account has an outstanding payment."
                source "the pages of the sibling operations; that nothing is renewed in arrears: overdue payments, 2023";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "page of RenewInstance, 2019 to 2021";
            UNPAID_ORDER: 403 "Instance.UnPaidOrder"
                "The specified instance has unpaid order."
                source "page of RenewInstance, 2019 to 2021";
            CHARGE_TYPE: 403 "ChargeTypeViolation"
                "The operation is not permitted due to charge type of the instance."
                source "page of RenewInstance, 2019 to 2021";
            UPGRADING: 400 "InvalidStatus.Upgrading"
                "The instance is upgrading; please try again later."
                source "page of RenewInstance, 2019 to 2021";
            LAST_ORDER_PROCESSING: 400 "LastOrderProcessing"
                "The previous order is still processing, please try again later."
                source "page of RenewInstance, 2019 to 2021";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "page of RenewInstance, 2019 to 2021";
            NOT_EFFECTIVE: 403 "InstanceSpecModification.NotEffective"
                "The specified instance has been reserved for making a spec modification and not taken effective in the current contract period."
                source "page of RenewInstance, 2019 to 2021";
            STARTER_PACKAGE: 403 "InvalidPeriod.StarterPackage"
                "This instance was created by using a Starter Package plan and can only be renewed monthly, not yearly."
                source "page of RenewInstance, 2019 to 2021";
            FURTHEST: 400 "InvalidPeriod.ExceededMaximumExpirationDate"
                "The specified renewal period cannot exceed the maximum expiration date. We recommend you try shortening the renewal period at next attempt."
                source "page of RenewInstance, 2019 to 2021";
            NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance"
                "Your account does not have enough balance."
                source "the pages of the sibling operations";
            INTERNAL: 500 "InternalError"
                "The request processing has failed due to some unknown error."
                source "page of RenewInstance, 2019 to 2021"
                injected "nothing a caller can do causes it";
        }
    }
}
