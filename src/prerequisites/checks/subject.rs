use super::Problem;
use crate::prerequisites::{EndpointService, Facts, LastOperation, NetworkFacts, operating_system};
use crate::types::{
    Ec2Instance, InstanceInformation, InstanceState, NodeId, OperatingSystem, VpcEndpoint,
};

/// One node, and the facts about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(super) id: &'a NodeId,
    pub(super) facts: &'a Facts,
    pub(super) instance: Option<&'a Ec2Instance>,
    pub(super) managed: Option<&'a InstanceInformation>,
}

/// A running instance, and its part of the network.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) instance: &'a Ec2Instance,
    pub(super) subnet: &'a str,
    pub(super) vpc: &'a str,
    pub(super) network: &'a NetworkFacts,
    pub(super) region: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of(id: &'a NodeId, facts: &'a Facts) -> Self {
        Self {
            id,
            facts,
            instance: facts.instances.as_ref().ok().and_then(|all| all.get(id)),
            managed: facts.managed.as_ref().ok().and_then(|all| all.get(id)),
        }
    }

    /// The state of its instance according to EC2. If EC2 could not be read, only that it is stopped, if
    /// Systems Manager says so.
    pub(super) fn state(&self) -> Option<&'a InstanceState> {
        match &self.facts.instances {
            Ok(_) => self.instance.map(|instance| &instance.state),
            Err(_) => {
                let state = self.facts.states.get(self.id);
                state.filter(|state| state.is_stopped())
            }
        }
    }

    /// Whether its agent is online, according to Systems Manager.
    pub(super) fn is_online(&self) -> bool {
        self.managed.is_some_and(InstanceInformation::is_online)
    }

    pub(super) fn operating_system(&self) -> Option<OperatingSystem> {
        self.managed.and_then(operating_system)
    }

    /// Whether it is online and was scanned or patched recently, which proves that it can be.
    pub(super) fn proves_its_way(&self) -> bool {
        let last = self.last_operation();
        self.is_online() && last.is_some_and(|last| last.ended >= self.facts.scanned_since)
    }

    /// The last scan or install, if it was read and there was one.
    pub(super) fn last_operation(&self) -> Option<&'a LastOperation> {
        let read = self.facts.last_operations.as_ref()?;
        read.as_ref().ok()?.get(self.id)
    }

    pub(super) fn region(&self) -> Option<&'a str> {
        self.facts.region.as_deref()
    }

    /// What could not be read about it.
    pub(super) fn unread(&self) -> Vec<Problem> {
        let facts = self.facts;
        let mut problems = Vec::new();
        let mut add = |what: &str, error| problems.push(Problem::not_checked(what, error));
        if let Err(error) = &facts.managed {
            add("whether Systems Manager manages the node", error);
        }
        match &facts.instances {
            Err(error) if !self.id.is_hybrid() => add("the instance and its network", error),
            _ => {}
        }
        if self.instance.is_some() {
            facts
                .network
                .unread()
                .for_each(|(what, error)| add(what, error));
        }
        problems
    }

    /// Its place in the network, if it is an instance in a VPC.
    pub(super) fn home(&self) -> Option<Home<'a>> {
        let instance = self.instance?;
        Some(Home {
            instance,
            subnet: instance.subnet_id.as_deref()?,
            vpc: instance.vpc_id.as_deref()?,
            network: &self.facts.network,
            region: self.region(),
        })
    }
}

impl<'a> Home<'a> {
    /// The services that the node may need endpoints for, in its Region.
    pub(super) fn services(&self) -> impl Iterator<Item = EndpointService> + use<> {
        let exists = |service: &EndpointService| {
            let region = self.region;
            region.is_none_or(|region| service.exists_in(region))
        };
        let services: Vec<_> = EndpointService::ALL.into_iter().filter(exists).collect();
        services.into_iter()
    }

    /// The endpoints for a service in the node's Region, or where that is unknown in any.
    pub(super) fn endpoints(
        &self,
        service: EndpointService,
    ) -> impl Iterator<Item = &'a VpcEndpoint> {
        let region = self.region;
        self.network.endpoints_of(self.vpc).filter(move |endpoint| {
            let name = endpoint.service_name.as_str();
            EndpointService::of(name) == Some(service)
                && region.is_none_or(|region| EndpointService::region_of(name) == Some(region))
        })
    }

    /// The Region, or a placeholder if it is unknown.
    pub(super) fn region_or_blank(&self) -> &str {
        let by_endpoint = || {
            let mut endpoints = self.network.endpoints_of(self.vpc);
            endpoints.find_map(|endpoint| EndpointService::region_of(&endpoint.service_name))
        };
        self.region
            .or_else(by_endpoint)
            .filter(|region| !region.is_empty())
            .unwrap_or("REGION")
    }
}
