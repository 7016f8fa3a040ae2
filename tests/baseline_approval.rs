//! What a baseline approves, when, and for which reason.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::baseline::approval::{
    ApprovedBy, DelayRule, NotApprovedReason, Verdict, evaluate, evaluate_with,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchAction, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey,
};
use aws_patch_manager::types::{OperatingSystem, Patch, PatchComplianceLevel};
use support::values::{at, patch};

fn rule(filters: &[(PatchFilterKey, &[&str])], days: u32) -> ApprovalRule {
    let filters = filters
        .iter()
        .map(|(key, values)| PatchFilter::new(key.clone(), values.iter().copied()))
        .collect();
    ApprovalRule::new(PatchFilterGroup::new(filters), Approval::AfterDays(days))
}

fn baseline(os: OperatingSystem, rules: Vec<ApprovalRule>) -> PatchBaseline {
    let mut spec = BaselineSpec::new("test", os);
    spec.approval_rules = ApprovalRules::new(rules);
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec)
}

fn kernel() -> Patch {
    patch(serde_json::json!({
        "Name": "kernel", "Epoch": 0, "Version": "6.1.90", "Release": "99.amzn2023", "Arch": "x86_64",
        "Product": "AmazonLinux2023", "Classification": "Security", "Severity": "Important",
        "AdvisoryIds": ["ALAS2023-2026-901"], "CVEIds": ["CVE-2026-90001"], "BugzillaIds": ["424242"],
        "ReleaseDate": "2026-07-07T18:30:00Z", "Repository": "amazonlinux"
    }))
}

fn with(mut base: Patch, member: &str, value: serde_json::Value) -> Patch {
    let mut json = serde_json::to_value(&base).unwrap();
    json[member] = value;
    base = serde_json::from_value(json).unwrap();
    base
}

const SECURITY: (PatchFilterKey, &[&str]) = (PatchFilterKey::Classification, &["Security"]);

#[test]
fn a_delay_counts_whole_utc_days_by_default_and_elapsed_hours_on_request() {
    let baseline = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[SECURITY], 7)]);
    let table = [
        ("2026-07-13T23:59:59Z", DelayRule::UtcDay, false),
        ("2026-07-14T00:00:00Z", DelayRule::UtcDay, true),
        ("2026-07-14T18:29:59Z", DelayRule::Elapsed, false),
        ("2026-07-14T18:30:00Z", DelayRule::Elapsed, true),
    ];
    for (instant, counted, approved) in table {
        let verdict = evaluate_with(&baseline, &kernel(), at(instant), counted);
        assert_eq!(
            verdict.is_approved(),
            approved,
            "{instant} {counted:?}: {verdict}"
        );
    }
}

#[test]
fn a_pending_verdict_names_the_rule_that_approves_first_and_when() {
    let rules = vec![rule(&[SECURITY], 30), rule(&[SECURITY], 7)];
    let baseline = baseline(OperatingSystem::AmazonLinux2023, rules);
    let Verdict::Pending { rule, until, .. } =
        evaluate(&baseline, &kernel(), at("2026-07-08T00:00:00Z"))
    else {
        panic!("not pending");
    };
    assert_eq!((rule, until), (1, at("2026-07-14T00:00:00Z")));
}

#[test]
fn of_rules_that_fall_due_together_the_highest_level_counts() {
    use PatchComplianceLevel::{High, Low};
    for (first, second) in [(Low, High), (High, Low)] {
        let mut rules = vec![rule(&[SECURITY], 7), rule(&[SECURITY], 7)];
        rules[0].compliance_level = Some(first);
        rules[1].compliance_level = Some(second);
        let mut later = rule(&[SECURITY], 30);
        later.compliance_level = Some(PatchComplianceLevel::Critical);
        rules.push(later);
        let baseline = baseline(OperatingSystem::AmazonLinux2023, rules);
        let verdict = evaluate(&baseline, &kernel(), at("2026-07-08T00:00:00Z"));
        let expected = Verdict::Pending {
            rule: 0,
            until: at("2026-07-14T00:00:00Z"),
            level: High,
        };
        assert_eq!(verdict, expected);
    }
}

