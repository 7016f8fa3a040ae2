use std::fmt::{self, Write};

use serde::Serialize;

use super::{ComplianceQuery, ComplianceScope};
use crate::counted::Counted;
use crate::lines::Lines;

/// The maximum number of node ids of DescribeInstancePatchStates, and of nodes on a page of
/// DescribeInstanceInformation.
pub(crate) const BATCH: usize = 50;

/// The maximum number of nodes on a page of DescribeInstanceProperties.
pub(crate) const NODE_PAGE: usize = 1000;

const LIST: &str = "DescribeInstanceProperties";
const DESCRIBE: &str = "DescribeInstanceInformation";
const LOOK_UP: &str = "DescribeInstancePatchStates";

/// The calls of a compliance query, with a reason for each. `Display` prints them.
///
/// [`ComplianceQuery::explain`] returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CompliancePlan {
    /// The number of nodes that the plan assumes.
    pub nodes: usize,
    /// The steps.
    pub steps: Vec<PlannedCalls>,
    /// What the service filters, such as `MissingCount GreaterThan 0`.
    pub filtered_by_service: Vec<String>,
    /// What the service cannot filter, so that this crate filters it.
    pub filtered_here: Vec<&'static str>,
    /// The calls that list the managed nodes if DescribeInstanceProperties is denied or the backend does
    /// not know it: they take the place of its calls. Absent if the plan has none of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_properties: Option<PlannedCalls>,
    /// The call that is enough if you only need counts of the nodes that have reported:
    /// [`compliance_counts`](crate::PatchManager::compliance_counts) or
    /// [`group_state`](crate::PatchManager::group_state). Absent if the query asks for more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_alone: Option<PlannedCalls>,
}

/// Calls of one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PlannedCalls {
    /// The operation.
    pub operation: &'static str,
    /// The number of calls.
    pub calls: usize,
    /// The number of these calls that can run in parallel.
    pub at_a_time: usize,
    /// What they read.
    pub why: &'static str,
}

impl PlannedCalls {
    /// How many calls these are. Too many to count are the most that there can be.
    pub(crate) fn total<'a>(steps: impl IntoIterator<Item = &'a Self>) -> usize {
        let calls = steps.into_iter().map(|step| step.calls);
        calls.fold(0, usize::saturating_add)
    }

    /// Writes how many calls these are and for how many nodes, and a line for each step.
    pub(crate) fn write(f: &mut impl Write, steps: &[Self], nodes: usize) -> fmt::Result {
        let calls = Counted(Self::total(steps), "call");
        writeln!(f, "{calls} for {}", Counted(nodes, "node"))?;
        for step in steps {
            let order = match step.at_a_time {
                1 => "one after the other".to_owned(),
                many => format!("{many} at a time"),
            };
            let (calls, operation, why) = (step.calls, step.operation, step.why);
            writeln!(f, "  {calls:>6}  {operation}, {order}: {why}")?;
        }
        Ok(())
    }

    pub(crate) fn one_by_one(operation: &'static str, calls: usize, why: &'static str) -> Self {
        Self {
            operation,
            calls,
            at_a_time: 1,
            why,
        }
    }
}

impl CompliancePlan {
    /// The total number of calls.
    pub fn calls(&self) -> usize {
        PlannedCalls::total(&self.steps)
    }

    /// Adds calls by id to those that DescribeInstanceProperties makes needless.
    pub(crate) fn add_without_properties(&mut self, calls: usize) {
        if let Some(listing) = self.without_properties.as_mut().filter(|_| calls > 0) {
            listing.calls = listing.calls.saturating_add(calls);
            listing.why = "the hybrid nodes, 50 a page, and the instances, 50 ids a call";
        }
    }
}

impl fmt::Display for CompliancePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        PlannedCalls::write(f, &self.steps, self.nodes)?;
        if !self.filtered_by_service.is_empty() {
            let filters = self.filtered_by_service.join(", ");
            writeln!(f, "  filtered by the service: {filters}")?;
        }
        if !self.filtered_here.is_empty() {
            writeln!(f, "  filtered here: {}", self.filtered_here.join(", "))?;
        }
        if let Some(PlannedCalls {
            operation,
            calls,
            why,
            ..
        }) = &self.without_properties
        {
            writeln!(
                f,
                "  if {LIST} is denied or unknown: {calls} of {operation} instead: {why}"
            )?;
        }
        if let Some(PlannedCalls {
            operation,
            calls,
            why,
            ..
        }) = &self.counts_alone
        {
            writeln!(f, "  counts alone: {calls} call of {operation}: {why}")?;
        }
        Ok(())
    }
}

