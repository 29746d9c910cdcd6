//! A reply as compact JSON.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::reply::Node;

struct Json<'a>(&'a Node);
struct Items<'a>(&'a [Node]);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Node::Text(text) => serializer.serialize_str(text),
            Node::Int(value) => serializer.serialize_i64(*value),
            Node::Float(value) => serializer.serialize_f64(*value),
            Node::Bool(value) => serializer.serialize_bool(*value),
            Node::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, &Json(value))?;
                }
                map.end()
            }
            Node::List(element, items) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(element, &Items(items))?;
                map.end()
            }
        }
    }
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.0.len()))?;
        for item in self.0 {
            items.serialize_element(&Json(item))?;
        }
        items.end()
    }
}

/// Writes a reply.
pub(super) fn write(node: &Node) -> Vec<u8> {
    // Texts and numbers always have a JSON form; a failure would be a bug of the serializer.
    serde_json::to_vec(&Json(node)).unwrap_or_default()
}
