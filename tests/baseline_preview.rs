//! What a baseline makes of patches over time, and what a changed baseline gains and loses.

#![allow(clippy::unwrap_used, clippy::panic)]

use aws_patch_manager::baseline::approval::{
    ApprovalEffect, ApprovalPreview, ApprovalVerdict, approvals, compare, evaluate,
};
use aws_patch_manager::baseline::{PatchBaseline, PatchFilterKey};
use aws_patch_manager::types::{OperatingSystem, Patch};
use aws_patch_manager::{BaselineBuilder, RuleBuilder};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn stored(builder: BaselineBuilder) -> PatchBaseline {
    PatchBaseline::from_spec("pb-0123456789abcdef0".into(), &builder.build().unwrap())
}

fn windows(days: u16) -> PatchBaseline {
    stored(BaselineBuilder::windows_critical_and_security(
        "prod",
        days.into(),
    ))
}

fn update(kb: &str, released: &str) -> Patch {
    Patch::kb(kb)
        .with_product("WindowsServer2022")
        .with_classification("SecurityUpdates")
        .with_severity("Critical")
        .with_release_date(at(released))
}

fn may(baseline: &PatchBaseline, patches: &[Patch]) -> ApprovalPreview {
    let (from, until) = (at("2026-05-14T00:00:00Z"), at("2026-06-01T00:00:00Z"));
    approvals(baseline, patches, from..until)
}

#[test]
fn a_patch_waits_until_its_delay_has_passed_and_is_then_approved() {
    let patch = update("KB1", "2026-05-12T17:00:00Z");
    let preview = may(&windows(7), std::slice::from_ref(&patch));
    let [found] = &preview.patches[..] else {
        panic!("{preview}");
    };
    assert!(matches!(found.verdict, ApprovalVerdict::Pending { .. }));
    let end = at("2026-05-19T17:00:00Z");
    assert_eq!(found.approved_at, Some(end));
    assert_eq!(found.changes.len(), 1);
    assert_eq!(found.changes[0].after, end);
    let baseline = windows(7);
    assert!(!evaluate(&baseline, &patch, end).is_approved());
    assert_eq!(
        preview.to_string(),
        "from 2026-05-14T00:00:00Z until 2026-06-01T00:00:00Z\n\
         KB1: pending until 2026-05-19T17:00:00Z by rule 0; \
         after 2026-05-19T17:00:00Z: approved by rule 0 since 2026-05-19T17:00:00Z"
    );
}

#[test]
fn a_delay_that_ends_after_the_period_leaves_the_patch_waiting() {
    let preview = may(&windows(30), &[update("KB1", "2026-05-12T17:00:00Z")]);
    assert_eq!(preview.patches[0].approved_at, None);
    assert!(preview.patches[0].changes.is_empty());
    assert!(preview.calendar().is_empty());
}

#[test]
fn a_reason_names_the_key_the_value_and_what_the_rule_takes() {
    let builder = BaselineBuilder::new("linux", OperatingSystem::AmazonLinux2023).rule(
        RuleBuilder::new()
            .filter(PatchFilterKey::Classification, ["Security"])
            .approve_after_days(0),
    );
    let mut patch = Patch::default();
    patch.name = Some("vim".to_owned());
    patch.arch = Some("x86_64".to_owned());
    let cases = [
        (
            Some("Bugfix"),
            "rule 0: CLASSIFICATION is Bugfix, not Security",
        ),
        (None, "rule 0: CLASSIFICATION is absent, not Security"),
    ];
    let baseline = stored(builder);
    for (classification, reason) in cases {
        patch.classification = classification.map(str::to_owned);
        let preview = may(&baseline, std::slice::from_ref(&patch));
        assert_eq!(preview.patches[0].reasons, [reason]);
        assert!(preview.patches[0].to_string().contains(reason));
    }
}

#[test]
fn the_calendar_has_each_patch_on_the_day_on_which_it_becomes_approved() {
    let patches = [
        update("KB1", "2026-05-08T12:00:00Z"),
        update("KB2", "2026-05-08T23:00:00Z"),
        update("KB3", "2026-05-12T17:00:00Z"),
        update("KB4", "2026-04-01T00:00:00Z"),
    ];
    let preview = may(&windows(7), &patches);
    let days: Vec<String> = preview
        .calendar()
        .into_iter()
        .map(|(day, patches)| {
            let names: Vec<_> = patches.iter().map(|one| one.patch.as_str()).collect();
            format!("{day} {}", names.join(" "))
        })
        .collect();
    assert_eq!(days, ["2026-05-15 KB1 KB2", "2026-05-19 KB3"]);
}

