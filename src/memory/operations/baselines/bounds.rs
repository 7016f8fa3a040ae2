//! What the service refuses of a baseline: the bounds of its model, and filters that do not suit the
//! operating system.

use crate::backend::Operation;
use crate::baseline::{
    Approval, ApprovalRules, BaselineChanges, BaselineSpec, OsRules, PatchFilter, PatchFilterGroup,
    PatchSource, is_name, reach_applications,
};
use crate::error::Result;
use crate::memory::operations::check::{Validation, refused};
use crate::types::{OperatingSystem, Tag, is_tag_text};

/// Checks the input of CreatePatchBaseline.
pub(super) fn spec(
    operation: Operation,
    spec: &BaselineSpec,
    allow_unlisted_values: bool,
) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.one_of("operatingSystem", spec.operating_system().is_known());
    tags(&mut validation, &spec.tags);
    let changes = BaselineChanges::from(spec);
    changes_into(&mut validation, &changes);
    validation.finish()?;
    if allow_unlisted_values {
        return Ok(());
    }
    filters(operation, &spec.operating_system(), &changes)
}

/// Refuses keys and values that the service does not take for the operating system, by the rule that
/// the builder has, and values with the service's message (terraform-provider-aws#18359).
pub(super) fn filters(
    operation: Operation,
    os: &OperatingSystem,
    changes: &BaselineChanges,
) -> Result<()> {
    let rules = changes
        .approval_rules
        .iter()
        .flat_map(|rules| &rules.patch_rules);
    let groups = rules
        .map(|rule| &rule.filters.patch_filters)
        .map(|filters| (filters, reach_applications(filters)));
    // Global filters concern every rule, also those about applications.
    let global = changes
        .global_filters
        .iter()
        .map(|group| (&group.patch_filters, true));
    let legal = OsRules::of(os);
    for (filters, applications) in global.chain(groups) {
        for PatchFilter { key, values, .. } in filters {
            // The service's text for a key is not recorded.
            let mut message = format!("Invalid Filter Key: {key} for Operating System: {os}");
            if legal.allows(key) {
                let Some(value) = values
                    .iter()
                    .find(|value| !legal.takes(key, value, applications))
                else {
                    continue;
                };
                let valid = legal.known_values(key).join(", ");
                message = format!(
                    "Invalid Filter Value: {value} for Key: {key}, valid values are: {valid}"
                );
            }
            return Err(refused(operation, message));
        }
    }
    Ok(())
}

/// Checks the input of UpdatePatchBaseline.
pub(super) fn changes(
    operation: Operation,
    changes: &BaselineChanges,
    replace: bool,
) -> Result<()> {
    let mut validation = Validation::of(operation);
    let named = changes.name.is_some() || !replace;
    validation.require(
        named,
        "name",
        "Member must not be null where replace is true",
    );
    changes_into(&mut validation, changes);
    validation.finish()
}

fn changes_into(validation: &mut Validation, changes: &BaselineChanges) {
    if let Some(name) = &changes.name {
        let legal = is_name(name, 3..=128);
        validation.require(legal, "name", "Member must match ^[a-zA-Z0-9_\\-.]{3,128}$");
    }
    if let Some(description) = &changes.description {
        validation.length("description", description, 1..=1024);
    }
    if let Some(group) = &changes.global_filters {
        filter_group(validation, "globalFilters", group);
    }
    if let Some(rules) = &changes.approval_rules {
        approval_rules(validation, rules);
    }
    for (field, list) in [
        ("approvedPatches", &changes.approved_patches),
        ("rejectedPatches", &changes.rejected_patches),
    ] {
        let entries = list.as_deref().unwrap_or_default();
        validation.count(field, entries, 0..=50);
        for entry in entries {
            validation.length(field, entry, 1..=100);
        }
    }
    if let Some(level) = &changes.approved_patches_compliance_level {
        validation.one_of("approvedPatchesComplianceLevel", level.is_known());
    }
    if let Some(action) = &changes.rejected_patches_action {
        validation.one_of("rejectedPatchesAction", action.is_known());
    }
    if let Some(status) = &changes.available_security_updates_compliance_status {
        validation.one_of(
            "availableSecurityUpdatesComplianceStatus",
            status.is_known(),
        );
    }
    sources(validation, changes.sources.as_deref().unwrap_or_default());
}

fn approval_rules(validation: &mut Validation, rules: &ApprovalRules) {
    validation.count("approvalRules.patchRules", &rules.patch_rules, 0..=10);
    for (number, rule) in rules.patch_rules.iter().enumerate() {
        let at = format!("approvalRules.patchRules.{}", number + 1);
        filter_group(validation, &format!("{at}.patchFilterGroup"), &rule.filters);
        match rule.approval {
            Some(Approval::AfterDays(days)) => validation.require(
                days <= 360,
                format!("{at}.approveAfterDays"),
                "Member must have value between 0 and 360",
            ),
            Some(Approval::UntilDate(date)) => validation.require(
                date.year() >= 0,
                format!("{at}.approveUntilDate"),
                "Member must be a date as YYYY-MM-DD",
            ),
            None => validation.require(
                false,
                &at,
                "Member must have one of approveAfterDays and approveUntilDate",
            ),
        }
        let level = rule.compliance_level.as_ref();
        validation.one_of(
            format!("{at}.complianceLevel"),
            level.is_none_or(|level| level.is_known()),
        );
    }
}

/// Up to five filters, one more than the service's model says: such rules are deployed
/// (CloudFormation's schema of AWS::SSM::PatchBaseline).
fn filter_group(validation: &mut Validation, at: &str, group: &PatchFilterGroup) {
    validation.count(format!("{at}.patchFilters"), &group.patch_filters, 0..=5);
    for (number, filter) in group.patch_filters.iter().enumerate() {
        let at = format!("{at}.patchFilters.{}", number + 1);
        validation.one_of(format!("{at}.key"), filter.key.is_known());
        validation.count(format!("{at}.values"), &filter.values, 1..=20);
        for value in &filter.values {
            validation.length(format!("{at}.values"), value, 1..=64);
        }
    }
}

fn sources(validation: &mut Validation, sources: &[PatchSource]) {
    validation.count("sources", sources, 0..=20);
    for (number, source) in sources.iter().enumerate() {
        let at = format!("sources.{}", number + 1);
        let legal = is_name(&source.name, 3..=50);
        validation.require(
            legal,
            format!("{at}.name"),
            "Member must match ^[a-zA-Z0-9_\\-.]{3,50}$",
        );
        validation.count(format!("{at}.products"), &source.products, 1..=20);
        for product in &source.products {
            validation.length(format!("{at}.products"), product, 1..=128);
        }
        validation.length(
            format!("{at}.configuration"),
            &source.configuration,
            1..=1024,
        );
    }
}

/// The quota of 50 tags on a resource, and the model's bounds of each.
fn tags(validation: &mut Validation, tags: &[Tag]) {
    validation.count("tags", tags, 0..=50);
    for (number, tag) in tags.iter().enumerate() {
        let at = format!("tags.{}", number + 1);
        validation.length(format!("{at}.key"), &tag.key, 1..=128);
        validation.length(format!("{at}.value"), &tag.value, 0..=256);
        validation.require(
            is_tag_text(&tag.key) && is_tag_text(&tag.value),
            &at,
            "Member must match ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$",
        );
        validation.require(
            !tag.key.starts_with("aws:"),
            format!("{at}.key"),
            "Member must not begin with the reserved aws:",
        );
    }
}
