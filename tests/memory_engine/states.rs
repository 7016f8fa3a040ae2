//! Installed packages, catalog, baseline and operation determine the state of every patch.

use std::collections::BTreeSet;

use aws_patch_manager::MemoryBackend;
use aws_patch_manager::baseline::{BaselineSpec, PatchAction};
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::types::{
    ComplianceStatus, OperatingSystem, Patch, PatchComplianceLevel, PatchOperation, RebootOption,
};
use jiff::{SignedDuration, Timestamp};

use crate::support::accounts::fleet;
use crate::world::*;

struct Case {
    rule: &'static str,
    node: FleetNode,
    baseline: fn(&mut BaselineSpec),
    operation: PatchOperation,
    reboot: RebootOption,
    states: &'static str,
}

fn case(rule: &'static str, node: FleetNode, states: &'static str) -> Case {
    Case {
        rule,
        node,
        baseline: |_| {},
        operation: PatchOperation::Scan,
        reboot: RebootOption::RebootIfNeeded,
        states,
    }
}

impl Case {
    fn with(mut self, baseline: fn(&mut BaselineSpec)) -> Self {
        self.baseline = baseline;
        self
    }

    fn installing(mut self, reboot: RebootOption) -> Self {
        self.operation = PatchOperation::Install;
        self.reboot = reboot;
        self
    }

    async fn holds(self) {
        let id = self.node.id().as_str().to_owned();
        let mut spec = security(self.node.operating_system.clone());
        (self.baseline)(&mut spec);
        let backend = account(vec![self.node]);
        make_default(&backend, spec).await;
        run(&backend, request(self.operation, self.reboot, &[&id])).await;
        assert_eq!(summary(&backend, &id).await, self.states, "{}", self.rule);
    }
}

fn block(spec: &mut BaselineSpec) {
    spec.rejected_patches_action = Some(PatchAction::Block);
}

#[tokio::test]
async fn windows_states_follow_installed_updates_and_baseline() {
    let cases = [
        case(
            "approved and absent is missing; what it replaces does not apply; what waits is available",
            windows(&[]),
            "KB1 NotApplicable, KB2 Missing, KB3 AvailableSecurityUpdate, KB6 Missing",
        ),
        case(
            "an installed update replaces older ones; unapproved and unknown ones are other",
            windows(&["KB2", "KB4", "KB99"]),
            "KB1 NotApplicable, KB2 Installed, KB3 AvailableSecurityUpdate, KB4 InstalledOther, KB6 Missing, KB99 InstalledOther",
        ),
        case(
            "an update leaves the catalog when a newer one is out, even if that one is rejected",
            windows(&[]),
            "KB1 NotApplicable, KB3 AvailableSecurityUpdate, KB6 Missing",
        )
        .with(|spec| spec.rejected_patches = vec!["KB2".to_owned()]),
        case(
            "rejected and installed is other where dependencies are allowed",
            windows(&["KB2", "KB6"]),
            "KB1 NotApplicable, KB2 InstalledOther, KB3 AvailableSecurityUpdate, KB6 Installed",
        )
        .with(|spec| spec.rejected_patches = vec!["KB2".to_owned()]),
        case(
            "rejected and installed is rejected where it is blocked, unknown ones too",
            windows(&["KB2", "KB6", "KB99"]),
            "KB1 NotApplicable, KB2 InstalledRejected, KB3 AvailableSecurityUpdate, KB6 Installed, KB99 InstalledRejected",
        )
        .with(|spec| {
            spec.rejected_patches = vec!["KB2".to_owned(), "KB99".to_owned()];
            block(spec);
        }),
        case(
            "an install with reboot installs what is missing",
            windows(&[]),
            "KB1 NotApplicable, KB2 Installed, KB3 AvailableSecurityUpdate, KB6 Installed",
        )
        .installing(RebootOption::RebootIfNeeded),
        case(
            "an install without reboot leaves it pending",
            windows(&["KB6"]),
            "KB1 NotApplicable, KB2 InstalledPendingReboot, KB3 AvailableSecurityUpdate, KB6 Installed",
        )
        .installing(RebootOption::NoReboot),
        case(
            "what does not install has failed",
            windows(&[]).with_failing_patch("KB2"),
            "KB1 NotApplicable, KB2 Failed, KB3 AvailableSecurityUpdate, KB6 Installed",
        )
        .installing(RebootOption::RebootIfNeeded),
    ];
    for case in cases {
        case.holds().await;
    }
}

