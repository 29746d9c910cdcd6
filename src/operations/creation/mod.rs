//! What RunInstances and CreateInstance share: the facts, the conditions on them, and the making of
//! instances. The parameters are in `request.rs`, the rules in `rules.rs`.

mod request;
mod rules;

use std::sync::Arc;

use smallvec::smallvec;

use super::conditions::{default_inbound, figure};
use super::{Case, Operation, Permission};
use crate::domain::account::Account;
use crate::domain::catalog::InstanceType;
use crate::domain::disk::{DISK_CATEGORIES, Disk, Disks, default_category};
use crate::domain::image::Image;
use crate::domain::instance::{
    ChargeType, Hardware, Instance, NetworkType, Setup, Status, Terms, usual_host_name,
};
use crate::domain::money::{Cents, Prices};
use crate::domain::network::{InternetChargeType, NetworkInterface, SecurityGroup, VSwitch};
use crate::domain::order::{Configuration, Order, OrderKind};
use crate::domain::region::Zone;
use crate::domain::settings::Settings;
use crate::domain::{Change, InstanceChange, Shared, Text, Timestamp, Word, World};
use crate::ids::Ids;

pub(super) use request::Creation;
pub(super) use rules::creation_rules;

/// What a RAM user or role must be allowed in order to make instances by `action`.
pub(super) const fn permissions(action: &'static str) -> [Permission; 5] {
    const PARTS: [&str; 4] = [
        "acs:ecs:{region}:{account}:instance/*",
        "acs:ecs:{region}:{account}:image/{ImageId}",
        "acs:ecs:{region}:{account}:securitygroup/{SecurityGroupId}",
        "acs:vpc:{region}:{account}:vswitch/{VSwitchId}",
    ];
    [
        Permission::on(action, PARTS[0]),
        Permission::on(action, PARTS[1]).only_with("ImageId"),
        Permission::on(action, PARTS[2]).only_with("SecurityGroupId"),
        Permission::on(action, PARTS[3]).only_with("VSwitchId"),
        Permission::on("ram:PassRole", "acs:ram::{account}:role/{RamRoleName}")
            .only_with("RamRoleName"),
    ]
}

/// What surrounds the instances to be made.
pub(super) struct CreationFacts {
    pub account: Shared<Account>,
    pub settings: Shared<Settings>,
    pub prices: Shared<Prices>,
    pub region_known: bool,
    pub image: Option<Shared<Image>>,
    pub instance_type: Option<Arc<InstanceType>>,
    pub vswitch: Option<Shared<VSwitch>>,
    /// As many as asked for; those that do not exist are missing.
    pub security_groups: Vec<Shared<SecurityGroup>>,
    /// The zone of the switch, or the one asked for.
    pub zone_id: String,
    pub zone_known: bool,
    pub offered: bool,
    /// The private address asked for is in use in the VPC.
    pub private_ip_taken: bool,
    /// How many of the type are left; none where it never runs out.
    pub stock_left: Option<u32>,
}

impl CreationFacts {
    pub(super) fn of(request: &Creation, world: &World) -> Self {
        let region_id = request.region_id.as_deref().unwrap_or_default();
        let type_name = request.instance_type.as_deref().unwrap_or_default();
        let vswitch = request.vswitch_id.as_deref().and_then(|id| world.vswitch.share(id)).cloned();
        let zone_id = match &vswitch {
            Some(vswitch) => vswitch.zone_id.clone(),
            None => {
                request.zone_id.clone().or_else(|| first_zone(world, region_id)).unwrap_or_default()
            }
        };
        let in_region = |zone: &&Shared<Zone>| zone.region_id == region_id;
        let zone = world.zone.get(&zone_id).filter(in_region);
        let groups = request.security_group_ids.iter();
        Self {
            account: world.account.clone(),
            settings: world.settings.clone(),
            prices: world.prices.clone(),
            region_known: world.region.contains_key(region_id),
            image: request.image_id.as_deref().and_then(|id| world.image.share(id)).cloned(),
            instance_type: world.find_type(type_name).cloned(),
            private_ip_taken: is_taken(request, world, vswitch.as_deref()),
            vswitch,
            security_groups: groups
                .filter_map(|id| world.security_group.share(id))
                .cloned()
                .collect(),
            zone_known: zone.is_some(),
            offered: zone.is_some_and(|zone| zone.offers(type_name)),
            stock_left: zone.and_then(|zone| zone.stock_left(type_name)),
            zone_id,
        }
    }
}

