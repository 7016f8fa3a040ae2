//! ComplianceSource over the report of the last operation on each node, over the status of its
//! associations, and over what others report.

mod association;
mod custom;
mod filter;
#[cfg(feature = "emulator")]
mod put;
mod summary;

pub(super) use self::summary::PATCH;

use std::sync::Arc;

use async_trait::async_trait;

use self::filter::passes_state;
use crate::backend::{
    ComplianceSource, DescribeInstancePatchStates, DescribeInstancePatchStatesForPatchGroup,
    DescribeInstancePatches, DescribePatchGroupState, ListComplianceItems, ListComplianceSummaries,
    ListResourceComplianceSummaries, Operation,
};
use crate::compliance::{
    ComplianceItem, ComplianceSummaryItem, InstancePatchState, PatchComplianceData,
    PatchGroupState, PatchState, ResourceComplianceSummaryItem,
};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::memory::backend::MemoryBackend;
use crate::memory::operations::check::{self, Validation};
use crate::memory::operations::paging::Bounds;
use crate::memory::store::State;
use crate::memory::store::report::{Finding, Report};
use crate::page::Page;
use crate::types::{NodeId, OsFamily, QueryFilter};

/// The page sizes of patch states and of a node's patches (SSM model).
const BOUNDS: Bounds = Bounds::new(10, 100, 50);

const PATCH_KEYS: [&str; 4] = ["Classification", "KBId", "Severity", "State"];

fn last_report<'a>(state: &'a State, node: &NodeId) -> Option<&'a Arc<Report>> {
    let node = state.fleet.get(node).filter(|node| node.is_managed())?;
    node.report.as_ref()
}

/// The compliance items of a node: of its associations, of its patches, and custom ones.
pub(super) fn items_of(state: &State, node: &NodeId) -> Vec<ComplianceItem> {
    let patches = last_report(state, node).map(|report| summary::items(report));
    let items = association::items(state, node);
    let items = items.chain(patches.unwrap_or_default());
    items.chain(custom::items(state, node)).collect()
}

/// Their summaries, one for each type of compliance that the node has.
pub(super) fn summaries_of(state: &State, node: &NodeId) -> Vec<ResourceComplianceSummaryItem> {
    let associations = association::of_node(state, node);
    let patches = last_report(state, node).map(|report| summary::of_node(report));
    let custom = state.fleet.get(node).into_iter().flat_map(custom::of_node);
    associations
        .into_iter()
        .chain(patches)
        .chain(custom)
        .collect()
}

/// The reports of nodes that were in a group at their run, by id, from this node on.
fn reports_of<'a>(
    state: &'a State,
    group: &'a PatchGroup,
    from: Option<&NodeId>,
) -> impl Iterator<Item = &'a Report> + use<'a> {
    reports(state, from).filter(move |report| report.state.patch_group == *group)
}

fn reports<'a>(
    state: &'a State,
    from: Option<&NodeId>,
) -> impl Iterator<Item = &'a Report> + use<'a> {
    state
        .fleet
        .managed_from(from)
        .filter_map(|node| node.report.as_deref())
}

/// The summaries of nodes: first by associations, then by patches, then by custom types, from the place of
/// a row on.
fn summaries<'a>(
    state: &'a State,
    from: Option<&str>,
) -> impl Iterator<Item = ResourceComplianceSummaryItem> + use<'a> {
    let from = from.and_then(|from| from.split_once('/'));
    let node = from.map(|(_, node)| NodeId::new(node));
    let in_custom = from.filter(|(kind, _)| kind.starts_with(custom::PREFIX));
    let (associations, patches) = match from {
        _ if in_custom.is_some() => (None, None),
        Some((summary::PATCH, _)) => (None, Some(reports(state, node.as_ref()))),
        _ => {
            let associations = association::of_nodes(state, node.as_ref());
            (Some(associations), Some(reports(state, None)))
        }
    };
    let associations = associations.into_iter().flatten();
    let patches = patches.into_iter().flatten().map(summary::of_node);
    let custom = custom::of_nodes(state, in_custom);
    associations.chain(patches).chain(custom)
}

fn patches(state: &State, request: &DescribeInstancePatches) -> Result<Vec<PatchComplianceData>> {
    const OPERATION: Operation = Operation::DescribeInstancePatches;
    let id = &request.instance_id;
    let node = state.fleet.get(id).filter(|node| node.is_managed());
    let node = node.ok_or_else(|| check::invalid_instance_id(OPERATION, id))?;
    known_keys(OPERATION, &request.filters)?;
    let windows = node.facts.operating_system.family() == OsFamily::Windows;
    Ok(findings(node.report.as_deref())
        .iter()
        // On Linux, patches that do not apply are counted, not listed.
        .filter(|finding| windows || finding.data.state != PatchState::NotApplicable)
        .map(|finding| &finding.data)
        .filter(|patch| request.filters.iter().all(|filter| passes(patch, filter)))
        .cloned()
        .collect())
}

fn findings(report: Option<&Report>) -> &[Finding] {
    report.map_or(&[], |report| &report.findings)
}

fn known_keys(operation: Operation, filters: &[QueryFilter]) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.count("filters", filters, 0..=5);
    validation.finish()?;
    let keys = filters.iter().map(|filter| filter.key.as_str());
    check::known_keys(operation, keys, &PATCH_KEYS)
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

fn well_formed(operation: Operation, group: &PatchGroup) -> Result<()> {
    let mut validation = Validation::of(operation);
    validation.length("patchGroup", group.as_str(), 1..=256);
    validation.finish()
}