impl ComplianceQuery {
    /// The calls of this query for this number of nodes, with a reason for each.
    ///
    /// For a group, `nodes` counts the nodes that match the service's filters. For named nodes,
    /// `nodes` is ignored. For the fleet, the plan assumes that all nodes are EC2 instances and
    /// that the backend can list them; it counts one empty page of hybrid nodes. The plan also
    /// assumes that Systems Manager lists every node, that pages are full, and that baselines and
    /// groups fit on one page each. It assumes that DescribeInstanceProperties lists the managed nodes:
    /// [`without_properties`](CompliancePlan::without_properties) says what it takes without.
    ///
    /// ```
    /// use aws_patch_manager::ComplianceQuery;
    ///
    /// let plan = ComplianceQuery::all().explain(10_000);
    /// assert_eq!(plan.calls(), 10 + 200);
    /// assert_eq!(plan.without_properties.map(|listing| listing.calls), Some(200));
    /// assert_eq!(ComplianceQuery::fleet().explain(10_000).calls(), 10 + 1 + 200);
    /// println!("{}", ComplianceQuery::fleet().explain(10_000));
    /// ```
    pub fn explain(&self, nodes: usize) -> CompliancePlan {
        let nodes = match self.scope() {
            ComplianceScope::Nodes(ids) => ids.len(),
            _ => nodes,
        };
        let mut steps = Vec::new();
        let doubts = self.doubts();
        if doubts.other_baseline {
            let why = "the baseline that each group and system uses now";
            steps.push(PlannedCalls::one_by_one("DescribePatchBaselines", 1, why));
            steps.push(PlannedCalls::one_by_one("DescribePatchGroups", 1, why));
        }
        steps.extend(self.planned_states(nodes));
        // A listing of managed nodes already says whether they are online.
        let has_status = matches!(
            self.scope(),
            ComplianceScope::All | ComplianceScope::Tagged(_)
        );
        if doubts.offline && !has_status {
            let why = "whether agents are online, 50 ids a call";
            steps.push(self.at_once(DESCRIBE, nodes.div_ceil(BATCH), why));
            if *self.scope() != ComplianceScope::Fleet {
                let why = "which unmanaged nodes are stopped; the plan assumes none";
                steps.push(self.at_once("DescribeInstances", 0, why));
            }
        }
        CompliancePlan {
            nodes,
            steps,
            filtered_by_service: self.told_filters(),
            filtered_here: self.filtered_here(),
            without_properties: self.planned_without_properties(nodes),
            counts_alone: self.planned_counts(),
        }
    }

    /// The listing in place of DescribeInstanceProperties.
    fn planned_without_properties(&self, nodes: usize) -> Option<PlannedCalls> {
        let (calls, why) = match self.scope() {
            ComplianceScope::All => (nodes.div_ceil(BATCH).max(1), "the managed nodes, 50 a page"),
            ComplianceScope::Fleet => (1, "the hybrid nodes, 50 a page"),
            _ => return None,
        };
        Some(PlannedCalls::one_by_one(DESCRIBE, calls, why))
    }

    /// The call that counts the same nodes without naming them.
    fn planned_counts(&self) -> Option<PlannedCalls> {
        if !self.is_plain() {
            return None;
        }
        let (operation, why) = match self.scope() {
            ComplianceScope::All => (
                "ListComplianceSummaries",
                "how many nodes comply, and how many do not, by severity",
            ),
            ComplianceScope::Group(_) => (
                "DescribePatchGroupState",
                "how many nodes have patches in each state",
            ),
            ComplianceScope::Fleet | ComplianceScope::Nodes(_) | ComplianceScope::Tagged(_) => {
                return None;
            }
        };
        Some(PlannedCalls::one_by_one(operation, 1, why))
    }

    /// The calls that list the nodes and read their states.
    fn planned_states(&self, nodes: usize) -> Vec<PlannedCalls> {
        let batches = nodes.div_ceil(BATCH);
        let beside = "states, 50 ids a call, while the next page is listed";
        match self.scope() {
            ComplianceScope::All => {
                let why =
                    "the managed nodes, 1,000 a page; each page needs the token of the one before";
                vec![
                    PlannedCalls::one_by_one(LIST, nodes.div_ceil(NODE_PAGE).max(1), why),
                    self.at_once(LOOK_UP, batches, beside),
                ]
            }
            ComplianceScope::Fleet => {
                let why =
                    "the instances, 1,000 a page; each page needs the token of the one before";
                let pages = nodes.div_ceil(1000).max(1);
                let hybrid = "the hybrid nodes, 1,000 a page, in parallel with the instances; \
                              the plan assumes none";
                vec![
                    PlannedCalls::one_by_one("DescribeInstances", pages, why),
                    PlannedCalls::one_by_one(LIST, 1, hybrid),
                    self.at_once(LOOK_UP, batches, beside),
                ]
            }
            ComplianceScope::Tagged(_) => {
                let managed = "the managed nodes with the tag, 50 a page, for each key; the plan \
                               assumes one key";
                let why = "the instances with the tag, 1,000 a page, for each key";
                vec![
                    PlannedCalls::one_by_one(DESCRIBE, batches.max(1) + 1, managed),
                    PlannedCalls::one_by_one(
                        "DescribeInstances",
                        nodes.div_ceil(1000).max(1) + 1,
                        why,
                    ),
                    self.at_once(LOOK_UP, batches, "states, 50 ids a call"),
                ]
            }
            ComplianceScope::Nodes(_) => {
                vec![self.at_once(LOOK_UP, batches, "states, 50 ids a call")]
            }
            ComplianceScope::Group(_) => {
                let why =
                    "the group's states, 100 a page; each page needs the token of the one before";
                let operation = "DescribeInstancePatchStatesForPatchGroup";
                let pages = nodes.div_ceil(100).max(1);
                vec![PlannedCalls::one_by_one(operation, pages, why)]
            }
        }
    }

    fn at_once(&self, operation: &'static str, calls: usize, why: &'static str) -> PlannedCalls {
        PlannedCalls {
            operation,
            calls,
            at_a_time: self.calls_at_a_time(),
            why,
        }
    }

    /// What the service filters, in words.
    pub(super) fn told_filters(&self) -> Vec<String> {
        let ComplianceScope::Group(_) = self.scope() else {
            return Vec::new();
        };
        let filters = self.state_filters().into_iter();
        filters
            .map(|filter| {
                let (key, operator) = (filter.key, filter.operator);
                format!("{key} {operator} {}", filter.values.join(", "))
            })
            .collect()
    }
}
