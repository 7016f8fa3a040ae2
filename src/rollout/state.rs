use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{GateResult, Rollout, RolloutOutcome, WaveWindow};
use crate::error::{Error, ErrorKind, Result};
use crate::strict;
use crate::types::{CommandId, NodeId, SnapshotId};

/// How long the service stores a snapshot under its id.
pub(super) const SNAPSHOT_LIFE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum RolloutStatus {
    /// It goes on when a run carries it out.
    Running,
    /// Paused by hand; [`RolloutState::resume`] lets it go on.
    Paused,
    /// Stopped by itself; [`RolloutState::resume`] tries again.
    Halted {
        /// Why.
        reason: HaltReason,
    },
    /// Being aborted: a run finishes it.
    Aborting,
    /// Aborted.
    Aborted,
    /// Every wave is done.
    Completed,
}

impl RolloutStatus {
    /// Whether a run has nothing to do until somebody decides.
    pub fn is_at_rest(&self) -> bool {
        !matches!(self, Self::Running | Self::Aborting)
    }
}

impl fmt::Display for RolloutStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.pad("running"),
            Self::Paused => f.pad("paused"),
            Self::Halted { reason } => write!(f, "halted: {reason}"),
            Self::Aborting => f.pad("aborting"),
            Self::Aborted => f.pad("aborted"),
            Self::Completed => f.pad("completed"),
        }
    }
}

/// Why a rollout stopped by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum HaltReason {
    /// A gate failed. Repair what it found and resume, or [accept](RolloutState::accept_gate) it.
    GateFailed,
    /// The next wave can no longer start in its window. [Move](RolloutState::move_window) it.
    WindowClosed,
    /// The snapshot was first used 3 days ago, and the service makes a new one under its id. Abort,
    /// and begin a new rollout for the nodes that are left.
    SnapshotExpired,
}

impl fmt::Display for HaltReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GateFailed => "a gate failed",
            Self::WindowClosed => "the window of the next wave has closed",
            Self::SnapshotExpired => "the snapshot has expired",
        })
    }
}

/// What a wave does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WavePhase {
    /// It has not started.
    Pending,
    /// Its stopped instances start.
    Starting,
    /// Its commands run.
    Installing,
    /// Its gate is decided.
    Gating,
    /// Its bake time runs.
    Baking,
    /// The instances that were started for it stop.
    Stopping,
    /// It is over.
    Done,
}

impl fmt::Display for WavePhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "pending",
            Self::Starting => "starting instances",
            Self::Installing => "installing",
            Self::Gating => "at its gate",
            Self::Baking => "baking",
            Self::Stopping => "stopping instances",
            Self::Done => "done",
        })
    }
}

/// What became of a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum NodeResult {
    /// The operation ran and reported.
    Succeeded {
        /// The command.
        command_id: CommandId,
    },
    /// It failed, timed out or was cancelled.
    Failed {
        /// The command.
        command_id: CommandId,
        /// The status in detail, such as `DeliveryTimedOut`.
        status: String,
    },
    /// The time limit of the wave ended first. The operation may still run.
    NotEnded {
        /// The command.
        command_id: CommandId,
    },
    /// Systems Manager sends no command to the node: it was terminated, it is stopped, or its agent
    /// is not online.
    NotManaged,
    /// No command was sent to it: the window or the time limit ended first, so many nodes had failed
    /// that the gate could not hold, or the rollout was aborted.
    NotSent,
}

impl NodeResult {
    /// Whether the operation ran and reported.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }
}

impl fmt::Display for NodeResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded { .. } => f.pad("succeeded"),
            Self::Failed { status, .. } if status == "Failed" => f.pad("failed"),
            Self::Failed { status, .. } => write!(f, "failed: {status}"),
            Self::NotEnded { .. } => f.pad("not ended"),
            Self::NotManaged => f.pad("not managed"),
            Self::NotSent => f.pad("not sent"),
        }
    }
}

/// How far a command of a wave has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all_fields = "PascalCase")]
#[non_exhaustive]
pub enum CommandProgress {
    /// Not sent.
    Planned,
    /// Perhaps sent: a run looks for its comment before it sends it.
    Sending {
        /// Since when.
        since: Timestamp,
    },
    /// Sent.
    Sent {
        /// The command.
        command_id: CommandId,
    },
    /// Over: every node of it has a result.
    Ended,
}

