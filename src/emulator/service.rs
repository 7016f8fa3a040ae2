//! What the emulator serves: the backend, and data that its traits do not have.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::MemoryBackend;
use crate::schedule::PatchPolicy;
use crate::types::PatchPolicyArn;

/// The account behind the port.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) backend: MemoryBackend,
    managers: Mutex<BTreeMap<PatchPolicyArn, Manager>>,
}

impl Service {
    /// An account in the backend.
    pub(super) fn of(backend: MemoryBackend) -> Self {
        Self {
            backend,
            managers: Mutex::default(),
        }
    }

    /// The data of configuration managers outside their policies.
    pub(super) fn managers(&self) -> MutexGuard<'_, BTreeMap<PatchPolicyArn, Manager>> {
        self.managers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a configuration manager holds beside its policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Manager {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) type_version: Option<String>,
}

impl Manager {
    /// The manager of a policy that was not made through the port.
    pub(super) fn of(policy: &PatchPolicy) -> Self {
        Self {
            name: Some(policy.name.clone()),
            ..Self::default()
        }
    }
}
