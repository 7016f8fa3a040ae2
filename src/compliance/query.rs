use jiff::SignedDuration;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use std::time::Duration;

use crate::error::{Result, Violations};
use crate::group::PatchGroup;
use crate::types::{NodeId, PatchStateFilter, PatchStateOperator};

use super::judge::Doubts;
use super::{NodeCompliance, Verdict};

/// How many calls at the same time where nothing is said.
const DEFAULT_CONCURRENCY: usize = 16;

/// Which nodes are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComplianceScope {
    /// Every managed node.
    All,
    /// Every EC2 instance that is not terminated, managed or not, and every hybrid node.
    Fleet,
    /// These nodes.
    Nodes(Vec<NodeId>),
    /// The nodes that were in this group when they last ran a patch operation.
    Group(PatchGroup),
}

/// What the non-compliant patches of a node must include.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonCompliantKind {
    /// One with the compliance level critical.
    Critical,
    /// A security patch.
    Security,
    /// One that is neither.
    Other,
}

/// A question about compliance: which nodes, and which answers count.
///
/// What answers count saves calls only for a [`group`](Self::group), whose states the service filters
/// where it can: [`missing_only`](Self::missing_only) and compliant nodes. For the other scopes every
/// node is looked up and filtered here, since DescribeInstancePatchStates takes no filter; where only
/// who does not comply is asked for,
/// [`node_summaries`](crate::PatchManager::node_summaries) has it listed by the service.
///
/// ```
/// use aws_patch_manager::{ComplianceQuery, PatchGroup};
/// use aws_patch_manager::compliance::Verdict;
///
/// let unpatched = ComplianceQuery::group(PatchGroup::new("web")?).verdict(Verdict::NonCompliant);
/// # let _ = unpatched;
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ComplianceQuery {
    /// Shared by what a sweep has under way, since it may name a hundred thousand nodes.
    scope: Arc<ComplianceScope>,
    verdict: Option<Verdict>,
    kind: Option<NonCompliantKind>,
    missing_only: bool,
    doubts: Doubts,
    concurrency: usize,
}

impl ComplianceQuery {
    /// About every managed node.
    pub fn all() -> Self {
        Self::new(ComplianceScope::All)
    }

    /// About every EC2 instance that is not terminated, whether Systems Manager manages it or not,
    /// and every hybrid node.
    ///
    /// Instances are listed by EC2, 1,000 at a time, which for a large fleet is far fewer calls
    /// than [`all`](Self::all) needs; hybrid nodes are listed beside them, 50 at a time. Where the
    /// backend cannot list instances, or may not, the question is about every managed node.
    pub fn fleet() -> Self {
        Self::new(ComplianceScope::Fleet)
    }

    /// About these nodes; one that is named twice counts once.
    pub fn nodes<I>(nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        let nodes: Vec<NodeId> = nodes.into_iter().map(Into::into).collect();
        let mut seen = HashSet::new();
        let first: Vec<bool> = nodes.iter().map(|node| seen.insert(node)).collect();
        let nodes = nodes.into_iter().zip(first);
        let nodes = nodes.filter_map(|(node, first)| first.then_some(node));
        Self::new(ComplianceScope::Nodes(nodes.collect()))
    }

    /// About the nodes of a group.
    ///
    /// The service knows a node's group from its last patch operation: nodes that never ran one
    /// are not among the answers.
    pub fn group(group: PatchGroup) -> Self {
        Self::new(ComplianceScope::Group(group))
    }

    fn new(scope: ComplianceScope) -> Self {
        Self {
            scope: Arc::new(scope),
            verdict: None,
            kind: None,
            missing_only: false,
            doubts: Doubts::default(),
            concurrency: DEFAULT_CONCURRENCY,
        }
    }

    /// Only nodes with this verdict.
    pub fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// Only nodes with non-compliant patches of this kind.
    pub fn kind(mut self, kind: NonCompliantKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only nodes that miss at least one patch.
    pub fn missing_only(mut self) -> Self {
        self.missing_only = true;
        self
    }

    /// Counts a node as unknown whose last patch operation ended longer ago than this.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.doubts.older_than = Some(age);
        self
    }

    /// Counts a node as unknown that does not run, is not managed, or whose agent lost touch.
    ///
    /// Costs one more call for each 50 nodes, except for [`all`](Self::all), which knows already. Of
    /// [`nodes`](Self::nodes) and those of a [`group`](Self::group) that Systems Manager does not
    /// list, EC2 is then asked which are stopped, up to 50 a call; where it cannot be asked, or may
    /// not, they are [`NotManaged`](super::UnknownReason::NotManaged).
    pub fn offline_is_unknown(mut self) -> Self {
        self.doubts.offline = true;
        self
    }

    /// Counts a node as unknown whose last patch operation went by another baseline than the one
    /// that its group, as it then was, or its operating system's default says now.
    ///
    /// Costs the listings of baselines and groups, once. Of no use for nodes under a patch policy:
    /// they go by copies of the policy's baselines, which are not among the account's, so that all
    /// of them count as unknown.
    pub fn other_baseline_is_unknown(mut self) -> Self {
        self.doubts.other_baseline = true;
        self
    }

