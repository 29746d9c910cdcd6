//! Scenarios: a world, calls in it, and the row each one raises. Tests of this project and of its
//! users are written in them.

mod file;
mod find;
mod report;
mod runner;
mod signing;

pub use file::{Load, Scenario, ScenarioError, Step};
pub use find::find;
pub use report::{Case, Report};
pub use runner::{Connection, Failure, Outcome, Run, pages, run};
