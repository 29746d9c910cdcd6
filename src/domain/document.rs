//! World documents: the JSON or TOML form of a world. A document says only what differs from the
//! world it builds on; the rest, down to the private address of an instance, is filled in.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::disk::default_category;
use super::history::Cause;
use super::instance::{ChargeType, Instance, NetworkType, Terms, usual_host_name};
use super::registry::{Named, Registry};
use super::shared::Shared;
use super::text::Text;
use super::time::Timestamp;
use super::world::World;
use crate::reading::{self, Misfit};
use crate::writing;

/// The world a document builds on where it does not say: regions, zones, images and a network, no
/// instances.
const BASE: &str = include_str!("document/base.json");
/// The world `serve` starts with: the base and the instances the documentation's samples name.
const STARTING: &str = include_str!("document/starting.json");

/// The form documents are written in. One that does not say its form is read as this one. In form 1 lives
/// said what came of each change, too.
pub const FORMAT: u32 = 2;

/// Everything one account can see. A document says only what differs from the world it builds on.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(deny_unknown_fields))]
#[expect(dead_code, reason = "read key by key, because what is laid over is not yet a world")]
pub struct WorldDocument {
    /// The form it is written in; that of this version where it is not said.
    #[cfg_attr(test, schemars(default))]
    format: u32,
    /// The world it is laid over.
    #[cfg_attr(test, schemars(default))]
    base: Base,
    /// Its keys.
    #[cfg_attr(test, schemars(flatten))]
    world: World,
}

/// A world as a document: whole, so that it builds on nothing.
#[derive(Debug, Serialize)]
pub struct Whole {
    format: u32,
    base: &'static str,
    #[serde(flatten)]
    world: World,
}

impl Whole {
    /// Of a world.
    pub const fn of(world: World) -> Self {
        Self { format: FORMAT, base: "none", world }
    }
}

/// What a document is laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Regions, zones, images and a network; no instances.
    #[default]
    Base,
    /// The world `ecs-local` starts with.
    Starting,
    /// Nothing: the document is whole.
    None,
}

/// The text of a document: its keys, each with what is written there.
type Parts<'t> = BTreeMap<String, &'t RawValue>;

impl Base {
    /// Takes the base out of a document, and its form.
    fn taken_from(document: &mut Parts<'_>) -> Result<Self, DocumentError> {
        let mut take = |key| document.remove(key).map(|part| part.get());
        let format = take("format").map(|format| format.parse().unwrap_or(u64::MAX));
        if let Some(newer) = format.filter(|format| *format > FORMAT.into()) {
            return Err(DocumentError::Newer(newer));
        }
        take("base").map_or(Ok(Self::default()), |base| {
            reading::json(base.as_bytes()).map_err(|_| DocumentError::UnknownBase(base.to_owned()))
        })
    }

    /// The base of this name.
    pub(crate) fn named(name: &str) -> Result<Self, DocumentError> {
        reading::value(&name).map_err(|_| DocumentError::UnknownBase(format!("{name:?}")))
    }

    /// Written in TOML, for people, and kept in JSON, which a start reads in a third of the time.
    fn document(self) -> Result<Value, Misfit> {
        match self {
            Self::Base => reading::json(BASE.as_bytes()),
            Self::Starting => reading::json(STARTING.as_bytes()),
            Self::None => Ok(Value::Object(Map::new())),
        }
    }
}

/// Why a document is not a world.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// What is not a world.
    #[error("{0}")]
    Misfit(#[from] Misfit),
    /// `base` names no known world.
    #[error("base = {0:?} is none of \"base\", \"starting\", \"none\"")]
    UnknownBase(String),
    /// It was written by a later version.
    #[error("format = {0} is newer than {FORMAT}, the last that this version of ecs-local reads")]
    Newer(u64),
    /// Something the document names does not exist in it.
    #[error("{what} {name:?} of {of} does not exist in this world")]
    Dangling {
        /// Kind of the thing missed.
        what: &'static str,
        /// The name that leads nowhere.
        name: String,
        /// Who names it.
        of: String,
    },
}

