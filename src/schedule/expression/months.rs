use super::cron::Cron;
use super::day::{DayOfMonth, DayOfWeek};

/// The fewest days that each month has.
const SHORTEST: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Cron {
    /// Whether it may skip a month that it names, because the month does not have the day.
    pub(super) fn may_skip_a_month(&self) -> bool {
        let first_day = match (&self.day_of_month, &self.day_of_week) {
            // No month has five of every weekday.
            (_, DayOfWeek::Nth(_, nth)) => return *nth == 5,
            (DayOfMonth::Days(days), _) => days.first_from(1),
            (DayOfMonth::NearestWeekday(day), _) => Some(u16::from(*day)),
            _ => None,
        };
        let shortest = |month: u16| SHORTEST.get(usize::from(month).saturating_sub(1));
        let lacks = |month| shortest(month).is_some_and(|days| Some(u16::from(*days)) < first_day);
        self.months.iter().any(lacks)
    }
}
