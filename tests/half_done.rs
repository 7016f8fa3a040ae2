//! What is half-done is data: the steps that a verb completed, the run that goes on, and the outcome
//! of a run whose patch states cannot be read.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::backend::layer::Faults;
use aws_patch_manager::manager::TagChange;
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::operation::CommandStatus;
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{
    CommandId, CompletedStep, NodeId, OperatingSystem, PatchOperation, StartedRun, Tag, Target,
};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, MemoryBackend, PatchManager, PatchRequest, PolicySchedule,
};
use futures_util::TryStreamExt;
use serde_json::json;
use support::accounts::{account, association, instances, node_id, web};

const NODES: usize = 120;
const HOURS: Duration = Duration::from_secs(4 * 3600);
const STATES: Operation = Operation::DescribeInstancePatchStates;

/// A fleet whose run takes three commands, and the faults around its account.
fn fleet() -> (MemoryBackend, PatchManager, Faults) {
    let (account, manager) = account(instances(NODES));
    let faults = Faults::new();
    let manager = manager.layer(faults.clone());
    (account, manager, faults)
}

fn everywhere() -> PatchRequest {
    PatchRequest::scan().nodes((0..NODES).map(node_id))
}

fn sent(ids: &[CommandId]) -> Vec<CompletedStep> {
    let step = |command_id: &CommandId| CompletedStep::CommandSent {
        command_id: command_id.clone(),
    };
    ids.iter().map(step).collect()
}

fn deny(faults: &Faults, operation: Operation) {
    let code = "AccessDeniedException";
    let fault = faults.fail(operation, ErrorKind::AccessDenied, code, "not authorized");
    drop(fault.always());
}

