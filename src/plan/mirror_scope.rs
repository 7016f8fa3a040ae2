//! What a mirror reads, and with how many calls.

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use serde::Serialize;

use super::mirror_nodes::{LOOKED_UP, unlisted};
use super::{MirrorSnapshot, products};
use crate::backend::Operation;
use crate::compliance::PlannedCalls;
use crate::lines::Lines;
use crate::types::Patch;

/// The default number of parallel calls.
const CONCURRENCY: usize = 16;

/// The parts of an account that a mirror reads.
///
/// By default it reads everything but the patches of nodes and the catalog: those take a call for each
/// node, and hundreds for the catalog. A verb that only writes needs neither. A scan or an install
/// in the mirror needs both.
///
/// ```
/// use aws_patch_manager::plan::{AccountSize, MirrorScope};
///
/// let everything = MirrorScope::new().patches().catalog();
/// println!("{}", everything.explain(&AccountSize::of_nodes(10_000)));
///
/// let settings_alone = MirrorScope::new().nodes(false);
/// assert!(settings_alone.explain(&AccountSize::of_nodes(10_000)).calls() < 25);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct MirrorScope {
    nodes: bool,
    patches: bool,
    catalog: bool,
    predefined: bool,
    policies: bool,
    windows: bool,
    associations: bool,
    concurrency: usize,
}

impl Default for MirrorScope {
    fn default() -> Self {
        Self::new()
    }
}

impl MirrorScope {
    /// Everything but the patches of nodes, the catalog, and predefined baselines that nothing uses.
    pub fn new() -> Self {
        Self {
            nodes: true,
            patches: false,
            catalog: false,
            predefined: false,
            policies: true,
            windows: true,
            associations: true,
            concurrency: CONCURRENCY,
        }
    }

    /// Whether to read the nodes and their tags. Without them there are no patches, and no catalog.
    pub fn nodes(mut self, nodes: bool) -> Self {
        self.nodes = nodes;
        self
    }

    /// Also reads the patch state of each node, and its patches if it has one: a call or more for each
    /// such node.
    pub fn patches(mut self) -> Self {
        self.patches = true;
        self
    }

    /// Also reads the patches that the service lists for the products of the fleet.
    pub fn catalog(mut self) -> Self {
        self.catalog = true;
        self
    }

    /// Also reads AWS's predefined baselines that no default, group or policy uses.
    pub fn predefined_baselines(mut self) -> Self {
        self.predefined = true;
        self
    }

    /// Whether to read the patch policies.
    pub fn policies(mut self, policies: bool) -> Self {
        self.policies = policies;
        self
    }

    /// Whether to read the maintenance windows.
    pub fn windows(mut self, windows: bool) -> Self {
        self.windows = windows;
        self
    }

    /// Whether to read the State Manager associations. Without them, a mirror makes those of a patch
    /// policy from the policy.
    pub fn associations(mut self, associations: bool) -> Self {
        self.associations = associations;
        self
    }

    /// Sets the number of parallel calls for single resources, at least 1. The default is 16.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    pub(super) fn has_nodes(&self) -> bool {
        self.nodes
    }

    pub(super) fn has_patches(&self) -> bool {
        self.nodes && self.patches
    }

    pub(super) fn has_catalog(&self) -> bool {
        self.nodes && self.catalog
    }

    pub(super) fn has_all_predefined(&self) -> bool {
        self.predefined
    }

    pub(super) fn has_policies(&self) -> bool {
        self.policies
    }

    pub(super) fn has_windows(&self) -> bool {
        self.windows
    }

    pub(super) fn has_associations(&self) -> bool {
        self.associations
    }

    pub(super) fn calls_at_a_time(&self) -> usize {
        self.concurrency
    }
}

/// How much there is in an account, for [`MirrorScope::explain`].
///
/// Set the members, or take them from a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountSize {
    /// EC2 instances; the plan assumes that all of them are managed.
    pub instances: usize,
    /// Hybrid nodes.
    pub hybrid_nodes: usize,
    /// Nodes that have run a patch operation. The plan assumes at most 100 patches for each.
    pub patched_nodes: usize,
    /// Products in the fleet, such as `AmazonLinux2023`.
    pub products: usize,
    /// Patches that the service lists for them. The plan assumes as many for each product.
    pub patches: usize,
    /// Patches that Windows nodes name and that are of none of these products, such as those of
    /// applications.
    pub other_patches: usize,
    /// Baselines of the account's own.
    pub baselines: usize,
    /// Predefined baselines of AWS that a default, a group or a policy uses.
    pub predefined_in_use: usize,
    /// Predefined baselines of AWS.
    pub predefined: usize,
    /// Rows of the listing of patch groups.
    pub patch_groups: usize,
    /// Patch policies.
    pub policies: usize,
    /// Maintenance windows, each with at most 100 targets and tasks.
    pub windows: usize,
    /// Tasks of all windows.
    pub tasks: usize,
    /// State Manager associations.
    pub associations: usize,
}

