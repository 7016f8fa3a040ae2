//! State Manager associations: the forms in which they are created, changed, listed and described.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AssociationOverview, AssociationStatus};
use crate::schedule::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{
    AssociationId, MaxConcurrency, MaxErrors, NodeId, Tag, Target, settings, shape, string_enum,
    timestamp,
};

settings! {
    /// The settings of a State Manager association, the same when it is created, changed or
    /// described.
    ///
    /// Parameters can hold secrets: `Debug` leaves them out.
    pub struct AssociationSettings {
        /// The document.
        pub name: Option<String>,
        /// The document's version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// The parameter of a runbook that takes the target.
        pub automation_target_parameter_name: Option<String>,
        /// The document's parameters.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// What it runs on: at most 5 targets, of at most 50 values each.
        pub targets: Option<Vec<Target>>,
        /// When it runs: `cron(…)`, `rate(…)` or `at(…)`, in UTC; once if absent.
        pub schedule_expression: Option<String>,
        /// Where its output goes.
        pub output_location: Option<InstanceAssociationOutputLocation>,
        /// The association's name, 3 to 128 letters, digits, `_`, `-` or `.`.
        pub association_name: Option<String>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// How many nodes at the same time; all if absent.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How severe noncompliance is.
        pub compliance_severity: Option<AssociationComplianceSeverity>,
        /// What decides whether a node complies; its own status if absent.
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
        /// The role that it is dispatched with.
        pub association_dispatch_assume_role: Option<String>,
    }

    /// The input of CreateAssociation. It has no client token: a repeated call can create a second
    /// association.
    ///
    /// It runs when it is created, and then by its schedule if it has one.
    /// `apply_only_at_cron_interval` leaves out the first run. Parameters can hold secrets: `Debug`
    /// leaves them out.
    pub struct CreateAssociation {
        /// The node, if the association is for one node only; otherwise set targets.
        pub instance_id: Option<NodeId>,
        /// The association's tags.
        pub tags: Option<Vec<Tag>>,
    }

    /// The input of UpdateAssociation. It creates a new version of the association, which runs at
    /// once unless `apply_only_at_cron_interval` is set.
    ///
    /// An absent member is cleared (SSM model, UpdateAssociation): start from the
    /// [`settings`](AssociationDescription::settings) that DescribeAssociation returns. Parameters
    /// can hold secrets: `Debug` leaves them out.
    ///
    /// ```
    /// use aws_patch_manager::schedule::association::{AssociationDescription, UpdateAssociation};
    /// use aws_patch_manager::types::AssociationId;
    ///
    /// fn nightly(id: &AssociationId, described: &AssociationDescription) -> UpdateAssociation {
    ///     let mut update = UpdateAssociation::from(described.settings());
    ///     update.association_id = Some(id.clone());
    ///     update.schedule_expression = Some("cron(0 2 * * ? *)".to_owned());
    ///     update
    /// }
    /// ```
    pub struct UpdateAssociation {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The version to change: a number, or `$LATEST`; the latest if absent.
        pub association_version: Option<String>,
    }

    /// A State Manager association, as CreateAssociation, UpdateAssociation and
    /// DescribeAssociation describe it.
    ///
    /// Parameters can hold secrets: `Debug` leaves them out.
    pub struct AssociationDescription {
        /// The association.
        pub association_id: Option<AssociationId>,
        /// The association's version: a number, or `$LATEST`.
        pub association_version: Option<String>,
        /// The node, if the association is for one node only.
        pub instance_id: Option<NodeId>,
        /// When it was created.
        #[serde(with = "timestamp::option")]
        pub date: Option<Timestamp>,
        /// When it was last changed.
        #[serde(with = "timestamp::option")]
        pub last_update_association_date: Option<Timestamp>,
        /// The status, if the association is for one node only.
        pub status: Option<AssociationStatus>,
        /// Its status over all its nodes.
        pub overview: Option<AssociationOverview>,
        /// When it last ran.
        #[serde(with = "timestamp::option")]
        pub last_execution_date: Option<Timestamp>,
        /// When it last succeeded.
        #[serde(with = "timestamp::option")]
        pub last_successful_execution_date: Option<Timestamp>,
        /// The alarm that stopped it; a list of one.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
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

impl UpdateAssociation {
    /// A change of this association; set every member that it shall keep.
    pub fn new(association: impl Into<AssociationId>) -> Self {
        Self {
            association_id: Some(association.into()),
            ..Self::default()
        }
    }
}

string_enum! {
    /// How severe noncompliance with an association is.
    pub enum AssociationComplianceSeverity {
        /// Critical.
        Critical = "CRITICAL",
        /// High.
        High = "HIGH",
        /// Medium.
        Medium = "MEDIUM",
        /// Low.
        Low = "LOW",
        /// Not said.
        Unspecified = "UNSPECIFIED",
    }
}

string_enum! {
    /// What decides whether a node complies with an association.
    pub enum AssociationSyncCompliance {
        /// The association's own status.
        Auto = "AUTO",
        /// The caller's reports through PutComplianceItems.
        Manual = "MANUAL",
    }
}

shape! {
    /// Where the output of an association goes.
    pub struct InstanceAssociationOutputLocation {
        /// The bucket.
        pub s3_location: Option<S3OutputLocation>,
    }
}

shape! {
    /// A place in a bucket.
    pub struct S3OutputLocation {
        /// The bucket's region.
        pub output_s3_region: Option<String>,
        /// The bucket.
        pub output_s3_bucket_name: Option<String>,
        /// The key prefix in it.
        pub output_s3_key_prefix: Option<String>,
    }
}

shape! {
    /// Accounts and regions in which an association or automation runs.
    pub struct TargetLocation {
        /// 1 to 50 accounts.
        pub accounts: Option<Vec<String>>,
        /// 1 to 50 regions.
        pub regions: Option<Vec<String>>,
        /// How many accounts and regions at the same time; 1 if absent.
        pub target_location_max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated; 0 if absent.
        pub target_location_max_errors: Option<MaxErrors>,
        /// The role that it runs with in each account.
        pub execution_role_name: Option<String>,
        /// The alarm that stops it.
        pub target_location_alarm_configuration: Option<AlarmConfiguration>,
        /// Whether it includes organizational units below the named ones.
        pub include_child_organization_units: Option<bool>,
        /// Accounts and organizational units that are left out.
        pub exclude_accounts: Option<Vec<String>>,
        /// The targets there.
        pub targets: Option<Vec<Target>>,
        /// How many of those targets at the same time.
        pub targets_max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated among those targets.
        pub targets_max_errors: Option<MaxErrors>,
    }
}

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
