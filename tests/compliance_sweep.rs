//! A sweep over a fleet: few calls, every node once, and what is unknown said so.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_patch_manager::compliance::{NodeCompliance, UnknownReason, Verdict};
use aws_patch_manager::manager::{ComplianceSweep, FleetSweep, SweepCheckpoint, SweepFailure};
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage, NodeCondition};
use aws_patch_manager::types::{ComplianceStatus, MaxErrors, NodeId, OperatingSystem};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PatchGroup, PatchManager,
    PatchRequest,
};
use futures_util::{StreamExt, TryStreamExt};
use jiff::SignedDuration;

fn id(number: usize) -> String {
    format!("i-{number:017x}")
}

fn nodes(count: usize) -> Vec<FleetNode> {
    (0..count)
        .map(|number| FleetNode::amazon_linux_2023(id(number)))
        .collect()
}

/// Nodes that each miss one security update of the sample catalogue.
fn missing_one(count: usize) -> Vec<FleetNode> {
    let old = serde_json::json!({
        "Name": "openssl", "Epoch": 1, "Version": "3.2.2", "Release": "1.amzn2023.0.2",
        "Arch": "x86_64"
    });
    let old: InstalledPackage = serde_json::from_value(old).unwrap();
    let nodes = nodes(count).into_iter();
    nodes.map(|node| node.with_installed(old.clone())).collect()
}

fn account(nodes: Vec<FleetNode>) -> (MemoryBackend, PatchManager) {
    let mut fleet = FleetFile::default();
    fleet.nodes = nodes;
    let backend = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&backend);
    (backend, manager)
}

async fn scan(manager: &PatchManager, nodes: impl IntoIterator<Item = String>) {
    let request = PatchRequest::scan()
        .nodes(nodes)
        .max_errors(MaxErrors::Percent(100));
    let run = manager.run(&request).await.unwrap();
    let hours = std::time::Duration::from_secs(4 * 3600);
    run.wait(hours).await.unwrap();
}

async fn all(sweep: &mut ComplianceSweep) -> (Vec<NodeCompliance>, Vec<SweepFailure>) {
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    while let Some(item) = sweep.next().await {
        match item {
            Ok(answer) => answers.push(answer),
            Err(failure) => failures.push(failure),
        }
    }
    (answers, failures)
}

/// Each node and why nobody knows of it.
async fn unknown(manager: &PatchManager, query: &ComplianceQuery) -> BTreeMap<String, String> {
    let (answers, failures) = all(&mut manager.sweep(query)).await;
    assert!(failures.is_empty(), "{failures:?}");
    let unknown = answers
        .iter()
        .filter(|answer| answer.verdict == Verdict::Unknown);
    unknown
        .map(|answer| (answer.node.to_string(), answer.reason()))
        .collect()
}

/// Every scope, with every doubt that costs calls, and the calls that each takes over `count` nodes.
fn questions(count: usize, group: &PatchGroup) -> Vec<(ComplianceQuery, usize)> {
    let (pages, batches) = (count.div_ceil(50), count.div_ceil(50));
    let (instances, of_group) = (count.div_ceil(1000), count.div_ceil(100));
    let named = || ComplianceQuery::nodes((0..count).map(id));
    let in_group = || ComplianceQuery::group(group.clone());
    vec![
        (ComplianceQuery::all(), pages + batches),
        (ComplianceQuery::all().offline_is_unknown(), pages + batches),
        (
            ComplianceQuery::all().other_baseline_is_unknown(),
            2 + pages + batches,
        ),
        (ComplianceQuery::fleet(), instances + 1 + batches),
        (
            ComplianceQuery::fleet().offline_is_unknown(),
            instances + 1 + batches + batches,
        ),
        (named(), batches),
        (named().offline_is_unknown(), batches + batches),
        (named().max_age(SignedDuration::from_hours(1)), batches),
        (in_group(), of_group),
        (in_group().missing_only(), of_group),
        (in_group().offline_is_unknown(), of_group + batches),
        (in_group().other_baseline_is_unknown(), 2 + of_group),
    ]
}

