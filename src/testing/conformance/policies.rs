//! Rules of patch policies.

use std::time::Duration;

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use super::expect::{all, holds, refused, same};
use super::{Failure, Trial};
use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfigurationManager,
    ListConfigurationManagers, NodeInventoryExt, UpdateConfigurationDefinition,
    UpdateConfigurationManager,
};
use crate::error::{ErrorKind, Result};
use crate::page::{PageRequest, paginate};
use crate::schedule::{
    PatchPolicy, PatchPolicyState, PolicyStatus, PolicyTargets, SelectedBaseline,
};
use crate::types::{NodeId, OperatingSystem, PatchOperation, PatchPolicyArn, Tag};

const NOBODYS: &str = "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/00000000-0000-4000-8000-000000000000";

/// A policy of one node, at a daily time.
fn daily(trial: &Trial<'_>, node: NodeId, at: Timestamp) -> PatchPolicy {
    let time = at.to_zoned_datetime(TimeZone::UTC);
    let schedule = format!("cron({} {} * * ? *)", time.minute(), time.hour());
    let mut policy = PatchPolicy::new(trial.unique_name(), schedule);
    policy.targets = PolicyTargets::InstanceIds(vec![node]);
    policy
}

fn some_policy(trial: &Trial<'_>) -> PatchPolicy {
    let in_three_hours = trial.harness().now() + 3.hours();
    daily(trial, trial.harness().linux_node(), in_three_hours)
}

async fn listed(trial: &Trial<'_>) -> Result<Vec<PatchPolicyState>, Failure> {
    let store = trial.harness().schedules();
    all(paginate(|token| {
        let store = store.clone();
        async move {
            let page = PageRequest::first()
                .with_max_results(1)
                .with_next_token(token);
            store
                .list_configuration_managers(ListConfigurationManagers::new(page))
                .await
        }
    }))
    .await
}

/// A policy reads back as it was made.
pub(super) async fn a_policy_reads_back_as_made(trial: &Trial<'_>) -> Result<(), Failure> {
    let policy = some_policy(trial);
    let arn = trial.policy(policy.clone()).await?;
    let found = trial
        .harness()
        .schedules()
        .get_configuration_manager(GetConfigurationManager::new(&arn))
        .await?;
    same("ARN", found.arn, arn)?;
    same("the policy", found.policy, policy)
}

/// A policy is listed, once.
pub(super) async fn a_policy_is_listed_once(trial: &Trial<'_>) -> Result<(), Failure> {
    let first = trial.policy(some_policy(trial)).await?;
    let second = trial.policy(some_policy(trial)).await?;
    let found = listed(trial).await?;
    for arn in [first, second] {
        let times = found.iter().filter(|policy| policy.arn == arn).count();
        same(arn.as_str(), times, 1)?;
    }
    Ok(())
}

/// An update replaces what a policy says, and keeps its ARN.
pub(super) async fn an_update_replaces_what_a_policy_says(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let mut policy = some_policy(trial);
    let arn = trial.policy(policy.clone()).await?;
    policy.scan_schedule = "cron(15 4 ? * TUE *)".to_owned();
    let store = trial.harness().schedules();
    store
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, policy.clone()))
        .await?;
    let found = store
        .get_configuration_manager(GetConfigurationManager::new(&arn))
        .await?;
    same("the policy", found.policy, policy)
}

/// A policy can be renamed: its name alone changes.
pub(super) async fn a_policy_is_renamed(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut policy = some_policy(trial);
    let arn = trial.policy(policy.clone()).await?;
    policy.name = trial.unique_name();
    let store = trial.harness().schedules();
    store
        .update_configuration_manager(UpdateConfigurationManager::new(&arn, &*policy.name))
        .await?;
    let found = store
        .get_configuration_manager(GetConfigurationManager::new(&arn))
        .await?;
    same("the policy", found.policy, policy)
}

/// A deleted policy is gone.
pub(super) async fn a_deleted_policy_is_gone(trial: &Trial<'_>) -> Result<(), Failure> {
    let arn = trial.policy(some_policy(trial)).await?;
    let store = trial.harness().schedules();
    store
        .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
        .await?;
    let answer = store
        .get_configuration_manager(GetConfigurationManager::new(&arn))
        .await;
    refused("GetConfigurationManager", answer, ErrorKind::NotFound)?;
    let found = listed(trial).await?;
    holds(
        !found.iter().any(|policy| policy.arn == arn),
        "it is still listed",
    )
}

