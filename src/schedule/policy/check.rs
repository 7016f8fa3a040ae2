use std::collections::BTreeMap;

use super::parameters::{
    ACCOUNTS, ATTACH, BASELINE_REGION, INSTANCES, OTHER_PARAMETERS, OWN_PARAMETERS, REGIONS, UNITS,
    USE_DEFAULT,
};
use super::{PatchPolicy, PolicyTargets, SelectedBaseline};
use crate::error::Violations;
use crate::schedule::ScheduleMechanism;
use crate::spelling::nearest;
use crate::types::{
    BaselineId, MaxConcurrency, MaxErrors, NodeId, OperatingSystem, OrganizationalUnitId, Tag,
    is_tag_text,
};

/// The Regions that patch policies exist in (User Guide, quick-setup-patch-manager; botocore's
/// endpoints of ssm-quicksetup name the same).
const POLICY_REGIONS: [&str; 16] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "sa-east-1",
];

/// The characters that the value of a parameter can have (Quick Setup model).
const MAX_VALUE: usize = 40_960;

/// Parameters that are `true` or `false`, as text (Quick Setup model).
const SWITCHES: [&str; 3] = [ATTACH, "OutputLogEnableS3", "HasDeletedBaseline"];

/// Records all that is wrong with a policy, under the names of Quick Setup's parameters.
pub(in crate::schedule) fn check(policy: &PatchPolicy, found: &mut Violations) {
    check_as_service(policy, found);
    if let PolicyTargets::Tag(tag) = &policy.targets {
        check_tag(tag, found);
    }
    check_units(policy, found);
    check_baselines(&policy.baselines, found);
    check_parameters(&policy.other_parameters, found);
    let role = policy.local_deployment_execution_role_name.as_deref();
    if let Some(name) = role {
        let legal = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        found.require(
            (1..=64).contains(&name.len()) && name.chars().all(legal),
            "LocalDeploymentExecutionRoleName",
            name,
            "the name of a role, not its ARN: 1 to 64 letters, digits or `_+=,.@-`",
        );
    }
}

/// Records what the service is documented to refuse: a backend refuses the same, and no more.
pub(crate) fn check_as_service(policy: &PatchPolicy, found: &mut Violations) {
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
    match &policy.targets {
        PolicyTargets::InstanceIds(ids) => check_instance_ids(ids, found),
        PolicyTargets::ResourceGroup(name) => found.require(
            !name.trim().is_empty(),
            "ResourceGroupName",
            name,
            "the name of a resource group",
        ),
        PolicyTargets::All | PolicyTargets::Tag(_) => {}
    }
    check_place(policy, found);
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
}

/// Whether a patch policy can have this name (Quick Setup, `PatchPolicyName`).
pub(crate) fn is_policy_name(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    (1..=120).contains(&name.chars().count()) && name.chars().all(legal)
}

/// Records a Region that has no patch policies.
pub(crate) fn check_region(field: &str, region: &str, found: &mut Violations) {
    found.require(
        POLICY_REGIONS.contains(&region),
        field,
        region,
        format!(
            "a Region with patch policies: {}",
            POLICY_REGIONS.join(", ")
        ),
    );
}

fn check_name(name: &str, found: &mut Violations) {
    found.require(
        is_policy_name(name),
        "PatchPolicyName",
        name,
        "1 to 120 letters, digits, spaces, `.`, `_` or `-`",
    );
}

/// Where the policy is deployed: exactly one of accounts and organizational units, and resource groups
/// in a single account alone (Quick Setup model, User Guide).
fn check_place(policy: &PatchPolicy, found: &mut Violations) {
    let given = |name: &str| {
        let text = policy.other_parameters.get(name).map(String::as_str);
        text.filter(|text| !text.is_empty())
    };
    let for_units = !policy.organizational_units.is_empty();
    if let (Some(accounts), true) = (given(ACCOUNTS), for_units) {
        let legal = format!("either this or {UNITS}, not both");
        found.push(ACCOUNTS, accounts, legal);
    }
    if let (PolicyTargets::ResourceGroup(name), true) = (&policy.targets, for_units) {
        let legal = format!("a tag or every node: with {UNITS} no resource group is a target");
        found.push("ResourceGroupName", name, legal);
    }
    for region in &policy.regions {
        check_region(REGIONS, region, found);
    }
    if let Some(region) = given(BASELINE_REGION) {
        check_region(BASELINE_REGION, region, found);
    }
}

