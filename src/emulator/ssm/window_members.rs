//! The operations of MaintenanceWindowStore on the targets and tasks of a window.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filtered;
use super::windows::OneWindow;
use crate::backend::{
    DescribeMaintenanceWindowTargets, DescribeMaintenanceWindowTasks, MaintenanceWindowStore,
};
use crate::emulator::request::{Request, listing, output};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::schedule::window::{
    RegisterTargetWithMaintenanceWindow, RegisterTaskWithMaintenanceWindow,
    UpdateMaintenanceWindowTarget, UpdateMaintenanceWindowTask,
};
use crate::types::{WindowId, WindowTargetId, WindowTaskId};

/// Answers an operation on targets or tasks, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "RegisterTargetWithMaintenanceWindow" => register_target(backend, request).await,
        "UpdateMaintenanceWindowTarget" => update_target(backend, request).await,
        "DeregisterTargetFromMaintenanceWindow" => deregister_target(backend, request).await,
        "DescribeMaintenanceWindowTargets" => describe_targets(backend, request).await,
        "RegisterTaskWithMaintenanceWindow" => register_task(backend, request).await,
        "UpdateMaintenanceWindowTask" => update_task(backend, request).await,
        "DeregisterTaskFromMaintenanceWindow" => deregister_task(backend, request).await,
        "GetMaintenanceWindowTask" => get_task(backend, request).await,
        "DescribeMaintenanceWindowTasks" => describe_tasks(backend, request).await,
        _ => return None,
    })
}

async fn register_target(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let register: RegisterTargetWithMaintenanceWindow =
        request.input(&["WindowId", "ResourceType", "Targets"])?;
    let id = backend
        .register_target_with_maintenance_window(register)
        .await?;
    Ok(json!({ "WindowTargetId": id }))
}

async fn update_target(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let update: UpdateMaintenanceWindowTarget = request.input(&["WindowId", "WindowTargetId"])?;
    output(&backend.update_maintenance_window_target(update).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneTarget {
    window_id: WindowId,
    window_target_id: WindowTargetId,
    #[serde(default)]
    safe: bool,
}

async fn deregister_target(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: OneTarget = request.input(&["WindowId", "WindowTargetId"])?;
    backend
        .deregister_target_from_maintenance_window(&of.window_id, &of.window_target_id, of.safe)
        .await?;
    Ok(json!({ "WindowId": of.window_id, "WindowTargetId": of.window_target_id }))
}

async fn describe_targets(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let window = OneWindow::of(request)?;
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindowTargets::new(window, filters, page);
    listing(
        "Targets",
        &backend
            .describe_maintenance_window_targets(describe)
            .await?,
    )
}

async fn register_task(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let register: RegisterTaskWithMaintenanceWindow =
        request.input(&["WindowId", "TaskArn", "TaskType"])?;
    let id = backend
        .register_task_with_maintenance_window(register)
        .await?;
    Ok(json!({ "WindowTaskId": id }))
}

async fn update_task(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let update: UpdateMaintenanceWindowTask = request.input(&["WindowId", "WindowTaskId"])?;
    output(&backend.update_maintenance_window_task(update).await?)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneTask {
    window_id: WindowId,
    window_task_id: WindowTaskId,
}

async fn deregister_task(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: OneTask = request.input(&["WindowId", "WindowTaskId"])?;
    backend
        .deregister_task_from_maintenance_window(&of.window_id, &of.window_task_id)
        .await?;
    Ok(json!({ "WindowId": of.window_id, "WindowTaskId": of.window_task_id }))
}

async fn get_task(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: OneTask = request.input(&["WindowId", "WindowTaskId"])?;
    output(
        &backend
            .get_maintenance_window_task(&of.window_id, &of.window_task_id)
            .await?,
    )
}

async fn describe_tasks(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let window = OneWindow::of(request)?;
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindowTasks::new(window, filters, page);
    listing(
        "Tasks",
        &backend.describe_maintenance_window_tasks(describe).await?,
    )
}