impl World {
    /// The world with instances for the documentation's sample calls.
    ///
    /// # Errors
    /// Where the embedded document is broken (a test reads it).
    pub fn starting(now: Timestamp) -> Result<Self, DocumentError> {
        Self::laid_over(Base::Starting, b"{}", now)
    }

    /// The world documents build on.
    ///
    /// # Errors
    /// Where the embedded document is broken (a test reads it).
    pub fn base(now: Timestamp) -> Result<Self, DocumentError> {
        Self::laid_over(Base::Base, b"{}", now)
    }

    /// Reads a document: what it builds on (`base`), with its own keys laid over it, completed.
    ///
    /// # Errors
    /// A later format, an unknown base, an unknown key or a value of the wrong shape, a name that leads nowhere.
    pub fn from_value(document: &Value, now: Timestamp) -> Result<Self, DocumentError> {
        let text = writing::json(document).map_err(|error| Misfit::of(&error, b""))?;
        let mut parts = parts(&text)?;
        Self::of_parts(Base::taken_from(&mut parts)?, &parts, &text, now)
    }

    /// As [`World::from_value`], of the text of a document. What does not fit is told with its line.
    ///
    /// # Errors
    /// As [`World::from_value`].
    pub fn read(text: &[u8], now: Timestamp) -> Result<Self, DocumentError> {
        let read = || {
            let mut parts = parts(text)?;
            Self::of_parts(Base::taken_from(&mut parts)?, &parts, text, now)
        };
        read().map_err(|error| match error {
            DocumentError::Misfit(misfit) => misfit.in_text(text).into(),
            other => other,
        })
    }

    /// Reads the text of a document that does not say itself what it builds on.
    ///
    /// # Errors
    /// As [`World::from_value`].
    pub(crate) fn laid_over(
        base: Base,
        text: &[u8],
        now: Timestamp,
    ) -> Result<Self, DocumentError> {
        Self::of_parts(base, &parts(text)?, text, now)
    }

    fn of_parts(
        base: Base,
        parts: &Parts<'_>,
        text: &[u8],
        now: Timestamp,
    ) -> Result<Self, DocumentError> {
        let unfit = |error| misfit(parts, text).map_or(error, DocumentError::from);
        let mut world = over(base, parts).map_err(unfit)?;
        // A document that builds on nothing is whole: what it leaves out is not there.
        world.complete(base == Base::None, now)?;
        Ok(world)
    }

    /// This world with a document laid over it: what happens outside of calls, a top-up or a stock
    /// that arrives.
    ///
    /// # Errors
    /// As [`World::from_value`].
    pub fn patched(&self, patch: Value, now: Timestamp) -> Result<Self, DocumentError> {
        let mut document = self.to_value()?;
        merge(&mut document, patch);
        let mut world = Self::from_value(&document, now)?;
        world.tell_difference(self, &Cause::control("world"), now);
        Ok(world)
    }

    /// This world without what is nobody's business: keys keep their ids and lose their secrets.
    #[must_use]
    pub fn without_secrets(mut self) -> Self {
        self.access_key.forget_secrets();
        self
    }

    /// The document of this world: whole, so that it builds on nothing.
    ///
    /// # Errors
    /// Never in practice: every field of a world has a JSON form.
    pub fn to_value(&self) -> Result<Value, DocumentError> {
        Ok(reading::value(&Whole::of(self.clone()))?)
    }

    fn complete(&mut self, is_whole: bool, now: Timestamp) -> Result<(), DocumentError> {
        if !self.instance_type.is_empty() {
            for (name, instance_type) in self.instance_type.iter_mut() {
                std::sync::Arc::make_mut(instance_type).complete(name);
            }
        }
        // Completed where they stand: none is copied.
        let mut instances = std::mem::take(&mut self.instance);
        let mut completed = Completed::default();
        for instance in instances.iter_mut() {
            let category = self.complete_terms(instance, &mut completed, now)?;
            self.give_private_ip(instance);
            if !is_whole {
                self.give_public_ip(instance);
            }
            complete_times(instance, now);
            complete_parts(instance, category);
        }
        self.instance = instances;
        let coming = self.instance.iter().filter(|instance| instance.has_plans());
        let ids: Vec<String> = coming.map(|instance| instance.id.to_string()).collect();
        for id in ids {
            self.schedule(&id, &Cause::default(), now);
        }
        self.schedule_account(now);
        self.check_access_keys()?;
        self.complete_eips(now)
    }