/// A command of a wave, for at most 50 nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaveCommand {
    /// Its comment, by which it is recognised. Unique among all rollouts.
    pub comment: String,
    /// Commands of one lane run one after another; lanes run at the same time.
    pub lane: usize,
    /// Its nodes.
    pub nodes: Vec<NodeId>,
    /// How far it has come.
    pub progress: CommandProgress,
}

/// The state of a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaveState {
    /// The name of the wave.
    #[serde(default)]
    pub name: String,
    /// What it does.
    pub phase: WavePhase,
    /// Its nodes, found when the rollout began.
    pub nodes: Vec<NodeId>,
    /// The instances that were stopped when it started, and that it starts.
    #[serde(default)]
    pub nodes_to_start: Vec<NodeId>,
    /// Those of them that the rollout started: EC2 answered that they were stopped and now start.
    /// Only these are stopped again.
    #[serde(default)]
    pub started_nodes: Vec<NodeId>,
    /// Its commands.
    pub commands: Vec<WaveCommand>,
    /// Whether its commands were asked to stop, at the time limit or for an abort.
    #[serde(default)]
    pub cancelled: bool,
    /// The result of each node that has one.
    #[serde(default)]
    pub results: BTreeMap<NodeId, NodeResult>,
    /// The last result of its gate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateResult>,
    /// Since when it waits for its nodes to be online, if the run that waits does not stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_since: Option<Timestamp>,
    /// When it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When its bake time ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bakes_until: Option<Timestamp>,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

impl WaveState {
    pub(super) fn pending(name: &str, nodes: Vec<NodeId>, commands: Vec<WaveCommand>) -> Self {
        Self {
            name: name.to_owned(),
            phase: WavePhase::Pending,
            nodes,
            nodes_to_start: Vec::new(),
            started_nodes: Vec::new(),
            commands,
            cancelled: false,
            results: BTreeMap::new(),
            gate: None,
            waits_since: None,
            started: None,
            bakes_until: None,
            ended: None,
        }
    }

    /// The nodes on which the operation succeeded.
    pub fn succeeded(&self) -> impl Iterator<Item = &NodeId> {
        let results = self.results.iter();
        results.filter_map(|(node, result)| result.is_success().then_some(node))
    }

    /// How many nodes have another result than success.
    pub(super) fn not_succeeded(&self) -> usize {
        self.results.len() - self.succeeded().count()
    }
}

/// The whole state of a rollout, as a [`RolloutStore`](super::RolloutStore) stores it.
///
/// It is plain data: write it with serde, and any process can carry the rollout on from there. Change
/// it only by its methods, while no run carries it out. A run [checks](Self::check) it first.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::rollout::{NodeSet, Rollout, RolloutState, Wave};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
/// let state = Rollout::new("june").wave(wave).begin(&manager).await?;
/// let written = serde_json::to_string(&state)?;
/// assert_eq!(serde_json::from_str::<RolloutState>(&written)?, state);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RolloutState {
    /// The form in which it was written: [`SCHEMA_VERSION`](Self::SCHEMA_VERSION). A state without it
    /// is older than the first.
    #[serde(default)]
    pub schema_version: u32,
    /// Its id: 16 hexadecimal digits.
    pub id: String,
    /// How often it was saved.
    pub revision: u64,
    /// What was asked for.
    pub rollout: Rollout,
    /// Where it stands.
    pub status: RolloutStatus,
    /// The snapshot of its patches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<SnapshotId>,
    /// When the snapshot was first used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_since: Option<Timestamp>,
    /// When it began.
    pub begun: Timestamp,
    /// When it was completed or aborted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// The state of each wave, in the order of the rollout's waves.
    pub waves: Vec<WaveState>,
}

impl RolloutState {
    /// The form of states that this version of the crate writes, and the only one that it carries on.
    pub const SCHEMA_VERSION: u32 = 1;

    /// The state as JSON, which [`from_json`](Self::from_json) reads back.
    ///
    /// # Errors
    ///
    /// None in practice: every state can be written.
    pub fn to_json(&self) -> Result<String> {
        strict::write(self, "RolloutState")
    }

