//! Creates and changes windows, and refuses invalid settings.

use jiff::Timestamp;

use crate::backend::Operation;
use crate::error::Result;
use crate::event::EventKind;
use crate::memory::engine::Engine;
use crate::memory::operations::check::{Validation, limit_exceeded, refused};
use crate::memory::store::windows::Window;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowSettings, UpdateMaintenanceWindow,
};
use crate::schedule::{Recurrence, ScheduleExpression, ScheduleKind};
use crate::types::WindowId;

pub(super) fn create(
    engine: &mut Engine,
    request: CreateMaintenanceWindow,
    now: Timestamp,
) -> Result<WindowId> {
    const OPERATION: Operation = Operation::CreateMaintenanceWindow;
    let token = request.client_token.clone();
    let state = &mut engine.state;
    if let Some(id) = state
        .windows
        .created
        .replay(OPERATION, token.as_deref(), &request)?
    {
        return Ok(id);
    }
    let recurrence = recurrence(OPERATION, &request.settings(), now)?;
    room(state.windows.len(), state.limits.windows)?;
    let id = WindowId::new(format!("mw-{}", state.ids.hex(17)));
    let tags = request.tags.clone().unwrap_or_default();
    state.tags.insert(id.as_str(), tags);
    let facts = MaintenanceWindow {
        window_id: Some(id.clone()),
        enabled: Some(true),
        created_date: Some(now),
        modified_date: Some(now),
        ..request.settings().into()
    };
    let mut window = Window {
        facts,
        recurrence: Some(recurrence),
        next: None,
        revision: state.windows.next_revision(),
        targets: Vec::new(),
        tasks: Vec::new(),
    };
    window.plan_after(now);
    state.windows.add(window);
    state.windows.created.remember(token, request, id.clone());
    engine.plan_window(&id);
    Ok(id)
}

pub(super) fn room(there_are: usize, limit: usize) -> Result<()> {
    let fits = (there_are < limit).then_some(());
    fits.ok_or_else(|| limit_exceeded("the quota is used up"))
}

pub(super) fn update(
    engine: &mut Engine,
    update: UpdateMaintenanceWindow,
    now: Timestamp,
) -> Result<MaintenanceWindow> {
    const OPERATION: Operation = Operation::UpdateMaintenanceWindow;
    let id = update
        .window_id
        .clone()
        .unwrap_or_else(|| WindowId::new(""));
    let windows = &mut engine.state.windows;
    let window = windows.get(OPERATION, &id)?;
    let (current, was_enabled) = (&window.facts, window.is_enabled());
    let settings = match update.replace {
        Some(true) => update.settings(),
        _ => update.settings().or(current.settings()),
    };
    let facts = MaintenanceWindow {
        window_id: current.window_id.clone(),
        enabled: update.enabled.or(current.enabled),
        created_date: current.created_date,
        modified_date: Some(now),
        ..settings.clone().into()
    };
    needed(OPERATION, &settings)?;
    let recurrence = recurrence(OPERATION, &settings, now)?;
    let revision = windows.next_revision();
    let window = windows.get_mut(OPERATION, &id)?;
    window.facts = facts;
    window.recurrence = Some(recurrence);
    window.revision = revision;
    window.plan_after(now);
    let (mut described, is_enabled) = (window.described(), window.is_enabled());
    if is_enabled != was_enabled {
        let status = if is_enabled { "ENABLED" } else { "DISABLED" };
        let kind = EventKind::WindowStateChange;
        engine.state.record_window(&kind, &id, None, status, now);
    }
    engine.plan_window(&id);
    // UpdateMaintenanceWindow does not return these (SSM model).
    described.next_execution_time = None;
    described.created_date = None;
    described.modified_date = None;
    Ok(described)
}

/// Required members are also required in a replacement.
fn needed(operation: Operation, settings: &MaintenanceWindowSettings) -> Result<()> {
    let mut validation = Validation::of(operation);
    let there = [
        ("name", settings.name.is_some()),
        ("schedule", settings.schedule.is_some()),
        ("duration", settings.duration.is_some()),
        ("cutoff", settings.cutoff.is_some()),
        (
            "allowUnassociatedTargets",
            settings.allow_unassociated_targets.is_some(),
        ),
    ];
    for (field, there) in there {
        validation.require(there, field, "Member must not be null");
    }
    validation.finish()
}

/// When a window that is described so opens, counted from the instant at which it got these settings.
pub(crate) fn described(window: &MaintenanceWindowSettings, made: Timestamp) -> Result<Recurrence> {
    recurrence(Operation::GetMaintenanceWindow, window, made)
}

/// Checks a window's settings, and computes when it opens, from `now` on.
fn recurrence(
    operation: Operation,
    window: &MaintenanceWindowSettings,
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
    let parsed = ScheduleExpression::parse(schedule);
    if let Err(error) = &parsed {
        // The service's own message says no more than that; where and why is a help of this backend.
        let reasons: Vec<String> = error.violations().iter().map(ToString::to_string).collect();
        let rule = format!(
            "Member must be cron(), rate() or at(): {}",
            reasons.join("; ")
        );
        validation.require(false, "schedule", &rule);
    }
    let expression = parsed.ok();
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

/// A rate counts from the start date, or from now if that has passed; a cron with an offset skips a
/// date before now (user guide, maintenance window schedules).
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

/// Checks a name, if there is one (SSM model, `MaintenanceWindowName`).
pub(super) fn name(validation: &mut Validation, field: &str, name: Option<&str>) {
    let Some(name) = name else { return };
    validation.length(field, name, 3..=128);
    let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let rule = "Member must have letters, digits and the characters _ - .";
    validation.require(name.chars().all(legal), field, rule);
}

/// Checks a description, if there is one. It is sensitive, so the error does not show it.
pub(super) fn description(validation: &mut Validation, description: Option<&str>) {
    if let Some(description) = description {
        validation.length("description", description, 1..=128);
    }
}
