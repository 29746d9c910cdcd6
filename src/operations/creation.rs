//! What RunInstances and CreateInstance share: the request, the facts, the checks as conditions and
//! the making of instances. Each brings its own rows to the rules of `creation_rules!`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::conditions::{default_inbound, figure, inbound_fits, is_malformed_token, is_unknown};
use super::{Asked, Case, Operation};
use crate::domain::account::Account;
use crate::domain::catalog::InstanceType;
use crate::domain::disk::{DISK_CATEGORIES, Disk, default_category};
use crate::domain::image::Image;
use crate::domain::instance::{ChargeType, Instance, NetworkType, Status};
use crate::domain::money::{self, Cents};
use crate::domain::network::{InternetChargeType, NetworkInterface, SecurityGroup, VSwitch};
use crate::domain::order::{Order, OrderState};
use crate::domain::settings::Settings;
use crate::domain::{Change, Span, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};

const AMOUNT_RANGE: std::ops::RangeInclusive<i32> = 1..=100;
const OUTBOUND_RANGE: std::ops::RangeInclusive<i32> = 0..=100;
const SYSTEM_SIZE_RANGE: std::ops::RangeInclusive<i32> = 20..=2048;
const PERIOD_MONTHS: &[i32] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60];
const PERIOD_WEEKS: &[i32] = &[1, 2, 3, 4];
const SPOT_STRATEGIES: &[&str] = &["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"];
const MOST_TAGS: usize = 20;
/// The most characters of a tag's key and of its value.
const TAG_LENGTH: usize = 128;

/// A disk as asked for.
pub(super) struct DiskRequest {
    pub category: Option<String>,
    pub size_gib: Param<i32>,
    pub performance_level: Option<String>,
}

impl DiskRequest {
    fn parse(params: &Params, prefix: &str) -> Self {
        Self {
            category: params.string(&format!("{prefix}.Category")),
            size_gib: params.integer(&format!("{prefix}.Size")),
            performance_level: params.string(&format!("{prefix}.PerformanceLevel")),
        }
    }

    /// The size a data disk of this category can have, GiB.
    fn data_size_range(&self) -> std::ops::RangeInclusive<i32> {
        match self.category.as_deref() {
            Some("cloud") => 5..=2000,
            Some("cloud_essd") => 20..=65536,
            _ => 20..=32768,
        }
    }

    fn disk(&self, ids: &mut Ids, system: bool, usual: &str, image_gib: u32) -> Disk {
        let category = self.category.clone().unwrap_or_else(|| usual.to_owned());
        let is_essd = category == "cloud_essd";
        let level = self.performance_level.clone().unwrap_or_else(|| "PL1".to_owned());
        Disk {
            id: ids.resource("d"),
            system,
            size_gib: figure(&self.size_gib).unwrap_or(40).max(image_gib),
            performance_level: if is_essd { level } else { String::new() },
            category,
        }
    }
}

/// The parameters both operations read.
pub(super) struct Creation {
    pub region_id: Option<String>,
    pub zone_id: Option<String>,
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub vswitch_id: Option<String>,
    pub security_group_ids: Vec<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub host_name: Option<String>,
    pub unique_suffix: Param<bool>,
    pub password: Option<String>,
    pub key_pair_name: Option<String>,
    pub user_data: Option<String>,
    pub resource_group_id: Option<String>,
    pub internet_charge_type: Param<InternetChargeType>,
    pub out_mbps: Param<i32>,
    pub in_mbps: Param<i32>,
    pub charge_type: Param<ChargeType>,
    pub period: Param<i32>,
    pub period_unit: Option<String>,
    pub auto_pay: Param<bool>,
    pub system_disk: DiskRequest,
    pub data_disks: Vec<DiskRequest>,
    pub amount: Param<i32>,
    pub min_amount: Param<i32>,
    pub tags: Vec<(Option<String>, Option<String>)>,
    pub spot_strategy: Option<String>,
    pub deletion_protection: Param<bool>,
    pub auto_release_at: Param<Timestamp>,
    pub private_ip: Option<String>,
    pub dry_run: Param<bool>,
    pub client_token: Option<String>,
}

