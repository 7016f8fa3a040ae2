//! Calls of a stream go on while its consumer waits for other calls: nothing waits for ever for a
//! permit of a limit.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::future::poll_fn;
use std::task::Poll;

use async_trait::async_trait;
use aws_patch_manager::backend::Layer;
use aws_patch_manager::backend::layer::{Answer, Call, Limit, LimitConfig, Next};
use aws_patch_manager::compliance::ReportDetail;
use aws_patch_manager::exposure::ExposureQuery;
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::plan::MirrorScope;
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{ComplianceQuery, PatchManager, PatchRequest, Result};
use futures_util::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use support::accounts::{account, hybrid_id, hybrid_node, instances, old_openssl, run};
use support::pace::StoppedClock;

/// Answers each call only after it was polled some times, as one over a network does.
#[derive(Debug)]
struct Slow(usize);

#[async_trait]
impl Layer for Slow {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let mut polls = self.0;
        poll_fn(|context| {
            if polls == 0 {
                return Poll::Ready(());
            }
            polls -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        next.run(&call).await
    }
}

/// An account whose nodes each lack a patch: instances, and hybrid nodes.
async fn lacking(instance_count: usize, hybrid_count: usize) -> PatchManager {
    let hybrid = (0..hybrid_count).map(|number| hybrid_node(hybrid_id(number)));
    let nodes = instances(instance_count).into_iter().chain(hybrid);
    let nodes: Vec<FleetNode> = nodes
        .map(|node| node.with_installed(old_openssl()))
        .collect();
    let ids: Vec<NodeId> = nodes.iter().map(|node| node.id().clone()).collect();
    let (_, manager) = account(nodes);
    for batch in ids.chunks(50) {
        run(&manager, PatchRequest::scan().nodes(batch)).await;
    }
    manager
}

/// The same account behind a limit, with calls that need this many polls.
fn limited(manager: &PatchManager, permits: usize, polls: usize) -> PatchManager {
    let limit = LimitConfig::default().with_max_in_flight(permits);
    manager.clone().layer(Slow(polls)).layer(Limit::new(limit))
}

/// Does the work, and fails if it waits for ever: in memory something wakes all that can go on.
fn ends<T>(work: impl Future<Output = T>) -> T {
    StoppedClock::new(Timestamp::UNIX_EPOCH).drive(work)
}

/// Permits of the limit, calls of the query, polls of a call.
const LIMITS: [(usize, usize, usize); 6] = [
    (1, 1, 0),
    (1, 16, 2),
    (2, 3, 1),
    (16, 16, 0),
    (16, 16, 3),
    (3, 64, 1),
];

#[test]
fn a_sweep_ends_under_every_limit() {
    let manager = ends(lacking(1_100, 60));
    for (permits, calls, polls) in LIMITS {
        for query in [ComplianceQuery::all(), ComplianceQuery::fleet()] {
            let query = query.concurrency(calls).offline_is_unknown();
            let what = format!("{query:?} under {permits}");
            let sweep = limited(&manager, permits, polls).sweep(&query);
            let answers: Vec<_> = ends(sweep.try_collect()).unwrap();
            assert_eq!(answers.len(), 1_160, "{what}");
        }
    }
}

#[test]
fn a_report_with_patches_ends_under_every_limit() {
    let manager = ends(lacking(1_200, 0));
    for (permits, calls, polls) in LIMITS {
        let manager = limited(&manager, permits, polls);
        let query = ComplianceQuery::all().concurrency(calls);
        let report = manager.compliance_report("Fleet", &query, ReportDetail::Patches);
        let report = ends(report).unwrap();
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert_eq!(report.nodes.len(), 1_200);

        let everywhere = FleetSweep::new()
            .source("one", manager.clone())
            .source("the same", manager);
        let report = everywhere.compliance_report("Fleets", &query, ReportDetail::Patches);
        let report = ends(report).unwrap();
        assert_eq!(report.nodes.len(), 2_400);
    }
}

#[test]
fn an_exposure_and_a_snapshot_end_under_every_limit() {
    let manager = ends(lacking(300, 20));
    for (permits, calls, polls) in LIMITS {
        let manager = limited(&manager, permits, polls);
        let query = ComplianceQuery::fleet().concurrency(calls);
        let query = ExposureQuery::new(["CVE-2026-90122"], query);
        let exposure = ends(manager.exposure(&query)).unwrap();
        assert_eq!(exposure.nodes.len(), 320);
        let scope = MirrorScope::new().patches().catalog().concurrency(calls);
        let snapshot = ends(manager.mirror_snapshot(&scope));
        assert_eq!(snapshot.unwrap().nodes.len(), 320);
    }
}

#[test]
fn other_calls_alongside_a_sweep_end_under_every_limit() {
    let manager = ends(lacking(200, 60));
    for (permits, calls, polls) in LIMITS {
        let manager = limited(&manager, permits, polls);
        let query = ComplianceQuery::fleet().concurrency(calls);
        let mut sweep = manager.sweep(&query);
        let mut patches = 0;
        while let Some(answer) = ends(sweep.next()) {
            let of_node = manager.node_patches(&answer.unwrap().node, &[]);
            let of_node = sweep.alongside(of_node.try_collect::<Vec<_>>());
            patches += ends(of_node).unwrap().len();
        }
        assert_eq!(patches, 260);

        let everywhere = FleetSweep::new().source("one", manager.clone());
        let mut answers = everywhere.sweep(&query);
        let mut read = 0;
        while let Some(answer) = ends(answers.next()) {
            let node = answer.answer.unwrap().node;
            let of_node = manager.node_patches(&node, &[]).try_collect::<Vec<_>>();
            read += ends(answers.alongside(of_node)).unwrap().len();
        }
        assert_eq!(read, patches);
    }
}
