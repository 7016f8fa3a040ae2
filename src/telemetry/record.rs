use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use tracing::{Instrument, Span, field};

use crate::error::{Error, Result};

/// The target of the verbs' spans; all other targets begin with it.
pub(crate) const VERBS: &str = "aws_patch_manager";
pub(crate) const PROGRESS: &str = "aws_patch_manager::progress";

/// Does the work in the span, and records its error.
pub(crate) async fn traced<T>(span: Span, work: impl Future<Output = Result<T>>) -> Result<T> {
    let answer = work.instrument(span.clone()).await;
    if let Err(error) = &answer {
        record_error(&span, error);
    }
    answer
}

/// The error of a verb that failed half-way has no code, so this records the code of its cause.
fn record_error(span: &Span, error: &Error) {
    let cause = error.cause().unwrap_or(error);
    span.record("error.kind", field::debug(error.kind()));
    if let Some(code) = cause.code() {
        span.record("error.code", code);
    }
    if let Some(id) = cause.request_id() {
        span.record("request_id", id);
    }
    if error.is_throttled() {
        span.record("throttled", true);
    }
}

/// An item of a verb's stream.
pub(crate) trait Yield {
    /// The number of answers in it.
    fn items(&self) -> u64;

    /// The error in it.
    fn error(&self) -> Option<&Error>;
}

impl<T> Yield for Result<T> {
    fn items(&self) -> u64 {
        u64::from(self.is_ok())
    }

    fn error(&self) -> Option<&Error> {
        self.as_ref().err()
    }
}

/// Polls the stream in the span, and records the number of items and the last error.
pub(crate) fn listed<T>(span: Span, stream: BoxStream<'static, T>) -> BoxStream<'static, T>
where
    T: Yield + 'static,
{
    let items = 0;
    Listed {
        stream,
        span,
        items,
    }
    .boxed()
}

struct Listed<T> {
    stream: BoxStream<'static, T>,
    span: Span,
    items: u64,
}

impl<T: Yield> Stream for Listed<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        let polled = {
            let _in_it = this.span.enter();
            this.stream.poll_next_unpin(context)
        };
        if let Poll::Ready(Some(item)) = &polled {
            this.items += item.items();
            if let Some(error) = item.error() {
                record_error(&this.span, error);
            }
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

/// A stream can be dropped before its end.
impl<T> Drop for Listed<T> {
    fn drop(&mut self) {
        self.span.record("items", self.items);
    }
}
