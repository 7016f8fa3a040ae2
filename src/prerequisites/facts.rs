//! The facts about the nodes and their network, as far as they could be read.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::question::RunNeeds;
use crate::error::Error;
use crate::resource_data_sync::ResourceDataSyncItem;
use crate::types::{
    BaselineId, Ec2Instance, GroupIdentifier, InstanceInformation, InstanceProfile, InstanceState,
    NodeId, OperatingSystem, PatchOperation, PlatformType, RouteTable, SecurityGroup,
    ServiceSetting, Subnet, Vpc, VpcEndpoint,
};

/// A fact, or the reason why it could not be read.
pub(crate) type Read<T> = Result<T, Error>;

/// The facts about all nodes.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) managed: Read<BTreeMap<NodeId, InstanceInformation>>,
    pub(crate) instances: Read<BTreeMap<NodeId, Ec2Instance>>,
    /// The states of instances according to Systems Manager, as far as its listing has them.
    pub(crate) states: BTreeMap<NodeId, InstanceState>,
    pub(crate) bindings: Read<Bindings>,
    pub(crate) hybrid_groups: Read<HybridGroups>,
    pub(crate) baselines: Baselines,
    /// When each node was last scanned or patched; absent if the question does not ask.
    pub(crate) last_operations: Option<Read<BTreeMap<NodeId, LastOperation>>>,
    /// Whether runs call documents around the install.
    pub(crate) with_hooks: bool,
    /// What the run to prepare needs besides.
    pub(crate) run: Option<RunNeeds>,
    /// The short id of the patch policy that the nodes are patched by.
    pub(crate) patch_policy: Option<String>,
    /// Operations before this instant are too old.
    pub(crate) scanned_since: Timestamp,
    pub(crate) network: NetworkFacts,
    /// The profiles, by name: of the instances that are not online, or of all for a patch policy.
    pub(crate) profiles: BTreeMap<String, Read<InstanceProfile>>,
    /// The role of instances without a profile; absent if no node needs it.
    pub(crate) default_role: Option<Read<ServiceSetting>>,
    /// The resource data syncs; absent if the question does not ask.
    pub(crate) data_syncs: Option<Read<Vec<ResourceDataSyncItem>>>,
    pub(crate) execution_roles: ExecutionRoles,
    /// The Region, from the question or from a zone.
    pub(crate) region: Option<String>,
}

/// The execution roles of the accounts of an organization that the question names.
#[derive(Debug, Default)]
pub(crate) struct ExecutionRoles {
    pub(crate) reads: Vec<ExecutionRoleRead>,
    /// The organizational units whose accounts are not known.
    pub(crate) units: Vec<String>,
}

/// Whether a role can be assumed.
#[derive(Debug)]
pub(crate) struct ExecutionRoleRead {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) read: Read<()>,
}

/// The last scan or install of a node.
#[derive(Debug)]
pub(crate) struct LastOperation {
    pub(crate) operation: PatchOperation,
    pub(crate) ended: Timestamp,
    pub(crate) took: SignedDuration,
}

/// The Region of the zones of instances or subnets: a client of EC2 lists those of one Region.
pub(crate) fn region_of(
    instances: &Read<BTreeMap<NodeId, Ec2Instance>>,
    subnets: &Read<BTreeMap<String, Subnet>>,
) -> Option<String> {
    let instances = instances.iter().flat_map(BTreeMap::values);
    let of_instances = instances.filter_map(|one| one.placement.availability_zone.as_deref());
    let subnets = subnets.iter().flat_map(BTreeMap::values);
    let of_subnets = subnets.map(|one| one.availability_zone.as_str());
    let mut regions = of_instances.chain(of_subnets).filter_map(region_of_zone);
    regions.next().map(str::to_owned)
}

/// The Region of a zone: `ap-northeast-1` of `ap-northeast-1a`, `us-east-1` of `us-east-1-bos-1a`.
fn region_of_zone(zone: &str) -> Option<&str> {
    let digit = zone.find(|c: char| c.is_ascii_digit())?;
    let rest = zone.get(digit..)?;
    let length = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    zone.get(..digit + length)
}

