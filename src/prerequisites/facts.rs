use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::NetworkFacts;
use crate::error::Error;
use crate::types::{
    BaselineId, Ec2Instance, InstanceInformation, InstanceProfile, NodeId, OperatingSystem,
    ServiceSetting, Subnet,
};

/// A fact, or the reason why it could not be read.
pub(crate) type Read<T> = Result<T, Error>;

/// The facts about all nodes.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) managed: Read<BTreeMap<NodeId, InstanceInformation>>,
    pub(crate) instances: Read<BTreeMap<NodeId, Ec2Instance>>,
    pub(crate) bindings: Read<Bindings>,
    pub(crate) hybrid_groups: Read<HybridGroups>,
    pub(crate) baselines: Baselines,
    /// When each node was last scanned or patched; absent if the question does not ask.
    pub(crate) last_operations: Option<Read<BTreeMap<NodeId, Timestamp>>>,
    /// Whether runs call documents around the install.
    pub(crate) with_hooks: bool,
    /// Operations before this instant are too old.
    pub(crate) scanned_since: Timestamp,
    pub(crate) network: NetworkFacts,
    /// The profiles of the instances that are not online, by name.
    pub(crate) profiles: BTreeMap<String, Read<InstanceProfile>>,
    /// The role of instances without a profile; absent if no node needs it.
    pub(crate) default_role: Option<Read<ServiceSetting>>,
    /// The Region, from the question or from a zone.
    pub(crate) region: Option<String>,
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
