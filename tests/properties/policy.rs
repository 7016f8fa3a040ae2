//! What holds for every patch policy.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use aws_patch_manager::PolicySchedule;
use aws_patch_manager::schedule::{PatchPolicy, PolicyTargets};
use aws_patch_manager::types::{
    MaxConcurrency, MaxErrors, NodeId, OperatingSystem, RebootOption, Tag,
};
use jiff::civil::Weekday;
use proptest::prelude::*;

fn targets() -> impl Strategy<Value = PolicyTargets> {
    let ids = prop::collection::vec("i-[0-9a-f]{8}|i-[0-9a-f]{17}", 1..=25);
    prop_oneof![
        Just(PolicyTargets::All),
        ids.prop_map(|ids| PolicyTargets::InstanceIds(ids.into_iter().map(NodeId::from).collect())),
        ("[\\p{L}0-9 _.:/=+@-]{1,128}", "[\\p{L}0-9_.:/=+@-]{0,256}")
            .prop_map(|(key, value)| PolicyTargets::Tag(Tag::new(key, value))),
        "[a-zA-Z0-9_.-]{1,128}".prop_map(PolicyTargets::ResourceGroup),
    ]
}

fn policy() -> impl Strategy<Value = PatchPolicy> {
    let os = prop::sample::select(OperatingSystem::KNOWN);
    let baseline = ("pb-[0-9a-f]{17}", "[a-zA-Z0-9_.-]{3,128}");
    let baselines = prop::collection::vec((os, baseline), 0..4);
    let schedule = (0u8..24, 0u8..60);
    let rates = (1u32..=9_999_999, 0u8..=100);
    let flags = any::<[bool; 3]>();
    (
        "[ A-Za-z0-9._-]{1,120}",
        schedule,
        flags,
        targets(),
        baselines,
        rates,
    )
        .prop_map(
            |(
                name,
                (hour, minute),
                [install, now, reboot],
                targets,
                baselines,
                (count, percent),
            )| {
                let mut schedule = PolicySchedule::new(name)
                    .scan_daily_at(hour, minute)
                    .scan_at_once(now)
                    .install_at_once(!now)
                    .targets(targets)
                    .max_concurrency(MaxConcurrency::Count(count))
                    .max_errors(MaxErrors::Percent(percent))
                    .parameter("OutputLogEnableS3", "true");
                if install {
                    schedule = schedule.install_weekly_on(Weekday::Sunday, hour, minute);
                }
                if reboot {
                    schedule = schedule.reboot(RebootOption::RebootIfNeeded);
                }
                for (os, (id, label)) in baselines {
                    schedule = schedule.baseline(os, id, label);
                }
                schedule.patch_policy().unwrap()
            },
        )
}

const REGION: &str = "eu-central-1";
const ACCOUNT: &str = "111122223333";

/// Where a policy is deployed: not this Region alone, which is read as none.
fn place() -> impl Strategy<Value = (Vec<String>, Vec<&'static str>)> {
    let unit = "ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32}";
    let units = prop::collection::vec(unit, 0..4);
    let regions = prop::sample::subsequence(vec![REGION, "us-east-1", "eu-west-1"], 0..=3);
    let regions = regions.prop_filter("more than this Region", |all| *all != [REGION]);
    (units, regions)
}

/// The texts that a parameter can have.
fn texts(name: &'static str, texts: &[&str]) -> impl Strategy<Value = Option<(String, String)>> {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    let text = prop::sample::select(texts);
    prop::option::of(text.prop_map(move |text| (name.to_owned(), text)))
}

