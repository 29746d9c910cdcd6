//! Scenarios against a server that runs somewhere. An ecs-local plays them all, each run in the world of
//! an access key of its own. A real endpoint gets calls signed with the user's key, and only of scenarios
//! that change nothing, unless the user allows more; what only an emulator can do is not asked of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::Value;

use super::dry_run;
use super::expected::entry_of;
use super::file::{Load, ScenarioError, Step};
use super::http::Server;
use super::runner::{Run, Trace, pages, play};
use super::signing;
use super::stage::{Answer, Call, Stage};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::domain::access::Secret;
use crate::faults::Fault;
use crate::gateway::Options;
use crate::reading;
use crate::row::{Date, Page};
use crate::wire::{Format, Incoming};
use crate::writing;

/// The access key that calls of a real endpoint are signed with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The AccessKeyId.
    pub key_id: String,
    /// The AccessKeySecret.
    pub secret: Secret,
    /// What goes along with a temporary key.
    pub security_token: Option<Secret>,
}

/// A server to run scenarios against.
#[derive(Debug)]
pub struct Against {
    server: Server,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// An ecs-local.
    Emulator(Running),
    /// Anything else.
    Endpoint {
        credentials: Credentials,
        /// May scenarios run that change something?
        allows_changes: bool,
    },
}

/// A running ecs-local.
#[derive(Debug)]
struct Running {
    version: String,
    as_of: Option<Date>,
    gateway: Options,
    control_token: Option<Secret>,
    /// Held by the run whose world lists keys: a key is of one account at a time.
    listing: Mutex<()>,
}

/// Why nothing can be run against a server.
#[derive(Debug, thiserror::Error)]
pub enum AgainstError {
    /// No answer came.
    #[error("--against {url}: {why}")]
    Silent {
        /// Where it should be.
        url: String,
        /// Why.
        why: String,
    },
    /// It is a real endpoint, and there is nothing to sign calls with.
    #[error(
        "--against {url}: it is no ecs-local, so calls have to be signed: set \
         ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"
    )]
    NoCredentials {
        /// Where it is.
        url: String,
    },
}

/// What an ecs-local says of itself.
#[derive(Deserialize)]
struct Health {
    status: String,
    version: String,
    #[serde(default)]
    as_of: Option<String>,
    #[serde(default)]
    gateway: Options,
}

impl Against {
    /// Asks a server what it is. The credentials are for one that is no ecs-local.
    ///
    /// # Errors
    /// No answer; a real endpoint without credentials.
    pub fn find(
        url: &str,
        control_token: Option<String>,
        credentials: Option<Credentials>,
        allows_changes: bool,
    ) -> Result<Self, AgainstError> {
        let server = Server::at(url);
        let health = Incoming { path: "/_local/health".into(), ..Incoming::get("") };
        let silent = |why| AgainstError::Silent { url: url.to_owned(), why };
        let answer = server.send(&health).map_err(silent)?;
        let health = reading::json::<Health>(&answer.body).ok();
        let kind = match health {
            // It is not asked to sign for something else than it is.
            Some(health) if health.status != "ok" => {
                return Err(silent(format!("an ecs-local that is {}", health.status)));
            }
            Some(health) => Kind::Emulator(Running {
                version: health.version,
                as_of: health.as_of.as_deref().and_then(Date::parse),
                gateway: health.gateway,
                control_token: control_token.map(Secret),
                listing: Mutex::new(()),
            }),
            None => Kind::Endpoint {
                credentials: credentials
                    .ok_or_else(|| AgainstError::NoCredentials { url: url.to_owned() })?,
                allows_changes,
            },
        };
        Ok(Self { server, kind })
    }

    /// What it is, for people.
    pub fn about(&self) -> String {
        let url = self.server.url();
        match &self.kind {
            Kind::Emulator(running) => format!("against {url}, an ecs-local {}", running.version),
            Kind::Endpoint { allows_changes: true, .. } => {
                format!("against {url}, a real endpoint; scenarios may change what is there")
            }
            Kind::Endpoint { .. } => {
                format!("against {url}, a real endpoint; only scenarios that change nothing")
            }
        }
    }

    /// Where it is.
    pub(super) fn url(&self) -> &str {
        self.server.url()
    }

    /// May several scenarios run at a time? Those that change one real account may not.
    pub(super) const fn takes_several(&self) -> bool {
        matches!(self.kind, Kind::Emulator(_))
    }

