//! A second reading of the documentation: a slow, obvious model of the three operations that change an
//! instance, written from the published pages and the decision records before a look at `src`. Where these are
//! silent it follows the emulator. It shares nothing with the crate. The pages in force are the newest:
//! ModifyInstanceSpec of 2026-06-26, ModifyInstanceNetworkSpec of 2019-06-03, ModifyPrepayInstanceSpec of
//! 2020-09-23.
//!
//! Here: what there is. `spec.rs`, `network.rs`, `prepay.rs`: the operations. `life.rs`: what happens by
//! itself, and what is done in the console. `calls.rs`: the calls. `generate.rs`: random worlds and calls.
//! `outcomes.rs`: what the comparison has to meet.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

pub mod calls;
pub mod catalogue;
pub mod generate;
mod life;
pub mod moment;
mod money;
mod network;
pub mod outcomes;
mod prepay;
mod spec;

use std::collections::BTreeMap;

use calls::Deed;
use moment::{HOUR, MINUTE, Moment};

/// How long nothing else is changed after a change.
const COOLDOWN: i64 = 5 * MINUTE;
/// How often a subscription gets money back for less.
const MOST_REFUNDS: u32 = 3;
/// How long a token is remembered.
const TOKEN_LIFE: i64 = 24 * HOUR;

/// What a call is answered: the status, and the code of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answer {
    pub status: u16,
    pub code: String,
}

pub fn refuse(status: u16, code: &str) -> Answer {
    Answer { status, code: code.to_owned() }
}

pub fn accept() -> Answer {
    refuse(200, "")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Starting,
    Running,
    Stopping,
    Stopped,
}

/// How public bandwidth is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayBy {
    Traffic,
    Bandwidth,
}

/// A span of other bandwidth.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub out: i64,
    pub start: Moment,
    pub end: Moment,
    pub has_begun: bool,
}

/// A type on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Coming {
    pub kind: &'static str,
    pub order: Option<usize>,
    pub reboot: Reboot,
    /// When the type before comes back.
    pub until: Option<Moment>,
    /// The cluster its place is in.
    pub cluster: &'static str,
}

/// What will happen to an instance by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It gets from Starting to Running, or from Stopping to Stopped.
    Arrives,
    TypeShows(Coming),
    /// A type that is had for a time gives way to the one before.
    TypeReturns {
        from: &'static str,
        to: &'static str,
    },
    Reboots,
}

/// An event, its moment, and its number among all that were agreed on: the first comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    pub at: Moment,
    pub number: u64,
    pub event: Event,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reboot {
    ByHand,
    WhenFinished,
    At(Moment),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    pub id: String,
    pub status: Status,
    pub due: Vec<Due>,
    pub is_prepaid: bool,
    pub expires_at: Moment,
    /// The subscription has ended, and with it the instance.
    pub is_expired: bool,
    pub kind: &'static str,
    /// What the guest runs on.
    pub guest_kind: &'static str,
    /// The place set aside for the way back from a type for a time: type and cluster.
    pub kept_place: Option<(&'static str, &'static str)>,
    pub cluster: &'static str,
    /// Outbound bandwidth outside any window, Mbit/s.
    pub out: i64,
    /// None without public bandwidth.
    pub inward: Option<i64>,
    pub pay_by: PayBy,
    pub has_public_ip: bool,
    pub has_eip: bool,
    pub window: Option<Window>,
    pub refunds: u32,
    /// When an operation last changed it in a way that makes it rest.
    pub rests_since: BTreeMap<&'static str, Moment>,
    pub traits: Traits,
}

/// What an instance may be that stands in the way of some changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Traits {
    pub is_classic: bool,
    pub is_locked: bool,
    pub is_spot: bool,
    pub is_weekly: bool,
    pub is_starter_package: bool,
    pub is_on_dedicated_host: bool,
    pub is_hibernating: bool,
    pub is_in_chosen_pool: bool,
    pub has_local_disk: bool,
    pub has_ultra_disk: bool,
    pub has_nat_port_map: bool,
    pub has_no_purchase: bool,
    pub has_next_period_type: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderState {
    Unpaid,
    Processing,
    Completed,
    Cancelled,
    Invalid,
}

/// What an order brings once it is paid.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Something the histories begin with; it changes nothing.
    Renewal,
    Bandwidth(network::Wish),
    Type(prepay::Wish),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub instance: String,
    pub wish: Wish,
    pub state: OrderState,
    pub amount: i64,
    pub from_coupons: i64,
    /// From when on there is nothing left to pay for.
    pub lapses_at: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    pub balance: i64,
    pub coupons: i64,
    pub credit: i64,
    pub in_arrears: bool,
    pub has_no_billing_method: bool,
    pub has_risky_card: bool,
    pub may_not_downgrade: bool,
    pub sees_no_prices: bool,
    pub is_denied_post_paid: bool,
    pub denied_kind: Option<&'static str>,
    pub hidden_kind: Option<&'static str>,
    /// A type, and how many of it the account may have.
    pub quota: Option<(&'static str, usize)>,
    pub bandwidth_limit: Option<i64>,
    pub bandwidth_quota: Option<i64>,
}

