//! Rows: what a documentation page prints in its error table. The row (page, status, code,
//! message) is the unit of this project, because one code has several statuses and texts.
//! A row says nothing about when it is raised; that is a rule's business (`rule.rs`).

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;

/// The day a page was published, the key by which `--as-of` chooses among pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Date {
    /// Reads `yyyy-mm-dd`; nothing else is a date here.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        let (year, month, day) = (
            chrono::Datelike::year(&parsed),
            chrono::Datelike::month(&parsed),
            chrono::Datelike::day(&parsed),
        );
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }

    const fn same_day(self, other: Self) -> bool {
        self.year == other.year && self.month == other.month && self.day == other.day
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// One published state of an operation's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The operation it documents.
    pub operation: &'static str,
    /// Its name in the code: language and year.
    pub name: &'static str,
    /// Its date, unique among the operation's pages.
    pub date: Date,
}

impl Page {
    /// Stands in for the page of an operation that has none.
    pub const NONE: &'static Self =
        &Self { operation: "", name: "", date: Date { year: 0, month: 1, day: 1 } };

    /// The newest page not newer than `as_of`, the oldest where all are newer; without a date the
    /// newest. `pages` are oldest first.
    pub fn in_force(pages: &'static [Self], as_of: Option<Date>) -> &'static Self {
        let not_newer = |page: &&Self| as_of.is_none_or(|day| page.date <= day);
        pages.iter().rev().find(not_newer).or(pages.first()).unwrap_or(Self::NONE)
    }
}

/// How far a row has come: is there a rule for it, can there be one?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A rule raises it (a test checks that one does).
    Raised,
    /// Nothing a caller or a state can do causes it; only an armed fault does. The reason.
    Injected(&'static str),
    /// Not raised yet. What is still missing.
    Pending(&'static str),
}

/// One row of an error table.
#[derive(Debug)]
pub struct Row {
    /// The operation whose page prints it.
    pub operation: &'static str,
    /// Its name in the code and of its scenario.
    pub name: &'static str,
    /// HTTP status.
    pub status: u16,
    /// `Code` of the error document, as printed.
    pub code: &'static str,
    /// `Message` of the error document, as printed; `%s` is filled by the rule.
    pub message: &'static str,
    /// The pages that print it, oldest first. Empty for a row the pages of its operation do not
    /// print, known from `source`; such a row counts for every page.
    pub pages: &'static [Page],
    /// Where a row without a page comes from.
    pub source: &'static str,
    /// Whether and how it is reached.
    pub mark: Mark,
}

impl Row {
    /// Does this page print the row?
    pub const fn is_printed_on(&self, page: &Page) -> bool {
        let mut index = 0;
        while index < self.pages.len() {
            if self.pages[index].date.same_day(page.date) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Is it a refusal of our own, at the socket, where there is no call yet?
    pub fn is_ours(&self) -> bool {
        self.source == "ours"
    }

    /// Fills the row's placeholders, in order, with `words`; a text without one stays as it is.
    pub fn fill(&self, words: &str) -> Cow<'static, str> {
        // Most messages have none, and are looked through quickly.
        let placed = memchr(b'%', self.message.as_bytes());
        match placed.and_then(|_| self.message.split_once("%s")) {
            None => Cow::Borrowed(self.message),
            Some((before, behind)) => Cow::Owned([before, words, behind].concat()),
        }
    }
}

/// How many of `rows` the page prints; evaluated at compile time by [`error_rows!`].
pub const fn count_printed(rows: &[&Row], page: &Page) -> usize {
    let (mut index, mut count) = (0, 0);
    while index < rows.len() {
        if rows[index].is_printed_on(page) {
            count += 1;
        }
        index += 1;
    }
    count
}

/// Declares an operation's pages (`PAGES`) and rows (`ROWS`, and a static for each). The number of
/// rows each page prints is checked at compile time. Rows under `beside` are printed by none of
/// the pages; each names its source.
macro_rules! error_rows {
    (
        operation: $operation:literal;
        pages: { $( $(#[$doc:meta])* $page:ident = ($year:literal, $month:literal, $day:literal, $count:literal rows); )* }
        rows: { $( $name:ident: $status:literal $code:literal [$($on:ident),+] $message:literal
                   $(injected $why:literal)? $(pending $missing:literal)? ; )* }
        $( beside: { $( $extra:ident: $extra_status:literal $extra_code:literal $extra_message:literal
                        source $source:literal $(injected $extra_why:literal)? ; )* } )?
    ) => {
        $(
            $(#[$doc])*
            pub const $page: $crate::row::Page = $crate::row::Page {
                operation: $operation,
                name: stringify!($page),
                date: $crate::row::Date { year: $year, month: $month, day: $day },
            };
        )*

        #[allow(dead_code, reason = "a table beside the pages has none")]
        /// The operation's pages, oldest first.
        pub static PAGES: &[$crate::row::Page] = &[$($page),*];

        $(
            #[doc = concat!(stringify!($status), " `", $code, "`: ", $message)]
            pub static $name: $crate::row::Row = $crate::row::Row {
                operation: $operation,
                name: stringify!($name),
                status: $status,
                code: $code,
                message: $message,
                pages: &[$($on),+],
                source: "",
                mark: $crate::row::error_rows!(@mark $(injected $why)? $(pending $missing)?),
            };
        )*

        $($(
            #[doc = concat!(stringify!($extra_status), " `", $extra_code, "`: ", $extra_message)]
            pub static $extra: $crate::row::Row = $crate::row::Row {
                operation: $operation,
                name: stringify!($extra),
                status: $extra_status,
                code: $extra_code,
                message: $extra_message,
                pages: &[],
                source: $source,
                mark: $crate::row::error_rows!(@mark $(injected $extra_why)?),
            };
        )*)?

        /// Every row, in the order of the file.
        pub static ROWS: &[&$crate::row::Row] = &[$(&$name,)* $($(&$extra,)*)?];

        $( const _: () = assert!(
            $crate::row::count_printed(ROWS, &$page) == $count,
            concat!("the number of rows of ", stringify!($page), " differs from its page"),
        ); )*
    };
    (@mark) => { $crate::row::Mark::Raised };
    (@mark injected $why:literal) => { $crate::row::Mark::Injected($why) };
    (@mark pending $missing:literal) => { $crate::row::Mark::Pending($missing) };
}
pub(crate) use error_rows;
