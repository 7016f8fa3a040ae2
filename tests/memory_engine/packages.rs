//! What a node reports of its packages, on each package tool: the rules of November 2026, each with
//! its source. "Node code" is that of AWS-RunPatchBaseline in 2021.

use aws_patch_manager::backend::{ComplianceSource, DescribeInstancePatches};
use aws_patch_manager::baseline::{ApprovalRules, BaselineSpec, PatchAction, PatchFilterKey};
use aws_patch_manager::compliance::{PatchComplianceData, PatchState};
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::types::{
    ComplianceStatus, OperatingSystem, PatchOperation, QueryFilter, RebootOption,
};
use aws_patch_manager::{MemoryBackend, PageRequest};
use serde_json::{Value, json};

use crate::support::accounts::fleet;
use crate::world::*;

/// A system by its package tool, and a product of it.
const YUM: (&str, &str) = ("AMAZON_LINUX_2", "AmazonLinux2");
const DNF: (&str, &str) = ("AMAZON_LINUX_2023", "AmazonLinux2023");
const ZYPPER: (&str, &str) = ("SUSE", "Suse15.3");
const APT: (&str, &str) = ("UBUNTU", "Ubuntu22.04");

type System = (&'static str, &'static str);

/// A version of curl in the system's catalog, a security patch of April.
fn offered(system: System, version: &str) -> Value {
    let mut patch = json!({
        "Name": "curl",
        "Version": version,
        "Product": system.1,
        "ReleaseDate": "2026-04-01T00:00:00Z",
    });
    let members = if system == APT {
        json!({"Arch": "amd64", "Repository": "jammy-security", "Priority": "optional"})
    } else {
        json!({"Arch": "x86_64", "Epoch": 0, "Release": "1", "Classification": "Security", "Severity": "Important"})
    };
    let (patch_members, members) = (patch.as_object_mut().unwrap(), members.as_object().unwrap());
    patch_members.extend(members.clone());
    patch
}

fn with(mut patch: Value, member: &str, value: Value) -> Value {
    patch[member] = value;
    patch
}

fn installed(system: System, version: &str) -> InstalledPackage {
    if system == APT {
        InstalledPackage::deb("curl", version, "amd64")
    } else {
        InstalledPackage::rpm("curl", 0, version, "1", "x86_64")
    }
}

/// An account of one node with this version of curl, and this catalog.
fn account_of(system: System, version: &str, catalog: &[Value]) -> MemoryBackend {
    let node = FleetNode::new(LIN, system.0.into(), system.1);
    let node = node.with_installed(installed(system, version));
    account_with(node, catalog)
}

fn account_with(node: FleetNode, catalog: &[Value]) -> MemoryBackend {
    MemoryBackend::builder()
        .start(START.parse().unwrap())
        .catalog_json(&json!(catalog).to_string())
        .unwrap()
        .fleet(fleet(vec![node]))
        .build()
}

/// Approves everything, so many days after its release.
fn approving(os: &str, days: u32) -> BaselineSpec {
    let mut spec = BaselineSpec::new("everything", os.into());
    spec.approval_rules = ApprovalRules::new(vec![rule(PatchFilterKey::Product, &["*"], days)]);
    spec
}

/// What the node reports of its only patch after a scan under the baseline.
async fn found(backend: &MemoryBackend, spec: BaselineSpec) -> PatchComplianceData {
    make_default(backend, spec).await;
    run(backend, scan(&[LIN])).await;
    reported(backend).await
}

async fn reported(backend: &MemoryBackend) -> PatchComplianceData {
    let mut patches = listed(backend, vec![]).await;
    assert_eq!(patches.len(), 1, "{patches:?}");
    patches.remove(0)
}

async fn listed(backend: &MemoryBackend, filters: Vec<QueryFilter>) -> Vec<PatchComplianceData> {
    let request = DescribeInstancePatches::new(LIN, filters, PageRequest::first());
    let page = backend.describe_instance_patches(request).await;
    page.unwrap().items
}

fn rejecting(mut spec: BaselineSpec, entry: &str, action: PatchAction) -> BaselineSpec {
    spec.rejected_patches = vec![entry.to_owned()];
    spec.rejected_patches_action = Some(action);
    spec
}

