//! What makes a state fit its rollout.

use std::collections::BTreeSet;

use super::begin::BATCH;
use super::{
    CommandProgress, CompliantNodes, FrozenPatches, NodeSet, RolloutState, RolloutStatus, Wave,
    WaveCommand, WaveNodes, WavePhase, WaveState,
};
use crate::counted::Counted;
use crate::error::{Error, Result, Violation, Violations};
use crate::types::NodeId;

impl RolloutState {
    /// Checks that the state is one that a run can carry on: its rollout is legal, and each wave has
    /// the name, the nodes, the commands and the progress that it can have in this rollout.
    ///
    /// A run checks it before its first call, because a person or a disk can have changed it. It
    /// cannot see what only the account knows, such as the values of a tag.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::rollout::{NodeSet, Rollout, Wave};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
    /// let mut state = Rollout::new("june").wave(wave).begin(&manager).await?;
    /// state.check()?;
    /// state.waves.clear();
    /// let wrong = state.check().err().ok_or("it was accepted")?;
    /// assert_eq!(wrong.violations()[0].field, "Waves");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all violations at once.
    pub fn check(&self) -> Result<()> {
        // Of another form, everything else would be wrong too.
        if self.schema_version != Self::SCHEMA_VERSION {
            let (given, own) = (self.schema_version.to_string(), Self::SCHEMA_VERSION);
            let legal =
                format!("{own}: carry the rollout on with the version of this crate that began it");
            let violation = Violation::new("SchemaVersion", given, legal);
            return Err(Error::invalid_input(vec![violation]).with_operation("RolloutState"));
        }
        self.rollout.check()?;
        let mut found = Violations::new();
        self.check_numbers(&mut found);
        let specs = &self.rollout.waves;
        found.require(
            self.waves.len() == specs.len(),
            "Waves",
            self.waves.len(),
            format!("a state for each wave of the rollout: {}", specs.len()),
        );
        for (at, (spec, wave)) in specs.iter().zip(&self.waves).enumerate() {
            let field = format!("Waves[{at}]");
            let legal = format!("`{}`, as in the rollout", spec.name);
            found.require(
                wave.name == spec.name,
                format!("{field}.Name"),
                &wave.name,
                legal,
            );
            self.check_nodes_of(at, spec, wave, &mut found);
            self.check_commands(at, wave, &mut found);
            check_power(&field, spec, wave, &mut found);
            check_progress(&field, wave, &mut found);
        }
        if self.waves.len() == specs.len() {
            self.check_division(&mut found);
        }
        self.check_order_of_phases(&mut found);
        found.or("RolloutState", ())
    }

    fn check_numbers(&self, found: &mut Violations) {
        let is_hex = |digit: char| digit.is_ascii_digit() || ('a'..='f').contains(&digit);
        let is_id = self.id.len() == 16 && self.id.chars().all(is_hex);
        found.require(is_id, "Id", &self.id, "16 hexadecimal digits in lower case");
        found.require(
            self.revision < u64::MAX,
            "Revision",
            self.revision,
            "a number that has a next one",
        );
        let frozen = self.rollout.patches == FrozenPatches::Snapshot;
        found.require(
            self.snapshot_id.is_some() == frozen,
            "SnapshotId",
            self.snapshot_id.as_ref().map_or("", |id| id.as_str()),
            match frozen {
                true => "the id that all waves share",
                false => "none: the rollout's patches are not those of a snapshot",
            },
        );
    }

    /// A wave has the nodes that its set names, and no two waves share one.
    fn check_nodes_of(&self, at: usize, spec: &Wave, wave: &WaveState, found: &mut Violations) {
        let field = format!("Waves[{at}].Nodes");
        found.require(!wave.nodes.is_empty(), &field, "", "at least one node");
        let own: BTreeSet<&NodeId> = wave.nodes.iter().collect();
        let others = self.waves.iter().take(at).flat_map(|wave| &wave.nodes);
        let others: BTreeSet<&NodeId> = others.collect();
        for (number, node) in wave.nodes.iter().enumerate() {
            let field = format!("{field}[{number}]");
            found.require(node.is_well_formed(), &field, node, NodeId::LEGAL);
            let legal = "a node that no wave before has";
            found.require(!others.contains(node), field, node, legal);
        }
        found.require(
            own.len() == wave.nodes.len(),
            &field,
            format_args!(
                "{} nodes, {} of them different",
                wave.nodes.len(),
                own.len()
            ),
            "each node once",
        );
        if let WaveNodes::Set(NodeSet::Nodes(named)) = &spec.nodes {
            let named: BTreeSet<&NodeId> = named.iter().collect();
            for node in own.symmetric_difference(&named) {
                found.push(
                    &field,
                    node.as_str(),
                    "the nodes that the rollout names, all of them",
                );
            }
        }
        if let CompliantNodes::Nodes(compliant) = &spec.gate.compliant {
            for node in compliant.iter().filter(|node| !own.contains(node)) {
                let field = format!("Rollout.Waves[{at}].Gate.Compliant");
                found.push(field, node.as_str(), "a node of the wave");
            }
        }
        for node in wave.results.keys().filter(|node| !own.contains(node)) {
            found.push(
                format!("Waves[{at}].Results"),
                node.as_str(),
                "a node of the wave",
            );
        }
    }

