use async_trait::async_trait;

use super::{Answer, Call, Layer, Next};
use crate::backend::Access;
use crate::error::{Error, ErrorKind, Result};

/// A layer that refuses every write and passes every read.
///
/// Use it for a program that reports, or to try a program on an account that it must not change. A
/// write fails with [`AccessDenied`](ErrorKind::AccessDenied), as for a role that may only read,
/// and never reaches the backend. [`Operation::access`](crate::backend::Operation::access) says
/// which operations write.
///
/// ```
/// use aws_patch_manager::backend::layer::ReadOnly;
/// use aws_patch_manager::{ErrorKind, PatchManager, PatchRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory().layer(ReadOnly::new());
/// let install = PatchRequest::install().nodes(["i-0c0ffee0000000001"]);
/// let refused = manager.run(&install).await.err().ok_or("it was sent")?;
/// assert_eq!(refused.kind(), ErrorKind::AccessDenied);
/// assert_eq!(refused.operation(), Some("SendCommand"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ReadOnly;

impl ReadOnly {
    /// The layer.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Layer for ReadOnly {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        match call.access() {
            Access::Read => next.run(&call).await,
            Access::Write => {
                let message = "the layer ReadOnly refuses every write; the call was not made";
                Err(Error::new(ErrorKind::AccessDenied, message).with_operation(call.operation()))
            }
        }
    }
}
