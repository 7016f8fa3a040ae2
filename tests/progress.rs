//! How far long verbs are.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use aws_patch_manager::automation::OrganizationRequest;
use aws_patch_manager::backend::Operation;
use aws_patch_manager::exposure::ExposureQuery;
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::plan::{AccountSize, DesiredState, MirrorScope, PlanOptions};
use aws_patch_manager::promotion::PromotionQuery;
use aws_patch_manager::rollout::{InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, Wave};
use aws_patch_manager::types::{BaselineId, Target};
use aws_patch_manager::{
    ComplianceQuery, MemoryBackend, PatchGroup, PatchManager, PatchRequest, Progress, ProgressWatch,
};
use futures_util::future::{BoxFuture, FutureExt, join};
use futures_util::{StreamExt, TryStreamExt};
use jiff::SignedDuration;

const DAY: Duration = Duration::from_hours(24);

fn account() -> (MemoryBackend, PatchManager) {
    let account = MemoryBackend::sample();
    let manager = PatchManager::from_memory(&account);
    (account, manager)
}

async fn node_ids(manager: &PatchManager) -> Vec<String> {
    let nodes = manager.list_nodes();
    let ids = nodes.map_ok(|node| node.instance_id.to_string());
    ids.try_collect().await.unwrap()
}

async fn scanned() -> (MemoryBackend, PatchManager) {
    let (account, manager) = account();
    let scan = PatchRequest::scan().nodes(node_ids(&manager).await);
    manager.run(&scan).await.unwrap().wait(DAY).await.unwrap();
    (account, manager)
}

/// The changes that a watch sees during work, and its progress after it.
async fn seen<T>(work: impl Future<Output = T>) -> (T, Vec<Progress>, Progress) {
    let watch = ProgressWatch::new();
    let (done, changes) = join(watch.during(work), watch.changes().collect()).await;
    (done, changes, watch.progress())
}

type Work = BoxFuture<'static, ()>;

async fn a_wait(manager: PatchManager) {
    let scan = PatchRequest::scan().nodes(node_ids(&manager).await);
    let run = manager.run(&scan).await.unwrap();
    run.wait(DAY).await.unwrap();
}

async fn a_mirror(manager: PatchManager) {
    let scope = MirrorScope::new().patches();
    manager.mirror_snapshot(&scope).await.unwrap();
}

async fn an_apply(manager: PatchManager) {
    let desired =
        r#"{"Name": "web", "PatchGroups": {"web": {"WINDOWS": "AWS", "AMAZON_LINUX_2": "AWS"}}}"#;
    let desired = DesiredState::from_json(desired).unwrap();
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    let events = manager.apply(&plan);
    events.try_collect::<Vec<_>>().await.unwrap();
}

async fn a_sweep(manager: PatchManager) {
    let sweep = manager.sweep(&ComplianceQuery::all());
    sweep.collect::<Vec<_>>().await;
}

async fn a_sweep_of_accounts(manager: PatchManager) {
    let sweep = FleetSweep::new().source("a", manager.clone());
    let sweep = sweep.source("b", manager).sweep(&ComplianceQuery::all());
    sweep.collect::<Vec<_>>().await;
}

async fn a_rollout(manager: PatchManager) {
    let nodes = NodeSet::nodes(node_ids(&manager).await);
    let rollout = Rollout::new("june").wave(Wave::of("all", nodes));
    let state = rollout.begin(&manager).await.unwrap();
    let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
    run.finish().await.unwrap();
}

#[tokio::test]
async fn every_long_verb_tells_how_far_it_is() {
    let (_, manager) = scanned().await;
    let nodes = node_ids(&manager).await.len();
    // The properties have a stopped node too, and EC2 one without an agent.
    let (listed, mirrored) = (nodes + 1, nodes + 2);
    let verbs: [(&str, Work, usize); 6] = [
        ("a run's wait", a_wait(manager.clone()).boxed(), nodes),
        ("a mirror", a_mirror(manager.clone()).boxed(), mirrored),
        ("a sweep", a_sweep(manager.clone()).boxed(), listed),
        (
            "a sweep of accounts",
            a_sweep_of_accounts(manager.clone()).boxed(),
            2 * listed,
        ),
        ("an apply", an_apply(manager.clone()).boxed(), 2),
        ("a rollout", a_rollout(manager.clone()).boxed(), nodes),
    ];
    for (verb, work, total) in verbs {
        let ((), changes, last) = seen(work).await;
        assert_eq!((last.done, last.total), (total, Some(total)), "{verb}");
        assert!(last.calls > 0, "{verb}");
        let done = changes.iter().map(|progress| progress.done);
        assert!(done.is_sorted(), "{verb}: {changes:?}");
        assert_eq!(changes.last(), Some(&last), "{verb}");
    }
}

#[tokio::test]
async fn the_time_that_is_left_follows_from_what_is_done() {
    let (_, manager) = account();
    let ((), changes, last) = seen(a_rollout(manager)).await;
    assert_eq!(last.eta, Some(SignedDuration::ZERO));
    assert!(last.elapsed > SignedDuration::ZERO);
    for progress in changes {
        let is_known = progress.done > 0 && progress.total.is_some();
        assert!(is_known || progress.eta.is_none(), "{progress:?}");
    }
}

#[tokio::test]
async fn attempts_that_the_service_throttles_are_counted() {
    let (account, manager) = account();
    let scan = PatchRequest::scan().nodes(node_ids(&manager).await);
    let run = manager.run(&scan).await.unwrap();
    account.faults().throttle(Operation::ListCommands).times(3);
    let (outcome, _, last) = seen(run.wait(DAY)).await;
    outcome.unwrap();
    assert_eq!(last.throttled, 3);
}

