use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::cron::{LEAST_MINUTES, in_association};
use super::field::violation_by;
use super::refused;
use crate::error::{Result, Violation, Violations};

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

    /// The unit of this name, singular or plural as the value needs.
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

/// A number of minutes, hours or days.
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
                format!(
                    "at least {LEAST_MINUTES} minutes; the service supports no shorter interval"
                )
            }
            _ => return Ok(rate),
        };
        Err(refused([rate.violation(legal)]))
    }

    /// The period in the largest unit that divides it.
    pub(super) fn every(period: Duration) -> Result<Self> {
        let seconds = match period.subsec_nanos() {
            0 => i64::try_from(period.as_secs()).unwrap_or(0),
            _ => 0,
        };
        let fitting = [Unit::Day, Unit::Hour, Unit::Minute]
            .into_iter()
            .find(|unit| seconds > 0 && seconds % unit.seconds() == 0);
        let rate = fitting.and_then(|unit| {
            let value = u32::try_from(seconds / unit.seconds()).ok()?;
            Some(Self::new(value, unit))
        });
        rate.unwrap_or_else(|| {
            let legal = format!(
                "whole minutes, at least {LEAST_MINUTES}, and at most {} days",
                u32::MAX
            );
            Err(refused([Violation::new(
                "Schedule: value",
                format!("{period:?}"),
                legal,
            )]))
        })
    }

    /// Reads the text between the parentheses.
    pub(super) fn parse(inner: &str) -> Result<Self> {
        let mut words = inner.split_ascii_whitespace();
        let (Some(value), Some(unit), None) = (words.next(), words.next(), words.next()) else {
            let text = format!("rate({inner})");
            return Err(refused([Violation::new("Schedule", text, LEGAL)]));
        };
        let number = positive(value);
        match (number, Unit::named(unit, number)) {
            (Some(number), Some(unit)) => Self::new(number, unit),
            (number, known) => {
                let value = number.is_none().then_some(Word::Value);
                let unit = known.is_none().then_some(Word::Unit);
                let wrong = value.into_iter().chain(unit);
                Err(refused(wrong.map(|word| violation(inner, word, LEGAL))))
            }
        }
    }

    /// The text between the parentheses.
    fn words(self) -> String {
        let plural = if self.value == 1 { "" } else { "s" };
        format!("{} {}{plural}", self.value, self.unit.name())
    }

    /// A violation in the value.
    pub(super) fn violation(self, legal: impl Into<String>) -> Violation {
        violation(&self.words(), Word::Value, legal)
    }

    /// Records what is not legal in an association (User Guide, cron and rate expressions for
    /// associations).
    pub(super) fn check_for_association(self, found: &mut Violations) {
        let minutes = self.period().as_mins();
        if !(30..31 * 24 * 60).contains(&minutes) {
            found.add(self.violation(in_association("at least 30 minutes and less than 31 days")));
        }
    }

    pub(super) fn period(self) -> SignedDuration {
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
        write!(f, "rate({})", self.words())
    }
}

#[derive(Debug, Clone, Copy)]
enum Word {
    Value,
    Unit,
}

fn violation(inner: &str, word: Word, legal: impl Into<String>) -> Violation {
    let field = match word {
        Word::Value => "Schedule: value",
        Word::Unit => "Schedule: unit",
    };
    violation_by("rate", inner, word as usize, field, legal)
}

fn positive(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.filter(|number| *number > 0)
}