#[tokio::test]
async fn a_run_that_stops_half_way_carries_what_it_sent_and_that_is_resumed() {
    for (failing_call, nodes) in [(2, 50), (3, 100)] {
        let (_, manager, faults) = fleet();
        let fault = faults.throttle(Operation::SendCommand);
        drop(fault.on_call(failing_call));
        let error = manager.run(&everywhere()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        let run = error.run().unwrap();
        assert_eq!(run.operation, PatchOperation::Scan);
        assert_eq!(error.completed_steps(), sent(&run.command_ids));
        let listed: Vec<_> = manager.list_commands().try_collect().await.unwrap();
        let listed = listed.into_iter().rev().map(|command| command.command_id);
        assert_eq!(run.command_ids, listed.collect::<Vec<_>>());
        for id in &run.command_ids {
            assert!(error.to_string().contains(id.as_str()), "{error}");
        }

        let written = serde_json::to_value(&error).unwrap();
        let read: StartedRun = serde_json::from_value(written["Run"].clone()).unwrap();
        assert_eq!(&read, run);
        let run = manager.resume(read.operation, read.command_ids).unwrap();
        let outcome = run.wait(HOURS).await.unwrap();
        assert!(outcome.is_success(), "{outcome}");
        assert_eq!(outcome.nodes.len(), nodes);
    }
}

#[tokio::test]
async fn a_run_that_sent_nothing_has_nothing_to_resume() {
    let (_, manager, faults) = fleet();
    faults.throttle(Operation::SendCommand);
    let error = manager.run(&everywhere()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    assert_eq!((error.run(), error.completed_steps()), (None, &[][..]));
    let written = serde_json::to_value(&error).unwrap();
    assert_eq!(written.get("Run"), None);
}

#[tokio::test]
async fn a_wait_that_runs_out_of_time_carries_the_run() {
    let (_, manager, _) = fleet();
    let run = manager.run(&everywhere()).await.unwrap();
    let late = run.wait(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Timeout);
    let carried = late.run().unwrap();
    assert_eq!(carried.command_ids, run.command_ids());
    assert!(late.completed_steps().is_empty());
    let written = serde_json::to_value(carried).unwrap();
    assert_eq!(written, serde_json::to_value(&run).unwrap());
}

#[tokio::test]
async fn untagging_that_stops_names_the_nodes_before_it() {
    let (_, manager, faults) = fleet();
    drop(faults.throttle(Operation::DeleteTags).on_call(3));
    let nodes: Vec<NodeId> = (0..4).map(node_id).collect();
    let error = manager.untag_nodes(&nodes).await.unwrap_err();
    let untagged = |node: usize| CompletedStep::NodeUntagged {
        node: node_id(node),
    };
    assert_eq!(error.completed_steps(), [untagged(0), untagged(1)]);
    assert_eq!(error.run(), None);
}

#[tokio::test]
async fn a_node_that_got_one_tag_and_kept_the_other_says_so_and_tagging_again_finishes() {
    let node = node_id(0);
    let stale = FleetNode::amazon_linux_2023(node.clone()).with_tag("PatchGroup", "old");
    let (_, manager) = account(vec![stale]);
    let faults = Faults::new();
    let manager = manager.layer(faults.clone());
    faults.throttle(Operation::DeleteTags);
    let tag = async || {
        let nodes = std::slice::from_ref(&node);
        let report = manager.tag_nodes(&web(), nodes).await.unwrap();
        report.nodes.into_iter().next().unwrap().change
    };
    let TagChange::Failed(error) = tag().await else {
        panic!("the tag under the other key is gone");
    };
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.is_retryable());
    let tagged = CompletedStep::NodeTagged {
        node: node.clone(),
        tag: Tag::new("Patch Group", "web"),
    };
    assert_eq!(error.completed_steps(), [tagged]);
    assert!(matches!(tag().await, TagChange::Tagged));

    let again = manager.node_tags(&node).await.unwrap();
    assert_eq!(again, [Tag::new("Patch Group", "web")]);
}

#[tokio::test]
async fn a_cancellation_that_stops_names_the_commands_before_it() {
    let (_, manager, faults) = fleet();
    let run = manager.run(&everywhere()).await.unwrap();
    drop(faults.throttle(Operation::CancelCommand).on_call(2));
    let error = run.cancel().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    let cancelled = CompletedStep::CommandCancelled {
        command_id: run.command_ids()[0].clone(),
    };
    assert_eq!(error.completed_steps(), [cancelled]);
    run.cancel().await.unwrap();
    let ended = run.wait(HOURS).await.unwrap();
    assert_eq!(ended.failed().count(), NODES);
    let commands = run.status().await.unwrap();
    let cancelled = |status: &CommandStatus| *status == CommandStatus::Cancelled;
    assert!(commands.iter().all(|command| cancelled(&command.status)));
}

/// A verb that writes once has done nothing if its write fails, and fails with the cause.
#[tokio::test]
async fn a_verb_with_one_write_fails_with_no_steps() {
    let (_, manager, faults) = fleet();
    let spec = BaselineBuilder::security("prod", OperatingSystem::AmazonLinux2023, 7);
    let spec = spec.build().unwrap();
    let id = manager.create_baseline(&spec).await.unwrap();
    let changed = BaselineBuilder::from(spec).reject_patches(["kernel*"]);
    let changed = changed.build().unwrap();
    let policy = PolicySchedule::daily_scan_weekly_install("nightly").targets(PolicyTargets::All);
    let policy = policy.patch_policy().unwrap();
    let mut scan = association("Scan", Vec::new());
    scan.association_name = Some("web-scan".to_owned());
    let every_write = [
        Operation::UpdatePatchBaseline,
        Operation::RegisterPatchBaselineForPatchGroup,
        Operation::CreateConfigurationManager,
        Operation::CreateAssociation,
    ];
    for write in every_write {
        deny(&faults, write);
    }
    let group = web();
    let errors: [Error; 4] = [
        manager.ensure_baseline(&changed).await.unwrap_err(),
        manager.rebind_patch_group(&group, &id).await.unwrap_err(),
        manager.ensure_policy(&policy).await.unwrap_err(),
        manager.ensure_association(&scan).await.unwrap_err(),
    ];
    for (error, write) in errors.iter().zip(every_write) {
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{write}: {error}");
        assert!(error.completed_steps().is_empty(), "{write}");
        assert_eq!(faults.call_count(write), 1, "{write}");
    }
}

/// Whoever creates looks again, for another caller may have created too. If that look fails, the error has
/// the id, and the next call finds what is there.
#[tokio::test]
async fn a_creation_that_could_not_be_looked_at_again_names_what_it_created() {
    let (account, manager, faults) = fleet();
    let spec = BaselineBuilder::security("prod", OperatingSystem::AmazonLinux2023, 7);
    let spec = spec.build().unwrap();
    let schedule = PolicySchedule::daily_scan_weekly_install("nightly").targets(PolicyTargets::All);
    let policy = schedule.patch_policy().unwrap();
    let targets = PolicyTargets::InstanceIds(vec![node_id(0)]);
    let schedule = PolicySchedule::new("nightly").scan_daily_at(1, 0);
    let windows = schedule.targets(targets).maintenance_windows().unwrap();
    let mut scan = association("Scan", vec![Target::instance_ids(["*"])]);
    scan.association_name = Some("web-scan".to_owned());
    for listing in [
        Operation::DescribePatchBaselines,
        Operation::ListConfigurationManagers,
        Operation::DescribeMaintenanceWindows,
        Operation::ListAssociations,
    ] {
        drop(faults.throttle(listing).on_call(2));
    }

    let errors = [
        manager.ensure_baseline(&spec).await.unwrap_err(),
        manager.ensure_policy(&policy).await.unwrap_err(),
        manager
            .ensure_maintenance_window(&windows[0])
            .await
            .unwrap_err(),
        manager.ensure_association(&scan).await.unwrap_err(),
    ];
    for error in &errors {
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{error}");
        assert!(error.is_retryable() && error.is_throttled(), "{error}");
    }
    let found = [
        CompletedStep::BaselineCreated {
            baseline_id: manager.ensure_baseline(&spec).await.unwrap().id,
        },
        CompletedStep::PatchPolicyCreated {
            arn: manager.ensure_policy(&policy).await.unwrap().arn,
        },
        CompletedStep::MaintenanceWindowCreated {
            window_id: manager
                .ensure_maintenance_window(&windows[0])
                .await
                .unwrap()
                .id,
        },
        CompletedStep::AssociationCreated {
            association_id: manager.ensure_association(&scan).await.unwrap().id,
        },
    ];
    for (error, found) in errors.iter().zip(found) {
        assert_eq!(error.completed_steps(), [found], "{error}");
    }
    for creation in [Operation::CreatePatchBaseline, Operation::CreateAssociation] {
        assert_eq!(account.call_count(creation), 1, "{creation}");
    }
}

#[tokio::test]
async fn denied_patch_states_leave_an_outcome_with_the_error_in_it() {
    let (_, manager, faults) = fleet();
    deny(&faults, STATES);
    let run = manager.run(&everywhere()).await.unwrap();
    let outcome = run.wait(HOURS).await.unwrap();
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(outcome.nodes.len(), NODES);
    for node in &outcome.nodes {
        assert_eq!(node.response_code, Some(0));
        assert!(node.patch_state.is_none() && !node.output.is_empty());
    }
    assert_eq!(faults.call_count(STATES), 1, "the others are not asked for");
    let error = outcome.patch_state_error.as_ref().unwrap();
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert_eq!(error.operation(), Some("DescribeInstancePatchStates"));

    let written = serde_json::to_value(&outcome).unwrap();
    let error = &written["PatchStateError"];
    assert_eq!(error["Kind"], "AccessDenied");
    assert_eq!(error["Operation"], "DescribeInstancePatchStates");
    let printed = outcome.to_string();
    let last = printed.lines().last().unwrap();
    assert_eq!(
        last,
        "patch states not read: DescribeInstancePatchStates: access denied: not authorized \
         (AccessDeniedException)"
    );
    let so_far = run.outcome().await.unwrap();
    assert_eq!(serde_json::to_value(&so_far).unwrap(), written);
}

#[tokio::test]
async fn an_outcome_with_all_patch_states_has_no_error() {
    let (_, manager, _) = fleet();
    let run = manager.run(&everywhere()).await.unwrap();
    let outcome = run.wait(HOURS).await.unwrap();
    assert!(outcome.patch_state_error.is_none());
    let written = serde_json::to_value(&outcome).unwrap();
    assert_eq!(written.get("PatchStateError"), None);
    assert!(!outcome.to_string().contains("not read"));
}

#[tokio::test]
async fn patch_states_that_were_read_before_the_error_are_kept() {
    let (_, manager, faults) = fleet();
    let run = manager.run(&everywhere()).await.unwrap();
    let code = "InternalServerError";
    let fault = faults.fail(STATES, ErrorKind::InvalidResponse, code, "broken");
    drop(fault.on_call(2));
    let outcome = run.wait(HOURS).await.unwrap();
    let with_state = outcome
        .nodes
        .iter()
        .filter(|node| node.patch_state.is_some());
    assert_eq!(with_state.count(), 50);
    let error = outcome.patch_state_error.unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

#[tokio::test]
async fn a_wait_asks_again_for_throttled_patch_states_and_gives_the_rest_at_its_end() {
    let (account, manager, faults) = fleet();
    let run = manager.run(&everywhere()).await.unwrap();
    drop(faults.throttle(STATES).times(3));
    let outcome = run.wait(HOURS).await.unwrap();
    assert!(outcome.patch_state_error.is_none(), "{outcome}");
    assert!(outcome.nodes.iter().all(|node| node.patch_state.is_some()));

    drop(faults.throttle(STATES).always());
    let before = account.clock().now();
    let outcome = run.wait(HOURS).await.unwrap();
    let waited = before.duration_until(account.clock().now());
    assert_eq!(waited.unsigned_abs(), HOURS);
    assert!(outcome.is_success());
    assert!(outcome.patch_state_error.unwrap().is_throttled());

    let at_once = run.outcome().await.unwrap();
    assert!(at_once.patch_state_error.unwrap().is_throttled());

    // What is known by then is not lost if the last question fails.
    drop(faults.throttle(Operation::ListCommands).on_call(4).always());
    let outcome = run.wait(HOURS).await.unwrap();
    assert_eq!(outcome.nodes.len(), NODES);
}

#[tokio::test]
async fn a_manager_of_commands_alone_runs_waits_and_gives_the_outcome() {
    let backend = MemoryBackend::new();
    backend.add_node(FleetNode::amazon_linux_2023(node_id(0)));
    let manager = PatchManager::builder()
        .commands(Arc::new(backend.clone()))
        .clock(backend.clock())
        .build();
    let request = PatchRequest::install().nodes([node_id(0)]);
    let run = manager.run(&request).await.unwrap();
    let outcome = run.wait(HOURS).await.unwrap();
    assert!(outcome.is_success());
    let error = outcome.patch_state_error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let written = serde_json::to_value(&*error).unwrap();
    assert_eq!(written["Operation"], json!("DescribeInstancePatchStates"));
}
