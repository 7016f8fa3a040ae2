//! Patch policies fire when the clock passes them.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_patch_manager::backend::{
    AssociationStore, BaselineStore, CommandRunner, ComplianceSource, CreateConfigurationManager,
    CreatePatchBaseline, DeleteConfigurationManager, DeletePatchBaseline, DescribeAssociation,
    DescribeInstances, GetCommandInvocation, GetConfigurationManager, GetPatchBaseline,
    ListAssociations, ListCommands, ListConfigurationManagers, ListResourceComplianceSummaries,
    ListTagsForResource, NodeInventory, PatchPolicyStore, UpdateConfigurationDefinition,
    UpdatePatchBaseline,
};
use aws_patch_manager::baseline::{ApprovalRules, BaselineChanges};
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::operation::CommandStatus;
use aws_patch_manager::schedule::{PatchPolicy, PolicyStatus, PolicyTargets, SelectedBaseline};
use aws_patch_manager::types::{
    MaxConcurrency, OperatingSystem, PatchOperation, PatchPolicyArn, RebootOption, Tag,
};
use aws_patch_manager::{ErrorKind, MemoryBackend, PageRequest};

use crate::support::accounts::id;
use crate::world::*;

/// Scan every day, install on Sundays, both at midnight.
fn weekly() -> PatchPolicy {
    let mut policy = PatchPolicy::new("weekly", "cron(0 0 * * ? *)");
    policy.install_schedule = Some("cron(0 0 ? * SUN *)".to_owned());
    policy.reboot_option = RebootOption::RebootIfNeeded;
    policy
}

async fn create(backend: &MemoryBackend, policy: PatchPolicy) -> PatchPolicyArn {
    let request = CreateConfigurationManager::new(policy);
    backend.create_configuration_manager(request).await.unwrap()
}

/// `Operation day time` of everything that was sent, in order.
async fn sent(backend: &MemoryBackend) -> Vec<String> {
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    let mut sent: Vec<String> = page
        .items
        .iter()
        .map(|command| {
            let at = command.requested_date_time.unwrap();
            format!(
                "{} {}",
                command.parameters["Operation"][0],
                at.strftime("%a %d %H:%M")
            )
        })
        .collect();
    sent.reverse();
    sent
}

#[tokio::test]
async fn two_weeks_scan_daily_and_install_on_sundays() {
    let backend = account(vec![windows(&[]), linux(&["curl-8.9-1"])]);
    let mut policy = weekly();
    for os in [OperatingSystem::Windows, OperatingSystem::AmazonLinux2023] {
        let spec = security(os.clone());
        let id = backend
            .create_patch_baseline(CreatePatchBaseline::new(spec))
            .await
            .unwrap();
        let selected = SelectedBaseline::new(id, "security");
        policy.baselines.insert(os.as_str().to_owned(), selected);
    }
    create(&backend, policy).await;

    // Saturday: scanned, nothing installed. KB3 and curl 8.11 are younger than seven days.
    backend.advance_to("2026-05-23T12:00:00Z".parse().unwrap());
    let pending = "KB1 NotApplicable, KB2 Missing, KB3 AvailableSecurityUpdate, KB6 Missing";
    assert_eq!(summary(&backend, WIN).await, pending);
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Missing");

    // Sunday: installed.
    backend.advance_to("2026-05-24T12:00:00Z".parse().unwrap());
    let patched = "KB1 NotApplicable, KB2 Installed, KB3 AvailableSecurityUpdate, KB6 Installed";
    assert_eq!(summary(&backend, WIN).await, patched);
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Installed");

    // In the week after, what has come of age is missing.
    backend.advance_to("2026-05-26T12:00:00Z".parse().unwrap());
    assert_eq!(states(&backend, WIN).await["KB3"], "Missing");
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Missing");

    // And on the next Sunday it is installed.
    backend.advance_to("2026-06-02T12:00:00Z".parse().unwrap());
    assert_eq!(states(&backend, WIN).await["KB3"], "Installed");
    assert_eq!(summary(&backend, LIN).await, "curl.x86_64 Installed");
    let expected = [
        "Scan Thu 21 00:00",
        "Scan Fri 22 00:00",
        "Scan Sat 23 00:00",
        "Scan Sun 24 00:00",
        "Install Sun 24 00:00",
        "Scan Mon 25 00:00",
        "Scan Tue 26 00:00",
        "Scan Wed 27 00:00",
        "Scan Thu 28 00:00",
        "Scan Fri 29 00:00",
        "Scan Sat 30 00:00",
        "Scan Sun 31 00:00",
        "Install Sun 31 00:00",
        "Scan Mon 01 00:00",
        "Scan Tue 02 00:00",
    ];
    assert_eq!(sent(&backend).await, expected);
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    assert!(
        page.items
            .iter()
            .all(|command| command.comment.contains("weekly"))
    );
    assert!(
        page.items
            .iter()
            .all(|command| command.status == CommandStatus::Success)
    );
    let resources =
        backend.list_resource_compliance_summaries(ListResourceComplianceSummaries::default());
    for node in resources.await.unwrap().items {
        if node.compliance_type != "Patch" {
            continue;
        }
        let run = node.execution_summary.unwrap();
        assert_eq!(run.execution_type.as_deref(), Some("PatchPolicy"));
    }
}

