//! Rules of the listings of commands and of their invocations.

use std::time::Duration;

use super::commands::{invocations, send_scan};
use super::expect::{all, holds, one, refused, same};
use super::{Failure, Trial};
use crate::backend::{CancelCommand, ListCommandInvocations, ListCommands};
use crate::error::{ErrorKind, Result};
use crate::operation::{CommandFilter, RUN_PATCH_BASELINE};
use crate::page::{PageRequest, paginate};
use crate::types::{CommandId, NodeId};

/// The commands on the Linux node that pass these filters, in the order in which they are listed.
async fn listed(trial: &Trial<'_>, filters: Vec<CommandFilter>) -> Result<Vec<CommandId>, Failure> {
    let runner = trial.harness().commands();
    let commands = all(paginate(|token| {
        let mut request = ListCommands::default().with_filters(filters.clone());
        request.instance_id = Some(trial.harness().linux_node());
        request.page = PageRequest::first().with_next_token(token);
        let runner = runner.clone();
        async move { runner.list_commands(request).await }
    }))
    .await?;
    Ok(commands.into_iter().map(|one| one.command_id).collect())
}

/// The commands whose invocations on the Linux node pass these filters.
async fn listed_by_invocation(
    trial: &Trial<'_>,
    filters: Vec<CommandFilter>,
) -> Result<Vec<CommandId>, Failure> {
    let mut request = ListCommandInvocations::default().with_filters(filters);
    request.instance_id = Some(trial.harness().linux_node());
    let found = invocations(trial, request).await?;
    Ok(found.into_iter().map(|on| on.command_id).collect())
}

/// Fails unless both listings, with this filter, have the one command and not the other.
async fn both_tell(
    trial: &Trial<'_>,
    filters: Vec<CommandFilter>,
    has: &CommandId,
    lacks: &CommandId,
) -> Result<(), Failure> {
    let told = format!("{filters:?}");
    for found in [
        listed(trial, filters.clone()).await?,
        listed_by_invocation(trial, filters).await?,
    ] {
        let text = format!("{told} leaves out what passes");
        holds(found.contains(has), text)?;
        holds(
            !found.contains(lacks),
            format!("{told} lets the other pass"),
        )?;
    }
    Ok(())
}

/// Two scans of the Linux node that have ended, the second sent some minutes after the first.
async fn two_scans(trial: &Trial<'_>) -> Result<(CommandId, CommandId), Failure> {
    let node = trial.harness().linux_node();
    let first = send_scan(trial, &node).await?;
    trial.ended(&first).await?;
    trial.harness().advance(Duration::from_secs(120)).await;
    let second = send_scan(trial, &node).await?;
    trial.ended(&second).await?;
    Ok((first, second))
}

/// The newest command is listed first.
pub(super) async fn the_newest_command_is_listed_first(trial: &Trial<'_>) -> Result<(), Failure> {
    let (first, second) = two_scans(trial).await?;
    let found = listed(trial, Vec::new()).await?;
    let ours = found
        .into_iter()
        .filter(|id| [&first, &second].contains(&id));
    same("commands", ours.collect::<Vec<_>>(), [second, first])
}

/// Both listings are filtered by when a command was sent: from an instant on, or before it.
pub(super) async fn commands_are_filtered_by_when_they_were_sent(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (first, second) = two_scans(trial).await?;
    let runner = trial.harness().commands();
    let page = runner
        .list_commands(ListCommands::of(second.clone()))
        .await?;
    let sent = one("the command", &page.items, |_| true)?.requested_date_time;
    let sent = sent.ok_or_else(|| Failure::new("the command does not say when it was sent"))?;
    let after = vec![CommandFilter::invoked_after(sent)];
    both_tell(trial, after, &second, &first).await?;
    let before = vec![CommandFilter::invoked_before(sent)];
    both_tell(trial, before, &first, &second).await
}

/// Both listings are filtered by status.
pub(super) async fn commands_are_filtered_by_status(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let good = send_scan(trial, &node).await?;
    trial.ended(&good).await?;
    let cancelled = send_scan(trial, &node).await?;
    let runner = trial.harness().commands();
    runner
        .cancel_command(CancelCommand::new(&cancelled))
        .await?;
    trial.ended(&cancelled).await?;
    let by = |status: &str| vec![CommandFilter::status(status)];
    both_tell(trial, by("Success"), &good, &cancelled).await?;
    both_tell(trial, by("Cancelled"), &cancelled, &good).await
}

