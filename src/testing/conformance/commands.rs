//! Rules of commands.

use std::collections::BTreeSet;

use super::expect::{first, holds, one, reads_back, same};
use super::trial::POLL;
use super::{Failure, Result, Trial};
use crate::backend::{
    CancelCommand, GetCommandInvocation, ListCommandInvocations, ListCommands, Request,
};
use crate::error::Error;
use crate::error::ErrorKind::{InvalidInput, NotFound, NotYet};
use crate::operation::{
    CloudWatchOutputConfig, Command, CommandInvocation, CommandPluginStatus, CommandStatus,
    DocumentHashType, InvocationStatus, NotificationConfig, NotificationEvent, SendCommand,
};
use crate::page::Page;
use crate::types::alarm::AlarmConfiguration;
use crate::types::{CommandId, NodeId, PatchOperation, RebootOption, SnapshotId, Tag, Target};

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

fn scan_of(ids: impl IntoIterator<Item = NodeId>) -> SendCommand {
    let mut request = SendCommand::run_patch_baseline(PatchOperation::Scan);
    request.instance_ids = ids.into_iter().collect();
    request
}

pub(super) async fn send_scan(trial: &Trial<'_>, node: &NodeId) -> Result<CommandId> {
    let scan = PatchOperation::Scan;
    Ok(trial
        .send(std::slice::from_ref(node), scan, RebootOption::NoReboot)
        .await?)
}

/// A scan of the Linux node with a change.
fn scan_with(trial: &Trial<'_>, change: impl FnOnce(&mut SendCommand)) -> SendCommand {
    let mut request = scan_of([trial.linux_node()]);
    change(&mut request);
    request
}

/// Sends a scan to the Linux node, and waits until it has ended.
pub(super) async fn scanned(trial: &Trial<'_>) -> Result<CommandId> {
    let command = send_scan(trial, &trial.linux_node()).await?;
    trial.ended(&command).await?;
    Ok(command)
}

/// Sends a command, and waits until it has ended.
async fn sent(trial: &Trial<'_>, request: SendCommand) -> Result<(Command, CommandInvocation)> {
    let command = trial.call(request).await?;
    let ended = trial.ended(&command.command_id).await?;
    Ok((command, ended))
}

/// A document that is not there is NotFound.
pub(super) async fn an_unknown_document_is_not_found(trial: &Trial<'_>) -> Result {
    let request = scan_with(trial, |scan| scan.document_name = trial.unique_name());
    trial.refuses(request, NotFound).await
}

/// A node that is not managed is refused.
pub(super) async fn an_unmanaged_node_is_refused(trial: &Trial<'_>) -> Result {
    let request = scan_of(["i-0fedcba9876543210".into()]);
    trial.refuses(request, InvalidInput).await
}

/// A command is for node ids or for targets, not for both.
pub(super) async fn ids_and_targets_together_are_refused(trial: &Trial<'_>) -> Result {
    let targets = vec![Target::tag("Environment", ["test"])];
    let request = scan_with(trial, |scan| scan.targets = targets);
    trial.refuses(request, InvalidInput).await
}

/// Nor for neither.
pub(super) async fn neither_ids_nor_targets_is_refused(trial: &Trial<'_>) -> Result {
    trial.refuses(scan_of([]), InvalidInput).await
}

/// A command takes at most 50 node ids.
pub(super) async fn more_than_50_ids_are_refused(trial: &Trial<'_>) -> Result {
    let ids = (0..51).map(|n| NodeId::new(format!("i-{n:017x}")));
    trial.refuses(scan_of(ids), InvalidInput).await
}

/// A node id stands in a command once.
pub(super) async fn a_repeated_id_is_refused(trial: &Trial<'_>) -> Result {
    let id = trial.linux_node();
    let request = scan_of([id.clone(), id]);
    trial.refuses(request, InvalidInput).await
}

/// The document needs to be told what to do.
pub(super) async fn a_missing_operation_is_refused(trial: &Trial<'_>) -> Result {
    let request = scan_with(trial, |scan| drop(scan.parameters.remove("Operation")));
    trial.refuses(request, InvalidInput).await
}

