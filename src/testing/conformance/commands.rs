//! Rules of commands.

use std::collections::BTreeSet;

use super::expect::{all, holds, one, refused, same};
use super::{Failure, Trial};
use crate::backend::{
    CancelCommand, GetCommandInvocation, ListCommandInvocations, ListCommands, NodeInventoryExt,
};
use crate::error::{Error, ErrorKind, Result};
use crate::operation::{
    CommandInvocation, CommandPluginStatus, CommandStatus, InvocationStatus, SendCommand,
};
use crate::page::{PageRequest, paginate};
use crate::types::{CommandId, NodeId, PatchOperation, RebootOption, Tag, Target};

const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

fn scan_of(ids: impl IntoIterator<Item = NodeId>) -> SendCommand {
    let mut request = SendCommand::run_patch_baseline(PatchOperation::Scan);
    request.instance_ids = ids.into_iter().collect();
    request
}

pub(super) async fn send_scan(trial: &Trial<'_>, node: &NodeId) -> Result<CommandId> {
    trial
        .send(node, PatchOperation::Scan, RebootOption::NoReboot)
        .await
}

/// Sends what should be refused.
async fn refuses(
    trial: &Trial<'_>,
    what: &str,
    request: SendCommand,
    kind: ErrorKind,
) -> Result<(), Failure> {
    let answer = trial.harness().commands().send_command(request).await;
    refused(what, answer, kind)
}

/// A document that is not there is NotFound.
pub(super) async fn an_unknown_document_is_not_found(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = scan_of([trial.harness().linux_node()]);
    request.document_name = trial.unique_name();
    refuses(trial, "the document", request, ErrorKind::NotFound).await
}

/// A node that is not managed is refused.
pub(super) async fn an_unmanaged_node_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let request = scan_of(["i-0fedcba9876543210".into()]);
    refuses(trial, "the node", request, ErrorKind::InvalidInput).await
}

/// A command is for node ids or for targets, not for both.
pub(super) async fn ids_and_targets_together_are_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = scan_of([trial.harness().linux_node()]);
    request.targets = vec![Target::tag("Environment", ["test"])];
    refuses(trial, "both", request, ErrorKind::InvalidInput).await
}

/// Nor for neither.
pub(super) async fn neither_ids_nor_targets_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    refuses(trial, "neither", scan_of([]), ErrorKind::InvalidInput).await
}

/// A command takes at most 50 node ids.
pub(super) async fn more_than_50_ids_are_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let ids = (0..51).map(|n| NodeId::new(format!("i-{n:017x}")));
    refuses(trial, "51 ids", scan_of(ids), ErrorKind::InvalidInput).await
}

/// A node id stands in a command once.
pub(super) async fn a_repeated_id_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let id = trial.harness().linux_node();
    let request = scan_of([id.clone(), id]);
    refuses(trial, "the same id twice", request, ErrorKind::InvalidInput).await
}

/// The document needs to be told what to do.
pub(super) async fn a_missing_operation_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = scan_of([trial.harness().linux_node()]);
    request.parameters.remove("Operation");
    refuses(trial, "no Operation", request, ErrorKind::InvalidInput).await
}

/// It knows Scan and Install.
pub(super) async fn an_unknown_operation_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = scan_of([trial.harness().linux_node()]);
    request.set_parameter("Operation", "scan");
    refuses(trial, "`scan`", request, ErrorKind::InvalidInput).await
}

/// A parameter that the document does not declare is refused.
pub(super) async fn an_undeclared_parameter_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let mut request = scan_of([trial.harness().linux_node()]);
    request.set_parameter("Colour", "blue");
    refuses(trial, "Colour", request, ErrorKind::InvalidInput).await
}

/// Delivery may take 30 seconds to 30 days.
pub(super) async fn the_delivery_timeout_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    for seconds in [29, 2_592_001] {
        let mut request = scan_of([trial.harness().linux_node()]);
        request.timeout_seconds = Some(seconds);
        let what = format!("{seconds} seconds");
        refuses(trial, &what, request, ErrorKind::InvalidInput).await?;
    }
    Ok(())
}

