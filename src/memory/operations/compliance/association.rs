//! Compliance with associations: items and summaries.

use std::collections::BTreeMap;

use super::summary::{self, RESOURCE_TYPE};
use crate::compliance::{
    ComplianceExecutionSummary, ComplianceItem, ResourceComplianceSummaryItem,
};
use crate::memory::operations::associations::describe;
use crate::memory::store::State;
use crate::memory::store::associations::AssociationRecord;
use crate::memory::store::commands::Phase;
use crate::schedule::association::AssociationSyncCompliance;
use crate::types::{ComplianceSeverity, ComplianceStatus, NodeId};

const ASSOCIATION: &str = "Association";

/// The compliance items of a node: one for each association whose run there has ended.
pub(super) fn items<'a>(
    state: &'a State,
    node: &'a NodeId,
) -> impl Iterator<Item = ComplianceItem> + 'a {
    let associations = state.associations.iter();
    associations.filter_map(move |stored| item(state, stored, node))
}

/// The item of its last run on a node (SSM model, `SyncCompliance`): success is compliant.
fn item(state: &State, stored: &AssociationRecord, node: &NodeId) -> Option<ComplianceItem> {
    let settings = &stored.current.settings;
    if settings.sync_compliance == Some(AssociationSyncCompliance::Manual) {
        return None;
    }
    let mut runs = stored.runs.iter().rev();
    let (good, ended) = runs.find_map(|run| {
        let on = describe::command_of(state, run)?.invocation(node)?;
        Some((on.phase == Phase::Success, on.ended?))
    })?;
    let severity = settings.compliance_severity.as_ref();
    let document = settings.name.clone().unwrap_or_default();
    Some(ComplianceItem {
        compliance_type: ASSOCIATION.to_owned(),
        resource_type: RESOURCE_TYPE.to_owned(),
        resource_id: node.as_str().to_owned(),
        id: stored.id.as_str().to_owned(),
        title: String::new(),
        status: Some(match good {
            true => ComplianceStatus::Compliant,
            false => ComplianceStatus::NonCompliant,
        }),
        severity: Some(
            severity.map_or(ComplianceSeverity::Unspecified, |severity| {
                ComplianceSeverity::from(severity.as_str())
            }),
        ),
        execution_summary: Some(ComplianceExecutionSummary::new(ended)),
        details: BTreeMap::from([
            ("DocumentName".to_owned(), document),
            ("DocumentVersion".to_owned(), "1".to_owned()),
        ]),
    })
}

/// The summaries of nodes on which an association has run, by id, from this node on.
pub(super) fn of_nodes<'a>(
    state: &'a State,
    from: Option<&NodeId>,
) -> impl Iterator<Item = ResourceComplianceSummaryItem> + use<'a> {
    let nodes = state.fleet.managed_from(from).map(|node| node.facts.id());
    nodes.filter_map(|node| of_node(state, node))
}

/// The summary of a node, if an association has run there.
pub(super) fn of_node(state: &State, node: &NodeId) -> Option<ResourceComplianceSummaryItem> {
    let items: Vec<_> = items(state, node).collect();
    summary::of_items(ASSOCIATION, node, &items)
}
