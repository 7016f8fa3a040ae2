//! Whether a target reaches a node, by the tags that the node has now.

use std::collections::BTreeSet;

use crate::plan::{MirrorPart, MirrorSnapshot, MirroredNode};
use crate::types::{NodeId, Target};

/// Whether a schedule reaches a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// What decides it was not read.
    Unknown,
}

/// The nodes, and which of their tags are known.
#[derive(Debug)]
pub(super) struct Tags<'a> {
    /// The hybrid nodes whose tags could not be read.
    unread: BTreeSet<&'a str>,
}

impl<'a> Tags<'a> {
    pub(super) fn of(snapshot: &'a MirrorSnapshot) -> Self {
        let unread = snapshot.unread.iter();
        let tags = unread.filter(|unread| unread.part == MirrorPart::Tags);
        Self {
            unread: tags.filter_map(|tags| tags.resource.as_deref()).collect(),
        }
    }

    /// Whether the tags of a node were read. Those of an instance come with EC2's listing.
    pub(super) fn are_known(&self, node: &MirroredNode) -> bool {
        match node.id.is_hybrid() {
            true => !self.unread.contains(node.id.as_str()),
            false => node.instance.is_some() || !node.tags.is_empty(),
        }
    }

    /// Whether one of these alternatives, each of targets that are ANDed, reaches a node.
    pub(super) fn reach(&self, alternatives: &[Vec<Target>], node: &MirroredNode) -> Reach {
        let mut reach = Reach::No;
        for targets in alternatives {
            match self.reach_of_all(targets, node) {
                Reach::Yes => return Reach::Yes,
                Reach::Unknown => reach = Reach::Unknown,
                Reach::No => {}
            }
        }
        reach
    }

    fn reach_of_all(&self, targets: &[Target], node: &MirroredNode) -> Reach {
        let mut reach = match targets.is_empty() {
            true => Reach::No,
            false => Reach::Yes,
        };
        for target in targets {
            match self.reach_of(target, node) {
                Reach::No => return Reach::No,
                Reach::Unknown => reach = Reach::Unknown,
                Reach::Yes => {}
            }
        }
        reach
    }

    /// Whether one target matches a node.
    pub(super) fn reach_of(&self, target: &Target, node: &MirroredNode) -> Reach {
        let named = |value: &str| target.values.iter().any(|accepted| accepted == value);
        let matches = if target.is_by_id() {
            named(node.id.as_str()) || named("*")
        } else if target.key != "tag-key" && !target.key.starts_with("tag:") {
            // The members of a resource group are not part of a snapshot.
            return Reach::Unknown;
        } else if !self.are_known(node) {
            return Reach::Unknown;
        } else {
            let key = target.key.strip_prefix("tag:");
            node.tags.iter().any(|tag| match key {
                Some(key) => tag.key == key && named(&tag.value),
                None => named(&tag.key),
            })
        };
        match matches {
            true => Reach::Yes,
            false => Reach::No,
        }
    }
}

/// The ids that targets name.
pub(super) fn named_ids(alternatives: &[Vec<Target>]) -> impl Iterator<Item = NodeId> {
    let targets = alternatives.iter().flatten();
    let ids = targets.filter(|target| target.is_by_id());
    let ids = ids.flat_map(|target| &target.values);
    ids.filter(|id| *id != "*").map(NodeId::new)
}
