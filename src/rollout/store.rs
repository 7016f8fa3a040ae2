use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::RolloutState;
use crate::error::Result;

/// Stores the state of a rollout, so that another process can take it up.
///
/// A [`RolloutRun`](super::RolloutRun) saves its state before and after each write to the service.
/// It makes the write only if the state before it was saved. So a store returns only when the state
/// will survive a crash: for a file, write another one, flush it to the disk, and rename it.
/// `examples/rollout.rs` has such a store in 15 lines.
#[async_trait]
pub trait RolloutStore: fmt::Debug + Send + Sync + 'static {
    /// Stores this state in place of the one before it.
    ///
    /// A store that several processes can write should refuse a state whose
    /// [`revision`](RolloutState::revision) is not the next one, so that two processes never carry
    /// out one rollout. A run saves before each attempt to send, so one that was taken over stops there.
    ///
    /// # Errors
    ///
    /// Any error stops the run. A retryable one is repeated first.
    async fn save(&self, state: &RolloutState) -> Result<()>;
}

#[async_trait]
impl<S: RolloutStore + ?Sized> RolloutStore for Arc<S> {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        S::save(self, state).await
    }
}

/// A store that only keeps the last state in memory, for tests. Clones share it.
///
/// ```
/// use aws_patch_manager::rollout::InMemoryRolloutStore;
///
/// assert!(InMemoryRolloutStore::new().last().is_none());
/// ```
#[derive(Debug, Clone, Default)]
pub struct InMemoryRolloutStore {
    last: Arc<Mutex<Option<RolloutState>>>,
}

impl InMemoryRolloutStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The last state that was saved.
    pub fn last(&self) -> Option<RolloutState> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}

#[async_trait]
impl RolloutStore for InMemoryRolloutStore {
    async fn save(&self, state: &RolloutState) -> Result<()> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(state.clone());
        Ok(())
    }
}
