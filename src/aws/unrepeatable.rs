//! Calls without a client token: a blind repetition could patch twice.

use std::future::Future;
use std::time::Duration;

use aws_sdk_ssm::config::{Builder, retry::RetryConfig};

use crate::error::{Error, ErrorKind, Result};

const ATTEMPTS: u32 = 3;
/// When to look up the created resource again, because the service's listings lag. A resource that
/// appears later than all of these would be created twice.
const LOOK_AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(4)];

/// One such call, whose request has a marker.
pub(super) trait Unrepeatable: Sync {
    /// The resource that it creates.
    type Made: Send;

    /// Sends the request once.
    fn send(&self) -> impl Future<Output = Result<Self::Made>> + Send;

    /// Looks for the resource with the marker.
    fn look(&self) -> impl Future<Output = Result<Look<Self::Made>>> + Send;
}

/// The result of the lookup.
pub(super) enum Look<M> {
    Found(M),
    Absent,
    /// Inconclusive, for this reason.
    Unclear(&'static str),
}

/// The SDK's own retry would repeat the request blindly.
pub(super) fn without_retry() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

/// Sends the request. If the outcome is unknown, it is sent again only if the resource does not
/// exist.
pub(super) async fn make<C: Unrepeatable>(call: &C) -> Result<C::Made> {
    let mut attempt = 1;
    let mut doubtful = false;
    loop {
        let error = match call.send().await {
            Ok(made) => return Ok(made),
            // Created by an earlier attempt, or by someone else: the marker decides.
            Err(error) if doubtful && error.kind() == ErrorKind::AlreadyExists => {
                return settled(call, error).await;
            }
            Err(error) if !error.is_retryable() && !is_unknown(&error) => return Err(error),
            Err(error) => error,
        };
        if is_unknown(&error) {
            doubtful = true;
            match find(call).await {
                Ok(Look::Found(made)) => return Ok(made),
                Ok(Look::Absent) => {}
                Ok(Look::Unclear(why)) => return Err(in_doubt(error, why)),
                Err(failed) => {
                    return Err(in_doubt(error, &format!("the lookup failed: {failed}")));
                }
            }
        }
        if attempt == ATTEMPTS {
            return Err(error);
        }
        tokio::time::sleep(Duration::from_millis(250 << attempt)).await;
        attempt += 1;
    }
}

async fn settled<C: Unrepeatable>(call: &C, error: Error) -> Result<C::Made> {
    match call.look().await {
        Ok(Look::Found(made)) => Ok(made),
        _ => Err(error),
    }
}

/// The resource with the marker, if it is listed.
async fn find<C: Unrepeatable>(call: &C) -> Result<Look<C::Made>> {
    for pause in LOOK_AGAIN_AFTER {
        match call.look().await? {
            Look::Absent => tokio::time::sleep(pause).await,
            settled => return Ok(settled),
        }
    }
    call.look().await
}

/// Whether the service may have acted although there is no successful answer.
fn is_unknown(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::ServiceFailure
            | ErrorKind::InvalidResponse
    )
}

/// The same error, with the note that the call may have taken effect and was not repeated.
fn in_doubt(error: Error, why: &str) -> Error {
    let message = format!(
        "{}; it may have taken effect, and was not sent again: {why}",
        error.message()
    );
    let told = match error.code() {
        Some(code) => Error::service(error.kind(), code, message),
        None => Error::new(error.kind(), message),
    };
    let told = match error.operation() {
        Some(operation) => told.with_operation(operation),
        None => told,
    };
    let told = match error.request_id() {
        Some(id) => told.with_request_id(id),
        None => told,
    };
    told.with_source(error).with_unknown_effect()
}