// User Guide, selecting patches: rejected versions are removed, of the rest the latest is taken; node code.
#[tokio::test]
async fn a_rejected_version_does_not_hide_a_newer_approved_one() {
    for system in [YUM, DNF, ZYPPER, APT] {
        for action in [PatchAction::Block, PatchAction::AllowAsDependency] {
            let catalog = ["1.0", "2.0"].map(|version| offered(system, version));
            let backend = account_of(system, "1.0", &catalog);
            let entry = if system == ZYPPER {
                "curl-1.0*"
            } else {
                "curl-1.0"
            };
            let spec = rejecting(approving(system.0, 0), entry, action.clone());
            let patch = found(&backend, spec).await;
            assert_eq!(patch.state, PatchState::Missing, "{system:?} {action}");
            assert!(patch.title.contains(":2.0"), "{}", patch.title);
            run(&backend, install(&[LIN])).await;
            let patch = reported(&backend).await;
            assert_eq!(patch.state, PatchState::Installed, "{system:?} {action}");
        }
    }
}

// Node code: apt has no notices, and the archive says what is security.
#[tokio::test]
async fn apt_classifies_by_archive_and_counts_what_is_missing_as_security() {
    for (archive, classification, counts) in [
        ("jammy-security", "Security", (1, 0)),
        ("Jammy-Security", "Security", (1, 0)),
        ("jammy-updates", "", (0, 1)),
    ] {
        let newer = with(offered(APT, "2.0"), "Repository", json!(archive));
        let backend = account_of(APT, "1.0", &[newer]);
        let mut spec = approving(APT.0, 0);
        spec.approval_rules.patch_rules[0].enable_non_security = Some(true);
        let patch = found(&backend, spec).await;
        assert_eq!(patch.classification, classification, "{archive}");
        let state = state(&backend, LIN).await.unwrap();
        let security = state.security_non_compliant_count.unwrap();
        let other = state.other_non_compliant_count.unwrap();
        assert_eq!((security, other), counts, "{archive}");
    }
    let backend = account_of(APT, "1.0", &[offered(APT, "1.0")]);
    let other = found(
        &backend,
        BaselineSpec::new("nothing", OperatingSystem::Ubuntu),
    )
    .await;
    assert_eq!(
        (other.state.as_str(), &*other.classification),
        ("InstalledOther", "Security")
    );
}

// Node code: Linux titles are made on the node, also of a version that no repository knows.
#[tokio::test]
async fn titles_are_made_of_the_version_that_is_reported_and_never_the_vendors() {
    for (system, title) in [
        (YUM, "curl.x86_64:0:9.0-1"),
        (DNF, "curl.x86_64:0:9.0-1"),
        (ZYPPER, "curl.x86_64:0:9.0-1"),
        (APT, "curl.amd64:9.0"),
    ] {
        let nothing = BaselineSpec::new("nothing", system.0.into());
        let unknown = found(&account_of(system, "9.0", &[]), nothing).await;
        assert_eq!(unknown.title, title, "{system:?}");
        let vendors = with(offered(system, "9.0"), "Title", json!("Important: curl"));
        let missing = found(
            &account_of(system, "1.0", &[vendors]),
            approving(system.0, 0),
        )
        .await;
        assert_eq!(
            (missing.state, missing.title.as_str()),
            (PatchState::Missing, title)
        );
    }
    let epoch = with(offered(DNF, "2.0"), "Epoch", json!(1));
    let missing = found(&account_of(DNF, "9.0", &[epoch]), approving(DNF.0, 0)).await;
    assert_eq!(missing.title, "curl.x86_64:1:2.0-1");
}

// User Guide, compliance states, footnote: all systems but Debian and Ubuntu.
#[tokio::test]
async fn what_is_installed_and_not_approved_has_no_classification_and_severity_but_on_apt() {
    for (system, expected) in [
        (YUM, ("", "")),
        (DNF, ("", "")),
        (ZYPPER, ("", "")),
        (APT, ("Security", "optional")),
    ] {
        let backend = account_of(system, "1.0", &[offered(system, "1.0")]);
        let patch = found(&backend, BaselineSpec::new("nothing", system.0.into())).await;
        assert_eq!(patch.state, PatchState::InstalledOther, "{system:?}");
        let members = (patch.classification.as_str(), patch.severity.as_str());
        assert_eq!(members, expected, "{system:?}");
        let security = vec![QueryFilter::new("Classification", ["Security"])];
        let hits = listed(&backend, security).await.len();
        assert_eq!(hits, usize::from(system == APT), "{system:?}");
    }
}

