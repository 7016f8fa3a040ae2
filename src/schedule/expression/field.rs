use super::value_set::ValueSet;
use super::violation::violation_by;
use crate::error::Violation;

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
