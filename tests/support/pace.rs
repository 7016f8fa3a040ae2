//! A clock that only the test advances, to measure exactly how long calls take.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::Clock;
use futures_util::future::poll_fn;
use jiff::{SignedDuration, Timestamp};

/// A clock whose sleepers sleep until it is advanced.
#[derive(Debug)]
pub(crate) struct StoppedClock {
    state: Mutex<State>,
    /// Each sleep under way holds one more reference.
    asleep: Arc<()>,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    sleepers: Vec<(Timestamp, Waker)>,
}

/// Whether a future asked to be polled again: a stream of many yields now and then.
#[derive(Debug, Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl StoppedClock {
    pub(crate) fn new(now: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                now,
                sleepers: Vec::new(),
            }),
            asleep: Arc::new(()),
        })
    }

    /// The number of sleeps under way.
    pub(crate) fn asleep(&self) -> usize {
        Arc::strong_count(&self.asleep) - 1
    }

    /// Advances the clock while nobody sleeps.
    pub(crate) fn advance(&self, duration: Duration) {
        let mut state = self.state.lock().unwrap();
        assert!(state.sleepers.is_empty(), "somebody sleeps");
        state.now += SignedDuration::try_from(duration).unwrap();
    }

    /// Runs a future to its end, turning the clock whenever it waits for nothing else.
    pub(crate) fn drive<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(answer) = future.as_mut().poll(&mut context) {
                return answer;
            }
            if !woken.0.swap(false, Ordering::Relaxed) {
                self.turn();
            }
        }
    }

    /// Advances the clock to the first wake-up, and wakes every sleeper that is due.
    pub(crate) fn turn(&self) {
        let mut state = self.state.lock().unwrap();
        let first = state.sleepers.iter().map(|(until, _)| *until).min();
        let now = first.unwrap_or_else(|| panic!("nobody sleeps, and nothing goes on"));
        state.now = now;
        state.sleepers.retain(|(until, waker)| {
            if *until <= now {
                waker.wake_by_ref();
            }
            *until > now
        });
    }
}

#[async_trait]
impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.state.lock().unwrap().now
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now() + SignedDuration::try_from(duration).unwrap();
        let _asleep = Arc::clone(&self.asleep);
        poll_fn(|cx| {
            let mut state = self.state.lock().unwrap();
            if state.now >= until {
                return Poll::Ready(());
            }
            state.sleepers.push((until, cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
