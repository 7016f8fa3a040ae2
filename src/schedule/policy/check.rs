use std::collections::BTreeMap;

use super::parameters::OWN_PARAMETERS;
use super::{PatchPolicy, PolicyTargets, SelectedBaseline};
use crate::error::Violations;
use crate::schedule::ScheduleMechanism;
use crate::types::{BaselineId, MaxConcurrency, MaxErrors, NodeId, Tag, is_tag_text};

/// Records all that is wrong with a policy, under the names of Quick Setup's parameters.
pub(in crate::schedule) fn check(policy: &PatchPolicy, found: &mut Violations) {
    check_name(&policy.name, found);
    let scan = &policy.scan_schedule;
    ScheduleMechanism::PatchPolicy.read("ConfigurationOptionsScanValue", scan, found);
    if let Some(install) = &policy.install_schedule {
        ScheduleMechanism::PatchPolicy.read("ConfigurationOptionsInstallValue", install, found);
    }
    found.require(
        policy.reboot_option.is_known(),
        "RebootOption",
        &policy.reboot_option,
        "`RebootIfNeeded` or `NoReboot`",
    );
    check_targets(&policy.targets, found);
    check_baselines(&policy.baselines, found);
    found.require(
        policy.max_concurrency.is_well_formed(),
        "RateControlConcurrency",
        policy.max_concurrency,
        MaxConcurrency::LEGAL,
    );
    found.require(
        policy.max_errors.is_well_formed(),
        "RateControlErrorThreshold",
        policy.max_errors,
        MaxErrors::LEGAL,
    );
    check_parameters(&policy.other_parameters, found);
}

/// Whether a patch policy can have this name (Quick Setup, `PatchPolicyName`).
pub(crate) fn is_policy_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    (1..=120).contains(&name.chars().count()) && name.chars().all(legal)
}

fn check_name(name: &str, found: &mut Violations) {
    found.require(
        is_policy_name(name),
        "PatchPolicyName",
        name,
        "1 to 120 letters, digits, spaces, `.`, `_` or `-`",
    );
}

fn check_targets(targets: &PolicyTargets, found: &mut Violations) {
    match targets {
        PolicyTargets::All => {}
        PolicyTargets::InstanceIds(ids) => check_instance_ids(ids, found),
        PolicyTargets::Tag(tag) => check_tag(tag, found),
        PolicyTargets::ResourceGroup(name) => found.require(
            !name.trim().is_empty(),
            "ResourceGroupName",
            name,
            "the name of a resource group",
        ),
    }
}

fn check_instance_ids(ids: &[NodeId], found: &mut Violations) {
    found.require(
        (1..=25).contains(&ids.len()),
        "TargetInstances",
        format_args!("{} ids", ids.len()),
        "1 to 25 node ids; name more nodes by a tag or a resource group",
    );
    for (index, id) in ids.iter().enumerate() {
        let field = format!("TargetInstances[{index}]");
        found.require(id.is_well_formed(), field, id, NodeId::LEGAL);
    }
}

fn check_tag(tag: &Tag, found: &mut Violations) {
    found.require(
        (1..=128).contains(&tag.key.chars().count()) && is_tag_text(&tag.key),
        "TargetTagKey",
        &tag.key,
        "1 to 128 letters, digits, spaces or `_.:/=+-@`",
    );
    found.require(
        tag.value.chars().count() <= 256 && is_tag_text(&tag.value),
        "TargetTagValue",
        &tag.value,
        "at most 256 letters, digits, spaces or `_.:/=+-@`",
    );
}

fn check_baselines(baselines: &BTreeMap<String, SelectedBaseline>, found: &mut Violations) {
    for (os, baseline) in baselines {
        let id = &baseline.value;
        found.require(
            id.is_well_formed(),
            format!("SelectedPatchBaselines.{os}.value"),
            id,
            BaselineId::LEGAL,
        );
        let label = &baseline.label;
        let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        found.require(
            (3..=128).contains(&label.chars().count()) && label.chars().all(legal),
            format!("SelectedPatchBaselines.{os}.label"),
            label,
            "the baseline's name: 3 to 128 letters, digits, `_`, `-` or `.`",
        );
    }
}

fn check_parameters(parameters: &BTreeMap<String, String>, found: &mut Violations) {
    for (name, value) in parameters {
        found.require(
            !OWN_PARAMETERS.contains(&name.as_str()),
            name,
            value,
            "not as a further parameter: the policy's own fields give it",
        );
        // 40,960 characters are the model's bound of a parameter's value.
        found.require(
            value.chars().count() <= 40_960,
            name,
            format_args!("{} characters", value.chars().count()),
            "at most 40,960 characters",
        );
    }
}