#[test]
fn a_patch_that_is_superseded_before_its_delay_ends_never_installs() {
    let mut newer = update("KB2", "2026-05-20T00:00:00Z");
    newer.supersedes = vec!["KB1".to_owned()];
    let patches = [update("KB1", "2026-05-12T17:00:00Z"), newer];
    for (days, first) in [(7, false), (14, true), (30, true)] {
        let preview = may(&windows(days), &patches);
        let older = &preview.patches[0];
        assert_eq!(older.superseded.as_ref().unwrap().by, "KB2");
        assert_eq!(older.is_superseded_first(), first, "{days} days: {older}");
        assert!(preview.patches[1].superseded.is_none());
    }
}

#[test]
fn a_patch_of_another_product_supersedes_nothing() {
    let mut newer = update("KB2", "2026-05-20T00:00:00Z");
    newer.supersedes = vec!["KB1".to_owned()];
    newer.product = Some("WindowsServer2019".to_owned());
    let preview = may(&windows(7), &[update("KB1", "2026-05-12T17:00:00Z"), newer]);
    assert!(preview.patches[0].superseded.is_none());
}

#[test]
fn a_comparison_says_what_is_gained_lost_earlier_and_later() {
    let period = at("2026-05-14T00:00:00Z")..at("2026-06-01T00:00:00Z");
    let early = update("KB1", "2026-05-12T17:00:00Z");
    let late = update("KB2", "2026-05-20T00:00:00Z");
    let patches = [early, late];
    let effects = |from, to| -> Vec<(String, ApprovalEffect)> {
        let found = compare(&windows(from), &windows(to), &patches, period.clone());
        let changes = found.changes.into_iter();
        changes.map(|one| (one.patch, one.effect)).collect()
    };
    let kb = |name: &str, effect| (name.to_owned(), effect);
    assert_eq!(
        effects(7, 14),
        [
            kb("KB1", ApprovalEffect::Later),
            kb("KB2", ApprovalEffect::Lost)
        ]
    );
    assert_eq!(
        effects(14, 7),
        [
            kb("KB1", ApprovalEffect::Earlier),
            kb("KB2", ApprovalEffect::Gained)
        ]
    );
    assert_eq!(effects(7, 7), []);
}

#[test]
fn a_list_decides_at_once_and_the_preview_names_its_entry() {
    let patches = [
        update("KB1", "2026-05-12T17:00:00Z"),
        update("KB2", "2026-05-12T17:00:00Z"),
    ];
    let builder = BaselineBuilder::windows_critical_and_security("prod", 7)
        .approve_patches(["KB1"])
        .reject_patches(["KB2"]);
    let preview = may(&stored(builder), &patches);
    let lines: Vec<String> = preview.patches.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "KB1: approved by approved list entry `KB1`; after 2026-05-19T17:00:00Z: \
             approved by approved list entry `KB1` and rule 0",
            "KB2: rejected by list entry `KB2`",
        ]
    );
    assert!(preview.calendar().is_empty());
}

#[test]
fn a_comparison_counts_what_a_list_approves_now_or_rejects() {
    let period = at("2026-05-14T00:00:00Z")..at("2026-06-01T00:00:00Z");
    let patches = [update("KB1", "2026-05-12T17:00:00Z")];
    let week = || BaselineBuilder::windows_critical_and_security("prod", 7);
    for (desired, effect) in [
        (week().approve_patches(["KB1"]), ApprovalEffect::Earlier),
        (week().reject_patches(["KB1"]), ApprovalEffect::Lost),
    ] {
        let (current, desired) = (stored(week()), stored(desired));
        let found = compare(&current, &desired, &patches, period.clone());
        let effects: Vec<_> = found.changes.iter().map(|one| one.effect).collect();
        assert_eq!(effects, [effect], "{found}");
        let back = compare(&desired, &current, &patches, period.clone());
        let opposite = match effect {
            ApprovalEffect::Lost => ApprovalEffect::Gained,
            _ => ApprovalEffect::Later,
        };
        assert_eq!(back.changes[0].effect, opposite, "{back}");
    }
}
