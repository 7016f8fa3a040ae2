//! Rules of patch states and compliance.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use super::expect::{all, holds, one, refused, same};
use super::{Failure, Trial};
use crate::backend::{
    DescribeAvailablePatches, DescribeInstancePatchStates,
    DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches, DescribePatchGroupState,
    GetDefaultPatchBaseline, ListComplianceItems, ListComplianceSummaries,
    ListResourceComplianceSummaries, NodeInventoryExt,
};
use crate::baseline::{Approval, ApprovalRules, BaselineChanges, BaselineSpec, PatchAction};
use crate::compliance::{PatchComplianceData, PatchState};
use crate::error::{ErrorKind, Result};
use crate::group::PatchGroup;
use crate::page::{PageRequest, paginate};
use crate::types::{
    BaselineId, ComplianceFilter, ComplianceStatus, NodeId, OperatingSystem, PatchComplianceLevel,
    PatchOperation, PatchStateFilter, PatchStateOperator, QueryFilter, RebootOption,
};

/// The Linux node, in its own group, whose baseline approves everything.
pub(super) async fn open_linux(trial: &Trial<'_>) -> Result<(NodeId, BaselineId, PatchGroup)> {
    let (node, os) = (
        trial.harness().linux_node(),
        OperatingSystem::AmazonLinux2023,
    );
    let (id, group) = trial.approve_everything_on(&node, os).await?;
    Ok((node, id, group))
}

/// The same for the Windows node.
pub(super) async fn open_windows(trial: &Trial<'_>) -> Result<(NodeId, BaselineId)> {
    let (node, os) = (trial.harness().windows_node(), OperatingSystem::Windows);
    let (id, _) = trial.approve_everything_on(&node, os).await?;
    Ok((node, id))
}

pub(super) async fn missing(trial: &Trial<'_>, node: &NodeId) -> Result<BTreeSet<String>, Failure> {
    let found = trial.in_state(node, &PatchState::Missing).await?;
    holds(!found.is_empty(), "nothing is missing on the node")?;
    Ok(found.into_iter().collect())
}

pub(super) async fn install(
    trial: &Trial<'_>,
    node: &NodeId,
    reboot: RebootOption,
) -> Result<crate::compliance::InstancePatchState, Failure> {
    trial.run(node, PatchOperation::Install, reboot).await
}

/// A node without an operation has no state; asking for it is not an error.
pub(super) async fn there_is_no_state_before_the_first_operation(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    same("the patch state", trial.state(&node).await?, None)?;
    same("patches", trial.patches(&node).await?.len(), 0)
}

/// A scan reports what is missing.
pub(super) async fn a_scan_reports_what_is_missing(trial: &Trial<'_>) -> Result<(), Failure> {
    for (node, os) in [
        (
            trial.harness().linux_node(),
            OperatingSystem::AmazonLinux2023,
        ),
        (trial.harness().windows_node(), OperatingSystem::Windows),
    ] {
        trial.approve_everything_on(&node, os).await?;
        let state = trial.scan(&node).await?;
        same("Operation", state.operation, PatchOperation::Scan)?;
        let missing = missing(trial, &node).await?;
        same("MissingCount", state.missing_count as usize, missing.len())?;
    }
    Ok(())
}

/// A scan of a hybrid node reports like any other.
pub(super) async fn a_hybrid_node_is_scanned(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().hybrid_node();
    let state = trial.scan(&node).await?;
    same("InstanceId", state.instance_id, node)
}

/// A scan installs nothing: a second scan finds the same.
pub(super) async fn a_scan_installs_nothing(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let first = missing(trial, &node).await?;
    trial.scan(&node).await?;
    same("what is missing", missing(trial, &node).await?, first)
}

