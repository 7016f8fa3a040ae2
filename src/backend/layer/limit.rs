use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::rate::AdaptiveRate;
use super::semaphore::{Permit, Semaphore};
use super::{Answer, Call, Layer, Next};
use crate::backend::{Access, Operation};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry;

/// The configuration of a [`Limit`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LimitConfig {
    /// The maximum number of calls in flight, over all operations. At least 1.
    pub max_in_flight: usize,
    /// The maximum rate of each operation in calls per second, at least one per hour. If it is
    /// absent or not positive, the rate is unlimited until the service throttles.
    pub max_rate: Option<f64>,
}

impl Default for LimitConfig {
    /// 16 calls in flight. No rate, because SSM publishes none for Patch Manager.
    fn default() -> Self {
        Self {
            max_in_flight: 16,
            max_rate: None,
        }
    }
}

impl LimitConfig {
    /// Sets the maximum number of calls in flight.
    #[must_use]
    pub fn with_max_in_flight(mut self, calls: usize) -> Self {
        self.max_in_flight = calls.max(1);
        self
    }

    /// Sets the maximum rate of each operation, in calls per second.
    #[must_use]
    pub fn with_max_rate(mut self, calls_per_second: f64) -> Self {
        self.max_rate = Some(calls_per_second);
        self
    }
}

/// One call per hour: a longer wait is useless.
const LEAST_MAX_RATE: f64 = 1.0 / 3600.0;

/// A layer that limits the calls in flight, and the rate of each operation.
///
/// Each time the service throttles an operation, the limit halves its rate, and measures what the service
/// admitted since it last did. The rate comes back at once to just below that, then rises slowly, to find
/// out whether the service admits more. Of the calls of an operation that the service admits 5, 20 or 100
/// times a second, few are throttled, and nearly all that are admitted are made. If the service soon
/// throttles again, another program uses the account, which gets its part. If it does so however low the
/// rate is, its throttling has nothing to do with the rate, which then rises fast for a minute.
///
/// Waits are on the clock of the layers. Calls of one operation start in order, and a waiting call that is
/// dropped does not delay the others. Clones share one limit.
///
/// A call has its permit until its future ends or is dropped, and waits in its queue until then, whether or
/// not it is polled. So a task that stops polling some calls and awaits another can wait for ever: await it
/// [alongside](crate::manager::ComplianceSweep::alongside) a sweep, or sweep in another task.
///
/// The adapter for AWS has its own limit around each call of the SDK, which also sees the
/// throttling that the SDK retries: `AwsBackendBuilder::limits`.
///
/// ```
/// use std::time::Duration;
///
/// use aws_patch_manager::backend::layer::{Limit, LimitConfig};
/// use aws_patch_manager::types::OperatingSystem;
/// use aws_patch_manager::{MemoryBackend, PatchManager};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let account = MemoryBackend::sample();
/// let limit = Limit::new(LimitConfig::default().with_max_rate(2.0));
/// let manager = PatchManager::from_memory(&account).layer(limit);
/// let before = account.clock().now();
/// for _ in 0..5 {
///     manager.default_baseline(OperatingSystem::Windows).await?;
/// }
/// assert_eq!(before.duration_until(account.clock().now()).as_secs(), 2);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Limit {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    in_flight: Semaphore,
    max_rate: Option<f64>,
    operations: Mutex<HashMap<Operation, Arc<OperationLimit>>>,
}

/// The queue of the calls of one operation. The first one waits for the bucket.
#[derive(Debug)]
struct OperationLimit {
    line: Semaphore,
    bucket: Mutex<AdaptiveRate>,
}

impl Default for Limit {
    fn default() -> Self {
        Self::new(LimitConfig::default())
    }
}

