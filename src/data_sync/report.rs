use futures_util::StreamExt;

use super::ResourceDataSync;
use super::sweep::{Known, answers};
use crate::compliance::{
    ComplianceQuery, ComplianceReport, ComplianceReportBuilder, PatchComplianceData, ReportDetail,
    ReportPart,
};
use crate::error::{Error, Result};
use crate::manager::finish;
use crate::telemetry::verb_stream;

impl ResourceDataSync {
    /// A report of how the nodes of a question stand, under this title; the source of each is its
    /// account and Region.
    ///
    /// With [`ReportDetail::Patches`] the missing and failed patches of each node that has some
    /// and does not comply are read too, a file more for each of them. What cannot be read stands
    /// in the report's [`failures`](ComplianceReport::failures) and keeps nothing else out of it;
    /// nodes without an answer are in it, unknown, whatever verdict the question asks for.
    ///
    /// Calls no AWS operation. Reads what [`sweep`](Self::sweep) reads, and for patches
    /// `AWS:ComplianceItem`.
    ///
    /// # Errors
    ///
    /// What [`sweep`](Self::sweep) fails with before any node: a question that is invalid or
    /// cannot be answered, or an export of which nothing can be listed.
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        detail: ReportDetail,
    ) -> Result<ComplianceReport> {
        let mut report = ComplianceReport::builder(title, self.clock.now());
        report.question(query);
        let patches = detail == ReportDetail::Patches;
        let mut answers = verb_stream!(
            export_report(patches = patches),
            answers(self, query, patches)
        );
        let mut unlisted: Option<Error> = None;
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(known) => add(&mut report, known),
                Err(unread) => {
                    report.source(unread.source);
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