#[test]
fn approved_since_the_earliest_approval_and_since_no_date_where_the_list_approves_too() {
    for days in [[7, 1], [1, 7]] {
        let rules = days.map(|days| rule(&[SECURITY], days)).to_vec();
        let mut baseline = baseline(OperatingSystem::AmazonLinux2023, rules);
        let since = |baseline: &PatchBaseline| {
            let verdict = evaluate(baseline, &kernel(), at("2026-08-01T00:00:00Z"));
            let Verdict::Approved { since, .. } = verdict else {
                panic!("{verdict}");
            };
            since
        };
        assert_eq!(since(&baseline), Some(at("2026-07-08T00:00:00Z")));
        baseline.approved_patches = vec!["kernel".to_owned()];
        assert_eq!(since(&baseline), None);
    }
}

#[test]
fn a_cutoff_date_includes_its_own_day() {
    let mut baseline = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[SECURITY], 0)]);
    for (cutoff, approved) in [("2026-07-06", false), ("2026-07-07", true)] {
        baseline.approval_rules.patch_rules[0].approval =
            Some(Approval::UntilDate(cutoff.parse().unwrap()));
        let verdict = evaluate(&baseline, &kernel(), at("2026-08-01T00:00:00Z"));
        assert_eq!(verdict.is_approved(), approved, "{cutoff}: {verdict}");
    }
}

#[test]
fn a_patch_without_a_date_has_waited_long_enough() {
    let baseline = baseline(
        OperatingSystem::AmazonLinux2023,
        vec![rule(&[SECURITY], 360)],
    );
    let undated = with(kernel(), "ReleaseDate", serde_json::Value::Null);
    assert!(evaluate(&baseline, &undated, at("2026-07-08T00:00:00Z")).is_approved());
}

#[test]
fn apt_approves_at_once_whatever_the_delay() {
    let baseline = baseline(
        OperatingSystem::Ubuntu,
        vec![rule(&[(PatchFilterKey::Priority, &["Important"])], 360)],
    );
    let openssl = patch(serde_json::json!({
        "Name": "openssl", "Version": "3.0.2-0ubuntu1.99", "Arch": "amd64", "Priority": "important",
        "Repository": "jammy-security", "ReleaseDate": "2026-07-07T00:00:00Z"
    }));
    let verdict = evaluate(&baseline, &openssl, at("2026-07-07T01:00:00Z"));
    assert!(
        matches!(verdict, Verdict::Approved { since: None, .. }),
        "{verdict}"
    );
}

#[test]
fn without_enable_non_security_each_tool_admits_what_it_calls_security() {
    let unclassified = with(kernel(), "Classification", serde_json::Value::Null);
    let bugfix = with(kernel(), "Classification", "Bugfix".into());
    let from_updates = patch(serde_json::json!({"Name": "vim", "Repository": "jammy-updates"}));
    let from_security = patch(serde_json::json!({"Name": "vim", "Repository": "jammy-security"}));
    let table = [
        (OperatingSystem::AmazonLinux2023, &unclassified, false),
        (OperatingSystem::AmazonLinux2023, &bugfix, true),
        (OperatingSystem::Ubuntu, &from_updates, false),
        (OperatingSystem::Ubuntu, &from_security, true),
        (OperatingSystem::Suse, &unclassified, true),
        (OperatingSystem::Windows, &unclassified, true),
    ];
    for (os, patch, admitted) in table {
        let mut open = baseline(os.clone(), vec![rule(&[], 0)]);
        let closed = evaluate(&open, patch, at("2026-08-01T00:00:00Z"));
        assert_eq!(closed.is_approved(), admitted, "{os}: {closed}");
        open.approval_rules.patch_rules[0].enable_non_security = Some(true);
        assert!(
            evaluate(&open, patch, at("2026-08-01T00:00:00Z")).is_approved(),
            "{os}"
        );
    }
}

