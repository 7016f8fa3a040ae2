//! Judges what was read. It makes no call.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::answer::{PromotionCheck, PromotionFinding, PromotionFindingKind};
use super::query::PromotionQuery;
use super::read::{Facts, NodeFacts};
use crate::baseline::PatchBaseline;
use crate::baseline::approval::{ApprovalVerdict, PatchPreview, approvals};
use crate::compliance::{PatchComplianceData, PatchState};
use crate::memory::{node_title, version_order};
use crate::plan::reported_version;
use crate::types::{OsFamily, Patch};

/// What the nodes of the earlier environment report of a patch.
#[derive(Debug, Default)]
struct Reports {
    /// Installed, with the instants that are known.
    installed: usize,
    since: Option<Timestamp>,
    pending_reboot: usize,
    failed: usize,
    /// In a newer version.
    newer: usize,
    /// Missing, or in an older version.
    lacking: usize,
    /// When the last of the nodes looked for patches.
    looked_at: Option<Timestamp>,
}

/// What a node reports of a patch.
enum Report<'a> {
    Installed(&'a PatchComplianceData),
    Failed,
    Newer,
    Lacking,
    Nothing,
}

/// The catalog as a baseline judges it at an instant.
struct Judged<'a> {
    patches: Vec<(&'a Patch, PatchPreview)>,
}

impl Facts {
    pub(super) fn judge(self, query: &PromotionQuery) -> PromotionCheck {
        let at = query.instant().unwrap_or(self.now);
        let later = self.judged_by(&self.later, at);
        let earlier = self.judged_by(&self.earlier, self.now);
        let mut check = PromotionCheck {
            earlier: self.earlier.name.clone(),
            later: self.later.name.clone(),
            at,
            min_days: query.days(),
            nodes: self.nodes.len(),
            unknown_nodes: self.unknown_nodes,
            proven: 0,
            findings: Vec::new(),
            unjudged: Vec::new(),
            failures: self.failures.clone(),
        };
        let proven_since = proven_since(at, query.days());
        let promoted = self.promoted(&later);
        for (patch, _) in &promoted {
            match self.unproven(patch, &earlier, proven_since) {
                Some(finding) => check.findings.push(finding),
                None => check.proven += 1,
            }
        }
        self.not_promoted(&later, &promoted, proven_since, &mut check);
        check
            .findings
            .sort_by(|one, other| (one.kind, &one.title).cmp(&(other.kind, &other.title)));
        check
    }

    fn family(&self) -> OsFamily {
        self.earlier.operating_system.family()
    }