    /// Completes what an instance is had on, or takes it from one of which the document says the same; tells the
    /// usual category of its disks.
    fn complete_terms(
        &mut self,
        it: &mut Instance,
        completed: &mut Completed,
        now: Timestamp,
    ) -> Result<&'static str, DocumentError> {
        if let Some((_, whole, category)) = completed.whole.get(&it.terms.address()) {
            it.terms = whole.clone();
            return Ok(category);
        }
        let said = it.terms.clone();
        self.complete_place(it)?;
        if it.charge_type == ChargeType::PrePaid && it.expires_at.is_none() {
            it.expires_at = Some(now.plus_months(1));
        }
        it.join(&mut self.alike);
        let category = self.find_type(&it.instance_type).map_or("", |it| default_category(it));
        if completed.whole.len() == COMPLETED {
            completed.whole.clear();
        }
        completed.whole.insert(said.address(), (said, it.terms.clone(), category));
        Ok(category)
    }

    fn complete_place(&self, it: &mut Instance) -> Result<(), DocumentError> {
        let id = it.id.clone();
        let dangling = |what, name: &str| DocumentError::Dangling {
            what,
            name: name.to_owned(),
            of: id.to_string(),
        };
        if self.find_type(&it.instance_type).is_none() {
            return Err(dangling("instance type", &it.instance_type));
        }
        if !it.vswitch_id.is_empty() && self.vswitch.get(&it.vswitch_id).is_none() {
            return Err(dangling("switch", &it.vswitch_id));
        }
        let is_region = |name: &str| self.region.contains_key(name);
        if !it.region_id.is_empty() && !is_region(&it.region_id) {
            return Err(dangling("region", &it.region_id));
        }
        if it.zone_id.is_empty() {
            it.zone_id = self.zone_for(it).unwrap_or_default().into();
        }
        let Some(zone) = self.zone.get(it.zone_id.as_str()) else {
            return Err(dangling("zone", &it.zone_id));
        };
        if it.region_id.is_empty() {
            if !is_region(&zone.region_id) {
                let (name, of) = (zone.region_id.clone(), it.zone_id.to_string());
                return Err(DocumentError::Dangling { what: "region", name, of });
            }
            it.region_id = zone.region_id.as_str().into();
        }
        self.complete_network(it);
        Ok(())
    }

    fn zone_for(&self, it: &Instance) -> Option<String> {
        if let Some(vswitch) = self.vswitch.get(&it.vswitch_id) {
            return Some(vswitch.zone_id.clone());
        }
        let region = if it.region_id.is_empty() { "cn-hangzhou" } else { it.region_id.as_str() };
        let in_region =
            |zone: &&String| self.zone.get(*zone).is_some_and(|z| z.region_id == region);
        self.zone.keys().find(in_region).cloned()
    }

    fn complete_network(&self, it: &mut Instance) {
        if it.network_type != NetworkType::Vpc {
            return;
        }
        if it.vswitch_id.is_empty() {
            let in_zone = self.vswitch.iter().find(|vswitch| vswitch.zone_id == it.zone_id);
            it.vswitch_id = in_zone.map(|vswitch| Text::from(&vswitch.id)).unwrap_or_default();
        }
        if let Some(vswitch) = self.vswitch.get(&it.vswitch_id) {
            it.vpc_id = vswitch.vpc_id.as_str().into();
        }
        if it.security_group_ids.is_empty() {
            let first = self.security_group.iter().find(|group| group.vpc_id == it.vpc_id);
            it.security_group_ids.extend(first.map(|group| Text::from(&group.id)));
        }
    }

    fn give_private_ip(&mut self, it: &mut Instance) {
        if !it.private_ip.is_empty() {
            return;
        }
        if it.network_type == NetworkType::Classic {
            it.private_ip = Text::known("10.170.0.10");
        } else if let Some(vswitch) = self.vswitch.get_mut(&it.vswitch_id) {
            it.private_ip = vswitch.host(vswitch.hosts_given);
            vswitch.hosts_given = vswitch.hosts_given.wrapping_add(1);
        }
    }

    /// Bandwidth comes with an address, unless an elastic IP is bound.
    fn give_public_ip(&mut self, it: &mut Instance) {
        let has_eip = || self.eip_of(&it.id).is_some();
        if it.bandwidth_out_mbps > 0 && it.public_ip.is_none() && !has_eip() {
            it.public_ip = Some(self.next_public_ip().into());
            self.public_ips_given = self.public_ips_given.wrapping_add(1);
        }
    }

    fn check_access_keys(&self) -> Result<(), DocumentError> {
        for key in self.access_key.iter() {
            if !key.ram_user.is_empty() && !self.ram_user.contains_key(&key.ram_user) {
                let (name, of) = (key.ram_user.clone(), key.id.clone());
                return Err(DocumentError::Dangling { what: "RAM user", name, of });
            }
        }
        Ok(())
    }

    fn complete_eips(&mut self, now: Timestamp) -> Result<(), DocumentError> {
        let bound = self.eip.iter().find_map(|eip| {
            let instance_id = eip.instance_id.as_deref()?;
            self.instance
                .get(instance_id)
                .is_none()
                .then(|| (eip.id.clone(), instance_id.to_owned()))
        });
        if let Some((of, name)) = bound {
            return Err(DocumentError::Dangling { what: "instance", name, of });
        }
        let ids: Vec<String> = self.eip.iter().map(|eip| eip.id.clone()).collect();
        for id in ids {
            let address = self.next_public_ip();
            let Some(eip) = self.eip.get_mut(&id) else {
                continue;
            };
            if eip.ip_address.is_empty() {
                eip.ip_address = address;
                self.public_ips_given = self.public_ips_given.wrapping_add(1);
            }
            if eip.region_id.is_empty() {
                "cn-hangzhou".clone_into(&mut eip.region_id);
            }
            if eip.bandwidth_mbps == 0 {
                eip.bandwidth_mbps = 5;
            }
            if eip.allocated_at == Timestamp::default() {
                eip.allocated_at = now;
            }
        }
        Ok(())
    }
}

