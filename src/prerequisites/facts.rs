use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;

use crate::error::Error;
use crate::types::{
    Ec2Instance, GroupIdentifier, InstanceInformation, InstanceProfile, NodeId, OperatingSystem,
    RouteTable, SecurityGroup, ServiceSetting, Subnet, Vpc, VpcEndpoint,
};

/// Something that was read, or why the caller may not read it.
pub(crate) type Read<T> = Result<T, Error>;

/// Everything that was read for all nodes at once.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) managed: Read<BTreeMap<NodeId, InstanceInformation>>,
    pub(crate) instances: Read<BTreeMap<NodeId, Ec2Instance>>,
    pub(crate) bindings: Read<Bindings>,
    pub(crate) hybrid_groups: Read<HybridGroups>,
    /// When each node was last scanned or patched; absent where the question leaves it out.
    pub(crate) last_operations: Option<Read<BTreeMap<NodeId, Timestamp>>>,
    /// Operations before this instant are too long ago.
    pub(crate) scanned_since: Timestamp,
    pub(crate) network: NetworkFacts,
    /// The profiles of the instances that are out of touch, by name.
    pub(crate) profiles: BTreeMap<String, Read<InstanceProfile>>,
    /// The role that an instance without a profile gets; absent where no node needs to know.
    pub(crate) default_role: Option<Read<ServiceSetting>>,
    /// The Region, where the question names it.
    pub(crate) region: Option<String>,
}

/// Which groups have a baseline of their own for which operating system.
#[derive(Debug, Default)]
pub(crate) struct Bindings(HashSet<(String, OperatingSystem)>);

impl Bindings {
    pub(crate) fn add(&mut self, group: &str, os: OperatingSystem) {
        self.0.insert((group.to_owned(), os));
    }

    pub(crate) fn has(&self, group: &str, os: &OperatingSystem) -> bool {
        self.0.contains(&(group.to_owned(), os.clone()))
    }

    /// The groups that have a baseline for this operating system.
    pub(crate) fn of(&self, os: &OperatingSystem) -> BTreeSet<&str> {
        let rows = self.0.iter().filter(|(_, bound)| bound == os);
        rows.map(|(group, _)| group.as_str()).collect()
    }
}

/// What listings by tag tell of hybrid nodes, whose tags can only be read one node at a time.
#[derive(Debug, Default)]
pub(crate) struct HybridGroups {
    /// Those with the tag `Patch Group`.
    pub(crate) spaced: BTreeSet<NodeId>,
    /// Those with the tag `PatchGroup`.
    pub(crate) joined: BTreeSet<NodeId>,
    /// Those whose group has a baseline for their operating system.
    pub(crate) bound: BTreeSet<NodeId>,
}

/// The network that the nodes live in.
#[derive(Debug)]
pub(crate) struct NetworkFacts {
    pub(crate) route_tables: Read<Vec<RouteTable>>,
    pub(crate) endpoints: Read<Vec<VpcEndpoint>>,
    pub(crate) subnets: Read<BTreeMap<String, Subnet>>,
    pub(crate) security_groups: Read<BTreeMap<String, SecurityGroup>>,
    pub(crate) vpcs: Read<BTreeMap<String, Vpc>>,
}

impl NetworkFacts {
    /// What there is to know where no node lives in a VPC.
    pub(crate) fn none() -> Self {
        Self {
            route_tables: Ok(Vec::new()),
            endpoints: Ok(Vec::new()),
            subnets: Ok(BTreeMap::new()),
            security_groups: Ok(BTreeMap::new()),
            vpcs: Ok(BTreeMap::new()),
        }
    }

    /// What could be read, with the reads that failed.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&'static str, &Error)> {
        [
            ("the route tables", self.route_tables.as_ref().err()),
            ("the VPC endpoints", self.endpoints.as_ref().err()),
            ("the subnets", self.subnets.as_ref().err()),
            ("the security groups", self.security_groups.as_ref().err()),
            ("the attributes of the VPC", self.vpcs.as_ref().err()),
        ]
        .into_iter()
        .filter_map(|(what, error)| Some((what, error?)))
    }

    pub(crate) fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.as_ref().ok()?.get(id)
    }

    /// The table of a subnet. One without an association of its own has the VPC's main table
    /// (VPC User Guide, subnet route tables).
    pub(crate) fn route_table(&self, subnet: &str, vpc: &str) -> Option<&RouteTable> {
        let tables = self.route_tables.as_ref().ok()?;
        let own = |table: &&RouteTable| {
            let mut subnets = table
                .associations
                .iter()
                .map(|one| one.subnet_id.as_deref());
            subnets.any(|named| named == Some(subnet))
        };
        let main =
            |table: &&RouteTable| table.vpc_id == vpc && table.associations.iter().any(|a| a.main);
        tables.iter().find(own).or_else(|| tables.iter().find(main))
    }

    /// The endpoints of a VPC, without those that somebody deleted: they are listed for a while.
    pub(crate) fn endpoints_of<'a>(
        &'a self,
        vpc: &'a str,
    ) -> impl Iterator<Item = &'a VpcEndpoint> {
        let is_gone = |state: &str| {
            let mut gone = ["deleting", "deleted"].iter();
            gone.any(|gone| state.eq_ignore_ascii_case(gone))
        };
        let endpoints = self.endpoints.iter().flatten();
        endpoints.filter(move |one| one.vpc_id == vpc && !is_gone(&one.state))
    }

    /// Those of these groups that were read.
    pub(crate) fn groups<'a>(
        &'a self,
        ids: &'a [GroupIdentifier],
    ) -> impl Iterator<Item = &'a SecurityGroup> {
        let known = self.security_groups.as_ref().ok();
        let ids = ids.iter();
        ids.filter_map(move |id| known?.get(&id.group_id))
    }
}