impl AccountSize {
    /// An account with this number of instances, all of them patched, in which nothing was ever set:
    /// each operating system has the default of AWS.
    pub fn of_nodes(instances: usize) -> Self {
        Self {
            instances,
            patched_nodes: instances,
            predefined_in_use: 15,
            predefined: 17,
            ..Self::default()
        }
    }

    /// The size of the account of a snapshot. Of what its scope left out, there is nothing.
    pub fn of(snapshot: &MirrorSnapshot) -> Self {
        let nodes = snapshot.nodes.iter();
        let patched = nodes.clone().filter(|node| node.patches.is_some());
        let listed = snapshot.baseline_listing.iter();
        let predefined = listed.filter_map(|listed| listed.baseline_id.as_ref());
        Self {
            hybrid_nodes: nodes.clone().filter(|node| node.id.is_hybrid()).count(),
            instances: nodes.filter(|node| !node.id.is_hybrid()).count(),
            patched_nodes: patched.count(),
            products: products::of_fleet(&snapshot.nodes).len(),
            patches: snapshot.catalog.as_ref().map_or(0, Vec::len),
            other_patches: other_patches(snapshot),
            baselines: snapshot.baselines.len(),
            predefined_in_use: snapshot.predefined_baselines.len(),
            predefined: predefined.filter(|id| id.is_aws_owned()).count(),
            patch_groups: snapshot.patch_groups.len(),
            policies: snapshot.policies.len(),
            windows: snapshot.windows.len(),
            tasks: snapshot
                .windows
                .iter()
                .map(|window| window.tasks.len())
                .sum(),
            associations: snapshot.associations.len(),
        }
    }

    fn nodes(&self) -> usize {
        self.instances.saturating_add(self.hybrid_nodes)
    }
}

/// The patches that the reading looked up one by one.
fn other_patches(snapshot: &MirrorSnapshot) -> usize {
    let Some(catalog) = &snapshot.catalog else {
        return 0;
    };
    let products = products::of_fleet(&snapshot.nodes);
    let of_fleet = |patch: &&Patch| {
        patch
            .product
            .as_ref()
            .is_some_and(|one| products.contains(one))
    };
    unlisted(&snapshot.nodes, catalog.iter().filter(of_fleet)).len()
}

/// The calls of a mirror, with a reason for each. `Display` prints them.
///
/// [`MirrorScope::explain`] returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MirrorPlan {
    /// The account that the plan assumes.
    pub size: AccountSize,
    /// The steps. They run in parallel with each other, but for those that need an earlier answer.
    pub steps: Vec<PlannedCalls>,
    /// The IAM actions that the scope can need on AWS, in alphabetical order.
    pub iam_actions: Vec<&'static str>,
}

impl MirrorPlan {
    /// The total number of calls.
    pub fn calls(&self) -> usize {
        PlannedCalls::total(&self.steps)
    }

    /// The number of calls of one operation.
    pub fn calls_of(&self, operation: Operation) -> usize {
        let steps = self.steps.iter();
        let of_it = steps.filter(|step| operation == *step.operation);
        PlannedCalls::total(of_it)
    }
}

impl fmt::Display for MirrorPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        PlannedCalls::write(f, &self.steps, self.size.nodes())?;
        writeln!(f, "  IAM actions: {}", self.iam_actions.join(", "))
    }
}

