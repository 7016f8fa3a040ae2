//! Rules of the listings of commands and of their invocations.

use std::time::Duration;

use super::commands::{invocations, scanned, send_scan};
use super::expect::{first, holds, same};
use super::{Failure, Result, Trial};
use crate::backend::{CancelCommand, ListCommandInvocations, ListCommands};
use crate::error::ErrorKind::InvalidInput;
use crate::operation::{CommandFilter, RUN_PATCH_BASELINE};
use crate::types::{CommandId, NodeId};

/// The commands on the Linux node that pass these filters, in the order in which they are listed.
async fn listed(trial: &Trial<'_>, filters: Vec<CommandFilter>) -> Result<Vec<CommandId>> {
    let node = trial.linux_node();
    let commands = trial.every(|page| ListCommands {
        instance_id: Some(node.clone()),
        ..ListCommands::all(page).with_filters(filters.clone())
    });
    let commands = commands.await?.into_iter();
    Ok(commands.map(|one| one.command_id).collect())
}

/// The commands whose invocations on the Linux node pass these filters.
async fn listed_by_invocation(
    trial: &Trial<'_>,
    filters: Vec<CommandFilter>,
) -> Result<Vec<CommandId>> {
    let mut request = ListCommandInvocations::default().with_filters(filters);
    request.instance_id = Some(trial.linux_node());
    let found = invocations(trial, request).await?;
    Ok(found.into_iter().map(|on| on.command_id).collect())
}

/// The commands of both listings.
async fn both(trial: &Trial<'_>, filters: Vec<CommandFilter>) -> Result<[Vec<CommandId>; 2]> {
    let commands = listed(trial, filters.clone()).await?;
    Ok([commands, listed_by_invocation(trial, filters).await?])
}

/// Fails unless both listings, with this filter, have the one command and not the other.
async fn both_tell(
    trial: &Trial<'_>,
    filter: CommandFilter,
    has: &CommandId,
    lacks: &CommandId,
) -> Result {
    let what = format!("{filter:?}");
    for found in both(trial, vec![filter]).await? {
        let (passes, other) = (found.contains(has), found.contains(lacks));
        holds(passes, format!("{what} leaves out what passes"))?;
        holds(!other, format!("{what} lets the other pass"))?;
    }
    Ok(())
}

/// Two scans of the Linux node that have ended, the second sent some minutes after the first.
async fn two_scans(trial: &Trial<'_>) -> Result<(CommandId, CommandId)> {
    let one = scanned(trial).await?;
    trial.advance(Duration::from_mins(2)).await;
    Ok((one, scanned(trial).await?))
}

/// The newest command is listed first.
pub(super) async fn the_newest_command_is_listed_first(trial: &Trial<'_>) -> Result {
    let (one, other) = two_scans(trial).await?;
    let found = listed(trial, Vec::new()).await?;
    let mut ours = found;
    ours.retain(|id| [&one, &other].contains(&id));
    same("commands", ours, [other, one])
}

/// Both listings are filtered by when a command was sent: from an instant on, or before it.
pub(super) async fn commands_are_filtered_by_when_they_were_sent(trial: &Trial<'_>) -> Result {
    let (one, other) = two_scans(trial).await?;
    let page = trial.call(ListCommands::of(&other)).await?;
    let sent = first("the command", &page.items)?.requested_date_time;
    let sent = sent.ok_or_else(|| Failure::new("the command does not say when it was sent"))?;
    both_tell(trial, CommandFilter::invoked_after(sent), &other, &one).await?;
    both_tell(trial, CommandFilter::invoked_before(sent), &one, &other).await
}

/// Both listings are filtered by status.
pub(super) async fn commands_are_filtered_by_status(trial: &Trial<'_>) -> Result {
    let good = scanned(trial).await?;
    let cancelled = send_scan(trial, &trial.linux_node()).await?;
    trial.call(CancelCommand::new(&cancelled)).await?;
    trial.ended(&cancelled).await?;
    both_tell(trial, CommandFilter::status("Success"), &good, &cancelled).await?;
    both_tell(trial, CommandFilter::status("Cancelled"), &cancelled, &good).await
}