#[tokio::test]
async fn a_sweep_takes_the_calls_that_its_plan_says() {
    let count = 1_234;
    let (backend, manager) = account(missing_one(count));
    let group = PatchGroup::new("all").unwrap();
    let ids: Vec<NodeId> = (0..count).map(|number| NodeId::new(id(number))).collect();
    manager.tag_nodes(&group, &ids).await.unwrap();
    scan(&manager, (0..count).map(id)).await;
    for (query, expected) in questions(count, &group) {
        backend.clear_calls();
        let mut sweep = manager.sweep(&query);
        let (answers, failures) = all(&mut sweep).await;
        assert_eq!((answers.len(), failures.len()), (count, 0), "{query:?}");
        let plan = query.explain(count);
        assert_eq!(plan.calls(), expected, "{plan}");
        assert_eq!(backend.calls().len(), expected, "{plan}");
        for step in &plan.steps {
            let planned = plan.steps.iter().filter(|s| s.operation == step.operation);
            let planned: usize = planned.map(|step| step.calls).sum();
            assert_eq!(backend.call_count(step.operation), planned, "{plan}");
        }
        let progress = sweep.progress();
        assert_eq!((progress.nodes_known, progress.nodes_done), (count, count));
        assert!(progress.all_known);
    }
}

#[test]
fn no_question_about_a_fleet_takes_a_call_for_each_node() {
    let group = PatchGroup::new("all").unwrap();
    for count in [1_000, 10_000, 100_000] {
        for (query, expected) in questions(count, &group) {
            let plan = query.explain(count);
            assert_eq!(plan.calls(), expected, "{plan}");
            assert!(plan.calls() <= count / 20, "{plan}");
        }
    }
}

#[tokio::test]
async fn the_service_filters_a_group_where_it_can_and_the_rest_is_filtered_here() {
    let mut fleet = missing_one(150);
    fleet.extend((150..300).map(|number| FleetNode::amazon_linux_2023(id(number))));
    let (backend, manager) = account(fleet);
    let group = PatchGroup::new("all").unwrap();
    let ids: Vec<NodeId> = (0..300).map(|number| NodeId::new(id(number))).collect();
    manager.tag_nodes(&group, &ids).await.unwrap();
    scan(&manager, (0..300).map(id)).await;
    let of_group = || ComplianceQuery::group(group.clone());
    let missing = "MissingCount GreaterThan 0";
    let nothing = ["MissingCount Equal 0", "FailedCount Equal 0"];
    for (query, by_service, here, known) in [
        (of_group(), &[][..], &[][..], 300),
        (of_group().missing_only(), &[missing], &[], 150),
        (
            of_group().verdict(Verdict::Compliant),
            &nothing,
            &["the verdict"],
            150,
        ),
        (
            of_group().verdict(Verdict::NonCompliant),
            &[],
            &["the verdict"],
            300,
        ),
        (
            ComplianceQuery::all().missing_only(),
            &[],
            &["nodes that miss nothing"],
            300,
        ),
    ] {
        let plan = query.explain(known);
        assert_eq!(plan.filtered_by_service, by_service, "{plan}");
        assert_eq!(plan.filtered_here, here, "{plan}");
        backend.clear_calls();
        let mut sweep = manager.sweep(&query);
        let (answers, failures) = all(&mut sweep).await;
        assert!(failures.is_empty(), "{failures:?}");
        assert!(answers.iter().all(|answer| query.admits(answer)), "{plan}");
        let expected = if query == of_group() { 300 } else { 150 };
        assert_eq!(answers.len(), expected, "{plan}");
        assert_eq!(sweep.progress().nodes_known, known, "{plan}");
        assert_eq!(backend.calls().len(), plan.calls(), "{plan}");
    }
}

