use aws_sdk_ssm::types as sdk;

use super::built;
use super::member::Convert;
use crate::error::Result;
use crate::operation::CommandFilter;
use crate::types::{ComplianceFilter, PatchStateFilter, QueryFilter, Target};

pub(in crate::aws) fn orchestrator(
    filters: &[QueryFilter],
) -> Option<Vec<sdk::PatchOrchestratorFilter>> {
    let filters: Vec<_> = filters
        .iter()
        .map(|filter| {
            sdk::PatchOrchestratorFilter::builder()
                .key(&filter.key)
                .set_values(Some(filter.values.clone()))
                .build()
        })
        .collect();
    (!filters.is_empty()).then_some(filters)
}

pub(in crate::aws) fn windows(
    filters: &[QueryFilter],
) -> Option<Vec<sdk::MaintenanceWindowFilter>> {
    let filters: Vec<_> = filters
        .iter()
        .map(|filter| {
            sdk::MaintenanceWindowFilter::builder()
                .key(&filter.key)
                .set_values(Some(filter.values.clone()))
                .build()
        })
        .collect();
    (!filters.is_empty()).then_some(filters)
}

pub(in crate::aws) fn instance_information(
    filters: &[QueryFilter],
) -> Result<Option<Vec<sdk::InstanceInformationStringFilter>>> {
    let filters = filters
        .iter()
        .map(|filter| {
            built(
                sdk::InstanceInformationStringFilter::builder()
                    .key(&filter.key)
                    .set_values(Some(filter.values.clone()))
                    .build(),
            )
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((!filters.is_empty()).then_some(filters))
}

pub(in crate::aws) fn patch_state(
    filters: &[PatchStateFilter],
) -> Result<Option<Vec<sdk::InstancePatchStateFilter>>> {
    let filters = filters
        .iter()
        .map(|filter| {
            built(
                sdk::InstancePatchStateFilter::builder()
                    .key(&filter.key)
                    .set_values(Some(filter.values.clone()))
                    .r#type(filter.operator.as_str().into())
                    .build(),
            )
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((!filters.is_empty()).then_some(filters))
}

pub(in crate::aws) fn compliance(
    filters: &[ComplianceFilter],
) -> Option<Vec<sdk::ComplianceStringFilter>> {
    let filters: Vec<_> = filters
        .iter()
        .map(|filter| {
            sdk::ComplianceStringFilter::builder()
                .key(&filter.key)
                .set_values(Some(filter.values.clone()))
                .r#type(filter.operator.as_str().into())
                .build()
        })
        .collect();
    (!filters.is_empty()).then_some(filters)
}

pub(in crate::aws) fn commands(
    filters: &[CommandFilter],
) -> Result<Option<Vec<sdk::CommandFilter>>> {
    let filters = filters
        .iter()
        .map(|filter| {
            built(
                sdk::CommandFilter::builder()
                    .key(filter.key.as_str().into())
                    .value(&filter.value)
                    .build(),
            )
        })
        .collect::<Result<Vec<_>>>()?;
    Ok((!filters.is_empty()).then_some(filters))
}

pub(in crate::aws) fn targets(targets: &[Target]) -> Option<Vec<sdk::Target>> {
    let targets: Vec<_> = targets.iter().map(target).collect();
    (!targets.is_empty()).then_some(targets)
}

fn target(target: &Target) -> sdk::Target {
    sdk::Target::builder()
        .key(&target.key)
        .set_values(Some(target.values.clone()))
        .build()
}

pub(in crate::aws) fn from_targets(targets: Option<Vec<sdk::Target>>) -> Vec<Target> {
    targets
        .unwrap_or_default()
        .into_iter()
        .map(from_target)
        .collect()
}

fn from_target(target: sdk::Target) -> Target {
    Target {
        key: target.key.unwrap_or_default(),
        values: target.values.unwrap_or_default(),
    }
}

impl Convert<sdk::Target> for Target {
    fn convert(self) -> Result<sdk::Target> {
        Ok(target(&self))
    }
}

impl Convert<Target> for sdk::Target {
    fn convert(self) -> Result<Target> {
        Ok(from_target(self))
    }
}