/// An install with a reboot turns missing patches into Installed.
pub(super) async fn an_install_moves_missing_to_installed(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for (node, os) in [
        (
            trial.harness().linux_node(),
            OperatingSystem::AmazonLinux2023,
        ),
        (trial.harness().windows_node(), OperatingSystem::Windows),
    ] {
        trial.approve_everything_on(&node, os).await?;
        trial.scan(&node).await?;
        let missing = missing(trial, &node).await?;
        let state = install(trial, &node, RebootOption::RebootIfNeeded).await?;
        same("Operation", state.operation, PatchOperation::Install)?;
        same("MissingCount", state.missing_count, 0)?;
        let pending = state.installed_pending_reboot_count.unwrap_or_default();
        same("InstalledPendingRebootCount", pending, 0)?;
        let installed = trial.in_state(&node, &PatchState::Installed).await?;
        let installed: BTreeSet<String> = installed.into_iter().collect();
        holds(
            installed.is_superset(&missing),
            format!("of {missing:?} only {installed:?} are installed"),
        )?;
    }
    Ok(())
}

/// Without a reboot an install leaves its patches pending, and the node non-compliant.
pub(super) async fn an_install_without_reboot_leaves_patches_pending(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _) = open_windows(trial).await?;
    let state = install(trial, &node, RebootOption::NoReboot).await?;
    same(
        "RebootOption",
        state.reboot_option,
        Some(RebootOption::NoReboot),
    )?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    holds(pending > 0, "nothing waits for a reboot")?;
    holds(
        state.last_no_reboot_install_operation_time.is_some(),
        "LastNoRebootInstallOperationTime is absent",
    )?;
    let listed = trial
        .in_state(&node, &PatchState::InstalledPendingReboot)
        .await?;
    same("patches that wait", listed.len(), pending as usize)?;
    same(
        "the node",
        verdict(trial, &node).await?,
        ComplianceStatus::NonCompliant,
    )
}

/// An install with a reboot completes an earlier install without one.
pub(super) async fn a_later_reboot_clears_what_was_pending(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _) = open_windows(trial).await?;
    install(trial, &node, RebootOption::NoReboot).await?;
    let state = install(trial, &node, RebootOption::RebootIfNeeded).await?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    same("InstalledPendingRebootCount", pending, 0)?;
    same(
        "the node",
        verdict(trial, &node).await?,
        ComplianceStatus::Compliant,
    )
}

/// The node's compliance with its patches.
async fn verdict(trial: &Trial<'_>, node: &NodeId) -> Result<ComplianceStatus, Failure> {
    let found = summaries(trial).await?;
    let found = one("a summary of the node", &found, |one| {
        one.resource_id == node.as_str()
    })?;
    let status = found.status.clone();
    status.ok_or_else(|| Failure::new("the summary has no status"))
}

pub(super) async fn summaries(
    trial: &Trial<'_>,
) -> Result<Vec<crate::compliance::ResourceComplianceSummaryItem>, Failure> {
    let compliance = trial.harness().compliance();
    all(paginate(|token| {
        let compliance = compliance.clone();
        async move {
            let filters = vec![ComplianceFilter::equal("ComplianceType", ["Patch"])];
            let page = PageRequest::first().with_next_token(token);
            let request = ListResourceComplianceSummaries::new(filters, page);
            compliance.list_resource_compliance_summaries(request).await
        }
    }))
    .await
}

/// Each operation replaces the report of the one before.
pub(super) async fn each_operation_replaces_the_state(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    let first = trial.scan(&node).await?;
    trial
        .harness()
        .advance(std::time::Duration::from_secs(60))
        .await;
    let second = trial.scan(&node).await?;
    holds(
        second.operation_end_time > first.operation_end_time,
        "the state is still that of the first scan",
    )?;
    let nodes = [node];
    let compliance = trial.harness().compliance();
    let page = compliance
        .describe_instance_patch_states(DescribeInstancePatchStates::new(
            &nodes,
            PageRequest::first(),
        ))
        .await?;
    same("states of the node", page.items.len(), 1)
}