/// It knows Scan and Install.
pub(super) async fn an_unknown_operation_is_refused(trial: &Trial<'_>) -> Result {
    let request = scan_with(trial, |scan| scan.set_parameter("Operation", "scan"));
    trial.refuses(request, InvalidInput).await
}

/// A parameter that the document does not declare is refused.
pub(super) async fn an_undeclared_parameter_is_refused(trial: &Trial<'_>) -> Result {
    let request = scan_with(trial, |scan| scan.set_parameter("Colour", "blue"));
    trial.refuses(request, InvalidInput).await
}

/// Delivery may take 30 seconds to 30 days.
pub(super) async fn the_delivery_timeout_is_bounded(trial: &Trial<'_>) -> Result {
    for seconds in [29, 2_592_001] {
        let request = scan_with(trial, |scan| scan.timeout_seconds = Some(seconds));
        trial.refuses(request, InvalidInput).await?;
    }
    Ok(())
}

/// A sent command says what it was sent with.
pub(super) async fn a_sent_command_says_what_it_was_sent_with(trial: &Trial<'_>) -> Result {
    let comment = "made by the conformance suite".to_owned();
    let request = scan_with(trial, |scan| scan.comment = Some(comment));
    let (command, _) = sent(trial, request.clone()).await?;
    let members = ["DocumentName", "Comment", "InstanceIds", "Parameters"];
    reads_back(&command, &request, &members)?;
    holds(command.command_id.is_well_formed(), "the id is no UUID")
}

/// It keeps the version of its document, its time limit of delivery, and the places of its output, and its
/// invocations have them too.
pub(super) async fn a_sent_command_keeps_where_its_output_goes(trial: &Trial<'_>) -> Result {
    let request = scan_with(trial, |scan| {
        scan.document_version = Some("1".to_owned());
        scan.timeout_seconds = Some(600);
        scan.output_s3_bucket_name = Some("amzn-s3-demo-bucket".to_owned());
        scan.output_s3_key_prefix = Some("conformance".to_owned());
        let group = CloudWatchOutputConfig::to_group("/aws/ssm/conformance");
        scan.cloud_watch_output_config = Some(group);
    });
    let (command, ended) = sent(trial, request.clone()).await?;
    let members = [
        "DocumentVersion",
        "TimeoutSeconds",
        "OutputS3BucketName",
        "OutputS3KeyPrefix",
        "CloudWatchOutputConfig",
    ];
    reads_back(&command, &request, &members)?;
    let listed = trial.call(ListCommands::of(&command.command_id)).await?;
    reads_back(first("the command", &listed.items)?, &request, &members)?;
    reads_back(
        &ended,
        &request,
        &["DocumentVersion", "CloudWatchOutputConfig"],
    )?;
    for step in &ended.command_plugins {
        reads_back(step, &request, &["OutputS3BucketName"])?;
    }
    let detail = GetCommandInvocation::new(&command.command_id, trial.linux_node());
    let detail = trial.call(detail).await?;
    reads_back(
        &detail,
        &request,
        &["DocumentVersion", "CloudWatchOutputConfig"],
    )
}

/// It keeps its notifications with their role, and its alarm.
pub(super) async fn a_sent_command_keeps_its_notifications_and_its_alarm(
    trial: &Trial<'_>,
) -> Result {
    let role = "arn:aws:iam::111122223333:role/notify";
    let request = scan_with(trial, |scan| {
        let topic = "arn:aws:sns:us-east-1:111122223333:patching";
        let failed = NotificationConfig::new(topic, [NotificationEvent::Failed]);
        scan.notification_config = Some(failed);
        scan.service_role_arn = Some(role.to_owned());
        scan.alarm_configuration = Some(AlarmConfiguration::new("conformance"));
    });
    let (command, ended) = sent(trial, request.clone()).await?;
    let listed = trial.call(ListCommands::of(&command.command_id)).await?;
    for command in [&command, first("the command", &listed.items)?] {
        reads_back(
            command,
            &request,
            &["NotificationConfig", "AlarmConfiguration"],
        )?;
        same("ServiceRole", command.service_role.as_str(), role)?;
    }
    reads_back(&ended, &request, &["NotificationConfig"])?;
    same("ServiceRole", ended.service_role.as_str(), role)
}

