//! How a limit finds the rate of a service that throttles, on a clock whose time passes only while every
//! call waits.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::Limit;
use aws_patch_manager::{Clock, MemoryBackend, PatchManager};
use futures_util::StreamExt;
use futures_util::future::{join, poll_fn};
use futures_util::stream::FuturesUnordered;
use jiff::{SignedDuration, Timestamp};

use super::world::ask;

const LATENCY: Duration = Duration::from_millis(20);
/// The time in which a limit may find the rate.
const LEARNING: SignedDuration = SignedDuration::from_secs(5);

/// Those who sleep, by the time when they wake.
#[derive(Debug, Default)]
struct Events {
    now: Timestamp,
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
    number: u64,
}

#[derive(Debug, Default)]
struct EventClock(Mutex<Events>);

#[async_trait]
impl Clock for EventClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().now
    }

    async fn sleep(&self, duration: Duration) {
        let end = self.now() + duration;
        poll_fn(|context| {
            let mut events = self.0.lock().unwrap();
            if events.now >= end {
                return Poll::Ready(());
            }
            events.number += 1;
            let number = events.number;
            let waker = context.waker().clone();
            events.sleepers.insert((end, number), waker);
            Poll::Pending
        })
        .await;
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl EventClock {
    /// Completes a task. Time passes to the next event whenever nothing else can go on.
    fn run<T>(&self, task: impl Future<Output = T>) -> T {
        let mut task = pin!(task);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        loop {
            if flag.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(done) = task.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return done;
                }
                continue;
            }
            let next = {
                let mut events = self.0.lock().unwrap();
                let ((at, _), waker) = events.sleepers.pop_first().unwrap();
                events.now = events.now.max(at);
                waker
            };
            next.wake();
        }
    }
}

/// The calls of one program since its limit had time to find the rate.
#[derive(Debug, Default, Clone, Copy)]
struct Calls {
    admitted: u32,
    throttled: u32,
}

impl Calls {
    fn throttled_share(self) -> f64 {
        f64::from(self.throttled) / f64::from(self.admitted + self.throttled)
    }
}

/// A program that calls as fast as its limit allows, from now for this long.
async fn greedy(clock: &EventClock, manager: PatchManager, time: SignedDuration) -> Calls {
    let manager = manager.layer(Limit::default());
    let (counted_from, end) = (clock.now() + LEARNING, clock.now() + time);
    let calls = Mutex::new(Calls::default());
    let workers = (0..16).map(|_| async {
        while clock.now() < end {
            let answer = ask(&manager).await;
            if clock.now() < counted_from {
                continue;
            }
            let mut calls = calls.lock().unwrap();
            match answer {
                Ok(_) => calls.admitted += 1,
                Err(error) if error.is_throttled() => calls.throttled += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    workers
        .collect::<FuturesUnordered<_>>()
        .collect::<()>()
        .await;
    calls.into_inner().unwrap()
}

/// A program without a limit, which makes a call at this rate and repeats a throttled one after a second.
async fn steady(clock: &EventClock, manager: PatchManager, rate: f64, time: f64) -> Calls {
    let calls = Mutex::new(Calls::default());
    let starts = (0..).map(|number| f64::from(number) / rate);
    let starts = starts.take_while(|start| *start < time);
    let each = starts.map(|start| {
        let (calls, manager) = (&calls, manager.clone());
        async move {
            clock.sleep(Duration::from_secs_f64(start)).await;
            for _ in 0..3 {
                if ask(&manager).await.is_ok() {
                    calls.lock().unwrap().admitted += 1;
                    return;
                }
                clock.sleep(Duration::from_secs(1)).await;
            }
            calls.lock().unwrap().throttled += 1;
        }
    });
    each.collect::<FuturesUnordered<_>>().collect::<()>().await;
    calls.into_inner().unwrap()
}

/// An account that throttles above a rate.
fn throttling(rate: f64) -> (Arc<EventClock>, PatchManager) {
    let clock = Arc::new(EventClock::default());
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let account = MemoryBackend::builder().clock(shared).build();
    account.faults().latency(LATENCY);
    account.faults().throttle_above(rate);
    (clock, PatchManager::from_memory(&account))
}

#[test]
fn a_limit_finds_the_rate_of_the_service_and_keeps_to_it() {
    for rate in [5.0, 20.0, 100.0] {
        let (clock, manager) = throttling(rate);
        let calls = clock.run(greedy(&clock, manager, SignedDuration::from_secs(125)));
        let throughput = f64::from(calls.admitted) / 120.0 / rate;
        let share = calls.throttled_share();
        println!("{rate}: throughput {throughput:.3}, throttled {share:.4}");
        assert!(throughput >= 0.95, "{rate} a second: {throughput} of it");
        assert!(share <= 0.02, "{rate} a second: {share} throttled");
    }
}

#[test]
fn throttling_that_has_nothing_to_do_with_the_rate_keeps_no_rate_low() {
    for (probability, least) in [(0.02, 15.0), (0.05, 10.0), (0.2, 1.0)] {
        let clock = Arc::new(EventClock::default());
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let account = MemoryBackend::builder().clock(shared).build();
        account.faults().latency(LATENCY);
        account.faults().throttle_randomly(probability);
        let manager = PatchManager::from_memory(&account);
        let calls = clock.run(greedy(&clock, manager, SignedDuration::from_secs(605)));
        let throughput = f64::from(calls.admitted) / 600.0;
        assert!(throughput >= least, "{probability}: {throughput} a second");
    }
}

#[test]
fn a_limit_leaves_another_program_of_the_account_its_calls() {
    for rate in [5.0, 20.0, 100.0] {
        let (clock, manager) = throttling(rate);
        let ours = greedy(&clock, manager.clone(), SignedDuration::from_secs(125));
        let (ours, theirs) = clock.run(join(ours, steady(&clock, manager, rate * 0.4, 120.0)));
        println!("{rate}: {ours:?} {theirs:?}");
        assert!(
            theirs.throttled_share() <= 0.02,
            "{rate} a second: {theirs:?}"
        );
        assert!(ours.throttled_share() <= 0.02, "{rate} a second: {ours:?}");
    }
}

#[test]
fn two_limits_of_an_account_share_its_rate() {
    for rate in [5.0, 20.0, 100.0] {
        let (clock, manager) = throttling(rate);
        let first = greedy(&clock, manager.clone(), SignedDuration::from_secs(305));
        let late = async {
            clock.sleep(Duration::from_secs(30)).await;
            greedy(&clock, manager, SignedDuration::from_secs(275)).await
        };
        let (first, late) = clock.run(join(first, late));
        println!("{rate}: {first:?} {late:?}");
        let share = f64::from(late.admitted) / f64::from(first.admitted + late.admitted);
        assert!((0.25..=0.75).contains(&share), "{rate} a second: {share}");
    }
}
