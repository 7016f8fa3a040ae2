//! The runs that each mechanism plans.

use jiff::{SignedDuration, Timestamp};

use super::PlannedRun;
use crate::error::{Error, Result, Violation};
use crate::schedule::association::{AssociationDescription, CreateAssociation};
use crate::schedule::window::{CreateMaintenanceWindow, MaintenanceWindow, PatchWindow};
use crate::schedule::{PatchPolicy, Recurrence, ScheduleExpression};
use crate::types::PatchOperation;

impl PatchPolicy {
    /// The scan, and the install if there is one.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a schedule cannot be read.
    pub fn planned_runs(&self) -> Result<Vec<PlannedRun>> {
        let run = |operation: PatchOperation, schedule: &str, waits: bool| {
            let recurrence = Recurrence::new(ScheduleExpression::parse(schedule)?);
            let name = format!("{} ({operation})", self.name);
            let mut run = PlannedRun::new(name, operation, recurrence);
            run.at_once = !waits;
            Ok(run)
        };
        let scan = run(
            PatchOperation::Scan,
            &self.scan_schedule,
            self.scan_next_interval,
        );
        let install = self.install_schedule.as_deref().map(|schedule| {
            run(
                PatchOperation::Install,
                schedule,
                self.install_next_interval,
            )
        });
        std::iter::once(scan).chain(install).collect()
    }
}

impl CreateMaintenanceWindow {
    /// When the window opens.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if schedule, zone, offset or dates cannot
    /// be read.
    pub fn recurrence(&self) -> Result<Recurrence> {
        recurrence(
            self.schedule.as_deref(),
            self.schedule_timezone.as_deref(),
            self.schedule_offset,
            [self.start_date.as_deref(), self.end_date.as_deref()],
        )
    }
}

impl MaintenanceWindow {
    /// When the window opens, counted from its creation. It ignores whether the window is enabled.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if schedule, zone, offset or dates cannot
    /// be read.
    pub fn recurrence(&self) -> Result<Recurrence> {
        let recurrence = recurrence(
            self.schedule.as_deref(),
            self.schedule_timezone.as_deref(),
            self.schedule_offset,
            [self.start_date.as_deref(), self.end_date.as_deref()],
        )?;
        let made = self.created_date.into_iter();
        Ok(made.fold(recurrence, Recurrence::anchored_at))
    }
}

impl PatchWindow {
    /// The runs of its tasks that run a patch document, one at each opening of the window.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if schedule, zone, offset or dates cannot
    /// be read.
    pub fn planned_runs(&self) -> Result<Vec<PlannedRun>> {
        let recurrence = self.window.recurrence()?;
        let hours = |hours: u8| SignedDuration::from_hours(i64::from(hours));
        let operations = self.tasks.iter().filter_map(|task| {
            let given = task.task.task_invocation_parameters.as_ref()?;
            let parameters = given.run_command.as_ref()?.parameters.as_ref()?;
            Some(PatchOperation::from(
                parameters.get("Operation")?.first()?.as_str(),
            ))
        });
        let mut runs: Vec<PlannedRun> = Vec::new();
        for operation in operations {
            if runs.iter().all(|run| run.operation != operation) {
                let mut run = PlannedRun::new(self.name(), operation, recurrence.clone());
                run.duration = self.window.duration.map(hours);
                run.cutoff = hours(self.window.cutoff.unwrap_or_default());
                runs.push(run);
            }
        }
        Ok(runs)
    }
}

impl CreateAssociation {
    /// Its run by its schedule; `None` if it has no schedule or runs no patch document.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if schedule or offset cannot be read.
    pub fn planned_run(&self) -> Result<Option<PlannedRun>> {
        let parameters = self.parameters.as_ref();
        let operation = parameters.and_then(|given| given.get("Operation")?.first());
        let (Some(operation), Some(schedule)) = (operation, self.schedule_expression.as_deref())
        else {
            return Ok(None);
        };
        let recurrence = recurrence(Some(schedule), None, self.schedule_offset, [None, None])?;
        let name = self.association_name.as_deref().or(self.name.as_deref());
        let name = name.unwrap_or_default();
        let mut run = PlannedRun::new(name, operation.as_str().into(), recurrence);
        run.duration = self
            .duration
            .map(|hours| SignedDuration::from_hours(i64::from(hours)));
        run.at_once = !self.apply_only_at_cron_interval.unwrap_or(false);
        Ok(Some(run))
    }
}

impl AssociationDescription {
    /// When it runs by its schedule, counted from its creation; `None` if it has no schedule.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if schedule or offset cannot be read.
    pub fn recurrence(&self) -> Result<Option<Recurrence>> {
        let Some(schedule) = self.schedule_expression.as_deref() else {
            return Ok(None);
        };
        let recurrence = recurrence(Some(schedule), None, self.schedule_offset, [None, None])?;
        let made = self.date.into_iter();
        Ok(Some(made.fold(recurrence, Recurrence::anchored_at)))
    }
}

fn recurrence(
    schedule: Option<&str>,
    zone: Option<&str>,
    offset: Option<u8>,
    [start, end]: [Option<&str>; 2],
) -> Result<Recurrence> {
    let expression = ScheduleExpression::parse(schedule.unwrap_or_default())?;
    let mut recurrence = Recurrence::new(expression);
    if let Some(zone) = zone.filter(|zone| !zone.is_empty()) {
        recurrence = recurrence.in_time_zone(zone)?;
    }
    if let Some(days) = offset {
        recurrence = recurrence.offset_days(days)?;
    }
    if let Some(start) = date("StartDate", start)? {
        recurrence = recurrence.starting(start);
    }
    if let Some(end) = date("EndDate", end)? {
        recurrence = recurrence.ending(end);
    }
    Ok(recurrence)
}

fn date(field: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let legal = "ISO 8601 with an offset, such as `2026-01-01T00:00:00Z`";
    let refused = || Error::invalid_input(vec![Violation::new(field, text, legal)]);
    text.parse().map(Some).map_err(|_| refused())
}
