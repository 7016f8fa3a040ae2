//! The output of an operation, for people to read. The layout is this crate's own.

use std::fmt::Write;

use super::install::{Outcome, failures};
use crate::compliance::PatchState;
use crate::memory::store::fleet::Node;
use crate::memory::store::report::Finding;
use crate::memory::store::report::Report;

/// About how long an output is, in bytes.
const USUAL: usize = 1_024;

/// Output and errors of an operation.
pub(super) fn of(node: &Node, report: &Report, outcome: &Outcome) -> (String, String) {
    let mut text = String::with_capacity(USUAL);
    // Writing to a String cannot fail.
    let _ = heading(&mut text, node, report)
        .and_then(|()| counts(&mut text, report))
        .and_then(|()| patches(&mut text, report))
        .and_then(|()| actions(&mut text, outcome));
    text.shrink_to_fit(); // it is kept for a month
    let mut errors = String::new();
    for failed in failures(&report.findings) {
        let reason = failed.reason.as_deref().unwrap_or("it was not installed");
        let _ = writeln!(errors, "{} failed: {reason}", failed.data.kb_id);
    }
    (text, errors)
}

fn heading(text: &mut String, node: &Node, report: &Report) -> std::fmt::Result {
    let state = &report.state;
    let group = match state.patch_group.as_str() {
        "" => "(none)",
        group => group,
    };
    writeln!(text, "{} of {}", state.operation, state.instance_id)?;
    writeln!(text, "  Product      {}", node.facts.product)?;
    writeln!(text, "  Patch group  {group}")?;
    let (id, name) = (&state.baseline_id, &report.baseline.name);
    writeln!(text, "  Baseline     {name} ({id})")?;
    if let Some(snapshot) = &state.snapshot_id {
        writeln!(text, "  Snapshot     {snapshot}")?;
    }
    if let Some(option) = &state.reboot_option {
        writeln!(text, "  Reboot       {option}")?;
    }
    writeln!(text, "  Started      {}", state.operation_start_time)?;
    writeln!(text, "  Ended        {}", state.operation_end_time)
}

fn counts(text: &mut String, report: &Report) -> std::fmt::Result {
    let state = &report.state;
    let rows = [
        ("Installed", state.installed_count),
        ("Installed, other", state.installed_other_count),
        (
            "Pending reboot",
            state.installed_pending_reboot_count.unwrap_or_default(),
        ),
        (
            "Rejected",
            state.installed_rejected_count.unwrap_or_default(),
        ),
        ("Missing", state.missing_count),
        ("Failed", state.failed_count),
        ("Not applicable", state.not_applicable_count),
    ];
    writeln!(text)?;
    for (name, count) in rows {
        writeln!(text, "  {name:<18}{count:>5}")?;
    }
    Ok(())
}

/// The patches that need attention, with the reason.
fn patches(text: &mut String, report: &Report) -> std::fmt::Result {
    let attention = |finding: &&Finding| {
        finding.data.state.is_non_compliant()
            || finding.data.state == PatchState::AvailableSecurityUpdate
    };
    let mut listed = report.findings.iter().filter(attention).peekable();
    writeln!(text)?;
    if listed.peek().is_none() {
        return writeln!(text, "All approved patches are installed.");
    }
    for finding in listed {
        let (data, level) = (&finding.data, &finding.level);
        let (kb, state, title) = (&data.kb_id, &data.state, &data.title);
        writeln!(text, "  {kb:<28}{state:<24}{level:<14}{title}")?;
    }
    Ok(())
}

fn actions(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let (installed, attempts) = (&outcome.newly_installed, outcome.attempts);
    if attempts > 0 {
        write!(
            text,
            "\nInstalled {} of {attempts} patches",
            installed.len()
        )?;
        if !installed.is_empty() {
            write!(text, ": {}", installed.join(", "))?;
        }
        writeln!(text)?;
    }
    if outcome.rebooted {
        writeln!(text, "The node was rebooted.")?;
    }
    Ok(())
}
