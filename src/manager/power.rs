use futures_util::TryStreamExt;

use super::PatchManager;
use super::pages::pages;
use super::tagging::instances_of;
use crate::backend::{
    DescribeInstances, EC2_FILTER_VALUES, NodeInventoryExt, RebootInstances, StartInstances,
    StopInstances,
};
use crate::error::{Result, Violations};
use crate::telemetry::verb;
use crate::types::{Ec2Instance, InstanceStateChange, NodeId, QueryFilter};

/// Power.
impl PatchManager {
    /// Starts EC2 instances, all or none. A running one stays as it is.
    ///
    /// The answer says what each instance was and is: `pending` if it begins to start. Its agent is
    /// online a while later. A start counts as a reboot for patches that wait for one.
    ///
    /// Calls StartInstances (EC2).
    ///
    /// ```
    /// use aws_patch_manager::memory::NodeCondition;
    /// use aws_patch_manager::types::NodeId;
    /// use aws_patch_manager::{MemoryBackend, PatchManager};
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let account = MemoryBackend::sample();
    /// let node = NodeId::new("i-0c0ffee0000000001");
    /// account.set_condition(&node, NodeCondition::Stopped)?;
    /// let manager = PatchManager::from_memory(&account);
    /// for change in manager.start_nodes(&[node]).await? {
    ///     assert_eq!(change.to_string(), "i-0c0ffee0000000001: stopped -> pending");
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before any call, without an id,
    /// for a malformed id and for a hybrid node, which EC2 does not know.
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown instance.
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) for one that is still stopping. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn start_nodes(&self, nodes: &[NodeId]) -> Result<Vec<InstanceStateChange>> {
        verb!(start_nodes(nodes = nodes.len()), async {
            check_instances(nodes, "StartInstances")?;
            let request = StartInstances::new(nodes);
            self.backends.power.start_instances(request).await
        })
    }

    /// Stops EC2 instances, all or none. A stopped one stays as it is.
    ///
    /// The answer says what each instance was and is: `stopping` if it begins to stop.
    ///
    /// Calls StopInstances (EC2).
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let changes = manager.stop_nodes(&["i-0c0ffee0000000001".into()]).await?;
    /// assert!(changes.iter().all(|change| change.is_change()));
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before any call, without an id,
    /// for a malformed id and for a hybrid node, which EC2 does not know.
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown instance.
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) for one that is still starting. It can
    /// also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn stop_nodes(&self, nodes: &[NodeId]) -> Result<Vec<InstanceStateChange>> {
        verb!(stop_nodes(nodes = nodes.len()), async {
            check_instances(nodes, "StopInstances")?;
            let request = StopInstances::new(nodes);
            self.backends.power.stop_instances(request).await
        })
    }

    /// Asks EC2 instances to reboot, all or none.
    ///
    /// EC2 accepts the request and does not say when an instance has rebooted. A patch that waits
    /// for a reboot is reported as installed from the next operation on.
    ///
    /// Calls RebootInstances (EC2).
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// manager.reboot_nodes(&["i-0c0ffee0000000001".into()]).await?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), before any call, without an id,
    /// for a malformed id and for a hybrid node, which EC2 does not know.
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for an unknown instance.
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) for one that does not run. It can also
    /// fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn reboot_nodes(&self, nodes: &[NodeId]) -> Result<()> {
        verb!(reboot_nodes(nodes = nodes.len()), async {
            check_instances(nodes, "RebootInstances")?;
            let request = RebootInstances::new(nodes);
            self.backends.power.reboot_instances(request).await
        })
    }
}

/// What a rollout reads of instances.
impl PatchManager {
    /// The EC2 instances among the nodes that EC2 still knows.
    pub(crate) async fn known_instances(&self, nodes: &[NodeId]) -> Result<Vec<Ec2Instance>> {
        let ids = instances_of(nodes);
        let mut instances = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(EC2_FILTER_VALUES) {
            instances.extend(self.backends.nodes.find_instances(chunk).await?);
        }
        Ok(instances)
    }

    /// The EC2 instances that pass these filters.
    pub(crate) async fn instances_with(
        &self,
        filters: Vec<QueryFilter>,
    ) -> Result<Vec<Ec2Instance>> {
        pages(&self.backends.nodes, 1000, move |inventory, page| {
            let mut request = DescribeInstances::all(page);
            request.filters.clone_from(&filters);
            async move { inventory.describe_instances(request).await }
        })
        .try_collect()
        .await
    }
}

/// Refuses what EC2 cannot start, stop or reboot.
fn check_instances(nodes: &[NodeId], operation: &'static str) -> Result<()> {
    let mut found = Violations::new();
    found.require(!nodes.is_empty(), "InstanceIds", "", "at least one id");
    found.node_ids(nodes);
    for (index, node) in nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.is_hybrid())
    {
        let field = format!("InstanceIds[{index}]");
        found.push(
            field,
            node.as_str(),
            "an EC2 instance, `i-…`: EC2 does not know hybrid nodes",
        );
    }
    found.or(operation, ())
}
