//! What names a call: in its answer, in the lives of the instances it changed, and in traces.

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

/// What names a call: an upper-case UUID.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestId(Uuid);

impl RequestId {
    /// Room for a text of it.
    pub const ROOM: [u8; Hyphenated::LENGTH] = [0; _];

    /// Reads its text; `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, mut room) = (Self(Uuid::try_parse(text).ok()?), Self::ROOM);
        (id.text(&mut room) == text).then_some(id)
    }

    /// As it is on the wire.
    pub fn text<'r>(&self, room: &'r mut [u8; Hyphenated::LENGTH]) -> &'r str {
        self.0.hyphenated().encode_upper(room)
    }

    /// The same in lower case without hyphens, as traces have it.
    pub fn trace_id<'r>(&self, room: &'r mut [u8; Hyphenated::LENGTH]) -> &'r str {
        self.0.simple().encode_lower(room)
    }
}

impl From<Uuid> for RequestId {
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = Self::ROOM;
        out.write_str(self.text(&mut room))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_text_alone_reads_back() {
        let id = RequestId::from(Uuid::from_u128(0x0473_F0D6_4F22_4A6E_98E4_6C5B_1CFE_BF1C));
        let (text, mut room) = (id.to_string(), RequestId::ROOM);
        assert_eq!(text, "0473F0D6-4F22-4A6E-98E4-6C5B1CFEBF1C");
        assert_eq!(id.trace_id(&mut room), "0473f0d64f224a6e98e46c5b1cfebf1c");
        assert_eq!(RequestId::parse(&text), Some(id));
        assert_eq!(RequestId::parse(&text.to_lowercase()), None);
    }
}
