//! Makes the OpenAPI document of the control interface. `schema/made.rs` holds the file against it.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::super::route::{Answer, Route, SchemaOf, of};
use super::super::{Refused, routes};

/// The whole document.
pub(crate) fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for route in routes() {
        let operation = operation(route, &mut generator);
        let path = paths.entry(format!("/_local{}", route.path)).or_insert_with(|| json!({}));
        path[route.method] = operation;
    }
    let refused = of::<Refused>(&mut generator);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ecs-local control interface",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Worlds, clocks, faults and calls of an emulator. Each call concerns the \
                account that access_key_id leads to, or the default one.",
            "license": {"name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT"},
        },
        "servers": [{"url": "http://127.0.0.1:4526"}],
        "security": [{}, {"controlToken": []}],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "controlToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of --control-token, asked for on an address others can reach.",
                },
            },
            "responses": {
                "Refused": {
                    "description": "Refused; nothing has changed.",
                    "content": {"application/json": {"schema": refused}},
                },
            },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({"operationId": route.name, "summary": route.about});
    let parameters: Vec<Value> = path_parameters(route.path)
        .chain(route.query.iter().flat_map(|query| query_parameters(*query, generator)))
        .collect();
    if !parameters.is_empty() {
        operation["parameters"] = Value::from(parameters);
    }
    if let Some(body) = route.body {
        let content = json!({"application/json": {"schema": body(generator)}});
        operation["requestBody"] = json!({"required": true, "content": content});
    }
    let mut responses = Map::new();
    let (status, answer) = match route.answer {
        Answer::Nothing => ("204", json!({"description": "Done."})),
        Answer::Json(schema) => {
            let content = json!({"application/json": {"schema": schema(generator)}});
            ("200", json!({"description": "The answer.", "content": content}))
        }
        Answer::Text(kind) => {
            let content = json!({kind: {"schema": {"type": "string"}}});
            ("200", json!({"description": "The answer.", "content": content}))
        }
    };
    responses.insert(status.to_owned(), answer);
    let is_open = route.is_open;
    let takes_something = !route.query.is_empty() || route.body.is_some();
    let general = [
        (400, "what it was asked with cannot be read", takes_something),
        (401, "the token of --control-token is missing", !is_open),
        (403, "a web page of another site may not ask", !is_open),
        (503, "the data directory cannot be written", !is_open),
    ];
    let general = general.into_iter().filter(|(.., may_be)| *may_be);
    let general = general.map(|(status, what, _)| (status, what));
    for (status, what) in route.refusals.iter().copied().chain(general) {
        let refused = json!({"$ref": "#/components/responses/Refused", "description": what});
        responses.insert(status.to_string(), refused);
    }
    if is_open {
        operation["security"] = json!([]);
        responses.insert("503".to_owned(), responses["200"].clone());
    }
    operation["responses"] = Value::Object(responses);
    operation
}

/// The parts of a path that vary.
fn path_parameters(path: &str) -> impl Iterator<Item = Value> {
    let parts = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    parts.map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}),
    )
}

/// What a query may say: the fields of a type.
fn query_parameters(query: SchemaOf, generator: &mut SchemaGenerator) -> Vec<Value> {
    let reference = query(generator);
    let name =
        reference.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let schema = name.and_then(|name| generator.definitions_mut().shift_remove(name));
    let schema = schema.unwrap_or_else(|| reference.to_value());
    let is_required = |name: &str| {
        let required = schema["required"].as_array();
        required.is_some_and(|names| names.iter().any(|one| one == name))
    };
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields
        .map(|(name, field)| {
            let mut field = field.clone();
            let about = field.as_object_mut().and_then(|field| field.shift_remove("description"));
            json!({
                "name": name,
                "in": "query",
                "required": is_required(name),
                "description": about.unwrap_or_default(),
                "schema": field,
            })
        })
        .collect()
}
