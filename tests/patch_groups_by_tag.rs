//! A patch group as people mean it: the nodes with its tag under either key, scanned or not, and a
//! misspelled group passes no gate.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::compliance::{ComplianceSummary, NodeCompliance, UnknownReason, Verdict};
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, PatchOperation, Tag, Target};
use aws_patch_manager::{
    ComplianceQuery, ErrorKind, MemoryBackend, PatchGroup, PatchGroupTagKey, PatchManager,
    PatchRequest, PolicySchedule,
};
use futures_util::{StreamExt, TryStreamExt};
use support::accounts::{account, hybrid_id, hybrid_node, id, node_id, run, web};

const SPACED: usize = 1;
const JOINED: usize = 2;
const OTHER_GROUP: usize = 3;
const UNTAGGED: usize = 4;

/// An instance under each key, a hybrid node, one of another group, and one without a tag.
fn mixed() -> (MemoryBackend, PatchManager) {
    account(vec![
        FleetNode::amazon_linux_2023(id(SPACED)).with_tag("Patch Group", "web"),
        FleetNode::windows_server_2022(id(JOINED)).with_tag("PatchGroup", "web"),
        FleetNode::amazon_linux_2023(id(OTHER_GROUP)).with_tag("Patch Group", "db"),
        FleetNode::amazon_linux_2023(id(UNTAGGED)),
        hybrid_node(hybrid_id(1)).with_tag("Patch Group", "web"),
    ])
}

fn members() -> Vec<String> {
    vec![id(SPACED), id(JOINED), hybrid_id(1)]
}

fn misspelled() -> PatchGroup {
    PatchGroup::new("wbe").unwrap()
}

async fn answers(manager: &PatchManager, query: &ComplianceQuery) -> Vec<NodeCompliance> {
    manager.compliance(query).try_collect().await.unwrap()
}

fn ids(nodes: &[NodeCompliance]) -> Vec<String> {
    nodes.iter().map(|node| node.node.to_string()).collect()
}

#[tokio::test]
async fn a_run_on_a_group_reaches_the_nodes_of_both_keys_with_one_outcome() {
    let (backend, manager) = mixed();
    let request = PatchRequest::scan().patch_group(&web());
    let run = manager.run(&request).await.unwrap();
    assert_eq!(run.command_ids().len(), 2);
    let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
    assert!(outcome.is_success(), "{outcome}");
    let reached: Vec<_> = outcome.nodes.iter().map(|on| on.node.to_string()).collect();
    assert_eq!(reached, members());
    assert!(outcome.nodes.iter().all(|node| node.patch_state.is_some()));
    assert_eq!(backend.call_count(Operation::SendCommand), 2);
}

#[test]
fn several_groups_and_further_targets_stand_in_both_commands() {
    let db = PatchGroup::new("db").unwrap();
    let commands = PatchRequest::scan()
        .patch_group(&web())
        .patch_group(&db)
        .target(Target::tag("Stage", ["prod"]))
        .commands()
        .unwrap();
    let stage = Target::tag("Stage", ["prod"]);
    let targets: Vec<_> = commands
        .into_iter()
        .map(|command| command.targets)
        .collect();
    let of = |key| vec![stage.clone(), Target::tag(key, ["web", "db"])];
    assert_eq!(targets, [of("Patch Group"), of("PatchGroup")]);
}

#[tokio::test]
async fn a_node_with_both_tags_has_one_row_in_the_outcome_that_of_the_command_that_failed() {
    let request = PatchRequest::scan().patch_group(&web());
    for cancelled in [None, Some(0), Some(1)] {
        let both = FleetNode::amazon_linux_2023(id(1))
            .with_tag("Patch Group", "web")
            .with_tag("PatchGroup", "web");
        let (_, manager) = account(vec![both]);
        let run = manager.run(&request).await.unwrap();
        if let Some(index) = cancelled {
            let one = vec![run.command_ids()[index].clone()];
            let one = manager.resume(PatchOperation::Scan, one).unwrap();
            one.cancel().await.unwrap();
        }
        let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
        assert_eq!(outcome.nodes.len(), 1, "{outcome}");
        assert_eq!(outcome.is_success(), cancelled.is_none(), "{outcome}");
    }
}

