//! How documents become what they say. A type is compiled anew for every reader it is read by, so there is
//! one: of JSON text, which worlds, journals and bodies are anyway. What is none is written as such first: a
//! value here, a file of TOML in `toml.rs`, which finds the way back to its lines.

mod objects;
mod toml;

use std::marker::PhantomData;

use serde::de::{DeserializeOwned, DeserializeSeed};
use serde::{Deserialize, Serialize};

use self::objects::Objects;
pub use self::toml::{Misplaced, Toml};
use crate::writing;

/// What is wrong with a document, and where: in words only for those who have seen its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Misfit {
    /// What is wrong.
    pub message: String,
    /// Where in its text, in bytes.
    pub at: Option<usize>,
}

impl Misfit {
    /// Of reading this text.
    pub fn of(error: &serde_json::Error, text: &[u8]) -> Self {
        let (line, column) = (error.line(), error.column());
        let place = format!(" at line {line} column {column}");
        let message = error.to_string();
        let message = message.strip_suffix(&place).map(str::to_owned).unwrap_or(message);
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        let before: usize = lines.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
        Self { message, at: (line > 0).then_some(before + column) }
    }

    /// With the line and the column, for those who wrote this text.
    #[must_use]
    pub fn in_text(self, text: &[u8]) -> Self {
        let Some(before) = self.at.and_then(|at| text.get(..at)) else { return self };
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count();
        Self { message: format!("{} at line {line} column {column}", self.message), ..self }
    }
}

/// What a text in JSON says.
///
/// # Errors
/// A text that does not say that.
pub fn json<'t, T: Deserialize<'t>>(text: &'t [u8]) -> Result<T, Misfit> {
    json_by(PhantomData, text)
}

/// What a text in JSON says to one who knows something already.
///
/// # Errors
/// As [`json`].
pub fn json_by<'t, S: DeserializeSeed<'t>>(seed: S, text: &'t [u8]) -> Result<S::Value, Misfit> {
    // Looked at as a whole once, and not each text in it.
    let known = std::str::from_utf8(text).map_err(|error| Misfit {
        message: "it is not text in UTF-8".to_owned(),
        at: Some(error.valid_up_to() + 1),
    })?;
    let mut reader = serde_json::Deserializer::from_str(known);
    let read = seed.deserialize(Objects(&mut reader));
    let whole = read.and_then(|value| reader.end().map(|()| value));
    whole.map_err(|error| Misfit::of(&error, text))
}

/// The texts of an array in JSON, as parameters have it. `None` for anything else.
pub fn list(text: &str) -> Option<Vec<String>> {
    json(text.as_bytes()).ok()
}

/// What a value says.
///
/// # Errors
/// A value that does not say that.
pub fn value<T: DeserializeOwned>(value: &(impl Serialize + ?Sized)) -> Result<T, Misfit> {
    // Nobody has seen this text.
    let without_place = |misfit| Misfit { at: None, ..misfit };
    let text = writing::json(value).map_err(|error| Misfit::of(&error, b""));
    text.and_then(|text| json(&text)).map_err(without_place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        first: u8,
        #[serde(default)]
        others: Vec<Pair>,
        either: Option<Either>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    enum Either {
        Neither,
        One(i8),
        Two(u8, u8),
        Named { name: String },
    }

    #[test]
    fn a_struct_is_an_object() {
        let read = |text: &str| json::<Pair>(text.as_bytes());
        let rest = |others, either| Ok(Pair { first: 1, others, either });
        assert_eq!(read(r#"{"first": 1}"#), rest(vec![], None));
        assert_eq!(
            read(r#"{"first": 1, "others": [{"first": 1}]}"#),
            rest(vec![rest(vec![], None).unwrap()], None)
        );
        let variants = [
            (r#""Neither""#, Either::Neither),
            (r#"{"One": -1}"#, Either::One(-1)),
            (r#"{"Two": [1, 2]}"#, Either::Two(1, 2)),
            (r#"{"Named": {"name": "a"}}"#, Either::Named { name: "a".to_owned() }),
        ];
        for (text, either) in variants {
            assert_eq!(
                read(&format!(r#"{{"first": 1, "either": {text}}}"#)),
                rest(vec![], Some(either))
            );
        }
        let lists = [
            "[1]",
            r#"{"first": 1, "others": [[1]]}"#,
            r#"{"first": 1, "either": {"Named": ["a"]}}"#,
        ];
        for text in lists {
            let wrong = read(text).unwrap_err();
            assert!(wrong.message.starts_with("invalid type: sequence, expected"), "{wrong}");
            assert_eq!(wrong.at, text.rfind('['), "{text}");
        }
    }

    #[test]
    fn a_misfit_is_told_where_it_stands_or_without_a_place() {
        let wrong = value::<u8>(&-1).unwrap_err();
        assert_eq!(wrong.to_string(), "invalid value: integer `-1`, expected u8");
        let text = b"[1,\n  2, -3]";
        let error = serde_json::from_slice::<Vec<u8>>(text).unwrap_err();
        let wrong = Misfit::of(&error, text);
        assert_eq!(wrong.at, Some(11));
        assert_eq!(wrong.in_text(text).to_string(), error.to_string());
    }

    #[test]
    fn what_is_no_text_is_told_where_it_stands() {
        let text = b"{\"a\": 1,\n \"b\": \"\xff\"}";
        let wrong = json::<serde_json::Value>(text).unwrap_err().in_text(text);
        assert_eq!(wrong.to_string(), "it is not text in UTF-8 at line 2 column 8");
    }
}