/// What instances of a document are had on, completed.
#[derive(Default)]
struct Completed {
    /// By where in memory is what the document says, for those that say the same share that: it as well, so that
    /// nothing else gets to be there; what it becomes; and the usual category of disks.
    whole: BTreeMap<usize, (Shared<Terms>, Shared<Terms>, &'static str)>,
}

/// How many of them are kept at a time.
const COMPLETED: usize = 1024;

fn complete_times(it: &mut Instance, now: Timestamp) {
    for moment in [&mut it.created_at, &mut it.started_at] {
        if *moment == Timestamp::default() {
            *moment = now;
        }
    }
}

fn complete_parts(it: &mut Instance, category: &str) {
    let id = it.id.clone();
    let tail = id.strip_prefix("i-").unwrap_or(&id);
    if it.name.is_empty() {
        it.name.clone_from(&id);
    }
    if it.host_name.is_empty() {
        it.host_name = usual_host_name(&id);
    }
    for (position, disk) in it.hardware.disks.iter_mut().enumerate() {
        if disk.id.is_empty() {
            disk.id = numbered("d", tail, position);
        }
        if disk.category.is_empty() {
            disk.category = category.into();
        }
    }
    for (position, interface) in it.hardware.network_interfaces.iter_mut().enumerate() {
        if interface.id.is_empty() {
            interface.id = numbered("eni", tail, position);
        }
        if interface.mac_address.is_empty() {
            interface.mac_address = match position {
                0 => Text::known("00:16:3e:00:00:00"),
                _ => format!("00:16:3e:00:00:{position:02x}").into(),
            };
        }
        if interface.private_ips.is_empty() {
            interface.private_ips.push(it.private_ip.clone());
        }
    }
}

/// The id of the part of an instance at this position.
fn numbered(prefix: &str, tail: &str, position: usize) -> Text {
    if position == 0 {
        Text::of(&[prefix, "-", tail])
    } else {
        format!("{prefix}-{tail}-{position}").into()
    }
}

/// The keys of a document.
fn parts(text: &[u8]) -> Result<Parts<'_>, Misfit> {
    reading::json(text)
}