    fn judged_by(&self, baseline: &PatchBaseline, at: Timestamp) -> Judged<'_> {
        let previews = approvals(baseline, &self.catalog, at..at).patches;
        let patches = self.catalog.iter().zip(previews);
        // What is released later, or superseded by then, is not there to be installed.
        let there = patches.filter(|(patch, preview)| {
            let released = patch.release_date.is_none_or(|released| released < at);
            released && preview.superseded.is_none()
        });
        Judged {
            patches: there.collect(),
        }
    }

    /// The patches that production would get: of a package of a product, the newest approved version.
    fn promoted<'a>(&self, later: &Judged<'a>) -> Vec<(&'a Patch, String)> {
        let mut newest: BTreeMap<(Option<&str>, String), &Patch> = BTreeMap::new();
        let family = self.family();
        for (patch, preview) in &later.patches {
            if !preview.verdict.is_approved() {
                continue;
            }
            let key = (product(family, patch), patch.kb_id());
            let known = newest.entry(key).or_insert(patch);
            if version_order(family, patch, known).is_gt() {
                *known = patch;
            }
        }
        let newest = newest.into_values();
        newest
            .map(|patch| (patch, node_title(family, patch)))
            .collect()
    }

    /// What keeps a patch that production would get from being proven.
    fn unproven(
        &self,
        patch: &Patch,
        earlier: &Judged<'_>,
        proven_since: Timestamp,
    ) -> Option<PromotionFinding> {
        use PromotionFindingKind as Kind;
        let reports = self.reports(patch);
        let mut reasons = Vec::new();
        let kind = if reports.failed > 0 {
            Kind::InstallFailed
        } else if let Some(since) = reports.since {
            if since <= proven_since {
                return None;
            }
            Kind::TooRecent
        } else if reports.installed > 0 {
            Kind::InstalledWithoutDate
        } else if reports.pending_reboot > 0 {
            Kind::PendingReboot
        } else if reports.newer > 0 {
            Kind::NewerInstalled
        } else {
            let (kind, why) = self.not_run(patch, &reports, earlier);
            reasons = why;
            kind
        };
        let mut finding = self.finding(patch, kind);
        finding.nodes = reports.installed + reports.pending_reboot;
        finding.since = reports.since;
        finding.reasons = reasons;
        Some(finding)
    }

    /// Why no node has a patch.
    fn not_run(
        &self,
        patch: &Patch,
        reports: &Reports,
        earlier: &Judged<'_>,
    ) -> (PromotionFindingKind, Vec<String>) {
        use PromotionFindingKind as Kind;
        let preview = earlier.patches.iter().find(|(known, _)| *known == patch);
        let verdict = preview.map(|(_, preview)| &preview.verdict);
        let is_windows = self.family() == OsFamily::Windows;
        match verdict {
            _ if !is_windows && reports.lacking == 0 && reports.looked_at.is_some() => {
                (Kind::NotApplicable, Vec::new())
            }
            Some(ApprovalVerdict::Approved { since, .. }) => {
                // On Windows a node reports an approved update only if it needs it, and if it has looked
                // since the approval.
                let looked = reports
                    .looked_at
                    .is_some_and(|at| since.is_none_or(|since| since < at));
                match reports.lacking == 0 && looked {
                    true => (Kind::NotApplicable, Vec::new()),
                    false if looked => (Kind::NotInstalled, Vec::new()),
                    false => {
                        let reason = "no node was scanned since its approval";
                        (Kind::NotInstalled, vec![reason.to_owned()])
                    }
                }
            }
            Some(_) => {
                let reasons = preview.map(|(_, preview)| words(preview));
                (Kind::NotApproved, reasons.unwrap_or_default())
            }
            None => {
                let reason = "it is not released yet, or superseded";
                (Kind::NotApproved, vec![reason.to_owned()])
            }
        }
    }

    /// Adds what the earlier environment has run long enough, and production would not get.
    fn not_promoted(
        &self,
        later: &Judged<'_>,
        promoted: &[(&Patch, String)],
        proven_since: Timestamp,
        check: &mut PromotionCheck,
    ) {
        let titles: BTreeSet<&str> = promoted.iter().map(|(_, title)| title.as_str()).collect();
        let family = self.family();
        let mut seen: BTreeMap<String, (usize, Option<Timestamp>)> = BTreeMap::new();
        for row in self.nodes.iter().flat_map(|node| &node.patches) {
            if row.state == PatchState::Installed {
                let (nodes, since) = seen.entry(row_title(family, row)).or_default();
                *nodes += 1;
                *since = earliest(*since, installed_at(row));
            }
        }
        for (title, (nodes, since)) in seen {
            if titles.contains(title.as_str()) || since.is_none_or(|since| since > proven_since) {
                continue;
            }
            let mut listed = later.patches.iter();
            let known = listed.find(|(patch, _)| node_title(family, patch) == title);
            let Some((patch, preview)) = known else {
                check.unjudged.push(title);
                continue;
            };
            // Approved, it is replaced by a newer version, which is judged by itself.
            if !preview.verdict.is_approved() {
                let mut finding = self.finding(patch, PromotionFindingKind::NotPromoted);
                finding.nodes = nodes;
                finding.since = since;
                finding.reasons = words(preview);
                check.findings.push(finding);
            }
        }
    }

    fn finding(&self, patch: &Patch, kind: PromotionFindingKind) -> PromotionFinding {
        PromotionFinding {
            patch: patch.kb_id(),
            title: match self.family() {
                OsFamily::Windows => patch.title.clone().unwrap_or_default(),
                family => node_title(family, patch),
            },
            kind,
            nodes: 0,
            since: None,
            reasons: Vec::new(),
        }
    }

    fn reports(&self, patch: &Patch) -> Reports {
        let family = self.family();
        let mut reports = Reports::default();
        let of_product = |node: &&NodeFacts| {
            product(family, patch).is_none_or(|product| product == node.product)
        };
        for node in self.nodes.iter().filter(of_product) {
            reports.looked_at = reports.looked_at.max(Some(node.looked_at));
            match report(family, node, patch) {
                Report::Installed(row) if row.state == PatchState::InstalledPendingReboot => {
                    reports.pending_reboot += 1;
                }
                Report::Installed(row) => {
                    reports.installed += 1;
                    reports.since = earliest(reports.since, installed_at(row));
                }
                Report::Failed => reports.failed += 1,
                Report::Newer => reports.newer += 1,
                Report::Lacking => reports.lacking += 1,
                Report::Nothing => {}
            }
        }
        reports
    }
}

