//! Rules of what a run is given instead of the present rules of the baseline: a snapshot, or a file.

use super::expect::{holds, same};
use super::patch_state::{missing, open_linux};
use super::{Result, Trial};
use crate::backend::UpdatePatchBaseline;
use crate::baseline::{ApprovalRules, BaselineChanges};
use crate::compliance::PatchState;
use crate::operation::{CommandInvocation, InvocationStatus, SendCommand};
use crate::types::{NodeId, PatchOperation};

/// Runs an operation with these parameters on a node.
async fn run_with(
    trial: &Trial<'_>,
    node: &NodeId,
    operation: PatchOperation,
    parameters: &[(&str, &str)],
) -> Result<CommandInvocation> {
    let mut request = SendCommand::run_patch_baseline(operation);
    request.instance_ids = vec![node.clone()];
    for (name, value) in parameters {
        request.set_parameter(*name, *value);
    }
    let command = trial.call(request).await?.command_id;
    trial.ended(&command).await
}

async fn succeeds(
    trial: &Trial<'_>,
    node: &NodeId,
    operation: PatchOperation,
    parameters: &[(&str, &str)],
) -> Result {
    let ended = run_with(trial, node, operation, parameters).await?;
    same("Status", ended.status, InvocationStatus::Success)
}

/// A file in a bucket that nobody has.
fn no_file(trial: &Trial<'_>) -> String {
    format!("s3://{}/none.yaml", trial.unique_name())
}

/// Two runs with one snapshot id judge by the rules that the baseline had at the first.
pub(super) async fn a_known_snapshot_keeps_the_rules_of_its_first_run(trial: &Trial<'_>) -> Result {
    let (node, baseline, _) = open_linux(trial).await?;
    let id = trial.unique_uuid();
    let under = [("SnapshotId", id.as_str())];
    succeeds(trial, &node, PatchOperation::Scan, &under).await?;
    let before = missing(trial, &node).await?;
    let changes = BaselineChanges {
        approval_rules: Some(ApprovalRules::default()),
        ..BaselineChanges::default()
    };
    let update = UpdatePatchBaseline::new(&baseline, changes);
    trial.call(update).await?;
    succeeds(trial, &node, PatchOperation::Scan, &under).await?;
    let again = missing(trial, &node).await?;
    same("what is missing under the known id", again, before)?;
    succeeds(trial, &node, PatchOperation::Scan, &[]).await?;
    let now = trial.in_state(&node, &PatchState::Missing).await?;
    same(
        "what is missing by the changed rules",
        now,
        Vec::<String>::new(),
    )
}

/// A scan does not read its override list.
pub(super) async fn a_scan_reads_no_override_list(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let file = no_file(trial);
    let list = [("InstallOverrideList", file.as_str())];
    succeeds(trial, &node, PatchOperation::Scan, &list).await
}

/// An install whose override list cannot be read fails, whether its snapshot is known or not, and installs
/// nothing.
pub(super) async fn an_install_without_its_override_list_fails_and_installs_nothing(
    trial: &Trial<'_>,
) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let (id, file) = (trial.unique_uuid(), no_file(trial));
    let parameters = [
        ("SnapshotId", id.as_str()),
        ("InstallOverrideList", file.as_str()),
    ];
    succeeds(trial, &node, PatchOperation::Scan, &parameters[..1]).await?;
    let before = missing(trial, &node).await?;
    for parameters in [&parameters[..], &parameters[1..]] {
        let ended = run_with(trial, &node, PatchOperation::Install, parameters).await?;
        same("Status", ended.status, InvocationStatus::Failed)?;
    }
    trial.scan(&node).await?;
    same("what is missing", missing(trial, &node).await?, before)
}

/// A baseline override and an override list together fail an install.
pub(super) async fn two_overrides_together_fail_the_run(trial: &Trial<'_>) -> Result {
    let (node, _, _) = open_linux(trial).await?;
    let file = no_file(trial);
    let parameters = [
        ("BaselineOverride", file.as_str()),
        ("InstallOverrideList", file.as_str()),
    ];
    let ended = run_with(trial, &node, PatchOperation::Install, &parameters).await?;
    let failed = ended.status == InvocationStatus::Failed;
    holds(failed, format!("the run ended as {}", ended.status))
}