#[tokio::test]
async fn looking_often_or_once_makes_no_difference() {
    let often = account(vec![windows(&[]), linux(&["curl-8.9-1"])]);
    let once = account(vec![windows(&[]), linux(&["curl-8.9-1"])]);
    for backend in [&often, &once] {
        create(backend, weekly()).await;
    }
    for _ in 0..24 * 14 {
        seconds(&often, 3600);
        sent(&often).await;
    }
    seconds(&once, 14 * 24 * 3600);
    assert_eq!(sent(&often).await, sent(&once).await);
    for node in [WIN, LIN] {
        assert_eq!(state(&often, node).await, state(&once, node).await);
    }
}

#[tokio::test]
async fn without_waiting_for_the_next_time_it_runs_once_it_is_deployed() {
    for (scan_waits, install_waits, expected) in [
        (true, true, &[] as &[&str]),
        (false, true, &["Scan Wed 20 00:01"]),
        (true, false, &["Install Wed 20 00:01"]),
        (false, false, &["Scan Wed 20 00:01", "Install Wed 20 00:01"]),
    ] {
        let backend = account(vec![windows(&[])]);
        let mut policy = weekly();
        policy.scan_next_interval = scan_waits;
        policy.install_next_interval = install_waits;
        create(&backend, policy).await;
        seconds(&backend, 3600);
        assert_eq!(
            sent(&backend).await,
            expected,
            "{scan_waits} {install_waits}"
        );
    }
}

#[tokio::test]
async fn a_policy_uses_its_own_baselines_and_ignores_groups_and_defaults() {
    let backend = account(vec![
        windows(&[]),
        linux(&["curl-8.9-1"]).with_tag("Patch Group", "web"),
    ]);
    let mut nothing = security(OperatingSystem::Windows);
    nothing.approval_rules.patch_rules.clear();
    make_default(&backend, nothing).await;
    let spec = CreatePatchBaseline::new(security(OperatingSystem::Windows));
    let own = backend.create_patch_baseline(spec).await.unwrap();
    let mut policy = weekly();
    policy.baselines =
        BTreeMap::from([("WINDOWS".to_owned(), SelectedBaseline::new(own, "security"))]);
    let arn = create(&backend, policy.clone()).await;
    seconds(&backend, 2 * 24 * 3600);
    assert_eq!(state(&backend, WIN).await.unwrap().missing_count, 2);

    // Without any selection it uses AWS's default for each system.
    policy.baselines.clear();
    backend
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, policy))
        .await
        .unwrap();
    seconds(&backend, 2 * 24 * 3600);
    for node in [WIN, LIN] {
        assert!(state(&backend, node).await.is_some(), "{node}");
    }
}

#[tokio::test]
async fn a_deleted_baseline_makes_later_firings_fail_and_say_so() {
    let backend = account(vec![windows(&[])]);
    let spec = CreatePatchBaseline::new(security(OperatingSystem::Windows));
    let own = backend.create_patch_baseline(spec).await.unwrap();
    let mut policy = weekly();
    let selected = SelectedBaseline::new(own.clone(), "security");
    policy.baselines.insert("WINDOWS".to_owned(), selected);
    create(&backend, policy).await;
    backend
        .delete_patch_baseline(DeletePatchBaseline::new(&own))
        .await
        .unwrap();
    seconds(&backend, 36 * 3600);
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    let failed = &page.items[0];
    assert_eq!(failed.status, CommandStatus::Failed);
    let step = backend.get_command_invocation(
        GetCommandInvocation::new(&failed.command_id, WIN).with_plugin_name("PatchWindows"),
    );
    let errors = step.await.unwrap().standard_error_content;
    assert!(
        errors.contains(own.as_str()) && errors.contains("deleted"),
        "{errors}"
    );
    assert_eq!(state(&backend, WIN).await, None);
}

