use async_trait::async_trait;

use super::{Answer, Call, Layer, Next};
use crate::error::Result;
use crate::telemetry;

/// Makes each call in a span `call`, as [`docs::observability`](crate::docs::observability#calls)
/// describes it. With the feature `tracing`.
///
/// For a backend of your own: the adapters for AWS and memory have these spans by themselves. A call
/// has one span: under this layer theirs is left out, and what they know of a call is recorded on
/// this one. Put it outside a [`Limit`](super::Limit) to have its waits recorded.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::backend::layer::Trace;
///
/// let manager = PatchManager::in_memory().layer(Trace::new());
/// # let _ = manager;
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Trace;

impl Trace {
    /// The layer.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Layer for Trace {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let operation = call.operation();
        let (service, name) = (operation.service().as_str(), operation.as_str());
        telemetry::call(service, name, next.run(&call)).await
    }
}
