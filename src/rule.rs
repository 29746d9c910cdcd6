//! Rules: when a row is raised. An operation's rules stand in ordered tables, so the table is the
//! precedence. A rule sees a case (copies) and answers yes or no; it cannot change anything.

use std::borrow::Cow;

use crate::row::{Page, Row};

/// What supports a rule.
#[derive(Debug, Clone, Copy)]
pub enum Evidence {
    /// The page names the cause.
    Documented,
    /// The page prints the row but not its cause; our reading of it.
    Guessed(&'static str),
    /// These pages state the rule in prose and print no row for it; the row of the operation's
    /// nearest page is raised there (docs/decisions/0004).
    InProse(&'static [Page], &'static str),
}

/// One row and the condition that raises it, over cases of type `Case`.
pub struct Rule<Case: 'static> {
    /// The row.
    pub row: &'static Row,
    /// What supports the condition.
    pub evidence: Evidence,
    /// What the caller can do about it.
    pub fix: &'static str,
    when: fn(&Case) -> bool,
    words: fn(&Case) -> String,
}

fn no_words<Case>(_: &Case) -> String {
    String::new()
}

impl<Case> Rule<Case> {
    /// A rule whose condition the page names.
    pub const fn new(row: &'static Row, when: fn(&Case) -> bool, fix: &'static str) -> Self {
        Self { row, evidence: Evidence::Documented, fix, when, words: no_words }
    }

    /// A rule whose condition is our reading, stated in `guess`.
    pub const fn guessed(
        row: &'static Row,
        guess: &'static str,
        when: fn(&Case) -> bool,
        fix: &'static str,
    ) -> Self {
        Self { row, evidence: Evidence::Guessed(guess), fix, when, words: no_words }
    }

    /// A rule that fills its row's placeholder.
    pub const fn worded(
        row: &'static Row,
        when: fn(&Case) -> bool,
        words: fn(&Case) -> String,
        fix: &'static str,
    ) -> Self {
        Self { row, evidence: Evidence::Documented, fix, when, words }
    }

    /// A guessed rule that fills its row's placeholder.
    pub const fn guessed_words(
        row: &'static Row,
        guess: &'static str,
        when: fn(&Case) -> bool,
        words: fn(&Case) -> String,
        fix: &'static str,
    ) -> Self {
        Self { row, evidence: Evidence::Guessed(guess), fix, when, words }
    }

    /// A rule that also holds on pages which state it in prose only.
    pub const fn in_prose(
        row: &'static Row,
        pages: &'static [Page],
        prose: &'static str,
        when: fn(&Case) -> bool,
        fix: &'static str,
    ) -> Self {
        Self { row, evidence: Evidence::InProse(pages, prose), fix, when, words: no_words }
    }

    /// The rules of a table without their conditions, for listings.
    pub fn infos(table: Table, rules: &[Self]) -> Vec<RuleInfo> {
        let infos = rules.iter().enumerate();
        infos.map(|(index, rule)| rule.info(RuleId { table, index })).collect()
    }

    const fn info(&self, id: RuleId) -> RuleInfo {
        let prose = match self.evidence {
            Evidence::InProse(pages, _) => pages,
            Evidence::Documented | Evidence::Guessed(_) => &[],
        };
        RuleInfo { id, row: self.row, guess: self.guess(), prose, fix: self.fix }
    }

    const fn guess(&self) -> Option<&'static str> {
        match self.evidence {
            Evidence::Guessed(guess) => Some(guess),
            Evidence::Documented | Evidence::InProse(..) => None,
        }
    }

    /// Is the rule part of what this page says?
    fn applies_on(&self, page: &Page) -> bool {
        match self.evidence {
            Evidence::InProse(pages, _) => applies(self.row, pages, page),
            Evidence::Documented | Evidence::Guessed(_) => applies(self.row, &[], page),
        }
    }
}

/// Is a rule that raises `row`, and that `prose` pages state without printing it, part of `page`?
fn applies(row: &Row, prose: &[Page], page: &Page) -> bool {
    row.pages.is_empty() || row.is_printed_on(page) || prose.contains(page)
}

