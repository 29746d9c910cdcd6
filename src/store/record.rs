//! What is written down: an account as a whole, or what happened to it since. Read in the order they were
//! written, records make every account again as it was.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::domain::{Commit, Timestamp, World};
use crate::faults::Fault;

/// One thing that happened to one account.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record<'a> {
    /// Larger than those of all records before it of this account, whatever became of it meanwhile.
    pub number: u64,
    /// The account.
    pub account: Cow<'a, str>,
    /// What happened.
    pub deed: Deed<'a>,
}

/// What happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed<'a> {
    /// The account became this, whatever it was.
    Became {
        /// Its world.
        world: Cow<'a, World>,
        /// What stands beside it.
        aside: Aside<'a>,
    },
    /// Something was committed to its world.
    Committed {
        /// What.
        commit: Cow<'a, Commit>,
        /// The generator of ids behind it.
        ids: u64,
    },
    /// Something beside its world changed.
    Moved(Aside<'a>),
    /// It is as if it had never been used.
    Reset,
    /// A world of it was kept under a name.
    Kept {
        /// The name.
        name: Cow<'a, str>,
        /// The moment it shows.
        at: Timestamp,
        /// Did the clock run?
        runs: bool,
        /// The world.
        world: Cow<'a, World>,
    },
    /// A kept world was forgotten.
    Forgotten {
        /// Its name.
        name: Cow<'a, str>,
    },
}

/// What an account has beside its world.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aside<'a> {
    /// Its time.
    pub clock: Clock,
    /// What goes wrong on command.
    pub faults: Cow<'a, [Fault]>,
    /// Its generator of ids.
    pub ids: u64,
    /// The generator that decides which calls a fault strikes by chance.
    pub chance: u64,
}

impl Aside<'_> {
    /// The same, holding on to nothing.
    pub fn into_owned(self) -> Aside<'static> {
        let Aside { clock, faults, ids, chance } = self;
        Aside { clock, faults: Cow::Owned(faults.into_owned()), ids, chance }
    }
}
