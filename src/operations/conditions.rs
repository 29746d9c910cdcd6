//! Conditions that several operations share. They speak of the domain and name no row: each
//! operation has its own row for the same wish.

use crate::domain::account::Account;
use crate::domain::change::{Change, DiskCategory, InstanceChange};
use crate::domain::fields;
use crate::domain::instance::{Instance, LastChange};
use crate::domain::money::{Cents, Prices};
use crate::domain::network::Eip;
use crate::domain::order::{Configuration, Order, OrderKind, OrderState};
use crate::domain::region::Region;
use crate::domain::settings::{Cooldown, CooldownScope, FailedPayment, Settings};
use crate::domain::{Shared, Timestamp, World};
use crate::param::Param;

/// The most characters of a ClientToken.
const TOKEN_LENGTH: usize = 64;

/// Not up to 64 ASCII characters.
pub(super) fn is_malformed_token(token: Option<&String>) -> bool {
    token.is_some_and(|token| token.len() > TOKEN_LENGTH || !token.is_ascii())
}

/// Not of the shape of an instance id. Stars stand in the ids of the documentation's samples.
pub(super) fn is_malformed_instance_id(id: &str) -> bool {
    let tail = id.strip_prefix("i-").unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*');
    tail.is_empty() || tail.len() > 60 || !tail.bytes().all(allowed)
}

/// Not 2 to 128 characters that begin with a letter and are letters, digits and `:_.-`; the brackets
/// and commas belong to names that count.
pub(super) fn is_malformed_name(name: Option<&String>) -> bool {
    name.is_some_and(|name| {
        let allowed = |c: char| c.is_alphanumeric() || ":_.-[],".contains(c);
        let begins_well = name.starts_with(char::is_alphabetic) && !is_link(name);
        !(2..=128).contains(&name.chars().count()) || !begins_well || !name.chars().all(allowed)
    })
}

/// Not 2 to 256 characters that are no link.
pub(super) fn is_malformed_description(text: Option<&String>) -> bool {
    text.is_some_and(|text| !(2..=256).contains(&text.chars().count()) || is_link(text))
}

fn is_link(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Not 2 to 64 letters, digits, dots and hyphens, or with two of the latter side by side or at an end.
pub(super) fn is_malformed_host_name(name: Option<&String>) -> bool {
    name.is_some_and(|name| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-[],".contains(&byte);
        let is_mark = |byte: u8| matches!(byte, b'.' | b'-');
        let bytes = name.as_bytes();
        let ends_in_mark = bytes.first().is_some_and(|byte| is_mark(*byte))
            || bytes.last().is_some_and(|byte| is_mark(*byte));
        let doubles = bytes.windows(2).any(|pair| is_mark(pair[0]) && is_mark(pair[1]));
        !(2..=64).contains(&bytes.len())
            || ends_in_mark
            || doubles
            || !bytes.iter().all(|b| allowed(*b))
    })
}

/// Not 8 to 30 printable ASCII characters of at least three of the four kinds.
pub(super) fn is_malformed_password(password: Option<&String>) -> bool {
    password.is_some_and(|password| {
        let has = |kind: fn(&u8) -> bool| u8::from(password.as_bytes().iter().any(kind));
        let kinds = has(u8::is_ascii_uppercase)
            + has(u8::is_ascii_lowercase)
            + has(u8::is_ascii_digit)
            + has(u8::is_ascii_punctuation);
        let printable = password.bytes().all(|byte| byte.is_ascii_graphic());
        !(8..=30).contains(&password.len()) || !printable || kinds < 3
    })
}

/// A value of a closed list, where one is given.
pub(super) fn is_unknown(value: Option<&String>, known: &[&str]) -> bool {
    value.is_some_and(|value| !known.contains(&value.as_str()))
}

