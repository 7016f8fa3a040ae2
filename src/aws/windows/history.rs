use async_trait::async_trait;

use crate::aws::convert;
use crate::aws::convert::member::{answer, listing, unless_empty};
use crate::aws::{AwsBackend, send};
use crate::backend::{
    CancelMaintenanceWindowExecution, DescribeMaintenanceWindowExecutionTaskInvocations,
    DescribeMaintenanceWindowExecutionTasks, DescribeMaintenanceWindowExecutions,
    GetMaintenanceWindowExecution, GetMaintenanceWindowExecutionTask,
    GetMaintenanceWindowExecutionTaskInvocation, MaintenanceWindowHistory, Operation,
};
use crate::error::Result;
use crate::page::Page;
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionTask,
    MaintenanceWindowExecutionTaskIdentity, MaintenanceWindowExecutionTaskInvocation,
};

#[async_trait]
impl MaintenanceWindowHistory for AwsBackend {
    async fn describe_maintenance_window_executions(
        &self,
        request: DescribeMaintenanceWindowExecutions,
    ) -> Result<Page<MaintenanceWindowExecution>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowExecutions;
        let call = self
            .ssm
            .describe_maintenance_window_executions()
            .window_id(request.window_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(output.window_executions, output.next_token, OPERATION)
    }

    async fn get_maintenance_window_execution(
        &self,
        request: GetMaintenanceWindowExecution,
    ) -> Result<MaintenanceWindowExecutionDetail> {
        let execution = &request.window_execution_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowExecution;
        let call = self
            .ssm
            .get_maintenance_window_execution()
            .window_execution_id(execution.as_str());
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn describe_maintenance_window_execution_tasks(
        &self,
        request: DescribeMaintenanceWindowExecutionTasks,
    ) -> Result<Page<MaintenanceWindowExecutionTaskIdentity>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowExecutionTasks;
        let call = self
            .ssm
            .describe_maintenance_window_execution_tasks()
            .window_execution_id(request.window_execution_id.as_str())
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.window_execution_task_identities,
            output.next_token,
            OPERATION,
        )
    }

    async fn get_maintenance_window_execution_task(
        &self,
        request: GetMaintenanceWindowExecutionTask,
    ) -> Result<MaintenanceWindowExecutionTask> {
        let execution = &request.window_execution_id;
        let task = &request.task_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowExecutionTask;
        let call = self
            .ssm
            .get_maintenance_window_execution_task()
            .window_execution_id(execution.as_str())
            .task_id(task);
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn describe_maintenance_window_execution_task_invocations(
        &self,
        request: DescribeMaintenanceWindowExecutionTaskInvocations,
    ) -> Result<Page<MaintenanceWindowExecutionTaskInvocation>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowExecutionTaskInvocations;
        let call = self
            .ssm
            .describe_maintenance_window_execution_task_invocations()
            .window_execution_id(request.window_execution_id.as_str())
            .task_id(request.task_id)
            .set_filters(unless_empty(request.filters)?)
            .set_max_results(convert::limit(&request.page))
            .set_next_token(convert::token(&request.page));
        let output = send!(self, OPERATION, call)?;
        listing(
            output.window_execution_task_invocation_identities,
            output.next_token,
            OPERATION,
        )
    }

    async fn get_maintenance_window_execution_task_invocation(
        &self,
        request: GetMaintenanceWindowExecutionTaskInvocation,
    ) -> Result<MaintenanceWindowExecutionTaskInvocation> {
        let execution = &request.window_execution_id;
        let task = &request.task_id;
        let invocation = &request.invocation_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowExecutionTaskInvocation;
        let call = self
            .ssm
            .get_maintenance_window_execution_task_invocation()
            .window_execution_id(execution.as_str())
            .task_id(task)
            .invocation_id(invocation);
        answer(send!(self, OPERATION, call)?, OPERATION)
    }

    async fn cancel_maintenance_window_execution(
        &self,
        request: CancelMaintenanceWindowExecution,
    ) -> Result<()> {
        let execution = &request.window_execution_id;

        let call = self
            .ssm
            .cancel_maintenance_window_execution()
            .window_execution_id(execution.as_str());
        send!(self, Operation::CancelMaintenanceWindowExecution, call).map(drop)
    }
}
