use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::missing::{MissingPatches, Offence};
use super::{ComplianceReport, ReportFailure, ReportNode, ReportPart, ReportTotals};
use crate::compliance::{
    ComplianceQuery, InstancePatchState, NodeCompliance, PatchComplianceData, Verdict,
};
use crate::error::Error;
use crate::types::{InstanceInformation, NodeId, Patch};

/// A node of a source.
type Key = (Arc<str>, NodeId);

/// The key of a failure: source, part and error without the request id, so that the same error of
/// many nodes is one failure.
type Failures = BTreeMap<(Arc<str>, ReportPart, String), Lacking>;

/// Builds a [`ComplianceReport`], node by node.
///
/// Only the order of [`source`](Self::source) matters. Data for nodes that are not added is
/// ignored. A second value replaces the first.
///
/// ```
/// use aws_patch_manager::{Error, ErrorKind};
/// use aws_patch_manager::compliance::{
///     ComplianceReport, NodeCompliance, PatchComplianceData, PatchState, ReportPart,
/// };
/// use aws_patch_manager::types::NodeId;
/// use aws_patch_manager::jiff::Timestamp;
///
/// let node = NodeId::from("i-0123456789abcdef0");
/// let mut report = ComplianceReport::builder("Two accounts", Timestamp::UNIX_EPOCH);
/// report
///     .source("111122223333/eu-central-1")
///     .node(&NodeCompliance::unknown(node.clone()))
///     .patches(&node, &[PatchComplianceData::new("KB5034770", PatchState::Missing)])
///     .source("444455556666/us-east-1")
///     .failure(ReportPart::Listing, [], &Error::new(ErrorKind::AccessDenied, "no"));
/// let report = report.build();
/// assert_eq!(report.nodes_missing("KB5034770").count(), 1);
/// assert_eq!(report.failures.len(), 1);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ComplianceReportBuilder {
    title: String,
    made_at: Timestamp,
    question: String,
    source: Arc<str>,
    /// Every source, also those without nodes.
    sources: BTreeSet<Arc<str>>,
    nodes: BTreeMap<Key, Node>,
    told: HashMap<Key, Told>,
    missing: MissingPatches,
    failures: Failures,
}

/// A row and its totals.
#[derive(Debug, Clone)]
struct Node {
    row: ReportNode,
    totals: ReportTotals,
}

/// The nodes of a failure, and the first error in full.
#[derive(Debug, Clone, Default)]
struct Lacking {
    error: String,
    nodes: BTreeSet<NodeId>,
}

/// The data of a node other than its compliance.
#[derive(Debug, Clone, Default)]
struct Told {
    name: String,
    platform: String,
    offences: Vec<Arc<Offence>>,
    error: String,
}

impl ComplianceReportBuilder {
    pub(super) fn new(title: String, made_at: Timestamp) -> Self {
        Self {
            title,
            made_at,
            question: String::new(),
            source: Arc::from(""),
            sources: BTreeSet::new(),
            nodes: BTreeMap::new(),
            told: HashMap::new(),
            missing: MissingPatches::default(),
            failures: Failures::new(),
        }
    }

    /// Sets the query, which the report shows.
    pub fn question(&mut self, query: &ComplianceQuery) -> &mut Self {
        self.question = query.to_string();
        self
    }

    /// Sets the source of all data added from here on, such as an account and Region. There is no
    /// source before the first call. The same node id in two sources is two nodes. A source without
    /// nodes is in the report too.
    pub fn source(&mut self, name: impl Into<Arc<str>>) -> &mut Self {
        self.source = name.into();
        if !self.source.is_empty() {
            self.sources.insert(Arc::clone(&self.source));
        }
        self
    }

    /// Adds a node's name and platform from DescribeInstanceInformation or
    /// DescribeInstanceProperties. This is not needed if
    /// [`NodeCompliance::information`] has them.
    pub fn information(&mut self, node: &InstanceInformation) -> &mut Self {
        let name = node.computer_name.as_deref().or(node.name.as_deref());
        let platform = [&node.platform_name, &node.platform_version];
        let platform: Vec<&str> = platform.into_iter().flatten().map(String::as_str).collect();
        let told = self.told(&node.instance_id);
        told.name = name.unwrap_or_default().to_owned();
        told.platform = platform.join(" ");
        self
    }

