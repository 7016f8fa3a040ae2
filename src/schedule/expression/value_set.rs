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

    /// Adds the values from `low` to `high`, whole words at a time.
    pub(super) fn insert_range(&mut self, low: u16, high: u16) {
        let (low, high) = (low.saturating_sub(self.min), high.saturating_sub(self.min));
        for (word, start) in self.words.iter_mut().zip((0u16..).step_by(64)) {
            let below = |bit: u16| match bit.saturating_sub(start) {
                bits @ 0..64 => (1 << bits) - 1,
                _ => u64::MAX,
            };
            *word |= below(high + 1) & !below(low);
        }
    }

    pub(super) fn contains(&self, value: u16) -> bool {
        self.first_from(value) == Some(value)
    }

    /// The least member from `value` on.
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
