use serde::{Deserialize, Serialize};

use crate::types::string_enum;

/// A condition on associations, for ListAssociations.
///
/// Keys: `InstanceId`, `Name`, `AssociationId`, `AssociationStatusName`, `LastExecutedBefore`,
/// `LastExecutedAfter`, `AssociationName`, `ResourceGroupName`. Instants are ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssociationFilter {
    /// The key that is compared.
    pub key: String,
    /// The value that passes.
    pub value: String,
}

impl AssociationFilter {
    /// A condition that passes this value of the key.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

string_enum! {
    /// How a member of an association's run is compared.
    pub enum AssociationFilterOperator {
        /// Equal.
        Equal = "EQUAL",
        /// Less, or earlier.
        LessThan = "LESS_THAN",
        /// Greater, or later.
        GreaterThan = "GREATER_THAN",
    }
}

/// A condition on the runs of an association. Keys: `ExecutionId`, `Status`, `CreatedTime`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AssociationExecutionFilter {
    /// The key that is compared.
    pub key: String,
    /// The value that it is compared with.
    pub value: String,
    /// The comparison.
    #[serde(rename = "Type")]
    pub operator: AssociationFilterOperator,
}

impl AssociationExecutionFilter {
    /// A comparison of this key with this value.
    pub fn new(
        key: impl Into<String>,
        operator: AssociationFilterOperator,
        value: impl Into<String>,
    ) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
            operator,
        }
    }
}

/// A condition on the targets of an association's run. Keys: `Status`, `ResourceId`, `ResourceType`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AssociationExecutionTargetsFilter {
    /// The key that is compared.
    pub key: String,
    /// The value that passes.
    pub value: String,
}

impl AssociationExecutionTargetsFilter {
    /// A condition that passes this value of the key.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}
