//! Nouns that several rooms share: identifiers, operating systems, tags, targets, patches.

pub(crate) mod alarm;
mod change;
mod completed_step;
mod difference;
mod filters;
mod fnv;
mod id;
mod metadata;
mod network;
mod node;
mod os;
mod patch;
mod patch_operation;
mod property;
mod query;
mod rate;
mod role;
mod security_group;
mod severity;
mod shape;
mod string_enum;
mod tag;
mod target;
pub mod timestamp;

pub use change::{Change, WindowChange, WindowPart};
pub use completed_step::{CompletedStep, StartedRun};
pub use difference::Difference;
pub(crate) use difference::{member_path, shown_text};
pub use filters::{
    AvailablePatchFilter, BaselineFilter, MaintenanceWindowFilter, NodeFilter, PatchGroupFilter,
};
pub(crate) use fnv::fnv1a;
pub(crate) use id::Identifier;
pub use id::{
    AssociationId, AutomationExecutionId, BaselineId, CommandId, NodeId, PatchPolicyArn,
    SnapshotId, WindowExecutionId, WindowId, WindowTargetId, WindowTaskId,
};
pub use metadata::{
    Ec2Instance, IamInstanceProfile, InstanceState, InstanceStateChange, MetadataEndpoint,
    MetadataOptions, MetadataTags, MetadataTokens, Placement,
};
pub use network::{
    DnsOptions, Route, RouteTable, RouteTableAssociation, Subnet, Vpc, VpcAttributeName,
    VpcEndpoint,
};
pub use node::{AssociationOverviewOfNode, InstanceInformation, PingStatus, ResourceType};
pub use os::{OperatingSystem, OsFamily, PlatformType};
pub(crate) use patch::kb_id;
pub use patch::{EffectivePatch, Patch, PatchDeploymentStatus, PatchStatus};
pub use patch_operation::{PatchOperation, RebootOption};
pub use property::InstanceProperty;
pub use query::{
    ComplianceFilter, ComplianceOperator, InstancePropertyFilterOperator,
    InstancePropertyStringFilter, PatchStateFilter, PatchStateOperator, QueryFilter,
};
pub use rate::{MaxConcurrency, MaxErrors, ParseRateError};
pub use role::{InstanceProfile, ServiceSetting};
pub use security_group::{GroupIdentifier, IpPermission, IpRange, PrefixListId, SecurityGroup};
pub use severity::{ComplianceSeverity, ComplianceStatus, PatchComplianceLevel};
pub use tag::{Tag, TagDescription};
pub use target::Target;

pub(crate) use id::{is_account, is_uuid, random_uuid};
pub(crate) use shape::{Redacted, moved, settings, shape};
pub(crate) use string_enum::string_enum;
pub(crate) use tag::is_tag_text;
