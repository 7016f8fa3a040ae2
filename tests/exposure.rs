//! An exposure says which nodes lack a fix, why, and when they get it; what is not known is never safe.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;

use aws_patch_manager::backend::Operation;
use aws_patch_manager::exposure::{
    Exposure, ExposureFix, ExposureQuery, ExposureState, FixRoute, NodeExposure,
};
use aws_patch_manager::manager::FleetSweep;
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::plan::{MirrorScope, MirrorSnapshot};
use aws_patch_manager::types::{BaselineId, NodeId, OperatingSystem, RebootOption, Tag, Target};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, ErrorKind, MemoryBackend, PatchManager, PatchRequest,
    PolicySchedule, Recurrence, RuleBuilder, ScheduleExpression,
};
use support::accounts::{account, association, id, node_id, run, sample};
use support::values::at;

/// Released 2026-05-11T20:00:00Z for openssl on Amazon Linux 2023.
const OPENSSL: &str = "CVE-2026-90122";
/// Fixed by an update of nginx, which not every node has.
const NGINX: &str = "CVE-2026-90132";

fn node(number: usize, openssl_release: &str) -> FleetNode {
    let openssl = InstalledPackage::rpm("openssl", 1, "3.2.2", openssl_release, "x86_64");
    FleetNode::amazon_linux_2023(id(number)).with_installed(openssl)
}

fn of(exposure: &Exposure, number: usize) -> &NodeExposure {
    let id = node_id(number);
    exposure.nodes.iter().find(|node| node.node == id).unwrap()
}

fn cve(cve: &str) -> ExposureQuery {
    ExposureQuery::new([cve], ComplianceQuery::all())
}

/// An account of one node with an old openssl that a baseline of these rules has scanned.
async fn scanned(rule: Option<RuleBuilder>, rejected: &[&str]) -> (MemoryBackend, PatchManager) {
    let (account, manager) = account(vec![node(1, "1.amzn2023.0.3")]);
    let mut spec = BaselineBuilder::new("linux", OperatingSystem::AmazonLinux2023);
    match rule {
        Some(rule) => spec = spec.rule(rule),
        None => spec = spec.approve_patches(["nothing"]),
    }
    if !rejected.is_empty() {
        spec = spec.reject_patches(rejected.iter().copied());
    }
    let baseline = manager
        .create_baseline(&spec.build().unwrap())
        .await
        .unwrap();
    manager.set_default_baseline(&baseline).await.unwrap();
    run(&manager, PatchRequest::scan().nodes([node_id(1)])).await;
    (account, manager)
}

fn security() -> RuleBuilder {
    RuleBuilder::new().classifications(["Security"])
}

#[tokio::test]
async fn a_fix_that_the_baseline_approves_is_missing_and_comes_with_the_next_install() {
    let (_, manager) = scanned(Some(security().approve_after_days(0)), &[]).await;
    let daily = Recurrence::new(ScheduleExpression::parse("cron(0 2 * * ? *)").unwrap());
    let exposure = manager
        .exposure(&cve(OPENSSL).schedule(daily))
        .await
        .unwrap();
    let node = of(&exposure, 1);
    assert_eq!(node.state, ExposureState::Exposed, "{exposure}");
    let fix = &node.fixes[0];
    assert_eq!(
        (fix.patch.as_str(), fix.route),
        ("openssl.x86_64", FixRoute::Approved)
    );
    assert_eq!(fix.title, "openssl.x86_64:1:3.2.2-1.amzn2023.0.4");
    assert!(fix.installed_at.unwrap() > exposure.made_at);
    assert_eq!(fix.days_open, Some(1));
}

#[tokio::test]
async fn a_fix_that_is_approved_later_is_open_until_the_first_install_after_that() {
    let (_, manager) = scanned(Some(security().approve_after_days(7)), &[]).await;
    let nightly = Recurrence::new(ScheduleExpression::parse("cron(0 2 * * ? *)").unwrap());
    let query = cve(OPENSSL).schedule(nightly);
    let exposure = manager.exposure(&query).await.unwrap();
    let fix = &of(&exposure, 1).fixes[0];
    assert_eq!(fix.route, FixRoute::ApprovedLater, "{exposure}");
    assert_eq!(fix.approved_at, Some(at("2026-05-18T20:00:00Z")));
    assert_eq!(fix.installed_at, Some(at("2026-05-19T02:00:00Z")));
    let open = at("2026-05-19T02:00:00Z").duration_since(exposure.made_at);
    assert_eq!(fix.days_open, Some((open.as_secs() + 86_399) / 86_400));

    // An install before the approval does not have the fix.
    let early = BTreeMap::from([(node_id(1), at("2026-05-17T02:00:00Z"))]);
    let exposure = manager
        .exposure(&cve(OPENSSL).next_installs(early))
        .await
        .unwrap();
    assert_eq!(of(&exposure, 1).fixes[0].installed_at, None);
    let late = BTreeMap::from([(node_id(1), at("2026-05-20T02:00:00Z"))]);
    let exposure = manager.exposure(&query.next_installs(late)).await.unwrap();
    let installed_at = of(&exposure, 1).fixes[0].installed_at;
    assert_eq!(installed_at, Some(at("2026-05-20T02:00:00Z")));
}