    /// Each node has one command or a result, so that none is patched twice and none forgotten.
    fn check_commands(&self, at: usize, wave: &WaveState, found: &mut Violations) {
        let own: BTreeSet<&NodeId> = wave.nodes.iter().collect();
        let mut seen: BTreeSet<&NodeId> = BTreeSet::new();
        for (number, command) in wave.commands.iter().enumerate() {
            let field = format!("Waves[{at}].Commands[{number}]");
            let comment = self.rollout.comment(&self.id, at, number + 1);
            found.require(
                command.comment == comment,
                format!("{field}.Comment"),
                &command.comment,
                format!("`{comment}`, by which the command of this rollout is found"),
            );
            let count = command.nodes.len();
            let is_legal = (1..=BATCH).contains(&count);
            found.require(is_legal, format!("{field}.Nodes"), count, "1 to 50 nodes");
            for node in &command.nodes {
                let legal = "a node of the wave, in one command only";
                let is_legal = own.contains(node) && seen.insert(node);
                found.require(is_legal, format!("{field}.Nodes"), node, legal);
            }
            let is_over = command.progress == CommandProgress::Ended;
            for node in command
                .nodes
                .iter()
                .filter(|node| !wave.results.contains_key(node))
            {
                let legal = "a result for each node of a command that has ended";
                found.require(!is_over, format!("{field}.Progress"), node, legal);
            }
        }
        for node in &wave.nodes {
            let legal = "each node of the wave, in a command or with a result";
            let is_there = seen.contains(node) || wave.results.contains_key(node);
            found.require(is_there, format!("Waves[{at}].Commands"), node, legal);
        }
    }

    /// The shares and the rest of what the waves have together are those that `begin` makes.
    fn check_division(&self, found: &mut Violations) {
        let all: BTreeSet<NodeId> = self
            .waves
            .iter()
            .flat_map(|wave| wave.nodes.clone())
            .collect();
        if let Some(NodeSet::Nodes(target)) = &self.rollout.target {
            let target: BTreeSet<NodeId> = target.iter().cloned().collect();
            for node in all.symmetric_difference(&target) {
                let legal = "the nodes of the rollout's target, each in a wave";
                found.push("Waves", node.as_str(), legal);
            }
        }
        let both = || self.rollout.waves.iter().zip(&self.waves);
        let sets = both().map(|(spec, wave)| match spec.nodes {
            WaveNodes::Set(_) => wave.nodes.iter().cloned().collect(),
            WaveNodes::Share(_) | WaveNodes::Rest => BTreeSet::new(),
        });
        let mut divided: Vec<BTreeSet<NodeId>> = sets.collect();
        self.rollout.share(Some(&all), &mut divided);
        for (at, ((spec, wave), nodes)) in both().zip(&divided).enumerate() {
            found.require(
                wave.nodes.iter().eq(nodes),
                format!("Waves[{at}].Nodes"),
                Counted(wave.nodes.len(), "node"),
                format!("{}: {}, by id", spec.nodes, Counted(nodes.len(), "node")),
            );
        }
    }

    /// One wave after another: those before the current one are done, and those after it pending.
    fn check_order_of_phases(&self, found: &mut Violations) {
        let current = self.current_wave().unwrap_or(self.waves.len());
        for (at, wave) in self.waves.iter().enumerate().skip(current + 1) {
            found.require(
                wave.phase == WavePhase::Pending,
                format!("Waves[{at}].Phase"),
                wave.phase,
                format!(
                    "pending, because the wave `{}` is not done",
                    self.name_of(current)
                ),
            );
        }
        let is_over = current == self.waves.len();
        found.require(
            self.status != RolloutStatus::Completed || is_over,
            "Status",
            &self.status,
            format!(
                "not completed, because the wave `{}` is not done",
                self.name_of(current)
            ),
        );
    }

    fn name_of(&self, at: usize) -> &str {
        self.waves.get(at).map_or("", |wave| &wave.name)
    }
}

/// Only stopped instances are started, and only what was to be started was.
fn check_power(field: &str, spec: &Wave, wave: &WaveState, found: &mut Violations) {
    let own: BTreeSet<&NodeId> = wave.nodes.iter().collect();
    let mut to_start = BTreeSet::new();
    for node in &wave.nodes_to_start {
        let is_legal = spec.start_stopped && own.contains(node) && to_start.insert(node);
        let legal = "a node of a wave that starts stopped instances, once";
        found.require(is_legal, format!("{field}.NodesToStart"), node, legal);
    }
    let mut seen = BTreeSet::new();
    for node in &wave.started_nodes {
        let is_legal = to_start.contains(node) && seen.insert(node);
        let legal = "an instance that is to be started, once";
        found.require(is_legal, format!("{field}.StartedNodes"), node, legal);
    }
}

/// What has happened fits the phase.
fn check_progress(field: &str, wave: &WaveState, found: &mut Violations) {
    let has = |is_so: &dyn Fn(&WaveCommand) -> bool| wave.commands.iter().all(is_so);
    let before = wave.phase < WavePhase::Installing;
    let after = wave.phase > WavePhase::Installing;
    let untouched = wave.results.is_empty() && has(&|one| one.progress == CommandProgress::Planned);
    let over = has(&|one| one.progress == CommandProgress::Ended);
    let passed = wave.gate.as_ref().is_some_and(|gate| gate.is_passed());
    let field = format!("{field}.Phase");
    for (holds, legal) in [
        (
            !before || untouched,
            "a later phase: nodes of the wave have commands or results",
        ),
        (
            !after || over,
            "an earlier phase: commands of the wave have not ended",
        ),
        (
            wave.phase < WavePhase::Stopping || passed,
            "an earlier phase: the gate of the wave has not passed",
        ),
        (
            wave.phase == WavePhase::Pending || wave.started.is_some(),
            "pending: the wave has no time at which it started",
        ),
    ] {
        found.require(holds, &field, wave.phase, legal);
    }
}