impl Limit {
    /// A limit with this configuration.
    pub fn new(config: LimitConfig) -> Self {
        let positive = |rate: &f64| rate.is_finite() && *rate > 0.0;
        let max_rate = config.max_rate.filter(positive);
        Self {
            shared: Arc::new(Shared {
                in_flight: Semaphore::new(config.max_in_flight.max(1)),
                max_rate: max_rate.map(|rate| rate.max(LEAST_MAX_RATE)),
                operations: Mutex::default(),
            }),
        }
    }

    /// Makes a call when the limit allows it, and adjusts the rate to its outcome.
    pub(crate) async fn run<T>(
        &self,
        operation: Operation,
        clock: &dyn Clock,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let limit = self.of(operation, clock.now());
        let _permit = self.start(&limit, clock).await;
        let outcome = call.await;
        limit.learn(outcome.as_ref().err(), clock.now());
        outcome
    }

    /// Slows down an operation that the service throttled, even if the SDK retries the call.
    #[cfg(feature = "aws")]
    pub(crate) fn throttled(&self, operation: Operation, now: Timestamp) {
        self.of(operation, now).bucket().lower(now);
    }

    /// Waits in the queue of this operation, then for a permit among the calls in flight.
    ///
    /// Only the first call of a queue waits for a permit, so an operation with many calls leaves
    /// room for others. A call takes its token when it starts. If it is dropped before, the token
    /// stays.
    async fn start(&self, limit: &OperationLimit, clock: &dyn Clock) -> Permit<'_> {
        let asked = clock.now();
        let _first = limit.line.acquire().await;
        loop {
            let wait = limit.bucket().wait(clock.now());
            if wait.is_zero() {
                break;
            }
            clock.sleep(wait).await;
        }
        let permit = self.shared.in_flight.acquire().await;
        let now = clock.now();
        limit.bucket().take(now);
        telemetry::waited(unsigned(asked.duration_until(now)));
        permit
    }

    fn of(&self, operation: Operation, now: Timestamp) -> Arc<OperationLimit> {
        let mut operations = lock(&self.shared.operations);
        let fresh = || {
            Arc::new(OperationLimit {
                line: Semaphore::new(1),
                bucket: Mutex::new(AdaptiveRate::new(self.shared.max_rate, now)),
            })
        };
        Arc::clone(operations.entry(operation).or_insert_with(fresh))
    }
}

#[async_trait]
impl Layer for Limit {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        self.run(call.operation(), call.clock(), next.run(&call))
            .await
    }
}

impl OperationLimit {
    fn bucket(&self) -> MutexGuard<'_, AdaptiveRate> {
        lock(&self.bucket)
    }

    fn learn(&self, error: Option<&Error>, now: Timestamp) {
        match error {
            Some(error) if error.is_throttled() => self.bucket().lower(now),
            _ => self.bucket().raise(now),
        }
    }
}

pub(super) fn unsigned(duration: SignedDuration) -> Duration {
    duration.try_into().unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A layer that refuses every write and passes every read.
///
/// Use it for a program that reports, or to try a program on an account that it must not change. A
/// write fails with [`AccessDenied`](ErrorKind::AccessDenied), as for a role that may only read,
/// and never reaches the backend. [`Operation::access`](crate::backend::Operation::access) says
/// which operations write.
///
/// ```
/// use aws_patch_manager::backend::layer::ReadOnly;
/// use aws_patch_manager::{ErrorKind, PatchManager, PatchRequest};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory().layer(ReadOnly::new());
/// let install = PatchRequest::install().nodes(["i-0c0ffee0000000001"]);
/// let refused = manager.run(&install).await.err().ok_or("it was sent")?;
/// assert_eq!(refused.kind(), ErrorKind::AccessDenied);
/// assert_eq!(refused.operation(), Some("SendCommand"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct ReadOnly;

impl ReadOnly {
    /// The layer.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Layer for ReadOnly {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        match call.access() {
            Access::Read => next.run(&call).await,
            Access::Write => {
                let message = "the layer ReadOnly refuses every write; the call was not made";
                Err(Error::new(ErrorKind::AccessDenied, message).with_operation(call.operation()))
            }
        }
    }
}
