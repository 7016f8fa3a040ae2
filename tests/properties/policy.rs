//! What holds for every patch policy.

#![allow(clippy::unwrap_used)]

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

proptest! {
    #[test]
    fn parameters_read_back_as_the_policy(policy in policy()) {
        let parameters = policy.to_parameters("eu-central-1", "111122223333");
        prop_assert_eq!(PatchPolicy::from_parameters(&parameters).unwrap(), policy);
    }
}
