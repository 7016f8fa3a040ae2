use aws_sdk_ssm::operation::get_patch_baseline::GetPatchBaselineOutput;
use aws_sdk_ssm::operation::update_patch_baseline::UpdatePatchBaselineOutput;
use aws_sdk_ssm::types as sdk;

use super::member::Convert;
use super::{built, instant_of, required};
use crate::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchAction, PatchBaseline,
    PatchBaselineIdentity, PatchFilter, PatchFilterGroup, PatchSource,
};
use crate::error::{Error, ErrorKind, Result};
use crate::types::{BaselineId, Tag};

pub(in crate::aws) fn filter_group(group: &PatchFilterGroup) -> Result<sdk::PatchFilterGroup> {
    let filters = group
        .patch_filters
        .iter()
        .map(|filter| {
            built(
                sdk::PatchFilter::builder()
                    .key(sdk::PatchFilterKey::from(filter.key.as_str()))
                    .set_values(Some(filter.values.clone()))
                    .build(),
            )
        })
        .collect::<Result<_>>()?;
    built(
        sdk::PatchFilterGroup::builder()
            .set_patch_filters(Some(filters))
            .build(),
    )
}

fn from_filter_group(group: Option<sdk::PatchFilterGroup>) -> PatchFilterGroup {
    let filters = group.map(|group| group.patch_filters).unwrap_or_default();
    PatchFilterGroup::new(
        filters
            .into_iter()
            .map(|filter| PatchFilter::new(filter.key.as_str().into(), filter.values))
            .collect(),
    )
}

pub(in crate::aws) fn rules(rules: &ApprovalRules) -> Result<sdk::PatchRuleGroup> {
    let rules = rules.patch_rules.iter().map(rule).collect::<Result<_>>()?;
    built(
        sdk::PatchRuleGroup::builder()
            .set_patch_rules(Some(rules))
            .build(),
    )
}

fn rule(rule: &ApprovalRule) -> Result<sdk::PatchRule> {
    let builder = sdk::PatchRule::builder()
        .patch_filter_group(filter_group(&rule.filters)?)
        .set_compliance_level(
            rule.compliance_level
                .as_ref()
                .map(|level| level.as_str().into()),
        )
        .set_enable_non_security(rule.enable_non_security);
    Ok(match rule.approval {
        Some(Approval::AfterDays(days)) => {
            builder.approve_after_days(i32::try_from(days).unwrap_or(i32::MAX))
        }
        Some(Approval::UntilDate(date)) => builder.approve_until_date(date.to_string()),
        None => builder,
    }
    .build())
}

fn from_rules(rules: Option<sdk::PatchRuleGroup>) -> Result<ApprovalRules> {
    let rules = rules.map(|group| group.patch_rules).unwrap_or_default();
    Ok(ApprovalRules::new(
        rules.into_iter().map(from_rule).collect::<Result<_>>()?,
    ))
}

fn from_rule(rule: sdk::PatchRule) -> Result<ApprovalRule> {
    let approval = match (rule.approve_after_days, rule.approve_until_date) {
        (Some(days), _) => Some(Approval::AfterDays(super::count(days))),
        (None, Some(date)) => Some(Approval::UntilDate(date.parse().map_err(|error| {
            Error::new(
                ErrorKind::InvalidResponse,
                format!("ApproveUntilDate `{date}`: {error}"),
            )
        })?)),
        (None, None) => None,
    };
    let mut converted = ApprovalRule::new(
        from_filter_group(rule.patch_filter_group),
        Approval::AfterDays(0),
    );
    converted.approval = approval;
    converted.compliance_level = rule.compliance_level.map(|level| level.as_str().into());
    converted.enable_non_security = rule.enable_non_security;
    Ok(converted)
}

pub(in crate::aws) fn sources(sources: &[PatchSource]) -> Result<Vec<sdk::PatchSource>> {
    sources
        .iter()
        .map(|source| {
            built(
                sdk::PatchSource::builder()
                    .name(&source.name)
                    .set_products(Some(source.products.clone()))
                    .configuration(&source.configuration)
                    .build(),
            )
        })
        .collect()
}

fn from_sources(sources: Option<Vec<sdk::PatchSource>>) -> Vec<PatchSource> {
    sources
        .unwrap_or_default()
        .into_iter()
        .map(|source| PatchSource::new(source.name, source.products, source.configuration))
        .collect()
}

pub(in crate::aws) fn tags(tags: &[Tag]) -> Result<Vec<sdk::Tag>> {
    tags.iter().map(tag).collect()
}

fn tag(tag: &Tag) -> Result<sdk::Tag> {
    built(sdk::Tag::builder().key(&tag.key).value(&tag.value).build())
}

impl Convert<sdk::Tag> for Tag {
    fn convert(self) -> Result<sdk::Tag> {
        tag(&self)
    }
}

/// Reads the members that the answers of Get and Update share; the two are different types in the SDK.
macro_rules! from_output {
    ($output:expr, $operation:literal) => {{
        let output = $output;
        let id = BaselineId::from(required(output.baseline_id, $operation, "BaselineId")?);
        let mut baseline = PatchBaseline::from_spec(
            id,
            &BaselineSpec::new(output.name.unwrap_or_default(), Default::default()),
        );
        baseline.operating_system = output
            .operating_system
            .map(|os| os.as_str().into())
            .unwrap_or_default();
        baseline.global_filters = from_filter_group(output.global_filters);
        baseline.approval_rules = from_rules(output.approval_rules)?;
        baseline.approved_patches = output.approved_patches.unwrap_or_default();
        baseline.approved_patches_compliance_level = output
            .approved_patches_compliance_level
            .map(|level| level.as_str().into())
            .unwrap_or_default();
        baseline.approved_patches_enable_non_security = output
            .approved_patches_enable_non_security
            .unwrap_or_default();
        baseline.rejected_patches = output.rejected_patches.unwrap_or_default();
        baseline.rejected_patches_action = output
            .rejected_patches_action
            .map_or(PatchAction::AllowAsDependency, |action| {
                action.as_str().into()
            });
        baseline.created_date = instant_of(output.created_date);
        baseline.modified_date = instant_of(output.modified_date);
        baseline.description = output.description;
        baseline.sources = from_sources(output.sources);
        baseline.available_security_updates_compliance_status = output
            .available_security_updates_compliance_status
            .map(|status| status.as_str().into());
        baseline
    }};
}

pub(in crate::aws) fn from_get(mut output: GetPatchBaselineOutput) -> Result<PatchBaseline> {
    let groups = output.patch_groups.take();
    let mut baseline = from_output!(output, "GetPatchBaseline");
    baseline.patch_groups = groups;
    Ok(baseline)
}

pub(in crate::aws) fn from_update(output: UpdatePatchBaselineOutput) -> Result<PatchBaseline> {
    Ok(from_output!(output, "UpdatePatchBaseline"))
}

pub(in crate::aws) fn identity(identity: sdk::PatchBaselineIdentity) -> PatchBaselineIdentity {
    PatchBaselineIdentity {
        baseline_id: identity.baseline_id.map(BaselineId::from),
        baseline_name: identity.baseline_name,
        operating_system: identity.operating_system.map(|os| os.as_str().into()),
        baseline_description: identity.baseline_description,
        default_baseline: identity.default_baseline,
    }
}
