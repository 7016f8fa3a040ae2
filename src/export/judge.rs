//! The verdict on a node, from what an export has of it.

use jiff::Timestamp;

use super::members::Managed;
use crate::compliance::{
    ComplianceQuery, ComplianceScope, InstancePatchState, NodeCompliance, Presence, UnknownReason,
};
use crate::error::{Error, ErrorKind, Result, Violations};
use crate::types::{NodeId, REGION, is_account, is_region};

/// Judges nodes by a question.
pub(crate) struct Judge<'q> {
    query: &'q ComplianceQuery,
    now: Timestamp,
}

impl<'q> Judge<'q> {
    /// The judge by this question at this instant.
    pub(crate) fn new(query: &'q ComplianceQuery, now: Timestamp) -> Self {
        Self { query, now }
    }

    /// Whether the question is not about a node: it is gone, and not named.
    pub(crate) fn leaves_out(&self, managed: Option<&Managed>) -> bool {
        let is_named = matches!(self.query.scope(), ComplianceScope::Nodes(_));
        managed.is_some_and(|managed| managed.presence.is_none()) && !is_named
    }

    /// The verdict on a node with its last state; `None` if it is not among the answers.
    pub(crate) fn node(
        &self,
        node: &NodeId,
        managed: Option<Managed>,
        state: Option<InstancePatchState>,
    ) -> Option<NodeCompliance> {
        let state = match self.query.scope() {
            ComplianceScope::Group(group) => {
                Some(state.filter(|state| state.patch_group == *group)?)
            }
            _ => state,
        };
        let never = || NodeCompliance::unknown(node.clone());
        let stands = state.map_or_else(never, NodeCompliance::from);
        let presence = managed.as_ref().map(|managed| managed.presence);
        let mut stands = match presence {
            Some(Some(presence)) => self.judge(stands, presence),
            Some(None) => stands.with_unknown_reason(UnknownReason::Stopped),
            None => self.judge(stands, Presence::Unknown),
        };
        stands.information = managed.map(|managed| managed.information);
        self.admitted(stands)
    }

    /// The verdict on a node that the export does not have.
    pub(crate) fn absent(&self, node: NodeId) -> Option<NodeCompliance> {
        let stands = self.judge(NodeCompliance::unknown(node), Presence::Unknown);
        self.admitted(stands)
    }

    fn judge(&self, stands: NodeCompliance, presence: Presence) -> NodeCompliance {
        let doubts = self.query.doubts();
        doubts.judge(stands, presence, |_| None, self.now)
    }

    fn admitted(&self, stands: NodeCompliance) -> Option<NodeCompliance> {
        self.query.admits(&stands).then_some(stands)
    }
}

/// Records what is malformed in a selection of accounts and Regions, and in a question.
pub(crate) fn check_selection(
    found: &mut Violations,
    accounts: &[String],
    regions: &[String],
    query: &ComplianceQuery,
) {
    for account in accounts {
        found.require(is_account(account), "accountid", account, "12 digits");
    }
    for region in regions {
        found.require(is_region(region), "region", region, REGION);
    }
    if let Err(error) = query.check() {
        for violation in error.violations() {
            found.add(violation.clone());
        }
    }
}

/// Refuses a question that no export can answer.
pub(crate) fn check_answerable(query: &ComplianceQuery) -> Result<()> {
    if query.doubts().other_baseline {
        let message = "an export does not record which baselines are in use";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    if let ComplianceScope::Tagged(_) = query.scope() {
        let message =
            "an export does not record the tags of nodes; ask for the group, or for nodes";
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(())
}
