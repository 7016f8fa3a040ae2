use jiff::civil::Date;

use super::rule::WireRule;
use super::{Approval, ApprovalRule, PatchFilter, PatchFilterKey};
use crate::types::PatchComplianceLevel;

/// Builds one approval rule of a [`BaselineBuilder`](super::BaselineBuilder).
///
/// At most 4 filters, which must all pass, and either a delay or a cut-off date; on apt the service
/// looks at neither, and the builder fills in a delay of 0 days.
///
/// ```
/// use aws_patch_manager::RuleBuilder;
/// use aws_patch_manager::types::PatchComplianceLevel;
///
/// let rule = RuleBuilder::new()
///     .classifications(["SecurityUpdates", "CriticalUpdates"])
///     .msrc_severities(["Critical", "Important"])
///     .approve_after_days(7)
///     .compliance_level(PatchComplianceLevel::Critical);
/// # let _ = rule;
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct RuleBuilder {
    pub(super) wire: WireRule,
}

impl RuleBuilder {
    /// A rule that takes every patch, until it is given filters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a filter: patches pass whose member under the key is one of the values, or any where a value is `*`.
    pub fn filter<I>(mut self, key: PatchFilterKey, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.wire
            .patch_filter_group
            .patch_filters
            .push(PatchFilter::new(key, values));
        self
    }

    /// Only patches for these products, such as `WindowsServer2022`.
    pub fn products<I>(self, products: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Product, products)
    }

    /// Only patches of these product families, such as `Windows` or `Office`. Windows.
    pub fn product_families<I>(self, families: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::ProductFamily, families)
    }

    /// Only patches of these classifications. Not on apt.
    pub fn classifications<I>(self, classifications: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Classification, classifications)
    }

    /// Only patches that Microsoft gives one of these severities. Windows.
    pub fn msrc_severities<I>(self, severities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::MsrcSeverity, severities)
    }

    /// Only patches of these severities. rpm and zypper.
    pub fn severities<I>(self, severities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Severity, severities)
    }

    /// Only packages of these priorities. apt.
    pub fn priorities<I>(self, priorities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Priority, priorities)
    }

    /// Only packages of these sections. apt.
    pub fn sections<I>(self, sections: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Section, sections)
    }

    /// Only patches of the operating system (`OS`) or of Microsoft's applications (`APPLICATION`). Windows.
    pub fn patch_set(self, set: &str) -> Self {
        self.filter(PatchFilterKey::PatchSet, [set])
    }

    /// Approves this many days after release, 0 to 360.
    pub fn approve_after_days(mut self, days: u32) -> Self {
        self.wire.approve_after_days = Some(days);
        self
    }

    /// Approves what was released on or before this date.
    pub fn approve_until(mut self, date: Date) -> Self {
        self.wire.approve_until_date = Some(date.to_string());
        self
    }

    /// Approves by a delay or a cut-off date.
    pub fn approval(self, approval: Approval) -> Self {
        match approval {
            Approval::AfterDays(days) => self.approve_after_days(days),
            Approval::UntilDate(date) => self.approve_until(date),
        }
    }

    /// How serious it is when a patch of this rule is missing.
    pub fn compliance_level(mut self, level: PatchComplianceLevel) -> Self {
        self.wire.compliance_level = Some(level);
        self
    }

    /// Whether patches outside the security notices are admitted as well. Linux and macOS.
    pub fn enable_non_security(mut self, enable: bool) -> Self {
        self.wire.enable_non_security = Some(enable);
        self
    }
}

impl From<ApprovalRule> for RuleBuilder {
    fn from(rule: ApprovalRule) -> Self {
        Self { wire: rule.into() }
    }
}