#[test]
fn values_match_as_each_package_tool_compares_them() {
    use PatchFilterKey as Key;
    let windows = patch(serde_json::json!({
        "KbNumber": "KB5090001", "Product": "WindowsServer2022", "ProductFamily": "Windows",
        "Classification": "SecurityUpdates", "MsrcSeverity": "Critical"
    }));
    let office = with(windows.clone(), "ProductFamily", "Office".into());
    let no_family = with(windows.clone(), "ProductFamily", "".into());
    let ubuntu = patch(serde_json::json!({
        "Name": "libc6", "Product": "Ubuntu22.04", "Priority": "required", "Section": "libs",
        "Repository": "jammy-security"
    }));
    let moderate = with(kernel(), "Severity", "Moderate".into());
    let no_severity = with(kernel(), "Severity", serde_json::Value::Null);
    let in_no_notice = with(
        no_severity.clone(),
        "Classification",
        serde_json::Value::Null,
    );
    use OperatingSystem::{AmazonLinux2023 as Al, Suse, Ubuntu, Windows};
    let table: Vec<(OperatingSystem, &Patch, Key, &str, bool)> = vec![
        (Al, &moderate, Key::Severity, "Medium", true),
        (Al, &moderate, Key::Severity, "Important", false),
        (Al, &no_severity, Key::Severity, "Critical", true),
        (Al, &no_severity, Key::Severity, "*", true),
        (Suse, &no_severity, Key::Severity, "Critical", false),
        (Al, &in_no_notice, Key::Severity, "Critical", false),
        (Al, &no_severity, Key::Classification, "security", true),
        (Al, &no_severity, Key::Product, "amazonlinux2023", false),
        (Ubuntu, &ubuntu, Key::Product, "ubuntu22.04", true),
        (Ubuntu, &ubuntu, Key::Priority, "Required", true),
        (Ubuntu, &ubuntu, Key::Section, "LIBS", true),
        (Ubuntu, &ubuntu, Key::Section, "net", false),
        (Windows, &windows, Key::PatchSet, "OS", true),
        (Windows, &windows, Key::PatchSet, "APPLICATION", false),
        (Windows, &office, Key::PatchSet, "APPLICATION", true),
        (Windows, &no_family, Key::PatchSet, "OS", true),
        (Windows, &windows, Key::MsrcSeverity, "critical", true),
        (Windows, &windows, Key::Product, "WindowsServer2019", false),
        (Windows, &windows, Key::Product, "windowsserver2022", false),
        (Windows, &windows, Key::Product, "*", true),
    ];
    for (os, patch, key, value, passes) in table {
        // Whether it is a security patch is another question.
        let mut rule = rule(&[(key.clone(), &[value])], 0);
        rule.enable_non_security = Some(true);
        let baseline = baseline(os.clone(), vec![rule]);
        let verdict = evaluate(&baseline, patch, at("2026-08-01T00:00:00Z"));
        assert_eq!(
            verdict.is_approved(),
            passes,
            "{os} {key}={value}: {verdict}"
        );
    }
}

#[test]
fn one_star_among_several_values_passes_everything() {
    let no_product = with(kernel(), "Product", serde_json::Value::Null);
    for (values, passes) in [
        (["AmazonLinux2", "*"].as_slice(), true),
        (&["*", "AmazonLinux2"], true),
        (&["AmazonLinux2", "Amazon*"], false),
    ] {
        let rules = vec![rule(&[(PatchFilterKey::Product, values)], 0)];
        let baseline = baseline(OperatingSystem::AmazonLinux2023, rules);
        for patch in [&kernel(), &no_product] {
            let verdict = evaluate(&baseline, patch, at("2026-08-01T00:00:00Z"));
            assert_eq!(verdict.is_approved(), passes, "{values:?}: {verdict}");
        }
    }
}

#[test]
fn only_an_rpm_list_takes_the_ids_of_notices() {
    use OperatingSystem::{AmazonLinux2023, Suse, Ubuntu, Windows};
    for entry in ["ALAS2023-2026-901", "CVE-2026-90001", "424242"] {
        for (os, approved) in [
            (AmazonLinux2023, true),
            (Suse, false),
            (Ubuntu, false),
            (Windows, false),
        ] {
            let mut listed = baseline(os.clone(), Vec::new());
            listed.approved_patches = vec![entry.to_owned()];
            listed.approved_patches_enable_non_security = true;
            let verdict = evaluate(&listed, &kernel(), at("2026-08-01T00:00:00Z"));
            assert_eq!(verdict.is_approved(), approved, "{os} {entry}: {verdict}");
        }
    }
}

