//! The rules for tags of nodes: EC2's for instances, Systems Manager's for hybrid nodes.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{DeletedTag, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::operations::check::{self, Validation};
use crate::memory::store::fleet::{Node, NodeStore};
use crate::types::{NodeId, QueryFilter, Tag, TagDescription, is_tag_text};

const MOST_TAGS: usize = 50;

/// Whose tags those of a node are, hence which operations and errors there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeper {
    Ec2,
    Ssm,
}

impl Keeper {
    fn add(self) -> Operation {
        match self {
            Self::Ec2 => Operation::CreateTags,
            Self::Ssm => Operation::AddTagsToResource,
        }
    }

    fn too_many(self) -> Error {
        let (code, message) = match self {
            Self::Ec2 => ("TagLimitExceeded", "The maximum number of tags is 50."),
            Self::Ssm => ("TooManyTagsError", ""),
        };
        Error::service(ErrorKind::LimitExceeded, code, message)
    }
}

/// EC2's answer to an id it does not know.
pub(super) fn no_such_instance(id: &NodeId) -> Error {
    Error::service(
        ErrorKind::NotFound,
        "InvalidInstanceID.NotFound",
        format!("The instance ID '{id}' does not exist"),
    )
    .with_resource(id.as_str())
}

/// Refuses instances of which EC2 does not know one: it then changes none.
pub(crate) fn known_instances(fleet: &NodeStore, ids: &[NodeId]) -> Result<()> {
    if ids.is_empty() {
        let message = "The request must contain the parameter resourceIdSet";
        let code = "MissingParameter";
        return Err(Error::service(ErrorKind::InvalidInput, code, message));
    }
    let unknown = |id: &&NodeId| fleet.get(id).and_then(Node::instance).is_none();
    match ids.iter().find(unknown) {
        None => Ok(()),
        Some(id) => Err(no_such_instance(id)),
    }
}

/// The tags that DeleteTags removes: those named by their key, or by key and value, or all if none is
/// named (EC2 API, DeleteTags).
pub(crate) struct Deleted<'a>(BTreeSet<(&'a str, Option<&'a str>)>);

impl<'a> Deleted<'a> {
    pub(crate) fn of(named: &'a [DeletedTag]) -> Self {
        let named = named.iter();
        Self(
            named
                .map(|tag| (tag.key.as_str(), tag.value.as_deref()))
                .collect(),
        )
    }

    pub(crate) fn has(&self, tag: &Tag) -> bool {
        let (key, value) = (tag.key.as_str(), tag.value.as_str());
        let is_named = || self.0.contains(&(key, None)) || self.0.contains(&(key, Some(value)));
        self.0.is_empty() || is_named()
    }
}

/// The tags with each key once. Of two with the same key the later one counts.
pub(crate) fn by_key(tags: &[Tag]) -> Vec<Tag> {
    let by_key: BTreeMap<&str, &Tag> = tags.iter().map(|tag| (&*tag.key, tag)).collect();
    by_key.into_values().cloned().collect()
}

/// Refuses filters that DescribeTags does not have.
pub(crate) fn check_described(filters: &[QueryFilter]) -> Result<()> {
    const KEYS: [&str; 5] = ["key", "resource-id", "resource-type", "value", "tag:"];
    check::ec2_filters(Operation::DescribeTags, filters, &KEYS)
}

/// The tags of instances that pass the filters, by node and key, from those of this node on.
pub(crate) fn described<'a>(
    fleet: &'a NodeStore,
    filters: &'a [QueryFilter],
    from: Option<&NodeId>,
) -> impl Iterator<Item = TagDescription> + use<'a> {
    let is_plain = |value: &String| !value.contains(['*', '?', '\\']);
    let by_id = filters
        .iter()
        .find(|filter| filter.key == "resource-id" && filter.values.iter().all(is_plain));
    let nodes: Box<dyn Iterator<Item = &Node>> = match by_id {
        Some(filter) => {
            let named: BTreeSet<NodeId> = filter.values.iter().map(NodeId::new).collect();
            let from = from.cloned();
            let named = named
                .into_iter()
                .filter(move |id| Some(id) >= from.as_ref());
            Box::new(named.filter_map(|id| fleet.get(&id)))
        }
        None => Box::new(fleet.iter_from(from)),
    };
    let instances = nodes.filter(|node| !node.facts.id().is_hybrid());
    let tags = instances.flat_map(|node| {
        let id = node.facts.id().as_str();
        let mut tags: Vec<&Tag> = node.facts.tags.iter().collect();
        tags.sort_by(|a, b| a.key.cmp(&b.key));
        let tags = tags.into_iter();
        tags.map(move |tag| TagDescription::new(id, "instance", tag))
    });
    tags.filter(|tag| filters.iter().all(|filter| passes(tag, filter)))
}

fn passes(tag: &TagDescription, filter: &QueryFilter) -> bool {
    let value = match filter.key.as_str() {
        "resource-id" => &tag.resource_id,
        "resource-type" => &tag.resource_type,
        "key" => &tag.key,
        "value" => &tag.value,
        key if key.strip_prefix("tag:") == Some(&*tag.key) => &tag.value,
        _ => return false,
    };
    filter.matches(value)
}

/// Sets tags of an instance, or refuses all of them.
pub(crate) fn add_to_instance(node: &mut Node, tags: &[Tag]) -> Result<()> {
    let instance = node.facts.instance.as_ref();
    let shown = instance.is_some_and(|instance| instance.shows_tags_in_metadata());
    let id = node.facts.id().clone();
    add(Keeper::Ec2, &mut node.facts.tags, id.as_str(), tags, shown)
}

/// Sets tags of a resource, or refuses all of them.
pub(crate) fn add(
    keeper: Keeper,
    current: &mut Vec<Tag>,
    resource: &str,
    tags: &[Tag],
    shown_in_metadata: bool,
) -> Result<()> {
    let operation = keeper.add();
    legal(operation, tags, shown_in_metadata)?;
    let keys: BTreeSet<&str> = current.iter().chain(tags).map(|tag| &*tag.key).collect();
    if keys.len() > MOST_TAGS {
        return Err(keeper.too_many().with_resource(resource));
    }
    for tag in tags {
        match current.iter_mut().find(|known| known.key == tag.key) {
            Some(known) => known.value.clone_from(&tag.value),
            None => current.push(tag.clone()),
        }
    }
    Ok(())
}

/// Bounds of the SSM model and EC2's tag restrictions. With tags in instance metadata a key is a
/// path there, hence takes no space.
pub(super) fn legal(operation: Operation, tags: &[Tag], shown_in_metadata: bool) -> Result<()> {
    let mut validation = Validation::of(operation);
    for (number, tag) in tags.iter().enumerate() {
        let at = format!("tags.{}", number + 1);
        let key = format!("{at}.key");
        validation.length(&key, &tag.key, 1..=128);
        validation.length(format!("{at}.value"), &tag.value, 0..=256);
        validation.require(
            !tag.key.to_ascii_lowercase().starts_with("aws:"),
            &key,
            "Tag keys starting with 'aws:' are reserved for internal use",
        );
        validation.require(
            is_tag_text(&tag.key) && is_tag_text(&tag.value),
            &at,
            "Member must have letters, digits, spaces and _.:/=+-@",
        );
        validation.require(
            !(shown_in_metadata && tag.key.contains(char::is_whitespace)),
            &key,
            "with tags in instance metadata a tag key takes no space",
        );
    }
    validation.finish()
}