#[tokio::test]
async fn linux_states_follow_installed_versions_and_baseline() {
    let cases = [
        case(
            "the newest approved version counts, compared as numbers; absent packages are not listed",
            linux(&["curl-8.9-2"]),
            "curl.x86_64 Missing",
        ),
        case(
            "the newest approved version is installed; a newer one still waits",
            linux(&["curl-8.10-1", "sudo-1.9-2"]),
            "curl.x86_64 Installed, sudo.x86_64 Installed",
        ),
        case(
            "a package that no notice covers is other",
            linux(&["vim-9.0-1"]),
            "vim.x86_64 InstalledOther",
        ),
        case(
            "rejected by name and blocked",
            linux(&["curl-8.9-2", "vim-9.0-1"]),
            "curl.x86_64 InstalledRejected, vim.x86_64 InstalledRejected",
        )
        .with(|spec| {
            spec.rejected_patches = vec!["curl".to_owned(), "vim*".to_owned()];
            block(spec);
        }),
        case(
            "rejected by name and allowed as a dependency",
            linux(&["curl-8.9-2"]),
            "curl.x86_64 InstalledOther",
        )
        .with(|spec| spec.rejected_patches = vec!["curl".to_owned()]),
        case(
            "a rejected version leaves the older approved one",
            linux(&["curl-8.9-1"]),
            "curl.x86_64 Installed",
        )
        .with(|spec| spec.rejected_patches = vec!["curl-8.10*".to_owned()])
        .installing(RebootOption::RebootIfNeeded),
        case(
            "installed without reboot",
            linux(&["curl-8.9-2", "sudo-1.9-2"]),
            "curl.x86_64 InstalledPendingReboot, sudo.x86_64 Installed",
        )
        .installing(RebootOption::NoReboot),
        case(
            "failed",
            linux(&["curl-8.9-2", "sudo-1.9-1"]).with_failing_patch("sudo.x86_64"),
            "curl.x86_64 Installed, sudo.x86_64 Failed",
        )
        .installing(RebootOption::RebootIfNeeded),
        case(
            "of versions side by side the highest counts",
            linux(&["curl-8.10-1", "curl-8.9-2"]),
            "curl.x86_64 Installed",
        ),
        case(
            "in whatever order they are listed",
            linux(&["curl-8.9-2", "curl-8.10-1"]),
            "curl.x86_64 Installed",
        ),
        case(
            "apt compares its own way",
            FleetNode::ubuntu_22_04(UBU).with_installed(InstalledPackage::deb(
                "bash",
                "5.1-6ubuntu1.9",
                "amd64",
            )),
            "bash.amd64 Missing",
        )
        .with(|spec| spec.approval_rules = priority()),
    ];
    for case in cases {
        case.holds().await;
    }
}

fn priority() -> aws_patch_manager::baseline::ApprovalRules {
    let key = aws_patch_manager::baseline::PatchFilterKey::Priority;
    aws_patch_manager::baseline::ApprovalRules::new(vec![rule(key, &["Required"], 0)])
}