/// A hash that is no hash of its algorithm is refused: no document has it.
pub(super) async fn a_hash_that_no_document_has_is_refused(trial: &Trial<'_>) -> Result {
    let request = scan_with(trial, |scan| {
        scan.document_hash = Some("zz".to_owned());
        scan.document_hash_type = Some(DocumentHashType::Sha256);
    });
    trial.refuses(request, InvalidInput).await
}

/// Right after sending an invocation may not be known yet; it is never anything but NotYet. In the
/// end the run is a success.
pub(super) async fn an_invocation_is_not_yet_there_and_then_succeeds(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let command = send_scan(trial, &node).await?;
    let read = GetCommandInvocation::new(&command, &node);
    let at_once = trial.call(read.clone()).await;
    match at_once.as_ref().map_err(Error::kind) {
        Ok(detail) => holds(!detail.status.is_terminal(), "it ended before it began")?,
        Err(kind) => same("right after sending", kind, NotYet)?,
    }
    let ended = trial.ended(&command).await?;
    same("Status", ended.status, InvocationStatus::Success)?;
    let detail = trial.call(read).await?;
    same("Status", detail.status, InvocationStatus::Success)
}

async fn the_two_other_steps_are_skipped(trial: &Trial<'_>, node: NodeId, own: &str) -> Result {
    let command = send_scan(trial, &node).await?;
    let ended = trial.ended(&command).await?;
    same("steps", ended.command_plugins.len(), 3)?;
    for step in &ended.command_plugins {
        same(&step.name, &step.status, &CommandPluginStatus::Success)?;
        let skipped = step.output.contains("skipped");
        same(&format!("{} skipped", step.name), skipped, step.name != own)?;
    }
    one(own, &ended.command_plugins, |step| step.name == own)?;
    Ok(())
}

/// The document has three steps; on Linux those for Windows and macOS are skipped, successfully.
pub(super) async fn on_linux_two_of_three_steps_are_skipped(trial: &Trial<'_>) -> Result {
    the_two_other_steps_are_skipped(trial, trial.linux_node(), "PatchLinux").await
}

/// On Windows those for Linux and macOS.
pub(super) async fn on_windows_two_of_three_steps_are_skipped(trial: &Trial<'_>) -> Result {
    the_two_other_steps_are_skipped(trial, trial.windows_node(), "PatchWindows").await
}

/// A step of an ended scan of the Linux node.
async fn step(trial: &Trial<'_>, name: &str) -> Result<GetCommandInvocation> {
    let command = scanned(trial).await?;
    let request = GetCommandInvocation::new(command, trial.linux_node());
    Ok(request.with_plugin_name(name))
}

/// A step's output is had by its name.
pub(super) async fn output_is_had_by_the_name_of_the_step(trial: &Trial<'_>) -> Result {
    let request = step(trial, "PatchLinux").await?;
    let detail = trial.call(request).await?;
    same("PluginName", detail.plugin_name.as_str(), "PatchLinux")?;
    same("ResponseCode", detail.response_code, 0)?;
    let has_some = !detail.standard_output_content.is_empty();
    holds(has_some, "there is no output")
}

/// A step that the document does not have is refused.
pub(super) async fn an_unknown_step_is_refused(trial: &Trial<'_>) -> Result {
    let request = step(trial, "PatchToaster").await?;
    trial.refuses(request, InvalidInput).await
}

/// A command that never was is not found, or not there yet, or in an empty listing: no answer of AWS
/// to such an id is recorded. What must not be is that it has done something.
pub(super) async fn an_unknown_command_is_not_found(trial: &Trial<'_>) -> Result {
    let (id, node) = (CommandId::new(NOBODYS), trial.linux_node());
    absent(trial, GetCommandInvocation::new(&id, &node), |_| false).await?;
    let is_empty = |page: Page<_>| page.items.is_empty();
    absent(trial, ListCommands::of(&id), is_empty).await?;
    let is_empty = |page: Page<_>| page.items.is_empty();
    absent(trial, ListCommandInvocations::of(&id), is_empty).await?;
    absent(trial, CancelCommand::new(&id), |()| false).await
}

