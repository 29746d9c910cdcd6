//! Which instances DescribeInstances is asked for. Every filter that is sent has to fit; filters on
//! what no state of ours decides are left aside.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::domain::catalog::InstanceType;
use crate::domain::fields::{self, instance as field, moment};
use crate::domain::index::{Field, Positions, Sets, Wanted};
use crate::domain::instance::{ChargeType, Instance, NetworkType, Status};
use crate::domain::network::InternetChargeType;
use crate::domain::{Text, Timestamp, World};
use crate::operations::view;
use crate::param::{Param, Params};
use crate::reading;

/// The most ids or addresses of a list.
const LONGEST_LIST: usize = 100;
const LOCK_REASONS: &[&str] =
    &["financial", "security", "recycling", "dedicatedhostfinancial", "refunded"];

/// Parameters that name the whole of a text, and what they name.
static EXACT: &[(&str, &Field<Instance>)] = &[
    ("VpcId", &field::VPC),
    ("VSwitchId", &field::VSWITCH),
    ("ZoneId", &field::ZONE),
    ("ImageId", &field::IMAGE),
    ("InstanceType", &field::TYPE),
    ("KeyPairName", &field::KEY_PAIR),
    ("ResourceGroupId", &field::RESOURCE_GROUP),
    ("SecurityGroupId", &field::SECURITY_GROUP),
];

/// Parameters that name the whole of what every instance has.
const CONSTANT: &[(&str, &str)] =
    &[("HttpEndpoint", view::HTTP_ENDPOINT), ("HttpTokens", view::HTTP_TOKENS)];

/// Parameters that list addresses, and the address of an instance that has to be among them. Elastic
/// ones are found by their bindings; addresses for RDMA nothing has.
static ADDRESSES: &[(&str, Option<&Field<Instance>>)] = &[
    ("PrivateIpAddresses", Some(&field::PRIVATE_IP)),
    ("InnerIpAddresses", Some(&field::INNER_IP)),
    ("PublicIpAddresses", Some(&field::PUBLIC_IP)),
    (ELASTIC, None),
    ("RdmaIpAddresses", None),
];
const ELASTIC: &str = "EipAddresses";

pub(super) struct Tag {
    pub key: Option<String>,
    /// Key and value as one text, where both are given.
    tag: Option<String>,
}

impl Tag {
    fn parse(params: &Params, position: usize) -> Self {
        // Older clients write the part behind the position in small letters.
        let part = |name: &str, old: &str| {
            let new: Option<String> = params.string(&format!("Tag.{position}.{name}"));
            new.or_else(|| params.string(&format!("Tag.{position}.{old}")))
        };
        let (key, value) = (part("Key", "key"), part("Value", "value"));
        let tag = key.as_ref().zip(value).map(|(key, value)| fields::tag(key, &value));
        Self { key, tag }
    }

    /// What it asks for. Without a key it is refused.
    fn wanted(&self) -> Option<Wanted<'_, Instance>> {
        let key = self.key.as_deref()?;
        Some(match &self.tag {
            Some(tag) => field::TAG.is(tag),
            None => field::TAG_KEY.is(key),
        })
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

    fn wanted(self) -> Wanted<'static, Instance> {
        let (first, last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        let (field, first, last) = match self {
            Self::CreatedFrom(at) => (&field::CREATED, at, last),
            Self::CreatedUntil(at) => (&field::CREATED, first, at),
            Self::ExpiresFrom(at) => (&field::EXPIRES, at, last),
            Self::ExpiresUntil(at) => (&field::EXPIRES, first, at),
        };
        field.is_between(moment(first), moment(last))
    }
}

/// A list of addresses: its parameter, what it says, and the field, if one has them.
type Addresses = (&'static str, Param<Vec<String>>, Option<&'static Field<Instance>>);

