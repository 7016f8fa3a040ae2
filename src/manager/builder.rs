//! The builder of a manager, and its backend for each capability, generated from the table of operations.

use std::sync::Arc;

use super::PatchManager;
use crate::backend::layer::{Layer, Layered};
use crate::backend::{operations, *};
use crate::clock::{Clock, SystemClock};

/// Builds a [`PatchManager`] from a backend for each capability.
///
/// If a capability has no backend, its calls fail with
/// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported). A test provides only what it uses.
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

    /// Sets one backend for every capability. Later calls can replace it for one capability. It
    /// does not set the clock: see [`clock`](Self::clock).
    pub fn backend<B: Backend>(mut self, backend: Arc<B>) -> Self {
        self.backends = Backends::of(backend);
        self
    }

    /// Adds a layer around every backend, including those set later. The last layer is the
    /// outermost.
    pub fn layer(mut self, layer: impl Layer) -> Self {
        self.layers.push(Arc::new(layer));
        self
    }

    /// Sets the clock that reads the time and waits. The default is the machine's clock.
    ///
    /// For a memory backend, pass [`MemoryBackend::clock`](crate::MemoryBackend::clock), so that
    /// waiting advances it. With the machine's clock, a wait takes real time and nothing in memory
    /// changes.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the manager.
    pub fn build(self) -> PatchManager {
        PatchManager::assemble(Arc::new(self.backends), self.layers.into(), self.clock)
    }
}

macro_rules! define_setters {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident $operations:tt
    )*) => {
        /// Sets the backend for one capability.
        impl PatchManagerBuilder {
            $(
                #[doc = concat!("The backend for [`", stringify!($trait), "`](crate::backend::", stringify!($trait), ").")]
                pub fn $field(mut self, backend: Arc<dyn $trait>) -> Self {
                    self.backends.$field = backend;
                    self
                }
            )*
        }
    };
}

operations!(define_setters);

/// A backend without any operation: the default body of each method fails with `Unsupported`.
#[derive(Debug)]
struct Absent;

macro_rules! define_backends {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident { $(
            $(#[$doc:meta])*
            $method:ident($request:ident) -> $answer:ty { $($row:tt)* }
        )* }
    )*) => {
        /// One backend for each capability.
        #[derive(Debug, Clone)]
        pub(crate) struct Backends {
            $(pub(crate) $field: Arc<dyn $trait>,)*
        }

        impl Backends {
            /// No backend for any capability.
            pub(super) fn absent() -> Self {
                Self::of(Arc::new(Absent))
            }

            /// One backend for every capability.
            pub(super) fn of<B: Backend>(backend: Arc<B>) -> Self {
                Self {
                    $($field: Arc::<B>::clone(&backend),)*
                }
            }

            /// Adds these layers around each backend.
            pub(super) fn within(&self, layers: &Arc<[Arc<dyn Layer>]>, clock: &Arc<dyn Clock>) -> Self {
                Self {
                    $($field: Arc::new(Layered::new(
                        Arc::clone(&self.$field),
                        Arc::clone(layers),
                        Arc::clone(clock),
                    )),)*
                }
            }
        }

        $(impl $trait for Absent {})*

        $(#[cfg(feature = "conformance")]
        #[async_trait::async_trait]
        impl $trait for Backends {
            $(async fn $method(&self, request: $request) -> crate::Result<<$request as Request>::Answer> {
                self.$field.$method(request).await
            })*
        })*
    };
}

operations!(define_backends);
