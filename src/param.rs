//! Parameters of a call: query, form and JSON body merged into one map of text, and their reading
//! into values. Reading is total: absent, malformed or a value. It refuses nothing; rules do.

use std::cell::Cell;

/// Does a parameter of this name sign or route a call? No operation reads those, and repetitions under one
/// token may differ in them.
pub fn is_system(name: &str) -> bool {
    matches!(
        name,
        "AccessKeyId"
            | "Action"
            | "BearerToken"
            | "Format"
            | "SecurityToken"
            | "Signature"
            | "SignatureMethod"
            | "SignatureNonce"
            | "SignatureType"
            | "SignatureVersion"
            // Misspelt by older clients, and read all the same.
            | "TimeStamp"
            | "Timestamp"
            | "Version"
    )
}

/// A parameter as a rule sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Param<T> {
    /// Not sent, or sent empty.
    #[default]
    Absent,
    /// Sent, but not a value of its type.
    Malformed,
    /// A value of its type; its range is a rule's business.
    Value(T),
}

impl<T> Param<T> {
    /// Sent at all, well formed or not.
    pub const fn is_given(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Sent, but not a value of its type.
    pub const fn is_malformed(&self) -> bool {
        matches!(self, Self::Malformed)
    }

    /// The value, where there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Malformed => None,
        }
    }

    /// Malformed, or a value outside what `allowed` accepts.
    pub fn violates(&self, allowed: impl FnOnce(&T) -> bool) -> bool {
        match self {
            Self::Absent => false,
            Self::Malformed => true,
            Self::Value(value) => !allowed(value),
        }
    }
}

impl<T: Copy> Param<T> {
    /// The value, or `default` where it is absent or malformed.
    pub fn or(&self, default: T) -> T {
        self.value().copied().unwrap_or(default)
    }
}

#[derive(Debug, Clone)]
struct Entry<'a> {
    name: &'a str,
    value: &'a str,
    read: Cell<bool>,
}

/// Why a set of pairs is not a set of parameters: the offending name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadParams {
    /// One name with two different values.
    #[error("parameter {0} is repeated with different values")]
    Repeated(String),
    /// `Tag.3` without `Tag.2`, or a position that is not 1, 2, 3 ….
    #[error("array parameter {0} leaves a gap")]
    Gap(String),
    /// Bytes that are not UTF-8 after decoding.
    #[error("parameter {0} is not UTF-8 text")]
    NotText(String),
}

impl BadParams {
    /// The name to blame.
    pub fn name(&self) -> &str {
        match self {
            Self::Repeated(name) | Self::Gap(name) | Self::NotText(name) => name,
        }
    }
}

/// Up to so many parameters are looked through one by one, which is quicker than sorting them for the
/// few that an operation reads.
const FEW: usize = 32;

/// The merged parameters of one call.
#[derive(Debug, Clone, Default)]
pub struct Params<'a> {
    /// In the order they came, or, where they are many, sorted by name.
    entries: Vec<Entry<'a>>,
    /// The marks of their names: most names an operation reads are not there, and their marks are not either.
    marks: u64,
    /// A name may have a dot.
    has_arrays: bool,
}

/// One bit for a name. Other names may have the same.
#[inline]
const fn mark(name: &str) -> u64 {
    let name = name.as_bytes();
    let (first, last) = match name {
        [] => (0, 0),
        [first, ..] => (*first as usize, name[name.len() - 1] as usize),
    };
    1 << ((5 * name.len() + 3 * first + last) % 64)
}

impl<'a> Params<'a> {
    /// Merges decoded pairs. The same pair twice is one parameter.
    ///
    /// # Errors
    /// A name with two values, an array with a gap.
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, BadParams> {
        let params = Self { has_arrays: true, ..Self::without_arrays(pairs)? };
        let mut names = params.entries.iter().map(|entry| entry.name);
        match names.find(|name| name.contains('.') && params.leaves_gap(name)) {
            Some(name) => Err(BadParams::Gap(name.to_owned())),
            None => Ok(params),
        }
    }

