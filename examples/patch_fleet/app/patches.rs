//! The patches of one node, and why some released ones do not count as missing.

use std::io::Write;

use aws_patch_manager::compliance::{PatchComplianceData, PatchState};

use jiff::Timestamp;

use super::compliance::{Standing, Waiting};
use super::site::{Site, day};
use super::{Outcome, table};

/// Prints the most interesting node: one with non-compliant patches, else one with waiting patches.
pub(crate) async fn of_one_node(
    site: &Site,
    standings: &[Standing],
    out: &mut dyn Write,
) -> Outcome {
    let interest = |standing: &&Standing| {
        let wrong = standing
            .patches
            .iter()
            .any(|patch| patch.state.is_non_compliant());
        (wrong, standing.waiting.len(), standing.patches.len())
    };
    let reported = standings
        .iter()
        .filter(|standing| standing.baseline.is_some());
    let Some(standing) = reported.rev().max_by_key(interest) else {
        return Ok(writeln!(out, "  no node has reported yet")?);
    };
    let name = site.name(&standing.compliance.node);
    writeln!(out, "7. The patches of {name}\n")?;
    let applies = |patch: &&PatchComplianceData| patch.state != PatchState::NotApplicable;
    let rows: Vec<_> = standing.patches.iter().filter(applies).map(row).collect();
    table::print(
        out,
        ["PATCH", "STATE", "SEVERITY", "INSTALLED", "TITLE"],
        &rows,
    )?;
    why_not_counted(standing, out)
}

fn row(patch: &PatchComplianceData) -> [String; 5] {
    let installed = if patch.installed_time == Timestamp::UNIX_EPOCH {
        "-".to_owned()
    } else {
        day(patch.installed_time)
    };
    [
        patch.kb_id.clone(),
        patch.state.to_string(),
        patch.severity.clone(),
        installed,
        patch.title.clone(),
    ]
}

fn why_not_counted(standing: &Standing, out: &mut dyn Write) -> Outcome {
    let Some(baseline) = standing
        .baseline
        .as_ref()
        .filter(|_| !standing.waiting.is_empty())
    else {
        return Ok(());
    };
    writeln!(
        out,
        "\n  Released, but not counted as missing, because {} approves them later:\n",
        baseline.name
    )?;
    let rows: Vec<_> = standing.waiting.iter().map(waiting_row).collect();
    table::print(out, ["PATCH", "RELEASED", "APPROVED FROM", "TITLE"], &rows)?;
    Ok(())
}

fn waiting_row(waiting: &Waiting) -> [String; 4] {
    let patch = &waiting.patch;
    [
        patch.kb_id(),
        patch.release_date.map_or_else(|| "-".to_owned(), day),
        day(waiting.until),
        patch.title.clone().unwrap_or_default(),
    ]
}