impl Creation {
    pub(super) fn parse(params: &Params) -> Self {
        let mut groups: Vec<String> =
            params.list("SecurityGroupIds").into_iter().map(str::to_owned).collect();
        groups.extend(params.string("SecurityGroupId"));
        let tag = |position: usize, field: &str| params.string(&format!("Tag.{position}.{field}"));
        let data_disk =
            |position: usize| DiskRequest::parse(params, &format!("DataDisk.{position}"));
        Self {
            region_id: params.string("RegionId"),
            zone_id: params.string("ZoneId"),
            image_id: params.string("ImageId"),
            instance_type: params.string("InstanceType"),
            vswitch_id: params.string("VSwitchId"),
            security_group_ids: groups,
            name: params.string("InstanceName"),
            description: params.string("Description"),
            host_name: params.string("HostName"),
            unique_suffix: params.boolean("UniqueSuffix"),
            password: params.string("Password"),
            key_pair_name: params.string("KeyPairName"),
            user_data: params.string("UserData"),
            resource_group_id: params.string("ResourceGroupId"),
            internet_charge_type: params.parse("InternetChargeType", InternetChargeType::parse),
            out_mbps: params.integer("InternetMaxBandwidthOut"),
            in_mbps: params.integer("InternetMaxBandwidthIn"),
            charge_type: params.parse("InstanceChargeType", ChargeType::parse),
            period: params.integer("Period"),
            period_unit: params.string("PeriodUnit"),
            auto_pay: params.boolean("AutoPay"),
            system_disk: DiskRequest::parse(params, "SystemDisk"),
            data_disks: (1..=params.count("DataDisk")).map(data_disk).collect(),
            amount: params.integer("Amount"),
            min_amount: params.integer("MinAmount"),
            tags: (1..=params.count("Tag")).map(|n| (tag(n, "Key"), tag(n, "Value"))).collect(),
            spot_strategy: params.string("SpotStrategy"),
            deletion_protection: params.boolean("DeletionProtection"),
            auto_release_at: params.parse("AutoReleaseTime", Timestamp::parse_seconds),
            private_ip: params.string("PrivateIpAddress"),
            dry_run: params.boolean("DryRun"),
            client_token: params.string("ClientToken"),
        }
    }

    /// The token, unless the call is a dry run, which neither stores nor consumes one.
    pub(super) fn token(&self) -> Option<&str> {
        self.client_token.as_deref().filter(|_| !self.dry_run.or(false))
    }

    fn is_prepaid(&self) -> bool {
        self.charge_type.or(ChargeType::PostPaid) == ChargeType::PrePaid
    }

    fn is_weekly(&self) -> bool {
        self.period_unit.as_deref() == Some("Week")
    }

    fn out_mbps(&self) -> u32 {
        figure(&self.out_mbps).unwrap_or(0)
    }

    fn ends_at(&self, now: Timestamp) -> Timestamp {
        let period = figure(&self.period).unwrap_or(1);
        if self.is_weekly() {
            now.plus(Span::hours(i64::from(period) * 7 * 24))
        } else {
            now.plus_months(period)
        }
    }
}

