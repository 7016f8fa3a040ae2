//! Judges a compliance report by deadlines.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::evidence::{DeadlineReport, DeadlineState, DeadlineTotals, NodeDeadline, PatchDeadline};
use super::{DeadlineRule, Deadlines};
use crate::compliance::{ComplianceReport, MissingPatch, ReportNode, ReportPart, Verdict};
use crate::error::Result;

/// The number of patches that the reason of a node names.
const MOST_NAMED: usize = 3;

impl ComplianceReport {
    /// Judges every node by deadlines: what is overdue and since when, the worst first.
    ///
    /// It makes no call. The report needs the missing patches, and for the release dates the catalog:
    /// [`ReportDetail::Patches`](super::super::ReportDetail::Patches), or
    /// [`patches`](super::super::ComplianceReportBuilder::patches) and
    /// [`released`](super::super::ComplianceReportBuilder::released) of a builder.
    ///
    /// - Only missing and failed patches have deadlines. A patch that the baseline does not approve is
    ///   not missing: see [`exposure`](crate::PatchManager::exposure).
    /// - The catalog has release dates for Windows and Amazon Linux. A patch without one is unknown
    ///   until it has been missing for the days of its deadline, which earlier reports
    ///   [show](DeadlineReport::with_previous).
    /// - A report has one date for each patch id. If nodes miss several versions of a package, it is the
    ///   date of the earliest.
    /// - A node is unknown if its verdict is, if its patches were not read, and if it only waits for a
    ///   reboot, because the report does not have the dates of installed patches.
    ///
    /// # Errors
    ///
    /// Those of [`Deadlines::check`].
    ///
    /// ```
    /// use aws_patch_manager::compliance::{
    ///     ComplianceReport, DeadlineState, Deadlines, InstancePatchState, NodeCompliance,
    ///     PatchComplianceData, PatchState,
    /// };
    /// use aws_patch_manager::PatchGroup;
    /// use aws_patch_manager::types::{NodeId, Patch, PatchOperation};
    /// use aws_patch_manager::jiff::Timestamp;
    ///
    /// let (node, now) = (NodeId::from("i-0123456789abcdef0"), "2026-05-14T00:00:00Z".parse()?);
    /// let (web, baseline) = (PatchGroup::new("web")?, "pb-0123456789abcdef0");
    /// let mut state = InstancePatchState::new(&node, web, baseline, PatchOperation::Scan, now, now);
    /// state.missing_count = 1;
    /// let mut missing = PatchComplianceData::new("KB5034770", PatchState::Missing);
    /// missing.severity = "Critical".to_owned();
    /// let mut patch = Patch::default();
    /// patch.kb_number = Some("KB5034770".to_owned());
    /// patch.release_date = Some("2026-04-14T17:00:00Z".parse()?);
    ///
    /// let mut report = ComplianceReport::builder("Production", now);
    /// report.node(&NodeCompliance::from(state)).patches(&node, &[missing]).released(&patch);
    /// let judged = report.build().deadlines(&Deadlines::new().critical(14).otherwise(30))?;
    /// assert_eq!(judged.nodes[0].state, DeadlineState::Overdue);
    /// assert_eq!(judged.nodes[0].due, Some("2026-04-28T17:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn deadlines(&self, deadlines: &Deadlines) -> Result<DeadlineReport> {
        deadlines.check()?;
        let known: HashMap<&str, &MissingPatch> = self
            .missing_patches
            .iter()
            .map(|patch| (patch.id.as_str(), patch))
            .collect();
        let unread = self.unread_patches();
        let nodes = self.nodes.iter().map(|row| {
            let is_unread = unread.contains(&(row.source.as_str(), row.node.as_str()));
            node(row, &known, deadlines, is_unread, self.made_at)
        });
        let mut report = DeadlineReport {
            title: self.title.clone(),
            made_at: self.made_at,
            deadlines: deadlines.clone(),
            failures: self.failures.clone(),
            totals: DeadlineTotals::default(),
            nodes: nodes.collect(),
        };
        report.judge();
        Ok(report)
    }

    /// The nodes whose patches could not be read, or only some of them.
    fn unread_patches(&self) -> HashSet<(&str, &str)> {
        let failures = self.failures.iter();
        let failures = failures.filter(|failure| failure.part == ReportPart::Patches);
        failures
            .flat_map(|failure| {
                let nodes = failure.nodes.iter();
                nodes.map(|node| (failure.source.as_str(), node.as_str()))
            })
            .collect()
    }
}

