//! What is legal in a baseline on each operating system: one table, which the builder reads.

use super::{PatchFilter, PatchFilterKey};
use crate::types::{OperatingSystem, OsFamily, Patch};

/// The filter keys, known values and options of one operating system.
///
/// Keys and values follow the documentation of DescribePatchProperties, the value lists that the
/// service's model spelled out until 2018, and the baselines that AWS predefines. Product families,
/// sections and products are open sets: the service adds to them, so their list is a help and not a
/// limit. Only the products of Amazon Linux 1 are a closed list, because it gets no new ones.
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
    products_closed: bool,
    releases: Releases,
    classifications: &'static [&'static str],
    severities: &'static [&'static str],
}

/// The names of products that exist once for each release: a prefix and the release's number.
#[derive(Debug, Clone, Copy)]
struct Releases {
    prefixes: &'static [&'static str],
    numbers: Numbers,
}

/// The numbers of the releases.
#[derive(Debug, Clone, Copy)]
enum Numbers {
    /// These major versions, with any minor one: `8`, `8.10`, `8.*`.
    Major(u32, u32),
    /// April or October of these years: `24.04`.
    Half(u32, u32),
}

impl Releases {
    const NONE: Self = Self {
        prefixes: &[],
        numbers: Numbers::Major(0, 0),
    };

    const fn of(prefixes: &'static [&'static str], numbers: Numbers) -> Self {
        Self { prefixes, numbers }
    }

    fn name(&self, product: &str) -> bool {
        let numbers = self
            .prefixes
            .iter()
            .filter_map(|prefix| product.strip_prefix(prefix));
        numbers.into_iter().any(|number| self.numbers.hold(number))
    }
}

impl Numbers {
    fn hold(self, number: &str) -> bool {
        let (first, second) = match number.split_once('.') {
            Some((first, second)) => (first, Some(second)),
            None => (number, None),
        };
        let within = |low, high| {
            let digits = first.bytes().all(|b| b.is_ascii_digit());
            digits
                && first
                    .parse()
                    .is_ok_and(|first| (low..=high).contains(&first))
        };
        match self {
            Self::Major(low, high) => {
                let minor = |minor: &str| {
                    minor == "*" || !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
                };
                within(low, high) && second.is_none_or(minor)
            }
            Self::Half(low, high) => within(low, high) && matches!(second, Some("04" | "10")),
        }
    }
}

use PatchFilterKey as Key;

const NOTHING: &[&str] = &[];

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
/// The package managers that AWS-MacOSDefaultPatchBaseline names, unchanged since 2021.
pub(super) const MACOS_CLASSIFICATIONS: &[&str] =
    &["softwareupdate", "installer", "brew", "brew_cask"];

const MSRC_SEVERITIES: &[&str] = &["Critical", "Important", "Moderate", "Low", "Unspecified"];
const RPM_SEVERITIES: &[&str] = &["Critical", "Important", "Medium", "Moderate", "Low", "None"];
// Advisories say Moderate, older lists say Medium; both mean the same, and both are legal.
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
/// The whole list, from the service's error for another product (terraform-provider-aws#18359).
const AMAZON_LINUX_PRODUCTS: &[&str] = &[
    "AmazonLinux2012.03",
    "AmazonLinux2012.09",
    "AmazonLinux2013.03",
    "AmazonLinux2013.09",
    "AmazonLinux2014.03",
    "AmazonLinux2014.09",
    "AmazonLinux2015.03",
    "AmazonLinux2015.09",
    "AmazonLinux2016.03",
    "AmazonLinux2016.09",
    "AmazonLinux2017.03",
    "AmazonLinux2017.09",
    "AmazonLinux2018.03",
];

