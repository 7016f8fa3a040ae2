//! How nodes fare by their associations.

use super::book::Kept;
use crate::memory::operations::commands::Phase;
use crate::memory::state::State;
use crate::memory::store::fleet::Node;
use crate::schedule::association::{InstanceAssociation, InstanceAssociationStatusInfo};
use crate::types::{AssociationOverviewOfNode, InstanceInformation, NodeId};

impl State {
    /// The associations that mean a node now.
    pub(super) fn associations_of(&self, node: &Node) -> impl Iterator<Item = &Kept> {
        let kept = self.associations.iter();
        kept.filter(|kept| kept.current.means(node))
    }

    /// How a node fares by an association, as DescribeInstanceAssociationsStatus lists it.
    pub(super) fn status_of(&self, kept: &Kept, node: &NodeId) -> InstanceAssociationStatusInfo {
        let mut runs = kept.runs.iter().rev();
        let last = runs.find_map(|run| Some((run, self.command_of(run)?.invocation(node)?)));
        let version = last.map_or(kept.current.number, |(run, _)| run.version);
        let on = last.map(|(_, on)| on);
        let (status, details) = match on.map(|on| on.status(true)) {
            Some((status, details)) => (status.as_str().to_owned(), details),
            None => ("Pending".to_owned(), "Associated"),
        };
        InstanceAssociationStatusInfo {
            association_id: Some(kept.id.clone()),
            name: kept.current.says.name.clone(),
            document_version: Some("1".to_owned()),
            association_version: Some(version.to_string()),
            instance_id: Some(node.clone()),
            execution_date: on.and_then(|on| on.ended.or(on.started)),
            status: Some(status),
            detailed_status: Some(details.to_owned()),
            execution_summary: on.and_then(|on| steps(on.phase)),
            error_code: None,
            output_url: None,
            association_name: kept.current.says.association_name.clone(),
        }
    }

    /// Adds to a node's description how it fares by its associations, where it has any.
    pub(crate) fn add_associations(&self, node: &Node, information: &mut InstanceInformation) {
        let associations = self.associations_of(node);
        let mut infos: Vec<_> = associations
            .map(|kept| self.status_of(kept, node.facts.id()))
            .collect();
        infos.sort_by_key(|info| info.execution_date);
        let Some(last) = infos.last() else {
            return;
        };
        let good =
            |info: &&InstanceAssociationStatusInfo| info.status.as_deref() == Some("Success");
        let mut overview = AssociationOverviewOfNode::default();
        overview.detailed_status.clone_from(&last.detailed_status);
        for status in infos.iter().filter_map(|info| info.status.clone()) {
            let counts = &mut overview.instance_association_status_aggregated_count;
            *counts.entry(status).or_default() += 1;
        }
        information.association_status.clone_from(&last.status);
        information.last_association_execution_date = last.execution_date;
        information.last_successful_association_execution_date = infos
            .iter()
            .rev()
            .find(good)
            .and_then(|info| info.execution_date);
        information.association_overview = Some(overview);
    }
}

/// An association that applies to a node. This backend has no texts of documents.
pub(super) fn effective(kept: &Kept, node: &NodeId) -> InstanceAssociation {
    InstanceAssociation {
        association_id: Some(kept.id.clone()),
        instance_id: Some(node.clone()),
        content: None,
        association_version: Some(kept.current.number.to_string()),
    }
}

/// What each step of the document made of it, once it has ended: two are for other platforms.
fn steps(phase: Phase) -> Option<String> {
    let (success, failed, timed_out) = match phase {
        Phase::Success => (1, 0, 0),
        Phase::Failed => (0, 1, 0),
        Phase::ExecutionTimedOut => (0, 0, 1),
        _ => return None,
    };
    Some(format!(
        "3 out of 3 plugins processed, {success} success, {failed} failed, {timed_out} timedout, 2 skipped. "
    ))
}