/// The baselines of the groups, by group and operating system.
#[derive(Debug, Default)]
pub(crate) struct Bindings(HashMap<(String, OperatingSystem), Option<BaselineId>>);

impl Bindings {
    pub(crate) fn add(&mut self, group: &str, os: OperatingSystem, baseline: Option<BaselineId>) {
        self.0.insert((group.to_owned(), os), baseline);
    }

    pub(crate) fn has(&self, group: &str, os: &OperatingSystem) -> bool {
        self.0.contains_key(&(group.to_owned(), os.clone()))
    }

    /// The baseline of a group, if the listing names it.
    pub(crate) fn baseline(&self, group: &str, os: &OperatingSystem) -> Option<&BaselineId> {
        self.0.get(&(group.to_owned(), os.clone()))?.as_ref()
    }

    /// The groups that have a baseline for this operating system.
    pub(crate) fn of(&self, os: &OperatingSystem) -> BTreeSet<&str> {
        let rows = self.0.keys().filter(|(_, bound)| bound == os);
        rows.map(|(group, _)| group.as_str()).collect()
    }
}

/// What is known about the baselines that the nodes get. One that does not exist is known, too: its
/// error is [`NotFound`](crate::ErrorKind::NotFound).
#[derive(Debug, Default)]
pub(crate) struct Baselines {
    /// The default of each operating system that a node has.
    pub(crate) defaults: HashMap<OperatingSystem, Read<BaselineId>>,
    /// Whether each baseline can be read.
    pub(crate) readable: HashMap<BaselineId, Read<()>>,
}

/// What listings by tag show about hybrid nodes, whose tags can only be read one node at a time.
#[derive(Debug, Default)]
pub(crate) struct HybridGroups {
    /// Those with the tag `Patch Group`.
    pub(crate) spaced: BTreeSet<NodeId>,
    /// Those with the tag `PatchGroup`.
    pub(crate) joined: BTreeSet<NodeId>,
    /// Those whose group has a baseline for their operating system.
    pub(crate) bound: BTreeSet<NodeId>,
}

/// The operating system, in Patch Manager's terms, of a managed node, by its platform name.
///
/// `None` if the name, or the release of Amazon Linux, is unknown: SSM reports the distribution's own
/// name.
pub(crate) fn operating_system(node: &InstanceInformation) -> Option<OperatingSystem> {
    match node.platform_type.as_ref()? {
        PlatformType::Windows => return Some(OperatingSystem::Windows),
        PlatformType::MacOs => return Some(OperatingSystem::Macos),
        _ => {}
    }
    let name = node.platform_name.as_deref()?.to_ascii_lowercase();
    let version = node.platform_version.as_deref().unwrap_or_default();
    if name.contains("amazon linux") {
        return amazon_linux(version);
    }
    const NAMES: [(&str, OperatingSystem); 10] = [
        ("ubuntu", OperatingSystem::Ubuntu),
        ("raspb", OperatingSystem::Raspbian),
        ("debian", OperatingSystem::Debian),
        ("red hat", OperatingSystem::RedhatEnterpriseLinux),
        ("centos", OperatingSystem::Centos),
        ("oracle", OperatingSystem::OracleLinux),
        ("rocky", OperatingSystem::RockyLinux),
        ("alma", OperatingSystem::AlmaLinux),
        ("sles", OperatingSystem::Suse),
        ("suse", OperatingSystem::Suse),
    ];
    NAMES
        .into_iter()
        .find(|(part, _)| name.contains(part))
        .map(|(_, os)| os)
}

/// The releases of Amazon Linux 1 are named for their month, from 2011.09 to 2018.03. A release that is
/// none of these is unknown, because no baseline is for it.
fn amazon_linux(version: &str) -> Option<OperatingSystem> {
    match version.split('.').next()?.parse().ok()? {
        2 => Some(OperatingSystem::AmazonLinux2),
        2011..=2018 => Some(OperatingSystem::AmazonLinux),
        2022 => Some(OperatingSystem::AmazonLinux2022),
        2023 => Some(OperatingSystem::AmazonLinux2023),
        _ => None,
    }
}

