//! ComplianceSource over what the last operation on each node reported, and over how each fares by
//! its associations.

mod association;
mod filter;
mod summary;

use std::sync::Arc;

use async_trait::async_trait;

use self::filter::passes_state;
use super::backend::MemoryBackend;
use super::check::{self, Validation};
use super::engine::{Finding, Report};
use super::paging::Bounds;
use super::state::State;
use crate::backend::{
    ComplianceSource, DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches,
    ListCompliance,
};
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, PatchState, ResourceComplianceSummaryItem,
};
use crate::error::Result;
use crate::group::PatchGroup;
use crate::page::{Page, PageRequest};
use crate::types::{NodeId, OsFamily, QueryFilter};

/// The pages of patch states and of a node's patches (SSM model).
const BOUNDS: Bounds = Bounds::new(10, 100, 50);

const PATCH_KEYS: [&str; 4] = ["Classification", "KBId", "Severity", "State"];

impl State {
    fn last_report(&self, node: &NodeId) -> Option<&Arc<Report>> {
        let node = self.fleet.get(node).filter(|node| node.is_managed())?;
        node.report.as_ref()
    }

    /// The reports of nodes that were in a group when they ran.
    fn reports_of<'a>(&'a self, group: &'a PatchGroup) -> impl Iterator<Item = &'a Report> {
        self.reports()
            .filter(move |report| report.state.patch_group == *group)
    }

    fn reports(&self) -> impl Iterator<Item = &Report> {
        self.fleet
            .managed()
            .filter_map(|node| node.report.as_deref())
    }

    fn patches(&self, request: &DescribeInstancePatches) -> Result<Vec<PatchComplianceData>> {
        const OPERATION: &str = "DescribeInstancePatches";
        let id = &request.instance_id;
        let node = self.fleet.get(id).filter(|node| node.is_managed());
        let node = node.ok_or_else(|| check::invalid_instance_id(OPERATION, id))?;
        known_keys(OPERATION, &request.filters)?;
        let windows = node.facts.operating_system.family() == OsFamily::Windows;
        Ok(findings(node.report.as_deref())
            .iter()
            // On Linux what does not apply is counted, not listed.
            .filter(|finding| windows || finding.data.state != PatchState::NotApplicable)
            .map(|finding| &finding.data)
            .filter(|patch| request.filters.iter().all(|filter| passes(patch, filter)))
            .cloned()
            .collect())
    }
}

fn findings(report: Option<&Report>) -> &[Finding] {
    report.map_or(&[], |report| &report.findings)
}

fn known_keys(operation: &'static str, filters: &[QueryFilter]) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.count("filters", filters, 0..=5);
    validation.finish()?;
    match filters
        .iter()
        .find(|filter| !PATCH_KEYS.contains(&&*filter.key))
    {
        None => Ok(()),
        Some(filter) => {
            let message = format!("{} is not one of {}", filter.key, PATCH_KEYS.join(", "));
            Err(check::invalid_filter(operation, message))
        }
    }
}

fn passes(patch: &PatchComplianceData, filter: &QueryFilter) -> bool {
    let named = |member: &str| filter.values.iter().any(|value| value == member);
    match filter.key.as_str() {
        "Classification" => named(&patch.classification),
        "KBId" => named(&patch.kb_id),
        "Severity" => named(&patch.severity),
        _ => named(patch.state.as_str()),
    }
}

fn well_formed(operation: &'static str, group: &PatchGroup) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.length("patchGroup", group.as_str(), 1..=256);
    validation.finish()
}

#[async_trait]
impl ComplianceSource for MemoryBackend {
    async fn describe_instance_patch_states(
        &self,
        nodes: &[NodeId],
        page: PageRequest,
    ) -> Result<Page<InstancePatchState>> {
        const OPERATION: &str = "DescribeInstancePatchStates";
        self.call(OPERATION, |state, _| {
            let mut validation = Validation::of(OPERATION);
            validation.count("instanceIds", nodes, 0..=50);
            validation.finish()?;
            let items = nodes
                .iter()
                .filter_map(|node| Some(state.last_report(node)?.state.clone()))
                .collect();
            state.page(items, &page, OPERATION, BOUNDS, &format!("{nodes:?}"))
        })
        .await
    }

    async fn describe_instance_patch_states_for_patch_group(
        &self,
        request: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>> {
        const OPERATION: &str = "DescribeInstancePatchStatesForPatchGroup";
        self.call(OPERATION, |state, _| {
            well_formed(OPERATION, &request.patch_group)?;
            filter::legal_states(OPERATION, &request.filters)?;
            let items = state
                .reports_of(&request.patch_group)
                .map(|report| &report.state)
                .filter(|node| {
                    request
                        .filters
                        .iter()
                        .all(|filter| passes_state(node, filter))
                })
                .cloned()
                .collect();
            let key = format!("{} {:?}", request.patch_group, request.filters);
            state.page(items, &request.page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_instance_patches(
        &self,
        request: DescribeInstancePatches,
    ) -> Result<Page<PatchComplianceData>> {
        const OPERATION: &str = "DescribeInstancePatches";
        self.call(OPERATION, |state, _| {
            let items = state.patches(&request)?;
            let key = format!("{} {:?}", request.instance_id, request.filters);
            state.page(items, &request.page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_patch_group_state(&self, group: &PatchGroup) -> Result<PatchGroupState> {
        const OPERATION: &str = "DescribePatchGroupState";
        self.call(OPERATION, |state, _| {
            well_formed(OPERATION, group)?;
            Ok(summary::of_group(state.reports_of(group)))
        })
        .await
    }

    async fn list_compliance_items(
        &self,
        node: &NodeId,
        request: ListCompliance,
    ) -> Result<Page<ComplianceItem>> {
        const OPERATION: &str = "ListComplianceItems";
        self.call(OPERATION, |state, _| {
            if state.fleet.get(node).is_none() {
                return Err(check::invalid_resource_id(OPERATION, node.as_str()));
            }
            filter::legal(OPERATION, &request.filters)?;
            let patches = state.last_report(node);
            let patches = patches.map(|report| summary::items(report));
            let items = association::items(state, node)
                .chain(patches.unwrap_or_default())
                .filter(|item| filter::passes_item(item, &request.filters))
                .collect();
            let key = format!("{node} {:?}", request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn list_compliance_summaries(
        &self,
        request: ListCompliance,
    ) -> Result<Page<ComplianceSummaryItem>> {
        const OPERATION: &str = "ListComplianceSummaries";
        self.call(OPERATION, |state, _| {
            filter::legal(OPERATION, &request.filters)?;
            let passes = |node: &ResourceComplianceSummaryItem| {
                filter::passes_resource(node, &request.filters)
            };
            let associations = association::of_nodes(state).filter(passes);
            let patches = state.reports().map(summary::of_node).filter(passes);
            let items = summary::of_fleet(associations)
                .into_iter()
                .chain(summary::of_fleet(patches))
                .collect();
            let key = format!("{:?}", request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn list_resource_compliance_summaries(
        &self,
        request: ListCompliance,
    ) -> Result<Page<ResourceComplianceSummaryItem>> {
        const OPERATION: &str = "ListResourceComplianceSummaries";
        self.call(OPERATION, |state, _| {
            filter::legal(OPERATION, &request.filters)?;
            let items = association::of_nodes(state)
                .chain(state.reports().map(summary::of_node))
                .filter(|node| filter::passes_resource(node, &request.filters))
                .collect();
            let key = format!("{:?}", request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }
}
