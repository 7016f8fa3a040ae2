//! What is legal in a baseline on each operating system: one table, read by the builder.

use super::PatchFilterKey;
use crate::types::{OperatingSystem, OsFamily};

/// The filter keys, known values and options of one operating system.
///
/// Keys and values follow the documentation of DescribePatchProperties and the value lists that the
/// service's model spelled out until 2018. Products, product families and sections are open sets: the
/// service adds to them, so the list of products is a help and not a limit.
///
/// ```
/// use aws_patch_manager::baseline::{OsRules, PatchFilterKey};
/// use aws_patch_manager::types::OperatingSystem;
///
/// let ubuntu = OsRules::of(&OperatingSystem::Ubuntu);
/// assert!(ubuntu.allows(&PatchFilterKey::Priority));
/// assert!(!ubuntu.allows(&PatchFilterKey::MsrcSeverity));
/// assert!(ubuntu.ignores_release_dates());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct OsRules {
    family: OsFamily,
    keys: &'static [PatchFilterKey],
    products: &'static [&'static str],
    product_prefixes: &'static [&'static str],
    classifications: &'static [&'static str],
    severities: &'static [&'static str],
}

use PatchFilterKey as Key;

const WINDOWS_KEYS: &[Key] = &[
    Key::PatchSet,
    Key::Product,
    Key::ProductFamily,
    Key::Classification,
    Key::MsrcSeverity,
    Key::PatchId,
];
const NOTICE_KEYS: &[Key] = &[Key::Product, Key::Classification, Key::Severity];
const APT_KEYS: &[Key] = &[Key::Product, Key::Priority, Key::Section];
const MACOS_KEYS: &[Key] = &[Key::Product, Key::Classification];

const WINDOWS_CLASSIFICATIONS: &[&str] = &[
    "CriticalUpdates",
    "DefinitionUpdates",
    "Drivers",
    "FeaturePacks",
    "SecurityUpdates",
    "ServicePacks",
    "Tools",
    "UpdateRollups",
    "Updates",
    "Upgrades",
];
const RPM_CLASSIFICATIONS: &[&str] = &[
    "Security",
    "Bugfix",
    "Enhancement",
    "Recommended",
    "Newpackage",
];
const SUSE_CLASSIFICATIONS: &[&str] = &[
    "Security",
    "Recommended",
    "Optional",
    "Feature",
    "Document",
    "Yast",
];

const MSRC_SEVERITIES: &[&str] = &["Critical", "Important", "Moderate", "Low", "Unspecified"];
const RPM_SEVERITIES: &[&str] = &["Critical", "Important", "Medium", "Moderate", "Low", "None"];
// Advisories say Moderate, older lists Medium; both mean the same and both are taken.
const SUSE_SEVERITIES: &[&str] = &["Critical", "Important", "Medium", "Moderate", "Low"];
const APT_PRIORITIES: &[&str] = &["Required", "Important", "Standard", "Optional", "Extra"];

const WINDOWS_PRODUCTS: &[&str] = &[
    "Windows7",
    "Windows8",
    "Windows8.1",
    "Windows8Embedded",
    "Windows10",
    "Windows10LTSB",
    "WindowsServer2008",
    "WindowsServer2008R2",
    "WindowsServer2012",
    "WindowsServer2012R2",
    "WindowsServer2016",
    "WindowsServer2019",
    "WindowsServer2022",
    "WindowsServer2025",
    "MicrosoftDefenderAntivirus",
];

impl OsRules {
    /// The rules of an operating system. For one this version does not name, everything is allowed.
    pub fn of(os: &OperatingSystem) -> Self {
        match os.family() {
            OsFamily::Windows => Self {
                family: OsFamily::Windows,
                keys: WINDOWS_KEYS,
                products: WINDOWS_PRODUCTS,
                product_prefixes: &[],
                classifications: WINDOWS_CLASSIFICATIONS,
                severities: MSRC_SEVERITIES,
            },
            OsFamily::Rpm => Self::notices(OsFamily::Rpm, os, RPM_CLASSIFICATIONS, RPM_SEVERITIES),
            OsFamily::Zypper => {
                Self::notices(OsFamily::Zypper, os, SUSE_CLASSIFICATIONS, SUSE_SEVERITIES)
            }
            OsFamily::Apt => Self {
                family: OsFamily::Apt,
                keys: APT_KEYS,
                products: products(os),
                product_prefixes: product_prefixes(os),
                classifications: &[],
                severities: APT_PRIORITIES,
            },
            // The spelling of macOS classifications is not documented, so any value passes.
            OsFamily::Macos => Self {
                family: OsFamily::Macos,
                keys: MACOS_KEYS,
                products: &[],
                product_prefixes: &[],
                classifications: &[],
                severities: &[],
            },
            OsFamily::Unknown => Self {
                family: OsFamily::Unknown,
                keys: Key::KNOWN,
                products: &[],
                product_prefixes: &[],
                classifications: &[],
                severities: &[],
            },
        }
    }

