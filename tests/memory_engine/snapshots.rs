//! What a SnapshotId freezes, for how long, and for whom.

use std::time::Duration;

use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, MaintenanceWindowStore, PatchGroupRegistry,
    RegisterPatchBaselineForPatchGroup, UpdatePatchBaseline,
};
use aws_patch_manager::baseline::{Approval, ApprovalRules, BaselineChanges, BaselineSpec};
use aws_patch_manager::memory::FleetNode;
use aws_patch_manager::operation::{PatchParameters, SendCommand};
use aws_patch_manager::schedule::window::{
    CreateMaintenanceWindow, MaintenanceWindowRunCommandParameters,
    MaintenanceWindowTaskInvocationParameters, MaintenanceWindowTaskType,
    RegisterTaskWithMaintenanceWindow,
};
use aws_patch_manager::types::{
    BaselineId, MaxConcurrency, MaxErrors, OperatingSystem, PatchOperation, Target,
};
use aws_patch_manager::{MemoryBackend, PatchGroup};

use crate::world::*;

const ONE: &str = "11111111-2222-3333-4444-555555555555";
const OTHER: &str = "11111111-2222-3333-4444-666666666666";

fn under(id: &str, mut request: SendCommand) -> SendCommand {
    request.set_parameter("SnapshotId", id);
    request
}

async fn change(backend: &MemoryBackend, id: &BaselineId, edit: impl FnOnce(&mut BaselineChanges)) {
    let mut changes = BaselineChanges::default();
    edit(&mut changes);
    let update = UpdatePatchBaseline::new(id.clone(), changes);
    backend.update_patch_baseline(update).await.unwrap();
}

async fn scanned_under(backend: &MemoryBackend, id: &str, node: &str) -> String {
    run(backend, under(id, scan(&[node]))).await;
    summary(backend, node).await
}

const NEWEST: &str = "curl.x86_64 Missing, sudo.x86_64 Missing";

#[tokio::test]
async fn a_change_of_the_baseline_changes_nothing_under_a_known_id_on_any_system() {
    let nodes = || vec![windows(&[]), linux(&["curl-8.9-1", "sudo-1.9-1"])];
    for (os, node) in [
        (OperatingSystem::Windows, WIN),
        (OperatingSystem::AmazonLinux2023, LIN),
    ] {
        let backend = account(nodes());
        let baseline = make_default(&backend, security(os)).await;
        let before = scanned_under(&backend, ONE, node).await;
        assert!(before.contains("Missing"), "{before}");
        change(&backend, &baseline, |changes| {
            changes.approval_rules = Some(ApprovalRules::default())
        })
        .await;
        assert_eq!(scanned_under(&backend, ONE, node).await, before, "known");
        let changed = scanned_under(&backend, OTHER, node).await;
        assert!(!changed.contains("Missing"), "new id: {changed}");
        run(&backend, scan(&[node])).await;
        assert_eq!(summary(&backend, node).await, changed, "no id");
    }
}

#[tokio::test]
async fn an_install_under_a_known_id_installs_by_the_frozen_rules() {
    let backend = account(vec![linux(&["curl-8.9-1", "sudo-1.9-1"])]);
    let baseline = make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    assert_eq!(scanned_under(&backend, ONE, LIN).await, NEWEST);
    change(&backend, &baseline, |changes| {
        changes.rejected_patches = Some(vec!["sudo".to_owned(), "curl".to_owned()]);
    })
    .await;
    run(&backend, under(ONE, install(&[LIN]))).await;
    assert_eq!(
        summary(&backend, LIN).await,
        "curl.x86_64 Installed, sudo.x86_64 Installed"
    );
}

