//! The details of one node in a report: its patches, and why an install failed.

use futures_util::TryStreamExt;

use crate::compliance::{NodeCompliance, PatchComplianceData, PatchState, ReportDetail};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::operation::NodeOutcome;

/// A node with its details for a report.
pub(super) struct Details {
    pub(super) node: NodeCompliance,
    pub(super) patches: Option<Result<Vec<PatchComplianceData>>>,
    pub(super) error: Result<Option<String>>,
}

impl PatchManager {
    /// Reads a node's missing patches, if the report includes them and the node misses some.
    pub(super) async fn with_details(self, node: NodeCompliance, detail: ReportDetail) -> Details {
        let (mut patches, mut error) = (None, Ok(None));
        if detail == ReportDetail::Patches && node.has_offences() {
            let states = [PatchState::Missing, PatchState::Failed];
            patches = Some(self.node_patches(&node.node, &states).try_collect().await);
            error = self.why_failed(&node).await;
        }
        Details {
            node,
            patches,
            error,
        }
    }

    /// The output of the run that failed to install a patch on a node, if one failed.
    async fn why_failed(&self, node: &NodeCompliance) -> Result<Option<String>> {
        let Some(state) = node.state.as_ref().filter(|state| state.failed_count > 0) else {
            return Ok(None);
        };
        let Some(run) = self.last_failed_run(&node.node).await? else {
            return Ok(None);
        };
        // An older run can have failed for another reason.
        let ended = run.ended.or(run.started);
        if ended.is_some_and(|ended| ended < state.operation_start_time) {
            return Ok(None);
        }
        self.errors_of(&run).await.map(Some)
    }

    /// The errors of a run. A listing has only the beginning of the output.
    async fn errors_of(&self, run: &NodeOutcome) -> Result<String> {
        if run.has_all_errors() {
            return Ok(run.error_text().to_owned());
        }
        let step = run.step.as_deref();
        let detail = self.invocation(&run.command_id, &run.node, step).await?;
        let errors = detail.standard_error_content.trim();
        Ok(match (errors, run.error_text()) {
            ("", "") => run.status_details.clone(),
            ("", output) => output.to_owned(),
            (errors, _) => errors.to_owned(),
        })
    }
}
