//! Targets and tasks registered, changed and deregistered.

use super::book::Window;
use super::{parts, unknown};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::state::State;
use crate::schedule::window::{
    MaintenanceWindowTarget, MaintenanceWindowTaskDetail, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{WindowId, WindowTargetId, WindowTaskId};

impl State {
    pub(super) fn register_target(
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

    pub(super) fn register_task(
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

    pub(super) fn update_task(
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

    pub(super) fn update_target(
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

    pub(super) fn deregister_target(
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
}

pub(super) fn task_at(
    operation: &'static str,
    window: &Window,
    id: &WindowTaskId,
) -> Result<usize> {
    let same = |task: &MaintenanceWindowTaskDetail| task.window_task_id.as_ref() == Some(id);
    let index = window.tasks.iter().position(same);
    index.ok_or_else(|| unknown(operation, "Window task", id.as_str()))
}