impl Asked<Creation> {
    /// The first mandatory parameter that is not there.
    pub(super) fn first_missing(&self) -> Option<&'static str> {
        let request = &self.request;
        super::conditions::first_malformed(&[
            ("RegionId", request.region_id.is_none()),
            ("ImageId", request.image_id.is_none()),
            ("InstanceType", request.instance_type.is_none()),
            ("SecurityGroupId", request.security_group_ids.is_empty()),
        ])
    }

    /// The first parameter that is not a value of its type and has no row of its own.
    pub(super) fn first_malformed(&self) -> Option<&'static str> {
        let request = &self.request;
        super::conditions::first_malformed(&[
            ("UniqueSuffix", request.unique_suffix.is_malformed()),
            ("AutoPay", request.auto_pay.is_malformed()),
            ("DeletionProtection", request.deletion_protection.is_malformed()),
            ("DryRun", request.dry_run.is_malformed()),
            ("SpotStrategy", is_unknown(request.spot_strategy.as_ref(), SPOT_STRATEGIES)),
            (
                "SystemDisk.Size",
                request.system_disk.size_gib.violates(|gib| SYSTEM_SIZE_RANGE.contains(gib)),
            ),
        ])
    }

    pub(super) fn has_malformed_token(&self) -> bool {
        is_malformed_token(self.request.client_token.as_ref())
    }

    pub(super) fn breaks_outbound_range(&self) -> bool {
        self.request.out_mbps.violates(|mbps| OUTBOUND_RANGE.contains(mbps))
    }

    pub(super) fn breaks_inbound_range(&self) -> bool {
        let out = self.request.out_mbps.or(0);
        self.request.in_mbps.violates(|mbps| inbound_fits(*mbps, out))
    }

    pub(super) fn breaks_amount_range(&self) -> bool {
        self.request.amount.violates(|amount| AMOUNT_RANGE.contains(amount))
    }

    pub(super) fn breaks_min_amount_range(&self) -> bool {
        let amount = self.request.amount.or(1);
        self.request.min_amount.violates(|least| (1..=amount).contains(least))
    }

    pub(super) fn lacks_period(&self) -> bool {
        self.request.is_prepaid() && !self.request.period.is_given()
    }

    pub(super) fn has_wrong_period(&self) -> bool {
        let known = if self.request.is_weekly() { PERIOD_WEEKS } else { PERIOD_MONTHS };
        self.request.is_prepaid() && self.request.period.violates(|period| known.contains(period))
    }

    pub(super) fn has_wrong_period_unit(&self) -> bool {
        is_unknown(self.request.period_unit.as_ref(), &["Month", "Week"])
    }

    pub(super) fn has_wrong_system_category(&self) -> bool {
        is_unknown(self.request.system_disk.category.as_ref(), DISK_CATEGORIES)
    }

    pub(super) fn has_wrong_data_category(&self) -> bool {
        self.request
            .data_disks
            .iter()
            .any(|disk| is_unknown(disk.category.as_ref(), DISK_CATEGORIES))
    }

    pub(super) fn has_wrong_data_size(&self) -> bool {
        let breaks =
            |disk: &DiskRequest| disk.size_gib.violates(|gib| disk.data_size_range().contains(gib));
        self.request.data_disks.iter().any(breaks)
    }

    pub(super) fn has_wrong_tag_key(&self) -> bool {
        self.request.tags.iter().any(|(key, _)| match key.as_deref() {
            None => true,
            Some(key) => {
                is_wrong_tag_text(key) || key.starts_with("aliyun") || key.starts_with("acs:")
            }
        })
    }

    pub(super) fn has_wrong_tag_value(&self) -> bool {
        let values = self.request.tags.iter().filter_map(|(_, value)| value.as_deref());
        values.clone().any(|value| is_wrong_tag_text(value) || value.starts_with("acs:"))
    }

    pub(super) fn repeats_tag_key(&self) -> bool {
        let distinct: BTreeSet<_> = self.request.tags.iter().map(|(key, _)| key).collect();
        distinct.len() < self.request.tags.len()
    }

    pub(super) fn has_too_many_tags(&self) -> bool {
        self.request.tags.len() > MOST_TAGS
    }

    pub(super) fn has_wrong_release_time(&self) -> bool {
        let (now, half_an_hour) = (self.now, Span::seconds(30 * 60));
        self.request
            .auto_release_at
            .violates(|at| *at >= now.plus(half_an_hour) && *at <= now.plus_months(36))
    }

    pub(super) fn has_malformed_private_ip(&self) -> bool {
        let address = self.request.private_ip.as_deref();
        address.is_some_and(|text| text.parse::<std::net::Ipv4Addr>().is_err())
    }
}

fn is_wrong_tag_text(text: &str) -> bool {
    text.chars().count() > TAG_LENGTH || text.contains("http://") || text.contains("https://")
}