/// A policy that is not there is NotFound, to read, to change and to delete.
pub(super) async fn an_unknown_policy_is_not_found(trial: &Trial<'_>) -> Result<(), Failure> {
    let (store, arn) = (trial.harness().schedules(), PatchPolicyArn::new(NOBODYS));
    let read = store
        .get_configuration_manager(GetConfigurationManager::new(&arn))
        .await;
    refused("GetConfigurationManager", read, ErrorKind::NotFound)?;
    let changed = store
        .update_configuration_definition(UpdateConfigurationDefinition::new(
            &arn,
            some_policy(trial),
        ))
        .await;
    refused(
        "UpdateConfigurationDefinition",
        changed,
        ErrorKind::NotFound,
    )?;
    let deleted = store
        .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
        .await;
    refused("DeleteConfigurationManager", deleted, ErrorKind::NotFound)
}

/// A schedule that is no cron expression is refused.
pub(super) async fn a_bad_schedule_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    // Not the empty text: on the service's wire it stands for no schedule, which has a default.
    for schedule in ["daily", "cron(99 0 * * ? *)", "rate(1 day)"] {
        let mut policy = some_policy(trial);
        policy.scan_schedule = schedule.to_owned();
        let answer = trial.policy(policy).await;
        refused(&format!("`{schedule}`"), answer, ErrorKind::InvalidInput)?;
    }
    Ok(())
}

/// What is refused as a new policy is refused as an update, which then changes nothing.
pub(super) async fn a_bad_update_changes_nothing(trial: &Trial<'_>) -> Result<(), Failure> {
    let policy = some_policy(trial);
    let arn = trial.policy(policy.clone()).await?;
    let mut bad = policy.clone();
    bad.scan_schedule = "daily".to_owned();
    let store = trial.harness().schedules();
    let answer = store
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, bad))
        .await;
    refused("the update", answer, ErrorKind::InvalidInput)?;
    same(
        "the policy",
        store
            .get_configuration_manager(GetConfigurationManager::new(&arn))
            .await?
            .policy,
        policy,
    )
}

/// A policy scans at its time, and not before.
pub(super) async fn a_policy_fires_at_its_time_and_not_before(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let at = harness.now() + 3.hours();
    trial.policy(daily(trial, node.clone(), at)).await?;
    let before = trial.state(&node).await?;
    harness.advance(Duration::from_secs(2 * 3600)).await;
    same("an hour before", &trial.state(&node).await?, &before)?;
    harness.advance(Duration::from_secs(2 * 3600)).await;
    let state = trial.state(&node).await?;
    let state = state.ok_or_else(|| Failure::new("the policy did not scan"))?;
    same("Operation", &state.operation, &PatchOperation::Scan)?;
    let minute_of_firing = at.as_second() / 60 * 60;
    holds(
        state.operation_start_time.as_second() >= minute_of_firing,
        format!("it scanned at {}, before {at}", state.operation_start_time),
    )
}

/// A deleted policy does not fire.
pub(super) async fn a_deleted_policy_does_not_fire(trial: &Trial<'_>) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let policy = daily(trial, node.clone(), harness.now() + 3.hours());
    let request = CreateConfigurationManager::new(policy);
    let arn = harness
        .schedules()
        .create_configuration_manager(request)
        .await?;
    harness
        .schedules()
        .delete_configuration_manager(DeleteConfigurationManager::new(&arn))
        .await?;
    let before = trial.state(&node).await?;
    harness.advance(Duration::from_secs(4 * 3600)).await;
    same("the patch state", trial.state(&node).await?, before)
}

/// A policy uses its own baselines, not that of the node's group. Its report names neither: the ids
/// are random (User Guide, patch-manager-policies).
pub(super) async fn a_policy_overrides_the_baseline_of_the_group(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let os = OperatingSystem::AmazonLinux2023;
    let (of_group, _) = trial.approve_everything_on(&node, os.clone()).await?;
    let own = trial.empty_baseline(os.clone()).await?;
    let mut policy = daily(trial, node.clone(), harness.now() + 3.hours());
    let selected = SelectedBaseline::new(own, "own");
    policy.baselines.insert(os.as_str().to_owned(), selected);
    trial.policy(policy).await?;
    let before = trial.scan(&node).await?;
    same("before", &before.baseline_id, &of_group)?;
    holds(
        before.missing_count > 0,
        "the harness gave a node with nothing missing",
    )?;
    harness.advance(Duration::from_secs(4 * 3600)).await;
    let state = trial.state(&node).await?;
    let state = state.ok_or_else(|| Failure::new("the node lost its patch state"))?;
    same("MissingCount", state.missing_count, 0)?;
    holds(
        state.baseline_id != of_group,
        "the report names the group's baseline",
    )
}

