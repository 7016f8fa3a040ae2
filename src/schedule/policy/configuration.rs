//! What Quick Setup deployed of a patch policy, by account and Region.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::PolicyStatus;
use crate::types::{ConfigurationId, PatchPolicyArn, shape, string_enum, timestamp};

string_enum! {
    /// What a status of Quick Setup is about.
    pub enum PolicyStatusType {
        /// The deployment.
        Deployment = "Deployment",
        /// What runs besides it.
        AsyncExecutions = "AsyncExecutions",
    }
}

shape! {
    /// A status of a patch policy in one account and Region.
    pub struct PolicyStatusSummary {
        /// What it is about.
        pub status_type: Option<PolicyStatusType>,
        /// The status.
        pub status: Option<PolicyStatus>,
        /// The status in words. The service advises against parsing them.
        pub status_message: Option<String>,
        /// More about it, by name.
        pub status_details: Option<BTreeMap<String, String>>,
        /// When it last changed.
        #[serde(with = "timestamp::option")]
        pub last_updated_at: Option<Timestamp>,
    }
}

shape! {
    /// A patch policy in one account and Region, as ListConfigurations lists it.
    pub struct PolicyConfigurationSummary {
        /// Its id.
        pub id: Option<ConfigurationId>,
        /// The policy.
        pub manager_arn: Option<PatchPolicyArn>,
        /// The short id of the policy's definition.
        pub configuration_definition_id: Option<String>,
        /// The type of configuration.
        pub r#type: Option<String>,
        /// The version of the type.
        pub type_version: Option<String>,
        /// The account that it was deployed to.
        pub account: Option<String>,
        /// The Region that it was deployed to.
        pub region: Option<String>,
        /// When it was created.
        #[serde(with = "timestamp::option")]
        pub created_at: Option<Timestamp>,
        /// The common parameters of the policy.
        pub first_class_parameters: Option<BTreeMap<String, String>>,
        /// Its statuses.
        pub status_summaries: Option<Vec<PolicyStatusSummary>>,
    }
}

shape! {
    /// A patch policy in one account and Region, as GetConfiguration describes it.
    pub struct PolicyConfiguration {
        /// Its id.
        pub id: Option<ConfigurationId>,
        /// The policy.
        pub manager_arn: Option<PatchPolicyArn>,
        /// The short id of the policy's definition.
        pub configuration_definition_id: Option<String>,
        /// The type of configuration.
        pub r#type: Option<String>,
        /// The version of the type.
        pub type_version: Option<String>,
        /// The account that it was deployed to.
        pub account: Option<String>,
        /// The Region that it was deployed to.
        pub region: Option<String>,
        /// When it was created.
        #[serde(with = "timestamp::option")]
        pub created_at: Option<Timestamp>,
        /// When it was last changed.
        #[serde(with = "timestamp::option")]
        pub last_modified_at: Option<Timestamp>,
        /// The parameters that were deployed.
        pub parameters: Option<BTreeMap<String, String>>,
        /// Its statuses.
        pub status_summaries: Option<Vec<PolicyStatusSummary>>,
    }
}

impl PolicyConfigurationSummary {
    /// The status of the deployment, or the first if none is of that type.
    pub fn deployment(&self) -> Option<&PolicyStatusSummary> {
        let statuses = self.status_summaries.as_deref().unwrap_or_default();
        let of_deployment = |one: &&PolicyStatusSummary| {
            one.status_type.as_ref() == Some(&PolicyStatusType::Deployment)
        };
        statuses.iter().find(of_deployment).or(statuses.first())
    }
}