/// What a document says, laid over what it builds on. What there can be many of becomes what it is without
/// being a value before; of most of it, bases have none.
fn over(base: Base, parts: &Parts<'_>) -> Result<World, DocumentError> {
    let mut under = base.document()?;
    let (mut many, mut few) = (Vec::new(), Map::new());
    for (key, part) in parts {
        let (key, text) = (key.as_str(), part.get().as_bytes());
        match key {
            "instance" | "eip" | "order" | "token" | "due" | "history" => many.push((key, text)),
            _ => drop(few.insert(key.to_owned(), reading::json(text)?)),
        }
    }
    merge(&mut under, Value::Object(few));
    let mut world: World = reading::value(&under)?;
    for (key, text) in many {
        match key {
            "instance" => lay_over(&mut world.instance, &under[key], text)?,
            "eip" => lay_over(&mut world.eip, &under[key], text)?,
            "order" => lay_over(&mut world.order, &under[key], text)?,
            "token" => world.token = reading::json(text)?,
            "due" => world.due = reading::json(text)?,
            _ => world.history = reading::json(text)?,
        }
    }
    Ok(world)
}

/// Lays the things of a text over those of a base, whose documents are these.
fn lay_over<T: Named + Clone + DeserializeOwned>(
    things: &mut Registry<T>,
    under: &Value,
    text: &[u8],
) -> Result<(), Misfit> {
    reading::json_by(Over { things, under }, text)
}

struct Over<'w, T: 'static> {
    things: &'w mut Registry<T>,
    under: &'w Value,
}

impl<'de, T: Named + Clone + DeserializeOwned> DeserializeSeed<'de> for Over<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Named + Clone + DeserializeOwned> Visitor<'de> for Over<'_, T> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a table from id to its fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut alike = T::Alike::default();
        while let Some(id) = map.next_key::<String>()? {
            let mut thing: T = match self.under.get(&id) {
                None => map.next_value()?,
                Some(under) => {
                    let mut whole = under.clone();
                    merge(&mut whole, map.next_value()?);
                    reading::value(&whole).map_err(A::Error::custom)?
                }
            };
            thing.set_id(&id);
            // At once: the next one is read into the place of what is shared.
            thing.join(&mut alike);
            self.things.put(thing);
        }
        Ok(())
    }
}

/// What does not fit, and where in the text: of each key as if it were the only one.
fn misfit(parts: &Parts<'_>, text: &[u8]) -> Option<Misfit> {
    let misfits = parts.iter().filter_map(|(key, part)| {
        let head = format!("{{{}:", Value::from(key.as_str()));
        let alone = format!("{head}{part}}}");
        let misfit = reading::json::<World>(alone.as_bytes()).err()?;
        let begin = part.get().as_ptr().addr() - text.as_ptr().addr();
        Some(Misfit { at: misfit.at.map(|at| begin + at - head.len()), ..misfit })
    });
    misfits.min_by_key(|misfit| misfit.at)
}

