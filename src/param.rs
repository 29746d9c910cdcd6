//! Parameters of a call: query, form and JSON body merged into one map of text, and their reading
//! into values. Reading is total: absent, malformed or a value. It refuses nothing; rules do.

use std::cell::Cell;

/// Parameters that sign or route a call. No operation reads them, and repetitions under one token may
/// differ in them.
pub const SYSTEM_PARAMETERS: &[&str] = &[
    "AccessKeyId",
    "Action",
    "BearerToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    // Misspelt by older clients, and read all the same.
    "TimeStamp",
    "Timestamp",
    "Version",
];

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
struct Entry {
    name: String,
    value: String,
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

/// The merged parameters of one call, sorted by name.
#[derive(Debug, Clone, Default)]
pub struct Params {
    entries: Vec<Entry>,
}

impl Params {
    /// Merges decoded pairs. The same pair twice is one parameter.
    ///
    /// # Errors
    /// A name with two values, an array with a gap, text that is not UTF-8 (U+FFFD after lossy
    /// decoding counts as such).
    pub fn from_pairs(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, BadParams> {
        let mut entries: Vec<Entry> = pairs
            .into_iter()
            .map(|(name, value)| Entry { name, value, read: Cell::new(false) })
            .collect();
        entries.sort_by(|a, b| (&a.name, &a.value).cmp(&(&b.name, &b.value)));
        entries.dedup_by(|a, b| a.name == b.name && a.value == b.value);
        if let Some(twice) = entries.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(BadParams::Repeated(twice[0].name.clone()));
        }
        let not_text =
            |entry: &&Entry| entry.name.contains('\u{FFFD}') || entry.value.contains('\u{FFFD}');
        if let Some(entry) = entries.iter().find(not_text) {
            return Err(BadParams::NotText(entry.name.replace('\u{FFFD}', "?")));
        }
        let params = Self { entries };
        match params.first_gap() {
            Some(name) => Err(BadParams::Gap(name)),
            None => Ok(params),
        }
    }

    fn first_gap(&self) -> Option<String> {
        self.entries.iter().map(|entry| &entry.name).find(|name| self.leaves_gap(name)).cloned()
    }

    fn leaves_gap(&self, name: &str) -> bool {
        let mut start = 0;
        for part in name.split('.') {
            let prefix = &name[..start];
            start += part.len() + 1;
            if prefix.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let previous = match part.parse::<u32>() {
                Ok(1) => continue,
                Ok(position @ 2..) => format!("{prefix}{}", position - 1),
                Ok(0) | Err(_) => return true,
            };
            if !self.has_element(&previous) {
                return true;
            }
        }
        false
    }

    fn has_element(&self, element: &str) -> bool {
        let first = self.entries.partition_point(|entry| entry.name.as_str() < element);
        self.entries[first..]
            .iter()
            .take_while(|entry| entry.name.starts_with(element))
            .any(|entry| matches!(entry.name.as_bytes().get(element.len()), None | Some(b'.')))
    }

    /// The text of a parameter; `None` where it is absent or empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let index = self.entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).ok()?;
        let entry = &self.entries[index];
        entry.read.set(true);
        (!entry.value.is_empty()).then_some(entry.value.as_str())
    }

    /// An owned copy of [`Params::text`].
    pub fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// Reads a parameter with `parse`, which answers `None` for malformed text.
    pub fn parse<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Param<T> {
        match self.text(name) {
            None => Param::Absent,
            Some(text) => parse(text).map_or(Param::Malformed, Param::Value),
        }
    }

    /// `true` or `false` in any case (Python SDKs send `True`).
    pub fn boolean(&self, name: &str) -> Param<bool> {
        self.parse(name, |text| match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// A decimal integer that fits 32 bits.
    pub fn integer(&self, name: &str) -> Param<i32> {
        self.parse(name, |text| text.parse().ok())
    }

    /// The elements `name.1`, `name.2`, … as long as they go.
    pub fn list(&self, name: &str) -> Vec<&str> {
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

    /// A JSON array of texts.
    pub fn json_list(&self, name: &str) -> Param<Vec<String>> {
        self.parse(name, |text| serde_json::from_str(text).ok())
    }

    /// How many elements `name.N.…` there are.
    pub fn count(&self, name: &str) -> usize {
        let is_there = |position: &usize| self.has_element(&format!("{name}.{position}"));
        (1..=self.entries.len()).take_while(is_there).count()
    }

    /// Every name and value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.name.as_str(), entry.value.as_str()))
    }

    /// The names nothing has read so far, but for those that no operation reads.
    pub fn unread(&self) -> Vec<String> {
        let is_for_nobody =
            |entry: &&Entry| !entry.read.get() && !SYSTEM_PARAMETERS.contains(&entry.name.as_str());
        self.entries.iter().filter(is_for_nobody).map(|entry| entry.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, &str)]) -> Result<Params, BadParams> {
        Params::from_pairs(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
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
        let all = Params::from_pairs(ten).unwrap();
        assert_eq!(all.list("InstanceId").len(), 10);
        assert_eq!(all.count("InstanceId"), 10);
    }

    #[test]
    fn a_repeated_name_needs_the_same_value() {
        assert!(params(&[("A", "1"), ("A", "1")]).is_ok());
        assert_eq!(params(&[("A", "1"), ("A", "2")]).unwrap_err().name(), "A");
    }
}