#[tokio::test]
async fn why_a_fix_is_not_approved_is_said_in_the_words_of_the_preview() {
    let low = RuleBuilder::new().severities(["Low"]).approve_after_days(0);
    let (_, manager) = scanned(Some(low), &[]).await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    let fix = &of(&exposure, 1).fixes[0];
    assert_eq!(fix.route, FixRoute::NotApproved, "{exposure}");
    assert_eq!(fix.reasons, ["rule 0: SEVERITY is Critical, not Low"]);
    assert_eq!(
        (fix.approved_at, fix.installed_at, fix.days_open),
        (None, None, None)
    );

    let all = security().approve_after_days(0);
    let (_, manager) = scanned(Some(all), &["openssl*"]).await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    let fix = &of(&exposure, 1).fixes[0];
    assert_eq!(fix.route, FixRoute::Rejected, "{exposure}");
    assert_eq!(fix.reasons, ["rejected by list entry `openssl*`"]);
}

#[tokio::test]
async fn a_node_with_the_fixed_version_or_without_the_package_is_not_exposed() {
    let nodes = vec![node(1, "1.amzn2023.0.4"), node(2, "1.amzn2023.0.3")];
    let (_, manager) = account(nodes);
    run(
        &manager,
        PatchRequest::scan().nodes([node_id(1), node_id(2)]),
    )
    .await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    assert_eq!(
        of(&exposure, 1).state,
        ExposureState::NotExposed,
        "{exposure}"
    );
    assert_eq!(of(&exposure, 2).state, ExposureState::Exposed);
    assert_eq!(exposure.nodes[0].node, node_id(2), "the worst comes first");
    let exposure = manager.exposure(&cve(NGINX)).await.unwrap();
    let states: Vec<_> = exposure.nodes.iter().map(|node| node.state).collect();
    assert_eq!(states, [ExposureState::NotExposed; 2]);
}

#[tokio::test]
async fn a_fix_that_waits_for_a_reboot_is_not_yet_a_fix() {
    let (_, manager) = scanned(Some(security().approve_after_days(0)), &[]).await;
    let install = PatchRequest::install().nodes([node_id(1)]);
    run(&manager, install.reboot(RebootOption::NoReboot)).await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    let node = of(&exposure, 1);
    assert_eq!(node.state, ExposureState::PendingReboot, "{exposure}");
    assert_eq!(node.fixes[0].route, FixRoute::Reboot);
    assert_eq!(exposure.override_list().unwrap(), None);
}

#[tokio::test]
async fn what_the_service_does_not_have_is_unknown_and_never_not_exposed() {
    let (_, manager) = sample();
    let nodes = ["i-0c0ffee0000000001", "i-0c0ffee0000000008"];
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    for node in &exposure.nodes {
        assert_eq!(node.state, ExposureState::Unknown);
        assert_eq!(node.reasons, ["never scanned"]);
    }
    run(&manager, PatchRequest::scan().nodes(nodes)).await;
    let reasons = |exposure: &Exposure, node: &str| -> Vec<String> {
        let node = exposure
            .nodes
            .iter()
            .find(|one| one.node.as_str() == node)
            .unwrap();
        assert_eq!(node.state, ExposureState::Unknown, "{exposure}");
        node.reasons.clone()
    };
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    assert_eq!(
        reasons(&exposure, nodes[0]),
        [format!(
            "{OPENSSL}: the catalog has no CVE ids for Windows: name the updates with fixed_by"
        )]
    );
    let exposure = manager.exposure(&cve("CVE-2026-0001")).await.unwrap();
    assert_eq!(
        reasons(&exposure, nodes[1]),
        ["CVE-2026-0001: neither nodes nor the catalog have CVE ids for UBUNTU"]
    );
}

