use std::fmt;

use serde::Serialize;

use super::{ComplianceQuery, ComplianceScope};

/// How many node ids DescribeInstancePatchStates takes, and how many nodes a page of
/// DescribeInstanceInformation has.
pub(crate) const BATCH: usize = 50;

const LIST: &str = "DescribeInstanceInformation";
const LOOK_UP: &str = "DescribeInstancePatchStates";

/// The calls that answer a question about compliance, and why those. `Display` explains it.
///
/// Made by [`ComplianceQuery::explain`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CompliancePlan {
    /// The nodes that it is reckoned for.
    pub nodes: usize,
    /// The steps.
    pub steps: Vec<PlannedCalls>,
    /// What the service filters, such as `MissingCount GreaterThan 0`.
    pub filtered_by_service: Vec<String>,
    /// What the service cannot filter, and is filtered here.
    pub filtered_here: Vec<&'static str>,
    /// What would do where only counts are wanted, of the nodes that ever reported:
    /// [`compliance_counts`](crate::PatchManager::compliance_counts) or
    /// [`group_state`](crate::PatchManager::group_state). Absent where the question asks for more.
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
    /// How many calls.
    pub calls: usize,
    /// How many of them can be under way at the same time.
    pub at_a_time: usize,
    /// Why they are needed.
    pub why: &'static str,
}

impl PlannedCalls {
    fn one_by_one(operation: &'static str, calls: usize, why: &'static str) -> Self {
        Self {
            operation,
            calls,
            at_a_time: 1,
            why,
        }
    }
}

impl CompliancePlan {
    /// How many calls it takes.
    pub fn calls(&self) -> usize {
        self.steps.iter().map(|step| step.calls).sum()
    }
}

impl fmt::Display for CompliancePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} calls for {} nodes", self.calls(), self.nodes)?;
        for step in &self.steps {
            let order = match step.at_a_time {
                1 => "one after the other".to_owned(),
                many => format!("{many} at a time"),
            };
            let (calls, operation, why) = (step.calls, step.operation, step.why);
            writeln!(f, "  {calls:>6}  {operation}, {order}: {why}")?;
        }
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
        }) = &self.counts_alone
        {
            writeln!(f, "  counts alone: {calls} call of {operation}: {why}")?;
        }
        Ok(())
    }
}

impl ComplianceQuery {
    /// The calls that this question takes over so many nodes, and why.
    ///
    /// For a group, the nodes of the group that pass the service's filters; for named nodes, those,
    /// whatever number is said; for the fleet, all of them taken for EC2 instances, with a backend
    /// that lists those, so that of hybrid nodes there is but the page that says that there are none.
    /// All are taken to be listed by Systems Manager. Reckons full pages; listings of baselines and
    /// groups are taken to fit on one page each.
    ///
    /// ```
    /// use aws_patch_manager::ComplianceQuery;
    ///
    /// assert_eq!(ComplianceQuery::all().explain(10_000).calls(), 200 + 200);
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
            let why = "which baseline each group and system uses now";
            steps.push(PlannedCalls::one_by_one("DescribePatchBaselines", 1, why));
            steps.push(PlannedCalls::one_by_one("DescribePatchGroups", 1, why));
        }
        steps.extend(self.planned_states(nodes));
        // The listing of the managed nodes tells by itself whether they are in touch.
        if doubts.offline && *self.scope() != ComplianceScope::All {
            let why = "whether agents are in touch, 50 ids a call";
            steps.push(self.at_once(LIST, nodes.div_ceil(BATCH), why));
            if *self.scope() != ComplianceScope::Fleet {
                let why = "which of those that Systems Manager does not list are stopped, of which \
                           none are reckoned";
                steps.push(self.at_once("DescribeInstances", 0, why));
            }
        }
        CompliancePlan {
            nodes,
            steps,
            filtered_by_service: self.told_filters(),
            filtered_here: self.filtered_here(),
            counts_alone: self.planned_counts(),
        }
    }

    /// The call that counts the same nodes without naming them.
    fn planned_counts(&self) -> Option<PlannedCalls> {
        if !self.is_plain() {
            return None;
        }
        let (operation, why) = match self.scope() {
            ComplianceScope::All => (
                "ListComplianceSummaries",
                "how many comply, and the severities of what does not",
            ),
            ComplianceScope::Group(_) => (
                "DescribePatchGroupState",
                "how many nodes have patches in each state",
            ),
            ComplianceScope::Fleet | ComplianceScope::Nodes(_) => return None,
        };
        Some(PlannedCalls::one_by_one(operation, 1, why))
    }

    /// The calls that list the nodes and look their states up.
    fn planned_states(&self, nodes: usize) -> Vec<PlannedCalls> {
        let batches = nodes.div_ceil(BATCH);
        let beside = "states, 50 ids a call, while the next page is listed";
        match self.scope() {
            ComplianceScope::All => {
                let why =
                    "the managed nodes, 50 a page; each page needs the token of the one before";
                vec![
                    PlannedCalls::one_by_one(LIST, batches.max(1), why),
                    self.at_once(LOOK_UP, batches, beside),
                ]
            }
            ComplianceScope::Fleet => {
                let why = "the instances, 1,000 a page, so that few calls wait for one another";
                let pages = nodes.div_ceil(1000).max(1);
                let hybrid = "the hybrid nodes, beside the instances, 50 a page, of which none are \
                              reckoned";
                vec![
                    PlannedCalls::one_by_one("DescribeInstances", pages, why),
                    PlannedCalls::one_by_one(LIST, 1, hybrid),
                    self.at_once(LOOK_UP, batches, beside),
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
