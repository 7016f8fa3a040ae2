//! The seam: one small, object-safe trait for each capability, speaking this crate's own types.
//!
//! Each method is one operation of the service and returns one page at a time where the service
//! pages. Anyone may implement the traits. A method that a later version adds has a default body
//! that answers [`Error::unsupported`](crate::Error::unsupported).
//!
//! # Errors
//!
//! Every method can fail, by the kinds that the verbs over it tell: [`InvalidInput`] where the
//! service would refuse a member or an id, [`NotFound`] where what it names is not there, and
//! [what every call can meet](crate::PatchManager#what-every-call-can-meet). Where a method has
//! others, it says so. An implementation answers with [`Error::service`] and the service's own
//! name for the error, so that a program which looks at [`code`](crate::Error::code) sees the same;
//! the conformance suite (feature `conformance`) checks the kinds.
//!
//! [`InvalidInput`]: crate::ErrorKind::InvalidInput
//! [`NotFound`]: crate::ErrorKind::NotFound
//! [`Error::service`]: crate::Error::service

mod association_store;
mod baseline_store;
mod command_runner;
mod compliance_source;
mod maintenance_window_history;
mod maintenance_window_store;
mod network_inventory;
mod node_inventory;
mod patch_catalog;
mod patch_group_registry;
mod role_inventory;
mod schedule_store;

pub use association_store::{
    AssociationStore, DescribeAssociationExecutionTargets, DescribeAssociationExecutions,
    ListAssociations,
};
pub use baseline_store::{
    BaselineStore, CreatePatchBaseline, DescribePatchBaselines, UpdatePatchBaseline,
};
pub use command_runner::{CommandRunner, ListCommandInvocations, ListCommands};
pub use compliance_source::{
    ComplianceSource, DescribeInstancePatchStatesForPatchGroup, DescribeInstancePatches,
    ListCompliance,
};
pub use maintenance_window_history::{
    DescribeMaintenanceWindowExecutionTaskInvocations, DescribeMaintenanceWindowExecutionTasks,
    DescribeMaintenanceWindowExecutions, MaintenanceWindowHistory,
};
pub use maintenance_window_store::{
    DescribeMaintenanceWindowSchedule, DescribeMaintenanceWindowTargets,
    DescribeMaintenanceWindowTasks, DescribeMaintenanceWindows,
    DescribeMaintenanceWindowsForTarget, MaintenanceWindowStore,
};
pub use network_inventory::NetworkInventory;
pub use node_inventory::{DescribeInstanceInformation, NodeInventory};
pub use patch_catalog::{
    DescribeAvailablePatches, DescribePatchProperties, PatchCatalog, PatchProperty, PatchSet,
};
pub use patch_group_registry::{DescribePatchGroups, PatchGroupRegistry};
pub use role_inventory::RoleInventory;
pub use schedule_store::{CreatePatchPolicy, ScheduleStore};

/// The mocks that mockall makes beside each trait; `testing::mock` shows them to users.
#[cfg(feature = "mock")]
pub(crate) mod mocks {
    pub use super::association_store::MockAssociationStore;
    pub use super::baseline_store::MockBaselineStore;
    pub use super::compliance_source::MockComplianceSource;
    pub use super::maintenance_window_history::MockMaintenanceWindowHistory;
    pub use super::maintenance_window_store::MockMaintenanceWindowStore;
    pub use super::network_inventory::MockNetworkInventory;
    pub use super::node_inventory::MockNodeInventory;
    pub use super::patch_catalog::MockPatchCatalog;
    pub use super::patch_group_registry::MockPatchGroupRegistry;
    pub use super::role_inventory::MockRoleInventory;
    pub use super::schedule_store::MockScheduleStore;
}

/// Everything a [`PatchManager`](crate::PatchManager) can use, for backends that do it all, but for
/// the optional [`RoleInventory`].
pub trait Backend:
    BaselineStore
    + PatchGroupRegistry
    + PatchCatalog
    + NodeInventory
    + ScheduleStore
    + MaintenanceWindowStore
    + MaintenanceWindowHistory
    + AssociationStore
    + CommandRunner
    + ComplianceSource
    + NetworkInventory
{
}

impl<T> Backend for T where
    T: BaselineStore
        + PatchGroupRegistry
        + PatchCatalog
        + NodeInventory
        + ScheduleStore
        + MaintenanceWindowStore
        + MaintenanceWindowHistory
        + AssociationStore
        + CommandRunner
        + ComplianceSource
        + NetworkInventory
{
}
