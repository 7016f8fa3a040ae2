//! A report from the answers of an export.

use futures_core::Stream;
use futures_util::StreamExt;

use super::answer::{Answer, Known};
use crate::compliance::{
    ComplianceReport, ComplianceReportBuilder, PatchComplianceData, ReportPart,
};
use crate::error::{Error, Result};
use crate::manager::finish;

/// Adds every answer to a report, and builds it; the error if no node could be listed.
pub(crate) async fn report(
    mut report: ComplianceReportBuilder,
    answers: impl Stream<Item = Answer>,
) -> Result<ComplianceReport> {
    let mut answers = std::pin::pin!(answers);
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
