//! Executions of runbooks, as the service describes them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::schedule::association::TargetLocation;
use crate::types::alarm::{AlarmConfiguration, AlarmStateInformation};
use crate::types::{
    AutomationExecutionId, MaxConcurrency, MaxErrors, QueryFilter, Target, shape, string_enum,
    timestamp,
};

/// Parameters, outputs and variables: each name has a list of values.
pub(crate) type Values = BTreeMap<String, Vec<String>>;

string_enum! {
    /// The status of an execution or of one of its steps.
    pub enum AutomationExecutionStatus {
        /// Not started yet.
        Pending = "Pending",
        /// Running.
        InProgress = "InProgress",
        /// Waiting for a signal.
        Waiting = "Waiting",
        /// Succeeded.
        Success = "Success",
        /// Ran out of time.
        TimedOut = "TimedOut",
        /// Being cancelled.
        Cancelling = "Cancelling",
        /// Cancelled.
        Cancelled = "Cancelled",
        /// Failed.
        Failed = "Failed",
        /// Waiting for an approval.
        PendingApproval = "PendingApproval",
        /// Approved.
        Approved = "Approved",
        /// Rejected.
        Rejected = "Rejected",
        /// A change request that waits for its time.
        Scheduled = "Scheduled",
        /// A change request whose runbooks run.
        RunbookInProgress = "RunbookInProgress",
        /// A change calendar is closed.
        PendingChangeCalendarOverride = "PendingChangeCalendarOverride",
        /// It may run although a change calendar is closed.
        ChangeCalendarOverrideApproved = "ChangeCalendarOverrideApproved",
        /// It may not run because a change calendar is closed.
        ChangeCalendarOverrideRejected = "ChangeCalendarOverrideRejected",
        /// A change request that succeeded.
        CompletedWithSuccess = "CompletedWithSuccess",
        /// A change request that failed.
        CompletedWithFailure = "CompletedWithFailure",
        /// Ended before its last step, by its own will.
        Exited = "Exited",
    }
}

impl AutomationExecutionStatus {
    /// Whether this status is final.
    pub fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::Success
                | Self::TimedOut
                | Self::Cancelled
                | Self::Failed
                | Self::Rejected
                | Self::ChangeCalendarOverrideRejected
                | Self::CompletedWithSuccess
                | Self::CompletedWithFailure
                | Self::Exited
        )
    }

    /// Whether it ended well.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Success | Self::CompletedWithSuccess)
    }
}

string_enum! {
    /// Whether the steps of an execution follow one another by themselves.
    #[derive(Default)]
    pub enum ExecutionMode {
        /// They do.
        #[default]
        Auto = "Auto",
        /// Each waits for a signal.
        Interactive = "Interactive",
    }
}

string_enum! {
    /// How an execution is stopped.
    pub enum StopType {
        /// The running step goes on to its end; its children too.
        Complete = "Complete",
        /// The running step is cancelled. The default.
        Cancel = "Cancel",
    }
}

string_enum! {
    /// Where an execution runs.
    pub enum AutomationType {
        /// In several accounts or Regions.
        CrossAccount = "CrossAccount",
        /// In one account and Region.
        Local = "Local",
    }
}

string_enum! {
    /// The subtype of an execution.
    pub enum AutomationSubtype {
        /// A change request.
        ChangeRequest = "ChangeRequest",
        /// A request for access.
        AccessRequest = "AccessRequest",
    }
}

shape! {
    /// The targets of an execution as values of its parameter.
    pub struct ResolvedTargets {
        /// The values.
        pub parameter_values: Option<Vec<String>>,
        /// Whether values are left out.
        pub truncated: Option<bool>,
    }
}

shape! {
    /// The steps of an execution in several accounts and Regions, by status.
    pub struct ProgressCounters {
        /// All steps.
        pub total_steps: Option<u32>,
        /// Those that succeeded.
        pub success_steps: Option<u32>,
        /// Those that failed.
        pub failed_steps: Option<u32>,
        /// Those that were cancelled.
        pub cancelled_steps: Option<u32>,
        /// Those that ran out of time.
        pub timed_out_steps: Option<u32>,
    }
}

