//! Which instances DescribeInstances is asked for. Every filter that is sent has to fit; filters on
//! what no state of ours decides are left aside.

use crate::domain::instance::{ChargeType, Instance, NetworkType, Status};
use crate::domain::network::InternetChargeType;
use crate::domain::{Timestamp, World};
use crate::operations::view;
use crate::param::{Param, Params};

/// The most ids or addresses of a list.
const LONGEST_LIST: usize = 100;
const LOCK_REASONS: &[&str] =
    &["financial", "security", "recycling", "dedicatedhostfinancial", "refunded"];

type Text = fn(&Instance) -> &str;
type Address = for<'a> fn(&'a World, &'a Instance) -> Option<&'a str>;

/// Parameters that name the whole of a text.
const EXACT: &[(&str, Text)] = &[
    ("VpcId", |it| &it.vpc_id),
    ("VSwitchId", |it| &it.vswitch_id),
    ("ZoneId", |it| &it.zone_id),
    ("ImageId", |it| &it.image_id),
    ("InstanceType", |it| &it.instance_type),
    ("KeyPairName", |it| &it.key_pair_name),
    ("ResourceGroupId", |it| &it.resource_group_id),
    ("HttpEndpoint", |_| view::HTTP_ENDPOINT),
    ("HttpTokens", |_| view::HTTP_TOKENS),
];

/// Parameters that list addresses, and the address of an instance that has to be among them.
const ADDRESSES: &[(&str, Address)] = &[
    ("PrivateIpAddresses", |_, it| (it.network_type == NetworkType::Vpc).then_some(&it.private_ip)),
    ("InnerIpAddresses", |_, it| {
        (it.network_type == NetworkType::Classic).then_some(&it.private_ip)
    }),
    ("PublicIpAddresses", |_, it| it.public_ip.as_deref()),
    ("EipAddresses", |world, it| world.eip_of(&it.id).map(|eip| eip.ip_address.as_str())),
    ("RdmaIpAddresses", |_, _| None),
];

pub(super) struct Tag {
    pub key: Option<String>,
    pub value: Option<String>,
}

impl Tag {
    fn parse(params: &Params, position: usize) -> Self {
        // Older clients write the part behind the position in small letters.
        let part = |name: &str, old: &str| {
            let new = params.string(&format!("Tag.{position}.{name}"));
            new.or_else(|| params.string(&format!("Tag.{position}.{old}")))
        };
        Self { key: part("Key", "key"), value: part("Value", "value") }
    }

    fn fits(&self, it: &Instance) -> bool {
        let present = self.key.as_ref().and_then(|key| it.tags.get(key));
        present.is_some_and(|value| self.value.as_ref().is_none_or(|wanted| wanted == value))
    }
}

/// The end of a span of time in which an instance was created or expires.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    CreatedFrom(Timestamp),
    CreatedUntil(Timestamp),
    ExpiresFrom(Timestamp),
    ExpiresUntil(Timestamp),
}

impl Limit {
    /// `Filter.N.Key` and `Filter.N.Value`; `None` where they are no limit.
    fn parse(params: &Params, position: usize) -> Option<Self> {
        let at = params.text(&format!("Filter.{position}.Value"));
        let at = at.and_then(Timestamp::parse_any)?;
        match params.text(&format!("Filter.{position}.Key"))? {
            "CreationStartTime" => Some(Self::CreatedFrom(at)),
            "CreationEndTime" => Some(Self::CreatedUntil(at)),
            "ExpiredStartTime" => Some(Self::ExpiresFrom(at)),
            "ExpiredEndTime" => Some(Self::ExpiresUntil(at)),
            _ => None,
        }
    }

    fn fits(self, it: &Instance) -> bool {
        match self {
            Self::CreatedFrom(at) => it.created_at >= at,
            Self::CreatedUntil(at) => it.created_at <= at,
            Self::ExpiresFrom(at) => view::expires_at(it) >= at,
            Self::ExpiresUntil(at) => view::expires_at(it) <= at,
        }
    }
}

