//! What holds for every baseline and every input of the builder and the judge.

#![allow(clippy::unwrap_used)]

use aws_patch_manager::baseline::approval::evaluate;
use aws_patch_manager::baseline::{Approval, BaselineSpec, PatchBaseline};
use aws_patch_manager::types::{OperatingSystem, Patch, PatchComplianceLevel};
use aws_patch_manager::{BaselineBuilder, RuleBuilder};
use jiff::Timestamp;
use proptest::prelude::*;

fn stored(spec: &BaselineSpec) -> PatchBaseline {
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), spec)
}

fn any_rule() -> impl Strategy<Value = RuleBuilder> {
    let approval = prop_oneof![
        (0..=360_u32).prop_map(Approval::AfterDays),
        (1_i16..=12, 1_i8..=28).prop_map(|(month, day)| {
            Approval::UntilDate(jiff::civil::date(2026, month as i8, day))
        }),
    ];
    let classification =
        proptest::sample::subsequence(vec!["Security", "Bugfix", "Enhancement"], 1..=3);
    let severity =
        proptest::sample::subsequence(vec!["Critical", "Important", "Medium", "Low"], 1..=4);
    let level = proptest::option::of(proptest::sample::select(
        PatchComplianceLevel::KNOWN.to_vec(),
    ));
    (
        approval,
        classification,
        severity,
        level,
        any::<Option<bool>>(),
    )
        .prop_map(
            |(approval, classifications, severities, level, non_security)| {
                let mut rule = RuleBuilder::new()
                    .classifications(classifications)
                    .severities(severities)
                    .approval(approval);
                if let Some(level) = level {
                    rule = rule.compliance_level(level);
                }
                if let Some(enable) = non_security {
                    rule = rule.enable_non_security(enable);
                }
                rule
            },
        )
}

proptest! {
    #[test]
    fn what_is_built_survives_the_json_form(
        name in "[a-zA-Z0-9_.-]{3,128}",
        rules in proptest::collection::vec(any_rule(), 0..=10),
        approved in proptest::collection::vec("[a-z*.-]{1,100}", 0..5),
    ) {
        let builder = rules.into_iter().fold(
            BaselineBuilder::new(name, OperatingSystem::AmazonLinux2023).approve_patches(approved),
            BaselineBuilder::rule,
        );
        let spec = builder.build().unwrap();
        let json = serde_json::to_string(&spec).unwrap();
        prop_assert_eq!(&BaselineBuilder::from_json(&json).unwrap().build().unwrap(), &spec);
        prop_assert_eq!(&serde_json::from_str::<BaselineSpec>(&json).unwrap(), &spec);
        prop_assert_eq!(stored(&spec).diff(&spec), vec![]);
    }

    #[test]
    fn no_input_makes_the_builder_panic(json in "\\PC{0,200}", name in "\\PC{0,10}", value in "\\PC{0,70}") {
        let _ = BaselineBuilder::from_json(&json);
        let rule = RuleBuilder::new().filter(name.as_str().into(), [value]).approve_after_days(1);
        let _ = BaselineBuilder::new(name, OperatingSystem::Suse).rule(rule).build();
    }

    #[test]
    fn no_list_entry_or_instant_makes_the_judge_panic(
        entry in "\\PC{1,40}",
        seconds in -377_705_023_201_i64..253_402_207_200,
    ) {
        let spec = BaselineBuilder::amazon_linux_2023_security("listed", 360)
            .approve_patches([entry.as_str()])
            .reject_patches([format!("{entry}*")])
            .build()
            .unwrap();
        let kernel: Patch = serde_json::from_value(serde_json::json!({
            "Name": "kernel", "Epoch": 0, "Version": "6.1.90", "Release": "99.amzn2023",
            "Arch": "x86_64", "Classification": "Security", "ReleaseDate": "2026-07-07T18:30:00Z"
        })).unwrap();
        if let Ok(instant) = Timestamp::from_second(seconds) {
            let _ = evaluate(&stored(&spec), &kernel, instant).to_string();
        }
    }
}
