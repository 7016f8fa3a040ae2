//! Rules of patch states and compliance.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use super::expect::{has, holds, one, same};
use super::{Failure, Result, Trial};
use crate::backend::{
    DescribeAvailablePatches, DescribeInstancePatchStates,
    DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches, DescribePatchGroupState,
    ListComplianceItems, ListComplianceSummaries, ListResourceComplianceSummaries,
    NodeInventoryExt, UpdatePatchBaseline,
};
use crate::baseline::{Approval, ApprovalRules, BaselineChanges, PatchAction};
use crate::compliance::{
    ComplianceSummaryItem, PatchComplianceData, PatchState, ResourceComplianceSummaryItem,
};
use crate::error::ErrorKind::InvalidInput;
use crate::group::{PatchGroup, PatchGroupTagKey};
use crate::page::PageRequest;
use crate::types::{
    BaselineId, ComplianceFilter, NodeId, OperatingSystem, PatchComplianceLevel, PatchOperation,
    PatchStateFilter, PatchStateOperator, QueryFilter, RebootOption,
};

/// The Linux node, in its own group, whose baseline approves everything.
pub(super) async fn open_linux(trial: &Trial<'_>) -> Result<(NodeId, BaselineId, PatchGroup)> {
    let (node, os) = (trial.linux_node(), OperatingSystem::AmazonLinux2023);
    let (id, group) = trial.approve_everything_on(&node, os).await?;
    Ok((node, id, group))
}

/// The same for the Windows node.
pub(super) async fn open_windows(trial: &Trial<'_>) -> Result<(NodeId, BaselineId)> {
    let (node, os) = (trial.windows_node(), OperatingSystem::Windows);
    let (id, _) = trial.approve_everything_on(&node, os).await?;
    Ok((node, id))
}

/// Both.
async fn open_nodes(trial: &Trial<'_>) -> Result<[NodeId; 2]> {
    Ok([open_linux(trial).await?.0, open_windows(trial).await?.0])
}

pub(super) async fn missing(trial: &Trial<'_>, node: &NodeId) -> Result<BTreeSet<String>> {
    let found = trial.in_state(node, &PatchState::Missing).await?;
    holds(!found.is_empty(), "nothing is missing on the node")?;
    Ok(found.into_iter().collect())
}

/// Scans a node, and returns what is missing.
async fn scan_missing(trial: &Trial<'_>, node: &NodeId) -> Result<BTreeSet<String>> {
    trial.scan(node).await?;
    missing(trial, node).await
}

async fn change(trial: &Trial<'_>, id: &BaselineId, changes: BaselineChanges) -> Result {
    let request = UpdatePatchBaseline::new(id, changes);
    Ok(trial.call(request).await.map(drop)?)
}

/// A node without an operation has no state; asking for it is not an error.
pub(super) async fn there_is_no_state_before_the_first_operation(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    same("the patch state", trial.state(&node).await?, None)?;
    same("patches", trial.patches(&node).await?.len(), 0)
}

/// A scan reports what is missing.
pub(super) async fn a_scan_reports_what_is_missing(trial: &Trial<'_>) -> Result {
    for node in open_nodes(trial).await? {
        let state = trial.scan(&node).await?;
        same("Operation", state.operation, PatchOperation::Scan)?;
        let missing = missing(trial, &node).await?;
        same("MissingCount", state.missing_count as usize, missing.len())?;
    }
    Ok(())
}

/// A scan of a hybrid node reports like any other.
pub(super) async fn a_hybrid_node_is_scanned(trial: &Trial<'_>) -> Result {
    let node = trial.hybrid_node();
    same("InstanceId", trial.scan(&node).await?.instance_id, node)
}

/// A scan installs nothing: a second scan finds the same.
pub(super) async fn a_scan_installs_nothing(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let before = scan_missing(trial, &node).await?;
    same("what is missing", scan_missing(trial, &node).await?, before)
}

