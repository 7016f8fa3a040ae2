//! The prerequisites: reads the data once for all nodes, then judges it.

mod execution_roles;
mod groups;
mod network;
mod nodes;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{TryStreamExt, future};

use super::PatchManager;
use super::tagging::check_nodes;
use crate::error::{ErrorKind, Result};
use crate::prerequisites::{
    Baselines, Facts, NetworkFacts, PrerequisiteReport, Prerequisites, Read, Selection, diagnose,
    diagnose_roles, region_of,
};
use crate::resource_data_sync::ResourceDataSyncItem;
use crate::telemetry::verb;
use crate::types::{Ec2Instance, InstanceInformation, NodeId};

/// Prerequisites.
impl PatchManager {
    /// Checks the prerequisites of patching, and says how to fix what is missing.
    ///
    /// It reads in pages and batches, so the number of calls grows with pages and not with nodes:
    ///
    /// - for the whole account, one DescribeInstanceProperties per 1,000 nodes; for named nodes, or if
    ///   that is denied or unknown to the backend, one DescribeInstanceInformation per 50;
    /// - per 50 nodes, unless the request leaves scans out, one DescribeInstancePatchStates;
    /// - per 1,000 nodes, one DescribeInstances, and five more if EC2 does not know one of them;
    /// - for all nodes, by pages, DescribePatchGroups, DescribeRouteTables, DescribeVpcEndpoints,
    ///   DescribeSubnets and DescribeSecurityGroups;
    /// - per VPC with interface endpoints, two of DescribeVpcAttribute;
    /// - per operating system with a node that gets its default baseline, one GetDefaultPatchBaseline,
    ///   and per baseline that nodes get, one GetPatchBaseline;
    /// - with hybrid nodes, whose tags cannot be read in bulk, listings of
    ///   DescribeInstanceInformation by tag;
    /// - with offline instances, one GetServiceSetting and one look-up per instance profile
    ///   ([`RoleInventory`](crate::backend::RoleInventory)); with a patch policy, one for the profiles of
    ///   online instances, too;
    /// - with data syncs, ListResourceDataSync by pages;
    /// - with execution roles, one AssumeRole of STS per account.
    ///
    /// If a missing permission or capability hides something, that is a finding of severity
    /// [`Unknown`](crate::prerequisites::Severity::Unknown), not an error.
    ///
    /// ```
    /// use aws_patch_manager::PatchManager;
    /// use aws_patch_manager::prerequisites::Prerequisites;
    ///
    /// # futures_util::FutureExt::now_or_never(async {
    /// let manager = PatchManager::in_memory();
    /// let question = Prerequisites::nodes(["i-0c0ffee0000000001", "i-0c0ffee0000000007"]);
    /// let report = manager.check_prerequisites(&question).await?;
    /// for node in report.blocked() {
    ///     for finding in report.of(node) {
    ///         println!("{node}: {finding}");
    ///     }
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// # }).ok_or("pending")??;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a malformed node id, account or name of a role. It
    /// can also fail as [every call can](PatchManager#what-every-call-can-meet).
    pub async fn check_prerequisites(
        &self,
        question: &Prerequisites,
    ) -> Result<PrerequisiteReport> {
        verb!(check_prerequisites(), self.checked(question))
    }

    async fn checked(&self, question: &Prerequisites) -> Result<PrerequisiteReport> {
        question.check_roles()?;
        if let Selection::Nodes(nodes) = &question.selection {
            check_nodes(nodes, "DescribeInstanceInformation")?;
            if nodes.is_empty() {
                return self.roles_only(question).await;
            }
        }
        let ((managed, states), instances) = match &question.selection {
            Selection::Nodes(nodes) => {
                let reads =
                    future::try_join(self.managed_among(nodes), self.instances_among(nodes));
                let (managed, instances) = reads.await?;
                ((managed, BTreeMap::new()), instances)
            }
            Selection::Account => {
                future::try_join(self.all_managed(), self.all_instances()).await?
            }
        };
        let nodes = match &question.selection {
            Selection::Nodes(nodes) => nodes.clone(),
            Selection::Account => known_nodes(&managed, &instances),
        };
        let mut facts = self.facts(question, managed, instances).await?;
        facts.states = states;
        facts.baselines = self.baselines(&nodes, &facts).await?;
        let findings = diagnose(&question.selection, &nodes, &facts);
        Ok(PrerequisiteReport { nodes, findings })
    }