/// Group and baseline in a state are those of the run, whatever happens to them afterwards.
pub(super) async fn group_and_baseline_are_those_of_the_run(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, id, group) = open_linux(trial).await?;
    let state = trial.scan(&node).await?;
    same("BaselineId", &state.baseline_id, &id)?;
    same("PatchGroup", &state.patch_group, &group)?;
    trial.join(&node, &trial.unique_group()).await?;
    let later = trial.state(&node).await?;
    same("after leaving the group", later, Some(state))
}

/// A node without a group has the empty group, and gets the default baseline.
pub(super) async fn a_node_without_a_group_gets_the_default(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    trial.will_retag(&node).await?;
    let keys = ["Patch Group", "PatchGroup"].map(str::to_owned);
    harness.nodes().remove_tags(&node, &keys).await?;
    let state = trial.scan(&node).await?;
    same("PatchGroup", state.patch_group.as_str(), "")?;
    let os = OperatingSystem::AmazonLinux2023;
    let default = harness
        .baselines()
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os)))
        .await?;
    same("BaselineId", state.baseline_id, default.baseline_id)
}

/// A changed baseline takes effect at the next scan, not before.
pub(super) async fn a_changed_baseline_shows_with_the_next_scan(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    use crate::backend::UpdatePatchBaseline;
    let (node, id, _) = open_linux(trial).await?;
    let before = trial.scan(&node).await?;
    let changes = BaselineChanges {
        approval_rules: Some(ApprovalRules::default()),
        ..BaselineChanges::default()
    };
    let request = UpdatePatchBaseline::new(id, changes);
    trial
        .harness()
        .baselines()
        .update_patch_baseline(request)
        .await?;
    same("before the scan", trial.state(&node).await?, Some(before))?;
    same("after it", trial.scan(&node).await?.missing_count, 0)
}

/// A request for states ignores unknown nodes, without an error.
pub(super) async fn unknown_nodes_are_left_out(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    trial.scan(&node).await?;
    let nodes = [NodeId::new("i-0fedcba9876543210"), node.clone()];
    let compliance = trial.harness().compliance();
    let page = compliance
        .describe_instance_patch_states(DescribeInstancePatchStates::new(
            &nodes,
            PageRequest::first(),
        ))
        .await?;
    let found: Vec<_> = page.items.into_iter().map(|one| one.instance_id).collect();
    same("nodes", found, [node])
}

/// A request for states names at most 50 nodes.
pub(super) async fn states_of_more_than_50_nodes_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let nodes: Vec<NodeId> = (0..51).map(|n| format!("i-{n:017x}").into()).collect();
    let compliance = trial.harness().compliance();
    let answer = compliance
        .describe_instance_patch_states(DescribeInstancePatchStates::new(
            &nodes,
            PageRequest::first(),
        ))
        .await;
    refused("51 nodes", answer, ErrorKind::InvalidInput)
}

/// A page of states has 10 to 100.
pub(super) async fn the_page_size_of_states_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let nodes = [trial.harness().linux_node()];
    for size in [9, 101] {
        let page = PageRequest::first().with_max_results(size);
        let compliance = trial.harness().compliance();
        let answer = compliance
            .describe_instance_patch_states(DescribeInstancePatchStates::new(&nodes, page))
            .await;
        refused(
            &format!("a page of {size}"),
            answer,
            ErrorKind::InvalidInput,
        )?;
    }
    Ok(())
}

async fn passing(
    trial: &Trial<'_>,
    group: &PatchGroup,
    filters: Vec<PatchStateFilter>,
) -> Result<usize> {
    let page = PageRequest::first();
    let request = DescribeInstancePatchStatesForPatchGroup::new(group.clone(), filters, page);
    let compliance = trial.harness().compliance();
    let page = compliance
        .describe_instance_patch_states_for_patch_group(request)
        .await?;
    Ok(page.items.len())
}