    fn notices(
        family: OsFamily,
        os: &OperatingSystem,
        classifications: &'static [&'static str],
        severities: &'static [&'static str],
    ) -> Self {
        Self {
            family,
            keys: NOTICE_KEYS,
            products: products(os),
            product_prefixes: product_prefixes(os),
            classifications,
            severities,
        }
    }

    /// The keys that rules and global filters may use.
    pub fn keys(&self) -> &'static [PatchFilterKey] {
        self.keys
    }

    /// Whether rules and global filters may use the key.
    pub fn allows(&self, key: &PatchFilterKey) -> bool {
        self.family == OsFamily::Unknown || self.keys.contains(key)
    }

    /// The documented values of a key; empty where there is no list, or no such key here.
    pub fn known_values(&self, key: &PatchFilterKey) -> &'static [&'static str] {
        if !self.allows(key) {
            return &[];
        }
        match key {
            Key::Product => self.products,
            Key::Classification => self.classifications,
            Key::MsrcSeverity | Key::Severity | Key::Priority => self.severities,
            Key::PatchSet => &["OS", "APPLICATION"],
            _ => &[],
        }
    }

    /// Whether a product is documented, or has the form of the documented ones, such as `CentOS7.9`.
    ///
    /// `true` where no form is documented. Products of Microsoft's applications are not looked up.
    pub fn is_plausible_product(&self, product: &str) -> bool {
        let versioned = |prefix: &&str| {
            let version = product.strip_prefix(*prefix).unwrap_or_default();
            version.starts_with(|c: char| c.is_ascii_digit())
        };
        let undocumented = self.products.is_empty() && self.product_prefixes.is_empty();
        undocumented
            || product == "*"
            || self.products.contains(&product)
            || self.product_prefixes.iter().any(versioned)
    }

    /// Whether the values of a key are a closed list, so that the builder refuses others.
    pub fn is_closed(&self, key: &PatchFilterKey) -> bool {
        *key != Key::Product && !self.known_values(key).is_empty()
    }

    /// Whether a baseline may carry custom repositories: Linux only.
    pub fn supports_sources(&self) -> bool {
        !matches!(self.family, OsFamily::Windows | OsFamily::Macos)
    }

    /// Whether `EnableNonSecurity` means anything: Linux, and macOS by the console.
    pub fn supports_non_security(&self) -> bool {
        self.family != OsFamily::Windows
    }

    /// Whether `AvailableSecurityUpdatesComplianceStatus` means anything: Windows only.
    pub fn supports_available_security_updates(&self) -> bool {
        matches!(self.family, OsFamily::Windows | OsFamily::Unknown)
    }

    /// Whether approval delays and cut-off dates are stored and not looked at: apt.
    pub fn ignores_release_dates(&self) -> bool {
        self.family == OsFamily::Apt
    }
}

/// Whether a product is Windows itself, and not one of Microsoft's applications, such as `Office 2016`.
pub(super) fn is_product_of_windows(product: &str) -> bool {
    product.starts_with("Windows") || WINDOWS_PRODUCTS.contains(&product)
}

fn products(os: &OperatingSystem) -> &'static [&'static str] {
    match os {
        OperatingSystem::AmazonLinux => &[
            "AmazonLinux2017.03",
            "AmazonLinux2017.09",
            "AmazonLinux2018.03",
        ],
        OperatingSystem::Ubuntu => &[
            "Ubuntu14.04",
            "Ubuntu16.04",
            "Ubuntu18.04",
            "Ubuntu20.04",
            "Ubuntu22.04",
            "Ubuntu24.04",
        ],
        OperatingSystem::Debian => &["Debian11", "Debian12"],
        OperatingSystem::AmazonLinux2 => &["AmazonLinux2", "AmazonLinux2.0"],
        OperatingSystem::AmazonLinux2022 => &["AmazonLinux2022"],
        OperatingSystem::AmazonLinux2023 => &["AmazonLinux2023"],
        _ => &[],
    }
}

/// What products begin with where the documentation lists one for each release.
fn product_prefixes(os: &OperatingSystem) -> &'static [&'static str] {
    match os {
        OperatingSystem::AmazonLinux => &["AmazonLinux"],
        OperatingSystem::RedhatEnterpriseLinux => &["RedhatEnterpriseLinux"],
        OperatingSystem::Centos => &["CentOS"],
        OperatingSystem::OracleLinux => &["OracleLinux"],
        OperatingSystem::RockyLinux => &["RockyLinux"],
        OperatingSystem::AlmaLinux => &["AlmaLinux"],
        OperatingSystem::Suse => &["Suse"],
        OperatingSystem::Ubuntu => &["Ubuntu"],
        OperatingSystem::Debian => &["Debian"],
        OperatingSystem::Raspbian => &["RaspbianLinux", "Raspbian"],
        _ => &[],
    }
}
