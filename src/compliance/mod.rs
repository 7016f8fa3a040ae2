//! Compliance: patch states, the patches of a node, compliance items and summaries.

mod item;
mod judge;
mod node_compliance;
mod node_patch;
mod patch_state;
mod plan;
mod query;
mod report;
mod summary;

pub use item::{
    ComplianceExecutionSummary, ComplianceItem, ComplianceSummaryItem, CompliantSummary,
    NonCompliantSummary, ResourceComplianceSummaryItem, SeveritySummary,
};
pub(crate) use judge::Presence;
pub use node_compliance::{NodeCompliance, UnknownReason, Verdict};
pub use node_patch::{PatchComplianceData, PatchState};
pub use patch_state::{InstancePatchState, PatchGroupState};
pub(crate) use plan::BATCH;
pub use plan::{CompliancePlan, PlannedCalls};
pub use query::{ComplianceQuery, ComplianceScope, NonCompliantKind};
pub(crate) use report::markdown_cell;
pub use report::{
    ChangeKind, ComplianceReport, ComplianceReportBuilder, MissingPatch, NodeChange, PastTotals,
    ReportDetail, ReportFailure, ReportNode, ReportPart, ReportTotals, Trend,
};
pub use summary::ComplianceSummary;
