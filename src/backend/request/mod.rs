//! The request types: one for each operation, in AWS's JSON form.

mod associations;
mod automation;
mod baselines;
mod commands;
mod compliance;
mod data_syncs;
mod documents;
mod ec2;
mod member;
mod nodes;
mod policies;
mod roles;
mod window_history;
mod windows;

use std::fmt;

use futures_core::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::associations::*;
pub use self::automation::*;
pub use self::baselines::*;
pub use self::commands::*;
pub use self::compliance::*;
pub use self::data_syncs::*;
pub use self::documents::*;
pub use self::ec2::*;
pub(crate) use self::nodes::MANAGED_NODE_SYNC;
pub use self::nodes::*;
pub(crate) use self::policies::PATCH_POLICY_TYPE;
pub use self::policies::*;
pub use self::roles::*;
pub use self::window_history::*;
pub use self::windows::*;
pub use crate::automation::StartAutomationExecution;
pub use crate::operation::SendCommand;
pub use crate::resource_data_sync::CreateResourceDataSync;
pub use crate::schedule::association::{CreateAssociation, UpdateAssociation};
pub use crate::schedule::window::{
    CreateMaintenanceWindow, RegisterTargetWithMaintenanceWindow,
    RegisterTaskWithMaintenanceWindow, UpdateMaintenanceWindow, UpdateMaintenanceWindowTarget,
    UpdateMaintenanceWindowTask,
};

use super::{Backend, Operation};
use crate::error::Result;

/// The input of an operation, with its [`Operation`] and the type of its answer.
///
/// Only the request types of this module implement it. Use it in code that works on every
/// operation, such as a [layer](super::layer).
///
/// ```
/// use aws_patch_manager::backend::{GetDefaultPatchBaseline, Operation, Request};
/// use aws_patch_manager::MemoryBackend;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let account = MemoryBackend::new();
/// let default = GetDefaultPatchBaseline::new(None).send(&account).await?;
/// assert!(default.baseline_id.is_aws_owned());
/// assert_eq!(GetDefaultPatchBaseline::OPERATION, Operation::GetDefaultPatchBaseline);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Request:
    fmt::Debug + Clone + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The type of the answer.
    type Answer: fmt::Debug + Clone + Serialize + Send + Sync + 'static;

    /// The operation.
    const OPERATION: Operation;

    /// Makes the call.
    ///
    /// # Errors
    ///
    /// Those of the operation.
    fn send(self, backend: &dyn Backend) -> BoxFuture<'_, Result<Self::Answer>>;
}
