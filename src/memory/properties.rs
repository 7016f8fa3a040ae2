//! The values that patch properties have: DescribePatchProperties.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::catalogue::{self, Catalogue};
use super::check::{self, Validation};
use crate::backend::{DescribePatchProperties, PatchProperty, PatchSet};
use crate::baseline::PatchFilterKey;
use crate::baseline::approval::members;
use crate::error::Result;
use crate::types::{OperatingSystem as Os, OsFamily, Patch};

/// How each operating system's products begin. The longer of two that both fit decides.
const PRODUCTS: [(&str, Os); 13] = [
    ("AmazonLinux20", Os::AmazonLinux),
    ("AmazonLinux2", Os::AmazonLinux2),
    ("AmazonLinux2022", Os::AmazonLinux2022),
    ("AmazonLinux2023", Os::AmazonLinux2023),
    ("Ubuntu", Os::Ubuntu),
    ("RedhatEnterpriseLinux", Os::RedhatEnterpriseLinux),
    ("Suse", Os::Suse),
    ("CentOS", Os::Centos),
    ("OracleLinux", Os::OracleLinux),
    ("Debian", Os::Debian),
    ("Raspbian", Os::Raspbian),
    ("RockyLinux", Os::RockyLinux),
    ("AlmaLinux", Os::AlmaLinux),
];

const WINDOWS_CLASSES: &[&str] = &[
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
const RPM_CLASSES: &[&str] = &[
    "Security",
    "Bugfix",
    "Enhancement",
    "Recommended",
    "Newpackage",
];
const SUSE_CLASSES: &[&str] = &[
    "Security",
    "Recommended",
    "Optional",
    "Feature",
    "Document",
    "Yast",
];
const MSRC_SEVERITIES: &[&str] = &["Critical", "Important", "Moderate", "Low", "Unspecified"];
const RPM_SEVERITIES: &[&str] = &["Critical", "Important", "Medium", "Low"];
const SUSE_SEVERITIES: &[&str] = &["Critical", "Important", "Moderate", "Low"];
const PRIORITIES: &[&str] = &["Required", "Important", "Standard", "Optional", "Extra"];

/// The values of a property: those the service documents and those in the catalogue, sorted.
pub(super) fn values(
    operation: &'static str,
    catalogue: &Catalogue,
    request: &DescribePatchProperties,
    now: Timestamp,
) -> Result<Vec<BTreeMap<String, String>>> {
    let (os, property) = (&request.operating_system, &request.property);
    check::operating_system(operation, os)?;
    let known = documented(os.family(), property);
    let mut validation = Validation::of(operation);
    validation.require(
        known.is_some(),
        "property",
        &format!("{property} is not a property of {os}"),
    );
    validation.finish()?;
    let set = request.patch_set.clone().unwrap_or(PatchSet::Os);
    let concerns = |patch: &&Patch| match os {
        Os::Windows => catalogue::is_windows(patch) && catalogue::is_in(&set, patch),
        os => !catalogue::is_windows(patch) && os_of(patch) == *os,
    };
    let found = catalogue.released(now).filter(concerns);
    let key = PatchFilterKey::from(property.as_str());
    let values: BTreeSet<String> = found
        .flat_map(|patch| members(&key, patch))
        .filter(|value| !value.is_empty())
        .chain(
            known
                .unwrap_or_default()
                .iter()
                .map(|value| (*value).to_owned()),
        )
        .collect();
    let name = entry_name(property);
    Ok(values
        .into_iter()
        .map(|value| BTreeMap::from([(name.to_owned(), value)]))
        .collect())
}

/// The values that the service documents; `None` where the family has no such property.
fn documented(family: OsFamily, property: &PatchProperty) -> Option<&'static [&'static str]> {
    use PatchProperty as P;
    match (family, property) {
        (_, P::Product) | (OsFamily::Windows, P::ProductFamily) => Some(&[]),
        (OsFamily::Windows, P::Classification) => Some(WINDOWS_CLASSES),
        (OsFamily::Windows, P::MsrcSeverity) => Some(MSRC_SEVERITIES),
        (OsFamily::Rpm, P::Classification) => Some(RPM_CLASSES),
        (OsFamily::Rpm, P::Severity) => Some(RPM_SEVERITIES),
        (OsFamily::Zypper, P::Classification) => Some(SUSE_CLASSES),
        (OsFamily::Zypper, P::Severity) => Some(SUSE_SEVERITIES),
        (OsFamily::Apt, P::Priority) => Some(PRIORITIES),
        (OsFamily::Macos, P::Classification) => Some(&[]),
        _ => None,
    }
}

/// The key of each entry. Recorded for products only; the others follow their pattern.
fn entry_name(property: &PatchProperty) -> &str {
    match property {
        PatchProperty::Product => "Name",
        PatchProperty::ProductFamily => "ProductFamily",
        PatchProperty::Classification => "Classification",
        PatchProperty::MsrcSeverity => "MsrcSeverity",
        PatchProperty::Priority => "Priority",
        PatchProperty::Severity => "Severity",
        PatchProperty::Other(name) => name,
    }
}

/// Whose patch it is, by its product; macOS names its releases freely.
fn os_of(patch: &Patch) -> Os {
    let product = patch.product.as_deref().unwrap_or_default();
    PRODUCTS
        .iter()
        .filter(|(prefix, _)| product.starts_with(prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map_or(Os::Macos, |(_, os)| os.clone())
}
