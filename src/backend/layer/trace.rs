use async_trait::async_trait;

use super::{Answer, Call, Layer, Next};
use crate::error::Result;
use crate::telemetry;

/// A layer that makes each call in a span `call`, as
/// [`docs::observability`](crate::docs::observability#calls) describes it. With the feature
/// `tracing`.
///
/// Use it for your own backend: the adapters for AWS and memory already have these spans. A call
/// has one span: under this layer, the adapters record their fields on this span. Add it after
/// (outside) a [`Limit`](super::Limit) to record the waits.
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
