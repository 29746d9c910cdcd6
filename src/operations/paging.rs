//! Pages of a list: by number and size, or on from a token. A token is a position in the list that
//! the pages are cut from, so it stays valid while things come and go.

use serde::{Deserialize, Serialize};

use super::conditions::first_malformed;
use crate::domain::Shared;
use crate::domain::index::{Positions, Wanted};
use crate::domain::registry::{Named, Registry};
use crate::param::{Param, Params};

const DEFAULT_SIZE: usize = 10;
const LARGEST_SIZE: i32 = 100;
/// Digits of a token.
const TOKEN_LENGTH: usize = 32;

/// Which page a call asks for.
pub(super) struct Paging {
    number: Param<i32>,
    size: Param<i32>,
    next_token: Param<usize>,
    max_results: Param<i32>,
    default_size: usize,
    largest_size: i32,
}

impl Paging {
    /// By number or by token: 10 to a page, 100 at most.
    pub fn parse(params: &Params) -> Self {
        Self {
            number: params.integer("PageNumber"),
            size: params.integer("PageSize"),
            ..Self::by_token(params, DEFAULT_SIZE)
        }
    }

    /// By number only: 10 to a page.
    pub fn by_number(params: &Params, largest_size: i32) -> Self {
        Self {
            number: params.integer("PageNumber"),
            size: params.integer("PageSize"),
            next_token: Param::Absent,
            max_results: Param::Absent,
            default_size: DEFAULT_SIZE,
            largest_size,
        }
    }

    /// By token only: 100 to a page at most.
    pub fn by_token(params: &Params, default_size: usize) -> Self {
        Self {
            number: Param::Absent,
            size: Param::Absent,
            next_token: params.parse("NextToken", read_token),
            max_results: params.integer("MaxResults"),
            default_size,
            largest_size: LARGEST_SIZE,
        }
    }

    /// Where a token or its page's size is sent, PageNumber and PageSize do not count.
    const fn goes_by_token(&self) -> bool {
        self.next_token.is_given() || self.max_results.is_given()
    }

    /// The first parameter that is malformed or out of range.
    pub fn first_wrong(&self) -> Option<&'static str> {
        let fits = |size: &i32| (1..=self.largest_size).contains(size);
        if self.goes_by_token() {
            return first_malformed(&[
                ("NextToken", self.next_token.is_malformed()),
                ("MaxResults", self.max_results.violates(fits)),
            ]);
        }
        first_malformed(&[
            ("PageNumber", self.number.violates(|number| *number >= 1)),
            ("PageSize", self.size.violates(fits)),
        ])
    }

    fn length(&self) -> usize {
        let asked = if self.goes_by_token() { &self.max_results } else { &self.size };
        let asked = asked.value().and_then(|size| usize::try_from(*size).ok());
        asked.unwrap_or(self.default_size)
    }

    fn empty<T>(&self) -> Cut<T> {
        let number = usize::try_from(self.number.or(1)).unwrap_or(1).max(1);
        Cut {
            items: Vec::new(),
            total: 0,
            number: if self.goes_by_token() { 1 } else { number },
            size: self.length(),
            next: None,
        }
    }

    /// Cuts the page out of what of a registry is all of this, of these or of all there are. What is
    /// before the page and behind it is not looked at.
    pub fn page<'r, T: Named>(
        &self,
        of: &'r Registry<T>,
        among: Option<&Positions>,
        wanted: &[Wanted<'_, T>],
    ) -> Cut<&'r Shared<T>> {
        of.select(among, wanted, |matches| {
            let mut cut = self.empty();
            cut.total = matches.len();
            let skipped = (cut.number - 1).saturating_mul(cut.size);
            let start = if self.goes_by_token() {
                Some(self.next_token.or(0))
            } else {
                matches.nth(skipped)
            };
            let mut rest = start.into_iter().flat_map(|start| matches.iter_from(start));
            cut.items.reserve(cut.total.min(cut.size));
            // Positions know how many they are only by counting, which `collect` would ask them for.
            for at in rest.by_ref().take(cut.size) {
                cut.items.extend(of.at(at));
            }
            cut.next = rest.next();
            cut
        })
    }

    /// Cuts the page out of all that matches, each with its position in the whole list. All are
    /// counted, only the page's are kept.
    pub fn cut<T>(&self, matches: impl Iterator<Item = (usize, T)>) -> Cut<T> {
        let mut cut = self.empty();
        let start = self.next_token.or(0);
        let skipped = (cut.number - 1).saturating_mul(cut.size);
        for (position, item) in matches {
            if position >= start && cut.total >= skipped {
                if cut.items.len() < cut.size {
                    cut.items.push(item);
                } else if cut.next.is_none() {
                    cut.next = Some(position);
                }
            }
            cut.total += 1;
        }
        cut
    }
}

/// A page, and what surrounds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cut<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// How many there are on all pages.
    pub total: usize,
    /// The page's number; 1 where a token asks for it.
    pub number: usize,
    /// How many fit on it.
    pub size: usize,
    next: Option<usize>,
}

impl<T> Cut<T> {
    /// Asks for what follows the page; empty where nothing does.
    pub fn next_token(&self) -> String {
        self.next.map(write_token).unwrap_or_default()
    }

    /// The page with each of its items turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Cut<U> {
        Cut {
            items: self.items.into_iter().map(turn).collect(),
            total: self.total,
            number: self.number,
            size: self.size,
            next: self.next,
        }
    }
}

fn write_token(position: usize) -> String {
    format!("{position:0TOKEN_LENGTH$x}")
}

fn read_token(text: &str) -> Option<usize> {
    let is_token = text.len() == TOKEN_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    usize::from_str_radix(text, 16).ok().filter(|_| is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(pairs: &[(&str, &str)]) -> Paging {
        Paging::parse(&Params::from_pairs(pairs.iter().copied()).unwrap())
    }

    /// 25 things at even positions.
    fn all() -> impl Iterator<Item = (usize, usize)> {
        (0..25).map(|thing| (thing * 2, thing))
    }

    #[test]
    fn numbers_and_tokens_lead_to_the_same_pages() {
        let third = paging(&[("PageNumber", "3")]).cut(all());
        assert_eq!(third.items, [20, 21, 22, 23, 24]);
        assert_eq!((third.total, third.next_token()), (25, String::new()));

        let second = paging(&[("PageNumber", "2"), ("PageSize", "10")]).cut(all());
        let token = second.next_token();
        assert_eq!(token.len(), TOKEN_LENGTH);
        let rest = paging(&[("NextToken", &token), ("PageNumber", "9")]).cut(all());
        assert_eq!((&rest.items, rest.total), (&third.items, 25));
    }

    #[test]
    fn a_page_behind_the_end_is_empty() {
        let far = paging(&[("PageNumber", "2147483647"), ("PageSize", "100")]).cut(all());
        assert_eq!((far.items.len(), far.total), (0, 25));
    }

    #[test]
    fn what_is_no_page_is_named() {
        for (name, value) in [
            ("PageNumber", "0"),
            ("PageSize", "101"),
            ("MaxResults", "x"),
            ("NextToken", "+0000000000000000000000000000001"),
        ] {
            assert_eq!(paging(&[(name, value)]).first_wrong(), Some(name));
        }
        assert_eq!(paging(&[]).first_wrong(), None);
    }
}