/// An install with a reboot turns missing patches into Installed.
pub(super) async fn an_install_moves_missing_to_installed(trial: &Trial<'_>) -> Result {
    for node in open_nodes(trial).await? {
        let missing = scan_missing(trial, &node).await?;
        let state = trial.install(&node, RebootOption::RebootIfNeeded).await?;
        same("Operation", state.operation, PatchOperation::Install)?;
        same("MissingCount", state.missing_count, 0)?;
        let pending = state.installed_pending_reboot_count.unwrap_or_default();
        same("InstalledPendingRebootCount", pending, 0)?;
        let installed = trial.in_state(&node, &PatchState::Installed).await?;
        let installed: BTreeSet<String> = installed.into_iter().collect();
        let text = format!("of {missing:?} only {installed:?} are installed");
        holds(installed.is_superset(&missing), text)?;
    }
    Ok(())
}

/// Without a reboot an install leaves its patches pending, and the node non-compliant.
pub(super) async fn an_install_without_reboot_leaves_patches_pending(trial: &Trial<'_>) -> Result {
    let (node, _) = open_windows(trial).await?;
    let state = trial.install(&node, RebootOption::NoReboot).await?;
    has(&state, "RebootOption", "NoReboot")?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    holds(pending > 0, "nothing waits for a reboot")?;
    let last = state.last_no_reboot_install_operation_time;
    let text = "LastNoRebootInstallOperationTime is absent";
    holds(last.is_some(), text)?;
    let waiting = PatchState::InstalledPendingReboot;
    let waiting = trial.in_state(&node, &waiting).await?;
    same("patches that wait", waiting.len(), pending as usize)?;
    complies(trial, &node, false).await
}

/// An install with a reboot completes an earlier install without one.
pub(super) async fn a_later_reboot_clears_what_was_pending(trial: &Trial<'_>) -> Result {
    let (node, _) = open_windows(trial).await?;
    trial.install(&node, RebootOption::NoReboot).await?;
    let state = trial.install(&node, RebootOption::RebootIfNeeded).await?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    same("InstalledPendingRebootCount", pending, 0)?;
    complies(trial, &node, true).await
}

/// Fails unless a node's summary says that its patches comply, or that they do not.
async fn complies(trial: &Trial<'_>, node: &NodeId, expected: bool) -> Result {
    let found = summaries(trial).await?;
    let found = one("a summary of the node", &found, |one| {
        one.resource_id == node.as_str()
    })?;
    let status = if expected {
        "COMPLIANT"
    } else {
        "NON_COMPLIANT"
    };
    has(found, "Status", status)
}

fn of_patches() -> Vec<ComplianceFilter> {
    vec![ComplianceFilter::equal("ComplianceType", ["Patch"])]
}

pub(super) async fn summaries(trial: &Trial<'_>) -> Result<Vec<ResourceComplianceSummaryItem>> {
    trial
        .every(|page| ListResourceComplianceSummaries::new(of_patches(), page))
        .await
}

/// The summary of the fleet's patches.
pub(super) async fn of_fleet(trial: &Trial<'_>) -> Result<ComplianceSummaryItem> {
    let request = ListComplianceSummaries::new(of_patches(), PageRequest::first());
    let page = trial.call(request).await?;
    one("Patch", &page.items, |one| one.compliance_type == "Patch").cloned()
}

/// Each operation replaces the report of the one before.
pub(super) async fn each_operation_replaces_the_state(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let first = trial.scan(&node).await?.operation_end_time;
    trial.advance(Duration::from_mins(1)).await;
    let second = trial.scan(&node).await?.operation_end_time;
    let is_later = second > first;
    holds(is_later, "the state is still that of the first scan")?;
    let request = DescribeInstancePatchStates::new([&node], PageRequest::first());
    let states = trial.call(request).await?.items;
    same("states of the node", states.len(), 1)
}