/// A sent command says what it was sent with.
pub(super) async fn a_sent_command_says_what_it_was_sent_with(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let mut request = scan_of([node.clone()]);
    request.comment = Some("made by the conformance suite".to_owned());
    let command = trial
        .harness()
        .commands()
        .send_command(request.clone())
        .await?;
    trial.ended(&command.command_id).await?;
    same(
        "DocumentName",
        &command.document_name,
        &request.document_name,
    )?;
    same("Comment", Some(&command.comment), request.comment.as_ref())?;
    same("InstanceIds", &command.instance_ids, &vec![node])?;
    same("Parameters", &command.parameters, &request.parameters)?;
    holds(command.command_id.is_well_formed(), "the id is no UUID")
}

/// Right after sending an invocation may not be known yet; it is never anything but NotYet. In the
/// end the run is a success.
pub(super) async fn an_invocation_is_not_yet_there_and_then_succeeds(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let command = send_scan(trial, &node).await?;
    let runner = trial.harness().commands();
    let at_once = runner
        .get_command_invocation(GetCommandInvocation::new(&command, &node))
        .await;
    match at_once.as_ref().map_err(Error::kind) {
        Ok(detail) => holds(!detail.status.is_terminal(), "it ended before it began")?,
        Err(kind) => same("right after sending", kind, ErrorKind::NotYet)?,
    }
    let ended = trial.ended(&command).await?;
    same("Status", ended.status, InvocationStatus::Success)?;
    let detail = runner
        .get_command_invocation(GetCommandInvocation::new(&command, &node))
        .await?;
    same("Status", detail.status, InvocationStatus::Success)
}

async fn the_two_other_steps_are_skipped(
    trial: &Trial<'_>,
    node: NodeId,
    own: &str,
) -> Result<(), Failure> {
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
pub(super) async fn on_linux_two_of_three_steps_are_skipped(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    the_two_other_steps_are_skipped(trial, trial.harness().linux_node(), "PatchLinux").await
}

/// On Windows those for Linux and macOS.
pub(super) async fn on_windows_two_of_three_steps_are_skipped(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    the_two_other_steps_are_skipped(trial, trial.harness().windows_node(), "PatchWindows").await
}

/// A step's output is had by its name.
pub(super) async fn output_is_had_by_the_name_of_the_step(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let command = send_scan(trial, &node).await?;
    trial.ended(&command).await?;
    let runner = trial.harness().commands();
    let detail = runner
        .get_command_invocation(
            GetCommandInvocation::new(&command, &node).with_plugin_name("PatchLinux"),
        )
        .await?;
    same("PluginName", detail.plugin_name.as_str(), "PatchLinux")?;
    same("ResponseCode", detail.response_code, 0)?;
    holds(
        !detail.standard_output_content.is_empty(),
        "there is no output",
    )
}

/// A step that the document does not have is refused.
pub(super) async fn an_unknown_step_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let command = send_scan(trial, &node).await?;
    trial.ended(&command).await?;
    let runner = trial.harness().commands();
    let answer = runner
        .get_command_invocation(
            GetCommandInvocation::new(&command, &node).with_plugin_name("PatchToaster"),
        )
        .await;
    refused("PatchToaster", answer, ErrorKind::InvalidInput)
}

/// A command that never was is not found, or not there yet, or in an empty listing: no answer of AWS
/// to such an id is recorded. What must not be is that it has done something.
pub(super) async fn an_unknown_command_is_not_found(trial: &Trial<'_>) -> Result<(), Failure> {
    let (runner, id) = (trial.harness().commands(), CommandId::new(NOBODYS));
    let node = trial.harness().linux_node();
    let detail = runner
        .get_command_invocation(GetCommandInvocation::new(&id, &node))
        .await;
    absent("GetCommandInvocation", detail.map(|_| false))?;
    let listed = runner.list_commands(ListCommands::of(id.clone())).await;
    absent("ListCommands", listed.map(|page| page.items.is_empty()))?;
    let request = ListCommandInvocations::of(id.clone());
    let listed = runner.list_command_invocations(request).await;
    absent(
        "ListCommandInvocations",
        listed.map(|page| page.items.is_empty()),
    )?;
    let cancelled = runner.cancel_command(CancelCommand::new(&id)).await;
    absent("CancelCommand", cancelled.map(|()| false))
}

