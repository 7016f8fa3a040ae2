//! Finds the nodes of the waves, and plans the commands.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;

use super::state::{RolloutState, RolloutStatus, WaveState};
use super::{
    CommandProgress, CompliantNodes, FrozenPatches, LimitPer, NodeSet, Rollout, Wave, WaveCommand,
    WaveNodes,
};
use crate::error::{Result, Violations};
use crate::group::PatchGroupTagKey;
use crate::manager::PatchManager;
use crate::telemetry::verb;
use crate::types::{NodeFilter, NodeId, QueryFilter, SnapshotId, random_uuid};

/// The most nodes of a command by id (SSM model, SendCommand).
pub(super) const BATCH: usize = 50;

impl Rollout {
    /// Checks the rollout, finds its nodes, and returns the state that a
    /// [`RolloutRun`](super::RolloutRun) carries out. It writes nothing.
    ///
    /// The nodes are those of this instant: a node that joins a group or gets a tag later is in no
    /// wave.
    ///
    /// Calls DescribeInstanceInformation and, for stopped instances and Availability Zones,
    /// DescribeInstances (EC2). For a limit per tag, ListTagsForResource for each hybrid node.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before any call, as
    /// [`check`](Self::check) returns it; and after reading the nodes for a node in several waves, a
    /// wave without nodes, and waves that do not cover the target exactly. It can also fail as [every
    /// call can](PatchManager#what-every-call-can-meet).
    pub async fn begin(&self, manager: &PatchManager) -> Result<RolloutState> {
        verb!(
            rollout_begin(rollout = self.name.as_str()),
            self.begin_now(manager)
        )
    }

    async fn begin_now(&self, manager: &PatchManager) -> Result<RolloutState> {
        self.check_from(Some(manager.clock().now()))?;
        let waves = self.nodes_of_waves(manager).await?;
        let lanes = self.lanes(manager, &waves).await?;
        let id = format!("{:016x}", fastrand::u64(..));
        let plan = |(at, (wave, nodes)): (usize, (&Wave, Vec<NodeId>))| {
            let commands = plan(&nodes, &lanes, |number| self.comment(&id, at, number));
            WaveState::pending(&wave.name, nodes, commands)
        };
        let waves = self.waves.iter().zip(waves).enumerate().map(plan).collect();
        let frozen = self.patches == FrozenPatches::Snapshot;
        Ok(RolloutState {
            schema_version: RolloutState::SCHEMA_VERSION,
            id,
            revision: 0,
            rollout: self.clone(),
            status: RolloutStatus::Running,
            snapshot_id: frozen.then(|| SnapshotId::new(random_uuid())),
            snapshot_since: None,
            begun: manager.clock().now(),
            ended: None,
            waves,
        })
    }

    /// The comment of a command: of which rollout it is, and of which wave, both counted from 1.
    pub(super) fn comment(&self, id: &str, wave: usize, number: usize) -> String {
        format!("{} rollout {id} {}.{number}", self.name, wave + 1)
    }

    /// The nodes of each wave, checked.
    async fn nodes_of_waves(&self, manager: &PatchManager) -> Result<Vec<Vec<NodeId>>> {
        let with_stopped = self.waves.iter().any(|wave| wave.start_stopped);
        let target = match &self.target {
            Some(set) => Some(nodes_of(manager, set, with_stopped).await?),
            None => None,
        };
        let mut waves = Vec::with_capacity(self.waves.len());
        for wave in &self.waves {
            waves.push(match &wave.nodes {
                WaveNodes::Set(set) => nodes_of(manager, set, with_stopped).await?,
                WaveNodes::Share(_) | WaveNodes::Rest => BTreeSet::new(),
            });
        }
        self.share(target.as_ref(), &mut waves);
        self.check_nodes(target.as_ref(), &waves)?;
        let lists = waves.into_iter();
        Ok(lists.map(|nodes| nodes.into_iter().collect()).collect())
    }

    /// Divides what no set has among the shares and the rest.
    pub(super) fn share(&self, target: Option<&BTreeSet<NodeId>>, waves: &mut [BTreeSet<NodeId>]) {
        let Some(target) = target else { return };
        let taken: BTreeSet<NodeId> = waves.iter().flatten().cloned().collect();
        let mut left = target.difference(&taken).cloned();
        for (spec, nodes) in self.waves.iter().zip(waves) {
            match spec.nodes {
                WaveNodes::Set(_) => {}
                WaveNodes::Share(percent) => {
                    let count = (target.len() * usize::from(percent)).div_ceil(100);
                    nodes.extend(left.by_ref().take(count));
                }
                WaveNodes::Rest => nodes.extend(left.by_ref()),
            }
        }
    }

