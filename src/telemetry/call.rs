use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::mem;
use std::pin::pin;
use std::time::Duration;

use tracing::{Span, debug_span, field};

use super::record::traced;
use crate::error::Result;

/// The target of the calls' spans and events.
pub(crate) const CALLS: &str = "aws_patch_manager::call";

thread_local! {
    /// The call that is polled on this thread. The current span can be another one, because layers
    /// and the SDKs can have spans inside the call's span.
    static CURRENT: RefCell<Option<CallSpan>> = const { RefCell::new(None) };
}

struct CallSpan {
    operation: &'static str,
    span: Span,
    waited: Duration,
}

/// Makes a call of a backend in its span. A call has only one span, the outermost.
pub(crate) async fn call<T>(
    service: &'static str,
    operation: &'static str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    if with_current(|call| call.operation) == Some(operation) {
        return work.await;
    }
    let span = debug_span!(
        target: CALLS,
        "call",
        service,
        operation,
        waited_ms = field::Empty,
        attempts = field::Empty,
        throttled = field::Empty,
        error.kind = field::Empty,
        error.code = field::Empty,
        request_id = field::Empty,
    );
    let call = CallSpan {
        operation,
        span: span.clone(),
        waited: Duration::ZERO,
    };
    traced(span, within(call, work)).await
}

/// Records the time that the current call waited for limits; the sum, if there are several.
pub(crate) fn waited(time: Duration) {
    with_current(|call| {
        call.waited += time;
        let millis = u64::try_from(call.waited.as_millis()).unwrap_or(u64::MAX);
        call.span.record("waited_ms", millis);
    });
}

/// Passes the span of the current call to code that records on it.
#[cfg(feature = "aws")]
pub(crate) fn with_span(record: impl FnOnce(&Span)) {
    with_current(|call| record(&call.span));
}

fn with_current<T>(act: impl FnOnce(&mut CallSpan) -> T) -> Option<T> {
    CURRENT.with_borrow_mut(|current| current.as_mut().map(act))
}

/// Makes a call the current one while its work is polled.
async fn within<T>(call: CallSpan, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut other = Some(call);
    poll_fn(move |context| {
        let _polled = Swapped::with(&mut other);
        work.as_mut().poll(context)
    })
    .await
}

/// Swaps the current call with another, and back when it is dropped.
struct Swapped<'a>(&'a mut Option<CallSpan>);

impl<'a> Swapped<'a> {
    fn with(other: &'a mut Option<CallSpan>) -> Self {
        CURRENT.with_borrow_mut(|current| mem::swap(current, other));
        Self(other)
    }
}

impl Drop for Swapped<'_> {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| mem::swap(current, self.0));
    }
}
