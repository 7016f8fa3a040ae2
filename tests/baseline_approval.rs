//! What a baseline approves, when, and for which reason.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::BaselineBuilder;
use aws_patch_manager::baseline::approval::{
    ApprovalDecision, ApprovalVerdict, ApprovedBy, CompiledBaseline, NotApprovedReason, evaluate,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchAction, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey,
};
use aws_patch_manager::types::{OperatingSystem, Patch, PatchComplianceLevel};
use jiff::Timestamp;
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

// API reference, PatchRule, ApproveAfterDays: released 2025-11-09T18:00:00Z with 7 days is approved
// after 2025-11-16T18:00:00Z. Nodes compare the same way: release < now - days.
#[test]
fn a_delay_counts_from_the_instant_of_release_and_approves_after_it() {
    let released = with(kernel(), "ReleaseDate", "2025-11-09T18:00:00Z".into());
    for os in [
        OperatingSystem::AmazonLinux2023,
        OperatingSystem::AmazonLinux2,
        OperatingSystem::Suse,
    ] {
        let baseline = baseline(os.clone(), vec![rule(&[SECURITY], 7)]);
        for (instant, approved) in [
            ("2025-11-16T00:00:00Z", false),
            ("2025-11-16T17:59:59Z", false),
            ("2025-11-16T18:00:00Z", false),
            ("2025-11-16T18:00:00.001Z", true),
            ("2025-11-16T18:00:01Z", true),
        ] {
            let verdict = evaluate(&baseline, &released, at(instant));
            assert_eq!(verdict.is_approved(), approved, "{os} {instant}: {verdict}");
        }
    }
}

// User Guide, the CLI examples of DescribeEffectivePatchesForPatchBaseline: ReleaseDate 1384279200
// and 5 days make the ApprovalDate 1384711200. The time of day stays.
#[test]
fn the_approval_date_is_the_release_plus_the_days_with_its_time_of_day() {
    let five_days = baseline(OperatingSystem::Windows, vec![rule(&[], 5)]);
    let kb = patch(serde_json::json!({"KbNumber": "KB2876331", "ReleaseDate": 1384279200}));
    let date = Timestamp::from_second(1_384_711_200).unwrap();
    let ApprovalVerdict::Pending { until, .. } = evaluate(&five_days, &kb, date) else {
        panic!("not pending");
    };
    assert_eq!(until, date);
    let later = evaluate(&five_days, &kb, at("2026-01-01T00:00:00Z"));
    let ApprovalVerdict::Approved { since, .. } = later else {
        panic!("{later}");
    };
    assert_eq!(since, Some(date));
}

// A rule of before delays were demanded has none; nodes take that as 0 days.
#[test]
fn a_rule_without_delay_or_date_approves_once_the_patch_is_out() {
    let mut undelayed = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[SECURITY], 0)]);
    undelayed.approval_rules.patch_rules[0].approval = None;
    for (instant, approved) in [
        ("2026-07-07T18:30:00Z", false),
        ("2026-07-07T18:30:01Z", true),
    ] {
        let verdict = evaluate(&undelayed, &kernel(), at(instant));
        assert_eq!(verdict.is_approved(), approved, "{instant}: {verdict}");
    }
}

#[test]
fn a_verdict_prints_the_instant_and_not_the_day_alone() {
    let week = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[SECURITY], 7)]);
    for (instant, text) in [
        (
            "2026-07-14T00:00:00Z",
            "pending until 2026-07-14T18:30:00Z by rule 0",
        ),
        (
            "2026-07-15T00:00:00Z",
            "approved by rule 0 since 2026-07-14T18:30:00Z",
        ),
    ] {
        assert_eq!(evaluate(&week, &kernel(), at(instant)).to_string(), text);
    }
}

#[test]
fn a_pending_verdict_names_the_rule_that_approves_first_and_when() {
    let rules = vec![rule(&[SECURITY], 30), rule(&[SECURITY], 7)];
    let baseline = baseline(OperatingSystem::AmazonLinux2023, rules);
    let ApprovalVerdict::Pending { rule, until, .. } =
        evaluate(&baseline, &kernel(), at("2026-07-08T00:00:00Z"))
    else {
        panic!("not pending");
    };
    assert_eq!((rule, until), (1, at("2026-07-14T18:30:00Z")));
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
        let expected = ApprovalVerdict::Pending {
            rule: 0,
            until: at("2026-07-14T18:30:00Z"),
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
            let ApprovalVerdict::Approved { since, .. } = verdict else {
                panic!("{verdict}");
            };
            since
        };
        assert_eq!(since(&baseline), Some(at("2026-07-08T18:30:00Z")));
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
        matches!(verdict, ApprovalVerdict::Approved { since: None, .. }),
        "{verdict}"
    );
}