/// Group and baseline in a state are those of the run, whatever happens to them afterwards.
pub(super) async fn group_and_baseline_are_those_of_the_run(trial: &Trial<'_>) -> Result {
    let (node, id, group) = open_linux(trial).await?;
    let state = trial.scan(&node).await?;
    same("BaselineId", &state.baseline_id, &id)?;
    same("PatchGroup", &state.patch_group, &group)?;
    trial.join(&node, &trial.unique_group()).await?;
    let later = trial.state(&node).await?;
    same("after leaving the group", later, Some(state))
}

/// A node without a group has the empty group, and gets the default baseline.
pub(super) async fn a_node_without_a_group_gets_the_default(trial: &Trial<'_>) -> Result {
    let (node, os) = (trial.linux_node(), OperatingSystem::AmazonLinux2023);
    trial.will_retag(&node).await?;
    let keys = PatchGroupTagKey::ALL.map(|key| key.as_str().to_owned());
    trial.nodes().remove_tags(&node, &keys).await?;
    let state = trial.scan(&node).await?;
    same("PatchGroup", state.patch_group.as_str(), "")?;
    let default = trial.the_default(os).await?;
    same("BaselineId", state.baseline_id, default)
}

/// A changed baseline takes effect at the next scan, not before.
pub(super) async fn a_changed_baseline_shows_with_the_next_scan(trial: &Trial<'_>) -> Result {
    let (node, id, _) = open_linux(trial).await?;
    let before = trial.scan(&node).await?;
    let changes = BaselineChanges {
        approval_rules: Some(ApprovalRules::default()),
        ..BaselineChanges::default()
    };
    change(trial, &id, changes).await?;
    same("before the scan", trial.state(&node).await?, Some(before))?;
    same("after it", trial.scan(&node).await?.missing_count, 0)
}

/// A request for states ignores unknown nodes, without an error.
pub(super) async fn unknown_nodes_are_left_out(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    trial.scan(&node).await?;
    let nodes = [NodeId::new("i-0fedcba9876543210"), node.clone()];
    let request = DescribeInstancePatchStates::new(nodes, PageRequest::first());
    let states = trial.call(request).await?.items.into_iter();
    let found: Vec<_> = states.map(|state| state.instance_id).collect();
    same("nodes", found, [node])
}

/// A request for states names at most 50 nodes.
pub(super) async fn states_of_more_than_50_nodes_are_refused(trial: &Trial<'_>) -> Result {
    let nodes = (0..51).map(|n| NodeId::new(format!("i-{n:017x}")));
    let request = DescribeInstancePatchStates::new(nodes, PageRequest::first());
    trial.refuses(request, InvalidInput).await
}

/// A page of states has 10 to 100.
pub(super) async fn the_page_size_of_states_is_bounded(trial: &Trial<'_>) -> Result {
    let listing = |page| DescribeInstancePatchStates::new([trial.linux_node()], page);
    trial.refuses_page_sizes([9, 101], listing).await
}

/// A group's states that compare so with a count.
fn comparing(
    group: &PatchGroup,
    filters: Vec<PatchStateFilter>,
) -> DescribeInstancePatchStatesForPatchGroup {
    DescribeInstancePatchStatesForPatchGroup::new(group.clone(), filters, PageRequest::first())
}

/// The states of a group are filtered by count, with each operator.
pub(super) async fn states_of_a_group_are_compared_by_count(trial: &Trial<'_>) -> Result {
    use PatchStateOperator::{Equal, GreaterThan, LessThan, NotEqual};
    let (node, _, group) = open_linux(trial).await?;
    let count = trial.scan(&node).await?.missing_count;
    let all = trial.call(comparing(&group, Vec::new())).await?;
    same("without filter", all.items.len(), 1)?;
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
        let passing = trial.call(comparing(&group, vec![filter])).await?;
        same(&what, passing.items.len(), expected)?;
    }
    Ok(())
}

/// An invalid count is refused.
pub(super) async fn an_unknown_count_is_refused(trial: &Trial<'_>) -> Result {
    let filter = PatchStateFilter::new("LostCount", PatchStateOperator::Equal, 0);
    let request = comparing(&trial.unique_group(), vec![filter]);
    trial.refuses(request, InvalidInput).await
}

