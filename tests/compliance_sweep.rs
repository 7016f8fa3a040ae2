//! A sweep over a fleet: few calls, every node once, and every unknown with its reason.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::compliance::{ComplianceScope, NodeCompliance, UnknownReason, Verdict};
use aws_patch_manager::manager::{ComplianceSweep, FleetSweep, SweepCheckpoint, SweepFailure};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::types::{ComplianceStatus, InstanceInformation, NodeId, OperatingSystem};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PatchGroup, PatchManager,
    PatchRequest,
};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use support::accounts::{
    account, fleet, hybrid_id, hybrid_node, id, instances, managed, node_id, old_openssl, run,
};

/// Nodes that each miss one security update of the sample catalog.
fn missing_one(count: usize) -> Vec<FleetNode> {
    let nodes = instances(count).into_iter();
    nodes
        .map(|node| node.with_installed(old_openssl()))
        .collect()
}

/// An account whose pages have at most 50 nodes.
fn small_pages(nodes: Vec<FleetNode>) -> (MemoryBackend, PatchManager) {
    let builder = MemoryBackend::builder().fleet(fleet(nodes));
    managed(builder.page_size_cap(50).build())
}

async fn scan(manager: &PatchManager, nodes: impl IntoIterator<Item = String>) {
    run(manager, PatchRequest::scan().nodes(nodes)).await;
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

/// Each node and the reason why it is unknown.
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

/// Every scope, with every reason for unknown that costs calls, and the calls that each takes over
/// `count` nodes.
fn questions(count: usize, group: &PatchGroup) -> Vec<(ComplianceQuery, usize)> {
    let (pages, batches) = (count.div_ceil(1000), count.div_ceil(50));
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
        (named().max_age(Duration::from_hours(1)), batches),
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
    let ids: Vec<NodeId> = (0..count).map(node_id).collect();
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
            assert_eq!(
                backend.call_count(step.operation.parse().unwrap()),
                planned,
                "{plan}"
            );
        }
        let progress = sweep.progress();
        assert_eq!((progress.known, progress.done), (count, count));
        assert_eq!(progress.calls, backend.calls().len(), "{plan}");
        assert!(progress.total.is_some());
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

#[test]
fn a_question_is_cloned_without_its_nodes_and_names_each_once() {
    let query = ComplianceQuery::nodes([id(2), id(1), id(2)]);
    let expected = ComplianceScope::Nodes(vec![node_id(2), node_id(1)]);
    assert_eq!(query.scope(), &expected);
    // A sweep clones it for every call, and it may name a hundred thousand nodes.
    assert!(std::ptr::eq(query.scope(), query.clone().scope()));
}

#[tokio::test]
async fn the_service_filters_a_group_where_it_can_and_the_rest_is_filtered_here() {
    let mut fleet = missing_one(150);
    fleet.extend((150..300).map(|number| FleetNode::amazon_linux_2023(id(number))));
    let (backend, manager) = account(fleet);
    let group = PatchGroup::new("all").unwrap();
    let ids: Vec<NodeId> = (0..300).map(node_id).collect();
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
        assert_eq!(sweep.progress().known, known, "{plan}");
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
         filtered here: the verdict"
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
    let hybrid = "     1  DescribeInstanceProperties, one after the other: the hybrid nodes, 1,000 a \
                  page, in parallel with the instances; the plan assumes none";
    assert!(plan.to_string().contains(hybrid), "{plan}");
    let named = ComplianceQuery::nodes((0..120).map(id)).offline_is_unknown();
    let plan = named.explain(9_999);
    assert_eq!((plan.nodes, plan.calls()), (120, 3 + 3), "{plan}");
}

#[tokio::test]
async fn the_fleet_has_what_systems_manager_does_not_know() {
    let mut fleet = instances(2);
    fleet.push(FleetNode::amazon_linux_2023(id(2)).with_condition(NodeCondition::Agentless));
    fleet.push(FleetNode::amazon_linux_2023(id(3)).with_condition(NodeCondition::Stopped));
    let hybrid = "mi-0123456789abcdef0";
    fleet.push(hybrid_node(hybrid));
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
    let expected = [
        (1, "never scanned"),
        (2, "not listed by Systems Manager"),
        (3, "not running"),
    ];
    let expected = expected.map(|(number, why)| (id(number), why.to_owned()));
    let query = ComplianceQuery::fleet().offline_is_unknown();
    assert_eq!(unknown(&manager, &query).await, expected.into());
}

#[tokio::test]
async fn of_nodes_that_are_not_managed_ec2_tells_which_are_stopped() {
    let mut fleet = instances(100);
    fleet[2] = fleet[2].clone().with_condition(NodeCondition::Agentless);
    let (backend, manager) = account(fleet);
    let group = PatchGroup::new("all").unwrap();
    manager.tag_nodes(&group, &[node_id(3)]).await.unwrap();
    scan(&manager, [id(3)]).await;
    let stopped = node_id(3);
    backend
        .set_condition(&stopped, NodeCondition::Stopped)
        .unwrap();

    let gone = (id(1_000), "mi-0123456789abcdef0".to_owned());
    let named = (0..100).map(id).chain([gone.0.clone(), gone.1.clone()]);
    let query = ComplianceQuery::nodes(named).offline_is_unknown();
    let found = |three: &str| -> BTreeMap<String, String> {
        let not_listed = [id(2), gone.0.clone(), gone.1.clone()];
        let not_listed = not_listed.map(|node| (node, "not listed by Systems Manager".to_owned()));
        not_listed
            .into_iter()
            .chain([(id(3), three.to_owned())])
            .collect()
    };
    let doubted = |answers: BTreeMap<String, String>| -> BTreeMap<String, String> {
        let scanned = answers
            .into_iter()
            .filter(|(_, why)| why != "never scanned");
        scanned.collect()
    };
    backend.clear_calls();
    let answers = unknown(&manager, &query).await;
    assert_eq!(doubted(answers), found("not running"));
    // Two of three batches have nodes that are not listed.
    assert_eq!(backend.call_count(Operation::DescribeInstances), 2);
    let of_group = ComplianceQuery::group(group).offline_is_unknown();
    let expected = [(id(3), "not running".to_owned())];
    assert_eq!(unknown(&manager, &of_group).await, expected.into());
    let plan = of_group.explain(1).to_string();
    let told = "     0  DescribeInstances, 16 at a time: which unmanaged nodes are stopped; the \
                plan assumes none";
    assert!(plan.contains(told), "{plan}");

    // If neither EC2 nor DescribeInstanceProperties may be called, a stopped node is not recognized.
    for operation in [
        Operation::DescribeInstances,
        Operation::DescribeInstanceProperties,
    ] {
        let fault = backend.faults();
        fault
            .fail(operation, ErrorKind::AccessDenied, "AccessDenied", "no")
            .always();
    }
    let answers = unknown(&manager, &query).await;
    assert_eq!(doubted(answers), found("not listed by Systems Manager"));
}

#[tokio::test]
async fn without_the_right_to_list_instances_the_fleet_is_the_managed_nodes() {
    let mut fleet = instances(3);
    let hybrid = "mi-0123456789abcdef0";
    fleet.push(hybrid_node(hybrid));
    let (backend, manager) = account(fleet);
    let denied = (ErrorKind::AccessDenied, "UnauthorizedOperation");
    backend
        .faults()
        .fail(Operation::DescribeInstances, denied.0, denied.1, "no");
    let (answers, failures) = all(&mut manager.sweep(&ComplianceQuery::fleet())).await;
    assert!(failures.is_empty(), "{failures:?}");
    let mut found: Vec<_> = answers.iter().map(|a| a.node.to_string()).collect();
    found.sort();
    assert_eq!(found, [id(0), id(1), id(2), hybrid.to_owned()]);
}

#[tokio::test]
async fn what_was_found_too_long_ago_or_out_of_touch_is_unknown() {
    let (backend, manager) = account(instances(3));
    scan(&manager, [id(0), id(1)]).await;
    backend.advance(Duration::from_hours(24 * 8));
    scan(&manager, [id(1)]).await;
    backend
        .set_condition(&node_id(1), NodeCondition::Unreachable)
        .unwrap();
    backend.advance(Duration::from_hours(1));

    let week = Duration::from_hours(24 * 7);
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
    let (_, manager) = account(instances(2));
    scan(&manager, [id(0), id(1)]).await;
    let query = ComplianceQuery::all().other_baseline_is_unknown();
    assert_eq!(unknown(&manager, &query).await, BTreeMap::new());
    let spec = BaselineBuilder::amazon_linux_2023_security("mine", 7)
        .build()
        .unwrap();
    let aws = manager.default_baseline(OperatingSystem::AmazonLinux2023);
    let aws = aws.await.unwrap().baseline_id;
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
    manager.set_default_baseline(&aws).await.unwrap();
    manager.delete_baseline(&mine).await.unwrap();
    let doubts = unknown(&manager, &query).await;
    let gone = format!("scanned by {mine}, which the account does not list");
    assert_eq!(doubts, [(id(0), gone)].into());
}

#[tokio::test]
async fn without_the_baselines_in_use_no_node_is_listed_and_the_failure_says_no_more() {
    let (backend, manager) = account(instances(2));
    backend.faults().throttle(Operation::DescribePatchGroups);
    let query = ComplianceQuery::all().other_baseline_is_unknown();
    let mut sweep = manager.sweep(&query);
    let (answers, failures) = all(&mut sweep).await;
    assert_eq!((answers.len(), failures.len()), (0, 1));
    let told = failures[0].to_string();
    let expected = "the listing of nodes is incomplete: DescribePatchGroups: ";
    assert!(told.starts_with(expected), "{told}");
    let progress = sweep.progress();
    assert_eq!(
        (progress.calls, progress.failed, progress.throttled),
        (2, 0, 1)
    );
    let (rest, failures) = all(&mut manager.resume_sweep(&query, sweep.checkpoint())).await;
    assert_eq!((rest.len(), failures.len()), (2, 0));
}

#[tokio::test]
async fn a_call_that_fails_names_its_nodes_and_the_others_arrive() {
    let (backend, manager) = account(instances(180));
    backend
        .faults()
        .throttle(Operation::DescribeInstancePatchStates)
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
        (progress.throttled, progress.failed, progress.done),
        (1, 50, 180)
    );
}

