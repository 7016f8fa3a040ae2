use super::{ComplianceReport, ReportNode};

const HEADER: [&str; 11] = [
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
];

impl ComplianceReport {
    /// The nodes as CSV (RFC 4180), with a line of names first.
    ///
    /// A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    pub fn to_csv(&self) -> String {
        let mut text = line(HEADER.map(str::to_owned));
        for node in &self.nodes {
            text.push_str(&line(cells(node)));
        }
        text
    }
}

fn cells(node: &ReportNode) -> [String; 11] {
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
    ]
}

fn line(cells: [String; 11]) -> String {
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