#[test]
fn a_plan_explains_itself() {
    let group = PatchGroup::new("web").unwrap();
    let query = ComplianceQuery::group(group).verdict(Verdict::Compliant);
    assert_eq!(
        query.explain(250).to_string(),
        "3 calls for 250 nodes\n       3  DescribeInstancePatchStatesForPatchGroup, one after the \
         other: the group's states, 100 a page; each page needs the token of the one before\n  \
         filtered by the service: MissingCount Equal 0, FailedCount Equal 0\n  \
         filtered here: the verdict\n"
    );
    let group = PatchGroup::new("web").unwrap();
    for (query, counts) in [
        (ComplianceQuery::all(), Some("ListComplianceSummaries")),
        (
            ComplianceQuery::group(group),
            Some("DescribePatchGroupState"),
        ),
        (ComplianceQuery::all().offline_is_unknown(), None),
        (ComplianceQuery::all().missing_only(), None),
        (ComplianceQuery::fleet(), None),
    ] {
        let plan = query.explain(250);
        let alone = plan.counts_alone.as_ref().map(|call| call.operation);
        assert_eq!(alone, counts, "{plan}");
        let told = plan.to_string().contains("  counts alone: 1 call of ");
        assert_eq!(told, counts.is_some(), "{plan}");
    }
    let plan = ComplianceQuery::fleet().concurrency(32).explain(10_000);
    assert!(
        plan.to_string()
            .contains("200  DescribeInstancePatchStates, 32 at a time"),
        "{plan}"
    );
    let named = ComplianceQuery::nodes((0..120).map(id)).offline_is_unknown();
    let plan = named.explain(9_999);
    assert_eq!((plan.nodes, plan.calls()), (120, 3 + 3), "{plan}");
}

#[tokio::test]
async fn the_fleet_has_what_systems_manager_does_not_know() {
    let mut fleet = nodes(2);
    fleet.push(FleetNode::amazon_linux_2023(id(2)).with_condition(NodeCondition::Agentless));
    fleet.push(FleetNode::amazon_linux_2023(id(3)).with_condition(NodeCondition::Stopped));
    let hybrid = "mi-0123456789abcdef0";
    fleet.push(FleetNode::new(
        hybrid,
        OperatingSystem::AmazonLinux2023,
        "AmazonLinux2023",
    ));
    let (_, manager) = account(fleet);
    scan(&manager, [id(0), hybrid.to_owned()]).await;
    let (answers, _) = all(&mut manager.sweep(&ComplianceQuery::fleet())).await;
    let ids: Vec<_> = answers
        .iter()
        .map(|answer| answer.node.to_string())
        .collect();
    assert_eq!(ids, [id(0), id(1), id(2), id(3), hybrid.to_owned()]);
    let expected = [
        (1, "never scanned"),
        (2, "never scanned"),
        (3, "never scanned"),
    ];
    let expected = expected.map(|(number, why)| (id(number), why.to_owned()));
    assert_eq!(
        unknown(&manager, &ComplianceQuery::fleet()).await,
        expected.into()
    );
    let expected = [(1, "never scanned"), (2, "not managed"), (3, "not running")];
    let expected = expected.map(|(number, why)| (id(number), why.to_owned()));
    let query = ComplianceQuery::fleet().offline_is_unknown();
    assert_eq!(unknown(&manager, &query).await, expected.into());
}

#[tokio::test]
async fn without_the_right_to_list_instances_the_fleet_is_the_managed_nodes() {
    let (backend, manager) = account(nodes(3));
    let denied = (ErrorKind::AccessDenied, "UnauthorizedOperation");
    backend
        .faults()
        .fail("DescribeInstances", denied.0, denied.1, "no");
    let (answers, failures) = all(&mut manager.sweep(&ComplianceQuery::fleet())).await;
    assert_eq!((answers.len(), failures.len()), (3, 0));
}

