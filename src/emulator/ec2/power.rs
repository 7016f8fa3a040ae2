//! Starting, stopping and rebooting instances.

use super::form::Form;
use super::instances::state;
use super::xml::Node;
use crate::backend::{NodePower, RebootInstances, StartInstances, StopInstances};
use crate::error::Result;
use crate::memory::MemoryBackend;
use crate::types::InstanceStateChange;

type Members = Vec<(&'static str, Node)>;

/// StartInstances.
pub(super) async fn start(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = StartInstances::new(form.list("InstanceId"));
    Ok(changes(&backend.start_instances(request).await?))
}

/// StopInstances.
pub(super) async fn stop(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = StopInstances::new(form.list("InstanceId"));
    Ok(changes(&backend.stop_instances(request).await?))
}

/// RebootInstances.
pub(super) async fn reboot(backend: &MemoryBackend, form: &Form) -> Result<Members> {
    let request = RebootInstances::new(form.list("InstanceId"));
    backend.reboot_instances(request).await?;
    Ok(vec![("return", Node::text(true))])
}

fn changes(changes: &[InstanceStateChange]) -> Members {
    let change = |change: &InstanceStateChange| {
        Node::Members(vec![
            ("instanceId", Node::text(&change.instance_id)),
            ("currentState", state(&change.current_state)),
            ("previousState", state(&change.previous_state)),
        ])
    };
    let items = changes.iter().map(change).collect();
    vec![("instancesSet", Node::Items(items))]
}
