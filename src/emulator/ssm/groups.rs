//! The operations of PatchGroupRegistry.

use serde::Deserialize;
use serde_json::Value;

use super::filter::Filtered;
use crate::backend::{DescribePatchGroups, PatchGroupRegistry};
use crate::emulator::request::{Request, listing, output};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::memory::MemoryBackend;
use crate::types::{BaselineId, OperatingSystem};

/// Answers an operation on patch groups, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "RegisterPatchBaselineForPatchGroup" => register(backend, request).await,
        "DeregisterPatchBaselineForPatchGroup" => deregister(backend, request).await,
        "GetPatchBaselineForPatchGroup" => get(backend, request).await,
        "DescribePatchGroups" => describe(backend, request).await,
        _ => return None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding {
    baseline_id: BaselineId,
    patch_group: PatchGroup,
}

async fn register(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let binding: Binding = request.input(&["BaselineId", "PatchGroup"])?;
    output(
        &backend
            .register_patch_baseline_for_patch_group(&binding.baseline_id, &binding.patch_group)
            .await?,
    )
}

async fn deregister(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let binding: Binding = request.input(&["BaselineId", "PatchGroup"])?;
    output(
        &backend
            .deregister_patch_baseline_for_patch_group(&binding.baseline_id, &binding.patch_group)
            .await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneGroup {
    patch_group: PatchGroup,
    operating_system: Option<OperatingSystem>,
}

async fn get(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let group: OneGroup = request.input(&["PatchGroup"])?;
    output(
        &backend
            .get_patch_baseline_for_patch_group(&group.patch_group, group.operating_system)
            .await?,
    )
}

async fn describe(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribePatchGroups::new(filters, page);
    listing("Mappings", &backend.describe_patch_groups(describe).await?)
}
