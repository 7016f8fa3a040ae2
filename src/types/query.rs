use serde::{Deserialize, Serialize};

use super::string_enum;

/// A key and accepted values, for the listings of baselines, groups, patches and managed nodes.
///
/// Filters are ANDed, values ORed. Each listing documents its keys; an unknown key is an error.
///
/// In most listings at most 5 filters; a value has 1 to 256 characters.
///
/// ```
/// use aws_patch_manager::types::QueryFilter;
///
/// let filters = vec![
///     QueryFilter::new("OWNER", ["Self"]),
///     QueryFilter::new("OPERATING_SYSTEM", ["WINDOWS", "UBUNTU"]),
/// ];
/// assert_eq!(filters[1].values.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct QueryFilter {
    /// What is looked at.
    #[serde(default)]
    pub key: String,
    /// The values that pass.
    #[serde(default)]
    pub values: Vec<String>,
}

impl QueryFilter {
    /// A filter that passes these values of the key.
    pub fn new<I>(key: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key: key.into(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// Whether one of the values matches a text as EC2 reads them: `*` for any characters, `?` for
    /// one, and `\\` before either of them for itself (EC2 API, DescribeTags).
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.values.iter().any(|pattern| matches(pattern, text))
    }
}

/// Takes each `*` back once for each letter at most, so no pattern takes more than its length times
/// that of the text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut pattern, mut text) = (pattern.as_slice(), text.as_slice());
    let mut star: Option<(&[char], &[char])> = None;
    loop {
        match (pattern, text) {
            ([], []) => return true,
            (['*', rest @ ..], _) => {
                star = Some((rest, text));
                pattern = rest;
                continue;
            }
            (['\\', escaped @ ('*' | '?' | '\\'), rest @ ..], [letter, left @ ..])
                if escaped == letter =>
            {
                (pattern, text) = (rest, left);
                continue;
            }
            (['\\', '*' | '?' | '\\', ..], _) => {}
            (['?', rest @ ..], [_, left @ ..]) => {
                (pattern, text) = (rest, left);
                continue;
            }
            ([wanted, rest @ ..], [letter, left @ ..]) if wanted == letter => {
                (pattern, text) = (rest, left);
                continue;
            }
            _ => {}
        }
        match star {
            Some((after, [_, left @ ..])) => {
                star = Some((after, left));
                (pattern, text) = (after, left);
            }
            _ => return false,
        }
    }
}

string_enum! {
    /// How a count of a patch state is compared.
    pub enum PatchStateOperator {
        /// Equal.
        Equal = "Equal",
        /// Not equal.
        NotEqual = "NotEqual",
        /// Less.
        LessThan = "LessThan",
        /// Greater.
        GreaterThan = "GreaterThan",
    }
}

/// A comparison of one count, for the patch states of a group.
///
/// Keys: `InstalledCount`, `InstalledOtherCount`, `InstalledPendingRebootCount`,
/// `InstalledRejectedCount`, `MissingCount`, `FailedCount`, `NotApplicableCount`,
/// `UnreportedNotApplicableCount`. Exactly one value, a whole number from 0.
///
/// ```
/// use aws_patch_manager::types::{PatchStateFilter, PatchStateOperator};
///
/// let three = PatchStateFilter::new("MissingCount", PatchStateOperator::GreaterThan, 2);
/// assert_eq!(three.values, ["2"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PatchStateFilter {
    /// The count.
    pub key: String,
    /// The number to compare with, as text.
    pub values: Vec<String>,
    /// How.
    #[serde(rename = "Type")]
    pub operator: PatchStateOperator,
}

impl PatchStateFilter {
    /// A comparison of this count with this number.
    pub fn new(key: impl Into<String>, operator: PatchStateOperator, number: u32) -> Self {
        Self {
            key: key.into(),
            values: vec![number.to_string()],
            operator,
        }
    }
}

string_enum! {
    /// How a member of a compliance item is compared.
    pub enum ComplianceOperator {
        /// Equal: the default.
        Equal = "EQUAL",
        /// Not equal.
        NotEqual = "NOT_EQUAL",
        /// Begins with.
        BeginWith = "BEGIN_WITH",
        /// Less.
        LessThan = "LESS_THAN",
        /// Greater.
        GreaterThan = "GREATER_THAN",
    }
}

impl ComplianceOperator {
    fn equal() -> Self {
        Self::Equal
    }
}

/// A comparison of one member of compliance items or summaries, such as `ComplianceType`, `Status` or `Severity`.
///
/// ```
/// use aws_patch_manager::types::ComplianceFilter;
///
/// let bad = ComplianceFilter::equal("Status", ["NON_COMPLIANT"]);
/// assert_eq!(bad.key, "Status");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ComplianceFilter {
    /// The member.
    #[serde(default)]
    pub key: String,
    /// 1 to 20 values.
    #[serde(default)]
    pub values: Vec<String>,
    /// How; [`Equal`](ComplianceOperator::Equal) if absent.
    #[serde(rename = "Type", default = "ComplianceOperator::equal")]
    pub operator: ComplianceOperator,
}

impl ComplianceFilter {
    /// Members equal to one of these values.
    pub fn equal<I>(key: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key: key.into(),
            values: values.into_iter().map(Into::into).collect(),
            operator: ComplianceOperator::Equal,
        }
    }
}

string_enum! {
    /// How a property of a managed node is compared.
    pub enum InstancePropertyFilterOperator {
        /// Equal: the default.
        Equal = "Equal",
        /// Not equal.
        NotEqual = "NotEqual",
        /// Begins with.
        BeginWith = "BeginWith",
        /// Less.
        LessThan = "LessThan",
        /// Greater.
        GreaterThan = "GreaterThan",
    }
}

/// A comparison of one property of managed nodes, for DescribeInstanceProperties.
///
/// ```
/// use aws_patch_manager::types::{InstancePropertyFilterOperator, InstancePropertyStringFilter};
///
/// let old = InstancePropertyStringFilter::new("AgentVersion", ["3.2."])
///     .with_operator(InstancePropertyFilterOperator::BeginWith);
/// assert_eq!(old.values, ["3.2."]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InstancePropertyStringFilter {
    /// The property.
    pub key: String,
    /// 1 to 40 values.
    pub values: Vec<String>,
    /// How; equal if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<InstancePropertyFilterOperator>,
}

impl InstancePropertyStringFilter {
    /// A filter that passes these values of the key.
    pub fn new<I>(key: impl Into<String>, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            key: key.into(),
            values: values.into_iter().map(Into::into).collect(),
            operator: None,
        }
    }

    /// The same filter with this comparison.
    #[must_use]
    pub fn with_operator(mut self, operator: InstancePropertyFilterOperator) -> Self {
        self.operator = Some(operator);
        self
    }
}
