//! The baselines that operators write most.

use super::{BaselineBuilder, RuleBuilder};
use crate::types::{OperatingSystem, OsFamily};

const GRAVE: [&str; 2] = ["Critical", "Important"];

impl BaselineBuilder {
    /// Windows: critical and security updates of critical or important severity, after these days.
    ///
    /// What AWS's own default approves after 7 days.
    ///
    /// The days are 0 to 360, here and in the presets below.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::windows_critical_and_security("prod-windows", 7).build()?;
    /// assert_eq!(spec.approval_rules.patch_rules.len(), 1);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn windows_critical_and_security(name: impl Into<String>, days: u32) -> Self {
        let updates = RuleBuilder::new()
            .classifications(["CriticalUpdates", "SecurityUpdates"])
            .msrc_severities(GRAVE)
            .approve_after_days(days);
        Self::new(name, OperatingSystem::Windows)
            .description("Critical and security updates of critical or important severity")
            .rule(updates)
    }

    /// Amazon Linux 2023: security updates of every severity, after these days.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::amazon_linux_2023_security("prod-al2023", 7).build()?;
    /// assert_eq!(spec.operating_system().as_str(), "AMAZON_LINUX_2023");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn amazon_linux_2023_security(name: impl Into<String>, days: u32) -> Self {
        Self::security(name, OperatingSystem::AmazonLinux2023, days)
    }

    /// Amazon Linux 2023: critical and important security updates and all bug fixes, after these days.
    ///
    /// What AWS's own default approves after 7 days.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::amazon_linux_2023_security_and_bugfix("prod-al2023", 7).build()?;
    /// assert_eq!(spec.approval_rules.patch_rules.len(), 2);
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn amazon_linux_2023_security_and_bugfix(name: impl Into<String>, days: u32) -> Self {
        let security = RuleBuilder::new()
            .classifications(["Security"])
            .severities(GRAVE)
            .approve_after_days(days);
        let bugfix = RuleBuilder::new()
            .classifications(["Bugfix"])
            .approve_after_days(days);
        Self::new(name, OperatingSystem::AmazonLinux2023)
            .description("Critical and important security updates, and bug fixes")
            .rule(security)
            .rule(bugfix)
    }

    /// Ubuntu: security updates of every priority, at once; apt knows no release dates.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::ubuntu_security("build-machines").build()?;
    /// assert_eq!(spec.operating_system().as_str(), "UBUNTU");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn ubuntu_security(name: impl Into<String>) -> Self {
        Self::security(name, OperatingSystem::Ubuntu, 0)
    }

    /// Red Hat Enterprise Linux: security updates of every severity, after these days.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    ///
    /// let spec = BaselineBuilder::red_hat_security("prod-rhel", 7).build()?;
    /// assert_eq!(spec.operating_system().as_str(), "REDHAT_ENTERPRISE_LINUX");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn red_hat_security(name: impl Into<String>, days: u32) -> Self {
        Self::security(name, OperatingSystem::RedhatEnterpriseLinux, days)
    }

    /// Security updates of any operating system, as its package tool tells them, after these days.
    ///
    /// On Windows that is the classification `SecurityUpdates`, on rpm and zypper `Security`; on
    /// apt the security archives in every priority, and the days are stored and not looked at; on
    /// macOS every update, since its classifications are not documented.
    ///
    /// ```
    /// use aws_patch_manager::BaselineBuilder;
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// for os in [OperatingSystem::Suse, OperatingSystem::Debian, OperatingSystem::OracleLinux] {
    ///     let name = format!("prod-{}", os.as_str().to_lowercase());
    ///     BaselineBuilder::security(name, os, 7).build()?;
    /// }
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn security(name: impl Into<String>, os: OperatingSystem, days: u32) -> Self {
        let rule = RuleBuilder::new().approve_after_days(days);
        let rule = match os.family() {
            OsFamily::Windows => rule.classifications(["SecurityUpdates"]),
            OsFamily::Rpm | OsFamily::Zypper => rule.classifications(["Security"]),
            OsFamily::Apt => {
                rule.priorities(["Required", "Important", "Standard", "Optional", "Extra"])
            }
            OsFamily::Macos | OsFamily::Unknown => rule,
        };
        Self::new(name, os)
            .description("Security updates")
            .rule(rule)
    }
}