    /// How to run a scenario there, or why it cannot be run.
    pub(super) fn runs(&self, load: &Load) -> Result<Result<Vec<Run>, String>, ScenarioError> {
        let (as_of, reason, formats) = match &self.kind {
            Kind::Emulator(running) => {
                (running.as_of, running.obstacle(load), &[Format::Json, Format::Xml][..])
            }
            Kind::Endpoint { allows_changes, .. } => {
                (None, obstacle(load, *allows_changes), &[Format::Json][..])
            }
        };
        let page = page_among(&pages(load)?, load, as_of);
        let run = |format: &Format| Run {
            as_of: page.clone().ok().flatten(),
            format: *format,
            muted: Vec::new(),
        };
        Ok(match (reason, &page) {
            (Some(reason), _) => Err(reason),
            (None, Err(reason)) => Err(reason.clone()),
            (None, Ok(_)) => Ok(formats.iter().map(run).collect()),
        })
    }

    /// Runs a scenario one way.
    pub(super) fn play(&self, load: &Load, run: &Run) -> Trace {
        match &self.kind {
            Kind::Emulator(running) => match Account::open(&self.server, running, load) {
                Ok(account) => play(&account, load, run),
                Err(error) => Trace::never_began(error),
            },
            Kind::Endpoint { credentials, allows_changes } => {
                let (server, allows_changes) = (&self.server, *allows_changes);
                play(&Endpoint { server, credentials, allows_changes }, load, run)
            }
        }
    }
}

/// The page that a server answers by, if the scenario is for it: `None` where any will do.
fn page_among(
    pages: &[Option<Date>],
    load: &Load,
    as_of: Option<Date>,
) -> Result<Option<Date>, String> {
    let mut raising = load.scenario.step.iter().filter(|step| step.raises.is_some());
    let step = raising.next().or(load.scenario.step.first());
    let Some(entry) = step.and_then(entry_of).filter(|_| pages.iter().any(Option::is_some)) else {
        return Ok(None);
    };
    let there = Page::in_force(entry.pages, as_of).date;
    if pages.contains(&Some(there)) {
        return Ok(Some(there));
    }
    Err(format!("it is for other pages than the one of {there}, which answers there"))
}

/// The first step of which something is true, in words.
fn step_that(load: &Load, is_so: impl Fn(&Step) -> bool, what: &str) -> Option<String> {
    let at = load.scenario.step.iter().position(is_so)?;
    Some(format!("step {} {what}", at + 1))
}

/// Why a scenario cannot be run against a real endpoint.
fn obstacle(load: &Load, allows_changes: bool) -> Option<String> {
    let scenario = &load.scenario;
    if !scenario.dry_run && !allows_changes {
        return Some("it is not marked dry_run = true, and --allow-changes is not said".to_owned());
    }
    let reason = (!scenario.fault.is_empty()).then(|| "it arms faults".to_owned());
    let reason = reason
        .or_else(|| step_that(load, |step| step.after.is_some(), "moves the clock (after)"))
        .or_else(|| {
            step_that(load, |step| !step.world.is_empty(), "changes the world from outside")
        })
        .or_else(|| step_that(load, |step| step.control.is_some(), "is a control call"))
        .or_else(|| step_that(load, |step| step.key.is_some(), "names an access key of its own"))?;
    Some(format!("cannot be done against a real endpoint: {reason}"))
}

impl Running {
    /// Why a scenario cannot be run there.
    fn obstacle(&self, load: &Load) -> Option<String> {
        if load.scenario.gateway != self.gateway {
            return Some("its gateway is set otherwise than the server's".to_owned());
        }
        let listed = |id: &str| load.world.access_key.iter().any(|key| key.id == id);
        let foreign = |step: &Step| {
            let call = step.call.as_deref().unwrap_or_default();
            let mut named = form_urlencoded::parse(call.as_bytes());
            let named =
                named.find(|(name, _)| name == "AccessKeyId").map(|(_, id)| id.into_owned());
            let mut ids = step.key.iter().chain(&named);
            // A kept one is of a key the emulator gave out.
            ids.any(|id| !id.contains('{') && !listed(id))
        };
        // Its account would be shared with whoever uses the key.
        step_that(load, foreign, "uses an access key that its world does not list")
    }
}

/// The account of one run on a running ecs-local; forgotten when the run is over.
struct Account<'a> {
    server: &'a Server,
    running: &'a Running,
    load: &'a Load,
    /// Nobody else's.
    key_id: String,
    #[expect(dead_code, reason = "held until the run is over")]
    listing: Option<MutexGuard<'a, ()>>,
}

