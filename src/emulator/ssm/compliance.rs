//! The operations of ComplianceSource.

use serde::Deserialize;
use serde_json::Value;

use super::filter::{Comparison, Filtered};
use crate::backend::{
    ComplianceSource, DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches,
    ListCompliance,
};
use crate::emulator::error::invalid;
use crate::emulator::request::{Request, listing, output};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::memory::MemoryBackend;
use crate::types::{NodeId, PatchStateFilter};

/// Answers an operation on patch states and compliance, or says that it is none.
pub(super) async fn answer(
    backend: &MemoryBackend,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "DescribeInstancePatchStates" => states(backend, request).await,
        "DescribeInstancePatchStatesForPatchGroup" => states_of_group(backend, request).await,
        "DescribeInstancePatches" => patches(backend, request).await,
        "DescribePatchGroupState" => group_state(backend, request).await,
        "ListComplianceItems" => items(backend, request).await,
        "ListComplianceSummaries" => summaries(backend, request).await,
        "ListResourceComplianceSummaries" => resource_summaries(backend, request).await,
        _ => return None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Nodes {
    instance_ids: Vec<NodeId>,
}

async fn states(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let Nodes { instance_ids } = request.input(&["InstanceIds"])?;
    let page = request.page("MaxResults", "NextToken")?;
    let page = backend
        .describe_instance_patch_states(&instance_ids, page)
        .await?;
    listing("InstancePatchStates", &page)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneGroup {
    patch_group: PatchGroup,
    #[serde(default)]
    filters: Vec<PatchStateFilter>,
}

async fn states_of_group(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let asked: OneGroup = request.input(&["PatchGroup"])?;
    let page = request.page("MaxResults", "NextToken")?;
    let describe =
        DescribeInstancePatchStatesForPatchGroup::new(asked.patch_group, asked.filters, page);
    let page = backend
        .describe_instance_patch_states_for_patch_group(describe)
        .await?;
    listing("InstancePatchStates", &page)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneNode {
    instance_id: NodeId,
}

async fn patches(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let OneNode { instance_id } = request.input(&["InstanceId"])?;
    let filters = request.input::<Filtered>(&[])?.filters();
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeInstancePatches::new(instance_id, filters, page);
    listing(
        "Patches",
        &backend.describe_instance_patches(describe).await?,
    )
}

async fn group_state(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let OneGroup { patch_group, .. } = request.input(&["PatchGroup"])?;
    output(&backend.describe_patch_group_state(&patch_group).await?)
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Compared {
    filters: Vec<Comparison>,
    resource_ids: Vec<NodeId>,
    resource_types: Vec<String>,
}

impl Compared {
    fn of(request: &Request) -> Result<(ListCompliance, Vec<NodeId>)> {
        let compared: Self = request.input(&[])?;
        let nodes_only = compared
            .resource_types
            .iter()
            .all(|kind| kind == "ManagedInstance");
        if !nodes_only {
            let code = "InvalidResourceType";
            return Err(Error::service(ErrorKind::InvalidInput, code, ""));
        }
        let filters = compared.filters.into_iter().map(Into::into).collect();
        let page = request.page("MaxResults", "NextToken")?;
        Ok((ListCompliance::new(filters, page), compared.resource_ids))
    }
}

/// The service documents that it takes one resource at a time.
async fn items(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let (list, nodes) = Compared::of(request)?;
    let [node] = nodes.as_slice() else {
        return Err(invalid("ResourceIds takes exactly one node"));
    };
    listing(
        "ComplianceItems",
        &backend.list_compliance_items(node, list).await?,
    )
}

async fn summaries(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let (list, _) = Compared::of(request)?;
    listing(
        "ComplianceSummaryItems",
        &backend.list_compliance_summaries(list).await?,
    )
}

async fn resource_summaries(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let (list, _) = Compared::of(request)?;
    listing(
        "ResourceComplianceSummaryItems",
        &backend.list_resource_compliance_summaries(list).await?,
    )
}
