//! The tags that Systems Manager stores: of hybrid nodes, baselines, windows and associations.

use std::collections::BTreeMap;

use super::State;
use super::errors::invalid_resource_id;
use crate::backend::{Operation, ResourceTypeForTagging};
use crate::error::{Error, ErrorKind, Result};
use crate::types::{NodeId, Tag};

/// The tags of resources that are not nodes, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResourceTagStore(BTreeMap<String, Vec<Tag>>);

impl ResourceTagStore {
    /// The tags that a resource is created with.
    pub(crate) fn insert(&mut self, id: &str, tags: Vec<Tag>) {
        self.0.insert(id.to_owned(), tags);
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.0.remove(id);
    }
}

impl State {
    /// The tags of an existing resource. EC2 stores those of its instances, so an instance is
    /// unknown here.
    pub(crate) fn resource_tags(
        &mut self,
        operation: Operation,
        kind: &ResourceTypeForTagging,
        id: &str,
    ) -> Result<&mut Vec<Tag>> {
        let known = match kind {
            ResourceTypeForTagging::ManagedInstance => {
                let node = NodeId::new(id);
                let hybrid = self.fleet.get_mut(&node).filter(|_| node.is_hybrid());
                let tags = hybrid.map(|node| &mut node.facts.tags);
                return tags.ok_or_else(|| invalid_resource_id(operation, id));
            }
            ResourceTypeForTagging::PatchBaseline => self.baselines.get(id).is_some(),
            ResourceTypeForTagging::MaintenanceWindow => {
                self.windows.get(operation, &id.into()).is_ok()
            }
            ResourceTypeForTagging::Association => self.associations.get(&id.into()).is_some(),
            _ => {
                return Err(Error::service(
                    ErrorKind::InvalidInput,
                    "InvalidResourceType",
                    "",
                ));
            }
        };
        if known {
            Ok(self.tags.0.entry(id.to_owned()).or_default())
        } else {
            Err(invalid_resource_id(operation, id))
        }
    }
}
