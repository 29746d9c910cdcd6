//! The file format. A mistake in a file is told with the file, the line and the key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::clock::Clock;
use crate::domain::document::{Base, DocumentError};
use crate::domain::{Span, Timestamp, World};
use crate::emulator::Start;
use crate::faults::Fault;
use crate::gateway;
use crate::reading::{self, Misfit, Misplaced, Toml};
use crate::server::CONTROL;

use super::dry_run::change;

/// The moment at which a scenario begins that does not say: 2026-01-01T00:00:00Z.
const BEGINNING: Timestamp = Timestamp(1_767_225_600_000);

/// A scenario.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub about: String,
    /// The world `given` builds on: `base` (the default), `starting` or `none`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Option<Base>"))]
    pub base: Option<String>,
    /// The dates of the pages it runs on; by default every page with the row it raises.
    #[serde(default)]
    pub pages: Vec<String>,
    /// It changes nothing: its calls are of Describe operations or dry runs. Such a scenario may run
    /// against a real endpoint.
    #[serde(default)]
    pub dry_run: bool,
    /// The moment it begins.
    #[serde(default = "beginning")]
    pub clock: Timestamp,
    /// How the gateway is set: `signatures`, `errors`, `flow_control`.
    #[serde(default)]
    pub gateway: gateway::Options,
    /// The world, as far as it matters.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "World"))]
    given: Option<Box<RawValue>>,
    /// What goes wrong on command.
    #[serde(default)]
    pub fault: Vec<Fault>,
    /// What happens.
    #[serde(default)]
    pub step: Vec<Step>,
}

/// One step of a scenario.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What the step shows.
    #[serde(default)]
    pub about: String,
    /// The dates of the pages the step is for; by default all that the scenario runs on.
    #[serde(default)]
    pub pages: Vec<String>,
    /// How far the clock moves before the call.
    #[serde(default)]
    pub after: Option<Span>,
    /// What changes in the world before the call, laid over it.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "World"))]
    pub world: Map<String, Value>,
    /// The call as a query string. A step without one only moves the clock.
    #[serde(default)]
    pub call: Option<String>,
    /// Its HTTP method; GET by default.
    #[serde(default)]
    pub method: Option<String>,
    /// The access key that signs the call. Parameters the call has itself stay as they are.
    #[serde(default)]
    pub key: Option<String>,
    /// The secret to sign with, where it is not the key's own.
    #[serde(default)]
    pub secret: Option<String>,
    /// How to sign: `v1`, or `v3` with headers.
    #[serde(default)]
    pub signature: Signature,
    /// A call of the control interface instead: a method and a path under `/_local`.
    #[serde(default)]
    pub control: Option<String>,
    /// The JSON body of the control call.
    #[serde(default)]
    pub body: Option<Value>,
    /// Names for fields of the reply, by dotted path; later calls write `{name}`.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// The row it raises, by name; none for a call that succeeds.
    #[serde(default)]
    pub raises: Option<String>,
    /// The HTTP status, where no row is named.
    #[serde(default)]
    pub status: Option<u16>,
    /// The error code, where no row is named.
    #[serde(default)]
    pub code: Option<String>,
    /// The error message, spelled out.
    #[serde(default)]
    pub message: Option<String>,
    /// Fields of the JSON reply by dotted path.
    #[serde(default)]
    pub expect: Map<String, Value>,
}

/// How a step signs its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    /// By HMAC-SHA1 over the parameters.
    #[default]
    V1,
    /// By HMAC-SHA256 over headers, query and body.
    V3,
}

const fn beginning() -> Timestamp {
    BEGINNING
}

/// Why a file is not a scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// The file cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The text is not a scenario; the error names line and key.
    #[error("{path}: {error}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: Misplaced,
    },
    /// `given` is not a world.
    #[error("{path}: given: {error}")]
    World {
        /// The file.
        path: PathBuf,
        /// Why.
        error: DocumentError,
    },
    /// No scenario file is where a path or a pattern says.
    #[error("{path}: {why}")]
    Nothing {
        /// The path or pattern.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A step names a row its operation does not have or a control call that is none, or the scenario a page.
    #[error("{path}: {what}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The unknown thing.
        what: String,
    },
}

/// The part of the file that is a world, where it stands in its text.
#[derive(Deserialize)]
struct GivenOnly<'t> {
    #[serde(borrow)]
    given: &'t RawValue,
}

/// A scenario with its file and its world.
#[derive(Debug, Clone)]
pub struct Load {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub scenario: Scenario,
    /// The world it begins in, at the scenario's own moment.
    pub world: World,
}

impl Scenario {
    /// The world at a moment: what the scenario leaves open (the end of a subscription, say) is
    /// counted from there.
    ///
    /// # Errors
    /// `given` is not a world.
    pub fn world_at(&self, now: Timestamp) -> Result<World, DocumentError> {
        let base = self.base.as_deref().map_or(Ok(Base::default()), Base::named)?;
        World::laid_over(base, self.given_text(), now)
    }

    /// What it says about its world.
    pub fn given(&self) -> Map<String, Value> {
        // A text that is no table is no world either, and has been refused.
        reading::json(self.given_text()).unwrap_or_default()
    }

    fn given_text(&self) -> &[u8] {
        self.given.as_ref().map_or("{}", |given| given.get()).as_bytes()
    }

    /// The document of its world.
    pub(super) fn document(&self) -> Value {
        let mut document = self.given();
        if let Some(base) = &self.base {
            document.insert("base".to_owned(), Value::from(base.as_str()));
        }
        Value::Object(document)
    }

