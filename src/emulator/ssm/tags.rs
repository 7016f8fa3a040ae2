//! The tags that Systems Manager keeps: those of hybrid nodes, baselines, windows and
//! associations.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::backend::{AssociationStore, BaselineStore, MaintenanceWindowStore, NodeInventory};
use crate::emulator::request::{Request, member};
use crate::emulator::service::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::MemoryBackend;
use crate::types::{NodeId, Tag};

/// Answers an operation on tags, or says that it is none.
pub(super) async fn answer(
    service: &Service,
    operation: &str,
    request: &Request,
) -> Option<Result<Value>> {
    Some(match operation {
        "AddTagsToResource" => add(service, request).await,
        "RemoveTagsFromResource" => remove(service, request).await,
        "ListTagsForResource" => list(service, request).await,
        _ => return None,
    })
}

/// What carries the tags.
enum Resource {
    Node(NodeId),
    /// One whose tags the emulator keeps itself, by this id.
    Kept(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    resource_type: String,
    resource_id: String,
}

impl Resource {
    /// The resource that a request names. EC2 keeps the tags of its instances, so those are unknown here.
    async fn of(service: &Service, request: &Request) -> Result<Self> {
        let named: Named = request.input(&["ResourceType", "ResourceId"])?;
        match named.resource_type.as_str() {
            "ManagedInstance" => {
                let node = NodeId::from(named.resource_id);
                if node.is_hybrid() {
                    Ok(Self::Node(node))
                } else {
                    Err(refused("InvalidResourceId"))
                }
            }
            "PatchBaseline" | "MaintenanceWindow" | "Association" => {
                let known = is_known(&service.backend, &named).await;
                known.map_err(|error| match error.kind() {
                    ErrorKind::NotFound => refused("InvalidResourceId"),
                    _ => error,
                })?;
                if named.resource_type == "Association" {
                    enter_first_tags(service, &named.resource_id);
                }
                Ok(Self::Kept(named.resource_id))
            }
            _ => Err(refused("InvalidResourceType")),
        }
    }
}

async fn is_known(backend: &MemoryBackend, named: &Named) -> Result<()> {
    let id = named.resource_id.as_str();
    match named.resource_type.as_str() {
        "PatchBaseline" => backend.get_patch_baseline(&id.into()).await.map(drop),
        "MaintenanceWindow" => backend.get_maintenance_window(&id.into()).await.map(drop),
        _ => backend.describe_association(&id.into()).await.map(drop),
    }
}

/// The backend keeps the tags that an association is made with. No client token leads back to an
/// association whose making was never answered, so its tags must be there by then.
fn enter_first_tags(service: &Service, association: &str) {
    let made_with = service
        .backend
        .first_tags_of_association(&association.into());
    service.first_tags(association, made_with);
}

fn refused(code: &str) -> Error {
    Error::service(ErrorKind::InvalidInput, code, "")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Given {
    tags: Vec<Tag>,
}

async fn add(service: &Service, request: &Request) -> Result<Value> {
    request.require(&["ResourceType", "ResourceId", "Tags"])?;
    let Given { tags } = request.input(&["Tags"])?;
    match Resource::of(service, request).await? {
        Resource::Node(node) => service.backend.add_tags(&node, &tags).await?,
        Resource::Kept(id) => {
            let mut kept = service.resource_tags();
            let kept = kept.entry(id).or_default();
            kept.retain(|known| tags.iter().all(|tag| tag.key != known.key));
            kept.extend(tags);
        }
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Taken {
    tag_keys: Vec<String>,
}

async fn remove(service: &Service, request: &Request) -> Result<Value> {
    request.require(&["ResourceType", "ResourceId", "TagKeys"])?;
    let Taken { tag_keys } = request.input(&["TagKeys"])?;
    match Resource::of(service, request).await? {
        Resource::Node(node) => service.backend.remove_tags(&node, &tag_keys).await?,
        Resource::Kept(id) => {
            let mut kept = service.resource_tags();
            let kept = kept.entry(id).or_default();
            kept.retain(|tag| !tag_keys.contains(&tag.key));
        }
    }
    Ok(json!({}))
}

async fn list(service: &Service, request: &Request) -> Result<Value> {
    let tags = match Resource::of(service, request).await? {
        Resource::Node(node) => service.backend.list_tags(&node).await?,
        Resource::Kept(id) => service
            .resource_tags()
            .get(&id)
            .cloned()
            .unwrap_or_default(),
    };
    member("TagList", &tags)
}
