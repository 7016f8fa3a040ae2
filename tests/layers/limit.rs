use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::backend::layer::{Answer, Call, Faults, Limit, LimitConfig, Next};
use aws_patch_manager::backend::{Layer, Operation};
use aws_patch_manager::types::OperatingSystem;
use aws_patch_manager::{MemoryBackend, PatchGroup, PatchManager, Result};
use futures_util::future::{BoxFuture, FutureExt, join_all, poll_fn};

use super::world::{SetClock, account, ask};

/// Holds each call for some polls, and counts how many are held at the same time.
#[derive(Debug, Default)]
struct Held {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Debug, Default, Clone)]
struct Holding(Arc<Held>);

#[async_trait]
impl Layer for Holding {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let held = self.0.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.0.most.fetch_max(held, Ordering::Relaxed);
        let mut polls = 3;
        poll_fn(|context| {
            polls -= 1;
            context.waker().wake_by_ref();
            if polls == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        self.0.now.fetch_sub(1, Ordering::Relaxed);
        next.run(&call).await
    }
}

#[tokio::test]
async fn no_more_calls_are_in_flight_than_the_limit_allows() {
    for most in [1, 3, 16] {
        let held = Holding::default();
        let limit = Limit::new(LimitConfig::default().with_max_in_flight(most));
        let (_, manager) = account();
        let manager = manager.layer(held.clone()).layer(limit);
        let group = PatchGroup::new("web").unwrap();
        let calls = (0..50).map(|number| {
            let (manager, group) = (manager.clone(), group.clone());
            async move {
                if number % 2 == 0 {
                    manager.default_baseline(OperatingSystem::Windows).await?;
                } else {
                    manager.group_state(&group).await?;
                }
                Ok::<(), aws_patch_manager::Error>(())
            }
        });
        for outcome in join_all(calls).await {
            outcome.unwrap();
        }
        assert!(held.0.most.load(Ordering::Relaxed) <= most);
        assert!(most < 3 || held.0.most.load(Ordering::Relaxed) > 1);
    }
}

/// An account on a clock that a test sets, behind a limit.
fn limited(config: LimitConfig) -> (MemoryBackend, PatchManager, Arc<SetClock>) {
    let clock = SetClock::new();
    let account = MemoryBackend::builder()
        .clock(Arc::clone(&clock) as _)
        .build();
    let manager = PatchManager::from_memory(&account).layer(Limit::new(config));
    (account, manager, clock)
}

fn one_a_second() -> LimitConfig {
    LimitConfig::default().with_max_rate(1.0)
}

type Asked = BoxFuture<'static, Result<aws_patch_manager::baseline::DefaultPatchBaseline>>;

fn is_done(call: &mut Asked) -> bool {
    call.now_or_never().is_some_and(|outcome| outcome.is_ok())
}

#[test]
fn calls_of_an_operation_start_in_their_order_and_at_the_rate() {
    let (_, manager, clock) = limited(one_a_second());
    let mut calls: Vec<Asked> = (0..4).map(|_| ask(&manager)).collect();
    assert!(is_done(&mut calls[0]));
    for call in &mut calls[1..] {
        assert!(!is_done(call));
    }
    for next in 1..4 {
        clock.advance(Duration::from_millis(999));
        assert!(calls[next..].iter_mut().all(|call| !is_done(call)));
        clock.advance(Duration::from_millis(1));
        assert!(calls[next + 1..].iter_mut().all(|call| !is_done(call)));
        assert!(is_done(&mut calls[next]));
    }
}

#[test]
fn a_timer_that_is_late_does_not_slow_down_the_rate() {
    let (_, manager, clock) = limited(one_a_second());
    let mut calls: Vec<Asked> = (0..3).map(|_| ask(&manager)).collect();
    assert!(is_done(&mut calls[0]));
    assert!(!is_done(&mut calls[1]) && !is_done(&mut calls[2]));
    clock.advance(Duration::from_millis(1005));
    assert!(is_done(&mut calls[1]) && !is_done(&mut calls[2]));
    clock.advance(Duration::from_millis(995));
    assert!(is_done(&mut calls[2]));
}

#[test]
fn waiters_that_are_dropped_do_not_delay_the_next_call() {
    let (_, manager, clock) = limited(one_a_second());
    assert!(is_done(&mut ask(&manager)));
    let mut waiting: Vec<Asked> = (0..500).map(|_| ask(&manager)).collect();
    assert!(waiting.iter_mut().all(|call| !is_done(call)));
    let mut last = ask(&manager);
    assert!(!is_done(&mut last));
    drop(waiting);
    clock.advance(Duration::from_secs(1));
    assert!(is_done(&mut last));
    let mut next = ask(&manager);
    assert!(!is_done(&mut next));
    clock.advance(Duration::from_secs(1));
    assert!(is_done(&mut next));
}

#[test]
fn an_operation_at_its_rate_holds_no_other_back() {
    let (_, manager, _) = limited(one_a_second().with_max_in_flight(1));
    assert!(is_done(&mut ask(&manager)));
    let mut waiting: Vec<Asked> = (0..5).map(|_| ask(&manager)).collect();
    assert!(waiting.iter_mut().all(|call| !is_done(call)));
    let group = PatchGroup::new("web").unwrap();
    let other = manager.group_state(&group).now_or_never();
    assert!(other.unwrap().is_ok());
}

#[test]
fn a_clock_that_is_set_back_delays_a_call_by_one_turn_at_the_most() {
    let (_, manager, clock) = limited(one_a_second());
    assert!(is_done(&mut ask(&manager)));
    clock.set_back(Duration::from_secs(3600));
    let mut next = ask(&manager);
    assert!(!is_done(&mut next));
    clock.advance(Duration::from_secs(1));
    assert!(is_done(&mut next));
}

struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Polls with a waker that counts.
fn poll(call: &mut Asked) -> (bool, Arc<Woken>) {
    let woken = Arc::new(Woken(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&woken));
    let polled = call.poll_unpin(&mut Context::from_waker(&waker));
    (polled.is_ready(), woken)
}

#[test]
fn a_place_that_its_next_waiter_does_not_take_wakes_the_one_after() {
    let (account, manager, _) = limited(LimitConfig::default().with_max_in_flight(1));
    account.faults().latency(Duration::from_secs(60));
    let group = PatchGroup::new("web").unwrap();
    let of = manager.clone();
    // Three operations, because only the first call of each waits for a place.
    let mut held = ask(&manager);
    let mut second: BoxFuture<'static, _> = async move { of.group_state(&group).await }.boxed();
    let of = manager.clone();
    let mut third: BoxFuture<'static, _> = async move { of.compliance_counts().await }.boxed();
    assert!(!poll(&mut held).0);
    let woken: Vec<Arc<Woken>> = (0..2)
        .map(|_| Arc::new(Woken(AtomicUsize::new(0))))
        .collect();
    let wakers: Vec<Waker> = woken.iter().map(|of| Waker::from(Arc::clone(of))).collect();
    assert!(
        second
            .poll_unpin(&mut Context::from_waker(&wakers[0]))
            .is_pending()
    );
    assert!(
        third
            .poll_unpin(&mut Context::from_waker(&wakers[1]))
            .is_pending()
    );
    let times = |of: usize| woken[of].0.load(Ordering::Relaxed);
    drop(held);
    assert_eq!((times(0), times(1)), (1, 0));
    drop(second);
    assert_eq!(times(1), 1);
}

/// When calls reach the backend, on the clock of the layers.
#[derive(Debug, Default)]
struct Starts(Arc<Mutex<Vec<(Operation, f64)>>>);

#[async_trait]
impl Layer for Starts {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let start: jiff::Timestamp = "2026-05-14T00:00:00Z".parse().unwrap();
        let passed = start.duration_until(call.clock().now()).as_secs_f64();
        self.0.lock().unwrap().push((call.operation(), passed));
        next.run(&call).await
    }
}

#[tokio::test]
async fn throttling_halves_the_rate_of_that_operation_until_it_recovers() {
    let (_, manager) = account();
    let (faults, starts) = (Faults::new(), Starts::default());
    let log = Arc::clone(&starts.0);
    let manager = manager
        .layer(faults.clone())
        .layer(starts)
        .layer(Limit::default());
    let operation = Operation::GetDefaultPatchBaseline;
    ask(&manager).await.unwrap();
    faults.throttle(operation);
    ask(&manager).await.unwrap_err();
    for _ in 0..3 {
        ask(&manager).await.unwrap();
    }
    manager
        .group_state(&PatchGroup::new("web").unwrap())
        .await
        .unwrap();
    let starts: Vec<f64> = log.lock().unwrap().iter().map(|start| start.1).collect();
    // 10 a second halved, then an eighth of 10 more with each answer.
    let expected = [0.0, 0.0, 0.0, 1.0 / 6.25, 1.0 / 6.25 + 1.0 / 7.5];
    for (start, expected) in starts.iter().zip(expected) {
        assert!((start - expected).abs() < 1e-6, "{starts:?}");
    }
    assert!((starts[5] - starts[4]).abs() < 1e-6, "{starts:?}");
}
