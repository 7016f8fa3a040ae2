//! Every mock stands in for its trait, and takes arguments by reference.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::backend::*;
use aws_patch_manager::backend::{
    CancelCommand, DescribeEffectivePatchesForPatchBaseline, DescribeInstancePatchStates,
    DescribePatchGroupState, DescribeSubnets, GetCommandInvocation, GetConfigurationManager,
    GetDefaultPatchBaseline, GetPatchBaselineForPatchGroup, NodeInventoryExt,
};
use aws_patch_manager::baseline::DefaultPatchBaseline;
use aws_patch_manager::compliance::{InstancePatchState, PatchGroupState};
use aws_patch_manager::group::BaselineForPatchGroup;
use aws_patch_manager::operation::{
    Command, CommandInvocation, CommandInvocationDetail, CommandPlugin, CommandPluginStatus,
    CommandStatus, InvocationStatus, RUN_PATCH_BASELINE,
};
use aws_patch_manager::prerequisites::Prerequisites;
use aws_patch_manager::schedule::{PatchPolicy, PatchPolicyState, PolicyStatus};
use aws_patch_manager::testing::mock::*;
use aws_patch_manager::types::{
    Ec2Instance, InstanceState, NodeId, OperatingSystem, PatchPolicyArn, Tag,
};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, Page, PageRequest, PatchGroup, PatchManager, PatchRequest,
};
use support::accounts::id;

#[tokio::test]
async fn a_mocked_baseline_store_fails_as_told_behind_the_facade() {
    let mut store = MockBaselineStore::new();
    store
        .expect_delete_patch_baseline()
        .withf(|request| request.baseline_id.as_str() == "pb-0123456789abcdef0")
        .times(1)
        .returning(|_| Err(Error::new(ErrorKind::InUse, "used by group web")));
    let manager = PatchManager::builder().baselines(Arc::new(store)).build();
    let error = manager
        .delete_baseline(&"pb-0123456789abcdef0".into())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InUse);
}

#[tokio::test]
async fn a_mocked_store_sees_the_request_it_is_given() {
    let mut store = MockBaselineStore::new();
    store
        .expect_create_patch_baseline()
        .withf(|request| request.spec.name == "prod" && request.client_token.is_none())
        .returning(|_| Ok("pb-0123456789abcdef0".into()));
    store
        .expect_get_default_patch_baseline()
        .returning(|request| {
            let os = request.operating_system.unwrap_or_default();
            Ok(DefaultPatchBaseline::new("pb-1", os))
        });
    let store: &dyn BaselineStore = &store;
    let spec = BaselineBuilder::new("prod", OperatingSystem::Windows)
        .build()
        .unwrap();
    let id = store
        .create_patch_baseline(CreatePatchBaseline::new(spec))
        .await
        .unwrap();
    assert_eq!(id.as_str(), "pb-0123456789abcdef0");
    let default = store
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap();
    assert_eq!(default.operating_system, Some(OperatingSystem::Windows));
}

