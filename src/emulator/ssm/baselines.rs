//! The operations of BaselineStore.

use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filtered;
use crate::backend::{
    BaselineStore, CreatePatchBaseline, DescribePatchBaselines, UpdatePatchBaseline,
};
use crate::baseline::{BaselineChanges, BaselineSpec};
use crate::emulator::request::{Request, listing, output};
use crate::emulator::service::Service;
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::{BaselineId, OperatingSystem};

/// Answers an operation on baselines, or says that it is none.
pub(super) async fn answer(
    service: &Service,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    let backend = &service.backend;
    Some(match operation {
        "CreatePatchBaseline" => create(service, request).await,
        "UpdatePatchBaseline" => update(backend, request).await,
        "GetPatchBaseline" => get(backend, request).await,
        "DeletePatchBaseline" => delete(service, request).await,
        "DescribePatchBaselines" => describe(backend, request).await,
        "GetDefaultPatchBaseline" => get_default(backend, request).await,
        "RegisterDefaultPatchBaseline" => register_default(backend, request).await,
        _ => return None,
    })
}

/// The input of operations on one baseline.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneBaseline {
    baseline_id: BaselineId,
}

impl OneBaseline {
    /// The baseline that a request names.
    pub(super) fn of(request: &Request) -> Result<BaselineId> {
        let Self { baseline_id } = request.input(&["BaselineId"])?;
        Ok(baseline_id)
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Repeatable {
    client_token: Option<String>,
}

async fn create(service: &Service, request: &Request) -> Result<Value> {
    let spec: BaselineSpec = request.input(&["Name"])?;
    let Repeatable { client_token } = request.input(&[])?;
    let tags = spec.tags.clone();
    let mut create = CreatePatchBaseline::new(spec);
    create.client_token = client_token;
    let id = service.backend.create_patch_baseline(create).await?;
    service.first_tags(id.as_str(), tags);
    Ok(json!({ "BaselineId": id }))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Replacement {
    replace: bool,
}

async fn update(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let baseline_id = OneBaseline::of(request)?;
    let changes: BaselineChanges = request.input(&[])?;
    let Replacement { replace } = request.input(&[])?;
    let mut update = UpdatePatchBaseline::new(baseline_id, changes);
    update.replace = replace;
    output(&backend.update_patch_baseline(update).await?)
}

async fn get(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let id = OneBaseline::of(request)?;
    output(&backend.get_patch_baseline(&id).await?)
}

async fn delete(service: &Service, request: &Request) -> Result<Value> {
    let id = OneBaseline::of(request)?;
    service.backend.delete_patch_baseline(&id).await?;
    service.resource_tags().remove(id.as_str());
    Ok(json!({ "BaselineId": id }))
}

async fn describe(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribePatchBaselines::new(filters, page);
    let page = backend.describe_patch_baselines(describe).await?;
    listing("BaselineIdentities", &page)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct OneSystem {
    operating_system: Option<OperatingSystem>,
}

async fn get_default(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let OneSystem { operating_system } = request.input(&[])?;
    output(&backend.get_default_patch_baseline(operating_system).await?)
}

async fn register_default(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let id = OneBaseline::of(request)?;
    let id = backend.register_default_patch_baseline(&id).await?;
    Ok(json!({ "BaselineId": id }))
}
