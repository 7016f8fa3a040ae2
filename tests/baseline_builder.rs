//! What the builder refuses, what it warns of, and that nothing of CreatePatchBaseline is out of reach.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::CreatePatchBaseline;
use aws_patch_manager::baseline::{
    Approval, BaselineSpec, OsRules, PatchAction, PatchBaseline, PatchFilterKey, PatchSource,
};
use aws_patch_manager::types::{ComplianceStatus, OperatingSystem, PatchComplianceLevel};
use aws_patch_manager::{BaselineBuilder, ErrorKind, RuleBuilder, Violation};
use support::environment;

fn windows() -> BaselineBuilder {
    BaselineBuilder::new("prod-windows", OperatingSystem::Windows)
}

fn refused(builder: BaselineBuilder) -> Vec<Violation> {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    error.violations().to_vec()
}

fn fields(violations: &[Violation]) -> Vec<&str> {
    violations
        .iter()
        .map(|violation| violation.field.as_str())
        .collect()
}

#[test]
fn each_kind_of_bad_input_is_refused_with_its_field_and_what_is_legal() {
    let rule = || RuleBuilder::new().approve_after_days(7);
    let linux = || BaselineBuilder::new("prod-linux", OperatingSystem::AmazonLinux2023);
    let ubuntu = || BaselineBuilder::new("prod-ubuntu", OperatingSystem::Ubuntu);
    let source = |name: &str, config: &str| PatchSource::new(name, ["*"], config);
    let named = |name: String| BaselineBuilder::new(name, OperatingSystem::Windows);
    let filters = "ApprovalRules.PatchRules[0].PatchFilterGroup.PatchFilters";
    let five = [
        Key::Product,
        Key::PatchSet,
        Key::ProductFamily,
        Key::Classification,
        Key::PatchId,
    ]
    .into_iter()
    .fold(rule(), |rule, key| rule.filter(key, ["*"]));
    use PatchFilterKey as Key;
    let table: Vec<(BaselineBuilder, String, &str)> = vec![
        (named("ab".into()), "Name".into(), "3 to 128"),
        (named("a".repeat(129)), "Name".into(), "3 to 128"),
        (named("with space".into()), "Name".into(), "a-zA-Z0-9_-."),
        (windows().description(""), "Description".into(), "1 to 1024"),
        (
            windows().description("d".repeat(1025)),
            "Description".into(),
            "1 to 1024",
        ),
        (
            (0..11).fold(windows(), |b, _| b.rule(rule())),
            "ApprovalRules.PatchRules".into(),
            "at most 10",
        ),
        (windows().rule(five), filters.into(), "at most 4"),
        (
            windows().rule(rule().products(Vec::<String>::new())),
            format!("{filters}[0].Values"),
            "1 to 20",
        ),
        (
            windows().rule(rule().products(vec!["*"; 21])),
            format!("{filters}[0].Values"),
            "1 to 20",
        ),
        (
            windows().rule(rule().products(["p".repeat(65)])),
            format!("{filters}[0].Values[0]"),
            "1 to 64",
        ),
        (
            windows().rule(rule().products(["a"]).products(["b"])),
            format!("{filters}[1].Key"),
            "each key once",
        ),
        (
            windows().rule(RuleBuilder::new().approve_after_days(361)),
            "ApprovalRules.PatchRules[0].ApproveAfterDays".into(),
            "0 to 360",
        ),
        (
            windows().rule(rule().approve_until("2026-01-31".parse().unwrap())),
            "ApprovalRules.PatchRules[0]".into(),
            "not both",
        ),
        (
            windows().rule(RuleBuilder::new()),
            "ApprovalRules.PatchRules[0]".into(),
            "needs ApproveAfterDays",
        ),
        (
            ubuntu().rule(rule().msrc_severities(["Critical"])),
            format!("{filters}[0].Key"),
            "PRIORITY",
        ),
        (
            windows().rule(rule().msrc_severities(["critical"])),
            format!("{filters}[0].Values[0]"),
            "`Critical` is meant",
        ),
        (
            linux().rule(rule().severities(["Severe"])),
            format!("{filters}[0].Values[0]"),
            "Critical, Important",
        ),
        (
            windows().rule(rule().patch_set("APPLICATION")),
            filters.into(),
            "PRODUCT filter",
        ),
        (
            windows().source(source("repo", "x")),
            "Sources".into(),
            "Linux only",
        ),
        (
            linux().source(source("no", "x")),
            "Sources[0].Name".into(),
            "3 to 50",
        ),
        (
            linux().source(source("repo", "")),
            "Sources[0].Configuration".into(),
            "1 to 1024",
        ),
        (
            windows().approve_patches(vec!["KB1"; 51]),
            "ApprovedPatches".into(),
            "at most 50",
        ),
        (
            windows().reject_patches(vec!["KB1"; 51]),
            "RejectedPatches".into(),
            "at most 50",
        ),
        (
            windows().reject_patches([""]),
            "RejectedPatches[0]".into(),
            "1 to 100",
        ),
        (
            windows().rule(rule().enable_non_security(true)),
            "ApprovalRules.PatchRules[0].EnableNonSecurity".into(),
            "Linux and macOS",
        ),
        (
            windows().approved_patches_enable_non_security(true),
            "ApprovedPatchesEnableNonSecurity".into(),
            "Linux and macOS",
        ),
        (
            linux().available_security_updates_compliance_status(ComplianceStatus::Compliant),
            "AvailableSecurityUpdatesComplianceStatus".into(),
            "WINDOWS only",
        ),
        (
            windows().tag("aws:owner", "me"),
            "Tags[0].Key".into(),
            "reserved",
        ),
        (
            windows().tag("team", "a").tag("team", "b"),
            "Tags[1].Key".into(),
            "each key once",
        ),
        (
            windows().tag("team", "a*b"),
            "Tags[0]".into(),
            "letters, digits",
        ),
        (
            windows().global_filter(Key::Section, ["libs"]),
            "GlobalFilters.PatchFilters[0].Key".into(),
            "PRODUCT",
        ),
        (
            windows().approved_patches_compliance_level("critical".into()),
            "ApprovedPatchesComplianceLevel".into(),
            "CRITICAL, HIGH",
        ),
        (
            windows().rejected_patches_action("DENY".into()),
            "RejectedPatchesAction".into(),
            "BLOCK",
        ),
        (
            BaselineBuilder::new("prod", "windows".into()),
            "OperatingSystem".into(),
            "`WINDOWS` is meant",
        ),
    ];
    for (builder, field, legal) in table {
        let violations = refused(builder);
        assert!(
            violations
                .iter()
                .any(|v| v.field == field && v.legal.contains(legal)),
            "{field} / {legal}: {violations:#?}"
        );
        assert_eq!(violations.len(), 1, "{field}: {violations:#?}");
    }
}

