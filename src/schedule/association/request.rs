use std::collections::BTreeMap;

use super::{
    AssociationComplianceSeverity, AssociationSyncCompliance, InstanceAssociationOutputLocation,
    TargetLocation,
};
use crate::schedule::AlarmConfiguration;
use crate::types::{AssociationId, MaxConcurrency, MaxErrors, NodeId, Tag, Target, shape};

shape! {
    /// The input of CreateAssociation. It has no client token: a repeated call can make a second one.
    ///
    /// Without a schedule it runs once; with one it also runs at once when it is made, unless
    /// `apply_only_at_cron_interval` is set. Parameters can hold secrets: `Debug` leaves them out.
    pub struct CreateAssociation {
        /// The document.
        pub name: Option<String>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// The node, where the association is for one alone; or else targets.
        pub instance_id: Option<NodeId>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// On what it runs: at most 5 targets, of at most 50 values each.
        pub targets: Option<Vec<Target>>,
        /// When it runs: `cron(…)`, `rate(…)` or `at(…)`, in UTC; once where absent.
        pub schedule_expression: Option<String>,
        /// Where its output goes.
        pub output_location: Option<InstanceAssociationOutputLocation>,
        /// The association's name, 3 to 128 letters, digits, `_`, `-` or `.`.
        pub association_name: Option<String>,
        /// The parameter of a runbook that takes the target.
        pub automation_target_parameter_name: Option<String>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// How many nodes at the same time; all where absent.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How severe it is when it is not complied with.
        pub compliance_severity: Option<AssociationComplianceSeverity>,
        /// What settles whether a node complies; its own status where absent.
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
        /// The association's tags.
        pub tags: Option<Vec<Tag>>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The role that it is dispatched with.
        pub association_dispatch_assume_role: Option<String>,
    }
}

impl CreateAssociation {
    /// An association of this document with these targets.
    pub fn new(document: impl Into<String>, targets: Vec<Target>) -> Self {
        Self {
            name: Some(document.into()),
            targets: Some(targets),
            ..Self::default()
        }
    }
}

shape! {
    /// The input of UpdateAssociation. It makes a new version of the association, and runs at once
    /// unless `apply_only_at_cron_interval` is set.
    ///
    /// What is left out is cleared (SSM model, UpdateAssociation): start from what
    /// DescribeAssociation says. Parameters can hold secrets: `Debug` leaves them out.
    pub struct UpdateAssociation {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The document.
        pub name: Option<String>,
        /// The version that is changed: a number, or `$LATEST`; the latest where absent.
        pub association_version: Option<String>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// On what it runs: at most 5 targets, of at most 50 values each.
        pub targets: Option<Vec<Target>>,
        /// When it runs: `cron(…)`, `rate(…)` or `at(…)`, in UTC; once where absent.
        pub schedule_expression: Option<String>,
        /// Where its output goes.
        pub output_location: Option<InstanceAssociationOutputLocation>,
        /// The association's name, 3 to 128 letters, digits, `_`, `-` or `.`.
        pub association_name: Option<String>,
        /// The parameter of a runbook that takes the target.
        pub automation_target_parameter_name: Option<String>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// How many nodes at the same time; all where absent.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How severe it is when it is not complied with.
        pub compliance_severity: Option<AssociationComplianceSeverity>,
        /// What settles whether a node complies; its own status where absent.
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
        /// The role that it is dispatched with.
        pub association_dispatch_assume_role: Option<String>,
    }
}

impl UpdateAssociation {
    /// A change of this association; give all that it is to say.
    pub fn new(association: impl Into<AssociationId>) -> Self {
        Self {
            association_id: Some(association.into()),
            ..Self::default()
        }
    }
}