impl MirrorScope {
    /// The calls for an account of this size, with a reason for each, and the IAM actions that they
    /// need.
    ///
    /// The plan counts operations of the backend: over AWS, ListConfigurationManagers is followed by a
    /// GetConfigurationManager for each policy. It assumes that the backend has
    /// DescribeInstanceProperties and may call it. If its first page is denied or the backend does not know
    /// it, the nodes take DescribeInstanceInformation at 50 a page.
    ///
    /// ```
    /// use aws_patch_manager::backend::Operation;
    /// use aws_patch_manager::plan::{AccountSize, MirrorScope};
    ///
    /// let plan = MirrorScope::new().explain(&AccountSize::of_nodes(10_000));
    /// assert_eq!(plan.calls_of(Operation::DescribeInstances), 10);
    /// assert_eq!(plan.calls_of(Operation::DescribeInstanceProperties), 10);
    /// assert_eq!(plan.calls_of(Operation::DescribeInstancePatches), 0);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn explain(&self, size: &AccountSize) -> MirrorPlan {
        let mut steps = Steps {
            at_a_time: self.concurrency,
            steps: Vec::new(),
            actions: BTreeSet::new(),
        };
        self.plan_baselines(size, &mut steps);
        self.plan_schedules(size, &mut steps);
        if self.nodes {
            self.plan_nodes(size, &mut steps);
        }
        let steps = steps.steps;
        let operations = steps
            .iter()
            .filter_map(|step| Operation::named(step.operation));
        let actions: BTreeSet<_> = operations
            .flat_map(|operation| operation.iam_actions())
            .copied()
            .collect();
        MirrorPlan {
            size: size.clone(),
            steps,
            iam_actions: actions.into_iter().collect(),
        }
    }

    fn plan_baselines(&self, size: &AccountSize, steps: &mut Steps) {
        let listed = size.predefined.saturating_add(size.baselines);
        let why = "every baseline, 100 a page, and which is a default";
        steps.pages(Operation::DescribePatchBaselines, listed, 100, why);
        let predefined = match self.predefined {
            true => size.predefined,
            false => size.predefined_in_use,
        };
        let why = "your own baselines, and those of AWS that are in use";
        let read = size.baselines.saturating_add(predefined);
        steps.at_once(Operation::GetPatchBaseline, read, why);
        let why = "the rows of groups, 100 a page";
        steps.pages(Operation::DescribePatchGroups, size.patch_groups, 100, why);
        let tagged = [
            Some(size.baselines),
            self.windows.then_some(size.windows),
            self.associations.then_some(size.associations),
            self.nodes.then_some(size.hybrid_nodes),
        ];
        let tagged = tagged.into_iter().flatten();
        let tagged = tagged.fold(0, usize::saturating_add);
        let why = "the tags of baselines, windows, associations and hybrid nodes, one by one";
        steps.at_once(Operation::ListTagsForResource, tagged, why);
    }

    fn plan_schedules(&self, size: &AccountSize, steps: &mut Steps) {
        if self.policies {
            let operation = Operation::ListConfigurationManagers;
            steps.pages(
                operation,
                size.policies,
                100,
                "the patch policies, 100 a page",
            );
        }
        if self.windows {
            let operation = Operation::DescribeMaintenanceWindows;
            steps.pages(operation, size.windows, 100, "the windows, 100 a page");
            for (operation, calls, why) in [
                (Operation::GetMaintenanceWindow, size.windows, "each window"),
                (
                    Operation::DescribeMaintenanceWindowTargets,
                    size.windows,
                    "the targets of each window",
                ),
                (
                    Operation::DescribeMaintenanceWindowTasks,
                    size.windows,
                    "the tasks of each window",
                ),
                (
                    Operation::GetMaintenanceWindowTask,
                    size.tasks,
                    "the parameters of each task",
                ),
            ] {
                steps.at_once(operation, calls, why);
            }
        }
        if self.associations {
            let operation = Operation::ListAssociations;
            let why = "the associations, 50 a page";
            steps.pages(operation, size.associations, 50, why);
            let operation = Operation::DescribeAssociation;
            steps.at_once(operation, size.associations, "each association");
        }
    }

    fn plan_nodes(&self, size: &AccountSize, steps: &mut Steps) {
        let (nodes, instances) = (size.nodes(), size.instances);
        let why = "the managed nodes, 1,000 a page";
        steps.pages(Operation::DescribeInstanceProperties, nodes, 1000, why);
        let why = "the instances with their tags, 1,000 a page";
        steps.pages(Operation::DescribeInstances, instances, 1000, why);
        if self.patches {
            let operation = Operation::DescribeInstancePatchStates;
            let why = "the patch states, 50 ids a call";
            steps.at_once(operation, nodes.div_ceil(50), why);
            let why = "the patches of each node that ran a patch operation, 100 a page";
            steps.at_once(Operation::DescribeInstancePatches, size.patched_nodes, why);
        }
        if self.catalog {
            let of_each = size.patches.div_ceil(size.products.max(1));
            let calls = size.products.saturating_mul(of_each.div_ceil(100).max(1));
            let why = "the catalog, product by product, 100 a page";
            steps.at_once(Operation::DescribeAvailablePatches, calls, why);
            let others = size.other_patches.div_ceil(LOOKED_UP);
            let why = "patches of applications that nodes name, 20 a call";
            steps.at_once(Operation::DescribeAvailablePatches, others, why);
        }
    }
}

/// The steps of a plan as it is made.
struct Steps {
    at_a_time: usize,
    steps: Vec<PlannedCalls>,
    actions: BTreeSet<&'static str>,
}

impl Steps {
    /// A listing: a page even if there is nothing.
    fn pages(&mut self, operation: Operation, items: usize, size: usize, why: &'static str) {
        self.actions.extend(operation.iam_actions());
        let calls = items.div_ceil(size).max(1);
        let step = PlannedCalls::one_by_one(operation.as_str(), calls, why);
        self.steps.push(step);
    }

    /// Calls for single resources, unless there are none.
    fn at_once(&mut self, operation: Operation, calls: usize, why: &'static str) {
        self.actions.extend(operation.iam_actions());
        if calls > 0 {
            let step = PlannedCalls::one_by_one(operation.as_str(), calls, why);
            self.steps.push(PlannedCalls {
                at_a_time: self.at_a_time,
                ..step
            });
        }
    }
}