/// Has another instance of the VPC the private address asked for?
fn is_taken(request: &Creation, world: &World, vswitch: Option<&VSwitch>) -> bool {
    let vpc_id = vswitch.map_or("", |vswitch| vswitch.vpc_id.as_str());
    let asked = request.private_ip.as_deref();
    asked.is_some_and(|address| world.is_private_ip_taken(vpc_id, address))
}

fn first_zone(world: &World, region_id: &str) -> Option<String> {
    let mut zones = world.zone.iter();
    zones.find(|(_, zone)| zone.region_id == region_id).map(|(id, _)| id.clone())
}

/// Conditions and effect, for either operation.
pub(super) trait Creating {
    fn request(&self) -> &Creation;
    fn facts(&self) -> &CreationFacts;
    fn now(&self) -> Timestamp;

    /// How many instances come into being.
    fn amount(&self) -> u32 {
        let asked = figure(&self.request().amount).unwrap_or(1);
        match self.facts().stock_left {
            Some(left) if self.request().min_amount.is_given() => asked.min(left),
            _ => asked,
        }
    }

    fn is_out_of_stock(&self) -> bool {
        let least = figure(&self.request().min_amount).unwrap_or(self.amount());
        self.facts().stock_left.is_some_and(|left| left < least)
    }

    /// A switch is asked for that does not exist.
    fn names_unknown_vswitch(&self) -> bool {
        self.request().vswitch_id.is_some() && self.facts().vswitch.is_none()
    }

    /// No switch, although the security groups belong to a VPC.
    fn lacks_vswitch(&self) -> bool {
        let in_vpc = self.facts().security_groups.iter().any(|group| !group.vpc_id.is_empty());
        self.facts().vswitch.is_none() && in_vpc
    }

    fn contradicts_zone(&self) -> bool {
        let asked = self.request().zone_id.as_ref();
        self.facts().vswitch.is_some() && asked.is_some_and(|zone| *zone != self.facts().zone_id)
    }

    fn lacks_security_group(&self) -> bool {
        self.facts().security_groups.len() < self.request().security_group_ids.len()
    }

    fn mixes_vpcs(&self) -> bool {
        let Some(vswitch) = &self.facts().vswitch else {
            return false;
        };
        self.facts().security_groups.iter().any(|group| group.vpc_id != vswitch.vpc_id)
    }

    fn is_unauthorised(&self) -> bool {
        let account = &self.facts().account;
        let name = self.request().instance_type.as_deref().unwrap_or_default();
        account.denied_types.contains(name) || account.hidden_types.contains(name)
    }

    /// A way of paying that is not open to the account.
    fn is_denied_charge_type(&self) -> bool {
        let asked = self.request().charge_type.or(ChargeType::PostPaid);
        self.facts().account.denied_charge_types.contains(&asked)
    }

    /// A system disk of a category that the type does not take.
    fn has_unfit_system_category(&self) -> bool {
        let asked = self.request().system_disk.category.as_ref();
        let taken = self.facts().instance_type.as_ref().map(|one| &one.disk_categories);
        let known = asked.filter(|category| DISK_CATEGORIES.contains(&category.as_str()));
        known.zip(taken).is_some_and(|(category, taken)| !taken.contains(category))
    }

    /// The system disk asked for is smaller than the image.
    fn is_smaller_than_image(&self) -> bool {
        let size = figure(&self.request().system_disk.size_gib);
        let image_gib = self.facts().image.as_ref().map_or(0, |image| image.size_gib);
        size.is_some_and(|size| size < image_gib)
    }

    /// The image is built for other CPUs than the type has.
    fn mixes_architectures(&self) -> bool {
        let image = self.facts().image.as_ref().map(|image| image.architecture);
        let instance_type = self.facts().instance_type.as_ref().map(|one| one.architecture);
        image.is_some() && instance_type.is_some() && image != instance_type
    }

    /// The private address asked for lies outside the switch.
    fn is_outside_vswitch(&self) -> bool {
        let address = self.request().private_ip.as_deref().and_then(|text| text.parse().ok());
        let vswitch = self.facts().vswitch.as_ref();
        address.is_some_and(|address| vswitch.is_some_and(|it| !it.contains(address)))
    }

    /// The private address asked for is in use, or asked for by several instances at once.
    fn is_private_ip_taken(&self) -> bool {
        let is_asked_for = self.request().private_ip.is_some();
        is_asked_for && (self.facts().private_ip_taken || self.amount() > 1)
    }

