//! The attempts of a call, which the SDK's retry hides: the limiter learns of each that is throttled.

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

use super::limiter::Limiter;

/// Sits in a client, and sees when an attempt is over.
#[derive(Debug, Clone)]
pub(super) struct Attempts {
    pub(super) limiter: Limiter,
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
        if let Some(call) = config.load::<Metadata>().filter(|_| throttled) {
            self.limiter.throttled(call.name());
        }
        #[cfg(feature = "tracing")]
        {
            let attempt = config.load::<RequestAttempts>().map(|of| of.attempts());
            super::told::attempt(context, attempt, throttled);
        }
        Ok(())
    }
}

/// Whether anything that the SDK asks about retrying takes the answer for throttling.
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
