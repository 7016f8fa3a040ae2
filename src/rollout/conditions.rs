//! What a gate looks at, and the instances that a wave starts and stops.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};

use super::run::{Driver, repeat};
use super::{
    CompliantNodes, GateFailure, GateResult, Health, NodeResult, PatchedWave, RolloutEventKind,
    WavePhase,
};
use crate::compliance::ComplianceQuery;
use crate::error::{Error, ErrorKind, Result};
use crate::types::{InstanceStateChange, NodeFilter, NodeId, PingStatus};

/// How long the instances of a wave may take until they are online.
const START_LIMIT: SignedDuration = SignedDuration::from_mins(15);

/// How often nodes are asked for that are not online yet.
const POLL: SignedDuration = SignedDuration::from_secs(30);

/// The ids of one filter: the nodes of one page.
const IDS: usize = 50;

impl Driver {
    /// Decides a gate. One that was accepted by hand holds, unless the health check, which is asked
    /// last, finds what nobody has accepted.
    pub(super) async fn decide_gate(&mut self, at: usize) -> Result<()> {
        let before = self.wave(at)?.gate.clone();
        if let Some(accepted) = before.filter(|gate| gate.accepted) {
            let decided = match self.check_harm(at).await? {
                Some(harmful) => harmful,
                None => accepted,
            };
            return self.record_gate(at, decided).await;
        }
        let mut failures = Vec::new();
        failures.extend(self.too_few_succeeded(at)?);
        match self.offline(at).await? {
            Wait::Interrupted => return Ok(()),
            Wait::Over { offline: nodes } if nodes.is_empty() => {}
            Wait::Over { offline: nodes } => failures.push(GateFailure::Offline { nodes }),
        }
        failures.extend(self.not_compliant(at).await?);
        if failures.is_empty() {
            failures.extend(self.check_health(at).await?);
        }
        let result = GateResult::new(self.now(), failures);
        self.record_gate(at, result).await
    }

    fn too_few_succeeded(&self, at: usize) -> Result<Option<GateFailure>> {
        let (wave, gate) = (self.wave(at)?, &self.spec(at)?.gate);
        let (succeeded, nodes) = (wave.succeeded().count(), wave.nodes.len());
        let holds = nodes - succeeded.min(nodes) <= gate.tolerated(nodes);
        Ok((!holds).then_some(GateFailure::TooFewSucceeded {
            succeeded,
            nodes,
            percent: gate.succeeded_percent,
        }))
    }

    /// Waits until the patched nodes are online, for as long as the gate allows.
    async fn offline(&mut self, at: usize) -> Result<Wait> {
        let Some(within) = self.spec(at)?.gate.online_within else {
            let offline = Vec::new();
            return Ok(Wait::Over { offline });
        };
        let nodes: Vec<NodeId> = self.wave(at)?.succeeded().cloned().collect();
        self.wait_until_online(at, &nodes, within).await
    }

    /// Waits until the nodes are online, for so long at most. The limit of a run that does not stay counts
    /// from the first of its waits.
    async fn wait_until_online(
        &mut self,
        at: usize,
        nodes: &[NodeId],
        within: SignedDuration,
    ) -> Result<Wait> {
        let since = self.wave(at)?.waits_since.unwrap_or_else(|| self.now());
        let limit = since.saturating_add(within).unwrap_or(Timestamp::MAX);
        loop {
            let online = repeat!(self, self.managed(nodes, Some(PingStatus::Online)))?;
            let offline = nodes.iter().filter(|node| !online.contains(*node));
            let offline: Vec<NodeId> = offline.cloned().collect();
            let now = self.now();
            if offline.is_empty() || now >= limit {
                self.wave_mut(at)?.waits_since = None;
                return Ok(Wait::Over { offline });
            }
            if self.is_interrupted() {
                return Ok(Wait::Interrupted);
            }
            let next = now.saturating_add(POLL).unwrap_or(limit);
            self.sleep_until(next.min(limit)).await;
            if self.next.is_some() {
                if self.wave(at)?.waits_since.is_none() {
                    self.wave_mut(at)?.waits_since = Some(since);
                    self.save().await?;
                }
                return Ok(Wait::Interrupted);
            }
        }
    }