#[tokio::test]
async fn on_windows_the_named_updates_decide_and_any_of_them_is_enough() {
    let (_, manager) = sample();
    let node = "i-0c0ffee0000000001";
    run(&manager, PatchRequest::scan().nodes([node])).await;
    let named = |updates: &[&str]| cve(OPENSSL).fixed_by(OPENSSL, updates.iter().copied());
    let cases: [(&[&str], ExposureState); 4] = [
        (&["KB5090021"], ExposureState::NotExposed),
        (&["KB5090031"], ExposureState::Exposed),
        (&["KB5090031", "KB5090021"], ExposureState::NotExposed),
        (&["KB1"], ExposureState::Unknown),
    ];
    for (updates, state) in cases {
        let exposure = manager.exposure(&named(updates)).await.unwrap();
        let found = exposure
            .nodes
            .iter()
            .find(|one| one.node.as_str() == node)
            .unwrap();
        assert_eq!(found.state, state, "{updates:?}: {exposure}");
    }
}

#[tokio::test]
async fn the_list_names_just_the_fixes_and_an_install_with_it_closes_them() {
    let low = RuleBuilder::new().severities(["Low"]).approve_after_days(0);
    let (account, manager) = scanned(Some(low), &[]).await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    assert_eq!(exposure.not_closed_by_list().count(), 0);
    let list = exposure.override_list().unwrap().unwrap();
    let entries: Vec<String> = list.patches.iter().map(ToString::to_string).collect();
    assert_eq!(
        entries,
        ["openssl.x86_64 (openssl.x86_64:1:3.2.2-1.amzn2023.0.4)"]
    );

    let url = "s3://bucket/list.json";
    account
        .put_object(url, list.to_json().into_bytes())
        .unwrap();
    let install = PatchRequest::install().nodes([node_id(1)]);
    run(&manager, install.install_override_list(url)).await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    assert_eq!(
        of(&exposure, 1).state,
        ExposureState::NotExposed,
        "{exposure}"
    );
}

#[tokio::test]
async fn a_plan_counts_the_calls_and_a_snapshot_answers_the_same_without_any() {
    for count in [1, 60] {
        let nodes = (1..=count)
            .map(|number| node(number, "1.amzn2023.0.3"))
            .collect();
        let (account, manager) = account(nodes);
        let ids: Vec<NodeId> = (1..=count).map(node_id).collect();
        for ids in ids.chunks(50) {
            run(&manager, PatchRequest::scan().nodes(ids)).await;
        }
        let scopes = [ComplianceQuery::all(), ComplianceQuery::nodes(ids)];
        for scope in scopes {
            let query = ExposureQuery::new([OPENSSL], scope);
            let before = account.calls().len();
            let exposure = manager.exposure(&query).await.unwrap();
            assert_eq!(exposure.in_state(ExposureState::Exposed).count(), count);
            let made = account.calls().split_off(before);
            let plan = query.explain(count, 1, 1);
            assert_eq!(made.len(), plan.calls(), "{plan}");
            for step in &plan.steps {
                let operation: Operation = step.operation.parse().unwrap();
                let steps = plan
                    .steps
                    .iter()
                    .filter(|one| one.operation == step.operation);
                let planned: usize = steps.map(|step| step.calls).sum();
                let counted = made.iter().filter(|one| **one == operation).count();
                assert_eq!(counted, planned, "{operation}: {plan}");
            }
            let scope = MirrorScope::new().patches().catalog();
            let snapshot = manager.mirror_snapshot(&scope).await.unwrap();
            let before = account.calls().len();
            assert_eq!(snapshot.exposure(&query).unwrap().nodes, exposure.nodes);
            assert_eq!(account.calls().len(), before);
        }
    }
}

#[tokio::test]
async fn what_fails_to_read_makes_its_nodes_unknown_and_the_rest_is_answered() {
    let (account, manager) = account(vec![node(1, "1.amzn2023.0.3")]);
    run(&manager, PatchRequest::scan().nodes([node_id(1)])).await;
    for operation in [
        Operation::DescribeInstancePatches,
        Operation::DescribeAvailablePatches,
    ] {
        let faults = account.faults();
        faults.fail(
            operation,
            ErrorKind::AccessDenied,
            "AccessDeniedException",
            "no",
        );
        let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
        assert_eq!(of(&exposure, 1).state, ExposureState::Unknown, "{exposure}");
        assert_eq!(exposure.failures.len(), 1);
    }
}

