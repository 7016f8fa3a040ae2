use std::fmt;

use super::query::Doubts;
use super::{ComplianceQuery, ComplianceScope};

/// The calls that answer a question about compliance, and why those. `Display` explains it.
///
/// Made by [`ComplianceQuery::explain`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompliancePlan {
    /// The nodes that it is reckoned for.
    pub nodes: usize,
    /// The steps.
    pub steps: Vec<PlannedCalls>,
    /// What the service cannot filter, and is filtered here.
    pub filtered_here: Vec<&'static str>,
}

/// Calls of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        if !self.filtered_here.is_empty() {
            writeln!(f, "  filtered here: {}", self.filtered_here.join(", "))?;
        }
        Ok(())
    }
}

impl ComplianceQuery {
    /// The calls that this question takes over so many nodes, and why.
    ///
    /// For a group, the nodes of the group; for the fleet, all of them taken for EC2 instances,
    /// with a backend that lists those. Reckons full pages; listings of baselines and groups are
    /// taken to fit on one page each.
    ///
    /// ```
    /// use aws_patch_manager::ComplianceQuery;
    ///
    /// assert_eq!(ComplianceQuery::all().explain(10_000).calls(), 200 + 200);
    /// assert_eq!(ComplianceQuery::fleet().explain(10_000).calls(), 10 + 1 + 200);
    /// println!("{}", ComplianceQuery::fleet().explain(10_000));
    /// ```
    pub fn explain(&self, nodes: usize) -> CompliancePlan {
        let at_a_time = self.calls_at_a_time();
        let step = |operation, calls, at_a_time, why| PlannedCalls {
            operation,
            calls,
            at_a_time,
            why,
        };
        let batches = nodes.div_ceil(50);
        let mut steps = Vec::new();
        let Doubts {
            offline,
            other_baseline,
            ..
        } = self.doubts();
        if other_baseline {
            let why = "which baseline each group and system uses now";
            steps.push(step("DescribePatchBaselines", 1, 1, why));
            steps.push(step("DescribePatchGroups", 1, 1, why));
        }
        let states = "states, 50 ids a call, while the next page is listed";
        let (list, look_up) = ("DescribeInstanceInformation", "DescribeInstancePatchStates");
        let mut presence = offline;
        match self.scope() {
            ComplianceScope::All => {
                let why =
                    "the managed nodes, 50 a page; each page needs the token of the one before";
                steps.push(step(list, batches.max(1), 1, why));
                steps.push(step(look_up, batches, at_a_time, states));
                presence = false;
            }
            ComplianceScope::Fleet => {
                let why = "the instances, 1,000 a page, so that few calls wait for one another";
                let pages = nodes.div_ceil(1000).max(1);
                steps.push(step("DescribeInstances", pages, 1, why));
                steps.push(step(
                    list,
                    1,
                    1,
                    "the hybrid nodes, which EC2 does not know",
                ));
                steps.push(step(look_up, batches, at_a_time, states));
            }
            ComplianceScope::Nodes(ids) => {
                let calls = ids.len().div_ceil(50);
                steps.push(step(look_up, calls, at_a_time, "states, 50 ids a call"));
            }
            ComplianceScope::Group(_) => {
                let why =
                    "the group's states, 100 a page; each page needs the token of the one before";
                let pages = nodes.div_ceil(100).max(1);
                let operation = "DescribeInstancePatchStatesForPatchGroup";
                steps.push(step(operation, pages, 1, why));
            }
        }
        if presence {
            let why = "whether agents are in touch, 50 ids a call";
            steps.push(step(list, batches, at_a_time, why));
        }
        CompliancePlan {
            nodes,
            steps,
            filtered_here: self.filtered_here(),
        }
    }
}