pub(super) struct Filter {
    pub region_id: Option<String>,
    pub instance_ids: Param<Vec<String>>,
    pub status: Param<Status>,
    pub charge_type: Param<ChargeType>,
    pub internet_charge_type: Param<InternetChargeType>,
    pub network_type: Param<NetworkType>,
    pub lock_reason: Param<String>,
    pub io_optimized: Param<bool>,
    pub hpc_cluster_id: Option<String>,
    pub addresses: Vec<(&'static str, Param<Vec<String>>, Address)>,
    pub tags: Vec<Tag>,
    pub limits: Vec<Option<Limit>>,
    exact: Vec<(String, Text)>,
    name: Option<String>,
    family: Option<String>,
    security_group_id: Option<String>,
}

impl Filter {
    pub fn parse(params: &Params) -> Self {
        let exact = EXACT.iter();
        let addresses = ADDRESSES.iter();
        Self {
            region_id: params.string("RegionId"),
            instance_ids: params.parse("InstanceIds", list),
            status: params.parse("Status", Status::parse),
            charge_type: params.parse("InstanceChargeType", ChargeType::parse),
            internet_charge_type: params.parse("InternetChargeType", InternetChargeType::parse),
            network_type: params.parse("InstanceNetworkType", network_type),
            lock_reason: params.parse("LockReason", lock_reason),
            io_optimized: params.boolean("IoOptimized"),
            hpc_cluster_id: params.string("HpcClusterId"),
            addresses: addresses.map(|(name, of)| (*name, params.parse(name, list), *of)).collect(),
            tags: (1..=params.count("Tag")).map(|position| Tag::parse(params, position)).collect(),
            limits: (1..=params.count("Filter"))
                .map(|position| Limit::parse(params, position))
                .collect(),
            exact: exact.filter_map(|(name, of)| Some((params.string(name)?, *of))).collect(),
            name: params.string("InstanceName"),
            family: params.string("InstanceTypeFamily"),
            security_group_id: params.string("SecurityGroupId"),
        }
    }

    pub fn fits(&self, world: &World, it: &Instance) -> bool {
        let wants = self.region_id.as_ref().is_none_or(|id| *id == it.region_id)
            && is_or_any(&self.status, &it.status)
            && is_or_any(&self.charge_type, &it.charge_type)
            && is_or_any(&self.internet_charge_type, &it.internet_charge_type)
            && is_or_any(&self.network_type, &it.network_type);
        wants
            && self.fits_texts(it)
            && self.fits_type(world, it)
            && self.fits_addresses(world, it)
            && self.tags.iter().all(|tag| tag.fits(it))
            && self.limits.iter().flatten().all(|limit| limit.fits(it))
    }

    fn fits_texts(&self, it: &Instance) -> bool {
        let group = self.security_group_id.as_ref();
        let locked_for = |reason: &String| it.locks.iter().any(|lock| lock.as_str() == reason);
        self.exact.iter().all(|(wanted, of)| of(it) == wanted)
            && group.is_none_or(|id| it.security_group_ids.contains(id))
            && self.name.as_ref().is_none_or(|name| fits(name, &it.name))
            && self.lock_reason.value().is_none_or(locked_for)
    }

    fn fits_type(&self, world: &World, it: &Instance) -> bool {
        if self.family.is_none() && !self.io_optimized.is_given() {
            return true;
        }
        world.find_type(&it.instance_type).is_some_and(|one| {
            self.family.as_ref().is_none_or(|id| *id == one.family)
                && is_or_any(&self.io_optimized, &one.io_optimized)
        })
    }

    fn fits_addresses(&self, world: &World, it: &Instance) -> bool {
        self.addresses.iter().all(|(_, wanted, of)| {
            wanted.value().is_none_or(|wanted| {
                of(world, it).is_some_and(|own| wanted.iter().any(|one| one == own))
            })
        })
    }
}

fn is_or_any<T: PartialEq>(wanted: &Param<T>, own: &T) -> bool {
    wanted.value().is_none_or(|wanted| wanted == own)
}

/// A JSON array of up to 100 texts.
fn list(text: &str) -> Option<Vec<String>> {
    let list: Vec<String> = serde_json::from_str(text).ok()?;
    (list.len() <= LONGEST_LIST).then_some(list)
}

fn network_type(text: &str) -> Option<NetworkType> {
    let all = [NetworkType::Vpc, NetworkType::Classic];
    all.into_iter().find(|one| one.as_str() == text)
}

/// In lower case: the documentation writes `recycling` and `Recycling`.
fn lock_reason(text: &str) -> Option<String> {
    let reason = text.to_ascii_lowercase();
    LOCK_REASONS.contains(&reason.as_str()).then_some(reason)
}

/// Does the name fit the pattern, in which `*` stands for any text, none included?
fn fits(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = name.strip_prefix(head).and_then(|name| name.strip_suffix(tail));
    let Some(mut inner) = inner else {
        return false;
    };
    middle.split('*').all(|part| match inner.split_once(part) {
        Some((_, behind)) => {
            inner = behind;
            true
        }
        None => part.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for pattern in ["web", "*", "w*", "*b", "*e*", "w*b", "web*", "**", "*w*e*b*"] {
            assert!(fits(pattern, "web"), "{pattern}");
        }
        for pattern in ["we", "e*", "w*e", "web*web", "*bw*", "*ee*"] {
            assert!(!fits(pattern, "web"), "{pattern}");
        }
    }

    #[test]
    fn an_empty_list_is_a_list() {
        assert_eq!(list("[]"), Some(Vec::new()));
        assert_eq!(list("i-web"), None);
        let many = serde_json::to_string(&vec!["i-a"; LONGEST_LIST + 1]).unwrap();
        assert_eq!(list(&many), None);
    }
}
