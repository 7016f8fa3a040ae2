use std::collections::BTreeMap;

use futures_util::TryStreamExt;

use super::PatchManager;
use super::tagging::check_nodes;
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::page::{PageRequest, paginate};
use crate::prerequisites::{
    Finding, FindingKind, NetworkFacts, PrerequisiteReport, Severity, check_agent, check_binding,
    check_managed, check_network, check_tags, operating_system,
};
use crate::types::{
    Ec2Instance, InstanceInformation, NodeId, QueryFilter, RouteTable, VpcEndpoint,
};

/// How many values a filter of DescribeInstanceInformation takes.
const BATCH: usize = 100;

/// What is known about one node before its tags are read.
struct Facts<'a> {
    node: &'a NodeId,
    instance: Option<&'a Ec2Instance>,
    managed: Option<&'a InstanceInformation>,
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
        let managed = self.managed(nodes).await?;
        let instances = self.instances_by_id(nodes).await?;
        let network = self.network_facts(&instances).await;
        let mut findings = Vec::new();
        for node in nodes {
            let facts = Facts {
                node,
                instance: instances.get(node),
                managed: managed.get(node),
            };
            self.check_node(&facts, &network, &mut findings).await?;
        }
        Ok(PrerequisiteReport {
            nodes: nodes.len(),
            findings,
        })
    }

    async fn check_node(
        &self,
        facts: &Facts<'_>,
        network: &Result<NetworkFacts>,
        findings: &mut Vec<Finding>,
    ) -> Result<()> {
        findings.extend(check_managed(facts.node, facts.instance, facts.managed));
        findings.extend(facts.managed.and_then(check_agent));
        match (facts.instance, network) {
            (Some(instance), Ok(network)) => findings.extend(check_network(instance, network)),
            (Some(_), Err(error)) => findings.push(not_checked(facts.node, "its network", error)),
            (None, _) => {}
        }
        self.check_group(facts, findings).await
    }

    async fn check_group(&self, facts: &Facts<'_>, findings: &mut Vec<Finding>) -> Result<()> {
        let tags = match self.nodes.list_tags(facts.node).await {
            Ok(tags) => tags,
            Err(error) => {
                findings.push(not_checked(facts.node, "its tags", &error));
                return Ok(());
            }
        };
        let group = match check_tags(facts.node, facts.instance, &tags) {
            Ok((group, finding)) => {
                findings.extend(finding);
                group
            }
            Err(finding) => {
                findings.push(finding);
                return Ok(());
            }
        };
        let Some(os) = facts.managed.and_then(operating_system) else {
            return Ok(());
        };
        let group = PatchGroup::from_service(group);
        let applies = self
            .groups
            .get_patch_baseline_for_patch_group(&group, Some(os.clone()))
            .await?;
        let baseline = self
            .baselines
            .get_patch_baseline(&applies.baseline_id)
            .await?;
        let registered = baseline
            .patch_groups
            .is_some_and(|groups| groups.iter().any(|name| name == group.as_str()));
        let id = &applies.baseline_id;
        findings.extend(check_binding(
            facts.node,
            group.as_str(),
            &os,
            registered,
            id,
        ));
        Ok(())
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

    /// Without EC2 the instances are simply not known.
    async fn instances_by_id(&self, nodes: &[NodeId]) -> Result<BTreeMap<NodeId, Ec2Instance>> {
        match self.ec2_instances(nodes).await {
            Ok(instances) => Ok(instances
                .into_iter()
                .map(|i| (i.instance_id.clone(), i))
                .collect()),
            Err(error) if is_hidden(&error) => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
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
        let network = self.network.clone();
        paginate(move |token| {
            let (network, filters) = (network.clone(), filters.clone());
            async move {
                let page = PageRequest::first()
                    .with_max_results(100)
                    .with_next_token(token);
                network.describe_route_tables(&filters, page).await
            }
        })
        .try_collect()
        .await
    }

    async fn vpc_endpoints(&self, filters: Vec<QueryFilter>) -> Result<Vec<VpcEndpoint>> {
        let network = self.network.clone();
        paginate(move |token| {
            let (network, filters) = (network.clone(), filters.clone());
            async move {
                let page = PageRequest::first()
                    .with_max_results(1000)
                    .with_next_token(token);
                network.describe_vpc_endpoints(&filters, page).await
            }
        })
        .try_collect()
        .await
    }
}

fn is_hidden(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AccessDenied | ErrorKind::Unsupported
    )
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