/// The tables of the gateway and of an operation, in the order they are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Table {
    /// The gateway's, on the call itself.
    Call,
    /// The gateway's, on who it is from.
    Sender,
    /// The gateway's, on what that one may do.
    Rights,
    /// On the request alone.
    Request,
    /// On the idempotency token.
    Token,
    /// On request and state.
    State,
}

impl Table {
    /// Does it belong to an operation, not to the gateway?
    pub const fn is_of_operation(self) -> bool {
        matches!(self, Self::Request | Self::Token | Self::State)
    }
}

/// A rule by its place. Places of one operation compare as its rules are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleId {
    /// The table.
    pub table: Table,
    /// The place in it, from 0.
    pub index: usize,
}

/// A rule without the type of its case.
#[derive(Debug, Clone, Copy)]
pub struct RuleInfo {
    /// Its place.
    pub id: RuleId,
    /// The row it raises.
    pub row: &'static Row,
    /// The cause in words where the pages give none.
    pub guess: Option<&'static str>,
    /// Pages that state it in prose and print no row for it.
    pub prose: &'static [Page],
    /// What the caller can do about it.
    pub fix: &'static str,
}

impl RuleInfo {
    /// Is the rule part of what this page says?
    pub fn applies_on(&self, page: &Page) -> bool {
        applies(self.row, self.prose, page)
    }
}

/// What decided a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decider {
    /// A rule of a table.
    Rule(RuleId),
    /// A fault somebody armed.
    Fault,
    /// The socket, before there was a call.
    Socket,
}

/// A refusal: the row and the words that fill it, with the rule that decided.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The row to answer with.
    pub row: &'static Row,
    /// The row's message with its placeholders filled.
    pub message: Cow<'static, str>,
    /// What the caller can do about it.
    pub fix: &'static str,
    /// The cause in words where the pages give none.
    pub guess: Option<&'static str>,
    /// What decided.
    pub decider: Decider,
    /// Status and code instead of the row's: those of a fault.
    pub custom: Option<Box<(u16, String)>>,
    /// `AccessDeniedDetail` of the error document, where it has one: names and values.
    pub denied: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal outside the rule tables.
    pub fn of(row: &'static Row, words: &str, fix: &'static str, decider: Decider) -> Self {
        Self {
            row,
            message: row.fill(words),
            fix,
            guess: None,
            decider,
            custom: None,
            denied: Vec::new(),
        }
    }

    /// The HTTP status to answer with.
    pub fn status(&self) -> u16 {
        self.custom.as_ref().map_or(self.row.status, |custom| custom.0)
    }

    /// A copy of [`Refusal::code`].
    pub fn owned_code(&self) -> Cow<'static, str> {
        let custom = self.custom.as_ref();
        custom.map_or(Cow::Borrowed(self.row.code), |custom| Cow::Owned(custom.1.clone()))
    }

    /// The code to answer with.
    pub fn code(&self) -> &str {
        self.custom.as_ref().map_or(self.row.code, |custom| &custom.1)
    }
}

/// The first rule of the table that holds for the case on this page, as a refusal.
///
/// The rules in `muted` are passed over: tests mute a rule to prove that its scenario needs it.
///
/// # Errors
/// The refusal of the first rule that holds.
pub fn judge<Case>(
    table: Table,
    rules: &'static [Rule<Case>],
    case: &Case,
    page: &Page,
    muted: &[RuleId],
) -> Result<(), Refusal> {
    let decided = rules
        .iter()
        .enumerate()
        .filter(|(index, _)| !muted.contains(&RuleId { table, index: *index }))
        // Few rules hold, on whatever page.
        .find(|(_, rule)| (rule.when)(case) && rule.applies_on(page));
    match decided {
        None => Ok(()),
        Some((index, rule)) => Err(Refusal {
            row: rule.row,
            message: rule.row.fill(&(rule.words)(case)),
            fix: rule.fix,
            guess: rule.guess(),
            decider: Decider::Rule(RuleId { table, index }),
            custom: None,
            denied: Vec::new(),
        }),
    }
}
