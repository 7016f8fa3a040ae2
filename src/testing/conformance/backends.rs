//! The backends of a harness as one, which takes a request of any operation.

use std::sync::Arc;

use async_trait::async_trait;

use super::Harness;
use crate::backend::{operations, *};
use crate::error::Result;

/// No rule needs the roles of IAM, so a harness has none.
#[derive(Debug)]
struct NoRoles;

impl RoleInventory for NoRoles {}

macro_rules! define_backends {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident { $(
            $(#[$doc:meta])*
            $method:ident($request:ident) -> $answer:ty { $($row:tt)* }
        )* }
    )*) => {
        /// One backend for each capability.
        #[derive(Debug)]
        pub(super) struct Backends {
            $($field: Arc<dyn $trait>,)*
        }

        $(#[async_trait]
        impl $trait for Backends {
            $(async fn $method(&self, request: $request) -> Result<<$request as Request>::Answer> {
                self.$field.$method(request).await
            })*
        })*
    };
}

operations!(define_backends);

impl Backends {
    pub(super) fn of(harness: &dyn Harness) -> Self {
        Self {
            baselines: harness.baselines(),
            groups: harness.groups(),
            catalog: harness.catalog(),
            nodes: harness.nodes(),
            policies: harness.schedules(),
            windows: harness.windows(),
            window_history: harness.window_history(),
            associations: harness.associations(),
            commands: harness.commands(),
            compliance: harness.compliance(),
            power: harness.power(),
            network: harness.network(),
            roles: Arc::new(NoRoles),
        }
    }
}
