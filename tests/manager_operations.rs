//! The facade's verbs over the in-memory backend: baselines, groups, tags, policies, runs.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, Operation, ResourceTypeForTagging,
};
use aws_patch_manager::manager::{Change, GroupBinding, TagChange};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::operation::InvocationStatus;
use aws_patch_manager::prerequisites::Prerequisites;
use aws_patch_manager::schedule::{PolicyStatus, PolicyTargets};
use aws_patch_manager::types::{
    CompletedStep, MaxConcurrency, MaxErrors, NodeId, OperatingSystem, RebootOption, Tag, Target,
};
use aws_patch_manager::{
    BaselineBuilder, ErrorKind, MemoryBackend, PatchGroupTagKey, PatchManager, PatchRequest,
    PolicySchedule, RuleBuilder,
};
use futures_util::TryStreamExt;
use support::accounts::{hybrid_node, id, managed, sample, web};

const LINUX: &str = "i-0aaaaaaaaaaaaaaa1";
const WINDOWS: &str = "i-0bbbbbbbbbbbbbbb1";
const HYBRID: &str = "mi-0ccccccccccccccc1";

fn account() -> (MemoryBackend, PatchManager) {
    let backend = MemoryBackend::new();
    backend.add_node(FleetNode::amazon_linux_2023(LINUX));
    backend.add_node(FleetNode::windows_server_2022(WINDOWS).with_metadata_tags());
    backend.add_node(hybrid_node(HYBRID));
    managed(backend)
}

fn everything_on(os: OperatingSystem) -> BaselineBuilder {
    BaselineBuilder::new("everything", os).rule(RuleBuilder::new().approve_after_days(0))
}

#[tokio::test]
async fn ensuring_a_baseline_creates_it_once_updates_it_when_it_differs_and_then_rests() {
    let (backend, manager) = account();
    for os in [
        OperatingSystem::Windows,
        OperatingSystem::AmazonLinux2023,
        OperatingSystem::Ubuntu,
    ] {
        let spec = BaselineBuilder::security("prod", os, 7).build().unwrap();
        let first = manager.ensure_baseline(&spec).await.unwrap();
        assert_eq!(first.change, Change::Created);
        let again = manager.ensure_baseline(&spec).await.unwrap();
        assert_eq!((again.change, &again.id), (Change::Unchanged, &first.id));

        let edited = BaselineBuilder::from(spec)
            .reject_patches(["kernel*"])
            .build()
            .unwrap();
        let updated = manager.ensure_baseline(&edited).await.unwrap();
        let Change::Updated(differences) = updated.change else {
            panic!("{:?}", updated.change);
        };
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].field, "RejectedPatches");
        let rest = manager.ensure_baseline(&edited).await.unwrap();
        assert_eq!(rest.change, Change::Unchanged);
    }
    assert_eq!(backend.call_count(Operation::CreatePatchBaseline), 3);
    assert_eq!(backend.call_count(Operation::UpdatePatchBaseline), 3);
}

#[tokio::test]
async fn ensuring_a_baseline_refuses_to_choose_among_namesakes() {
    let (_, manager) = account();
    let spec = everything_on(OperatingSystem::Windows).build().unwrap();
    let a = manager.create_baseline(&spec).await.unwrap();
    let b = manager.create_baseline(&spec).await.unwrap();
    let error = manager.ensure_baseline(&spec).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(!error.is_retryable());
    assert_eq!(error.operation(), Some("DescribePatchBaselines"));
    let text = error.to_string();
    assert!(
        text.contains(a.as_str()) && text.contains(b.as_str()),
        "{text}"
    );
}

#[tokio::test]
async fn a_client_token_makes_a_creation_repeatable_after_a_lost_reply() {
    let (backend, manager) = account();
    let spec = everything_on(OperatingSystem::Windows).build().unwrap();
    let request = CreatePatchBaseline::new(spec).with_client_token("once");
    backend.faults().lose_reply(Operation::CreatePatchBaseline);
    let lost = manager.create_baseline(request.clone()).await.unwrap_err();
    assert!(lost.is_retryable());
    manager.create_baseline(request).await.unwrap();
    let own: Vec<_> = manager
        .list_baselines()
        .try_filter(|b| std::future::ready(b.baseline_name.as_deref() == Some("everything")))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(own.len(), 1);
}

