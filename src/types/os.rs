use super::string_enum;

string_enum! {
    /// An operating system that Patch Manager patches, in the service's spelling.
    ///
    /// CentOS Stream is `CENTOS` and SLES for SAP is `SUSE`; there is no value for Bottlerocket.
    ///
    /// ```
    /// use aws_patch_manager::types::{OperatingSystem, OsFamily};
    ///
    /// let os = OperatingSystem::from("AMAZON_LINUX_2023");
    /// assert_eq!(os, OperatingSystem::AmazonLinux2023);
    /// assert_eq!(os.family(), OsFamily::Rpm);
    /// assert!(!OperatingSystem::from("PLAN9").is_known());
    /// ```
    pub enum OperatingSystem {
        /// Windows Server and, for hybrid nodes, Windows client. The service's default.
        Windows = "WINDOWS",
        /// Amazon Linux 1.
        AmazonLinux = "AMAZON_LINUX",
        /// Amazon Linux 2.
        AmazonLinux2 = "AMAZON_LINUX_2",
        /// Amazon Linux 2022, the preview of Amazon Linux 2023.
        AmazonLinux2022 = "AMAZON_LINUX_2022",
        /// Ubuntu Server.
        Ubuntu = "UBUNTU",
        /// Red Hat Enterprise Linux.
        RedhatEnterpriseLinux = "REDHAT_ENTERPRISE_LINUX",
        /// SUSE Linux Enterprise Server.
        Suse = "SUSE",
        /// CentOS and CentOS Stream.
        Centos = "CENTOS",
        /// Oracle Linux.
        OracleLinux = "ORACLE_LINUX",
        /// Debian Server.
        Debian = "DEBIAN",
        /// macOS on EC2 Mac instances.
        Macos = "MACOS",
        /// Raspberry Pi OS.
        Raspbian = "RASPBIAN",
        /// Rocky Linux.
        RockyLinux = "ROCKY_LINUX",
        /// AlmaLinux.
        AlmaLinux = "ALMA_LINUX",
        /// Amazon Linux 2023.
        AmazonLinux2023 = "AMAZON_LINUX_2023",
    }
}

// The model gives OperatingSystem no default member; CreatePatchBaseline documents WINDOWS.
#[allow(clippy::derivable_impls)]
impl Default for OperatingSystem {
    fn default() -> Self {
        OperatingSystem::Windows
    }
}

/// The package tool of a node, which decides how a baseline is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OsFamily {
    /// Windows Update Agent; the service decides approval from its own catalog.
    Windows,
    /// yum or dnf, by update notices.
    Rpm,
    /// zypper, by patch categories.
    Zypper,
    /// apt, by priority, section and archive; release dates are not evaluated.
    Apt,
    /// softwareupdate and Homebrew.
    Macos,
    /// An operating system that this version of the crate does not name.
    Unknown,
}

impl OperatingSystem {
    /// The package-tool family, which decides how a baseline is evaluated.
    pub fn family(&self) -> OsFamily {
        match self {
            OperatingSystem::Windows => OsFamily::Windows,
            OperatingSystem::Suse => OsFamily::Zypper,
            OperatingSystem::Ubuntu | OperatingSystem::Debian | OperatingSystem::Raspbian => {
                OsFamily::Apt
            }
            OperatingSystem::Macos => OsFamily::Macos,
            OperatingSystem::Other(_) => OsFamily::Unknown,
            _ => OsFamily::Rpm,
        }
    }

    /// Whether a node of this product uses yum, and not dnf, which came with release 8 of Red Hat
    /// and its relatives. A product without a version counts as current, so it uses dnf.
    pub(crate) fn uses_yum(&self, product: Option<&str>) -> bool {
        match self {
            OperatingSystem::AmazonLinux | OperatingSystem::AmazonLinux2 => true,
            OperatingSystem::RedhatEnterpriseLinux
            | OperatingSystem::Centos
            | OperatingSystem::OracleLinux => {
                product.and_then(major).is_some_and(|major| major < 8)
            }
            _ => false,
        }
    }

    /// Whether Patch Manager patches this version of the system, as `PlatformVersion` gives it (User
    /// Guide, Patch Manager prerequisites, 2025). `None` if the version cannot be read, or the guide
    /// no longer names the system, whose baseline AWS still has.
    pub(crate) fn supports(&self, version: &str) -> Option<bool> {
        let ranges = self.listed_versions()?;
        let mut parts = version.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().map_or(Some(0), |minor| minor.parse().ok())?;
        let version = (major, minor);
        Some(
            ranges
                .iter()
                .any(|[first, last]| (*first..=*last).contains(&version)),
        )
    }

    /// The first and the last of the versions, each a major and a minor one, that the User Guide lists;
    /// `None` if it does not name the system (Patch Manager prerequisites, 2025).
    pub(crate) fn listed_versions(&self) -> Option<&'static [[(u32, u32); 2]]> {
        const ANY: u32 = u32::MAX;
        Some(match self {
            OperatingSystem::AlmaLinux | OperatingSystem::RockyLinux => &[[(8, 0), (9, ANY)]],
            OperatingSystem::AmazonLinux2 => &[[(2, 0), (2, ANY)]],
            OperatingSystem::AmazonLinux2023 => &[[(2023, 0), (2023, ANY)]],
            OperatingSystem::Centos => &[[(9, 0), (9, ANY)]],
            OperatingSystem::Debian => &[[(11, 0), (12, ANY)]],
            OperatingSystem::Macos => &[[(13, 0), (15, ANY)]],
            OperatingSystem::OracleLinux => &[[(7, 5), (9, ANY)]],
            OperatingSystem::RedhatEnterpriseLinux => &[[(7, 0), (10, ANY)]],
            OperatingSystem::Suse => &[[(15, 3), (15, ANY)]],
            OperatingSystem::Ubuntu => &[
                [(16, 4), (16, 4)],
                [(18, 4), (18, 4)],
                [(20, 4), (20, 4)],
                [(22, 4), (22, 4)],
                [(24, 4), (24, 4)],
                [(25, 4), (25, 4)],
            ],
            // Windows Server 2012 is 6.2.
            OperatingSystem::Windows => &[[(6, 2), (10, ANY)]],
            _ => return None,
        })
    }

    /// The platform type that SSM reports for nodes of this operating system.
    pub fn platform_type(&self) -> PlatformType {
        match self {
            OperatingSystem::Windows => PlatformType::Windows,
            OperatingSystem::Macos => PlatformType::MacOs,
            _ => PlatformType::Linux,
        }
    }
}

/// The major version in a product such as `RedhatEnterpriseLinux7.9`.
fn major(product: &str) -> Option<u32> {
    let version = product.trim_start_matches(|c: char| !c.is_ascii_digit());
    version.split('.').next()?.parse().ok()
}

string_enum! {
    /// What kind of platform a managed node runs.
    pub enum PlatformType {
        /// Windows.
        Windows = "Windows",
        /// Any Linux.
        Linux = "Linux",
        /// macOS.
        MacOs = "MacOS",
    }
}
