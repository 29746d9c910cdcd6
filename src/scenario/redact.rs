//! Takes out of recorded texts what is somebody's: keys and tokens go, ids and addresses get stand-ins, the
//! same one for the same thing wherever it occurs.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What ids begin with that name resources.
const PREFIXES: &[&str] = &[
    "acl", "asg", "cp", "d", "dh", "ddh", "ds", "eip", "eni", "hp", "i", "lb", "lt", "m", "nat",
    "ngw", "r", "rg", "ri", "s", "sg", "sph", "ss", "t", "vpc", "vsw", "vtb",
];

/// The shortest secret that is looked for in texts: shorter ones would tear words apart.
const SHORTEST: usize = 6;

/// The fewest digits of a number that names an order or an account.
const LONG_NUMBER: usize = 11;

/// Parts of the names of parameters and fields whose values are nobody's business.
const SECRET: &[&str] =
    &["accesskey", "credential", "password", "secret", "signature", "token", "userdata"];

/// Is what stands under this name nobody's business?
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    // What makes a repetition harmless is no secret; it gets a stand-in.
    name != "clienttoken" && SECRET.iter().any(|part| name.contains(part))
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    secrets: BTreeSet<String>,
    /// Names that every world has, and nobody's.
    common: BTreeSet<String>,
    stand_ins: BTreeMap<String, String>,
    /// How many of a kind have one.
    counts: BTreeMap<String, usize>,
}

impl Redaction {
    /// Learns names that may stay: those of what every emulated world has.
    pub(super) fn know(&mut self, names: impl Iterator<Item = String>) {
        self.common.extend(names);
    }

    /// Learns what is not to be written, whatever it stands in.
    pub(super) fn hide(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.secrets.insert(secret.to_owned());
        }
    }

    /// The stand-in of a thing of a kind.
    pub(super) fn stand_in(&mut self, kind: &str, thing: &str) -> String {
        if let Some(known) = self.stand_ins.get(thing) {
            return known.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let stand_in = match kind {
            "address" => address(*count),
            "address6" => format!("2001:db8::{count:x}"),
            _ => format!("{kind}-{count}"),
        };
        self.stand_ins.insert(thing.to_owned(), stand_in.clone());
        stand_in
    }

    /// A text with stand-ins.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            text = text.replace(secret, "***");
        }
        let text = replaced(
            &text,
            |it| it.is_ascii_alphanumeric() || it == ':',
            |word| {
                // Two colons alone are an address, too, and stand in names of resources.
                let is_address = word.len() > 3 && word.parse::<Ipv6Addr>().is_ok();
                is_address.then(|| self.stand_in("address6", word))
            },
        );
        replaced(&text, is_of_word, |word| {
            let kind = kind(word).filter(|_| !self.common.contains(word))?;
            Some(self.stand_in(kind, word))
        })
    }
}

/// The ids of resources and orders in a text.
pub(super) fn ids(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    replaced(text, is_of_word, |word| {
        let is_id = kind(word).is_some_and(|kind| !["address", "uuid", "key"].contains(&kind));
        found.extend(is_id.then(|| word.to_owned()));
        None
    });
    found
}

/// What kind of thing a word names; `None` for an ordinary word.
pub(super) fn kind(word: &str) -> Option<&'static str> {
    if word.parse::<Ipv4Addr>().is_ok() {
        return Some("address");
    }
    if uuid::Uuid::try_parse(word).is_ok() {
        return Some("uuid");
    }
    if word.len() >= LONG_NUMBER && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("number");
    }
    if word.starts_with("LTAI") || word.starts_with("STS.") {
        return Some("key");
    }
    let (prefix, rest) = word.split_once('-')?;
    let known = PREFIXES.iter().find(|known| **known == prefix)?;
    (!rest.is_empty()).then_some(known)
}

fn is_of_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || "*-._".contains(it)
}

/// A text whose words, runs of some characters, are replaced. A dot at the end is the sentence's.
fn replaced(
    text: &str,
    is_of_word: impl Fn(char) -> bool,
    mut by: impl FnMut(&str) -> Option<String>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(&is_of_word) {
        out.push_str(&rest[..begin]);
        rest = &rest[begin..];
        let end = rest.find(|it| !is_of_word(it)).unwrap_or(rest.len());
        let word = rest[..end].trim_end_matches(['.', '-']);
        out.push_str(&by(word).unwrap_or_else(|| word.to_owned()));
        out.push_str(&rest[word.len()..end]);
        rest = &rest[end..];
    }
    out + rest
}

/// Addresses that documentation may use (RFC 5737); what comes behind them shares the last one.
fn address(number: usize) -> String {
    let nets = ["192.0.2", "198.51.100", "203.0.113"];
    let (net, host) = ((number - 1) / 254, (number - 1) % 254 + 1);
    nets.get(net).map_or_else(|| "203.0.113.254".to_owned(), |net| format!("{net}.{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_has_the_same_stand_in_wherever_it_stands() {
        let mut redaction = Redaction::default();
        redaction.hide("Top+Secret/=");
        redaction.hide("a");
        for (text, redacted) in [
            ("i-bp1abc", "i-1"),
            ("[\"i-bp1abc\",\"i-web\"]", "[\"i-1\",\"i-2\"]"),
            ("The instance i-web. Not sg-1, vsw-a.", "The instance i-2. Not sg-1, vsw-1."),
            ("i-bp67acfmxazb4ph****", "i-3"),
            (
                "acs:ecs:cn-hangzhou:1234567890123456:instance/i-web",
                "acs:ecs:cn-hangzhou:number-1:instance/i-2",
            ),
            ("10.0.0.1 and 47.1.2.3, 10.0.0.1.", "192.0.2.1 and 192.0.2.2, 192.0.2.1."),
            ("10.0.0.1/24", "192.0.2.1/24"),
            ("fe80::1", "2001:db8::1"),
            ("0A1B2C3D-0000-4000-8000-000000000000", "uuid-1"),
            ("of LTAI5tAbc: Top+Secret/=", "of key-1: ***"),
            // These say nothing of anybody.
            (
                "ecs.g6.large in cn-hangzhou-h at 2026-01-01T00:00:00Z",
                "ecs.g6.large in cn-hangzhou-h at 2026-01-01T00:00:00Z",
            ),
            ("-- . ... i- a", "-- . ... i- a"),
            ("acs:ram::*:role/reader", "acs:ram::*:role/reader"),
            ("cloud_essd PL1 100 é", "cloud_essd PL1 100 é"),
        ] {
            assert_eq!(redaction.text(text), redacted, "{text}");
        }
    }

    #[test]
    fn what_is_secret_is_known_by_its_name() {
        for name in ["AccessKeyId", "SecurityToken", "Password", "SignatureNonce", "UserData"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["ClientToken", "InstanceId", "KeyPairName"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
