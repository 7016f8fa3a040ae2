//! Coverage: which schedules and which baseline reach each node, from the targets as they are now, and
//! what is wrong with them.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::memory::{FleetNode, NodeCondition};
use aws_patch_manager::plan::{AccountSize, Coverage, MirrorScope, NodeCoverage, ResourceKind};
use aws_patch_manager::prerequisites::{Finding, FindingKind, Severity};
use aws_patch_manager::schedule::PolicyTargets;
use aws_patch_manager::types::{OperatingSystem, PatchOperation, Tag, Target};
use aws_patch_manager::{
    BaselineBuilder, ErrorKind, MemoryBackend, PatchGroup, PatchManager, PolicySchedule,
};
use support::accounts::{account, association, hybrid_id, hybrid_node, id, node_id, web};

fn linux(number: usize) -> FleetNode {
    FleetNode::amazon_linux_2023(id(number))
}

fn in_group(number: usize, key: &str, group: &str) -> FleetNode {
    linux(number).with_tag(key, group)
}

fn nightly(name: &str) -> PolicySchedule {
    PolicySchedule::quick_setup_default(name)
}

fn by_tag(name: &str, key: &str, value: &str) -> PolicySchedule {
    nightly(name).targets(PolicyTargets::Tag(Tag::new(key, value)))
}

async fn policy(manager: &PatchManager, schedule: PolicySchedule) {
    let policy = schedule.patch_policy().unwrap();
    manager.ensure_policy(&policy).await.unwrap();
}

async fn windows(manager: &PatchManager, schedule: PolicySchedule) {
    for window in schedule.maintenance_windows().unwrap() {
        manager.ensure_maintenance_window(&window).await.unwrap();
    }
}

async fn associations(manager: &PatchManager, schedule: PolicySchedule) {
    for association in schedule.associations().unwrap() {
        manager.ensure_association(&association).await.unwrap();
    }
}

async fn coverage(manager: &PatchManager) -> Coverage {
    manager.coverage(&MirrorScope::new()).await.unwrap()
}

fn finding(coverage: &Coverage, kind: FindingKind) -> &Finding {
    let mut found = coverage.findings.iter().filter(|one| one.kind == kind);
    let first = found.next();
    let first = first.unwrap_or_else(|| panic!("no {kind} in\n{coverage}"));
    assert!(found.next().is_none(), "two {kind} in\n{coverage}");
    first
}

fn kinds(coverage: &Coverage) -> Vec<FindingKind> {
    coverage.findings.iter().map(|one| one.kind).collect()
}