#[tokio::test]
async fn a_delay_that_ends_meanwhile_comes_in_on_linux_and_not_on_windows() {
    let backend = account(vec![windows(&["KB2", "KB6"]), linux(&["curl-8.10-1"])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    let mut spec = security(OperatingSystem::AmazonLinux2023);
    spec.approval_rules.patch_rules[0].approval = Some(Approval::AfterDays(3));
    make_default(&backend, spec).await;
    backend.advance_to("2026-05-20T20:00:00Z".parse().unwrap());
    let linux = scanned_under(&backend, ONE, LIN).await;
    assert_eq!(linux, "curl.x86_64 Installed");
    // 8.11 is released on 18 May at midnight; KB3 on 18 May at 17:00, with seven days to wait.
    backend.advance_to("2026-05-21T01:00:00Z".parse().unwrap());
    let linux = scanned_under(&backend, ONE, LIN).await;
    assert_eq!(linux, "curl.x86_64 Missing");

    backend.advance_to("2026-05-25T12:00:00Z".parse().unwrap());
    let windows = scanned_under(&backend, OTHER, WIN).await;
    assert!(windows.contains("KB3 AvailableSecurityUpdate"), "{windows}");
    backend.advance_to("2026-05-26T12:00:00Z".parse().unwrap());
    assert_eq!(scanned_under(&backend, OTHER, WIN).await, windows);
    run(&backend, scan(&[WIN])).await;
    assert!(summary(&backend, WIN).await.contains("KB3 Missing"));
}

#[tokio::test]
async fn a_cutoff_date_holds_a_linux_set_still() {
    let backend = account(vec![linux(&["curl-8.9-1"])]);
    let mut spec = security(OperatingSystem::AmazonLinux2023);
    let cutoff = Approval::UntilDate("2026-04-30".parse().unwrap());
    spec.approval_rules.patch_rules[0].approval = Some(cutoff);
    make_default(&backend, spec).await;
    run(&backend, under(ONE, install(&[LIN]))).await;
    backend.advance(Duration::from_hours(60));
    let found = scanned_under(&backend, ONE, LIN).await;
    assert_eq!(found, "curl.x86_64 Installed");
}

#[tokio::test]
async fn an_id_lives_for_three_days_and_then_makes_a_new_snapshot() {
    let backend = account(vec![linux(&["curl-8.9-1", "sudo-1.9-1"])]);
    let baseline = make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    assert_eq!(scanned_under(&backend, ONE, LIN).await, NEWEST);
    change(&backend, &baseline, |changes| {
        changes.approval_rules = Some(ApprovalRules::default())
    })
    .await;
    // The operation starts a second after the command.
    backend.advance_to("2026-05-22T23:59:59Z".parse().unwrap());
    assert_eq!(scanned_under(&backend, ONE, LIN).await, NEWEST);
    let frozen_again = scanned_under(&backend, ONE, LIN).await;
    assert_eq!(
        frozen_again,
        "curl.x86_64 InstalledOther, sudo.x86_64 InstalledOther"
    );
}

#[tokio::test]
async fn one_id_is_a_snapshot_of_its_own_for_each_group() {
    let mut web = FleetNode::amazon_linux_2023(UBU).with_tag("Patch Group", "web");
    web.installed = linux(&["curl-8.9-1"]).installed;
    let backend = account(vec![linux(&["curl-8.9-1"]), web]);
    make_default(
        &backend,
        BaselineSpec::new("nothing", OperatingSystem::AmazonLinux2023),
    )
    .await;
    assert_eq!(
        scanned_under(&backend, ONE, LIN).await,
        "curl.x86_64 InstalledOther"
    );
    let spec = security(OperatingSystem::AmazonLinux2023);
    let own = backend
        .create_patch_baseline(CreatePatchBaseline::new(spec))
        .await
        .unwrap();
    let group = RegisterPatchBaselineForPatchGroup::new(own, PatchGroup::new("web").unwrap());
    backend
        .register_patch_baseline_for_patch_group(group)
        .await
        .unwrap();
    let web = scanned_under(&backend, ONE, UBU).await;
    assert_eq!(web, "curl.x86_64 Missing");
}

#[tokio::test]
async fn the_id_of_an_earlier_report_is_known() {
    let backend = account(vec![linux(&["curl-8.9-1", "sudo-1.9-1"])]);
    let baseline = make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    run(&backend, scan(&[LIN])).await;
    let id = state(&backend, LIN).await.unwrap().snapshot_id.unwrap();
    change(&backend, &baseline, |changes| {
        changes.approval_rules = Some(ApprovalRules::default())
    })
    .await;
    assert_eq!(scanned_under(&backend, id.as_str(), LIN).await, NEWEST);
}

/// A window that scans both nodes, one after the other, on 20 May at 02:00.
async fn scan_in_window(backend: &MemoryBackend, snapshot: Option<&str>) {
    let mut create = CreateMaintenanceWindow::new("nightly", "cron(0 2 ? * * *)", 3, 1);
    create.allow_unassociated_targets = Some(true);
    let window = backend.create_maintenance_window(create).await.unwrap();
    let kind = MaintenanceWindowTaskType::RunCommand;
    let mut task = RegisterTaskWithMaintenanceWindow::new(window, kind, "AWS-RunPatchBaseline");
    let mut run = MaintenanceWindowRunCommandParameters::default();
    let mut parameters = PatchParameters::new(PatchOperation::Scan);
    parameters.snapshot_id = snapshot.map(str::to_owned);
    run.parameters = Some(parameters.to_map());
    let mut invocation = MaintenanceWindowTaskInvocationParameters::default();
    invocation.run_command = Some(run);
    task.task_invocation_parameters = Some(invocation);
    task.max_concurrency = Some(MaxConcurrency::Count(1));
    task.max_errors = Some(MaxErrors::Count(0));
    task.targets = Some(vec![Target::instance_ids([LIN, UBU])]);
    backend
        .register_task_with_maintenance_window(task)
        .await
        .unwrap();
    // The first node is being scanned.
    backend.advance_to("2026-05-20T02:00:30Z".parse().unwrap());
}

#[tokio::test]
async fn all_nodes_of_a_window_run_have_one_snapshot_and_each_run_another() {
    for given in [None, Some("{{WINDOW_EXECUTION_ID}}")] {
        let mut second = FleetNode::amazon_linux_2023(UBU);
        second.installed = linux(&["curl-8.9-1"]).installed;
        let backend = account(vec![linux(&["curl-8.9-1"]), second]);
        let baseline = make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
        scan_in_window(&backend, given).await;
        change(&backend, &baseline, |changes| {
            changes.approval_rules = Some(ApprovalRules::default())
        })
        .await;
        backend.advance_to("2026-05-20T03:00:00Z".parse().unwrap());
        let missing = "curl.x86_64 Missing";
        for node in [LIN, UBU] {
            assert_eq!(summary(&backend, node).await, missing, "{node} {given:?}");
        }
        let first = state(&backend, LIN).await.unwrap().snapshot_id;
        assert_eq!(state(&backend, UBU).await.unwrap().snapshot_id, first);
        backend.advance_to("2026-05-21T03:00:00Z".parse().unwrap());
        assert_ne!(state(&backend, LIN).await.unwrap().snapshot_id, first);
        assert_eq!(summary(&backend, LIN).await, "curl.x86_64 InstalledOther");
    }
}