#[test]
fn what_the_two_commands_of_a_group_cannot_keep_is_refused() {
    let group = || PatchRequest::install().patch_group(&web());
    for (wrong, field) in [
        (
            group().max_concurrency(MaxConcurrency::Count(1)),
            "MaxConcurrency",
        ),
        (group().max_errors(MaxErrors::Count(3)), "MaxErrors"),
        (
            group().group(&web(), PatchGroupTagKey::Spaced),
            "PatchGroup",
        ),
        (group().nodes([node_id(1)]), "Targets"),
        (
            group().patch_group(&PatchGroup::from_service("")),
            "PatchGroup",
        ),
    ] {
        let error = wrong.commands().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let fields: Vec<_> = error
            .violations()
            .iter()
            .map(|one| one.field.as_str())
            .collect();
        assert_eq!(fields, [field], "{error}");
    }
    let five = (0..5).fold(group(), |request, number| {
        request.target(Target::tag(&format!("Key{number}"), ["value"]))
    });
    assert!(five.commands().is_err(), "a sixth target");
    let none = group().max_errors(MaxErrors::Count(0));
    assert_eq!(none.commands().unwrap().len(), 2);
}

#[tokio::test]
async fn an_outcome_without_nodes_says_that_no_node_matched_and_passes_no_gate() {
    let (_, manager) = mixed();
    let outcome = run(&manager, PatchRequest::scan().patch_group(&misspelled())).await;
    assert!(outcome.nodes.is_empty());
    assert!(!outcome.is_success());
    assert_eq!(outcome.exit_code(), 2);
    assert_eq!(outcome.to_string(), "no node matched the targets");
}

#[tokio::test]
async fn an_outcome_gives_a_gate_0_for_success_and_1_for_a_failed_node() {
    let (_, manager) = mixed();
    let scan = PatchRequest::scan().patch_group(&web());
    assert_eq!(run(&manager, scan.clone()).await.exit_code(), 0);
    let fails = scan.baseline_override("s3://patching.example/baselines.json");
    assert_eq!(run(&manager, fails).await.exit_code(), 1);
}

#[tokio::test]
async fn a_query_by_tag_has_the_members_of_both_keys_and_the_never_scanned_as_unknown() {
    let (_, manager) = mixed();
    let query = ComplianceQuery::tagged(web());
    let nodes = answers(&manager, &query).await;
    assert_eq!(ids(&nodes), members());
    for node in &nodes {
        assert_eq!(node.verdict, Verdict::Unknown, "{node}");
        assert_eq!(node.unknown, Some(UnknownReason::NeverScanned));
    }
    run(&manager, PatchRequest::scan().nodes([node_id(SPACED)])).await;
    let summary = manager.compliance_summary(&query).await.unwrap();
    assert_eq!((summary.nodes(), summary.unknown), (3, 2));
    let by_state = ComplianceQuery::group(web());
    assert_eq!(answers(&manager, &by_state).await.len(), 1);
}

#[tokio::test]
async fn a_query_by_tag_follows_the_tag_and_not_the_last_scan() {
    let (_, manager) = mixed();
    run(&manager, PatchRequest::scan().nodes([node_id(OTHER_GROUP)])).await;
    manager
        .tag_nodes(&web(), &[node_id(OTHER_GROUP)])
        .await
        .unwrap();
    let nodes = answers(&manager, &ComplianceQuery::tagged(web())).await;
    assert!(ids(&nodes).contains(&id(OTHER_GROUP)));
    let db = ComplianceQuery::tagged(PatchGroup::new("db").unwrap());
    assert_eq!(answers(&manager, &db).await.len(), 0);
}

#[tokio::test]
async fn a_query_by_tag_has_members_that_are_stopped_or_have_no_agent() {
    let (backend, manager) = mixed();
    let stopped = NodeCondition::Stopped;
    backend.set_condition(&node_id(SPACED), stopped).unwrap();
    let agentless = NodeCondition::Agentless;
    backend.set_condition(&node_id(JOINED), agentless).unwrap();
    let query = ComplianceQuery::tagged(web()).offline_is_unknown();
    let nodes = answers(&manager, &query).await;
    assert_eq!(ids(&nodes), members());
    assert_eq!(nodes[0].unknown, Some(UnknownReason::Stopped));
    assert_eq!(nodes[1].unknown, Some(UnknownReason::NotManaged));
}

#[tokio::test]
async fn a_query_by_tag_does_without_ec2_where_the_caller_may_not_read_it() {
    let (backend, manager) = mixed();
    let agentless = NodeCondition::Agentless;
    backend.set_condition(&node_id(JOINED), agentless).unwrap();
    let operation = Operation::DescribeInstances;
    let (kind, code) = (ErrorKind::AccessDenied, "UnauthorizedOperation");
    let fault = backend
        .faults()
        .fail(operation, kind, code, "not authorized");
    fault.always();
    let nodes = answers(&manager, &ComplianceQuery::tagged(web())).await;
    assert_eq!(ids(&nodes), [id(SPACED), hybrid_id(1)]);
}

