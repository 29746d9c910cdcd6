//! A reply as XML: an object is an element, a list is its elements repeated inside their container.

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesEnd, BytesStart, BytesText, Event};

use super::kept;
use super::request::Format;
use crate::reply::{Kept, Node};

/// The field whose text is a link, written as CDATA like the service does.
const LINK: &str = "Recommend";

/// Writes a reply under a root element.
pub(super) fn write(root: &str, node: &Node) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(b"<?xml version='1.0' encoding='UTF-8'?>");
    let mut writer = Writer::new(out);
    // Writing to memory does not fail.
    let _ = element(&mut writer, root, node);
    writer.into_inner()
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, node: &Node) -> std::io::Result<()> {
    if let Node::Kept(it) = node {
        let alone = |it: &Kept| {
            let mut writer = Writer::new(Vec::with_capacity(1024));
            let _ = element(&mut writer, name, &it.0.node());
            writer.into_inner()
        };
        kept::write(writer.get_mut(), Format::Xml, it, alone);
        return Ok(());
    }
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    match node {
        Node::Text(text) if name == LINK => {
            for part in BytesCData::escaped(&readable(text)) {
                writer.write_event(Event::CData(part))?;
            }
        }
        Node::Kept(_) => {}
        Node::Text(text) => self::text(writer, text)?,
        Node::Int(value) => self::text(writer, &value.to_string())?,
        Node::Float(value) => self::text(writer, &format!("{value:?}"))?,
        Node::Bool(value) => self::text(writer, if *value { "true" } else { "false" })?,
        Node::Object(fields) => {
            for (field, value) in fields {
                element(writer, field, value)?;
            }
        }
        Node::List(item_name, items) => {
            for item in items {
                element(writer, item_name, item)?;
            }
        }
    }
    writer.write_event(Event::End(BytesEnd::new(name)))
}

fn text(writer: &mut Writer<Vec<u8>>, text: &str) -> std::io::Result<()> {
    writer.write_event(Event::Text(BytesText::new(&readable(text))))
}

/// Text without what has no form in XML 1.0 at all: control characters, and two that are no characters.
fn readable(text: &str) -> String {
    let has_form = |it: &char| {
        (*it >= ' ' || matches!(it, '\t' | '\n' | '\r')) && !matches!(it, '\u{FFFE}' | '\u{FFFF}')
    };
    text.chars().filter(has_form).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_form_in_xml_is_left_out() {
        let odd = Node::Object(vec![
            ("Message", Node::from("a\u{0}\u{1F}\u{FFFE}\u{FFFF}<&\t")),
            (LINK, Node::from("q=]]>\u{1}")),
        ]);
        let written = String::from_utf8(write("Error", &odd)).unwrap();
        let message = "<Message>a&lt;&amp;\t</Message>";
        assert!(written.contains(message), "{written:?}");
        let link = "<Recommend><![CDATA[q=]]]]><![CDATA[>]]></Recommend>";
        assert!(written.contains(link), "{written:?}");
    }
}