shape! {
    /// The targets of an execution, by status.
    pub struct TargetsSummary {
        /// All targets.
        pub total_count: Option<u32>,
        /// Those that started.
        pub started_count: Option<u32>,
        /// Those that ended.
        pub completed_count: Option<u32>,
        /// Those that succeeded.
        pub successful_count: Option<u32>,
        /// Those that failed.
        pub failed_count: Option<u32>,
    }
}

shape! {
    /// Why a step failed.
    pub struct FailureDetails {
        /// The stage: an input, the invocation, or an output.
        pub failure_stage: Option<String>,
        /// The type of the failure.
        pub failure_type: Option<String>,
        /// Details.
        pub details: Option<Values>,
    }
}

shape! {
    /// The step of which another step is a part.
    pub struct ParentStepDetails {
        /// The step's id.
        pub step_execution_id: Option<String>,
        /// Its name.
        pub step_name: Option<String>,
        /// Its action.
        pub action: Option<String>,
        /// The number of the iteration.
        pub iteration: Option<u32>,
        /// The value of the iteration.
        pub iterator_value: Option<String>,
    }
}

shape! {
    /// A runbook of a change request.
    pub struct Runbook {
        /// The runbook.
        pub document_name: Option<String>,
        /// Its version.
        pub document_version: Option<String>,
        /// Its parameters.
        pub [sensitive] parameters: Option<Values>,
        /// The parameter that takes the target.
        pub target_parameter_name: Option<String>,
        /// The targets.
        pub targets: Option<Vec<Target>>,
        /// The targets, as maps of its parameters.
        pub target_maps: Option<Vec<Values>>,
        /// How many targets at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// Accounts and Regions.
        pub target_locations: Option<Vec<TargetLocation>>,
    }
}

shape! {
    /// A step of an execution.
    ///
    /// Of an execution in several accounts and Regions, each account and Region is a step, with its
    /// [`target_location`](Self::target_location). Inputs can hold secrets: `Debug` leaves them out.
    pub struct StepExecution {
        /// The step's name.
        pub step_name: Option<String>,
        /// The action, such as `aws:runCommand`.
        pub action: Option<String>,
        /// Its time limit in seconds.
        pub timeout_seconds: Option<i64>,
        /// What happens if it fails: Abort, Continue, or a step.
        pub on_failure: Option<String>,
        /// How often it is tried.
        pub max_attempts: Option<u32>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub execution_start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub execution_end_time: Option<Timestamp>,
        /// Its status.
        pub step_status: Option<AutomationExecutionStatus>,
        /// The code with which its action ended.
        pub response_code: Option<String>,
        /// The inputs of its action; each is JSON.
        pub [sensitive] inputs: Option<BTreeMap<String, String>>,
        /// The outputs of its action, such as `CommandId`.
        pub outputs: Option<Values>,
        /// The answer of its action.
        pub response: Option<String>,
        /// Why it failed.
        pub failure_message: Option<String>,
        /// A warning.
        pub warning_message: Option<String>,
        /// Why it failed, in parts.
        pub failure_details: Option<FailureDetails>,
        /// The step's id.
        pub step_execution_id: Option<String>,
        /// Parameters that were changed for it.
        pub [sensitive] overridden_parameters: Option<Values>,
        /// Whether the execution ends with it.
        pub is_end: Option<bool>,
        /// The step that follows.
        pub next_step: Option<String>,
        /// Whether the execution fails with it.
        pub is_critical: Option<bool>,
        /// The steps that can follow.
        pub valid_next_steps: Option<Vec<String>>,
        /// The targets.
        pub targets: Option<Vec<Target>>,
        /// The account and Region in which it runs.
        pub target_location: Option<TargetLocation>,
        /// The alarm that stopped it.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
        /// The step of which it is a part.
        pub parent_step_details: Option<ParentStepDetails>,
    }
}