/// What the service is not known to refuse: the deployment would fail, or reach no node.
fn check_units(policy: &PatchPolicy, found: &mut Violations) {
    for unit in &policy.organizational_units {
        let legal = OrganizationalUnitId::LEGAL;
        found.require(unit.is_well_formed(), UNITS, unit, legal);
    }
    // With the commas between them.
    let units = policy.organizational_units.iter();
    let length: usize = units.map(|unit| unit.as_str().len() + 1).sum();
    found.require(
        length <= MAX_VALUE + 1,
        UNITS,
        format_args!("{} units", policy.organizational_units.len()),
        "at most 40,960 characters; name a unit above them, or the root",
    );
    // "For local deployments" (Quick Setup model, TargetType): an instance is in one account.
    if let (PolicyTargets::InstanceIds(ids), false) =
        (&policy.targets, policy.organizational_units.is_empty())
    {
        let ids: Vec<_> = ids.iter().map(NodeId::as_str).collect();
        let legal = format!("a tag or every node: with {UNITS} no node id is a target");
        found.push(INSTANCES, ids.join(","), legal);
    }
}

/// "Currently supports only Amazon EC2 instances", at most 25 (User Guide, quick-setup-patch-manager).
fn check_instance_ids(ids: &[NodeId], found: &mut Violations) {
    found.require(
        (1..=25).contains(&ids.len()),
        "TargetInstances",
        format_args!("{} ids", ids.len()),
        "1 to 25 node ids; name more nodes by a tag or a resource group",
    );
    for (index, id) in ids.iter().enumerate() {
        found.require(
            id.is_well_formed() && !id.is_hybrid(),
            format!("TargetInstances[{index}]"),
            id,
            "the id of an EC2 instance, `i-` and 8 or 17 characters; name hybrid nodes by a tag",
        );
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
        let known = OperatingSystem::KNOWN.iter().map(OperatingSystem::as_str);
        refuse_slip("SelectedPatchBaselines", os, known, found);
        let (id, label) = (&baseline.value, &baseline.label);
        found.require(
            id.is_well_formed(),
            format!("SelectedPatchBaselines.{os}.value"),
            id,
            BaselineId::LEGAL,
        );
        // AWS's baselines go by ARN in every example; under a bare id the account has none.
        found.require(
            id.is_aws_owned() || !is_aws_label(label),
            format!("SelectedPatchBaselines.{os}.value"),
            id,
            format!("the ARN of {label}: a baseline that AWS owns goes by its ARN"),
        );
        let legal = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        found.require(
            (3..=128).contains(&label.chars().count()) && label.chars().all(legal),
            format!("SelectedPatchBaselines.{os}.label"),
            label,
            "the baseline's name: 3 to 128 letters, digits, `_`, `-` or `.`",
        );
    }
}

/// Whether a name is of the form of AWS's own, such as `AWS-UbuntuDefaultPatchBaseline`.
fn is_aws_label(label: &str) -> bool {
    label.starts_with("AWS-") && label.contains("PatchBaseline")
}

fn check_parameters(parameters: &BTreeMap<String, String>, found: &mut Violations) {
    for (name, value) in parameters {
        let own = OWN_PARAMETERS.contains(&name.as_str());
        found.require(
            !own,
            name,
            value,
            "not as a further parameter: the policy's own fields give it",
        );
        if !own {
            let known = OTHER_PARAMETERS.iter().chain(OWN_PARAMETERS).copied();
            refuse_slip("Parameters", name, known, found);
        }
        found.require(
            value.chars().count() <= MAX_VALUE,
            name,
            format_args!("{} characters", value.chars().count()),
            "at most 40,960 characters",
        );
        if SWITCHES.contains(&name.as_str()) {
            let legal = ["true", "false", ""].contains(&value.as_str());
            found.require(legal, name, value, "`true` or `false`");
        }
        if name == USE_DEFAULT {
            let legal = ["default", "custom", ""].contains(&value.as_str());
            found.require(legal, name, value, "`default` or `custom`");
        }
    }
}

/// Records a name that is none of these and looks like one. A name that looks like none may be
/// newer than this crate, so it passes.
fn refuse_slip<'n>(
    field: &str,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    found: &mut Violations,
) {
    if known.clone().all(|known| known != name)
        && let Some(meant) = nearest(name, known)
    {
        found.push(field, name, format!("not known; the nearest is `{meant}`"));
    }
}
