//! One limit for all calls of a backend: so many in flight, and no faster than the service lets on.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::error::{Error, Result};

/// How many calls at the same time, and how fast at the most.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LimiterConfig {
    /// The most calls in flight, over all operations. At least 1.
    pub max_in_flight: usize,
    /// The most calls a second for each operation, at least one an hour; unlimited, until the
    /// service throttles, where absent or no positive number.
    pub max_rate: Option<f64>,
}

impl Default for LimiterConfig {
    /// 16 calls in flight; no rate, for SSM publishes none for Patch Manager and tells by throttling.
    fn default() -> Self {
        Self {
            max_in_flight: 16,
            max_rate: None,
        }
    }
}

impl LimiterConfig {
    /// At most this many calls in flight.
    #[must_use]
    pub fn with_max_in_flight(mut self, calls: usize) -> Self {
        self.max_in_flight = calls.max(1);
        self
    }

    /// At most this many calls a second for each operation.
    #[must_use]
    pub fn with_max_rate(mut self, calls_per_second: f64) -> Self {
        self.max_rate = Some(calls_per_second);
        self
    }
}

/// The rate that a throttled operation starts from.
const THROTTLED_RATE: f64 = 10.0;
/// Throttling slows no operation below this, unless it was not to be faster anyway.
const SLOWEST_RATE: f64 = 0.5;
/// One call an hour: what waits longer for its turn might as well not be made.
const LEAST_MAX_RATE: f64 = 1.0 / 3600.0;
/// By how many calls a second each answer that is not throttled raises a lowered rate.
const RECOVERY: f64 = 0.5;
/// Calls that were under way together are throttled together: that counts once.
const LOWERED_AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// Above this a lowered rate is lifted altogether.
const RECOVERED_RATE: f64 = 50.0;

#[derive(Debug, Clone)]
pub(super) struct Limiter {
    slots: Arc<Semaphore>,
    paces: Arc<Mutex<HashMap<&'static str, Pace>>>,
    max_rate: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Pace {
    rate: Option<f64>,
    next: Instant,
    lowered: Option<Instant>,
}

impl Pace {
    fn lower(&mut self, ceiling: Option<f64>) {
        let now = Instant::now();
        let slowest = ceiling.map_or(SLOWEST_RATE, |ceiling| ceiling.min(SLOWEST_RATE));
        if self
            .lowered
            .is_none_or(|last| now - last >= LOWERED_AT_MOST_EVERY)
        {
            self.rate = Some((self.rate.unwrap_or(THROTTLED_RATE) / 2.0).max(slowest));
            self.lowered = Some(now);
        }
    }

    fn raise(&mut self, ceiling: Option<f64>) {
        let Some(rate) = self.rate else {
            return;
        };
        let raised = rate + RECOVERY;
        self.rate = match ceiling {
            Some(ceiling) => Some(raised.min(ceiling)),
            None => Some(raised).filter(|raised| *raised <= RECOVERED_RATE),
        };
    }
}

impl Limiter {
    pub(super) fn new(config: LimiterConfig) -> Self {
        let slots = config.max_in_flight.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            slots: Arc::new(Semaphore::new(slots)),
            paces: Arc::default(),
            max_rate: config
                .max_rate
                .filter(|rate| rate.is_finite() && *rate > 0.0)
                .map(|rate| rate.max(LEAST_MAX_RATE)),
        }
    }

    /// Runs a call when its turn has come and there is a slot, and learns from its answer.
    ///
    /// The turn comes first: calls that wait for one take no slot from other operations.
    pub(super) async fn run<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        #[cfg(feature = "tracing")]
        let asked = Instant::now();
        let turn = self.turn(operation);
        if turn > Instant::now() {
            tokio::time::sleep_until(turn).await;
        }
        let _slot = self.slots.acquire().await;
        #[cfg(feature = "tracing")]
        super::told::waited(asked.elapsed());
        let answer = call.await;
        self.learn(operation, answer.as_ref().err());
        answer
    }

    fn with_pace<T>(&self, operation: &'static str, act: impl FnOnce(&mut Pace) -> T) -> T {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Pace {
            rate: self.max_rate,
            next: Instant::now(),
            lowered: None,
        };
        act(paces.entry(operation).or_insert(fresh))
    }

    fn turn(&self, operation: &'static str) -> Instant {
        self.with_pace(operation, |pace| {
            let turn = pace.next.max(Instant::now());
            if let Some(rate) = pace.rate {
                pace.next = turn + Duration::from_secs_f64(1.0 / rate);
            }
            turn
        })
    }

    fn learn(&self, operation: &'static str, error: Option<&Error>) {
        match error {
            Some(error) if error.is_throttled() => self.throttled(operation),
            _ => self.with_pace(operation, |pace| pace.raise(self.max_rate)),
        }
    }

    /// Slows an operation down that the service throttled, even if the SDK tries again by itself.
    pub(super) fn throttled(&self, operation: &str) {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = paces.get_mut(operation) {
            pace.lower(self.max_rate);
        }
    }
}
