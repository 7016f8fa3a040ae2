//! The backend that a manager calls for each capability, written out from the table of operations.

use std::sync::Arc;

use crate::backend::layer::{Layer, Layered};
use crate::backend::{operations, *};
use crate::clock::Clock;

/// Does nothing: each method has its default body, which answers that it is unsupported.
#[derive(Debug)]
struct Absent;

macro_rules! define_backends {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident $operations:tt
    )*) => {
        /// One backend for each capability.
        #[derive(Debug, Clone)]
        pub(super) struct Backends {
            $(pub(super) $field: Arc<dyn $trait>,)*
        }

        impl Backends {
            /// No capability at all.
            pub(super) fn absent() -> Self {
                Self::of(Arc::new(Absent))
            }

            /// One backend for every capability.
            pub(super) fn of<B: Backend>(backend: Arc<B>) -> Self {
                Self {
                    $($field: Arc::<B>::clone(&backend),)*
                }
            }

            /// The same backends with these layers around each.
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
    };
}

operations!(define_backends);