    /// What the subscription of one instance costs.
    fn cost(&self) -> Cents {
        let request = self.request();
        let Some(instance_type) = &self.facts().instance_type else {
            return Cents::ZERO;
        };
        let prices = &self.facts().prices;
        let how = request.internet_charge_type.or(InternetChargeType::default());
        let rate = prices.of_type(instance_type)
            + prices.of_bandwidth(request.out_mbps(), how)
            + prices.of_data(request.data_gib());
        prices.subscription(rate, self.now(), request.ends_at(self.now()))
    }

    fn lacks_balance(&self) -> bool {
        let account = &self.facts().account;
        if !self.request().is_prepaid() {
            return account.available() < Cents::ZERO;
        }
        let costs = Cents(self.cost().0.saturating_mul(i64::from(self.amount())));
        self.is_paid_now() && !account.can_pay(costs)
    }

    /// The instance number `index`, from 0, on the terms of the call.
    fn instance(
        &self,
        index: u32,
        status: Status,
        terms: &Shared<Terms>,
        ids: &mut Ids,
    ) -> Instance {
        let (request, facts) = (self.request(), self.facts());
        let id = ids.resource("i");
        let (amount, unique) = (self.amount(), request.unique_suffix.or(false));
        let named = |name: &Option<String>| {
            name.as_deref().map(|name| numbered(name, index, amount, unique))
        };
        let asked_for = request.private_ip.as_ref().map(Text::from);
        let private_ip = asked_for.unwrap_or_else(|| match &facts.vswitch {
            Some(vswitch) => vswitch.host(vswitch.hosts_given.wrapping_add(index)),
            None => format!("10.170.{}.{}", index / 250, 10 + index % 240).into(),
        });
        Instance {
            name: named(&request.name).unwrap_or_else(|| id.clone()),
            host_name: named(&request.host_name).unwrap_or_else(|| usual_host_name(&id)),
            status,
            created_at: self.now(),
            started_at: self.now(),
            hardware: Hardware {
                disks: self.disks(ids),
                network_interfaces: smallvec![NetworkInterface {
                    id: ids.resource("eni"),
                    primary: true,
                    mac_address: ids.mac_address(),
                    private_ips: smallvec![private_ip.clone()],
                    ..NetworkInterface::default()
                }],
            }
            .into(),
            private_ip,
            public_ip: None,
            terms: terms.clone(),
            id,
        }
    }

    /// What the instances of a call are had on, which they share.
    fn terms(&self) -> Shared<Terms> {
        let request = self.request();
        let out_mbps = request.out_mbps();
        let in_mbps = figure(&request.in_mbps).or_else(|| default_inbound(out_mbps));
        Terms {
            instance_type: request.instance_type.as_deref().map(Word::from).unwrap_or_default(),
            charge_type: request.charge_type.or(ChargeType::PostPaid),
            expires_at: request.is_prepaid().then(|| request.ends_at(self.now())),
            auto_renew: request.auto_renew(),
            weekly: request.is_prepaid() && request.is_weekly(),
            auto_release_at: request.auto_release_at.value().copied(),
            bandwidth_out_mbps: out_mbps,
            bandwidth_in_mbps: in_mbps.filter(|_| out_mbps > 0),
            internet_charge_type: request.internet_charge_type.or(InternetChargeType::default()),
            setup: self.setup().into(),
            ..Terms::default()
        }
        .into()
    }

    /// How they are set up.
    fn setup(&self) -> Setup {
        let (request, facts) = (self.request(), self.facts());
        let vswitch = facts.vswitch.as_deref();
        let tag = |(key, value): &(Option<String>, Option<String>)| {
            Some((Text::from(key.as_ref()?), text(value.as_deref())))
        };
        Setup {
            description: text(request.description.as_deref()),
            region_id: text(request.region_id.as_deref()),
            zone_id: Text::from(&facts.zone_id),
            image_id: text(request.image_id.as_deref()),
            spot_strategy: request.spot_strategy.as_deref().unwrap_or("NoSpot").into(),
            deletion_protection: request.deletion_protection.or(false),
            network_type: vswitch.map_or(NetworkType::Classic, |_| NetworkType::Vpc),
            vpc_id: vswitch.map(|vswitch| Text::from(&vswitch.vpc_id)).unwrap_or_default(),
            vswitch_id: vswitch.map(|vswitch| Text::from(&vswitch.id)).unwrap_or_default(),
            security_group_ids: request.security_group_ids.iter().map(Text::from).collect(),
            tags: request.tags.iter().filter_map(tag).collect(),
            key_pair_name: text(request.key_pair_name.as_deref()),
            resource_group_id: text(request.resource_group_id.as_deref()),
            user_data: text(request.user_data.as_deref()),
            ..Setup::default()
        }
    }

