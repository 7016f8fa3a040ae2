//! The part of the grammar that State Manager accepts, by the user guide's page on cron and rate
//! expressions for associations.

use super::cron::Cron;
use super::day::{DayOfMonth, DayOfWeek};
use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOURS, MINUTES, MONTH, SECONDS, YEAR};
use super::value_set::ValueSet;
use super::{Form, Rate, ScheduleExpression};
use crate::error::Violations;

/// The legal steps in hours of an association.
const HOURLY: [usize; 5] = [1, 2, 4, 8, 12];

impl ScheduleExpression {
    /// Records what is not legal in an association.
    pub(in crate::schedule) fn check_for_association(&self, found: &mut Violations) {
        match &self.0 {
            Form::Cron(cron) => check_cron(cron, found),
            Form::Rate(rate) => check_rate(*rate, found),
            Form::At(_) => {}
        }
    }
}

fn check_rate(rate: Rate, found: &mut Violations) {
    let minutes = rate.period().as_mins();
    if !(30..31 * 24 * 60).contains(&minutes) {
        found.add(rate.violation(in_association("at least 30 minutes and less than 31 days")));
    }
}

fn check_cron(cron: &Cron, found: &mut Violations) {
    let mut require = |holds: bool, field: &Field, legal: &str| {
        if !holds {
            found.add(field.violation(&cron.text, in_association(legal)));
        }
    };
    let (one_minute, one_hour) = (is_one(&cron.minutes), is_one(&cron.hours));
    let half_hourly = fires_every(&cron.minutes, 30, 60) && fires_every(&cron.hours, 1, 24);
    let hourly = HOURLY
        .iter()
        .any(|step| fires_every(&cron.hours, *step, 24));
    require(cron.second == 0, &SECONDS, "0");
    require(
        one_minute || half_hourly,
        &MINUTES,
        "one minute, or every 30 minutes of every hour",
    );
    require(
        one_hour || hourly || !one_minute,
        &HOURS,
        "one hour, or every 1, 2, 4, 8 or 12 hours",
    );
    require(admits_each(&cron.day_of_month), &DAY_OF_MONTH, "`*` or `?`");
    require(fires_every(&cron.months, 1, 12), &MONTH, "`*`");
    require(
        match &cron.day_of_week {
            DayOfWeek::Unset => true,
            DayOfWeek::Days(days) if fires_every(days, 1, 7) => true,
            DayOfWeek::Days(days) => one_minute && one_hour && is_one(days),
            DayOfWeek::LastOf(_) | DayOfWeek::Nth(..) => one_minute && one_hour,
        },
        &DAY_OF_WEEK,
        "`*` or `?`, or where it fires once a day, one day, a day and `L`, or a day, `#` and 1 to 5",
    );
    require(fires_every(&cron.years, 1, 230), &YEAR, "`*`");
}

fn admits_each(days: &DayOfMonth) -> bool {
    match days {
        DayOfMonth::Unset => true,
        DayOfMonth::Days(days) => fires_every(days, 1, 31),
        DayOfMonth::Last | DayOfMonth::LastWeekday | DayOfMonth::NearestWeekday(_) => false,
    }
}

fn is_one(values: &ValueSet) -> bool {
    values.iter().count() == 1
}

/// Whether the values are evenly `step` apart, all around a cycle of `cycle` values.
fn fires_every(values: &ValueSet, step: usize, cycle: usize) -> bool {
    let mut steps = values.iter().zip(values.iter().skip(1));
    values.iter().count() == cycle / step
        && steps.all(|(earlier, later)| usize::from(later - earlier) == step)
}

fn in_association(legal: &str) -> String {
    format!("{legal} in an association; a maintenance window takes it")
}