#[tokio::test]
async fn targets_choose_the_nodes() {
    let cases: [(PolicyTargets, &[&str]); 4] = [
        (PolicyTargets::All, &[WIN, LIN]),
        (PolicyTargets::InstanceIds(vec![LIN.into()]), &[LIN]),
        (PolicyTargets::Tag(Tag::new("Env", "prod")), &[WIN]),
        (PolicyTargets::ResourceGroup("web".to_owned()), &[]),
    ];
    for (targets, expected) in cases {
        let backend = account(vec![windows(&[]).with_tag("Env", "prod"), linux(&[])]);
        let mut policy = weekly();
        policy.targets = targets.clone();
        create(&backend, policy).await;
        seconds(&backend, 2 * 24 * 3600);
        for node in [WIN, LIN] {
            let patched = state(&backend, node).await.is_some();
            assert_eq!(patched, expected.contains(&node), "{targets:?} {node}");
        }
    }
}

#[tokio::test]
async fn a_policy_deploys_for_a_minute_and_is_gone_when_deleted() {
    let backend = account(vec![windows(&[])]);
    let arn = create(&backend, weekly()).await;
    assert!(arn.is_well_formed(), "{arn}");
    let status = || async {
        backend
            .get_configuration_manager(GetConfigurationManager::new(&arn))
            .await
            .unwrap()
            .status
    };
    assert_eq!(status().await, PolicyStatus::Deploying);
    seconds(&backend, 60);
    assert_eq!(status().await, PolicyStatus::Succeeded);

    let mut changed = weekly();
    changed.scan_schedule = "cron(0 6 * * ? *)".to_owned();
    changed.install_schedule = None;
    backend
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, changed.clone()))
        .await
        .unwrap();
    assert_eq!(status().await, PolicyStatus::Deploying);
    let listed = backend
        .list_configuration_managers(ListConfigurationManagers::new(PageRequest::first()))
        .await
        .unwrap();
    assert_eq!(listed.items[0].policy, changed);
    seconds(&backend, 24 * 3600);
    assert_eq!(
        sent(&backend).await,
        ["Scan Wed 20 06:00"],
        "the old times are void"
    );

    backend
        .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
        .await
        .unwrap();
    seconds(&backend, 7 * 24 * 3600);
    assert_eq!(sent(&backend).await.len(), 1);
    let errors = [
        backend
            .get_configuration_manager(GetConfigurationManager::new(&arn))
            .await
            .unwrap_err(),
        backend
            .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, changed))
            .await
            .unwrap_err(),
        backend
            .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code(), Some("ResourceNotFoundException"));
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_bad_name_or_schedule_is_refused() {
    type Change = fn(&mut PatchPolicy);
    let cases: [Change; 6] = [
        |policy| policy.name.clear(),
        |policy| policy.name = "a/b".to_owned(),
        |policy| policy.name = "x".repeat(121),
        |policy| policy.scan_schedule = "daily".to_owned(),
        |policy| policy.install_schedule = Some("cron(0 0 * * * *)".to_owned()),
        |policy| policy.scan_schedule = "rate(1 day)".to_owned(),
    ];
    let backend = account(vec![]);
    for (number, change) in cases.into_iter().enumerate() {
        let mut policy = weekly();
        change(&mut policy);
        let error = backend
            .create_configuration_manager(CreateConfigurationManager::new(policy))
            .await;
        let error = error.expect_err(&format!("case {number}"));
        assert_eq!(error.code(), Some("ValidationException"), "case {number}");
    }
}

#[tokio::test]
async fn a_policy_does_not_disturb_what_runs_already() {
    let backend = account(vec![windows(&[])]);
    create(&backend, weekly()).await;
    backend.advance_to("2026-05-20T23:59:30Z".parse().unwrap());
    let by_hand = backend
        .send_command(install(&[WIN]))
        .await
        .unwrap()
        .command_id;
    seconds(&backend, 60);
    assert_eq!(
        statuses(&backend, &by_hand).await,
        ["InProgress/InProgress"]
    );
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    let policy = page.items[0].command_id.clone();
    assert_eq!(statuses(&backend, &policy).await, ["Delayed/Delayed"]);
    seconds(&backend, 3600);
    assert_eq!(statuses(&backend, &policy).await, ["Success/Success"]);
    assert_eq!(
        state(&backend, WIN).await.unwrap().operation,
        PatchOperation::Scan
    );
}