shape! {
    /// An execution of a runbook, as GetAutomationExecution describes it.
    ///
    /// Parameters can hold secrets: `Debug` leaves them out.
    pub struct AutomationExecution {
        /// The execution.
        pub automation_execution_id: Option<AutomationExecutionId>,
        /// The runbook.
        pub document_name: Option<String>,
        /// Its version.
        pub document_version: Option<String>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub execution_start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub execution_end_time: Option<Timestamp>,
        /// Its status.
        pub automation_execution_status: Option<AutomationExecutionStatus>,
        /// The first of its steps; DescribeAutomationStepExecutions lists all of them.
        pub step_executions: Option<Vec<StepExecution>>,
        /// Whether steps are left out.
        pub step_executions_truncated: Option<bool>,
        /// The runbook's parameters.
        pub [sensitive] parameters: Option<Values>,
        /// The runbook's outputs.
        pub outputs: Option<Values>,
        /// Why it failed.
        pub failure_message: Option<String>,
        /// A warning.
        pub warning_message: Option<String>,
        /// Whether its steps follow one another by themselves.
        pub mode: Option<ExecutionMode>,
        /// The execution that started it.
        pub parent_automation_execution_id: Option<AutomationExecutionId>,
        /// Who started it.
        pub executed_by: Option<String>,
        /// The step that runs.
        pub current_step_name: Option<String>,
        /// Its action.
        pub current_action: Option<String>,
        /// The parameter that takes the target.
        pub target_parameter_name: Option<String>,
        /// The targets.
        pub targets: Option<Vec<Target>>,
        /// The targets, as maps of its parameters.
        pub target_maps: Option<Vec<Values>>,
        /// The targets as values of the parameter.
        pub resolved_targets: Option<ResolvedTargets>,
        /// How many targets at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// The target of this execution, which is one of several.
        pub target: Option<String>,
        /// The accounts and Regions in which it runs.
        pub target_locations: Option<Vec<TargetLocation>>,
        /// Its steps by status.
        pub progress_counters: Option<ProgressCounters>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The alarm that stopped it.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
        /// The file with the accounts and Regions.
        #[serde(rename = "TargetLocationsURL")]
        pub target_locations_url: Option<String>,
        /// Its subtype.
        pub automation_subtype: Option<AutomationSubtype>,
        /// When it is to start.
        #[serde(with = "timestamp::option")]
        pub scheduled_time: Option<Timestamp>,
        /// The runbook of a change request.
        pub runbooks: Option<Vec<Runbook>>,
        /// The OpsItem of a change request.
        pub ops_item_id: Option<String>,
        /// The association that started it.
        pub association_id: Option<String>,
        /// The name of a change request.
        pub change_request_name: Option<String>,
        /// The runbook's variables.
        pub [sensitive] variables: Option<Values>,
        /// Its targets by status.
        pub targets_summary: Option<TargetsSummary>,
    }
}

shape! {
    /// An execution of a runbook, as DescribeAutomationExecutions lists it.
    pub struct AutomationExecutionMetadata {
        /// The execution.
        pub automation_execution_id: Option<AutomationExecutionId>,
        /// The runbook.
        pub document_name: Option<String>,
        /// Its version.
        pub document_version: Option<String>,
        /// Its status.
        pub automation_execution_status: Option<AutomationExecutionStatus>,
        /// When it started.
        #[serde(with = "timestamp::option")]
        pub execution_start_time: Option<Timestamp>,
        /// When it ended.
        #[serde(with = "timestamp::option")]
        pub execution_end_time: Option<Timestamp>,
        /// Who started it.
        pub executed_by: Option<String>,
        /// The bucket of its log.
        pub log_file: Option<String>,
        /// The runbook's outputs.
        pub outputs: Option<Values>,
        /// Whether its steps follow one another by themselves.
        pub mode: Option<ExecutionMode>,
        /// The execution that started it.
        pub parent_automation_execution_id: Option<AutomationExecutionId>,
        /// The step that runs.
        pub current_step_name: Option<String>,
        /// Its action.
        pub current_action: Option<String>,
        /// Why it failed.
        pub failure_message: Option<String>,
        /// A warning.
        pub warning_message: Option<String>,
        /// The parameter that takes the target.
        pub target_parameter_name: Option<String>,
        /// The targets.
        pub targets: Option<Vec<Target>>,
        /// The targets, as maps of its parameters.
        pub target_maps: Option<Vec<Values>>,
        /// The targets as values of the parameter.
        pub resolved_targets: Option<ResolvedTargets>,
        /// How many targets at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// The target of this execution, which is one of several.
        pub target: Option<String>,
        /// Where it runs.
        pub automation_type: Option<AutomationType>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// The alarm that stopped it.
        pub triggered_alarms: Option<Vec<AlarmStateInformation>>,
        /// The file with the accounts and Regions.
        #[serde(rename = "TargetLocationsURL")]
        pub target_locations_url: Option<String>,
        /// Its subtype.
        pub automation_subtype: Option<AutomationSubtype>,
        /// When it is to start.
        #[serde(with = "timestamp::option")]
        pub scheduled_time: Option<Timestamp>,
        /// The runbook of a change request.
        pub runbooks: Option<Vec<Runbook>>,
        /// The OpsItem of a change request.
        pub ops_item_id: Option<String>,
        /// The association that started it.
        pub association_id: Option<String>,
        /// The name of a change request.
        pub change_request_name: Option<String>,
    }
}

