//! NetworkInventory and NodePower: the network of the fleet, and which instances EC2 starts, stops and
//! reboots. What they do then happens in the engine.

#[cfg(feature = "emulator")]
use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
#[cfg(feature = "emulator")]
use jiff::Timestamp;

use super::check;
use super::paging::Bounds;
use super::tags::no_such_instance;
use crate::backend::{
    DescribeRouteTables, DescribeSecurityGroups, DescribeSubnets, DescribeVpcAttribute,
    DescribeVpcEndpoints, NetworkInventory, NodePower, Operation, RebootInstances, StartInstances,
    StopInstances,
};
use crate::error::{Error, ErrorKind, Result};
use crate::memory::backend::MemoryBackend;
use crate::memory::engine::Engine;
use crate::memory::store::fleet::{Node, NodeStore};
use crate::page::Page;
#[cfg(feature = "emulator")]
use crate::types::{Ec2Instance, OperatingSystem};
use crate::types::{
    InstanceState, InstanceStateChange, NodeId, RouteTable, SecurityGroup, Subnet,
    VpcAttributeName, VpcEndpoint,
};

/// What Systems Manager knows of an instance and EC2 tells in other words.
#[cfg(feature = "emulator")]
#[derive(Debug, Default)]
pub(crate) struct InstanceFacts {
    pub(crate) product: String,
    pub(crate) is_windows: bool,
    pub(crate) registered: Option<Timestamp>,
}

/// What EC2 says besides the answers of the traits. No call is recorded.
#[cfg(feature = "emulator")]
impl MemoryBackend {
    pub(crate) fn check_subnets(&self, ids: &[String]) -> Result<()> {
        self.act(|engine, _| {
            let subnets = engine.state.network.subnets.iter();
            let known: BTreeSet<_> = subnets.map(|subnet| &subnet.subnet_id).collect();
            let unknown = ids.iter().find(|id| !known.contains(id));
            unknown.map_or(Ok(()), |id| {
                Err(not_found("InvalidSubnetID.NotFound", "subnet ID", id))
            })
        })
    }

    /// The Regions that a client reaches: those of the organization, or the account's.
    pub(crate) fn regions(&self) -> Vec<String> {
        match self.organization() {
            Some(organization) => organization.regions(),
            None => vec![self.place().0],
        }
    }

    /// Every VPC that is described or that something is in, with its subnets.
    pub(crate) fn vpcs_with_subnets(&self) -> BTreeMap<String, Vec<Subnet>> {
        self.act(|engine, _| {
            let network = &engine.state.network;
            let mut vpcs: BTreeMap<String, Vec<Subnet>> = BTreeMap::new();
            let described = network.vpcs.iter().map(|vpc| vpc.vpc_id.clone());
            let tables = network.route_tables(&[]).into_iter();
            let endpoints = network.endpoints.iter().map(|one| one.vpc_id.clone());
            let instances = engine
                .state
                .fleet
                .iter_from(None)
                .filter_map(Node::instance);
            let named = described
                .chain(tables.map(|table| table.vpc_id))
                .chain(endpoints)
                .chain(instances.filter_map(|instance| instance.vpc_id));
            for id in named {
                vpcs.entry(id).or_default();
            }
            for subnet in &network.subnets {
                let subnets = vpcs.entry(subnet.vpc_id.clone()).or_default();
                subnets.push(subnet.clone());
            }
            vpcs
        })
    }

    /// Every route table.
    pub(crate) fn route_tables(&self) -> Vec<RouteTable> {
        self.act(|engine, _| engine.state.network.route_tables(&[]))
    }

    /// Every instance, by id.
    pub(crate) fn instances(&self) -> Vec<Ec2Instance> {
        self.act(|engine, _| {
            engine
                .state
                .fleet
                .iter_from(None)
                .filter_map(Node::instance)
                .collect()
        })
    }

    /// What Systems Manager knows of an instance and EC2 tells in other words; nothing of an unknown one.
    pub(crate) fn instance_facts(&self, id: &NodeId) -> InstanceFacts {
        self.act(|engine, _| {
            let facts = engine.state.fleet.get(id).map(|node| &node.facts);
            facts.map_or_else(InstanceFacts::default, |facts| InstanceFacts {
                product: facts.product.clone(),
                is_windows: facts.operating_system == OperatingSystem::Windows,
                registered: facts.instance_information.registration_date,
            })
        })
    }

