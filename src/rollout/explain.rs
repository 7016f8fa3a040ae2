//! The calls of a rollout, before it makes them.

use std::time::Duration;

use super::install::POLL;
use super::{
    CommandProgress, CompliantNodes, RolloutState, RolloutStatus, Wave, WaveCommand, WavePhase,
    WaveState,
};
use crate::backend::EC2_FILTER_VALUES;
use crate::compliance::{BATCH, ComplianceQuery, PlannedCalls};
use crate::operation::{RunPlan, outcomes};
use crate::types::NodeId;

impl RolloutState {
    /// The calls that a run from this state makes until the rollout is completed, if each command lasts so
    /// long. Makes no call.
    ///
    /// For a new rollout, take the state of [`Rollout::begin`](super::Rollout::begin), which only reads. For
    /// a paused or halted one it is what is left if it goes on. An abort is not counted.
    ///
    /// The plan assumes that no call fails, that the commands of a wave end together, that no instance of a
    /// wave is stopped, that every install succeeds, that a command that may have been sent was sent, and
    /// that nodes are online when a gate first looks. A run that [advances](super::RolloutRun::advance)
    /// reads its commands as often as it is called. What a [health check](super::HealthCheck) calls is not
    /// counted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::rollout::{NodeSet, Rollout, Wave};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
    /// let state = Rollout::new("june").wave(wave).begin(&manager).await?;
    /// println!("{}", state.explain(Duration::from_mins(20)));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&self, lasting: Duration) -> RunPlan {
        let is_over = matches!(
            self.status,
            RolloutStatus::Aborting | RolloutStatus::Aborted | RolloutStatus::Completed
        );
        let waves = self.rollout.waves.iter().zip(&self.waves);
        let left = waves.filter(|(_, wave)| !is_over && wave.phase != WavePhase::Done);
        let (mut nodes, mut steps) = (0, Vec::new());
        let mut looks = false;
        for (spec, wave) in left {
            let commands = left_of(wave);
            if !looks
                && commands
                    .iter()
                    .any(|one| one.progress == CommandProgress::Planned)
            {
                looks = true;
                let why = "what this rollout has sent, in case this state is older, 50 a call";
                steps.push(PlannedCalls::one_by_one("ListCommands", 1, why));
            }
            nodes += commands
                .iter()
                .map(|command| command.nodes.len())
                .sum::<usize>();
            steps.extend(power_before(spec, wave));
            steps.extend(installing(&commands, lasting));
            if wave.phase <= WavePhase::Gating {
                steps.extend(gate(spec, wave));
            }
            steps.extend(power_after(wave));
        }
        RunPlan::of(nodes, steps)
    }
}

/// The commands that have not ended.
fn left_of(wave: &WaveState) -> Vec<&WaveCommand> {
    let commands = wave.commands.iter();
    commands
        .filter(|command| command.progress != CommandProgress::Ended)
        .collect()
}

fn power_before(spec: &Wave, wave: &WaveState) -> Vec<PlannedCalls> {
    let step = PlannedCalls::one_by_one;
    match wave.phase {
        WavePhase::Pending if spec.start_stopped => vec![step(
            "DescribeInstances",
            instances(&wave.nodes).div_ceil(EC2_FILTER_VALUES),
            "which instances are stopped, 200 ids a call; the plan assumes none",
        )],
        WavePhase::Starting => vec![
            step("StartInstances", 1, "the stopped instances of a wave"),
            step(
                "DescribeInstanceInformation",
                wave.nodes_to_start.len().div_ceil(BATCH),
                "whether they are online, 50 ids a call, every 30 seconds",
            ),
        ],
        _ => Vec::new(),
    }
}

fn power_after(wave: &WaveState) -> Option<PlannedCalls> {
    let why = "those that the rollout started";
    let starts = !wave.nodes_to_start.is_empty();
    starts.then(|| PlannedCalls::one_by_one("StopInstances", 1, why))
}

fn installing(
    commands: &[&WaveCommand],
    lasting: Duration,
) -> impl Iterator<Item = PlannedCalls> + use<> {
    let in_progress = |is: fn(&CommandProgress) -> bool| {
        let commands = commands.iter();
        commands.filter(|command| is(&command.progress)).count()
    };
    let planned = in_progress(|progress| *progress == CommandProgress::Planned);
    let sending = in_progress(|progress| matches!(progress, CommandProgress::Sending { .. }));
    let polls = (lasting.as_secs_f64() / POLL.as_secs_f64()).ceil() as usize;
    let step = PlannedCalls::one_by_one;
    let pages: usize = commands
        .iter()
        .map(|command| command.nodes.len().div_ceil(BATCH))
        .sum();
    let sent = [
        step("SendCommand", planned, "50 nodes a command"),
        step(
            "ListCommands",
            sending,
            "a command that may have been sent, by its comment",
        ),
        step(
            "ListCommands",
            commands.len().saturating_mul(polls.saturating_add(1)),
            "the status of each command, every 30 seconds",
        ),
    ];
    sent.into_iter().chain(outcomes(pages, pages))
}

fn gate(spec: &Wave, wave: &WaveState) -> Vec<PlannedCalls> {
    let mut steps = Vec::new();
    if spec.gate.online_within.is_some() {
        steps.push(PlannedCalls::one_by_one(
            "DescribeInstanceInformation",
            wave.nodes.len().div_ceil(BATCH),
            "whether patched nodes are online, 50 ids a call, every 30 seconds",
        ));
    }
    let compliant = match &spec.gate.compliant {
        CompliantNodes::None => return steps,
        CompliantNodes::Succeeded => &wave.nodes,
        CompliantNodes::Nodes(nodes) => nodes,
    };
    let query = ComplianceQuery::nodes(compliant);
    steps.extend(query.explain(compliant.len()).steps);
    steps
}

fn instances(nodes: &[NodeId]) -> usize {
    nodes.iter().filter(|node| !node.is_hybrid()).count()
}
