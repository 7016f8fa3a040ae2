//! Time as a dependency: waiting, polling, approval delays and schedules all use one clock.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// A source of time, and a way to wait.
///
/// ```
/// use std::time::Duration;
/// use async_trait::async_trait;
/// use aws_patch_manager::{Clock, SystemClock};
/// use aws_patch_manager::jiff::Timestamp;
///
/// /// The machine's clock, of which every wait takes a hundredth.
/// #[derive(Debug)]
/// struct Hurried;
///
/// #[async_trait]
/// impl Clock for Hurried {
///     fn now(&self) -> Timestamp {
///         SystemClock::new().now()
///     }
///
///     async fn sleep(&self, duration: Duration) {
///         SystemClock::new().sleep(duration / 100).await;
///     }
/// }
/// ```
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Returns once `duration` has passed on this clock.
    async fn sleep(&self, duration: Duration);
}

/// The machine's own clock. Its sleep needs no particular async runtime.
///
/// ```
/// use aws_patch_manager::{Clock, SystemClock};
///
/// let earlier = SystemClock::new().now();
/// assert!(SystemClock::new().now() >= earlier);
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl SystemClock {
    /// The machine's clock.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        futures_timer::Delay::new(duration).await;
    }
}

/// A clock that stands still until a test or a sleeper advances it.
///
/// Sleeping advances the clock by that duration and returns, so a test of a month of patching takes
/// milliseconds.
///
/// ```
/// use std::time::Duration;
/// use aws_patch_manager::{Clock, ManualClock};
/// use aws_patch_manager::jiff::Timestamp;
///
/// let clock = ManualClock::new("2026-01-05T00:00:00Z".parse()?);
/// clock.advance(Duration::from_hours(24));
/// assert_eq!(clock.now(), "2026-01-06T00:00:00Z".parse::<Timestamp>()?);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self {
            now: Mutex::new(start),
        }
    }

    /// Advances the clock by this duration.
    pub fn advance(&self, by: Duration) {
        let target = self.now().saturating_add(by).unwrap_or(Timestamp::MAX);
        self.advance_to(target);
    }

    /// Advances the clock to an instant. An earlier instant changes nothing.
    pub fn advance_to(&self, instant: Timestamp) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = (*now).max(instant);
    }

    /// Sets the clock, back as well.
    #[cfg(feature = "emulator")]
    pub(crate) fn set(&self, instant: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = instant;
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}
