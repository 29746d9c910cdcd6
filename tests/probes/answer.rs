//! What must hold for every answer: a client of its format can read it, and it is no fault of ours.

use ecs_local::wire::Outgoing;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// More than an answer with anything of a caller's in it has, in bytes.
const LONG: usize = 100_000;

/// An answer to a call of the API where no fault is armed.
pub fn must_be_readable(answer: &Outgoing) {
    let body = String::from_utf8(answer.body.clone()).unwrap();
    assert_ne!(answer.status, 500, "{body}");
    let is_refused = answer.status != 200;
    match answer.header("content-type").unwrap() {
        "application/json;charset=utf-8" => {
            let body: Value = serde_json::from_str(&body).unwrap();
            assert!(body["RequestId"].is_string(), "{body}");
            assert_eq!(is_refused, body["Code"].is_string(), "{body}");
        }
        "text/xml;charset=utf-8" => {
            let elements = elements(&body);
            assert!(elements.iter().any(|name| name == "RequestId"), "{body}");
            assert_eq!(is_refused, elements.first().unwrap() == "Error", "{body}");
        }
        other => panic!("{other}: {body}"),
    }
}

/// The names of a document's elements in order. It must be one that every parser of XML 1.0 takes.
fn elements(document: &str) -> Vec<String> {
    let has_form = |it: char| {
        matches!(it, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}')
            || it > '\u{FFFF}'
    };
    // Only lists of the embedded types are long; to look at all of them takes most of the time.
    assert!(document.len() > LONG || document.chars().all(has_form), "{document:?}");
    let mut names = Vec::new();
    let mut reader = Reader::from_str(document);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                names.push(element.name().as_ref().to_owned());
            }
            Event::Eof => return names,
            _ => {}
        }
    }
}