fn by(node: &NodeId, key: &str, value: &str) -> DescribeInstancePatches {
    let page = PageRequest::first().with_max_results(100);
    DescribeInstancePatches::new(node, vec![QueryFilter::new(key, [value])], page)
}

/// A node's patches are filtered by state, in the spelling of the answers.
pub(super) async fn patches_are_filtered_by_state(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let count = trial.scan(&node).await?.missing_count as usize;
    let found = trial.call(by(&node, "State", "Missing")).await?.items;
    same("missing patches", found.len(), count.min(100))?;
    let all = found.iter().all(|patch| patch.state == PatchState::Missing);
    holds(all, "patches of another state are listed")
}

/// A node's patches are filtered by id.
pub(super) async fn patches_are_filtered_by_id(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let missing = scan_missing(trial, &node).await?;
    let id = missing.first().cloned().unwrap_or_default();
    let found = trial.call(by(&node, "KBId", &id)).await?.items;
    holds(!found.is_empty(), "the patch is not listed")?;
    let all = found.iter().all(|patch| patch.kb_id == id);
    holds(all, "others are listed")
}

/// A filter key that the listing does not know is refused.
pub(super) async fn an_unknown_filter_of_a_nodes_patches_is_refused(trial: &Trial<'_>) -> Result {
    let request = by(&trial.linux_node(), "Colour", "blue");
    trial.refuses(request, InvalidInput).await
}

/// The patches of a node that is not managed are refused.
pub(super) async fn patches_of_an_unmanaged_node_are_refused(trial: &Trial<'_>) -> Result {
    let request = by(&NodeId::new("i-0fedcba9876543210"), "State", "Missing");
    trial.refuses(request, InvalidInput).await
}

/// A group counts its nodes that have patches in a state.
pub(super) async fn a_group_counts_its_nodes_per_state(trial: &Trial<'_>) -> Result {
    let (node, _, group) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let scanned = trial.call(DescribePatchGroupState::new(&group)).await?;
    same("Instances", scanned.instances, 1)?;
    same("with missing", scanned.instances_with_missing_patches, 1)?;
    trial.install(&node, RebootOption::RebootIfNeeded).await?;
    let installed = trial.call(DescribePatchGroupState::new(&group)).await?;
    same("with missing", installed.instances_with_missing_patches, 0)?;
    let count = installed.instances_with_installed_patches;
    same("with installed", count, 1)
}

/// A group without nodes counts none, without an error.
pub(super) async fn a_group_without_nodes_counts_none(trial: &Trial<'_>) -> Result {
    let request = DescribePatchGroupState::new(trial.unique_group());
    same("Instances", trial.call(request).await?.instances, 0)
}

/// The summary of a node follows its patches.
pub(super) async fn the_summary_of_a_node_follows_its_patches(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let early = summaries(trial).await?;
    let early = early.iter().any(|one| one.resource_id == node.as_str());
    holds(!early, "there is a summary before the first report")?;
    trial.scan(&node).await?;
    complies(trial, &node, false).await?;
    trial.install(&node, RebootOption::RebootIfNeeded).await?;
    complies(trial, &node, true).await
}

/// The compliance items of a node are its missing patches, and the run they rest on.
pub(super) async fn items_of_a_node_are_its_patches(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let missing = scan_missing(trial, &node).await?;
    let mut filters = of_patches();
    filters.push(ComplianceFilter::equal("Status", ["NON_COMPLIANT"]));
    let items = trial
        .every(|page| ListComplianceItems::new(&node, filters.clone(), page))
        .await?;
    let ids: BTreeSet<String> = items.iter().map(|item| item.id.clone()).collect();
    same("items", ids, missing)?;
    let all = items.iter().all(|item| item.execution_summary.is_some());
    holds(all, "an item does not say on which run it rests")
}