/// A node with its patches and the days of their deadlines, not yet judged.
fn node(
    row: &ReportNode,
    known: &HashMap<&str, &MissingPatch>,
    deadlines: &Deadlines,
    is_unread: bool,
    made_at: Timestamp,
) -> NodeDeadline {
    let first_seen = row.last_operation.unwrap_or(made_at);
    let missing = row.missing_ids.iter().map(|id| (id, false));
    let failed = row.failed_ids.iter().map(|id| (id, true));
    let patches = missing.chain(failed).map(|(id, failed)| {
        let known = known.get(id.as_str());
        let text = |of: fn(&MissingPatch) -> &String| {
            known.map_or_else(String::new, |patch| of(patch).clone())
        };
        let mut patch = PatchDeadline {
            id: id.clone(),
            title: text(|patch| &patch.title),
            severity: text(|patch| &patch.severity),
            classification: text(|patch| &patch.classification),
            failed,
            released: known.and_then(|patch| patch.released),
            first_seen,
            days: None,
            due: None,
            state: DeadlineState::NoDeadline,
            reason: String::new(),
        };
        patch.days = deadlines.rule_for(&patch, &row.group).map(|rule| rule.days);
        patch
    });
    NodeDeadline {
        source: row.source.clone(),
        node: row.node.clone(),
        name: row.name.clone(),
        group: row.group.clone(),
        operating_system: row.operating_system.clone(),
        state: DeadlineState::Unknown,
        reason: String::new(),
        due: None,
        verdict: row.verdict.clone(),
        verdict_reason: row.reason.clone(),
        baseline: row.baseline.clone(),
        baseline_name: String::new(),
        operation: row.operation.clone(),
        last_operation: row.last_operation,
        next_install: None,
        unknown: unknown(row, is_unread),
        patches: patches.collect(),
    }
}

/// Why the state of a node is not known, whatever its patches say; empty if it is known.
fn unknown(row: &ReportNode, is_unread: bool) -> String {
    let count = row.missing.saturating_add(row.failed);
    let has_patches = !row.missing_ids.is_empty() || !row.failed_ids.is_empty();
    if is_unread {
        row.unread.clone()
    } else if row.verdict == Verdict::NonCompliant.to_string() {
        match (count, has_patches) {
            (1.., false) => "the report was made without patches".to_owned(),
            (0, false) => format!("{}: the report has no date for it", row.reason),
            _ => String::new(),
        }
    } else if row.verdict == Verdict::Compliant.to_string() {
        String::new()
    } else {
        row.reason.clone()
    }
}

impl Deadlines {
    /// The rule for a patch on a node of a group.
    fn rule_for(&self, patch: &PatchDeadline, group: &str) -> Option<&DeadlineRule> {
        let rules = self.rules.iter();
        let matching = rules.filter(|rule| {
            let same = |word: &Option<String>, of: &str| {
                word.as_ref()
                    .is_none_or(|word| word.eq_ignore_ascii_case(of))
            };
            let of_group = rule.group.as_ref().is_none_or(|one| one.as_str() == group);
            of_group
                && same(&rule.severity, &patch.severity)
                && same(&rule.classification, &patch.classification)
        });
        matching.min_by_key(|rule| precedence(rule))
    }

    /// The rules, so that the first that is for a patch decides.
    pub(crate) fn in_order(&self) -> Vec<&DeadlineRule> {
        let mut rules: Vec<&DeadlineRule> = self.rules.iter().collect();
        rules.sort_by_key(|rule| precedence(rule));
        rules
    }

