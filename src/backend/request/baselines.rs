//! The requests for patch baselines and the account's defaults.

use serde::{Deserialize, Serialize};

use crate::baseline::{BaselineChanges, BaselineSpec};
use crate::page::PageRequest;
use crate::types::{BaselineId, OperatingSystem, QueryFilter};

/// The input of CreatePatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CreatePatchBaseline {
    /// The specification of the baseline.
    #[serde(flatten)]
    pub spec: BaselineSpec,
    /// The client token, 1 to 64 characters: a repeated call with it returns the first result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_token: Option<String>,
}

impl CreatePatchBaseline {
    /// A request for this baseline, without a client token.
    pub fn new(spec: BaselineSpec) -> Self {
        Self {
            spec,
            client_token: None,
        }
    }

    /// Makes the request repeatable.
    #[must_use]
    pub fn with_client_token(mut self, token: impl Into<String>) -> Self {
        self.client_token = Some(token.into());
        self
    }
}

/// The input of UpdatePatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UpdatePatchBaseline {
    /// The baseline.
    pub baseline_id: BaselineId,
    /// The changes.
    #[serde(flatten)]
    pub changes: BaselineChanges,
    /// Whether members that are absent from the changes are cleared. By default they stay as they
    /// are.
    #[serde(default)]
    pub replace: bool,
}

impl UpdatePatchBaseline {
    /// A request that leaves other members as they are.
    pub fn new(baseline_id: impl Into<BaselineId>, changes: BaselineChanges) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            changes,
            replace: false,
        }
    }

    /// A request that clears all other members. The changes must include the name of the baseline.
    pub fn replacing(baseline_id: impl Into<BaselineId>, changes: BaselineChanges) -> Self {
        Self {
            baseline_id: baseline_id.into(),
            changes,
            replace: true,
        }
    }
}

/// The input of GetPatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetPatchBaseline {
    /// The baseline.
    pub baseline_id: BaselineId,
}

impl GetPatchBaseline {
    /// A request for this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>) -> Self {
        Self {
            baseline_id: baseline_id.into(),
        }
    }
}

/// The input of DeletePatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DeletePatchBaseline {
    /// The baseline.
    pub baseline_id: BaselineId,
}

impl DeletePatchBaseline {
    /// A request to delete this baseline.
    pub fn new(baseline_id: impl Into<BaselineId>) -> Self {
        Self {
            baseline_id: baseline_id.into(),
        }
    }
}

/// The input of DescribePatchBaselines.
///
/// Filter keys: `NAME_PREFIX`, `OWNER` (`AWS`, `Self`, `All`), `OPERATING_SYSTEM`; at most 5
/// filters. Pages of 1 to 100.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DescribePatchBaselines {
    /// The filters; ANDed, their values ORed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<QueryFilter>,
    /// The page.
    #[serde(flatten)]
    pub page: PageRequest,
}

impl DescribePatchBaselines {
    /// A request with these filters for this page.
    pub fn new(filters: Vec<QueryFilter>, page: PageRequest) -> Self {
        Self { filters, page }
    }
}

/// The input of GetDefaultPatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetDefaultPatchBaseline {
    /// The operating system; Windows if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operating_system: Option<OperatingSystem>,
}

impl GetDefaultPatchBaseline {
    /// A request for the default of this operating system, or of Windows.
    pub fn new(operating_system: impl Into<Option<OperatingSystem>>) -> Self {
        Self {
            operating_system: operating_system.into(),
        }
    }
}

/// The input of RegisterDefaultPatchBaseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RegisterDefaultPatchBaseline {
    /// The baseline.
    pub baseline_id: BaselineId,
}

impl RegisterDefaultPatchBaseline {
    /// A request to make this baseline the default of its operating system.
    pub fn new(baseline_id: impl Into<BaselineId>) -> Self {
        Self {
            baseline_id: baseline_id.into(),
        }
    }
}
