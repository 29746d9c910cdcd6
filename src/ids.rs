//! Identifiers, from a seeded generator: the same seed and the same calls give the same ids.

use uuid::{Builder, Uuid};

pub use crate::domain::RequestId;
use crate::domain::Text;

/// The generator of one account.
#[derive(Debug, Clone)]
pub struct Ids(fastrand::Rng);

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
        self.random_uuid().into()
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
        assert_eq!(a.resource("i"), b.resource("i"));
        assert_eq!(a.resource("i").len(), "i-bp1".len() + TAIL_LENGTH);
        assert_eq!(a.order().len(), 15);
    }
}
