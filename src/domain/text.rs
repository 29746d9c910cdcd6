//! Text of which there is much: names, ids and addresses of instances (`Text`), and words of which there are
//! few different ones (`Word`). Copying either allocates nothing where it is short or known.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use arcstr::{ArcStr, literal};
use compact_str::{CompactString, ToCompactString as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text; up to 24 bytes stand in it. In documents it is one like any other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text(CompactString);

impl Text {
    /// A text that is known when this is compiled.
    pub const fn known(text: &'static str) -> Self {
        Self(CompactString::const_new(text))
    }

    /// A text of parts.
    pub fn of(parts: &[&str]) -> Self {
        Self(parts.iter().copied().collect())
    }

    /// A text as it is formatted.
    pub fn written(text: fmt::Arguments<'_>) -> Self {
        Self(text.to_compact_string())
    }

    /// An IPv4 address. Worlds have one for each instance, so that it is written digit by digit.
    pub fn of_address(address: u32) -> Self {
        let (mut text, mut length) = ([b'.'; 15], 0);
        for (at, byte) in address.to_be_bytes().into_iter().enumerate() {
            length += usize::from(at > 0);
            for (unit, least) in [(100, 100), (10, 10), (1, 0)] {
                if byte >= least {
                    text[length] = b'0' + byte / unit % 10;
                    length += 1;
                }
            }
        }
        std::str::from_utf8(&text[..length]).unwrap_or_default().into()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// A word in eight bytes: shared, and those that most instances have not even counted. In documents it is a
/// text like any other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Word(ArcStr);

/// The words that most disks have, the usual type and cluster, and the changes that most instances see.
static WORDS: [ArcStr; 16] = [
    literal!("cloud"),
    literal!("cloud_efficiency"),
    literal!("cloud_ssd"),
    literal!("cloud_essd"),
    literal!("cloud_auto"),
    literal!("cloud_essd_entry"),
    literal!(""),
    literal!("PL0"),
    literal!("PL1"),
    literal!("PL2"),
    literal!("PL3"),
    literal!("ecs.g6.large"),
    literal!("c-1"),
    literal!("ModifyInstanceSpec"),
    literal!("ModifyInstanceNetworkSpec"),
    literal!("ModifyPrepayInstanceSpec"),
];

impl Word {
    /// A word of parts. It is not looked for among those that are known.
    pub fn of(parts: &[&str]) -> Self {
        Self(parts.concat().into())
    }

    /// Makes it empty.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        let known = WORDS.iter().find(|word| word.as_str() == text);
        Self(known.cloned().unwrap_or_else(|| text.into()))
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

/// What both do as every text does.
macro_rules! texts {
    ($($text:ident)*) => { $(
        impl $text {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deref for $text {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $text {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $text {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $text {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self.as_str(), out)
            }
        }

        impl fmt::Display for $text {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self.as_str(), out)
            }
        }

        impl From<&String> for $text {
            fn from(text: &String) -> Self {
                text.as_str().into()
            }
        }

        impl From<&$text> for String {
            fn from(text: &$text) -> Self {
                text.as_str().to_owned()
            }
        }

        impl PartialEq<str> for $text {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $text {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl PartialEq<String> for $text {
            fn eq(&self, other: &String) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<$text> for String {
            fn eq(&self, other: &$text) -> bool {
                self == other.as_str()
            }
        }

        impl PartialEq<$text> for str {
            fn eq(&self, other: &$text) -> bool {
                self == other.as_str()
            }
        }

        impl Serialize for $text {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $text {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                CompactString::deserialize(deserializer).map(|text| text.as_str().into())
            }
        }
    )* };
}

texts! { Text Word }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_as_small_as_they_say() {
        assert_eq!((size_of::<Text>(), size_of::<Option<Text>>(), size_of::<Word>()), (24, 24, 8));
        assert!(!Text::from("eni-bp1abcdefghijklmnopq").0.is_heap_allocated());
        assert!(WORDS.iter().all(ArcStr::is_static));
    }

    #[test]
    fn addresses_are_written_as_the_standard_library_does() {
        for byte in 0..=u8::MAX {
            let address = std::net::Ipv4Addr::new(byte, 1, byte, 255 - byte);
            assert_eq!(Text::of_address(address.into()), address.to_string());
        }
    }

    #[test]
    fn every_text_reads_back() {
        for text in ["", "PL1", "local_ssd_pro", "a text that does not stand in twenty-four bytes"]
        {
            assert_eq!(Text::from(text), text);
            assert_eq!(Word::of(&[text, "", text]), text.repeat(2));
            assert_eq!(Word::from(text), text);
            let json = serde_json::to_value(Word::from(text)).unwrap();
            assert_eq!(serde_json::from_value::<Word>(json.clone()).unwrap(), text);
            assert_eq!(serde_json::from_value::<Text>(json).unwrap(), text);
        }
    }
}
