//! Rules of listings of several pages, and of what is counted over several nodes.

use std::collections::BTreeSet;

use super::expect::{holds, same};
use super::{Result, Trial, associations};
use crate::backend::{
    DescribeInstancePatchStates, DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches,
    DescribePatchGroupState, ListComplianceSummaries,
};
use crate::baseline::Approval;
use crate::compliance::{InstancePatchState, PatchComplianceData, PatchGroupState};
use crate::group::PatchGroup;
use crate::types::{NodeId, OperatingSystem, RebootOption};

/// The fewest results of a page of states or of a node's patches.
const SMALLEST_PAGE: u32 = 10;
/// The most.
const LARGEST_PAGE: u32 = 100;

/// The nodes of the fleet in one group, scanned under a baseline that approves everything.
async fn scanned(trial: &Trial<'_>) -> Result<(BTreeSet<NodeId>, PatchGroup)> {
    let (nodes, group) = (trial.linux_fleet(), trial.unique_group());
    let os = OperatingSystem::AmazonLinux2023;
    let id = trial.approving(os, Approval::AfterDays(0)).await?;
    trial.register(&id, &group).await?;
    for node in &nodes {
        trial.join(node, &group).await?;
    }
    trial.scan_all(&nodes).await?;
    Ok((nodes.into_iter().collect(), group))
}

/// Fails unless the states are those of these nodes, each once.
fn each_once(what: &str, states: &[InstancePatchState], nodes: &BTreeSet<NodeId>) -> Result {
    same(what, states.len(), nodes.len())?;
    let found = states.iter().map(|state| state.instance_id.clone());
    same(what, &found.collect::<BTreeSet<_>>(), nodes)
}

/// A walk through the states of more nodes than a page has visits each once, by id and by group.
pub(super) async fn a_walk_through_states_visits_each_node_once(trial: &Trial<'_>) -> Result {
    let (nodes, group) = scanned(trial).await?;
    let by_id = |page| DescribeInstancePatchStates::new(nodes.iter().cloned(), page);
    let states = trial.every_by(SMALLEST_PAGE, by_id).await?;
    each_once("states", &states, &nodes)?;
    let of_group =
        |page| DescribeInstancePatchStatesForPatchGroup::new(group.clone(), Vec::new(), page);
    let states = trial.every_by(SMALLEST_PAGE, of_group).await?;
    each_once("states of the group", &states, &nodes)
}

/// A walk through the patches of a node visits each once, however many a page has.
pub(super) async fn a_walk_through_the_patches_of_a_node_visits_each_once(
    trial: &Trial<'_>,
) -> Result {
    let (nodes, _) = scanned(trial).await?;
    let mut longest = 0;
    for node in &nodes {
        let listing = |page| DescribeInstancePatches::new(node, Vec::new(), page);
        let walked = trial.every_by(SMALLEST_PAGE, listing).await?;
        let listed = trial.every_by(LARGEST_PAGE, listing).await?;
        let ids = |patches: &[PatchComplianceData]| -> BTreeSet<String> {
            patches.iter().map(|patch| patch.kb_id.clone()).collect()
        };
        same("different patches", ids(&walked).len(), walked.len())?;
        same("patches", ids(&walked), ids(&listed))?;
        longest = longest.max(walked.len());
    }
    let told = "no node of the fleet has more than ten patches, so nothing was walked";
    holds(longest > SMALLEST_PAGE as usize, told)
}

/// A walk through the summaries of the fleet visits each type of compliance once.
pub(super) async fn a_walk_through_summaries_visits_each_type_once(trial: &Trial<'_>) -> Result {
    trial.scan(&trial.linux_node()).await?;
    let id = associations::make(trial, associations::scan(trial)).await?;
    associations::ended(trial, &id, 1).await?;
    let all = |page| ListComplianceSummaries::new(Vec::new(), page);
    let walked = trial.every_by(1, all).await?;
    let types = walked.iter().map(|one| one.compliance_type.as_str());
    let types: BTreeSet<&str> = types.collect();
    same("types", types.len(), walked.len())?;
    for expected in ["Association", "Patch"] {
        let told = format!("the type {expected} is not visited");
        holds(types.contains(expected), told)?;
    }
    Ok(())
}

/// Reads a counter of a group, and the one of a node that it counts.
type Counter = (
    &'static str,
    fn(&PatchGroupState) -> u32,
    fn(&InstancePatchState) -> u32,
);

const COUNTERS: [Counter; 6] = [
    (
        "with installed",
        |group| group.instances_with_installed_patches,
        |node| node.installed_count,
    ),
    (
        "with installed other",
        |group| group.instances_with_installed_other_patches,
        |node| node.installed_other_count,
    ),
    (
        "with pending reboot",
        |group| {
            group
                .instances_with_installed_pending_reboot_patches
                .unwrap_or_default()
        },
        |node| node.installed_pending_reboot_count.unwrap_or_default(),
    ),
    (
        "with missing",
        |group| group.instances_with_missing_patches,
        |node| node.missing_count,
    ),
    (
        "with failed",
        |group| group.instances_with_failed_patches,
        |node| node.failed_count,
    ),
    (
        "with other non-compliant",
        |group| {
            group
                .instances_with_other_non_compliant_patches
                .unwrap_or_default()
        },
        |node| node.other_non_compliant_count.unwrap_or_default(),
    ),
];

/// Each counter of a group is the number of its nodes that have at least one such patch.
pub(super) async fn a_group_counts_the_states_of_its_nodes(trial: &Trial<'_>) -> Result {
    let (nodes, group) = scanned(trial).await?;
    let reboots = [RebootOption::NoReboot, RebootOption::RebootIfNeeded];
    for (node, reboot) in nodes.iter().zip(reboots) {
        trial.install(node, reboot).await?;
    }
    let listing =
        |page| DescribeInstancePatchStatesForPatchGroup::new(group.clone(), Vec::new(), page);
    let states = trial.every_by(LARGEST_PAGE, listing).await?;
    let counted = trial.call(DescribePatchGroupState::new(&group)).await?;
    same("Instances", counted.instances as usize, nodes.len())?;
    for (what, of_group, of_node) in COUNTERS {
        let expected = states.iter().filter(|state| of_node(state) > 0).count();
        same(what, of_group(&counted) as usize, expected)?;
    }
    Ok(())
}
