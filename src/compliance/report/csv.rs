use std::collections::HashMap;

use super::{ChangeKind, ComplianceReport, ReportNode};
use crate::visible::visible;

const COLUMNS: usize = 23;

const HEADER: [&str; COLUMNS] = [
    "Node",
    "Name",
    "Group",
    "OperatingSystem",
    "Verdict",
    "Reason",
    "Missing",
    "Failed",
    "PendingReboot",
    "LastOperation",
    "Baseline",
    "Operation",
    "Rejected",
    "Critical",
    "Security",
    "Other",
    "AvailableSecurityUpdates",
    "Error",
    "Change",
    "Source",
    "MissingIds",
    "FailedIds",
    "Unread",
];

impl ComplianceReport {
    /// The nodes as CSV (RFC 4180), with a header line.
    ///
    /// `Change` is the change of a node since the [previous report](Self::with_previous), or empty.
    /// Removed nodes have no line. `MissingIds` and `FailedIds` separate ids by `; `. Every text is
    /// quoted. A text that a spreadsheet would read as a formula gets an apostrophe in front, and
    /// invisible characters are left out.
    pub fn to_csv(&self) -> String {
        let changes = self.changes.iter();
        let changes: HashMap<(&str, &str), ChangeKind> = changes
            .map(|change| ((change.source.as_str(), change.node.as_str()), change.kind))
            .collect();
        let mut text = HEADER.join(",");
        text.push_str("\r\n");
        for node in &self.nodes {
            let change = changes.get(&(node.source.as_str(), node.node.as_str()));
            text.push_str(&cells(node, change).join(","));
            text.push_str("\r\n");
        }
        text
    }
}

fn cells(node: &ReportNode, change: Option<&ChangeKind>) -> [String; COLUMNS] {
    let last = node.last_operation.map(|at| at.to_string());
    let change = change.map(ChangeKind::to_string);
    [
        quoted(&node.node),
        quoted(&node.name),
        quoted(&node.group),
        quoted(&node.operating_system),
        quoted(&node.verdict),
        quoted(&node.reason),
        node.missing.to_string(),
        node.failed.to_string(),
        node.pending_reboot.to_string(),
        quoted(&last.unwrap_or_default()),
        quoted(&node.baseline),
        quoted(&node.operation),
        node.rejected.to_string(),
        node.critical.to_string(),
        node.security.to_string(),
        node.other.to_string(),
        node.available_security_updates.to_string(),
        quoted(&node.error),
        quoted(&change.unwrap_or_default()),
        quoted(&node.source),
        quoted(&node.missing_ids.join("; ")),
        quoted(&node.failed_ids.join("; ")),
        quoted(&node.unread),
    ]
}

/// A text as a cell: quoted, visible, and no formula.
pub(crate) fn quoted(cell: &str) -> String {
    let cell: String = visible(cell).collect();
    // Some spreadsheets ignore blanks and line breaks in front of a formula.
    let formula = cell.trim_start().starts_with(['=', '+', '-', '@']);
    let before = if formula { "'" } else { "" };
    format!("\"{before}{}\"", cell.replace('"', "\"\""))
}