fn evidence(finding: &Finding) -> String {
    let lines: Vec<_> = finding.evidence.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

fn names(node: &NodeCoverage) -> Vec<(ResourceKind, &str, PatchOperation)> {
    let schedules = node.schedules.iter();
    let named = schedules.map(|one| {
        let name = one.name.as_deref().unwrap_or_default();
        (one.kind, name, one.operation.clone())
    });
    named.collect()
}

#[tokio::test]
async fn each_mechanism_covers_the_nodes_of_its_targets() {
    use PatchOperation::{Install, Scan};
    use ResourceKind::{Association, MaintenanceWindow, PatchPolicy};

    let (_, manager) = account(vec![
        linux(1).with_tag("By", "policy"),
        linux(2).with_tag("By", "window"),
        linux(3).with_tag("By", "association"),
        linux(4).with_tag("By", "nobody"),
    ]);
    policy(&manager, by_tag("p", "By", "policy")).await;
    windows(&manager, by_tag("web", "By", "window")).await;
    associations(&manager, by_tag("web", "By", "association")).await;
    let coverage = coverage(&manager).await;
    let of = |number| names(coverage.node(&node_id(number)).unwrap());
    assert_eq!(
        of(1),
        [(PatchPolicy, "p", Scan), (PatchPolicy, "p", Install)]
    );
    let window = MaintenanceWindow;
    assert_eq!(
        of(2),
        [(window, "web-scan", Scan), (window, "web-install", Install)]
    );
    let state = Association;
    assert_eq!(
        of(3),
        [(state, "web-scan", Scan), (state, "web-install", Install)]
    );
    assert_eq!(of(4), []);
    let uncovered: Vec<_> = coverage.without_schedule().map(|node| &node.node).collect();
    assert_eq!(uncovered, [&node_id(4)]);
    assert_eq!(
        finding(&coverage, FindingKind::NoSchedule).nodes,
        [node_id(4)]
    );
    assert_eq!(kinds(&coverage), [FindingKind::NoSchedule]);
    assert_eq!(coverage.exit_code(), 1);
}

/// The tags of a node, the targets, and whether they match.
type TargetCase = (&'static [(&'static str, &'static str)], Vec<Target>, bool);

#[tokio::test]
async fn targets_match_as_the_service_matches_them() {
    let (role, stage) = (
        Target::tag("Role", ["web", "db"]),
        Target::tag("Stage", ["prod"]),
    );
    let cases: [TargetCase; 9] = [
        (&[("Role", "web")], vec![role.clone()], true),
        (&[("Role", "db")], vec![role.clone()], true),
        (&[("Role", "Web")], vec![role.clone()], false),
        (&[("role", "web")], vec![role.clone()], false),
        (&[("Role", "web")], vec![role.clone(), stage.clone()], false),
        (
            &[("Role", "web"), ("Stage", "prod")],
            vec![role, stage],
            true,
        ),
        (
            &[("Role", "x")],
            vec![Target::tag_key(["Role", "Stage"])],
            true,
        ),
        (&[], vec![Target::instance_ids(["*"])], true),
        (&[], vec![Target::instance_ids([id(1), id(7)])], true),
    ];
    for (tags, targets, matches) in cases {
        let node = tags
            .iter()
            .fold(linux(1), |node, (key, value)| node.with_tag(*key, *value));
        let (_, manager) = account(vec![node]);
        let mut request = association("Install", targets.clone());
        request.schedule_expression = Some("cron(0 2 ? * SUN *)".to_owned());
        request.apply_only_at_cron_interval = Some(true);
        request.association_name = Some("install".to_owned());
        manager.ensure_association(&request).await.unwrap();
        let coverage = coverage(&manager).await;
        let node = coverage.node(&node_id(1)).unwrap();
        assert_eq!(
            node.installs().count() == 1,
            matches,
            "{tags:?} {targets:?}"
        );
    }
}

#[tokio::test]
async fn a_node_that_is_only_scanned_passes_no_gate_and_one_that_is_only_patched_does() {
    let (_, manager) = account(vec![
        linux(1).with_tag("Role", "scanned"),
        linux(2).with_tag("Role", "patched"),
    ]);
    policy(&manager, by_tag("scan", "Role", "scanned").scan_only()).await;
    let both = by_tag("patch", "Role", "patched").associations().unwrap();
    manager.ensure_association(&both[1]).await.unwrap();
    let coverage = coverage(&manager).await;
    let scanned = finding(&coverage, FindingKind::NoInstallSchedule);
    assert_eq!(
        (&scanned.nodes[..], scanned.severity),
        (&[node_id(1)][..], Severity::Error)
    );
    let patched = finding(&coverage, FindingKind::NoScanSchedule);
    assert_eq!(
        (&patched.nodes[..], patched.severity),
        (&[node_id(2)][..], Severity::Note)
    );
    let without: Vec<_> = coverage.without_install().map(|node| &node.node).collect();
    assert_eq!(without, [&node_id(1)]);
    assert_eq!(coverage.exit_code(), 1);
    let patched_alone = account(vec![linux(1)]).1;
    let both = nightly("patch").associations().unwrap();
    patched_alone.ensure_association(&both[1]).await.unwrap();
    let coverage = self::coverage(&patched_alone).await;
    assert!(coverage.is_covered(), "a note fails no gate");
}

#[tokio::test]
async fn a_policy_and_its_own_associations_are_one_schedule() {
    let (backend, manager) = account(vec![linux(1)]);
    policy(&manager, nightly("every-node")).await;
    backend.advance(Duration::from_hours(1));
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    assert_eq!(snapshot.associations.len(), 2, "Quick Setup has made them");
    let coverage = Coverage::of(&snapshot);
    assert_eq!(
        coverage.nodes[0].schedules.len(),
        2,
        "{}",
        coverage.nodes[0]
    );
    assert!(coverage.findings.is_empty(), "{coverage}");
    assert!(coverage.is_covered());
}

#[tokio::test]
async fn a_node_that_two_mechanisms_patch_is_found_with_both() {
    let (_, manager) = account(vec![linux(1).with_tag("Role", "web"), linux(2)]);
    policy(&manager, nightly("every-node")).await;
    windows(&manager, by_tag("web", "Role", "web")).await;
    let coverage = coverage(&manager).await;
    let twice = finding(&coverage, FindingKind::InstalledTwice);
    assert_eq!(twice.nodes, [node_id(1)]);
    let text = &twice.message;
    assert!(text.contains("patch policy every-node"), "{text}");
    assert!(text.contains("maintenance window web-install"), "{text}");
}

#[tokio::test]
async fn schedules_that_judge_by_different_baselines_are_found() {
    let (_, manager) = account(vec![in_group(1, "Patch Group", "web")]);
    let spec = BaselineBuilder::amazon_linux_2023_security("own", 0)
        .build()
        .unwrap();
    let own = manager.ensure_baseline(&spec).await.unwrap().id;
    let (os, label) = (OperatingSystem::AmazonLinux2023, "own");
    policy(
        &manager,
        nightly("p")
            .scan_only()
            .baseline(os.clone(), own.clone(), label),
    )
    .await;
    associations(&manager, by_tag("web", "Patch Group", "web")).await;
    let before = coverage(&manager).await;
    let several = finding(&before, FindingKind::SeveralBaselines);
    assert!(evidence(several).contains(own.as_str()), "{several}");
    manager.bind_patch_group(&web(), &own).await.unwrap();
    let after = coverage(&manager).await;
    assert!(
        !kinds(&after).contains(&FindingKind::SeveralBaselines),
        "{after}"
    );
    let node = after.node(&node_id(1)).unwrap();
    assert_eq!(node.baseline.as_ref(), Some(&own));
    assert!(
        node.schedules
            .iter()
            .all(|one| one.baseline.as_ref() == Some(&own))
    );
}

#[tokio::test]
async fn the_baseline_of_a_node_is_that_of_its_group_for_its_system_or_the_default() {
    let (_, manager) = account(vec![
        in_group(1, "PatchGroup", "web"),
        FleetNode::windows_server_2022(id(2)).with_tag("Patch Group", "web"),
        linux(3),
    ]);
    let spec = BaselineBuilder::amazon_linux_2023_security("own", 0)
        .build()
        .unwrap();
    let own = manager.ensure_baseline(&spec).await.unwrap().id;
    manager.bind_patch_group(&web(), &own).await.unwrap();
    let coverage = coverage(&manager).await;
    let default = |os| manager.default_baseline(os);
    let windows = default(OperatingSystem::Windows).await.unwrap().baseline_id;
    let linux = default(OperatingSystem::AmazonLinux2023)
        .await
        .unwrap()
        .baseline_id;
    for (number, group, baseline) in [
        (1, Some("web"), &own),
        (2, Some("web"), &windows),
        (3, None, &linux),
    ] {
        let node = coverage.node(&node_id(number)).unwrap();
        assert_eq!(node.patch_group.as_ref().map(PatchGroup::as_str), group);
        assert_eq!(node.baseline.as_ref(), Some(baseline), "{node}");
    }
    let unbound = finding(&coverage, FindingKind::GroupNotBound);
    assert_eq!(
        (&unbound.nodes[..], unbound.severity),
        (&[node_id(2)][..], Severity::Warning)
    );
    let fix = unbound.fix.command.as_deref().unwrap();
    assert!(fix.contains("--patch-group web"), "{fix}");
}

#[tokio::test]
async fn a_group_bound_nowhere_is_a_note_and_a_warning_if_another_group_is_almost_it() {
    let (_, manager) = account(vec![in_group(1, "Patch Group", "prodution")]);
    let note = coverage(&manager).await;
    assert_eq!(
        finding(&note, FindingKind::GroupNotBound).severity,
        Severity::Note
    );
    let spec = BaselineBuilder::amazon_linux_2023_security("own", 0)
        .build()
        .unwrap();
    let own = manager.ensure_baseline(&spec).await.unwrap().id;
    let group = PatchGroup::new("production").unwrap();
    manager.bind_patch_group(&group, &own).await.unwrap();
    let warned = coverage(&manager).await;
    let unbound = finding(&warned, FindingKind::GroupNotBound);
    assert_eq!(unbound.severity, Severity::Warning);
    assert!(
        evidence(unbound).contains("the nearest group is production"),
        "{unbound}"
    );
}

#[tokio::test]
async fn a_policy_without_a_baseline_for_the_system_of_a_node_fails_there_with_163() {
    let (_, manager) = account(vec![linux(1), FleetNode::windows_server_2022(id(2))]);
    let spec = BaselineBuilder::windows_critical_and_security("win", 7)
        .build()
        .unwrap();
    let own = manager.ensure_baseline(&spec).await.unwrap().id;
    let schedule = nightly("p").baseline(OperatingSystem::Windows, own, "win");
    policy(&manager, schedule).await;
    let coverage = coverage(&manager).await;
    let missing = finding(&coverage, FindingKind::PolicyBaselineMissing);
    assert_eq!(
        (&missing.nodes[..], missing.severity),
        (&[node_id(1)][..], Severity::Error)
    );
    assert!(missing.message.contains("AMAZON_LINUX_2023"), "{missing}");
    assert!(missing.message.contains("exit code 163"), "{missing}");
}

#[tokio::test]
async fn a_target_that_matches_no_node_names_the_nearest_key_and_value() {
    let (_, manager) = account(vec![linux(1).with_tag("Environment", "production")]);
    policy(&manager, nightly("every-node")).await;
    associations(
        &manager,
        by_tag("key", "Enviroment", "production").scan_only(),
    )
    .await;
    associations(
        &manager,
        by_tag("value", "Environment", "prodution").scan_only(),
    )
    .await;
    let coverage = coverage(&manager).await;
    let unmatched = coverage.findings.iter();
    let unmatched = unmatched.filter(|one| one.kind == FindingKind::TargetUnmatched);
    let mut seen: Vec<String> = unmatched.map(evidence).collect();
    seen.sort();
    assert_eq!(seen.len(), 2, "{coverage}");
    let all = seen.join("\n");
    assert!(all.contains("the nearest is `Environment`"), "{all}");
    assert!(all.contains("the nearest value is `production`"), "{all}");
}

#[tokio::test]
async fn ids_of_nodes_that_are_gone_are_found_beside_those_that_exist() {
    let (backend, manager) = account(vec![linux(1), linux(2)]);
    let both = PolicyTargets::InstanceIds(vec![node_id(1), node_id(2)]);
    policy(&manager, nightly("p").targets(both)).await;
    backend.remove_node(&node_id(2)).unwrap();
    let coverage = coverage(&manager).await;
    let unmatched = coverage.findings.iter();
    let unmatched = unmatched.filter(|one| one.kind == FindingKind::TargetUnmatched);
    let unmatched: Vec<_> = unmatched.collect();
    assert_eq!(unmatched.len(), 1, "{coverage}");
    assert_eq!(unmatched[0].severity, Severity::Note);
    assert!(evidence(unmatched[0]).contains(&id(2)), "{coverage}");
}

/// Spellings of the key that put a node in no group.
#[tokio::test]
async fn a_tag_key_that_is_almost_a_patch_group_key_is_found_with_the_right_tag() {
    for key in [
        "Patch group",
        "PatchGroup ",
        "patch group",
        "patch-group",
        "Patch_Group",
        "PATCHGROUP",
    ] {
        let (_, manager) = account(vec![in_group(1, key, "web")]);
        let coverage = coverage(&manager).await;
        let misspelled = finding(&coverage, FindingKind::TagKeyMisspelled);
        assert_eq!(misspelled.nodes, [node_id(1)]);
        let fix = misspelled.fix.command.as_deref().unwrap();
        assert!(fix.contains("'Key=Patch Group,Value=web'"), "{fix}");
    }
    for key in [
        "Patch Group",
        "PatchGroup",
        "PatchLevel",
        "Group",
        "Patch Group 2",
    ] {
        let (_, manager) = account(vec![in_group(1, key, "web")]);
        let coverage = coverage(&manager).await;
        assert!(
            !kinds(&coverage).contains(&FindingKind::TagKeyMisspelled),
            "{key}"
        );
    }
}

#[tokio::test]
async fn the_right_tag_is_the_one_that_the_node_can_have() {
    let shows_tags = in_group(1, "Patchgroup", "web").with_metadata_tags();
    let hybrid = hybrid_node(hybrid_id(1)).with_tag("patch group", "web");
    for (node, command) in [
        (shows_tags, "aws ec2 create-tags"),
        (hybrid, "aws ssm add-tags-to-resource"),
    ] {
        let (_, manager) = account(vec![node]);
        let coverage = coverage(&manager).await;
        let misspelled = finding(&coverage, FindingKind::TagKeyMisspelled);
        let fix = misspelled.fix.command.as_deref().unwrap();
        assert!(fix.contains(command), "{fix}");
        let key = if command.contains("ec2") {
            "PatchGroup"
        } else {
            "Patch Group"
        };
        assert!(fix.contains(&format!("Key={key},Value=web")), "{fix}");
    }
}

#[tokio::test]
async fn a_node_under_the_other_patch_group_key_is_missed_and_found() {
    let (_, manager) = account(vec![
        in_group(1, "Patch Group", "web"),
        in_group(2, "PatchGroup", "web"),
    ]);
    windows(&manager, by_tag("web", "Patch Group", "web")).await;
    let before = coverage(&manager).await;
    let missed: Vec<_> = before.without_schedule().map(|node| &node.node).collect();
    assert_eq!(missed, [&node_id(2)]);
    let mismatches = before.findings.iter();
    let mut mismatches = mismatches.filter(|one| one.kind == FindingKind::TagMismatch);
    let mismatch = mismatches.next().unwrap();
    assert_eq!(mismatch.nodes, [node_id(2)]);
    assert!(
        mismatch.message.contains("tagged `PatchGroup`=web"),
        "{mismatch}"
    );
    assert!(
        mismatch.fix.advice.contains("the other patch group key"),
        "{mismatch}"
    );
    assert!(mismatch.fix.command.is_none(), "both keys are right");

    windows(&manager, by_tag("web-joined", "PatchGroup", "web")).await;
    let after = coverage(&manager).await;
    assert!(
        after
            .findings
            .iter()
            .all(|one| one.kind == FindingKind::GroupNotBound),
        "{after}"
    );
}

#[tokio::test]
async fn a_tag_that_differs_in_letter_case_is_found_with_the_command_that_tags_it_right() {
    let (_, manager) = account(vec![
        linux(1).with_tag("environment", "Production"),
        linux(2),
    ]);
    policy(
        &manager,
        by_tag("p", "Environment", "production").scan_only(),
    )
    .await;
    let coverage = coverage(&manager).await;
    let mismatch = finding(&coverage, FindingKind::TagMismatch);
    assert_eq!(mismatch.nodes, [node_id(1)]);
    let fix = mismatch.fix.command.as_deref().unwrap();
    assert!(fix.contains("Key=Environment,Value=production"), "{fix}");
}

#[tokio::test]
async fn a_tag_that_is_almost_right_does_not_count_if_another_target_misses_the_node() {
    let node = |number| linux(number).with_tag("role", "web");
    let (_, manager) = account(vec![
        node(1).with_tag("Stage", "prod"),
        node(2).with_tag("Stage", "test"),
    ]);
    let both = by_tag("web", "Role", "web").target(Target::tag("Stage", ["prod"]));
    windows(&manager, both.scan_only()).await;
    let coverage = coverage(&manager).await;
    assert_eq!(
        finding(&coverage, FindingKind::TagMismatch).nodes,
        [node_id(1)]
    );
}

#[tokio::test]
async fn a_schedule_that_does_not_run_covers_nothing_and_is_named_as_evidence() {
    let (backend, manager) = account(vec![linux(1).with_tag("Role", "web")]);
    let made = by_tag("web", "Role", "web").maintenance_windows().unwrap();
    for window in &made {
        let ensured = manager.ensure_maintenance_window(window).await.unwrap();
        manager
            .disable_maintenance_window(&ensured.id)
            .await
            .unwrap();
    }
    let once = nightly("once").scan("at(2026-05-15T00:00:00)").scan_only();
    associations(&manager, once).await;
    let none = PolicySchedule::new("ended")
        .scan_daily_at(1, 0)
        .target(Target::tag_key(["Role"]));
    let ending = "2026-05-16T00:00:00Z".parse().unwrap();
    windows(&manager, none.ending(ending)).await;
    backend.advance(Duration::from_hours(7 * 24));
    let coverage = coverage(&manager).await;
    assert_eq!(coverage.nodes[0].schedules, []);
    let seen = evidence(finding(&coverage, FindingKind::NoSchedule));
    for line in [
        "maintenance window web-scan: it is disabled",
        "maintenance window web-install: it is disabled",
        "maintenance window ended-scan: its schedule does not run any more",
        "association once-scan: its schedule does not run any more",
    ] {
        assert!(seen.contains(line), "{line} in\n{seen}");
    }
}

#[tokio::test]
async fn an_association_without_a_schedule_covers_nothing() {
    let (_, manager) = account(vec![linux(1)]);
    let mut once = association("Install", vec![Target::instance_ids([id(1)])]);
    once.association_name = Some("once".to_owned());
    manager.ensure_association(&once).await.unwrap();
    let coverage = coverage(&manager).await;
    let seen = evidence(finding(&coverage, FindingKind::NoSchedule));
    assert!(seen.contains("has no schedule"), "{seen}");
}

#[tokio::test]
async fn a_running_instance_that_is_not_managed_is_out_of_reach_whatever_its_tags() {
    let agentless = linux(1).with_condition(NodeCondition::Agentless);
    let stopped = linux(2).with_condition(NodeCondition::Stopped);
    let (_, manager) = account(vec![agentless, stopped]);
    policy(&manager, nightly("every-node")).await;
    let coverage = coverage(&manager).await;
    let unmanaged = finding(&coverage, FindingKind::NotManaged);
    assert_eq!(
        (&unmanaged.nodes[..], unmanaged.severity),
        (&[node_id(1)][..], Severity::Error)
    );
    assert_eq!(
        kinds(&coverage),
        [FindingKind::NotManaged],
        "a stopped node comes back"
    );
}

#[tokio::test]
async fn what_could_not_be_read_makes_unknown_and_not_uncovered() {
    for (operation, part) in [
        (Operation::ListConfigurationManagers, "patch policies"),
        (Operation::DescribeMaintenanceWindows, "maintenance windows"),
        (Operation::ListAssociations, "associations"),
    ] {
        let (backend, manager) = account(vec![linux(1)]);
        deny(&backend, operation);
        let coverage = coverage(&manager).await;
        let unread = finding(&coverage, FindingKind::NotChecked);
        assert!(unread.message.contains(part), "{unread}");
        let schedule = finding(&coverage, FindingKind::NoSchedule);
        assert_eq!(schedule.severity, Severity::Unknown);
        assert_eq!(coverage.without_schedule().count(), 0);
        assert_eq!(coverage.exit_code(), 2, "{coverage}");
    }
}

fn deny(backend: &MemoryBackend, operation: Operation) {
    let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
    let fault = backend
        .faults()
        .fail(operation, kind, code, "not authorized");
    fault.always();
}

#[tokio::test]
async fn targets_by_tag_are_unknown_for_instances_that_ec2_does_not_describe() {
    let (backend, manager) = account(vec![linux(1).with_tag("Role", "web")]);
    windows(&manager, by_tag("web", "Role", "web")).await;
    deny(&backend, Operation::DescribeInstances);
    let coverage = coverage(&manager).await;
    let node = coverage.node(&node_id(1)).unwrap();
    assert_eq!(
        (node.schedules.len(), node.possible_schedules.len()),
        (0, 2)
    );
    assert_eq!(
        finding(&coverage, FindingKind::NoSchedule).severity,
        Severity::Unknown
    );
    let targets = coverage.findings.iter();
    let mut targets = targets.filter(|one| one.kind == FindingKind::TargetUnmatched);
    assert!(
        targets.all(|one| one.severity == Severity::Unknown),
        "{coverage}"
    );
    assert_eq!(coverage.exit_code(), 2);
}

#[tokio::test]
async fn the_members_of_a_resource_group_are_unknown() {
    let (_, manager) = account(vec![linux(1)]);
    let group = PolicyTargets::ResourceGroup("fleet".to_owned());
    policy(&manager, nightly("p").targets(group)).await;
    let coverage = coverage(&manager).await;
    assert_eq!(coverage.nodes[0].possible_schedules.len(), 2);
    let seen = evidence(finding(&coverage, FindingKind::NoSchedule));
    assert!(seen.contains("patch policy p: may reach it"), "{seen}");
    assert_eq!(coverage.exit_code(), 2);
}

#[tokio::test]
async fn a_policy_for_units_may_reach_an_account_unless_its_associations_show_that_it_does() {
    let (backend, manager) = account(vec![linux(1)]);
    let unit = "ou-abcd-12345678";
    let schedule = by_tag("everywhere", "Role", "of-other-accounts").organizational_units([unit]);
    policy(&manager, schedule).await;
    policy(&manager, nightly("p").organizational_units([unit])).await;
    backend.advance(Duration::from_hours(1));
    let judged = coverage(&manager).await;
    assert_eq!(judged.nodes[0].possible_schedules.len(), 2);
    let unknown = finding(&judged, FindingKind::NoSchedule);
    let seen = evidence(unknown);
    let words = "patch policy p: may reach it: whether this account is in its organizational units";
    assert!(seen.contains(words), "{seen}");
    // What the other one targets can be in other accounts.
    assert_eq!(kinds(&judged), [FindingKind::NoSchedule]);
    assert_eq!(judged.exit_code(), 2);
    assert_eq!(judged.without_install().count(), 0);

    backend.set_unit_accounts(unit, ["123456789012"]);
    policy(
        &manager,
        nightly("p")
            .organizational_units([unit])
            .scan_daily_at(4, 0),
    )
    .await;
    backend.advance(Duration::from_hours(1));
    let judged = coverage(&manager).await;
    assert_eq!(judged.nodes[0].schedules.len(), 2, "{judged}");
    assert!(judged.is_covered(), "{judged}");
}

#[tokio::test]
async fn a_part_that_the_scope_leaves_out_is_unknown() {
    let (_, manager) = account(vec![linux(1)]);
    let scope = MirrorScope::new().windows(false);
    let coverage = manager.coverage(&scope).await.unwrap();
    assert_eq!(coverage.exit_code(), 2, "{coverage}");
    let seen = evidence(finding(&coverage, FindingKind::NotChecked));
    assert!(seen.contains("the scope leaves them out"), "{seen}");
}

#[tokio::test]
async fn it_makes_the_calls_that_its_scope_explains_and_writes_nothing() {
    let fleet = (0..120).map(linux).collect();
    let (backend, manager) = account(fleet);
    policy(&manager, nightly("every-node")).await;
    windows(&manager, by_tag("web", "Role", "web")).await;
    let before = backend.faults().calls().len();
    let scope = MirrorScope::new();
    let coverage = manager.coverage(&scope).await.unwrap();
    let calls = backend.faults().calls().len() - before;
    let snapshot = manager.mirror_snapshot(&scope).await.unwrap();
    assert_eq!(calls, scope.explain(&AccountSize::of(&snapshot)).calls());
    assert_eq!(coverage, Coverage::of(&snapshot));
}

#[tokio::test]
async fn it_is_printed_as_the_doctor_prints_findings() {
    let (_, manager) = account(vec![in_group(1, "Patch group", "web"), linux(2)]);
    windows(&manager, by_tag("web", "Patch Group", "web").scan_only()).await;
    let text = coverage(&manager).await.to_string();
    let expected = format!(
        "\
error[no-schedule]: no schedule scans the node or installs patches on it
  --> {}, {}
   = fix: tag it so that a schedule targets it, or make a schedule for it
",
        id(1),
        id(2)
    );
    assert!(text.contains(&expected), "{text}");
    let end = "schedules install on 0 of 2 nodes, and scan 0; 1 error; 2 warnings";
    assert!(text.ends_with(end), "{text}");
}

#[tokio::test]
async fn an_account_without_nodes_is_not_covered() {
    let (_, manager) = account(Vec::new());
    let coverage = coverage(&manager).await;
    assert_eq!(coverage.to_string(), "the account has no node");
    assert_eq!(coverage.exit_code(), 2);
    assert!(!coverage.is_covered());
}

#[tokio::test]
async fn it_is_written_as_json_in_the_form_of_the_service() {
    let (_, manager) = account(vec![in_group(1, "Patch Group", "web")]);
    policy(&manager, nightly("p")).await;
    let written = serde_json::to_value(coverage(&manager).await).unwrap();
    let node = &written["Nodes"][0];
    assert_eq!(node["Node"], id(1));
    assert_eq!(node["PatchGroup"], "web");
    assert_eq!(node["Schedules"][1]["Operation"], "Install");
    assert_eq!(node["Schedules"][1]["Kind"], "PatchPolicy");
    assert_eq!(written["Findings"][0]["Kind"], "group-not-bound");
}

#[tokio::test]
async fn it_is_written_as_markdown_whatever_is_in_a_name() {
    let (_, manager) = account(vec![in_group(1, "Patch group", "web"), linux(2)]);
    let name = "a`b|c <b>\n# d";
    associations(&manager, by_tag("web", "Patch group", "web").scan_only()).await;
    let mut coverage = coverage(&manager).await;
    coverage.nodes[0].schedules[0].name = Some(name.to_owned());
    let text = coverage.to_markdown();
    assert!(text.starts_with(
        "### Patching coverage\n\n**schedules install on 0 of 2 nodes, and scan 1**\n\n```text\n"
    ));
    let findings = text.split("```").nth(1).unwrap();
    for finding in &coverage.findings {
        assert!(findings.contains(&finding.to_string()), "{finding}");
    }
    let row = format!("| `{}` | `` Scan by association a`b\\|c <b> # d, ", id(1));
    assert!(text.contains(&row), "{text}");
    assert!(
        text.contains(&format!("| `{}` | nothing |", id(2))),
        "{text}"
    );
    coverage.nodes = vec![coverage.nodes[1].clone(); 103];
    let text = coverage.to_markdown();
    assert_eq!(text.matches("| nothing |").count(), 100);
    assert!(text.ends_with("\nand 3 more nodes\n"), "{text}");
}
