use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::book::Window;
use super::filter::{self, PAGE, SEARCH_PAGE};
use super::parts::{self, stays};
use super::{unknown, window_check};
use crate::backend::{
    DescribeMaintenanceWindowSchedule, DescribeMaintenanceWindowTargets,
    DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, MaintenanceWindowStore,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::check::{self, Validation};
use crate::memory::engine::later;
use crate::memory::state::State;
use crate::page::Page;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowResourceType, MaintenanceWindowTarget,
    MaintenanceWindowTask, MaintenanceWindowTaskDetail, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{Target, WindowId, WindowTargetId, WindowTaskId};

/// How far DescribeMaintenanceWindowSchedule looks ahead where no filter says, and for how many
/// openings of a window. The service names no bounds; these are ours, so that a listing ends.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 366);
const MOST_OPENINGS: usize = 1_000;

impl State {
    fn create_window(
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

    fn room(&self, operation: &'static str, there_are: usize, limit: usize) -> Result<()> {
        if there_are < limit {
            return Ok(());
        }
        let (code, message) = ("ResourceLimitExceededException", "the quota is used up");
        Err(Error::service(ErrorKind::LimitExceeded, code, message).with_operation(operation))
    }

    fn update_window(
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

    fn register_target(
        &mut self,
        request: RegisterTargetWithMaintenanceWindow,
    ) -> Result<WindowTargetId> {
        const OPERATION: &str = "RegisterTargetWithMaintenanceWindow";
        let token = request.client_token.clone();
        let book = &self.windows;
        if let Some(id) = book.targets.replay(OPERATION, token.as_deref(), &request)? {
            return Ok(id);
        }
        let input = request.clone();
        let window = request.window_id.unwrap_or_else(|| WindowId::new(""));
        let there_are = book.get(OPERATION, &window)?.targets.len();
        let id = WindowTargetId::new(self.ids.uuid());
        let target = MaintenanceWindowTarget {
            window_id: Some(window.clone()),
            window_target_id: Some(id.clone()),
            resource_type: request.resource_type,
            targets: request.targets,
            owner_information: request.owner_information,
            name: request.name,
            description: request.description,
        };
        parts::check_target(OPERATION, &target)?;
        self.room(OPERATION, there_are, self.limits.targets_per_window)?;
        let book = &mut self.windows;
        book.get_mut(OPERATION, &window)?.targets.push(target);
        book.targets.remember(token, input, id.clone());
        Ok(id)
    }

    fn register_task(
        &mut self,
        request: RegisterTaskWithMaintenanceWindow,
    ) -> Result<WindowTaskId> {
        const OPERATION: &str = "RegisterTaskWithMaintenanceWindow";
        let token = request.client_token.clone();
        let book = &self.windows;
        if let Some(id) = book.tasks.replay(OPERATION, token.as_deref(), &request)? {
            return Ok(id);
        }
        let input = request.clone();
        let id = WindowTaskId::new(self.ids.uuid());
        let window_id = request.window_id.unwrap_or_else(|| WindowId::new(""));
        let window = book.get(OPERATION, &window_id)?;
        let task = MaintenanceWindowTaskDetail {
            window_id: Some(window_id.clone()),
            window_task_id: Some(id.clone()),
            targets: request.targets,
            task_arn: request.task_arn,
            service_role_arn: request.service_role_arn,
            task_type: request.task_type,
            task_parameters: request.task_parameters,
            task_invocation_parameters: request.task_invocation_parameters,
            // The model's default: the highest priority.
            priority: request.priority.or(Some(0)),
            max_concurrency: request.max_concurrency,
            max_errors: request.max_errors,
            logging_info: request.logging_info,
            name: request.name,
            description: request.description,
            cutoff_behavior: request.cutoff_behavior,
            alarm_configuration: request.alarm_configuration,
        };
        parts::check_task(OPERATION, window, &task, self.limits.targets_per_task)?;
        self.room(OPERATION, window.tasks.len(), self.limits.tasks_per_window)?;
        let book = &mut self.windows;
        book.get_mut(OPERATION, &window_id)?.tasks.push(task);
        book.tasks.remember(token, input, id.clone());
        Ok(id)
    }

    fn update_task(
        &mut self,
        update: UpdateMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        const OPERATION: &str = "UpdateMaintenanceWindowTask";
        let window_id = update
            .window_id
            .clone()
            .unwrap_or_else(|| WindowId::new(""));
        let id = update.window_task_id.clone();
        let id = id.unwrap_or_else(|| WindowTaskId::new(""));
        let most = self.limits.targets_per_task;
        let window = self.windows.get_mut(OPERATION, &window_id)?;
        let index = task_at(OPERATION, window, &id)?;
        let kept = window.tasks.get(index);
        let task = kept.map(|kept| parts::updated_task(kept, update));
        let task = task.unwrap_or_default();
        parts::check_task(OPERATION, window, &task, most)?;
        // The type cannot change and is not answered (SSM model).
        let answer = MaintenanceWindowTaskDetail {
            task_type: None,
            ..task.clone()
        };
        window.tasks.splice(index..=index, [task]);
        Ok(answer)
    }

    fn update_target(
        &mut self,
        update: UpdateMaintenanceWindowTarget,
    ) -> Result<MaintenanceWindowTarget> {
        const OPERATION: &str = "UpdateMaintenanceWindowTarget";
        let window_id = update
            .window_id
            .clone()
            .unwrap_or_else(|| WindowId::new(""));
        let id = update.window_target_id.clone();
        let id = id.unwrap_or_else(|| WindowTargetId::new(""));
        let window = self.windows.get_mut(OPERATION, &window_id)?;
        let same =
            |known: &&mut MaintenanceWindowTarget| known.window_target_id.as_ref() == Some(&id);
        let kept = window.targets.iter_mut().find(same);
        let kept = kept.ok_or_else(|| unknown(OPERATION, "Window target", id.as_str()))?;
        let target = parts::updated_target(kept, update);
        parts::check_target(OPERATION, &target)?;
        kept.clone_from(&target);
        // The resource type is not answered (SSM model).
        Ok(MaintenanceWindowTarget {
            resource_type: None,
            ..target
        })
    }

    fn deregister_target(
        &mut self,
        window: &WindowId,
        id: &WindowTargetId,
        safe: bool,
    ) -> Result<()> {
        const OPERATION: &str = "DeregisterTargetFromMaintenanceWindow";
        let window = self.windows.get_mut(OPERATION, window)?;
        let before = window.targets.len();
        let used = window.tasks.iter().any(|task| parts::names(task, id));
        if safe && used {
            let message = "a task of the window names the target";
            return Err(
                Error::service(ErrorKind::InUse, "TargetInUseException", message)
                    .with_operation(OPERATION)
                    .with_resource(id.as_str()),
            );
        }
        let targets = &mut window.targets;
        targets.retain(|target| target.window_target_id.as_ref() != Some(id));
        if targets.len() == before {
            return Err(unknown(OPERATION, "Window target", id.as_str()));
        }
        Ok(())
    }

    /// The windows that have a registered target in common with these: the same target, or nodes
    /// that both mean.
    fn windows_for(&self, targets: &[Target]) -> Vec<&Window> {
        let nodes = self.resolve(targets);
        let meets = |registered: &MaintenanceWindowTarget| {
            let registered = registered.targets.as_deref().unwrap_or_default();
            registered == targets || self.resolve(registered).iter().any(|id| nodes.contains(id))
        };
        let windows = self.windows.windows.iter();
        windows
            .filter(|window| window.targets.iter().any(meets))
            .collect()
    }

    fn schedule(
        &self,
        request: &DescribeMaintenanceWindowSchedule,
        now: Timestamp,
    ) -> Result<Vec<ScheduledWindowExecution>> {
        const OPERATION: &str = "DescribeMaintenanceWindowSchedule";
        let (after, before) = ("ScheduledAfter", "ScheduledBefore");
        check::filters(OPERATION, &request.filters, &[after, before])?;
        let (earliest, latest) = filter::bounds(OPERATION, &request.filters, after, before)?;
        let from = earliest.map_or(now, |earliest| earliest.max(now));
        let until = latest.unwrap_or_else(|| later(from, AHEAD));
        let windows = match &request.window_id {
            Some(id) => vec![self.windows.get(OPERATION, id)?],
            None if request.targets.is_empty() => self.windows.windows.iter().collect(),
            None => self.windows_for(&request.targets),
        };
        let mut openings: Vec<_> = windows
            .into_iter()
            .filter(|window| window.is_enabled())
            .flat_map(|window| {
                let openings = window.recurrence.between(from, until);
                let openings = openings.filter(move |at| *at > now).take(MOST_OPENINGS);
                openings.map(move |at| ScheduledWindowExecution {
                    window_id: window.facts.window_id.clone(),
                    name: window.facts.name.clone(),
                    execution_time: Some(at),
                })
            })
            .collect();
        openings.sort_by_key(|opening| opening.execution_time);
        Ok(openings)
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

fn task_at(operation: &'static str, window: &Window, id: &WindowTaskId) -> Result<usize> {
    let same = |task: &MaintenanceWindowTaskDetail| task.window_task_id.as_ref() == Some(id);
    let index = window.tasks.iter().position(same);
    index.ok_or_else(|| unknown(operation, "Window task", id.as_str()))
}

fn identity(window: &Window) -> MaintenanceWindowIdentity {
    let described = window.described();
    MaintenanceWindowIdentity {
        window_id: described.window_id,
        name: described.name,
        description: described.description,
        enabled: described.enabled,
        duration: described.duration,
        cutoff: described.cutoff,
        schedule: described.schedule,
        schedule_timezone: described.schedule_timezone,
        schedule_offset: described.schedule_offset,
        end_date: described.end_date,
        start_date: described.start_date,
        next_execution_time: described.next_execution_time,
    }
}

/// A task as the listing shows it: without its invocation parameters.
fn listed(task: &MaintenanceWindowTaskDetail) -> MaintenanceWindowTask {
    let task = task.clone();
    MaintenanceWindowTask {
        window_id: task.window_id,
        window_task_id: task.window_task_id,
        task_arn: task.task_arn,
        task_type: task.task_type,
        targets: task.targets,
        task_parameters: task.task_parameters,
        priority: task.priority,
        logging_info: task.logging_info,
        service_role_arn: task.service_role_arn,
        max_concurrency: task.max_concurrency,
        max_errors: task.max_errors,
        name: task.name,
        description: task.description,
        cutoff_behavior: task.cutoff_behavior,
        alarm_configuration: task.alarm_configuration,
    }
}

#[async_trait]
impl MaintenanceWindowStore for MemoryBackend {
    async fn create_maintenance_window(
        &self,
        request: CreateMaintenanceWindow,
    ) -> Result<WindowId> {
        self.call("CreateMaintenanceWindow", |state, now| {
            state.create_window(request, now)
        })
        .await
    }

    async fn get_maintenance_window(&self, window: &WindowId) -> Result<MaintenanceWindow> {
        const OPERATION: &str = "GetMaintenanceWindow";
        self.call(OPERATION, |state, _| {
            Ok(state.windows.get(OPERATION, window)?.described())
        })
        .await
    }

    async fn update_maintenance_window(
        &self,
        request: UpdateMaintenanceWindow,
    ) -> Result<MaintenanceWindow> {
        self.call("UpdateMaintenanceWindow", |state, now| {
            state.update_window(request, now)
        })
        .await
    }

    async fn delete_maintenance_window(&self, window: &WindowId) -> Result<()> {
        self.call("DeleteMaintenanceWindow", |state, _| {
            let windows = &mut state.windows.windows;
            windows.retain(|known| known.facts.window_id.as_ref() != Some(window));
            Ok(())
        })
        .await
    }

    async fn describe_maintenance_windows(
        &self,
        request: DescribeMaintenanceWindows,
    ) -> Result<Page<MaintenanceWindowIdentity>> {
        const OPERATION: &str = "DescribeMaintenanceWindows";
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            check::filters(OPERATION, filters, &["Name", "Enabled"])?;
            let passes = |window: &&Window| {
                let name = window.facts.name.as_deref().unwrap_or_default();
                let enabled = window.is_enabled().to_string();
                filter::passes(filters, "Name", name)
                    && filter::passes(filters, "Enabled", &enabled)
            };
            let windows = state.windows.windows.iter().filter(passes);
            let items = windows.map(identity).collect();
            let key = check::listing_key(filters);
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }

    async fn describe_maintenance_windows_for_target(
        &self,
        request: DescribeMaintenanceWindowsForTarget,
    ) -> Result<Page<MaintenanceWindowIdentityForTarget>> {
        const OPERATION: &str = "DescribeMaintenanceWindowsForTarget";
        self.call(OPERATION, |state, _| {
            check_search(OPERATION, &request.targets, Some(&request.resource_type))?;
            let windows = state.windows_for(&request.targets).into_iter();
            let items = windows
                .map(|window| MaintenanceWindowIdentityForTarget {
                    window_id: window.facts.window_id.clone(),
                    name: window.facts.name.clone(),
                })
                .collect();
            let key = format!("{:?}", request.targets);
            state.page(items, &request.page, OPERATION, SEARCH_PAGE, &key)
        })
        .await
    }

    async fn describe_maintenance_window_schedule(
        &self,
        request: DescribeMaintenanceWindowSchedule,
    ) -> Result<Page<ScheduledWindowExecution>> {
        const OPERATION: &str = "DescribeMaintenanceWindowSchedule";
        self.call(OPERATION, |state, now| {
            if request.window_id.is_none() && !request.targets.is_empty() {
                check_search(OPERATION, &request.targets, request.resource_type.as_ref())?;
            }
            let items = state.schedule(&request, now)?;
            let (window, targets) = (&request.window_id, &request.targets);
            let key = format!("{window:?} {targets:?} {:?}", request.filters);
            state.page(items, &request.page, OPERATION, SEARCH_PAGE, &key)
        })
        .await
    }

    async fn register_target_with_maintenance_window(
        &self,
        request: RegisterTargetWithMaintenanceWindow,
    ) -> Result<WindowTargetId> {
        self.call("RegisterTargetWithMaintenanceWindow", |state, _| {
            state.register_target(request)
        })
        .await
    }

    async fn update_maintenance_window_target(
        &self,
        request: UpdateMaintenanceWindowTarget,
    ) -> Result<MaintenanceWindowTarget> {
        self.call("UpdateMaintenanceWindowTarget", |state, _| {
            state.update_target(request)
        })
        .await
    }

    async fn deregister_target_from_maintenance_window(
        &self,
        window: &WindowId,
        target: &WindowTargetId,
        safe: bool,
    ) -> Result<()> {
        self.call("DeregisterTargetFromMaintenanceWindow", |state, _| {
            state.deregister_target(window, target, safe)
        })
        .await
    }

    async fn describe_maintenance_window_targets(
        &self,
        request: DescribeMaintenanceWindowTargets,
    ) -> Result<Page<MaintenanceWindowTarget>> {
        const OPERATION: &str = "DescribeMaintenanceWindowTargets";
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            let keys = ["Type", "WindowTargetId", "OwnerInformation"];
            check::filters(OPERATION, filters, &keys)?;
            let window = state.windows.get(OPERATION, &request.window_id)?;
            let passes = |target: &&MaintenanceWindowTarget| {
                let kind = target.resource_type.as_ref().map(|kind| kind.as_str());
                let id = target.window_target_id.as_ref().map(WindowTargetId::as_str);
                let owner = target.owner_information.as_deref();
                [kind, id, owner]
                    .into_iter()
                    .zip(keys)
                    .all(|(text, key)| filter::passes(filters, key, text.unwrap_or_default()))
            };
            let items = window.targets.iter().filter(passes).cloned().collect();
            let key = format!("{} {filters:?}", request.window_id);
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }

    async fn register_task_with_maintenance_window(
        &self,
        request: RegisterTaskWithMaintenanceWindow,
    ) -> Result<WindowTaskId> {
        self.call("RegisterTaskWithMaintenanceWindow", |state, _| {
            state.register_task(request)
        })
        .await
    }

    async fn update_maintenance_window_task(
        &self,
        request: UpdateMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        self.call("UpdateMaintenanceWindowTask", |state, _| {
            state.update_task(request)
        })
        .await
    }

    async fn deregister_task_from_maintenance_window(
        &self,
        window: &WindowId,
        task: &WindowTaskId,
    ) -> Result<()> {
        const OPERATION: &str = "DeregisterTaskFromMaintenanceWindow";
        self.call(OPERATION, |state, _| {
            let window = state.windows.get_mut(OPERATION, window)?;
            let index = task_at(OPERATION, window, task)?;
            window.tasks.remove(index);
            Ok(())
        })
        .await
    }

    async fn get_maintenance_window_task(
        &self,
        window: &WindowId,
        task: &WindowTaskId,
    ) -> Result<MaintenanceWindowTaskDetail> {
        const OPERATION: &str = "GetMaintenanceWindowTask";
        self.call(OPERATION, |state, _| {
            let window = state.windows.get(OPERATION, window)?;
            let index = task_at(OPERATION, window, task)?;
            Ok(window.tasks.get(index).cloned().unwrap_or_default())
        })
        .await
    }

    async fn describe_maintenance_window_tasks(
        &self,
        request: DescribeMaintenanceWindowTasks,
    ) -> Result<Page<MaintenanceWindowTask>> {
        const OPERATION: &str = "DescribeMaintenanceWindowTasks";
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            let keys = ["WindowTaskId", "TaskArn", "TaskType", "Priority"];
            check::filters(OPERATION, filters, &keys)?;
            let window = state.windows.get(OPERATION, &request.window_id)?;
            let passes = |task: &&MaintenanceWindowTaskDetail| {
                let id = task.window_task_id.as_ref().map(WindowTaskId::as_str);
                let kind = task.task_type.as_ref().map(|kind| kind.as_str());
                let priority = task.priority.map(|priority| priority.to_string());
                [id, task.task_arn.as_deref(), kind, priority.as_deref()]
                    .into_iter()
                    .zip(keys)
                    .all(|(text, key)| filter::passes(filters, key, text.unwrap_or_default()))
            };
            let items = window.tasks.iter().filter(passes).map(listed).collect();
            let key = format!("{} {filters:?}", request.window_id);
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }
}

fn check_search(
    operation: &'static str,
    targets: &[Target],
    kind: Option<&MaintenanceWindowResourceType>,
) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.count("targets", targets, 1..=5);
    validation.one_of("resourceType", kind.is_some_and(|kind| kind.is_known()));
    validation.finish()
}