/// The facts about the network.
#[derive(Debug)]
pub(crate) struct NetworkFacts {
    pub(crate) route_tables: Read<RouteTables>,
    pub(crate) endpoints: Read<Endpoints>,
    pub(crate) subnets: Read<BTreeMap<String, Subnet>>,
    pub(crate) security_groups: Read<BTreeMap<String, SecurityGroup>>,
    pub(crate) vpcs: Read<BTreeMap<String, Vpc>>,
}

/// Route tables, by who uses them.
#[derive(Debug, Default)]
pub(crate) struct RouteTables {
    tables: Vec<RouteTable>,
    of_subnets: HashMap<String, usize>,
    main_of_vpcs: HashMap<String, usize>,
}

impl FromIterator<RouteTable> for RouteTables {
    fn from_iter<I: IntoIterator<Item = RouteTable>>(tables: I) -> Self {
        let mut all = Self::default();
        for (place, table) in tables.into_iter().enumerate() {
            for association in &table.associations {
                if let Some(subnet) = &association.subnet_id {
                    all.of_subnets.entry(subnet.clone()).or_insert(place);
                }
                if association.main {
                    let main = all.main_of_vpcs.entry(table.vpc_id.clone());
                    main.or_insert(place);
                }
            }
            all.tables.push(table);
        }
        all
    }
}

impl RouteTables {
    /// The table of a subnet. One without an association of its own has the VPC's main table
    /// (VPC User Guide, subnet route tables).
    fn of(&self, subnet: &str, vpc: &str) -> Option<&RouteTable> {
        let own = self.of_subnets.get(subnet);
        let place = own.or_else(|| self.main_of_vpcs.get(vpc))?;
        self.tables.get(*place)
    }
}

/// Endpoints by VPC, without deleted ones, which stay in listings for a while.
#[derive(Debug, Default)]
pub(crate) struct Endpoints(HashMap<String, Vec<VpcEndpoint>>);

impl FromIterator<VpcEndpoint> for Endpoints {
    fn from_iter<I: IntoIterator<Item = VpcEndpoint>>(endpoints: I) -> Self {
        let is_gone = |state: &str| {
            let mut gone = ["deleting", "deleted"].iter();
            gone.any(|gone| state.eq_ignore_ascii_case(gone))
        };
        let mut all = Self::default();
        for endpoint in endpoints.into_iter().filter(|one| !is_gone(&one.state)) {
            let of_vpc = all.0.entry(endpoint.vpc_id.clone()).or_default();
            of_vpc.push(endpoint);
        }
        all
    }
}

impl NetworkFacts {
    /// The facts if no node is in a VPC.
    pub(crate) fn none() -> Self {
        Self {
            route_tables: Ok(RouteTables::default()),
            endpoints: Ok(Endpoints::default()),
            subnets: Ok(BTreeMap::new()),
            security_groups: Ok(BTreeMap::new()),
            vpcs: Ok(BTreeMap::new()),
        }
    }

    /// The facts that could be read, and the reads that failed.
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

    pub(crate) fn route_table(&self, subnet: &str, vpc: &str) -> Option<&RouteTable> {
        self.route_tables.as_ref().ok()?.of(subnet, vpc)
    }

    pub(crate) fn endpoints_of(&self, vpc: &str) -> impl Iterator<Item = &VpcEndpoint> {
        let known = self.endpoints.as_ref().ok();
        known
            .and_then(|known| known.0.get(vpc))
            .into_iter()
            .flatten()
    }

    /// The groups among these that were read.
    pub(crate) fn groups<'a>(
        &'a self,
        ids: &'a [GroupIdentifier],
    ) -> impl Iterator<Item = &'a SecurityGroup> {
        let known = self.security_groups.as_ref().ok();
        let ids = ids.iter();
        ids.filter_map(move |id| known?.get(&id.group_id))
    }

    /// The groups among these that were not read, such as those of a shared VPC.
    pub(crate) fn unlisted<'a>(
        &'a self,
        ids: &'a [GroupIdentifier],
    ) -> impl Iterator<Item = &'a str> {
        let known = self.security_groups.as_ref().ok();
        let ids = ids.iter().map(|id| id.group_id.as_str());
        ids.filter(move |id| known.is_some_and(|known| !known.contains_key(*id)))
    }
}
