use std::iter::FusedIterator;

use jiff::Timestamp;

use super::ScheduleExpression;

/// The firings of a schedule, in order; made by [`ScheduleExpression::firings_after`].
///
/// A rate and most cron expressions fire until time runs out: take as many as are wanted.
#[derive(Debug, Clone)]
pub struct Firings<'a> {
    schedule: &'a ScheduleExpression,
    last: Option<Timestamp>,
}

impl<'a> Firings<'a> {
    pub(super) fn new(schedule: &'a ScheduleExpression, after: Timestamp) -> Self {
        Self {
            schedule,
            last: Some(after),
        }
    }
}

impl Iterator for Firings<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        self.last = self.schedule.next_after(self.last?);
        self.last
    }
}

impl FusedIterator for Firings<'_> {}