/// The states of a group are filtered by count, with each operator.
pub(super) async fn states_of_a_group_are_compared_by_count(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    use PatchStateOperator::{Equal, GreaterThan, LessThan, NotEqual};
    let (node, _, group) = open_linux(trial).await?;
    let count = trial.scan(&node).await?.missing_count;
    same(
        "without filter",
        passing(trial, &group, Vec::new()).await?,
        1,
    )?;
    for (operator, number, expected) in [
        (Equal, count, 1),
        (Equal, count + 1, 0),
        (NotEqual, count, 0),
        (NotEqual, count + 1, 1),
        (LessThan, count, 0),
        (LessThan, count + 1, 1),
        (GreaterThan, count, 0),
        (GreaterThan, 0, 1),
    ] {
        let what = format!("MissingCount {operator} {number}");
        let filter = PatchStateFilter::new("MissingCount", operator, number);
        same(&what, passing(trial, &group, vec![filter]).await?, expected)?;
    }
    Ok(())
}

/// An invalid count is refused.
pub(super) async fn an_unknown_count_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let filter = PatchStateFilter::new("LostCount", PatchStateOperator::Equal, 0);
    let answer = passing(trial, &trial.unique_group(), vec![filter]).await;
    refused("LostCount", answer, ErrorKind::InvalidInput)
}

async fn patches_by(
    trial: &Trial<'_>,
    node: &NodeId,
    key: &str,
    value: &str,
) -> Result<Vec<PatchComplianceData>> {
    let filters = vec![QueryFilter::new(key, [value])];
    let page = PageRequest::first().with_max_results(100);
    let request = DescribeInstancePatches::new(node.clone(), filters, page);
    let compliance = trial.harness().compliance();
    Ok(compliance.describe_instance_patches(request).await?.items)
}

/// A node's patches are filtered by state, in the spelling of the answers.
pub(super) async fn patches_are_filtered_by_state(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    let count = trial.scan(&node).await?.missing_count as usize;
    let found = patches_by(trial, &node, "State", "Missing").await?;
    same("missing patches", found.len(), count.min(100))?;
    holds(
        found.iter().all(|patch| patch.state == PatchState::Missing),
        "patches of another state are listed",
    )
}

/// A node's patches are filtered by id.
pub(super) async fn patches_are_filtered_by_id(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let missing = missing(trial, &node).await?;
    let id = missing.first().cloned().unwrap_or_default();
    let found = patches_by(trial, &node, "KBId", &id).await?;
    holds(!found.is_empty(), "the patch is not listed")?;
    holds(
        found.iter().all(|patch| patch.kb_id == id),
        "others are listed",
    )
}

/// A filter key that the listing does not know is refused.
pub(super) async fn an_unknown_filter_of_a_nodes_patches_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let answer = patches_by(trial, &node, "Colour", "blue").await;
    refused("Colour", answer, ErrorKind::InvalidInput)
}

/// The patches of a node that is not managed are refused.
pub(super) async fn patches_of_an_unmanaged_node_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = NodeId::new("i-0fedcba9876543210");
    let answer = patches_by(trial, &node, "State", "Missing").await;
    refused("the node", answer, ErrorKind::InvalidInput)
}

/// A group counts its nodes that have patches in a state.
pub(super) async fn a_group_counts_its_nodes_per_state(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, _, group) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let compliance = trial.harness().compliance();
    let scanned = compliance
        .describe_patch_group_state(DescribePatchGroupState::new(&group))
        .await?;
    same("Instances", scanned.instances, 1)?;
    same("with missing", scanned.instances_with_missing_patches, 1)?;
    install(trial, &node, RebootOption::RebootIfNeeded).await?;
    let installed = compliance
        .describe_patch_group_state(DescribePatchGroupState::new(&group))
        .await?;
    same("with missing", installed.instances_with_missing_patches, 0)?;
    same(
        "with installed",
        installed.instances_with_installed_patches,
        1,
    )
}

