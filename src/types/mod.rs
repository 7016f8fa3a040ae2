//! Nouns that several rooms share: identifiers, operating systems, tags, targets, patches.

pub(crate) mod alarm;
mod assumed_role;
mod change;
mod completed_step;
mod filters;
mod id;
mod instance;
mod listed_node;
mod network;
mod node;
mod node_filter;
mod operation;
mod os;
mod patch;
mod property;
mod query;
mod security_group;
mod severity;
mod shape;
mod tag;
pub mod timestamp;

pub use assumed_role::AssumedRoleUser;
pub use change::{Change, Difference, WindowChange, WindowPart};
pub(crate) use change::{member_path, shown_text};
pub use completed_step::{CompletedStep, StartedRun};
pub use filters::{
    AvailablePatchFilter, BaselineFilter, MaintenanceWindowFilter, NodeFilter, PatchGroupFilter,
};
pub use id::{
    AssociationId, AutomationExecutionId, BaselineId, CommandId, ConfigurationId, NodeId,
    OrganizationalUnitId, PatchPolicyArn, SnapshotId, WindowExecutionId, WindowId, WindowTargetId,
    WindowTaskId,
};
pub(crate) use id::{Identifier, fnv1a, is_uuid};
pub use instance::{
    Ec2Instance, IamInstanceProfile, InstanceProfile, InstanceState, InstanceStateChange,
    MetadataEndpoint, MetadataOptions, MetadataTags, MetadataTokens, Placement, ServiceSetting,
};
pub use listed_node::{InstanceInfo, ManagedStatus, Node, NodeOwnerInfo, NodeType};
pub use network::{
    DnsOptions, Route, RouteTable, RouteTableAssociation, Subnet, Vpc, VpcAttributeName,
    VpcEndpoint,
};
pub use node::{AssociationOverviewOfNode, InstanceInformation, PingStatus, ResourceType};
pub use node_filter::{
    ListNodesFilter, NodeAggregator, NodeAggregatorType, NodeAttributeName, NodeFilterKey,
    NodeFilterOperatorType, NodeSummary, NodeTypeName,
};
pub use operation::{MaxConcurrency, MaxErrors, PatchOperation, RebootOption};
pub use os::{OperatingSystem, OsFamily, PlatformType};
pub(crate) use patch::kb_id;
pub use patch::{EffectivePatch, Patch, PatchDeploymentStatus, PatchStatus};
pub use property::InstanceProperty;
pub use query::{
    ComplianceFilter, ComplianceOperator, InstancePropertyFilterOperator,
    InstancePropertyStringFilter, PatchStateFilter, PatchStateOperator, QueryFilter,
};
pub use security_group::{GroupIdentifier, IpPermission, IpRange, PrefixListId, SecurityGroup};
pub use severity::{ComplianceSeverity, ComplianceStatus, PatchComplianceLevel};
pub use tag::{Tag, TagDescription, Target};

pub(crate) use id::{REGION, is_account, is_region, partition_of, random_uuid};
pub(crate) use shape::{
    Presigned, Redacted, debug_shape, moved, settings, shape, string_enum, without_query,
};
pub(crate) use tag::is_tag_text;
