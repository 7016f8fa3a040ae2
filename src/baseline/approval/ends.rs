//! Cheap comparisons of texts at their ends, which say that one cannot match another.

/// The letters with which texts can begin and end, each a set of bits.
///
/// A letter that is not in ASCII stands for any: its lower case may be in ASCII.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    first: u64,
    pub(super) last: u64,
}

impl Ends {
    /// Those of an entry of a list. A wildcard stands for any letter.
    pub(super) fn of_entry(text: &str) -> Self {
        let bytes = text.as_bytes();
        let is_wildcard = |byte: &&u8| b"*?[]".contains(byte);
        let letter = |byte: Option<&u8>| bit(byte.filter(|byte| !is_wildcard(byte)));
        Self {
            first: letter(bytes.first()),
            last: letter(bytes.last()),
        }
    }

    /// Those of no name yet.
    pub(super) fn none() -> Self {
        Self { first: 0, last: 0 }
    }

    /// Adds the first letter of a text.
    #[inline]
    pub(super) fn add_first(&mut self, text: &str) {
        self.first |= bit(text.as_bytes().first());
    }

    /// Adds the last letter of a text.
    #[inline]
    pub(super) fn add_last(&mut self, text: &str) {
        self.last |= last_letter(text);
    }

    /// Whether an entry and a name can have the same letters at both ends.
    #[inline]
    pub(super) fn agree(self, other: Self) -> bool {
        (self.first & other.first != 0) & (self.last & other.last != 0)
    }
}

/// The bit of the last letter of a text.
#[inline]
pub(super) fn last_letter(text: &str) -> u64 {
    bit(text.as_bytes().last())
}

/// A bit of its own for each digit, letter and sign that names have; letter cases share one.
#[inline]
fn bit(byte: Option<&u8>) -> u64 {
    match byte {
        Some(byte) if byte.is_ascii() => 1 << ((byte & 0x1f) | ((byte & 0x40) >> 1)),
        _ => u64::MAX,
    }
}