#[tokio::test]
async fn what_may_have_patched_already_is_not_called_retryable() {
    let (backend, manager) = account();
    let one = PatchRequest::scan().nodes([LINUX]);
    backend.faults().lose_reply(Operation::SendCommand);
    let lost = manager.run(&one).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Connection);
    assert!(lost.may_have_taken_effect() && !lost.is_retryable());
    assert_eq!(backend.call_count(Operation::SendCommand), 1);

    backend.faults().throttle(Operation::SendCommand);
    let refused = manager.run(&one).await.unwrap_err();
    assert!(!refused.may_have_taken_effect() && refused.is_retryable());
}

#[tokio::test]
async fn a_run_that_sent_some_commands_is_not_retryable_but_one_that_sent_none_is() {
    for (call, sent) in [(1, 0), (2, 1)] {
        let (backend, manager) = account();
        let nodes = (0..60).map(id);
        let nodes: Vec<NodeId> = nodes.map(NodeId::new).collect();
        for node in &nodes {
            backend.add_node(FleetNode::windows_server_2022(node.as_str()));
        }
        backend
            .faults()
            .throttle(Operation::SendCommand)
            .on_call(call);
        let request = PatchRequest::scan().nodes(&nodes);
        let error = manager.run(&request).await.unwrap_err();
        assert_eq!(error.completed_steps().len(), sent);
        assert!(error.is_throttled());
        assert_eq!(error.may_have_taken_effect(), sent > 0);
        assert_eq!(error.is_retryable(), sent == 0);
    }
}

#[tokio::test]
async fn binding_a_group_is_idempotent_and_replacing_needs_the_other_verb() {
    let (_, manager) = account();
    let first = manager.create_baseline(everything_on(OperatingSystem::Windows).build().unwrap());
    let first = first.await.unwrap();
    let second = manager.create_baseline(everything_on(OperatingSystem::Windows).build().unwrap());
    let second = second.await.unwrap();
    let linux = manager.create_baseline(
        everything_on(OperatingSystem::AmazonLinux2023)
            .build()
            .unwrap(),
    );
    let linux = linux.await.unwrap();

    assert_eq!(
        manager.bind_patch_group(&web(), &first).await.unwrap(),
        GroupBinding::Bound
    );
    assert_eq!(
        manager.bind_patch_group(&web(), &first).await.unwrap(),
        GroupBinding::Unchanged
    );
    assert_eq!(
        manager.bind_patch_group(&web(), &linux).await.unwrap(),
        GroupBinding::Bound
    );
    let refused = manager.bind_patch_group(&web(), &second).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert!(refused.to_string().contains(first.as_str()), "{refused}");

    let rebound = manager.rebind_patch_group(&web(), &second).await.unwrap();
    assert_eq!(rebound, GroupBinding::Rebound { from: first });
    let used = manager
        .baseline_for_group(&web(), OperatingSystem::Windows)
        .await
        .unwrap();
    assert_eq!(used.baseline_id, second);
}

#[tokio::test]
async fn a_rebinding_that_stops_half_way_says_so_and_running_it_again_finishes() {
    let (backend, manager) = account();
    let first = manager.create_baseline(everything_on(OperatingSystem::Windows).build().unwrap());
    let first = first.await.unwrap();
    let second = manager.create_baseline(everything_on(OperatingSystem::Windows).build().unwrap());
    let second = second.await.unwrap();
    manager.bind_patch_group(&web(), &first).await.unwrap();

    backend
        .faults()
        .throttle(Operation::RegisterPatchBaselineForPatchGroup);
    let error = manager
        .rebind_patch_group(&web(), &second)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert!(error.is_throttled() && error.is_retryable());
    assert_eq!(
        error.completed_steps(),
        [CompletedStep::PatchGroupDeregistered {
            baseline_id: first,
            patch_group: "web".to_owned(),
        }]
    );

    manager.rebind_patch_group(&web(), &second).await.unwrap();
    let used = manager
        .baseline_for_group(&web(), OperatingSystem::Windows)
        .await
        .unwrap();
    assert_eq!(used.baseline_id, second);
}