#[tokio::test]
async fn what_was_found_too_long_ago_or_out_of_touch_is_unknown() {
    let (backend, manager) = account(nodes(3));
    scan(&manager, [id(0), id(1)]).await;
    backend.advance(SignedDuration::from_hours(24 * 8));
    scan(&manager, [id(1)]).await;
    backend
        .set_condition(&NodeId::new(id(1)), NodeCondition::Unreachable)
        .unwrap();
    backend.advance(SignedDuration::from_hours(1));

    let week = SignedDuration::from_hours(24 * 7);
    let old = unknown(&manager, &ComplianceQuery::all().max_age(week)).await;
    assert_eq!(old.len(), 2, "{old:?}");
    assert!(old[&id(0)].starts_with("not scanned since "), "{old:?}");
    assert_eq!(old[&id(2)], "never scanned");
    let lost = unknown(&manager, &ComplianceQuery::all().offline_is_unknown()).await;
    assert_eq!(lost[&id(1)], "agent lost");
    let (answers, _) = all(&mut manager.sweep(&ComplianceQuery::all().offline_is_unknown())).await;
    let lost = answers
        .iter()
        .find(|answer| answer.node.as_str() == id(1))
        .unwrap();
    assert!(lost.state.is_some(), "what it found last stays with it");
    assert_eq!(lost.unknown, Some(UnknownReason::AgentLost));
}

#[tokio::test]
async fn a_scan_by_another_baseline_than_now_is_unknown() {
    let (_, manager) = account(nodes(2));
    scan(&manager, [id(0), id(1)]).await;
    let query = ComplianceQuery::all().other_baseline_is_unknown();
    assert_eq!(unknown(&manager, &query).await, BTreeMap::new());
    let spec = BaselineBuilder::amazon_linux_2023_security("mine", 7)
        .build()
        .unwrap();
    let mine = manager.ensure_baseline(&spec).await.unwrap().id;
    manager.set_default_baseline(&mine).await.unwrap();
    let doubts = unknown(&manager, &query).await;
    assert_eq!(doubts.len(), 2);
    assert!(
        doubts[&id(0)].ends_with(&format!("would now use {mine}")),
        "{doubts:?}"
    );
    scan(&manager, [id(0)]).await;
    let doubts = unknown(&manager, &query).await;
    assert_eq!(doubts.keys().collect::<Vec<_>>(), [&id(1)]);
}

#[tokio::test]
async fn a_call_that_fails_names_its_nodes_and_the_others_arrive() {
    let (backend, manager) = account(nodes(180));
    backend
        .faults()
        .throttle("DescribeInstancePatchStates")
        .on_call(2);
    let mut sweep = manager.sweep(&ComplianceQuery::all());
    let (answers, failures) = all(&mut sweep).await;
    assert_eq!(answers.len(), 130);
    assert_eq!(failures.len(), 1);
    let named: Vec<_> = failures[0].nodes.iter().map(ToString::to_string).collect();
    assert_eq!(named, (50..100).map(id).collect::<Vec<_>>());
    assert!(failures[0].error.is_throttled());
    assert!(
        failures[0]
            .to_string()
            .starts_with(&format!("{} and 49 more nodes: ", id(50)))
    );
    let progress = sweep.progress();
    assert_eq!(
        (progress.throttled, progress.failed, progress.nodes_done),
        (1, 1, 180)
    );
}

#[tokio::test]
async fn a_failure_becomes_an_answer_for_each_of_its_nodes() {
    let (backend, manager) = account(nodes(60));
    backend
        .faults()
        .throttle("DescribeInstancePatchStates")
        .on_call(1);
    let (answers, failures) = all(&mut manager.sweep(&ComplianceQuery::all())).await;
    assert_eq!((answers.len(), failures.len()), (10, 1));
    let failure = failures.into_iter().next().unwrap();
    let reason = UnknownReason::NotAnswered {
        error: failure.error.to_string(),
    };
    let unanswered: Vec<NodeCompliance> = failure.into_unknown().collect();
    let named: Vec<_> = unanswered.iter().map(|a| a.node.to_string()).collect();
    assert_eq!(named, (0..50).map(id).collect::<Vec<_>>());
    for answer in unanswered {
        assert_eq!(answer.verdict, Verdict::Unknown);
        assert_eq!(answer.reason(), reason.to_string());
        assert_eq!(answer.unknown.as_ref(), Some(&reason));
    }
}

