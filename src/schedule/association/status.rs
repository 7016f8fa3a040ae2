//! The status and the runs of associations, and the filters of their listings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::schedule::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{AssociationId, NodeId, shape, string_enum, timestamp};

string_enum! {
    /// The status of an association. The service also sends values that its model does not name.
    pub enum AssociationStatusName {
        /// Not applied yet.
        Pending = "Pending",
        /// Applied.
        Success = "Success",
        /// Failed.
        Failed = "Failed",
    }
}

shape! {
    /// The status of an association, and since when.
    pub struct AssociationStatus {
        /// Since when.
        #[serde(with = "timestamp::option")]
        pub date: Option<Timestamp>,
        /// The status.
        pub name: Option<AssociationStatusName>,
        /// The reason.
        pub message: Option<String>,
        /// A text of the caller's.
        pub additional_info: Option<String>,
    }
}

shape! {
    /// The status of an association over all its nodes.
    pub struct AssociationOverview {
        /// The status, such as `Pending`, `Success` or `Failed`.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// How many nodes are in each status.
        pub association_status_aggregated_count: Option<BTreeMap<String, i32>>,
    }
}

shape! {
    /// A run of an association, as DescribeAssociationExecutions lists it.
    pub struct AssociationExecution {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The association's version.
        pub association_version: Option<String>,
        /// The run.
        pub execution_id: Option<String>,
        /// The status.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// When it began.
        #[serde(with = "timestamp::option")]
        pub created_time: Option<Timestamp>,
        /// When it last ran on a target.
        #[serde(with = "timestamp::option")]
        pub last_execution_date: Option<Timestamp>,
        /// How many targets are in each status, as a text such as `{Success=1}`.
        pub resource_count_by_status: Option<String>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The alarm that stopped it; a list of one.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
    }
}

shape! {
    /// A run of an association on one target, as DescribeAssociationExecutionTargets lists it.
    pub struct AssociationExecutionTarget {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The association's version.
        pub association_version: Option<String>,
        /// The run.
        pub execution_id: Option<String>,
        /// The target, such as a node's id.
        pub resource_id: Option<String>,
        /// The target's type, such as `ManagedInstance`.
        pub resource_type: Option<String>,
        /// The status.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// When it ran.
        #[serde(with = "timestamp::option")]
        pub last_execution_date: Option<Timestamp>,
        /// Where its output is.
        pub output_source: Option<OutputSource>,
    }
}

shape! {
    /// What holds the output of a run on one target.
    pub struct OutputSource {
        /// The id, such as that of a command.
        pub output_source_id: Option<String>,
        /// The type, such as `RunCommand`.
        pub output_source_type: Option<String>,
    }
}

shape! {
    /// An association that applies to a node, as DescribeEffectiveInstanceAssociations lists it.
    pub struct InstanceAssociation {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The node.
        pub instance_id: Option<NodeId>,
        /// The document's text.
        pub content: Option<String>,
        /// The association's version.
        pub association_version: Option<String>,
    }
}

shape! {
    /// The status of an association on a node, as DescribeInstanceAssociationsStatus lists it.
    pub struct InstanceAssociationStatusInfo {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The document.
        pub name: Option<String>,
        /// The document's version.
        pub document_version: Option<String>,
        /// The association's version.
        pub association_version: Option<String>,
        /// The node.
        pub instance_id: Option<NodeId>,
        /// When it ran.
        #[serde(with = "timestamp::option")]
        pub execution_date: Option<Timestamp>,
        /// The status.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// The outcome of each step of the document.
        pub execution_summary: Option<String>,
        /// The error's code.
        pub error_code: Option<String>,
        /// Where its output went.
        pub output_url: Option<InstanceAssociationOutputUrl>,
        /// The association's name.
        pub association_name: Option<String>,
    }
}

shape! {
    /// Where the output of an association went.
    pub struct InstanceAssociationOutputUrl {
        /// The place in the bucket.
        pub s3_output_url: Option<S3OutputUrl>,
    }
}

shape! {
    /// The address of an object in a bucket.
    pub struct S3OutputUrl {
        /// The address. `Debug` leaves the query out.
        pub [url] output_url: Option<String>,
    }
}

/// A condition on associations, for ListAssociations.
///
/// Keys: `InstanceId`, `Name`, `AssociationId`, `AssociationStatusName`, `LastExecutedBefore`,
/// `LastExecutedAfter`, `AssociationName`, `ResourceGroupName`. Instants are ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssociationFilter {
    /// The key that is compared.
    pub key: String,
    /// The value that passes.
    pub value: String,
}

impl AssociationFilter {
    /// A condition that passes this value of the key.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

string_enum! {
    /// How a member of an association's run is compared.
    pub enum AssociationFilterOperator {
        /// Equal.
        Equal = "EQUAL",
        /// Less, or earlier.
        LessThan = "LESS_THAN",
        /// Greater, or later.
        GreaterThan = "GREATER_THAN",
    }
}

/// A condition on the runs of an association. Keys: `ExecutionId`, `Status`, `CreatedTime`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AssociationExecutionFilter {
    /// The key that is compared.
    pub key: String,
    /// The value that it is compared with.
    pub value: String,
    /// The comparison.
    #[serde(rename = "Type")]
    pub operator: AssociationFilterOperator,
}

impl AssociationExecutionFilter {
    /// A comparison of this key with this value.
    pub fn new(
        key: impl Into<String>,
        operator: AssociationFilterOperator,
        value: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            operator,
        }
    }
}

/// A condition on the targets of an association's run. Keys: `Status`, `ResourceId`, `ResourceType`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssociationExecutionTargetsFilter {
    /// The key that is compared.
    pub key: String,
    /// The value that passes.
    pub value: String,
}

impl AssociationExecutionTargetsFilter {
    /// A condition that passes this value of the key.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}