#[tokio::test]
async fn each_node_gets_the_tag_key_that_its_metadata_option_demands() {
    let (_, manager) = account();
    let nodes: Vec<NodeId> = vec![LINUX.into(), WINDOWS.into(), HYBRID.into()];
    let report = manager.tag_nodes(&web(), &nodes).await.unwrap();
    assert!(report.is_complete(), "{report}");
    let keys: Vec<_> = report.nodes.iter().map(|tagging| tagging.key).collect();
    use PatchGroupTagKey::{Joined, Spaced};
    assert_eq!(keys, [Spaced, Joined, Spaced]);
    for (node, key) in nodes.iter().zip(keys) {
        assert!(
            manager
                .node_tags(node)
                .await
                .unwrap()
                .contains(&web().tag(key)),
            "{node}"
        );
    }
    let again = manager.tag_nodes(&web(), &nodes).await.unwrap();
    assert!(
        again
            .nodes
            .iter()
            .all(|t| matches!(t.change, TagChange::Unchanged)),
        "{again}"
    );

    manager.untag_nodes(&nodes).await.unwrap();
    for node in &nodes {
        assert_eq!(manager.node_tags(node).await.unwrap(), []);
    }
}

#[tokio::test]
async fn tags_are_set_where_they_differ_and_others_stay() {
    let (backend, manager) = account();
    let spec = BaselineBuilder::ubuntu_security("prod").tag("Team", "web");
    let spec = spec.build().unwrap();
    let baseline = manager.ensure_baseline(&spec).await.unwrap().id;
    let kind = ResourceTypeForTagging::PatchBaseline;
    let tags = [Tag::new("Team", "db"), Tag::new("Stage", "prod")];
    let set = async || {
        let id = baseline.as_str();
        let set = manager.ensure_resource_tags(kind.clone(), id, &tags).await;
        set.unwrap()
    };
    let Change::Updated(differences) = set().await else {
        panic!("both tags differ");
    };
    let texts: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["Tags.Team: web -> db", "Tags.Stage: none -> prod"]);
    assert_eq!(set().await, Change::Unchanged);
    assert_eq!(backend.call_count(Operation::AddTagsToResource), 1);

    for node in [LINUX, HYBRID] {
        let node = NodeId::new(node);
        manager.ensure_node_tags(&node, &tags).await.unwrap();
        let again = manager.ensure_node_tags(&node, &tags[..1]).await.unwrap();
        assert_eq!(again, Change::Unchanged);
        // Tags have no order.
        let mut set = manager.node_tags(&node).await.unwrap();
        set.sort_by(|one, other| other.key.cmp(&one.key));
        assert_eq!(set, tags);
    }
    let unknown = NodeId::new("i-0ddddddddddddddd1");
    let gone = manager.ensure_node_tags(&unknown, &tags).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn parameters_that_quick_setup_adds_to_a_policy_are_no_difference() {
    let (backend, manager) = account();
    let policy = PolicySchedule::daily_scan_weekly_install("production");
    let policy = policy.patch_policy().unwrap();
    let mut added = policy.clone();
    for (name, value) in [
        ("HasDeletedBaseline", "false"),
        ("OutputLogEnableS3", "false"),
    ] {
        let parameters = &mut added.other_parameters;
        parameters.insert(name.to_owned(), value.to_owned());
    }
    manager.ensure_policy(&added).await.unwrap();
    let ensured = manager.ensure_policy(&policy).await.unwrap();
    assert_eq!(ensured.change, Change::Unchanged);
    // A switch that somebody turned on is one.
    let parameters = &mut added.other_parameters;
    parameters.insert("OutputLogEnableS3".to_owned(), "true".to_owned());
    manager.ensure_policy(&added).await.unwrap();
    let ensured = manager.ensure_policy(&policy).await.unwrap();
    assert!(matches!(ensured.change, Change::Updated(_)));
    let updates = backend.call_count(Operation::UpdateConfigurationDefinition);
    assert_eq!(updates, 2);
}

#[tokio::test]
async fn a_tag_under_the_other_key_is_removed_for_a_node_is_in_one_group() {
    let backend = MemoryBackend::new();
    backend.add_node(FleetNode::amazon_linux_2023(LINUX).with_tag("PatchGroup", "old"));
    let manager = PatchManager::from_memory(&backend);
    manager.tag_nodes(&web(), &[LINUX.into()]).await.unwrap();
    assert_eq!(
        manager.node_tags(&LINUX.into()).await.unwrap(),
        [Tag::new("Patch Group", "web")]
    );
}

