//! Scenarios: a world, calls in it, and the row each one raises. Tests of this project and of its
//! users are written in them.

mod against;
mod draft;
mod dry_run;
mod expected;
mod file;
mod find;
mod http;
mod json;
mod junit;
mod record;
mod redact;
mod report;
mod rewind;
mod runner;
mod signing;
mod smallest;
mod stage;
mod taken;

pub use against::{Against, AgainstError, Credentials};
pub use expected::Difference;
pub use file::{Load, Scenario, ScenarioError, Step};
pub use find::find;
pub use record::Recorder;
pub use report::{Case, Plan, Report};
pub use runner::{Failure, Outcome, Run, Trace, pages, run};
pub use smallest::{Account, Made};
pub use stage::Connection;
pub use taken::{Answered, Asked, Taken};