#[test]
fn all_violations_are_reported_together() {
    let builder = BaselineBuilder::new("ab", OperatingSystem::Ubuntu)
        .rule(
            RuleBuilder::new()
                .msrc_severities(["critical"])
                .approve_after_days(361),
        )
        .approve_patches(vec!["vim"; 51]);
    let violations = refused(builder.clone());
    assert_eq!(
        fields(&violations),
        [
            "Name",
            "ApprovedPatches",
            "ApprovalRules.PatchRules[0].PatchFilterGroup.PatchFilters[0].Key",
            "ApprovalRules.PatchRules[0].ApproveAfterDays",
        ]
    );
    let text = builder.build().unwrap_err().to_string();
    for violation in &violations {
        assert!(text.contains(&violation.to_string()), "{text}");
    }
}

#[test]
fn days_and_date_of_an_input_file_are_reported_beside_everything_else() {
    let json = r#"{
        "Name": "ab", "OperatingSystem": "WINDOWS",
        "ApprovalRules": {"PatchRules": [{
            "PatchFilterGroup": {"PatchFilters": []},
            "ApproveAfterDays": 7, "ApproveUntilDate": "2026-02-30"
        }]}
    }"#;
    let violations = refused(BaselineBuilder::from_json(json).unwrap());
    assert_eq!(
        fields(&violations),
        [
            "Name",
            "ApprovalRules.PatchRules[0]",
            "ApprovalRules.PatchRules[0].ApproveUntilDate",
        ]
    );
}

#[test]
fn text_that_is_not_a_baseline_is_refused_without_a_panic() {
    for json in [
        "",
        "[]",
        "{\"Name\": 7}",
        "{\"ApprovalRules\": 7}",
        "{\"Sources\": [{}]}",
        "null",
    ] {
        let error = BaselineBuilder::from_json(json).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{json}");
    }
}

