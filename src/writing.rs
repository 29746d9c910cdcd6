//! How what is known becomes a document. A type is compiled anew for every writer it is written by, so there is
//! one: of JSON text, into memory and from there, where it is large, on in pieces. `reading.rs` is the way back.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Error, Value};

use crate::reading;

/// Takes what comes next of a text.
pub type HandOn<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

/// How much is gathered before it is handed on.
const PIECE: usize = 1 << 20;

/// A thing as JSON text, in one line.
///
/// # Errors
/// A thing that has no such form: a map whose keys are no texts.
pub fn json(thing: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(128);
    append(&mut out, thing).map(|()| out)
}

/// Adds a thing to what is written already; nothing of it where that fails.
///
/// # Errors
/// As [`json`].
pub fn append(out: &mut Vec<u8>, thing: &(impl Serialize + ?Sized)) -> Result<(), Error> {
    let begin = out.len();
    let mut writer = Writer { gathered: out, hand_on: None };
    let written = serde_json::to_writer(&mut writer, thing);
    if written.is_err() {
        out.truncate(begin);
    }
    written
}

/// Adds a text that needs no escape, as those of our own.
#[inline]
pub fn append_plain(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// Adds the name of a field, which is one of our own, behind a mark; its value comes next.
pub fn append_name(out: &mut Vec<u8>, mark: u8, name: &str) {
    out.extend_from_slice(&[mark, b'"']);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

/// Hands a thing on in pieces: a world may be larger than what is to be in memory twice.
///
/// # Errors
/// As [`json`], and what becomes of a piece.
pub fn in_pieces(thing: &(impl Serialize + ?Sized), hand_on: &mut HandOn<'_>) -> io::Result<()> {
    let mut gathered = Vec::new();
    serde_json::to_writer(&mut Writer { gathered: &mut gathered, hand_on: Some(hand_on) }, thing)?;
    hand_on(&gathered)
}

/// A thing as a value; null for one that has no such form.
pub fn value(thing: &(impl Serialize + ?Sized)) -> Value {
    reading::value(thing).unwrap_or_default()
}

/// A thing as JSON text for people, in lines.
pub fn pretty(thing: &(impl Serialize + ?Sized)) -> String {
    format!("{:#}\n", value(thing))
}

/// The only writer.
struct Writer<'a> {
    gathered: &'a mut Vec<u8>,
    hand_on: Option<&'a mut HandOn<'a>>,
}

impl Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE
            && let Some(hand_on) = &mut self.hand_on
        {
            hand_on(self.gathered)?;
            self.gathered.clear();
        }
        Ok(bytes.len())
    }

    /// All of it at once, as it always is: the library writes a text in several small pieces.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(drop)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn pieces_make_up_the_whole() {
        let thing = vec!["a text that is written many times".to_owned(); 100_000];
        let (mut whole, mut count) = (Vec::new(), 0);
        in_pieces(&thing, &mut |piece| {
            count += 1;
            whole.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        assert_eq!(whole, json(&thing).unwrap());
        assert_eq!(count, whole.len() / PIECE + 1);
    }

    #[test]
    fn what_cannot_be_handed_on_ends_it() {
        let thing = vec![0_u8; PIECE];
        let refused = in_pieces(&thing, &mut |_| Err(io::ErrorKind::StorageFull.into()));
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn what_has_no_form_leaves_nothing_behind() {
        let mut out = b"before ".to_vec();
        let wrong = BTreeMap::from([("right", BTreeMap::from([((1, 2), 3)]))]);
        assert!(append(&mut out, &wrong).is_err());
        assert_eq!(out, b"before ");
        assert_eq!(value(&wrong), Value::Null);
    }
}
