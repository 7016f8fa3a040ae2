use crate::error::{Result, Violations};
use crate::group::PatchGroup;
use crate::types::{NodeId, PatchStateFilter, PatchStateOperator};

use super::{NodeCompliance, Verdict};

/// Which nodes are asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComplianceScope {
    /// Every managed node.
    All,
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
    scope: ComplianceScope,
    verdict: Option<Verdict>,
    kind: Option<NonCompliantKind>,
    missing_only: bool,
}

impl ComplianceQuery {
    /// About every managed node.
    pub fn all() -> Self {
        Self::new(ComplianceScope::All)
    }

    /// About these nodes.
    pub fn nodes<I>(nodes: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<NodeId>,
    {
        Self::new(ComplianceScope::Nodes(
            nodes.into_iter().map(Into::into).collect(),
        ))
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
            scope,
            verdict: None,
            kind: None,
            missing_only: false,
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

    /// Which nodes are asked about.
    pub fn scope(&self) -> &ComplianceScope {
        &self.scope
    }

    /// What the service can filter by itself, where it filters at all: the states of a group.
    pub fn state_filters(&self) -> Vec<PatchStateFilter> {
        let missing = || PatchStateFilter::new("MissingCount", PatchStateOperator::GreaterThan, 0);
        if self.missing_only {
            vec![missing()]
        } else {
            Vec::new()
        }
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
        match &self.scope {
            ComplianceScope::All => {}
            ComplianceScope::Group(group) => {
                let legal = "1 to 256 letters, digits, separators and `_.:/=+-@`";
                violations.require(group.is_well_formed(), "PatchGroup", group, legal);
            }
            ComplianceScope::Nodes(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    let field = format!("InstanceIds[{index}]");
                    violations.require(node.is_well_formed(), field, node, NodeId::LEGAL);
                }
            }
        }
        violations.or("DescribeInstancePatchStates", ())
    }
}