    /// A state from its JSON form.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it is not JSON of that form, with one
    /// [`Violation`](crate::Violation) for each unknown member, each member that is there twice and each
    /// value that cannot be read, with its path.
    ///
    /// ```
    /// use aws_patch_manager::rollout::RolloutState;
    ///
    /// let error = RolloutState::from_json(r#"{"Wave": []}"#).err().ok_or("it was read")?;
    /// assert_eq!(error.violations()[0].field, "Wave");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_json(json: &str) -> Result<Self> {
        strict::read(json, "RolloutState", &[])
    }

    /// The number of the wave in progress, or of the next one.
    pub fn current_wave(&self) -> Option<usize> {
        let mut waves = self.waves.iter();
        waves.position(|wave| wave.phase != WavePhase::Done)
    }

    /// The outcome so far.
    pub fn outcome(&self) -> RolloutOutcome {
        RolloutOutcome::of(self)
    }

    /// Lets a paused or halted rollout go on. After a failed gate, the gate is decided again: it asks again
    /// which nodes are compliant, online and healthy. On which nodes the install succeeded does not change,
    /// because no node gets a second command: if too few did, only [`accept_gate`](Self::accept_gate) passes
    /// the gate. Does nothing in any other status.
    pub fn resume(&mut self) {
        if matches!(
            self.status,
            RolloutStatus::Paused | RolloutStatus::Halted { .. }
        ) {
            self.status = RolloutStatus::Running;
        }
    }

    /// Accepts what a failed gate found, and lets the rollout go on. The outcome shows that it was
    /// accepted. A health check that the gate had not asked is still asked.
    ///
    /// The rollout goes on with the next wave. No node of this wave gets a command after its gate: one
    /// from which a command was withheld, when so many had failed that the gate could not hold any more,
    /// stays unpatched, also when the rollout completes. The outcome has it as
    /// [`NotSent`](super::NodeResult::NotSent); patch such nodes in a rollout of their own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the rollout is not halted by a gate.
    pub fn accept_gate(&mut self) -> Result<()> {
        let halted = RolloutStatus::Halted {
            reason: HaltReason::GateFailed,
        };
        let wave = self.current_wave().and_then(|at| self.waves.get_mut(at));
        match wave.and_then(|wave| wave.gate.as_mut()) {
            Some(gate) if self.status == halted => {
                gate.accepted = true;
                self.status = RolloutStatus::Running;
                Ok(())
            }
            _ => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("no gate of the rollout has failed: it is {}", self.status),
            )),
        }
    }

    /// Gives a wave that has not started another window. If the rollout was halted because its
    /// window had closed, it goes on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] without a wave of this name; [`ErrorKind::InvalidInput`] for one that
    /// has started, and for a window that no [`Rollout`] may have.
    pub fn move_window(&mut self, wave: &str, window: WaveWindow) -> Result<()> {
        let at = self.rollout.waves.iter().position(|one| one.name == wave);
        let parts = at.and_then(|at| self.rollout.waves.get_mut(at).zip(self.waves.get(at)));
        let Some((spec, state)) = parts else {
            let error = Error::new(ErrorKind::NotFound, "the rollout has no such wave");
            return Err(error.with_resource(wave));
        };
        if state.phase != WavePhase::Pending {
            let message = format!("the wave has started: it is {}", state.phase);
            return Err(Error::new(ErrorKind::InvalidInput, message).with_resource(wave));
        }
        let before = std::mem::replace(&mut spec.window, window);
        if let Err(error) = self.rollout.check() {
            if let Some(spec) = at.and_then(|at| self.rollout.waves.get_mut(at)) {
                spec.window = before;
            }
            return Err(error);
        }
        let closed = RolloutStatus::Halted {
            reason: HaltReason::WindowClosed,
        };
        if self.status == closed {
            self.status = RolloutStatus::Running;
        }
        Ok(())
    }

    /// Has the next run abort the rollout: it cancels what runs, waits for its end, and stops the
    /// instances that the rollout started. Does nothing if it is completed or aborted.
    pub fn abort(&mut self) {
        if !matches!(
            self.status,
            RolloutStatus::Completed | RolloutStatus::Aborted
        ) {
            self.status = RolloutStatus::Aborting;
        }
    }
}
