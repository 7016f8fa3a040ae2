//! How long an exposure takes, measured exactly by a clock that only the test advances.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::layer::FaultScope;
use aws_patch_manager::exposure::{ExposureQuery, ExposureState};
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{Clock, ComplianceQuery, MemoryBackend, PatchManager, PatchRequest};
use support::accounts::{fleet, instances, node_id, old_openssl};
use support::pace::StoppedClock;

const LATENCY: Duration = Duration::from_millis(20);
const CVE: &str = "CVE-2026-90122";

/// An account of scanned nodes, each of which lacks the fix, and whose calls take time from now on.
fn account(nodes: usize) -> (MemoryBackend, PatchManager, Arc<StoppedClock>) {
    let clock = StoppedClock::new("2026-05-14T00:00:00Z".parse().unwrap());
    let old = instances(nodes).into_iter();
    let old = old.map(|node| node.with_installed(old_openssl())).collect();
    let backend = MemoryBackend::builder()
        .clock(clock.clone())
        .fleet(fleet(old));
    let backend = backend.build();
    let manager = PatchManager::from_memory(&backend);
    let ids: Vec<NodeId> = (0..nodes).map(node_id).collect();
    for batch in ids.chunks(50) {
        let scan = PatchRequest::scan().nodes(batch);
        clock.drive(manager.run(&scan)).unwrap();
        clock.advance(Duration::from_secs(600));
    }
    let faults = backend.faults();
    faults.delay(FaultScope::Any, LATENCY).always();
    (backend, manager, clock)
}

/// The calls of an exposure of all nodes and the time it takes, in calls in a row.
fn pace(nodes: usize, scope: ComplianceQuery) -> (usize, usize) {
    let (backend, manager, clock) = account(nodes);
    let (before, begun) = (backend.calls().len(), clock.now());
    let query = ExposureQuery::new([CVE], scope);
    let exposure = clock.drive(manager.exposure(&query)).unwrap();
    let exposed = exposure.in_state(ExposureState::Exposed).count();
    assert_eq!(exposed, nodes, "{exposure}");
    let took = clock.now().duration_since(begun).as_millis();
    let calls = backend.calls().len() - before;
    (calls, usize::try_from(took).unwrap() / 20)
}

#[test]
fn an_exposure_keeps_all_its_calls_in_flight_from_the_first_page_to_the_last() {
    for (scope, at_a_time) in [
        (ComplianceQuery::all(), 10),
        (ComplianceQuery::all(), 16),
        (ComplianceQuery::fleet(), 16),
        (ComplianceQuery::fleet(), 25),
    ] {
        let (calls, in_a_row) = pace(2_000, scope.concurrency(at_a_time));
        // What it takes at least, with every call used, and a tenth more.
        let most = calls.div_ceil(at_a_time) * 11 / 10;
        assert!(
            in_a_row <= most,
            "{calls} calls, {at_a_time} at a time, take {in_a_row} in a row, and not {most}"
        );
    }
}

#[test]
fn no_more_calls_are_in_flight_than_the_query_says() {
    let (_, manager, clock) = account(500);
    for at_a_time in [1, 2, 7, 16] {
        let query = ComplianceQuery::all().concurrency(at_a_time);
        let query = ExposureQuery::new([CVE], query);
        let mut most = 0;
        let watched = async {
            let mut exposure = std::pin::pin!(manager.exposure(&query));
            std::future::poll_fn(|cx| {
                let polled = exposure.as_mut().poll(cx);
                most = most.max(clock.asleep());
                polled
            })
            .await
        };
        clock.drive(watched).unwrap();
        assert_eq!(most, at_a_time);
    }
}
