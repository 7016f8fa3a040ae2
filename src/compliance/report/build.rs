use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::missing::MissingPatches;
use super::{ComplianceReport, ReportNode, ReportTotals};
use crate::compliance::{
    InstancePatchState, NodeCompliance, PatchComplianceData, PatchState, Verdict,
};
use crate::types::{InstanceInformation, NodeId, Patch};

/// Gathers what a [`ComplianceReport`] shows, node by node.
#[derive(Debug, Clone)]
#[must_use]
pub struct ComplianceReportBuilder {
    title: String,
    made_at: Timestamp,
    nodes: BTreeMap<NodeId, ReportNode>,
    known: HashMap<NodeId, Known>,
    totals: Vec<(NodeId, ReportTotals)>,
    missing: MissingPatches,
    severities: BTreeMap<String, usize>,
    errors: HashMap<NodeId, String>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    name: String,
    platform: String,
}

impl ComplianceReportBuilder {
    pub(super) fn new(title: String, made_at: Timestamp) -> Self {
        Self {
            title,
            made_at,
            nodes: BTreeMap::new(),
            known: HashMap::new(),
            totals: Vec::new(),
            missing: MissingPatches::default(),
            severities: BTreeMap::new(),
            errors: HashMap::new(),
        }
    }

    /// What a node is called and runs on, as DescribeInstanceInformation tells.
    pub fn information(&mut self, node: &InstanceInformation) -> &mut Self {
        let name = node.computer_name.as_deref().or(node.name.as_deref());
        let platform = [&node.platform_name, &node.platform_version];
        let platform: Vec<&str> = platform.into_iter().flatten().map(String::as_str).collect();
        let known = Known {
            name: name.unwrap_or_default().to_owned(),
            platform: platform.join(" "),
        };
        self.known.insert(node.instance_id.clone(), known);
        self
    }

    /// How a node stands; a node that is given again is replaced.
    pub fn node(&mut self, node: &NodeCompliance) -> &mut Self {
        let row = row_of(node);
        if self.nodes.insert(node.node.clone(), row).is_some() {
            self.totals.retain(|(id, _)| *id != node.node);
        }
        self.totals.push((node.node.clone(), counted(node)));
        self
    }

    /// A patch of a node: missing and failed ones are counted, others are passed over.
    pub fn patch(&mut self, patch: &PatchComplianceData) -> &mut Self {
        if !matches!(patch.state, PatchState::Missing | PatchState::Failed) {
            return self;
        }
        *self.severities.entry(patch.severity.clone()).or_default() += 1;
        self.missing.add(patch);
        self
    }

    /// A patch of the catalogue, for when it was released, its advisories and the CVEs it fixes.
    ///
    /// It is found among the missing ones by its KB number, or on Linux by name, architecture and
    /// version, as the title of a missing patch has them.
    pub fn released(&mut self, patch: &Patch) -> &mut Self {
        self.missing.learn(patch);
        self
    }

    /// What the run said that could not install a patch on a node, such as
    /// [`NodeOutcome::error_text`](crate::operation::NodeOutcome::error_text).
    pub fn failed_install(&mut self, node: &NodeId, error: impl Into<String>) -> &mut Self {
        self.errors.insert(node.clone(), error.into());
        self
    }

    /// The report.
    pub fn build(&self) -> ComplianceReport {
        let mut report = ComplianceReport {
            title: self.title.clone(),
            made_at: self.made_at,
            totals: ReportTotals::default(),
            by_group: BTreeMap::new(),
            by_operating_system: BTreeMap::new(),
            by_severity: self.severities.clone(),
            missing_patches: self.missing.rows(),
            nodes: Vec::new(),
            history: Vec::new(),
            changes: Vec::new(),
        };
        for (id, row) in &self.nodes {
            let known = self.known.get(id).cloned().unwrap_or_default();
            let mut row = row.clone();
            (row.name, row.operating_system) = (known.name, known.platform);
            row.error = self.errors.get(id).cloned().unwrap_or_default();
            report.nodes.push(row);
        }
        for (id, totals) in &self.totals {
            let group = self.nodes.get(id).map(|row| row.group.clone());
            let platform = self.known.get(id).map(|known| known.platform.clone());
            let group = report.by_group.entry(group.unwrap_or_default());
            let system = report
                .by_operating_system
                .entry(platform.unwrap_or_default());
            for sum in [group.or_default(), system.or_default(), &mut report.totals] {
                sum.add(totals);
            }
        }
        report
    }
}

/// How a node stands, without what it is called.
fn row_of(node: &NodeCompliance) -> ReportNode {
    let state = node.state.as_ref();
    let count = |of: fn(&InstancePatchState) -> Option<u32>| state.and_then(of).unwrap_or_default();
    ReportNode {
        node: node.node.to_string(),
        name: String::new(),
        group: state.map_or_else(String::new, |state| state.patch_group.to_string()),
        operating_system: String::new(),
        verdict: node.verdict.to_string(),
        reason: node.reason(),
        missing: count(|state| Some(state.missing_count)),
        failed: count(|state| Some(state.failed_count)),
        pending_reboot: count(|state| state.installed_pending_reboot_count),
        rejected: count(|state| state.installed_rejected_count),
        critical: count(|state| state.critical_non_compliant_count),
        security: count(|state| state.security_non_compliant_count),
        other: count(|state| state.other_non_compliant_count),
        available_security_updates: count(|state| state.available_security_update_count),
        operation: state.map_or_else(String::new, |state| state.operation.to_string()),
        last_operation: state.map(|state| state.operation_end_time),
        baseline: state.map_or_else(String::new, |state| state.baseline_id.to_string()),
        error: String::new(),
    }
}

/// One node's share of the totals.
fn counted(node: &NodeCompliance) -> ReportTotals {
    let mut totals = ReportTotals::default();
    match node.verdict {
        Verdict::Compliant => totals.compliant = 1,
        Verdict::NonCompliant => totals.non_compliant = 1,
        Verdict::Unknown => totals.unknown = 1,
    }
    if let Some(state) = &node.state {
        let some = |count: Option<u32>| usize::from(count > Some(0));
        totals.pending_reboot = some(state.installed_pending_reboot_count);
        totals.with_failed = usize::from(state.failed_count > 0);
        totals.with_critical = some(state.critical_non_compliant_count);
        totals.with_security = some(state.security_non_compliant_count);
        totals.with_available_security_updates = some(state.available_security_update_count);
        totals.missing_patches = u64::from(state.missing_count);
        totals.failed_patches = u64::from(state.failed_count);
    }
    totals
}

impl ReportTotals {
    fn add(&mut self, other: &Self) {
        self.compliant += other.compliant;
        self.non_compliant += other.non_compliant;
        self.unknown += other.unknown;
        self.pending_reboot += other.pending_reboot;
        self.with_failed += other.with_failed;
        self.with_critical += other.with_critical;
        self.with_security += other.with_security;
        self.with_available_security_updates += other.with_available_security_updates;
        self.missing_patches += other.missing_patches;
        self.failed_patches += other.failed_patches;
    }
}