#[tokio::test]
async fn bad_questions_are_refused_with_every_violation_before_any_call() {
    let (account, manager) = sample();
    let query = ExposureQuery::new(["CVE-1", "openssl", OPENSSL], ComplianceQuery::all())
        .fixed_by("CVE-2026-0001", ["KB1"])
        .fixed_by(OPENSSL, ["5034770"]);
    let before = account.calls().len();
    let error = manager.exposure(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let fields: Vec<&str> = error
        .violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "Cves[0]",
            "Cves[1]",
            "FixedBy[CVE-2026-0001]",
            "FixedBy[CVE-2026-90122]"
        ]
    );
    let none = ExposureQuery::new(Vec::<String>::new(), ComplianceQuery::all());
    assert!(manager.exposure(&none).await.is_err());
    assert_eq!(account.calls().len(), before);
}

/// The first fix of a node by a query with the schedules that coverage finds.
async fn scheduled(manager: &PatchManager) -> ExposureFix {
    let coverage = manager.coverage(&MirrorScope::new()).await.unwrap();
    let query = cve(OPENSSL).schedules_of(&coverage);
    let exposure = manager.exposure(&query).await.unwrap();
    of(&exposure, 1).fixes[0].clone()
}

#[tokio::test]
async fn the_schedules_that_reach_a_node_say_when_its_fix_is_installed() {
    let (_, manager) = scanned(Some(security().approve_after_days(7)), &[]).await;
    assert_eq!(scheduled(&manager).await.installed_at, None);

    // 02:00 in Berlin is midnight in UTC. Approved at 2026-05-18T20:00:00Z.
    let nightly = PolicySchedule::new("nightly")
        .scan("cron(0 1 * * ? *)")
        .install("cron(0 2 * * ? *)")
        .time_zone("Europe/Berlin")
        .target(Target::tag("Role", ["web"]));
    manager
        .ensure_node_tags(&node_id(1), &[Tag::new("Role", "web")])
        .await
        .unwrap();
    for window in nightly.maintenance_windows().unwrap() {
        manager.ensure_maintenance_window(&window).await.unwrap();
    }
    let fix = scheduled(&manager).await;
    assert_eq!(fix.approved_at, Some(at("2026-05-18T20:00:00Z")));
    assert_eq!(fix.installed_at, Some(at("2026-05-19T00:00:00Z")), "{fix}");

    // Another mechanism is earlier.
    let mut association = association("Install", vec![Target::instance_ids([id(1)])]);
    association.association_name = Some("late".to_owned());
    association.schedule_expression = Some("cron(30 21 * * ? *)".to_owned());
    manager.ensure_association(&association).await.unwrap();
    let fix = scheduled(&manager).await;
    assert_eq!(fix.installed_at, Some(at("2026-05-18T21:30:00Z")), "{fix}");
}

#[tokio::test]
async fn a_schedule_with_another_baseline_says_nothing_of_the_approval() {
    let (_, manager) = scanned(Some(security().approve_after_days(7)), &[]).await;
    let other = BaselineBuilder::new("other", OperatingSystem::AmazonLinux2023);
    let other = other
        .rule(security().approve_after_days(30))
        .build()
        .unwrap();
    let other = manager.create_baseline(&other).await.unwrap();
    let policy = |id: &BaselineId| {
        let policy = PolicySchedule::new("p")
            .scan("cron(0 1 * * ? *)")
            .install("cron(0 2 * * ? *)");
        policy
            .baseline(OperatingSystem::AmazonLinux2023, id.clone(), "linux")
            .patch_policy()
            .unwrap()
    };
    manager.ensure_policy(&policy(&other)).await.unwrap();
    assert_eq!(scheduled(&manager).await.installed_at, None);
    let used = manager
        .default_baseline(OperatingSystem::AmazonLinux2023)
        .await
        .unwrap();
    manager
        .ensure_policy(&policy(&used.baseline_id))
        .await
        .unwrap();
    let fix = scheduled(&manager).await;
    assert_eq!(fix.installed_at, Some(at("2026-05-19T02:00:00Z")), "{fix}");
}