/// A group without nodes counts none, without an error.
pub(super) async fn a_group_without_nodes_counts_none(trial: &Trial<'_>) -> Result<(), Failure> {
    let compliance = trial.harness().compliance();
    let state = compliance
        .describe_patch_group_state(DescribePatchGroupState::new(trial.unique_group()))
        .await?;
    same("Instances", state.instances, 0)
}

/// The summary of a node follows its patches.
pub(super) async fn the_summary_of_a_node_follows_its_patches(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    let none = summaries(trial).await?;
    holds(
        !none.iter().any(|one| one.resource_id == node.as_str()),
        "there is a summary before the first report",
    )?;
    trial.scan(&node).await?;
    same(
        "scanned",
        verdict(trial, &node).await?,
        ComplianceStatus::NonCompliant,
    )?;
    install(trial, &node, RebootOption::RebootIfNeeded).await?;
    same(
        "installed",
        verdict(trial, &node).await?,
        ComplianceStatus::Compliant,
    )
}

/// The compliance items of a node are its missing patches, and the run they rest on.
pub(super) async fn items_of_a_node_are_its_patches(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let missing = missing(trial, &node).await?;
    let compliance = trial.harness().compliance();
    let items = all(paginate(|token| {
        let (compliance, node) = (compliance.clone(), node.clone());
        async move {
            let filters = vec![
                ComplianceFilter::equal("ComplianceType", ["Patch"]),
                ComplianceFilter::equal("Status", ["NON_COMPLIANT"]),
            ];
            let page = PageRequest::first().with_next_token(token);
            let request = ListComplianceItems::new(&node, filters, page);
            compliance.list_compliance_items(request).await
        }
    }))
    .await?;
    let ids: BTreeSet<String> = items.iter().map(|item| item.id.clone()).collect();
    same("items", ids, missing)?;
    holds(
        items.iter().all(|item| item.execution_summary.is_some()),
        "an item does not say on which run it rests",
    )
}

/// The summary of the fleet counts each node once.
pub(super) async fn the_summary_of_the_fleet_counts_its_nodes(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _, _) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let filters = vec![ComplianceFilter::equal("ComplianceType", ["Patch"])];
    let request = ListComplianceSummaries::new(filters, PageRequest::first());
    let compliance = trial.harness().compliance();
    let page = compliance.list_compliance_summaries(request).await?;
    let patch = one("Patch", &page.items, |one| one.compliance_type == "Patch")?;
    let counted =
        patch.compliant_summary.compliant_count + patch.non_compliant_summary.non_compliant_count;
    same("nodes", counted as usize, summaries(trial).await?.len())?;
    holds(
        patch.non_compliant_summary.non_compliant_count > 0,
        "the node with missing patches is not counted",
    )
}

/// A patch is missing once its delay has passed, and not missing before.
pub(super) async fn a_patch_inside_the_delay_is_not_missing(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _) = open_windows(trial).await?;
    trial.scan(&node).await?;
    let missing_at_once = missing(trial, &node).await?;
    let ages = ages_of_windows_patches(trial).await?;
    let found = missing_at_once
        .iter()
        .find_map(|id| ages.get(id).map(|age| (id, *age)))
        .ok_or_else(|| Failure::new("no missing patch is 1 to 359 days old"))?;
    let (id, age) = found;
    // A day on either side, because sources count hours differently.
    for (delay, expected) in [(age - 1, true), (age + 1, false)] {
        let os = OperatingSystem::Windows;
        let baseline = trial.approving(os, Approval::AfterDays(delay)).await?;
        let group = trial.unique_group();
        trial.register(&baseline, &group).await?;
        trial.join(&node, &group).await?;
        trial.scan(&node).await?;
        let missing = trial.in_state(&node, &PatchState::Missing).await?;
        let what = format!("{id}, {age} days old, missing under a delay of {delay}");
        same(&what, missing.contains(id), expected)?;
    }
    Ok(())
}

