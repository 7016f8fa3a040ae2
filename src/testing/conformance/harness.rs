use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::error::Result;
use crate::manager::PatchManager;
use crate::types::NodeId;

/// Something that a rule needs, and that a backend may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Capability {
    /// Stores baselines.
    Baselines,
    /// Registers patch groups.
    PatchGroups,
    /// Lists patches.
    Catalog,
    /// Lists nodes and tags them.
    Nodes,
    /// Lists EC2's instances a page at a time.
    Instances,
    /// Starts, stops and reboots EC2's instances.
    Power,
    /// Lists the properties of managed nodes.
    NodeProperties,
    /// Lists nodes with their account and Region, and counts them.
    NodeListing,
    /// Assumes roles of other accounts.
    RoleSessions,
    /// Knows the network of its nodes.
    Network,
    /// Runs commands.
    Commands,
    /// Reports patch states and compliance.
    Compliance,
    /// Stores patch policies.
    Policies,
    /// Stores resource data syncs.
    DataSyncs,
    /// Stores State Manager associations and runs them.
    Associations,
    /// Stores maintenance windows and opens them.
    Windows,
    /// Stores documents and runs runbooks.
    Automation,
    /// Can advance time by hours in reasonable time.
    Time,
    /// Has a hybrid node.
    HybridNode,
    /// Has a fleet of more Linux nodes than a page has.
    Fleet,
    /// Allows the suite to change the account's default baseline for a moment.
    ChangeOfDefault,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Baselines => "baselines",
            Self::PatchGroups => "patch groups",
            Self::Catalog => "a catalog",
            Self::Nodes => "nodes",
            Self::Instances => "a listing of instances",
            Self::Power => "power over instances",
            Self::NodeProperties => "a listing of the properties of nodes",
            Self::NodeListing => "a listing of nodes by account and Region",
            Self::RoleSessions => "sessions in roles",
            Self::Network => "a network",
            Self::Commands => "commands",
            Self::Compliance => "compliance",
            Self::Policies => "patch policies",
            Self::DataSyncs => "resource data syncs",
            Self::Associations => "associations",
            Self::Windows => "maintenance windows",
            Self::Automation => "Automation",
            Self::Time => "time that can be turned",
            Self::HybridNode => "a hybrid node",
            Self::Fleet => "a fleet",
            Self::ChangeOfDefault => "a change of the default baseline",
        })
    }
}

/// A capability that a backend lacks, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Lack {
    /// The capability.
    pub capability: Capability,
    /// The reason, which the report shows.
    pub reason: String,
}

impl Lack {
    /// The lack of this capability for this reason.
    pub fn new(capability: Capability, reason: impl Into<String>) -> Self {
        Self {
            capability,
            reason: reason.into(),
        }
    }
}

/// A backend under test, and the nodes that the suite may work on.
///
/// The suite works on these nodes only: it tags and patches them, and restores their tags. It
/// creates baselines, groups, policies, associations and windows under its own names, and deletes
/// them.
#[async_trait]
pub trait Harness: fmt::Debug + Send + Sync {
    /// A manager whose backends are under test, on their clock.
    fn manager(&self) -> PatchManager;

    /// An online Windows instance.
    fn windows_node(&self) -> NodeId;

    /// An online instance with Amazon Linux 2023.
    fn linux_node(&self) -> NodeId;

    /// An online hybrid node, `mi-…`.
    fn hybrid_node(&self) -> NodeId;

    /// Other online instances with Amazon Linux 2023: 11 to 50 of them, which is more than a page can have,
    /// and one of them with more than ten packages.
    ///
    /// By default there are none: then [`lacks`](Self::lacks) names [`Fleet`](Capability::Fleet).
    fn linux_fleet(&self) -> Vec<NodeId> {
        Vec::new()
    }

    /// The backend's current time. By default the clock of the manager says it.
    fn now(&self) -> Timestamp {
        self.manager().clock().now()
    }

    /// Lets time pass. By default it waits on the clock of the manager, which advances memory's.
    async fn advance(&self, by: Duration) {
        self.manager().clock().sleep(by).await;
    }

    /// Resets the nodes to the state that each rule starts from: online, never scanned, no pending
    /// reboot, and some patches missing under a baseline that approves everything at once.
    ///
    /// # Errors
    ///
    /// Any error; the rule then counts as failed.
    async fn reset_nodes(&self) -> Result<()>;

    /// What the backend cannot do. A rule that needs it is reported as not applicable.
    fn lacks(&self) -> Vec<Lack> {
        Vec::new()
    }
}
