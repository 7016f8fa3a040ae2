//! The futures of a stream, which go on while the stream itself is not read.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};

use crate::progress;

/// The futures of a stream that are not done.
///
/// A call can hold a permit of a limit while it waits, and gives it back only when it is polled again.
/// But a stream such as `buffered` does not poll its source while it is full, and a stream that is not
/// read polls nothing. So a stream starts its calls here, and whoever waits for another call of the same
/// backend meanwhile polls them too.
#[derive(Clone, Default)]
pub(crate) struct InFlight(Arc<Futures>);

#[derive(Default)]
struct Futures {
    /// Those that were never polled. They can be started while the others are polled.
    started: Mutex<Vec<BoxFuture<'static, ()>>>,
    running: Mutex<FuturesUnordered<BoxFuture<'static, ()>>>,
}

/// The output of a started future.
pub(crate) struct Started<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    output: Option<T>,
    waker: Option<Waker>,
}

impl InFlight {
    /// Starts a future: from now on every poll of this set polls it. It is cancelled with the last handle
    /// of the set, so it must not have one itself.
    pub(crate) fn start<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Started<T> {
        #[cfg(feature = "tracing")]
        let future = tracing::Instrument::instrument(future, tracing::Span::current());
        let slot = Arc::new(Mutex::new(Slot {
            output: None,
            waker: None,
        }));
        let filled = Arc::clone(&slot);
        let future = progress::carried(future);
        let future = Box::pin(async move {
            let output = future.await;
            let mut slot = lock(&filled);
            slot.output = Some(output);
            let waker = slot.waker.take();
            drop(slot);
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        lock(&self.0.started).push(future);
        Started(slot)
    }

    /// The stream, with its futures polled whenever it is, whether or not it asks for their outputs.
    pub(crate) fn drive<S: Stream + Unpin>(self, mut stream: S) -> impl Stream<Item = S::Item> {
        stream::poll_fn(move |context| {
            loop {
                self.poll(context);
                let polled = stream.poll_next_unpin(context);
                if polled.is_ready() || lock(&self.0.started).is_empty() {
                    return polled;
                }
            }
        })
    }

    /// A future, with the futures of these sets polled whenever it is.
    pub(crate) async fn drive_during<F: Future>(sets: Vec<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(move |context| {
            for set in &sets {
                set.poll(context);
            }
            future.as_mut().poll(context)
        })
        .await
    }

    fn poll(&self, context: &mut Context<'_>) {
        let mut running = lock(&self.0.running);
        running.extend(lock(&self.0.started).drain(..));
        while let Poll::Ready(Some(())) = running.poll_next_unpin(context) {}
    }
}

impl<T> Future for Started<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = lock(&self.0);
        match slot.output.take() {
            Some(output) => Poll::Ready(output),
            None => {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
