//! Patch policies: what is refused, what surprises, and Quick Setup's parameters.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeMap;

use aws_patch_manager::schedule::{PatchPolicy, PolicyTargets, ScheduleLint};
use aws_patch_manager::types::{MaxConcurrency, MaxErrors, OperatingSystem, RebootOption, Tag};
use aws_patch_manager::{ErrorKind, PolicySchedule, ScheduleExpression};
use jiff::civil::Weekday;
use support::accounts::node_id;
use support::values::at;

const OWN: &str = "pb-0123456789abcdef0";
const AWS: &str = "arn:aws:ssm:us-east-1:123456789012:patchbaseline/pb-0fedcba9876543210";

fn seed() -> PolicySchedule {
    PolicySchedule::daily_scan_weekly_install("fleet")
}

#[test]
fn the_seed_policy_is_spelled_as_the_guide_spells_it() {
    let policy = seed().patch_policy().unwrap();
    assert_eq!(policy.scan_schedule, "cron(0 0 * * ? *)");
    assert_eq!(
        policy.install_schedule.as_deref(),
        Some("cron(0 0 ? * SUN *)")
    );
    assert!(policy.scan_next_interval && policy.install_next_interval);
    assert_eq!(policy.reboot_option, RebootOption::NoReboot);
    assert_eq!(policy.targets, PolicyTargets::All);
    let lints = policy.lints(at("2026-01-01T00:00:00Z"));
    assert!(
        matches!(&lints[..], [ScheduleLint::ScanMeetsInstall { first, .. }]
            if *first == at("2026-01-04T00:00:00Z"))
    );
}

#[test]
fn every_part_reaches_the_policy() {
    let schedule = ScheduleExpression::parse("cron(0 3 ? * SAT#1 *)").unwrap();
    let policy = PolicySchedule::new("web tier_1.a-b")
        .scan_weekly_on(Weekday::Monday, 4, 30)
        .install(schedule)
        .scan_at_once(true)
        .install_at_once(true)
        .reboot(RebootOption::RebootIfNeeded)
        .targets(PolicyTargets::InstanceIds(vec![
            "i-0123456789abcdef0".into(),
        ]))
        .baseline(
            OperatingSystem::Ubuntu,
            AWS,
            "AWS-UbuntuDefaultPatchBaseline",
        )
        .baseline(OperatingSystem::Ubuntu, OWN, "ubuntu")
        .max_concurrency(MaxConcurrency::Count(5))
        .max_errors(MaxErrors::Percent(0))
        .parameter("IsPolicyAttachAllowed", "true")
        .patch_policy()
        .unwrap();
    assert_eq!(policy.name, "web tier_1.a-b");
    assert_eq!(policy.scan_schedule, "cron(30 4 ? * MON *)");
    assert_eq!(
        policy.install_schedule.as_deref(),
        Some("cron(0 3 ? * SAT#1 *)")
    );
    assert!(!policy.scan_next_interval && !policy.install_next_interval);
    assert_eq!(policy.reboot_option, RebootOption::RebootIfNeeded);
    assert_eq!(policy.max_concurrency, MaxConcurrency::Count(5));
    assert_eq!(policy.max_errors, MaxErrors::Percent(0));
    assert_eq!(policy.other_parameters["IsPolicyAttachAllowed"], "true");
    let baseline = policy.baseline_for(&OperatingSystem::Ubuntu).unwrap();
    assert_eq!(
        (baseline.value.as_str(), baseline.label.as_str()),
        (OWN, "ubuntu")
    );
    assert_eq!(policy.baseline_for(&OperatingSystem::Debian), None);

    let scan_only = PolicySchedule::from(policy)
        .scan_only()
        .patch_policy()
        .unwrap();
    assert_eq!(scan_only.install_schedule, None);
}

