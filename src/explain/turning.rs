//! What a refusal turned on: the values it would not have come of. Found by asking again, in a copy of what
//! the call is about, with one value changed at a time: each parameter left out, each value of the world
//! that has to do with it put otherwise, the clock moved. What is told is true of the world as it is now;
//! where the same call would be answered otherwise by now, nothing is told.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::calls::Told;
use crate::domain::access::AccessKey;
use crate::domain::account::Caller;
use crate::domain::instance::Instance;
use crate::domain::registry::{Named, Registry};
use crate::domain::{Span, Timestamp, World};
use crate::engine::Call;
use crate::ids::{Ids, RequestId};
use crate::operations::Entry;
use crate::param::{Params, is_system};
use crate::reading;
use crate::row::Date;
use crate::rule::{Decider, RuleId};
use crate::schema::Written;
use crate::writing;

/// The most that is told.
const TOLD: usize = 12;

/// The parts of a world that are things by name.
const THINGS: &[&str] = &[
    "instance",
    "eip",
    "order",
    "region",
    "zone",
    "vswitch",
    "vpc",
    "security_group",
    "image",
    "instance_type",
];

/// A value the refusal turned on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TurningPoint {
    /// A parameter by its name, a value of the world by its path in world documents, or `clock`.
    pub what: String,
    /// What it was.
    pub value: Value,
    /// A value that leads past the rule; null for a parameter that is left out.
    pub otherwise: Value,
    /// The row the call is refused with then; empty where it is accepted.
    pub row: String,
}

/// Everything it takes to ask again.
pub struct Asker {
    entry: &'static Entry,
    decided: RuleId,
    pairs: Vec<(String, String)>,
    world: World,
    /// The key the call was made with, if the world lists it.
    key: Option<Arc<AccessKey>>,
    now: Timestamp,
    as_of: Option<Date>,
}

/// How a call goes: the rule that holds, with its row, or none.
type Outcome = Option<(RuleId, &'static str)>;

impl Asker {
    /// Of a call that a rule of its operation refused; none of any other.
    pub fn of(told: &Told, world: &World, now: Timestamp, as_of: Option<Date>) -> Option<Self> {
        let Some(Decider::Rule(decided)) = told.decider else { return None };
        let entry = Entry::find(&told.action).filter(|_| decided.table.is_of_operation())?;
        let pairs = told.sent.pairs();
        let key = world.access_key.iter().find(|key| key.id == told.access_key_id);
        let key = key.cloned().map(Arc::new);
        let world = excerpt(world, &pairs);
        Some(Self { entry, decided, pairs, world, key, now, as_of })
    }

    /// What the refusal turned on, parameters first.
    pub fn turning_points(&self) -> Vec<TurningPoint> {
        if self.ask(&self.pairs, self.world.clone(), self.now).map(|(rule, _)| rule)
            != Some(self.decided)
        {
            return Vec::new();
        }
        let mut found = self.of_parameters();
        found.extend(self.of_clock());
        found.extend(self.of_world());
        found.truncate(TOLD);
        found
    }

    fn ask(&self, pairs: &[(String, String)], mut world: World, now: Timestamp) -> Outcome {
        let named = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let params = Params::from_pairs(named).ok()?;
        let caller = &Caller { access_key: self.key.clone(), ..world.caller.clone() };
        let as_of = self.as_of;
        let call = Call {
            params: &params,
            request_id: RequestId::default(),
            now,
            as_of,
            caller,
            host: "",
            muted: &[],
        };
        let refusal = (self.entry.answer)(&call, &mut world, &mut Ids::seeded(0)).err()?;
        match refusal.decider {
            Decider::Rule(rule) => Some((rule, refusal.row.name)),
            Decider::Fault | Decider::Socket => None,
        }
    }

    /// The row behind the one that decided, empty for none, where that is how it goes.
    fn past(&self, outcome: Outcome) -> Option<String> {
        match outcome {
            None => Some(String::new()),
            Some((rule, row)) => (rule > self.decided).then(|| row.to_owned()),
        }
    }

    fn of_parameters(&self) -> Vec<TurningPoint> {
        let own = |name: &str| !is_system(name);
        let sent = self.pairs.iter().enumerate().filter(|(_, (name, _))| own(name));
        let without = sent.filter_map(|(index, (name, value))| {
            let mut pairs = self.pairs.clone();
            pairs.remove(index);
            let row = self.past(self.ask(&pairs, self.world.clone(), self.now))?;
            let (what, value) = (name.clone(), Value::from(value.clone()));
            Some(TurningPoint { what, value, otherwise: Value::Null, row })
        });
        without.collect()
    }

    fn of_clock(&self) -> Option<TurningPoint> {
        let later = [Span::seconds(300), Span::hours(1), Span::days(40)];
        later.into_iter().find_map(|span| {
            let then = self.now.plus(span);
            let row = self.past(self.ask(&self.pairs, self.world.clone(), then))?;
            let (value, otherwise) = (self.now.to_string().into(), then.to_string().into());
            Some(TurningPoint { what: "clock".to_owned(), value, otherwise, row })
        })
    }

    fn of_world(&self) -> Vec<TurningPoint> {
        let document = writing::value(&self.world);
        let mut leaves = Vec::new();
        for part in ["account", "caller"].iter().chain(THINGS) {
            collect(&document[*part], &format!("/{part}"), &mut leaves);
        }
        leaves.into_iter().filter_map(|path| self.of_leaf(&document, &path)).collect()
    }

    /// The first other value of a leaf that leads past the rule.
    fn of_leaf(&self, document: &Value, path: &str) -> Option<TurningPoint> {
        let value = document.pointer(path)?.clone();
        let others = ordinary(path).into_iter().chain(alternatives(&value));
        others.filter(|other| *other != value).find_map(|otherwise| {
            let mut other = document.clone();
            other.pointer_mut(path)?.clone_from(&otherwise);
            let world = reading::value(&other).ok()?;
            let row = self.past(self.ask(&self.pairs, world, self.now))?;
            let what = path.trim_start_matches('/').replace('/', ".");
            Some(TurningPoint { what, value: value.clone(), otherwise, row })
        })
    }
}

/// The part of a world a call has to do with: what its parameters name, what that names, and so on, with the
/// small things all of them. Other instances are left out.
fn excerpt(world: &World, pairs: &[(String, String)]) -> World {
    let mut named: BTreeSet<String> = BTreeSet::new();
    for (_, value) in pairs {
        let list = reading::list(value);
        named.extend(list.unwrap_or_else(|| value.split(',').map(str::to_owned).collect()));
    }
    let eips = world.eip.iter().filter(|eip| {
        named.contains(&eip.id) || eip.instance_id.as_ref().is_some_and(|id| named.contains(id))
    });
    let eip: Registry<_> = gathered(eips);
    named.extend(eip.iter().filter_map(|eip| eip.instance_id.clone()));
    let instance = gathered(world.instance.iter().filter(|it| named.contains(it.id.as_str())));
    for it in instance.iter() {
        let places = [&it.region_id, &it.zone_id, &it.vpc_id, &it.vswitch_id];
        named.extend(places.into_iter().map(String::from));
        named.extend([String::from(&it.image_id), String::from(&it.instance_type)]);
    }
    World {
        account: world.account.clone(),
        caller: world.caller.clone(),
        ram_user: world.ram_user.clone(),
        ram_role: world.ram_role.clone(),
        settings: world.settings.clone(),
        prices: world.prices.clone(),
        region: kept(&world.region, &named).into(),
        zone: kept(&world.zone, &named).into(),
        instance_type: kept(&world.instance_type, &named).into(),
        image: gathered(world.image.iter().filter(|it| named.contains(&it.id))),
        vpc: gathered(world.vpc.iter().filter(|it| named.contains(&it.id))),
        vswitch: gathered(world.vswitch.iter().filter(|it| named.contains(&it.id))),
        security_group: world.security_group.clone(),
        order: gathered(world.order.iter().filter(|it| named.contains(&it.instance_id))),
        token: world.token.clone(),
        public_ips_given: world.public_ips_given,
        instance,
        eip,
        ..World::default()
    }
}

fn gathered<'a, T: Named + Clone + 'a>(things: impl Iterator<Item = &'a T>) -> Registry<T> {
    let mut registry = Registry::default();
    things.for_each(|thing| registry.put(thing.clone()));
    registry
}

type Things<T> = std::collections::BTreeMap<String, T>;

fn kept<T: Clone>(things: &Things<T>, named: &BTreeSet<String>) -> Things<T> {
    let own = things.iter().filter(|(name, _)| named.contains(*name));
    own.map(|(name, thing)| (name.clone(), thing.clone())).collect()
}

/// The paths of everything that is no table with something in it.
fn collect(value: &Value, path: &str, into: &mut Vec<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(field, &format!("{path}/{name}"), into);
            }
        }
        Value::Null => {}
        _ => into.push(path.to_owned()),
    }
}

