//! Observes the attempts of a call, which the SDK's retry hides, so that the limit sees each
//! throttled one.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
#[cfg(feature = "tracing")]
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::ErrorKind;

use crate::backend::Operation;
use crate::backend::layer::Limit;
use crate::clock::{Clock, SystemClock};
use crate::progress::ProgressWatch;
#[cfg(feature = "tracing")]
use crate::telemetry;

/// An interceptor in a client that sees the end of each attempt.
#[derive(Debug, Clone)]
pub(super) struct Attempts {
    pub(super) limit: Limit,
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "aws_patch_manager::Attempts"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let throttled = is_throttled(context, components);
        let called = config.load::<Metadata>().map(Metadata::name);
        if let Some(operation) = called.and_then(Operation::named).filter(|_| throttled) {
            self.limit.throttled(operation, SystemClock.now());
            ProgressWatch::count_throttled();
        }
        #[cfg(feature = "tracing")]
        {
            let attempt = config.load::<RequestAttempts>().map(|of| of.attempts());
            record(context, attempt, throttled);
        }
        Ok(())
    }
}

/// Records an ended attempt on the span of its call.
#[cfg(feature = "tracing")]
fn record(context: &FinalizerInterceptorContextRef<'_>, attempt: Option<u32>, throttled: bool) {
    let response = context.response();
    telemetry::with_span(|call| {
        call.record("attempts", attempt);
        if throttled {
            call.record("throttled", true);
        }
        tracing::debug!(
            target: telemetry::CALLS,
            parent: call,
            attempt,
            throttled,
            status = response.map(|response| response.status().as_u16()),
            request_id = response.and_then(crate::sdk_error::request_id),
            "an attempt",
        );
    });
}

/// Whether one of the SDK's retry classifiers treats the answer as throttling.
fn is_throttled(
    context: &FinalizerInterceptorContextRef<'_>,
    components: &RuntimeComponents,
) -> bool {
    let mut classifiers = components.retry_classifiers();
    classifiers.any(|classifier| {
        matches!(
            classifier.classify_retry(context.inner()),
            RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind: ErrorKind::ThrottlingError,
                ..
            })
        )
    })
}
