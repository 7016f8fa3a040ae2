use std::iter::FusedIterator;

use jiff::{SignedDuration, Timestamp};

use super::Recurrence;

/// The firings of a schedule, in order and each once; made by [`Recurrence::after`] and
/// [`Recurrence::between`].
///
/// A rate and most cron expressions have no last firing: take as many as you need.
#[derive(Debug, Clone)]
pub struct Firings {
    recurrence: Recurrence,
    /// The instant that a rate without an anchor counts from.
    anchor: Timestamp,
    last: Option<Timestamp>,
    /// The end of the span, exclusive.
    until: Option<Timestamp>,
}

impl Firings {
    pub(super) fn after(recurrence: Recurrence, instant: Timestamp) -> Self {
        Self {
            recurrence,
            anchor: instant,
            last: Some(instant),
            until: None,
        }
    }

    pub(super) fn between(recurrence: Recurrence, from: Timestamp, until: Timestamp) -> Self {
        let before = from.checked_sub(SignedDuration::from_nanos(1));
        Self {
            recurrence,
            anchor: from,
            last: Some(before.unwrap_or(from)),
            until: Some(until),
        }
    }
}

impl Iterator for Firings {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        let next = self.recurrence.next_counted_from(self.anchor, self.last?);
        self.last = next.filter(|next| self.until.is_none_or(|until| *next < until));
        self.last
    }
}

impl FusedIterator for Firings {}
