use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;

use super::call::{AnyRequest, Target};
use super::{Answer, Call, Layer, Next};
use crate::backend::request::*;
use crate::backend::traits::*;
use crate::backend::{Operation, operations};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};

/// A backend with layers around it. It implements each backend trait that the backend implements.
pub struct Layered<B: ?Sized> {
    backend: Arc<B>,
    layers: Arc<[Arc<dyn Layer>]>,
    clock: Arc<dyn Clock>,
}

/// Adds a layer around a backend, with the machine's clock. [`Layered::layer`] adds more; the layer
/// added last sees a call first.
///
/// ```
/// use std::sync::Arc;
///
/// use aws_patch_manager::MemoryBackend;
/// use aws_patch_manager::backend::layer::ReadOnly;
/// use aws_patch_manager::backend::{BaselineStore, DeletePatchBaseline, layered};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let account = layered(Arc::new(MemoryBackend::new()), ReadOnly::new());
/// let request = DeletePatchBaseline::new("pb-0123456789abcdef0");
/// assert!(account.delete_patch_baseline(request).await.is_err());
/// # }).ok_or("pending")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn layered<B: ?Sized>(backend: Arc<B>, layer: impl Layer) -> Layered<B> {
    let layers: [Arc<dyn Layer>; 1] = [Arc::new(layer)];
    Layered::new(backend, Arc::from(layers), Arc::new(SystemClock::new()))
}

impl<B: ?Sized> Layered<B> {
    pub(crate) fn new(
        backend: Arc<B>,
        layers: Arc<[Arc<dyn Layer>]>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            backend,
            layers,
            clock,
        }
    }
}

impl<B: ?Sized> Layered<B> {
    /// Adds an outer layer, which sees a call first.
    #[must_use]
    pub fn layer(mut self, layer: impl Layer) -> Self {
        let layer: Arc<dyn Layer> = Arc::new(layer);
        self.layers = self.layers.iter().cloned().chain([layer]).collect();
        self
    }

    /// The clock of the layers: for a backend in memory, its own.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl<B: ?Sized + Send + Sync> Layered<B> {
    fn run<R: Request>(
        &self,
        request: R,
        send: fn(&B, R) -> BoxFuture<'_, Result<R::Answer>>,
    ) -> BoxFuture<'_, Result<R::Answer>> {
        Box::pin(async move {
            let backend = &*self.backend;
            let target = OneOperation { backend, send };
            through(&self.layers, &*self.clock, &request, &target)
                .await?
                .into::<R>()
        })
    }
}

/// Sends a request through the layers. It is not generic, so it is compiled once and not for each
/// operation.
async fn through(
    layers: &[Arc<dyn Layer>],
    clock: &dyn Clock,
    request: &dyn AnyRequest,
    target: &dyn Target,
) -> Result<Answer> {
    let call = Call::new(request, clock);
    Next::new(layers, target).run(&call).await
}

impl<B: ?Sized> Clone for Layered<B> {
    fn clone(&self) -> Self {
        Self {
            backend: Arc::clone(&self.backend),
            layers: Arc::clone(&self.layers),
            clock: Arc::clone(&self.clock),
        }
    }
}

impl<B: fmt::Debug + ?Sized> fmt::Debug for Layered<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layered")
            .field("backend", &self.backend)
            .field("layers", &self.layers)
            .finish_non_exhaustive()
    }
}

struct OneOperation<'b, B: ?Sized, R: Request> {
    backend: &'b B,
    send: fn(&B, R) -> BoxFuture<'_, Result<R::Answer>>,
}

impl<B: ?Sized + Sync, R: Request> Target for OneOperation<'_, B, R> {
    fn send<'a>(&'a self, request: &'a dyn AnyRequest) -> BoxFuture<'a, Result<Answer>> {
        match request.as_any().downcast_ref::<R>() {
            Some(request) => Box::pin(Answering::<R>((self.send)(self.backend, request.clone()))),
            None => Box::pin(ready(Err(other_call(R::OPERATION)))),
        }
    }
}

fn other_call(operation: Operation) -> Error {
    let message = "a layer called `next` with another call than its own";
    Error::new(ErrorKind::InvalidInput, message).with_operation(operation)
}

/// The answer of a backend, without its type. Written out, because it is compiled for each
/// operation and an async block is several times as much code.
struct Answering<'b, R: Request>(BoxFuture<'b, Result<R::Answer>>);

impl<R: Request> Future for Answering<'_, R> {
    type Output = Result<Answer>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<Answer>> {
        match self.0.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(answer)) => Poll::Ready(Ok(Answer::new::<R>(answer))),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }
}

macro_rules! forward {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident { $(
            $(#[$doc:meta])*
            $method:ident($request:ident) -> $answer:ty { $($row:tt)* }
        )* }
    )*) => { $(
        // The methods have the signatures that async_trait generates. With its attribute, each
        // would be a second future around the one of `run`.
        impl<B: $trait + ?Sized> $trait for Layered<B> {
            $(
                fn $method<'b, 'f>(
                    &'b self,
                    request: $request,
                ) -> BoxFuture<'f, Result<<$request as Request>::Answer>>
                where
                    'b: 'f,
                    Self: 'f,
                {
                    self.run(request, |backend, request| backend.$method(request))
                }
            )*
        }
    )* };
}

operations!(forward);