impl OsRules {
    /// The rules of an operating system. Everything is allowed for a system that this version does
    /// not name.
    pub fn of(os: &OperatingSystem) -> Self {
        let (keys, classifications, severities) = match os.family() {
            OsFamily::Windows => (WINDOWS_KEYS, WINDOWS_CLASSIFICATIONS, MSRC_SEVERITIES),
            OsFamily::Rpm => (NOTICE_KEYS, RPM_CLASSIFICATIONS, RPM_SEVERITIES),
            OsFamily::Zypper => (NOTICE_KEYS, SUSE_CLASSIFICATIONS, SUSE_SEVERITIES),
            OsFamily::Apt => (APT_KEYS, NOTHING, APT_PRIORITIES),
            OsFamily::Macos => (MACOS_KEYS, MACOS_CLASSIFICATIONS, NOTHING),
            OsFamily::Unknown => (Key::KNOWN, NOTHING, NOTHING),
        };
        Self {
            family: os.family(),
            keys,
            products: products(os),
            products_closed: *os == OperatingSystem::AmazonLinux,
            releases: releases(os),
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

    /// The documented values of a key; empty if there is no list, or if the system does not have
    /// the key.
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
    /// `true` if no form is documented. Products of Microsoft's applications are not looked up.
    pub fn is_plausible_product(&self, product: &str) -> bool {
        let undocumented = self.products.is_empty() && self.releases.prefixes.is_empty();
        undocumented || product == "*" || self.names_product(product)
    }

    fn names_product(&self, product: &str) -> bool {
        self.products.contains(&product) || self.releases.name(product)
    }

    /// Whether the values of a key are a closed list, so that the builder refuses others.
    pub fn is_closed(&self, key: &PatchFilterKey) -> bool {
        match key {
            Key::Product => self.products_closed,
            key => !self.known_values(key).is_empty(),
        }
    }

    /// Whether the service takes a value of a key, among filters that reach applications or do not.
    ///
    /// It refuses what a closed list does not hold, the console's word `All` for any product, and a
    /// product of an application without PATCH_SET (terraform-provider-aws#18359, hashicorp/terraform#21678).
    pub(crate) fn takes(&self, key: &PatchFilterKey, value: &str, applications: bool) -> bool {
        let is_refused_product = *key == Key::Product
            && (value.eq_ignore_ascii_case("All")
                || self.family == OsFamily::Windows
                    && !applications
                    && is_product_of_application(value));
        let is_listed = || !self.is_closed(key) || self.known_values(key).contains(&value);
        value == "*" || !is_refused_product && is_listed()
    }

    /// Whether a baseline may carry custom repositories: Linux only.
    pub fn supports_sources(&self) -> bool {
        !matches!(self.family, OsFamily::Windows | OsFamily::Macos)
    }

    /// Whether `EnableNonSecurity` has an effect: Linux, and macOS by the console.
    pub fn supports_non_security(&self) -> bool {
        self.family != OsFamily::Windows
    }

    /// Whether `AvailableSecurityUpdatesComplianceStatus` has an effect: Windows only.
    pub fn supports_available_security_updates(&self) -> bool {
        matches!(self.family, OsFamily::Windows | OsFamily::Unknown)
    }

    /// Whether approval delays and cut-off dates have no effect: apt.
    pub fn ignores_release_dates(&self) -> bool {
        self.family == OsFamily::Apt
    }
}

/// Whether a product is Windows itself, and not one of Microsoft's applications, such as `Office 2016`.
pub(super) fn is_product_of_windows(product: &str) -> bool {
    product.starts_with("Windows") || WINDOWS_PRODUCTS.contains(&product)
}

/// Whether a product is of one of Microsoft's applications. Those are in no list, but most have spaces,
/// and those of Windows have none.
pub(super) fn is_product_of_application(product: &str) -> bool {
    product.contains(' ') && !is_product_of_windows(product)
}

/// Whether filters are about Microsoft's applications too, which those without PATCH_SET are not
/// (AWS's predefined baselines).
pub(crate) fn reach_applications(filters: &[PatchFilter]) -> bool {
    let mut sets = filters.iter().filter(|filter| filter.key == Key::PatchSet);
    sets.any(|filter| filter.values.iter().any(|set| set != "OS"))
}

/// What a value that the list of its key does not hold was probably meant to be; `None` if unclear.
pub(super) fn hint(os: &OperatingSystem, key: &Key, value: &str) -> Option<String> {
    let listed = OsRules::of(os).known_values(key);
    let cased = listed
        .iter()
        .find(|listed| listed.eq_ignore_ascii_case(value));
    if let Some(meant) = cased {
        return Some(format!("write `{meant}`; values are case-sensitive"));
    }
    // The console's word; the service refuses it (terraform-provider-aws#18359).
    if value.eq_ignore_ascii_case("All") {
        return Some("write `*` to mean all".to_owned());
    }
    let other = OperatingSystem::KNOWN
        .iter()
        .find(|other| *key == Key::Product && OsRules::of(other).names_product(value))?;
    Some(format!("a product of {other}; this baseline is for {os}"))
}

fn products(os: &OperatingSystem) -> &'static [&'static str] {
    match os {
        OperatingSystem::Windows => WINDOWS_PRODUCTS,
        OperatingSystem::AmazonLinux => AMAZON_LINUX_PRODUCTS,
        OperatingSystem::Ubuntu => &[
            "Ubuntu14.04",
            "Ubuntu16.04",
            "Ubuntu18.04",
            "Ubuntu20.04",
            "Ubuntu22.04",
            "Ubuntu24.04",
            "Ubuntu25.04",
        ],
        OperatingSystem::Debian => &["Debian11", "Debian12"],
        OperatingSystem::AmazonLinux2 => &["AmazonLinux2", "AmazonLinux2.0"],
        OperatingSystem::AmazonLinux2022 => &["AmazonLinux2022"],
        OperatingSystem::AmazonLinux2023 => &["AmazonLinux2023"],
        _ => NOTHING,
    }
}

/// The releases, whether AWS still supports them or not.
fn releases(os: &OperatingSystem) -> Releases {
    use Numbers::{Half, Major};
    match os {
        OperatingSystem::RedhatEnterpriseLinux => {
            Releases::of(&["RedhatEnterpriseLinux"], Major(6, 10))
        }
        OperatingSystem::Centos => Releases::of(&["CentOS"], Major(6, 10)),
        OperatingSystem::OracleLinux => Releases::of(&["OracleLinux"], Major(6, 10)),
        OperatingSystem::RockyLinux => Releases::of(&["RockyLinux"], Major(8, 10)),
        OperatingSystem::AlmaLinux => Releases::of(&["AlmaLinux"], Major(8, 10)),
        OperatingSystem::Suse => Releases::of(&["Suse"], Major(11, 16)),
        OperatingSystem::Ubuntu => Releases::of(&["Ubuntu"], Half(14, 26)),
        OperatingSystem::Debian => Releases::of(&["Debian"], Major(7, 13)),
        OperatingSystem::Raspbian => Releases::of(&["RaspbianLinux", "Raspbian"], Major(7, 13)),
        _ => Releases::NONE,
    }
}

/// The prefixes of each operating system's products. The longest match decides.
const PRODUCT_PREFIXES: [(&str, OperatingSystem); 13] = [
    ("AmazonLinux20", OperatingSystem::AmazonLinux),
    ("AmazonLinux2", OperatingSystem::AmazonLinux2),
    ("AmazonLinux2022", OperatingSystem::AmazonLinux2022),
    ("AmazonLinux2023", OperatingSystem::AmazonLinux2023),
    ("Ubuntu", OperatingSystem::Ubuntu),
    (
        "RedhatEnterpriseLinux",
        OperatingSystem::RedhatEnterpriseLinux,
    ),
    ("Suse", OperatingSystem::Suse),
    ("CentOS", OperatingSystem::Centos),
    ("OracleLinux", OperatingSystem::OracleLinux),
    ("Debian", OperatingSystem::Debian),
    ("Raspbian", OperatingSystem::Raspbian),
    ("RockyLinux", OperatingSystem::RockyLinux),
    ("AlmaLinux", OperatingSystem::AlmaLinux),
];

/// The operating system of a patch: patches of Windows have no package's name, and the product tells the
/// others apart, but macOS has no naming pattern.
pub(crate) fn system_of(patch: &Patch) -> OperatingSystem {
    if patch.name.is_none() {
        return OperatingSystem::Windows;
    }
    let product = patch.product.as_deref().unwrap_or_default();
    PRODUCT_PREFIXES
        .iter()
        .filter(|(prefix, _)| product.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(OperatingSystem::Macos, |(_, system)| system.clone())
}
