//! Nouns that several rooms share: identifiers, operating systems, tags, targets, patches.

mod id;
mod metadata;
mod network;
mod node;
mod os;
mod patch;
mod query;
mod rate;
mod severity;
mod shape;
mod string_enum;
mod tag;
mod target;
pub mod timestamp;

pub use id::{
    AssociationId, BaselineId, CommandId, NodeId, PatchPolicyArn, SnapshotId, WindowExecutionId,
    WindowId, WindowTargetId, WindowTaskId,
};
pub use metadata::{Ec2Instance, InstanceState, MetadataOptions, MetadataTags};
pub use network::{Route, RouteTable, RouteTableAssociation, Subnet, VpcEndpoint};
pub use node::{AssociationOverviewOfNode, InstanceInformation, PingStatus, ResourceType};
pub use os::{OperatingSystem, OsFamily, PlatformType};
pub use patch::{EffectivePatch, Patch, PatchDeploymentStatus, PatchStatus};
pub use query::{
    ComplianceFilter, ComplianceOperator, PatchStateFilter, PatchStateOperator, QueryFilter,
};
pub use rate::{MaxConcurrency, MaxErrors, ParseRateError};
pub use severity::{ComplianceSeverity, ComplianceStatus, PatchComplianceLevel};
pub use tag::Tag;
pub use target::Target;

pub(crate) use shape::{Redacted, shape};
pub(crate) use string_enum::string_enum;
pub(crate) use tag::is_tag_text;
