//! The operations of MaintenanceWindowHistory.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filtered;
use super::windows::OneWindow;
use crate::backend::{
    DescribeMaintenanceWindowExecutionTaskInvocations, DescribeMaintenanceWindowExecutionTasks,
    DescribeMaintenanceWindowExecutions, MaintenanceWindowHistory,
};
use crate::emulator::request::{Request, listing, output};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::WindowExecutionId;

/// Answers an operation on the runs of windows, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "DescribeMaintenanceWindowExecutions" => describe(backend, request).await,
        "GetMaintenanceWindowExecution" => get(backend, request).await,
        "DescribeMaintenanceWindowExecutionTasks" => describe_tasks(backend, request).await,
        "GetMaintenanceWindowExecutionTask" => get_task(backend, request).await,
        "DescribeMaintenanceWindowExecutionTaskInvocations" => {
            describe_invocations(backend, request).await
        }
        "GetMaintenanceWindowExecutionTaskInvocation" => get_invocation(backend, request).await,
        "CancelMaintenanceWindowExecution" => cancel(backend, request).await,
        _ => return None,
    })
}

async fn describe(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let window = OneWindow::of(request)?;
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindowExecutions::new(window, filters, page);
    listing(
        "WindowExecutions",
        &backend
            .describe_maintenance_window_executions(describe)
            .await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneExecution {
    window_execution_id: WindowExecutionId,
}

impl OneExecution {
    fn of(request: &Request) -> Result<WindowExecutionId> {
        let of: Self = request.input(&["WindowExecutionId"])?;
        Ok(of.window_execution_id)
    }
}

async fn get(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let execution = OneExecution::of(request)?;
    output(&backend.get_maintenance_window_execution(&execution).await?)
}

async fn cancel(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let execution = OneExecution::of(request)?;
    backend
        .cancel_maintenance_window_execution(&execution)
        .await?;
    Ok(json!({ "WindowExecutionId": execution }))
}

async fn describe_tasks(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let execution = OneExecution::of(request)?;
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindowExecutionTasks::new(execution, filters, page);
    listing(
        "WindowExecutionTaskIdentities",
        &backend
            .describe_maintenance_window_execution_tasks(describe)
            .await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneTask {
    window_execution_id: WindowExecutionId,
    task_id: String,
}

impl OneTask {
    fn of(request: &Request) -> Result<Self> {
        request.input(&["WindowExecutionId", "TaskId"])
    }
}

async fn get_task(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of = OneTask::of(request)?;
    output(
        &backend
            .get_maintenance_window_execution_task(&of.window_execution_id, &of.task_id)
            .await?,
    )
}

async fn describe_invocations(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of = OneTask::of(request)?;
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindowExecutionTaskInvocations::new(
        of.window_execution_id,
        of.task_id,
        filters,
        page,
    );
    listing(
        "WindowExecutionTaskInvocationIdentities",
        &backend
            .describe_maintenance_window_execution_task_invocations(describe)
            .await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneInvocation {
    window_execution_id: WindowExecutionId,
    task_id: String,
    invocation_id: String,
}

async fn get_invocation(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: OneInvocation = request.input(&["WindowExecutionId", "TaskId", "InvocationId"])?;
    output(
        &backend
            .get_maintenance_window_execution_task_invocation(
                &of.window_execution_id,
                &of.task_id,
                &of.invocation_id,
            )
            .await?,
    )
}
