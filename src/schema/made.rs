//! Makes the schemas of the types, and holds the files against them. It is part of the tests alone: what makes
//! schemas is larger than what it makes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema, schema_for};
use serde_json::Value;

use crate::domain::document::WorldDocument;
use crate::domain::instance::{self, Instance};
use crate::domain::registry::Registry;
use crate::domain::{Shared, Span, Text, Timestamp, Word};
use crate::faults::Fault;
use crate::scenario::Scenario;
use crate::server::openapi;

/// The longest line that is not broken.
const WIDTH: usize = 140;

/// The files of this folder, as the types want them.
fn files() -> [(&'static str, Value); 4] {
    [
        ("world.json", titled::<WorldDocument>("A world of ecs-local")),
        ("scenario.json", titled::<Scenario>("A scenario of ecs-local")),
        ("fault.json", titled::<Fault>("A fault of ecs-local")),
        ("openapi.json", openapi()),
    ]
}

fn titled<T: JsonSchema>(title: &str) -> Value {
    let mut schema = schema_for!(T);
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/schema"))
}

#[test]
fn schemas_are_what_the_types_say() {
    for (name, made) in files() {
        let is_same = fs::read_to_string(folder().join(name)).is_ok_and(|it| it == text(&made));
        assert!(
            is_same,
            "src/schema/{name} is not what the types say; this writes it anew: \
             cargo test --lib write_schemas -- --ignored"
        );
    }
}

#[test]
#[ignore = "it writes what the other test holds to be right"]
fn write_schemas() {
    for (name, made) in files() {
        fs::write(folder().join(name), text(&made)).unwrap();
    }
}

/// JSON in lines that can be compared, and not many of them.
pub(crate) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out + "\n"
}

fn write(value: &Value, depth: usize, out: &mut String) {
    let line = value.to_string();
    if depth + line.len() <= WIDTH {
        return *out += &line;
    }
    let (ends, parts): (_, Vec<(String, &Value)>) = match value {
        Value::Object(fields) => {
            let key = |name: &String| format!("{}: ", Value::from(name.as_str()));
            (["{", "}"], fields.iter().map(|(name, field)| (key(name), field)).collect())
        }
        Value::Array(items) => {
            (["[", "]"], items.iter().map(|item| (String::new(), item)).collect())
        }
        _ => return *out += &line,
    };
    *out += ends[0];
    for (index, (key, part)) in parts.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        out.extend([comma, "\n", &" ".repeat(depth + 1), key.as_str()]);
        write(part, depth + 1, out);
    }
    out.extend(["\n", &" ".repeat(depth), ends[1]]);
}

/// What reads and writes itself as something else does has its schema, too.
macro_rules! described_as {
    ($( [$($of:ident)?] $own:ty = $other:ty; )*) => { $(
        impl<$($of: JsonSchema + 'static)?> JsonSchema for $own {
            fn inline_schema() -> bool {
                <$other>::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                <$other>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                <$other>::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$other>::json_schema(generator)
            }
        }
    )* };
}

described_as! {
    [] Text = String;
    [] Word = String;
    [] Instance = instance::Written;
    [T] Shared<T> = T;
    [T] Registry<T> = BTreeMap<String, T>;
}

impl JsonSchema for Timestamp {
    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A moment in UTC.",
            "type": "string",
            "examples": ["2026-01-31T12:00:00Z"],
        })
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A span of time in whole milliseconds, in d, h, m, s and ms; also in other words for these, and in w.",
            "type": "string",
            "examples": ["4m59s", "1h 30m"],
        })
    }
}
