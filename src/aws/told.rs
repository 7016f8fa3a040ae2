//! What is told of a call to AWS: its wait for a turn, and each attempt, which the SDK's retry hides.

use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use tracing::Span;

use super::error::request_id;
use crate::error::Result;
use crate::telemetry::{self, CALLS};

tokio::task_local! {
    /// The span of the call under way; between it and an attempt the SDK has spans of its own.
    static CALL: Span;
}

/// Makes a call in its span, and has its wait and its attempts put down there.
pub(super) async fn told<T>(span: Span, call: impl Future<Output = Result<T>>) -> Result<T> {
    telemetry::told(span.clone(), CALL.scope(span, call)).await
}

/// Puts down how long the call waited for its turn at the limiter.
pub(super) fn waited(time: Duration) {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let _ = CALL.try_with(|call| {
        call.record("waited_ms", millis);
    });
}

/// Puts down an attempt that is over.
pub(super) fn attempt(
    context: &FinalizerInterceptorContextRef<'_>,
    attempt: Option<u32>,
    throttled: bool,
) {
    let response = context.response();
    let tell = |call: &Span| {
        call.record("attempts", attempt);
        if throttled {
            call.record("throttled", true);
        }
        tracing::debug!(
            target: CALLS,
            parent: call,
            attempt,
            throttled,
            status = response.map(|response| response.status().as_u16()),
            request_id = response.and_then(request_id),
            "an attempt",
        );
    };
    let _ = CALL.try_with(tell);
}
