//! The maintenance windows and their runs: MaintenanceWindowStore and MaintenanceWindowHistory. They
//! open in the engine.

mod change;
mod history;
mod listing;
mod parts;

pub(in crate::memory) use change::described as recurrence;

use async_trait::async_trait;

use self::listing::{PAGE, SEARCH_PAGE, identity, listed};
use self::parts::task_at;
use crate::backend::{
    DeleteMaintenanceWindow, DeregisterTargetFromMaintenanceWindow,
    DeregisterTaskFromMaintenanceWindow, DescribeMaintenanceWindowSchedule,
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, GetMaintenanceWindow, GetMaintenanceWindowTask,
    MaintenanceWindowStore, Operation,
};
use crate::error::Result;
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check::{self, Validation};
use crate::memory::store::windows::Window;
use crate::page::Page;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowResourceType, MaintenanceWindowTarget,
    MaintenanceWindowTask, MaintenanceWindowTaskDetail, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{Target, WindowId, WindowTargetId, WindowTaskId};

#[async_trait]
impl MaintenanceWindowStore for MemoryBackend {
    async fn create_maintenance_window(
        &self,
        request: CreateMaintenanceWindow,
    ) -> Result<WindowId> {
        self.call_engine(Operation::CreateMaintenanceWindow, |engine, now| {
            change::create(engine, request, now)
        })
        .await
    }

    async fn get_maintenance_window(
        &self,
        request: GetMaintenanceWindow,
    ) -> Result<MaintenanceWindow> {
        let window = &request.window_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindow;
        self.call(OPERATION, |state, _| {
            Ok(state.windows.get(OPERATION, window)?.described())
        })
        .await
    }

    async fn update_maintenance_window(
        &self,
        request: UpdateMaintenanceWindow,
    ) -> Result<MaintenanceWindow> {
        self.call_engine(Operation::UpdateMaintenanceWindow, |engine, now| {
            change::update(engine, request, now)
        })
        .await
    }

    async fn delete_maintenance_window(&self, request: DeleteMaintenanceWindow) -> Result<()> {
        let window = &request.window_id;

        self.call(Operation::DeleteMaintenanceWindow, |state, _| {
            state.windows.remove(window);
            state.tags.remove(window.as_str());
            Ok(())
        })
        .await
    }

    async fn describe_maintenance_windows(
        &self,
        request: DescribeMaintenanceWindows,
    ) -> Result<Page<MaintenanceWindowIdentity>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindows;
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            check::filters(OPERATION, filters, &["Name", "Enabled"])?;
            let passes = |window: &&Window| {
                let name = window.facts.name.as_deref().unwrap_or_default();
                let enabled = window.is_enabled().to_string();
                // The model's example is `True`, and those of the AWS CLI are `true`.
                let is_state = |value: &String| value.eq_ignore_ascii_case(&enabled);
                let mut states = filters.iter().filter(|filter| filter.key == "Enabled");
                listing::passes(filters, "Name", name)
                    && states.all(|filter| filter.values.iter().any(is_state))
            };
            let windows = state.windows.iter().filter(passes);
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
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowsForTarget;
        self.call(OPERATION, |state, _| {
            check_search(OPERATION, &request.targets, Some(&request.resource_type))?;
            let windows = listing::windows_for(state, &request.targets).into_iter();
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
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowSchedule;
        self.call(OPERATION, |state, now| {
            let kind = request.resource_type.as_ref();
            if request.window_id.is_none() && !request.targets.is_empty() {
                check_search(OPERATION, &request.targets, kind)?;
            }
            let mut validation = Validation::of(OPERATION);
            validation.one_of("resourceType", kind.is_none_or(|kind| kind.is_known()));
            validation.finish()?;
            let items = listing::schedule(state, &request, now)?;
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
        self.call(
            Operation::RegisterTargetWithMaintenanceWindow,
            |state, now| parts::register_target(state, request, now),
        )
        .await
    }

    async fn update_maintenance_window_target(
        &self,
        request: UpdateMaintenanceWindowTarget,
    ) -> Result<MaintenanceWindowTarget> {
        self.call(Operation::UpdateMaintenanceWindowTarget, |state, now| {
            parts::update_target(state, request, now)
        })
        .await
    }

    async fn deregister_target_from_maintenance_window(
        &self,
        request: DeregisterTargetFromMaintenanceWindow,
    ) -> Result<()> {
        let window = &request.window_id;
        let target = &request.window_target_id;
        let safe = request.safe;

        self.call(
            Operation::DeregisterTargetFromMaintenanceWindow,
            |state, now| parts::deregister_target(state, (window, target), safe, now),
        )
        .await
    }

    async fn describe_maintenance_window_targets(
        &self,
        request: DescribeMaintenanceWindowTargets,
    ) -> Result<Page<MaintenanceWindowTarget>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowTargets;
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
                    .all(|(text, key)| listing::passes(filters, key, text.unwrap_or_default()))
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
        self.call(
            Operation::RegisterTaskWithMaintenanceWindow,
            |state, now| parts::register_task(state, request, now),
        )
        .await
    }

    async fn update_maintenance_window_task(
        &self,
        request: UpdateMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        self.call(Operation::UpdateMaintenanceWindowTask, |state, now| {
            parts::update_task(state, request, now)
        })
        .await
    }

    async fn deregister_task_from_maintenance_window(
        &self,
        request: DeregisterTaskFromMaintenanceWindow,
    ) -> Result<()> {
        let window = &request.window_id;
        let task = &request.window_task_id;

        const OPERATION: Operation = Operation::DeregisterTaskFromMaintenanceWindow;
        self.call(OPERATION, |state, now| {
            let of = state.windows.get_mut(OPERATION, window)?;
            let index = task_at(OPERATION, of, task)?;
            of.tasks.remove(index);
            parts::record_task(state, (window, task), "DEREGISTERED", now);
            Ok(())
        })
        .await
    }

    async fn get_maintenance_window_task(
        &self,
        request: GetMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        let window = &request.window_id;
        let task = &request.window_task_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowTask;
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
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowTasks;
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
                    .all(|(text, key)| listing::passes(filters, key, text.unwrap_or_default()))
            };
            let items = window.tasks.iter().filter(passes).map(listed).collect();
            let key = format!("{} {filters:?}", request.window_id);
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }
}

fn check_search(
    operation: Operation,
    targets: &[Target],
    kind: Option<&MaintenanceWindowResourceType>,
) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.count("targets", targets, 1..=5);
    validation.one_of("resourceType", kind.is_some_and(|kind| kind.is_known()));
    validation.finish()
}