    async fn roles_only(&self, question: &Prerequisites) -> Result<PrerequisiteReport> {
        let mut report = PrerequisiteReport::default();
        if question.asks_about_roles() {
            let roles = self.execution_roles(question).await?;
            report.findings = diagnose_roles(&roles);
        }
        Ok(report)
    }

    /// The reads that depend on the nodes.
    async fn facts(
        &self,
        question: &Prerequisites,
        managed: Read<BTreeMap<NodeId, InstanceInformation>>,
        instances: Read<BTreeMap<NodeId, Ec2Instance>>,
    ) -> Result<Facts> {
        let running = nodes::running(&instances);
        let away = nodes::out_of_touch(&running, &managed);
        let with_profiles = match question.patch_policy {
            Some(_) => &running,
            None => &away,
        };
        let network = async {
            match instances.is_ok() {
                true => self.network_facts(&running).await,
                false => Ok(NetworkFacts::none()),
            }
        };
        let (network, bindings, default_role, profiles) = future::try_join4(
            network,
            self.bindings(),
            self.default_role(&away),
            self.profiles(with_profiles),
        )
        .await?;
        let (hybrid_groups, last_operations, data_syncs, execution_roles) = future::try_join4(
            self.hybrid_groups(&managed, &bindings),
            self.last_operations(&managed, question.scanned_within.is_some()),
            self.data_syncs_if(question.with_data_syncs),
            self.execution_roles(question),
        )
        .await?;
        let age = question.scanned_within.unwrap_or_default();
        let region = question.region.clone();
        Ok(Facts {
            bindings,
            hybrid_groups,
            baselines: Baselines::default(),
            last_operations,
            with_hooks: question.with_hooks,
            run: question.run.clone(),
            patch_policy: question.patch_policy.clone(),
            scanned_since: nodes::before(self.clock.now(), age),
            region: region.or_else(|| region_of(&instances, &network.subnets)),
            network,
            profiles,
            default_role,
            data_syncs,
            execution_roles,
            managed,
            instances,
            states: BTreeMap::new(),
        })
    }

    async fn data_syncs_if(&self, wanted: bool) -> Result<Option<Read<Vec<ResourceDataSyncItem>>>> {
        if !wanted {
            return Ok(None);
        }
        let syncs = self.list_resource_data_syncs().try_collect().await;
        hidden(syncs).map(Some)
    }
}

/// Every node of the account: its instances, and the other nodes that Systems Manager manages. A
/// terminated instance is left out, although both services list it for a while.
fn known_nodes(
    managed: &Read<BTreeMap<NodeId, InstanceInformation>>,
    instances: &Read<BTreeMap<NodeId, Ec2Instance>>,
) -> Vec<NodeId> {
    let is_gone = |id: &NodeId| {
        let instance = instances.as_ref().ok().and_then(|all| all.get(id));
        instance.is_some_and(Ec2Instance::is_gone)
    };
    let ids = instances.iter().flat_map(BTreeMap::keys);
    let managed = managed.iter().flat_map(BTreeMap::keys);
    let all: BTreeSet<&NodeId> = ids.chain(managed).filter(|id| !is_gone(id)).collect();
    all.into_iter().cloned().collect()
}

/// Separates errors of missing permission or capability: they become findings.
fn hidden<T>(read: Result<T>) -> Result<Read<T>> {
    match read {
        Err(error) if !error.is_withheld() => Err(error),
        read => Ok(read),
    }
}

/// The same, if what does not exist is an answer too.
fn hidden_or_missing<T>(read: Result<T>) -> Result<Read<T>> {
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Err(error)),
        read => hidden(read),
    }
}

fn keyed<K: Ord, T>(rows: Vec<T>, key: impl Fn(&T) -> K) -> BTreeMap<K, T> {
    let rows = rows.into_iter();
    rows.map(|row| (key(&row), row)).collect()
}