#[test]
fn every_form_of_a_name_is_found_in_a_list() {
    let forms = [
        "kernel",
        "kernel.x86_64",
        "kernel-6.1.90-99.amzn2023.x86_64",
        "kernel-6.1.90",
        "kernel-6.1.90-99.amzn2023",
        "0:kernel-6.1.90-99.amzn2023.x86_64",
        "kernel-0:6.1.90-99.amzn2023.x86_64",
        "kernel-0:6.1.90-99.amzn2023",
        "6.1.90",
        "6.1.90-99.amzn2023",
        "0:6.1.90-99.amzn2023",
        "kernel.x86_64:0:6.1.90-99.amzn2023",
        "kernel-6.1.*.amzn2023.x86_64",
        "KERNEL",
        "kern?l",
        "[a-k]ernel",
        "[!a]ernel",
        "[^a]ernel",
        "[]k]ernel",
        "[!]]ernel",
        "[^]]ernel",
    ];
    let notices = [
        "ALAS2023-2026-901",
        "CVE-2026-90001",
        "424242",
        "alas2023-2026-*",
    ];
    for entry in forms.iter().chain(&notices) {
        let mut listed = baseline(OperatingSystem::AmazonLinux2023, Vec::new());
        listed.approved_patches = vec![(*entry).to_owned()];
        let verdict = evaluate(&listed, &kernel(), at("2026-07-07T19:00:00Z"));
        assert!(verdict.is_approved(), "{entry}: {verdict}");

        let mut rejecting = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[], 0)]);
        rejecting.rejected_patches = vec![(*entry).to_owned()];
        let verdict = evaluate(&rejecting, &kernel(), at("2026-08-01T00:00:00Z"));
        let rejected = matches!(verdict, Verdict::Rejected { .. });
        assert_eq!(
            rejected,
            forms.contains(entry),
            "rejected {entry}: {verdict}"
        );
    }
}

#[test]
fn a_pattern_is_anchored_at_both_ends() {
    for entry in [
        "kern",
        "ernel",
        "*.aarch64",
        "kernel-5.*",
        "[!k]ernel",
        "[^k]ernel",
        "[]]ernel",
        "[^]k]ernel",
        "[z-a]ernel",
        "",
    ] {
        let mut listed = baseline(OperatingSystem::AmazonLinux2023, Vec::new());
        listed.approved_patches = vec![entry.to_owned()];
        let verdict = evaluate(&listed, &kernel(), at("2026-07-07T19:00:00Z"));
        assert!(!verdict.is_approved(), "{entry}: {verdict}");
    }
}

#[test]
fn a_windows_list_takes_kb_numbers_and_bulletins() {
    let kb = patch(serde_json::json!({"KbNumber": "KB2032276", "MsrcNumber": "MS10-048"}));
    for entry in ["KB2032276", "MS10-048"] {
        let mut listed = baseline(OperatingSystem::Windows, Vec::new());
        listed.rejected_patches = vec![entry.to_owned()];
        let verdict = evaluate(&listed, &kb, at("2026-08-01T00:00:00Z"));
        assert_eq!(
            verdict.to_string(),
            format!("rejected by list entry `{entry}`")
        );
    }
}

#[test]
fn a_suse_list_takes_package_files_and_whole_patches() {
    let package = patch(serde_json::json!({
        "Name": "openssl", "Version": "1.1.1l", "Release": "150400.7.60.1", "Arch": "x86_64",
        "Title": "SUSE-SLE-Module-Basesystem-15-SP5-2026-901"
    }));
    for entry in [
        "openssl-1.1.1l-150400.7.60.1.x86_64.rpm",
        "openssl-1.1.1l-*.rpm",
        "SUSE-SLE-Module-Basesystem-15-SP5-2026-901",
        "openssl",
    ] {
        let mut listed = baseline(OperatingSystem::Suse, Vec::new());
        listed.approved_patches = vec![entry.to_owned()];
        let verdict = evaluate(&listed, &package, at("2026-08-01T00:00:00Z"));
        assert!(verdict.is_approved(), "{entry}: {verdict}");
    }
}

