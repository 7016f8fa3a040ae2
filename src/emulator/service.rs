//! What the emulator serves: the backend, and data that its traits do not have.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::memory::MemoryBackend;
use crate::schedule::PatchPolicy;
use crate::types::PatchPolicyArn;

/// The account behind the port.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) backend: MemoryBackend,
    managers: Mutex<BTreeMap<PatchPolicyArn, Manager>>,
    calls: Mutex<VecDeque<Called>>,
}

/// How many calls are recorded; after that the oldest ones are dropped.
const RECORDED: usize = 10_000;

/// How much may happen until other clients are looked after.
const EVENTS: usize = 16;

/// A call that was answered.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Called {
    /// As botocore names it.
    pub(super) service: &'static str,
    /// The operation, whether the emulator has it or not.
    pub(super) operation: String,
    /// The code of the error, if it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl Service {
    /// An account in the backend.
    pub(super) fn of(backend: MemoryBackend) -> Self {
        Self {
            backend,
            managers: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    /// Lets what is due happen, a part at a time: other clients are answered in between.
    pub(super) async fn settle(&self) {
        while self.backend.settle_some(EVENTS) {
            tokio::task::yield_now().await;
        }
    }

    /// Records a call.
    pub(super) fn record(&self, call: Called) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() == RECORDED {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    /// The calls, the first one first.
    pub(super) fn calls(&self) -> Vec<Called> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().cloned().collect()
    }

    /// Drops the record of calls.
    pub(super) fn clear_calls(&self) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.clear();
    }

    /// Drops what is stored here, beside the backend.
    pub(super) fn reset(&self) {
        self.managers().clear();
        self.clear_calls();
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
