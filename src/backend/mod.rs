//! The backend traits: one small, object-safe trait for each capability, with this crate's types.
//!
//! Each method is one operation of the service. It takes one request type, which has the name of
//! the operation and serializes as AWS's JSON. It returns one page at a time if the service pages.
//! You can implement the traits: every method has a default body that fails with
//! [`Error::unsupported`](crate::Error::unsupported). So a backend implements only what it
//! supports, and a later version can add an operation without breaking it. [`Operation`] has the
//! properties of each operation.
//!
//! A [`Layer`] is between a caller and a backend and sees every call; [`layered`] adds it.
//!
//! # Errors
//!
//! Every method can fail with the kinds that its verbs document: [`InvalidInput`] if the service
//! would refuse a member or an id, [`NotFound`] if the resource does not exist, and as [every call
//! can](crate::PatchManager#what-every-call-can-meet). A method documents other kinds itself. An
//! implementation returns [`Error::service`] with the service's name for the error, so that
//! programs can read it from [`code`](crate::Error::code). The conformance suite (feature
//! `conformance`) checks the kinds.
//!
//! [`InvalidInput`]: crate::ErrorKind::InvalidInput
//! [`NotFound`]: crate::ErrorKind::NotFound
//! [`Error::service`]: crate::Error::service

pub mod iam;
pub mod layer;
mod node_inventory_ext;
mod operation;
pub(crate) mod request;
mod table;
mod traits;

pub use self::layer::{Layer, layered};
pub(crate) use self::node_inventory_ext::EC2_FILTER_VALUES;
pub use self::node_inventory_ext::NodeInventoryExt;
#[cfg(feature = "emulator")]
pub(crate) use self::operation::AnswerForm;
pub use self::operation::{Access, Operation, PageBounds, Service};
pub(crate) use self::request::PATCH_POLICY_TYPE;
pub use self::request::*;
pub(crate) use self::table::operations;
#[cfg(feature = "mock")]
pub(crate) use self::traits::mocks;
pub use self::traits::{
    AssociationStore, AutomationRunner, Backend, BaselineStore, CommandRunner, ComplianceSource,
    DocumentStore, MaintenanceWindowHistory, MaintenanceWindowStore, NetworkInventory,
    NodeInventory, NodePower, PatchCatalog, PatchGroupRegistry, PatchPolicyStore,
    ResourceDataSyncStore, RoleInventory, RoleSessions,
};