    pub(crate) fn check_security_groups(&self, ids: &[String]) -> Result<()> {
        self.act(|engine, _| {
            let groups = engine.state.network.security_groups.iter();
            let known: BTreeSet<_> = groups.map(|group| &group.group_id).collect();
            let unknown = ids.iter().find(|id| !known.contains(id));
            unknown.map_or(Ok(()), |id| {
                Err(not_found("InvalidGroup.NotFound", "security group", id))
            })
        })
    }
}

fn not_found(code: &str, what: &str, id: &str) -> Error {
    let message = format!("The {what} '{id}' does not exist");
    Error::service(ErrorKind::NotFound, code, message).with_resource(id)
}

/// Knows the filters that this crate uses; EC2 knows more.
#[async_trait]
impl NetworkInventory for MemoryBackend {
    async fn describe_vpc_endpoints(
        &self,
        request: DescribeVpcEndpoints,
    ) -> Result<Page<VpcEndpoint>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeVpcEndpoints;
        const BOUNDS: Bounds = Bounds::new(1, 1000, 1000);
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &["vpc-id", "service-name"])?;
            let found = state.network.endpoints(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_subnets(&self, request: DescribeSubnets) -> Result<Page<Subnet>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeSubnets;
        const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &["vpc-id", "subnet-id"])?;
            let found = state.network.subnets(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_route_tables(
        &self,
        request: DescribeRouteTables,
    ) -> Result<Page<RouteTable>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeRouteTables;
        const BOUNDS: Bounds = Bounds::new(5, 100, 100);
        const KEYS: [&str; 3] = ["vpc-id", "association.main", "association.subnet-id"];
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &KEYS)?;
            let found = state.network.route_tables(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_security_groups(
        &self,
        request: DescribeSecurityGroups,
    ) -> Result<Page<SecurityGroup>> {
        let filters = &request.filters;
        let page = request.page;

        const OPERATION: Operation = Operation::DescribeSecurityGroups;
        const BOUNDS: Bounds = Bounds::new(5, 1000, 1000);
        self.call(OPERATION, |state, _| {
            check::ec2_filters(OPERATION, filters, &["vpc-id", "group-id"])?;
            let found = state.network.security_groups(filters);
            let key = check::listing_key(filters);
            state.page(found, &page, OPERATION, BOUNDS, &key)
        })
        .await
    }

    async fn describe_vpc_attribute(&self, request: DescribeVpcAttribute) -> Result<bool> {
        let vpc_id = &request.vpc_id;
        let attribute = request.attribute;

        const OPERATION: Operation = Operation::DescribeVpcAttribute;
        self.call(OPERATION, |state, _| {
            let vpc = state.network.vpc(vpc_id);
            let vpc = vpc.ok_or_else(|| not_found("InvalidVpcID.NotFound", "vpc ID", vpc_id))?;
            match attribute {
                VpcAttributeName::EnableDnsSupport => Ok(vpc.enable_dns_support),
                VpcAttributeName::EnableDnsHostnames => Ok(vpc.enable_dns_hostnames),
                VpcAttributeName::Other(name) => Err(check::refused(
                    OPERATION,
                    format!("The attribute '{name}' is invalid"),
                )),
            }
        })
        .await
    }
}

/// Refuses a call as a whole: no instance, one that EC2 does not know, or one in a state from which
/// it cannot change (EC2 API, error codes).
fn check_state(fleet: &NodeStore, ids: &[NodeId], refused: &[&str], message: &str) -> Result<()> {
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
            check_state(&engine.state.fleet, ids, &["stopping"], message)?;
            Ok(change(engine, ids, |engine, id| engine.start_node(id, now)))
        })
        .await
    }

    async fn stop_instances(&self, request: StopInstances) -> Result<Vec<InstanceStateChange>> {
        let ids = &request.instance_ids;
        self.call_engine(Operation::StopInstances, |engine, now| {
            // AWS's code, from cloud-custodian/cloud-custodian#6014.
            let message = "is not in a state from which it can be stopped.";
            check_state(&engine.state.fleet, ids, &["pending"], message)?;
            Ok(change(engine, ids, |engine, id| engine.stop_node(id, now)))
        })
        .await
    }

    async fn reboot_instances(&self, request: RebootInstances) -> Result<()> {
        let ids = &request.instance_ids;
        self.call_engine(Operation::RebootInstances, |engine, _| {
            let not_running = ["pending", "stopping", "stopped"];
            let message = "is not in the 'running' state.";
            check_state(&engine.state.fleet, ids, &not_running, message)?;
            ids.iter().for_each(|id| engine.reboot_node(id));
            Ok(())
        })
        .await
    }
}
