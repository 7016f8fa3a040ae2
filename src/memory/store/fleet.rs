//! The nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;

use super::report::{CustomCompliance, Report};
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroupTagKey;
use crate::memory::store::fleet_file::{FleetNode, InstalledPackage, NodeCondition};
use crate::types::{Ec2Instance, InstanceInformation, InstanceState, NodeId, PingStatus, Target};

/// A node and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) facts: FleetNode,
    /// The change of power that has begun and not ended.
    pub(crate) power: Option<PowerChange>,
    /// The condition in which a start puts it: the one before it was stopped.
    pub(crate) when_started: NodeCondition,
    pub(crate) since_boot: SinceBoot,
    pub(crate) last_no_reboot_install: Option<Timestamp>,
    /// Patches of its product that do not apply to it: KB numbers, or `name.arch`.
    pub(crate) inapplicable: BTreeSet<String>,
    /// Nothing is known of its packages, so that operations here report nothing.
    pub(crate) is_opaque: bool,
    /// What the last operation reported.
    pub(crate) report: Option<Arc<Report>>,
    /// What others reported through PutComplianceItems, by type.
    pub(crate) custom_compliance: BTreeMap<String, CustomCompliance>,
}

/// A change of an instance's power that takes a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PowerChange {
    Starting,
    Stopping,
}

/// What was installed on a node since its last boot: KB numbers, or `name.arch`.
#[derive(Debug, Clone, Default)]
pub(crate) struct SinceBoot {
    pub(crate) by_install: BTreeSet<String>,
    pub(crate) by_others: BTreeSet<String>,
}

impl SinceBoot {
    /// Whether a patch is InstalledPendingReboot.
    ///
    /// What an Install put on stays so even if the baseline no longer approves it (node code). What
    /// was put on outside Patch Manager is so too (User Guide, compliance states), if the baseline
    /// approves it: else every Windows node would be pending by its daily definition updates, which
    /// nodes report as InstalledOther (boto/boto3#2069).
    pub(crate) fn is_pending(&self, kb: &str, approved: bool) -> bool {
        self.by_install.contains(kb) || (approved && self.by_others.contains(kb))
    }
}

impl Node {
    fn of(mut facts: FleetNode) -> Self {
        if let Some(instance) = &mut facts.instance {
            let mut known: BTreeSet<_> = facts.tags.iter().map(|tag| tag.key.clone()).collect();
            for tag in std::mem::take(&mut instance.tags) {
                if known.insert(tag.key.clone()) {
                    facts.tags.push(tag);
                }
            }
        }
        let when_started = match &facts.condition {
            NodeCondition::Stopped => NodeCondition::Online,
            running => running.clone(),
        };
        Self {
            facts,
            power: None,
            when_started,
            since_boot: SinceBoot::default(),
            last_no_reboot_install: None,
            inapplicable: BTreeSet::new(),
            is_opaque: false,
            report: None,
            custom_compliance: BTreeMap::new(),
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
        let named = |value: &str| target.values.iter().any(|accepted| accepted == value);
        match target.key.as_str() {
            _ if target.is_by_id() => named(self.facts.id().as_str()),
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

    /// How DescribeInstanceProperties describes it, which lists stopped nodes too, if they had an agent when
    /// they ran. Their state tells them from those out of contact.
    pub(crate) fn managed_information(&self, now: Timestamp) -> Option<InstanceInformation> {
        let had_agent = self.when_started != NodeCondition::Agentless;
        match self.facts.condition {
            NodeCondition::Stopped if had_agent => Some(InstanceInformation {
                ping_status: Some(PingStatus::ConnectionLost),
                ..self.facts.instance_information.clone()
            }),
            _ => self.information(now),
        }
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
        instance.state = self.state();
        Some(instance)
    }

    /// The state of its instance (EC2 User Guide, instance lifecycle).
    pub(crate) fn state(&self) -> InstanceState {
        InstanceState::new(match (self.power, &self.facts.condition) {
            (Some(PowerChange::Starting), _) => "pending",
            (Some(PowerChange::Stopping), _) => "stopping",
            (None, NodeCondition::Stopped) => "stopped",
            (None, _) => "running",
        })
    }

    /// Puts it in a condition at this instant. Starting a stopped node counts as a reboot.
    pub(crate) fn set_condition(&mut self, condition: NodeCondition, now: Timestamp) {
        if self.is_online() {
            self.facts.instance_information.last_ping_date_time = Some(now);
        }
        let was_stopped = self.facts.condition == NodeCondition::Stopped;
        if was_stopped && condition != NodeCondition::Stopped {
            self.since_boot = SinceBoot::default();
        }
        if condition != NodeCondition::Stopped {
            self.when_started = condition.clone();
        }
        self.power = None;
        self.facts.condition = condition;
    }
}

/// The nodes by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeStore {
    pub(crate) nodes: BTreeMap<NodeId, Node>,
}

impl NodeStore {
    /// A fleet of these nodes.
    pub(crate) fn of(nodes: Vec<FleetNode>) -> Self {
        let mut fleet = Self::default();
        for node in nodes {
            fleet.add(node);
        }
        fleet
    }

    pub(crate) fn add(&mut self, node: FleetNode) {
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

    /// The managed nodes that all targets mean.
    pub(crate) fn resolve(&self, targets: &[Target]) -> Vec<NodeId> {
        self.managed()
            .filter(|node| targets.iter().all(|target| node.is_target(target)))
            .map(|node| node.facts.id().clone())
            .collect()
    }

    pub(crate) fn known(&mut self, id: &NodeId) -> Result<&mut Node> {
        self.nodes.get_mut(id).ok_or_else(|| missing(id))
    }
}

pub(crate) fn missing(id: &NodeId) -> Error {
    Error::new(ErrorKind::NotFound, "the fleet has no such node").with_resource(id.as_str())
}

/// Puts a package in the place of older versions of it.
pub(crate) fn replace(installed: &mut Vec<InstalledPackage>, package: InstalledPackage) {
    let id = package.kb_id();
    installed.retain(|other| other.kb_id() != id);
    installed.push(package);
}