    fn check_nodes(
        &self,
        target: Option<&BTreeSet<NodeId>>,
        waves: &[BTreeSet<NodeId>],
    ) -> Result<()> {
        let mut found = Violations::new();
        if let Some(spec) = self
            .target
            .as_ref()
            .filter(|_| target.is_some_and(BTreeSet::is_empty))
        {
            found.push(
                "Target",
                spec.to_string(),
                "at least one managed node; none matches",
            );
            return found.or("Rollout", ());
        }
        let mut seen: BTreeMap<&NodeId, &str> = BTreeMap::new();
        for (at, (spec, nodes)) in self.waves.iter().zip(waves).enumerate() {
            let field = format!("Waves[{at}].Nodes");
            let legal = "at least one node; none is left or matches";
            found.require(!nodes.is_empty(), &field, &spec.nodes, legal);
            for node in nodes {
                if let Some(other) = seen.insert(node, &spec.name) {
                    let legal = format!("in one wave only; the wave `{other}` has it");
                    found.push(&field, node.as_str(), legal);
                }
                if target.is_some_and(|target| !target.contains(node)) {
                    found.push(&field, node.as_str(), "a node of the target");
                }
            }
            if let CompliantNodes::Nodes(compliant) = &spec.gate.compliant {
                for node in compliant.iter().filter(|node| !nodes.contains(*node)) {
                    let field = format!("Waves[{at}].Gate.Compliant");
                    found.push(field, node.as_str(), "a node of the wave");
                }
            }
        }
        for node in target.into_iter().flatten() {
            let legal = "in a wave, as every node of the target";
            found.require(seen.contains_key(node), "Target", node, legal);
        }
        found.or("Rollout", ())
    }

    /// What each node counts for under the limit; empty without one.
    async fn lanes(
        &self,
        manager: &PatchManager,
        waves: &[Vec<NodeId>],
    ) -> Result<Option<BTreeMap<NodeId, String>>> {
        let Some(limit) = &self.limit else {
            return Ok(None);
        };
        let nodes: Vec<NodeId> = waves.iter().flatten().cloned().collect();
        let mut lanes = BTreeMap::new();
        for instance in manager.known_instances(&nodes).await? {
            let value = match &limit.per {
                LimitPer::AvailabilityZone => instance.placement.availability_zone,
                LimitPer::Tag(key) => {
                    let mut tags = instance.tags.into_iter();
                    tags.find(|tag| tag.key == *key).map(|tag| tag.value)
                }
            };
            lanes.insert(instance.instance_id, value.unwrap_or_default());
        }
        if let LimitPer::Tag(key) = &limit.per {
            for node in nodes.iter().filter(|node| node.is_hybrid()) {
                let mut tags = manager.node_tags(node).await?.into_iter();
                let value = tags.find(|tag| tag.key == *key).map(|tag| tag.value);
                lanes.insert(node.clone(), value.unwrap_or_default());
            }
        }
        Ok(Some(lanes))
    }
}

/// The nodes of a set: the managed ones, and if asked for the stopped instances.
async fn nodes_of(
    manager: &PatchManager,
    set: &NodeSet,
    with_stopped: bool,
) -> Result<BTreeSet<NodeId>> {
    let targets = match set {
        NodeSet::Nodes(nodes) => return Ok(nodes.iter().cloned().collect()),
        NodeSet::Tag { key, values } => vec![(key.as_str(), values.clone())],
        NodeSet::PatchGroup(group) => PatchGroupTagKey::ALL
            .map(|key| (key.as_str(), vec![group.as_str().to_owned()]))
            .to_vec(),
    };
    let mut found = BTreeSet::new();
    for (key, values) in targets {
        let managed = manager.list_nodes_with([NodeFilter::tag(key, &values)]);
        let managed = managed.map_ok(|node| node.instance_id);
        found.extend(managed.try_collect::<Vec<_>>().await?);
        if with_stopped {
            let filters = vec![
                QueryFilter::new(format!("tag:{key}"), values),
                QueryFilter::new("instance-state-name", ["stopping", "stopped"]),
            ];
            let stopped = manager.instances_with(filters).await?.into_iter();
            found.extend(stopped.map(|instance| instance.instance_id));
        }
    }
    Ok(found)
}

/// The commands for the nodes of a wave. Without a limit all run at the same time; with one, those
/// for the nodes of one value run one after another, each with the limit as its MaxConcurrency.
fn plan(
    nodes: &[NodeId],
    lanes: &Option<BTreeMap<NodeId, String>>,
    comment: impl Fn(usize) -> String,
) -> Vec<WaveCommand> {
    let mut by_value: BTreeMap<&str, Vec<NodeId>> = BTreeMap::new();
    for node in nodes {
        let value = lanes.as_ref().and_then(|lanes| lanes.get(node));
        let value = value.map(String::as_str).unwrap_or_default();
        by_value.entry(value).or_default().push(node.clone());
    }
    let mut commands = Vec::new();
    for (value, nodes) in by_value.values().enumerate() {
        for chunk in nodes.chunks(BATCH) {
            let number = commands.len() + 1;
            commands.push(WaveCommand {
                comment: comment(number),
                lane: if lanes.is_some() { value } else { number },
                nodes: chunk.to_vec(),
                progress: CommandProgress::Planned,
            });
        }
    }
    commands
}
