//! The seam: one small, object-safe trait for each capability, speaking this crate's own types.
//!
//! Each method is one operation of the service. It takes one request type, named after the operation
//! and serialized as AWS's JSON, and returns one page at a time if the service pages. Anyone may
//! implement the traits: every method has a default body that answers
//! [`Error::unsupported`](crate::Error::unsupported), so a backend writes only what it can do, and
//! an operation that a later version adds breaks nobody. [`Operation`] says of each what it needs.
//!
//! A [`Layer`] stands between a caller and any backend and sees every call; [`layered`] puts it there.
//!
//! # Errors
//!
//! Every method can fail by the kinds that the verbs over it document: [`InvalidInput`] if the
//! service would refuse a member or an id, [`NotFound`] if what it names is not there, and
//! [what every call can meet](crate::PatchManager#what-every-call-can-meet). If a method has
//! others, it says so. An implementation answers with [`Error::service`] and the service's own
//! name for the error, so that a program that looks at [`code`](crate::Error::code) sees the same;
//! the conformance suite (feature `conformance`) checks the kinds.
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
pub use self::node_inventory_ext::NodeInventoryExt;
#[cfg(feature = "emulator")]
pub(crate) use self::operation::AnswerForm;
pub use self::operation::{Access, Operation, PageBounds, Service};
#[cfg(any(feature = "aws", feature = "emulator"))]
pub(crate) use self::request::PATCH_POLICY_TYPE;
pub use self::request::*;
pub(crate) use self::table::operations;
#[cfg(feature = "mock")]
pub(crate) use self::traits::mocks;
pub use self::traits::{
    AssociationStore, Backend, BaselineStore, CommandRunner, ComplianceSource,
    MaintenanceWindowHistory, MaintenanceWindowStore, NetworkInventory, NodeInventory,
    PatchCatalog, PatchGroupRegistry, PatchPolicyStore, RoleInventory,
};