#[tokio::test]
async fn a_month_runs_by_schedule_on_each_of_a_hundred_nodes() {
    let backend = MemoryBackend::new();
    for number in 0..100 {
        let id = id(number);
        let node = match number % 2 {
            0 => {
                FleetNode::windows_server_2022(id).with_installed(InstalledPackage::kb("KB5090015"))
            }
            _ => FleetNode::amazon_linux_2023(id).with_installed(InstalledPackage::rpm(
                "openssl",
                1,
                "3.2.2",
                "1.amzn2023.0.1",
                "x86_64",
            )),
        };
        backend.add_node(node);
    }
    let mut policy = weekly();
    policy.max_concurrency = MaxConcurrency::Percent(10);
    create(&backend, policy).await;
    seconds(&backend, 31 * 24 * 3600 + 12 * 3600);
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    // A scan a day, and an install on each of five Sundays.
    assert_eq!(page.items.len(), 31 + 5);
    for command in page.items {
        assert_eq!((command.target_count, command.completed_count), (100, 100));
    }
}

/// A policy that selects a baseline of its own for Windows, and none for any other system.
async fn windows_only(backend: &MemoryBackend) -> PatchPolicy {
    let spec = CreatePatchBaseline::new(security(OperatingSystem::Windows));
    let own = backend.create_patch_baseline(spec).await.unwrap();
    let mut policy = weekly();
    let selected = SelectedBaseline::new(own, "security");
    policy.baselines.insert("WINDOWS".to_owned(), selected);
    policy
}

// AWS-RunPatchBaseline's payload, baseline_override.py: BASELINE_OVERRIDE_MISSING_OS is exit 163. The
// associations of a policy choose nodes by tag, id or "all", never by system.
#[tokio::test]
async fn nodes_of_a_system_that_the_policy_does_not_name_fail_with_163_and_count_as_errors() {
    let backend = account(vec![windows(&[]), linux(&["curl-8.9-1"])]);
    let policy = windows_only(&backend).await;
    create(&backend, policy).await;
    seconds(&backend, 36 * 3600);
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    let command = &page.items[0];
    assert_eq!((command.target_count, command.error_count), (2, 1));
    let step = GetCommandInvocation::new(&command.command_id, LIN).with_plugin_name("PatchLinux");
    let failed = backend.get_command_invocation(step).await.unwrap();
    assert_eq!(failed.response_code, 163, "{failed:?}");
    assert!(failed.standard_error_content.contains("AMAZON_LINUX_2023"));
    assert_eq!(state(&backend, LIN).await, None);
    assert!(state(&backend, WIN).await.is_some());
}

// The names of public workshops' State Manager pages; `baseline_overrides.json` and its bucket are the
// User Guide's (patch-manager-troubleshooting).
#[tokio::test]
async fn a_policy_is_two_associations_that_state_manager_lists() {
    let backend = account(vec![windows(&[])]);
    let arn = create(&backend, weekly()).await;
    let listed = || async {
        let request = ListAssociations::new(vec![], PageRequest::first());
        backend.list_associations(request).await.unwrap().items
    };
    assert_eq!(listed().await, [], "it is being deployed");
    seconds(&backend, 60);
    let id = arn.as_str().rsplit('-').next().unwrap();
    let names: Vec<_> = listed()
        .await
        .into_iter()
        .map(|one| one.association_name.unwrap())
        .collect();
    assert_eq!(
        names,
        [
            format!("AWS-QuickSetup-PatchPolicy-ScanForPatches-LA-{id}"),
            format!("AWS-QuickSetup-PatchPolicy-InstallPatches-LA-{id}"),
        ]
    );

    let mut scan_only = weekly();
    scan_only.install_schedule = None;
    backend
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, scan_only))
        .await
        .unwrap();
    seconds(&backend, 60);
    assert_eq!(listed().await.len(), 1);
    backend
        .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
        .await
        .unwrap();
    assert_eq!(listed().await, []);
}

// Quick Setup model, PatchPolicyName: "applied to target Amazon EC2 instances as a tag".
#[tokio::test]
async fn the_ec2_targets_of_a_policy_get_its_name_as_a_tag() {
    const HYBRID: &str = "mi-00000000000000001";
    let hybrid = FleetNode::windows_server_2022(HYBRID).with_tag("Env", "prod");
    let nodes = vec![windows(&[]).with_tag("Env", "prod"), linux(&[]), hybrid];
    let backend = account(nodes);
    let mut policy = weekly();
    policy.targets = PolicyTargets::Tag(Tag::new("Env", "prod"));
    let arn = create(&backend, policy).await;
    seconds(&backend, 60);
    let key = format!("QSConfigName-{}", arn.as_str().rsplit('-').next().unwrap());
    let request = DescribeInstances::all(PageRequest::first());
    let instances = backend.describe_instances(request).await.unwrap().items;
    for instance in instances {
        let tag = instance.tags.iter().find(|tag| tag.key == key);
        let expected = (instance.instance_id.as_str() == WIN).then_some("weekly");
        assert_eq!(
            tag.map(|tag| &*tag.value),
            expected,
            "{}",
            instance.instance_id
        );
    }
    let of_hybrid = ListTagsForResource::new("ManagedInstance".into(), HYBRID);
    let tags = backend.list_tags_for_resource(of_hybrid).await.unwrap();
    assert!(tags.iter().all(|tag| tag.key != key), "{tags:?}");
}

