use std::sync::{Arc, Mutex};

use jiff::Timestamp;

use super::state::State;
use crate::clock::Clock;
use crate::error::{Error, Result};

/// A Patch Manager in the process. Cheap to clone; clones share one account.
#[derive(Debug, Clone)]
pub struct MemoryBackend {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Builds a [`MemoryBackend`].
#[derive(Debug, Default)]
pub struct MemoryBackendBuilder {}

impl MemoryBackend {
    /// Runs one service operation: records the call, plays the faults planned for it, waits the
    /// latency, lets everything happen that the clock has passed, and then acts on the state.
    pub(super) async fn call<T: Send>(
        &self,
        operation: &'static str,
        act: impl FnOnce(&mut State, Timestamp) -> Result<T> + Send,
    ) -> Result<T> {
        let _ = (&self.inner.clock, &self.inner.state, act);
        Err(Error::unsupported(operation))
    }
}
