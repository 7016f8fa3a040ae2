use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    AssociationComplianceSeverity, AssociationOverview, AssociationStatus,
    AssociationSyncCompliance, InstanceAssociationOutputLocation, TargetLocation,
};
use crate::schedule::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{AssociationId, MaxConcurrency, MaxErrors, NodeId, Target, shape, timestamp};

shape! {
    /// A State Manager association, as CreateAssociation, UpdateAssociation and
    /// DescribeAssociation describe it.
    ///
    /// Parameters can hold secrets: `Debug` leaves them out.
    pub struct AssociationDescription {
        /// The document.
        pub name: Option<String>,
        /// The node, where the association is for one alone.
        pub instance_id: Option<NodeId>,
        /// The association's version: a number, or `$LATEST`.
        pub association_version: Option<String>,
        /// When it was made.
        #[serde(with = "timestamp::option")]
        pub date: Option<Timestamp>,
        /// When it was last changed.
        #[serde(with = "timestamp::option")]
        pub last_update_association_date: Option<Timestamp>,
        /// The status, where the association is for one node alone.
        pub status: Option<AssociationStatus>,
        /// How it fares over its nodes.
        pub overview: Option<AssociationOverview>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// The parameter of a runbook that takes the target.
        pub automation_target_parameter_name: Option<String>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// The association.
        pub association_id: Option<AssociationId>,
        /// On what it runs.
        pub targets: Option<Vec<Target>>,
        /// When it runs: `cron(…)`, `rate(…)` or `at(…)`, in UTC; once where absent.
        pub schedule_expression: Option<String>,
        /// Where its output goes.
        pub output_location: Option<InstanceAssociationOutputLocation>,
        /// When it last ran.
        #[serde(with = "timestamp::option")]
        pub last_execution_date: Option<Timestamp>,
        /// When it last ended well.
        #[serde(with = "timestamp::option")]
        pub last_successful_execution_date: Option<Timestamp>,
        /// The association's name.
        pub association_name: Option<String>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// How many nodes at the same time; all where absent.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How severe it is when it is not complied with.
        pub compliance_severity: Option<AssociationComplianceSeverity>,
        /// What settles whether a node complies.
        pub sync_compliance: Option<AssociationSyncCompliance>,
        /// Whether it runs by its cron schedule only, and not when it is made or changed.
        pub apply_only_at_cron_interval: Option<bool>,
        /// The change calendars that must be open for it to run.
        pub calendar_names: Option<Vec<String>>,
        /// Accounts and regions that it runs in.
        pub target_locations: Option<Vec<TargetLocation>>,
        /// By how many days a cron date is put off, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// How many hours a run may take, 1 to 24.
        pub duration: Option<u8>,
        /// On what a runbook runs, as maps of its parameters.
        pub target_maps: Option<Vec<BTreeMap<String, Vec<String>>>>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The alarm that stopped it; a list of one.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
        /// The role that it is dispatched with.
        pub association_dispatch_assume_role: Option<String>,
    }
}
