//! ModifyDiskChargeType: data disks of a subscription are paid for with it, or as they are used. What
//! comes back counts among the three refunds of the instance.

use serde::{Deserialize, Serialize};

use super::conditions::{CooldownPolicy, InstanceFacts, first_malformed, is_malformed_token};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase, common};
use crate::domain::disk::Disk;
use crate::domain::instance::ChargeType;
use crate::domain::money::{Cents, Rate};
use crate::domain::order::Order;
use crate::domain::{Change, InstanceChange, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reading;
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

/// The most disks of one call.
const MOST_DISKS: usize = 16;

pub(super) struct ModifyDiskChargeType;

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
    disk_ids: Param<Vec<String>>,
    charge_type: Param<ChargeType>,
    auto_pay: Param<bool>,
    client_token: Option<String>,
}

pub(super) struct Facts {
    region_known: bool,
    subject: InstanceFacts,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Output {
    order_id: String,
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::new(
        &row::REGION_ID_MISSING,
        |it| it.request.region_id.is_none(),
        "name the region in RegionId",
    ),
    Rule::new(
        &row::INSTANCE_ID_MISSING,
        |it| it.request.instance_id.is_none(),
        "name the instance in InstanceId",
    ),
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| !it.request.disk_ids.is_given(),
        |_| "DiskIds".to_owned(),
        "name the disks in DiskIds",
    ),
    Rule::new(
        &row::TOKEN_MALFORMED,
        |it| is_malformed_token(it.request.client_token.as_ref()),
        "send a token of at most 64 ASCII characters",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.first_malformed().is_some(),
        |it| it.first_malformed().unwrap_or_default().to_owned(),
        "DiskIds is a JSON array of 1 to 16 ids, DiskChargeType PrePaid or PostPaid",
    ),
];

const TOKEN_RULES: &[Rule<TokenCase>] =
    &[Rule::new(&row::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call")];

const STATE_RULES: &[Rule<Case<ModifyDiskChargeType>>] = &[
    Rule::new(
        &row::REGION_NOT_FOUND,
        |it| !it.facts.region_known,
        "DescribeRegions lists the regions",
    ),
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::NO_BILLING_METHOD,
        |it| !it.facts.subject.account.billing_method_chosen,
        "choose how the account pays",
    ),
    Rule::new(&row::ARREARS, |it| it.facts.subject.account.arrears, "clear the account's arrears"),
    Rule::new(
        &row::NO_PURCHASE,
        |it| !it.facts.subject.instance.purchase_recorded,
        "the records of the purchase are missing; open a ticket",
    ),
    Rule::new(
        &row::UNPAID_ORDER,
        |it| it.facts.subject.unpaid_order().is_some(),
        "pay or cancel the order",
    ),
    Rule::new(
        &row::LAST_ORDER_PROCESSING,
        |it| it.facts.subject.has_order_in_progress(),
        "wait until the order is carried out",
    ),
    Rule::new(
        &row::CHARGE_TYPE,
        |it| !it.facts.subject.is_prepaid(),
        "only disks of subscriptions are converted",
    ),
    Rule::guessed(
        &row::STATUS,
        "expired, or on its way from one status to another",
        |it| {
            let instance = &it.facts.subject.instance;
            instance.is_expired(it.asked.now) || !instance.status.is_stable()
        },
        "RenewInstance first, or wait until the instance is Running or Stopped",
    ),
    Rule::new(
        &row::DISK_NOT_FOUND,
        |it| it.disks().count() < it.disk_ids().count(),
        "name disks of the instance",
    ),
    Rule::guessed(
        &row::NOT_PORTABLE,
        "the system disk, and disks that live in the host, stay with the instance",
        |it| it.disks().any(|disk| disk.system || disk.is_local()),
        "name data disks",
    ),
    Rule::guessed(
        &row::ACTION,
        "a disk that is paid for in this way already",
        |it| it.disks().any(|disk| it.present_of(disk) == it.to()),
        "send the other DiskChargeType",
    ),
    Rule::new(
        &row::DOWNGRADE_QUOTA,
        |it| it.cost() < Cents::ZERO && it.facts.subject.instance.downgrade_refunds >= 3,
        "the instance has had its three refunds; its disks stay as they are",
    ),
    Rule::new(
        &row::COOLING_DOWN,
        |it| it.disks().any(|disk| it.cools_down(disk)),
        "wait five minutes, or advance the clock",
    ),
    Rule::new(
        &row::NOT_ENOUGH_BALANCE,
        |it| it.is_paid_now() && !it.facts.subject.account.can_pay(it.cost()),
        "top up the account and cancel the invalid order this call leaves, or send AutoPay=false",
    ),
];

impl Asked<Request> {
    fn first_malformed(&self) -> Option<&'static str> {
        let request = &self.request;
        let fits = |ids: &Vec<String>| (1..=MOST_DISKS).contains(&ids.len());
        first_malformed(&[
            ("DiskIds", request.disk_ids.violates(fits)),
            ("DiskChargeType", request.charge_type.is_malformed()),
            ("AutoPay", request.auto_pay.is_malformed()),
        ])
    }
}

