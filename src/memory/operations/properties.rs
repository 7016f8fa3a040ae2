//! The values that patch properties have: DescribePatchProperties.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::backend::{DescribePatchProperties, PatchProperty, PatchSet};
use crate::baseline::approval::members;
use crate::baseline::{OsRules, PatchFilterKey};
use crate::error::Result;
use crate::memory::operations::check::{self, Validation};
use crate::memory::store::catalog as catalogue;
use crate::memory::store::catalog::Catalogue;
use crate::types::{OperatingSystem as Os, Patch};

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

/// The values of a property: those the service documents and those in the catalogue, sorted.
pub(crate) fn values(
    operation: &'static str,
    catalogue: &Catalogue,
    request: &DescribePatchProperties,
    now: Timestamp,
) -> Result<Vec<BTreeMap<String, String>>> {
    let (os, property) = (&request.operating_system, &request.property);
    check::operating_system(operation, os)?;
    let rules = OsRules::of(os);
    let key = PatchFilterKey::from(property.as_str());
    let mut validation = Validation::of(operation);
    validation.require(
        property.is_known() && rules.allows(&key),
        "property",
        &format!("{property} is not a property of {os}"),
    );
    let set = request.patch_set.clone().unwrap_or(PatchSet::Os);
    validation.one_of("patchSet", set.is_known());
    validation.finish()?;
    let concerns = |patch: &&Patch| match os {
        Os::Windows => catalogue::is_windows(patch) && catalogue::is_in(&set, patch),
        os => !catalogue::is_windows(patch) && os_of(patch) == *os,
    };
    let found = catalogue.released(now).filter(concerns);
    let known = match (os, &key, &set) {
        (Os::Windows, PatchFilterKey::Product, PatchSet::Application) => &[],
        _ => rules.known_values(&key),
    };
    let values: BTreeSet<String> = found
        .flat_map(|patch| members(&key, patch))
        .filter(|value| !value.is_empty())
        .chain(known.iter().map(|value| (*value).to_owned()))
        .collect();
    let name = entry_name(property);
    Ok(values
        .into_iter()
        .map(|value| BTreeMap::from([(name.to_owned(), value)]))
        .collect())
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
