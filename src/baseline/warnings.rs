use std::fmt;

use serde::Serialize;

use super::{Approval, BaselineSpec, OsRules, PatchFilter, PatchFilterKey};
use crate::types::{OperatingSystem, OsFamily};

/// Something in a baseline that is legal and probably not what was meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Warning {
    /// The path of the field in the service's terms.
    pub field: String,
    /// The value.
    pub value: String,
    /// What to know about it.
    pub advice: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}`: {}", self.field, self.value, self.advice)
    }
}

impl BaselineSpec {
    /// What is legal in the baseline and probably not meant: unlisted products, delays that are
    /// not looked at, entries that match nothing, delays that outlive Windows updates.
    ///
    /// ```
    /// use aws_patch_manager::{BaselineBuilder, RuleBuilder};
    /// use aws_patch_manager::types::OperatingSystem;
    ///
    /// let spec = BaselineBuilder::new("windows-2031", OperatingSystem::Windows)
    ///     .rule(RuleBuilder::new().products(["WindowsServer2031"]).approve_after_days(7))
    ///     .build()?;
    /// let warnings = spec.warnings();
    /// assert_eq!(warnings.len(), 1);
    /// assert_eq!(warnings[0].value, "WindowsServer2031");
    /// # Ok::<(), aws_patch_manager::Error>(())
    /// ```
    pub fn warnings(&self) -> Vec<Warning> {
        let os = self.operating_system();
        let mut found = Vec::new();
        products(
            &os,
            "GlobalFilters.PatchFilters",
            &self.global_filters.patch_filters,
            &mut found,
        );
        for (index, rule) in self.approval_rules.patch_rules.iter().enumerate() {
            let path = format!("ApprovalRules.PatchRules[{index}]");
            let filters = &rule.filters.patch_filters;
            products(
                &os,
                &format!("{path}.PatchFilterGroup.PatchFilters"),
                filters,
                &mut found,
            );
            delay(&os, &path, rule.approval, &mut found);
            if rule.enable_non_security == Some(true) && os == OperatingSystem::Macos {
                let advice = "the API documents it for Linux only; the console offers it on macOS";
                found.push(warning(format!("{path}.EnableNonSecurity"), "true", advice));
            }
        }
        rejected_notices(&os, &self.rejected_patches, &mut found);
        found
    }
}

fn warning(field: String, value: impl Into<String>, advice: &str) -> Warning {
    Warning {
        field,
        value: value.into(),
        advice: advice.to_owned(),
    }
}

/// Microsoft's applications have products of their own, which no list holds.
fn products(os: &OperatingSystem, path: &str, filters: &[PatchFilter], found: &mut Vec<Warning>) {
    let legal = OsRules::of(os);
    let applications = filters.iter().any(|filter| {
        filter.key == PatchFilterKey::ProductFamily
            || filter.key == PatchFilterKey::PatchSet && filter.values.iter().any(|set| set != "OS")
    });
    for (index, filter) in filters.iter().enumerate() {
        if filter.key != PatchFilterKey::Product || applications {
            continue;
        }
        for (position, value) in filter.values.iter().enumerate() {
            if !legal.is_plausible_product(value) {
                let field = format!("{path}[{index}].Values[{position}]");
                let advice =
                    "not a product this version knows; DescribePatchProperties has the full list";
                found.push(warning(field, value.as_str(), advice));
            }
        }
    }
}

fn delay(os: &OperatingSystem, path: &str, approval: Option<Approval>, found: &mut Vec<Warning>) {
    match (os.family(), approval) {
        (OsFamily::Apt, Some(Approval::AfterDays(days))) if days > 0 => found.push(warning(
            format!("{path}.ApproveAfterDays"),
            days.to_string(),
            "apt knows no release dates: the delay is stored, and patches are approved at once",
        )),
        (OsFamily::Apt, Some(Approval::UntilDate(date))) => found.push(warning(
            format!("{path}.ApproveUntilDate"),
            date.to_string(),
            "apt knows no release dates: the cut-off is stored, and every patch is approved",
        )),
        // Cumulative updates come monthly, and the superseded ones leave the catalogue.
        (OsFamily::Windows, Some(Approval::AfterDays(days))) if days > 30 => found.push(warning(
            format!("{path}.ApproveAfterDays"),
            days.to_string(),
            "a cumulative update is superseded before it is approved, so none is ever installed",
        )),
        (OsFamily::Windows, Some(Approval::UntilDate(date))) => found.push(warning(
            format!("{path}.ApproveUntilDate"),
            date.to_string(),
            "updates from before the cut-off leave the catalogue as later ones supersede them",
        )),
        _ => {}
    }
}

/// Nodes match rejected entries against package names only.
fn rejected_notices(os: &OperatingSystem, entries: &[String], found: &mut Vec<Warning>) {
    if os.family() != OsFamily::Rpm {
        return;
    }
    for (index, entry) in entries.iter().enumerate() {
        let upper = entry.to_ascii_uppercase();
        let notice = [
            "CVE-", "ALAS", "RHSA-", "RHBA-", "RHEA-", "ELSA-", "ELBA-", "ELEA-",
        ]
        .iter()
        .any(|prefix| upper.starts_with(prefix))
            || (!entry.is_empty() && entry.bytes().all(|b| b.is_ascii_digit()));
        if notice {
            let advice = "rejects nothing: nodes compare rejected entries with package names only";
            found.push(warning(
                format!("RejectedPatches[{index}]"),
                entry.as_str(),
                advice,
            ));
        }
    }
}
