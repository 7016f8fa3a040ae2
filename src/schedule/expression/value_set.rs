/// A set of the values of one field, over at most 256 values from the field's least one on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct ValueSet {
    min: u16,
    words: [u64; 4],
}

impl ValueSet {
    pub(super) fn empty(min: u16) -> Self {
        Self { min, words: [0; 4] }
    }

    pub(super) fn insert(&mut self, value: u16) {
        let bit = value.saturating_sub(self.min);
        if let Some(word) = self.words.get_mut(usize::from(bit / 64)) {
            *word |= 1 << (bit % 64);
        }
    }

    pub(super) fn contains(&self, value: u16) -> bool {
        self.first_from(value) == Some(value)
    }

    /// The least member that is not below `value`.
    pub(super) fn first_from(&self, value: u16) -> Option<u16> {
        let from = value.saturating_sub(self.min);
        let (first, offset) = (usize::from(from / 64), from % 64);
        (first..)
            .zip(self.words.get(first..)?)
            .find_map(|(at, word)| {
                let word = if at == first {
                    word >> offset << offset
                } else {
                    *word
                };
                (word != 0).then(|| self.min + at as u16 * 64 + word.trailing_zeros() as u16)
            })
    }

    /// The members, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        std::iter::successors(self.first_from(self.min), |value| {
            self.first_from(value + 1)
        })
    }
}
