//! The tags of EC2 instances.

use super::form::Form;
use super::missing;
use super::network::page_of;
use crate::backend::{CreateTags, DeleteTags, DeletedTag, DescribeTags, NodeInventory};
use crate::emulator::xml::Node;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::MemoryBackend;
use crate::types::{NodeId, Tag, TagDescription};

type Members = Vec<(&'static str, Node)>;

/// Lists tags by resource, key and value.
pub(super) async fn describe(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = DescribeTags::new(form.filters()?, form.page()?);
    let page = backend.describe_tags(request).await?;
    Ok(page_of("tagSet", page, described))
}

fn described(tag: &TagDescription) -> Node {
    Node::Members(vec![
        ("resourceId", Node::text(&tag.resource_id)),
        ("resourceType", Node::text(&tag.resource_type)),
        ("key", Node::text(&tag.key)),
        ("value", Node::text(&tag.value)),
    ])
}

/// Sets tags of instances.
pub(super) async fn create(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let resources = resources(form)?;
    let tags: Vec<Tag> = given(form)
        .into_iter()
        .map(|tag| Tag::new(tag.key, tag.value.unwrap_or_default()))
        .collect();
    if tags.is_empty() {
        return Err(missing("tagSet"));
    }
    backend.create_tags(CreateTags::of(resources, tags)).await?;
    Ok(done())
}

/// Removes tags of instances: by key, by key and value, or all if none is named.
pub(super) async fn delete(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = DeleteTags::of(resources(form)?, given(form));
    backend.delete_tags(request).await?;
    Ok(done())
}

/// The tags of a form; for DeleteTags an absent value differs from an empty one.
fn given(form: &Form) -> Vec<DeletedTag> {
    let tag = |number: u32| {
        let key = form.text(&format!("Tag.{number}.Key")).unwrap_or_default();
        let value = form.text(&format!("Tag.{number}.Value"));
        DeletedTag::new(key, value.map(str::to_owned))
    };
    form.numbers("Tag").into_iter().map(tag).collect()
}

fn resources(form: &Form) -> Result<Vec<NodeId>> {
    let ids = form.list("ResourceId");
    if ids.is_empty() {
        return Err(missing("resourceIdSet"));
    }
    for id in &ids {
        if !id.starts_with("i-") {
            let message = format!("The ID '{id}' is not valid: this emulator tags instances only");
            return Err(Error::service(ErrorKind::NotFound, "InvalidID", message));
        }
    }
    Ok(ids.into_iter().map(NodeId::from).collect())
}

fn done() -> Members {
    vec![("return", Node::text(true))]
}
