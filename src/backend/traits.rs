//! The traits, generated from the table of operations.

// The code that automock generates has the spans of the macro below, so lints check it as ours.
#![cfg_attr(
    feature = "mock",
    allow(missing_debug_implementations, missing_docs, unreachable_pub)
)]

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use futures_core::future::BoxFuture;

use super::Operation;
use super::request::*;
use super::table::operations;
use crate::automation::{
    AccountSharingInfo, AutomationExecution, AutomationExecutionMetadata, Document,
    DocumentDefaultVersionDescription, DocumentDescription, DocumentIdentifier, StepExecution,
};
use crate::baseline::{DefaultPatchBaseline, PatchBaseline, PatchBaselineIdentity};
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, ResourceComplianceSummaryItem,
};
use crate::error::{Error, ErrorKind, Result};
use crate::group::{BaselineForPatchGroup, PatchGroupMapping};
use crate::operation::{Command, CommandInvocation, CommandInvocationDetail};
use crate::page::Page;
use crate::resource_data_sync::ResourceDataSyncItem;
use crate::schedule::association::{
    Association, AssociationDescription, AssociationExecution, AssociationExecutionTarget,
    AssociationVersionInfo, InstanceAssociation, InstanceAssociationStatusInfo,
};
use crate::schedule::window::{
    MaintenanceWindow, MaintenanceWindowExecution, MaintenanceWindowExecutionDetail,
    MaintenanceWindowExecutionTask, MaintenanceWindowExecutionTaskIdentity,
    MaintenanceWindowExecutionTaskInvocation, MaintenanceWindowIdentity,
    MaintenanceWindowIdentityForTarget, MaintenanceWindowTarget, MaintenanceWindowTask,
    MaintenanceWindowTaskDetail, ScheduledWindowExecution,
};
use crate::schedule::{PatchPolicyState, PolicyConfiguration, PolicyConfigurationSummary};
use crate::types::{
    AssumedRoleUser, AutomationExecutionId, BaselineId, Ec2Instance, EffectivePatch,
    InstanceInformation, InstanceProfile, InstanceProperty, InstanceStateChange, Node, NodeSummary,
    Patch, PatchPolicyArn, RouteTable, SecurityGroup, ServiceSetting, Subnet, Tag, TagDescription,
    VpcEndpoint, WindowId, WindowTargetId, WindowTaskId,
};

/// Names the setter, because the code under test rarely shows which backend an operation belongs to.
fn unsupported<R: Request>(_: &R, setter: &str) -> Error {
    let message = format!(
        "this backend does not support it; `PatchManagerBuilder::{setter}` takes one that does"
    );
    Error::new(ErrorKind::Unsupported, message).with_operation(R::OPERATION)
}

macro_rules! define_traits {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident { $(
            $(#[$doc:meta])*
            $method:ident($request:ident) -> $answer:ty { $($row:tt)* }
        )* }
    )*) => {
        $(
            $(#[$meta])*
            #[cfg_attr(feature = "mock", mockall::automock)]
            #[async_trait]
            pub trait $trait: fmt::Debug + Send + Sync + 'static {
                $(
                    $(#[$doc])*
                    async fn $method(&self, request: $request) -> Result<$answer> {
                        Err(unsupported(&request, stringify!($field)))
                    }
                )*
            }

            $(impl Request for $request {
                type Answer = $answer;
                const OPERATION: Operation = Operation::$request;

                fn send(self, backend: &dyn Backend) -> BoxFuture<'_, Result<$answer>> {
                    backend.$method(self)
                }
            })*
        )*

        /// All backend traits, for a backend that a [`PatchManager`](crate::PatchManager) can use
        /// alone.
        ///
        /// A type that implements all the traits implements it. If a backend does not support a
        /// trait, leave it empty (`impl RoleInventory for MyBackend {}`): every method has a
        /// default body.
        pub trait Backend: $($trait +)* {}

        impl<T: $($trait +)*> Backend for T {}

        /// The mocks that mockall generates for each trait; `testing::mock` re-exports them.
        #[cfg(feature = "mock")]
        pub(crate) mod mocks {
            $(pub use super::$mock;)*
        }
    };
}

operations!(define_traits);
