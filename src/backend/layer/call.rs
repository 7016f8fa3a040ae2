use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_core::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use super::{Answer, Layer};
use crate::backend::{Access, Operation, Request};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// A call of a backend, as a [`Layer`] sees it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    request: &'a dyn AnyRequest,
    attempt: u32,
    began: Timestamp,
    clock: &'a dyn Clock,
}

impl<'a> Call<'a> {
    pub(super) fn new(request: &'a dyn AnyRequest, clock: &'a dyn Clock) -> Self {
        Self {
            request,
            attempt: 1,
            began: clock.now(),
            clock,
        }
    }

    /// The operation that is called.
    pub fn operation(&self) -> Operation {
        self.request.operation()
    }

    /// Whether the operation changes anything.
    pub fn access(&self) -> Access {
        self.operation().access()
    }

    /// The request, if it is of this type.
    pub fn request<R: Request>(&self) -> Option<&'a R> {
        self.request.as_any().downcast_ref()
    }

    /// The request in AWS's JSON form. It can have secrets: parameters, and the configuration of a
    /// baseline's sources.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it does not serialize.
    pub fn to_value(&self) -> Result<Value> {
        self.request.to_value().map_err(|error| {
            let message = format!("the request does not serialize: {error}");
            Error::new(ErrorKind::InvalidInput, message).with_operation(self.operation())
        })
    }

    /// The number of the attempt, from 1. It is higher if an outer layer makes the call again.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time since the outermost layer saw the call, on the clock of the layers.
    pub fn elapsed(&self) -> Duration {
        let elapsed = self.began.duration_until(self.clock.now());
        elapsed.try_into().unwrap_or_default()
    }

    /// The clock of the layers: the manager's, or the machine's for a backend alone.
    pub fn clock(&self) -> &'a dyn Clock {
        self.clock
    }
}

/// Shows only the operation and the attempt: the request can have secrets.
impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation())
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// What a layer calls: the next inner layer, or the backend.
pub struct Next<'a> {
    layers: &'a [Arc<dyn Layer>],
    backend: &'a dyn Target,
    runs: AtomicU32,
    attempt: u32,
}

impl<'a> Next<'a> {
    pub(super) fn new(layers: &'a [Arc<dyn Layer>], backend: &'a dyn Target) -> Self {
        Self::from_attempt(layers, backend, 1)
    }

    fn from_attempt(layers: &'a [Arc<dyn Layer>], backend: &'a dyn Target, attempt: u32) -> Self {
        Self {
            layers,
            backend,
            runs: AtomicU32::new(0),
            attempt,
        }
    }

    /// Makes the call. A layer may call it again; then the inner layers see a higher attempt.
    ///
    /// # Errors
    ///
    /// The error of the next layer or the backend.
    pub async fn run(&self, call: &Call<'_>) -> Result<Answer> {
        let attempt = self.attempt + self.runs.fetch_add(1, Ordering::Relaxed);
        let call = Call { attempt, ..*call };
        match self.layers.split_last() {
            Some((layer, further_in)) => {
                let next = Next::from_attempt(further_in, self.backend, attempt);
                layer.call(call, next).await
            }
            None => self.backend.send(call.request).await,
        }
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("layers", &self.layers)
            .finish_non_exhaustive()
    }
}

/// The backend at the end of the layers, for one operation.
pub(super) trait Target: Sync {
    fn send<'a>(&'a self, request: &'a dyn AnyRequest) -> BoxFuture<'a, Result<Answer>>;
}

/// A request of any operation.
pub(super) trait AnyRequest: Send + Sync {
    fn operation(&self) -> Operation;
    fn as_any(&self) -> &dyn Any;
    fn to_value(&self) -> serde_json::Result<Value>;
}

impl<R: Request> AnyRequest for R {
    fn operation(&self) -> Operation {
        R::OPERATION
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn to_value(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}
