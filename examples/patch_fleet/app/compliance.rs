//! Step 6: the compliance of each node.

use std::io::Write;

use aws_patch_manager::ComplianceQuery;
use aws_patch_manager::baseline::PatchBaseline;
use aws_patch_manager::baseline::approval::{ApprovalVerdict, CompiledBaseline};
use aws_patch_manager::compliance::{
    ComplianceSummary, NodeCompliance, PatchComplianceData, PatchState, Verdict,
};
use aws_patch_manager::schedule::PatchPolicy;
use aws_patch_manager::types::{AvailablePatchFilter, OsFamily, Patch};
use futures_util::TryStreamExt;
use jiff::Timestamp;

use super::runs::Troubles;
use super::site::{Node, Site, minute};
use super::{Outcome, table};

/// A node's compliance, its patches, and those that wait for their date.
pub(crate) struct Standing {
    pub(crate) compliance: NodeCompliance,
    pub(crate) baseline: Option<PatchBaseline>,
    pub(crate) patches: Vec<PatchComplianceData>,
    pub(crate) waiting: Vec<Waiting>,
}

/// A patch that a rule approves later. Until then it does not count as missing.
pub(crate) struct Waiting {
    pub(crate) patch: Patch,
    pub(crate) until: Timestamp,
}

pub(crate) async fn report(
    site: &Site,
    troubles: &Troubles,
    out: &mut dyn Write,
) -> Outcome<Vec<Standing>> {
    let mut standings = Vec::new();
    // The report of a policy's run names a random baseline id. The policy itself has the real one.
    let policy = site.manager.list_policies().try_next().await?;
    let policy = policy.ok_or("the policy does not exist any more")?.policy;
    let mut answers = site.manager.compliance(&ComplianceQuery::nodes(site.ids()));
    while let Some(compliance) = answers.try_next().await? {
        standings.push(look_up(site, &policy, compliance).await?);
    }
    let rows: Vec<_> = standings
        .iter()
        .map(|standing| row(site, standing, troubles))
        .collect();
    let header = [
        "NODE",
        "VERDICT",
        "INSTALLED",
        "MISSING",
        "FAILED",
        "REBOOT",
        "DELAY",
        "AS OF",
        "WHY",
    ];
    table::print(out, header, &rows)?;
    writeln!(
        out,
        "\n  REBOOT: installed, but not in effect before a reboot"
    )?;
    writeln!(
        out,
        "  DELAY: released, but approved later, so not counted as missing"
    )?;
    let summary: ComplianceSummary = standings.iter().map(|s| &s.compliance).collect();
    writeln!(out, "\n  {summary}\n")?;
    Ok(standings)
}

async fn look_up(
    site: &Site,
    policy: &PatchPolicy,
    compliance: NodeCompliance,
) -> Outcome<Standing> {
    let node = site.nodes.iter().find(|node| node.id == compliance.node);
    let selected = node.and_then(|node| policy.baseline_for(&node.os));
    let (Some(_), Some(selected)) = (&compliance.state, selected) else {
        return Ok(Standing {
            compliance,
            baseline: None,
            patches: Vec::new(),
            waiting: Vec::new(),
        });
    };
    let baseline = site.manager.baseline(&selected.value).await?;
    let patches = site.manager.node_patches(&compliance.node, &[]);
    let patches: Vec<PatchComplianceData> = patches.try_collect().await?;
    let waiting = match node {
        Some(node) => waiting(site, node, &baseline, &patches).await?,
        None => Vec::new(),
    };
    Ok(Standing {
        compliance,
        baseline: Some(baseline),
        patches,
        waiting,
    })
}

/// The released patches that apply to the node but are not approved yet.
async fn waiting(
    site: &Site,
    node: &Node,
    baseline: &PatchBaseline,
    on_node: &[PatchComplianceData],
) -> Outcome<Vec<Waiting>> {
    let now = site.now();
    let compiled = CompiledBaseline::new(baseline);
    let product = AvailablePatchFilter::product([&node.product]);
    let mut available = site.manager.available_patches_with([product]);
    let mut waiting = Vec::new();
    while let Some(patch) = available.try_next().await? {
        let state = on_node.iter().find(|listed| listed.kb_id == patch.kb_id());
        let state = state.map(|listed| &listed.state);
        // Linux lists a package under its name, and a new version replaces the old one. Windows
        // lists each update under a number of its own.
        let concerns = match node.os.family() {
            OsFamily::Windows => matches!(state, None | Some(PatchState::AvailableSecurityUpdate)),
            _ => state.is_some(),
        };
        if let ApprovalVerdict::Pending { until, .. } = compiled.evaluate(&patch, now)
            && concerns
        {
            waiting.push(Waiting { patch, until });
        }
    }
    Ok(waiting)
}

fn row(site: &Site, standing: &Standing, troubles: &Troubles) -> [String; 9] {
    let compliance = &standing.compliance;
    let (name, verdict) = (site.name(&compliance.node), compliance.verdict.to_string());
    let why = why(compliance, troubles);
    let Some(state) = &compliance.state else {
        let none = || "-".to_owned();
        return [
            name,
            verdict,
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
            why,
        ];
    };
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    [
        name,
        verdict,
        state.installed_count.to_string(),
        state.missing_count.to_string(),
        state.failed_count.to_string(),
        pending.to_string(),
        standing.waiting.len().to_string(),
        minute(state.operation_end_time),
        why,
    ]
}

/// The verdict's reason, and for a non-compliant node the last error.
fn why(compliance: &NodeCompliance, troubles: &Troubles) -> String {
    let reason = compliance.reason();
    match troubles.get(&compliance.node) {
        Some(trouble) if compliance.verdict != Verdict::Compliant => {
            format!("{reason}; {}", trouble.reason)
        }
        None if compliance.verdict == Verdict::Unknown => format!("{reason}; no run covers it"),
        _ => reason,
    }
}