/// Declares the filters of a listing by the keys that the service has.
macro_rules! filter {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$kmeta:meta])* $constructor:ident = $key:literal; )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(QueryFilter);

        impl $name {
            /// Every key, in the service's order.
            pub(crate) const KEYS: &[&str] = &[$($key),+];

            $(
                $(#[$kmeta])*
                pub fn $constructor(value: impl ToString) -> Self {
                    Self::key($key, [value])
                }
            )+

            /// A filter by this key, with one of these values.
            pub fn key<I>(key: impl Into<String>, values: I) -> Self
            where
                I: IntoIterator,
                I::Item: ToString,
            {
                let values: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
                Self(QueryFilter::new(key, values))
            }

            /// Its key and values.
            pub fn as_filter(&self) -> &QueryFilter {
                &self.0
            }
        }
    };
}

filter! {
    /// A filter of DescribeAutomationExecutions. Filters are ANDed, values ORed.
    ///
    /// ```
    /// use aws_patch_manager::automation::AutomationExecutionFilter;
    ///
    /// let children = AutomationExecutionFilter::parent("4105a4fc-f944-11e6-9d32-0a1b2c3d4e5f");
    /// # let _ = children;
    /// ```
    AutomationExecutionFilter {
        /// Executions of runbooks whose name begins so.
        document_name_prefix = "DocumentNamePrefix";
        /// Executions with this status.
        status = "ExecutionStatus";
        /// This execution.
        id = "ExecutionId";
        /// Executions that this one started.
        parent = "ParentExecutionId";
        /// Executions whose running step has this action.
        current_action = "CurrentAction";
        /// Executions that started before this instant, in ISO 8601.
        started_before = "StartTimeBefore";
        /// Executions that started after this instant, in ISO 8601.
        started_after = "StartTimeAfter";
        /// Executions of this [`AutomationType`].
        automation_type = "AutomationType";
        /// Executions with this tag key.
        tag_key = "TagKey";
        /// Executions on this resource group.
        target_resource_group = "TargetResourceGroup";
        /// Executions of this [`AutomationSubtype`].
        automation_subtype = "AutomationSubtype";
        /// Executions of this OpsItem.
        ops_item_id = "OpsItemId";
    }
}

filter! {
    /// A filter of DescribeAutomationStepExecutions. Filters are ANDed, values ORed.
    StepExecutionFilter {
        /// Steps that started before this instant, in ISO 8601.
        started_before = "StartTimeBefore";
        /// Steps that started after this instant, in ISO 8601.
        started_after = "StartTimeAfter";
        /// Steps with this status.
        status = "StepExecutionStatus";
        /// This step.
        id = "StepExecutionId";
        /// Steps of this name.
        name = "StepName";
        /// Steps of this action.
        action = "Action";
        /// Steps that are parts of this one.
        parent = "ParentStepExecutionId";
        /// Steps of this iteration.
        parent_iteration = "ParentStepIteration";
        /// Steps of this value of an iteration.
        parent_iterator_value = "ParentStepIteratorValue";
    }
}