/// Both listings are filtered by document.
pub(super) async fn commands_are_filtered_by_document(trial: &Trial<'_>) -> Result {
    let command = scanned(trial).await?;
    for (name, expected) in [(RUN_PATCH_BASELINE, true), ("AWS-RunShellScript", false)] {
        for found in both(trial, vec![CommandFilter::document_name(name)]).await? {
            same(name, found.contains(&command), expected)?;
        }
    }
    Ok(())
}

/// Commands are filtered by whether they still run.
pub(super) async fn commands_are_filtered_by_stage(trial: &Trial<'_>) -> Result {
    let ended = scanned(trial).await?;
    let running = send_scan(trial, &trial.linux_node()).await?;
    for (filter, has, lacks) in [
        (CommandFilter::executing(), &running, &ended),
        (CommandFilter::complete(), &ended, &running),
    ] {
        let what = format!("{filter:?}");
        let found = listed(trial, vec![filter]).await?;
        holds(found.contains(has), format!("{what} misses its own"))?;
        holds(!found.contains(lacks), format!("{what} lists the other"))?;
    }
    trial.ended(&running).await.map(drop)
}

/// A command must pass all filters.
pub(super) async fn filters_of_commands_are_anded(trial: &Trial<'_>) -> Result {
    let (one, other) = two_scans(trial).await?;
    let of = |status| {
        let document = CommandFilter::document_name(RUN_PATCH_BASELINE);
        vec![document, CommandFilter::status(status)]
    };
    let found = listed(trial, of("Success")).await?;
    let all = found.contains(&one) && found.contains(&other);
    holds(all, "what passes both is left out")?;
    for found in both(trial, of("Failed")).await? {
        let none = !found.contains(&one) && !found.contains(&other);
        holds(none, "what passes one of two filters is listed")?;
    }
    Ok(())
}

/// Fails unless both listings refuse these filters.
async fn both_refuse(trial: &Trial<'_>, filters: Vec<CommandFilter>) -> Result {
    let request = ListCommands::default().with_filters(filters.clone());
    trial.refuses(request, InvalidInput).await?;
    let request = ListCommandInvocations::default().with_filters(filters);
    trial.refuses(request, InvalidInput).await
}

/// A filter key that the listings of commands do not know is refused; invocations have no stage.
pub(super) async fn an_unknown_filter_of_commands_is_refused(trial: &Trial<'_>) -> Result {
    both_refuse(trial, vec![CommandFilter::new("Colour", "blue")]).await?;
    let stage = vec![CommandFilter::complete()];
    let request = ListCommandInvocations::default().with_filters(stage);
    trial.refuses(request, InvalidInput).await
}

/// A value that is not legal for its key is refused.
pub(super) async fn a_senseless_filter_of_commands_is_refused(trial: &Trial<'_>) -> Result {
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
    trial.refuses(request, InvalidInput).await
}

/// The listings of commands take at most 5 filters.
pub(super) async fn more_than_five_filters_of_commands_are_refused(trial: &Trial<'_>) -> Result {
    let of = |count| vec![CommandFilter::document_name(RUN_PATCH_BASELINE); count];
    listed(trial, of(5)).await?;
    both_refuse(trial, of(6)).await
}

/// A listing for a node that is not managed is refused.
pub(super) async fn commands_of_an_unmanaged_node_are_refused(trial: &Trial<'_>) -> Result {
    let node = Some(NodeId::new("i-0fedcba9876543210"));
    let request = ListCommands {
        instance_id: node.clone(),
        ..ListCommands::default()
    };
    trial.refuses(request, InvalidInput).await?;
    let request = ListCommandInvocations {
        instance_id: node,
        ..ListCommandInvocations::default()
    };
    trial.refuses(request, InvalidInput).await
}
