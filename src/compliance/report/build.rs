use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{ComplianceReport, MissingPatch, ReportNode, ReportTotals};
use crate::compliance::{NodeCompliance, PatchComplianceData, PatchState, Verdict};
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
    missing: BTreeMap<String, MissingPatch>,
    severities: BTreeMap<String, usize>,
    released: HashMap<String, Timestamp>,
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
            missing: BTreeMap::new(),
            severities: BTreeMap::new(),
            released: HashMap::new(),
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
        let state = node.state.as_ref();
        let pending = state.and_then(|state| state.installed_pending_reboot_count);
        let row = ReportNode {
            node: node.node.to_string(),
            name: String::new(),
            group: state.map_or_else(String::new, |state| state.patch_group.to_string()),
            operating_system: String::new(),
            verdict: node.verdict.to_string(),
            reason: node.reason(),
            missing: state.map_or(0, |state| state.missing_count),
            failed: state.map_or(0, |state| state.failed_count),
            pending_reboot: pending.unwrap_or_default(),
            last_operation: state.map(|state| state.operation_end_time),
            baseline: state.map_or_else(String::new, |state| state.baseline_id.to_string()),
        };
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
        let severity = patch.severity.clone();
        *self.severities.entry(severity.clone()).or_default() += 1;
        let missing = self.missing.entry(patch.kb_id.clone());
        missing
            .or_insert_with(|| MissingPatch {
                id: patch.kb_id.clone(),
                title: patch.title.clone(),
                severity,
                nodes: 0,
                released: None,
            })
            .nodes += 1;
        self
    }

    /// A patch of the catalogue, for when it was released.
    pub fn released(&mut self, patch: &Patch) -> &mut Self {
        let by_name = patch.name.as_ref().zip(patch.arch.as_ref());
        let id = patch.kb_number.clone();
        let id = id.or_else(|| by_name.map(|(name, arch)| format!("{name}.{arch}")));
        if let (Some(id), Some(at)) = (id, patch.release_date) {
            let known = self.released.entry(id).or_insert(at);
            *known = at.min(*known);
        }
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
            missing_patches: self.missing_patches(),
            nodes: Vec::new(),
        };
        for (id, row) in &self.nodes {
            let known = self.known.get(id).cloned().unwrap_or_default();
            let mut row = row.clone();
            (row.name, row.operating_system) = (known.name, known.platform);
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

    fn missing_patches(&self) -> Vec<MissingPatch> {
        let mut patches: Vec<_> = self.missing.values().cloned().collect();
        for patch in &mut patches {
            patch.released = self.released.get(&patch.id).copied();
        }
        patches.sort_by(|one, other| (other.nodes, &one.id).cmp(&(one.nodes, &other.id)));
        patches
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
        totals.missing_patches = u64::from(state.missing_count);
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
        self.missing_patches += other.missing_patches;
    }
}
