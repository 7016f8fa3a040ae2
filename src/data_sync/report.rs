use super::ResourceDataSync;
use super::sweep::{Rows, answers};
use crate::compliance::{ComplianceQuery, ComplianceReport, ReportDetail};
use crate::error::Result;
use crate::export::report;
use crate::telemetry::verb_stream;

impl ResourceDataSync {
    /// A report on the nodes of a question, under this title; the source of each is its account and
    /// Region.
    ///
    /// With [`ReportDetail::Patches`] it also reads the missing and failed patches of each
    /// non-compliant node that has some, one more file for each. What cannot be read is in the
    /// report's [`failures`](ComplianceReport::failures); the rest of the report is complete. Nodes
    /// without an answer are in it as unknown, whatever verdict the question selects.
    ///
    /// Calls no AWS operation. Reads what [`sweep`](Self::sweep) reads, and for patches
    /// `AWS:ComplianceItem`.
    ///
    /// # Errors
    ///
    /// As [`sweep`](Self::sweep) before its first node: if the question is invalid or cannot be
    /// answered, or if nothing in the export can be listed.
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let mut made = ComplianceReport::builder(title, self.clock.now());
        made.question(query);
        let patches = detail == ReportDetail::Patches;
        let rows = match patches {
            true => Rows::Offences,
            false => Rows::Nothing,
        };
        let answers = verb_stream!(export_report(patches = patches), answers(self, query, rows));
        report(made, answers).await
    }
}