#[tokio::test]
async fn a_failure_becomes_an_answer_for_each_of_its_nodes() {
    let (backend, manager) = account(instances(60));
    backend
        .faults()
        .throttle(Operation::DescribeInstancePatchStates)
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
    let (backend, manager) = small_pages(instances(180));
    backend
        .faults()
        .throttle(Operation::DescribeInstanceProperties)
        .on_call(3);
    let query = ComplianceQuery::all();
    let mut sweep = manager.sweep(&query);
    let (answers, failures) = all(&mut sweep).await;
    assert_eq!((answers.len(), failures.len()), (100, 1));
    assert!(failures[0].nodes.is_empty());
    assert!(sweep.progress().total.is_none());
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
    let (_, manager) = account(instances(130));
    let group = PatchGroup::new("all").unwrap();
    let ids: Vec<NodeId> = (0..130).map(node_id).collect();
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
            let from = stored(&sweep.checkpoint());
            drop(sweep);
            let (rest, failures) = all(&mut manager.resume_sweep(&query, from)).await;
            assert!(failures.is_empty(), "{failures:?}");
            found.extend(rest.into_iter().map(|answer| answer.node));
            assert_eq!(found, ids, "{query:?} stopped at {stop}");
        }
    }
}

/// Stores a checkpoint, as another process would read it.
fn stored(checkpoint: &SweepCheckpoint) -> SweepCheckpoint {
    let text = serde_json::to_string(checkpoint).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn nodes_that_come_and_go_between_two_sweeps_take_no_others_with_them() {
    let (backend, manager) = small_pages(instances(120));
    let set = |number, condition| {
        let node = node_id(number);
        backend.set_condition(&node, condition).unwrap();
    };
    for stop in [10, 60] {
        set(3, NodeCondition::Agentless);
        set(0, NodeCondition::Online);
        let query = ComplianceQuery::all();
        let mut sweep = manager.sweep(&query);
        let mut found: Vec<String> = Vec::new();
        for _ in 0..stop {
            found.push(sweep.next().await.unwrap().unwrap().node.to_string());
        }
        assert!(found.contains(&id(0)) && !found.contains(&id(3)));
        set(0, NodeCondition::Agentless);
        set(3, NodeCondition::Online);
        let from = stored(&sweep.checkpoint());
        let (rest, failures) = all(&mut manager.resume_sweep(&query, from)).await;
        assert!(failures.is_empty(), "{failures:?}");
        found.extend(rest.into_iter().map(|answer| answer.node.to_string()));
        found.sort();
        // A node that joins a finished page belongs to the next sweep.
        let expected = (0..120).filter(|number| stop == 10 || *number != 3);
        assert_eq!(found, expected.map(id).collect::<Vec<_>>(), "{stop}");
    }
}

#[tokio::test]
async fn both_listings_of_a_fleet_go_on_where_they_stopped() {
    let mut fleet = instances(70);
    fleet.extend((0..70).map(|number| hybrid_node(hybrid_id(number))));
    let (backend, manager) = account(fleet);
    let query = ComplianceQuery::fleet();
    let whole: Vec<String> = (0..70).map(id).chain((0..70).map(hybrid_id)).collect();
    for denied in [false, true] {
        for stop in [0, 1, 50, 51, 99, 100, 119, 120, 139, 140] {
            if denied {
                let kind = ErrorKind::AccessDenied;
                let fault = backend.faults();
                fault
                    .fail(Operation::DescribeInstances, kind, "no", "no")
                    .times(2);
            }
            let mut sweep = manager.sweep(&query);
            let mut found = Vec::new();
            for _ in 0..stop {
                found.push(sweep.next().await.unwrap().unwrap().node.to_string());
            }
            let from = stored(&sweep.checkpoint());
            let (rest, failures) = all(&mut manager.resume_sweep(&query, from)).await;
            assert!(failures.is_empty(), "{failures:?}");
            found.extend(rest.into_iter().map(|answer| answer.node.to_string()));
            found.sort();
            assert_eq!(found, whole, "denied {denied}, stopped at {stop}");
            backend.faults().clear();
        }
    }
}

#[tokio::test]
async fn one_listing_that_fails_keeps_nothing_of_the_other_back() {
    let mut fleet = instances(3);
    let hybrid = "mi-0123456789abcdef0";
    fleet.push(hybrid_node(hybrid));
    let (backend, manager) = account(fleet);
    let query = ComplianceQuery::fleet();
    for (operation, came, left) in [
        (
            Operation::DescribeInstances,
            vec![hybrid.to_owned()],
            (0..3).map(id).collect(),
        ),
        (
            Operation::DescribeInstanceProperties,
            (0..3).map(id).collect(),
            vec![hybrid.to_owned()],
        ),
    ] {
        backend.faults().throttle(operation);
        let mut sweep = manager.sweep(&query);
        let (answers, failures) = all(&mut sweep).await;
        let names = |answers: Vec<NodeCompliance>| -> Vec<String> {
            let nodes = answers.into_iter().map(|answer| answer.node.to_string());
            nodes.collect()
        };
        assert_eq!(names(answers), came);
        assert!(failures[0].nodes.is_empty());
        assert!(sweep.progress().total.is_none());
        let mut rest = manager.resume_sweep(&query, stored(&sweep.checkpoint()));
        assert_eq!(names(all(&mut rest).await.0), left);
        assert!(rest.progress().total.is_some());
    }
}

#[tokio::test]
async fn a_checkpoint_of_another_question_is_refused_before_any_call() {
    let (backend, manager) = account(instances(60));
    let group = |name| ComplianceQuery::group(PatchGroup::new(name).unwrap());
    let questions = [
        ComplianceQuery::all(),
        ComplianceQuery::fleet(),
        group("a"),
        group("z"),
        group("a").missing_only(),
        group("a").verdict(Verdict::Compliant),
        ComplianceQuery::nodes([id(1), id(2)]),
        ComplianceQuery::nodes([id(2), id(1)]),
        ComplianceQuery::nodes([id(1)]),
    ];
    for (number, query) in questions.iter().enumerate() {
        let checkpoint = stored(&manager.sweep(query).checkpoint());
        for (other, question) in questions.iter().enumerate() {
            backend.clear_calls();
            let mut sweep = manager.resume_sweep(question, checkpoint.clone());
            let (answers, failures) = all(&mut sweep).await;
            if number == other {
                assert!(failures.is_empty(), "{failures:?}");
                continue;
            }
            assert_eq!(failures.len(), 1, "{query:?} as {question:?}");
            assert_eq!(failures[0].error.kind(), ErrorKind::InvalidInput);
            assert_eq!(failures[0].error.violations()[0].field, "question");
            assert_eq!((answers.len(), backend.calls().len()), (0, 0));
            assert_eq!(sweep.checkpoint(), checkpoint, "it is not lost");
        }
    }
}

#[tokio::test]
async fn a_sweep_may_go_on_with_other_doubts_and_filters_of_its_own() {
    let (_, manager) = account(instances(60));
    let mut sweep = manager.sweep(&ComplianceQuery::all());
    sweep.next().await.unwrap().unwrap();
    let other = ComplianceQuery::all()
        .verdict(Verdict::Unknown)
        .offline_is_unknown()
        .concurrency(2);
    let (rest, failures) = all(&mut manager.resume_sweep(&other, sweep.checkpoint())).await;
    assert_eq!((rest.len(), failures.len()), (59, 0));
}

/// A sweep of what is left of a checkpoint would end without a word on the nodes of what is gone.
#[tokio::test]
async fn a_damaged_checkpoint_is_refused_with_the_paths_of_what_is_wrong() {
    let (backend, manager) = account(instances(3));
    let fleet = ComplianceQuery::fleet();
    let named = ComplianceQuery::nodes([node_id(0), node_id(1)]);
    let page = |listing: &str, token: Option<&str>| json!({"page": {"listing": listing, "token": token}, "given": []});
    let rows = [
        (&fleet, json!([]), vec!["listings"]),
        (&fleet, json!([page("Instances", None)]), vec!["listings"]),
        (
            &fleet,
            json!([page("Over", None), page("Over", None), page("Over", None)]),
            vec!["listings"],
        ),
        (
            &fleet,
            json!([page("Hybrid", None), page("Group", None)]),
            vec!["listings[0].page.listing", "listings[1].page.listing"],
        ),
        (&named, json!([]), vec!["listings"]),
        (
            &named,
            json!([page("Managed", None)]),
            vec!["listings[0].page.listing"],
        ),
        (
            &named,
            json!([page("Named", Some("2"))]),
            vec!["listings[0].page.token"],
        ),
        (
            &named,
            json!([page("Named", Some("-1"))]),
            vec!["listings[0].page.token"],
        ),
    ];
    for (query, listings, fields) in rows {
        let mut text = json!(manager.sweep(query).checkpoint());
        text["listings"] = listings;
        let damaged: SweepCheckpoint = serde_json::from_value(text.clone()).unwrap();
        let (found, failures) = all(&mut manager.resume_sweep(query, damaged)).await;
        assert!(
            found.is_empty() && failures.len() == 1,
            "{text}: {failures:?}"
        );
        let error = &failures[0].error;
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{text}");
        let paths: Vec<_> = error.violations().iter().map(|one| &*one.field).collect();
        assert_eq!(paths, fields, "{text}");
    }
    assert_eq!(backend.calls().len(), 0);
    let over = json!({"question": json!(manager.sweep(&named).checkpoint())["question"],
        "listings": [page("Over", None)]});
    let over: SweepCheckpoint = serde_json::from_value(over).unwrap();
    let (found, failures) = all(&mut manager.resume_sweep(&named, over)).await;
    assert!(
        found.is_empty() && failures.is_empty(),
        "a sweep that was over stays so"
    );
}

#[tokio::test]
async fn a_checkpoint_of_many_named_nodes_holds_no_more_than_a_page_of_them() {
    let count = 5_500;
    let manager = PatchManager::from_memory(&MemoryBackend::new());
    let query = ComplianceQuery::nodes((0..count).map(id));
    let mut sweep = manager.sweep(&query);
    let mut longest = 0;
    for number in 0..count {
        let answer = sweep.next().await.unwrap().unwrap();
        assert_eq!(answer.node.as_str(), id(number));
        assert_eq!(sweep.progress().known, count);
        if number % 777 == 0 || number % 1000 > 997 {
            let checkpoint = sweep.checkpoint();
            longest = longest.max(serde_json::to_string(&checkpoint).unwrap().len());
            let rest = manager.resume_sweep(&query, stored(&checkpoint));
            let rest: Vec<_> = rest.map(|answer| answer.unwrap().node).collect().await;
            assert_eq!(rest.len(), count - number - 1);
        }
    }
    assert!(longest > 900 * 20 && longest < 1_000 * 25, "{longest}");
}

#[tokio::test]
async fn a_malformed_question_is_refused_before_any_call() {
    let (backend, manager) = account(instances(1));
    let mut sweep = manager.sweep(&ComplianceQuery::nodes(["i-short"]));
    let (answers, failures) = all(&mut sweep).await;
    assert_eq!((answers.len(), failures.len()), (0, 1));
    assert_eq!(failures[0].error.kind(), ErrorKind::InvalidInput);
    assert_eq!(backend.calls(), [""; 0]);
}

#[tokio::test]
async fn counts_take_one_call_and_summaries_one_for_each_fifty_nodes() {
    let (backend, manager) = account(instances(120));
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
    let (first, one) = account(instances(60));
    let (second, other) = account(instances(70));
    first
        .faults()
        .throttle(Operation::DescribeInstanceProperties)
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
        .map(|(name, watch)| (name.to_string(), watch.progress().done))
        .collect();
    assert_eq!(done, [("one".to_owned(), 0), ("other".to_owned(), 70)]);
    assert_eq!(second.call_count(Operation::DescribeInstancePatchStates), 2);
}

#[tokio::test]
async fn a_sweep_of_several_accounts_goes_on_where_each_of_them_stopped() {
    let (first, one) = small_pages(instances(60));
    let (_, other) = account(instances(70));
    let both = FleetSweep::new().source("one", one).source("other", other);
    let query = ComplianceQuery::all();
    for stop in [0, 1, 60, 75, 129, 130] {
        // A failed listing ends one of the sweeps; the other continues.
        first.faults().clear();
        first
            .faults()
            .throttle(Operation::DescribeInstanceProperties)
            .on_call(2);
        let mut answers = both.sweep(&query);
        let mut found = Vec::new();
        let mut taken = answers.by_ref().take(stop);
        while let Some(answer) = taken.next().await {
            let source = answer.source.to_string();
            found.extend(answer.answer.ok().map(|node| (source, node.node)));
        }
        let text = serde_json::to_string(&answers.checkpoints()).unwrap();
        drop(answers);
        first.faults().clear();
        let mut rest = both.resume(&query, serde_json::from_str(&text).unwrap());
        while let Some(answer) = rest.next().await {
            found.push((answer.source.to_string(), answer.answer.unwrap().node));
        }
        assert_eq!(found.len(), 130, "{stop}");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 130, "{stop}");
        let over = rest.checkpoints();
        assert_eq!(over.keys().collect::<Vec<_>>(), ["one", "other"]);
        assert_eq!(both.resume(&query, over).count().await, 0);
    }
}

