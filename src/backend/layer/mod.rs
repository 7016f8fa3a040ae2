//! Layers between a caller and a backend.
//!
//! A [`Layer`] sees every call of any backend: before it is made and after. It may refuse the call,
//! delay it, make it more than once, answer it without the backend, or replace its outcome.
//!
//! # Order
//!
//! The layer that is added last is the outermost: it sees the call first and the outcome last.
//! `manager.layer(a).layer(b)` calls `b`, which calls `a`, which calls the backend.
//! [`docs::layers`](crate::docs::layers) explains the effect of the order, and shows how to write a layer.

mod answer;
mod audit;
mod call;
mod faults;
mod layered;
mod limit;
mod rate;
mod record;
mod semaphore;
#[cfg(feature = "tracing")]
mod trace;

use std::fmt;

use async_trait::async_trait;

pub use self::answer::Answer;
pub use self::audit::{Audit, AuditOutcome, AuditRecord};
pub use self::call::{Call, Next};
#[cfg(feature = "emulator")]
pub(crate) use self::faults::FaultPlan;
pub use self::faults::{Fault, FaultScope, Faults, PlannedFault};
pub use self::layered::{Layered, layered};
pub use self::limit::{Limit, LimitConfig, ReadOnly};
pub use self::record::{Record, RecordedCall, RecordedOutcome};
#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use self::trace::Trace;

use crate::error::Result;

/// Sees every call of a backend.
///
/// This layer counts the calls and passes them:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use async_trait::async_trait;
/// use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{PatchManager, Result};
///
/// #[derive(Debug, Default)]
/// struct Count(AtomicU64);
///
/// #[async_trait]
/// impl Layer for Count {
///     async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         next.run(&call).await
///     }
/// }
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory().layer(Count::default());
/// manager.default_baseline(OperatingSystem::Windows).await?;
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[async_trait]
pub trait Layer: fmt::Debug + Send + Sync + 'static {
    /// Answers a call, in most cases with the answer of `next.run(&call)`.
    ///
    /// # Errors
    ///
    /// The error that the caller sees: the backend's or the layer's own.
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer>;
}