// User Guide, patch-manager-policies, "Random patch baseline IDs": one for each operation, for AWS's
// baselines as well, and none that GetPatchBaseline knows.
#[tokio::test]
async fn each_report_of_a_policy_names_another_baseline_that_nobody_knows() {
    let backend = account(vec![windows(&[])]);
    create(&backend, weekly()).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seconds(&backend, 24 * 3600 + 1800);
        let id = state(&backend, WIN).await.unwrap().baseline_id;
        let known = backend.get_patch_baseline(GetPatchBaseline::new(&id)).await;
        assert_eq!(known.unwrap_err().kind(), ErrorKind::NotFound, "{id}");
        assert!(id.is_well_formed() && !seen.contains(&id), "{id}");
        seen.push(id);
    }
}

// User Guide, quick-setup-patch-manager: custom baselines are copied into the override file every hour.
#[tokio::test]
async fn a_changed_baseline_acts_after_the_next_hourly_copy() {
    for (changed_at, missing) in [("2026-05-20T22:58:00Z", 0), ("2026-05-20T23:30:00Z", 2)] {
        let backend = account(vec![windows(&[])]);
        let policy = windows_only(&backend).await;
        let id = policy.baselines["WINDOWS"].value.clone();
        // Deployed at 00:01, so it copies a minute after each full hour.
        create(&backend, policy).await;
        backend.advance_to(changed_at.parse().unwrap());
        let mut changes = BaselineChanges::default();
        changes.approval_rules = Some(ApprovalRules::new(Vec::new()));
        backend
            .update_patch_baseline(UpdatePatchBaseline::new(&id, changes))
            .await
            .unwrap();
        backend.advance_to("2026-05-21T00:30:00Z".parse().unwrap());
        let report = state(&backend, WIN).await.unwrap();
        assert_eq!(report.missing_count, missing, "{changed_at}");
    }
}

// Nothing says that one of the two gives way (User Guide, patch-manager-troubleshooting: two runs at a
// time may fail), so none is left out.
#[tokio::test]
async fn a_scan_and_an_install_due_at_once_both_run_on_every_node() {
    let backend = account(production(4));
    let mut policy = weekly();
    policy.max_concurrency = MaxConcurrency::Count(1);
    create(&backend, policy).await;
    backend.advance_to("2026-05-24T12:00:00Z".parse().unwrap());
    let page = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    for command in &page.items[..2] {
        assert_eq!((command.target_count, command.completed_count), (4, 4));
    }
    for number in 1..=4 {
        let node = crate::support::accounts::node_id(number);
        let last = state(&backend, node.as_str()).await.unwrap();
        assert_eq!(last.operation, PatchOperation::Install, "{node}");
    }
}

/// User Guide, troubleshooting Patch Manager: the role may not read the override file of the policy.
#[tokio::test]
async fn a_policy_whose_file_is_denied_fails_with_160() {
    let backend = account(vec![linux(&["sudo-1.9-1"])]);
    create(&backend, weekly()).await;
    backend.advance(Duration::from_secs(90));
    let page = AssociationStore::list_associations(&backend, ListAssociations::default());
    let known = page.await.unwrap().items.remove(0).association_id.unwrap();
    let described = backend
        .describe_association(DescribeAssociation::new(&known))
        .await
        .unwrap();
    let file = &described.parameters.unwrap()["BaselineOverride"][0];
    backend.deny_object(file).unwrap();
    backend.advance(Duration::from_hours(24));
    let newest = backend
        .list_commands(ListCommands::default())
        .await
        .unwrap();
    let command = &newest.items[0];
    let detail = GetCommandInvocation::new(&command.command_id, LIN).with_plugin_name("PatchLinux");
    let detail = backend.get_command_invocation(detail).await.unwrap();
    assert_eq!(
        detail.response_code, 160,
        "{}",
        detail.standard_error_content
    );
}