/// The summary of the fleet counts each node once.
pub(super) async fn the_summary_of_the_fleet_counts_its_nodes(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    trial.scan(&node).await?;
    let fleet = of_fleet(trial).await?;
    let good = fleet.compliant_summary.compliant_count;
    let bad = fleet.non_compliant_summary.non_compliant_count;
    let nodes = summaries(trial).await?.len();
    same("nodes", (good + bad) as usize, nodes)?;
    holds(bad > 0, "the node with missing patches is not counted")
}

/// A patch is missing once its delay has passed, and not missing before.
pub(super) async fn a_patch_inside_the_delay_is_not_missing(trial: &Trial<'_>) -> Result {
    let (node, _) = open_windows(trial).await?;
    let missing_at_once = scan_missing(trial, &node).await?;
    let ages = ages_of_windows_patches(trial).await?;
    let (id, age) = missing_at_once
        .iter()
        .find_map(|id| ages.get(id).map(|age| (id, *age)))
        .ok_or_else(|| Failure::new("no missing patch is 1 to 359 days old"))?;
    // A day on either side, because sources count hours differently.
    for (delay, expected) in [(age - 1, true), (age + 1, false)] {
        let delayed = Approval::AfterDays(delay);
        let baseline = trial.approving(OperatingSystem::Windows, delayed).await?;
        trial.patch_by(&baseline, &node).await?;
        trial.scan(&node).await?;
        let missing = trial.in_state(&node, &PatchState::Missing).await?;
        let what = format!("{id}, {age} days old, missing under a delay of {delay}");
        same(&what, missing.contains(id), expected)?;
    }
    Ok(())
}

/// The ages in days of the patches that are 1 to 359 days old, by KB number.
async fn ages_of_windows_patches(trial: &Trial<'_>) -> Result<BTreeMap<String, u32>> {
    let patches = trial
        .every(|page| DescribeAvailablePatches::new(Vec::new(), page))
        .await?;
    let day = |instant: Timestamp| instant.to_zoned_datetime(TimeZone::UTC).date();
    let today = day(trial.now());
    let age = |released| u32::try_from((today - day(released)).get_days()).ok();
    Ok(patches
        .into_iter()
        .filter_map(|patch| Some((patch.kb_id(), age(patch.release_date?)?)))
        .filter(|(_, age)| (1..360).contains(age))
        .collect())
}

/// A patch that the baseline rejects is not missing.
pub(super) async fn a_rejected_patch_is_not_missing(trial: &Trial<'_>) -> Result {
    let (node, id) = open_windows(trial).await?;
    let rejected = scan_missing(trial, &node).await?.pop_first();
    let rejected = rejected.unwrap_or_default();
    let changes = BaselineChanges {
        rejected_patches: Some(vec![rejected.clone()]),
        ..BaselineChanges::default()
    };
    change(trial, &id, changes).await?;
    trial.scan(&node).await?;
    let after = trial.in_state(&node, &PatchState::Missing).await?;
    holds(!after.contains(&rejected), format!("{rejected} is missing"))
}

/// An installed patch that the baseline blocks is InstalledRejected, and the node non-compliant.
pub(super) async fn a_blocked_patch_that_is_installed_is_rejected(trial: &Trial<'_>) -> Result {
    let (node, id) = open_windows(trial).await?;
    let blocked = scan_missing(trial, &node).await?.pop_first();
    let blocked = blocked.unwrap_or_default();
    trial.install(&node, RebootOption::RebootIfNeeded).await?;
    let changes = BaselineChanges {
        rejected_patches: Some(vec![blocked.clone()]),
        rejected_patches_action: Some(PatchAction::Block),
        ..BaselineChanges::default()
    };
    change(trial, &id, changes).await?;
    let state = trial.scan(&node).await?;
    has(&state, "InstalledRejectedCount", 1)?;
    let rejected = PatchState::InstalledRejected;
    let rejected = trial.in_state(&node, &rejected).await?;
    same("patches", rejected, [blocked])?;
    complies(trial, &node, false).await
}

