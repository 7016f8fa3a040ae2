use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    AssociationComplianceSeverity, AssociationOverview, AssociationSyncCompliance,
    InstanceAssociationOutputLocation, TargetLocation,
};
use crate::types::{AssociationId, MaxConcurrency, MaxErrors, NodeId, Target, shape, timestamp};

shape! {
    /// A State Manager association, as ListAssociations lists it.
    pub struct Association {
        /// The document.
        pub name: Option<String>,
        /// The node, if the association is for one node only.
        pub instance_id: Option<NodeId>,
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The association's version: a number, or `$LATEST`.
        pub association_version: Option<String>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// What it runs on.
        pub targets: Option<Vec<Target>>,
        /// When it last ran.
        #[serde(with = "timestamp::option")]
        pub last_execution_date: Option<Timestamp>,
        /// Its status over all its nodes.
        pub overview: Option<AssociationOverview>,
        /// When it runs: `cron(…)`, `rate(…)` or `at(…)`, in UTC; once if absent.
        pub schedule_expression: Option<String>,
        /// The association's name.
        pub association_name: Option<String>,
        /// How many days after each cron date it runs, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// How many hours a run may take, 1 to 24.
        pub duration: Option<u8>,
        /// The targets of a runbook, as maps of its parameters.
        pub target_maps: Option<Vec<BTreeMap<String, Vec<String>>>>,
    }
}

shape! {
    /// One version of a State Manager association, as ListAssociationVersions lists it.
    ///
    /// Parameters can hold secrets: `Debug` leaves them out.
    pub struct AssociationVersionInfo {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The association's version: a number, or `$LATEST`.
        pub association_version: Option<String>,
        /// When this version was created.
        #[serde(with = "timestamp::option")]
        pub created_date: Option<Timestamp>,
        /// The document.
        pub name: Option<String>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// What it runs on.
        pub targets: Option<Vec<Target>>,
        /// When it runs: `cron(…)`, `rate(…)` or `at(…)`, in UTC; once if absent.
        pub schedule_expression: Option<String>,
        /// Where its output goes.
        pub output_location: Option<InstanceAssociationOutputLocation>,
        /// The association's name.
        pub association_name: Option<String>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// How many nodes at the same time; all if absent.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How severe noncompliance is.
        pub compliance_severity: Option<AssociationComplianceSeverity>,
        /// What decides whether a node complies.
        pub sync_compliance: Option<AssociationSyncCompliance>,
        /// Whether it runs by its cron schedule only, and not when it is created or changed.
        pub apply_only_at_cron_interval: Option<bool>,
        /// The change calendars that must be open for it to run.
        pub calendar_names: Option<Vec<String>>,
        /// Accounts and regions that it runs in.
        pub target_locations: Option<Vec<TargetLocation>>,
        /// How many days after each cron date it runs, 1 to 6.
        pub schedule_offset: Option<u8>,
        /// How many hours a run may take, 1 to 24.
        pub duration: Option<u8>,
        /// The targets of a runbook, as maps of its parameters.
        pub target_maps: Option<Vec<BTreeMap<String, Vec<String>>>>,
        /// The role that it is dispatched with.
        pub association_dispatch_assume_role: Option<String>,
    }
}