#[tokio::test]
async fn a_node_that_cannot_be_tagged_stands_in_the_report_and_the_others_go_on() {
    let (backend, manager) = account();
    let nodes: Vec<NodeId> = vec![LINUX.into(), WINDOWS.into()];
    backend.faults().throttle(Operation::CreateTags);
    let report = manager.tag_nodes(&web(), &nodes).await.unwrap();
    let failed: Vec<_> = report
        .failed()
        .map(|(node, error)| (node.as_str(), error.is_throttled()))
        .collect();
    assert_eq!(failed, [(LINUX, true)]);
    assert!(
        manager
            .tag_nodes(&web(), &nodes)
            .await
            .unwrap()
            .is_complete()
    );
}

#[tokio::test]
async fn an_instance_that_is_gone_stands_in_the_report_and_the_others_are_tagged() {
    let (backend, manager) = account();
    let gone = NodeId::new("i-0123456789abcdef0");
    let nodes: Vec<NodeId> = vec![gone.clone(), LINUX.into()];
    let report = manager.tag_nodes(&web(), &nodes).await.unwrap();
    let failed: Vec<_> = report
        .failed()
        .map(|(node, error)| (node.clone(), error.kind()))
        .collect();
    assert_eq!(failed, [(gone, ErrorKind::NotFound)]);
    let tags = manager.node_tags(&LINUX.into()).await.unwrap();
    assert!(tags.contains(&Tag::new("Patch Group", "web")), "{tags:?}");
    assert_eq!(backend.call_count(Operation::CreateTags), 1);
}

#[tokio::test]
async fn applying_a_policy_is_idempotent_by_its_name() {
    let (backend, manager) = account();
    let schedule =
        || PolicySchedule::daily_scan_weekly_install("nightly").targets(PolicyTargets::All);
    let policy = schedule().patch_policy().unwrap();
    let first = manager.ensure_policy(&policy).await.unwrap();
    assert_eq!(first.change, Change::Created);
    let again = manager.ensure_policy(&policy).await.unwrap();
    assert_eq!((again.change, &again.arn), (Change::Unchanged, &first.arn));
    let rebooting = schedule()
        .reboot(RebootOption::RebootIfNeeded)
        .patch_policy()
        .unwrap();
    let changed = manager.ensure_policy(&rebooting).await.unwrap();
    let expected = if rebooting == policy {
        Change::Unchanged
    } else {
        Change::Updated(policy.diff(&rebooting))
    };
    assert_eq!((changed.change, &changed.arn), (expected, &first.arn));
    assert_eq!(backend.call_count(Operation::CreateConfigurationManager), 1);

    backend
        .faults()
        .throttle(Operation::GetConfigurationManager)
        .times(2);
    let deployed = manager
        .wait_for_policy(&first.arn, Duration::from_secs(3600))
        .await
        .unwrap();
    assert_eq!(deployed.status, PolicyStatus::Succeeded);
    assert_eq!(deployed.policy, rebooting);
    manager.delete_policy(&first.arn).await.unwrap();
}

#[tokio::test]
async fn a_run_is_waited_for_on_the_clock_and_tells_what_it_made_of_each_node() {
    let (_, manager) = account();
    let run = manager
        .run(&PatchRequest::scan().nodes([LINUX, WINDOWS]))
        .await
        .unwrap();
    let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
    assert!(outcome.is_success(), "{outcome}");
    let nodes: Vec<_> = outcome
        .nodes
        .iter()
        .map(|node| node.node.as_str())
        .collect();
    assert_eq!(nodes, [LINUX, WINDOWS]);
    let steps: Vec<_> = outcome
        .nodes
        .iter()
        .map(|node| node.step.as_deref().unwrap())
        .collect();
    assert_eq!(steps, ["PatchLinux", "PatchWindows"]);
    for node in &outcome.nodes {
        assert_eq!(node.response_code, Some(0), "{node:?}");
        assert!(!node.output.is_empty());
        assert!(node.patch_state.is_some(), "{node:?}");
    }
}

#[tokio::test]
async fn passing_trouble_does_not_end_the_wait_and_lasting_trouble_does() {
    let (backend, manager) = account();
    let run = manager
        .run(&PatchRequest::scan().nodes([LINUX]))
        .await
        .unwrap();
    backend.faults().throttle(Operation::ListCommands).times(3);
    assert!(
        run.wait(Duration::from_secs(7200))
            .await
            .unwrap()
            .is_success()
    );

    let error = manager
        .resume(
            run.outcome().await.unwrap().operation,
            vec!["4f0ef3ab-5d45-4fd9-9d2c-1e2a4cbd7a3e".into()],
        )
        .unwrap()
        .wait(Duration::from_secs(60))
        .await
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Timeout),
        "{error}"
    );
}

