//! The approved set of one environment as the baseline of the next, and what keeps it back.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use aws_patch_manager::backend::layer::Faults;
use aws_patch_manager::backend::{Operation, layered};
use aws_patch_manager::baseline::{Approval, BaselineSpec, PatchBaseline};
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::promotion::{
    FreezeDeviation, MovedCutoff, Promotion, PromotionCheck, PromotionFindingKind, PromotionQuery,
    advance_cutoff, latest_patch_tuesday, move_cutoff,
};
use aws_patch_manager::types::{BaselineId, NodeId, OperatingSystem, Patch, PatchComplianceLevel};
use aws_patch_manager::{
    BaselineBuilder, ComplianceQuery, Error, ErrorKind, MemoryBackend, PatchManager, PatchRequest,
    RuleBuilder,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};

const DEVELOPMENT: &str = "i-0de00000000000001";

fn stored(spec: &BaselineSpec) -> PatchBaseline {
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), spec)
}

/// A Windows baseline with a rule for each of these approvals.
fn windows(approvals: &[Approval]) -> PatchBaseline {
    let mut baseline = BaselineBuilder::new("dev-windows", OperatingSystem::Windows);
    for approval in approvals {
        let rule = RuleBuilder::new().classifications(["SecurityUpdates"]);
        baseline = baseline.rule(match *approval {
            Approval::AfterDays(days) => rule.approve_after_days(days),
            Approval::UntilDate(date) => rule.approve_until(date),
        });
    }
    stored(&baseline.build().unwrap())
}

