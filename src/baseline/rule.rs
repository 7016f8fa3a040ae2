use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::PatchFilterGroup;
use crate::types::PatchComplianceLevel;

/// When a patch that passes a rule's filters is approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Approval {
    /// When this many days of 24 hours have passed since the instant of its release, 0 to 360.
    AfterDays(u32),
    /// If it was released on or before this date, in UTC.
    UntilDate(Date),
}

/// A rule of a baseline: it approves patches that pass all its filters, after a delay or up to a
/// date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireRule", into = "WireRule")]
#[non_exhaustive]
pub struct ApprovalRule {
    /// The patches that the rule covers.
    pub filters: PatchFilterGroup,
    /// When it approves them. The service requires it in new rules; absent in old ones means 0
    /// days.
    pub approval: Option<Approval>,
    /// How serious it is if such a patch is missing.
    pub compliance_level: Option<PatchComplianceLevel>,
    /// Whether patches outside the security notices are admitted as well. Linux and macOS.
    pub enable_non_security: Option<bool>,
}

impl ApprovalRule {
    /// A rule over these filters.
    pub fn new(filters: PatchFilterGroup, approval: Approval) -> Self {
        Self {
            filters,
            approval: Some(approval),
            compliance_level: None,
            enable_non_security: None,
        }
    }
}

impl ApprovalRules {
    /// Fills in the level and the flag of each rule, as the service does.
    pub(crate) fn fill_defaults(&mut self) {
        for rule in &mut self.patch_rules {
            rule.compliance_level.get_or_insert_default();
            rule.enable_non_security.get_or_insert_default();
        }
    }
}

/// The rules of a baseline; a patch is approved when any of them approves it. At most 10.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ApprovalRules {
    /// The rules.
    #[serde(default)]
    pub patch_rules: Vec<ApprovalRule>,
}

impl ApprovalRules {
    /// These rules.
    pub fn new(patch_rules: Vec<ApprovalRule>) -> Self {
        Self { patch_rules }
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.patch_rules.is_empty()
    }
}

/// The rule as the service writes it: days and date are two optional members.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct WireRule {
    pub(super) patch_filter_group: PatchFilterGroup,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) compliance_level: Option<PatchComplianceLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approve_after_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approve_until_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) enable_non_security: Option<bool>,
}

impl TryFrom<WireRule> for ApprovalRule {
    type Error = String;

    fn try_from(wire: WireRule) -> Result<Self, String> {
        let approval = match (wire.approve_after_days, wire.approve_until_date) {
            (Some(_), Some(_)) => {
                return Err(
                    "a rule takes ApproveAfterDays or ApproveUntilDate, not both".to_owned(),
                );
            }
            (Some(days), None) => Some(Approval::AfterDays(days)),
            (None, Some(date)) => Some(Approval::UntilDate(
                date.parse()
                    .map_err(|e| format!("ApproveUntilDate `{date}`: {e}"))?,
            )),
            (None, None) => None,
        };
        Ok(Self {
            filters: wire.patch_filter_group,
            approval,
            compliance_level: wire.compliance_level,
            enable_non_security: wire.enable_non_security,
        })
    }
}

impl From<ApprovalRule> for WireRule {
    fn from(rule: ApprovalRule) -> Self {
        let (approve_after_days, approve_until_date) = match rule.approval {
            Some(Approval::AfterDays(days)) => (Some(days), None),
            Some(Approval::UntilDate(date)) => (None, Some(date.to_string())),
            None => (None, None),
        };
        Self {
            patch_filter_group: rule.filters,
            compliance_level: rule.compliance_level,
            approve_after_days,
            approve_until_date,
            enable_non_security: rule.enable_non_security,
        }
    }
}
