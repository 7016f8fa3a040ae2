use futures_util::StreamExt;

use super::ResourceDataSync;
use super::sweep::{Known, Rows, answers};
use crate::compliance::{
    ComplianceQuery, ComplianceReport, ComplianceReportBuilder, PatchComplianceData, ReportDetail,
    ReportPart,
};
use crate::error::{Error, Result};
use crate::manager::finish;
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
        let mut report = ComplianceReport::builder(title, self.clock.now());
        report.question(query);
        let patches = detail == ReportDetail::Patches;
        let rows = match patches {
            true => Rows::Offences,
            false => Rows::Nothing,
        };
        let mut answers =
            verb_stream!(export_report(patches = patches), answers(self, query, rows));
        let mut unlisted: Option<Error> = None;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(known) => add(&mut report, known),
                Err(unread) => {
                    report.source(unread.source);
                    if let Some(information) = &unread.information {
                        report.information(information);
                    }
                    let failed = unread.failure.tell(&mut report);
                    unlisted = unlisted.or(failed);
                }
            }
        }
        finish(&report, unlisted)
    }
}

/// Adds a node, with those of its patches that could be read.
fn add(report: &mut ComplianceReportBuilder, known: Known) {
    report.source(known.source);
    report.node(&known.stands);
    let mut patches: Vec<PatchComplianceData> = Vec::new();
    for patch in known.patches {
        match patch {
            Ok(patch) => patches.push(patch),
            Err(error) => {
                let nodes = [known.stands.node.clone()];
                report.failure(ReportPart::Patches, nodes, &error);
            }
        }
    }
    report.patches(&known.stands.node, &patches);
}