    /// As [`Params::from_pairs`] of pairs without a dot in their names, which make no array.
    ///
    /// # Errors
    /// A name with two values.
    pub fn without_arrays(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, BadParams> {
        let mut params = Self { entries: Vec::with_capacity(16), marks: 0, has_arrays: false };
        let entry = |(name, value)| Entry { name, value, read: Cell::new(false) };
        params.entries.extend(pairs.into_iter().map(entry));
        params.merge().map_err(BadParams::Repeated)?;
        Ok(params)
    }

    const fn are_sorted(&self) -> bool {
        self.entries.len() > FEW
    }

    /// Leaves one of each; a name with two values is the error.
    fn merge(&mut self) -> Result<(), String> {
        if self.are_sorted() {
            self.entries.sort_unstable_by_key(|entry| (entry.name, entry.value));
            self.entries.dedup_by(|a, b| a.name == b.name && a.value == b.value);
            let twice = self.entries.windows(2).find(|pair| pair[0].name == pair[1].name);
            self.marks = self.entries.iter().fold(0, |marks, entry| marks | mark(entry.name));
            return twice.map_or(Ok(()), |pair| Err(pair[0].name.to_owned()));
        }
        let mut at = 0;
        while let Some(entry) = self.entries.get(at) {
            let (marks, mark) = (self.marks, mark(entry.name));
            self.marks |= mark;
            let mut earlier = self.entries[..at].iter().filter(|_| marks & mark != 0);
            match earlier.find(|earlier| earlier.name == entry.name) {
                Some(earlier) if earlier.value != entry.value => return Err(entry.name.to_owned()),
                Some(_) => drop(self.entries.remove(at)),
                None => at += 1,
            }
        }
        Ok(())
    }

    fn leaves_gap(&self, name: &str) -> bool {
        let mut dots = name.bytes().enumerate().filter(|(_, byte)| *byte == b'.');
        dots.any(|(dot, _)| {
            let (prefix, rest) = (&name[..=dot], &name[dot + 1..]);
            let part = rest.split('.').next().unwrap_or_default();
            if !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return false;
            }
            match part.parse::<u32>() {
                Ok(1) => false,
                Ok(position @ 2..) => !self.has_element(&format!("{prefix}{}", position - 1)),
                Ok(0) | Err(_) => true,
            }
        })
    }

    /// May there be elements of this array?
    fn has_elements(&self, name: &str) -> bool {
        self.has_arrays && self.entries.iter().any(|entry| entry.name.starts_with(name))
    }

    fn has_element(&self, element: &str) -> bool {
        let is_of_it = |name: &str| {
            let tail = name.strip_prefix(element);
            tail.is_some_and(|tail| tail.is_empty() || tail.starts_with('.'))
        };
        if !self.are_sorted() {
            return self.entries.iter().any(|entry| is_of_it(entry.name));
        }
        let first = self.entries.partition_point(|entry| entry.name < element);
        self.entries[first..]
            .iter()
            .take_while(|entry| entry.name.starts_with(element))
            .any(|entry| is_of_it(entry.name))
    }