/// What an instance has where nothing is said.
fn ordinary(path: &str) -> Option<Value> {
    static ORDINARY: LazyLock<Value> = LazyLock::new(|| writing::value(&Instance::default()));
    let (_, field) = path.strip_prefix("/instance/")?.split_once('/')?;
    ORDINARY.pointer(&format!("/{field}")).cloned()
}

/// Other values that may stand in the place of one.
fn alternatives(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(is) => vec![Value::from(!is)],
        Value::Number(number) => {
            let number = number.as_i64().unwrap_or_default();
            vec![0.into(), (number + 1).into(), number.saturating_add(1_000_000_000).into()]
        }
        Value::String(text) => other_texts(text),
        Value::Array(_) => vec![Value::Array(Vec::new())],
        Value::Object(_) | Value::Null => vec![Value::Object(Map::new())],
    }
}

fn other_texts(text: &str) -> Vec<Value> {
    if let Some(moment) = Timestamp::parse_seconds(text) {
        let far = Span::days(400);
        return vec![moment.minus(far).to_string().into(), moment.plus(far).to_string().into()];
    }
    let lists = LISTS.iter().filter(|list| list.iter().any(|one| one == text));
    let others: BTreeSet<&String> = lists.flatten().filter(|one| *one != text).collect();
    if others.is_empty() {
        return if text.is_empty() { Vec::new() } else { vec!["".into()] };
    }
    others.into_iter().map(|other| other.as_str().into()).collect()
}

/// The lists of texts that may stand in one place, as the schema of worlds has them.
static LISTS: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let schema: Value = reading::json(Written::World.schema().as_bytes()).unwrap_or_default();
    let definitions = schema["$defs"].as_object().into_iter().flatten();
    let texts = |definition: &Value| -> Vec<String> {
        let listed = definition["enum"].as_array().into_iter().flatten();
        let described = definition["oneOf"].as_array().into_iter().flatten();
        let described = described
            .flat_map(|one| one["enum"].as_array().into_iter().flatten().chain(one.get("const")));
        listed.chain(described).filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    definitions.map(|(_, definition)| texts(definition)).filter(|list| !list.is_empty()).collect()
});
