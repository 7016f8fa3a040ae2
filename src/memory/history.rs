//! What has happened in the account: each operation on each node with what started it and what it did, and
//! each opening of a window.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jiff::{SignedDuration, Timestamp};

use super::backend::MemoryBackend;
use super::engine::version_order;
use super::store::State;
use super::store::commands::{CommandRecord, Done, Invocation};
use super::store::fleet::Node;
use super::store::later;
use super::store::windows::WindowRun;
use crate::baseline::approval::{PatchPreview, approvals};
use crate::operation::InvocationStatus;
use crate::schedule::window::MaintenanceWindowExecutionStatus;
use crate::types::{NodeId, OsFamily, Patch, PatchOperation, WindowId};

/// What started an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// A patch policy of this name.
    Policy(String),
    /// A State Manager association of this name.
    Association(String),
    /// The opening of a window of this number, and the window's name.
    Window(usize, String),
    /// A command.
    Command,
}

/// A patch operation on a node, over or not.
#[derive(Debug, Clone)]
pub(crate) struct PastOperation {
    pub(crate) node: NodeId,
    pub(crate) operation: PatchOperation,
    pub(crate) trigger: Trigger,
    pub(crate) requested: Timestamp,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) status: InvocationStatus,
    pub(crate) errors: String,
    /// What it did, if it ended.
    pub(crate) done: Option<Done>,
}

/// An opening of a window.
#[derive(Debug, Clone)]
pub(crate) struct PastOpening {
    pub(crate) number: usize,
    pub(crate) window: WindowId,
    pub(crate) name: String,
    pub(crate) opened: Timestamp,
    pub(crate) closes: Timestamp,
    /// The last opening still went on.
    pub(crate) is_skipped: bool,
    /// The names of tasks that did not start in time.
    pub(crate) not_started: Vec<String>,
}

impl MemoryBackend {
    /// Every patch operation on every node, in the order in which they were requested.
    pub(crate) fn past_operations(&self) -> Vec<PastOperation> {
        self.act(|engine, _| {
            let triggers = triggers(&engine.state);
            let records = engine.state.commands.numbered();
            let records = records.filter(|(_, record)| record.patches());
            let past = records.flat_map(|(number, record)| {
                let trigger = triggers.get(&number).cloned().unwrap_or(Trigger::Command);
                let of_node = move |on| past_operation(record, on, trigger.clone());
                record.invocations().iter().map(of_node)
            });
            past.collect()
        })
    }

    /// Keeps commands for longer than the service does, so that [`past_operations`](Self::past_operations) has
    /// all.
    pub(crate) fn keep_commands(&self) {
        self.raw(|engine| engine.state.commands.keeps_all = true);
    }

    /// The managed nodes that have no patch report.
    pub(crate) fn nodes_without_report(&self) -> BTreeSet<NodeId> {
        self.act(|engine, _| {
            let nodes = engine.state.fleet.managed();
            let nodes = nodes.filter(|node| node.report.is_none());
            nodes.map(|node| node.facts.id().clone()).collect()
        })
    }

    /// Turns a manual clock forward to an instant and lets what is due happen, but at most this many
    /// events. If there are more, the clock stops at the last one, which is the error.
    pub(crate) fn run_until(&self, instant: Timestamp, most: usize) -> Result<(), Timestamp> {
        let Some(clock) = self.manual_clock() else {
            return Ok(());
        };
        let stopped = self.raw(|engine| engine.settle_some(instant, most));
        clock.advance_to(stopped.unwrap_or(instant));
        stopped.map_or(Ok(()), Err)
    }

    /// Lets what is due happen, but at most this many events, and says whether there are more.
    #[cfg(feature = "emulator")]
    pub(crate) fn settle_some(&self, most: usize) -> bool {
        let now = self.settle_organization();
        self.raw(|engine| engine.settle_some(now, most)).is_some()
    }

    /// The policies for organizational units, if it is not known whether this account is in one.
    pub(crate) fn possible_policies(&self) -> Vec<String> {
        self.act(|engine, _| {
            let policies = &engine.state.policies;
            let own = &engine.state.account.id;
            let possible = policies.iter().filter(|record| {
                let units = &record.state.policy.organizational_units;
                let accounts = |unit| policies.units.get(unit);
                let is_in = |unit| accounts(unit).is_some_and(|all| all.contains(own));
                let is_here = record.is_found_here || units.iter().any(is_in);
                !is_here && units.iter().any(|unit| accounts(unit).is_none())
            });
            possible
                .map(|record| record.state.policy.name.clone())
                .collect()
        })
    }

    /// The managed nodes, by id.
    pub(crate) fn managed_ids(&self) -> Vec<NodeId> {
        self.act(|engine, _| {
            let nodes = engine.state.fleet.managed();
            nodes.map(|node| node.facts.id().clone()).collect()
        })
    }

    /// Every opening of every window.
    pub(crate) fn past_openings(&self) -> Vec<PastOpening> {
        self.act(|engine, _| {
            let runs = engine.state.windows.runs.iter().enumerate();
            runs.filter_map(|(number, run)| past_opening(&engine.state, number, run))
                .collect()
        })
    }
}

fn past_operation(record: &CommandRecord, on: &Invocation, trigger: Trigger) -> PastOperation {
    PastOperation {
        node: on.node.clone(),
        operation: record.parameters.operation.clone(),
        trigger,
        requested: record.requested,
        started: on.started,
        ended: on.ended,
        status: on.status(true).0,
        errors: on.stderr.trim().to_owned(),
        done: on.done.clone(),
    }
}