fn nodes_only(operation: Operation, resource_types: &[String]) -> Result<()> {
    if resource_types.iter().all(|kind| kind == "ManagedInstance") {
        return Ok(());
    }
    let error = Error::service(ErrorKind::InvalidInput, "InvalidResourceType", "");
    Err(error.with_operation(operation))
}

#[async_trait]
impl ComplianceSource for MemoryBackend {
    async fn describe_instance_patch_states(
        &self,
        request: DescribeInstancePatchStates,
    ) -> Result<Page<InstancePatchState>> {
        let nodes = &request.instance_ids;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeInstancePatchStates;
        self.call(OPERATION, |state, _| {
            let mut validation = Validation::of(OPERATION);
            validation.count("instanceIds", nodes, 0..=50);
            validation.finish()?;
            let items = nodes
                .iter()
                .filter_map(|node| Some(last_report(state, node)?.state.clone()))
                .collect();
            state.page(items, &page, OPERATION, BOUNDS, &format!("{nodes:?}"))
        })
        .await
    }

    async fn describe_instance_patch_states_for_patch_group(
        &self,
        request: DescribeInstancePatchStatesForPatchGroup,
    ) -> Result<Page<InstancePatchState>> {
        const OPERATION: Operation = Operation::DescribeInstancePatchStatesForPatchGroup;
        self.call(OPERATION, |state, _| {
            well_formed(OPERATION, &request.patch_group)?;
            filter::legal_states(OPERATION, &request.filters)?;
            let rows = |from: Option<&str>| {
                let from = from.map(NodeId::new);
                let reports = reports_of(state, &request.patch_group, from.as_ref());
                let states = reports.map(|report| &report.state);
                states.filter(|state| {
                    let mut filters = request.filters.iter();
                    filters.all(|filter| passes_state(state, filter))
                })
            };
            let place = |state: &&InstancePatchState| state.instance_id.to_string();
            let key = format!("{} {:?}", request.patch_group, request.filters);
            let page = state.page_from(rows, place, &request.page, OPERATION, BOUNDS, &key)?;
            let states = page.items.into_iter().cloned();
            Ok(Page::new(states.collect(), page.next_token))
        })
        .await
    }

    async fn describe_instance_patches(
        &self,
        request: DescribeInstancePatches,
    ) -> Result<Page<PatchComplianceData>> {
        const OPERATION: Operation = Operation::DescribeInstancePatches;
        self.call(OPERATION, |state, _| {
            let items = patches(state, &request)?;
            let key = format!("{} {:?}", request.instance_id, request.filters);
            state.page(items, &request.page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_patch_group_state(
        &self,
        request: DescribePatchGroupState,
    ) -> Result<PatchGroupState> {
        let group = &request.patch_group;

        const OPERATION: Operation = Operation::DescribePatchGroupState;
        self.call(OPERATION, |state, _| {
            well_formed(OPERATION, group)?;
            Ok(summary::of_group(reports_of(state, group, None)))
        })
        .await
    }

    async fn list_compliance_items(
        &self,
        request: ListComplianceItems,
    ) -> Result<Page<ComplianceItem>> {
        const OPERATION: Operation = Operation::ListComplianceItems;
        self.call(OPERATION, |state, _| {
            nodes_only(OPERATION, &request.resource_types)?;
            let [node] = request.resource_ids.as_slice() else {
                return Err(check::refused(
                    OPERATION,
                    "ResourceIds takes exactly one node",
                ));
            };
            if state.fleet.get(node).is_none() {
                return Err(check::invalid_resource_id(OPERATION, node.as_str()));
            }
            filter::legal(OPERATION, &request.filters)?;
            let items = items_of(state, node)
                .into_iter()
                .filter(|item| filter::passes_item(item, &request.filters))
                .collect();
            let key = format!("{node} {:?}", request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn list_compliance_summaries(
        &self,
        request: ListComplianceSummaries,
    ) -> Result<Page<ComplianceSummaryItem>> {
        const OPERATION: Operation = Operation::ListComplianceSummaries;
        self.call(OPERATION, |state, _| {
            filter::legal(OPERATION, &request.filters)?;
            let passes = |node: &ResourceComplianceSummaryItem| {
                filter::passes_resource(node, &request.filters)
            };
            let associations = association::of_nodes(state, None).filter(passes);
            let patches = reports(state, None).map(summary::of_node).filter(passes);
            let custom = custom::kinds(state).into_iter();
            let custom = custom.filter_map(|kind| {
                summary::of_fleet(custom::of_kind(state, kind, None).filter(passes))
            });
            let items = summary::of_fleet(associations)
                .into_iter()
                .chain(summary::of_fleet(patches))
                .chain(custom)
                .collect();
            let key = format!("{:?}", request.filters);
            state.page(items, &request.page, OPERATION, Bounds::TO_50, &key)
        })
        .await
    }

    async fn list_resource_compliance_summaries(
        &self,
        request: ListResourceComplianceSummaries,
    ) -> Result<Page<ResourceComplianceSummaryItem>> {
        const OPERATION: Operation = Operation::ListResourceComplianceSummaries;
        self.call(OPERATION, |state, _| {
            filter::legal(OPERATION, &request.filters)?;
            let rows = |from: Option<&str>| {
                let all = summaries(state, from);
                all.filter(|node| filter::passes_resource(node, &request.filters))
            };
            let key = format!("{:?}", request.filters);
            let (place, bounds) = (summary::place, Bounds::TO_50);
            state.page_from(rows, place, &request.page, OPERATION, bounds, &key)
        })
        .await
    }
}