/// What a node reports of a patch. On Linux several versions of a package can be installed, and a missing
/// one has a row of its own.
fn report<'a>(family: OsFamily, node: &'a NodeFacts, patch: &Patch) -> Report<'a> {
    let kb = patch.kb_id();
    let rows = node.patches.iter().filter(|row| row.kb_id == kb);
    let mut found = Report::Nothing;
    for row in rows {
        let order = match (family, reported_version(family, row)) {
            (OsFamily::Windows, _) => std::cmp::Ordering::Equal,
            (_, Some(version)) => version_order(family, &version, patch),
            (_, None) => std::cmp::Ordering::Less,
        };
        let installed = matches!(
            row.state,
            PatchState::Installed
                | PatchState::InstalledOther
                | PatchState::InstalledPendingReboot
                | PatchState::InstalledRejected
        );
        match (&row.state, order) {
            (PatchState::Failed, std::cmp::Ordering::Equal) => return Report::Failed,
            (_, std::cmp::Ordering::Equal) if installed => found = Report::Installed(row),
            (_, std::cmp::Ordering::Greater) if installed => match found {
                Report::Installed(_) => {}
                _ => found = Report::Newer,
            },
            (PatchState::NotApplicable, _) => {}
            _ if matches!(found, Report::Nothing) => found = Report::Lacking,
            _ => {}
        }
    }
    found
}

/// The product whose nodes a patch is for. An update of Windows can be for an application, and is known
/// by its KB number alone.
fn product(family: OsFamily, patch: &Patch) -> Option<&str> {
    match family {
        OsFamily::Windows => None,
        _ => patch.product.as_deref(),
    }
}

/// What `node_title` is of the patch of a row.
fn row_title(family: OsFamily, row: &PatchComplianceData) -> String {
    match (family, reported_version(family, row)) {
        (OsFamily::Windows, _) | (_, None) => row.kb_id.clone(),
        (_, Some(version)) => node_title(family, &version),
    }
}

/// The instant by which a patch must be installed to be proven at another.
fn proven_since(at: Timestamp, days: u32) -> Timestamp {
    let days = SignedDuration::from_hours(24 * i64::from(days));
    at.checked_sub(days).unwrap_or(Timestamp::MIN)
}

/// The epoch stands for no date.
fn installed_at(row: &PatchComplianceData) -> Option<Timestamp> {
    Some(row.installed_time).filter(|at| *at != Timestamp::UNIX_EPOCH)
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Why a baseline does not approve a patch.
fn words(preview: &PatchPreview) -> Vec<String> {
    match preview.reasons.is_empty() {
        true => vec![preview.verdict.to_string()],
        false => preview.reasons.clone(),
    }
}
