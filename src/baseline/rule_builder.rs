use jiff::civil::Date;

use super::rule::WireRule;
use super::{Approval, ApprovalRule, PatchFilter, PatchFilterKey};
use crate::types::PatchComplianceLevel;

/// Builds one approval rule of a [`BaselineBuilder`](super::BaselineBuilder).
///
/// A rule has at most 5 filters, which must all pass, and either a delay or a cut-off date. apt
/// ignores both, so the builder fills in a delay of 0 days there.
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
    /// A rule for every patch, until you add filters.
    ///
    /// It needs a delay or a cut-off date, except on apt; [`build`](super::BaselineBuilder::build)
    /// reports a missing one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a filter: a patch passes if its value for the key is one of these; `*` passes every
    /// patch.
    ///
    /// At most 5 filters, each key once, with 1 to 20 values of 1 to 64 characters. The methods
    /// below add filters for the keys that operators use most.
    ///
    /// ```
    /// use aws_patch_manager::baseline::PatchFilterKey;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let rule = RuleBuilder::new()
    ///     .filter(PatchFilterKey::Product, ["WindowsServer2022"])
    ///     .filter(PatchFilterKey::Classification, ["*"])
    ///     .approve_after_days(7);
    /// BaselineBuilder::new("prod-windows", OperatingSystem::Windows).rule(rule).build()?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
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
    ///
    /// [`patch_properties`](crate::PatchManager::patch_properties) lists the service's names.
    pub fn products<I>(self, products: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Product, products)
    }

    /// Only patches of these product families, such as `Windows` or `Office`. Windows.
    ///
    /// [`patch_properties`](crate::PatchManager::patch_properties) lists the service's names.
    pub fn product_families<I>(self, families: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::ProductFamily, families)
    }

    /// Only patches of these classifications. Not on apt.
    ///
    /// Such as `SecurityUpdates` on Windows and `Security` on rpm and zypper; values are
    /// case-sensitive.
    ///
    /// ```
    /// use aws_patch_manager::RuleBuilder;
    ///
    /// let windows = RuleBuilder::new().classifications(["SecurityUpdates", "CriticalUpdates"]);
    /// let linux = RuleBuilder::new().classifications(["Security", "Bugfix"]);
    /// # let _ = (windows, linux);
    /// ```
    pub fn classifications<I>(self, classifications: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Classification, classifications)
    }

    /// Only patches that Microsoft gives one of these severities. Windows.
    ///
    /// `Critical`, `Important`, `Moderate`, `Low` or `Unspecified`.
    pub fn msrc_severities<I>(self, severities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::MsrcSeverity, severities)
    }

    /// Only patches of these severities. rpm and zypper.
    ///
    /// Such as `Critical` and `Important`; the values depend on the operating system. A patch
    /// without a severity passes `*` only. `Medium` and `Moderate` are the same on Amazon Linux
    /// 2023; elsewhere they are two values.
    pub fn severities<I>(self, severities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Severity, severities)
    }

    /// Only packages of these priorities. apt.
    ///
    /// `Required`, `Important`, `Standard`, `Optional` or `Extra`.
    ///
    /// ```
    /// use aws_patch_manager::RuleBuilder;
    ///
    /// let rule = RuleBuilder::new().priorities(["Required", "Important"]).sections(["*"]);
    /// # let _ = rule;
    /// ```
    pub fn priorities<I>(self, priorities: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Priority, priorities)
    }

    /// Only packages of these sections. apt.
    ///
    /// Such as `kernel`, or `*` for any.
    pub fn sections<I>(self, sections: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.filter(PatchFilterKey::Section, sections)
    }

    /// Only patches of the operating system (`OS`) or of Microsoft's applications (`APPLICATION`). Windows.
    ///
    /// Those of the operating system if not set. `APPLICATION` alone covers every application; add
    /// products to choose some.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    ///
    /// let office = RuleBuilder::new()
    ///     .patch_set("APPLICATION")
    ///     .product_families(["Office"])
    ///     .products(["Office 2016"])
    ///     .approve_after_days(14);
    /// BaselineBuilder::new("office", OperatingSystem::Windows).rule(office).build()?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn patch_set(self, set: &str) -> Self {
        self.filter(PatchFilterKey::PatchSet, [set])
    }

    /// Approves this many days after release, 0 to 360.
    ///
    /// Days of 24 hours, counted from the instant of release: with 7 days, a patch released at
    /// 18:00 is approved after 18:00 a week later. A rule has this or
    /// [`approve_until`](Self::approve_until), not both.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    ///
    /// let wrong = RuleBuilder::new().approve_after_days(361);
    /// let wrong = BaselineBuilder::new("prod-windows", OperatingSystem::Windows).rule(wrong).build();
    /// assert!(wrong.is_err());
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn approve_after_days(mut self, days: u32) -> Self {
        self.wire.approve_after_days = Some(days);
        self
    }

    /// Approves patches released on or before this date.
    ///
    /// A rule has this or [`approve_after_days`](Self::approve_after_days), not both.
    ///
    /// ```
    /// use aws_patch_manager::types::OperatingSystem;
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    /// use aws_patch_manager::jiff::civil::date;
    ///
    /// let frozen = RuleBuilder::new().approve_until(date(2026, 3, 31));
    /// BaselineBuilder::new("first-quarter", OperatingSystem::Windows).rule(frozen).build()?;
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn approve_until(mut self, date: Date) -> Self {
        self.wire.approve_until_date = Some(date.to_string());
        self
    }

    /// Approves by a delay or a cut-off date.
    ///
    /// ```
    /// use aws_patch_manager::RuleBuilder;
    /// use aws_patch_manager::baseline::Approval;
    ///
    /// let rule = RuleBuilder::new().approval(Approval::AfterDays(7));
    /// # let _ = rule;
    /// ```
    pub fn approval(self, approval: Approval) -> Self {
        match approval {
            Approval::AfterDays(days) => self.approve_after_days(days),
            Approval::UntilDate(date) => self.approve_until(date),
        }
    }

    /// How serious it is if a patch of this rule is missing.
    ///
    /// [`Unspecified`](PatchComplianceLevel::Unspecified) if not set.
    pub fn compliance_level(mut self, level: PatchComplianceLevel) -> Self {
        self.wire.compliance_level = Some(level);
        self
    }

    /// Whether patches outside the security notices are admitted as well. Linux and macOS.
    ///
    /// `false` if not set. CentOS has no notices, so nothing is approved there without it.
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
