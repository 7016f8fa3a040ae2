//! What holds for every baseline and every catalog: a frozen baseline approves on any later day exactly
//! what the original approved on the frozen day, or says so.

#![allow(clippy::unwrap_used)]

use aws_patch_manager::baseline::approval::{ApprovalDecision, CompiledBaseline};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchBaseline, PatchFilter,
    PatchFilterGroup, PatchFilterKey,
};
use aws_patch_manager::promotion::{FreezeDeviation, Promotion};
use aws_patch_manager::types::{OperatingSystem, Patch, PatchComplianceLevel};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

const DAY: Date = date(2026, 5, 18);

fn midnight() -> Timestamp {
    TimeZone::UTC.to_timestamp(DAY.at(0, 0, 0, 0)).unwrap()
}

/// The systems with release dates, and the product of a node of each.
const DATED: &[(OperatingSystem, &str)] = &[
    (OperatingSystem::Windows, "WindowsServer2022"),
    (OperatingSystem::AmazonLinux, "AmazonLinux2018.03"),
    (OperatingSystem::AmazonLinux2, "AmazonLinux2"),
    (OperatingSystem::AmazonLinux2022, "AmazonLinux2022"),
    (OperatingSystem::AmazonLinux2023, "AmazonLinux2023"),
    (
        OperatingSystem::RedhatEnterpriseLinux,
        "RedhatEnterpriseLinux9.4",
    ),
    (OperatingSystem::Centos, "CentOS7.9"),
    (OperatingSystem::OracleLinux, "OracleLinux8.9"),
    (OperatingSystem::RockyLinux, "RockyLinux9.3"),
    (OperatingSystem::AlmaLinux, "AlmaLinux9.3"),
    (OperatingSystem::Suse, "Suse15.5"),
    (OperatingSystem::Macos, "macOS14.4"),
];

const UNDATED: &[(OperatingSystem, &str)] = &[
    (OperatingSystem::Ubuntu, "Ubuntu22.04"),
    (OperatingSystem::Debian, "Debian12"),
    (OperatingSystem::Raspbian, "RaspberryPiOS11"),
];

/// What is drawn of a rule: classifications, approval, whether it takes what is no security update, and
/// its level.
type AnyRule = (
    Option<Vec<&'static str>>,
    Approval,
    bool,
    Option<PatchComplianceLevel>,
);

fn any_rule() -> impl Strategy<Value = AnyRule> {
    let approval = prop_oneof![
        (0..=360_u32).prop_map(Approval::AfterDays),
        (1_i8..=12, 1_i8..=28).prop_map(|(month, day)| Approval::UntilDate(date(2026, month, day))),
    ];
    let classes = vec(
        select(vec!["Security", "SecurityUpdates", "Bugfix", "*"]),
        1..3,
    );
    let level = option::of(select(PatchComplianceLevel::KNOWN.to_vec()));
    (option::of(classes), approval, any::<bool>(), level)
}

/// What is drawn of a patch: its class, and how long before the frozen day it was released, in seconds.
type AnyPatch = (Option<&'static str>, Option<i64>);

fn any_patch() -> impl Strategy<Value = AnyPatch> {
    let day = 24 * 3600;
    // Around the ends of delays above all, to the second.
    let near = (-40..400_i64, -1..=1_i64).prop_map(move |(days, seconds)| days * day + seconds);
    let released = prop_oneof![near, -40 * day..400 * day];
    let class = select(vec!["Security", "SecurityUpdates", "Bugfix"]);
    (
        option::weighted(0.9, class),
        option::weighted(0.9, released),
    )
}

fn baseline(os: &OperatingSystem, rules: Vec<AnyRule>, listed: Vec<usize>) -> PatchBaseline {
    let windows = *os == OperatingSystem::Windows;
    let rules = rules.into_iter().map(|(classes, approval, any, level)| {
        let filters = classes
            .into_iter()
            .map(|values| PatchFilter::new(PatchFilterKey::Classification, values));
        let mut rule =
            ApprovalRule::new(PatchFilterGroup::new(filters.collect::<Vec<_>>()), approval);
        rule.compliance_level = level;
        rule.enable_non_security = (!windows).then_some(any);
        rule
    });
    let mut spec = BaselineSpec::new("dev", os.clone());
    spec.approval_rules = ApprovalRules::new(rules.collect());
    let name = |number: usize| match windows {
        true => format!("KB{number}"),
        false => format!("pkg{number}-2.{number}*"),
    };
    spec.approved_patches = listed.into_iter().map(name).collect();
    spec.rejected_patches = vec![name(9)];
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &spec)
}

fn patch(os: &OperatingSystem, product: &str, number: usize, (class, released): AnyPatch) -> Patch {
    let mut patch = Patch::default();
    patch.product = Some(product.to_owned());
    patch.classification = class.map(str::to_owned);
    patch.release_date = released.map(|seconds| midnight() - SignedDuration::from_secs(seconds));
    if *os == OperatingSystem::Windows {
        patch.kb_number = Some(format!("KB{number}"));
        return patch;
    }
    patch.name = Some(format!("pkg{number}"));
    patch.version = Some(format!("2.{number}"));
    patch.arch = Some("x86_64".to_owned());
    if UNDATED.iter().any(|(undated, _)| undated == os) {
        let security = class.is_some_and(|class| class.starts_with("Security"));
        patch.repository = Some(
            if security {
                "stable-security"
            } else {
                "stable"
            }
            .to_owned(),
        );
    } else {
        patch.release = Some("1".to_owned());
        patch.epoch = Some(0);
        patch.advisory_ids = class.map(|_| vec![format!("ADV-{number}")]);
    }
    patch
}

