//! Filters as clients send them: any member may be absent, and what is absent is for the backend to refuse.

use serde::Deserialize;

use crate::types::{ComplianceFilter, ComplianceOperator, QueryFilter};

/// `PatchOrchestratorFilter` and `InstanceInformationStringFilter` of the SSM model.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct KeyValues {
    key: String,
    values: Vec<String>,
}

impl From<KeyValues> for QueryFilter {
    fn from(filter: KeyValues) -> Self {
        Self::new(filter.key, filter.values)
    }
}

/// `ComplianceStringFilter` of the SSM model.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Comparison {
    key: String,
    values: Vec<String>,
    r#type: ComplianceOperator,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            key: String::new(),
            values: Vec::new(),
            r#type: ComplianceOperator::Equal,
        }
    }
}

impl From<Comparison> for ComplianceFilter {
    fn from(filter: Comparison) -> Self {
        let mut compared = Self::equal(filter.key, filter.values);
        compared.operator = filter.r#type;
        compared
    }
}

/// The input of a listing that takes filters and a page.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Filtered {
    filters: Vec<KeyValues>,
}

impl Filtered {
    /// The filters.
    pub(super) fn filters(self) -> Vec<QueryFilter> {
        self.filters.into_iter().map(Into::into).collect()
    }
}
