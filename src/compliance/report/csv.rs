use std::collections::HashMap;

use super::{ChangeKind, ComplianceReport, ReportNode};

const COLUMNS: usize = 19;

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
];

impl ComplianceReport {
    /// The nodes as CSV (RFC 4180), with a line of names first.
    ///
    /// `Change` says what became of a node since the report that this one was
    /// [set against](Self::with_previous), and is empty where nothing did; nodes that are gone have
    /// no line. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    pub fn to_csv(&self) -> String {
        let changes = self.changes.iter();
        let changes: HashMap<&str, ChangeKind> = changes
            .map(|change| (change.node.as_str(), change.kind))
            .collect();
        let mut text = line(HEADER.map(str::to_owned));
        for node in &self.nodes {
            let change = changes.get(node.node.as_str());
            text.push_str(&line(cells(node, change)));
        }
        text
    }
}

fn cells(node: &ReportNode, change: Option<&ChangeKind>) -> [String; COLUMNS] {
    let last = node.last_operation.map(|at| at.to_string());
    [
        node.node.clone(),
        node.name.clone(),
        node.group.clone(),
        node.operating_system.clone(),
        node.verdict.clone(),
        node.reason.clone(),
        node.missing.to_string(),
        node.failed.to_string(),
        node.pending_reboot.to_string(),
        last.unwrap_or_default(),
        node.baseline.clone(),
        node.operation.clone(),
        node.rejected.to_string(),
        node.critical.to_string(),
        node.security.to_string(),
        node.other.to_string(),
        node.available_security_updates.to_string(),
        node.error.clone(),
        change.map(ChangeKind::to_string).unwrap_or_default(),
    ]
}

fn line(cells: [String; COLUMNS]) -> String {
    let mut text = cells.map(|cell| quoted(&cell)).join(",");
    text.push_str("\r\n");
    text
}

fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}
