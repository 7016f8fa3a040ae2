//! How long a sweep takes, in sequential calls, measured exactly by a clock that only the test
//! advances.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::{Clock, ComplianceQuery, ErrorKind, MemoryBackend, PatchManager};
use futures_util::StreamExt;
use jiff::Timestamp;
use support::accounts::{fleet, hybrid_id, hybrid_node, id, instances};
use support::pace::StoppedClock;

const LATENCY: Duration = Duration::from_millis(20);

fn hybrid(count: usize) -> impl Iterator<Item = FleetNode> {
    (0..count).map(|number| hybrid_node(hybrid_id(number)))
}

/// An account of these nodes whose calls take time on the stopped clock.
fn account(nodes: Vec<FleetNode>) -> (MemoryBackend, Arc<StoppedClock>) {
    let clock = StoppedClock::new(Timestamp::UNIX_EPOCH);
    let backend = MemoryBackend::builder()
        .clock(clock.clone())
        .fleet(fleet(nodes));
    (backend.latency(LATENCY).build(), clock)
}

/// The duration of a sweep over these nodes, in calls.
fn calls_in_a_row(query: &ComplianceQuery, nodes: Vec<FleetNode>) -> usize {
    let count = nodes.len();
    let (backend, clock) = account(nodes);
    in_a_row(query, &backend, &clock, count)
}

/// The same over this account of so many nodes.
fn in_a_row(
    query: &ComplianceQuery,
    backend: &MemoryBackend,
    clock: &StoppedClock,
    count: usize,
) -> usize {
    let sweep = PatchManager::from_memory(backend).sweep(query);
    let answered = clock.drive(sweep.map(Result::unwrap).count());
    assert_eq!(answered, count);
    let took = clock.now().duration_since(Timestamp::UNIX_EPOCH);
    usize::try_from(took.as_millis()).unwrap() / 20
}

#[test]
fn states_are_looked_up_while_the_next_page_is_listed() {
    // Pages come one after the other; the states of the last page come after it.
    let wide = ComplianceQuery::all().concurrency(64);
    assert_eq!(calls_in_a_row(&wide, instances(5_000)), 5 + 1);
    // Without DescribeInstanceProperties, whose first page is denied, there are 20 pages.
    let (backend, clock) = account(instances(1_000));
    let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    let listing = Operation::DescribeInstanceProperties;
    backend.faults().fail(listing, kind, code, "no").always();
    let all = ComplianceQuery::all();
    assert_eq!(in_a_row(&all, &backend, &clock, 1_000), 1 + 20 + 1);
}

#[test]
fn states_of_the_fleet_wait_for_no_page_of_managed_nodes() {
    // Two pages of instances; 40 batches, 16 at a time.
    let calls = calls_in_a_row(&ComplianceQuery::fleet(), instances(2_000));
    assert!(calls <= 2 + 3, "{calls}");
    let wide = ComplianceQuery::fleet().concurrency(64);
    assert_eq!(calls_in_a_row(&wide, instances(2_000)), 2 + 1);
}

#[test]
fn hybrid_nodes_are_listed_beside_the_instances() {
    // Five pages of instances and five of hybrid nodes; the states of the last pages come after them.
    let nodes = instances(5_000).into_iter().chain(hybrid(250)).collect();
    let wide = ComplianceQuery::fleet().concurrency(64);
    assert_eq!(calls_in_a_row(&wide, nodes), 5 + 1);
}

#[test]
fn a_sweep_that_is_dropped_leaves_no_call_under_way_and_makes_no_other() {
    let (backend, clock) = account(instances(1_000));
    let mut sweep = PatchManager::from_memory(&backend).sweep(&ComplianceQuery::fleet());
    let mut context = Context::from_waker(Waker::noop());
    assert!(sweep.poll_next_unpin(&mut context).is_pending());
    clock.turn();
    assert!(sweep.poll_next_unpin(&mut context).is_pending());
    assert_eq!(clock.asleep(), 16, "batches are looked up");
    let calls = backend.calls().len();
    drop(sweep);
    assert_eq!(clock.asleep(), 0);
    clock.turn();
    assert_eq!(backend.calls().len(), calls);
}

#[test]
fn named_nodes_are_looked_up_as_many_batches_at_a_time_as_the_question_says() {
    let nodes = (0..1_000).map(id);
    let query = ComplianceQuery::nodes(nodes);
    for (at_a_time, calls) in [(1, 20), (4, 5), (16, 2), (20, 1)] {
        let query = query.clone().concurrency(at_a_time);
        assert_eq!(
            calls_in_a_row(&query, instances(1_000)),
            calls,
            "{at_a_time}"
        );
    }
}