    /// The system disk, the data disks asked for, and the local disks that come with the type.
    fn disks(&self, ids: &mut Ids) -> Disks {
        let (request, facts) = (self.request(), self.facts());
        let image_gib = facts.image.as_ref().map_or(20, |image| image.size_gib);
        let usual = facts.instance_type.as_deref().map_or("cloud_essd", default_category);
        let local = facts.instance_type.as_ref().and_then(|one| one.local_storage.as_ref());
        // As many as there will be: an instance keeps them for long.
        let count = 1 + request.data_disks.len() + local.map_or(0, |it| it.amount as usize);
        let mut disks = Disks::with_capacity(count);
        disks.push(request.system_disk.disk(ids, true, usual, image_gib));
        disks.extend(request.data_disks.iter().map(|disk| disk.disk(ids, false, usual, 0)));
        if let Some(storage) = local {
            disks.extend((0..storage.amount).map(|_| Disk {
                id: ids.resource("d"),
                category: Word::from(&storage.category),
                size_gib: storage.capacity_gib,
                ..Disk::default()
            }));
        }
        disks
    }

    /// Nothing waits for somebody to pay the order of a subscription.
    fn is_paid_now(&self) -> bool {
        self.request().auto_pay.or(true)
    }

    /// What brings an instance into being: with a subscription its order, and what it is for once
    /// that is paid. With the order's number.
    fn bought(
        &self,
        operation: &str,
        instance: Instance,
        then: Vec<Change>,
        ids: &mut Ids,
    ) -> (Vec<Change>, Option<String>) {
        let instance_id = instance.id.clone();
        let after = instance.is_prepaid().then(|| Configuration::of(&instance));
        let created = InstanceChange::Create(Box::new(instance)).of(&instance_id);
        let changes: Vec<Change> = std::iter::once(created).chain(then).collect();
        let Some(after) = after else { return (changes, None) };
        let order_id = ids.order();
        let order = Order {
            id: order_id.clone(),
            instance_id: String::from(&instance_id),
            operation: operation.to_owned(),
            kind: OrderKind::Buy,
            after,
            amount_cents: self.cost(),
            created_at: self.now(),
            changes,
            ..Order::default()
        };
        (order.placed(self.is_paid_now()), Some(order_id))
    }
}

impl<O: Operation<Request = Creation, Facts = CreationFacts>> Creating for Case<O> {
    fn request(&self) -> &Creation {
        &self.asked.request
    }

    fn facts(&self) -> &CreationFacts {
        &self.facts
    }

    fn now(&self) -> Timestamp {
        self.asked.now
    }
}

fn text(given: Option<&str>) -> Text {
    given.map(Text::from).unwrap_or_default()
}

/// The name of the instance number `index`: `web-[3,4]-x` counts 0003, 0004 …, a unique suffix
/// 001, 002 …, any other name is the same for all.
fn numbered(name: &str, index: u32, amount: u32, unique_suffix: bool) -> Text {
    if let Some((head, first, width, tail)) = counter(name) {
        return Text::written(format_args!("{head}{:0width$}{tail}", first + index));
    }
    if unique_suffix && amount > 1 {
        Text::written(format_args!("{name}{:03}", index + 1))
    } else {
        name.into()
    }
}

/// Splits `head[first,width]tail`; width 0 to 6, first 0 to 999999.
fn counter(name: &str) -> Option<(&str, u32, usize, &str)> {
    let (head, rest) = name.split_once('[')?;
    let (inside, tail) = rest.split_once(']')?;
    let (first, width) = inside.split_once(',')?;
    let first = if first.is_empty() { 0 } else { first.parse().ok()? };
    let width = if width.is_empty() { 6 } else { width.parse().ok()? };
    (first <= 999_999 && width <= 6).then_some((head, first, width, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_up() {
        assert_eq!(numbered("web-[3,4]-x", 1, 2, false), "web-0004-x");
        assert_eq!(numbered("web[,]", 7, 9, true), "web000007");
        assert_eq!(numbered("web", 0, 3, true), "web001");
        assert_eq!(numbered("web", 0, 1, true), "web");
        assert_eq!(numbered("web[a,b]", 0, 1, false), "web[a,b]");
    }
}