    /// What is not known of a patch without a deadline, and would decide whether a rule is for it.
    fn undecided(&self, patch: &PatchDeadline, group: &str) -> Option<&'static str> {
        let mut rules = self
            .rules
            .iter()
            .filter(|rule| rule.group.as_ref().is_none_or(|one| one.as_str() == group));
        let lacks = |word: &Option<String>, of: &str| word.is_some() && of.is_empty();
        rules.find_map(|rule| {
            let severity = lacks(&rule.severity, &patch.severity);
            let classification = lacks(&rule.classification, &patch.classification);
            match (severity, classification) {
                (true, _) => Some("its severity is not known"),
                (_, true) => Some("its classification is not known"),
                _ => None,
            }
        })
    }
}

impl DeadlineReport {
    /// Judges every patch and node again, and sorts them, the worst first.
    pub(super) fn judge(&mut self) {
        let (now, deadlines) = (self.made_at, &self.deadlines);
        for node in &mut self.nodes {
            for patch in &mut node.patches {
                patch.judge(now, node.next_install, deadlines, &node.group);
            }
            node.patches.sort_by(|one, other| {
                let key =
                    |patch: &PatchDeadline| (patch.state, patch.due.unwrap_or(Timestamp::MAX));
                (key(one), &one.id).cmp(&(key(other), &other.id))
            });
            node.judge();
        }
        self.nodes.sort_by(|one, other| {
            let key = |node: &NodeDeadline| (node.state, node.due.unwrap_or(Timestamp::MAX));
            let id = |node: &NodeDeadline| (node.source.clone(), node.node.clone());
            key(one)
                .cmp(&key(other))
                .then_with(|| id(one).cmp(&id(other)))
        });
        self.totals = DeadlineTotals::count(&self.nodes);
    }
}

/// Rules of a group first, then the shortest; a rule for every patch last.
fn precedence(rule: &DeadlineRule) -> (bool, bool, u32) {
    (rule.is_fallback(), rule.group.is_none(), rule.days)
}

impl PatchDeadline {
    fn judge(
        &mut self,
        now: Timestamp,
        next_install: Option<Timestamp>,
        deadlines: &Deadlines,
        group: &str,
    ) {
        let Some(days) = self.days else {
            let undecided = deadlines.undecided(self, group);
            self.state = match undecided {
                Some(_) => DeadlineState::Unknown,
                None => DeadlineState::NoDeadline,
            };
            self.reason = undecided.unwrap_or("no rule is for it").to_owned();
            return;
        };
        // It was released before it was first missing, so the true deadline is not later.
        let from = self.released.unwrap_or(self.first_seen);
        let length = DeadlineRule::new(days).length();
        let due = from.checked_add(length).unwrap_or(Timestamp::MAX);
        self.due = Some(due);
        self.reason.clear();
        self.state = if now > due {
            DeadlineState::Overdue
        } else if next_install.is_some_and(|install| install > due) {
            DeadlineState::OverdueBeforeInstall
        } else if self.released.is_none() {
            self.reason = "its release date is not known".to_owned();
            DeadlineState::Unknown
        } else {
            DeadlineState::Open
        };
    }
}

impl NodeDeadline {
    fn judge(&mut self) {
        let worst = self.patches.first();
        self.state = worst.map_or(DeadlineState::Met, |patch| patch.state);
        if !self.unknown.is_empty() {
            self.state = self.state.min(DeadlineState::Unknown);
        }
        let state = self.state;
        let those = self.patches.iter().filter(|patch| patch.state == state);
        self.due = those.clone().filter_map(|patch| patch.due).min();
        let mut reasons: Vec<String> = those
            .take(MOST_NAMED)
            .map(PatchDeadline::to_string)
            .collect();
        let same = self.patches.iter().filter(|patch| patch.state == state);
        let more = same.count().saturating_sub(MOST_NAMED);
        if more > 0 {
            reasons.push(format!("{more} more"));
        }
        if !self.unknown.is_empty() {
            reasons.push(self.unknown.clone());
        }
        self.reason = match reasons.is_empty() {
            true => self.verdict_reason.clone(),
            false => reasons.join("; "),
        };
    }
}
