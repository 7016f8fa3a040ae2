//! Windows made and changed.

use jiff::Timestamp;

use super::book::Window;
use super::parts::stays;
use super::window_check;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::operations::check::Validation;
use crate::memory::state::State;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, UpdateMaintenanceWindow,
};
use crate::types::WindowId;

impl State {
    pub(super) fn create_window(
        &mut self,
        request: CreateMaintenanceWindow,
        now: Timestamp,
    ) -> Result<WindowId> {
        const OPERATION: &str = "CreateMaintenanceWindow";
        let token = request.client_token.clone();
        let book = &self.windows;
        if let Some(id) = book.created.replay(OPERATION, token.as_deref(), &request)? {
            return Ok(id);
        }
        let input = request.clone();
        let mut facts = MaintenanceWindow {
            name: request.name,
            description: request.description,
            start_date: request.start_date,
            end_date: request.end_date,
            schedule: request.schedule,
            schedule_timezone: request.schedule_timezone,
            schedule_offset: request.schedule_offset,
            duration: request.duration,
            cutoff: request.cutoff,
            allow_unassociated_targets: request.allow_unassociated_targets,
            enabled: Some(true),
            created_date: Some(now),
            modified_date: Some(now),
            ..MaintenanceWindow::default()
        };
        let recurrence = window_check::recurrence(OPERATION, &facts, now)?;
        self.room(OPERATION, book.windows.len(), self.limits.windows)?;
        let id = WindowId::new(format!("mw-{}", self.ids.hex(17)));
        self.tags
            .insert(id.as_str(), request.tags.unwrap_or_default());
        facts.window_id = Some(id.clone());
        let mut window = Window {
            facts,
            recurrence,
            next: None,
            revision: self.next_revision(),
            targets: Vec::new(),
            tasks: Vec::new(),
        };
        window.plan_after(now);
        self.windows.windows.push(window);
        self.windows.created.remember(token, input, id.clone());
        self.plan_window(&id);
        Ok(id)
    }

    fn next_revision(&mut self) -> u64 {
        self.windows.revisions += 1;
        self.windows.revisions
    }

    pub(super) fn room(
        &self,
        operation: &'static str,
        there_are: usize,
        limit: usize,
    ) -> Result<()> {
        if there_are < limit {
            return Ok(());
        }
        let (code, message) = ("ResourceLimitExceededException", "the quota is used up");
        Err(Error::service(ErrorKind::LimitExceeded, code, message).with_operation(operation))
    }

    pub(super) fn update_window(
        &mut self,
        update: UpdateMaintenanceWindow,
        now: Timestamp,
    ) -> Result<MaintenanceWindow> {
        const OPERATION: &str = "UpdateMaintenanceWindow";
        let id = update
            .window_id
            .clone()
            .unwrap_or_else(|| WindowId::new(""));
        let kept = &self.windows.get(OPERATION, &id)?.facts;
        let replace = update.replace.unwrap_or(false);
        let facts = MaintenanceWindow {
            window_id: kept.window_id.clone(),
            name: stays(replace, update.name, &kept.name),
            description: stays(replace, update.description, &kept.description),
            start_date: stays(replace, update.start_date, &kept.start_date),
            end_date: stays(replace, update.end_date, &kept.end_date),
            schedule: stays(replace, update.schedule, &kept.schedule),
            schedule_timezone: stays(replace, update.schedule_timezone, &kept.schedule_timezone),
            schedule_offset: stays(replace, update.schedule_offset, &kept.schedule_offset),
            duration: stays(replace, update.duration, &kept.duration),
            cutoff: stays(replace, update.cutoff, &kept.cutoff),
            allow_unassociated_targets: stays(
                replace,
                update.allow_unassociated_targets,
                &kept.allow_unassociated_targets,
            ),
            enabled: update.enabled.or(kept.enabled),
            created_date: kept.created_date,
            modified_date: Some(now),
            next_execution_time: None,
        };
        needed(OPERATION, &facts)?;
        let recurrence = window_check::recurrence(OPERATION, &facts, now)?;
        let revision = self.next_revision();
        let window = self.windows.get_mut(OPERATION, &id)?;
        window.facts = facts;
        window.recurrence = recurrence;
        window.revision = revision;
        window.plan_after(now);
        let mut described = window.described();
        self.plan_window(&id);
        // UpdateMaintenanceWindow answers without these (SSM model).
        described.next_execution_time = None;
        described.created_date = None;
        described.modified_date = None;
        Ok(described)
    }
}

/// What a window needs is needed after a replacement too.
fn needed(operation: &'static str, facts: &MaintenanceWindow) -> Result<()> {
    let mut validation = Validation::of(operation);
    let there = [
        ("name", facts.name.is_some()),
        ("schedule", facts.schedule.is_some()),
        ("duration", facts.duration.is_some()),
        ("cutoff", facts.cutoff.is_some()),
        (
            "allowUnassociatedTargets",
            facts.allow_unassociated_targets.is_some(),
        ),
    ];
    for (field, there) in there {
        validation.require(there, field, "Member must not be null");
    }
    validation.finish()
}