/// Fails unless an answer is empty, or says that there is nothing or nothing yet.
async fn absent<R: Request>(
    trial: &Trial<'_>,
    request: R,
    is_empty: impl FnOnce(R::Answer) -> bool,
) -> Result {
    match trial.call(request).await.map(is_empty) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(format!("{}: knows the command", R::OPERATION))),
        Err(error) if matches!(error.kind(), NotFound | NotYet) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The counters of a command say how many nodes it was for, ended and failed on.
pub(super) async fn counters_count_the_nodes(trial: &Trial<'_>) -> Result {
    let request = scan_of([trial.linux_node(), trial.windows_node()]);
    let id = trial.call(request).await?.command_id;
    for _ in 0..100 {
        let page = trial.call(ListCommands::of(&id)).await?;
        let command = first("the command", &page.items)?;
        if command.status.is_terminal() {
            same("Status", &command.status, &CommandStatus::Success)?;
            same("TargetCount", command.target_count, 2)?;
            same("CompletedCount", command.completed_count, 2)?;
            same("ErrorCount", command.error_count, 0)?;
            return same("DeliveryTimedOutCount", command.delivery_timed_out_count, 0);
        }
        trial.advance(POLL).await;
    }
    Err(Failure::new("the command does not end"))
}

/// A command cancelled before it started never runs.
pub(super) async fn a_command_cancelled_in_time_never_runs(trial: &Trial<'_>) -> Result {
    let node = trial.linux_node();
    let before = trial.state(&node).await?;
    let command = send_scan(trial, &node).await?;
    trial.call(CancelCommand::new(&command)).await?;
    let ended = trial.ended(&command).await?;
    same("Status", ended.status, InvocationStatus::Cancelled)?;
    same("the patch state", trial.state(&node).await?, before)
}

/// Two scans of the Linux node, sent one right after the other, that have ended.
async fn two_at_once(trial: &Trial<'_>) -> Result<[CommandId; 2]> {
    let node = trial.linux_node();
    let first = send_scan(trial, &node).await?;
    let second = send_scan(trial, &node).await?;
    trial.ended(&first).await?;
    trial.ended(&second).await?;
    Ok([first, second])
}

/// Commands are listed by id.
pub(super) async fn commands_are_listed_by_id(trial: &Trial<'_>) -> Result {
    let [first, _] = two_at_once(trial).await?;
    let page = trial.call(ListCommands::of(&first)).await?;
    let ids: Vec<_> = page.items.into_iter().map(|one| one.command_id).collect();
    same("commands", ids, [first])
}

/// Invocations are listed by command, and have their steps only where details are asked for.
pub(super) async fn invocations_have_steps_where_asked_for(trial: &Trial<'_>) -> Result {
    let mut request = ListCommandInvocations::of(scanned(trial).await?);
    request.details = false;
    let page = trial.call(request).await?;
    let nodes: Vec<_> = page.items.iter().map(|on| &on.instance_id).collect();
    same("nodes", nodes, [&trial.linux_node()])?;
    let bare = page.items.iter().all(|on| on.command_plugins.is_empty());
    holds(bare, "there are steps that nobody asked for")
}

/// A repeated send is a second run.
pub(super) async fn a_repeated_send_is_a_second_run(trial: &Trial<'_>) -> Result {
    let [first, second] = two_at_once(trial).await?;
    holds(first != second, "both have the same id")
}

/// A comment has at most 100 characters.
pub(super) async fn the_length_of_a_comment_is_bounded(trial: &Trial<'_>) -> Result {
    let of = |length| scan_with(trial, |scan| scan.comment = Some("c".repeat(length)));
    trial.refuses(of(101), InvalidInput).await?;
    let (command, _) = sent(trial, of(100)).await?;
    same("Comment", command.comment, "c".repeat(100))
}