pub(super) struct Filter {
    pub region_id: Option<Text>,
    pub instance_ids: Param<Vec<String>>,
    pub status: Param<Status>,
    pub charge_type: Param<ChargeType>,
    pub internet_charge_type: Param<InternetChargeType>,
    pub network_type: Param<NetworkType>,
    pub lock_reason: Param<String>,
    pub io_optimized: Param<bool>,
    pub hpc_cluster_id: Option<String>,
    /// Those that are given.
    pub addresses: Vec<Addresses>,
    pub tags: Vec<Tag>,
    pub limits: Vec<Option<Limit>>,
    exact: Vec<(String, &'static Field<Instance>)>,
    /// One of the constants is asked for by another text.
    contradicts: bool,
    name: Option<String>,
    family: Option<String>,
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
            addresses: addresses
                .map(|(name, of)| (*name, params.parse(name, list), *of))
                .filter(|(_, list, _)| list.is_given())
                .collect(),
            tags: (1..=params.count("Tag")).map(|position| Tag::parse(params, position)).collect(),
            limits: (1..=params.count("Filter"))
                .map(|position| Limit::parse(params, position))
                .collect(),
            exact: exact.filter_map(|(name, of)| Some((params.string(name)?, *of))).collect(),
            contradicts: CONSTANT
                .iter()
                .any(|(name, is)| params.text(name).is_some_and(|it| it != *is)),
            name: params.string("InstanceName"),
            family: params.string("InstanceTypeFamily"),
        }
    }

    /// The instances that lists name, by id or by elastic address; none where no list does.
    pub fn among(&self, world: &World) -> Option<Positions> {
        let named = self.instance_ids.value();
        let named = named.map(|ids| world.instance.positions(ids.iter().map(String::as_str)));
        let others = self.addresses.iter().filter_map(|(name, list, field)| {
            let list = list.value().filter(|_| field.is_none())?;
            let bound: &[String] = if *name == ELASTIC { list } else { &[] };
            let bound = world.eip.found(&[fields::eip::ADDRESS.is_one_of(bound)]);
            let ids = bound.filter_map(|eip| eip.instance_id.as_deref());
            Some(world.instance.positions(ids))
        });
        let impossible = self.contradicts.then(Positions::default);
        let sets = named.into_iter().chain(others).chain(impossible);
        let sets: Sets<'_> = sets.map(Cow::Owned).collect();
        (!sets.is_empty()).then(|| Positions::in_all(sets).into_owned())
    }

    /// What else is wanted of an instance.
    pub fn wanted<'q>(&'q self, world: &'q World) -> SmallVec<[Wanted<'q, Instance>; 2]> {
        let texts = [
            (&field::REGION, self.region_id.as_deref()),
            (&field::STATUS, self.status.value().map(|it| it.as_str())),
            (&field::CHARGE_TYPE, self.charge_type.value().map(|it| it.as_str())),
            (&field::INTERNET_CHARGE_TYPE, self.internet_charge_type.value().map(|it| it.as_str())),
            (&field::NETWORK_TYPE, self.network_type.value().map(|it| it.as_str())),
            (&field::LOCK, self.lock_reason.value().map(String::as_str)),
        ];
        let texts = texts.into_iter().filter_map(|(field, text)| Some(field.is(text?)));
        let exact = self.exact.iter().map(|(text, field)| field.is(text));
        let addresses = self.addresses.iter();
        let addresses =
            addresses.filter_map(|(_, list, field)| Some((*field)?.is_one_of(list.value()?)));
        texts
            .chain(exact)
            .chain(addresses)
            .chain(self.tags.iter().filter_map(Tag::wanted))
            .chain(self.limits.iter().flatten().map(|limit| limit.wanted()))
            .chain(self.name.as_deref().map(named_like))
            .chain(self.of_type(world))
            .collect()
    }

    /// What is wanted of the type beside its name. The types that instances have get looked at.
    fn of_type<'q>(&'q self, world: &'q World) -> Option<Wanted<'q, Instance>> {
        let is_wanted = self.family.is_some() || self.io_optimized.is_given();
        let fits = |one: &InstanceType| {
            self.family.as_ref().is_none_or(|id| *id == one.family)
                && self.io_optimized.value().is_none_or(|wanted| *wanted == one.io_optimized)
        };
        is_wanted.then(|| {
            field::TYPE.is_like("", move |name| world.find_type(name).is_some_and(|one| fits(one)))
        })
    }
}

/// A name, or a pattern of names: those that begin like it get looked at.
fn named_like(pattern: &str) -> Wanted<'_, Instance> {
    match pattern.split_once('*') {
        None => field::NAME.is(pattern),
        Some((begin, _)) => field::NAME.is_like(begin, |name| fits(pattern, name)),
    }
}

/// A JSON array of up to 100 texts.
fn list(text: &str) -> Option<Vec<String>> {
    reading::list(text).filter(|list| list.len() <= LONGEST_LIST)
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