#[tokio::test]
async fn several_accounts_are_one_answer_with_the_source_of_each_node() {
    let (one, first) = account(vec![node(1, "1.amzn2023.0.3"), node(2, "1.amzn2023.0.4")]);
    let (two, second) = account(vec![node(3, "1.amzn2023.0.3")]);
    for (manager, nodes) in [
        (&first, vec![node_id(1), node_id(2)]),
        (&second, vec![node_id(3)]),
    ] {
        run(manager, PatchRequest::scan().nodes(nodes)).await;
    }
    let everywhere = FleetSweep::new()
        .source("first", first.clone())
        .source("second", second.clone());
    let query = cve(OPENSSL);
    let exposure = everywhere.exposure(&query).await.unwrap();
    let rows = |exposure: &Exposure| -> Vec<(String, NodeId, ExposureState)> {
        let nodes = exposure.nodes.iter();
        nodes
            .map(|one| (one.source.clone(), one.node.clone(), one.state))
            .collect()
    };
    let (exposed, safe) = (ExposureState::Exposed, ExposureState::NotExposed);
    assert_eq!(
        rows(&exposure),
        [
            ("first".to_owned(), node_id(1), exposed),
            ("second".to_owned(), node_id(3), exposed),
            ("first".to_owned(), node_id(2), safe),
        ]
    );
    assert!(
        exposure
            .to_string()
            .contains(&format!("second {} exposed", id(3)))
    );
    assert_eq!(exposure.override_list().unwrap().unwrap().patches.len(), 1);

    // A source that fails is named, and the other is answered; if all fail, so does the verb.
    let denied = |account: &MemoryBackend| {
        let faults = account.faults();
        let kind = ErrorKind::AccessDenied;
        for operation in [
            Operation::DescribeInstanceProperties,
            Operation::DescribeInstanceInformation,
        ] {
            faults
                .fail(operation, kind, "AccessDeniedException", "no")
                .always();
        }
    };
    denied(&one);
    let exposure = everywhere.exposure(&query).await.unwrap();
    assert_eq!(
        rows(&exposure),
        [("second".to_owned(), node_id(3), exposed)]
    );
    let failures: Vec<&str> = exposure
        .failures
        .iter()
        .map(|one| one.source.as_str())
        .collect();
    assert_eq!(failures, ["first"]);
    denied(&two);
    let error = everywhere.exposure(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied);

    let twice = everywhere.source("first", second);
    let before = two.calls().len();
    let error = twice.exposure(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(two.calls().len(), before);
}

#[tokio::test]
async fn an_answer_reads_back_as_it_was_written() {
    let (_, manager) = scanned(Some(security().approve_after_days(7)), &[]).await;
    let exposure = manager.exposure(&cve(OPENSSL)).await.unwrap();
    let written = serde_json::to_string(&exposure).unwrap();
    assert_eq!(
        serde_json::from_str::<Exposure>(&written).unwrap(),
        exposure
    );
}

#[tokio::test]
async fn what_a_snapshot_lacks_is_unknown() {
    let (account, manager) = account(vec![node(1, "1.amzn2023.0.3")]);
    let reasons = |snapshot: &MirrorSnapshot| {
        let exposure = snapshot.exposure(&cve(OPENSSL)).unwrap();
        assert_eq!(of(&exposure, 1).state, ExposureState::Unknown, "{exposure}");
        of(&exposure, 1).reasons.join("; ")
    };
    let everything = MirrorScope::new().patches().catalog();
    let snapshot = manager.mirror_snapshot(&everything).await.unwrap();
    let no_scan = "not answered: the snapshot has no scan or install of it";
    assert_eq!(reasons(&snapshot), no_scan);
    run(&manager, PatchRequest::scan().nodes([node_id(1)])).await;
    let snapshot = manager.mirror_snapshot(&MirrorScope::new()).await.unwrap();
    assert_eq!(reasons(&snapshot), no_scan);
    let faults = account.faults();
    let denied = (ErrorKind::AccessDenied, "AccessDeniedException");
    faults.fail(
        Operation::DescribeAvailablePatches,
        denied.0,
        denied.1,
        "no",
    );
    let snapshot = manager.mirror_snapshot(&everything).await.unwrap();
    let reason = reasons(&snapshot);
    assert!(
        reason.starts_with("CVE-2026-90122: the catalog was not read: "),
        "{reason}"
    );
}

/// Kernels are installed side by side, and the newest counts.
#[tokio::test]
async fn of_two_installed_versions_the_newest_counts() {
    let kernel = |version, release| InstalledPackage::rpm("kernel", 0, version, release, "x86_64");
    let both = FleetNode::amazon_linux_2023(id(1))
        .with_installed(kernel("6.1.158", "180.294.amzn2023"))
        .with_installed(kernel("6.1.162", "185.301.amzn2023"));
    let (_, manager) = account(vec![both]);
    run(&manager, PatchRequest::scan().nodes([node_id(1)])).await;
    let exposure = manager.exposure(&cve("CVE-2026-90121")).await.unwrap();
    assert_eq!(
        of(&exposure, 1).state,
        ExposureState::NotExposed,
        "{exposure}"
    );
}