    /// Adds a node with its compliance.
    pub fn node(&mut self, node: &NodeCompliance) -> &mut Self {
        if let Some(information) = &node.information {
            self.information(information);
        }
        let mut row = row_of(node);
        row.source = self.source.to_string();
        let totals = counted(node);
        let key = self.key(&node.node);
        self.nodes.insert(key, Node { row, totals });
        self
    }

    /// Adds the patches of a node, all in one call. The report counts missing and failed ones and
    /// ignores the others.
    pub fn patches(&mut self, node: &NodeId, patches: &[PatchComplianceData]) -> &mut Self {
        let offences = self.missing.among(patches);
        self.told(node).offences = offences;
        self
    }

    /// Adds a patch of the catalog, with its release date, advisories and CVEs.
    ///
    /// The report matches it with missing patches by its KB number, or on Linux by the name,
    /// architecture and version in their titles.
    pub fn released(&mut self, patch: &Patch) -> &mut Self {
        self.missing.learn(patch);
        self
    }

    /// Adds the output of the run that failed to install a patch on a node, such as
    /// [`NodeOutcome::error_text`](crate::operation::NodeOutcome::error_text).
    pub fn failed_install(&mut self, node: &NodeId, error: impl Into<String>) -> &mut Self {
        self.told(node).error = error.into();
        self
    }

    /// Adds a failure: the missing part of the report, its nodes, and the error. Every form shows
    /// it at the top and in the rows of the nodes.
    ///
    /// The same error of many nodes is one failure, even if the request ids differ. This adds no
    /// row: add a node without an answer by [`node`](Self::node), as
    /// [`NotAnswered`](crate::compliance::UnknownReason::NotAnswered).
    pub fn failure(
        &mut self,
        part: ReportPart,
        nodes: impl IntoIterator<Item = NodeId>,
        error: &Error,
    ) -> &mut Self {
        let told = error.to_string();
        let request = error.request_id().unwrap_or_default();
        let of_any = told
            .replace(&format!(", request {request}"), "")
            .replace(&format!(" (request {request})"), "");
        let of = (Arc::clone(&self.source), part, of_any);
        let error = told;
        let nodes = nodes.into_iter().collect();
        self.lack(of, Lacking { error, nodes });
        self
    }