impl<'a> Account<'a> {
    /// Gives a fresh account the world, the moment and the faults of a scenario.
    fn open(server: &'a Server, running: &'a Running, load: &'a Load) -> Result<Self, String> {
        let lists = !load.world.access_key.is_empty();
        let listing = lists.then(|| running.listing.lock().unwrap_or_else(PoisonError::into_inner));
        let key_id = format!("check-{:016x}", fastrand::u64(..));
        let account = Self { server, running, load, key_id, listing };
        let moment = load.scenario.clock.to_string();
        account.told("PUT", &format!("world?at={moment}"), &load.scenario.document())?;
        for fault in &load.scenario.fault {
            account.told("POST", "faults", &writing::value(fault))?;
        }
        Ok(account)
    }

    /// The answer of a control call, which must be a success.
    fn told(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.control(method, &format!("/_local/{path}"), body.into_bytes())?;
        let told: Value = reading::json(&answer.body).unwrap_or_default();
        if answer.is_refusal() {
            let why = told["Message"].as_str().unwrap_or_default();
            return Err(format!("{method} /_local/{path}: {} {why}", answer.status));
        }
        Ok(told)
    }

    fn now(&self) -> Result<Timestamp, String> {
        let told = self.told("GET", "clock", &Value::Null)?;
        Timestamp::deserialize(&told["now"]).map_err(|error| error.to_string())
    }
}

impl Stage for Account<'_> {
    fn prepare(&self, step: &Step) -> Result<(), String> {
        if let Some(after) = step.after {
            self.told("POST", "clock", &serde_json::json!({ "advance": after }))?;
        }
        if !step.world.is_empty() {
            self.told("PATCH", "world", &Value::Object(step.world.clone()))?;
        }
        Ok(())
    }

    fn send(&self, call: &Call<'_>) -> Result<Answer, String> {
        let mut query = call.query.to_owned();
        let Some(key) = call.key else {
            if !query.contains("AccessKeyId=") {
                query.push_str("&AccessKeyId=");
                query.push_str(&self.key_id);
            }
            return self.server.send(&signing::request(call.step, &query, None, "", Timestamp(0)));
        };
        let own = self.load.world.access_key.iter().find(|listed| listed.id == key);
        let own = own.map(|key| key.secret.0.clone()).unwrap_or_default();
        let secret = call.step.secret.as_ref().unwrap_or(&own);
        let signer = Some((key, secret.as_str()));
        let nonce = call.number.to_string();
        self.server.send(&signing::request(call.step, &query, signer, &nonce, self.now()?))
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Answer, String> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut query = query.to_owned();
        if !query.contains("access_key_id=") {
            let mark = if query.is_empty() { "" } else { "&" };
            query = format!("{query}{mark}access_key_id={}", self.key_id);
        }
        let token = self.running.control_token.iter();
        let headers = token.map(|it| ("authorization".to_owned(), format!("Bearer {}", it.0)));
        self.server.send(&Incoming {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: headers.collect(),
            body,
            ..Incoming::default()
        })
    }

    fn world(&self) -> Result<Option<Value>, String> {
        self.told("GET", "world", &Value::Null).map(Some)
    }

    fn faults(&self) -> Result<Vec<Fault>, String> {
        let told = self.told("GET", "faults", &Value::Null)?;
        reading::value(&told).map_err(|error| error.to_string())
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        // Nobody enters it any more; where it cannot be forgotten, it only takes memory.
        let _ = self.told("DELETE", "world", &Value::Null);
    }
}

/// A real endpoint, as one user sees it.
struct Endpoint<'a> {
    server: &'a Server,
    credentials: &'a Credentials,
    allows_changes: bool,
}

impl Stage for Endpoint<'_> {
    fn prepare(&self, _: &Step) -> Result<(), String> {
        Ok(())
    }

    fn send(&self, call: &Call<'_>) -> Result<Answer, String> {
        // What earlier steps kept is in the call by now.
        if let Some(why) = dry_run::change(call.query).filter(|_| !self.allows_changes) {
            return Err(format!("it was not sent: {why}"));
        }
        let mut query = form_urlencoded::Serializer::new(call.query.to_owned());
        if let Some(token) = &self.credentials.security_token {
            query.append_pair("SecurityToken", &token.0);
        }
        let signer = Some((self.credentials.key_id.as_str(), self.credentials.secret.0.as_str()));
        let nonce = format!("{:032x}", fastrand::u128(..));
        let now = Clock::SYSTEM.now();
        self.server.send(&signing::request(call.step, &query.finish(), signer, &nonce, now))
    }

    fn control(&self, _: &str, _: &str, _: Vec<u8>) -> Result<Answer, String> {
        Err("a real endpoint has no control interface".to_owned())
    }

    fn world(&self) -> Result<Option<Value>, String> {
        Ok(None)
    }

    fn faults(&self) -> Result<Vec<Fault>, String> {
        Ok(Vec::new())
    }
}