/// Whether an answer is empty, or says that there is nothing or nothing yet.
fn absent(operation: &str, is_empty: crate::Result<bool>) -> Result<(), Failure> {
    match is_empty {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(format!("{operation}: knows the command"))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotYet) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The counters of a command say how many nodes it was for, ended and failed on.
pub(super) async fn counters_count_the_nodes(trial: &Trial<'_>) -> Result<(), Failure> {
    let harness = trial.harness();
    let request = scan_of([harness.linux_node(), harness.windows_node()]);
    let sent = harness.commands().send_command(request).await?;
    for _ in 0..100 {
        let request = ListCommands::of(sent.command_id.clone());
        let page = harness.commands().list_commands(request).await?;
        let command = one("the command", &page.items, |_| true)?;
        if command.status.is_terminal() {
            same("Status", &command.status, &CommandStatus::Success)?;
            same("TargetCount", command.target_count, 2)?;
            same("CompletedCount", command.completed_count, 2)?;
            same("ErrorCount", command.error_count, 0)?;
            return same("DeliveryTimedOutCount", command.delivery_timed_out_count, 0);
        }
        harness.advance(std::time::Duration::from_secs(30)).await;
    }
    Err(Failure::new("the command does not end"))
}

/// A command cancelled before it started never runs.
pub(super) async fn a_command_cancelled_in_time_never_runs(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let before = trial.state(&node).await?;
    let command = send_scan(trial, &node).await?;
    trial
        .harness()
        .commands()
        .cancel_command(CancelCommand::new(&command))
        .await?;
    let ended = trial.ended(&command).await?;
    same("Status", ended.status, InvocationStatus::Cancelled)?;
    same("the patch state", trial.state(&node).await?, before)
}

/// Commands are listed by id.
pub(super) async fn commands_are_listed_by_id(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let first = send_scan(trial, &node).await?;
    let second = send_scan(trial, &node).await?;
    trial.ended(&first).await?;
    trial.ended(&second).await?;
    let runner = trial.harness().commands();
    let page = runner
        .list_commands(ListCommands::of(first.clone()))
        .await?;
    let ids: Vec<_> = page.items.into_iter().map(|one| one.command_id).collect();
    same("commands", ids, [first])
}

/// Invocations are listed by command, and have their steps only where details are asked for.
pub(super) async fn invocations_have_steps_where_asked_for(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let command = send_scan(trial, &node).await?;
    trial.ended(&command).await?;
    let mut request = ListCommandInvocations::of(command.clone());
    request.details = false;
    let runner = trial.harness().commands();
    let page = runner.list_command_invocations(request).await?;
    let nodes: Vec<_> = page.items.iter().map(|on| &on.instance_id).collect();
    same("nodes", nodes, [&node])?;
    holds(
        page.items.iter().all(|on| on.command_plugins.is_empty()),
        "there are steps that nobody asked for",
    )
}

/// A repeated send is a second run.
pub(super) async fn a_repeated_send_is_a_second_run(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let first = send_scan(trial, &node).await?;
    let second = send_scan(trial, &node).await?;
    trial.ended(&first).await?;
    trial.ended(&second).await?;
    holds(first != second, "both have the same id")
}

/// A comment has at most 100 characters.
pub(super) async fn the_length_of_a_comment_is_bounded(trial: &Trial<'_>) -> Result<(), Failure> {
    let of = |length| {
        let mut request = scan_of([trial.harness().linux_node()]);
        request.comment = Some("c".repeat(length));
        request
    };
    refuses(trial, "101 characters", of(101), ErrorKind::InvalidInput).await?;
    let sent = trial.harness().commands().send_command(of(100)).await?;
    trial.ended(&sent.command_id).await?;
    same("Comment", sent.comment, "c".repeat(100))
}

/// A snapshot id is a UUID.
pub(super) async fn a_malformed_snapshot_id_is_refused(trial: &Trial<'_>) -> Result<(), Failure> {
    for id in ["yesterday", "00000000-0000-4000-8000-00000000000g"] {
        let mut request = scan_of([trial.harness().linux_node()]);
        request.set_parameter("SnapshotId", id);
        refuses(trial, id, request, ErrorKind::InvalidInput).await?;
    }
    let mut request = scan_of([trial.harness().linux_node()]);
    request.set_parameter("SnapshotId", NOBODYS);
    let sent = trial.harness().commands().send_command(request).await?;
    let ended = trial.ended(&sent.command_id).await?;
    same("Status", ended.status, InvocationStatus::Success)
}

/// Every invocation that a request lists.
pub(super) async fn invocations(
    trial: &Trial<'_>,
    request: ListCommandInvocations,
) -> Result<Vec<CommandInvocation>, Failure> {
    let runner = trial.harness().commands();
    all(paginate(|token| {
        let page = PageRequest::first().with_next_token(token);
        let (runner, request) = (runner.clone(), request.clone().with_page(page));
        async move { runner.list_command_invocations(request).await }
    }))
    .await
}

/// The nodes that a command to these targets runs on, once it has ended.
async fn targeted(trial: &Trial<'_>, targets: Vec<Target>) -> Result<BTreeSet<NodeId>, Failure> {
    let mut request = scan_of([]);
    request.targets = targets;
    let sent = trial.harness().commands().send_command(request).await?;
    trial.ended(&sent.command_id).await?;
    let request = ListCommandInvocations::of(sent.command_id);
    let found = invocations(trial, request).await?;
    Ok(found.into_iter().map(|on| on.instance_id).collect())
}

/// The Linux and the Windows node, with values of their own of a tag that no other node has.
async fn tagged(trial: &Trial<'_>) -> Result<(NodeId, NodeId, String), Failure> {
    let (linux, windows) = (trial.harness().linux_node(), trial.harness().windows_node());
    let (nodes, key) = (trial.harness().nodes(), trial.unique_name());
    for (node, value) in [(&linux, "linux"), (&windows, "windows")] {
        trial.will_retag(node).await?;
        nodes.add_tags(node, &[Tag::new(&key, value)]).await?;
    }
    Ok((linux, windows, key))
}

/// Of the values of a target any will do.
pub(super) async fn values_of_a_target_are_ored(trial: &Trial<'_>) -> Result<(), Failure> {
    let (linux, windows, key) = tagged(trial).await?;
    let one = targeted(trial, vec![Target::tag(&key, ["linux"])]).await?;
    same("nodes of one value", one, BTreeSet::from([linux.clone()]))?;
    let both = Target::tag(&key, ["linux", "windows", "other"]);
    let both = targeted(trial, vec![both]).await?;
    same("nodes of either", both, BTreeSet::from([linux, windows]))
}

/// Of several targets a node must be meant by all.
pub(super) async fn targets_are_anded(trial: &Trial<'_>) -> Result<(), Failure> {
    let (linux, _, key) = tagged(trial).await?;
    let other = trial.unique_name();
    let nodes = trial.harness().nodes();
    nodes.add_tags(&linux, &[Tag::new(&other, "yes")]).await?;
    let targets = vec![
        Target::tag(&key, ["linux", "windows"]),
        Target::tag(&other, ["yes"]),
    ];
    let found = targeted(trial, targets).await?;
    same("nodes", found, BTreeSet::from([linux]))
}

/// tag-key means the nodes with the key, whatever its value.
pub(super) async fn a_target_by_tag_key_takes_any_value(trial: &Trial<'_>) -> Result<(), Failure> {
    let (linux, windows, key) = tagged(trial).await?;
    let found = targeted(trial, vec![Target::tag_key([key])]).await?;
    same("nodes", found, BTreeSet::from([linux, windows]))
}