#[tokio::test]
async fn a_source_needs_a_name_of_its_own_and_a_checkpoint_a_source() {
    let (backend, manager) = account(instances(3));
    let source = |fleet: FleetSweep, name| fleet.source(name, manager.clone());
    let query = ComplianceQuery::all();
    let named = |names: &[&'static str]| names.iter().copied().fold(FleetSweep::new(), source);

    let refused: Vec<_> = named(&["a", "b", "a", "a"]).sweep(&query).collect().await;
    let names: Vec<_> = refused.iter().map(|answer| &*answer.source).collect();
    assert_eq!(names, ["a"]);
    let failure = refused[0].answer.as_ref().unwrap_err();
    assert_eq!(failure.error.kind(), ErrorKind::InvalidInput);
    assert!(failure.to_string().contains("source: `a`: "), "{failure}");

    let mut both = named(&["a", "b"]).sweep(&query);
    let answers = both.by_ref().take(2).count().await;
    assert_eq!(answers, 2);
    let checkpoints = both.checkpoints();
    backend.clear_calls();
    let mut rest = named(&["a"]).resume(&query, checkpoints.clone());
    let lost = rest.next().await.unwrap();
    assert_eq!(&*lost.source, "b");
    assert_eq!(
        lost.answer.unwrap_err().error.kind(),
        ErrorKind::InvalidInput
    );
    assert!(rest.next().await.is_none());
    assert_eq!(rest.checkpoints(), checkpoints, "they are not lost");
    assert_eq!(backend.calls(), [""; 0]);

    let more = named(&["a", "b", "c"]).resume(&query, checkpoints);
    assert_eq!(more.count().await, 9 - 2, "a new source begins");
}

#[tokio::test]
async fn a_sweep_can_be_watched_from_another_task() {
    let (_, manager) = account(instances(60));
    let mut sweep = manager.sweep(&ComplianceQuery::all());
    let watch = Arc::new(sweep.watch());
    let seen = watch.clone();
    assert_eq!(seen.progress().done, 0);
    sweep.next().await.unwrap().unwrap();
    assert_eq!(seen.progress().done, 1);
    assert!(seen.progress().known >= 50);
}

#[tokio::test]
async fn an_answer_has_what_its_listing_told_of_the_node() {
    let manager = PatchManager::in_memory();
    let listed: Vec<_> = manager.list_nodes().try_collect().await.unwrap();
    let all = manager.compliance(&ComplianceQuery::all());
    let answers: Vec<NodeCompliance> = all.try_collect().await.unwrap();
    let told = answers
        .into_iter()
        .filter_map(|node| node.information.map(|told| *told));
    // DescribeInstanceInformation does not list the one that is stopped.
    let is_listed = |told: &InstanceInformation| {
        let mut listed = listed.iter();
        listed.any(|node| node.instance_id == told.instance_id)
    };
    let told: Vec<_> = told.filter(is_listed).collect();
    assert_eq!(told.len(), listed.len());
    for (told, listed) in told.iter().zip(&listed) {
        let mut expected = listed.clone();
        // DescribeInstanceProperties has neither; it has names of instances beside.
        (expected.ip_address, expected.is_latest_version) = (None, None);
        expected.name.clone_from(&told.name);
        assert_eq!(*told, expected);
    }

    let named = ComplianceQuery::nodes([&listed[0].instance_id]);
    let plain: Vec<NodeCompliance> = manager.compliance(&named).try_collect().await.unwrap();
    assert_eq!(plain[0].information, None, "no call told it");
    let asked = manager.compliance(&named.offline_is_unknown());
    let asked: Vec<NodeCompliance> = asked.try_collect().await.unwrap();
    assert_eq!(asked[0].information.as_deref(), Some(&listed[0]));
}
