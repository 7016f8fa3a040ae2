use std::fmt;

use super::{Recurrence, ScheduleExpression, ScheduleKind};
use crate::error::{Result, Violation, Violations};

/// What runs by a schedule; each takes another part of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScheduleMechanism {
    /// A maintenance window. It takes every expression.
    MaintenanceWindow,
    /// An association of State Manager. It takes a few shapes of cron.
    Association,
    /// A patch policy of Quick Setup. It takes cron only.
    PatchPolicy,
}

impl ScheduleMechanism {
    /// Reads the schedule in this field and records what is wrong with it, in itself or for this
    /// mechanism, under the field's name.
    pub(crate) fn read(
        self,
        field: &str,
        text: &str,
        found: &mut Violations,
    ) -> Option<ScheduleExpression> {
        let checked = ScheduleExpression::parse(text).and_then(|schedule| {
            schedule.check_for(self)?;
            Ok(schedule)
        });
        let refused = match checked {
            Ok(schedule) => return Some(schedule),
            Err(refused) => refused,
        };
        for violation in refused.violations() {
            let field = violation.field.replacen("Schedule", field, 1);
            found.add(Violation {
                field,
                ..violation.clone()
            });
        }
        None
    }
}

impl fmt::Display for ScheduleMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MaintenanceWindow => "a maintenance window",
            Self::Association => "a State Manager association",
            Self::PatchPolicy => "a patch policy",
        })
    }
}

impl ScheduleExpression {
    /// Whether a mechanism takes this expression.
    ///
    /// - A maintenance window takes all.
    /// - An association takes a rate from 30 minutes to less than 31 days, `at`, and cron only
    ///   for: every 30 minutes; every 1, 2, 4, 8 or 12 hours; once a day; once a week; once on
    ///   the n-th or last such weekday of each month. The second is 0, month and year are `*`.
    ///   A cron is judged by what it means: `0/30`, `*/30` and `0,30` are the same.
    /// - A patch policy takes cron.
    ///
    /// (Source: the user guide's page on cron and rate expressions.)
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all that the mechanism refuses; each
    /// violation names the one that takes it.
    pub fn check_for(&self, mechanism: ScheduleMechanism) -> Result<()> {
        let mut found = Violations::new();
        match mechanism {
            ScheduleMechanism::MaintenanceWindow => {}
            ScheduleMechanism::Association => self.check_for_association(&mut found),
            ScheduleMechanism::PatchPolicy => {
                let instead = match self.kind() {
                    ScheduleKind::Cron => return Ok(()),
                    ScheduleKind::Rate => "repeats at a rate",
                    ScheduleKind::At => "runs once",
                };
                found.push(
                    "Schedule",
                    self.to_string(),
                    format!(
                        "`cron(…)`; a patch policy takes nothing that {instead}: use a maintenance window or a State Manager association"
                    ),
                );
            }
        }
        found.or("ScheduleExpression", ())
    }
}

impl Recurrence {
    /// Whether a mechanism takes the expression and all that is set besides it.
    ///
    /// Only a maintenance window has a time zone, a start and an end; the others run in UTC.
    /// A patch policy has no offset.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all that the mechanism refuses, as
    /// [`ScheduleExpression::check_for`], and what it cannot express under `ScheduleTimezone`,
    /// `ScheduleOffset`, `StartDate` and `EndDate`.
    pub fn check_for(&self, mechanism: ScheduleMechanism) -> Result<()> {
        let mut found = Violations::new();
        if let Err(refused) = self.expression().check_for(mechanism) {
            refused
                .violations()
                .iter()
                .cloned()
                .for_each(|v| found.add(v));
        }
        if mechanism == ScheduleMechanism::MaintenanceWindow {
            return found.or("Recurrence", ());
        }
        let window = format!("not in {mechanism}: a maintenance window takes it");
        let zone = self.time_zone().iana_name().unwrap_or_default();
        found.require(
            zone == "UTC",
            "ScheduleTimezone",
            zone,
            format!("UTC, {window}"),
        );
        for (field, date) in [("StartDate", self.start()), ("EndDate", self.end())] {
            if let Some(date) = date {
                found.push(field, date.to_string(), &window);
            }
        }
        let days = self.schedule_offset();
        found.require(
            days == 0 || mechanism == ScheduleMechanism::Association,
            "ScheduleOffset",
            days,
            format!(
                "not in {mechanism}: a maintenance window or a State Manager association takes it"
            ),
        );
        found.or("Recurrence", ())
    }
}
