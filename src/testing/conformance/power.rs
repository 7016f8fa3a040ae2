//! Rules of the power of instances.

use super::expect::{holds, same};
use super::patch_state::open_windows;
use super::trial::{POLL, POLLS};
use super::{Failure, Result, Trial};
use crate::backend::{DescribeInstances, RebootInstances, StartInstances, StopInstances};
use crate::error::ErrorKind;
use crate::types::{InstanceStateChange, NodeId, RebootOption};

/// A well-formed id of no instance.
const NOBODYS: &str = "i-0fedcba9876543210";

async fn state(trial: &Trial<'_>, id: &NodeId) -> Result<String> {
    let page = trial.call(DescribeInstances::of([id])).await?;
    let instance = page.items.into_iter().next();
    let told = || Failure::new("EC2 does not describe the instance");
    Ok(instance.ok_or_else(told)?.state.name)
}

/// Waits until an instance is in this state.
async fn becomes(trial: &Trial<'_>, id: &NodeId, expected: &str) -> Result {
    for _ in 0..POLLS {
        if state(trial, id).await? == expected {
            return Ok(());
        }
        trial.advance(POLL).await;
    }
    Err(Failure::new(format!("{id} does not become {expected}")))
}

/// The one change of a call, from this state to one of these.
fn changed(
    changes: &[InstanceStateChange],
    id: &NodeId,
    previous: &str,
    current: &[&str],
) -> Result {
    let told: Vec<_> = changes.iter().map(ToString::to_string).collect();
    let [change] = changes else {
        return Err(Failure::new(format!("one change was due, got {told:?}")));
    };
    same("InstanceId", &change.instance_id, id)?;
    same(
        "PreviousState",
        change.previous_state.name.as_str(),
        previous,
    )?;
    let state = change.current_state.name.as_str();
    holds(
        current.contains(&state),
        format!("CurrentState: expected one of {current:?}, got {state}"),
    )
}

/// A stop goes by `stopping` to `stopped`, and a start by `pending` to `running`.
pub(super) async fn a_stopped_instance_starts_again(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let changes = trial.call(StopInstances::new([&id])).await?;
    changed(&changes, &id, "running", &["stopping", "stopped"])?;
    becomes(trial, &id, "stopped").await?;
    let changes = trial.call(StartInstances::new([&id])).await?;
    changed(&changes, &id, "stopped", &["pending", "running"])?;
    becomes(trial, &id, "running").await
}

/// A running instance that is started stays as it is, and so does a stopped one that is stopped.
pub(super) async fn what_runs_or_rests_already_stays_so(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let changes = trial.call(StartInstances::new([&id])).await?;
    changed(&changes, &id, "running", &["running"])?;
    trial.call(StopInstances::new([&id])).await?;
    becomes(trial, &id, "stopped").await?;
    let changes = trial.call(StopInstances::new([&id])).await?;
    changed(&changes, &id, "stopped", &["stopped"])?;
    trial.call(StartInstances::new([&id])).await?;
    becomes(trial, &id, "running").await
}

/// A call that names an unknown instance changes none.
pub(super) async fn a_change_of_power_with_an_unknown_instance_changes_none(
    trial: &Trial<'_>,
) -> Result {
    let id = trial.linux_node();
    let ids = || [id.clone(), NodeId::new(NOBODYS)];
    let kind = ErrorKind::NotFound;
    trial.refuses(StopInstances::new(ids()), kind).await?;
    same("state", state(trial, &id).await?, "running")?;
    trial.refuses(StartInstances::new(ids()), kind).await?;
    trial.refuses(RebootInstances::new(ids()), kind).await
}

/// A stopped instance is not rebooted: it has to be started.
pub(super) async fn an_instance_that_does_not_run_is_not_rebooted(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    trial.call(StopInstances::new([&id])).await?;
    becomes(trial, &id, "stopped").await?;
    let reboot = RebootInstances::new([&id]);
    trial.refuses(reboot, ErrorKind::Conflict).await?;
    same("state", state(trial, &id).await?, "stopped")?;
    trial.call(StartInstances::new([&id])).await?;
    becomes(trial, &id, "running").await
}

/// A call without an instance is refused.
pub(super) async fn a_change_of_power_needs_an_instance(trial: &Trial<'_>) -> Result {
    let none = || Vec::<NodeId>::new();
    let kind = ErrorKind::InvalidInput;
    trial.refuses(StartInstances::new(none()), kind).await?;
    trial.refuses(StopInstances::new(none()), kind).await?;
    trial.refuses(RebootInstances::new(none()), kind).await
}

/// A node with patches that wait for a reboot.
async fn pending_a_reboot(trial: &Trial<'_>) -> Result<NodeId> {
    let (id, _) = open_windows(trial).await?;
    let state = trial.install(&id, RebootOption::NoReboot).await?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    holds(pending > 0, "no patch waits for a reboot")?;
    Ok(id)
}

async fn has_no_patch_pending(trial: &Trial<'_>, id: &NodeId) -> Result {
    let state = trial.scan(id).await?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    same("InstalledPendingRebootCount", pending, 0)
}

/// A reboot by EC2 is the reboot that installed patches wait for.
pub(super) async fn a_rebooted_instance_has_no_patch_pending(trial: &Trial<'_>) -> Result {
    let id = pending_a_reboot(trial).await?;
    trial.call(RebootInstances::new([&id])).await?;
    has_no_patch_pending(trial, &id).await
}

/// A stop and a start are the reboot that installed patches wait for.
pub(super) async fn a_started_instance_has_no_patch_pending(trial: &Trial<'_>) -> Result {
    let id = pending_a_reboot(trial).await?;
    trial.call(StopInstances::new([&id])).await?;
    becomes(trial, &id, "stopped").await?;
    trial.call(StartInstances::new([&id])).await?;
    becomes(trial, &id, "running").await?;
    has_no_patch_pending(trial, &id).await
}