/// A policy that installs, installs.
pub(super) async fn a_policy_installs_at_its_time(trial: &Trial<'_>) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let os = OperatingSystem::AmazonLinux2023;
    let (id, _) = trial.approve_everything_on(&node, os.clone()).await?;
    let missing = trial.scan(&node).await?.missing_count;
    holds(missing > 0, "the harness gave a node with nothing missing")?;
    // The scan comes half a day later, so that only the install can have happened.
    let mut policy = daily(trial, node.clone(), harness.now() + 15.hours());
    let install = daily(trial, node.clone(), harness.now() + 3.hours());
    policy.install_schedule = Some(install.scan_schedule);
    let selected = SelectedBaseline::new(id, "everything");
    policy.baselines.insert(os.as_str().to_owned(), selected);
    trial.policy(policy).await?;
    harness.advance(Duration::from_secs(6 * 3600)).await;
    let state = trial.state(&node).await?;
    let state = state.ok_or_else(|| Failure::new("the node lost its patch state"))?;
    same("Operation", state.operation, PatchOperation::Install)?;
    same("MissingCount", state.missing_count, 0)
}

/// Fails unless a policy of these targets scans the Linux node and not the Windows node.
async fn scans_linux_only(trial: &Trial<'_>, targets: PolicyTargets) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let mut policy = daily(trial, node.clone(), harness.now() + 3.hours());
    policy.targets = targets;
    trial.policy(policy).await?;
    harness.advance(Duration::from_secs(4 * 3600)).await;
    let inside = trial.state(&node).await?;
    holds(inside.is_some(), "the node it means has no patch state")?;
    let outside = trial.state(&harness.windows_node()).await?;
    same("the state of another node", outside, None)
}

/// A policy for nodes by id patches those only.
pub(super) async fn a_policy_patches_the_nodes_it_names(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    scans_linux_only(trial, PolicyTargets::InstanceIds(vec![node])).await
}

/// A policy for a tag patches the nodes that have it only.
pub(super) async fn a_policy_patches_the_nodes_of_its_tag(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let harness = trial.harness();
    let (key, nodes) = (trial.unique_name(), harness.nodes());
    for (node, value) in [
        (harness.linux_node(), "meant"),
        (harness.windows_node(), "not meant"),
    ] {
        trial.will_retag(&node).await?;
        nodes.add_tags(&node, &[Tag::new(&key, value)]).await?;
    }
    scans_linux_only(trial, PolicyTargets::Tag(Tag::new(key, "meant"))).await
}

/// After an update a policy fires by its new schedule, and no longer by the old one.
pub(super) async fn an_updated_policy_fires_by_its_new_schedule(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let now = harness.now();
    let policy = daily(trial, node.clone(), now + 3.hours());
    let arn = trial.policy(policy.clone()).await?;
    let later = PatchPolicy {
        scan_schedule: daily(trial, node.clone(), now + 8.hours()).scan_schedule,
        ..policy
    };
    harness
        .schedules()
        .update_configuration_definition(UpdateConfigurationDefinition::new(&arn, later))
        .await?;
    let before = trial.state(&node).await?;
    harness.advance(Duration::from_secs(5 * 3600)).await;
    same("by the old schedule", trial.state(&node).await?, before)?;
    harness.advance(Duration::from_secs(5 * 3600)).await;
    let state = trial.state(&node).await?;
    holds(state.is_some(), "it did not fire by the new schedule")
}

/// A policy is deployed for a while, and then it has succeeded.
pub(super) async fn a_policy_is_deployed_and_then_succeeds(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let arn = trial.policy(some_policy(trial)).await?;
    let store = trial.harness().schedules();
    let status = store
        .get_configuration_manager(GetConfigurationManager::new(&arn))
        .await?
        .status;
    holds(
        matches!(status, PolicyStatus::Initializing | PolicyStatus::Deploying),
        format!("right after its creation the policy is {status}"),
    )?;
    for _ in 0..120 {
        let status = store
            .get_configuration_manager(GetConfigurationManager::new(&arn))
            .await?
            .status;
        if !matches!(status, PolicyStatus::Initializing | PolicyStatus::Deploying) {
            return same("in the end", status, PolicyStatus::Succeeded);
        }
        trial.harness().advance(Duration::from_secs(30)).await;
    }
    Err(Failure::new("the deployment does not end"))
}

/// Where a scan and an install are due at the same time, what is reported is the install.
pub(super) async fn an_install_takes_the_place_of_a_scan_due_with_it(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (harness, node) = (trial.harness(), trial.harness().linux_node());
    let os = OperatingSystem::AmazonLinux2023;
    let (id, _) = trial.approve_everything_on(&node, os.clone()).await?;
    let mut policy = daily(trial, node.clone(), harness.now() + 3.hours());
    policy.install_schedule = Some(policy.scan_schedule.clone());
    let selected = SelectedBaseline::new(id, "everything");
    policy.baselines.insert(os.as_str().to_owned(), selected);
    trial.policy(policy).await?;
    harness.advance(Duration::from_secs(6 * 3600)).await;
    let state = trial.state(&node).await?;
    let state = state.ok_or_else(|| Failure::new("the policy did not fire"))?;
    same("Operation", state.operation, PatchOperation::Install)?;
    same("MissingCount", state.missing_count, 0)
}
