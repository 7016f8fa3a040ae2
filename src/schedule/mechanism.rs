use std::fmt;

use super::{Recurrence, ScheduleExpression, ScheduleKind};
use crate::error::{Result, Violation, Violations};

/// What runs by a schedule; each accepts another part of the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScheduleMechanism {
    /// A maintenance window. It accepts every expression.
    MaintenanceWindow,
    /// A State Manager association. It accepts a few forms of cron.
    Association,
    /// A Quick Setup patch policy. It accepts cron only.
    PatchPolicy,
}

impl ScheduleMechanism {
    /// Reads the schedule in this field and records its violations, also those of this mechanism,
    /// under the field's name.
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
    /// Checks that a mechanism accepts this expression.
    ///
    /// - A maintenance window accepts all.
    /// - An association accepts a rate from 30 minutes to less than 31 days, `at`, and cron only
    ///   for: every 30 minutes; every 1, 2, 4, 8 or 12 hours; once a day; once a week; once on the
    ///   n-th or last such weekday of each month. The second is 0; month and year are `*`. The
    ///   meaning of a cron counts, not its text: `0/30`, `*/30` and `0,30` are the same.
    /// - A patch policy accepts cron.
    ///
    /// (Source: the user guide's page on cron and rate expressions.)
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all that the mechanism refuses; each
    /// violation names a mechanism that accepts it.
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
    /// Checks that a mechanism accepts the expression and all its other settings.
    ///
    /// Only a maintenance window has a time zone, a start and an end; the others run in UTC.
    /// A patch policy has no offset.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all that
    /// [`ScheduleExpression::check_for`] refuses, and with settings that the mechanism does not
    /// have, under `ScheduleTimezone`, `ScheduleOffset`, `StartDate` and `EndDate`.
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