#[tokio::test]
async fn an_install_with_no_reboot_stays_pending_until_reboot_and_scan() {
    let backend = account(vec![windows(&["KB6"])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    let no_reboot = request(PatchOperation::Install, RebootOption::NoReboot, &[WIN]);
    run(&backend, no_reboot).await;
    let after_install = state(&backend, WIN).await.unwrap();
    assert_eq!(after_install.installed_pending_reboot_count, Some(1));
    let installed_on = after_install.operation_end_time;
    assert_eq!(
        after_install.last_no_reboot_install_operation_time,
        Some(installed_on)
    );

    run(&backend, scan(&[WIN])).await;
    let pending = |states: &std::collections::BTreeMap<String, String>| states["KB2"].clone();
    assert_eq!(
        pending(&states(&backend, WIN).await),
        "InstalledPendingReboot"
    );

    backend.reboot(&WIN.into()).unwrap();
    assert_eq!(
        pending(&states(&backend, WIN).await),
        "InstalledPendingReboot"
    );

    run(&backend, scan(&[WIN])).await;
    assert_eq!(pending(&states(&backend, WIN).await), "Installed");
    let last = state(&backend, WIN).await.unwrap();
    assert_eq!(
        last.last_no_reboot_install_operation_time,
        Some(installed_on)
    );
}

#[tokio::test]
async fn an_install_reboots_for_patches_that_waited_from_before() {
    let backend = account(vec![windows(&["KB6"])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    let no_reboot = request(PatchOperation::Install, RebootOption::NoReboot, &[WIN]);
    run(&backend, no_reboot).await;
    run(&backend, install(&[WIN])).await;
    assert_eq!(states(&backend, WIN).await["KB2"], "Installed");
    let last = state(&backend, WIN).await.unwrap();
    let lasted = last
        .operation_start_time
        .duration_until(last.operation_end_time);
    assert_eq!(
        lasted.as_secs(),
        60 + 120,
        "a scan and a reboot, nothing installed"
    );
}

#[tokio::test]
async fn an_install_that_finds_nothing_to_do_does_not_reboot() {
    let backend = account(vec![windows(&["KB2", "KB6"])]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    run(&backend, install(&[WIN])).await;
    let last = state(&backend, WIN).await.unwrap();
    let lasted = last
        .operation_start_time
        .duration_until(last.operation_end_time);
    assert_eq!(lasted.as_secs(), 60, "a scan");
}

#[tokio::test]
async fn a_failed_patch_is_missing_again_at_the_next_scan() {
    let backend = account(vec![windows(&[]).with_failing_patch("KB2")]);
    make_default(&backend, security(OperatingSystem::Windows)).await;
    run(&backend, install(&[WIN])).await;
    assert_eq!(states(&backend, WIN).await["KB2"], "Failed");
    run(&backend, scan(&[WIN])).await;
    assert_eq!(states(&backend, WIN).await["KB2"], "Missing");
    backend.repair_patches(&WIN.into()).unwrap();
    run(&backend, install(&[WIN])).await;
    assert_eq!(states(&backend, WIN).await["KB2"], "Installed");
}

#[tokio::test]
async fn approval_is_judged_when_the_operation_starts() {
    // KB3 is approved after 2026-05-25T17:00:00Z, and an operation starts a second after it is sent.
    let cases = [
        ("2026-05-25T16:59:59Z", "AvailableSecurityUpdate"),
        ("2026-05-25T17:00:00Z", "Missing"),
    ];
    for (sent, expected) in cases {
        let backend = account(vec![windows(&[])]);
        make_default(&backend, security(OperatingSystem::Windows)).await;
        backend.advance_to(sent.parse().unwrap());
        run(&backend, scan(&[WIN])).await;
        assert_eq!(
            states(&backend, WIN).await["KB3"],
            expected,
            "sent at {sent}"
        );
    }
}

#[tokio::test]
async fn a_baseline_changed_at_the_instant_of_one_start_counts_for_the_next() {
    use aws_patch_manager::backend::{BaselineStore, CommandRunner, UpdatePatchBaseline};
    use aws_patch_manager::baseline::BaselineChanges;
    use aws_patch_manager::memory::NodeCondition;

    const LATE: &str = "i-00000000000000009";
    let late = FleetNode::windows_server_2022(LATE).with_condition(NodeCondition::Stopped);
    let backend = account(vec![windows(&[]), late]);
    let id = make_default(&backend, security(OperatingSystem::Windows)).await;
    backend.send_command(scan(&[WIN, LATE])).await.unwrap();
    seconds(&backend, 1);
    let mut changes = BaselineChanges::default();
    changes.rejected_patches = Some(vec!["KB6".to_owned()]);
    let request = UpdatePatchBaseline::new(id, changes);
    backend.update_patch_baseline(request).await.unwrap();
    backend
        .set_condition(&LATE.into(), NodeCondition::Online)
        .unwrap();
    seconds(&backend, 60);
    assert_eq!(states(&backend, WIN).await["KB6"], "Missing");
    let late = states(&backend, LATE).await;
    assert_eq!(late["KB2"], "Missing");
    assert_eq!(late.get("KB6"), None, "rejected");
}

#[tokio::test]
async fn offences_are_counted_by_level_and_classification() {
    let mut spec = security(OperatingSystem::Windows);
    spec.approval_rules.patch_rules[0].compliance_level = Some(PatchComplianceLevel::Critical);
    // An absent status means NON_COMPLIANT (GetPatchBaseline of AWS's own baselines, recorded in 2025).
    let setting = [
        (None, 2),
        (Some(ComplianceStatus::Compliant), 1),
        (Some(ComplianceStatus::NonCompliant), 2),
    ];
    for (status, security_count) in setting {
        spec.available_security_updates_compliance_status = status.clone();
        let backend = account(vec![windows(&[])]);
        make_default(&backend, spec.clone()).await;
        run(&backend, scan(&[WIN])).await;
        let state = state(&backend, WIN).await.unwrap();
        // KB2 is critical and security, KB6 critical only; KB3 is available, never critical.
        assert_eq!(state.critical_non_compliant_count, Some(2), "{status:?}");
        assert_eq!(
            state.security_non_compliant_count,
            Some(security_count),
            "{status:?}"
        );
        assert_eq!(state.other_non_compliant_count, Some(0), "{status:?}");
        assert_eq!(state.available_security_update_count, Some(1), "{status:?}");
        assert_eq!((state.missing_count, state.not_applicable_count), (2, 1));
    }
}

#[tokio::test]
async fn a_missing_package_names_every_cve_fixed_since_the_installed_version() {
    use aws_patch_manager::PageRequest;
    use aws_patch_manager::backend::{ComplianceSource, DescribeInstancePatches};

    let backend = account(vec![linux(&["curl-8.9-1"])]);
    make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    run(&backend, scan(&[LIN])).await;
    let request = DescribeInstancePatches::new(LIN, vec![], PageRequest::first());
    let page = backend.describe_instance_patches(request).await.unwrap();
    assert_eq!(page.items[0].cve_ids.as_deref(), Some("CVE-1,CVE-2,CVE-3"));
    assert_eq!(state(&backend, LIN).await.unwrap().not_applicable_count, 1);
}

/// A baseline of 7 days, a patch whose delay ends at 17:00:00, and one that comes out 4 seconds later.
async fn before_the_end_of_a_delay() -> MemoryBackend {
    let patch = |kb: &str, released: &str| {
        Patch::kb(kb)
            .with_product("WindowsServer2022")
            .with_classification("SecurityUpdates")
            .with_severity("Critical")
            .with_release_date(released.parse().unwrap())
    };
    let catalog = vec![
        patch("KB1", "2026-05-18T17:00:00Z"),
        patch("KB2", "2026-05-25T17:00:04Z"),
    ];
    let builder = MemoryBackend::builder().start(START.parse().unwrap());
    let builder = builder.catalog(catalog).fleet(fleet(vec![windows(&[])]));
    let backend = builder.build();
    make_default(&backend, security(OperatingSystem::Windows)).await;
    backend
}

#[tokio::test]
async fn what_an_earlier_scan_found_approved_decides_no_later_scan() {
    let end: Timestamp = "2026-05-25T17:00:00Z".parse().unwrap();
    let mut seen = BTreeSet::new();
    for second in -6..10 {
        let (fresh, scanned) = (
            before_the_end_of_a_delay().await,
            before_the_end_of_a_delay().await,
        );
        run(&scanned, scan(&[WIN])).await;
        for backend in [&fresh, &scanned] {
            backend.advance_to(end + SignedDuration::from_secs(second));
            run(backend, scan(&[WIN])).await;
        }
        let found = states(&fresh, WIN).await;
        assert_eq!(states(&scanned, WIN).await, found, "{second} seconds after");
        seen.insert(found.into_iter().collect::<Vec<_>>());
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}