// User Guide, compliance states: InstalledOther is what is not in the baseline; yum by node code.
#[tokio::test]
async fn a_newer_version_than_the_approved_one_is_other_except_on_yum() {
    for (system, expected) in [
        (YUM, PatchState::Installed),
        (DNF, PatchState::InstalledOther),
        (ZYPPER, PatchState::InstalledOther),
    ] {
        // The newer one is of yesterday, and the delay is seven days.
        let newer = with(
            offered(system, "2.0"),
            "ReleaseDate",
            json!("2026-05-19T00:00:00Z"),
        );
        let backend = account_of(system, "2.0", &[offered(system, "1.0"), newer]);
        let patch = found(&backend, approving(system.0, 7)).await;
        assert_eq!(patch.state, expected, "{system:?}");
        let state = state(&backend, LIN).await.unwrap();
        assert_eq!(state.missing_count, 0, "{system:?}");
    }
    let newer = with(offered(APT, "2.0"), "Repository", json!("jammy-updates"));
    let backend = account_of(APT, "2.0", &[offered(APT, "1.0"), newer]);
    let patch = found(&backend, approving(APT.0, 7)).await;
    assert_eq!(patch.state, PatchState::InstalledOther);
}

// Node code.
#[tokio::test]
async fn a_version_that_no_repository_offers_is_other_on_yum_even_if_a_list_approves_it() {
    for (system, expected) in [
        (YUM, PatchState::InstalledOther),
        (DNF, PatchState::Installed),
        (ZYPPER, PatchState::Installed),
    ] {
        let mut spec = BaselineSpec::new("listed", system.0.into());
        spec.approved_patches = vec!["curl".to_owned()];
        spec.approved_patches_enable_non_security = Some(true);
        let patch = found(&account_of(system, "1.0", &[]), spec).await;
        assert_eq!(patch.state, expected, "{system:?}");
    }
}

// Node code.
#[tokio::test]
async fn dnf_judges_what_is_installed_without_its_notice_and_date() {
    for (system, expected) in [
        (DNF, PatchState::Installed),
        (YUM, PatchState::InstalledOther),
    ] {
        let fresh = with(
            offered(system, "1.0"),
            "ReleaseDate",
            json!("2026-05-19T00:00:00Z"),
        );
        let mut spec = approving(system.0, 7);
        spec.approval_rules.patch_rules[0].enable_non_security = Some(true);
        let patch = found(&account_of(system, "1.0", &[fresh]), spec).await;
        assert_eq!(patch.state, expected, "{system:?}");
    }
}

// Facts of AWS's node code: a package in several notices has the highest level of them.
#[tokio::test]
async fn of_several_notices_for_one_version_the_highest_level_counts() {
    let notices = ["Security", "Bugfix", "Security"]
        .map(|class| with(offered(DNF, "2.0"), "Classification", json!(class)));
    let mut spec = approving(DNF.0, 0);
    spec.approval_rules = ApprovalRules::new(
        [("Security", "HIGH"), ("Bugfix", "CRITICAL")]
            .map(|(class, level)| {
                let mut rule = rule(PatchFilterKey::Classification, &[class], 0);
                rule.compliance_level = Some(level.into());
                rule
            })
            .to_vec(),
    );
    let backend = account_of(DNF, "1.0", &notices);
    found(&backend, spec).await;
    let state = state(&backend, LIN).await.unwrap();
    assert_eq!(state.critical_non_compliant_count, Some(1));
}

// Node code; the guide is silent.
#[tokio::test]
async fn a_patch_that_waits_for_a_reboot_keeps_waiting_when_it_is_rejected() {
    for action in [PatchAction::Block, PatchAction::AllowAsDependency] {
        let backend = account_of(DNF, "1.0", &[offered(DNF, "2.0")]);
        make_default(&backend, approving(DNF.0, 0)).await;
        let no_reboot = request(PatchOperation::Install, RebootOption::NoReboot, &[LIN]);
        run(&backend, no_reboot).await;
        let spec = rejecting(approving(DNF.0, 0), "curl", action.clone());
        let patch = found(&backend, spec).await;
        assert_eq!(patch.state, PatchState::InstalledPendingReboot, "{action}");
        backend.reboot(&LIN.into()).unwrap();
        run(&backend, scan(&[LIN])).await;
        let after = reported(&backend).await.state;
        let expected = match action {
            PatchAction::Block => PatchState::InstalledRejected,
            _ => PatchState::InstalledOther,
        };
        assert_eq!(after, expected, "{action}");
    }
}

// User Guide, compliance states: INSTALLED_PENDING_REBOOT is also what was put on outside Patch Manager.
#[tokio::test]
async fn what_others_put_on_since_the_last_boot_is_pending_if_the_baseline_approves_it() {
    let backend = account_of(DNF, "1.0", &[offered(DNF, "2.0")]);
    let newer = installed(DNF, "2.0");
    backend.install_package(&LIN.into(), newer.clone()).unwrap();
    let patch = found(&backend, approving(DNF.0, 0)).await;
    assert_eq!(patch.state, PatchState::InstalledPendingReboot);
    run(&backend, install(&[LIN])).await;
    let state_after = reported(&backend).await.state;
    assert_eq!(
        state_after,
        PatchState::Installed,
        "RebootIfNeeded reboots for it"
    );

    // Else daily definition updates would keep every Windows node pending (boto/boto3#2069).
    backend.install_package(&LIN.into(), newer).unwrap();
    let nothing = BaselineSpec::new("nothing", DNF.0.into());
    let patch = found(&backend, nothing).await;
    assert_eq!(patch.state, PatchState::InstalledOther);
}