// User Guide, selecting patches: a notice without classification or severity comes into question with
// EnableNonSecurity only. Nodes with yum (Amazon Linux 1 and 2, release 7 of the others) never asked
// for the severity; nodes with dnf do, and take an empty text for one.
// User Guide, prerequisites: the repositories of CentOS and CentOS Stream have no update notices.
#[test]
fn the_preset_of_centos_approves_packages_without_a_notice() {
    let openssl = patch(serde_json::json!({
        "Name": "openssl", "Epoch": 1, "Version": "1.0.2k", "Release": "26.el7_9", "Arch": "x86_64",
        "Product": "CentOS7.9", "ReleaseDate": "2026-01-07T18:30:00Z"
    }));
    for (os, approved) in [
        (OperatingSystem::Centos, true),
        (OperatingSystem::RedhatEnterpriseLinux, false),
    ] {
        let spec = BaselineBuilder::security("preset", os.clone(), 7).build();
        let stored = PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec.unwrap());
        let verdict = evaluate(&stored, &openssl, at("2026-08-01T00:00:00Z"));
        assert_eq!(verdict.is_approved(), approved, "{os}: {verdict}");
    }
}

#[test]
fn without_enable_non_security_each_tool_admits_what_it_calls_security() {
    let of = |product: &str, classification: Option<&str>, severity: Option<&str>| {
        let patch = with(kernel(), "Product", product.into());
        let patch = with(patch, "Classification", classification.into());
        with(patch, "Severity", severity.into())
    };
    let unclassified = with(kernel(), "Classification", serde_json::Value::Null);
    let from = |archive: &str| patch(serde_json::json!({"Name": "vim", "Repository": archive}));
    use OperatingSystem::{
        AlmaLinux, AmazonLinux, AmazonLinux2, AmazonLinux2023, Centos, Debian, OracleLinux,
        RedhatEnterpriseLinux, RockyLinux, Suse, Ubuntu, Windows,
    };
    let security = Some("Security");
    let table = [
        (AmazonLinux2023, unclassified.clone(), false),
        (
            AmazonLinux2023,
            of("AmazonLinux2023", Some("Bugfix"), Some("None")),
            true,
        ),
        (
            AmazonLinux2023,
            of("AmazonLinux2023", security, None),
            false,
        ),
        (
            AmazonLinux2023,
            of("AmazonLinux2023", security, Some("")),
            true,
        ),
        (
            RedhatEnterpriseLinux,
            of("RedhatEnterpriseLinux8.10", security, None),
            false,
        ),
        (
            RedhatEnterpriseLinux,
            of("RedhatEnterpriseLinux10.0", security, None),
            false,
        ),
        (
            RedhatEnterpriseLinux,
            of("RedhatEnterpriseLinux", security, None),
            false,
        ),
        (OracleLinux, of("OracleLinux9.3", security, None), false),
        (Centos, of("CentOS8.5", security, None), false),
        (RockyLinux, of("RockyLinux9.3", security, None), false),
        (AlmaLinux, of("AlmaLinux9.3", security, None), false),
        (AmazonLinux, of("AmazonLinux2018.03", security, None), true),
        (AmazonLinux2, of("AmazonLinux2", security, None), true),
        (
            RedhatEnterpriseLinux,
            of("RedhatEnterpriseLinux7.9", security, None),
            true,
        ),
        (OracleLinux, of("OracleLinux7.9", security, None), true),
        (Centos, of("CentOS7.9", security, None), true),
        (
            AmazonLinux2,
            of("AmazonLinux2", None, Some("Critical")),
            false,
        ),
        (Ubuntu, from("jammy-updates"), false),
        (Ubuntu, from("jammy-security"), true),
        (Ubuntu, from("Jammy-Security"), true),
        (Debian, from("debian-security bookworm"), true),
        (Suse, unclassified.clone(), true),
        (Windows, patch(serde_json::json!({"KbNumber": "KB1"})), true),
    ];
    for (os, patch, admitted) in table {
        let mut open = baseline(os.clone(), vec![rule(&[], 0)]);
        let closed = evaluate(&open, &patch, at("2026-08-01T00:00:00Z"));
        assert_eq!(closed.is_approved(), admitted, "{os} {patch:?}: {closed}");
        open.approval_rules.patch_rules[0].enable_non_security = Some(true);
        assert!(
            evaluate(&open, &patch, at("2026-08-01T00:00:00Z")).is_approved(),
            "{os}"
        );
    }
}

