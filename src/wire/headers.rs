//! Headers of requests and answers: the HTTP library's own map, so that none is copied on its way, read
//! as text.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// Names in lower case, with values as sent. One name may have several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Headers(HeaderMap);

impl Headers {
    /// The first value of a name; `None` where it is absent, or no text.
    pub fn get(&self, name: &str) -> Option<&str> {
        // There are few, and to hash a name takes longer than to compare it with them.
        let (_, value) = self.0.iter().find(|(header, _)| header.as_str() == name)?;
        std::str::from_utf8(value.as_bytes()).ok()
    }

    /// All of them, in the order they came; what is no text is empty.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let text = |value| std::str::from_utf8(value).unwrap_or_default();
        self.0.iter().map(move |(name, value)| (name.as_str(), text(value.as_bytes())))
    }

    /// Adds a value to a name. What can be neither is left out.
    pub fn push(&mut self, name: &str, value: &str) {
        let pair = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        if let Some((name, value)) = pair {
            self.0.append(name, value);
        }
    }

    /// Has it this name?
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the HTTP library has them.
    pub fn into_map(self) -> HeaderMap {
        self.0
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Self {
        Self(map)
    }
}

impl<Name: AsRef<str>, Value: AsRef<str>> FromIterator<(Name, Value)> for Headers {
    fn from_iter<Pairs: IntoIterator<Item = (Name, Value)>>(pairs: Pairs) -> Self {
        let mut headers = Self::default();
        for (name, value) in pairs {
            headers.push(name.as_ref(), value.as_ref());
        }
        headers
    }
}
