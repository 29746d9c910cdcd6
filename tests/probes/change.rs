//! Changes documents in places that mean something: a random node becomes another value that stands under
//! that key elsewhere, an odd one, nothing, or gets a neighbour. Plain bytes would rarely stay a document.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Values that code which reads numbers, times, names or lists may not have thought of.
fn odd(rng: &mut Rng) -> Value {
    match rng.u8(..4) {
        0 => {
            rng.choice([-1, 0, 1, i64::MAX, i64::MIN, 4_294_967_295, 2_147_483_647]).unwrap().into()
        }
        1 => match rng.u8(..6) {
            0 => json!(u64::MAX),
            1 => json!(0.5),
            2 => json!(null),
            3 => json!([]),
            4 => json!({}),
            _ => json!(rng.bool()),
        },
        2 => json!(rng.i64(..) >> rng.u8(..64)),
        _ => (*rng.choice(ODD_TEXTS).unwrap()).into(),
    }
}

/// Texts of the same kind.
const ODD_TEXTS: &[&str] = &[
    "",
    " ",
    "*",
    "\u{0}",
    "\u{FFFF}",
    "中文 & <b>]]>",
    "0s",
    "1ms",
    "292471208y",
    "0000-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2026-01-01T00:00:01Z",
    "9999-12-31T23:59:59Z",
    "+262142-12-31T23:59:59Z",
    "0.0.0.0/0",
    "255.255.255.255/32",
    "10.0.0.0/33",
    "i-*",
    "{id}",
    "99999999999999999999",
    "acs:ecs:*:*:*",
];

/// What documents of one kind hold.
pub struct Pool {
    /// What stands under each key, and in lists under the key of the list.
    by_key: BTreeMap<String, Vec<Value>>,
    /// The fields of tables of one kind: those as deep under the same key of the document.
    fields: BTreeMap<(String, usize), Vec<(String, Value)>>,
    /// Calls, as query strings.
    calls: Vec<String>,
}

impl Pool {
    /// Of these documents.
    pub fn of(documents: impl IntoIterator<Item = Value>) -> Self {
        let (by_key, fields) = (BTreeMap::new(), BTreeMap::new());
        let mut pool = Self { by_key, fields, calls: Vec::new() };
        for document in documents {
            pool.gather(&document, "", "", 0);
        }
        pool
    }

    fn gather(&mut self, value: &Value, top: &str, key: &str, depth: usize) {
        self.by_key.entry(key.to_owned()).or_default().push(value.clone());
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let table = self.fields.entry((top.to_owned(), depth)).or_default();
                    table.push((name.clone(), value.clone()));
                    let top = if depth == 0 { name } else { top };
                    self.gather(value, top, name, depth + 1);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.gather(item, top, key, depth + 1);
                }
            }
            Value::String(call) if key == "call" => self.calls.push(call.clone()),
            _ => {}
        }
    }

    /// Changes a document in one to four places.
    pub fn change(&self, document: &mut Value, rng: &mut Rng) {
        for _ in 0..=rng.u8(..4) {
            self.descend(document, "", "", 0, rng);
        }
    }

    fn descend(&self, value: &mut Value, top: &str, key: &str, depth: usize, rng: &mut Rng) {
        let children = match value {
            Value::Object(fields) => fields.len(),
            Value::Array(items) => items.len(),
            _ => 0,
        };
        if children == 0 || (depth > 0 && rng.u8(..6) == 0) {
            *value = self.another(value, key, rng);
        } else if rng.u8(..5) == 0 {
            self.rearrange(value, top, depth, rng);
        } else {
            let at = rng.usize(..children);
            match value {
                Value::Object(fields) => {
                    let (name, value) = fields.iter_mut().nth(at).unwrap();
                    let name = name.clone();
                    self.descend(
                        value,
                        if depth == 0 { &name } else { top },
                        &name,
                        depth + 1,
                        rng,
                    );
                }
                Value::Array(items) => self.descend(&mut items[at], top, key, depth + 1, rng),
                _ => {}
            }
        }
    }

    /// Another value for a key.
    fn another(&self, present: &Value, key: &str, rng: &mut Rng) -> Value {
        if let (Some(call), "call", 1..) = (present.as_str(), key, rng.u8(..8)) {
            return self.another_call(call, rng).into();
        }
        let known = self.by_key.get(key).filter(|_| rng.u8(..3) > 0);
        known.and_then(|known| rng.choice(known)).cloned().unwrap_or_else(|| odd(rng))
    }

    /// A call with one parameter changed, left out, doubled, or taken over from another call.
    fn another_call(&self, call: &str, rng: &mut Rng) -> String {
        let pairs = |call: &str| -> Vec<(String, String)> {
            form_urlencoded::parse(call.as_bytes()).into_owned().collect()
        };
        let mut own = pairs(call);
        let others = rng.choice(&self.calls).map(|other| pairs(other)).unwrap_or_default();
        let at = rng.usize(..own.len().max(1));
        match (own.get_mut(at), rng.choice(&others)) {
            (Some(pair), _) if rng.u8(..3) == 0 => {
                let text = odd(rng);
                pair.1 = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            }
            (Some(_), _) if rng.u8(..5) == 0 => drop(own.remove(at)),
            (Some(pair), _) if rng.u8(..5) == 0 => {
                let pair = pair.clone();
                own.push(pair);
            }
            (_, Some(pair)) => match own.iter_mut().find(|(name, _)| *name == pair.0) {
                Some(present) => present.1.clone_from(&pair.1),
                None => own.push(pair.clone()),
            },
            _ => {}
        }
        form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish()
    }

    /// Adds something to a table or list, takes something away, or has it twice.
    fn rearrange(&self, value: &mut Value, top: &str, depth: usize, rng: &mut Rng) {
        match value {
            Value::Object(fields) => self.rearrange_table(fields, top, depth, rng),
            Value::Array(items) => {
                let at = rng.usize(..items.len());
                match rng.u8(..3) {
                    0 => drop(items.remove(at)),
                    1 => items.insert(rng.usize(..=at), items[at].clone()),
                    _ => {
                        let other = rng.usize(..items.len());
                        items.swap(at, other);
                    }
                }
            }
            _ => {}
        }
    }

    fn rearrange_table(
        &self,
        table: &mut Map<String, Value>,
        top: &str,
        depth: usize,
        rng: &mut Rng,
    ) {
        let known = self.fields.get(&(top.to_owned(), depth));
        match (rng.u8(..4), known.and_then(|known| rng.choice(known))) {
            (1.., Some((name, value))) => {
                table.insert(name.clone(), value.clone());
            }
            (0, _) => {
                let name = table.keys().nth(rng.usize(..table.len())).unwrap().clone();
                let value = table.shift_remove(&name).unwrap();
                if rng.bool() {
                    table.insert(format!("{name}x"), value);
                }
            }
            _ => {}
        }
    }
}
