//! The calendar as text.

use std::fmt::{self, Write};

use jiff::Timestamp;

use super::calendar::{CalendarApproval, CalendarSchedule, PatchCalendar};
use crate::lines::Lines;

/// The schedule's kind and name, such as `patch policy production`.
impl CalendarSchedule {
    pub(super) fn label(&self) -> String {
        let name = self.name.as_ref().unwrap_or(&self.id);
        format!("{} {name}", self.kind)
    }
}

/// The operation, the schedule and how often it runs, such as `Install by patch policy production,
/// cron(0 2 ? * SUN *): 4 runs`.
impl fmt::Display for CalendarSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operation, label) = (&self.operation, self.label());
        write!(
            f,
            "{operation} by {label}, {}: {} runs",
            self.schedule, self.runs
        )?;
        match self.note.as_str() {
            "" => Ok(()),
            note => write!(f, "; {note}"),
        }
    }
}

/// The baseline, the patch and its title, such as `production approves KB5034770 (Critical): 2026-05 …`.
impl fmt::Display for CalendarApproval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} approves {}", self.baseline_name, self.patch)?;
        if !self.severity.is_empty() {
            write!(f, " ({})", self.severity)?;
        }
        match self.title.as_str() {
            "" => Ok(()),
            title => write!(f, ": {title}"),
        }
    }
}

/// The runs of a day with one line for each schedule: its first time, and how often it runs.
pub(super) fn daily<'a>(
    runs: &[(Timestamp, &'a CalendarSchedule)],
) -> Vec<(Timestamp, &'a CalendarSchedule, usize)> {
    let mut daily: Vec<(Timestamp, &CalendarSchedule, usize)> = Vec::new();
    for (at, schedule) in runs {
        match daily
            .iter_mut()
            .find(|(_, known, _)| std::ptr::eq(*known, *schedule))
        {
            Some((_, _, times)) => *times += 1,
            None => daily.push((*at, schedule, 1)),
        }
    }
    daily
}

/// What could not be read, the schedules, and each day on which something is planned, in UTC.
impl fmt::Display for PatchCalendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(f, "Patch calendar from {} until {}", self.from, self.until)?;
        for unread in &self.unread {
            writeln!(f, "  without: {unread}")?;
        }
        for schedule in &self.schedules {
            writeln!(f, "  {schedule}")?;
        }
        for (day, planned) in self.days() {
            writeln!(f, "\n{}", day.strftime("%a %Y-%m-%d"))?;
            for (at, schedule, times) in daily(&planned.runs) {
                let (at, operation) = (at.strftime("%H:%M"), &schedule.operation);
                write!(f, "  {at} {operation} by {}", schedule.label())?;
                match times {
                    1 => writeln!(f)?,
                    times => writeln!(f, ", the first of {times}")?,
                }
            }
            for approval in planned.approvals {
                writeln!(f, "  {} {approval}", approval.at.strftime("%H:%M"))?;
            }
        }
        if self.runs.is_empty() && self.approvals.is_empty() {
            writeln!(f, "\nNothing runs, and nothing is approved.")?;
        }
        Ok(())
    }
}
