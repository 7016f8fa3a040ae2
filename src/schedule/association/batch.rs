use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AssociationComplianceSeverity, AssociationDescription, AssociationSyncCompliance,
    InstanceAssociationOutputLocation, TargetLocation,
};
use crate::schedule::AlarmConfiguration;
use crate::types::{MaxConcurrency, MaxErrors, NodeId, Target, shape, string_enum};

/// The associations that CreateAssociationBatch created, and the entries that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct CreateAssociationBatchOutput {
    /// The associations created.
    pub successful: Vec<AssociationDescription>,
    /// The entries that failed.
    pub failed: Vec<FailedCreateAssociation>,
}

shape! {
    /// An entry of CreateAssociationBatch that failed, and why.
    pub struct FailedCreateAssociation {
        /// The entry.
        pub entry: Option<CreateAssociationBatchRequestEntry>,
        /// The reason.
        pub message: Option<String>,
        /// Whose fault it is.
        pub fault: Option<Fault>,
    }
}

string_enum! {
    /// Whose fault a failure is.
    pub enum Fault {
        /// The caller's.
        Client = "Client",
        /// The service's.
        Server = "Server",
        /// Not known.
        Unknown = "Unknown",
    }
}

shape! {
    /// One entry of CreateAssociationBatch.
    ///
    /// Parameters can hold secrets: `Debug` leaves them out.
    pub struct CreateAssociationBatchRequestEntry {
        /// The document.
        pub name: Option<String>,
        /// The node, if the association is for one node only.
        pub instance_id: Option<NodeId>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// The parameter of a runbook that takes the target.
        pub automation_target_parameter_name: Option<String>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
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
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
    }
}
