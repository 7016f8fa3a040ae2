//! Reports and the evidence of deadlines as CSV (RFC 4180).

use std::collections::HashMap;

use jiff::Timestamp;

use super::{
    ChangeKind, ComplianceReport, DeadlineReport, NodeDeadline, PatchDeadline, ReportNode,
};
use crate::visible::visible;

const NODE_HEADER: [&str; 23] = [
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
        let lines = self.nodes.iter().map(|node| {
            let change = changes.get(&(node.source.as_str(), node.node.as_str()));
            node_cells(node, change)
        });
        csv(NODE_HEADER, lines)
    }
}

fn node_cells(node: &ReportNode, change: Option<&ChangeKind>) -> [String; 23] {
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

const DEADLINE_HEADER: [&str; 22] = [
    "Node",
    "Name",
    "Source",
    "Group",
    "OperatingSystem",
    "State",
    "Verdict",
    "Baseline",
    "BaselineName",
    "Operation",
    "LastOperation",
    "NextInstall",
    "Patch",
    "Title",
    "Severity",
    "Classification",
    "PatchState",
    "Released",
    "FirstSeen",
    "Days",
    "Due",
    "Reason",
];

impl DeadlineReport {
    /// The evidence as CSV (RFC 4180), with a header line: a line for each missing patch of each node,
    /// and one for each node without any.
    ///
    /// Every text is quoted. A text that a spreadsheet would read as a formula gets an apostrophe in
    /// front, and invisible characters are left out.
    pub fn to_csv(&self) -> String {
        let lines = self.nodes.iter().flat_map(|node| {
            let patches = node.patches.iter().map(Some);
            let alone = node.patches.is_empty().then_some(None);
            { patches.chain(alone) }.map(move |patch| deadline_cells(node, patch))
        });
        csv(DEADLINE_HEADER, lines)
    }
}

fn deadline_cells(node: &NodeDeadline, patch: Option<&PatchDeadline>) -> [String; 22] {
    let instant = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    let of = |text: fn(&PatchDeadline) -> String| patch.map_or_else(String::new, text);
    let reason = match patch {
        Some(patch) => &patch.reason,
        None => &node.reason,
    };
    [
        quoted(&node.node),
        quoted(&node.name),
        quoted(&node.source),
        quoted(&node.group),
        quoted(&node.operating_system),
        quoted(&node.state.to_string()),
        quoted(&node.verdict),
        quoted(&node.baseline),
        quoted(&node.baseline_name),
        quoted(&node.operation),
        quoted(&instant(node.last_operation)),
        quoted(&instant(node.next_install)),
        quoted(&of(|patch| patch.id.clone())),
        quoted(&of(|patch| patch.title.clone())),
        quoted(&of(|patch| patch.severity.clone())),
        quoted(&of(|patch| patch.classification.clone())),
        quoted(&of(|patch| patch.state.to_string())),
        quoted(&instant(patch.and_then(|patch| patch.released))),
        quoted(&instant(patch.map(|patch| patch.first_seen))),
        of(|patch| patch.days.map_or_else(String::new, |days| days.to_string())),
        quoted(&instant(patch.and_then(|patch| patch.due))),
        quoted(reason),
    ]
}

/// A header line, and a line for each row of cells.
fn csv<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    lines: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let mut text = header.join(",");
    text.push_str("\r\n");
    for cells in lines {
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A text as a cell: quoted, visible, and no formula.
fn quoted(cell: &str) -> String {
    let cell: String = visible(cell).collect();
    // Some spreadsheets ignore blanks and line breaks in front of a formula, and read full-width signs.
    let signs = [
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ];
    let formula = cell.trim_start().starts_with(signs);
    let before = if formula { "'" } else { "" };
    format!("\"{before}{}\"", cell.replace('"', "\"\""))
}