/// What surrounds the instances to be made.
pub(super) struct CreationFacts {
    pub account: Account,
    pub settings: Settings,
    pub region_known: bool,
    pub image: Option<Image>,
    pub instance_type: Option<Arc<InstanceType>>,
    pub vswitch: Option<VSwitch>,
    /// As many as asked for; those that do not exist are missing.
    pub security_groups: Vec<SecurityGroup>,
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
        let vswitch = request.vswitch_id.as_deref().and_then(|id| world.vswitch.get(id)).cloned();
        let zone_id = match &vswitch {
            Some(vswitch) => vswitch.zone_id.clone(),
            None => {
                request.zone_id.clone().or_else(|| first_zone(world, region_id)).unwrap_or_default()
            }
        };
        let in_region = |zone: &&crate::domain::region::Zone| zone.region_id == region_id;
        let zone = world.zone.get(&zone_id).filter(in_region);
        let groups = request.security_group_ids.iter();
        Self {
            account: world.account.clone(),
            settings: world.settings.clone(),
            region_known: world.region.contains_key(region_id),
            image: request.image_id.as_deref().and_then(|id| world.image.get(id)).cloned(),
            instance_type: world.find_type(type_name).cloned(),
            private_ip_taken: is_taken(request, world, vswitch.as_ref()),
            vswitch,
            security_groups: groups
                .filter_map(|id| world.security_group.get(id))
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
    let is_used = |address: &String| {
        world.instance.iter().any(|one| one.vpc_id == vpc_id && one.private_ip == *address)
    };
    request.private_ip.as_ref().is_some_and(is_used)
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
            return Cents::default();
        };
        let by_bandwidth = request.internet_charge_type.or(InternetChargeType::default())
            == InternetChargeType::PayByBandwidth;
        let bandwidth = if by_bandwidth {
            money::bandwidth_price(request.out_mbps())
        } else {
            Cents::default()
        };
        let monthly = money::type_price(instance_type) + bandwidth;
        money::prorated(monthly, self.now(), request.ends_at(self.now()))
    }

    fn lacks_balance(&self) -> bool {
        let account = &self.facts().account;
        if self.request().is_prepaid() {
            account.balance_cents.0 < self.cost().0.saturating_mul(i64::from(self.amount()))
        } else {
            account.available() < Cents::default()
        }
    }

    /// The instance number `index`, from 0.
    fn instance(&self, index: u32, status: Status, ids: &mut Ids) -> Instance {
        let request = self.request();
        let id = ids.resource("i");
        let (amount, unique) = (self.amount(), request.unique_suffix.or(false));
        let named = |name: &Option<String>| {
            name.as_deref().map(|name| numbered(name, index, amount, unique))
        };
        let tag = |(key, value): &(Option<String>, Option<String>)| {
            Some((key.clone()?, value.clone().unwrap_or_default()))
        };
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        Instance {
            name: named(&request.name).unwrap_or_else(|| id.clone()),
            host_name: named(&request.host_name).unwrap_or_else(|| host_name(&id)),
            description: or_empty(&request.description),
            image_id: or_empty(&request.image_id),
            instance_type: or_empty(&request.instance_type),
            status,
            charge_type: request.charge_type.or(ChargeType::PostPaid),
            spot_strategy: request.spot_strategy.clone().unwrap_or_else(|| "NoSpot".to_owned()),
            created_at: self.now(),
            started_at: self.now(),
            expires_at: request.is_prepaid().then(|| request.ends_at(self.now())),
            auto_release_at: request.auto_release_at.value().copied(),
            deletion_protection: request.deletion_protection.or(false),
            disks: self.disks(ids),
            tags: request.tags.iter().filter_map(tag).collect(),
            key_pair_name: or_empty(&request.key_pair_name),
            resource_group_id: or_empty(&request.resource_group_id),
            user_data: or_empty(&request.user_data),
            ..self.connected(index, id, ids)
        }
    }

    /// An instance of which only place and network are said.
    fn connected(&self, index: u32, id: String, ids: &mut Ids) -> Instance {
        let (request, facts) = (self.request(), self.facts());
        let out_mbps = request.out_mbps();
        let in_mbps = figure(&request.in_mbps).or_else(|| default_inbound(out_mbps));
        let in_vpc = facts.vswitch.clone().unwrap_or_default();
        let private_ip = request.private_ip.clone().unwrap_or_else(|| match &facts.vswitch {
            Some(vswitch) => vswitch.host(vswitch.hosts_given + index),
            None => format!("10.170.{}.{}", index / 250, 10 + index % 240),
        });
        Instance {
            id,
            region_id: request.region_id.clone().unwrap_or_default(),
            zone_id: facts.zone_id.clone(),
            network_type: match facts.vswitch {
                Some(_) => NetworkType::Vpc,
                None => NetworkType::Classic,
            },
            vpc_id: in_vpc.vpc_id,
            vswitch_id: in_vpc.id,
            security_group_ids: request.security_group_ids.clone(),
            bandwidth_out_mbps: out_mbps,
            bandwidth_in_mbps: in_mbps.filter(|_| out_mbps > 0),
            internet_charge_type: request.internet_charge_type.or(InternetChargeType::default()),
            network_interfaces: vec![NetworkInterface {
                id: ids.resource("eni"),
                primary: true,
                mac_address: ids.mac_address(),
                private_ips: vec![private_ip.clone()],
                ..NetworkInterface::default()
            }],
            private_ip,
            ..Instance::default()
        }
    }

    /// The system disk, the data disks asked for, and the local disks that come with the type.
    fn disks(&self, ids: &mut Ids) -> Vec<Disk> {
        let (request, facts) = (self.request(), self.facts());
        let image_gib = facts.image.as_ref().map_or(20, |image| image.size_gib);
        let usual = facts.instance_type.as_deref().map_or("cloud_essd", default_category);
        let mut disks = vec![request.system_disk.disk(ids, true, usual, image_gib)];
        disks.extend(request.data_disks.iter().map(|disk| disk.disk(ids, false, usual, 0)));
        let local = facts.instance_type.as_ref().and_then(|one| one.local_storage.as_ref());
        if let Some(storage) = local {
            disks.extend((0..storage.amount).map(|_| Disk {
                id: ids.resource("d"),
                category: storage.category.clone(),
                size_gib: storage.capacity_gib,
                ..Disk::default()
            }));
        }
        disks
    }

    /// The order of a subscription, paid from the balance.
    fn order(
        &self,
        operation: &str,
        instance_id: &str,
        ids: &mut Ids,
    ) -> Option<(String, [Change; 2])> {
        if !self.request().is_prepaid() {
            return None;
        }
        let (order_id, amount) = (ids.order(), self.cost());
        let order = Order {
            instance_id: instance_id.to_owned(),
            operation: operation.to_owned(),
            state: OrderState::Completed,
            amount_cents: amount,
            created_at: self.now(),
            ..Order::default()
        };
        let created = Change::CreateOrder { order_id: order_id.clone(), order: Box::new(order) };
        Some((order_id, [created, Change::Balance { amount: -amount }]))
    }

    /// The instance's release, where a time for it was asked for.
    fn release(&self, instance_id: &str) -> Option<Change> {
        let at = self.request().auto_release_at.value()?;
        Some(Change::ReleaseInstance { instance_id: instance_id.to_owned() }.at(*at))
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

fn host_name(id: &str) -> String {
    format!("iZ{}Z", id.strip_prefix("i-").unwrap_or(id))
}

/// The name of the instance number `index`: `web-[3,4]-x` counts 0003, 0004 …, a unique suffix
/// 001, 002 …, any other name is the same for all.
fn numbered(name: &str, index: u32, amount: u32, unique_suffix: bool) -> String {
    if let Some((head, first, width, tail)) = counter(name) {
        return format!("{head}{:0width$}{tail}", first + index);
    }
    if unique_suffix && amount > 1 { format!("{name}{:03}", index + 1) } else { name.to_owned() }
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

/// The rules of both operations, over the rows in the caller's module `row`, behind rules on the
/// request that are the operation's own.
macro_rules! creation_rules {
    ($operation:ty $(, $own:expr)* $(,)?) => {
        const REQUEST_RULES: &[Rule<Asked<Creation>>] = &[
            $($own,)*
            Rule::worded(
                &common::MISSING_PARAMETER,
                |it| it.first_missing().is_some(),
                |it| it.first_missing().unwrap_or_default().to_owned(),
                "send RegionId, ImageId, InstanceType and a security group",
            ),
            Rule::new(&row::TOKEN_MALFORMED, |it| it.has_malformed_token(), "send a token of at most 64 ASCII characters"),
            Rule::new(&row::NAME, |it| is_malformed_name(it.request.name.as_ref()), "2 to 128 characters, a letter first, no http://"),
            Rule::new(&row::DESCRIPTION, |it| is_malformed_description(it.request.description.as_ref()), "2 to 256 characters, no http://"),
            Rule::new(&row::PASSWORD, |it| is_malformed_password(it.request.password.as_ref()), "8 to 30 characters of three kinds"),
            Rule::new(&row::CHARGE_TYPE, |it| it.request.charge_type.is_malformed(), "send PostPaid or PrePaid"),
            Rule::new(&row::PERIOD_MISSING, |it| it.lacks_period(), "send Period with InstanceChargeType=PrePaid"),
            Rule::new(&row::PERIOD_UNIT, |it| it.has_wrong_period_unit(), "send Month or Week"),
            Rule::new(&row::PERIOD, |it| it.has_wrong_period(), "send 1 to 9, 12, 24, 36, 48 or 60 months, or 1 to 4 weeks"),
            Rule::new(&row::INTERNET_CHARGE_TYPE, |it| it.request.internet_charge_type.is_malformed(), "send PayByTraffic or PayByBandwidth"),
            Rule::new(&row::BANDWIDTH_OUT, |it| it.breaks_outbound_range(), "ask for 0 to 100 Mbit/s"),
            Rule::new(&row::BANDWIDTH_IN, |it| it.breaks_inbound_range(), "ask for 1 to 10 Mbit/s, or up to the outbound bandwidth where that is more"),
            Rule::new(&row::SYSTEM_DISK_CATEGORY, |it| it.has_wrong_system_category(), "send a category such as cloud_essd"),
            Rule::new(&row::DATA_DISK_CATEGORY, |it| it.has_wrong_data_category(), "send a category such as cloud_essd"),
            Rule::new(
                &row::DATA_DISK_SIZE,
                |it| it.has_wrong_data_size(),
                "5 to 2000 GiB for cloud, 20 to 32768 or more for the others",
            ),
            Rule::new(&row::TAG_KEY, |it| it.has_wrong_tag_key(), "1 to 128 characters, not beginning with aliyun or acs:"),
            Rule::new(&row::TAG_VALUE, |it| it.has_wrong_tag_value(), "at most 128 characters, not beginning with acs:"),
            Rule::new(&row::TAG_REPEATED, |it| it.repeats_tag_key(), "send each key once"),
            Rule::new(&row::PRIVATE_IP, |it| it.has_malformed_private_ip(), "send an IPv4 address of the switch"),
            Rule::worded(
                &common::INVALID_PARAMETER,
                |it| it.first_malformed().is_some(),
                |it| it.first_malformed().unwrap_or_default().to_owned(),
                "send a value of the parameter's type and range",
            ),
        ];

        const TOKEN_RULES: &[Rule<TokenCase>] = &[
            Rule::new(&common::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call"),
        ];

        const STATE_RULES: &[Rule<Case<$operation>>] = &[
            Rule::new(&common::REGION_NOT_FOUND, |it| !it.facts.region_known, "DescribeRegions lists the regions"),
            Rule::new(&row::ZONE_NOT_FOUND, |it| !it.facts.zone_known, "DescribeZones lists the zones of the region"),
            Rule::new(&row::IMAGE_NOT_FOUND, |it| it.facts.image.is_none(), "use an image of the world, or add yours to it"),
            Rule::new(&row::UNKNOWN_TYPE, |it| it.facts.instance_type.is_none(), "DescribeInstanceTypes lists the types"),
            Rule::new(&row::VSWITCH_NOT_FOUND, |it| it.names_unknown_vswitch(), "use a switch of the world, or add yours to it"),
            Rule::new(&row::GROUP_NOT_FOUND, |it| it.lacks_security_group(), "use a security group of the world, or add yours to it"),
            Rule::new(&row::VSWITCH_MISSING, |it| it.lacks_vswitch(), "send VSwitchId"),
            Rule::new(&row::VSWITCH_ZONE, |it| it.contradicts_zone(), "leave ZoneId out, or choose a switch in it"),
            Rule::new(&row::GROUP_VPC, |it| it.mixes_vpcs(), "choose a security group of the switch's VPC"),
            Rule::new(
                &row::PRIVATE_IP_OUTSIDE,
                |it| it.is_outside_vswitch(),
                "choose an address of the switch",
            ),
            Rule::new(
                &row::PRIVATE_IP_TAKEN,
                |it| it.is_private_ip_taken(),
                "choose an address that is free, for one instance",
            ),
            Rule::new(
                &row::IMAGE_ARCHITECTURE,
                |it| it.mixes_architectures(),
                "choose an image for the CPUs of the type",
            ),
            Rule::new(&row::ARREARS, |it| it.facts.account.arrears, "clear the account's arrears"),
            Rule::new(&row::UNAUTHORISED_TYPE, |it| it.is_unauthorised(), "choose a type the account is not denied"),
            Rule::new(&row::TYPE_NOT_OFFERED, |it| !it.facts.offered, "choose a type the zone sells"),
            Rule::new(&row::SYSTEM_DISK_SIZE, |it| it.is_smaller_than_image(), "ask for a system disk that holds the image"),
            Rule::new(&row::NO_STOCK, |it| it.is_out_of_stock(), "choose another type or zone, or wait for stock"),
            Rule::new(&row::NOT_ENOUGH_BALANCE, |it| it.lacks_balance(), "top up the account"),
            Rule::new(&common::DRY_RUN, |it| it.asked.request.dry_run.or(false), "the call would succeed; repeat it without DryRun"),
        ];
    };
}
pub(super) use creation_rules;

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