    /// The step whose control call would go elsewhere, where it is an API call, whatever its path.
    fn misdirected(&self) -> Option<String> {
        let is_one = |control: &str| {
            let [_, path, _] = parted(control);
            let below = path.strip_prefix(CONTROL);
            below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        };
        let calls = self.step.iter().map(|step| step.control.as_deref());
        let mut others = calls.enumerate().filter_map(|(at, call)| Some((at, call?)));
        let (at, control) = others.find(|(_, control)| !is_one(control))?;
        let needed = format!("a method and a path under {CONTROL}");
        Some(format!("step {}: control is {needed}, not {control:?}", at + 1))
    }

    /// The step that may change something, where the scenario says that none does.
    fn broken_promise(&self) -> Option<String> {
        let steps = self.step.iter().enumerate().filter(|_| self.dry_run);
        let mut changes = steps.filter_map(|(at, step)| Some((at, change(step.call.as_ref()?)?)));
        let (at, why) = changes.next()?;
        Some(format!("dry_run: step {} may change something: {why}", at + 1))
    }

    /// What an emulator starts from that begins as the scenario does, by a clock.
    ///
    /// # Errors
    /// As [`Scenario::world_at`].
    pub fn start(&self, clock: Clock) -> Result<Start, DocumentError> {
        Ok(self.start_in(self.world_at(clock.now())?, clock))
    }

    fn start_in(&self, world: World, clock: Clock) -> Start {
        let (gateway, faults) = (self.gateway, self.fault.clone());
        Start { gateway, faults, ..Start::of(world, clock) }
    }
}

/// Method, path and query of a control call, `METHOD /path?query`; without a method it is GET.
pub(super) fn parted(control: &str) -> [&str; 3] {
    let (method, target) = control.split_once(' ').unwrap_or(("GET", control));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    [method, path, query]
}

impl Load {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read or is not a scenario.
    pub fn file(path: &Path) -> Result<Self, ScenarioError> {
        Self::file_at(path, None)
    }

    /// Reads a file, with its world at another moment than its own.
    ///
    /// # Errors
    /// As [`Load::file`].
    pub fn file_at(path: &Path, now: Option<Timestamp>) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ScenarioError::Read { path: path.to_owned(), error })?;
        Self::read(path, &text, now)
    }

    /// Reads a scenario from text; `path` only names it.
    ///
    /// # Errors
    /// Text that is not a scenario.
    pub fn text(path: &Path, text: &str) -> Result<Self, ScenarioError> {
        Self::read(path, text, None)
    }

    fn read(path: &Path, text: &str, now: Option<Timestamp>) -> Result<Self, ScenarioError> {
        let path = path.to_owned();
        let malformed = |error| ScenarioError::Malformed { path: path.clone(), error };
        let toml = Toml::of(text).map_err(malformed)?;
        let scenario: Scenario = toml.read().map_err(malformed)?;
        if let Some(error) = scenario.fault.iter().find_map(|fault| fault.check().err()) {
            return Err(ScenarioError::Unknown { path, what: format!("fault: {error}") });
        }
        if let Some(what) = scenario.misdirected().or_else(|| scenario.broken_promise()) {
            return Err(ScenarioError::Unknown { path, what });
        }
        let world = scenario.world_at(now.unwrap_or(scenario.clock));
        let world = world.map_err(|error| match error {
            DocumentError::Misfit(misfit) => malformed(toml.misplaced(in_given(misfit, &toml))),
            error => ScenarioError::World { path: path.clone(), error },
        })?;
        Ok(Self { path, scenario, world })
    }

    /// What an emulator starts from that begins so, by a clock that shows the moment of the world.
    pub fn start(self, clock: Clock) -> Start {
        self.scenario.start_in(self.world, clock)
    }
}

/// What does not fit in the text of `given`, by its place in the whole.
fn in_given(misfit: Misfit, toml: &Toml<'_>) -> Misfit {
    let begin = toml
        .read()
        .map_or(0, |GivenOnly { given }| given.get().as_ptr().addr() - toml.json().as_ptr().addr());
    Misfit { at: misfit.at.map(|at| begin + at), ..misfit }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Load::text(Path::new("x.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn mistakes_are_told_with_file_line_and_key() {
        let unknown = error("about = \"a\"\n[given.instance.i-a]\nstatsu = \"Stopped\"\n");
        assert!(unknown.starts_with("x.toml") && unknown.contains("line 3"), "{unknown}");
        assert!(unknown.contains("statsu"), "{unknown}");
        let wrong = error("about = \"a\"\n[[step]]\nafter = \"soon\"\n");
        assert!(wrong.contains("line 3") && wrong.contains("soon"), "{wrong}");
    }

    #[test]
    fn a_scenario_that_says_it_changes_nothing_does_not() {
        let step =
            |call: &str| format!("about = \"a\"\ndry_run = true\n[[step]]\ncall = \"{call}\"\n");
        let wrong = error(&step("Action=StartInstance&InstanceId=i-a"));
        assert!(wrong.contains("x.toml") && wrong.contains("step 1"), "{wrong}");
        let right = step("Action=StartInstance&InstanceId=i-a&DryRun=true");
        assert!(Load::text(Path::new("x.toml"), &right).is_ok());
    }

    #[test]
    fn a_world_that_does_not_hang_together_is_told() {
        let dangling = error("about = \"a\"\n[given.instance.i-a]\ninstance_type = \"ecs.none\"\n");
        assert!(dangling.contains("ecs.none"), "{dangling}");
    }
}
