//! How long a sweep takes, in calls that wait for one another: a clock that only the test turns
//! tells it exactly, whatever else the machine does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use aws_patch_manager::memory::{FleetFile, FleetNode};
use aws_patch_manager::{Clock, ComplianceQuery, MemoryBackend, PatchManager};
use futures_util::future::poll_fn;
use futures_util::{FutureExt, StreamExt};
use jiff::{SignedDuration, Timestamp};

const LATENCY: Duration = Duration::from_millis(20);

/// A clock on which sleepers sleep until it is turned.
#[derive(Debug)]
struct StoppedClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now: Timestamp,
    sleepers: Vec<(Timestamp, Waker)>,
}

impl StoppedClock {
    /// Turns the clock to when the first sleeper wakes, and wakes whoever has slept enough.
    fn turn(&self) {
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

/// How many calls' time a sweep over so many nodes takes.
fn calls_in_a_row(query: &ComplianceQuery, nodes: usize) -> usize {
    let start = Timestamp::UNIX_EPOCH;
    let state = Mutex::new(State {
        now: start,
        sleepers: Vec::new(),
    });
    let clock = Arc::new(StoppedClock { state });
    let mut fleet = FleetFile::default();
    fleet.nodes = (0..nodes)
        .map(|number| FleetNode::amazon_linux_2023(format!("i-{number:017x}")))
        .collect();
    let backend = MemoryBackend::builder().clock(clock.clone()).fleet(fleet);
    let manager = PatchManager::from_memory(&backend.latency(LATENCY).build());
    let sweep = manager.sweep(query);
    let mut swept = Box::pin(sweep.map(Result::unwrap).count());
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(answered) = swept.poll_unpin(&mut context) {
            assert_eq!(answered, nodes);
            let took = clock.now().duration_since(start).as_millis();
            return usize::try_from(took).unwrap() / 20;
        }
        clock.turn();
    }
}

#[test]
fn states_are_looked_up_while_the_next_page_is_listed() {
    // 20 pages, one after the other; the states of the last page come after it.
    assert_eq!(calls_in_a_row(&ComplianceQuery::all(), 1_000), 20 + 1);
}

#[test]
fn states_of_the_fleet_wait_for_no_page_of_managed_nodes() {
    // Two pages of instances and the hybrid nodes; 40 batches, 16 at a time.
    let calls = calls_in_a_row(&ComplianceQuery::fleet(), 2_000);
    assert!(calls <= 3 + 3, "{calls}");
    let wide = ComplianceQuery::fleet().concurrency(64);
    let calls = calls_in_a_row(&wide, 2_000);
    assert!(calls <= 3 + 1, "{calls}");
}

#[test]
fn named_nodes_are_looked_up_as_many_batches_at_a_time_as_the_question_says() {
    let nodes = (0..1_000).map(|number| format!("i-{number:017x}"));
    let query = ComplianceQuery::nodes(nodes);
    for (at_a_time, calls) in [(1, 20), (4, 5), (16, 2), (20, 1)] {
        let query = query.clone().concurrency(at_a_time);
        assert_eq!(calls_in_a_row(&query, 1_000), calls, "{at_a_time}");
    }
}
