//! The baselines that operators write most.

use super::catalog::MACOS_CLASSIFICATIONS;
use super::{BaselineBuilder, RuleBuilder};
use crate::types::{OperatingSystem, OsFamily};

const GRAVE: [&str; 2] = ["Critical", "Important"];
const SECURITY: &str = "Security updates";
const EVERYTHING: &str = "All updates";

impl BaselineBuilder {
    /// Windows: critical and security updates of critical or important severity, after these days.
    ///
    /// The rules of AWS's own default, which waits 7 days.
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
    /// Every severity that a notice states: dnf ignores notices without one.
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
    /// The rules of AWS's own default, which waits 7 days.
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

    /// Ubuntu: security updates of every priority, at once; apt has no release dates.
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

    /// Security updates of any operating system, as its package tool defines them, after these
    /// days.
    ///
    /// - Windows: the classification `SecurityUpdates`, of Windows itself and not of applications.
    /// - rpm and zypper: the classification `Security`.
    /// - CentOS: every update, since its repositories do not say which are for security.
    /// - apt: the security archives in every priority. The days have no effect.
    /// - macOS: every update of the four package managers, as in AWS's own baseline.
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
        let (described, rule) = match os.family() {
            OsFamily::Windows => (SECURITY, rule.classifications(["SecurityUpdates"])),
            OsFamily::Rpm if os == OperatingSystem::Centos => {
                (EVERYTHING, rule.enable_non_security(true))
            }
            OsFamily::Rpm | OsFamily::Zypper => (SECURITY, rule.classifications(["Security"])),
            OsFamily::Apt => (
                SECURITY,
                rule.priorities(["Required", "Important", "Standard", "Optional", "Extra"]),
            ),
            OsFamily::Macos => (
                EVERYTHING,
                rule.classifications(MACOS_CLASSIFICATIONS.iter().copied()),
            ),
            OsFamily::Unknown => (EVERYTHING, rule),
        };
        Self::new(name, os).description(described).rule(rule)
    }
}