#[tokio::test]
async fn a_wait_that_runs_out_of_time_leaves_the_run_going() {
    let (_, manager) = account();
    let run = manager
        .run(&PatchRequest::install().nodes([LINUX]))
        .await
        .unwrap();
    let error = run.wait(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.operation(), None, "no call timed out");
    assert_eq!(error.resource(), Some(run.command_ids()[0].as_str()));
    assert!(
        run.wait(Duration::from_secs(36_000))
            .await
            .unwrap()
            .is_success()
    );
}

/// The nodes of a command that is sent by a tag are found a moment later.
#[tokio::test]
async fn a_run_that_is_cancelled_at_once_ends_as_cancelled_on_each_node() {
    let (backend, manager) = account();
    backend.add_node(FleetNode::amazon_linux_2023(id(1)).with_tag("fleet", "web"));
    for request in [
        PatchRequest::install().nodes([LINUX]),
        PatchRequest::install().target(Target::tag("fleet", ["web"])),
    ] {
        let run = manager.run(&request).await.unwrap();
        run.cancel().await.unwrap();
        let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
        let failed: Vec<_> = outcome.failed().map(|node| node.status.clone()).collect();
        assert_eq!(failed, [InvocationStatus::Cancelled]);
    }
}

#[tokio::test]
async fn more_than_fifty_nodes_take_several_commands_and_one_outcome() {
    let backend = MemoryBackend::new();
    let ids: Vec<String> = (0..120).map(id).collect();
    for id in &ids {
        backend.add_node(FleetNode::amazon_linux_2023(id.as_str()));
    }
    let manager = PatchManager::from_memory(&backend);
    let request = PatchRequest::scan().nodes(ids.iter().map(String::as_str));
    let run = manager.run(&request).await.unwrap();
    assert_eq!(run.command_ids().len(), 3);
    let outcome = run.wait(Duration::from_secs(7200)).await.unwrap();
    assert_eq!(outcome.nodes.len(), 120);

    backend.faults().throttle(Operation::SendCommand).on_call(2);
    let error = manager.run(&request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incomplete);
    assert_eq!(error.completed_steps().len(), 1);
}

#[test]
fn a_split_run_takes_no_count_for_a_limit_since_each_part_would_use_it_up() {
    let nodes: Vec<String> = (0..51).map(id).collect();
    let request =
        |nodes: &[String]| PatchRequest::install().nodes(nodes.iter().map(String::as_str));
    let counted = |nodes| {
        request(nodes)
            .max_concurrency(MaxConcurrency::Count(1))
            .max_errors(MaxErrors::Count(1))
            .commands()
    };
    assert_eq!(counted(&nodes).unwrap_err().violations().len(), 2);
    assert_eq!(counted(&nodes[..50]).unwrap().len(), 1);
    let shared = request(&nodes)
        .max_concurrency(MaxConcurrency::Percent(10))
        .max_errors(MaxErrors::Percent(10))
        .commands();
    assert_eq!(shared.unwrap().len(), 2);
}

#[test]
fn a_request_is_refused_with_everything_that_is_wrong_with_it() {
    let error = PatchRequest::scan()
        .comment("c".repeat(101))
        .delivery_timeout_seconds(29)
        .snapshot_id("latest")
        .install_override_list("http://plain")
        .baseline_override("s3://bucket/")
        .commands()
        .unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    let expected = [
        "Targets",
        "TimeoutSeconds",
        "Comment",
        "Parameters.SnapshotId",
        "Parameters.InstallOverrideList",
        "Parameters.BaselineOverride",
        "Parameters",
        "Parameters.InstallOverrideList",
    ];
    assert_eq!(fields, expected);
    let doubled = PatchRequest::scan()
        .nodes([LINUX, LINUX])
        .commands()
        .unwrap_err();
    assert_eq!(doubled.violations().len(), 1);
}