/// Each case: a policy, and the field and value of each of its violations.
fn refused() -> Vec<(PolicySchedule, Vec<(&'static str, String)>)> {
    let ids = |count| {
        let ids = (0..count).map(node_id);
        seed().targets(PolicyTargets::InstanceIds(ids.collect()))
    };
    let tag = |key: &str, value: &str| seed().targets(PolicyTargets::Tag(Tag::new(key, value)));
    let one = |field, value: &str| vec![(field, value.to_owned())];
    let long = "n".repeat(121);
    vec![
        (
            PolicySchedule::new("").scan_daily_at(0, 0),
            one("PatchPolicyName", ""),
        ),
        (
            PolicySchedule::new("a/b").scan_daily_at(0, 0),
            one("PatchPolicyName", "a/b"),
        ),
        (
            PolicySchedule::new(&long).scan_daily_at(0, 0),
            one("PatchPolicyName", &long),
        ),
        (
            PolicySchedule::new("none"),
            one("ConfigurationOptionsScanValue", ""),
        ),
        (
            seed().scan("rate(1 day)"),
            one("ConfigurationOptionsScanValue", "rate(1 day)"),
        ),
        (
            seed().install("at(2026-07-07T15:55:00)"),
            one(
                "ConfigurationOptionsInstallValue",
                "at(2026-07-07T15:55:00)",
            ),
        ),
        (
            seed().scan_daily_at(24, 60).install_daily_at(0, 99),
            vec![
                ("ConfigurationOptionsScanValue: minutes", "60".to_owned()),
                ("ConfigurationOptionsScanValue: hours", "24".to_owned()),
                ("ConfigurationOptionsInstallValue: minutes", "99".to_owned()),
            ],
        ),
        (
            seed().reboot("Reboot".into()),
            one("RebootOption", "Reboot"),
        ),
        (ids(0), one("TargetInstances", "0 ids")),
        (ids(26), one("TargetInstances", "26 ids")),
        (
            seed().targets(PolicyTargets::InstanceIds(vec![
                "mi-0123456789abcdef0".into(),
                "i-short".into(),
            ])),
            vec![
                ("TargetInstances[0]", "mi-0123456789abcdef0".to_owned()),
                ("TargetInstances[1]", "i-short".to_owned()),
            ],
        ),
        (tag("", "x"), one("TargetTagKey", "")),
        (
            tag("a*", "b?"),
            vec![
                ("TargetTagKey", "a*".to_owned()),
                ("TargetTagValue", "b?".to_owned()),
            ],
        ),
        (
            seed().targets(PolicyTargets::ResourceGroup(" ".into())),
            one("ResourceGroupName", " "),
        ),
        (
            seed().baseline(OperatingSystem::Windows, "pb-1", "w"),
            vec![
                ("SelectedPatchBaselines.WINDOWS.value", "pb-1".to_owned()),
                ("SelectedPatchBaselines.WINDOWS.label", "w".to_owned()),
            ],
        ),
        (
            seed().max_concurrency(MaxConcurrency::Count(0)),
            one("RateControlConcurrency", "0"),
        ),
        (
            seed().max_errors(MaxErrors::Percent(101)),
            one("RateControlErrorThreshold", "101%"),
        ),
        (
            seed().parameter("RebootOption", "NoReboot"),
            one("RebootOption", "NoReboot"),
        ),
        // The 16 Regions of the User Guide, quick-setup-patch-manager.
        (
            seed().regions(["us-east-1", "eu-south-1", "af-south-1"]),
            vec![
                ("TargetRegions", "af-south-1".to_owned()),
                ("TargetRegions", "eu-south-1".to_owned()),
            ],
        ),
        (
            seed().parameter("TargetRegions", "us-east-1"),
            one("TargetRegions", "us-east-1"),
        ),
        // CloudFormation's pattern of OrganizationalUnitIds.
        (
            seed().organizational_units([
                "ou-abcd-12345678",
                "r-abcd",
                "ou-abcd",
                "OU-abcd-12345678",
            ]),
            vec![
                ("TargetOrganizationalUnits", "OU-abcd-12345678".to_owned()),
                ("TargetOrganizationalUnits", "ou-abcd".to_owned()),
            ],
        ),
        // "For local deployments" (Quick Setup model, TargetType).
        (
            seed()
                .organizational_units(["ou-abcd-12345678"])
                .targets(PolicyTargets::InstanceIds(vec![
                    "i-0123456789abcdef0".into(),
                ])),
            one("TargetInstances", "i-0123456789abcdef0"),
        ),
        (
            seed().parameter("PatchBaselineRegion", "il-central-1"),
            one("PatchBaselineRegion", "il-central-1"),
        ),
        // "A value must be provided for either" (Quick Setup model, TargetAccounts).
        (
            seed()
                .parameter("TargetAccounts", "111122223333")
                .organizational_units(["ou-abcd-12345678"]),
            one("TargetAccounts", "111122223333"),
        ),
        // Resource groups: for a single account alone (User Guide, quick-setup-patch-manager).
        (
            seed()
                .targets(PolicyTargets::ResourceGroup("web".into()))
                .organizational_units(["ou-abcd-12345678"]),
            one("ResourceGroupName", "web"),
        ),
        (
            seed().parameter("IsPolicyAttachAlowed", "true"),
            one("Parameters", "IsPolicyAttachAlowed"),
        ),
        (
            seed().parameter("IsPolicyAttachAllowed", "yes"),
            one("IsPolicyAttachAllowed", "yes"),
        ),
        (
            seed().baseline("AMAZON_LINUX_2O23".into(), OWN, "al2023"),
            one("SelectedPatchBaselines", "AMAZON_LINUX_2O23"),
        ),
        // The guide's example names AWS's baselines by ARN.
        (
            seed().baseline(OperatingSystem::Windows, OWN, "AWS-DefaultPatchBaseline"),
            one("SelectedPatchBaselines.WINDOWS.value", OWN),
        ),
        (
            seed().local_roles(
                "arn:aws:iam::111122223333:role/admin",
                "arn:aws:iam::1:role/x",
            ),
            one("LocalDeploymentExecutionRoleName", "arn:aws:iam::1:role/x"),
        ),
    ]
}

#[test]
fn what_a_policy_cannot_say_is_refused_by_parameter() {
    for (schedule, expected) in refused() {
        let error = schedule
            .clone()
            .patch_policy()
            .expect_err(&format!("{schedule:?}"));
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let violations = error.violations().iter();
        let found: Vec<_> = violations
            .map(|v| (v.field.as_str(), v.value.clone()))
            .collect();
        assert_eq!(found, expected, "{schedule:?}");
    }
}

#[test]
fn a_rate_is_refused_with_the_mechanism_that_takes_it() {
    let error = seed()
        .scan("rate(12 hours)")
        .patch_policy()
        .unwrap_err()
        .to_string();
    assert!(error.contains("maintenance window"), "{error}");
    assert!(error.contains("association"), "{error}");
}

#[test]
fn all_violations_come_at_once() {
    let error = PolicySchedule::new("")
        .install("cron(0 0 * * *)")
        .targets(PolicyTargets::InstanceIds(Vec::new()))
        .max_concurrency(MaxConcurrency::Percent(0))
        .patch_policy()
        .unwrap_err();
    assert_eq!(error.violations().len(), 5, "{error}");
}

#[test]
fn parameters_are_text_under_quick_setups_names() {
    let policy = seed()
        .reboot(RebootOption::RebootIfNeeded)
        .install_at_once(true)
        .targets(PolicyTargets::Tag(Tag::new("Environment", "production")))
        .baseline(OperatingSystem::Windows, OWN, "windows")
        .max_errors(MaxErrors::Count(3))
        .parameter("IsPolicyAttachAllowed", "true")
        .patch_policy()
        .unwrap();
    let parameters = policy.to_parameters("eu-west-1", "111122223333");
    let expected = [
        ("ConfigurationOptionsInstallNextInterval", "false"),
        ("ConfigurationOptionsInstallValue", "cron(0 0 ? * SUN *)"),
        ("ConfigurationOptionsPatchOperation", "ScanAndInstall"),
        ("ConfigurationOptionsScanNextInterval", "true"),
        ("ConfigurationOptionsScanValue", "cron(0 0 * * ? *)"),
        ("IsPolicyAttachAllowed", "true"),
        ("PatchBaselineRegion", "eu-west-1"),
        ("PatchBaselineUseDefault", "custom"),
        ("PatchPolicyName", "fleet"),
        ("RateControlConcurrency", "10%"),
        ("RateControlErrorThreshold", "3"),
        ("RebootOption", "RebootIfNeeded"),
        (
            "SelectedPatchBaselines",
            r#"{"WINDOWS":{"disabled":false,"label":"windows","value":"pb-0123456789abcdef0"}}"#,
        ),
        ("TargetAccounts", "111122223333"),
        ("TargetRegions", "eu-west-1"),
        ("TargetTagKey", "Environment"),
        ("TargetTagValue", "production"),
        ("TargetType", "Tags"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(parameters, BTreeMap::from(expected));
}

#[test]
fn only_aws_defaults_are_called_default() {
    let word = |schedule: PolicySchedule| {
        let policy = schedule.patch_policy().unwrap();
        policy.to_parameters("r", "a")["PatchBaselineUseDefault"].clone()
    };
    let default = seed().baseline(OperatingSystem::Windows, AWS, "AWS-DefaultPatchBaseline");
    let raspbian = "AWS-RaspbianDefaultPatchBaseline";
    let other = "AWS-WindowsPredefinedPatchBaseline-OS-Applications";
    assert_eq!(word(seed()), "default");
    assert_eq!(word(default.clone()), "default");
    assert_eq!(
        word(
            default
                .clone()
                .baseline(OperatingSystem::Raspbian, AWS, raspbian)
        ),
        "default"
    );
    assert_eq!(
        word(seed().baseline(OperatingSystem::Windows, AWS, other)),
        "custom"
    );
    assert_eq!(
        word(default.baseline(OperatingSystem::Ubuntu, OWN, "AWS-Default")),
        "custom"
    );
}

fn parameters(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn empty_parameters_mean_the_services_defaults() {
    let read = PatchPolicy::from_parameters(&parameters(&[
        ("PatchPolicyName", "console"),
        ("ConfigurationOptionsPatchOperation", "ScanAndInstall"),
        ("ConfigurationOptionsInstallValue", ""),
        ("SelectedPatchBaselines", "{}"),
        ("OutputS3KeyPrefix", ""),
        ("TargetInstances", ""),
    ]))
    .unwrap();
    assert_eq!(read.scan_schedule, "cron(0 1 * * ? *)");
    assert_eq!(
        read.install_schedule.as_deref(),
        Some("cron(0 2 ? * SUN *)")
    );
    assert!(!read.scan_next_interval && !read.install_next_interval);
    assert_eq!(read.targets, PolicyTargets::All);
    assert!(read.other_parameters.is_empty());
}

#[test]
fn an_organizations_policy_keeps_its_place() {
    let given = parameters(&[
        ("PatchPolicyName", "everywhere"),
        ("SelectedPatchBaselines", "{}"),
        (
            "TargetOrganizationalUnits",
            "ou-abcd-12345678,ou-abcd-87654321",
        ),
        ("TargetRegions", "us-east-1,eu-west-1"),
        ("PatchBaselineRegion", "us-east-1"),
        ("HasDeletedBaseline", "false"),
    ]);
    let read = PatchPolicy::from_parameters(&given).unwrap();
    let written = read.to_parameters("ap-south-1", "111122223333");
    for name in [
        "TargetOrganizationalUnits",
        "TargetRegions",
        "PatchBaselineRegion",
        "HasDeletedBaseline",
    ] {
        assert_eq!(written.get(name), given.get(name), "{name}");
    }
    assert!(!written.contains_key("TargetAccounts"));
    assert!(!written.contains_key("TargetType"));
}

#[test]
fn units_and_regions_of_the_parameters_are_those_of_the_policy() {
    let schedule = seed()
        .organizational_units(["ou-abcd-87654321", "ou-abcd-12345678"])
        .regions(["us-east-1", "eu-west-1"])
        .targets(PolicyTargets::Tag(Tag::new("Environment", "production")));
    let policy = schedule.patch_policy().unwrap();
    let written = policy.to_parameters("us-east-1", "111122223333");
    assert_eq!(
        written["TargetOrganizationalUnits"],
        "ou-abcd-12345678,ou-abcd-87654321"
    );
    assert_eq!(written["TargetRegions"], "eu-west-1,us-east-1");
    assert!(!written.contains_key("TargetAccounts"));
    // The guide's example of a definition sends a tag with an organizational unit.
    assert_eq!(written["TargetTagKey"], "Environment");
    let read = PatchPolicy::from_parameters_in(&written, "us-east-1", "111122223333").unwrap();
    assert_eq!(read, policy);
    // From elsewhere it is read as it stands, too.
    let read = PatchPolicy::from_parameters_in(&written, "eu-west-2", "444455556666").unwrap();
    assert_eq!(read.regions, policy.regions);
    assert_eq!(read.to_parameters("eu-west-2", "444455556666"), written);
}

#[test]
fn the_region_where_a_policy_is_made_is_read_as_none() {
    let policy = seed().regions(["us-east-1"]).patch_policy().unwrap();
    let written = policy.to_parameters("us-east-1", "111122223333");
    let read = PatchPolicy::from_parameters_in(&written, "us-east-1", "111122223333").unwrap();
    assert!(read.regions.is_empty());
    let read = PatchPolicy::from_parameters_in(&written, "eu-west-1", "111122223333").unwrap();
    assert_eq!(read.regions, policy.regions);
}

#[test]
fn a_change_of_a_policy_that_was_read_changes_its_own_parameters_only() {
    let given = parameters(&[
        ("PatchPolicyName", "from the console"),
        ("ConfigurationOptionsInstallValue", ""),
        ("PatchBaselineUseDefault", "default"),
        (
            "SelectedPatchBaselines",
            r#"{ "WINDOWS": {"value":"pb-0123456789abcdef0","label":"own","since":"2026"} }"#,
        ),
        ("TargetInstances", ""),
        ("TargetAccounts", "111122223333"),
        ("TargetRegions", "us-west-2, us-east-1"),
        ("PatchBaselineRegion", "us-east-1"),
        ("SomethingNew", "x"),
    ]);
    let mut read = PatchPolicy::from_parameters_in(&given, "us-east-1", "111122223333").unwrap();
    assert_eq!(read.to_parameters("us-east-1", "111122223333"), given);
    read.reboot_option = RebootOption::RebootIfNeeded;
    read.other_parameters.remove("SomethingNew");
    let mut expected = given.clone();
    expected.insert("RebootOption".to_owned(), "RebootIfNeeded".to_owned());
    expected.remove("SomethingNew");
    assert_eq!(read.to_parameters("us-east-1", "111122223333"), expected);
    read.regions.insert("eu-west-1".to_owned());
    expected.insert(
        "TargetRegions".to_owned(),
        "eu-west-1,us-east-1,us-west-2".to_owned(),
    );
    assert_eq!(read.to_parameters("us-east-1", "111122223333"), expected);
}

#[test]
fn unreadable_parameters_are_named_together() {
    let error = PatchPolicy::from_parameters(&parameters(&[
        ("ConfigurationOptionsScanNextInterval", "yes"),
        ("ConfigurationOptionsPatchOperation", "Install"),
        ("SelectedPatchBaselines", "[]"),
        ("TargetType", "Tags"),
        ("RateControlConcurrency", "0%"),
        ("RateControlErrorThreshold", "many"),
    ]))
    .unwrap_err();
    let fields: Vec<_> = error
        .violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect();
    assert_eq!(
        fields,
        [
            "PatchPolicyName",
            "ConfigurationOptionsPatchOperation",
            "ConfigurationOptionsScanNextInterval",
            "TargetTagKey",
            "SelectedPatchBaselines",
            "RateControlConcurrency",
            "RateControlErrorThreshold",
        ]
    );
}

#[test]
fn a_misspelled_name_is_refused_with_the_nearest() {
    for (schedule, meant) in [
        (
            seed().parameter("IsPolicyAttachAlowed", "true"),
            "`IsPolicyAttachAllowed`",
        ),
        (
            seed().baseline("AMAZON_LINUX_2O23".into(), OWN, "own"),
            "`AMAZON_LINUX_2023`",
        ),
    ] {
        let error = schedule.patch_policy().unwrap_err().to_string();
        assert!(error.contains(meant), "{error}");
    }
}

#[test]
fn a_parameter_that_is_not_documented_passes_with_a_lint() {
    let policy = seed().parameter("Zebra", "1").patch_policy().unwrap();
    let lints = policy.lints(at("2026-01-01T00:00:00Z"));
    let told: Vec<_> = lints.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|lint| lint.contains("Zebra")), "{told:?}");
}

// Quick Setup model: "The default value is \"false\"".
#[test]
fn attaching_policies_is_allowed_only_where_it_is_said() {
    let word = |schedule: PolicySchedule| {
        let policy = schedule.patch_policy().unwrap();
        let sent = policy.to_parameters("us-east-1", "111122223333");
        let sent = sent.get("IsPolicyAttachAllowed").cloned();
        (policy.is_policy_attach_allowed(), sent)
    };
    assert_eq!(word(seed()), (false, None));
    let allowed = seed().policy_attach_allowed(true);
    assert_eq!(word(allowed), (true, Some("true".to_owned())));
    let forbidden = seed().policy_attach_allowed(false);
    assert_eq!(word(forbidden), (false, Some("false".to_owned())));
}

#[test]
fn reading_and_writing_back_changes_nothing() {
    const AWS_OF_UBUNTU: &str = r#"{"UBUNTU":{"disabled":false,"label":"AWS-UbuntuDefaultPatchBaseline","value":"arn:aws:ssm:us-east-1:123456789012:patchbaseline/pb-0fedcba9876543210"}}"#;
    let base = seed()
        .patch_policy()
        .unwrap()
        .to_parameters("us-east-1", "111122223333");
    let own = format!(r#"{{"WINDOWS":{{"disabled":false,"label":"own","value":"{OWN}"}}}}"#);
    let cases: [&[(&str, &str)]; 7] = [
        &[],
        // The defaults of an account of which one is its own (terraform-provider-aws, PR 39779).
        &[
            ("PatchBaselineUseDefault", "default"),
            ("SelectedPatchBaselines", &own),
        ],
        // Deployed to another Region than the one that it is read from.
        &[
            ("TargetRegions", "eu-west-1"),
            ("PatchBaselineRegion", "eu-west-1"),
        ],
        &[("TargetRegions", "us-east-1,eu-west-1")],
        // The console sends the word that its user chose.
        &[
            ("PatchBaselineUseDefault", "custom"),
            ("SelectedPatchBaselines", AWS_OF_UBUNTU),
        ],
        &[
            ("PatchBaselineUseDefault", "true"),
            ("SelectedPatchBaselines", AWS_OF_UBUNTU),
        ],
        &[
            ("IsPolicyAttachAllowed", "false"),
            ("HasDeletedBaseline", "false"),
        ],
    ];
    for pairs in cases {
        let mut given = base.clone();
        given.extend(parameters(pairs));
        let read = PatchPolicy::from_parameters_in(&given, "us-east-1", "111122223333").unwrap();
        assert_eq!(read.to_parameters("us-east-1", "111122223333"), given);
    }
}