/// Parameters of a configuration manager in any form that is documented or was seen, also with some that
/// this crate does not know.
fn parameters() -> impl Strategy<Value = BTreeMap<String, String>> {
    const OWN: &str = r#"{"WINDOWS":{"value":"pb-0123456789abcdef0","label":"own"}}"#;
    const SPACED: &str = r#"{ "UBUNTU" : {"label":"AWS-UbuntuDefaultPatchBaseline","description":"","value":"arn:aws:ssm:us-east-1:123456789012:patchbaseline/pb-0fedcba9876543210","disabled":true,"more":1}}"#;
    const SWITCH: [&str; 3] = ["true", "false", ""];
    let baselines = vec![
        texts("SelectedPatchBaselines", &["{}", OWN, SPACED, ""]).boxed(),
        texts(
            "PatchBaselineUseDefault",
            &["default", "custom", "true", "false", ""],
        )
        .boxed(),
        texts("PatchBaselineRegion", &[REGION, "us-east-1", ""]).boxed(),
        texts("HasDeletedBaseline", &SWITCH).boxed(),
    ];
    let schedule = vec![
        texts(
            "ConfigurationOptionsPatchOperation",
            &["Scan", "ScanAndInstall", ""],
        )
        .boxed(),
        texts(
            "ConfigurationOptionsScanValue",
            &["cron(0 1 * * ? *)", "cron(00 23 * * ? *)", ""],
        )
        .boxed(),
        texts(
            "ConfigurationOptionsInstallValue",
            &["cron(0 2 ? * SAT#1 *)", ""],
        )
        .boxed(),
        texts("ConfigurationOptionsScanNextInterval", &SWITCH).boxed(),
        texts("ConfigurationOptionsInstallNextInterval", &SWITCH).boxed(),
        texts("RebootOption", &["RebootIfNeeded", "NoReboot", ""]).boxed(),
        texts("RateControlConcurrency", &["5", "10%", ""]).boxed(),
        texts("RateControlErrorThreshold", &["0%", "2", ""]).boxed(),
    ];
    let place = vec![
        texts("TargetAccounts", &[ACCOUNT, "444455556666", ""]).boxed(),
        texts(
            "TargetOrganizationalUnits",
            &["r-abcd", "ou-abcd-12345678, ou-abcd-87654321", ""],
        )
        .boxed(),
        texts(
            "TargetRegions",
            &[
                REGION,
                "us-east-1",
                "us-east-1,eu-central-1",
                "eu-central-1, us-east-1,",
                "",
            ],
        )
        .boxed(),
        texts(
            "TargetType",
            &["*", "Tags", "InstanceIds", "ResourceGroups", ""],
        )
        .boxed(),
    ];
    let others = vec![
        texts("OutputLogEnableS3", &SWITCH).boxed(),
        texts("OutputS3Location", &["{}", ""]).boxed(),
        texts("IsPolicyAttachAllowed", &SWITCH).boxed(),
    ];
    let known: Vec<_> = [baselines, schedule, place, others]
        .into_iter()
        .flatten()
        .collect();
    // Those that a target type needs are there, whether it is that type or not.
    let needed = [
        ("PatchPolicyName", "from the console"),
        (
            "TargetInstances",
            "i-0123456789abcdef0, i-0123456789abcdef1",
        ),
        ("TargetTagKey", "Environment"),
        ("ResourceGroupName", "web"),
    ];
    let foreign = prop::collection::btree_map("New[A-Za-z]{1,8}", ".{0,8}", 0..3);
    (known, foreign).prop_map(move |(known, mut all)| {
        let needed = needed.map(|(name, text)| (name.to_owned(), text.to_owned()));
        all.extend(known.into_iter().flatten().chain(needed));
        all
    })
}

proptest! {
    #[test]
    fn parameters_read_back_as_the_policy(policy in policy(), (units, regions) in place()) {
        let mut policy = policy;
        policy.organizational_units = units.into_iter().map(Into::into).collect();
        policy.regions = regions.into_iter().map(str::to_owned).collect();
        let parameters = policy.to_parameters(REGION, ACCOUNT);
        let read = PatchPolicy::from_parameters_in(&parameters, REGION, ACCOUNT).unwrap();
        prop_assert_eq!(read, policy);
    }

    #[test]
    fn what_is_read_is_written_back_as_it_was(parameters in parameters()) {
        let read = PatchPolicy::from_parameters_in(&parameters, REGION, ACCOUNT).unwrap();
        prop_assert_eq!(read.to_parameters(REGION, ACCOUNT), parameters);
    }

    #[test]
    fn a_change_writes_its_own_parameters_and_reads_back(parameters in parameters()) {
        let mut changed = PatchPolicy::from_parameters_in(&parameters, REGION, ACCOUNT).unwrap();
        changed.scan_schedule = "cron(7 7 * * ? *)".to_owned();
        changed.regions = ["sa-east-1".to_owned()].into();
        let written = changed.to_parameters(REGION, ACCOUNT);
        let names = written.keys().chain(parameters.keys());
        for name in names.filter(|name| written.get(*name) != parameters.get(*name)) {
            let own = ["ConfigurationOptionsScanValue", "TargetRegions"];
            prop_assert!(own.contains(&name.as_str()), "{}", name);
        }
        let read = PatchPolicy::from_parameters_in(&written, REGION, ACCOUNT).unwrap();
        prop_assert_eq!(read, changed);
    }
}