#[tokio::test]
async fn a_query_by_tag_calls_as_often_as_its_plan_says() {
    let fleet = (0..120).map(|number| FleetNode::amazon_linux_2023(id(number)));
    let tagged = fleet
        .map(|node| node.with_tag("Patch Group", "web"))
        .collect();
    let (backend, manager) = account(tagged);
    let query = ComplianceQuery::tagged(web());
    assert_eq!(answers(&manager, &query).await.len(), 120);
    let plan = query.explain(120);
    for operation in [
        Operation::DescribeInstanceInformation,
        Operation::DescribeInstances,
        Operation::DescribeInstancePatchStates,
    ] {
        let planned = plan
            .steps
            .iter()
            .filter(|step| operation == *step.operation);
        let planned: usize = planned.map(|step| step.calls).sum();
        assert_eq!(backend.call_count(operation), planned, "{operation}");
    }
}

#[tokio::test]
async fn a_sweep_by_tag_resumes_from_its_checkpoint_without_repeating_a_node() {
    let fleet = (0..120).map(|number| FleetNode::amazon_linux_2023(id(number)));
    let tagged = fleet
        .map(|node| node.with_tag("Patch Group", "web"))
        .collect();
    let (_, manager) = account(tagged);
    let query = ComplianceQuery::tagged(web());
    for given in [1, 49, 50, 51, 119] {
        let mut sweep = manager.sweep(&query);
        let mut nodes = Vec::new();
        for _ in 0..given {
            nodes.push(sweep.next().await.unwrap().unwrap().node);
        }
        let stored = serde_json::to_string(&sweep.checkpoint()).unwrap();
        let checkpoint = serde_json::from_str(&stored).unwrap();
        let mut rest = manager.resume_sweep(&query, checkpoint);
        while let Some(answer) = rest.next().await {
            nodes.push(answer.unwrap().node);
        }
        nodes.sort();
        nodes.dedup();
        assert_eq!(nodes.len(), 120, "after {given}");
        assert_eq!(rest.progress().done, 120 - given);
    }
}

#[tokio::test]
async fn a_malformed_group_is_refused_before_any_call() {
    let (backend, manager) = mixed();
    let query = ComplianceQuery::tagged(PatchGroup::from_service(""));
    let error = manager.compliance_summary(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        backend.call_count(Operation::DescribeInstanceInformation),
        0
    );
}

/// A row: how many nodes are compliant, non-compliant and unknown, and the exit code.
#[test]
fn a_summary_is_compliant_only_if_every_node_is_and_there_is_one() {
    for (compliant, non_compliant, unknown, code) in [
        (0, 0, 0, 2),
        (1, 0, 0, 0),
        (3, 0, 1, 2),
        (0, 0, 1, 2),
        (3, 1, 0, 1),
        (3, 1, 1, 1),
        (0, 1, 0, 1),
    ] {
        let mut summary = ComplianceSummary::default();
        summary.compliant = compliant;
        summary.non_compliant = non_compliant;
        summary.unknown = unknown;
        assert_eq!(summary.exit_code(), code, "{summary}");
        assert_eq!(summary.is_compliant(), code == 0, "{summary}");
    }
    let none = ComplianceSummary::default().to_string();
    assert_eq!(none, "no node matched the query");
}

#[tokio::test]
async fn no_gate_lets_a_misspelled_group_pass() {
    let (_, manager) = mixed();
    for query in [
        ComplianceQuery::tagged(misspelled()),
        ComplianceQuery::group(misspelled()),
    ] {
        let summary = manager.compliance_summary(&query).await.unwrap();
        assert!(!summary.is_compliant(), "{summary}");
        assert_eq!(summary.exit_code(), 2, "{summary}");
        assert_eq!(summary.to_string(), "no node matched the query");
    }
    let scan = PatchRequest::scan().patch_group(&misspelled());
    let started = manager.run(&scan).await.unwrap();
    let commands = started.status().await.unwrap();
    assert_eq!(commands.len(), 2);
    started.wait(Duration::from_secs(7200)).await.unwrap();
    for command in started.status().await.unwrap() {
        // The service calls such a command a success.
        assert_eq!(command.status_details, "NoInstancesInTag");
    }
    assert!(!started.outcome().await.unwrap().is_success());
}