    /// Those of the nodes that Systems Manager manages, in any or only in this contact.
    pub(super) async fn managed(
        &self,
        nodes: &[NodeId],
        status: Option<PingStatus>,
    ) -> Result<BTreeSet<NodeId>> {
        let mut managed = BTreeSet::new();
        for ids in nodes.chunks(IDS) {
            let status = status
                .clone()
                .map(|status| NodeFilter::ping_status([status]));
            let filters = [NodeFilter::ids(ids)].into_iter().chain(status);
            let found = self.manager.list_nodes_with(filters);
            let found = found.map_ok(|node| node.instance_id);
            managed.extend(found.try_collect::<Vec<_>>().await?);
        }
        Ok(managed)
    }

    async fn not_compliant(&self, at: usize) -> Result<Option<GateFailure>> {
        let wave = self.wave(at)?;
        let nodes: Vec<NodeId> = match &self.spec(at)?.gate.compliant {
            CompliantNodes::None => return Ok(None),
            CompliantNodes::Succeeded => wave.succeeded().cloned().collect(),
            CompliantNodes::Nodes(nodes) => nodes.clone(),
        };
        if nodes.is_empty() {
            return Ok(None);
        }
        let nodes = repeat!(self, self.reasons(&nodes))?;
        Ok((!nodes.is_empty()).then_some(GateFailure::NotCompliant { nodes }))
    }

    /// Those of the nodes that are not compliant, and why.
    async fn reasons(&self, nodes: &[NodeId]) -> Result<BTreeMap<NodeId, String>> {
        let unanswered = |node: &NodeId| (node.clone(), "not answered".to_owned());
        let mut reasons: BTreeMap<NodeId, String> = nodes.iter().map(unanswered).collect();
        let query = ComplianceQuery::nodes(nodes);
        let mut answers = self.manager.compliance(&query);
        while let Some(answer) = answers.try_next().await? {
            if answer.is_compliant() {
                reasons.remove(&answer.node);
            } else {
                let reason = answer.reason();
                reasons.insert(answer.node, reason);
            }
        }
        Ok(reasons)
    }

    /// Asks the health check, unless harm was accepted: the gate that has failed, with what was accepted
    /// before, if it finds harm.
    pub(super) async fn check_harm(&self, at: usize) -> Result<Option<GateResult>> {
        let before = self.wave(at)?.gate.clone();
        if before.as_ref().is_some_and(GateResult::accepts_harm) {
            return Ok(None);
        }
        let harm = self.check_health(at).await?;
        Ok(harm.map(|harm| {
            let now = self.now();
            let before = before.map(|gate| gate.without_harm(now).failures);
            let failures = before.unwrap_or_default().into_iter().chain([harm]);
            GateResult::new(now, failures.collect())
        }))
    }

    /// Asks the health check, if the gate demands one.
    async fn check_health(&self, at: usize) -> Result<Option<GateFailure>> {
        let (spec, wave) = (self.spec(at)?, self.wave(at)?);
        let Some(health) = self.health.as_ref().filter(|_| spec.gate.healthy) else {
            return Ok(None);
        };
        let patched = PatchedWave {
            rollout: self.state.rollout.name.clone(),
            name: spec.name.clone(),
            nodes: wave.nodes.clone(),
            succeeded: wave.succeeded().cloned().collect(),
        };
        Ok(match repeat!(self, health.check(&patched))? {
            Health::Healthy => None,
            Health::Unhealthy { reason } => Some(GateFailure::Unhealthy { reason }),
        })
    }

    /// The instances of a wave that are stopped.
    pub(super) async fn stopped_instances(&self, at: usize) -> Result<Vec<NodeId>> {
        let nodes = &self.wave(at)?.nodes;
        let instances = repeat!(self, self.manager.known_instances(nodes))?;
        let stopped = instances.into_iter().filter(|one| one.is_stopped());
        Ok(stopped.map(|instance| instance.instance_id).collect())
    }