/// The ages in days of the patches that are 1 to 359 days old, by KB number.
async fn ages_of_windows_patches(trial: &Trial<'_>) -> Result<BTreeMap<String, u32>, Failure> {
    let catalog = trial.harness().catalog();
    let patches = all(paginate(|token| {
        let catalog = catalog.clone();
        async move {
            let page = PageRequest::first().with_next_token(token);
            let request = DescribeAvailablePatches::new(Vec::new(), page);
            catalog.describe_available_patches(request).await
        }
    }))
    .await?;
    let day = |instant: jiff::Timestamp| instant.to_zoned_datetime(TimeZone::UTC).date();
    let today = day(trial.harness().now());
    let age = |released| u32::try_from((today - day(released)).get_days()).ok();
    Ok(patches
        .into_iter()
        .filter_map(|patch| Some((patch.kb_id(), age(patch.release_date?)?)))
        .filter(|(_, age)| (1..360).contains(age))
        .collect())
}

/// A patch that the baseline rejects is not missing.
pub(super) async fn a_rejected_patch_is_not_missing(trial: &Trial<'_>) -> Result<(), Failure> {
    let (node, id) = open_windows(trial).await?;
    trial.scan(&node).await?;
    let before = missing(trial, &node).await?;
    let rejected = before.first().cloned().unwrap_or_default();
    let changes = BaselineChanges {
        rejected_patches: Some(vec![rejected.clone()]),
        ..BaselineChanges::default()
    };
    let request = crate::backend::UpdatePatchBaseline::new(id, changes);
    trial
        .harness()
        .baselines()
        .update_patch_baseline(request)
        .await?;
    trial.scan(&node).await?;
    let after = trial.in_state(&node, &PatchState::Missing).await?;
    holds(!after.contains(&rejected), format!("{rejected} is missing"))
}

/// An installed patch that the baseline blocks is InstalledRejected, and the node non-compliant.
pub(super) async fn a_blocked_patch_that_is_installed_is_rejected(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, id) = open_windows(trial).await?;
    trial.scan(&node).await?;
    let blocked = missing(trial, &node).await?.pop_first().unwrap_or_default();
    install(trial, &node, RebootOption::RebootIfNeeded).await?;
    let changes = BaselineChanges {
        rejected_patches: Some(vec![blocked.clone()]),
        rejected_patches_action: Some(PatchAction::Block),
        ..BaselineChanges::default()
    };
    let request = crate::backend::UpdatePatchBaseline::new(id, changes);
    trial
        .harness()
        .baselines()
        .update_patch_baseline(request)
        .await?;
    let state = trial.scan(&node).await?;
    same(
        "InstalledRejectedCount",
        state.installed_rejected_count,
        Some(1),
    )?;
    let found = trial
        .in_state(&node, &PatchState::InstalledRejected)
        .await?;
    same("patches", found, [blocked])?;
    same(
        "the node",
        verdict(trial, &node).await?,
        ComplianceStatus::NonCompliant,
    )
}

/// An installed patch that is not approved is InstalledOther, which complies.
pub(super) async fn what_nobody_approved_is_installed_other(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _) = open_windows(trial).await?;
    install(trial, &node, RebootOption::RebootIfNeeded).await?;
    let spec = BaselineSpec::new(trial.unique_name(), OperatingSystem::Windows);
    let nothing = trial.try_baseline(spec).await?;
    let group = trial.unique_group();
    trial.register(&nothing, &group).await?;
    trial.join(&node, &group).await?;
    let state = trial.scan(&node).await?;
    same("InstalledCount", state.installed_count, 0)?;
    same("MissingCount", state.missing_count, 0)?;
    holds(state.installed_other_count > 0, "InstalledOtherCount is 0")?;
    same(
        "the node",
        verdict(trial, &node).await?,
        ComplianceStatus::Compliant,
    )
}

