//! Checks that the node was scanned recently. Only online nodes are checked: the others have a
//! finding that says why.

use super::command::Cli;
use super::problem::Problem;
use super::subject::Subject;
use crate::prerequisites::{FindingKind, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Problem> {
    let asked = subject.facts.last_operations.as_ref()?;
    if !subject.is_online() {
        return None;
    }
    let operations = match asked {
        Ok(operations) => operations,
        Err(error) => {
            return Some(Problem::not_checked(
                "when the node was last scanned",
                error,
            ));
        }
    };
    let problem = match operations.get(subject.id) {
        None => Problem::new(
            Severity::Note,
            FindingKind::NeverScanned,
            "the node was never scanned; its patches are unknown",
            "scan it",
        )
        .seen("DescribeInstancePatchStates", "has no state for it"),
        Some(last) if last.ended < subject.facts.scanned_since => Problem::new(
            Severity::Warning,
            FindingKind::ScanTooOld,
            "the last scan is too long ago",
            "scan it, and check why its schedule did not",
        )
        .seen(
            subject.id.as_str(),
            format!("last {}", last.ended.strftime("%F %R UTC")),
        ),
        Some(_) => return None,
    };
    let scan = Cli::regional("ssm send-command", subject.region())
        .option("--document-name", "AWS-RunPatchBaseline")
        .option("--parameters", "Operation=Scan");
    Some(problem.by(scan.listing("--instance-ids")))
}