    /// The text of a parameter; `None` where it is absent or empty.
    // Most names are known when this is compiled, and so is their mark then.
    #[inline]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        if self.marks & mark(name) == 0 { None } else { self.find(name) }
    }

    fn find(&self, name: &str) -> Option<&'a str> {
        let entry = if self.are_sorted() {
            let at = self.entries.binary_search_by_key(&name, |entry| entry.name).ok()?;
            &self.entries[at]
        } else {
            self.entries.iter().find(|entry| entry.name == name)?
        };
        entry.read.set(true);
        (!entry.value.is_empty()).then_some(entry.value)
    }

    /// An owned copy of [`Params::text`].
    #[inline]
    pub fn string<T: From<&'a str>>(&self, name: &str) -> Option<T> {
        self.text(name).map(T::from)
    }

    /// Reads a parameter with `parse`, which answers `None` for malformed text.
    #[inline]
    pub fn parse<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Param<T> {
        match self.text(name) {
            None => Param::Absent,
            Some(text) => parse(text).map_or(Param::Malformed, Param::Value),
        }
    }

    /// `true` or `false` in any case (Python SDKs send `True`).
    #[inline]
    pub fn boolean(&self, name: &str) -> Param<bool> {
        let values = [("true", true), ("false", false)];
        let read = |text: &str| values.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
        self.parse(name, |text| read(text).map(|(_, value)| *value))
    }

    /// A decimal integer that fits 32 bits.
    #[inline]
    pub fn integer(&self, name: &str) -> Param<i32> {
        self.parse(name, |text| text.parse().ok())
    }

    /// The elements `name.1`, `name.2`, … as long as they go.
    pub fn list(&self, name: &str) -> Vec<&'a str> {
        if !self.has_elements(name) {
            return Vec::new();
        }
        (1..).map_while(|position| self.text(&format!("{name}.{position}"))).collect()
    }

    /// The words of a text that commas separate, each once.
    pub fn words(&self, name: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in self.text(name).unwrap_or_default().split(',').map(str::trim) {
            if !word.is_empty() && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        words
    }

    /// How many elements `name.N.…` there are.
    pub fn count(&self, name: &str) -> usize {
        if !self.has_elements(name) {
            return 0;
        }
        let is_there = |position: &usize| self.has_element(&format!("{name}.{position}"));
        (1..=self.entries.len()).take_while(is_there).count()
    }

    /// Every name and value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut all: Vec<_> = self.entries.iter().map(|it| (it.name, it.value)).collect();
        all.sort_unstable();
        all.into_iter()
    }

    /// The names nothing has read so far, but for those that no operation reads.
    pub fn unread(&self) -> Vec<String> {
        let is_for_nobody = |entry: &&Entry<'_>| !entry.read.get() && !is_system(entry.name);
        let unread = self.entries.iter().filter(is_for_nobody);
        let mut names: Vec<String> = unread.map(|entry| entry.name.to_owned()).collect();
        names.sort_unstable();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params<'a>(pairs: &[(&'a str, &'a str)]) -> Result<Params<'a>, BadParams> {
        Params::from_pairs(pairs.iter().copied())
    }

    #[test]
    fn reading_is_total() {
        let all = params(&[("A", "True"), ("B", "7"), ("C", "x"), ("D", "")]).unwrap();
        assert_eq!(all.boolean("A"), Param::Value(true));
        assert_eq!(all.integer("B"), Param::Value(7));
        assert_eq!(all.integer("C"), Param::Malformed);
        assert_eq!(all.integer("D"), Param::Absent);
        assert_eq!(all.integer("E"), Param::Absent);
        assert!(all.unread().is_empty());
    }

    #[test]
    fn arrays_have_no_gaps() {
        assert!(params(&[("Tag.1.Key", "a"), ("Tag.1.Value", "b"), ("Tag.2.Key", "c")]).is_ok());
        assert_eq!(
            params(&[("Tag.3.Key", "a")]).unwrap_err(),
            BadParams::Gap("Tag.3.Key".to_owned())
        );
        assert!(params(&[("Tag.0.Key", "a")]).is_err());
        assert!(params(&[("Tag.99999999999999999999.Key", "a")]).is_err());
        let ten: Vec<(String, String)> =
            (1..=10).map(|n| (format!("InstanceId.{n}"), format!("i-{n}"))).collect();
        let ten = ten.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all = Params::from_pairs(ten).unwrap();
        assert_eq!(all.list("InstanceId").len(), 10);
        assert_eq!(all.count("InstanceId"), 10);
    }

    #[test]
    fn a_repeated_name_needs_the_same_value() {
        assert!(params(&[("A", "1"), ("A", "1")]).is_ok());
        assert_eq!(params(&[("A", "1"), ("A", "2")]).unwrap_err().name(), "A");
    }

    #[test]
    fn many_parameters_are_read_as_few_are() {
        let names: Vec<String> = (0..100).map(|n| format!("Name{n}")).collect();
        for count in [3, FEW, FEW + 1, 100] {
            let pairs = || names[..count].iter().map(|name| (name.as_str(), "v"));
            let all = Params::from_pairs(pairs().chain([("Name2", "v")])).unwrap();
            assert_eq!(all.iter().count(), count);
            assert!(all.iter().is_sorted());
            assert!(pairs().all(|(name, _)| all.text(name) == Some("v")));
            assert_eq!((all.text("Name"), all.text("Name9999")), (None, None));
            let twice = Params::from_pairs(pairs().chain([("Name2", "w")]));
            assert_eq!(twice.unwrap_err(), BadParams::Repeated("Name2".to_owned()));
            let gap = Params::from_pairs(pairs().chain([("Tag.2.Key", "k")]));
            assert_eq!(gap.unwrap_err(), BadParams::Gap("Tag.2.Key".to_owned()));
        }
    }
}