#[test]
fn the_rejected_list_wins_over_rules_and_the_approved_list() {
    let mut both = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[], 0)]);
    both.approved_patches = vec!["kernel".to_owned()];
    both.rejected_patches = vec!["kernel*".to_owned()];
    both.rejected_patches_action = PatchAction::Block;
    let verdict = evaluate(&both, &kernel(), at("2026-08-01T00:00:00Z"));
    let expected = Verdict::Rejected {
        entry: "kernel*".to_owned(),
        action: PatchAction::Block,
    };
    assert_eq!(verdict, expected);
}

#[test]
fn the_approved_list_bypasses_global_filters_and_rules_do_not() {
    let mut filtered = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[], 0)]);
    filtered.global_filters.patch_filters =
        vec![PatchFilter::new(PatchFilterKey::Product, ["AmazonLinux2"])];
    let verdict = evaluate(&filtered, &kernel(), at("2026-08-01T00:00:00Z"));
    let dropped = Verdict::NotApproved {
        reasons: vec![NotApprovedReason::GlobalFilter(0)],
    };
    assert_eq!(verdict, dropped);

    filtered.approved_patches = vec!["kernel".to_owned()];
    assert!(evaluate(&filtered, &kernel(), at("2026-08-01T00:00:00Z")).is_approved());
}

#[test]
fn the_highest_level_of_all_that_approve_counts() {
    let mut low = rule(&[SECURITY], 0);
    low.compliance_level = Some(PatchComplianceLevel::Low);
    let mut high = rule(&[SECURITY], 1);
    high.compliance_level = Some(PatchComplianceLevel::High);
    let mut levelled = baseline(OperatingSystem::AmazonLinux2023, vec![low, high]);
    levelled.approved_patches = vec!["kernel".to_owned()];
    levelled.approved_patches_compliance_level = PatchComplianceLevel::Medium;
    let verdict = evaluate(&levelled, &kernel(), at("2026-08-01T00:00:00Z"));
    let Verdict::Approved { level, by, .. } = verdict else {
        panic!("{verdict}");
    };
    assert_eq!(level, PatchComplianceLevel::High);
    let expected = [
        ApprovedBy::ListEntry("kernel".to_owned()),
        ApprovedBy::Rule(0),
        ApprovedBy::Rule(1),
    ];
    assert_eq!(by, expected);
}

#[test]
fn a_listed_patch_outside_the_notices_needs_the_lists_own_flag() {
    let unclassified = with(kernel(), "Classification", serde_json::Value::Null);
    let mut listed = baseline(OperatingSystem::AmazonLinux2023, Vec::new());
    listed.approved_patches = vec!["kernel".to_owned()];
    let verdict = evaluate(&listed, &unclassified, at("2026-08-01T00:00:00Z"));
    assert_eq!(
        verdict.to_string(),
        "not approved: approved list entry `kernel`: admits security patches only"
    );
    listed.approved_patches_enable_non_security = true;
    assert!(evaluate(&listed, &unclassified, at("2026-08-01T00:00:00Z")).is_approved());
}

#[test]
fn each_rule_says_why_it_does_not_approve() {
    let rules = vec![
        rule(&[(PatchFilterKey::Severity, &["Critical"])], 0),
        rule(&[SECURITY, (PatchFilterKey::Product, &["AmazonLinux2"])], 0),
    ];
    let verdict = evaluate(
        &baseline(OperatingSystem::AmazonLinux2023, rules),
        &kernel(),
        at("2026-08-01T00:00:00Z"),
    );
    let reasons = vec![
        NotApprovedReason::RuleFilter { rule: 0, filter: 0 },
        NotApprovedReason::RuleFilter { rule: 1, filter: 1 },
    ];
    assert_eq!(verdict, Verdict::NotApproved { reasons });
}

#[test]
fn a_baseline_without_rules_approves_nothing_and_a_rule_without_filters_everything() {
    let none = evaluate(
        &baseline(OperatingSystem::Windows, Vec::new()),
        &Patch::default(),
        at("2026-08-01T00:00:00Z"),
    );
    assert_eq!(
        none,
        Verdict::NotApproved {
            reasons: vec![NotApprovedReason::NothingApproves]
        }
    );
    let all = baseline(OperatingSystem::Windows, vec![rule(&[], 0)]);
    assert!(evaluate(&all, &Patch::default(), at("2026-08-01T00:00:00Z")).is_approved());
}
