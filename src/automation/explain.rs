//! The calls of a run in an organization, before it makes them.

use std::time::Duration;

use super::OrganizationRequest;
use crate::compliance::{BATCH, PlannedCalls};
use crate::error::Result;
use crate::operation::{RunPlan, polls};

impl OrganizationRequest {
    /// The calls of [`run_organization`](crate::PatchManager::run_organization) and of
    /// [`wait_with_nodes`](crate::manager::OrganizationRun::wait_with_nodes), for so many accounts and Regions,
    /// so many nodes in all of them, and a run that lasts so long. Makes no call.
    ///
    /// Without nodes it counts what [`wait`](crate::manager::OrganizationRun::wait) calls. A request that
    /// names no account and Region runs in one: then `locations` is ignored. The plan assumes that no call
    /// fails, that the runbook starts everywhere, and that each account and Region has as many nodes as the
    /// others. A run is taken up again from its execution's id:
    /// [`resume_organization`](crate::PatchManager::resume_organization).
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::automation::OrganizationRequest;
    /// use aws_patch_manager::types::Target;
    ///
    /// let request = OrganizationRequest::install("Patch-Nodes")
    ///     .target(Target::tag("Environment", ["production"]))
    ///     .organizational_units(["ou-ab12-production"], ["eu-central-1"]);
    /// println!("{}", request.explain(120, 40_000, Duration::from_hours(1))?);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`to_start`](Self::to_start).
    pub fn explain(&self, locations: usize, nodes: usize, lasting: Duration) -> Result<RunPlan> {
        self.to_start()?;
        let steps = match self.locations.is_empty() {
            true => 0,
            false => locations.div_ceil(STEPS),
        };
        let locations = if steps == 0 { 1 } else { locations };
        let step = PlannedCalls::one_by_one;
        let started = [
            step("StartAutomationExecution", 1, "the run"),
            step(
                "GetAutomationExecution",
                polls(lasting),
                "its status, after 2 seconds and then up to every 30",
            ),
            step(
                "DescribeAutomationStepExecutions",
                steps,
                "the outcome of each account and Region, 50 a page",
            ),
        ];
        let read = self.nodes_read(locations, nodes);
        Ok(RunPlan::of(nodes, started.into_iter().chain(read)))
    }

    /// The calls that read the nodes in their accounts and Regions.
    fn nodes_read(&self, locations: usize, nodes: usize) -> Vec<PlannedCalls> {
        if nodes == 0 {
            return Vec::new();
        }
        let of_each = nodes.div_ceil(locations);
        let pages = locations.saturating_mul(of_each.div_ceil(BATCH));
        let (children, invocations) = match self.each_node {
            Some(_) => (pages, nodes),
            None => (0, pages),
        };
        let step = PlannedCalls::one_by_one;
        vec![
            step(
                "GetAutomationExecution",
                locations,
                "the command of each account and Region",
            ),
            step(
                "DescribeAutomationExecutions",
                children,
                "the executions of nodes, 50 a page",
            ),
            step(
                "ListCommandInvocations",
                invocations,
                "the outcome of each node, 50 a page, for each command",
            ),
            step(
                "DescribeInstancePatchStates",
                pages,
                "their patches, 50 ids a call",
            ),
        ]
    }
}

/// The most steps of a page of DescribeAutomationStepExecutions (SSM model).
const STEPS: usize = 50;
