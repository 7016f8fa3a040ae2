//! NodePower: which instances EC2 starts, stops and reboots. What they do happens in the engine.

use async_trait::async_trait;

use super::tags::no_such_instance;
use crate::backend::{NodePower, Operation, RebootInstances, StartInstances, StopInstances};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::Engine;
use crate::memory::store::fleet::{Node, NodeStore};
use crate::types::{InstanceState, InstanceStateChange, NodeId};

/// Refuses a call as a whole: no instance, one that EC2 does not know, or one in a state from which
/// it cannot change (EC2 API, error codes).
fn check(fleet: &NodeStore, ids: &[NodeId], refused: &[&str], message: &str) -> Result<()> {
    if ids.is_empty() {
        let message = "The request must contain the parameter InstanceId";
        let code = "MissingParameter";
        return Err(Error::service(ErrorKind::InvalidInput, code, message));
    }
    for id in ids {
        if !id.is_well_formed() || id.is_hybrid() {
            let message = format!("Invalid id: \"{id}\"");
            let code = "InvalidInstanceID.Malformed";
            let error = Error::service(ErrorKind::InvalidInput, code, message);
            return Err(error.with_resource(id.as_str()));
        }
        let node = fleet.get(id).ok_or_else(|| no_such_instance(id))?;
        if refused.contains(&node.state().name.as_str()) {
            let message = format!("The instance '{id}' {message}");
            let code = "IncorrectInstanceState";
            let error = Error::service(ErrorKind::Conflict, code, message);
            return Err(error.with_resource(id.as_str()));
        }
    }
    Ok(())
}

/// Changes instances, and says what each was and is.
fn change(
    engine: &mut Engine,
    ids: &[NodeId],
    mut act: impl FnMut(&mut Engine, &NodeId),
) -> Vec<InstanceStateChange> {
    let state = |engine: &Engine, id: &NodeId| -> InstanceState {
        let node = engine.state.fleet.get(id);
        node.map(Node::state).unwrap_or_default()
    };
    let change = |id: &NodeId| {
        let previous = state(engine, id);
        act(engine, id);
        InstanceStateChange::new(id, previous, state(engine, id))
    };
    ids.iter().map(change).collect()
}

#[async_trait]
impl NodePower for MemoryBackend {
    async fn start_instances(&self, request: StartInstances) -> Result<Vec<InstanceStateChange>> {
        let ids = &request.instance_ids;
        self.call_engine(Operation::StartInstances, |engine, now| {
            // AWS's text, from canonical/ubuntu-pro-client#1697.
            let message = "is not in a state from which it can be started.";
            check(&engine.state.fleet, ids, &["stopping"], message)?;
            Ok(change(engine, ids, |engine, id| engine.start_node(id, now)))
        })
        .await
    }

    async fn stop_instances(&self, request: StopInstances) -> Result<Vec<InstanceStateChange>> {
        let ids = &request.instance_ids;
        self.call_engine(Operation::StopInstances, |engine, now| {
            // AWS's code, from cloud-custodian/cloud-custodian#6014.
            let message = "is not in a state from which it can be stopped.";
            check(&engine.state.fleet, ids, &["pending"], message)?;
            Ok(change(engine, ids, |engine, id| engine.stop_node(id, now)))
        })
        .await
    }

    async fn reboot_instances(&self, request: RebootInstances) -> Result<()> {
        let ids = &request.instance_ids;
        self.call_engine(Operation::RebootInstances, |engine, _| {
            let not_running = ["pending", "stopping", "stopped"];
            let message = "is not in the 'running' state.";
            check(&engine.state.fleet, ids, &not_running, message)?;
            ids.iter().for_each(|id| engine.reboot_node(id));
            Ok(())
        })
        .await
    }
}
