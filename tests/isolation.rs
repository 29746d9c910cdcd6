//! Accounts do not meet: many at once get what each gets alone; copies and kept worlds go their own
//! ways.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod histories;
mod served;

use ecs_local::emulator::Emulator;
use ecs_local::scenario::Connection as _;
use histories::Step;
use serde_json::{Value, json};
use served::{Served, starting_emulator};

const WORKERS: u64 = 64;
const STEPS: usize = 40;

/// What a worker is answered: its own random calls and waits, with its own key.
fn work(emulator: &Emulator, worker: u64) -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(worker);
    let key = format!("worker-{worker}");
    let ids = ["i-payg", "i-busy", "i-year", "i-month"].map(str::to_owned);
    let steps = (0..STEPS).flat_map(|_| histories::next(&mut rng, &ids));
    // The console's deeds are done in the default account, which nobody here uses.
    let own = steps.filter(|step| matches!(step, Step::Wait(_) | Step::Call(_)));
    own.filter_map(|step| histories::take_as(emulator, &key, &step)).map(|it| it.body).collect()
}

#[test]
fn many_at_once_get_what_each_gets_alone() {
    let shared = histories::emulator(7, true);
    let together: Vec<Vec<Vec<u8>>> = std::thread::scope(|scope| {
        let shared = &shared;
        let workers: Vec<_> =
            (0..WORKERS).map(|worker| scope.spawn(move || work(shared, worker))).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    for (worker, answers) in (0..WORKERS).zip(together) {
        assert!(answers == work(&histories::emulator(7, true), worker), "worker {worker}");
    }
}

fn control(served: &Served, method: &str, path: &str) -> (u16, Value) {
    let answer = served.control(method, path, Vec::new());
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// The state of i-web in the world of a key.
fn status(served: &Served, key: &str) -> String {
    let query =
        format!("/?Action=DescribeInstances&RegionId=cn-hangzhou&Format=JSON&AccessKeyId={key}");
    let body = control(served, "GET", &query).1;
    let all = body["Instances"]["Instance"].as_array().unwrap().clone();
    let web = all.into_iter().find(|it| it["InstanceId"] == "i-web").unwrap();
    web["Status"].as_str().unwrap().to_owned()
}

fn stop(served: &Served, key: &str) {
    let call = format!("/?Action=StopInstance&InstanceId=i-web&AccessKeyId={key}");
    assert_eq!(control(served, "GET", &call).0, 200);
    served.emulator.with_tenant(key, |tenant| {
        tenant.clock.advance(ecs_local::domain::Span::seconds(10));
    });
}

#[test]
fn a_fork_goes_its_own_way() {
    let served = Served::start(starting_emulator(0));
    stop(&served, "a");
    assert_eq!(control(&served, "POST", "/_local/world/fork?access_key_id=a&to=b").0, 204);
    assert_eq!(status(&served, "b"), "Stopped");
    let moment =
        |key: &str| control(&served, "GET", &format!("/_local/clock?access_key_id={key}")).1;
    assert_eq!(moment("a"), moment("b"));
    assert_eq!(
        control(&served, "GET", "/?Action=StartInstance&InstanceId=i-web&AccessKeyId=b").0,
        200
    );
    assert_eq!(
        (status(&served, "a").as_str(), status(&served, "b").as_str()),
        ("Stopped", "Starting")
    );
    // Not onto itself, nor onto nothing.
    for to in ["to=a", "to="] {
        let (status, refused) =
            control(&served, "POST", &format!("/_local/world/fork?access_key_id=a&{to}"));
        assert_eq!((status, &refused["Code"]), (400, &json!("EcsLocal.BadRequest")));
    }
}

#[test]
fn a_kept_world_is_brought_back_with_its_moment() {
    let served = Served::start(starting_emulator(0));
    let path = |rest: &str| format!("/_local/snapshots{rest}?access_key_id=a");
    assert_eq!(control(&served, "PUT", &path("/before")).0, 204);
    stop(&served, "a");
    assert_eq!(control(&served, "PUT", &path("/after")).0, 204);
    let listed = control(&served, "GET", &path("")).1;
    assert_eq!(
        listed,
        json!([
            {"name": "after", "at": "2026-01-01T00:00:10Z", "instances": 5},
            {"name": "before", "at": "2026-01-01T00:00:00Z", "instances": 5},
        ])
    );
    for (name, state, now) in [
        ("before", "Running", "00:00:00Z"),
        ("after", "Stopped", "00:00:10Z"),
        ("before", "Running", "00:00:00Z"),
    ] {
        assert_eq!(control(&served, "POST", &path(&format!("/{name}/load"))).0, 204);
        assert_eq!(status(&served, "a"), state, "{name}");
        let clock = control(&served, "GET", "/_local/clock?access_key_id=a").1;
        assert_eq!(clock["now"], format!("2026-01-01T{now}"));
    }
    // Of one account only, and until it is forgotten.
    assert_eq!(control(&served, "GET", "/_local/snapshots?access_key_id=b").1, json!([]));
    assert_eq!(control(&served, "DELETE", &path("/before")).0, 204);
    assert_eq!(control(&served, "POST", &path("/before/load")).0, 404);
    assert_eq!(control(&served, "DELETE", &path("/before")).0, 404);
}