#[test]
fn the_configuration_of_a_source_is_never_quoted() {
    let secret = "deb https://user:hunter2@repo.example ".repeat(40);
    let builder = BaselineBuilder::new("prod", OperatingSystem::Ubuntu).source(PatchSource::new(
        "repo",
        ["*"],
        secret,
    ));
    assert!(!format!("{builder:?}").contains("hunter2"));
    let error = builder.build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn an_unlisted_product_is_a_warning_and_another_unlisted_value_needs_permission() {
    let unlisted = || {
        windows().rule(
            RuleBuilder::new()
                .products(["WindowsServer2031", "WindowsServer2022"])
                .classifications(["Previews"])
                .approve_after_days(7),
        )
    };
    assert_eq!(refused(unlisted()).len(), 1);
    let spec = unlisted().allow_unlisted_values().build().unwrap();
    let warnings = spec.warnings();
    let values: Vec<_> = warnings
        .iter()
        .map(|warning| warning.value.as_str())
        .collect();
    assert_eq!(values, ["WindowsServer2031"]);
}

#[test]
fn what_is_legal_and_useless_is_a_warning() {
    let rule = |days| RuleBuilder::new().approve_after_days(days);
    let os = |os| BaselineBuilder::new("prod", os);
    let cutoff = RuleBuilder::new().approve_until("2026-01-31".parse().unwrap());
    let table = [
        (
            os(OperatingSystem::Ubuntu).rule(rule(7)),
            "ApprovalRules.PatchRules[0].ApproveAfterDays",
        ),
        (
            os(OperatingSystem::Debian).rule(cutoff),
            "ApprovalRules.PatchRules[0].ApproveUntilDate",
        ),
        (
            os(OperatingSystem::Windows).rule(rule(31)),
            "ApprovalRules.PatchRules[0].ApproveAfterDays",
        ),
        (
            os(OperatingSystem::Macos).rule(rule(7).enable_non_security(true)),
            "ApprovalRules.PatchRules[0].EnableNonSecurity",
        ),
        (
            os(OperatingSystem::AmazonLinux2023).reject_patches(["CVE-2026-1"]),
            "RejectedPatches[0]",
        ),
        (
            os(OperatingSystem::RockyLinux).reject_patches(["ok", "424242"]),
            "RejectedPatches[1]",
        ),
    ];
    for (builder, field) in table {
        let warnings = builder.build().unwrap().warnings();
        assert_eq!(
            warnings
                .iter()
                .map(|w| w.field.as_str())
                .collect::<Vec<_>>(),
            [field]
        );
    }
    let quiet = windows()
        .rule(rule(30).products(["*"]))
        .reject_patches(["KB1"])
        .build()
        .unwrap();
    assert_eq!(quiet.warnings(), []);
}

#[test]
fn apt_rules_get_the_delay_that_the_service_demands_and_ignores() {
    let spec = BaselineBuilder::new("prod", OperatingSystem::Ubuntu)
        .rule(RuleBuilder::new().priorities(["Required"]))
        .build()
        .unwrap();
    assert_eq!(
        spec.approval_rules.patch_rules[0].approval,
        Some(Approval::AfterDays(0))
    );
}

#[test]
fn an_operating_system_of_tomorrow_is_not_second_guessed() {
    let spec = BaselineBuilder::new("prod", "AMAZON_LINUX_2029".into())
        .rule(
            RuleBuilder::new()
                .severities(["Dire"])
                .sections(["x"])
                .approve_after_days(1),
        )
        .build()
        .unwrap();
    assert_eq!(spec.operating_system().as_str(), "AMAZON_LINUX_2029");
}

#[test]
fn every_preset_builds_without_a_warning_on_every_operating_system() {
    let presets = [
        BaselineBuilder::windows_critical_and_security("preset", 7),
        BaselineBuilder::amazon_linux_2023_security("preset", 7),
        BaselineBuilder::amazon_linux_2023_security_and_bugfix("preset", 7),
        BaselineBuilder::ubuntu_security("preset"),
        BaselineBuilder::red_hat_security("preset", 7),
    ];
    let security = OperatingSystem::KNOWN
        .iter()
        .map(|os| BaselineBuilder::security("preset", os.clone(), 0));
    for preset in presets.into_iter().chain(security) {
        let spec = preset.build().unwrap();
        assert_eq!(spec.warnings(), [], "{spec:?}");
        assert!(!spec.approval_rules.is_empty());
    }
}

#[test]
fn each_operating_system_allows_the_keys_its_package_tool_evaluates() {
    use PatchFilterKey as Key;
    let windows = [
        Key::PatchSet,
        Key::Product,
        Key::ProductFamily,
        Key::Classification,
        Key::MsrcSeverity,
        Key::PatchId,
    ];
    for os in OperatingSystem::KNOWN {
        let expected: &[Key] = match os {
            OperatingSystem::Windows => &windows,
            OperatingSystem::Ubuntu | OperatingSystem::Debian | OperatingSystem::Raspbian => {
                &[Key::Product, Key::Priority, Key::Section]
            }
            OperatingSystem::Macos => &[Key::Product, Key::Classification],
            _ => &[Key::Product, Key::Classification, Key::Severity],
        };
        let rules = OsRules::of(os);
        assert_eq!(rules.keys(), expected, "{os}");
        let linux = !matches!(os, OperatingSystem::Windows | OperatingSystem::Macos);
        assert_eq!(rules.supports_sources(), linux, "{os}");
        let windows = *os == OperatingSystem::Windows;
        assert_eq!(rules.supports_available_security_updates(), windows, "{os}");
        assert_eq!(rules.supports_non_security(), !windows, "{os}");
    }
}

/// A way through the builder to each member of CreatePatchBaseline.
fn paths() -> Vec<(&'static str, CreatePatchBaseline)> {
    let linux = || BaselineBuilder::new("prod-linux", OperatingSystem::AmazonLinux2023);
    let built = |builder: BaselineBuilder| CreatePatchBaseline::new(builder.build().unwrap());
    let rule = RuleBuilder::new()
        .classifications(["Security"])
        .approve_after_days(7);
    vec![
        ("OperatingSystem", built(linux())),
        ("Name", built(linux())),
        (
            "GlobalFilters",
            built(linux().global_filter(PatchFilterKey::Product, ["*"])),
        ),
        ("ApprovalRules", built(linux().rule(rule))),
        (
            "ApprovedPatches",
            built(linux().approve_patches(["kernel"])),
        ),
        (
            "ApprovedPatchesComplianceLevel",
            built(linux().approved_patches_compliance_level(PatchComplianceLevel::High)),
        ),
        (
            "ApprovedPatchesEnableNonSecurity",
            built(linux().approved_patches_enable_non_security(true)),
        ),
        ("RejectedPatches", built(linux().reject_patches(["kernel"]))),
        (
            "RejectedPatchesAction",
            built(linux().rejected_patches_action(PatchAction::Block)),
        ),
        ("Description", built(linux().description("nightly"))),
        (
            "Sources",
            built(linux().source(PatchSource::new("repo", ["*"], "[repo]"))),
        ),
        (
            "AvailableSecurityUpdatesComplianceStatus",
            built(
                windows()
                    .available_security_updates_compliance_status(ComplianceStatus::NonCompliant),
            ),
        ),
        ("ClientToken", built(linux()).with_client_token("token")),
        ("Tags", built(linux().tag("team", "platform"))),
    ]
}

#[test]
fn every_member_of_create_patch_baseline_has_a_path() {
    for (member, request) in paths() {
        let set = match member {
            "ClientToken" => request.client_token.is_some(),
            _ => serde_json::to_value(&request.spec)
                .unwrap()
                .get(member)
                .is_some(),
        };
        assert!(set, "{member} is not set by its path");
    }
}

#[test]
fn the_paths_and_the_enums_are_those_of_the_service_model() {
    let Some(model) = environment::ssm_model() else {
        return;
    };
    let members = model["shapes"]["CreatePatchBaselineRequest"]["members"]
        .as_object()
        .unwrap();
    let mut modelled: Vec<_> = members.keys().map(String::as_str).collect();
    let mut ours: Vec<_> = paths().into_iter().map(|(member, _)| member).collect();
    modelled.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, modelled);

    let of = |shape: &str| -> Vec<String> {
        serde_json::from_value(model["shapes"][shape]["enum"].clone()).unwrap()
    };
    let text = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let known = [
        (
            "OperatingSystem",
            text(OperatingSystem::KNOWN.iter().map(|v| v.as_str()).collect()),
        ),
        (
            "PatchFilterKey",
            text(PatchFilterKey::KNOWN.iter().map(|v| v.as_str()).collect()),
        ),
        (
            "PatchComplianceLevel",
            text(
                PatchComplianceLevel::KNOWN
                    .iter()
                    .map(|v| v.as_str())
                    .collect(),
            ),
        ),
        (
            "PatchAction",
            text(PatchAction::KNOWN.iter().map(|v| v.as_str()).collect()),
        ),
        (
            "PatchComplianceStatus",
            text(ComplianceStatus::KNOWN.iter().map(|v| v.as_str()).collect()),
        ),
    ];
    for (shape, mut ours) in known {
        let mut modelled = of(shape);
        modelled.sort();
        ours.sort();
        assert_eq!(ours, modelled, "{shape}");
    }
}

