//! Texts of things that are shown again and again: written once, and copied until the thing changes. A
//! changed thing is somewhere else in memory, so nobody has to say that a text is stale.

use std::any::Any;
use std::sync::{Arc, LazyLock};

use dashmap::DashMap;
use foldhash::fast::RandomState;

use super::request::Format;
use crate::reply::Kept;

/// The most texts that are kept, about 2 kB each. When there are more, all give way: what is still shown
/// soon has its text again.
const MOST: usize = 32_768;

struct Text {
    bytes: Arc<[u8]>,
    /// Keeps the addresses from being taken by something else.
    _guard: Box<dyn Any + Send + Sync>,
}

/// In XML the name of the element around a thing belongs to its text; one kind of thing has one name.
static TEXTS: LazyLock<DashMap<(Format, [usize; 4]), Text, RandomState>> =
    LazyLock::new(DashMap::default);

/// Writes the text of a thing: the kept one, or that which `make` makes.
pub(super) fn write(out: &mut Vec<u8>, format: Format, it: &Kept, make: impl Fn(&Kept) -> Vec<u8>) {
    let key = (format, it.0.addresses());
    if let Some(text) = TEXTS.get(&key) {
        out.extend_from_slice(&text.bytes);
        return;
    }
    let bytes = make(it);
    out.extend_from_slice(&bytes);
    if TEXTS.len() >= MOST {
        TEXTS.clear();
    }
    TEXTS.insert(key, Text { bytes: bytes.into(), _guard: it.0.guard() });
}
