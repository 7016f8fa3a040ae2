//! Rules of patch policies.

use std::time::Duration;

use jiff::{ToSpan, tz::TimeZone};

use super::expect::{holds, same};
use super::trial::POLL;
use super::{Failure, Result, Trial};
use crate::backend::{
    CreateConfigurationManager, DeleteConfigurationManager, GetConfiguration,
    GetConfigurationManager, ListConfigurationManagers, ListConfigurations,
    UpdateConfigurationDefinition, UpdateConfigurationManager,
};
use crate::error::ErrorKind::{InvalidInput, NotFound};
use crate::schedule::{
    PatchPolicy, PatchPolicyState, PolicyStatus, PolicyTargets, SelectedBaseline,
};
use crate::types::{BaselineId, OperatingSystem, PatchOperation, PatchPolicyArn, Tag};

const NOBODYS: &str = "arn:aws:ssm-quicksetup:us-east-1:123456789012:configuration-manager/00000000-0000-4000-8000-000000000000";

/// The Linux node's system.
const OS: OperatingSystem = OperatingSystem::AmazonLinux2023;

/// A policy that scans the Linux node after some hours.
fn scanning_in(trial: &Trial<'_>, hours: i64) -> PatchPolicy {
    let time = (trial.now() + hours.hours()).to_zoned_datetime(TimeZone::UTC);
    let schedule = format!("cron({} {} * * ? *)", time.minute(), time.hour());
    let mut policy = PatchPolicy::new(trial.unique_name(), schedule);
    policy.targets = PolicyTargets::InstanceIds(vec![trial.linux_node()]);
    policy
}

/// The same by this baseline.
fn by_baseline(mut policy: PatchPolicy, id: BaselineId) -> PatchPolicy {
    let selected = SelectedBaseline::new(id, "selected");
    policy.baselines.insert(OS.as_str().to_owned(), selected);
    policy
}

async fn found(trial: &Trial<'_>, arn: &PatchPolicyArn) -> Result<PatchPolicyState> {
    Ok(trial.call(GetConfigurationManager::new(arn)).await?)
}

async fn listed(trial: &Trial<'_>) -> Result<Vec<PatchPolicyState>> {
    trial
        .every(|page| ListConfigurationManagers::new(page.with_max_results(1)))
        .await
}

/// Fails unless the Linux node's last operation was an install, which left nothing missing.
async fn is_installed(trial: &Trial<'_>) -> Result {
    let state = trial.patched(&trial.linux_node()).await?;
    same("Operation", state.operation, PatchOperation::Install)?;
    same("MissingCount", state.missing_count, 0)
}

/// A policy reads back as it was made.
pub(super) async fn a_policy_reads_back_as_made(trial: &Trial<'_>) -> Result {
    let policy = scanning_in(trial, 3);
    let arn = trial.policy(policy.clone()).await?;
    let found = found(trial, &arn).await?;
    same("ARN", found.arn, arn)?;
    same("the policy", found.policy, policy)
}

/// A policy is listed, once.
pub(super) async fn a_policy_is_listed_once(trial: &Trial<'_>) -> Result {
    let first = trial.policy(scanning_in(trial, 3)).await?;
    let second = trial.policy(scanning_in(trial, 3)).await?;
    let found = listed(trial).await?;
    for arn in [first, second] {
        let times = found.iter().filter(|policy| policy.arn == arn).count();
        same(arn.as_str(), times, 1)?;
    }
    Ok(())
}

/// An update replaces what a policy says, and keeps its ARN.
pub(super) async fn an_update_replaces_what_a_policy_says(trial: &Trial<'_>) -> Result {
    let mut policy = scanning_in(trial, 3);
    let arn = trial.policy(policy.clone()).await?;
    policy.scan_schedule = "cron(15 4 ? * TUE *)".to_owned();
    let update = UpdateConfigurationDefinition::new(&arn, policy.clone());
    trial.call(update).await?;
    same("the policy", found(trial, &arn).await?.policy, policy)
}

/// A policy can be renamed: its name alone changes.
pub(super) async fn a_policy_is_renamed(trial: &Trial<'_>) -> Result {
    let mut policy = scanning_in(trial, 3);
    let arn = trial.policy(policy.clone()).await?;
    policy.name = trial.unique_name();
    let rename = UpdateConfigurationManager::new(&arn, &*policy.name);
    trial.call(rename).await?;
    same("the policy", found(trial, &arn).await?.policy, policy)
}

/// A deleted policy is gone.
pub(super) async fn a_deleted_policy_is_gone(trial: &Trial<'_>) -> Result {
    let arn = trial.policy(scanning_in(trial, 3)).await?;
    trial.call(DeleteConfigurationManager::new(&arn)).await?;
    let read = GetConfigurationManager::new(&arn);
    trial.refuses(read, NotFound).await?;
    let found = listed(trial).await?;
    let gone = !found.iter().any(|policy| policy.arn == arn);
    holds(gone, "it is still listed")
}