#[test]
fn whom_a_request_is_for_is_refused_with_everything_that_is_wrong_with_it() {
    let empty = || Target::tag("", ["web"]);
    let tagged = || Target::tag("Role", ["web"]);
    let long = || Target::new("k".repeat(164), ["web"]);
    let scan = PatchRequest::scan;
    let neither = "Targets: needs node ids, targets or a patch group";
    let both = "Targets: `1 beside 1 node ids`: node ids or targets, not both: remove the one or the other";
    let key = |at: u8, key: &str| {
        format!(
            "Targets[{at}].Key: `{key}`: 1 to 163 characters, such as `tag:KEY`, `tag-key` or `InstanceIds`"
        )
    };
    for (request, expected) in [
        (scan(), vec![neither.to_owned()]),
        (
            scan().nodes([LINUX]).target(tagged()),
            vec![both.to_owned()],
        ),
        (
            scan().nodes([LINUX]).patch_group(&web()),
            vec![both.to_owned()],
        ),
        (
            scan().nodes([LINUX]).target(empty()),
            vec![both.to_owned(), key(0, "tag:")],
        ),
        (
            scan().target(tagged()).target(empty()),
            vec![key(1, "tag:")],
        ),
        (
            scan().target(Target::new("", ["web"])),
            vec![key(0, "").replace(" ``:", "")],
        ),
        (scan().target(long()), vec![key(0, &"k".repeat(164))]),
    ] {
        let refused = request.commands().unwrap_err();
        let found: Vec<_> = refused
            .violations()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_capability_that_was_not_given_says_so() {
    let baselines: Arc<dyn BaselineStore> = Arc::new(MemoryBackend::new());
    let manager = PatchManager::builder().baselines(baselines).build();
    assert!(
        manager
            .default_baseline(OperatingSystem::Windows)
            .await
            .is_ok()
    );
    let error = manager.list_policies().try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.operation(), Some("ListConfigurationManagers"));
}

#[test]
fn every_future_of_the_facade_can_move_between_threads() {
    fn moves<T: Send>(_: T) {}
    let manager = PatchManager::builder().build();
    let (id, node) = ("pb-0123456789abcdef0".into(), NodeId::from(LINUX));
    let request = PatchRequest::scan().nodes([LINUX]);
    moves(manager.baseline(&id));
    moves(manager.bind_patch_group(&web(), &id));
    moves(manager.tag_nodes(&web(), std::slice::from_ref(&node)));
    moves(manager.check_prerequisites(&Prerequisites::nodes([node.clone()])));
    moves(manager.run(&request));
    let command = "4f0ef3ab-5d45-4fd9-9d2c-1e2a4cbd7a3e".into();
    let resumed = manager.resume("Scan".into(), vec![command]).unwrap();
    moves(resumed.wait(Duration::ZERO));
}

#[tokio::test]
async fn the_last_failed_run_of_a_node_says_why() {
    let (_, manager) = sample();
    let (fails, fine) = ("i-0c0ffee0000000002", "i-0c0ffee0000000001");
    let none = manager.last_failed_run(&fails.into()).await.unwrap();
    assert_eq!(none, None);
    let install = PatchRequest::install()
        .nodes([fails, fine])
        .max_errors(MaxErrors::Percent(100));
    let hours = Duration::from_secs(3 * 3600);
    let outcome = manager
        .run(&install)
        .await
        .unwrap()
        .wait(hours)
        .await
        .unwrap();
    let failed = manager
        .last_failed_run(&fails.into())
        .await
        .unwrap()
        .unwrap();
    let same = outcome
        .nodes
        .iter()
        .find(|node| node.node.as_str() == fails)
        .unwrap();
    assert_eq!(
        (&failed.command_id, &failed.output),
        (&same.command_id, &same.output)
    );
    assert!(failed.output.contains("KB"), "{}", failed.output);
    assert_eq!(manager.last_failed_run(&fine.into()).await.unwrap(), None);
}

#[tokio::test]
async fn power_is_for_instances_alone_and_refused_before_any_call() {
    let (backend, manager) = account();
    let wrong: Vec<NodeId> = vec![WINDOWS.into(), HYBRID.into(), "web-1".into()];
    let refusals = [
        manager.start_nodes(&wrong).await.map(drop),
        manager.stop_nodes(&wrong).await.map(drop),
        manager.reboot_nodes(&wrong).await,
        manager.stop_nodes(&[]).await.map(drop),
    ];
    let fields = refusals.map(|refused| {
        let violations = refused.unwrap_err().violations().to_vec();
        let fields = violations.into_iter().map(|violation| violation.field);
        fields.collect::<Vec<_>>()
    });
    let of_two = ["InstanceIds[2]", "InstanceIds[1]"];
    assert_eq!(fields[..3], [of_two; 3]);
    assert_eq!(fields[3], ["InstanceIds"]);
    assert_eq!(backend.calls(), [""; 0]);
}
