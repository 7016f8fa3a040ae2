//! Rules of the power of instances.

use super::expect::{holds, refused, same};
use super::patch_state::{install, open_windows};
use super::trial::{POLL, POLLS};
use super::{Failure, Trial};
use crate::backend::{NodeInventoryExt, RebootInstances, StartInstances, StopInstances};
use crate::error::ErrorKind;
use crate::types::{InstanceStateChange, NodeId, RebootOption};

/// A well-formed id of no instance.
const NOBODYS: &str = "i-0fedcba9876543210";

async fn state(trial: &Trial<'_>, id: &NodeId) -> Result<String, Failure> {
    let nodes = trial.harness().nodes();
    let mut instances = nodes.named_instances(std::slice::from_ref(id)).await?;
    let instance = instances.pop();
    let told = || Failure::new("EC2 does not describe the instance");
    Ok(instance.ok_or_else(told)?.state.name)
}

/// Waits until an instance is in this state.
async fn becomes(trial: &Trial<'_>, id: &NodeId, expected: &str) -> Result<(), Failure> {
    for _ in 0..POLLS {
        if state(trial, id).await? == expected {
            return Ok(());
        }
        trial.harness().advance(POLL).await;
    }
    Err(Failure::new(format!("{id} does not become {expected}")))
}

/// The one change of a call, from this state to one of these.
fn changed(
    changes: &[InstanceStateChange],
    id: &NodeId,
    previous: &str,
    current: &[&str],
) -> Result<(), Failure> {
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
pub(super) async fn a_stopped_instance_starts_again(trial: &Trial<'_>) -> Result<(), Failure> {
    let (id, power) = (trial.harness().linux_node(), trial.harness().power());
    let changes = power.stop_instances(StopInstances::new([&id])).await?;
    changed(&changes, &id, "running", &["stopping", "stopped"])?;
    becomes(trial, &id, "stopped").await?;
    let changes = power.start_instances(StartInstances::new([&id])).await?;
    changed(&changes, &id, "stopped", &["pending", "running"])?;
    becomes(trial, &id, "running").await
}

/// A running instance that is started stays as it is, and so does a stopped one that is stopped.
pub(super) async fn what_runs_or_rests_already_stays_so(trial: &Trial<'_>) -> Result<(), Failure> {
    let (id, power) = (trial.harness().linux_node(), trial.harness().power());
    let changes = power.start_instances(StartInstances::new([&id])).await?;
    changed(&changes, &id, "running", &["running"])?;
    power.stop_instances(StopInstances::new([&id])).await?;
    becomes(trial, &id, "stopped").await?;
    let changes = power.stop_instances(StopInstances::new([&id])).await?;
    changed(&changes, &id, "stopped", &["stopped"])?;
    power.start_instances(StartInstances::new([&id])).await?;
    becomes(trial, &id, "running").await
}

/// A call that names an unknown instance changes none.
pub(super) async fn a_change_of_power_with_an_unknown_instance_changes_none(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (id, power) = (trial.harness().linux_node(), trial.harness().power());
    let ids = || [id.clone(), NodeId::new(NOBODYS)];
    let kind = ErrorKind::NotFound;
    let stopped = power.stop_instances(StopInstances::new(ids())).await;
    refused("StopInstances", stopped, kind)?;
    same("state", state(trial, &id).await?, "running")?;
    let started = power.start_instances(StartInstances::new(ids())).await;
    refused("StartInstances", started, kind)?;
    let rebooted = power.reboot_instances(RebootInstances::new(ids())).await;
    refused("RebootInstances", rebooted, kind)
}

/// A stopped instance is not rebooted: it has to be started.
pub(super) async fn an_instance_that_does_not_run_is_not_rebooted(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (id, power) = (trial.harness().linux_node(), trial.harness().power());
    power.stop_instances(StopInstances::new([&id])).await?;
    becomes(trial, &id, "stopped").await?;
    let rebooted = power.reboot_instances(RebootInstances::new([&id])).await;
    refused("RebootInstances", rebooted, ErrorKind::Conflict)?;
    same("state", state(trial, &id).await?, "stopped")?;
    power.start_instances(StartInstances::new([&id])).await?;
    becomes(trial, &id, "running").await
}

/// A call without an instance is refused.
pub(super) async fn a_change_of_power_needs_an_instance(trial: &Trial<'_>) -> Result<(), Failure> {
    let power = trial.harness().power();
    let none = || Vec::<NodeId>::new();
    let kind = ErrorKind::InvalidInput;
    let started = power.start_instances(StartInstances::new(none())).await;
    refused("StartInstances", started, kind)?;
    let stopped = power.stop_instances(StopInstances::new(none())).await;
    refused("StopInstances", stopped, kind)?;
    let rebooted = power.reboot_instances(RebootInstances::new(none())).await;
    refused("RebootInstances", rebooted, kind)
}

/// A node with patches that wait for a reboot.
async fn pending_a_reboot(trial: &Trial<'_>) -> Result<NodeId, Failure> {
    let (id, _) = open_windows(trial).await?;
    let state = install(trial, &id, RebootOption::NoReboot).await?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    holds(pending > 0, "no patch waits for a reboot")?;
    Ok(id)
}

async fn has_no_patch_pending(trial: &Trial<'_>, id: &NodeId) -> Result<(), Failure> {
    let state = trial.scan(id).await?;
    let pending = state.installed_pending_reboot_count.unwrap_or_default();
    same("InstalledPendingRebootCount", pending, 0)
}

/// A reboot by EC2 is the reboot that installed patches wait for.
pub(super) async fn a_rebooted_instance_has_no_patch_pending(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = pending_a_reboot(trial).await?;
    let power = trial.harness().power();
    power.reboot_instances(RebootInstances::new([&id])).await?;
    has_no_patch_pending(trial, &id).await
}

/// A stop and a start are the reboot that installed patches wait for.
pub(super) async fn a_started_instance_has_no_patch_pending(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let id = pending_a_reboot(trial).await?;
    let power = trial.harness().power();
    power.stop_instances(StopInstances::new([&id])).await?;
    becomes(trial, &id, "stopped").await?;
    power.start_instances(StartInstances::new([&id])).await?;
    becomes(trial, &id, "running").await?;
    has_no_patch_pending(trial, &id).await
}
