//! What the operations on windows refuse.

use jiff::Timestamp;

use crate::error::Result;
use crate::memory::operations::check::{Validation, refused};
use crate::schedule::window::MaintenanceWindow;
use crate::schedule::{Recurrence, ScheduleExpression, ScheduleKind};

/// Checks what a window would say, and works out when it opens: counted from `now`.
pub(super) fn recurrence(
    operation: &'static str,
    window: &MaintenanceWindow,
    now: Timestamp,
) -> Result<Recurrence> {
    let mut validation = Validation::of(operation);
    name(&mut validation, "name", window.name.as_deref());
    description(&mut validation, window.description.as_deref());
    let schedule = window.schedule.as_deref().unwrap_or_default();
    validation.length("schedule", schedule, 1..=256);
    let duration = window.duration.unwrap_or_default();
    let cutoff = window.cutoff.unwrap_or_default();
    let rule = "Member must have value between 1 and 24";
    validation.require((1..=24).contains(&duration), "duration", rule);
    let rule = "Member must have value between 0 and 23, and less than the duration";
    validation.require(cutoff <= 23 && cutoff < duration.max(1), "cutoff", rule);
    let expression = ScheduleExpression::parse(schedule).ok();
    let rule = "Member must be cron(), rate() or at()";
    validation.require(expression.is_some(), "schedule", rule);
    let start = instant(&mut validation, "startDate", window.start_date.as_deref());
    let end = instant(&mut validation, "endDate", window.end_date.as_deref());
    let recurrence = expression.map(Recurrence::new);
    let recurrence = zoned(
        &mut validation,
        recurrence,
        window.schedule_timezone.as_deref(),
    );
    let recurrence = put_off(&mut validation, recurrence, window.schedule_offset);
    validation.finish()?;
    let recurrence = recurrence.ok_or_else(|| refused(operation, "no schedule"))?;
    Ok(bounded(recurrence, start, end, now))
}

/// A rate counts from the start date, or from now where that has passed; a cron with an offset
/// skips a date that lies before now (user guide, maintenance window schedules).
fn bounded(
    recurrence: Recurrence,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    now: Timestamp,
) -> Recurrence {
    let anchor = match recurrence.expression().kind() {
        ScheduleKind::Rate => start.map_or(now, |start| start.max(now)),
        _ => now,
    };
    let recurrence = recurrence.anchored_at(anchor);
    let recurrence = start.into_iter().fold(recurrence, Recurrence::starting);
    end.into_iter().fold(recurrence, Recurrence::ending)
}

fn zoned(
    validation: &mut Validation,
    recurrence: Option<Recurrence>,
    zone: Option<&str>,
) -> Option<Recurrence> {
    let Some(zone) = zone.filter(|zone| !zone.is_empty()) else {
        return recurrence;
    };
    let zoned = recurrence?.in_time_zone(zone).ok();
    let rule = "Member must be the IANA name of a time zone";
    validation.require(zoned.is_some(), "scheduleTimezone", rule);
    zoned
}

fn put_off(
    validation: &mut Validation,
    recurrence: Option<Recurrence>,
    days: Option<u8>,
) -> Option<Recurrence> {
    let Some(days) = days else { return recurrence };
    let offset = recurrence?.offset_days(days).ok();
    let rule = "Member must have value between 1 and 6, with a cron schedule";
    validation.require(offset.is_some(), "scheduleOffset", rule);
    offset
}

fn instant(validation: &mut Validation, field: &str, text: Option<&str>) -> Option<Timestamp> {
    let text = text.filter(|text| !text.is_empty())?;
    let instant = text.parse().ok();
    let rule = "Member must be ISO 8601 with an offset, such as 2026-01-01T00:00:00Z";
    validation.require(instant.is_some(), field, rule);
    instant
}

/// A name where there is one (SSM model, `MaintenanceWindowName`).
pub(super) fn name(validation: &mut Validation, field: &str, name: Option<&str>) {
    let Some(name) = name else { return };
    validation.length(field, name, 3..=128);
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let rule = "Member must have letters, digits and the characters _ - .";
    validation.require(name.chars().all(legal), field, rule);
}

/// A description where there is one. It is sensitive, so it is not repeated.
pub(super) fn description(validation: &mut Validation, description: Option<&str>) {
    if let Some(description) = description {
        validation.length("description", description, 1..=128);
    }
}