/// A snapshot id is a UUID.
pub(super) async fn a_malformed_snapshot_id_is_refused(trial: &Trial<'_>) -> Result {
    let of = |id| scan_with(trial, |scan| scan.set_parameter("SnapshotId", id));
    for id in ["yesterday", "00000000-0000-4000-8000-00000000000g"] {
        trial.refuses(of(id), InvalidInput).await?;
    }
    let (_, ended) = sent(trial, of(NOBODYS)).await?;
    same("Status", ended.status, InvocationStatus::Success)
}

/// A listed command has the comment that it was sent with: after a lost reply it is found by it.
pub(super) async fn a_listed_command_has_its_comment(trial: &Trial<'_>) -> Result {
    let comment = format!("{} rollout 00c0ffee00c0ffee 1.1", trial.unique_name());
    let request = scan_with(trial, |scan| scan.comment = Some(comment.clone()));
    let (command, _) = sent(trial, request).await?;
    let listed = trial.every(ListCommands::all).await?;
    let found = one("the comment", &listed, |one| one.comment == comment)?;
    same("CommandId", &found.command_id, &command.command_id)
}

/// The state of a node names the snapshot that its last operation was sent with.
pub(super) async fn a_state_names_the_snapshot_of_the_operation(trial: &Trial<'_>) -> Result {
    let of = |id| scan_with(trial, |scan| scan.set_parameter("SnapshotId", id));
    sent(trial, of(NOBODYS)).await?;
    let state = trial.patched(&trial.linux_node()).await?;
    let snapshot = state.snapshot_id.as_ref().map(SnapshotId::as_str);
    same("SnapshotId", snapshot, Some(NOBODYS))
}

/// Every invocation that a request lists.
pub(super) async fn invocations(
    trial: &Trial<'_>,
    request: ListCommandInvocations,
) -> Result<Vec<CommandInvocation>> {
    trial.every(|page| request.clone().with_page(page)).await
}

/// The nodes that a command to these targets runs on, once it has ended.
async fn targeted(trial: &Trial<'_>, targets: Vec<Target>) -> Result<BTreeSet<NodeId>> {
    let mut request = scan_of([]);
    request.targets = targets;
    let (command, _) = sent(trial, request).await?;
    let request = ListCommandInvocations::of(command.command_id);
    let found = invocations(trial, request).await?;
    Ok(found.into_iter().map(|on| on.instance_id).collect())
}

/// Of the values of a target any will do.
pub(super) async fn values_of_a_target_are_ored(trial: &Trial<'_>) -> Result {
    let (linux, windows) = (trial.linux_node(), trial.windows_node());
    let key = trial.tag_apart("linux", "windows").await?;
    let one = targeted(trial, vec![Target::tag(&key, ["linux"])]).await?;
    same("nodes of one value", one, BTreeSet::from([linux.clone()]))?;
    let both = Target::tag(&key, ["linux", "windows", "other"]);
    let both = targeted(trial, vec![both]).await?;
    same("nodes of either", both, BTreeSet::from([linux, windows]))
}

/// Of several targets a node must be meant by all.
pub(super) async fn targets_are_anded(trial: &Trial<'_>) -> Result {
    let (linux, other) = (trial.linux_node(), trial.unique_name());
    let key = trial.tag_apart("linux", "windows").await?;
    trial.tag(&linux, &Tag::new(&other, "yes")).await?;
    let targets = vec![
        Target::tag(&key, ["linux", "windows"]),
        Target::tag(&other, ["yes"]),
    ];
    let found = targeted(trial, targets).await?;
    same("nodes", found, BTreeSet::from([linux]))
}

/// tag-key means the nodes with the key, whatever its value.
pub(super) async fn a_target_by_tag_key_takes_any_value(trial: &Trial<'_>) -> Result {
    let (linux, windows) = (trial.linux_node(), trial.windows_node());
    let key = trial.tag_apart("linux", "windows").await?;
    let found = targeted(trial, vec![Target::tag_key([key])]).await?;
    same("nodes", found, BTreeSet::from([linux, windows]))
}
