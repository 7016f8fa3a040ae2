use super::evidence::{DeadlineReport, NodeDeadline, PatchDeadline};
use crate::compliance::report::quoted;

const COLUMNS: usize = 22;

const HEADER: [&str; COLUMNS] = [
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
        let mut text = HEADER.join(",");
        text.push_str("\r\n");
        for node in &self.nodes {
            let patches = node.patches.iter().map(Some);
            let alone = node.patches.is_empty().then_some(None);
            for patch in patches.chain(alone) {
                text.push_str(&cells(node, patch).join(","));
                text.push_str("\r\n");
            }
        }
        text
    }
}

fn cells(node: &NodeDeadline, patch: Option<&PatchDeadline>) -> [String; COLUMNS] {
    let instant = |at: Option<jiff::Timestamp>| at.map_or_else(String::new, |at| at.to_string());
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
