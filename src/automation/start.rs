//! The input of StartAutomationExecution.

use std::collections::BTreeMap;

use super::ExecutionMode;
use crate::schedule::association::TargetLocation;
use crate::types::alarm::AlarmConfiguration;
use crate::types::{MaxConcurrency, MaxErrors, Tag, Target, shape};

shape! {
    /// The input of StartAutomationExecution.
    ///
    /// A repeated call with the same `client_token`, a UUID, returns the first execution; without one
    /// it starts a second. Parameters can hold secrets: `Debug` leaves them and the token out.
    ///
    /// ```
    /// use aws_patch_manager::automation::StartAutomationExecution;
    ///
    /// let mut start = StartAutomationExecution::new("Patch-Nodes");
    /// start.client_token = Some("4105a4fc-f944-41e6-9d32-0a1b2c3d4e5f".to_owned());
    /// ```
    pub struct StartAutomationExecution {
        /// The runbook: its name, or its ARN if another account shares it.
        pub document_name: Option<String>,
        /// Its version: a number, `$DEFAULT` or `$LATEST`.
        pub document_version: Option<String>,
        /// The runbook's parameters, at most 200.
        pub [sensitive] parameters: Option<BTreeMap<String, Vec<String>>>,
        /// A UUID, unique for ever; upper and lower case are the same.
        pub [sensitive] client_token: Option<String>,
        /// Whether the steps follow one another by themselves; Auto if absent.
        pub mode: Option<ExecutionMode>,
        /// The parameter that takes the target. With targets the runbook runs once for each of them.
        pub target_parameter_name: Option<String>,
        /// The targets; at most one.
        pub targets: Option<Vec<Target>>,
        /// The targets, as maps of its parameters; at most 300.
        pub target_maps: Option<Vec<BTreeMap<String, Vec<String>>>>,
        /// How many targets at the same time.
        pub max_concurrency: Option<MaxConcurrency>,
        /// How many errors are tolerated.
        pub max_errors: Option<MaxErrors>,
        /// Accounts and Regions in which it runs, 1 to 100.
        pub target_locations: Option<Vec<TargetLocation>>,
        /// The execution's tags.
        pub tags: Option<Vec<Tag>>,
        /// The alarm that stops it.
        pub alarm_configuration: Option<AlarmConfiguration>,
        /// A file in S3 with the accounts and Regions.
        #[serde(rename = "TargetLocationsURL")]
        pub target_locations_url: Option<String>,
    }
}

impl StartAutomationExecution {
    /// An execution of this runbook.
    pub fn new(document: impl Into<String>) -> Self {
        Self {
            document_name: Some(document.into()),
            ..Self::default()
        }
    }
}
