//! The tags of EC2 instances.

use super::form::Form;
use super::xml::Node;
use super::{listing, missing, refused};
use crate::backend::NodeInventory;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::{Bounds, MemoryBackend, page};
use crate::types::{NodeId, QueryFilter, Tag};

const OPERATION: &str = "DescribeTags";

/// The bounds of its pages, by the documentation of EC2's API.
const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);

type Members = Vec<(&'static str, Node)>;

/// Lists tags by resource, key and value.
pub(super) async fn describe(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let filters = form.filters();
    let asked = form.page()?;
    for filter in &filters {
        if !["resource-id", "resource-type", "key", "value"].contains(&filter.key.as_str()) {
            let told = format!("The filter '{}' is invalid", filter.key);
            return Err(refused("InvalidParameterValue", told));
        }
    }
    let mut found = Vec::new();
    for node in concerned(backend, &filters).await? {
        let tags = backend.list_tags(&node).await?;
        found.extend(tags.into_iter().map(|tag| (node.clone(), tag)));
    }
    found.retain(|(node, tag)| filters.iter().all(|filter| passes(node, tag, filter)));
    let page = page(
        found,
        &asked,
        OPERATION,
        BOUNDS,
        &format!("{filters:?}"),
        None,
    )?;
    let items = page.items.iter().map(described).collect();
    let token = page.next_token.map(|token| token.to_string());
    Ok(listing("tagSet", items, token))
}

/// The instances that the filters name, else all. Systems Manager keeps the tags of hybrid nodes.
async fn concerned(backend: &MemoryBackend, filters: &[QueryFilter]) -> Result<Vec<NodeId>> {
    let by_id = filters.iter().find(|filter| filter.key == "resource-id");
    let mut nodes: Vec<NodeId> = match by_id {
        Some(filter) => filter.values.iter().map(NodeId::new).collect(),
        None => {
            let all = backend.describe_instances(&[]).await?;
            all.into_iter()
                .map(|instance| instance.instance_id)
                .collect()
        }
    };
    nodes.retain(|node| !node.is_hybrid());
    Ok(nodes)
}

fn passes(node: &NodeId, tag: &Tag, filter: &QueryFilter) -> bool {
    let value = match filter.key.as_str() {
        "resource-id" => node.as_str(),
        "resource-type" => "instance",
        "key" => &tag.key,
        _ => &tag.value,
    };
    filter.values.iter().any(|wanted| wanted == value)
}

fn described((node, tag): &(NodeId, Tag)) -> Node {
    Node::Members(vec![
        ("resourceId", Node::text(node)),
        ("resourceType", Node::text("instance")),
        ("key", Node::text(&tag.key)),
        ("value", Node::text(&tag.value)),
    ])
}

/// Sets tags of instances.
pub(super) async fn create(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let nodes = resources(backend, form).await?;
    let tags: Vec<Tag> = given(form)
        .into_iter()
        .map(|tag| Tag::new(tag.key, tag.value.unwrap_or_default()))
        .collect();
    if tags.is_empty() {
        return Err(missing("tagSet"));
    }
    for node in &nodes {
        backend.add_tags(node, &tags).await?;
    }
    Ok(done())
}

/// Removes tags of instances: those of a key, or of a key and value, or all where none is named.
pub(super) async fn delete(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let nodes = resources(backend, form).await?;
    let given = given(form);
    for node in &nodes {
        let keys = if !given.is_empty() && given.iter().all(|tag| tag.value.is_none()) {
            given.iter().map(|tag| tag.key.clone()).collect()
        } else {
            doomed(backend.list_tags(node).await?, &given)
        };
        backend.remove_tags(node, &keys).await?;
    }
    Ok(done())
}

fn doomed(tags: Vec<Tag>, given: &[Given]) -> Vec<String> {
    let named = |tag: &Tag| {
        given.is_empty()
            || given.iter().any(|given| {
                given.key == tag.key && given.value.as_ref().is_none_or(|value| *value == tag.value)
            })
    };
    tags.into_iter().filter(named).map(|tag| tag.key).collect()
}

/// A tag of a form; DeleteTags tells an absent value from an empty one.
struct Given {
    key: String,
    value: Option<String>,
}

fn given(form: &Form) -> Vec<Given> {
    form.numbers("Tag")
        .into_iter()
        .map(|number| Given {
            key: form
                .text(&format!("Tag.{number}.Key"))
                .unwrap_or_default()
                .to_owned(),
            value: form.text(&format!("Tag.{number}.Value")).map(str::to_owned),
        })
        .collect()
}

/// The instances that a form names. EC2 changes none where it does not know one of several.
async fn resources(backend: &MemoryBackend, form: &Form) -> Result<Vec<NodeId>> {
    let ids = form.list("ResourceId");
    if ids.is_empty() {
        return Err(missing("resourceIdSet"));
    }
    for id in &ids {
        if !id.starts_with("i-") {
            let told = format!("The ID '{id}' is not valid: this emulator tags instances only");
            return Err(Error::service(ErrorKind::NotFound, "InvalidID", told));
        }
    }
    let nodes: Vec<NodeId> = ids.into_iter().map(NodeId::from).collect();
    if nodes.len() > 1 {
        backend.describe_instances(&nodes).await?;
    }
    Ok(nodes)
}

fn done() -> Members {
    vec![("return", Node::text(true))]
}