// AWS-DefaultPatchBaseline has no PATCH_SET, AWS-WindowsPredefinedPatchBaseline-OS has PATCH_SET=OS, and the
// User Guide (predefined baselines) calls the two identical.
#[test]
fn a_windows_rule_without_patch_set_is_about_windows_only() {
    use PatchFilterKey as Key;
    let update = |family: Option<&str>, product: Option<&str>| {
        patch(serde_json::json!({
            "KbNumber": "KB5900001", "ProductFamily": family, "Product": product,
            "Classification": "SecurityUpdates", "MsrcSeverity": "Critical"
        }))
    };
    let office = update(Some("Office"), Some("Office 2016"));
    let sql_server = update(Some("SQL Server"), Some("Microsoft SQL Server 2019"));
    let office_without_family = update(None, Some("Office 2016"));
    let windows = update(Some("Windows"), Some("WindowsServer2019"));
    let windows_without_family = update(None, Some("WindowsServer2025"));
    let defender = update(None, Some("MicrosoftDefenderAntivirus"));
    let of_nothing = update(None, None);
    let rules: [&[(Key, &[&str])]; 4] = [
        &[],
        &[(Key::Classification, &["SecurityUpdates"])],
        &[(Key::Product, &["*"])],
        &[(Key::ProductFamily, &["*"])],
    ];
    let now = at("2026-08-01T00:00:00Z");
    for filters in rules {
        let without = baseline(OperatingSystem::Windows, vec![rule(filters, 0)]);
        for application in [&office, &sql_server, &office_without_family] {
            let reasons = vec![NotApprovedReason::NotOperatingSystem { rule: 0 }];
            let verdict = evaluate(&without, application, now);
            assert_eq!(
                verdict,
                ApprovalVerdict::NotApproved { reasons },
                "{filters:?}"
            );
        }
        for (set, of_system, of_application) in [
            ("OS", true, false),
            ("APPLICATION", false, true),
            ("*", true, true),
        ] {
            let set = [set];
            let filters = [filters, &[(Key::PatchSet, set.as_slice())]].concat();
            let with_set = baseline(OperatingSystem::Windows, vec![rule(&filters, 0)]);
            let approves = |patch: &Patch| evaluate(&with_set, patch, now).is_approved();
            assert_eq!(approves(&office), of_application, "{filters:?}");
            assert_eq!(approves(&windows), of_system, "{filters:?}");
        }
        for system in [&windows, &windows_without_family, &defender, &of_nothing] {
            let verdict = evaluate(&without, system, now);
            assert!(verdict.is_approved(), "{filters:?} {system:?}: {verdict}");
        }
    }
    let mut listed = baseline(OperatingSystem::Windows, Vec::new());
    listed.approved_patches = vec!["KB5900001".to_owned()];
    assert!(evaluate(&listed, &office, now).is_approved());
}