/// A token, and what it stands for.
#[derive(Debug, Clone, PartialEq)]
struct Remembered {
    operation: &'static str,
    region: Option<&'static str>,
    token: String,
    call: Deed,
    busy_until: Moment,
    until: Moment,
}

/// Everything there is.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub now: Moment,
    pub account: Account,
    pub instances: Vec<Instance>,
    pub orders: Vec<Order>,
    /// What is left of the types that can run out, by type and cluster.
    pub stock: BTreeMap<(&'static str, &'static str), i64>,
    pub unsold_kind: Option<&'static str>,
    pub public_ips_left: Option<i64>,
    pub is_dedicated_region: bool,
    pub vpc_has_no_public_bandwidth: bool,
    tokens: Vec<Remembered>,
    /// How many events have been agreed on.
    agreed: u64,
}

impl Model {
    pub fn new(account: Account, instances: Vec<Instance>) -> Self {
        Self {
            now: moment::BEGINNING,
            account,
            instances,
            orders: Vec::new(),
            stock: BTreeMap::new(),
            unsold_kind: None,
            public_ips_left: None,
            is_dedicated_region: false,
            vpc_has_no_public_bandwidth: false,
            tokens: Vec::new(),
            agreed: 0,
        }
    }

    /// Lets a deed happen; the answer of a call.
    pub fn take(&mut self, deed: &Deed) -> Answer {
        match deed {
            Deed::Spec(call) => self.modify_spec(call),
            Deed::Network(call) => self.modify_network(call),
            Deed::Prepay(call) => self.modify_prepay(call),
            Deed::Start(id) => self.start(id),
            Deed::Stop { instance, force } => self.stop(instance, *force),
            Deed::Reboot(id) => self.reboot(id),
            Deed::Associate(id) => self.associate(id),
            Deed::Unassociate(id) => self.unassociate(id),
            Deed::Wait(span) => self.wait(*span),
            Deed::Pay => self.pay(),
            Deed::Cancel => self.cancel(),
            Deed::TopUp(cents) => self.top_up(*cents),
        }
    }

    /// The instance of a call, if it is there and in the region the call names.
    fn find(&self, id: Option<&str>, region: Option<&str>) -> Option<usize> {
        if region.is_some_and(|region| region != "cn-hangzhou") {
            return None;
        }
        self.instances.iter().position(|one| Some(one.id.as_str()) == id)
    }

    /// Has the account this very call behind it, or another one under the same token?
    fn token_answer(
        &self,
        operation: &'static str,
        token: Option<&str>,
        call: &Deed,
    ) -> Option<Answer> {
        let (token, region) = (token.filter(|token| !token.is_empty())?, call.region());
        let known = self.tokens.iter().rev().find(|it| {
            let is_it = it.operation == operation && it.region == region && it.token == token;
            is_it && self.now < it.until
        })?;
        if known.call != *call {
            return Some(refuse(400, "IdempotenceParamNotMatch"));
        }
        if self.now < known.busy_until {
            return Some(refuse(403, "LastTokenProcessing"));
        }
        Some(accept())
    }

    fn remember(
        &mut self,
        operation: &'static str,
        token: Option<&str>,
        call: Deed,
        busy_until: Moment,
    ) {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return };
        let (token, region) = (token.to_owned(), call.region());
        let until = self.now + TOKEN_LIFE;
        self.tokens.push(Remembered { operation, region, token, call, busy_until, until });
    }

    /// Is there one of the type for the instance, and in which cluster?
    fn place_for(&self, instance: &Instance, kind: &'static str, may_move: bool) -> Place {
        if instance.kind == kind {
            return Place::In(instance.cluster);
        }
        let at_home = self.stock.get(&(kind, instance.cluster));
        let Some(at_home) = at_home else { return Place::In(instance.cluster) };
        if *at_home > 0 {
            return Place::In(instance.cluster);
        }
        let elsewhere = self.stock.iter().find(|((one, _), left)| *one == kind && **left > 0);
        match elsewhere {
            None => Place::Nowhere,
            Some(((_, cluster), _)) if may_move => Place::In(cluster),
            Some(_) => Place::Elsewhere,
        }
    }

    fn take_place(&mut self, kind: &'static str, cluster: &'static str) {
        if let Some(left) = self.stock.get_mut(&(kind, cluster)) {
            *left -= 1;
        }
    }

    fn give_place_back(&mut self, kind: &'static str, cluster: &'static str) {
        if let Some(left) = self.stock.get_mut(&(kind, cluster)) {
            *left += 1;
        }
    }
}

/// Where a type can be had.
enum Place {
    In(&'static str),
    /// In another cluster of the zone only.
    Elsewhere,
    Nowhere,
}

impl Instance {
    /// Does the instance rest from a change by this operation?
    fn rests(&self, operation: &'static str, now: Moment) -> bool {
        self.rests_since.get(operation).is_some_and(|since| now < since + COOLDOWN)
    }

    fn family(&self) -> &'static str {
        catalogue::find(self.kind).unwrap().family
    }

    /// The bandwidth it has at the moment.
    pub fn out_now(&self) -> i64 {
        match &self.window {
            // A window never lowers bandwidth.
            Some(window) if window.has_begun => window.out.max(self.out),
            _ => self.out,
        }
    }
}

/// May this text be a token? At most 64 ASCII characters.
fn is_token(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.len() <= 64 && text.is_ascii())
}
