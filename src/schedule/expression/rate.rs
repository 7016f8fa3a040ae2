use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::cron::LEAST_MINUTES;
use super::refused;
use crate::error::{Result, Violation};

const LEGAL: &str = "a whole number from 1 and minute, hour or day, singular exactly for 1: `rate(1 hour)`, `rate(30 minutes)`, `rate(7 days)`";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Unit {
    Minute,
    Hour,
    Day,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The unit of this name, in the number that agrees with the value.
    fn named(text: &str, value: Option<u32>) -> Option<Self> {
        let singular = text.strip_suffix('s').unwrap_or(text);
        let agrees = value.is_none_or(|value| (value == 1) == (singular == text));
        [Self::Minute, Self::Hour, Self::Day]
            .into_iter()
            .find(|unit| agrees && unit.name() == singular)
    }

    fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 60 * 60,
            Self::Day => 24 * 60 * 60,
        }
    }
}

/// Every so many minutes, hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::schedule) struct Rate {
    value: u32,
    unit: Unit,
}

impl Rate {
    pub(super) fn new(value: u32, unit: Unit) -> Result<Self> {
        let rate = Self { value, unit };
        let least = i64::from(LEAST_MINUTES) * Unit::Minute.seconds();
        let legal = match value {
            0 => LEGAL.to_owned(),
            _ if rate.period().as_secs() < least => {
                format!("at least {LEAST_MINUTES} minutes: the service supports no more often")
            }
            _ => return Ok(rate),
        };
        let value = value.to_string();
        Err(refused([Violation::new("Schedule: value", value, legal)]))
    }

    /// Reads what stands between the parentheses.
    pub(super) fn parse(inner: &str) -> Result<Self> {
        let words: Vec<&str> = inner.split_ascii_whitespace().collect();
        let [value, unit] = *words else {
            return Err(refused([Violation::new(
                "Schedule",
                format!("rate({inner})"),
                LEGAL,
            )]));
        };
        let number = positive(value);
        match (number, Unit::named(unit, number)) {
            (Some(number), Some(unit)) => Self::new(number, unit),
            (number, known) => {
                let mut found = Vec::new();
                if number.is_none() {
                    found.push(Violation::new("Schedule: value", value, LEGAL));
                }
                if known.is_none() {
                    found.push(Violation::new("Schedule: unit", unit, LEGAL));
                }
                Err(refused(found))
            }
        }
    }

    fn period(self) -> SignedDuration {
        SignedDuration::from_secs(i64::from(self.value) * self.unit.seconds())
    }

    /// The first whole number of periods after the anchor that is strictly after the instant.
    pub(in crate::schedule) fn next_after_from(
        self,
        anchor: Timestamp,
        instant: Timestamp,
    ) -> Option<Timestamp> {
        let period = self.period().as_secs();
        let elapsed = instant.duration_since(anchor).as_secs().max(0);
        let periods = elapsed / period + 1;
        let since = SignedDuration::from_secs(periods.checked_mul(period)?);
        anchor.checked_add(since).ok()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.value == 1 { "" } else { "s" };
        write!(f, "rate({} {}{plural})", self.value, self.unit.name())
    }
}

fn positive(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.filter(|number| *number > 0)
}
