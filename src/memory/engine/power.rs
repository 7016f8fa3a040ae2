//! Starting, stopping and rebooting instances.

use jiff::{SignedDuration, Timestamp};

use super::{Engine, Event};
use crate::memory::store::fleet::{PowerChange, SinceBoot};
use crate::memory::store::fleet_file::NodeCondition;
use crate::memory::store::later;
use crate::types::NodeId;

/// How long an instance takes to start or to stop.
const POWER_CHANGE: SignedDuration = SignedDuration::from_secs(30);

impl Engine {
    /// Begins to start a stopped node. It is online when it has started.
    pub(crate) fn start_node(&mut self, id: &NodeId, now: Timestamp) {
        if let Some(node) = self.state.fleet.get_mut(id)
            && node.power.is_none()
            && node.facts.condition == NodeCondition::Stopped
        {
            node.power = Some(PowerChange::Starting);
            let at = later(now, POWER_CHANGE);
            self.queue.enter(at, Event::PowerChanged(id.clone()));
            self.record_power(id, "pending", now);
        }
    }

    /// Begins to stop a running node. Its agent is out of touch from now on.
    pub(crate) fn stop_node(&mut self, id: &NodeId, now: Timestamp) {
        if let Some(node) = self.state.fleet.get_mut(id)
            && node.facts.condition != NodeCondition::Stopped
        {
            node.set_condition(NodeCondition::Stopped, now);
            node.power = Some(PowerChange::Stopping);
            let at = later(now, POWER_CHANGE);
            self.queue.enter(at, Event::PowerChanged(id.clone()));
            self.record_power(id, "stopping", now);
            self.node_changed(id, now);
        }
    }

    /// Reboots a node. What runs on it goes on after the reboot, as the agent does.
    pub(crate) fn reboot_node(&mut self, id: &NodeId) {
        if let Some(node) = self.state.fleet.get_mut(id) {
            node.since_boot = SinceBoot::default();
        }
    }

    /// Ends a change of power. A condition that a test set meanwhile stays.
    pub(super) fn power_changed(&mut self, id: &NodeId, now: Timestamp) {
        let Some(node) = self.state.fleet.get_mut(id) else {
            return;
        };
        match node.power.take() {
            Some(PowerChange::Starting) => {
                let running = node.when_started.clone();
                node.set_condition(running, now);
                self.record_power(id, "running", now);
                self.node_changed(id, now);
            }
            Some(PowerChange::Stopping) => self.record_power(id, "stopped", now),
            None => {}
        }
    }
}
