use futures_util::StreamExt;

use super::ResourceDataSync;
use super::sweep::answers;
use crate::compliance::{
    ComplianceQuery, ComplianceReport, ComplianceReportBuilder, PatchComplianceData,
};
use crate::error::Result;
use crate::manager::SweepFailure;
use crate::telemetry::verb_stream;

/// A report over an export, and what it lacks.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExportReport {
    /// What could be read.
    pub report: ComplianceReport,
    /// What could not, with the nodes that are not in the report, or are there without their
    /// patches; none named where a whole account or Region could not be listed.
    pub failures: Vec<SweepFailure>,
}

impl ResourceDataSync {
    /// A report of how the nodes of a question stand, under this title.
    ///
    /// With `patches` the missing and failed patches of each non-compliant node are read too, a
    /// file more for each of them. What cannot be read stands beside the report and keeps nothing
    /// else out of it.
    ///
    /// Calls no AWS operation. Reads what [`sweep`](Self::sweep) reads, and with `patches`
    /// `AWS:ComplianceItem`.
    pub async fn compliance_report(
        &self,
        title: impl Into<String>,
        query: &ComplianceQuery,
        patches: bool,
    ) -> ExportReport {
        let mut report = ComplianceReport::builder(title, self.clock.now());
        let mut failures = Vec::new();
        let mut answers = verb_stream!(
            export_report(patches = patches),
            answers(self, query, patches)
        );
        while let Some(answer) = answers.next().await {
            let known = match answer {
                Ok(known) => known,
                Err(unread) => {
                    failures.push(unread.failure);
                    continue;
                }
            };
            if let Some(information) = &known.information {
                report.information(information);
            }
            report.node(&known.stands);
            if let Err(error) = add_patches(&mut report, known.patches) {
                let nodes = vec![known.stands.node];
                failures.push(SweepFailure { nodes, error });
            }
        }
        ExportReport {
            report: report.build(),
            failures,
        }
    }
}

/// Adds those that could be read; the first that could not is the error.
fn add_patches(
    report: &mut ComplianceReportBuilder,
    patches: Vec<Result<PatchComplianceData>>,
) -> Result<()> {
    let mut all = Ok(());
    for patch in patches {
        match patch {
            Ok(patch) => {
                report.patch(&patch);
            }
            Err(error) => all = all.and(Err(error)),
        }
    }
    all
}