// Node code: the time is the end of that run.
#[tokio::test]
async fn the_last_install_without_reboot_is_dated_by_its_end() {
    let backend = account_of(DNF, "1.0", &[offered(DNF, "2.0")]);
    make_default(&backend, approving(DNF.0, 0)).await;
    let no_reboot = request(PatchOperation::Install, RebootOption::NoReboot, &[LIN]);
    run(&backend, no_reboot).await;
    let first = state(&backend, LIN).await.unwrap();
    assert!(first.operation_end_time > first.operation_start_time);
    let last = first.last_no_reboot_install_operation_time;
    assert_eq!(last, Some(first.operation_end_time));
    run(&backend, scan(&[LIN])).await;
    let scanned = state(&backend, LIN).await.unwrap();
    assert_eq!(scanned.last_no_reboot_install_operation_time, last);
}

// User Guide, prerequisites; aws/amazon-ssm-agent#592: the service gives such nodes no snapshot.
#[tokio::test]
async fn a_version_that_the_service_does_not_patch_fails_with_146() {
    for (os, version, patched) in [
        ("MACOS", "11.7", false),
        ("MACOS", "14.2", true),
        ("DEBIAN", "9", false),
        ("DEBIAN", "12.5", true),
        ("UBUNTU", "14.04", false),
        ("UBUNTU", "24.04", true),
        ("UBUNTU", "24.10", false),
        ("WINDOWS", "6.1.7601", false),
        ("WINDOWS", "6.2.9200", true),
        ("WINDOWS", "10.0.26100", true),
        ("CENTOS", "6.10", false),
        ("CENTOS", "9", true),
        ("SUSE", "15.2", false),
        ("SUSE", "15.5", true),
        ("ORACLE_LINUX", "7.4", false),
        ("REDHAT_ENTERPRISE_LINUX", "10.1", true),
        ("AMAZON_LINUX_2023", "2027", false),
        ("AMAZON_LINUX", "2018.03", true),
        ("AMAZON_LINUX_2", "2", true),
        ("ROCKY_LINUX", "unknown", true),
    ] {
        let mut node = FleetNode::new(LIN, os.into(), "any");
        node.instance_information.platform_version = Some(version.to_owned());
        let backend = account_with(node, &[]);
        let command = run(&backend, scan(&[LIN])).await;
        let invocation = invocations(&backend, &command).await.remove(0);
        let expected = if patched { "Success" } else { "Failed" };
        assert_eq!(invocation.status.as_str(), expected, "{os} {version}");
        assert_eq!(
            state(&backend, LIN).await.is_some(),
            patched,
            "{os} {version}"
        );
    }
}

// User Guide, patching Microsoft applications on Windows Server.
#[tokio::test]
async fn a_windows_node_is_patched_for_its_applications_as_the_baseline_says() {
    let update = |kb: &str, family: &str, product: &str| {
        json!({"KbNumber": kb, "ProductFamily": family, "Product": product, "Title": kb,
            "Classification": "SecurityUpdates", "MsrcSeverity": "Important",
            "ReleaseDate": "2026-04-01T00:00:00Z"})
    };
    let catalog = [
        update("KB1", "Windows", "WindowsServer2022"),
        update("KB2", "Office", "Office 2016"),
        update("KB3", "SQL Server", "SQL Server 2019"),
    ];
    let node = FleetNode::windows_server_2022(WIN).with_application("Office 2016");
    let backend = account_with(node, &catalog);
    let mut spec = approving("WINDOWS", 0);
    spec.available_security_updates_compliance_status = Some(ComplianceStatus::Compliant);
    make_default(&backend, spec.clone()).await;
    run(&backend, install(&[WIN])).await;
    let system_only = "KB1 Installed, KB2 AvailableSecurityUpdate";
    assert_eq!(summary(&backend, WIN).await, system_only);

    let applications = rule(PatchFilterKey::PatchSet, &["APPLICATION"], 0);
    spec.approval_rules.patch_rules.push(applications);
    make_default(&backend, spec).await;
    run(&backend, install(&[WIN])).await;
    assert_eq!(summary(&backend, WIN).await, "KB1 Installed, KB2 Installed");
}
