//! Step 5: time passes, and the policy scans and installs.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::time::Duration;

use aws_patch_manager::compliance::PatchState;
use aws_patch_manager::operation::{Command, InvocationStatus, NodeOutcome, RunOutcome};
use aws_patch_manager::types::{CommandId, NodeId, PatchOperation};
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};

use super::site::{Site, minute};
use super::{Outcome, table};

/// Delivery to an offline node fails after an hour, and a slow node has four hours to install.
const LONGEST_RUN: Duration = Duration::from_secs(6 * 60 * 60);

/// What went wrong on each node, and why.
pub(crate) type Troubles = BTreeMap<NodeId, Trouble>;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    status: &'static str,
    pub(crate) reason: String,
}

/// A finished run.
struct Run {
    sent: Timestamp,
    outcome: RunOutcome,
    installed: Vec<(NodeId, String)>,
    troubles: Troubles,
}

/// Advances the clock from midnight to midnight and prints each run. Returns the error of each node
/// in the last install, or else in the last scan.
pub(crate) async fn live(site: &Site, days: u32, out: &mut dyn Write) -> Outcome<Troubles> {
    let mut seen = HashSet::new();
    let mut last: HashMap<PatchOperation, Troubles> = HashMap::new();
    for day in 1..=days {
        let midnight = site.start + SignedDuration::from_hours(24 * i64::from(day));
        site.backend.advance_to(midnight);
        for command in new_commands(site, &mut seen).await? {
            let run = Run::wait_for(site, &command).await?;
            run.tell(site, last.get(&run.outcome.operation), out)?;
            last.insert(run.outcome.operation, run.troubles);
        }
    }
    writeln!(out)?;
    let mut troubles = last.remove(&PatchOperation::Scan).unwrap_or_default();
    troubles.extend(last.remove(&PatchOperation::Install).unwrap_or_default());
    Ok(troubles)
}

/// The commands that the policy has sent since the last call, oldest first.
async fn new_commands(site: &Site, seen: &mut HashSet<CommandId>) -> Outcome<Vec<Command>> {
    let mut commands: Vec<Command> = site.manager.list_commands().try_collect().await?;
    commands.retain(|command| seen.insert(command.command_id.clone()));
    commands.reverse();
    Ok(commands)
}

impl Run {
    async fn wait_for(site: &Site, command: &Command) -> Outcome<Self> {
        let operation = command
            .parameters
            .get("Operation")
            .and_then(|values| values.first())
            .map_or(PatchOperation::Scan, |text| text.as_str().into());
        let run = site
            .manager
            .resume(operation, vec![command.command_id.clone()])?;
        let sent = command.requested_date_time.unwrap_or(site.start);
        let outcome = run.wait(LONGEST_RUN).await?;
        let mut installed = Vec::new();
        let mut troubles = Troubles::new();
        for node in &outcome.nodes {
            // A day is read at its end: on Sunday the node's state after the scan is the install's.
            let patches = match outcome.operation {
                PatchOperation::Install => installed_since(site, node, sent).await?,
                _ => Vec::new(),
            };
            if !patches.is_empty() {
                installed.push((node.node.clone(), patches.join(", ")));
            }
            if !node.is_success() {
                troubles.insert(node.node.clone(), Trouble::of(site, node).await?);
            }
        }
        Ok(Self {
            sent,
            outcome,
            installed,
            troubles,
        })
    }

    /// Prints a line for the run, then what it installed, then its errors unless they are the same
    /// as before.
    fn tell(&self, site: &Site, before: Option<&Troubles>, out: &mut dyn Write) -> Outcome {
        let (when, operation) = (minute(self.sent), &self.outcome.operation);
        let no_news = !self.troubles.is_empty() && before == Some(&self.troubles);
        let as_before = if no_news { ", the same as before" } else { "" };
        let counts = self.counts();
        writeln!(out, "  {when}  {operation:<7}  {counts}{as_before}")?;
        let installed = self.installed.iter();
        let mut rows: Vec<[String; 3]> = installed
            .map(|(node, patches)| [site.name(node), "installed".to_owned(), patches.clone()])
            .collect();
        if !no_news {
            rows.extend(self.troubles.iter().map(|(node, trouble)| {
                let Trouble { status, reason } = trouble;
                [site.name(node), (*status).to_owned(), reason.clone()]
            }));
        }
        Ok(table::plain(out, 6, &rows)?)
    }

    fn counts(&self) -> String {
        let nodes = &self.outcome.nodes;
        let of = |which: &InvocationStatus| nodes.iter().filter(|n| n.status == *which).count();
        let told = [
            (InvocationStatus::Success, "ok"),
            (InvocationStatus::Failed, "failed"),
            (InvocationStatus::TimedOut, "timed out"),
            (InvocationStatus::Cancelled, "cancelled"),
        ]
        .map(|(status, name)| (of(&status), name));
        let told = told.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = told
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        format!("{} nodes: {}", nodes.len(), parts.join(", "))
    }
}

/// The patches that an Install installed on a node. Empty if the node was not reached.
async fn installed_since(site: &Site, node: &NodeOutcome, sent: Timestamp) -> Outcome<Vec<String>> {
    let reported = node.patch_state.as_ref();
    if reported.is_none_or(|state| state.operation != PatchOperation::Install) {
        return Ok(Vec::new());
    }
    let states = [PatchState::Installed, PatchState::InstalledPendingReboot];
    let patches = site.manager.node_patches(&node.node, &states);
    let fresh = patches.try_filter(|patch| std::future::ready(patch.installed_time >= sent));
    Ok(fresh.map_ok(|patch| patch.kb_id).try_collect().await?)
}

impl Trouble {
    async fn of(site: &Site, node: &NodeOutcome) -> Outcome<Self> {
        let status = match node.status {
            InvocationStatus::TimedOut => "timed out",
            InvocationStatus::Cancelled => "cancelled",
            _ => "failed",
        };
        let reason = match (node.patch_state.is_some(), node.status_details.as_str()) {
            (true, _) => failed_patches(site, node).await?,
            (false, "DeliveryTimedOut") => "its agent did not answer in time".to_owned(),
            (false, details) => details.to_owned(),
        };
        Ok(Self { status, reason })
    }
}

/// The patches that failed, each with the reason if the node's output has one.
async fn failed_patches(site: &Site, node: &NodeOutcome) -> Outcome<String> {
    let failed = site.manager.node_patches(&node.node, &[PatchState::Failed]);
    let failed: Vec<String> = failed.map_ok(|patch| patch.kb_id).try_collect().await?;
    let told = failed.iter().map(|kb_id| {
        let reason = format!("{kb_id} failed");
        let line = node.output.lines().find(|line| line.starts_with(&reason));
        line.unwrap_or(&reason).to_owned()
    });
    Ok(told.collect::<Vec<_>>().join("; "))
}