impl Case<ModifyDiskChargeType> {
    fn to(&self) -> ChargeType {
        self.asked.request.charge_type.or(ChargeType::PrePaid)
    }

    fn disk_ids(&self) -> impl Iterator<Item = &String> {
        self.asked.request.disk_ids.value().into_iter().flatten()
    }

    /// Those of the disks that the instance has.
    fn disks(&self) -> impl Iterator<Item = &Disk> {
        let own = &self.facts.subject.instance.hardware.disks;
        self.disk_ids().filter_map(|id| own.iter().find(|disk| disk.id == *id))
    }

    fn present_of(&self, disk: &Disk) -> ChargeType {
        disk.paid_as(self.facts.subject.instance.charge_type)
    }

    /// What the disks cost until the subscription ends; negative for what comes back.
    fn cost(&self) -> Cents {
        let (subject, now) = (&self.facts.subject, self.asked.now);
        let rate: Rate = self.disks().map(|disk| subject.prices.of_disk(disk)).sum();
        let ends_at = subject.instance.expires_at.unwrap_or(now);
        let worth = subject.prices.subscription(rate, now, ends_at);
        match self.to() {
            ChargeType::PrePaid => worth,
            ChargeType::PostPaid => -worth,
        }
    }

    fn is_paid_now(&self) -> bool {
        self.cost() <= Cents::ZERO || self.asked.request.auto_pay.or(true)
    }

    /// The cooldown is each disk's own.
    fn cooldown_of(disk: &Disk) -> String {
        format!("{} {}", ModifyDiskChargeType::ACTION, disk.id)
    }

    fn cools_down(&self, disk: &Disk) -> bool {
        let key = Self::cooldown_of(disk);
        self.facts.subject.cools_down(&key, CooldownPolicy::ANY, self.asked.now)
    }

    fn order(&self, id: String) -> Order {
        let subject = &self.facts.subject;
        let changes = self.disks().flat_map(|disk| -> [Change; 2] {
            let (disk_id, to) = (disk.id.to_string(), self.to());
            let converted = InstanceChange::DiskChargeType { disk_id, to };
            let is_downgrade = to == ChargeType::PostPaid;
            let changed = subject.changed(&Self::cooldown_of(disk), is_downgrade);
            [converted.of(&subject.instance.id), changed]
        });
        let (after, action) = (subject.configuration(), ModifyDiskChargeType::ACTION);
        let changes = changes.collect();
        Order { id, changes, ..subject.order(action, after, self.cost(), self.asked.now) }
    }
}

