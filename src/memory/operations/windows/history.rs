use async_trait::async_trait;

use super::listing::{self, PAGE};
use crate::backend::{
    CancelMaintenanceWindowExecution, DescribeMaintenanceWindowExecutionTaskInvocations,
    DescribeMaintenanceWindowExecutionTasks, DescribeMaintenanceWindowExecutions,
    GetMaintenanceWindowExecution, GetMaintenanceWindowExecutionTask,
    GetMaintenanceWindowExecutionTaskInvocation, MaintenanceWindowHistory, Operation,
};
use crate::error::Result;
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check;
use crate::memory::store::windows::unknown;
use crate::memory::store::windows::{TaskRun, WindowRun};
use crate::page::Page;
use crate::schedule::window::{
    MaintenanceWindowExecution, MaintenanceWindowExecutionDetail, MaintenanceWindowExecutionStatus,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation,
};
use crate::types::QueryFilter;

fn task_of<'a>(operation: Operation, run: &'a WindowRun, id: &str) -> Result<&'a TaskRun> {
    let found = run.tasks.iter().find(|task| task.id == id);
    found.ok_or_else(|| unknown(operation, "Task execution", id))
}

fn has_status(filters: &[QueryFilter], status: Option<&MaintenanceWindowExecutionStatus>) -> bool {
    let status = status.map(|status| status.as_str()).unwrap_or_default();
    listing::passes(filters, "STATUS", status)
}

#[async_trait]
impl MaintenanceWindowHistory for MemoryBackend {
    async fn describe_maintenance_window_executions(
        &self,
        request: DescribeMaintenanceWindowExecutions,
    ) -> Result<Page<MaintenanceWindowExecution>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowExecutions;
        self.call(OPERATION, |state, _| {
            let filters = &request.filters;
            let (after, before) = ("ExecutedAfter", "ExecutedBefore");
            check::filters(OPERATION, filters, &[after, before])?;
            let (earliest, latest) = listing::bounds(OPERATION, filters, after, before)?;
            let runs = state.windows.runs.iter().rev();
            let items = runs
                .filter(|run| run.window == request.window_id)
                .filter(|run| earliest.is_none_or(|earliest| run.started >= earliest))
                .filter(|run| latest.is_none_or(|latest| run.started <= latest))
                .map(WindowRun::listed)
                .collect();
            let key = format!("{} {filters:?}", request.window_id);
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }

    async fn get_maintenance_window_execution(
        &self,
        request: GetMaintenanceWindowExecution,
    ) -> Result<MaintenanceWindowExecutionDetail> {
        let execution = &request.window_execution_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowExecution;
        self.call(OPERATION, |state, _| {
            Ok(state.windows.run(OPERATION, execution)?.1.detail())
        })
        .await
    }

    async fn describe_maintenance_window_execution_tasks(
        &self,
        request: DescribeMaintenanceWindowExecutionTasks,
    ) -> Result<Page<MaintenanceWindowExecutionTaskIdentity>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowExecutionTasks;
        self.call(OPERATION, |state, _| {
            let (id, filters) = (&request.window_execution_id, &request.filters);
            check::filters(OPERATION, filters, &["STATUS"])?;
            let (_, run) = state.windows.run(OPERATION, id)?;
            let tasks = run.tasks.iter().map(|task| task.identity(run));
            let items = tasks
                .filter(|task| has_status(filters, task.status.as_ref()))
                .collect();
            let key = format!("{id} {filters:?}");
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }

    async fn get_maintenance_window_execution_task(
        &self,
        request: GetMaintenanceWindowExecutionTask,
    ) -> Result<MaintenanceWindowExecutionTask> {
        let execution = &request.window_execution_id;
        let task = &request.task_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowExecutionTask;
        self.call(OPERATION, |state, _| {
            let (_, run) = state.windows.run(OPERATION, execution)?;
            Ok(task_of(OPERATION, run, task)?.detail(run))
        })
        .await
    }

    async fn describe_maintenance_window_execution_task_invocations(
        &self,
        request: DescribeMaintenanceWindowExecutionTaskInvocations,
    ) -> Result<Page<MaintenanceWindowExecutionTaskInvocation>> {
        const OPERATION: Operation = Operation::DescribeMaintenanceWindowExecutionTaskInvocations;
        self.call(OPERATION, |state, _| {
            let (id, filters) = (&request.window_execution_id, &request.filters);
            check::filters(OPERATION, filters, &["STATUS"])?;
            let (_, run) = state.windows.run(OPERATION, id)?;
            let task = task_of(OPERATION, run, &request.task_id)?;
            let invocations = task.invocations.iter();
            let items = invocations
                .map(|invocation| invocation.described(run, task))
                .filter(|described| has_status(filters, described.status.as_ref()))
                .collect();
            let key = format!("{id} {} {filters:?}", request.task_id);
            state.page(items, &request.page, OPERATION, PAGE, &key)
        })
        .await
    }

    async fn get_maintenance_window_execution_task_invocation(
        &self,
        request: GetMaintenanceWindowExecutionTaskInvocation,
    ) -> Result<MaintenanceWindowExecutionTaskInvocation> {
        let execution = &request.window_execution_id;
        let task = &request.task_id;
        let invocation = &request.invocation_id;

        const OPERATION: Operation = Operation::GetMaintenanceWindowExecutionTaskInvocation;
        self.call(OPERATION, |state, _| {
            let (_, run) = state.windows.run(OPERATION, execution)?;
            let task = task_of(OPERATION, run, task)?;
            let found = task
                .invocations
                .iter()
                .find(|known| known.id == *invocation);
            found
                .map(|found| found.described(run, task))
                .ok_or_else(|| unknown(OPERATION, "Task invocation", invocation))
        })
        .await
    }

    async fn cancel_maintenance_window_execution(
        &self,
        request: CancelMaintenanceWindowExecution,
    ) -> Result<()> {
        let execution = &request.window_execution_id;

        const OPERATION: Operation = Operation::CancelMaintenanceWindowExecution;
        self.call_engine(OPERATION, |engine, now| {
            let (index, _) = engine.state.windows.run(OPERATION, execution)?;
            engine.cancel_maintenance_window_run(index, now);
            Ok(())
        })
        .await
    }
}