#[tokio::test]
async fn a_mocked_command_runner_sees_the_plugin_and_the_nodes() {
    let mut runner = MockCommandRunner::new();
    runner
        .expect_get_command_invocation()
        .withf(|request| request.plugin_name.as_deref() == Some("PatchLinux"))
        .returning(|request| {
            Ok(CommandInvocationDetail::new(
                request.command_id,
                request.instance_id,
                InvocationStatus::Success,
            ))
        });
    runner
        .expect_cancel_command()
        .withf(|request| request.instance_ids.len() == 1)
        .returning(|_| Ok(()));
    let runner: Arc<dyn CommandRunner> = Arc::new(runner);
    let node = NodeId::new("i-0123456789abcdef0");
    let detail = runner
        .get_command_invocation(
            GetCommandInvocation::new("command", &node).with_plugin_name("PatchLinux"),
        )
        .await
        .unwrap();
    assert_eq!(detail.instance_id, node);
    runner
        .cancel_command(CancelCommand::new("command").on(&[node]))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_mocks_of_groups_nodes_and_compliance_answer_through_their_traits() {
    let web = PatchGroup::new("web").unwrap();
    let mut groups = MockPatchGroupRegistry::new();
    groups
        .expect_get_patch_baseline_for_patch_group()
        .returning(|request| {
            let (group, os) = (request.patch_group, request.operating_system);
            Ok(BaselineForPatchGroup::new("pb-1", group, os))
        });
    let groups: &dyn PatchGroupRegistry = &groups;
    let found = groups
        .get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup::new(&web, None))
        .await
        .unwrap();
    assert_eq!(found.patch_group, web);

    let mut nodes = MockNodeInventory::new();
    nodes
        .expect_add_tags_to_resource()
        .withf(|request| request.tags == [Tag::new("Patch Group", "web")])
        .returning(|_| Ok(()));
    let nodes: &dyn NodeInventory = &nodes;
    let node = NodeId::new("mi-0123456789abcdef0");
    nodes
        .add_tags(&node, &[Tag::new("Patch Group", "web")])
        .await
        .unwrap();

    let mut compliance = MockComplianceSource::new();
    compliance
        .expect_describe_patch_group_state()
        .returning(|_| Ok(PatchGroupState::default()));
    compliance
        .expect_describe_instance_patch_states()
        .returning(|_| Ok(Page::<InstancePatchState>::last(Vec::new())));
    let compliance: &dyn ComplianceSource = &compliance;
    let state = compliance
        .describe_patch_group_state(DescribePatchGroupState::new(&web))
        .await
        .unwrap();
    assert_eq!(state.instances, 0);
    let states = compliance
        .describe_instance_patch_states(DescribeInstancePatchStates::new(
            &[node],
            PageRequest::first(),
        ))
        .await
        .unwrap();
    assert!(states.items.is_empty());
}

#[tokio::test]
async fn the_mocks_of_catalog_schedules_and_network_answer_through_their_traits() {
    let mut catalog = MockPatchCatalog::new();
    catalog
        .expect_describe_effective_patches_for_patch_baseline()
        .returning(|_| {
            Err(Error::unsupported(
                "DescribeEffectivePatchesForPatchBaseline",
            ))
        });
    let catalog: &dyn PatchCatalog = &catalog;
    let error = catalog
        .describe_effective_patches_for_patch_baseline(
            DescribeEffectivePatchesForPatchBaseline::new("pb-1", PageRequest::first()),
        )
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);

    let mut schedules = MockPatchPolicyStore::new();
    schedules
        .expect_get_configuration_manager()
        .returning(|request| {
            let policy = PatchPolicy::new("nightly", "cron(0 0 * * ? *)");
            Ok(PatchPolicyState::new(
                request.manager_arn,
                policy,
                PolicyStatus::Succeeded,
            ))
        });
    let schedules: &dyn PatchPolicyStore = &schedules;
    let arn = PatchPolicyArn::new("arn");
    assert_eq!(
        schedules
            .get_configuration_manager(GetConfigurationManager::new(&arn))
            .await
            .unwrap()
            .arn,
        arn
    );

    let mut network = MockNetworkInventory::new();
    network
        .expect_describe_subnets()
        .returning(|_| Ok(Page::last(Vec::new())));
    let network: &dyn NetworkInventory = &network;
    let subnets = network
        .describe_subnets(DescribeSubnets::new(Vec::new(), PageRequest::first()))
        .await;
    assert!(subnets.unwrap().items.is_empty());
}

#[tokio::test]
async fn a_terminated_instance_is_none_of_the_accounts() {
    let mut inventory = MockNodeInventory::new();
    inventory
        .expect_describe_instance_properties()
        .returning(|_| Ok(Page::last(Vec::new())));
    inventory.expect_describe_instances().returning(|_| {
        let states = ["stopped", "shutting-down", "terminated"].into_iter();
        let instances = states.zip(1..).map(|(state, number)| {
            let mut instance = Ec2Instance::new(id(number));
            instance.state = InstanceState::new(state);
            instance
        });
        Ok(Page::last(instances.collect()))
    });
    let manager = PatchManager::builder().nodes(Arc::new(inventory)).build();
    let question = Prerequisites::account();
    let report = manager.check_prerequisites(&question).await.unwrap();
    assert_eq!(report.nodes, [NodeId::new("i-00000000000000001")]);
}