    /// Adds everything from another builder.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.sources.extend(other.sources);
        self.nodes.extend(other.nodes);
        self.told.extend(other.told);
        self.missing.absorb(other.missing);
        for (of, lacking) in other.failures {
            self.lack(of, lacking);
        }
    }

    /// Whether no node was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The ids of the missing and failed patches of each node.
    pub(crate) fn offences(&self) -> impl Iterator<Item = (&NodeId, impl Iterator<Item = &str>)> {
        self.told.iter().map(|((_, node), told)| {
            let ids = told.offences.iter().map(|offence| offence.id.as_str());
            (node, ids)
        })
    }

    fn lack(&mut self, of: (Arc<str>, ReportPart, String), lacking: Lacking) {
        let known = self.failures.entry(of).or_default();
        if known.error.is_empty() {
            known.error = lacking.error;
        }
        known.nodes.extend(lacking.nodes);
    }

    fn key(&self, node: &NodeId) -> Key {
        (Arc::clone(&self.source), node.clone())
    }

    fn told(&mut self, node: &NodeId) -> &mut Told {
        self.told.entry(self.key(node)).or_default()
    }

    /// The report.
    pub fn build(&self) -> ComplianceReport {
        let mut report = ComplianceReport::empty(&self.title, self.made_at, &self.question);
        let sources = self.sources.iter();
        report.by_source = sources
            .map(|source| (source.to_string(), ReportTotals::default()))
            .collect();
        let unread = self.unread();
        let nothing = Told::default();
        let mut offences = Vec::new();
        for (key, node) in &self.nodes {
            let told = self.told.get(key).unwrap_or(&nothing);
            let mut row = node.row.clone();
            (row.name, row.operating_system) = (told.name.clone(), told.platform.clone());
            row.error.clone_from(&told.error);
            row.unread = unread.get(key).cloned().unwrap_or_default();
            row.missing_ids = ids(&told.offences, false);
            row.failed_ids = ids(&told.offences, true);
            for offence in &told.offences {
                let severity = report.by_severity.entry(offence.severity.clone());
                *severity.or_default() += 1;
            }
            report.count(&row, &node.totals);
            report.nodes.push(row);
            offences.push(told.offences.as_slice());
        }
        report.missing_patches = self.missing.rows(offences.into_iter());
        report.failures = self.failures.iter().map(failure).collect();
        report
    }

    /// The text for each row that misses data.
    fn unread(&self) -> HashMap<Key, String> {
        let mut unread: HashMap<Key, String> = HashMap::new();
        for ((source, part, error), lacking) in &self.failures {
            // The row's reason already has the error, and a missing name is visible.
            if matches!(part, ReportPart::Verdicts | ReportPart::Information) {
                continue;
            }
            for node in &lacking.nodes {
                let told = unread
                    .entry((Arc::clone(source), node.clone()))
                    .or_default();
                if !told.is_empty() {
                    told.push_str("; ");
                }
                told.push_str(&format!("{part}: {error}"));
            }
        }
        unread
    }
}

impl ComplianceReport {
    fn empty(title: &str, made_at: Timestamp, question: &str) -> Self {
        Self {
            title: title.to_owned(),
            made_at,
            question: question.to_owned(),
            earlier_question: None,
            failures: Vec::new(),
            totals: ReportTotals::default(),
            by_source: BTreeMap::new(),
            by_group: BTreeMap::new(),
            by_operating_system: BTreeMap::new(),
            by_severity: BTreeMap::new(),
            missing_patches: Vec::new(),
            nodes: Vec::new(),
            history: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Adds a node to all totals.
    fn count(&mut self, row: &ReportNode, totals: &ReportTotals) {
        self.totals.add(totals);
        let sums = [
            (&mut self.by_group, &row.group),
            (&mut self.by_operating_system, &row.operating_system),
        ];
        for (sums, name) in sums {
            sums.entry(name.clone()).or_default().add(totals);
        }
        if !row.source.is_empty() {
            let sum = self.by_source.entry(row.source.clone());
            sum.or_default().add(totals);
        }
    }
}

fn ids(offences: &[Arc<Offence>], failed: bool) -> Vec<String> {
    let those = offences.iter().filter(|offence| offence.failed == failed);
    let ids: BTreeSet<&String> = those.map(|offence| &offence.id).collect();
    ids.into_iter().cloned().collect()
}

fn failure(failure: (&(Arc<str>, ReportPart, String), &Lacking)) -> ReportFailure {
    let ((source, part, _), lacking) = failure;
    ReportFailure {
        source: source.to_string(),
        part: *part,
        nodes: lacking.nodes.iter().map(NodeId::to_string).collect(),
        error: lacking.error.clone(),
    }
}

/// The compliance of a node, without its name.
fn row_of(node: &NodeCompliance) -> ReportNode {
    let state = node.state.as_ref();
    let count = |of: fn(&InstancePatchState) -> Option<u32>| state.and_then(of).unwrap_or_default();
    ReportNode {
        source: String::new(),
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
        missing_ids: Vec::new(),
        failed_ids: Vec::new(),
        unread: String::new(),
    }
}

/// The totals of one node.
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
        let counts = state.critical_non_compliant_count.is_some();
        totals.without_counts = usize::from(!counts);
        totals.with_available_security_updates = some(state.available_security_update_count);
        totals.missing_patches = u64::from(state.missing_count);
        totals.failed_patches = u64::from(state.failed_count);
    }
    totals
}
