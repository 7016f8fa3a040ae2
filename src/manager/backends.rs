//! The backend that a manager calls for each capability, generated from the table of operations.

use std::sync::Arc;

use crate::backend::layer::{Layer, Layered};
use crate::backend::{operations, *};
use crate::clock::Clock;

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
