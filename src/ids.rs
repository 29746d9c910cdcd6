//! Identifiers, from a seeded generator: the same seed and the same calls give the same ids.

use std::fmt;

use serde::{Serialize, Serializer};
use uuid::fmt::Hyphenated;
use uuid::{Builder, Uuid};

use crate::domain::Text;

/// The generator of one account.
#[derive(Debug, Clone)]
pub struct Ids(fastrand::Rng);

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

/// How many characters the service puts behind a prefix.
const TAIL_LENGTH: usize = 17;

impl Ids {
    /// A generator that starts from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// What it takes to go on from here: a seed.
    pub fn state(&self) -> u64 {
        self.0.get_seed()
    }

    /// Goes elsewhere: what would have come next does not come again.
    pub fn leap(&mut self, by: u64) {
        self.0 = fastrand::Rng::with_seed(self.0.get_seed() ^ fastrand::Rng::with_seed(by).u64(..));
    }

    /// A RequestId.
    pub fn request_id(&mut self) -> RequestId {
        RequestId(self.random_uuid())
    }

    /// A UUID in lower case, as SerialNumber is.
    pub fn uuid(&mut self) -> String {
        self.random_uuid().to_string()
    }

    fn random_uuid(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        self.0.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    /// `<prefix>-bp1` and 17 characters, as the ids of resources are.
    pub fn resource(&mut self, prefix: &str) -> Text {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let tail: [u8; TAIL_LENGTH] = std::array::from_fn(|_| DIGITS[self.0.u32(0..36) as usize]);
        Text::of(&[prefix, "-bp1", std::str::from_utf8(&tail).unwrap_or_default()])
    }

    /// An order's number, 15 digits.
    pub fn order(&mut self) -> String {
        format!("2{:014}", self.0.u64(0..100_000_000_000_000))
    }

    /// Letters and digits, as access keys, secrets and tokens are.
    pub fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| self.0.alphanumeric()).collect()
    }

    /// A hardware address in the range of virtual machines.
    pub fn mac_address(&mut self) -> Text {
        let bytes: [u8; 3] = [self.0.u8(..), self.0.u8(..), self.0.u8(..)];
        Text::written(format_args!("00:16:3e:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_every_id() {
        let (mut a, mut b) = (Ids::seeded(7), Ids::seeded(7));
        let id = a.request_id();
        assert_eq!(id, b.request_id());
        let (text, mut room) = (id.to_string(), RequestId::ROOM);
        assert_eq!(id.trace_id(&mut room), text.replace('-', "").to_lowercase());
        assert_eq!(RequestId::parse(&text), Some(id));
        assert_eq!(RequestId::parse(&text.to_lowercase()), None);
        assert_eq!(a.resource("i"), b.resource("i"));
        assert_eq!(a.resource("i").len(), "i-bp1".len() + TAIL_LENGTH);
        assert_eq!(a.order().len(), 15);
    }
}