// AWS-WindowsPredefinedPatchBaseline-OS-Applications has such a rule, and approves all applications by it.
#[test]
fn a_rule_of_the_application_set_alone_approves_every_application() {
    let set: (PatchFilterKey, &[&str]) = (PatchFilterKey::PatchSet, &["APPLICATION"]);
    let applications = baseline(OperatingSystem::Windows, vec![rule(&[set], 7)]);
    for (family, approved) in [("Office", true), ("SQL Server", true), ("Windows", false)] {
        let update = patch(serde_json::json!({"KbNumber": "KB1", "ProductFamily": family}));
        let verdict = evaluate(&applications, &update, at("2026-08-01T00:00:00Z"));
        assert_eq!(verdict.is_approved(), approved, "{family}: {verdict}");
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
    let medium = with(kernel(), "Severity", "Medium".into());
    let empty_severity = with(kernel(), "Severity", "".into());
    use OperatingSystem::{AmazonLinux2 as Al2, AmazonLinux2023 as Al, RockyLinux, Suse};
    use OperatingSystem::{Ubuntu, Windows};
    let table: Vec<(OperatingSystem, &Patch, Key, &str, bool)> = vec![
        // User Guide, rules for Linux: Medium is Moderate on Amazon Linux 2023, and of no other is it said.
        (Al, &moderate, Key::Severity, "Medium", true),
        (Al, &medium, Key::Severity, "moderate", true),
        (Al2, &moderate, Key::Severity, "Medium", false),
        (RockyLinux, &moderate, Key::Severity, "Medium", false),
        (Suse, &medium, Key::Severity, "Moderate", false),
        // Node code: yum writes a notice's words in title case and compares them exactly.
        (Al2, &medium, Key::Severity, "Medium", true),
        (Al2, &medium, Key::Severity, "medium", false),
        (Al, &medium, Key::Severity, "medium", true),
        (Al, &moderate, Key::Severity, "Important", false),
        // User Guide, selecting patches: what lacks a severity still has to meet the rule's severities.
        (Al, &no_severity, Key::Severity, "Critical", false),
        (Al2, &no_severity, Key::Severity, "Critical", false),
        (Al, &empty_severity, Key::Severity, "None", false),
        (Al2, &no_severity, Key::Severity, "*", true),
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
        (Windows, &office, Key::PatchSet, "OS", false),
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

// User Guide, selecting patches: with EnableNonSecurity a package without a rating "must still meet the
// user-specified patch baseline rules"; without it, it is no candidate.
#[test]
fn an_unrated_notice_passes_a_severity_filter_only_by_a_star_and_enable_non_security() {
    use OperatingSystem::{AmazonLinux2023, RedhatEnterpriseLinux, RockyLinux};
    let unrated = with(kernel(), "Severity", serde_json::Value::Null);
    let rated: &[&str] = &["Critical", "Important"];
    for os in [AmazonLinux2023, RedhatEnterpriseLinux, RockyLinux] {
        for (severities, open, approved) in [
            (rated, false, false),
            (rated, true, false),
            (&["*"], false, false),
            (&["*"], true, true),
        ] {
            let mut rule = rule(&[SECURITY, (PatchFilterKey::Severity, severities)], 0);
            rule.enable_non_security = Some(open);
            let patch = with(unrated.clone(), "Product", os.as_str().into());
            let baseline = baseline(os.clone(), vec![rule]);
            let verdict = evaluate(&baseline, &patch, at("2026-08-01T00:00:00Z"));
            let case = format!("{os} {severities:?} {open}: {verdict}");
            assert_eq!(verdict.is_approved(), approved, "{case}");
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
        "[^k]ernel",
        "[]k]ernel",
        "[!]]ernel",
    ];
    let notices = ["ALAS2023-2026-901", "CVE-2026-90001", "424242"];
    for entry in forms.iter().chain(&notices) {
        let mut listed = baseline(OperatingSystem::AmazonLinux2023, Vec::new());
        listed.approved_patches = vec![(*entry).to_owned()];
        let verdict = evaluate(&listed, &kernel(), at("2026-07-07T19:00:00Z"));
        assert!(verdict.is_approved(), "{entry}: {verdict}");

        let mut rejecting = baseline(OperatingSystem::AmazonLinux2023, vec![rule(&[], 0)]);
        rejecting.rejected_patches = vec![(*entry).to_owned()];
        let verdict = evaluate(&rejecting, &kernel(), at("2026-08-01T00:00:00Z"));
        let rejected = matches!(verdict, ApprovalVerdict::Rejected { .. });
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
        "[^a]ernel",
        "[^]]ernel",
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

// User Guide, package name formats: wildcards are for packages. Nodes of 2021 compared the ids of notices
// as they stand.
#[test]
fn the_id_of_a_notice_is_taken_whole_and_in_its_own_letter_case() {
    for entry in [
        "cve-2026-90001",
        "CVE-2026-*",
        "CVE-2026-9000?",
        "alas2023-2026-901",
        "ALAS2023-2026-*",
        "42424?",
    ] {
        let mut listed = baseline(OperatingSystem::AmazonLinux2023, Vec::new());
        listed.approved_patches = vec![entry.to_owned()];
        let verdict = evaluate(&listed, &kernel(), at("2026-08-01T00:00:00Z"));
        assert!(!verdict.is_approved(), "{entry}: {verdict}");
    }
}

// Shell patterns on yum, dnf and apt; zypper's nodes read an entry as an expression.
#[test]
fn a_caret_negates_a_class_on_zypper_only() {
    use OperatingSystem::{AmazonLinux2, AmazonLinux2023, Suse, Ubuntu};
    for (os, others, itself) in [
        (AmazonLinux2, false, true),
        (AmazonLinux2023, false, true),
        (Ubuntu, false, true),
        (Suse, true, false),
    ] {
        for (entry, listed) in [("[^a]ernel", others), ("[^k]ernel", itself)] {
            let mut rejecting = baseline(os.clone(), Vec::new());
            rejecting.rejected_patches = vec![entry.to_owned()];
            let verdict = evaluate(&rejecting, &kernel(), at("2026-08-01T00:00:00Z"));
            let rejected = matches!(verdict, ApprovalVerdict::Rejected { .. });
            assert_eq!(rejected, listed, "{os} {entry}: {verdict}");
        }
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
        "Title": "SUSE-SLE-Module-Basesystem-15-SP5-2026-901", "Id": "SUSE-2026-901"
    }));
    for entry in [
        "openssl-1.1.1l-150400.7.60.1.x86_64.rpm",
        "openssl-1.1.1l-*.rpm",
        "*.rpm",
        "SUSE-2026-901",
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
    let expected = ApprovalVerdict::Rejected {
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
    let dropped = ApprovalVerdict::NotApproved {
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
    let ApprovalVerdict::Approved { level, by, .. } = verdict else {
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
    assert_eq!(verdict, ApprovalVerdict::NotApproved { reasons });
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
        ApprovalVerdict::NotApproved {
            reasons: vec![NotApprovedReason::NothingApproves]
        }
    );
    let all = baseline(OperatingSystem::Windows, vec![rule(&[], 0)]);
    assert!(evaluate(&all, &Patch::default(), at("2026-08-01T00:00:00Z")).is_approved());
}

// The service takes 50 entries and 10 rules; plain data may have more.
#[test]
fn baselines_beyond_the_service_s_bounds_are_judged_too() {
    let mut spec = BaselineSpec::new("large", OperatingSystem::AmazonLinux2023);
    spec.rejected_patches = (0..200).map(|number| format!("package-{number}")).collect();
    let rule = |number: usize| {
        let value = format!("Kind{number}");
        let filter = PatchFilter::new(PatchFilterKey::Classification, [value.as_str()]);
        let mut rule =
            ApprovalRule::new(PatchFilterGroup::new(vec![filter]), Approval::AfterDays(0));
        rule.enable_non_security = Some(true);
        rule
    };
    spec.approval_rules = ApprovalRules::new((0..200).map(rule).collect());
    let compiled = CompiledBaseline::new(&PatchBaseline::from_spec(
        "pb-0123456789abcdef0".into(),
        &spec,
    ));
    let at = at("2026-07-14T18:00:00Z");
    for number in [0, 63, 64, 65, 127, 128, 199, 200] {
        let mut patch = Patch::default();
        patch.name = Some(format!("package-{number}"));
        let rejected = compiled.decide(&patch, at) != ApprovalDecision::NotApproved;
        assert_eq!(rejected, number < 200, "entry {number}");
        patch.name = Some("another".to_owned());
        patch.classification = Some(format!("Kind{number}"));
        let by = match compiled.evaluate(&patch, at) {
            ApprovalVerdict::Approved { by, .. } => by,
            _ => Vec::new(),
        };
        let expected = (number < 200).then_some(ApprovedBy::Rule(number));
        assert_eq!(by, Vec::from_iter(expected), "rule {number}");
    }
}

// The service takes 55 filters at most; a set of bits in the crate has room for 64.
#[test]
fn every_filter_counts_however_many_a_baseline_has() {
    let other = rule(&[(PatchFilterKey::Name, &["vim"])], 0);
    let only = rule(
        &[
            (PatchFilterKey::Arch, &["x86_64", "aarch64"]),
            (PatchFilterKey::Classification, &["*"]),
            (PatchFilterKey::Name, &["kernel"]),
        ],
        0,
    );
    let now = at("2026-08-01T00:00:00Z");
    for others in [0, 60, 61, 62, 63, 64, 65, 200] {
        let mut rules = vec![other.clone(); others];
        rules.push(only.clone());
        let many = baseline(OperatingSystem::AmazonLinux2023, rules);
        let compiled = CompiledBaseline::new(&many);
        let verdict = evaluate(&many, &kernel(), now);
        let expected = format!("approved by rule {others} since 2026-07-07T18:30:00Z");
        assert_eq!(verdict.to_string(), expected);
        assert_eq!(compiled.evaluate(&kernel(), now), verdict);
        assert!(compiled.decide(&kernel(), now).is_approved());
        let bash = with(kernel(), "Name", "bash".into());
        let refused = compiled.evaluate(&bash, now);
        let last = format!("rule {others}: filter 2 does not pass it");
        assert!(refused.to_string().ends_with(&last), "{refused}");
        assert_eq!(evaluate(&many, &bash, now), refused);
    }
}