    /// Starts the instances that are to be started, and waits until they are online. One that cannot
    /// be started gets its result when a command is sent to it.
    pub(super) async fn start_instances(&mut self, at: usize) -> Result<()> {
        let wave = self.wave(at)?;
        let mut running = wave.started_nodes.clone();
        let left = wave.nodes_to_start.iter();
        let left: Vec<NodeId> = left.filter(|one| !running.contains(one)).cloned().collect();
        running.extend(self.change_power(at, &left, Power::Start).await?);
        if let Wait::Interrupted = self.wait_until_online(at, &running, START_LIMIT).await? {
            return Ok(());
        }
        let wave = self.wave_mut(at)?;
        wave.phase = WavePhase::Installing;
        let nodes = wave.started_nodes.clone();
        self.save().await?;
        self.tell_of(at, RolloutEventKind::InstancesStarted { nodes })
    }

    /// Stops the instances that the rollout started, but for those on which a command may still run.
    pub(super) async fn stop_instances(&mut self, at: usize) -> Result<()> {
        let wave = self.wave(at)?;
        let nodes = wave.nodes_to_start.clone();
        if nodes.is_empty() || wave.phase == WavePhase::Done {
            return Ok(());
        }
        let runs = |node: &NodeId| {
            let result = wave.results.get(node);
            matches!(result, Some(NodeResult::NotEnded { .. }))
        };
        let over = wave.started_nodes.iter().filter(|node| !runs(node));
        let over: Vec<NodeId> = over.cloned().collect();
        let stopped = self.change_power(at, &over, Power::Stop).await?;
        let left = nodes.iter().filter(|node| !stopped.contains(node));
        let left: Vec<NodeId> = left.cloned().collect();
        if !stopped.is_empty() {
            self.tell_of(at, RolloutEventKind::InstancesStopped { nodes: stopped })?;
        }
        if !left.is_empty() {
            self.tell_of(at, RolloutEventKind::InstancesLeft { nodes: left })?;
        }
        Ok(())
    }

    /// Starts or stops instances, all in one call; if one of them cannot, each in a call of its own.
    /// Returns those that could.
    async fn change_power(
        &mut self,
        at: usize,
        nodes: &[NodeId],
        power: Power,
    ) -> Result<Vec<NodeId>> {
        if nodes.is_empty() {
            return Ok(Vec::new());
        }
        let mut changed = Vec::new();
        let alone = nodes.chunks(1).filter(|_| nodes.len() > 1);
        for group in iter::once(nodes).chain(alone) {
            match repeat!(self, self.change_power_once(group, power)) {
                Ok(changes) => {
                    changed.extend(group.iter().cloned());
                    self.record_started(at, power, &changes).await?;
                }
                Err(error) if is_of_one_instance(&error) => {}
                Err(error) => return Err(error),
            }
            if changed.len() == nodes.len() {
                break;
            }
        }
        Ok(changed)
    }

    /// Records which instances the rollout started: those that were stopped until this call.
    ///
    /// EC2 has no client token for a start. After a lost reply the repeated call finds an instance
    /// that starts or runs, and somebody else may have started it: it counts as theirs.
    async fn record_started(
        &mut self,
        at: usize,
        power: Power,
        changes: &[InstanceStateChange],
    ) -> Result<()> {
        let started = changes
            .iter()
            .filter(|change| change.is_change() && change.previous_state.name == "stopped")
            .map(|change| change.instance_id.clone());
        let started: Vec<NodeId> = started.collect();
        if power == Power::Stop || started.is_empty() {
            return Ok(());
        }
        self.wave_mut(at)?.started_nodes.extend(started);
        self.save().await
    }

    async fn change_power_once(
        &self,
        nodes: &[NodeId],
        power: Power,
    ) -> Result<Vec<InstanceStateChange>> {
        match power {
            Power::Start => self.manager.start_nodes(nodes).await,
            Power::Stop => self.manager.stop_nodes(nodes).await,
        }
    }
}

/// How a wait for nodes ended.
enum Wait {
    /// All are online, or the time is over: these are not.
    Over { offline: Vec<NodeId> },
    /// A pause or an abort was requested.
    Interrupted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Power {
    Start,
    Stop,
}

/// Whether another instance may do what this one cannot: it is terminated, stuck in a change, or
/// there is no capacity for its type (`InsufficientInstanceCapacity`).
fn is_of_one_instance(error: &Error) -> bool {
    let of_one = [ErrorKind::NotFound, ErrorKind::Conflict, ErrorKind::Other];
    of_one.contains(&error.kind())
}