/// A scan reports its reboot option, and does not reboot with either.
pub(super) async fn a_scan_reports_its_reboot_option_and_reboots_nothing(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (node, _) = open_windows(trial).await?;
    let installed = install(trial, &node, RebootOption::NoReboot).await?;
    let pending = installed.installed_pending_reboot_count;
    holds(pending > Some(0), "nothing waits for a reboot")?;
    for option in [RebootOption::RebootIfNeeded, RebootOption::NoReboot] {
        let state = trial
            .run(&node, PatchOperation::Scan, option.clone())
            .await?;
        same("RebootOption", state.reboot_option, Some(option))?;
        let waits = state.installed_pending_reboot_count;
        same("InstalledPendingRebootCount", waits, pending)?;
    }
    Ok(())
}

/// A filter by each value of a node's patches lists exactly those patches.
async fn values_lead_to_their_patches(
    trial: &Trial<'_>,
    key: &str,
    of: impl Fn(&PatchComplianceData) -> String,
) -> Result<(), Failure> {
    let (node, _) = open_windows(trial).await?;
    trial.scan(&node).await?;
    let patches = trial.patches(&node).await?;
    let values: BTreeSet<String> = patches.iter().map(&of).collect();
    holds(values.len() > 1, format!("all patches have one {key}"))?;
    let ids = |patches: &[PatchComplianceData], value: &str| -> BTreeSet<String> {
        let patches = patches.iter().filter(|patch| of(patch) == value);
        patches.map(|patch| patch.kb_id.clone()).collect()
    };
    // A filter's value is not empty.
    for value in values.iter().filter(|value| !value.is_empty()) {
        let found = patches_by(trial, &node, key, value).await?;
        let expected = ids(&patches, value);
        same(value, found.len(), expected.len())?;
        same(value, ids(&found, value), expected)?;
    }
    Ok(())
}

/// A node's patches are filtered by classification.
pub(super) async fn patches_are_filtered_by_classification(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    values_lead_to_their_patches(trial, "Classification", |patch| {
        patch.classification.clone()
    })
    .await
}

/// A node's patches are filtered by severity.
pub(super) async fn patches_are_filtered_by_severity(trial: &Trial<'_>) -> Result<(), Failure> {
    values_lead_to_their_patches(trial, "Severity", |patch| patch.severity.clone()).await
}

/// A node's patches are listed by at most 5 filters.
pub(super) async fn more_than_five_filters_of_a_nodes_patches_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let compliance = trial.harness().compliance();
    let of = |count| {
        let filters = vec![QueryFilter::new("State", ["Missing"]); count];
        let node = trial.harness().linux_node();
        DescribeInstancePatches::new(node, filters, PageRequest::first())
    };
    compliance.describe_instance_patches(of(5)).await?;
    let answer = compliance.describe_instance_patches(of(6)).await;
    refused("6 filters", answer, ErrorKind::InvalidInput)
}

/// The states of a group are filtered by at most 4 comparisons.
pub(super) async fn more_than_four_comparisons_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let group = trial.unique_group();
    let filter = PatchStateFilter::new("MissingCount", PatchStateOperator::Equal, 0);
    passing(trial, &group, vec![filter.clone(); 4]).await?;
    let answer = passing(trial, &group, vec![filter; 5]).await;
    refused("5 comparisons", answer, ErrorKind::InvalidInput)
}

/// Missing patches of the compliance level critical are counted as such, others are not.
pub(super) async fn critical_patches_are_those_of_the_critical_level(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let os = OperatingSystem::AmazonLinux2023;
    let node = trial.harness().linux_node();
    for (level, counted) in [
        (PatchComplianceLevel::High, false),
        (PatchComplianceLevel::Critical, true),
    ] {
        trial
            .demand_everything_on(&node, os.clone(), level.clone())
            .await?;
        let state = trial.scan(&node).await?;
        holds(state.missing_count > 0, "nothing is missing on the node")?;
        let expected = if counted { state.missing_count } else { 0 };
        let got = state.critical_non_compliant_count;
        same(&format!("at the level {level}"), got, Some(expected))?;
    }
    Ok(())
}
