use jiff::Timestamp;

use crate::schedule::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{AssociationId, shape, timestamp};

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
        /// What the target is, such as `ManagedInstance`.
        pub resource_type: Option<String>,
        /// The status.
        pub status: Option<String>,
        /// The status in more detail.
        pub detailed_status: Option<String>,
        /// When it ran.
        #[serde(with = "timestamp::option")]
        pub last_execution_date: Option<Timestamp>,
        /// Where its output is to be found.
        pub output_source: Option<OutputSource>,
    }
}

shape! {
    /// What holds the output of a run on one target.
    pub struct OutputSource {
        /// The id, such as that of a command.
        pub output_source_id: Option<String>,
        /// What it is, such as `RunCommand`.
        pub output_source_type: Option<String>,
    }
}
