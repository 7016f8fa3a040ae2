use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Tag, timestamp};

/// An IAM role behind an instance profile, and the managed policies attached to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct InstanceProfile {
    /// The profile's name.
    pub instance_profile_name: String,
    /// The role's name; absent where the profile has none, and then gives no permission.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_name: Option<String>,
    /// The ARNs of the managed policies attached to the role.
    pub attached_policies: Vec<String>,
    /// The role's tags (IAM, ListRoleTags); absent if they were not read. Only a check for a patch policy
    /// needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_tags: Option<Vec<Tag>>,
}

impl InstanceProfile {
    /// A profile with a role that has these managed policies, by ARN.
    pub fn new<I>(
        name: impl Into<String>,
        role_name: impl Into<Option<String>>,
        attached_policies: I,
    ) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            instance_profile_name: name.into(),
            role_name: role_name.into(),
            attached_policies: attached_policies.into_iter().map(Into::into).collect(),
            role_tags: None,
        }
    }

    /// Whether a managed policy of this name is attached, whoever owns it.
    pub fn has_policy(&self, name: &str) -> bool {
        let named = |arn: &String| arn.rsplit('/').next() == Some(name);
        self.attached_policies.iter().any(named)
    }
}

/// A setting of Systems Manager for the account and Region, as GetServiceSetting tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct ServiceSetting {
    /// The setting, such as `/ssm/managed-instance/default-ec2-instance-management-role`.
    pub setting_id: String,
    /// Its value.
    pub setting_value: String,
    /// `Default`, `Customized` or `PendingUpdate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The setting's ARN.
    #[serde(rename = "ARN", skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// When it was last changed.
    #[serde(with = "timestamp::option", skip_serializing_if = "Option::is_none")]
    pub last_modified_date: Option<Timestamp>,
    /// The ARN of who changed it; absent where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified_user: Option<String>,
}

impl ServiceSetting {
    /// A setting that was set to this value.
    pub fn new(id: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            setting_id: id.into(),
            setting_value: value.into(),
            status: Some("Customized".to_owned()),
            ..Self::default()
        }
    }
}
