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

/// A bit of its own for each digit, letter and sign that names have; letter cases share one.
fn bit(byte: u8) -> u64 {
    1 << ((byte & 0x1f) | ((byte & 0x40) >> 1))
}
