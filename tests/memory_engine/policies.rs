//! Patch policies fire when the clock passes them.

use std::collections::BTreeMap;

use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, ComplianceSource, CreateConfigurationManager,
    CreatePatchBaseline, DeleteConfigurationManager, DeletePatchBaseline, GetCommandInvocation,
    GetConfigurationManager, ListCommands, ListConfigurationManagers,
    ListResourceComplianceSummaries, PatchPolicyStore, UpdateConfigurationDefinition,
};
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
async fn two_weeks_scan_daily_and_install_on_sundays_in_place_of_the_scan() {
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
        "Install Sun 24 00:00",
        "Scan Mon 25 00:00",
        "Scan Tue 26 00:00",
        "Scan Wed 27 00:00",
        "Scan Thu 28 00:00",
        "Scan Fri 29 00:00",
        "Scan Sat 30 00:00",
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
        (true, true, None),
        (false, true, Some("Scan Wed 20 00:01")),
        (true, false, Some("Install Wed 20 00:01")),
        (false, false, Some("Install Wed 20 00:01")),
    ] {
        let backend = account(vec![windows(&[])]);
        let mut policy = weekly();
        policy.scan_next_interval = scan_waits;
        policy.install_next_interval = install_waits;
        create(&backend, policy).await;
        seconds(&backend, 3600);
        let expected: Vec<&str> = expected.into_iter().collect();
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
    policy.baselines = BTreeMap::from([(
        "WINDOWS".to_owned(),
        SelectedBaseline::new(own.clone(), "security"),
    )]);
    let arn = create(&backend, policy.clone()).await;
    seconds(&backend, 2 * 24 * 3600);
    let report = state(&backend, WIN).await.unwrap();
    assert_eq!((report.baseline_id, report.missing_count), (own, 2));
    assert_eq!(
        state(&backend, LIN).await,
        None,
        "no baseline for Linux, no patching"
    );

    policy.baselines.clear();
    backend
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, policy))
        .await
        .unwrap();
    seconds(&backend, 2 * 24 * 3600);
    for node in [WIN, LIN] {
        let used = state(&backend, node).await.unwrap().baseline_id;
        assert!(used.is_aws_owned(), "{used}");
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
async fn a_month_runs_once_a_day_on_each_of_a_hundred_nodes() {
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
    assert_eq!(page.items.len(), 31);
    for command in page.items {
        assert_eq!((command.target_count, command.completed_count), (100, 100));
    }
}
