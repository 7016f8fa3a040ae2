//! The question: which baselines, which nodes ran the patches, and for how long.

use jiff::Timestamp;

use crate::baseline::{BaselineSpec, PatchBaseline};
use crate::compliance::{
    BATCH, CompliancePlan, ComplianceQuery, ComplianceScope, NODE_PAGE, PlannedCalls,
};
use crate::error::{Result, Violations};
use crate::types::{BaselineId, Patch};

/// The patches of a page of DescribeAvailablePatches and DescribeInstancePatches.
const PAGE: usize = 100;

/// The days that the earlier environment runs a patch, if the query sets none.
const DAYS: u32 = 7;

/// A baseline of a [`PromotionQuery`]: the id of one in the account, or one that you have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PromotionBaseline {
    /// The account has it: read by GetPatchBaseline.
    Stored(BaselineId),
    /// It is here: of another account, or not created yet.
    Given(Box<PatchBaseline>),
}

impl From<&PatchBaseline> for PromotionBaseline {
    fn from(baseline: &PatchBaseline) -> Self {
        Self::Given(Box::new(baseline.clone()))
    }
}

impl From<PatchBaseline> for PromotionBaseline {
    fn from(baseline: PatchBaseline) -> Self {
        Self::Given(Box::new(baseline))
    }
}

impl From<&BaselineSpec> for PromotionBaseline {
    fn from(spec: &BaselineSpec) -> Self {
        // It has no id before it is created; none is read here.
        PatchBaseline::from_spec(BaselineId::new(""), spec).into()
    }
}

impl From<BaselineId> for PromotionBaseline {
    fn from(id: BaselineId) -> Self {
        Self::Stored(id)
    }
}

impl From<&BaselineId> for PromotionBaseline {
    fn from(id: &BaselineId) -> Self {
        Self::Stored(id.clone())
    }
}

/// Which patches a later environment would get, and what the nodes of an earlier one have run.
///
/// ```
/// use aws_patch_manager::promotion::PromotionQuery;
/// use aws_patch_manager::types::BaselineId;
/// use aws_patch_manager::{ComplianceQuery, PatchGroup};
///
/// let development = BaselineId::new("pb-0123456789abcdef0");
/// let production = BaselineId::new("pb-0123456789abcdef1");
/// let nodes = ComplianceQuery::group(PatchGroup::new("dev")?);
/// let query = PromotionQuery::new(development, production, nodes).min_days(7);
/// println!("{}", query.explain(200, 1_500));
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PromotionQuery {
    earlier: PromotionBaseline,
    later: PromotionBaseline,
    nodes: ComplianceQuery,
    min_days: u32,
    at: Option<Timestamp>,
    catalog: Option<Vec<Patch>>,
}

impl PromotionQuery {
    /// The baseline of the earlier environment, that of production, and the nodes of the earlier
    /// environment. Nodes of other operating systems are left out.
    pub fn new(
        earlier: impl Into<PromotionBaseline>,
        later: impl Into<PromotionBaseline>,
        nodes: ComplianceQuery,
    ) -> Self {
        Self {
            earlier: earlier.into(),
            later: later.into(),
            nodes,
            min_days: DAYS,
            at: None,
            catalog: None,
        }
    }

    /// The days of 24 hours that the earlier environment must have run a patch: 7 if not set.
    pub fn min_days(mut self, days: u32) -> Self {
        self.min_days = days;
        self
    }

    /// The instant at which production installs: now if not set. Its approvals are those of then, and
    /// the days count until then.
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// The patches that there are, in place of those that DescribeAvailablePatches lists.
    pub fn catalog(mut self, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.catalog = Some(patches.into_iter().collect());
        self
    }

    /// The days that the earlier environment must have run a patch.
    pub fn days(&self) -> u32 {
        self.min_days
    }

    pub(super) fn earlier(&self) -> &PromotionBaseline {
        &self.earlier
    }

    pub(super) fn later(&self) -> &PromotionBaseline {
        &self.later
    }

    pub(super) fn nodes(&self) -> &ComplianceQuery {
        &self.nodes
    }

    pub(super) fn instant(&self) -> Option<Timestamp> {
        self.at
    }

    pub(super) fn given_catalog(&self) -> Option<&[Patch]> {
        self.catalog.as_deref()
    }

    /// Checks the query. The verb does so first.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations.
    pub fn check(&self) -> Result<()> {
        let mut found = Violations::new();
        for baseline in [&self.earlier, &self.later] {
            if let PromotionBaseline::Stored(id) = baseline {
                found.identifier(id);
            }
        }
        if let Err(error) = self.nodes.check() {
            found.extend_from("Nodes", &error);
        }
        found.or("PromotionQuery", ())
    }

    /// The calls of this query for this number of nodes and of patches in the catalog of their products,
    /// with a reason for each.
    ///
    /// The plan assumes that every node was scanned and reports at most 100 patches, and that the nodes
    /// have one product. Otherwise it assumes what [`ComplianceQuery::explain`] does.
    pub fn explain(&self, nodes: usize, patches: usize) -> CompliancePlan {
        let mut plan = self.nodes.explain(nodes);
        let nodes = plan.nodes;
        let at_a_time = self.nodes.calls_at_a_time();
        let mut add = |operation, calls, at_a_time, why| {
            if calls > 0 {
                plan.steps.push(PlannedCalls {
                    operation,
                    calls,
                    at_a_time,
                    why,
                });
            }
        };
        let sides = [&self.earlier, &self.later];
        let stored = sides
            .iter()
            .filter(|side| matches!(side, PromotionBaseline::Stored(_)));
        add("GetPatchBaseline", stored.count(), 1, "the two baselines");
        let (by_ids, pages) = (nodes.div_ceil(BATCH), nodes.div_ceil(NODE_PAGE));
        let mut instead = 0;
        match self.nodes.scope() {
            ComplianceScope::All => {}
            ComplianceScope::Fleet if pages < by_ids => {
                let why = "the systems of instances, 1,000 a page";
                add("DescribeInstanceProperties", pages, 1, why);
                instead = by_ids;
            }
            _ => {
                let why = "the systems of nodes, 50 ids a call";
                add("DescribeInstanceInformation", by_ids, at_a_time, why);
            }
        }
        if self.catalog.is_none() {
            let why = "the patches of the nodes' product, 100 a call";
            add("DescribeAvailablePatches", patches.div_ceil(PAGE), 1, why);
        }
        let why = "what each node has installed, and since when";
        add("DescribeInstancePatches", nodes, at_a_time, why);
        plan.counts_alone = None;
        plan.add_without_properties(instead);
        plan
    }
}
