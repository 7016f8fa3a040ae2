use async_trait::async_trait;

use crate::aws::convert::member::{Convert, always, answer, listing, unless_empty};
use crate::aws::convert::{self, required, window};
use crate::aws::{AwsBackend, send};
use crate::backend::{
    DeleteMaintenanceWindow, DeregisterTargetFromMaintenanceWindow,
    DeregisterTaskFromMaintenanceWindow, DescribeMaintenanceWindowSchedule,
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, GetMaintenanceWindow, GetMaintenanceWindowTask,
    MaintenanceWindowStore, Operation,
};
use crate::error::Result;
use crate::page::Page;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindow, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowTarget, MaintenanceWindowTask,
    MaintenanceWindowTaskDetail, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, ScheduledWindowExecution, UpdateMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{WindowId, WindowTargetId, WindowTaskId};

#[async_trait]
impl MaintenanceWindowStore for AwsBackend {
    async fn create_maintenance_window(
        &self,
        request: CreateMaintenanceWindow,
    ) -> Result<WindowId> {
        const OPERATION: Operation = Operation::CreateMaintenanceWindow;
        let call = window::create(self.ssm.create_maintenance_window(), request)?;
        let output = send!(self, OPERATION, call)?;
        required(output.window_id, OPERATION, "WindowId").map(WindowId::from)
    }

    async fn get_maintenance_window(
        &self,
        request: GetMaintenanceWindow,
    ) -> Result<MaintenanceWindow> {
        let window = &request.window_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindow;
        let call = self.ssm.get_maintenance_window().window_id(window.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn update_maintenance_window(
        &self,
        request: UpdateMaintenanceWindow,
    ) -> Result<MaintenanceWindow> {
        const OPERATION: Operation = Operation::UpdateMaintenanceWindow;
        let call = window::update(self.ssm.update_maintenance_window(), request)?;
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn delete_maintenance_window(&self, request: DeleteMaintenanceWindow) -> Result<()> {
        let window = &request.window_id;

        let call = self
            .ssm
            .delete_maintenance_window()
            .window_id(window.as_str());
        send!(self, Operation::DeleteMaintenanceWindow, call).map(drop)
    }

    async fn describe_maintenance_windows(
        &self,
        request: DescribeMaintenanceWindows,
    ) -> Result<Page<MaintenanceWindowIdentity>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindows;
        let call = self
            .ssm
            .describe_maintenance_windows()
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.window_identities, output.next_token, OPERATION)
    }

    async fn describe_maintenance_windows_for_target(
        &self,
        request: DescribeMaintenanceWindowsForTarget,
    ) -> Result<Page<MaintenanceWindowIdentityForTarget>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowsForTarget;
        let call = self
            .ssm
            .describe_maintenance_windows_for_target()
            .set_targets(always(request.targets)?)
            .resource_type(request.resource_type.as_str().into())
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.window_identities, output.next_token, OPERATION)
    }

    async fn describe_maintenance_window_schedule(
        &self,
        request: DescribeMaintenanceWindowSchedule,
    ) -> Result<Page<ScheduledWindowExecution>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowSchedule;
        let call = self
            .ssm
            .describe_maintenance_window_schedule()
            .set_window_id(request.window_id.convert()?)
            .set_targets(unless_empty(request.targets)?)
            .set_resource_type(request.resource_type.convert()?)
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.scheduled_window_executions,
            output.next_token,
            OPERATION,
        )
    }

    async fn register_target_with_maintenance_window(
        &self,
        request: RegisterTargetWithMaintenanceWindow,
    ) -> Result<WindowTargetId> {
        const OPERATION: Operation = Operation::RegisterTargetWithMaintenanceWindow;
        let call = self.ssm.register_target_with_maintenance_window();
        let call = window::register_target(call, request)?;
        let output = send!(self, OPERATION, call)?;
        required(output.window_target_id, OPERATION, "WindowTargetId").map(WindowTargetId::from)
    }

    async fn update_maintenance_window_target(
        &self,
        request: UpdateMaintenanceWindowTarget,
    ) -> Result<MaintenanceWindowTarget> {
        const OPERATION: Operation = Operation::UpdateMaintenanceWindowTarget;
        let call = window::update_target(self.ssm.update_maintenance_window_target(), request)?;
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn deregister_target_from_maintenance_window(
        &self,
        request: DeregisterTargetFromMaintenanceWindow,
    ) -> Result<()> {
        let window = &request.window_id;
        let target = &request.window_target_id;
        let safe = request.safe;

        let call = self
            .ssm
            .deregister_target_from_maintenance_window()
            .window_id(window.as_str())
            .window_target_id(target.as_str())
            .safe(safe);
        send!(self, Operation::DeregisterTargetFromMaintenanceWindow, call).map(drop)
    }

    async fn describe_maintenance_window_targets(
        &self,
        request: DescribeMaintenanceWindowTargets,
    ) -> Result<Page<MaintenanceWindowTarget>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowTargets;
        let call = self
            .ssm
            .describe_maintenance_window_targets()
            .window_id(request.window_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.targets, output.next_token, OPERATION)
    }

    async fn register_task_with_maintenance_window(
        &self,
        request: RegisterTaskWithMaintenanceWindow,
    ) -> Result<WindowTaskId> {
        const OPERATION: Operation = Operation::RegisterTaskWithMaintenanceWindow;
        let call = self.ssm.register_task_with_maintenance_window();
        let call = window::register_task(call, request)?;
        let output = send!(self, OPERATION, call)?;
        required(output.window_task_id, OPERATION, "WindowTaskId").map(WindowTaskId::from)
    }

    async fn update_maintenance_window_task(
        &self,
        request: UpdateMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        const OPERATION: Operation = Operation::UpdateMaintenanceWindowTask;
        let call = window::update_task(self.ssm.update_maintenance_window_task(), request)?;
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn deregister_task_from_maintenance_window(
        &self,
        request: DeregisterTaskFromMaintenanceWindow,
    ) -> Result<()> {
        let window = &request.window_id;
        let task = &request.window_task_id;

        let call = self
            .ssm
            .deregister_task_from_maintenance_window()
            .window_id(window.as_str())
            .window_task_id(task.as_str());
        send!(self, Operation::DeregisterTaskFromMaintenanceWindow, call).map(drop)
    }

    async fn get_maintenance_window_task(
        &self,
        request: GetMaintenanceWindowTask,
    ) -> Result<MaintenanceWindowTaskDetail> {
        let window = &request.window_id;
        let task = &request.window_task_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowTask;
        let call = self
            .ssm
            .get_maintenance_window_task()
            .window_id(window.as_str())
            .window_task_id(task.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn describe_maintenance_window_tasks(
        &self,
        request: DescribeMaintenanceWindowTasks,
    ) -> Result<Page<MaintenanceWindowTask>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowTasks;
        let call = self
            .ssm
            .describe_maintenance_window_tasks()
            .window_id(request.window_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.tasks, output.next_token, OPERATION)
    }
}