#[test]
fn products_are_known_by_their_form_and_a_slip_is_told_on_every_operating_system() {
    use OperatingSystem as Os;
    let table = [
        (Os::Windows, "WindowsServer2025", "WindowServer2025"),
        (Os::AmazonLinux, "AmazonLinux2012.03", "Amazon2012.03"),
        (Os::AmazonLinux2, "AmazonLinux2.0", "AmazonLinux"),
        (Os::AmazonLinux2022, "AmazonLinux2022", "AmazonLinux2023"),
        (Os::AmazonLinux2023, "AmazonLinux2023", "AmazonLinux2"),
        (
            Os::RedhatEnterpriseLinux,
            "RedhatEnterpriseLinux8.*",
            "RHEL8",
        ),
        (Os::Centos, "CentOS7.9", "CentOs7.9"),
        (Os::OracleLinux, "OracleLinux8.9", "Oracle8.9"),
        (Os::RockyLinux, "RockyLinux9.3", "Rocky9.3"),
        (Os::AlmaLinux, "AlmaLinux9.3", "Alma9.3"),
        (Os::Suse, "Suse15.5", "SLES15.5"),
        (Os::Ubuntu, "Ubuntu14.04", "Jammy"),
        (Os::Debian, "Debian12", "Bookworm"),
        (Os::Raspbian, "RaspbianLinux9", "Pi"),
    ];
    for (os, good, slip) in table {
        let spec = BaselineBuilder::new("prod", os.clone())
            .rule(
                RuleBuilder::new()
                    .products(["*", good, slip])
                    .approve_after_days(0),
            )
            .build()
            .unwrap();
        let values: Vec<_> = spec
            .warnings()
            .into_iter()
            .map(|warning| warning.value)
            .collect();
        assert_eq!(values, [slip], "{os}");
    }
    let office = windows()
        .rule(
            RuleBuilder::new()
                .patch_set("APPLICATION")
                .products(["Office 2016"])
                .approve_after_days(0),
        )
        .build()
        .unwrap();
    assert_eq!(office.warnings(), []);
}