#[tokio::test]
async fn nobody_is_told_to_start_a_terminated_instance() {
    let mut inventory = MockNodeInventory::new();
    inventory
        .expect_describe_instance_information()
        .returning(|_| Ok(Page::last(Vec::new())));
    inventory.expect_describe_instances().returning(|request| {
        let mut instance = Ec2Instance::new(request.instance_ids[0].clone());
        instance.state = InstanceState::new("terminated");
        Ok(Page::last(vec![instance]))
    });
    let manager = PatchManager::builder().nodes(Arc::new(inventory)).build();
    let question = Prerequisites::nodes(["i-00000000000000001"]);
    let report = manager.check_prerequisites(&question).await.unwrap();
    let finding = &report.findings[0];
    assert_eq!(finding.message, "the instance is terminated");
    assert_eq!(finding.fix.command, None);
}

/// A mock of the commands is all that a program needs to test how it runs, waits and reads the outcome.
#[tokio::test]
async fn a_manager_of_a_mocked_command_runner_alone_runs_waits_and_gives_the_outcome() {
    let (command, fine, broken) = ("0c0ffee0-0000-4000-8000-000000000001", id(1), id(2));
    let mut runner = MockCommandRunner::new();
    let sent = |status| Command::new(command, RUN_PATCH_BASELINE, status);
    let pending = sent(CommandStatus::Pending);
    runner
        .expect_send_command()
        .times(1)
        .returning(move |_| Ok(pending.clone()));
    let mut ended = sent(CommandStatus::Failed);
    (ended.target_count, ended.completed_count) = (2, 2);
    runner
        .expect_list_commands()
        .returning(move |_| Ok(Page::new(vec![ended.clone()], None)));
    let [of_fine, of_broken] = [
        (&fine, InvocationStatus::Success),
        (&broken, InvocationStatus::TimedOut),
    ]
    .map(|(node, status)| CommandInvocation::new(command, node.as_str(), status));
    runner
        .expect_list_command_invocations()
        .returning(move |_| Ok(Page::new(vec![of_fine.clone(), of_broken.clone()], None)));

    let manager = PatchManager::builder().commands(Arc::new(runner)).build();
    let request = PatchRequest::install().nodes([fine, broken.clone()]);
    let run = manager.run(&request).await.unwrap();
    let outcome = run.wait(Duration::from_secs(3600)).await.unwrap();
    assert_eq!(outcome.nodes.len(), 2);
    let failed: Vec<_> = outcome.failed().map(|node| node.node.as_str()).collect();
    assert_eq!(failed, [broken]);
    let error = outcome.patch_state_error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.operation(), Some("DescribeInstancePatchStates"));
    assert!(
        error
            .message()
            .contains("`PatchManagerBuilder::compliance`"),
        "{error}"
    );
}

/// A Windows step ends with -1 if PowerShell fails (User Guide, patch-manager-troubleshooting:
/// 4294967295); -1 also stands where no step ran (SSM model, GetCommandInvocationResult).
#[tokio::test]
async fn a_negative_exit_code_is_kept_if_the_step_ended() {
    let command = "0c0ffee0-0000-4000-8000-000000000001";
    for (details, given, kept) in [
        ("Failed", -1, Some(-1)),
        ("Failed", -2, Some(-2)),
        ("Success", 0, Some(0)),
        ("Failed", 163, Some(163)),
        ("ExecutionTimedOut", -1_073_741_510, Some(-1_073_741_510)),
        ("DeliveryTimedOut", -1, None),
        ("Terminated", -1, None),
        ("InProgress", -1, None),
    ] {
        let mut step = CommandPlugin::new("PatchWindows", CommandPluginStatus::Failed);
        step.response_code = given;
        let mut invocation = CommandInvocation::new(command, id(1), InvocationStatus::Failed);
        invocation.status_details = details.to_owned();
        invocation.command_plugins = vec![step];
        let mut runner = MockCommandRunner::new();
        runner.expect_list_commands().returning(move |_| {
            let ended = Command::new(command, RUN_PATCH_BASELINE, CommandStatus::Failed);
            Ok(Page::new(vec![ended], None))
        });
        runner
            .expect_list_command_invocations()
            .returning(move |_| Ok(Page::new(vec![invocation.clone()], None)));
        let manager = PatchManager::builder().commands(Arc::new(runner)).build();
        let run = manager
            .resume("Install".into(), vec![command.into()])
            .unwrap();
        let outcome = run.outcome().await.unwrap();
        assert_eq!(outcome.nodes[0].response_code, kept, "{details} {given}");
    }
}