/// A policy that is not there is NotFound, to read, to change and to delete.
pub(super) async fn an_unknown_policy_is_not_found(trial: &Trial<'_>) -> Result {
    let arn = PatchPolicyArn::new(NOBODYS);
    let read = GetConfigurationManager::new(&arn);
    trial.refuses(read, NotFound).await?;
    let update = UpdateConfigurationDefinition::new(&arn, scanning_in(trial, 3));
    trial.refuses(update, NotFound).await?;
    let delete = DeleteConfigurationManager::new(&arn);
    trial.refuses(delete, NotFound).await
}

/// A configuration that is not there is NotFound, and so are those of a policy that is not there.
pub(super) async fn an_unknown_configuration_is_not_found(trial: &Trial<'_>) -> Result {
    let read = GetConfiguration::new("no-such-configuration");
    trial.refuses(read, NotFound).await?;
    let list = ListConfigurations::of(PatchPolicyArn::new(NOBODYS));
    trial.refuses(list, NotFound).await
}

/// A policy for several Regions and a tag reads back as it was made.
pub(super) async fn a_policy_for_several_regions_reads_back_as_made(trial: &Trial<'_>) -> Result {
    let mut policy = scanning_in(trial, 3);
    policy.targets = PolicyTargets::Tag(Tag::new("Environment", "production"));
    policy.regions = ["us-east-1", "us-west-2", "eu-west-1"]
        .map(str::to_owned)
        .into();
    let arn = trial.policy(policy.clone()).await?;
    same("the policy", found(trial, &arn).await?.policy, policy)
}

/// What is deployed of a policy is listed once, under its policy, and can be read by its id.
pub(super) async fn each_configuration_of_a_policy_is_listed_once_and_can_be_read(
    trial: &Trial<'_>,
) -> Result {
    let arn = trial.policy(scanning_in(trial, 3)).await?;
    trial.policy(scanning_in(trial, 3)).await?;
    trial.advance(Duration::from_secs(15 * 60)).await;
    let listed = trial
        .every(|page| ListConfigurations::of(&arn).with_page(page.with_max_results(1)))
        .await?;
    same("configurations", listed.len(), 1)?;
    for one in listed {
        same("ManagerArn", one.manager_arn.as_ref(), Some(&arn))?;
        let status = one.deployment().and_then(|status| status.status.clone());
        same("Status", status, Some(PolicyStatus::Succeeded))?;
        let id = one.id.ok_or_else(|| Failure::new("it has no id"))?;
        let read = trial.call(GetConfiguration::new(&id)).await?;
        same("Id", read.id, Some(id))?;
        same("Account", read.account, one.account)?;
        same("Region", read.region, one.region)?;
        same(
            "StatusSummaries",
            read.status_summaries,
            one.status_summaries,
        )?;
        let parameters = read.parameters.unwrap_or_default();
        let text = "the parameters lack the schedule";
        holds(
            parameters.contains_key("ConfigurationOptionsScanValue"),
            text,
        )?;
    }
    Ok(())
}

/// A schedule that is no cron expression is refused.
pub(super) async fn a_bad_schedule_is_refused(trial: &Trial<'_>) -> Result {
    // Not the empty text: on the service's wire it stands for no schedule, which has a default.
    for schedule in ["daily", "cron(99 0 * * ? *)", "rate(1 day)"] {
        let mut policy = scanning_in(trial, 3);
        policy.scan_schedule = schedule.to_owned();
        let create = CreateConfigurationManager::new(policy);
        trial.refuses_new(create, InvalidInput).await?;
    }
    Ok(())
}

/// What is refused as a new policy is refused as an update, which then changes nothing.
pub(super) async fn a_bad_update_changes_nothing(trial: &Trial<'_>) -> Result {
    let policy = scanning_in(trial, 3);
    let arn = trial.policy(policy.clone()).await?;
    let mut bad = policy.clone();
    bad.scan_schedule = "daily".to_owned();
    let update = UpdateConfigurationDefinition::new(&arn, bad);
    trial.refuses(update, InvalidInput).await?;
    same("the policy", found(trial, &arn).await?.policy, policy)
}

/// A policy scans at its time, and not before.
pub(super) async fn a_policy_fires_at_its_time_and_not_before(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let at = trial.now() + 3.hours();
    trial.policy(scanning_in(trial, 3)).await?;
    let before = trial.state(&node).await?;
    trial.advance(Duration::from_hours(2)).await;
    same("an hour before", &trial.state(&node).await?, &before)?;
    trial.advance(Duration::from_hours(2)).await;
    let state = trial.patched(&node).await?;
    same("Operation", state.operation, PatchOperation::Scan)?;
    let (minute, began) = (at.as_second() / 60 * 60, state.operation_start_time);
    let text = format!("it scanned at {began}, before {at}");
    holds(began.as_second() >= minute, text)
}

