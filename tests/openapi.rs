//! What is written about what is written: the schemas accept every document here and refuse mistakes, and
//! every call of the control interface answers what the OpenAPI document says.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod served;

use std::collections::BTreeSet;
use std::path::Path;

use ecs_local::scenario;
use ecs_local::schema::Written;
use serde_json::{Value, json};
use served::{Served, starting_emulator};

fn schema(of: Written) -> Value {
    serde_json::from_str(&of.schema()).unwrap()
}

fn is_valid(schema: &Value, document: &Value) -> Result<(), String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let first = validator.iter_errors(document).next();
    first.map_or(Ok(()), |error| Err(format!("{} at {}", error, error.instance_path())))
}

#[test]
fn every_scenario_here_fits_its_schema_and_a_slip_does_not() {
    let schema = schema(Written::Scenario);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let files = scenario::find(Path::new("scenarios")).unwrap();
    assert!(files.len() > 200);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut document: Value = toml::from_str(&text).unwrap();
        if let Some(error) = validator.iter_errors(&document).next() {
            panic!("{}: {error} at {}", file.display(), error.instance_path());
        }
        document["stepp"] = json!([]);
        assert!(!validator.is_valid(&document), "{}: a slip passed", file.display());
    }
    let slips = [
        json!({"about": "a", "given": {"instance": {"i-a": {"statsu": "Stopped"}}}}),
        json!({"about": "a", "given": {"instance": {"i-a": {"status": "Asleep"}}}}),
        json!({"about": "a", "fault": [{"phase": "during"}]}),
        json!({"about": "a", "step": [{"world": {"instances": {}}}]}),
        json!({"given": {}}),
    ];
    for slip in slips {
        assert!(!validator.is_valid(&slip), "{slip}");
    }
}

#[test]
fn a_world_and_a_fault_fit_their_schemas() {
    let world = schema(Written::World);
    let emulator = starting_emulator(0);
    let exported = emulator.with_tenant("", |tenant| tenant.world.to_value().unwrap());
    assert_eq!(is_valid(&world, &exported), Ok(()));
    assert!(is_valid(&world, &json!({"instnace": {}})).is_err());
    let fault = schema(Written::Fault);
    assert_eq!(is_valid(&fault, &json!({"row": "INTERNAL", "times": 2, "wait": "1s"})), Ok(()));
    assert!(is_valid(&fault, &json!({"rwo": "INTERNAL"})).is_err());
}

/// A call of each operation of the document that answers well, in an order in which they can.
fn session(request_id: &str, order: &str) -> Vec<(&'static str, String, Value)> {
    let call = |name, path: &str| (name, path.to_owned(), Value::Null);
    let with = |name, path: &str, body| (name, path.to_owned(), body);
    vec![
        call("health", "/health"),
        call("metrics", "/metrics"),
        call("openapi", "/openapi.json"),
        call("schema", "/schemas/world"),
        call("rows", "/rows?all=true"),
        call("calls", "/calls?action=StopInstance&status=200"),
        call("why", &format!("/calls/{request_id}")),
        call("instance", "/instances/i-web"),
        call("history", "/instances/i-web/history"),
        call("orders", "/orders"),
        call("order", &format!("/orders/{order}")),
        call("cancelOrder", &format!("/orders/{order}/cancel")),
        call("clock", "/clock"),
        with("moveClock", "/clock", json!({"advance": "10s"})),
        call("account", "/account"),
        with("changeAccount", "/account", json!({"top_up_cents": 5})),
        with(
            "armFault",
            "/faults",
            json!({"row": "INTERNAL", "probability": 0.5, "phase": "after"}),
        ),
        call("faults", "/faults"),
        call("disarmFaults", "/faults"),
        call("keep", "/snapshots/morning"),
        call("snapshots", "/snapshots"),
        call("bringBack", "/snapshots/morning/load"),
        call("forget", "/snapshots/morning"),
        call("world", "/world"),
        with("changeWorld", "/world", json!({"account": {"balance_cents": 1}})),
        with("loadWorld", "/world?at=2026-01-01T00:00:00Z", json!({"instance": {"i-a": {}}})),
        call("forkWorld", "/world/fork?to=other"),
        call("resetWorld", "/world"),
    ]
}

