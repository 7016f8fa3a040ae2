use std::collections::BTreeMap;

use futures_util::TryStreamExt;

use super::PatchManager;
use super::pages::pages;
use super::tagging::check_nodes;
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::prerequisites::{
    Finding, FindingKind, NetworkFacts, PrerequisiteReport, Severity, check_agent, check_binding,
    check_managed, check_network, check_tags, operating_system,
};
use crate::types::{
    BaselineId, Ec2Instance, InstanceInformation, NodeId, OperatingSystem, QueryFilter, RouteTable,
    VpcEndpoint,
};

/// How many values a filter of DescribeInstanceInformation takes.
const BATCH: usize = 100;

/// What was read for all nodes at once; an inner error is a read that the caller may not do.
struct Facts {
    managed: Result<BTreeMap<NodeId, InstanceInformation>>,
    instances: Result<BTreeMap<NodeId, Ec2Instance>>,
    network: Result<NetworkFacts>,
}

/// Prerequisites.
impl PatchManager {
    /// Checks what must hold before nodes can be patched, and says what to do where it does not.
    ///
    /// Managed and in touch, agent new enough, patch group tagged and bound to a baseline for the
    /// operating system, and for a private subnet the endpoints ssm, ec2messages, ssmmessages and s3.
    /// What a missing permission or capability hides is a finding of severity
    /// [`Unknown`](Severity::Unknown), not an error.
    ///
    /// Calls DescribeInstanceInformation, DescribeInstances, the tags of each node,
    /// GetPatchBaselineForPatchGroup, DescribeRouteTables and DescribeVpcEndpoints.
    pub async fn check_prerequisites(&self, nodes: &[NodeId]) -> Result<PrerequisiteReport> {
        check_nodes(nodes, "DescribeInstanceInformation")?;
        let managed = hidden(self.managed(nodes).await)?;
        let instances = hidden(self.instances_by_id(nodes).await)?;
        let network = match &instances {
            Ok(instances) => hidden(self.network_facts(instances).await)?,
            Err(_) => Ok(NetworkFacts::default()),
        };
        let facts = Facts {
            managed,
            instances,
            network,
        };
        let mut findings = Vec::new();
        for node in nodes {
            findings.extend(check_node(node, &facts));
            findings.extend(self.check_group(node, &facts).await?);
        }
        Ok(PrerequisiteReport {
            nodes: nodes.len(),
            findings,
        })
    }

    /// Whether the node is in one group, and the group bound to a baseline for its operating system.
    async fn check_group(&self, node: &NodeId, facts: &Facts) -> Result<Vec<Finding>> {
        let tags = match hidden(self.nodes.list_tags(node).await)? {
            Ok(tags) => tags,
            Err(error) => return Ok(vec![not_checked(node, "its tags", &error)]),
        };
        let instance = facts
            .instances
            .as_ref()
            .ok()
            .and_then(|known| known.get(node));
        let (group, finding) = match check_tags(node, instance, &tags) {
            Ok(found) => found,
            Err(finding) => return Ok(vec![finding]),
        };
        let managed = facts
            .managed
            .as_ref()
            .ok()
            .and_then(|known| known.get(node));
        let mut findings: Vec<Finding> = finding.into_iter().collect();
        if let Some(os) = managed.and_then(operating_system) {
            findings.extend(match hidden(self.binding(&group, &os).await)? {
                Ok((bound, id)) => check_binding(node, &group, &os, bound, &id),
                Err(error) => Some(not_checked(node, "its group's baseline", &error)),
            });
        }
        Ok(findings)
    }

    /// Which baseline applies to a group, and whether it is the group's own.
    async fn binding(&self, group: &str, os: &OperatingSystem) -> Result<(bool, BaselineId)> {
        let group = PatchGroup::from_service(group);
        let applies = self
            .groups
            .get_patch_baseline_for_patch_group(&group, Some(os.clone()))
            .await?;
        let baseline = self
            .baselines
            .get_patch_baseline(&applies.baseline_id)
            .await?;
        let bound = baseline
            .patch_groups
            .is_some_and(|groups| groups.iter().any(|name| name == group.as_str()));
        Ok((bound, applies.baseline_id))
    }

    async fn managed(&self, nodes: &[NodeId]) -> Result<BTreeMap<NodeId, InstanceInformation>> {
        let mut managed = BTreeMap::new();
        for batch in nodes.chunks(BATCH) {
            let filter = QueryFilter::new("InstanceIds", batch.iter().map(NodeId::as_str));
            let mut found = self.list_nodes(vec![filter]);
            while let Some(node) = found.try_next().await? {
                managed.insert(node.instance_id.clone(), node);
            }
        }
        Ok(managed)
    }

    async fn instances_by_id(&self, nodes: &[NodeId]) -> Result<BTreeMap<NodeId, Ec2Instance>> {
        let instances = self.ec2_instances(nodes).await?;
        Ok(instances
            .into_iter()
            .map(|instance| (instance.instance_id.clone(), instance))
            .collect())
    }

    async fn network_facts(
        &self,
        instances: &BTreeMap<NodeId, Ec2Instance>,
    ) -> Result<NetworkFacts> {
        let vpcs: std::collections::BTreeSet<&str> = instances
            .values()
            .filter_map(|instance| instance.vpc_id.as_deref())
            .collect();
        if vpcs.is_empty() {
            return Ok(NetworkFacts::default());
        }
        let filters = vec![QueryFilter::new("vpc-id", vpcs)];
        Ok(NetworkFacts {
            route_tables: self.route_tables(filters.clone()).await?,
            endpoints: self.vpc_endpoints(filters).await?,
        })
    }

    async fn route_tables(&self, filters: Vec<QueryFilter>) -> Result<Vec<RouteTable>> {
        pages(&self.network, 100, move |network, page| {
            let filters = filters.clone();
            async move { network.describe_route_tables(&filters, page).await }
        })
        .try_collect()
        .await
    }

    async fn vpc_endpoints(&self, filters: Vec<QueryFilter>) -> Result<Vec<VpcEndpoint>> {
        pages(&self.network, 1000, move |network, page| {
            let filters = filters.clone();
            async move { network.describe_vpc_endpoints(&filters, page).await }
        })
        .try_collect()
        .await
    }
}

/// Sets apart what the caller may not read, or the backend cannot: it becomes a finding.
fn hidden<T>(read: Result<T>) -> Result<Result<T>> {
    match read {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::AccessDenied | ErrorKind::Unsupported
            ) =>
        {
            Err(error)
        }
        read => Ok(read),
    }
}

/// Whether the node runs, is managed and in touch, and its network leads where it must.
fn check_node(node: &NodeId, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let instance = match &facts.instances {
        Ok(instances) => instances.get(node),
        Err(_) if node.is_hybrid() => None,
        Err(error) => {
            findings.push(not_checked(node, "its instance and network", error));
            None
        }
    };
    match &facts.managed {
        Ok(managed) => {
            findings.extend(check_managed(node, instance, managed.get(node)));
            findings.extend(managed.get(node).and_then(check_agent));
        }
        Err(error) => findings.push(not_checked(node, "whether it is managed", error)),
    }
    match (instance, &facts.network) {
        (Some(instance), Ok(network)) => findings.extend(check_network(instance, network)),
        (Some(_), Err(error)) => findings.push(not_checked(node, "its network", error)),
        (None, _) => {}
    }
    findings
}

fn not_checked(node: &NodeId, what: &str, error: &Error) -> Finding {
    Finding::new(
        node,
        Severity::Unknown,
        FindingKind::NotChecked,
        format!("{what} could not be read: {error}"),
        "",
    )
}