#[tokio::test]
async fn a_run_with_several_tags_and_tag_keys_reaches_the_nodes_that_have_all_of_them() {
    let node = |number| FleetNode::amazon_linux_2023(id(number)).with_tag("Role", "web");
    let (_, manager) = account(vec![
        node(1)
            .with_tag("Stage", "prod")
            .with_tag("PatchGroup", "a"),
        node(2)
            .with_tag("Stage", "staging")
            .with_tag("Patch Group", "b"),
        node(3)
            .with_tag("Stage", "test")
            .with_tag("PatchGroup", "a"),
        node(4).with_tag("Stage", "prod"),
        FleetNode::amazon_linux_2023(id(5))
            .with_tag("Stage", "prod")
            .with_tag("PatchGroup", "a"),
    ]);
    let request = PatchRequest::scan()
        .target(Target::tag("Role", ["web"]))
        .target(Target::tag("Stage", ["prod", "staging"]))
        .target(Target::tag_key(["Patch Group", "PatchGroup"]));
    let outcome = run(&manager, request).await;
    let reached: Vec<_> = outcome
        .nodes
        .iter()
        .map(|node| node.node.to_string())
        .collect();
    assert_eq!(reached, [id(1), id(2)]);
}

#[test]
fn windows_and_associations_take_several_tags_and_tag_keys() {
    let schedule = PolicySchedule::quick_setup_default("web")
        .targets(PolicyTargets::Tag(Tag::new("Role", "web")))
        .target(Target::tag("Stage", ["prod", "staging"]))
        .target(Target::tag_key(["Patch Group", "PatchGroup"]));
    let expected = [
        Target::tag("Role", ["web"]),
        Target::tag("Stage", ["prod", "staging"]),
        Target::tag_key(["Patch Group", "PatchGroup"]),
    ];
    for association in schedule.associations().unwrap() {
        assert_eq!(association.targets.as_deref(), Some(&expected[..]));
    }
    for window in schedule.maintenance_windows().unwrap() {
        assert_eq!(window.targets.len(), 1);
        assert_eq!(window.targets[0].targets.as_deref(), Some(&expected[..]));
    }
    let error = schedule.patch_policy().unwrap_err();
    assert_eq!(error.violations()[0].field, "Targets");
}

#[tokio::test]
async fn a_window_with_several_tags_runs_on_the_nodes_that_have_all_of_them() {
    let node = |number| FleetNode::amazon_linux_2023(id(number)).with_tag("Role", "web");
    let (backend, manager) = account(vec![
        node(1).with_tag("Stage", "prod"),
        node(2).with_tag("Stage", "test"),
        FleetNode::amazon_linux_2023(id(3)).with_tag("Stage", "prod"),
    ]);
    let windows = PolicySchedule::new("web")
        .scan_daily_at(1, 0)
        .target(Target::tag("Stage", ["prod"]))
        .target(Target::tag_key(["Role"]))
        .maintenance_windows()
        .unwrap();
    manager
        .ensure_maintenance_window(&windows[0])
        .await
        .unwrap();
    backend.advance(Duration::from_hours(26));
    let scanned = answers(&manager, &ComplianceQuery::all()).await;
    let scanned = scanned.into_iter().filter(|node| node.state.is_some());
    let scanned: Vec<_> = scanned.map(|node| node.node).collect();
    assert_eq!(scanned, [node_id(1)]);
}

#[test]
fn further_targets_are_tags_at_most_five_and_not_beside_ids() {
    let web = || PolicySchedule::quick_setup_default("web");
    let by_ids = web().targets(PolicyTargets::InstanceIds(vec![node_id(1)]));
    let six = (0..6).fold(web(), |schedule, number| {
        schedule.target(Target::tag(&format!("Key{number}"), ["value"]))
    });
    for (wrong, field) in [
        (by_ids.target(Target::tag("Stage", ["prod"])), "Targets"),
        (web().target(Target::instance_ids([id(1)])), "Targets.Key"),
        (web().target(Target::resource_group("fleet")), "Targets.Key"),
        (web().target(Target::tag("", ["prod"])), "Targets.Key"),
        (web().target(Target::tag_key([""; 0])), "Targets.tag-key"),
        (six, "Targets"),
    ] {
        for refused in [
            wrong.associations().unwrap_err(),
            wrong.maintenance_windows().unwrap_err(),
        ] {
            assert_eq!(refused.violations()[0].field, field, "{refused}");
        }
    }
}