fn level(decision: ApprovalDecision) -> Option<PatchComplianceLevel> {
    match decision {
        ApprovalDecision::Approved { level, .. } => Some(level),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("PROMOTION_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000)
    ))]

    #[test]
    fn a_baseline_frozen_as_a_day_begins_approves_later_what_the_original_approved_then(
        system in 0..DATED.len(),
        rules in vec(any_rule(), 0..5),
        listed in vec(0..12_usize, 0..3),
        patches in vec(any_patch(), 1..12),
        later in 0..2_000_i64,
    ) {
        let (os, product) = &DATED[system];
        let original = baseline(os, rules, listed);
        let frozen = Promotion::new(&original, "prod").freeze(DAY).unwrap();
        let open = |deviation: &FreezeDeviation| matches!(deviation, FreezeDeviation::OpenEntry { .. });
        prop_assert!(frozen.deviations.iter().all(open), "{}", frozen);
        let frozen = PatchBaseline::from_spec("pb-0123456789abcdef1".into(), &frozen.spec);
        let (before, after) = (CompiledBaseline::new(&original), CompiledBaseline::new(&frozen));
        let later = midnight() + SignedDuration::from_hours(later);
        for (number, drawn) in patches.into_iter().enumerate() {
            let patch = patch(os, product, number, drawn);
            let is = level(after.decide(&patch, later));
            // What is released later is in no set of that day; only a list can name it.
            if patch.release_date.is_none_or(|released| released < midnight()) {
                let was = level(before.decide(&patch, midnight()));
                prop_assert_eq!(was, is, "{:?} under {:?}", patch, original);
            } else if original.approved_patches.is_empty() {
                prop_assert_eq!(is, None, "{:?} under {:?}", patch, original);
            }
        }
    }

    #[test]
    fn a_baseline_frozen_within_a_day_approves_no_more_and_says_what_it_leaves_out(
        system in 0..DATED.len(),
        rules in vec(any_rule(), 0..4),
        patches in vec(any_patch(), 1..12),
        seconds in 0..24 * 3600_i64,
    ) {
        let (os, product) = &DATED[system];
        let original = baseline(os, rules, Vec::new());
        let at = midnight() + SignedDuration::from_secs(seconds);
        let patches = patches.into_iter().enumerate();
        let patches: Vec<Patch> = patches.map(|(number, drawn)| patch(os, product, number, drawn)).collect();
        let promotion = Promotion::new(&original, "prod").catalog(patches.clone());
        let answer = promotion.freeze_at(at).unwrap();
        let frozen = PatchBaseline::from_spec("pb-0123456789abcdef1".into(), &answer.spec);
        let (before, after) = (CompiledBaseline::new(&original), CompiledBaseline::new(&frozen));
        let mut differ = 0;
        for patch in patches.iter().filter(|patch| patch.release_date.is_none_or(|released| released < at)) {
            let (was, is) = (level(before.decide(patch, at)), level(after.decide(patch, at)));
            differ += usize::from(was != is);
            prop_assert!(is.is_none() || was.is_some(), "{:?} under {:?}", patch, original);
        }
        let said = answer.deviations.iter();
        let said = said.filter(|one| matches!(one, FreezeDeviation::LeftOut { .. } | FreezeDeviation::Level { .. }));
        prop_assert_eq!(said.count(), differ, "{}", answer);
        let rounded = |one: &FreezeDeviation| matches!(one, FreezeDeviation::Rounded { .. });
        prop_assert!(differ == 0 || answer.deviations.iter().any(rounded), "{}", answer);
    }

    #[test]
    fn a_list_of_versions_approves_what_the_original_approved_and_no_later_version(
        system in 0..UNDATED.len(),
        rules in vec(any_rule(), 0..4),
        patches in vec(any_patch(), 1..12),
    ) {
        let (os, product) = &UNDATED[system];
        let rules = rules.into_iter().map(|(_, approval, any, level)| (None, approval, any, level));
        let original = baseline(os, rules.collect(), Vec::new());
        let patches = patches.into_iter().enumerate();
        let patches: Vec<Patch> = patches.map(|(number, drawn)| patch(os, product, number, drawn)).collect();
        let answer = Promotion::new(&original, "prod").catalog(patches.clone()).freeze(DAY).unwrap();
        let frozen = PatchBaseline::from_spec("pb-0123456789abcdef1".into(), &answer.spec);
        let (before, after) = (CompiledBaseline::new(&original), CompiledBaseline::new(&frozen));
        let later = midnight() + SignedDuration::from_hours(2_000);
        for patch in &patches {
            let was = before.decide(patch, midnight());
            let is = after.decide(patch, later);
            prop_assert_eq!(level(was).is_some(), level(is).is_some(), "{:?} under {:?}", patch, answer);
            let mut newer = patch.clone();
            newer.version = Some("3.0".to_owned());
            prop_assert_eq!(level(after.decide(&newer, later)), None, "{:?} under {:?}", newer, answer);
        }
    }
}
