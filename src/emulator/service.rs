//! What the emulator serves: the backend, and the little that its traits have no room for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::configuration::Manager;
use crate::memory::MemoryBackend;
use crate::types::PatchPolicyArn;

/// The account behind the port.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) backend: MemoryBackend,
    managers: Mutex<BTreeMap<PatchPolicyArn, Manager>>,
}

impl Service {
    /// An account that the backend keeps.
    pub(super) fn of(backend: MemoryBackend) -> Self {
        Self {
            backend,
            managers: Mutex::default(),
        }
    }

    /// What is known of configuration managers beside their policies.
    pub(super) fn managers(&self) -> MutexGuard<'_, BTreeMap<PatchPolicyArn, Manager>> {
        self.managers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
