//! The fields of a cron expression, the sets of values that they hold, and violations in one of the words
//! of an expression.

use std::ops::Range;

use crate::error::Violation;
use crate::visible::Excerpt;

/// One of cron's fields: its name, its values, and the names that stand for numbers.
///
/// Ranges and special characters are those of the user guide's page on cron and rate expressions.
#[derive(Debug)]
pub(super) struct Field {
    /// The path in a violation.
    pub(super) path: &'static str,
    /// Which of the seven fields it is, seconds being 0.
    position: usize,
    pub(super) min: u16,
    pub(super) max: u16,
    /// The names of the values from `min` on; empty if the field has none.
    names: &'static [&'static str],
    /// What is legal, for a violation.
    pub(super) legal: &'static str,
}

pub(super) const SECONDS: Field = Field {
    path: "Schedule: seconds",
    position: 0,
    min: 0,
    max: 59,
    names: &[],
    legal: "one number from 0 to 59: a schedule cannot fire several times a minute",
};

pub(super) const MINUTES: Field = Field {
    path: "Schedule: minutes",
    position: 1,
    min: 0,
    max: 59,
    names: &[],
    legal: "numbers from 0 to 59, with `,` `-` `*` `/`",
};

pub(super) const HOURS: Field = Field {
    path: "Schedule: hours",
    position: 2,
    min: 0,
    max: 23,
    names: &[],
    legal: "numbers from 0 to 23, with `,` `-` `*` `/`",
};

pub(super) const DAY_OF_MONTH: Field = Field {
    path: "Schedule: day of month",
    position: 3,
    min: 1,
    max: 31,
    names: &[],
    legal: "numbers from 1 to 31, with `,` `-` `*` `/`, or alone `?`, `L`, `LW` or a number and `W`",
};

pub(super) const MONTH: Field = Field {
    path: "Schedule: month",
    position: 4,
    min: 1,
    max: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    legal: "numbers from 1 to 12 or JAN to DEC, with `,` `-` `*` `/`",
};

pub(super) const DAY_OF_WEEK: Field = Field {
    path: "Schedule: day of week",
    position: 5,
    min: 1,
    max: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    legal: "numbers from 1 (Sunday) to 7 or SUN to SAT, with `,` `-` `*` `/`, or alone `?`, `L`, a day and `L`, or a day, `#` and 1 to 5",
};

pub(super) const YEAR: Field = Field {
    path: "Schedule: year",
    position: 6,
    min: 1970,
    max: 2199,
    names: &[],
    legal: "numbers from 1970 to 2199, with `,` `-` `*` `/`",
};

impl Field {
    /// A violation in this field of `cron(inner)`.
    pub(super) fn violation(&self, inner: &str, legal: impl Into<String>) -> Violation {
        let fields = inner.split_ascii_whitespace().count();
        let word = (self.position + fields).saturating_sub(7);
        violation_by("cron", inner, word, self.path, legal)
    }

    /// This field of `cron(inner)` and what is legal in it, in words.
    pub(super) fn described(&self, inner: &str, legal: &str) -> String {
        let violation = self.violation(inner, legal);
        let name = self.path.strip_prefix("Schedule: ").unwrap_or(self.path);
        format!("its {name} is `{}`, and legal is {legal}", violation.value)
    }

    /// The value that a number or a name stands for.
    pub(super) fn value(&self, text: &str) -> Option<u16> {
        let mut names = self.names.iter();
        let named = names.position(|name| name.eq_ignore_ascii_case(text));
        let value = match named {
            Some(position) => self.min + position as u16,
            None => number(text)?,
        };
        (self.min..=self.max).contains(&value).then_some(value)
    }

    /// Reads a list of values, ranges and steps; the error says what is legal.
    pub(super) fn set(&self, text: &str) -> Result<ValueSet, String> {
        let mut set = ValueSet::empty(self.min);
        for item in text.split(',') {
            let (base, step) = match item.split_once('/') {
                Some((base, step)) => (base, Some(self.step(step)?)),
                None => (item, None),
            };
            let (low, high) = self.bounds(base, step.is_some())?;
            match step {
                None => set.insert_range(low, high),
                Some(step) => (low..=high)
                    .step_by(step.into())
                    .for_each(|value| set.insert(value)),
            }
        }
        Ok(set)
    }

    fn step(&self, text: &str) -> Result<u16, String> {
        let most = self.max - self.min + 1;
        number(text)
            .filter(|step| (1..=most).contains(step))
            .ok_or_else(|| format!("a step from 1 to {most} after `/`"))
    }

    fn bounds(&self, base: &str, stepped: bool) -> Result<(u16, u16), String> {
        let value = |text| self.value(text).ok_or_else(|| self.legal.to_owned());
        if base == "*" {
            return Ok((self.min, self.max));
        }
        match base.split_once('-') {
            Some((low, high)) => {
                let (low, high) = (value(low)?, value(high)?);
                if low > high {
                    return Err(format!(
                        "a range that runs upward; name both parts, such as `{low}-{max},{min}-{high}`",
                        max = self.max,
                        min = self.min,
                    ));
                }
                Ok((low, high))
            }
            None => {
                let low = value(base)?;
                Ok((low, if stepped { self.max } else { low }))
            }
        }
    }
}

/// Up to four decimal digits; the service itself writes leading zeros (`cron(0 00 12 …)`).
pub(super) fn number(text: &str) -> Option<u16> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

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

/// A violation in one of the words between the parentheses of `form(inner)`, which its excerpt
/// points at.
pub(super) fn violation_by(
    form: &str,
    inner: &str,
    word: usize,
    field: &str,
    legal: impl Into<String>,
) -> Violation {
    let range = word_range(inner, word);
    let value = inner.get(range.clone()).unwrap_or_default();
    let opening = form.len() + 1;
    Violation::new(field, value, legal).with_excerpt(Excerpt::new(
        format!("{form}({inner})"),
        opening + range.start..opening + range.end,
    ))
}

/// The place of a word, counting from 0; the end if there are fewer.
fn word_range(text: &str, word: usize) -> Range<usize> {
    let mut start = 0;
    let mut words = text
        .split(|c: char| c.is_ascii_whitespace())
        .map(|piece| {
            let range = start..start + piece.len();
            start = range.end + 1;
            range
        })
        .filter(|range| !range.is_empty());
    words.nth(word).unwrap_or(text.len()..text.len())
}
