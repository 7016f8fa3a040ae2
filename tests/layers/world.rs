//! The tests' own layers, backend and clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Next};
use aws_patch_manager::backend::{BaselineStore, GetDefaultPatchBaseline, Layer, Operation};
use aws_patch_manager::baseline::DefaultPatchBaseline;
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{Clock, MemoryBackend, PatchManager, Result};
use futures_util::future::{BoxFuture, FutureExt, poll_fn};
use jiff::Timestamp;

pub(crate) fn account() -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&backend);
    (backend, manager)
}

/// The call that most tests make: GetDefaultPatchBaseline.
pub(crate) fn ask(manager: &PatchManager) -> BoxFuture<'static, Result<DefaultPatchBaseline>> {
    let manager = manager.clone();
    async move { manager.default_baseline(OperatingSystem::Windows).await }.boxed()
}

pub(crate) type Log<T> = Arc<Mutex<Vec<T>>>;

/// Records its name when a call enters and when its outcome leaves.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) log: Log<String>,
}

#[async_trait]
impl Layer for Named {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        self.log.lock().unwrap().push(format!("{} in", self.name));
        let outcome = next.run(&call).await;
        self.log.lock().unwrap().push(format!("{} out", self.name));
        outcome
    }
}

/// Records the operation, the attempt, and the call's duration so far.
#[derive(Debug, Default)]
pub(crate) struct Seen(pub(crate) Log<(Operation, u32, Duration)>);

#[async_trait]
impl Layer for Seen {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let outcome = next.run(&call).await;
        let seen = (call.operation(), call.attempt(), call.elapsed());
        self.0.lock().unwrap().push(seen);
        outcome
    }
}

/// Repeats a call while its error can be retried, at most three times.
#[derive(Debug)]
pub(crate) struct Retry;

#[async_trait]
impl Layer for Retry {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let mut outcome = next.run(&call).await;
        for _ in 0..2 {
            if outcome.as_ref().is_err_and(|error| error.is_retryable()) {
                outcome = next.run(&call).await;
            }
        }
        outcome
    }
}

/// A program's own backend with one operation, which counts its calls.
#[derive(Debug, Default)]
pub(crate) struct Own {
    pub(crate) calls: Log<Operation>,
}

#[async_trait]
impl BaselineStore for Own {
    async fn get_default_patch_baseline(
        &self,
        request: GetDefaultPatchBaseline,
    ) -> Result<DefaultPatchBaseline> {
        let operation = Operation::GetDefaultPatchBaseline;
        self.calls.lock().unwrap().push(operation);
        let memory = MemoryBackend::new();
        memory.get_default_patch_baseline(request).await
    }
}

/// Stands still until a test sets it; a sleeper sleeps until then.
#[derive(Debug)]
pub(crate) struct SetClock(Mutex<Timestamp>);

impl SetClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new("2026-05-14T00:00:00Z".parse().unwrap())))
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    pub(crate) fn set_back(&self, by: Duration) {
        *self.0.lock().unwrap() -= by;
    }
}

#[async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    /// Does not wake sleepers: the tests poll again themselves.
    async fn sleep(&self, duration: Duration) {
        let end = self.now() + duration;
        poll_fn(|_| match self.now() >= end {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        })
        .await;
    }
}
