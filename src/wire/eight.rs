//! Looks at eight bytes of a text at a time. In what is answered of a word, the high bit of each byte that is
//! sought is set. A borrow can set the one above it, too: but then one was sought.

const EACH: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = EACH << 7;

/// Is one of the bytes of a text sought? `x` never is: it fills the last word.
pub(super) fn any(text: &str, sought: impl Fn(u64) -> u64) -> bool {
    let (words, last) = in_words(text);
    let found = |found, word: &[u8; 8]| found | sought(u64::from_ne_bytes(*word));
    words.iter().chain([&last]).fold(0, found) != 0
}

/// Tells of each sought byte of a text, and perhaps of some right behind those: where it is, and which. `x` never is
/// sought: it fills the last word.
pub(super) fn each(text: &str, sought: impl Fn(u64) -> u64, mut tell: impl FnMut(usize, u8)) {
    let (words, last) = in_words(text);
    let mut begin = 0;
    for word in words.iter().chain([&last]) {
        let mut found = sought(u64::from_le_bytes(*word));
        while found != 0 {
            let at = found.trailing_zeros() as usize / 8;
            tell(begin + at, word[at]);
            found &= found - 1;
        }
        begin += word.len();
    }
}

/// A text in words of eight bytes, and a last one with `x` behind it.
fn in_words(text: &str) -> (&[[u8; 8]], [u8; 8]) {
    let (words, rest) = text.as_bytes().as_chunks();
    let mut last = [b'x'; 8];
    last[..rest.len()].copy_from_slice(rest);
    (words, last)
}

/// The bytes below an ASCII one.
pub(super) const fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(EACH * byte as u64) & !word & HIGH
}

/// The bytes that are this one.
pub(super) const fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (EACH * byte as u64), 1)
}

/// The bytes that are no ASCII.
pub(super) const fn not_ascii(word: u64) -> u64 {
    word & HIGH
}