/// Operations the session leaves out, and why.
const LEFT_OUT: &[(&str, &str)] =
    &[("certificate", "wants --tls; see tests/connections.rs"), ("payOrder", "as cancelOrder")];

#[test]
fn every_call_answers_what_the_document_says() {
    let served = Served::start(starting_emulator(0));
    let get = |path: &str| -> Value {
        let mut answer = served::agent().get(served.url(path)).call().unwrap();
        serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).unwrap()
    };
    let document = get("/_local/openapi.json");
    let stopped = get("/?Action=StopInstance&InstanceId=i-web&Format=JSON");
    let order = get(
        "/?Action=ModifyPrepayInstanceSpec&RegionId=cn-hangzhou&InstanceId=i-bp67acfmxazb4ph****\
         &InstanceType=ecs.g5.xlarge&AutoPay=false&Format=JSON",
    );
    let (request_id, order_id) =
        (stopped["RequestId"].as_str().unwrap(), order["OrderId"].as_str().unwrap());
    let mut done: BTreeSet<String> = LEFT_OUT.iter().map(|(name, _)| (*name).to_owned()).collect();
    for (name, path, body) in session(request_id, order_id) {
        let (method, operation) = operation(&document, name);
        let request = ureq::http::Request::builder().method(method.as_str());
        let request = request.uri(served.url(&format!("/_local{path}")));
        let sent = if body.is_null() { String::new() } else { body.to_string() };
        if !body.is_null() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(is_valid(&within(&document, schema), &body), Ok(()), "{name}: its body");
        }
        for parameter in path.split_once('?').map_or("", |(_, query)| query).split('&') {
            let parameter = parameter.split('=').next().unwrap();
            let known = operation["parameters"].as_array().into_iter().flatten();
            let mut known = known.map(|it| it["name"].as_str().unwrap());
            assert!(parameter.is_empty() || known.any(|it| it == parameter), "{name}: {parameter}");
        }
        let mut answer = served::agent().run(request.body(sent).unwrap()).unwrap();
        let status = answer.status().as_u16().to_string();
        let described = &operation["responses"][&status];
        assert!(described.is_object(), "{name}: {status} is not in the document");
        let text = answer.body_mut().read_to_string().unwrap();
        let schema = &described["content"]["application/json"]["schema"];
        if schema.is_object() {
            let told = serde_json::from_str(&text).unwrap();
            assert_eq!(is_valid(&within(&document, schema), &told), Ok(()), "{name}: {told}");
        } else {
            assert_eq!(text.is_empty(), status == "204", "{name}: {text}");
        }
        done.insert(name.to_owned());
    }
    let all: BTreeSet<String> = operations(&document)
        .map(|(_, it)| it["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(done, all, "the session calls every operation, or says why not");
}

#[test]
fn refusals_are_as_the_document_says() {
    let served = Served::start(starting_emulator(0));
    let mut answer = served::agent().get(served.url("/_local/openapi.json")).call().unwrap();
    let document: Value =
        serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).unwrap();
    let schema = json!({"$ref": "#/components/schemas/Refused"});
    for path in ["/calls/none", "/orders/1", "/instances/none", "/schemas/none", "/nothing"] {
        let mut answer = served::agent().get(served.url(&format!("/_local{path}"))).call().unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{path}");
        let told = serde_json::from_slice(&answer.body_mut().read_to_vec().unwrap()).unwrap();
        assert_eq!(is_valid(&within(&document, &schema), &told), Ok(()), "{path}: {told}");
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let paths = document["paths"].as_object().unwrap().values();
    paths.flat_map(|path| path.as_object().unwrap())
}

fn operation<'a>(document: &'a Value, name: &str) -> (String, &'a Value) {
    let mut all = operations(document);
    let found = all.find(|(_, operation)| operation["operationId"] == name);
    let (method, operation) = found.unwrap_or_else(|| panic!("no operation {name}"));
    (method.to_uppercase(), operation)
}

/// A schema of the document, with the document around it so that references lead somewhere.
fn within(document: &Value, schema: &Value) -> Value {
    let mut whole = schema.clone();
    whole["components"] = document["components"].clone();
    whole
}
