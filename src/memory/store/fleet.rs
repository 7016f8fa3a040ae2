//! The nodes, and the hands with which a test changes them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;

use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroupTagKey;
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::{Report, replace};
use crate::memory::state::State;
use crate::memory::store::fleet_file::{FleetNode, InstalledPackage, NodeCondition};
use crate::types::{Ec2Instance, InstanceInformation, InstanceState, NodeId, PingStatus, Target};

/// A node and what became of it.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) facts: FleetNode,
    /// What was installed since the last boot by an Install that did not reboot.
    pub(crate) pending: BTreeSet<String>,
    pub(crate) last_no_reboot_install: Option<Timestamp>,
    /// What the last operation reported.
    pub(crate) report: Option<Arc<Report>>,
}

impl Node {
    fn of(mut facts: FleetNode) -> Self {
        if let Some(instance) = &mut facts.instance {
            for tag in std::mem::take(&mut instance.tags) {
                if !facts.tags.iter().any(|known| known.key == tag.key) {
                    facts.tags.push(tag);
                }
            }
        }
        Self {
            facts,
            pending: BTreeSet::new(),
            last_no_reboot_install: None,
            report: None,
        }
    }

    pub(crate) fn is_online(&self) -> bool {
        self.facts.condition == NodeCondition::Online
    }

    /// Whether Systems Manager manages it: whether it ever had an agent.
    pub(crate) fn is_managed(&self) -> bool {
        self.facts.condition != NodeCondition::Agentless
    }

    /// The value of a tag.
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        let tag = self.facts.tags.iter().find(|tag| tag.key == key)?;
        Some(&tag.value)
    }

    /// The patch group; empty for an untagged node.
    pub(crate) fn group(&self) -> &str {
        PatchGroupTagKey::ALL
            .into_iter()
            .filter_map(|key| self.tag(key.as_str()))
            .find(|group| !group.is_empty())
            .unwrap_or_default()
    }

    /// Whether a target means it. Resource groups are not modelled: none exists.
    pub(crate) fn is_target(&self, target: &Target) -> bool {
        let named = |value: &str| target.values.iter().any(|wanted| wanted == value);
        match target.key.as_str() {
            "InstanceIds" => named(self.facts.id().as_str()),
            "tag-key" => self.facts.tags.iter().any(|tag| named(&tag.key)),
            key => key
                .strip_prefix("tag:")
                .and_then(|key| self.tag(key))
                .is_some_and(named),
        }
    }

    /// How DescribeInstanceInformation describes it; it lists neither stopped nodes nor those without an agent.
    pub(crate) fn information(&self, now: Timestamp) -> Option<InstanceInformation> {
        let mut information = self.facts.instance_information.clone();
        match self.facts.condition {
            NodeCondition::Online => {
                information.ping_status = Some(PingStatus::Online);
                information.last_ping_date_time = Some(now);
            }
            NodeCondition::Unreachable => {
                information.ping_status = Some(PingStatus::ConnectionLost);
            }
            _ => return None,
        }
        Some(information)
    }

    /// How EC2 describes it; hybrid nodes are unknown there.
    pub(crate) fn instance(&self) -> Option<Ec2Instance> {
        let id = self.facts.id();
        if id.is_hybrid() {
            return None;
        }
        let recorded = self.facts.instance.clone();
        let mut instance = recorded.unwrap_or_else(|| Ec2Instance::new(id));
        instance.tags.clone_from(&self.facts.tags);
        instance.state = InstanceState::new(match self.facts.condition {
            NodeCondition::Stopped => "stopped",
            _ => "running",
        });
        Some(instance)
    }
}

/// The nodes by id.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    nodes: BTreeMap<NodeId, Node>,
}

impl Fleet {
    /// A fleet of these nodes.
    pub(crate) fn of(nodes: Vec<FleetNode>) -> Self {
        let mut fleet = Self::default();
        for node in nodes {
            fleet.add(node);
        }
        fleet
    }

    fn add(&mut self, node: FleetNode) {
        self.nodes.insert(node.id().clone(), Node::of(node));
    }

    pub(crate) fn get(&self, id: &NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id)
    }

    /// Whether a command gets through to a node.
    pub(crate) fn reaches(&self, id: &NodeId) -> bool {
        self.get(id).is_some_and(Node::is_online)
    }

    /// All nodes, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The nodes that Systems Manager manages, by id.
    pub(crate) fn managed(&self) -> impl Iterator<Item = &Node> {
        self.managed_from(None)
    }

    /// The nodes that Systems Manager manages, by id, from this one on.
    pub(crate) fn managed_from<'a>(
        &'a self,
        from: Option<&NodeId>,
    ) -> impl Iterator<Item = &'a Node> + use<'a> {
        self.iter_from(from).filter(|node| node.is_managed())
    }

    /// Every node, by id, from this one on.
    pub(crate) fn iter_from<'a>(
        &'a self,
        from: Option<&NodeId>,
    ) -> impl Iterator<Item = &'a Node> + use<'a> {
        let from = from.map_or(Bound::Unbounded, Bound::Included);
        let nodes = self.nodes.range((from, Bound::Unbounded));
        nodes.map(|(_, node)| node)
    }

    fn known(&mut self, id: &NodeId) -> Result<&mut Node> {
        self.nodes.get_mut(id).ok_or_else(|| missing(id))
    }
}

