use std::collections::BTreeMap;
use std::fmt::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::{GateResult, NodeResult, RolloutState, RolloutStatus, WavePhase};
use crate::compliance::markdown_cell;
use crate::lines::Lines;
use crate::types::NodeId;

/// The outcome of a rollout, or how far it has come.
///
/// ```
/// use aws_patch_manager::PatchManager;
/// use aws_patch_manager::rollout::{InMemoryRolloutStore, NodeSet, Rollout, RolloutRun, Wave};
///
/// # futures_util::FutureExt::now_or_never(async {
/// let manager = PatchManager::in_memory();
/// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
/// let state = Rollout::new("june").wave(wave).begin(&manager).await?;
/// let run = RolloutRun::new(&manager, state, InMemoryRolloutStore::new());
/// let outcome = run.finish().await?;
/// assert_eq!(outcome.waves[0].succeeded, 1);
/// println!("{outcome}");
/// println!("{}", outcome.to_markdown());
/// println!("{}", serde_json::to_string_pretty(&outcome)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RolloutOutcome {
    /// The id of the rollout.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: RolloutStatus,
    /// When it began.
    pub begun: Timestamp,
    /// When it was completed or aborted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Its waves.
    pub waves: Vec<WaveOutcome>,
}

/// The outcome of a wave, or how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WaveOutcome {
    /// Its name.
    pub name: String,
    /// What it does.
    pub phase: WavePhase,
    /// The number of its nodes.
    pub nodes: usize,
    /// The number of nodes on which the operation succeeded.
    pub succeeded: usize,
    /// The nodes with any other result.
    pub others: BTreeMap<NodeId, NodeResult>,
    /// The last result of its gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateResult>,
    /// When it started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

impl RolloutOutcome {
    pub(super) fn of(state: &RolloutState) -> Self {
        let waves = state.rollout.waves.iter().zip(&state.waves);
        let waves = waves.map(|(spec, wave)| {
            let others = wave
                .results
                .iter()
                .filter(|(_, result)| !result.is_success());
            WaveOutcome {
                name: spec.name.clone(),
                phase: wave.phase,
                nodes: wave.nodes.len(),
                succeeded: wave.succeeded().count(),
                others: others
                    .map(|(node, result)| (node.clone(), result.clone()))
                    .collect(),
                gate: wave.gate.clone(),
                started: wave.started,
                ended: wave.ended,
            }
        });
        Self {
            id: state.id.clone(),
            name: state.rollout.name.clone(),
            status: state.status.clone(),
            begun: state.begun,
            ended: state.ended,
            waves: waves.collect(),
        }
    }

    /// Whether every wave is done.
    pub fn is_completed(&self) -> bool {
        self.status == RolloutStatus::Completed
    }

    /// The exit code for a program that is a gate, such as a step of a pipeline: 0 if it is
    /// [completed](Self::is_completed), 1 if it is halted, aborting or aborted, 2 if it can go on.
    pub fn exit_code(&self) -> u8 {
        use RolloutStatus::{Aborted, Aborting, Completed, Halted, Paused, Running};
        match self.status {
            Completed => 0,
            Halted { .. } | Aborting | Aborted => 1,
            Running | Paused => 2,
        }
    }

    /// The outcome as Markdown: a table of the waves, and one of the nodes on which the operation
    /// did not succeed, at most 100 of them.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        self.write_markdown(&mut text).unwrap_or_default();
        text
    }

    fn write_markdown(&self, text: &mut String) -> fmt::Result {
        const SHOWN: usize = 100;
        let (name, status) = (markdown_cell(&self.name), self.status.to_string());
        writeln!(text, "# Rollout {name}: {}\n", markdown_cell(&status))?;
        writeln!(
            text,
            "| wave | phase | nodes | succeeded | started | ended | gate |"
        )?;
        writeln!(text, "|---|---|--:|--:|---|---|---|")?;
        for wave in &self.waves {
            let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
            let gate = wave.gate.as_ref().map(ToString::to_string);
            writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} |",
                markdown_cell(&wave.name),
                wave.phase,
                wave.nodes,
                wave.succeeded,
                instant(wave.started),
                instant(wave.ended),
                markdown_cell(&gate.unwrap_or_default()),
            )?;
        }
        let others = self.waves.iter().flat_map(|wave| {
            let others = wave.others.iter();
            others.map(move |(node, result)| (&wave.name, node, result))
        });
        let others: Vec<_> = others.collect();
        if others.is_empty() {
            return Ok(());
        }
        writeln!(text, "\n| wave | node | result |\n|---|---|---|")?;
        for (wave, node, result) in others.iter().take(SHOWN) {
            let (wave, result) = (markdown_cell(wave), markdown_cell(&result.to_string()));
            writeln!(text, "| {wave} | {node} | {result} |")?;
        }
        match others.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(text, "\n{more} more nodes are not shown."),
        }
    }
}

/// A line for the rollout, one for each wave, and one for each node without success.
impl fmt::Display for RolloutOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Lines::to(f);
        writeln!(f, "rollout {} ({}): {}", self.name, self.id, self.status)?;
        for wave in &self.waves {
            write!(
                f,
                "  {}: {}, {} of {} nodes succeeded",
                wave.name, wave.phase, wave.succeeded, wave.nodes
            )?;
            match &wave.gate {
                Some(gate) => writeln!(f, ", gate {gate}")?,
                None => writeln!(f)?,
            }
            for (node, result) in &wave.others {
                writeln!(f, "    {node} {result}")?;
            }
        }
        Ok(())
    }
}
