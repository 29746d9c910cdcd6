//! TOML, read as the JSON text that says the same. What is wrong is told with its line: each piece of that
//! text comes from a place of the file.

use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::Misfit;
use crate::writing;

/// A text in TOML.
#[derive(Debug)]
pub struct Toml<'t> {
    text: &'t str,
    json: Vec<u8>,
}

/// What is wrong with a text in TOML, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    message: String,
    line: usize,
    column: usize,
    /// The line as it stands there.
    excerpt: String,
    /// How much of it is meant, in characters.
    length: usize,
}

impl<'t> Toml<'t> {
    /// Takes a text for TOML.
    ///
    /// # Errors
    /// A text that is none.
    pub fn of(text: &'t str) -> Result<Self, Misplaced> {
        let json = Vec::with_capacity(text.len());
        let mut writer = Writer { json, ..Writer::default() };
        writer.table(DeTable::parse(text).map_err(|error| told(&error, text))?.get_ref());
        Ok(Self { text, json: writer.json })
    }

    /// The same in JSON, on one line.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// What it says.
    ///
    /// # Errors
    /// A text that does not say that.
    pub fn read<'j, T: Deserialize<'j>>(&'j self) -> Result<T, Misplaced> {
        super::json(&self.json).map_err(|misfit| self.misplaced(misfit))
    }

    /// Where in the text what is wrong with its JSON comes from.
    pub fn misplaced(&self, misfit: Misfit) -> Misplaced {
        // Places are kept for nobody before something is wrong.
        let mut writer = Writer { sought: misfit.at, ..Writer::default() };
        if let Ok(table) = DeTable::parse(self.text) {
            writer.value(&Spanned::new(table.span(), DeValue::Table(table.into_inner())));
        }
        Misplaced::at(writer.found.unwrap_or_default(), self.text, misfit.message)
    }
}

fn told(error: &toml::de::Error, text: &str) -> Misplaced {
    Misplaced::at(error.span().unwrap_or_default(), text, error.message().to_owned())
}

impl Misplaced {
    fn at(place: Range<usize>, text: &str, message: String) -> Self {
        let before = text.get(..place.start).unwrap_or(text);
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let excerpt = text[begin..].lines().next().unwrap_or_default();
        let length = text.get(place).unwrap_or_default().lines().next().unwrap_or_default();
        Self {
            message,
            line: before.matches('\n').count() + 1,
            column: before[begin..].chars().count() + 1,
            excerpt: excerpt.to_owned(),
            length: length.chars().count().max(1),
        }
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, line, column, excerpt, length } = self;
        let margin = " ".repeat(line.to_string().len());
        let (indent, mark) = (" ".repeat(column - 1), "^".repeat(*length));
        writeln!(out, "line {line}, column {column}")?;
        writeln!(out, "{margin} |\n{line} | {excerpt}\n{margin} | {indent}{mark}")?;
        out.write_str(message)
    }
}

impl std::error::Error for Misplaced {}

/// Writes TOML as JSON. A piece that is sought by a place in the JSON is found by the first that ends there or
/// behind it: pieces end before those they are part of.
#[derive(Default)]
struct Writer {
    json: Vec<u8>,
    sought: Option<usize>,
    found: Option<Range<usize>>,
}

impl Writer {
    fn table(&mut self, table: &DeTable<'_>) {
        self.json.push(b'{');
        for (index, (key, value)) in table.iter().enumerate() {
            self.comma_before(index);
            let begin = self.json.len();
            self.text(key.get_ref());
            self.wrote(begin, key);
            self.json.push(b':');
            self.value(value);
        }
        self.json.push(b'}');
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) {
        let begin = self.json.len();
        match value.get_ref() {
            DeValue::String(text) => self.text(text),
            DeValue::Integer(number) => self.integer(number),
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(finite) if f64::is_finite(finite) => self.plain(&finite),
                // JSON has no form of the others.
                _ => self.text(number.as_str()),
            },
            DeValue::Boolean(is) => self.plain(is),
            DeValue::Datetime(moment) => self.text(&moment.to_string()),
            DeValue::Array(items) => {
                self.json.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    self.comma_before(index);
                    self.value(item);
                }
                self.json.push(b']');
            }
            DeValue::Table(table) => self.table(table),
        }
        self.wrote(begin, value);
    }

    fn integer(&mut self, number: &DeInteger<'_>) {
        match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => self.plain(&number),
            Err(_) => self.text(number.as_str()),
        }
    }

    fn text(&mut self, text: &str) {
        self.plain(text);
    }

    /// What reads the same in JSON. Writing to memory does not fail.
    fn plain(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        let _ = writing::append(&mut self.json, value);
    }

    fn comma_before(&mut self, index: usize) {
        if index > 0 {
            self.json.push(b',');
        }
    }

    fn wrote<T>(&mut self, begin: usize, piece: &Spanned<T>) {
        if self.found.is_none()
            && self.sought.is_some_and(|at| (begin..=self.json.len()).contains(&at))
        {
            self.found = Some(piece.span());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        String::from_utf8(Toml::of(text).unwrap().json).unwrap()
    }

    #[test]
    fn it_says_the_same_in_json() {
        let text = "a.b = 'x\"y'\nnumbers = [1, -0, +2, 0x1F, 1_000.5, inf]\nc = {}\n\
            at = 2026-01-01T00:00:00Z\n[[d]]\nyes = true\n[[d]]\n";
        assert_eq!(
            json(text),
            r#"{"a":{"b":"x\"y"},"numbers":[1,0,2,31,1000.5,"inf"],"c":{},"#.to_owned()
                + r#""at":"2026-01-01T00:00:00Z","d":[{"yes":true},{}]}"#
        );
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "reading it is the test")]
    struct Thing {
        name: String,
        #[serde(default)]
        sizes: Vec<u8>,
        #[serde(default)]
        parts: Vec<Thing>,
    }

    #[test]
    fn what_is_wrong_is_shown_where_it_stands() {
        let shown = |text: &str| {
            let told = Toml::of(text).and_then(|toml| toml.read::<Thing>().map(|_| ()));
            let told = told.unwrap_err().to_string();
            let lines: Vec<&str> = told.lines().collect();
            let mark = lines[3].split_once('|').unwrap().1.find('^').unwrap() - 1;
            let marked = lines[3].matches('^').count();
            let excerpt = lines[2].split_once(" | ").unwrap().1;
            let marked = excerpt.chars().skip(mark).take(marked).collect::<String>();
            (lines[0].to_owned(), marked, lines[4].to_owned())
        };
        let cases = [
            ("name = \"a\"\nnmae = 1\n", "line 2, column 1", "nmae", "unknown field `nmae`"),
            ("name = \"ü\" \nsizes = [1, 256]\n", "line 2, column 13", "256", "integer `256`"),
            ("name = 1\n", "line 1, column 8", "1", "invalid type: integer `1`"),
            ("name = {}\n", "line 1, column 8", "{}", "invalid type: map"),
            ("name = \"a\"\n[[parts]]\nsizes = []\n", "line 2, column 1", "[[parts]]", "missing"),
            ("sizes = []\n", "line 1, column 1", "s", "missing field `name`"),
            ("name = \"a\"\nname = \"b\"\n", "line 2, column 1", "name", "duplicate key"),
            ("name = \n", "line 1, column 8", "", "string values must be quoted"),
        ];
        for (text, place, marked, message) in cases {
            let (told_place, told_marked, told_message) = shown(text);
            assert_eq!((told_place.as_str(), told_marked.as_str()), (place, marked), "{text}");
            assert!(told_message.contains(message), "{told_message}");
        }
    }
}