/// Both listings are filtered by document.
pub(super) async fn commands_are_filtered_by_document(trial: &Trial<'_>) -> Result<(), Failure> {
    let command = send_scan(trial, &trial.harness().linux_node()).await?;
    trial.ended(&command).await?;
    for (name, expected) in [(RUN_PATCH_BASELINE, true), ("AWS-RunShellScript", false)] {
        let by = vec![CommandFilter::document_name(name)];
        let found = listed(trial, by.clone()).await?;
        same(name, found.contains(&command), expected)?;
        let found = listed_by_invocation(trial, by).await?;
        same(name, found.contains(&command), expected)?;
    }
    Ok(())
}

/// Commands are filtered by whether they still run.
pub(super) async fn commands_are_filtered_by_stage(trial: &Trial<'_>) -> Result<(), Failure> {
    let node = trial.harness().linux_node();
    let ended = send_scan(trial, &node).await?;
    trial.ended(&ended).await?;
    let running = send_scan(trial, &node).await?;
    for (filter, has, lacks) in [
        (CommandFilter::executing(), &running, &ended),
        (CommandFilter::complete(), &ended, &running),
    ] {
        let found = listed(trial, vec![filter.clone()]).await?;
        holds(found.contains(has), format!("{filter:?} misses its own"))?;
        holds(
            !found.contains(lacks),
            format!("{filter:?} lists the other"),
        )?;
    }
    trial.ended(&running).await.map(drop)
}

/// A command must pass all filters.
pub(super) async fn filters_of_commands_are_anded(trial: &Trial<'_>) -> Result<(), Failure> {
    let (first, second) = two_scans(trial).await?;
    let of = |status: &str| {
        vec![
            CommandFilter::document_name(RUN_PATCH_BASELINE),
            CommandFilter::status(status),
        ]
    };
    let found = listed(trial, of("Success")).await?;
    let both = found.contains(&first) && found.contains(&second);
    holds(both, "what passes both is left out")?;
    for found in [
        listed(trial, of("Failed")).await?,
        listed_by_invocation(trial, of("Failed")).await?,
    ] {
        let none = !found.contains(&first) && !found.contains(&second);
        holds(none, "what passes one of two filters is listed")?;
    }
    Ok(())
}

/// Fails unless both listings refuse these filters.
async fn both_refuse(trial: &Trial<'_>, filters: Vec<CommandFilter>) -> Result<(), Failure> {
    let told = format!("{filters:?}");
    let runner = trial.harness().commands();
    let request = ListCommands::default().with_filters(filters.clone());
    let answer = runner.list_commands(request).await;
    refused(&told, answer, ErrorKind::InvalidInput)?;
    let request = ListCommandInvocations::default().with_filters(filters);
    let answer = runner.list_command_invocations(request).await;
    refused(&told, answer, ErrorKind::InvalidInput)
}

/// A filter key that the listings of commands do not know is refused; invocations have no stage.
pub(super) async fn an_unknown_filter_of_commands_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    both_refuse(trial, vec![CommandFilter::new("Colour", "blue")]).await?;
    let stage = vec![CommandFilter::complete()];
    let request = ListCommandInvocations::default().with_filters(stage);
    let runner = trial.harness().commands();
    let answer = runner.list_command_invocations(request).await;
    refused(
        "the stage of an invocation",
        answer,
        ErrorKind::InvalidInput,
    )
}

/// A value that is not legal for its key is refused.
pub(super) async fn a_senseless_filter_of_commands_is_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    for (key, value) in [
        ("InvokedAfter", "yesterday"),
        ("InvokedBefore", "tomorrow"),
        ("Status", "Asleep"),
        ("DocumentName", ""),
    ] {
        both_refuse(trial, vec![CommandFilter::new(key, value)]).await?;
    }
    let stage = vec![CommandFilter::new("ExecutionStage", "Sleeping")];
    let request = ListCommands::default().with_filters(stage);
    let answer = trial.harness().commands().list_commands(request).await;
    refused("Sleeping", answer, ErrorKind::InvalidInput)
}

/// The listings of commands take at most 5 filters.
pub(super) async fn more_than_five_filters_of_commands_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let of = |count| vec![CommandFilter::document_name(RUN_PATCH_BASELINE); count];
    listed(trial, of(5)).await?;
    both_refuse(trial, of(6)).await
}

/// A listing for a node that is not managed is refused.
pub(super) async fn commands_of_an_unmanaged_node_are_refused(
    trial: &Trial<'_>,
) -> Result<(), Failure> {
    let (runner, node) = (
        trial.harness().commands(),
        NodeId::new("i-0fedcba9876543210"),
    );
    let request = ListCommands {
        instance_id: Some(node.clone()),
        ..ListCommands::default()
    };
    let answer = runner.list_commands(request).await;
    refused("ListCommands", answer, ErrorKind::InvalidInput)?;
    let request = ListCommandInvocations {
        instance_id: Some(node),
        ..ListCommandInvocations::default()
    };
    let answer = runner.list_command_invocations(request).await;
    refused("ListCommandInvocations", answer, ErrorKind::InvalidInput)
}
