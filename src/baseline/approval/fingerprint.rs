//! Cheap comparisons of texts, which say that one cannot match another.

/// Up to eight letters at one end of a text, in one letter case.
///
/// It ends at a letter outside ASCII, whose lower case may be another number of bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Edge {
    letters: u64,
    known: u64,
}

impl Edge {
    /// The bit that tells the letter cases of ASCII apart. Other letters that differ in it are taken
    /// for equal, so that the whole texts are compared.
    const CASE: u64 = 0x2020_2020_2020_2020;
    const NOT_ASCII: u64 = 0x8080_8080_8080_8080;

    pub(super) fn first(text: &str) -> Self {
        let (letters, count) = first_word(text);
        let ascii = (letters & Self::NOT_ASCII).trailing_zeros() as usize / 8;
        Self {
            letters: letters | Self::CASE,
            known: low_bytes(count.min(ascii)),
        }
    }

    pub(super) fn last(text: &str) -> Self {
        let (letters, count) = last_word(text);
        let ascii = (letters & Self::NOT_ASCII).leading_zeros() as usize / 8;
        Self {
            letters: letters | Self::CASE,
            known: !low_bytes(8 - count.min(ascii)),
        }
    }

    /// The first of the letters, if it is known.
    pub(super) fn first_letter(self) -> Option<u8> {
        let [letter, ..] = self.letters.to_le_bytes();
        (self.known & 0xff != 0).then_some(letter)
    }

    /// The last of the letters, if it is known.
    pub(super) fn last_letter(self) -> Option<u8> {
        let [.., letter] = self.letters.to_le_bytes();
        (self.known >> 56 != 0).then_some(letter)
    }

    /// Whether the shorter of the two ends the longer one.
    pub(super) fn agrees(self, other: Self) -> bool {
        (self.letters ^ other.letters) & self.known & other.known == 0
    }
}

fn low_bytes(count: usize) -> u64 {
    u64::MAX
        .checked_shr(64 - 8 * count as u32)
        .unwrap_or_default()
}

/// The first eight bytes of a text, or all of a shorter one, and how many they are.
fn first_word(text: &str) -> (u64, usize) {
    let bytes = text.as_bytes();
    match bytes.first_chunk() {
        Some(word) => (u64::from_le_bytes(*word), 8),
        None => {
            let low_first = bytes.iter().rev();
            let word = low_first.fold(0, |word, byte| word << 8 | u64::from(*byte));
            (word, bytes.len())
        }
    }
}

/// The last eight bytes of a text, or all of a shorter one, and how many they are.
pub(super) fn last_word(text: &str) -> (u64, usize) {
    let bytes = text.as_bytes();
    match bytes.last_chunk() {
        Some(word) => (u64::from_le_bytes(*word), 8),
        None => {
            let high_last = bytes.iter();
            let word = high_last.fold(0, |word, byte| word >> 8 | u64::from(*byte) << 56);
            (word, bytes.len())
        }
    }
}

/// Which characters a text has, in one letter case.
///
/// Characters outside ASCII count for nothing in a pattern, and for everything in a name.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn of_pattern(literals: impl Iterator<Item = char>) -> Self {
        let ascii = literals.filter_map(|literal| u8::try_from(literal).ok());
        let bits = ascii.filter(u8::is_ascii).map(bit);
        Self(bits.fold(0, |letters, bit| letters | bit))
    }

    pub(super) fn add_name(&mut self, text: &str) {
        let (mut letters, mut bytes) = (0, 0);
        for byte in text.bytes() {
            letters |= bit(byte);
            bytes |= byte;
        }
        self.0 |= if bytes.is_ascii() { letters } else { u64::MAX };
    }

    /// Whether a name of these letters has all that a pattern wants.
    pub(super) fn have(self, pattern: Self) -> bool {
        pattern.0 & !self.0 == 0
    }
}

/// The entries of a list, at most 64, by the letter at one end of them.
#[derive(Debug, Clone)]
pub(super) struct LetterIndex([u64; 64]);

impl LetterIndex {
    /// An entry without a known letter can stand for any.
    pub(super) fn of(letters: impl Iterator<Item = Option<u8>>) -> Self {
        let mut index = [0; 64];
        for (number, letter) in letters.take(64).enumerate() {
            let place = letter.map(|letter| bit(letter).trailing_zeros() as usize);
            let places = match place.and_then(|place| index.get_mut(place..=place)) {
                Some(place) => place,
                None => &mut index,
            };
            for entries in places {
                *entries |= 1 << number;
            }
        }
        Self(index)
    }

    /// The entries that can have this letter.
    pub(super) fn with(&self, letter: Option<u8>) -> u64 {
        let place = letter.map(|letter| bit(letter).trailing_zeros() as usize);
        let entries = place.and_then(|place| self.0.get(place));
        entries.copied().unwrap_or(u64::MAX)
    }
}

/// A bit of its own for each digit, letter and sign that names have; letter cases share one.
fn bit(byte: u8) -> u64 {
    1 << ((byte & 0x1f) | ((byte & 0x40) >> 1))
}
