//! The operations of MaintenanceWindowStore.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filtered;
use crate::backend::{
    DescribeMaintenanceWindowSchedule, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, MaintenanceWindowStore,
};
use crate::emulator::request::{Request, listing, output};
use crate::emulator::service::Service;
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowResourceType, UpdateMaintenanceWindow,
};
use crate::types::{Target, WindowId};

/// Answers an operation on maintenance windows, or says that it is none.
pub(super) async fn answer(
    service: &Service,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    let backend = &service.backend;
    Some(match operation {
        "CreateMaintenanceWindow" => create(service, request).await,
        "GetMaintenanceWindow" => get(backend, request).await,
        "UpdateMaintenanceWindow" => update(backend, request).await,
        "DeleteMaintenanceWindow" => delete(service, request).await,
        "DescribeMaintenanceWindows" => describe(backend, request).await,
        "DescribeMaintenanceWindowsForTarget" => describe_for_target(backend, request).await,
        "DescribeMaintenanceWindowSchedule" => describe_schedule(backend, request).await,
        _ => return None,
    })
}

/// The input of operations on one window.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneWindow {
    window_id: WindowId,
}

impl OneWindow {
    /// The window that a request names.
    pub(super) fn of(request: &Request) -> Result<WindowId> {
        let Self { window_id } = request.input(&["WindowId"])?;
        Ok(window_id)
    }
}

async fn create(service: &Service, request: &Request) -> Result<Value> {
    let create: CreateMaintenanceWindow = request.input(&[
        "Name",
        "Schedule",
        "Duration",
        "Cutoff",
        "AllowUnassociatedTargets",
    ])?;
    let tags = create.tags.clone().unwrap_or_default();
    let id = service.backend.create_maintenance_window(create).await?;
    service.first_tags(id.as_str(), tags);
    Ok(json!({ "WindowId": id }))
}

async fn get(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let id = OneWindow::of(request)?;
    output(&backend.get_maintenance_window(&id).await?)
}

async fn update(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let update: UpdateMaintenanceWindow = request.input(&["WindowId"])?;
    output(&backend.update_maintenance_window(update).await?)
}

async fn delete(service: &Service, request: &Request) -> Result<Value> {
    let id = OneWindow::of(request)?;
    service.backend.delete_maintenance_window(&id).await?;
    service.resource_tags().remove(id.as_str());
    Ok(json!({ "WindowId": id }))
}

async fn describe(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindows::new(filters, page);
    listing(
        "WindowIdentities",
        &backend.describe_maintenance_windows(describe).await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OfTargets {
    targets: Vec<Target>,
    resource_type: MaintenanceWindowResourceType,
}

async fn describe_for_target(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: OfTargets = request.input(&["Targets", "ResourceType"])?;
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeMaintenanceWindowsForTarget::new(of.targets, of.resource_type, page);
    listing(
        "WindowIdentities",
        &backend
            .describe_maintenance_windows_for_target(describe)
            .await?,
    )
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Openings {
    window_id: Option<WindowId>,
    targets: Vec<Target>,
    resource_type: Option<MaintenanceWindowResourceType>,
}

async fn describe_schedule(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let openings: Openings = request.input(&[])?;
    let describe = DescribeMaintenanceWindowSchedule {
        window_id: openings.window_id,
        targets: openings.targets,
        resource_type: openings.resource_type,
        filters: request.input::<Filtered>(&[])?.filters(),
        page: request.page("MaxResults", "NextToken")?,
    };
    listing(
        "ScheduledWindowExecutions",
        &backend
            .describe_maintenance_window_schedule(describe)
            .await?,
    )
}
