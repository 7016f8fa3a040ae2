use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use super::node_compliance::Doubts;
use super::{NodeCompliance, Verdict};
use crate::error::{Result, Violations};
use crate::group::PatchGroup;
use crate::types::{NodeId, PatchStateFilter, PatchStateOperator, fnv1a};

/// The default number of parallel calls.
const DEFAULT_CONCURRENCY: usize = 16;

/// The nodes of a query.
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
    /// The nodes that are tagged with this group now, under either key.
    Tagged(PatchGroup),
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

/// A compliance query: which nodes, which answers, and what counts as unknown.
///
/// Filters save calls only for a [`group`](Self::group): the service can filter its states by
/// [`missing_only`](Self::missing_only) and for compliant nodes. For the other scopes this crate
/// reads every node and filters the answers, because DescribeInstancePatchStates takes no filter.
/// To list only non-compliant nodes, [`node_summaries`](crate::PatchManager::node_summaries) lets
/// the service filter.
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
    /// Shared by the calls of a sweep, because it can name a hundred thousand nodes.
    scope: Arc<ComplianceScope>,
    verdict: Option<Verdict>,
    kind: Option<NonCompliantKind>,
    missing_only: bool,
    doubts: Doubts,
    concurrency: usize,
}

impl ComplianceQuery {
    /// Every managed node, 1,000 per call, without any call to EC2.
    ///
    /// DescribeInstanceProperties lists them. It may list instances that are stopped, which
    /// DescribeInstanceInformation leaves out after a while. The latter takes its place, 50 per call, if the
    /// caller may not call the former or the backend does not know it.
    pub fn all() -> Self {
        Self::new(ComplianceScope::All)
    }

    /// Every EC2 instance that is not terminated, managed by Systems Manager or not, and every
    /// hybrid node.
    ///
    /// EC2 lists the instances, so those that Systems Manager does not know are among them. Hybrid nodes
    /// are listed in parallel. Each listing has 1,000 nodes per call. If the backend cannot list
    /// instances, or the caller may not, the query covers every managed node, as [`all`](Self::all) does.
    pub fn fleet() -> Self {
        Self::new(ComplianceScope::Fleet)
    }

    /// These nodes. A node that is named twice counts once.
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

    /// The nodes of a group.
    ///
    /// The service knows a node's group from its last patch operation, so nodes that never ran one
    /// are not among the answers. [`tagged`](Self::tagged) takes them too.
    pub fn group(group: PatchGroup) -> Self {
        Self::new(ComplianceScope::Group(group))
    }

    /// The nodes that are tagged with a group now, under either key, whether they ever ran a patch
    /// operation or not. Those that did not are [`NeverScanned`](super::UnknownReason::NeverScanned).
    ///
    /// The members are listed by their tags: the instances by EC2, hybrid nodes by Systems Manager. If the
    /// backend cannot list instances, or the caller may not, the query covers the managed nodes among
    /// them. A checkpoint can contain the ids of the whole group. An export of a resource data sync has
    /// no tags, so it refuses this query.
    ///
    /// ```
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{ComplianceQuery, PatchGroup, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let edge = PatchGroup::new("edge")?;
    /// manager.tag_nodes(&edge, &[NodeId::new("i-0c0ffee0000000001")]).await?;
    /// let by_tag = manager.compliance_summary(&ComplianceQuery::tagged(edge.clone())).await?;
    /// assert_eq!((by_tag.nodes(), by_tag.unknown), (1, 1));
    /// let by_state = manager.compliance_summary(&ComplianceQuery::group(edge)).await?;
    /// assert_eq!(by_state.nodes(), 0);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn tagged(group: PatchGroup) -> Self {
        Self::new(ComplianceScope::Tagged(group))
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

    /// Counts a node as unknown if its last patch operation ended longer ago than this.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.doubts.older_than = Some(age);
        self
    }