fn stored(spec: &BaselineSpec) -> PatchBaseline {
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), spec)
}

#[test]
fn a_baseline_differs_only_where_something_has_to_change() {
    let spec = BaselineBuilder::windows_critical_and_security("prod", 7)
        .build()
        .unwrap();
    assert_eq!(stored(&spec).diff(&spec), []);

    let longer = BaselineBuilder::windows_critical_and_security("prod", 14)
        .reject_patches(["KB1"])
        .build()
        .unwrap();
    let differences: Vec<_> = stored(&spec)
        .diff(&longer)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        differences,
        [
            "ApprovalRules.PatchRules[0].ApproveAfterDays: 7 -> 14",
            "RejectedPatches: [] -> [\"KB1\"]",
        ]
    );
}

#[test]
fn a_difference_never_shows_the_configuration_of_a_source() {
    let with = |configuration: &str| {
        BaselineBuilder::new("prod", OperatingSystem::Ubuntu)
            .source(PatchSource::new("repo", ["*"], configuration))
            .build()
            .unwrap()
    };
    let bare = BaselineBuilder::new("prod", OperatingSystem::Ubuntu)
        .build()
        .unwrap();
    for (before, after) in [
        (with("deb secret-a"), with("deb secret-b")),
        (bare.clone(), with("deb secret-a")),
        (with("deb secret-a"), bare),
    ] {
        let differences = stored(&before).diff(&after);
        assert_eq!(differences.len(), 1, "{differences:?}");
        assert!(!format!("{differences:?}{}", differences[0]).contains("secret"));
    }
}

#[test]
fn a_stored_baseline_can_be_edited_and_built_again() {
    let spec = BaselineBuilder::amazon_linux_2023_security("prod", 7)
        .build()
        .unwrap();
    let edited = BaselineBuilder::from(&stored(&spec))
        .reject_patches(["kernel*"])
        .build()
        .unwrap();
    let differences = stored(&spec).diff(&edited);
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].field, "RejectedPatches");
}
