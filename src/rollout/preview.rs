use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    GateResult, HaltReason, Health, HealthCheck, InMemoryRolloutStore, PatchedWave, Rollout,
    RolloutRun, RolloutState, RolloutStatus, WaveState,
};
use crate::error::Result;
use crate::manager::PatchManager;
use crate::memory::{MemoryBackend, PastOperation, Trigger};
use crate::plan::{MirrorScope, MirrorSnapshot, Unread};
use crate::telemetry::verb;
use crate::types::{NodeId, timestamp};

/// What a rollout would do, if nobody changes anything and nothing new is released.
///
/// It is what the rollout did on a mirror of the account: the same run, and no second one.
/// [`MemoryBackend::from_snapshot`] says what a mirror infers and what it lacks. What fails there,
/// such as a patch that failed before, is expected to fail; any other failure cannot be foreseen.
///
/// Times are those of the mirror: 1 minute for the scan of an install, 1 minute for each patch,
/// 2 minutes for a reboot, 30 seconds for the start or stop of an instance, and as many nodes at a
/// time as the rollout's limit allows, 50 of each command without one. Real patches take from
/// seconds to an hour, so read the times as an order of magnitude.
///
/// A gate that fails would halt the rollout. The preview accepts it, so that it shows the later
/// waves too. It knows nothing of your health check, and takes every wave for healthy.
///
/// `Display` prints a text, [`to_markdown`](Self::to_markdown) tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RolloutPreview {
    /// The name of the rollout.
    pub name: String,
    /// When it begins: when the account was read.
    #[serde(with = "timestamp")]
    pub from: Timestamp,
    /// When it is over, or halts.
    #[serde(with = "timestamp")]
    pub until: Timestamp,
    /// How it ends if each gate that fails is accepted: completed, or halted by a window that closes
    /// or a snapshot that expires.
    pub status: RolloutStatus,
    /// Its waves.
    pub waves: Vec<WavePreview>,
    /// Its nodes that never reported their patches: what would happen on them is not known, and a
    /// gate that demands their compliance fails here.
    pub unknown: Vec<NodeId>,
    /// What could not be read, so that the preview is without it.
    pub unread: Vec<Unread>,
}

/// What a wave would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WavePreview {
    /// Its name.
    pub name: String,
    /// When it starts; absent if the rollout halts before.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub starts: Option<Timestamp>,
    /// When its last node is patched; absent if none is.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub installed: Option<Timestamp>,
    /// When it is over, after its gate and its bake time; absent if the rollout halts before.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
    /// The stopped instances that it starts.
    pub starts_instances: Vec<NodeId>,
    /// What its gate says; absent if the rollout halts before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateResult>,
    /// Whether the gate also asks a health check, of which the preview knows nothing.
    pub asks_health_check: bool,
    /// Its nodes, by id.
    pub nodes: Vec<NodePreview>,
}

/// What a wave would do on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NodePreview {
    /// The node.
    pub node: NodeId,
    /// When the install starts on it; absent if it does not.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub starts: Option<Timestamp>,
    /// When it ends; absent if it does not.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
    /// The patches that it installs: KB numbers, or `name.arch-version` on Linux.
    pub installs: Vec<String>,
    /// The patches that fail, because they failed before.
    pub fails: Vec<String>,
    /// Whether the node reboots.
    pub reboots: bool,
    /// Why the install does not succeed, such as `not managed`; absent if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Rollout {
    /// What the rollout would do, if it began now. It reads the account with patches and catalog, and
    /// carries the rollout out on a mirror of it. It writes nothing.
    ///
    /// The reading takes a call or more for each node; see [`MirrorScope::explain`]. For a snapshot
    /// that was read before, use [`RolloutPreview::of`]. The files of a
    /// [`BaselineOverride`](super::FrozenPatches::BaselineOverride) or an
    /// [`InstallOverrideList`](super::FrozenPatches::InstallOverrideList) are not read: put them into
    /// a mirror with [`MemoryBackend::put_object`], and use [`RolloutPreview::on`].
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::rollout::{NodeSet, Rollout, Wave};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let wave = Wave::of("all", NodeSet::nodes(["i-0c0ffee0000000001"]));
    /// let preview = Rollout::new("june").wave(wave).preview(&manager).await?;
    /// for (patch, nodes) in preview.waves[0].nodes_by_patch() {
    ///     println!("{patch} on {} nodes", nodes.len());
    /// }
    /// println!("{preview}");
    /// println!("{}", preview.to_markdown());
    /// println!("{}", serde_json::to_string_pretty(&preview)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`begin`](Self::begin), and of [`PatchManager::mirror_snapshot`].
    pub async fn preview(&self, manager: &PatchManager) -> Result<RolloutPreview> {
        verb!(rollout_preview(rollout = self.name.as_str()), async {
            self.check_from(Some(manager.clock().now()))?;
            let scope = MirrorScope::new().patches().catalog();
            let snapshot = manager.mirror_snapshot(&scope).await?;
            RolloutPreview::of(self, &snapshot).await
        })
    }
}

impl RolloutPreview {
    /// What a rollout would do in the account of a snapshot, which should have patches and catalog.
    ///
    /// # Errors
    ///
    /// Those of [`Rollout::begin`].
    pub async fn of(rollout: &Rollout, snapshot: &MirrorSnapshot) -> Result<Self> {
        let mirror = MemoryBackend::from_snapshot(snapshot);
        let mut preview = Self::on(rollout, &mirror).await?;
        preview.unread.clone_from(&snapshot.unread);
        Ok(preview)
    }