impl Operation for ModifyDiskChargeType {
    const ACTION: &'static str = "ModifyDiskChargeType";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyDiskChargeType",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
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
            disk_ids: params.parse("DiskIds", reading::list),
            charge_type: params.parse("DiskChargeType", ChargeType::parse),
            auto_pay: params.boolean("AutoPay"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        request.client_token.as_deref()
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let (id, region) = (&asked.request.instance_id, asked.request.region_id.as_deref());
        Facts {
            region_known: region.is_some_and(|id| world.region.contains_key(id)),
            subject: InstanceFacts::of(world, id.as_deref(), region),
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

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "ModifyDiskChargeType";
        pages: {}
        rows: {}
        beside: {
            REGION_ID_MISSING: 400 "MissingParameter.RegionId"
                "RegionId should not be null."
                source "page of ModifyDiskChargeType, 2021";
            INSTANCE_ID_MISSING: 400 "MissingParameter.InstanceIdNotSupported"
                "InstanceId should not be null."
                source "page of ModifyDiskChargeType, 2021";
            TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
                "The ClientToken provided is invalid."
                source "page of ModifyDiskChargeType, 2021";
            TOKEN_MISMATCH: 400 "Idempotence.SignatureMismatch"
                "There is a idempotence signature mismatch between this and last request."
                source "page of ModifyDiskChargeType, 2021";
            REGION_NOT_FOUND: 404 "InvalidRegionId.NotFound"
                "The RegionId provided does not exist."
                source "page of ModifyDiskChargeType, 2021";
            NOT_FOUND: 400 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "page of ModifyDiskChargeType, 2021";
            NO_BILLING_METHOD: 404 "PaymentMethodNotFound"
                "No billing method has been registered on the account."
                source "page of ModifyDiskChargeType, 2021";
            ARREARS: 400 "Account.Arrearage"
                "Your account has been in arrears."
                source "page of ModifyDiskChargeType, 2021";
            NO_PURCHASE: 400 "InvalidInstance.PurchaseNotFound"
                "The specified Instance has no purchase."
                source "page of ModifyDiskChargeType, 2021";
            UNPAID_ORDER: 400 "InvalidInstance.UnPaidOrder"
                "The specified Instance has unpaid order."
                source "page of ModifyDiskChargeType, 2021";
            LAST_ORDER_PROCESSING: 400 "LastOrderProcessing"
                "The previous order is still processing, please try again later."
                source "page of ModifyDiskChargeType, 2021";
            CHARGE_TYPE: 400 "ChargeTypeViolation"
                "The operation is not permitted due to charge type of the instance."
                source "page of ModifyDiskChargeType, 2021";
            STATUS: 404 "InvalidInstanceStatus.NotSupported"
                "The status of the specified instance is invalid."
                source "page of ModifyDiskChargeType, 2021";
            DISK_NOT_FOUND: 404 "InvalidDiskIds.NotFound"
                "Some of the specified data disks do not exist."
                source "page of ModifyDiskChargeType, 2021";
            NOT_PORTABLE: 404 "InvalidDiskIds.NotPortable"
                "The specified DiskId is not portable."
                source "page of ModifyDiskChargeType, 2021";
            ACTION: 404 "InvalidAction.NotSupported"
                "The specified action is not supported."
                source "page of ModifyDiskChargeType, 2021";
            DOWNGRADE_QUOTA: 400 "InstanceDowngrade.QuotaExceed"
                "Quota of instance downgrade is exceed."
                source "page of ModifyDiskChargeType, 2021";
            COOLING_DOWN: 400 "Throttling"
                "Request was denied due to request throttling, please try again after 5 minutes."
                source "page of ModifyDiskChargeType, 2021";
            NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance"
                "Your account does not have enough balance."
                source "page of ModifyDiskChargeType, 2021";
            ORDER_CREATION: 400 "OrderCreationFailed"
                "Create Order failed, please check your parameters and try it later."
                source "page of ModifyDiskChargeType, 2021"
                injected "nothing a caller can do causes it";
            INTERNAL: 500 "InternalError"
                "The request processing has failed due to some unknown error."
                source "page of ModifyDiskChargeType, 2021"
                injected "nothing a caller can do causes it";
        }
    }
}
