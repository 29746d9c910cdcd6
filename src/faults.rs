//! Faults: rows that are answered on command, whatever the state. They prove rows that nothing a
//! caller can do causes, and how a client takes them.

use serde::{Deserialize, Serialize};

use crate::operations::{COMMON_ROWS, Entry};
use crate::row::Row;
use crate::rule::{Decider, Refusal};

/// A row to be answered to the next calls of an operation, before the call is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The operation.
    pub action: String,
    /// The row, by its name in `ecs-local rows`.
    pub row: String,
    /// How many calls it answers.
    #[serde(default = "once")]
    pub times: u32,
}

const fn once() -> u32 {
    1
}

impl Fault {
    /// The row it answers with; `None` where the operation has no row of this name.
    pub fn find_row(&self) -> Option<&'static Row> {
        let entry = Entry::find(&self.action)?;
        let mut known = entry.rows.iter().chain(COMMON_ROWS);
        known.find(|row| row.name == self.row).copied()
    }
}

/// The refusal armed for an operation, if any; it counts down.
pub fn take(faults: &mut Vec<Fault>, action: &str) -> Option<Refusal> {
    let index = faults.iter().position(|fault| fault.action == action && fault.times > 0)?;
    faults[index].times -= 1;
    let row = faults[index].find_row();
    faults.retain(|fault| fault.times > 0);
    let words = "a fault was armed for this call";
    let fix = "a fault was armed for this call; repeat it";
    row.map(|row| Refusal::of(row, words, fix, Decider::Fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_answers_as_often_as_it_says() {
        let fault = |times| Fault {
            action: "ModifyInstanceSpec".to_owned(),
            row: "INTERNAL".to_owned(),
            times,
        };
        let mut faults = vec![fault(2)];
        assert!(take(&mut faults, "StartInstance").is_none());
        assert_eq!(take(&mut faults, "ModifyInstanceSpec").map(|it| it.row.status), Some(500));
        assert!(take(&mut faults, "ModifyInstanceSpec").is_some());
        assert!(take(&mut faults, "ModifyInstanceSpec").is_none() && faults.is_empty());
    }
}
