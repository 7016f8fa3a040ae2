//! Compliance: patch states, the patches of a node, compliance items and summaries, reports and
//! deadlines.

mod csv;
mod deadlines;
mod item;
mod node_compliance;
mod patch_state;
mod plan;
mod query;
mod report;

pub use deadlines::{
    DeadlineChange, DeadlineChangeKind, DeadlineReport, DeadlineRule, DeadlineState,
    DeadlineTotals, DeadlineTrend, Deadlines, NodeDeadline, PatchDeadline,
};
pub use item::{
    ComplianceExecutionSummary, ComplianceItem, ComplianceSummary, ComplianceSummaryItem,
    CompliantSummary, NonCompliantSummary, ResourceComplianceSummaryItem, SeveritySummary,
};
pub(crate) use node_compliance::Presence;
pub use node_compliance::{NodeCompliance, UnknownReason, Verdict};
pub(crate) use patch_state::for_output;
pub use patch_state::{InstancePatchState, PatchComplianceData, PatchGroupState, PatchState};
pub(crate) use plan::{BATCH, NODE_PAGE};
pub use plan::{CompliancePlan, PlannedCalls};
pub use query::{ComplianceQuery, ComplianceScope, NonCompliantKind};
pub use report::{
    ChangeKind, ComplianceReport, ComplianceReportBuilder, MissingPatch, NodeChange, PastTotals,
    ReportDetail, ReportFailure, ReportNode, ReportPart, ReportTotals, Trend,
};
pub(crate) use report::{html, markdown_cell};
