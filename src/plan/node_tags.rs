//! The tags of nodes in a plan: what entries give, and what calls write.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::desired::DesiredNodes;
use super::step::PlannedCall;
use crate::backend::{
    AddTagsToResource, CreateTags, DeleteTags, Operation, RemoveTagsFromResource,
};
use crate::error::Violations;
use crate::group::PatchGroupTagKey;
use crate::types::{NodeId, Target};

/// The tags that entries give to nodes, and where two entries give other values.
#[derive(Default)]
pub(super) struct GivenTags {
    /// The value of each node's tag, and the path of the entry that gives it.
    values: BTreeMap<(NodeId, String), (String, String)>,
    /// The pairs of paths that were reported: one node tells enough.
    pairs: BTreeSet<(String, String)>,
    pub(super) found: Violations,
}

impl GivenTags {
    pub(super) fn add(&mut self, place: usize, nodes: &DesiredNodes, ids: &[NodeId]) {
        // Either key holds the one patch group of a node.
        let group = nodes.patch_group.iter().map(|group| {
            let path = format!("Nodes[{place}].PatchGroup");
            (path, PatchGroupTagKey::Spaced.as_str(), group.as_str())
        });
        let tags = nodes.tags.iter().enumerate().map(|(at, tag)| {
            let path = format!("Nodes[{place}].Tags[{at}]");
            (path, tag.key.as_str(), tag.value.as_str())
        });
        for (path, key, value) in group.chain(tags) {
            for id in ids {
                self.give(id, key, value, &path);
            }
        }
    }

    fn give(&mut self, id: &NodeId, key: &str, value: &str, path: &str) {
        let of = (id.clone(), key.to_owned());
        match self.values.get(&of) {
            Some((known, _)) if known == value => {}
            Some((known, before)) => {
                if self.pairs.insert((before.clone(), path.to_owned())) {
                    let legal = format!("`{known}`, which {before} gives to {id}: a node has one");
                    self.found.push(path, value, legal);
                }
            }
            None => {
                let given = (value.to_owned(), path.to_owned());
                self.values.insert(of, given);
            }
        }
    }
}

/// Targets as one text: what identifies a step over nodes. A key or value that could be read as more
/// than one is quoted, so that other targets never have the same text.
pub(super) fn target_text(targets: &[Target]) -> String {
    let part = |text: &str| {
        let is_plain = !text.is_empty()
            && !text.contains(['"', '=', '|'])
            && text.split(' ').all(|word| word != "and");
        match is_plain {
            true => text.to_owned(),
            false => Value::from(text).to_string(),
        }
    };
    let texts: Vec<String> = targets
        .iter()
        .map(|target| {
            let values: Vec<String> = target.values.iter().map(|value| part(value)).collect();
            format!("{}={}", part(&target.key), values.join("|"))
        })
        .collect();
    texts.join(" and ")
}

/// The tags of nodes that a call sets or removes.
pub(super) fn written_tags(call: &PlannedCall) -> Vec<(NodeId, String, Option<String>)> {
    let request = call.request.clone();
    let mut found = Vec::new();
    let mut add = |node: &NodeId, key: String, value: Option<String>| {
        found.push((node.clone(), key, value));
    };
    match call.operation {
        Operation::CreateTags => {
            if let Ok(request) = serde_json::from_value::<CreateTags>(request) {
                for (node, tag) in pairs(&request.resources, &request.tags) {
                    add(node, tag.key.clone(), Some(tag.value.clone()));
                }
            }
        }
        Operation::DeleteTags => {
            if let Ok(request) = serde_json::from_value::<DeleteTags>(request) {
                for (node, tag) in pairs(&request.resources, &request.tags) {
                    add(node, tag.key.clone(), None);
                }
            }
        }
        Operation::AddTagsToResource => {
            if let Ok(request) = serde_json::from_value::<AddTagsToResource>(request) {
                let node = NodeId::new(request.resource_id);
                for tag in request.tags {
                    add(&node, tag.key, Some(tag.value));
                }
            }
        }
        Operation::RemoveTagsFromResource => {
            if let Ok(request) = serde_json::from_value::<RemoveTagsFromResource>(request) {
                let node = NodeId::new(request.resource_id);
                for key in request.tag_keys {
                    add(&node, key, None);
                }
            }
        }
        _ => {}
    }
    found
}

fn pairs<'t, A, B>(a: &'t [A], b: &'t [B]) -> impl Iterator<Item = (&'t A, &'t B)> {
    a.iter().flat_map(move |a| b.iter().map(move |b| (a, b)))
}
