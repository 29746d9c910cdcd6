//! Texts that are kept one behind the other, the first of which go as others come. One that is added is written
//! behind the last and nothing else is looked at, so that what is kept of every call and hardly ever read costs
//! a call as little as can be: to free a text nobody has looked at for long takes longer than to write one.

use std::collections::VecDeque;

/// See the module. Where one ends is for the holder to know.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts(VecDeque<u8>);

impl Texts {
    /// How long they are together, bytes.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds one behind the last.
    pub(super) fn push(&mut self, text: &str) {
        self.0.extend(text.as_bytes());
    }

    /// Forgets the first so many bytes.
    pub(super) fn forget(&mut self, length: usize) {
        self.0.drain(..length);
        // Where some were very long, their room does not stay.
        if self.0.capacity() > 8 * self.len() {
            self.0.shrink_to(2 * self.len());
        }
    }

    /// The text of this length that begins here.
    ///
    /// # Panics
    /// Where they are shorter.
    pub(super) fn get(&self, begin: usize, length: usize) -> String {
        let bytes = self.0.range(begin..begin + length).copied().collect();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_and_go_and_stay_what_they_are() {
        let (mut texts, mut kept) = (Texts::default(), VecDeque::<String>::new());
        let mut rng = fastrand::Rng::with_seed(3);
        for _ in 0..2000 {
            let text: String =
                (0..rng.usize(0..40)).map(|_| *rng.choice(&['a', 'é', '中']).unwrap()).collect();
            texts.push(&text);
            kept.push_back(text);
            while kept.len() > rng.usize(1..30) {
                texts.forget(kept.pop_front().unwrap().len());
            }
            let mut begin = 0;
            for text in &kept {
                assert_eq!(texts.get(begin, text.len()), *text);
                begin += text.len();
            }
            assert_eq!(texts.len(), begin);
        }
    }

    #[test]
    fn the_room_of_long_ones_does_not_stay() {
        let mut texts = Texts::default();
        texts.push(&"x".repeat(1 << 20));
        texts.push("short");
        texts.forget(1 << 20);
        assert_eq!(texts.get(0, 5), "short");
        assert!(texts.0.capacity() < 100);
        texts.forget(5);
        assert_eq!(texts.len(), 0);
    }
}
