//! A reply as XML: an object is an element, a list is its elements repeated inside their container.

use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesEnd, BytesStart, BytesText, Event};

use super::kept;
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
        kept::write(writer.get_mut(), kept::Form::Xml, it, alone);
        return Ok(());
    }
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    match node {
        Node::Text(text) if name == LINK => {
            writer.write_event(Event::CData(BytesCData::new(text.as_str())))?;
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
    // Control characters have no form in XML 1.0 at all; a reply must stay readable.
    let allowed = |c: char| c >= ' ' || matches!(c, '\t' | '\n' | '\r');
    let clean: String = text.chars().filter(|c| allowed(*c)).collect();
    writer.write_event(Event::Text(BytesText::new(&clean)))
}
