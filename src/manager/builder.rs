use std::sync::Arc;

use super::PatchManager;
use super::backends::Backends;
use crate::backend::{operations, *};
use crate::clock::{Clock, SystemClock};

/// Puts a [`PatchManager`] together from a backend for each capability.
///
/// A capability that is not given answers every call with
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported), so that a test provides only what it uses.
///
/// ```
/// use std::sync::Arc;
/// use aws_patch_manager::{MemoryBackend, PatchManager};
///
/// let memory = Arc::new(MemoryBackend::sample());
/// let manager = PatchManager::builder()
///     .baselines(memory.clone())
///     .groups(memory.clone())
///     .clock(memory.clock())
///     .build();
/// # let _ = manager;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PatchManagerBuilder {
    backends: Backends,
    layers: Vec<Arc<dyn Layer>>,
    clock: Arc<dyn Clock>,
}

impl PatchManagerBuilder {
    pub(super) fn new() -> Self {
        Self {
            backends: Backends::absent(),
            layers: Vec::new(),
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// One backend for every capability; those given afterwards replace it for theirs. The clock is
    /// not the backend's: see [`clock`](Self::clock).
    pub fn backend<B: Backend>(mut self, backend: Arc<B>) -> Self {
        self.backends = Backends::of(backend);
        self
    }

    /// Puts a layer around every backend, those given afterwards too. The last layer is the outermost.
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.layers.push(Arc::new(layer));
        self
    }

    /// What tells the time and waits; the machine's clock if none is given.
    ///
    /// Over memory give [`MemoryBackend::clock`](crate::MemoryBackend::clock), so that waiting turns
    /// it. On the machine's clock a wait lasts as long as it says, and nothing in memory moves.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The manager.
    pub fn build(self) -> PatchManager {
        PatchManager::assemble(Arc::new(self.backends), self.layers.into(), self.clock)
    }
}

macro_rules! define_setters {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident $operations:tt
    )*) => {
        /// One backend for one capability; it replaces the one given before.
        impl PatchManagerBuilder {
            $(
                #[doc = concat!("What to call as [`", stringify!($trait), "`](crate::backend::", stringify!($trait), ").")]
                pub fn $field(mut self, backend: Arc<dyn $trait>) -> Self {
                    self.backends.$field = backend;
                    self
                }
            )*
        }
    };
}

operations!(define_setters);