/// An installed patch that is not approved is InstalledOther, which complies.
pub(super) async fn what_nobody_approved_is_installed_other(trial: &Trial<'_>) -> Result {
    let (node, _) = open_windows(trial).await?;
    trial.install(&node, RebootOption::RebootIfNeeded).await?;
    let nothing = trial.empty_baseline(OperatingSystem::Windows).await?;
    trial.patch_by(&nothing, &node).await?;
    let state = trial.scan(&node).await?;
    same("InstalledCount", state.installed_count, 0)?;
    same("MissingCount", state.missing_count, 0)?;
    holds(state.installed_other_count > 0, "InstalledOtherCount is 0")?;
    complies(trial, &node, true).await
}

/// A scan reports its reboot option, and does not reboot with either.
pub(super) async fn a_scan_reports_its_reboot_option_and_reboots_nothing(
    trial: &Trial<'_>,
) -> Result {
    let (node, _) = open_windows(trial).await?;
    let installed = trial.install(&node, RebootOption::NoReboot).await?;
    let pending = installed.installed_pending_reboot_count;
    holds(pending > Some(0), "nothing waits for a reboot")?;
    for option in [RebootOption::RebootIfNeeded, RebootOption::NoReboot] {
        let scan = trial.run(&node, PatchOperation::Scan, option.clone());
        let state = scan.await?;
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
) -> Result {
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
        let found = trial.call(by(&node, key, value)).await?.items;
        let expected = ids(&patches, value);
        same(value, found.len(), expected.len())?;
        same(value, ids(&found, value), expected)?;
    }
    Ok(())
}

/// A node's patches are filtered by classification.
pub(super) async fn patches_are_filtered_by_classification(trial: &Trial<'_>) -> Result {
    let of = |patch: &PatchComplianceData| patch.classification.clone();
    values_lead_to_their_patches(trial, "Classification", of).await
}

/// A node's patches are filtered by severity.
pub(super) async fn patches_are_filtered_by_severity(trial: &Trial<'_>) -> Result {
    let of = |patch: &PatchComplianceData| patch.severity.clone();
    values_lead_to_their_patches(trial, "Severity", of).await
}

/// A node's patches are listed by at most 5 filters.
pub(super) async fn more_than_five_filters_of_a_nodes_patches_are_refused(
    trial: &Trial<'_>,
) -> Result {
    let of = |count| {
        let filters = vec![QueryFilter::new("State", ["Missing"]); count];
        DescribeInstancePatches::new(trial.linux_node(), filters, PageRequest::first())
    };
    trial.call(of(5)).await?;
    trial.refuses(of(6), InvalidInput).await
}

/// The states of a group are filtered by at most 4 comparisons.
pub(super) async fn more_than_four_comparisons_are_refused(trial: &Trial<'_>) -> Result {
    let group = trial.unique_group();
    let filter = PatchStateFilter::new("MissingCount", PatchStateOperator::Equal, 0);
    let of = |count| comparing(&group, vec![filter.clone(); count]);
    trial.call(of(4)).await?;
    trial.refuses(of(5), InvalidInput).await
}

/// Missing patches of the compliance level critical are counted as such, others are not.
pub(super) async fn critical_patches_are_those_of_the_critical_level(trial: &Trial<'_>) -> Result {
    use PatchComplianceLevel::{Critical, High};
    let (node, os) = (trial.linux_node(), OperatingSystem::AmazonLinux2023);
    for (level, counted) in [(High, false), (Critical, true)] {
        let what = format!("at the level {level}");
        trial.demand_everything_on(&node, os.clone(), level).await?;
        let state = trial.scan(&node).await?;
        holds(state.missing_count > 0, "nothing is missing on the node")?;
        let expected = if counted { state.missing_count } else { 0 };
        let got = state.critical_non_compliant_count;
        same(&what, got, Some(expected))?;
    }
    Ok(())
}
