//! What the emulator serves: the backend, and the little that its traits have no room for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::quicksetup::Manager;
use crate::memory::MemoryBackend;
use crate::types::{PatchPolicyArn, Tag};

/// The account behind the port.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) backend: MemoryBackend,
    resource_tags: Mutex<BTreeMap<String, Vec<Tag>>>,
    managers: Mutex<BTreeMap<PatchPolicyArn, Manager>>,
}

impl Service {
    /// An account that the backend keeps.
    pub(super) fn of(backend: MemoryBackend) -> Self {
        Self {
            backend,
            resource_tags: Mutex::default(),
            managers: Mutex::default(),
        }
    }

    /// The tags of baselines, windows and associations, by their ids, which never meet.
    pub(super) fn resource_tags(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Tag>>> {
        self.resource_tags
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The tags that a resource is made with; a call repeated by its client token changes none.
    pub(super) fn first_tags(&self, id: &str, tags: Vec<Tag>) {
        self.resource_tags()
            .entry(id.to_owned())
            .or_insert_with(|| tags);
    }

    /// What is known of configuration managers beside their policies.
    pub(super) fn managers(&self) -> MutexGuard<'_, BTreeMap<PatchPolicyArn, Manager>> {
        self.managers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