#[tokio::test]
async fn work_that_is_not_watched_is_not_counted() {
    let (_, manager) = account();
    let watch = ProgressWatch::new();
    let watched = watch.during(manager.default_baseline("WINDOWS".into()));
    let other = manager.default_baseline("WINDOWS".into());
    let (watched, other) = join(watched, other).await;
    assert!(watched.is_ok() && other.is_ok());
    assert_eq!(watch.progress().calls, 1);
}

#[tokio::test]
async fn changes_end_with_the_work_also_when_it_is_dropped() {
    let (_, manager) = account();
    let watch = ProgressWatch::new();
    let mut work = Box::pin(watch.during(async {
        manager.default_baseline("WINDOWS".into()).await.unwrap();
        std::future::pending::<()>().await;
    }));
    assert!(work.as_mut().now_or_never().is_none());
    drop(work);
    let changes: Vec<Progress> = watch.changes().collect().await;
    assert_eq!(changes.len(), 1);
}

#[tokio::test]
async fn a_stream_is_watched_as_a_future_is() {
    let (_, manager) = account();
    let watch = ProgressWatch::new();
    let desired = r#"{"Name": "web", "Defaults": {"WINDOWS": "AWS"}}"#;
    let desired = DesiredState::from_json(desired).unwrap();
    let plan = manager.plan(&desired, PlanOptions::new()).await.unwrap();
    let events = watch.during_stream(manager.apply(&plan));
    events.try_collect::<Vec<_>>().await.unwrap();
    assert!(watch.progress().calls > 0);
    assert_eq!(watch.progress().total, Some(watch.progress().done));
}

#[test]
fn progress_is_one_line() {
    let mut progress = Progress::default();
    assert_eq!(
        progress.to_string(),
        "0 of 0 or more, 0 failed; 0 calls, 0 throttled"
    );
    (progress.done, progress.known, progress.total) = (120, 400, Some(400));
    (progress.failed, progress.calls, progress.throttled) = (2, 11, 3);
    progress.eta = Some(SignedDuration::from_secs(100));
    assert_eq!(
        progress.to_string(),
        "120 of 400, 2 failed; 11 calls, 3 throttled; 1m 40s left"
    );
    let json = serde_json::to_value(progress).unwrap();
    assert_eq!(json["Eta"], "PT1M40S");
    assert_eq!(json["Elapsed"], "PT0S");
}

#[tokio::test]
async fn a_plan_of_a_run_counts_its_calls() {
    let (account, manager) = account();
    let web = PatchGroup::new("web").unwrap();
    let nodes = node_ids(&manager).await;
    manager
        .tag_nodes(
            &web,
            &nodes
                .iter()
                .map(|id| id.as_str().into())
                .collect::<Vec<_>>(),
        )
        .await
        .unwrap();
    let requests = [
        PatchRequest::scan().nodes(nodes.clone()),
        PatchRequest::install().nodes(nodes.clone()),
        PatchRequest::scan().patch_group(&web),
    ];
    for request in requests {
        account.faults().clear_calls();
        let began = account.clock().now();
        let run = manager.run(&request).await.unwrap();
        run.wait(DAY).await.unwrap();
        let lasted = began.duration_until(account.clock().now()).unsigned_abs();
        let plan = request.explain(nodes.len(), lasted).unwrap();
        for step in &plan.steps {
            let operation: Operation = step.operation.parse().unwrap();
            let made = account.call_count(operation);
            assert_eq!(made, step.calls, "{operation} of {request:?}\n{plan}");
        }
        assert_eq!(plan.calls(), account.faults().calls().len(), "{plan}");
    }
}

#[test]
fn an_explanation_of_any_numbers_is_no_overflow() {
    const MOST: usize = usize::MAX;
    let web = PatchGroup::new("web").unwrap();
    let queries = [
        ComplianceQuery::all(),
        ComplianceQuery::fleet(),
        ComplianceQuery::group(web.clone()),
        ComplianceQuery::tagged(web.clone()),
    ];
    for query in queries {
        let plan = query.explain(MOST);
        assert!(plan.calls() > 1 << 50, "{plan}");
    }
    let request = PatchRequest::scan().patch_group(&web);
    let plan = request.explain(MOST, Duration::MAX).unwrap();
    assert!(plan.calls() > 1 << 50, "{plan}");
    let of_each = OrganizationRequest::scan("Patch-Nodes")
        .target(Target::tag("Environment", ["production"]))
        .each_node("5".parse().unwrap(), "0".parse().unwrap())
        .organizational_units(["ou-ab12-production"], ["eu-central-1"]);
    for (locations, nodes) in [(MOST, MOST), (MOST, 0), (0, MOST), (1, MOST), (MOST, 1)] {
        let plan = of_each.explain(locations, nodes, Duration::MAX).unwrap();
        assert!(plan.calls() > 1 << 50, "{plan}");
    }
    let everything = MirrorScope::new().patches().catalog();
    let mut size = AccountSize::of_nodes(MOST);
    (size.baselines, size.predefined, size.hybrid_nodes) = (MOST, MOST, MOST);
    (size.products, size.windows, size.associations) = (MOST, MOST, MOST);
    let plan = everything.explain(&size);
    assert!(plan.calls() > 1 << 50, "{plan}");
    let exposure = ExposureQuery::new(["CVE-2026-1"], ComplianceQuery::fleet());
    let plan = exposure.explain(MOST, MOST, MOST);
    assert!(plan.calls() > 1 << 50, "{plan}");
    let promotion = {
        let [test, prod] = ["pb-0123456789abcdef0", "pb-0123456789abcdef1"].map(BaselineId::new);
        PromotionQuery::new(&test, &prod, ComplianceQuery::fleet())
    };
    let plan = promotion.explain(MOST, MOST);
    assert!(plan.calls() > 1 << 50, "{plan}");
}
