//! The rules for tags of nodes: EC2's for instances, Systems Manager's for hybrid nodes.

use std::collections::BTreeSet;

use super::check::{self, Validation};
use super::fleet::Node;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{NodeId, Tag, is_tag_text};

const MOST_TAGS: usize = 50;

/// Whose tags those of a node are, hence which operations and errors there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeper {
    Ec2,
    Ssm,
}

impl Keeper {
    pub(super) fn of(node: &NodeId) -> Self {
        if node.is_hybrid() {
            Self::Ssm
        } else {
            Self::Ec2
        }
    }

    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Ec2 => "DescribeTags",
            Self::Ssm => "ListTagsForResource",
        }
    }

    pub(super) fn add(self) -> &'static str {
        match self {
            Self::Ec2 => "CreateTags",
            Self::Ssm => "AddTagsToResource",
        }
    }

    pub(super) fn remove(self) -> &'static str {
        match self {
            Self::Ec2 => "DeleteTags",
            Self::Ssm => "RemoveTagsFromResource",
        }
    }

    /// What it says to a node it does not know.
    pub(super) fn unknown(self, operation: &'static str, id: &NodeId) -> Error {
        match self {
            Self::Ec2 => no_such_instance(operation, id),
            Self::Ssm => check::invalid_resource_id(operation, id.as_str()),
        }
    }

    fn too_many(self, operation: &'static str) -> Error {
        let (code, message) = match self {
            Self::Ec2 => ("TagLimitExceeded", "The maximum number of tags is 50."),
            Self::Ssm => ("TooManyTagsError", ""),
        };
        Error::service(ErrorKind::LimitExceeded, code, message).with_operation(operation)
    }
}

/// EC2's answer to an id it does not know.
pub(super) fn no_such_instance(operation: &'static str, id: &NodeId) -> Error {
    Error::service(
        ErrorKind::NotFound,
        "InvalidInstanceID.NotFound",
        format!("The instance ID '{id}' does not exist"),
    )
    .with_operation(operation)
    .with_resource(id.as_str())
}

/// Sets tags of a node, or refuses all of them.
pub(super) fn add(keeper: Keeper, node: &mut Node, tags: &[Tag]) -> Result<()> {
    let operation = keeper.add();
    let shown = node
        .facts
        .instance
        .as_ref()
        .is_some_and(|instance| instance.shows_tags_in_metadata());
    legal(operation, tags, shown)?;
    let keys: BTreeSet<&str> = node
        .facts
        .tags
        .iter()
        .chain(tags)
        .map(|t| &*t.key)
        .collect();
    if keys.len() > MOST_TAGS {
        return Err(keeper
            .too_many(operation)
            .with_resource(node.facts.id().as_str()));
    }
    for tag in tags {
        match node
            .facts
            .tags
            .iter_mut()
            .find(|known| known.key == tag.key)
        {
            Some(known) => known.value.clone_from(&tag.value),
            None => node.facts.tags.push(tag.clone()),
        }
    }
    Ok(())
}

/// Bounds of the SSM model and EC2's tag restrictions. With tags in instance metadata a key is a
/// path there, hence takes no space.
pub(super) fn legal(operation: &'static str, tags: &[Tag], shown_in_metadata: bool) -> Result<()> {
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
            "Member must have letters, digits, separators and _.:/=+-@",
        );
        validation.require(
            !(shown_in_metadata && tag.key.contains(char::is_whitespace)),
            &key,
            "with tags in instance metadata a tag key takes no space",
        );
    }
    validation.finish()
}