/// What started each command, by its number.
fn triggers(state: &State) -> HashMap<usize, Trigger> {
    let mut triggers = HashMap::new();
    for stored in state.associations.iter() {
        let policy = stored
            .policy
            .as_ref()
            .and_then(|arn| state.policies.deployed(arn));
        let settings = &stored.current.settings;
        let name = settings.association_name.clone();
        let trigger = match policy {
            Some(policy) => Trigger::Policy(policy.state.policy.name.clone()),
            None => Trigger::Association(name.unwrap_or_else(|| stored.id.to_string())),
        };
        let runs = stored.runs.iter();
        triggers.extend(runs.map(|run| (run.command, trigger.clone())));
    }
    for (number, run) in state.windows.runs.iter().enumerate() {
        let name = name_of(state, &run.window);
        let invocations = run.tasks.iter().flat_map(|task| &task.invocations);
        let commands = invocations.filter_map(|invocation| Some(invocation.command.as_ref()?.0));
        triggers.extend(commands.map(|command| (command, Trigger::Window(number, name.clone()))));
    }
    triggers
}

fn name_of(state: &State, window: &WindowId) -> String {
    let name = state.windows.find(window);
    let name = name.and_then(|window| window.facts.name.clone());
    name.unwrap_or_else(|| window.to_string())
}

fn past_opening(state: &State, number: usize, run: &WindowRun) -> Option<PastOpening> {
    let hours = state.windows.find(&run.window)?.duration_hours();
    let skipped = MaintenanceWindowExecutionStatus::SkippedOverlapping;
    let is_skipped = run.end.as_ref().is_some_and(|end| end.status == skipped);
    let timed_out = MaintenanceWindowExecutionStatus::TimedOut;
    let not_started = run.tasks.iter().filter(|task| {
        let end = task.end.as_ref();
        task.started.is_none() && end.is_some_and(|end| end.status == timed_out)
    });
    let names = not_started.map(|task| {
        let task = &task.task;
        let name = task.name.clone().or_else(|| task.task_arn.clone());
        name.unwrap_or_default()
    });
    Some(PastOpening {
        number,
        window: run.window.clone(),
        name: name_of(state, &run.window),
        opened: run.started,
        closes: later(run.started, SignedDuration::from_hours(hours)),
        is_skipped,
        not_started: names.collect(),
    })
}

/// A patch that a node could have and has not.
#[derive(Debug, Clone)]
pub(crate) struct OpenPatch {
    pub(crate) preview: PatchPreview,
    pub(crate) title: String,
}

impl MemoryBackend {
    /// The patches that each node with a report could have and has not, with what the baseline of its last
    /// operation makes of them in a period.
    pub(crate) fn open_patches(&self, period: &Range<Timestamp>) -> Vec<(NodeId, Vec<OpenPatch>)> {
        self.act(|engine, now| {
            let mut previews = HashMap::new();
            let nodes = engine.state.fleet.managed();
            let nodes = nodes.filter_map(|node| Some((node, node.report.as_ref()?)));
            nodes
                .map(|(node, report)| {
                    let baseline = &report.baseline;
                    let open = open_on(&engine.state, node, now);
                    let open = open.into_iter().map(|(place, patch)| {
                        let made = (baseline.name.clone(), baseline.created_date);
                        let key = (made, baseline.modified_date, place);
                        let preview = previews.entry(key).or_insert_with(|| {
                            let one = std::slice::from_ref(patch);
                            approvals(baseline, one, period.clone()).patches.pop()
                        });
                        let title = patch.title.clone().unwrap_or_default();
                        preview.clone().map(|preview| OpenPatch { preview, title })
                    });
                    (node.facts.id().clone(), open.flatten().collect())
                })
                .collect()
        })
    }
}

/// The released patches that concern a node and are newer than what it has: of each Linux package the
/// newest, and updates of Windows that nothing replaces.
fn open_on<'a>(state: &'a State, node: &Node, now: Timestamp) -> Vec<(usize, &'a Patch)> {
    let family = node.facts.operating_system.family();
    let products: Vec<&str> = std::iter::once(&node.facts.product)
        .chain(&node.facts.applications)
        .map(String::as_str)
        .collect();
    let mut installed: HashMap<String, Patch> = HashMap::new();
    for package in &node.facts.installed {
        let version = Patch {
            epoch: package.epoch,
            version: package.version.clone(),
            release: package.release.clone(),
            ..Patch::default()
        };
        let known = installed.entry(package.kb_id()).or_insert(version.clone());
        if version_order(family, known, &version).is_lt() {
            *known = version;
        }
    }
    let patches = state.catalog.patches().iter().enumerate();
    let of_node: Vec<(usize, &Patch)> = patches
        .filter(|(_, patch)| patch.release_date.is_none_or(|date| date <= now))
        .filter(|(_, patch)| products.contains(&patch.product.as_deref().unwrap_or_default()))
        .filter(|(_, patch)| !node.inapplicable.contains(&patch.kb_id()))
        .collect();
    let replaced: BTreeSet<&str> = of_node
        .iter()
        .flat_map(|(_, patch)| &patch.supersedes)
        .map(String::as_str)
        .collect();
    let mut open: HashMap<String, (usize, &Patch)> = HashMap::new();
    for (place, patch) in of_node {
        let kb = patch.kb_id();
        let is_open = match (family, installed.get(&kb)) {
            (OsFamily::Windows, known) => known.is_none() && !replaced.contains(kb.as_str()),
            (_, Some(known)) => version_order(family, patch, known).is_gt(),
            (_, None) => false,
        };
        let newest = |(_, other): &(usize, &Patch)| version_order(family, other, patch).is_lt();
        if is_open && open.get(&kb).is_none_or(newest) {
            open.insert(kb, (place, patch));
        }
    }
    let mut open: Vec<_> = open.into_values().collect();
    open.sort_by_key(|(_, patch)| patch.kb_id());
    open
}
