use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;

use crate::backend::{
    AssociationStore, BaselineStore, CommandRunner, ComplianceSource, MaintenanceWindowHistory,
    MaintenanceWindowStore, NetworkInventory, NodeInventory, PatchCatalog, PatchGroupRegistry,
    PatchPolicyStore,
};
use crate::error::Result;
use crate::types::NodeId;

/// Something that a rule needs, and that a backend may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Capability {
    /// Keeps baselines.
    Baselines,
    /// Binds patch groups.
    PatchGroups,
    /// Lists patches.
    Catalog,
    /// Lists nodes and tags them.
    Nodes,
    /// Lists EC2's instances a page at a time.
    Instances,
    /// Knows the network that its nodes live in.
    Network,
    /// Runs commands.
    Commands,
    /// Tells patch states and compliance.
    Compliance,
    /// Keeps patch policies.
    Policies,
    /// Keeps State Manager associations and runs them.
    Associations,
    /// Keeps maintenance windows and opens them.
    Windows,
    /// Lets hours pass in reasonable time.
    Time,
    /// Has a hybrid node.
    HybridNode,
    /// Lets the suite make a baseline the account's default for a moment.
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
            Self::Network => "a network",
            Self::Commands => "commands",
            Self::Compliance => "compliance",
            Self::Policies => "patch policies",
            Self::Associations => "associations",
            Self::Windows => "maintenance windows",
            Self::Time => "time that can be turned",
            Self::HybridNode => "a hybrid node",
            Self::ChangeOfDefault => "a change of the default baseline",
        })
    }
}

/// What a backend cannot do, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Lack {
    /// What it cannot do.
    pub capability: Capability,
    /// Why; the report shows it.
    pub reason: String,
}

impl Lack {
    /// A lack of this capability for this reason.
    pub fn new(capability: Capability, reason: impl Into<String>) -> Self {
        Self {
            capability,
            reason: reason.into(),
        }
    }
}

/// A backend under test, and the nodes that the suite may work on.
///
/// The suite works on these nodes only: it tags them, patches them, and puts their tags back. It
/// makes baselines, groups, policies, associations and windows under names of its own and deletes them again.
#[async_trait]
pub trait Harness: fmt::Debug + Send + Sync {
    /// The baselines.
    fn baselines(&self) -> Arc<dyn BaselineStore>;

    /// The patch groups.
    fn groups(&self) -> Arc<dyn PatchGroupRegistry>;

    /// The catalog.
    fn catalog(&self) -> Arc<dyn PatchCatalog>;

    /// The nodes.
    fn nodes(&self) -> Arc<dyn NodeInventory>;

    /// The network.
    fn network(&self) -> Arc<dyn NetworkInventory>;

    /// The policies.
    fn schedules(&self) -> Arc<dyn PatchPolicyStore>;

    /// The associations.
    fn associations(&self) -> Arc<dyn AssociationStore>;

    /// The maintenance windows.
    fn windows(&self) -> Arc<dyn MaintenanceWindowStore>;

    /// What became of the maintenance windows.
    fn window_history(&self) -> Arc<dyn MaintenanceWindowHistory>;

    /// The commands.
    fn commands(&self) -> Arc<dyn CommandRunner>;

    /// The compliance.
    fn compliance(&self) -> Arc<dyn ComplianceSource>;

    /// An online Windows instance.
    fn windows_node(&self) -> NodeId;

    /// An online instance with Amazon Linux 2023.
    fn linux_node(&self) -> NodeId;

    /// An online hybrid node, `mi-…`.
    fn hybrid_node(&self) -> NodeId;

    /// The backend's present.
    fn now(&self) -> Timestamp;

    /// Lets time pass: turns the backend's clock, or sleeps.
    async fn advance(&self, by: Duration);

    /// Puts the nodes in the state that each rule starts from: online, never scanned, nothing
    /// waiting for a reboot, and something missing by a baseline that approves everything at once.
    ///
    /// # Errors
    ///
    /// Whatever stops it; the rule then counts as failed.
    async fn reset_nodes(&self) -> Result<()>;

    /// What the backend cannot do. A rule that needs it is reported as not applicable.
    fn lacks(&self) -> Vec<Lack> {
        Vec::new()
    }
}