    /// What a rollout would do in a mirror as it is now, such as one that a dry run has changed. It
    /// turns the mirror's clock and patches its nodes.
    ///
    /// # Errors
    ///
    /// Those of [`Rollout::begin`].
    pub async fn on(rollout: &Rollout, mirror: &MemoryBackend) -> Result<Self> {
        let manager = PatchManager::from_memory(mirror);
        let unreported = mirror.nodes_without_report();
        let begun = rollout.begin(&manager).await?;
        let from = begun.begun;
        let state = carried_through(&manager, begun).await?;
        let past = mirror.past_operations().into_iter();
        let past = past.filter(|one| one.trigger == Trigger::Command && one.requested >= from);
        let past: HashMap<NodeId, PastOperation> =
            past.map(|one| (one.node.clone(), one)).collect();
        let waves = rollout.waves.iter().zip(&state.waves);
        let waves = waves.map(|(spec, wave)| WavePreview {
            asks_health_check: spec.gate.healthy,
            ..wave_preview(wave, &past)
        });
        let nodes: BTreeSet<&NodeId> = state.waves.iter().flat_map(|wave| &wave.nodes).collect();
        Ok(Self {
            name: rollout.name.clone(),
            from,
            until: state.ended.unwrap_or_else(|| manager.clock().now()),
            waves: waves.collect(),
            unknown: unreported
                .into_iter()
                .filter(|node| nodes.contains(node))
                .collect(),
            unread: Vec::new(),
            status: state.status,
        })
    }

    /// The gates that would halt the rollout, by the names of their waves.
    pub fn failed_gates(&self) -> impl Iterator<Item = (&str, &GateResult)> {
        self.waves.iter().filter_map(|wave| {
            let gate = wave.gate.as_ref().filter(|gate| !gate.failures.is_empty());
            Some((wave.name.as_str(), gate?))
        })
    }

    /// How long the rollout may take, with all waits.
    pub fn duration(&self) -> SignedDuration {
        self.from.duration_until(self.until)
    }
}

impl WavePreview {
    /// The nodes on which each patch would be installed.
    pub fn nodes_by_patch(&self) -> BTreeMap<&str, Vec<&NodeId>> {
        let mut found: BTreeMap<&str, Vec<&NodeId>> = BTreeMap::new();
        for node in &self.nodes {
            for patch in &node.installs {
                found.entry(patch).or_default().push(&node.node);
            }
        }
        found
    }

    /// The nodes that would reboot.
    pub fn rebooting(&self) -> impl Iterator<Item = &NodeId> {
        let nodes = self.nodes.iter().filter(|node| node.reboots);
        nodes.map(|node| &node.node)
    }

    /// The number of installations: patches, each as often as it has nodes.
    pub fn installations(&self) -> usize {
        self.nodes.iter().map(|node| node.installs.len()).sum()
    }

    /// How long its nodes may take, from its start until the last one is patched.
    pub fn install_time(&self) -> Option<SignedDuration> {
        Some(self.starts?.duration_until(self.installed?))
    }
}

/// Carries a rollout through, and accepts each gate that fails, whose failures the state then has.
async fn carried_through(manager: &PatchManager, begun: RolloutState) -> Result<RolloutState> {
    let gate_failed = RolloutStatus::Halted {
        reason: HaltReason::GateFailed,
    };
    let mut state = begun;
    loop {
        let store = InMemoryRolloutStore::new();
        let run = RolloutRun::new(manager, state.clone(), store.clone());
        run.health_check(TakenForHealthy).finish().await?;
        state = store.last().unwrap_or(state);
        if state.status != gate_failed {
            return Ok(state);
        }
        state.accept_gate()?;
    }
}

#[derive(Debug)]
struct TakenForHealthy;

#[async_trait]
impl HealthCheck for TakenForHealthy {
    async fn check(&self, _: &PatchedWave) -> Result<Health> {
        Ok(Health::Healthy)
    }
}

fn wave_preview(wave: &WaveState, past: &HashMap<NodeId, PastOperation>) -> WavePreview {
    let nodes = wave.nodes.iter().map(|node| node_preview(node, wave, past));
    let nodes: Vec<NodePreview> = nodes.collect();
    let mut gate = wave.gate.clone();
    if let Some(gate) = &mut gate {
        gate.accepted = false;
    }
    WavePreview {
        name: wave.name.clone(),
        starts: wave.started,
        installed: nodes.iter().filter_map(|node| node.ends).max(),
        ends: wave.ended,
        starts_instances: wave.started_nodes.clone(),
        gate,
        asks_health_check: false,
        nodes,
    }
}

fn node_preview(
    node: &NodeId,
    wave: &WaveState,
    past: &HashMap<NodeId, PastOperation>,
) -> NodePreview {
    let operation = past.get(node);
    let done = operation
        .and_then(|one| one.done.clone())
        .unwrap_or_default();
    let result = wave.results.get(node).filter(|result| !result.is_success());
    let errors = operation.map_or("", |one| one.errors.trim());
    let problem = result.map(|result| match errors {
        "" => result.to_string(),
        errors => format!("{result}: {errors}"),
    });
    NodePreview {
        node: node.clone(),
        starts: operation.and_then(|one| one.started),
        ends: operation.and_then(|one| one.ended),
        installs: done.installed_names(),
        fails: done.failed,
        reboots: done.rebooted,
        problem,
    }
}