/// A deleted policy does not fire.
pub(super) async fn a_deleted_policy_does_not_fire(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let arn = trial.policy(scanning_in(trial, 3)).await?;
    trial.call(DeleteConfigurationManager::new(&arn)).await?;
    let before = trial.state(&node).await?;
    trial.advance(Duration::from_hours(4)).await;
    same("the patch state", trial.state(&node).await?, before)
}

/// A policy uses its own baselines, not that of the node's group. Its report names neither: the ids
/// are random (User Guide, patch-manager-policies).
pub(super) async fn a_policy_overrides_the_baseline_of_the_group(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let (of_group, _) = trial.approve_everything_on(&node, OS).await?;
    let own = trial.empty_baseline(OS).await?;
    let policy = by_baseline(scanning_in(trial, 3), own);
    trial.policy(policy).await?;
    let before = trial.scan(&node).await?;
    same("before", &before.baseline_id, &of_group)?;
    let text = "the harness gave a node with nothing missing";
    holds(before.missing_count > 0, text)?;
    trial.advance(Duration::from_hours(4)).await;
    let state = trial.patched(&node).await?;
    same("MissingCount", state.missing_count, 0)?;
    let is_own = state.baseline_id != of_group;
    holds(is_own, "the report names the group's baseline")
}

/// A policy that installs, installs.
pub(super) async fn a_policy_installs_at_its_time(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let (id, _) = trial.approve_everything_on(&node, OS).await?;
    let missing = trial.scan(&node).await?.missing_count;
    holds(missing > 0, "the harness gave a node with nothing missing")?;
    // The scan comes half a day later, so that only the install can have happened.
    let mut policy = by_baseline(scanning_in(trial, 15), id);
    policy.install_schedule = Some(scanning_in(trial, 3).scan_schedule);
    trial.policy(policy).await?;
    trial.advance(Duration::from_hours(6)).await;
    is_installed(trial).await
}

/// Fails unless a policy of these targets scans the Linux node and not the Windows node.
async fn scans_linux_only(trial: &Trial<'_>, targets: PolicyTargets) -> Result {
    let node = trial.linux_node();
    let mut policy = scanning_in(trial, 3);
    policy.targets = targets;
    trial.policy(policy).await?;
    trial.advance(Duration::from_hours(4)).await;
    let inside = trial.state(&node).await?;
    holds(inside.is_some(), "the node it means has no patch state")?;
    let outside = trial.state(&trial.windows_node()).await?;
    same("the state of another node", outside, None)
}

/// A policy for nodes by id patches those only.
pub(super) async fn a_policy_patches_the_nodes_it_names(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    scans_linux_only(trial, PolicyTargets::InstanceIds(vec![node])).await
}

/// A policy for a tag patches the nodes that have it only.
pub(super) async fn a_policy_patches_the_nodes_of_its_tag(trial: &Trial<'_>) -> Result {
    let key = trial.tag_apart("meant", "not meant").await?;
    scans_linux_only(trial, PolicyTargets::Tag(Tag::new(key, "meant"))).await
}

/// After an update a policy fires by its new schedule, and no longer by the old one.
pub(super) async fn an_updated_policy_fires_by_its_new_schedule(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let policy = scanning_in(trial, 3);
    let arn = trial.policy(policy.clone()).await?;
    let mut later = policy;
    later.scan_schedule = scanning_in(trial, 8).scan_schedule;
    let update = UpdateConfigurationDefinition::new(&arn, later);
    trial.call(update).await?;
    let before = trial.state(&node).await?;
    trial.advance(Duration::from_hours(5)).await;
    same("by the old schedule", trial.state(&node).await?, before)?;
    trial.advance(Duration::from_hours(5)).await;
    let state = trial.state(&node).await?;
    holds(state.is_some(), "it did not fire by the new schedule")
}

/// A policy is deployed for a while, and then it has succeeded.
pub(super) async fn a_policy_is_deployed_and_then_succeeds(trial: &Trial<'_>) -> Result {
    let is_early = |status: &PolicyStatus| {
        matches!(status, PolicyStatus::Initializing | PolicyStatus::Deploying)
    };
    let arn = trial.policy(scanning_in(trial, 3)).await?;
    let status = found(trial, &arn).await?.status;
    let text = format!("right after its creation the policy is {status}");
    holds(is_early(&status), text)?;
    for _ in 0..120 {
        let status = found(trial, &arn).await?.status;
        if !is_early(&status) {
            return same("in the end", status, PolicyStatus::Succeeded);
        }
        trial.advance(POLL).await;
    }
    Err(Failure::new("the deployment does not end"))
}

/// If a scan and an install are due at the same time, what is reported is the install.
pub(super) async fn an_install_takes_the_place_of_a_scan_due_with_it(trial: &Trial<'_>) -> Result {
    let (id, _) = trial.approve_everything_on(&trial.linux_node(), OS).await?;
    let mut policy = by_baseline(scanning_in(trial, 3), id);
    policy.install_schedule = Some(policy.scan_schedule.clone());
    trial.policy(policy).await?;
    trial.advance(Duration::from_hours(6)).await;
    is_installed(trial).await
}