#[tokio::test]
async fn a_listing_that_fails_ends_the_sweep_and_its_checkpoint_goes_on() {
    let (backend, manager) = account(nodes(180));
    backend
        .faults()
        .throttle("DescribeInstanceInformation")
        .on_call(3);
    let query = ComplianceQuery::all();
    let mut sweep = manager.sweep(&query);
    let (answers, failures) = all(&mut sweep).await;
    assert_eq!((answers.len(), failures.len()), (100, 1));
    assert!(failures[0].nodes.is_empty());
    assert!(!sweep.progress().all_known);
    let (rest, failures) = all(&mut manager.resume_sweep(&query, sweep.checkpoint())).await;
    assert!(failures.is_empty(), "{failures:?}");
    let ids: Vec<_> = answers
        .iter()
        .chain(&rest)
        .map(|a| a.node.to_string())
        .collect();
    assert_eq!(ids, (0..180).map(id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_sweep_stopped_anywhere_goes_on_where_it_stopped() {
    let (_, manager) = account(nodes(130));
    let group = PatchGroup::new("all").unwrap();
    let ids: Vec<NodeId> = (0..130).map(|number| NodeId::new(id(number))).collect();
    manager.tag_nodes(&group, &ids).await.unwrap();
    scan(&manager, (0..130).map(id)).await;
    for query in [
        ComplianceQuery::all(),
        ComplianceQuery::fleet(),
        ComplianceQuery::nodes(ids.clone()),
        ComplianceQuery::group(group.clone()),
    ] {
        for stop in [0, 1, 49, 50, 51, 99, 100, 129, 130] {
            let mut sweep = manager.sweep(&query);
            let mut found = Vec::new();
            for _ in 0..stop {
                found.push(sweep.next().await.unwrap().unwrap().node);
            }
            let stored = serde_json::to_string(&sweep.checkpoint()).unwrap();
            drop(sweep);
            let stored: SweepCheckpoint = serde_json::from_str(&stored).unwrap();
            let (rest, failures) = all(&mut manager.resume_sweep(&query, stored)).await;
            assert!(failures.is_empty(), "{failures:?}");
            found.extend(rest.into_iter().map(|answer| answer.node));
            assert_eq!(found, ids, "{query:?} stopped at {stop}");
        }
    }
}

#[tokio::test]
async fn a_checkpoint_of_another_question_is_refused() {
    let (_, manager) = account(nodes(60));
    let mut sweep = manager.sweep(&ComplianceQuery::nodes([id(1)]));
    let other = manager.sweep(&ComplianceQuery::all()).checkpoint();
    assert!(sweep.next().await.unwrap().is_ok());
    let nodes = ComplianceQuery::nodes([id(1)]);
    // The managed nodes can be listed for any question; names cannot.
    let named = sweep_of_names(&manager);
    let (_, failures) = all(&mut manager.resume_sweep(&ComplianceQuery::all(), named)).await;
    assert_eq!(failures[0].error.kind(), ErrorKind::InvalidInput);
    let (_, failures) = all(&mut manager.resume_sweep(&nodes, other)).await;
    assert_eq!(failures[0].error.kind(), ErrorKind::InvalidInput);
}

fn sweep_of_names(manager: &PatchManager) -> SweepCheckpoint {
    manager.sweep(&ComplianceQuery::nodes([id(1)])).checkpoint()
}

#[tokio::test]
async fn a_malformed_question_is_refused_before_any_call() {
    let (backend, manager) = account(nodes(1));
    let mut sweep = manager.sweep(&ComplianceQuery::nodes(["i-short"]));
    let (answers, failures) = all(&mut sweep).await;
    assert_eq!((answers.len(), failures.len()), (0, 1));
    assert_eq!(failures[0].error.kind(), ErrorKind::InvalidInput);
    assert_eq!(backend.calls(), [""; 0]);
}

#[tokio::test]
async fn counts_take_one_call_and_summaries_one_for_each_fifty_nodes() {
    let (backend, manager) = account(nodes(120));
    scan(&manager, (0..110).map(id)).await;
    backend.clear_calls();
    let counts = manager.compliance_counts().await.unwrap();
    let counted =
        counts.compliant_summary.compliant_count + counts.non_compliant_summary.non_compliant_count;
    assert_eq!((counted, backend.calls().len()), (110, 1));

    backend.clear_calls();
    let rows: Vec<_> = manager.node_summaries(None).try_collect().await.unwrap();
    assert_eq!((rows.len(), backend.calls().len()), (110, 3));
    assert!(rows.iter().all(|row| row.compliance_type == "Patch"));
    let wrong = manager.node_summaries(Some(ComplianceStatus::NonCompliant));
    let wrong: Vec<_> = wrong.try_collect().await.unwrap();
    assert_eq!(
        wrong.len() as u32,
        counts.non_compliant_summary.non_compliant_count
    );
}

#[tokio::test]
async fn several_accounts_answer_in_one_stream_and_fail_apart() {
    let (first, one) = account(nodes(60));
    let (second, other) = account(nodes(70));
    first
        .faults()
        .throttle("DescribeInstanceInformation")
        .times(9);
    let both = FleetSweep::new().source("one", one).source("other", other);
    let mut answers = both.sweep(&ComplianceQuery::all());
    let (mut from, mut failed) = (BTreeMap::new(), Vec::new());
    while let Some(answer) = answers.next().await {
        match answer.answer {
            Ok(_) => *from.entry(answer.source.to_string()).or_insert(0) += 1,
            Err(failure) => failed.push((answer.source.to_string(), failure)),
        }
    }
    assert_eq!(from, BTreeMap::from([("other".to_owned(), 70)]));
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].0, "one");
    let done: Vec<_> = answers
        .watches()
        .iter()
        .map(|(name, watch)| (name.to_string(), watch.progress().nodes_done))
        .collect();
    assert_eq!(done, [("one".to_owned(), 0), ("other".to_owned(), 70)]);
    assert_eq!(second.call_count("DescribeInstancePatchStates"), 2);
}

#[tokio::test]
async fn a_sweep_can_be_watched_from_another_task() {
    let (_, manager) = account(nodes(60));
    let mut sweep = manager.sweep(&ComplianceQuery::all());
    let watch = Arc::new(sweep.watch());
    let seen = watch.clone();
    assert_eq!(seen.progress().nodes_done, 0);
    sweep.next().await.unwrap().unwrap();
    assert_eq!(seen.progress().nodes_done, 1);
    assert!(seen.progress().nodes_known >= 50);
}

#[tokio::test]
async fn an_answer_has_what_its_listing_told_of_the_node() {
    let manager = PatchManager::in_memory();
    let listed: Vec<_> = manager.list_nodes(Vec::new()).try_collect().await.unwrap();
    let all = manager.compliance(&ComplianceQuery::all());
    let answers: Vec<NodeCompliance> = all.try_collect().await.unwrap();
    let told: Vec<_> = answers
        .into_iter()
        .filter_map(|node| node.information)
        .collect();
    assert_eq!(told, listed);

    let named = ComplianceQuery::nodes([&listed[0].instance_id]);
    let plain: Vec<NodeCompliance> = manager.compliance(&named).try_collect().await.unwrap();
    assert_eq!(plain[0].information, None, "no call told it");
    let asked = manager.compliance(&named.offline_is_unknown());
    let asked: Vec<NodeCompliance> = asked.try_collect().await.unwrap();
    assert_eq!(asked[0].information.as_ref(), Some(&listed[0]));
}
