//! A reply as compact JSON. Texts that need no escape, which nearly all do not, are copied as they are.

use super::request::Format;
use super::{eight, kept};
use crate::reply::Node;
use crate::writing;

/// Writes a reply.
pub(super) fn write(node: &Node) -> Vec<u8> {
    let mut out = Vec::with_capacity(length(node));
    value(&mut out, node);
    out
}

/// How long about the text of a reply gets: a list's elements are much alike.
fn length(node: &Node) -> usize {
    match node {
        // An instance with few extras has 2,300.
        Node::Kept(_) => 2560,
        Node::Object(fields) => length_of(fields),
        Node::List(name, items) => name.len() + 8 + items.len() * items.first().map_or(0, length),
        Node::Text(text) => text.len(),
        Node::Int(_) | Node::Float(_) | Node::Bool(_) => 8,
    }
}

fn length_of(fields: &[(&'static str, Node)]) -> usize {
    fields.iter().map(|(name, node)| name.len() + length(node) + 8).sum()
}

/// Writes an object of texts and of what comes behind them.
pub(super) fn write_object(texts: &[(&str, &str)], rest: &[(&'static str, Node)]) -> Vec<u8> {
    // Exactly as long as it is, where there is nothing but texts that need no escape: what has more room than it takes is
    // not sent as it stands.
    let length: usize = texts.iter().map(|(name, text)| name.len() + text.len() + 6).sum();
    let mut out = Vec::with_capacity(length + length_of(rest) + 1);
    let mut mark = b'{';
    for (field, content) in texts {
        writing::append_name(&mut out, mark, field);
        text(&mut out, content);
        mark = b',';
    }
    fields(&mut out, mark, rest);
    out
}

/// Writes the fields of an object to its end, the first one behind a mark.
fn fields(out: &mut Vec<u8>, mut mark: u8, fields: &[(&'static str, Node)]) {
    for (field, node) in fields {
        writing::append_name(out, mark, field);
        value(out, node);
        mark = b',';
    }
    out.extend_from_slice(if mark == b'{' { b"{}" } else { b"}" });
}

fn value(out: &mut Vec<u8>, node: &Node) {
    match node {
        Node::Kept(it) => kept::write(out, Format::Json, it, |it| write(&it.0.node())),
        Node::Text(content) => text(out, content),
        Node::Int(number) => library(out, number),
        Node::Float(number) => library(out, number),
        Node::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Node::Object(all) => fields(out, b'{', all),
        Node::List(element, items) => {
            writing::append_name(out, b'{', element);
            let mut mark = b'[';
            for item in items {
                out.push(mark);
                value(out, item);
                mark = b',';
            }
            out.extend_from_slice(if items.is_empty() { b"[]}" } else { b"]}" });
        }
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    if needs_escape(text) {
        return library(out, text);
    }
    writing::append_plain(out, text);
}

/// Is a control character, a quote or a backslash among it?
fn needs_escape(text: &str) -> bool {
    eight::any(text, |word| {
        eight::below(word, b' ') | eight::equal(word, b'"') | eight::equal(word, b'\\')
    })
}

fn library<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Texts and numbers always have a JSON form; a failure would be a bug of the serializer.
    let _ = writing::append(out, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_escaped_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for before in 0..20 {
                let text = format!("{}{}é45678", "x".repeat(before), char::from(byte));
                let written = write(&Node::Text(text.clone()));
                let read: String = serde_json::from_slice(&written).unwrap();
                assert_eq!((read, needs_escape(&text)), (text.clone(), written.contains(&b'\\')));
            }
        }
    }

    #[test]
    fn it_reads_back_as_what_was_written() {
        let texts = ["", "plain", "é 中", "\"quoted\"", "back\\slash", "line\nend\u{1}"];
        let list = texts.iter().map(|text| Node::from(*text)).collect();
        let node = Node::Object(vec![
            ("Texts", Node::List("Text", list)),
            ("None", Node::List("Text", Vec::new())),
            ("Empty", Node::Object(Vec::new())),
            ("Numbers", Node::List("Number", vec![Node::Int(-7), Node::Float(0.5)])),
            ("Is", Node::Bool(true)),
        ]);
        let expected = serde_json::json!({
            "Texts": {"Text": texts},
            "None": {"Text": []},
            "Empty": {},
            "Numbers": {"Number": [-7, 0.5]},
            "Is": true,
        });
        let read: serde_json::Value = serde_json::from_slice(&write(&node)).unwrap();
        assert_eq!(read, expected);
        let texts = write_object(&[("A", "a"), ("Bc", "")], &[]);
        assert_eq!(texts.capacity(), texts.len());
        let written = write_object(&[("A", "a"), ("B", "\"")], &[("C", node)]);
        let read: serde_json::Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(read, serde_json::json!({"A": "a", "B": "\"", "C": expected}));
    }
}