fn cutoffs(spec: &BaselineSpec) -> Vec<Date> {
    let rules = spec.approval_rules.patch_rules.iter();
    rules
        .map(|rule| match rule.approval {
            Some(Approval::UntilDate(date)) => date,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn deb(name: &str, version: &str) -> Patch {
    let patch = Patch::deb(name, version, "amd64").with_product("Ubuntu22.04");
    let mut patch = patch.with_severity("Required");
    patch.repository = Some("jammy-security".to_owned());
    patch.section = Some("web".to_owned());
    patch
}

fn ubuntu() -> PatchBaseline {
    stored(
        &BaselineBuilder::ubuntu_security("dev-ubuntu")
            .build()
            .unwrap(),
    )
}

/// A delay of D days approves what was released before the instant less D days; a cut-off its whole
/// day in UTC (User Guide, auto-approval).
#[test]
fn a_delay_that_ends_at_midnight_is_the_cutoff_of_the_day_before() {
    let may = |day| Approval::UntilDate(date(2026, 5, day));
    for (approval, cutoff) in [
        (Approval::AfterDays(0), date(2026, 5, 17)),
        (Approval::AfterDays(7), date(2026, 5, 10)),
        (Approval::AfterDays(30), date(2026, 4, 17)),
        // What a cut-off approves is limited by the day that is frozen.
        (may(1), date(2026, 5, 1)),
        (may(17), date(2026, 5, 17)),
        (may(31), date(2026, 5, 17)),
    ] {
        let frozen = Promotion::new(&windows(&[approval]), "prod-windows");
        let frozen = frozen.freeze(date(2026, 5, 18)).unwrap();
        assert_eq!(cutoffs(&frozen.spec), [cutoff], "{approval:?}");
        assert!(frozen.is_exact(), "{frozen}");
        assert_eq!(frozen.spec.name, "prod-windows");
    }
}

#[test]
fn a_delay_that_ends_within_a_day_is_rounded_down_and_said() {
    let development = windows(&[
        Approval::AfterDays(7),
        Approval::UntilDate(date(2026, 5, 1)),
    ]);
    let frozen = Promotion::new(&development, "prod-windows");
    let frozen = frozen.freeze_at(instant("2026-05-18T15:30:00Z")).unwrap();
    assert_eq!(cutoffs(&frozen.spec), [date(2026, 5, 10), date(2026, 5, 1)]);
    let [FreezeDeviation::Rounded { rule, until, .. }] = &*frozen.deviations else {
        panic!("{frozen}")
    };
    assert_eq!((*rule, *until), (0, instant("2026-05-11T15:30:00Z")));
    assert!(!frozen.is_exact());
    assert!(frozen.to_string().contains("not exact: rule 0"), "{frozen}");
}

#[test]
fn everything_but_the_dates_the_name_and_the_description_stays() {
    let rule = RuleBuilder::new()
        .classifications(["Security"])
        .enable_non_security(true)
        .approve_after_days(3);
    let spec = BaselineBuilder::new("dev", OperatingSystem::AmazonLinux2023)
        .description("development")
        .rule(rule)
        .reject_patches(["kernel*"])
        .build()
        .unwrap();
    let frozen = Promotion::new(&stored(&spec), "prod").description("promoted");
    let frozen = frozen.freeze(date(2026, 5, 18)).unwrap().spec;
    let mut expected = stored(&spec).to_spec();
    expected.name = "prod".to_owned();
    expected.description = Some("promoted".to_owned());
    expected.approval_rules.patch_rules[0].approval = Some(Approval::UntilDate(date(2026, 5, 14)));
    assert_eq!(frozen, expected);
}

#[test]
fn a_system_without_release_dates_gets_a_list_of_versions() {
    let approved = [deb("curl", "7.81-1"), deb("nginx", "1.18-6")];
    let mut catalog = approved.to_vec();
    let mut other = deb("vim", "8.2");
    other.repository = Some("jammy-updates".to_owned());
    catalog.push(other);
    let frozen = Promotion::new(&ubuntu(), "prod-ubuntu").catalog(catalog.clone());
    let frozen = frozen.freeze(date(2026, 5, 18)).unwrap();
    assert!(frozen.is_exact(), "{frozen}");
    assert!(frozen.spec.approval_rules.patch_rules.is_empty());
    assert_eq!(
        frozen.spec.approved_patches,
        ["curl.amd64:7.81-1", "nginx.amd64:1.18-6"]
    );

    let missing = Promotion::new(&ubuntu(), "prod-ubuntu").freeze(date(2026, 5, 18));
    let missing = missing.unwrap_err();
    assert_eq!(missing.violations()[0].field, "Catalog", "{missing}");

    let many = (0..51).map(|number| deb(&format!("pkg{number}"), "1.0"));
    let many = Promotion::new(&ubuntu(), "prod-ubuntu").catalog(many);
    let many = many.freeze(date(2026, 5, 18)).unwrap_err();
    assert_eq!(many.violations()[0].field, "ApprovedPatches", "{many}");
    assert!(many.to_string().contains("51 are approved"), "{many}");
}

#[test]
fn an_entry_that_names_later_versions_too_is_a_deviation() {
    let spec = BaselineBuilder::new("dev", OperatingSystem::AmazonLinux2023)
        .rule(
            RuleBuilder::new()
                .classifications(["Security"])
                .approve_after_days(0),
        )
        .approve_patches(["curl*"])
        .approve_patches(["ALAS2023-2026-100"]);
    let frozen = Promotion::new(&stored(&spec.build().unwrap()), "prod");
    let frozen = frozen.freeze(date(2026, 5, 18)).unwrap();
    let [FreezeDeviation::OpenEntry { entry }] = &*frozen.deviations else {
        panic!("{frozen}")
    };
    assert_eq!(entry, "curl*");
}

#[test]
fn an_entry_is_open_unless_it_names_a_version_an_advisory_or_an_update() {
    let mut openssl = Patch::default();
    openssl.name = Some("openssl".to_owned());
    openssl.epoch = Some(1);
    openssl.version = Some("3.2.2".to_owned());
    openssl.release = Some("1".to_owned());
    openssl.arch = Some("x86_64".to_owned());
    let linux = &OperatingSystem::AmazonLinux2023;
    for (os, entry, open) in [
        (&OperatingSystem::Windows, "KB5034439", false),
        (&OperatingSystem::Windows, "KB50344*", true),
        (linux, "openssl", true),
        (linux, "openssl.x86_64", true),
        (linux, "openssl-3.2.2-1.x86_64", false),
        (linux, "openssl-3.2*", true),
        (linux, "curl-8.0-1.x86_64", true),
        (linux, "ALAS2023-2026-1", false),
        (linux, "CVE-2026-1234", true),
    ] {
        let spec = BaselineBuilder::new("dev", os.clone()).approve_patches([entry]);
        let frozen = Promotion::new(&stored(&spec.build().unwrap()), "prod")
            .catalog([openssl.clone()])
            .freeze(date(2026, 5, 18))
            .unwrap();
        let reported = frozen
            .deviations
            .iter()
            .any(|one| matches!(one, FreezeDeviation::OpenEntry { .. }));
        assert_eq!(reported, open, "{entry}: {frozen}");
    }
}

#[test]
fn a_cutoff_of_the_original_stays_unless_it_lies_ahead() {
    for (given, frozen_at, expected) in [
        (date(2026, 4, 14), "2026-05-18T12:00:00Z", date(2026, 4, 14)),
        (date(2026, 5, 17), "2026-05-18T00:00:00Z", date(2026, 5, 17)),
        (date(2026, 5, 18), "2026-05-18T00:00:00Z", date(2026, 5, 17)),
        (
            date(9999, 12, 31),
            "2026-05-18T00:00:00Z",
            date(2026, 5, 17),
        ),
    ] {
        let baseline = windows(&[Approval::UntilDate(given)]);
        let frozen = Promotion::new(&baseline, "prod").freeze_at(instant(frozen_at));
        let frozen = frozen.unwrap();
        assert_eq!(cutoffs(&frozen.spec), [expected], "{given}");
        assert!(frozen.is_exact(), "{frozen}");
    }
}

#[test]
fn a_list_has_room_for_fifty_entries_of_a_hundred_characters() {
    for (patches, fits) in [(50, true), (51, false)] {
        let catalog = (0..patches).map(|number| deb(&format!("pkg{number}"), "1.0"));
        let frozen = Promotion::new(&ubuntu(), "prod").catalog(catalog);
        assert_eq!(frozen.freeze(date(2026, 5, 18)).is_ok(), fits, "{patches}");
    }
    // The name and the architecture take eleven characters.
    for (version, fits) in [(89, true), (90, false)] {
        let long = deb("curl", &"1".repeat(version));
        let frozen = Promotion::new(&ubuntu(), "prod").catalog([long]);
        assert_eq!(frozen.freeze(date(2026, 5, 18)).is_ok(), fits, "{version}");
    }
}

/// A list has one level. Where systems have no release dates, those of a catalog say nothing.
#[test]
fn a_list_has_the_highest_level_and_names_each_patch_whose_level_changes() {
    let rule = |section: &str| RuleBuilder::new().sections([section]);
    let spec = BaselineBuilder::new("dev", OperatingSystem::Ubuntu)
        .rule(rule("web"))
        .rule(rule("net").compliance_level(PatchComplianceLevel::High))
        .allow_unlisted_values();
    let in_section = |name: &str, section: &str| {
        let mut patch = deb(name, "1.0");
        patch.section = Some(section.to_owned());
        patch.release_date = Some(instant("2026-06-01T00:00:00Z"));
        patch
    };
    let frozen = Promotion::new(&stored(&spec.build().unwrap()), "prod")
        .catalog([in_section("curl", "web"), in_section("nginx", "net")])
        .freeze(date(2026, 5, 18))
        .unwrap();
    let level = frozen.spec.approved_patches_compliance_level;
    assert_eq!(level, Some(PatchComplianceLevel::High));
    let raised = FreezeDeviation::Level {
        patch: "curl.amd64:1.0".to_owned(),
        before: PatchComplianceLevel::Unspecified,
        after: PatchComplianceLevel::High,
    };
    assert_eq!(frozen.deviations, [raised]);
}

#[test]
fn what_is_wrong_with_a_promotion_is_said_at_once() {
    let refused = Promotion::new(&windows(&[Approval::AfterDays(3)]), "a b").description("");
    let refused = refused.freeze(date(2026, 5, 18)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    let fields: Vec<&str> = refused.violations().iter().map(|one| &*one.field).collect();
    assert_eq!(fields, ["Name", "Description"]);

    let first = Promotion::new(&windows(&[Approval::AfterDays(360)]), "prod");
    let first = first.freeze(Date::MIN).unwrap_err();
    assert_eq!(first.kind(), ErrorKind::InvalidInput, "{first}");
}

#[test]
fn cutoffs_advance_together_and_keep_their_distance() {
    let may = |day| Approval::UntilDate(date(2026, 5, day));
    let frozen = windows(&[may(12), may(5), Approval::AfterDays(90)]);
    let moved = advance_cutoff(&frozen, date(2026, 6, 9)).unwrap();
    let rules = &moved.spec.approval_rules.patch_rules;
    assert_eq!(
        rules[0].approval,
        Some(Approval::UntilDate(date(2026, 6, 9)))
    );
    assert_eq!(
        rules[1].approval,
        Some(Approval::UntilDate(date(2026, 6, 2)))
    );
    assert_eq!(rules[2].approval, Some(Approval::AfterDays(90)));
    assert_eq!(moved.differences.len(), 2, "{moved}");

    let same: MovedCutoff = advance_cutoff(&frozen, date(2026, 5, 12)).unwrap();
    assert_eq!(same.to_string(), "dev-windows: unchanged");
}

#[test]
fn a_cutoff_moves_back_only_if_asked() {
    let frozen = windows(&[Approval::UntilDate(date(2026, 5, 12))]);
    let refused = |error: Error| error.violations()[0].clone();
    let back = refused(advance_cutoff(&frozen, date(2026, 5, 11)).unwrap_err());
    assert_eq!(back.field, "ApproveUntilDate");
    assert_eq!(back.value, "2026-05-11");
    let moved = move_cutoff(&frozen, date(2026, 5, 11)).unwrap();
    assert_eq!(cutoffs(&moved.spec), [date(2026, 5, 11)]);

    let delays = windows(&[Approval::AfterDays(3)]);
    for none in [&delays, &ubuntu()] {
        advance_cutoff(none, date(2026, 5, 11)).unwrap_err();
        move_cutoff(none, date(2026, 5, 11)).unwrap_err();
    }
    let ends = windows(&[
        Approval::UntilDate(date(2026, 5, 12)),
        Approval::UntilDate(Date::MAX),
    ]);
    move_cutoff(&ends, Date::MIN).unwrap_err();
}

#[test]
fn the_latest_patch_tuesday_is_the_second_of_its_month() {
    for (on, days, expected) in [
        (date(2026, 5, 12), 0, date(2026, 5, 12)),
        (date(2026, 5, 11), 0, date(2026, 4, 14)),
        (date(2026, 5, 13), 1, date(2026, 5, 13)),
        (date(2026, 1, 1), 0, date(2025, 12, 9)),
        (date(2026, 5, 12), 28, date(2026, 5, 12)),
        (date(2026, 5, 12), 255, date(2026, 4, 24)),
    ] {
        assert_eq!(
            latest_patch_tuesday(on, days).unwrap(),
            expected,
            "{on} {days}"
        );
    }
    latest_patch_tuesday(Date::MIN, 0).unwrap_err();
}

/// An account with one Windows node that installs by a baseline of this delay.
async fn development(days: u32) -> (MemoryBackend, PatchManager, BaselineId) {
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![FleetNode::windows_server_2022(DEVELOPMENT)];
    let account = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&account);
    let rule = RuleBuilder::new()
        .classifications(["SecurityUpdates"])
        .approve_after_days(days);
    let spec = BaselineBuilder::new("dev-windows", OperatingSystem::Windows).rule(rule);
    let id = manager
        .ensure_baseline(&spec.build().unwrap())
        .await
        .unwrap()
        .id;
    manager.set_default_baseline(&id).await.unwrap();
    (account, manager, id)
}

async fn install(manager: &PatchManager) {
    let request = PatchRequest::install().nodes([NodeId::new(DEVELOPMENT)]);
    let run = manager.run(&request).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 3600)
}

fn nodes() -> ComplianceQuery {
    ComplianceQuery::nodes([NodeId::new(DEVELOPMENT)])
}

fn kinds(check: &PromotionCheck) -> Vec<PromotionFindingKind> {
    let mut kinds: Vec<_> = check.findings.iter().map(|finding| finding.kind).collect();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn what_is_frozen_is_ready_after_its_days_and_not_before() {
    let (account, manager, id) = development(3).await;
    let today = jiff::tz::TimeZone::UTC
        .to_datetime(account.clock().now())
        .date();
    let original = manager.baseline(&id).await.unwrap();
    let frozen = Promotion::new(&original, "prod-windows")
        .freeze(today)
        .unwrap();
    let query = PromotionQuery::new(&id, &frozen.spec, nodes());

    let never = manager.check_promotion(&query).await.unwrap();
    assert!(!never.is_ready(), "{never}");
    assert_eq!((never.nodes, never.unknown_nodes), (0, 1));

    install(&manager).await;
    let early = manager.check_promotion(&query).await.unwrap();
    assert_eq!(
        early.findings[0].kind,
        PromotionFindingKind::TooRecent,
        "{early}"
    );
    assert!(!early.is_ready());
    assert_eq!(early.findings[0].nodes, 1);

    account.advance(days(7));
    let ready = manager.check_promotion(&query).await.unwrap();
    assert!(ready.is_ready(), "{ready}");
    assert!(ready.proven > 0);
    assert_eq!(ready.of_kind(PromotionFindingKind::TooRecent).count(), 0);
    let counts = format!(
        "Patches that production would get: {} run for 7 days or more, 0 not.",
        ready.proven
    );
    let text = ready.to_string();
    assert!(
        text.starts_with("Promotion of dev-windows to prod-windows: ready at "),
        "{text}"
    );
    assert!(
        text.contains(&counts) && text.contains("Nodes: 1 reported."),
        "{text}"
    );
    assert!(
        early.to_string().contains("prod-windows: not ready at "),
        "{early}"
    );
    let markdown = ready.to_markdown();
    assert!(markdown.contains("\n\nReady at "), "{markdown}");
    assert!(markdown.contains("prod-windows"), "{markdown}");
}

#[tokio::test]
async fn a_patch_that_only_production_approves_is_named_with_the_reason() {
    let (account, manager, id) = development(30).await;
    install(&manager).await;
    account.advance(days(8));
    let rule = RuleBuilder::new()
        .classifications(["SecurityUpdates"])
        .approve_after_days(0);
    let eager = BaselineBuilder::new("prod", OperatingSystem::Windows).rule(rule);
    let query = PromotionQuery::new(&id, &eager.build().unwrap(), nodes());
    let check = manager.check_promotion(&query).await.unwrap();
    assert!(!check.is_ready(), "{check}");
    let ahead: Vec<_> = check.of_kind(PromotionFindingKind::NotApproved).collect();
    assert!(!ahead.is_empty(), "{check}");
    assert!(ahead.iter().all(|finding| !finding.reasons.is_empty()));
}

#[tokio::test]
async fn what_development_ran_and_production_would_not_get_is_named() {
    let (account, manager, id) = development(0).await;
    install(&manager).await;
    account.advance(days(7));
    let old = windows(&[Approval::UntilDate(date(2000, 1, 1))]);
    let query = PromotionQuery::new(&id, &old, nodes());
    let check = manager.check_promotion(&query).await.unwrap();
    assert_eq!(
        kinds(&check),
        [PromotionFindingKind::NotPromoted],
        "{check}"
    );
    assert_eq!(check.proven, 0);
    assert!(check.is_ready(), "it blocks nothing: {check}");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_is_not_ready() {
    let (account, manager, id) = development(0).await;
    install(&manager).await;
    account.advance(days(7));
    for operation in [
        Operation::DescribeInstancePatches,
        Operation::DescribeAvailablePatches,
    ] {
        account.faults().throttle(operation);
        let query = PromotionQuery::new(&id, &id, nodes());
        let check = manager.check_promotion(&query).await.unwrap();
        assert_eq!(check.failures.len(), 1, "{check}");
        assert!(!check.is_ready(), "{operation}");
    }
}

#[tokio::test]
async fn a_query_is_refused_before_any_call_and_baselines_of_two_systems_after_reading() {
    let (account, manager, id) = development(0).await;
    let calls = Faults::new();
    let backend = layered(std::sync::Arc::new(account.clone()), calls.clone());
    let watched = PatchManager::builder()
        .backend(std::sync::Arc::new(backend))
        .clock(account.clock())
        .build();
    let malformed = [BaselineId::new("pb-1"), BaselineId::new("pb-2")];
    let query = PromotionQuery::new(&malformed[0], &malformed[1], nodes());
    let refused = watched.check_promotion(&query).await.unwrap_err();
    assert_eq!(refused.violations().len(), 2, "{refused}");
    assert!(calls.calls().is_empty());

    let query = PromotionQuery::new(&id, ubuntu(), nodes());
    let refused = manager.check_promotion(&query).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
}

#[tokio::test]
async fn the_plan_of_a_query_counts_the_calls_that_it_makes() {
    let (account, manager, id) = development(0).await;
    install(&manager).await;
    let product = account.clone();
    let calls = Faults::new();
    let backend = layered(std::sync::Arc::new(product), calls.clone());
    let watched = PatchManager::builder()
        .backend(std::sync::Arc::new(backend))
        .clock(account.clock())
        .build();
    let query = PromotionQuery::new(&id, &id, nodes());
    watched.check_promotion(&query).await.unwrap();
    let made = calls.calls();
    for step in query.explain(1, 50).steps {
        let of = made.iter().filter(|call| call.as_str() == step.operation);
        assert_eq!(of.count(), step.calls, "{}: {made:?}", step.operation);
    }
}

#[tokio::test]
async fn a_patch_is_proven_once_its_days_are_over_to_the_second() {
    let (_, manager, id) = development(3).await;
    install(&manager).await;
    let query = PromotionQuery::new(&id, &id, nodes());
    let early = manager.check_promotion(&query).await.unwrap();
    let recent: Vec<_> = early.of_kind(PromotionFindingKind::TooRecent).collect();
    let (patch, since) = (&recent[0].patch, recent[0].since.unwrap());
    let end = since + days(7);
    for (at, expected) in [(end - Duration::from_secs(1), true), (end, false)] {
        let check = manager
            .check_promotion(&query.clone().at(at))
            .await
            .unwrap();
        let mut recent = check.of_kind(PromotionFindingKind::TooRecent);
        assert_eq!(recent.any(|one| one.patch == *patch), expected, "{check}");
    }
}

#[tokio::test]
async fn what_is_approved_since_the_last_scan_is_not_run_and_says_so() {
    let (account, manager, id) = development(3).await;
    install(&manager).await;
    account.advance(days(7));
    let query = PromotionQuery::new(&id, &id, nodes());
    let check = manager.check_promotion(&query).await.unwrap();
    assert_eq!(
        kinds(&check),
        [PromotionFindingKind::NotInstalled],
        "{check}"
    );
    assert_eq!(
        check.findings[0].reasons,
        ["no node was scanned since its approval"]
    );
    assert!(!check.is_ready());
}

#[tokio::test]
async fn a_failed_install_blocks() {
    let mut fleet = FleetFile::default();
    let mut node = FleetNode::windows_server_2022(DEVELOPMENT);
    node.failing_patches = vec!["KB5090034".to_owned()];
    fleet.nodes = vec![node];
    let account = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&account);
    let baseline = windows(&[Approval::AfterDays(3)]);
    let id = manager.create_baseline(baseline.to_spec()).await.unwrap();
    manager.set_default_baseline(&id).await.unwrap();
    let request = PatchRequest::install().nodes([NodeId::new(DEVELOPMENT)]);
    let run = manager.run(&request).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();

    let query = PromotionQuery::new(&id, &id, nodes()).min_days(0);
    let check = manager.check_promotion(&query).await.unwrap();
    let failed: Vec<_> = check.of_kind(PromotionFindingKind::InstallFailed).collect();
    assert_eq!(failed.len(), 1, "{check}");
    assert_eq!(failed[0].patch, "KB5090034");
    assert!(!check.is_ready());
}

#[tokio::test]
async fn on_linux_the_version_counts_and_what_no_node_has_does_not_block() {
    let mut fleet = FleetFile::default();
    let openssl = InstalledPackage::rpm("openssl", 1, "3.2.2", "1.amzn2023.0.3", "x86_64");
    fleet.nodes = vec![FleetNode::amazon_linux_2023(DEVELOPMENT).with_installed(openssl)];
    let account = MemoryBackend::builder().fleet(fleet).build();
    let manager = PatchManager::from_memory(&account);
    let rule = RuleBuilder::new()
        .classifications(["Security"])
        .approve_after_days(0);
    let spec = BaselineBuilder::new("dev", OperatingSystem::AmazonLinux2023).rule(rule);
    let id = manager
        .create_baseline(spec.build().unwrap())
        .await
        .unwrap();
    manager.set_default_baseline(&id).await.unwrap();
    let scan = PatchRequest::scan().nodes([NodeId::new(DEVELOPMENT)]);
    let run = manager.run(&scan).await.unwrap();
    run.wait(Duration::from_secs(4 * 3600)).await.unwrap();

    let query = PromotionQuery::new(&id, &id, nodes());
    let check = manager.check_promotion(&query).await.unwrap();
    assert_eq!(
        kinds(&check),
        [
            PromotionFindingKind::NotInstalled,
            PromotionFindingKind::NotApplicable
        ],
        "{check}"
    );
    let missing: Vec<_> = check.of_kind(PromotionFindingKind::NotInstalled).collect();
    assert_eq!(missing.len(), 1, "{check}");
    assert_eq!(missing[0].title, "openssl.x86_64:1:3.2.2-1.amzn2023.0.4");

    install(&manager).await;
    // Production would get a version that development has gone past.
    let mut older = Patch::default();
    older.name = Some("openssl".to_owned());
    older.epoch = Some(1);
    older.version = Some("3.2.2".to_owned());
    older.release = Some("1.amzn2023.0.1".to_owned());
    older.arch = Some("x86_64".to_owned());
    older.product = Some("AmazonLinux2023".to_owned());
    older.classification = Some("Security".to_owned());
    older.severity = Some("Important".to_owned());
    let check = manager
        .check_promotion(&query.catalog([older]))
        .await
        .unwrap();
    assert_eq!(
        kinds(&check),
        [PromotionFindingKind::NewerInstalled],
        "{check}"
    );
}

#[tokio::test]
async fn what_has_run_and_the_catalog_lacks_is_unjudged() {
    let (account, manager, id) = development(3).await;
    install(&manager).await;
    account.advance(days(8));
    let query = PromotionQuery::new(&id, &id, nodes()).catalog([]);
    let check = manager.check_promotion(&query).await.unwrap();
    assert!(check.findings.is_empty(), "{check}");
    assert!(!check.unjudged.is_empty(), "{check}");
}