    /// How many calls at the same time, at least 1; 16 where not said. A backend's own limit holds too.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// What makes an answer unknown.
    pub(crate) fn doubts(&self) -> Doubts {
        self.doubts
    }

    /// How many calls at the same time.
    pub(crate) fn calls_at_a_time(&self) -> usize {
        self.concurrency
    }

    /// Which nodes are asked about.
    pub fn scope(&self) -> &ComplianceScope {
        &self.scope
    }

    /// What the service can filter by itself, where it filters at all: the states of a group.
    ///
    /// Of a compliant node it can tell only that nothing is missing and nothing failed; the other
    /// two counts that matter are absent from old states, and what a comparison makes of those
    /// nobody documents.
    pub fn state_filters(&self) -> Vec<PatchStateFilter> {
        let none = |count| PatchStateFilter::new(count, PatchStateOperator::Equal, 0);
        if self.missing_only {
            let some = PatchStateOperator::GreaterThan;
            vec![PatchStateFilter::new("MissingCount", some, 0)]
        } else if self.verdict == Some(Verdict::Compliant) {
            vec![none("MissingCount"), none("FailedCount")]
        } else {
            Vec::new()
        }
    }

    /// What is listed for the question, in words that are the same in every build of the crate. Of
    /// two questions with the same words the listings are the same, and one goes on with the other.
    pub(crate) fn listed(&self) -> String {
        match self.scope() {
            ComplianceScope::All => "every managed node".to_owned(),
            ComplianceScope::Fleet => "the fleet".to_owned(),
            ComplianceScope::Nodes(nodes) => {
                format!("{} named nodes ({:016x})", nodes.len(), fingerprint(nodes))
            }
            ComplianceScope::Group(group) => {
                let told = std::iter::once(format!("the group {group}"));
                let told: Vec<String> = told.chain(self.told_filters()).collect();
                told.join(", ")
            }
        }
    }

    /// Whether every node of the scope is an answer, as its last operation left it.
    pub(crate) fn is_plain(&self) -> bool {
        self.doubts == Doubts::default()
            && self.verdict.is_none()
            && self.kind.is_none()
            && !self.missing_only
    }

    /// What the service does not filter for this question.
    pub(crate) fn filtered_here(&self) -> Vec<&'static str> {
        let of_group = matches!(self.scope(), ComplianceScope::Group(_));
        [
            self.verdict.map(|_| "the verdict"),
            self.kind.map(|_| "the kind of patch"),
            (self.missing_only && !of_group).then_some("nodes that miss nothing"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether a node is among the answers.
    pub fn admits(&self, node: &NodeCompliance) -> bool {
        let state = node.state.as_ref();
        let count = |kind| {
            state.map_or(0, |state| match kind {
                NonCompliantKind::Critical => {
                    state.critical_non_compliant_count.unwrap_or_default()
                }
                NonCompliantKind::Security => {
                    state.security_non_compliant_count.unwrap_or_default()
                }
                NonCompliantKind::Other => state.other_non_compliant_count.unwrap_or_default(),
            })
        };
        self.verdict.is_none_or(|verdict| verdict == node.verdict)
            && self.kind.is_none_or(|kind| count(kind) > 0)
            && (!self.missing_only || state.is_some_and(|state| state.missing_count > 0))
    }

    /// Refuses what the service would refuse, all of it at once.
    pub(crate) fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        match self.scope() {
            ComplianceScope::All | ComplianceScope::Fleet => {}
            ComplianceScope::Group(group) => violations.identifier(group),
            ComplianceScope::Nodes(nodes) => violations.node_ids(nodes),
        }
        violations.or("DescribeInstancePatchStates", ())
    }
}

/// FNV-1a of 64 bits over the ids in their order, a line each.
fn fingerprint(nodes: &[NodeId]) -> u64 {
    let bytes = nodes
        .iter()
        .flat_map(|node| node.as_str().bytes().chain(*b"\n"));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

impl fmt::Display for ComplianceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("every managed node"),
            Self::Fleet => f.write_str("every instance and hybrid node"),
            Self::Group(group) => write!(f, "the nodes of the group {group}"),
            Self::Nodes(nodes) => match nodes.as_slice() {
                [] => f.write_str("no node"),
                [node] => write!(f, "the node {node}"),
                [first, others @ ..] => write!(f, "{first} and {} more nodes", others.len()),
            },
        }
    }
}

/// The question in words: of whom, which of them, and what makes an answer unknown.
impl fmt::Display for ComplianceQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scope)?;
        if let Some(verdict) = self.verdict {
            write!(f, ", only {verdict} ones")?;
        }
        if let Some(kind) = self.kind {
            write!(f, ", only with non-compliant patches of the kind {kind:?}")?;
        }
        if self.missing_only {
            f.write_str(", only those that miss a patch")?;
        }
        if let Some(age) = self.doubts.older_than {
            let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
            write!(f, "; unknown if not scanned for {age:#}")?;
        }
        if self.doubts.offline {
            f.write_str("; unknown if offline")?;
        }
        if self.doubts.other_baseline {
            f.write_str("; unknown if scanned by another baseline")?;
        }
        Ok(())
    }
}