fn missing(id: &NodeId) -> Error {
    Error::new(ErrorKind::NotFound, "the fleet has no such node").with_resource(id.as_str())
}

/// What happens to nodes by themselves or by other hands than Patch Manager's.
///
/// These are no calls to the service: they are not recorded and no fault strikes them.
impl MemoryBackend {
    /// Adds a node. A node of the same id is replaced, with everything known about it.
    ///
    /// ```
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// account.add_node(FleetNode::amazon_linux_2023("i-0123456789abcdef0").with_tag("Role", "web"));
    /// let nodes = PatchManager::from_memory(&account).list_nodes(Vec::new());
    /// assert_eq!(nodes.try_collect::<Vec<_>>().await?.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_node(&self, node: FleetNode) {
        let id = node.id().clone();
        self.act(|state, now| {
            state.fleet.add(node);
            state.pump_for(&id, now);
        });
    }

    /// Takes a node away, as terminating the instance does. What runs on it never ends there.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such node; so do the other controls.
    pub fn remove_node(&self, id: &NodeId) -> Result<()> {
        self.act(|state, now| {
            let removed = state.fleet.nodes.remove(id).map(drop);
            state.pump_for(id, now);
            removed.ok_or_else(|| missing(id))
        })
    }

    /// Puts a node in a condition. Commands that wait for it start once it is online; starting a
    /// stopped node counts as a reboot.
    ///
    /// ```
    /// use aws_patch_manager::memory::NodeCondition;
    /// use aws_patch_manager::types::{NodeId, QueryFilter};
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    /// use futures_util::TryStreamExt;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// account.set_condition(&node, NodeCondition::Unreachable)?;
    /// let lost = vec![QueryFilter::new("PingStatus", ["ConnectionLost"])];
    /// let lost: Vec<_> = PatchManager::from_memory(&account).list_nodes(lost).try_collect().await?;
    /// assert!(lost.iter().any(|found| found.instance_id == node));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such node.
    pub fn set_condition(&self, id: &NodeId, condition: NodeCondition) -> Result<()> {
        self.act(|state, now| {
            let node = state.fleet.known(id)?;
            if node.is_online() {
                node.facts.instance_information.last_ping_date_time = Some(now);
            }
            if node.facts.condition == NodeCondition::Stopped && condition != node.facts.condition {
                node.pending.clear();
            }
            node.facts.condition = condition;
            state.pump_for(id, now);
            Ok(())
        })
    }

    /// Installs something by other means than Patch Manager, in place of other versions of it.
    ///
    /// Without a time of its own it is installed now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such node.
    pub fn install_package(&self, id: &NodeId, mut package: InstalledPackage) -> Result<()> {
        self.act(|state, now| {
            package.installed_time.get_or_insert(now);
            replace(&mut state.fleet.known(id)?.facts.installed, package);
            Ok(())
        })
    }

    /// Reboots a node. Patches that waited for it count as installed from the next operation on.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such node.
    pub fn reboot(&self, id: &NodeId) -> Result<()> {
        self.act(|state, _| {
            state.fleet.known(id)?.pending.clear();
            Ok(())
        })
    }

    /// Makes the installation of a patch (KB number or `name.arch`) fail on a node from now on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::memory::FleetNode;
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{ComplianceQuery, MemoryBackend, PatchManager, PatchRequest};
    /// use jiff::SignedDuration;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::new();
    /// let manager = PatchManager::from_memory(&account);
    /// let node = NodeId::new("i-0123456789abcdef0");
    /// account.add_node(FleetNode::windows_server_2022(node.clone()));
    /// account.fail_patch(&node, "KB5090017")?;
    /// account.advance(SignedDuration::from_hours(7 * 24));
    /// let run = manager.run(&PatchRequest::install().nodes([node.clone()])).await?;
    /// run.wait(Duration::from_secs(4 * 3600)).await?;
    /// let summary = manager.compliance_summary(&ComplianceQuery::nodes([node])).await?;
    /// assert_eq!(summary.failed_patches, 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such node.
    pub fn fail_patch(&self, id: &NodeId, patch: impl Into<String>) -> Result<()> {
        let patch = patch.into();
        self.act(|state, _| {
            state.fleet.known(id)?.facts.failing_patches.push(patch);
            Ok(())
        })
    }

    /// Lets every patch install on a node again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such node.
    pub fn mend_patches(&self, id: &NodeId) -> Result<()> {
        self.act(|state, _| {
            state.fleet.known(id)?.facts.failing_patches.clear();
            Ok(())
        })
    }
}

impl State {
    /// The managed nodes that all targets mean.
    pub(crate) fn resolve(&self, targets: &[Target]) -> Vec<NodeId> {
        self.fleet
            .managed()
            .filter(|node| targets.iter().all(|target| node.is_target(target)))
            .map(|node| node.facts.id().clone())
            .collect()
    }
}