/// The name of the first parameter that is not a value of its type.
pub(super) fn first_malformed(parameters: &[(&'static str, bool)]) -> Option<&'static str> {
    parameters.iter().find(|(_, malformed)| *malformed).map(|(name, _)| *name)
}

/// Looks an elastic IP up; one in another region than the call names is not found.
pub(super) fn find_eip(
    world: &World,
    id: Option<&str>,
    region_id: Option<&str>,
) -> Option<Shared<Eip>> {
    let in_region = |it: &&Shared<Eip>| region_id.is_none_or(|region| it.region_id == region);
    id.and_then(|id| world.eip.share(id)).filter(in_region).cloned()
}

/// The instances a call names, copied out of the world.
#[derive(Debug, Clone, Default)]
pub(super) struct SomeInstances {
    /// Those that there are, in the order of the call.
    pub found: Vec<Shared<Instance>>,
    /// Ids that no instance of the region has.
    unknown: Vec<String>,
}

impl SomeInstances {
    /// Looks instances up; one in another region than the call names is not found.
    pub fn of(world: &World, ids: &[String], region_id: Option<&str>) -> Self {
        let mut some = Self::default();
        for id in ids {
            let in_region =
                |it: &&Shared<Instance>| region_id.is_none_or(|region| it.region_id == region);
            match world.instance.share(id).filter(in_region) {
                Some(instance) => some.found.push(instance.clone()),
                None => some.unknown.push(id.clone()),
            }
        }
        some
    }

    /// The first id that no instance has.
    pub fn first_unknown(&self) -> Option<&str> {
        self.unknown.first().map(String::as_str)
    }

    /// Does the condition hold for one of them?
    pub fn any(&self, condition: impl Fn(&Instance) -> bool) -> bool {
        self.found.iter().any(|instance| condition(instance))
    }
}

/// An instance and what surrounds it, copied out of the world.
#[derive(Debug, Clone, Default)]
pub(super) struct InstanceFacts {
    /// Is there such an instance? If not, `instance` is a blank one, which only the rule for a
    /// missing instance gets to see.
    pub found: bool,
    /// The instance.
    pub instance: Shared<Instance>,
    /// Its owner.
    pub account: Shared<Account>,
    /// What the user chose of the service.
    pub settings: Shared<Settings>,
    /// The elastic IP bound to it.
    pub eip: Option<Shared<Eip>>,
    /// Its orders that are not completed.
    pub open_orders: Vec<Shared<Order>>,
    /// Some other instance of the account has an unpaid order.
    pub unpaid_elsewhere: bool,
    /// The region it is in.
    pub region: Shared<Region>,
    /// What things cost.
    pub prices: Shared<Prices>,
}

impl InstanceFacts {
    /// Looks an instance up; one in another region than the call names is not found.
    pub fn of(world: &World, id: Option<&str>, region_id: Option<&str>) -> Self {
        let in_region =
            |it: &&Shared<Instance>| region_id.is_none_or(|region| it.region_id == region);
        let found = id.and_then(|id| world.instance.share(id)).filter(in_region);
        let Some(instance) = found else {
            return Self::default();
        };
        let open_orders: Vec<Shared<Order>> =
            world.order.found(&[fields::order::OPEN.is(&instance.id)]).cloned().collect();
        let unpaid = open_orders.iter().filter(|order| order.state.is_unpaid()).count();
        Self {
            found: true,
            account: world.account.clone(),
            settings: world.settings.clone(),
            eip: world.eip_of(&instance.id).cloned(),
            open_orders,
            unpaid_elsewhere: world.order.sum(&fields::order::UNPAID, "").0 > unpaid,
            region: world.region.get(instance.region_id.as_str()).cloned().unwrap_or_default(),
            prices: world.prices.clone(),
            instance: instance.clone(),
        }
    }

    /// The order of the instance that somebody has to pay or to cancel, if any.
    pub fn unpaid_order(&self) -> Option<&Order> {
        self.open_orders.iter().map(|order| &**order).find(|order| order.state.is_unpaid())
    }

    /// An order of the instance is being carried out.
    pub fn has_order_in_progress(&self) -> bool {
        self.open_orders.iter().any(|order| order.state == OrderState::Processing)
    }

    /// A subscription?
    pub fn is_prepaid(&self) -> bool {
        self.instance.is_prepaid()
    }

    /// When the last change that counts ended less than a cooldown ago.
    pub fn cools_down(&self, operation: &str, policy: CooldownPolicy, now: Timestamp) -> bool {
        let policy = match self.settings.cooldown {
            Cooldown::Page => policy,
            Cooldown::Any => CooldownPolicy::ANY,
            Cooldown::DowngradeOnly => CooldownPolicy { after_any: false, ..policy },
            Cooldown::Off => return false,
        };
        let counts = |last: &LastChange| policy.after_any || last.downgrade;
        let is_recent = |last: &LastChange| now.since(last.at) < self.settings.cooldown_length;
        let in_scope = |name: &str| {
            self.settings.cooldown_scope == CooldownScope::Instance || name == operation
        };
        policy.stops_this
            && self
                .instance
                .last_changes
                .iter()
                .any(|(name, last)| in_scope(name) && counts(last) && is_recent(last))
    }

    /// The system disk gets another category.
    pub fn system_disk_becomes(&self, category: &str) -> Option<Change> {
        let system = self.instance.hardware.disks.iter().find(|disk| disk.system)?;
        let category = DiskCategory {
            disk_id: system.id.to_string(),
            category: category.to_owned(),
            performance_level: String::new(),
        };
        Some(InstanceChange::DiskCategory(category.into()).of(&self.instance.id))
    }

    /// The mark an accepted change leaves for the cooldown.
    pub fn changed(&self, operation: &str, downgrade: bool) -> Change {
        let operation = operation.into();
        InstanceChange::Changed { operation, downgrade }.of(&self.instance.id)
    }

    /// What the instance has.
    pub fn configuration(&self) -> Configuration {
        Configuration::of(&self.instance)
    }

    /// An order for the instance, with all but its number and what happens once it is paid. An
    /// unpaid one lapses with the subscription.
    pub fn order(
        &self,
        operation: &str,
        after: Configuration,
        amount: Cents,
        now: Timestamp,
    ) -> Order {
        let lowers = amount < Cents::ZERO;
        Order {
            instance_id: self.instance.id.to_string(),
            operation: operation.to_owned(),
            kind: if lowers { OrderKind::Downgrade } else { OrderKind::Upgrade },
            before: Some(self.configuration()),
            after,
            amount_cents: amount,
            created_at: now,
            lapses_at: self.instance.expires_at,
            ..Order::default()
        }
    }

    /// What is left of an order whose automatic payment failed.
    pub fn failed_order(&self, order: impl FnOnce() -> Order) -> Vec<Change> {
        match self.settings.failed_payment {
            FailedPayment::InvalidOrder => order().failed(),
            FailedPayment::Nothing => Vec::new(),
        }
    }
}

/// Bandwidth paid by bandwidth of the region's other pay-as-you-go instances, Mbit/s.
pub(super) fn bandwidth_of_others(world: &World, it: &Instance) -> u32 {
    let (_, all) = world.instance.sum(&fields::instance::BANDWIDTH_IN_USE, &it.region_id);
    let mut own = 0;
    (fields::instance::BANDWIDTH_IN_USE.read)(it, &mut |_| own = it.bandwidth_out_mbps.into());
    let sum = all.saturating_sub(own);
    u32::try_from(sum).unwrap_or(u32::MAX)
}

/// What a page says of the cooldown, for one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct CooldownPolicy {
    /// Any successful change starts it, not only a downgrade.
    pub after_any: bool,
    /// This call is one that it stops.
    pub stops_this: bool,
}

impl CooldownPolicy {
    /// After any change, against any change.
    pub const ANY: Self = Self { after_any: true, stops_this: true };
}

/// Inbound bandwidth that comes with outbound bandwidth where the call names none, Mbit/s.
pub(super) fn default_inbound(out_mbps: u32) -> Option<u32> {
    (out_mbps > 0).then(|| out_mbps.max(10))
}

/// Inbound bandwidth within what the newer pages allow for this outbound one.
pub(super) fn inbound_fits(in_mbps: i32, out_mbps: i32) -> bool {
    (1..=out_mbps.max(10)).contains(&in_mbps)
}

/// A parameter as an unsigned figure; absent, malformed and negative ones are none.
pub(super) fn figure(parameter: &Param<i32>) -> Option<u32> {
    parameter.value().and_then(|value| u32::try_from(*value).ok())
}
