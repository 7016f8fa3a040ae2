//! The operations of AssociationStore.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::backend::{
    AssociationStore, DescribeAssociationExecutionTargets, DescribeAssociationExecutions,
    ListAssociations,
};
use crate::emulator::request::{Request, listing, member};
use crate::emulator::service::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::MemoryBackend;
use crate::page::PageRequest;
use crate::schedule::association::{
    AssociationExecutionFilter, AssociationExecutionTargetsFilter, AssociationFilter,
    CreateAssociation, UpdateAssociation,
};
use crate::types::{AssociationId, NodeId};

/// Answers an operation on associations, or says that it is none.
pub(super) async fn answer(
    service: &Service,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    let backend = &service.backend;
    Some(match operation {
        "CreateAssociation" => create(&service.backend, request).await,
        "UpdateAssociation" => update(backend, request).await,
        "DeleteAssociation" => delete(service, request).await,
        "DescribeAssociation" => describe(backend, request).await,
        "ListAssociations" => list(backend, request).await,
        "ListAssociationVersions" => list_versions(backend, request).await,
        "StartAssociationsOnce" => start_once(backend, request).await,
        "DescribeAssociationExecutions" => describe_executions(backend, request).await,
        "DescribeAssociationExecutionTargets" => describe_execution_targets(backend, request).await,
        "DescribeEffectiveInstanceAssociations" => describe_effective(backend, request).await,
        "DescribeInstanceAssociationsStatus" => describe_status(backend, request).await,
        _ => return None,
    })
}

async fn create(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let create: CreateAssociation = request.input(&["Name"])?;
    member(
        "AssociationDescription",
        &backend.create_association(create).await?,
    )
}

async fn update(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let update: UpdateAssociation = request.input(&["AssociationId"])?;
    member(
        "AssociationDescription",
        &backend.update_association(update).await?,
    )
}

/// How a request names an association: by its id, or else by document and node.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct OneAssociation {
    association_id: Option<AssociationId>,
    name: Option<String>,
    instance_id: Option<NodeId>,
}

impl OneAssociation {
    async fn of(backend: &MemoryBackend, request: &Request) -> Result<AssociationId> {
        let named: Self = request.input(&[])?;
        if let Some(id) = named.association_id {
            return Ok(id);
        }
        let (Some(name), Some(node)) = (named.name, named.instance_id) else {
            return request
                .input::<OnlyId>(&["AssociationId"])
                .map(|of| of.association_id);
        };
        let filters = vec![
            AssociationFilter::new("Name", name),
            AssociationFilter::new("InstanceId", node.as_str()),
        ];
        let found = backend
            .list_associations(ListAssociations::new(filters, PageRequest::first()))
            .await?;
        let first = found.items.into_iter().next();
        first
            .and_then(|association| association.association_id)
            .ok_or_else(|| Error::service(ErrorKind::NotFound, "AssociationDoesNotExist", ""))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnlyId {
    association_id: AssociationId,
}

async fn delete(service: &Service, request: &Request) -> Result<Value> {
    let id = OneAssociation::of(&service.backend, request).await?;
    service.backend.delete_association(&id).await?;
    service.resource_tags().remove(id.as_str());
    Ok(json!({}))
}

async fn describe(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    request.refuse(&["AssociationVersion"])?;
    let id = OneAssociation::of(backend, request).await?;
    member(
        "AssociationDescription",
        &backend.describe_association(&id).await?,
    )
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    association_filter_list: Vec<AssociationFilter>,
}

async fn list(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let Listed {
        association_filter_list: filters,
    } = request.input(&[])?;
    let page = request.page("MaxResults", "NextToken")?;
    listing(
        "Associations",
        &backend
            .list_associations(ListAssociations::new(filters, page))
            .await?,
    )
}

async fn list_versions(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let OnlyId { association_id } = request.input(&["AssociationId"])?;
    let page = request.page("MaxResults", "NextToken")?;
    listing(
        "AssociationVersions",
        &backend
            .list_association_versions(&association_id, page)
            .await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Started {
    association_ids: Vec<AssociationId>,
}

async fn start_once(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let Started { association_ids } = request.input(&["AssociationIds"])?;
    backend.start_associations_once(&association_ids).await?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Executions {
    association_id: AssociationId,
    #[serde(default)]
    filters: Vec<AssociationExecutionFilter>,
}

async fn describe_executions(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: Executions = request.input(&["AssociationId"])?;
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeAssociationExecutions::new(of.association_id, of.filters, page);
    listing(
        "AssociationExecutions",
        &backend.describe_association_executions(describe).await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ExecutionTargets {
    association_id: AssociationId,
    execution_id: String,
    #[serde(default)]
    filters: Vec<AssociationExecutionTargetsFilter>,
}

async fn describe_execution_targets(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let of: ExecutionTargets = request.input(&["AssociationId", "ExecutionId"])?;
    let page = request.page("MaxResults", "NextToken")?;
    let describe = DescribeAssociationExecutionTargets::new(
        of.association_id,
        of.execution_id,
        of.filters,
        page,
    );
    listing(
        "AssociationExecutionTargets",
        &backend
            .describe_association_execution_targets(describe)
            .await?,
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneNode {
    instance_id: NodeId,
}

async fn describe_effective(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let OneNode { instance_id } = request.input(&["InstanceId"])?;
    let page = request.page("MaxResults", "NextToken")?;
    listing(
        "Associations",
        &backend
            .describe_effective_instance_associations(&instance_id, page)
            .await?,
    )
}

async fn describe_status(backend: &MemoryBackend, request: &Request) -> Result<Value> {
    let OneNode { instance_id } = request.input(&["InstanceId"])?;
    let page = request.page("MaxResults", "NextToken")?;
    listing(
        "InstanceAssociationStatusInfos",
        &backend
            .describe_instance_associations_status(&instance_id, page)
            .await?,
    )
}