/// Lays `over` over `under`: tables merge key by key, everything else is replaced.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(present) => merge(present, value),
                    None => {
                        under.insert(key, value);
                    }
                }
            }
        }
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::reading::Toml;
    use crate::schema::made;

    /// The embedded worlds by their names, as the TOML beside them says them.
    fn sources() -> [(&'static str, String); 2] {
        let read = |text| Toml::of(text).unwrap().read::<Value>().unwrap();
        let base = read(include_str!("document/base.toml"));
        let mut starting = base.clone();
        merge(&mut starting, read(include_str!("document/starting.toml")));
        [("base.json", made::text(&base)), ("starting.json", made::text(&starting))]
    }

    #[test]
    fn the_embedded_worlds_are_what_their_sources_say() {
        for ((name, text), embedded) in sources().into_iter().zip([BASE, STARTING]) {
            assert!(
                text == embedded,
                "src/domain/document/{name} is not what the TOML beside it says; this writes it \
                 anew: cargo test --lib write_worlds -- --ignored"
            );
        }
    }

    #[test]
    #[ignore = "it writes what the other test holds to be right"]
    fn write_worlds() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/document"));
        for (name, text) in sources() {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }

    #[test]
    fn the_embedded_worlds_are_read() {
        let world = World::starting(Timestamp::default()).unwrap();
        assert!(world.instance.get("i-xxxxx1").is_some());
        assert!(World::base(Timestamp::default()).unwrap().instance.is_empty());
    }

    /// Large documents would take several times the memory while they are read.
    #[test]
    fn instances_are_alike_as_soon_as_they_are_read() {
        let text =
            br#"{"i-a": {"tags": {"team": "a"}}, "i-b": {}, "i-c": {"tags": {"team": "a"}}}"#;
        let mut read = Registry::<Instance>::default();
        lay_over(&mut read, &Value::Null, text).unwrap();
        let terms = |id: &str| &read.get(id).unwrap().terms;
        assert!(terms("i-a").is_same(terms("i-c")) && !terms("i-a").is_same(terms("i-b")));
    }

    #[test]
    fn a_world_survives_its_document() {
        let world = World::starting(Timestamp(1_700_000_000_000)).unwrap();
        let again = World::from_value(&world.to_value().unwrap(), Timestamp(0)).unwrap();
        assert_eq!(world, again);
    }

    #[test]
    fn a_document_fills_what_it_does_not_say() {
        let document = serde_json::json!({"instance": {"i-web": {"status": "Stopped"}}});
        let world = World::from_value(&document, Timestamp(0)).unwrap();
        let web = world.instance.get("i-web").unwrap();
        assert_eq!(web.hardware.disks[0].id, "d-web");
        assert!(web.private_ip.starts_with("172.16."));
        assert_eq!(web.hardware.network_interfaces[0].private_ips[0], web.private_ip);
    }

    #[test]
    fn text_reads_as_its_value_does() {
        let starting = World::starting(Timestamp(1_700_000_000_000)).unwrap();
        let documents = [
            serde_json::json!({"instance": {"i-web": {"status": "Stopped"}}}),
            serde_json::json!({"instance": {"i-xxxxx1": {"status": "Stopped"}}, "base": "starting"}),
            starting.to_value().unwrap(),
            serde_json::json!({"instance": {"i-web": {"statsu": "Stopped"}}}),
            serde_json::json!({"eip": {"eip-a": {"instance_id": "i-none"}}}),
            serde_json::json!({"inst": {}}),
            serde_json::json!({"instance": {"i-3": {}, "i-1": {}, "i-2x": {}}}),
            serde_json::json!({"instance": {"i-1": {}, "i-3": [], "i-2x": {}}}),
            serde_json::json!({"account": [0]}),
            serde_json::json!({"format": FORMAT + 1}),
        ];
        for document in documents {
            let text = document.to_string();
            let read = World::read(text.as_bytes(), Timestamp(0));
            let expected = World::from_value(&document, Timestamp(0));
            assert_eq!(read.ok(), expected.ok(), "{text}");
        }
    }

    #[test]
    fn names_that_lead_nowhere_are_refused() {
        let document = serde_json::json!({"instance": {"i-web": {"vswitch_id": "vsw-none"}}});
        assert!(matches!(
            World::from_value(&document, Timestamp(0)),
            Err(DocumentError::Dangling { what: "switch", .. })
        ));
        // In a zone it does not name, whose region is not there.
        let zone = serde_json::json!({"region_id": "cn-hangzhou", "local_name": "H"});
        let document = serde_json::json!({
            "base": "none",
            "zone": {"cn-hangzhou-h": zone},
            "instance": {"i-web": {}},
        });
        let error = World::from_value(&document, Timestamp(0)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "region \"cn-hangzhou\" of cn-hangzhou-h does not exist in this world"
        );
    }
}