    /// Counts a node as unknown if it is not running, not managed, or its agent is offline.
    ///
    /// This takes one more call for each 50 nodes, except for [`all`](Self::all) and
    /// [`tagged`](Self::tagged), whose listings have the status. The listing of `all` also says which
    /// instances are stopped. For [`nodes`](Self::nodes) and a [`group`](Self::group), the sweep reads that
    /// of unmanaged nodes from EC2, up to 50 per call; if EC2 cannot be read, from
    /// DescribeInstanceProperties, up to 40 per call. If neither can be read, these nodes are
    /// [`NotManaged`](super::UnknownReason::NotManaged).
    pub fn offline_is_unknown(mut self) -> Self {
        self.doubts.offline = true;
        self
    }

    /// Counts a node as unknown if its last patch operation used another baseline than it would use
    /// now. That is the baseline of its group at that time, or the default of its operating system.
    ///
    /// This takes the listings of baselines and groups, once. Do not use it for nodes under a patch
    /// policy: they use copies of the policy's baselines, which the account does not list, so all
    /// of them would be unknown.
    pub fn other_baseline_is_unknown(mut self) -> Self {
        self.doubts.other_baseline = true;
        self
    }

    /// Sets the number of parallel calls, at least 1. The default is 16. A backend's own limit
    /// applies too.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// What makes an answer unknown.
    pub(crate) fn doubts(&self) -> Doubts {
        self.doubts
    }

    /// The verdict of the selected nodes; any if `None`.
    pub(crate) fn wanted_verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// The kind of non-compliant patches that the selected nodes have; any if `None`.
    pub(crate) fn wanted_kind(&self) -> Option<NonCompliantKind> {
        self.kind
    }

    /// Whether only nodes that miss a patch are selected.
    pub(crate) fn wants_missing(&self) -> bool {
        self.missing_only
    }

    /// The number of parallel calls.
    pub(crate) fn calls_at_a_time(&self) -> usize {
        self.concurrency
    }

    /// The nodes of the query.
    pub fn scope(&self) -> &ComplianceScope {
        &self.scope
    }

    /// The filters for the service, which only the states of a group have.
    ///
    /// For compliant nodes they only check that nothing is missing and nothing failed. The other
    /// two counts are absent from old states, and how the service compares absent counts is not
    /// documented.
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

    /// What the query lists, in words that are the same in every build of the crate. Two queries
    /// with the same words have the same listings, so a checkpoint of one is valid for the other.
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
            ComplianceScope::Tagged(group) => format!("the nodes tagged with the group {group}"),
        }
    }

    /// Whether every node of the scope is an answer, as its last operation left it.
    pub(crate) fn is_plain(&self) -> bool {
        self.doubts == Doubts::default()
            && self.verdict.is_none()
            && self.kind.is_none()
            && !self.missing_only
    }

    /// What the service does not filter for this query.
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

    /// Refuses what the service would refuse, with all violations at once.
    pub(crate) fn check(&self) -> Result<()> {
        let mut violations = Violations::new();
        match self.scope() {
            ComplianceScope::All | ComplianceScope::Fleet => {}
            ComplianceScope::Group(group) | ComplianceScope::Tagged(group) => {
                violations.identifier(group);
            }
            ComplianceScope::Nodes(nodes) => violations.node_ids(nodes),
        }
        violations.or("DescribeInstancePatchStates", ())
    }
}

/// The hash of the ids in their order, one per line.
fn fingerprint(nodes: &[NodeId]) -> u64 {
    let lines = nodes
        .iter()
        .flat_map(|node| node.as_str().bytes().chain(*b"\n"));
    fnv1a(lines)
}

impl fmt::Display for ComplianceScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("every managed node"),
            Self::Fleet => f.write_str("every instance and hybrid node"),
            Self::Group(group) => write!(f, "the nodes of the group {group}"),
            Self::Tagged(group) => write!(f, "the nodes tagged with the group {group}"),
            Self::Nodes(nodes) => match nodes.as_slice() {
                [] => f.write_str("no node"),
                [node] => write!(f, "the node {node}"),
                [first, others @ ..] => write!(f, "{first} and {} more nodes", others.len()),
            },
        }
    }
}

/// The query in words: the nodes, the filters, and what counts as unknown.
impl fmt::Display for ComplianceQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.scope)?;
        if let Some(verdict) = self.verdict {
            write!(f, ", only {verdict} ones")?;
        }
        if let Some(kind) = self.kind {
            write!(f, ", only with {kind:?} non-compliant patches")?;
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
