//! The operations of PatchCatalog.

use serde::Deserialize;
use serde_json::Value;

use super::baselines::OneBaseline;
use super::filter::Filtered;
use crate::backend::{
    DescribeAvailablePatches, DescribePatchProperties, PatchCatalog, PatchProperty, PatchSet,
};
use crate::emulator::request::{Request, listing};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::OperatingSystem;

/// Members of [`Patch`](crate::types::Patch) that the service's shape does not have.
const OUR_OWN: [&str; 3] = ["Priority", "Section", "Supersedes"];

/// Answers an operation on the catalogue, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "DescribeAvailablePatches" => available(backend, request).await,
        "DescribePatchProperties" => properties(backend, request).await,
        "DescribeEffectivePatchesForPatchBaseline" => effective(backend, request).await,
        _ => return None,
    })
}

async fn available(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeAvailablePatches::new(filters, page);
    let mut answer = listing(
        "Patches",
        &backend.describe_available_patches(describe).await?,
    )?;
    let patches = answer.get_mut("Patches").and_then(Value::as_array_mut);
    patches.into_iter().flatten().for_each(as_the_service);
    Ok(answer)
}

fn as_the_service(patch: &mut Value) {
    if let Some(members) = patch.as_object_mut() {
        members.retain(|name, _| !OUR_OWN.contains(&name.as_str()));
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    operating_system: OperatingSystem,
    property: PatchProperty,
    patch_set: Option<PatchSet>,
}

async fn properties(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let asked: Properties = request.input(&["OperatingSystem", "Property"])?;
    let page = request.page("MaxResults", "NextToken")?;
    let mut describe =
        DescribePatchProperties::new(asked.operating_system, asked.property).with_page(page);
    describe.patch_set = asked.patch_set;
    listing(
        "Properties",
        &backend.describe_patch_properties(describe).await?,
    )
}

async fn effective(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let baseline = OneBaseline::of(request)?;
    let page = request.page("MaxResults", "NextToken")?;
    let page = backend
        .describe_effective_patches_for_patch_baseline(&baseline, page)
        .await?;
    let mut answer = listing("EffectivePatches", &page)?;
    let patches = answer
        .get_mut("EffectivePatches")
        .and_then(Value::as_array_mut);
    for effective in patches.into_iter().flatten() {
        effective
            .get_mut("Patch")
            .into_iter()
            .for_each(as_the_service);
    }
    Ok(answer)
}
