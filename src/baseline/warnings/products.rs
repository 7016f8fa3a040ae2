//! Warnings about products and families that the rules cannot match.

use super::{Found, GLOBAL_FILTERS, filters_path};
use crate::baseline::catalog::{hint, is_product_of_application, is_product_of_windows};
use crate::baseline::{BaselineSpec, OsRules, PatchFilter, PatchFilterKey};
use crate::types::OperatingSystem;

const UNKNOWN: &str = "not a product this version knows; DescribePatchProperties has the full list";
pub(in crate::baseline) const OF_AN_APPLICATION: &str =
    "of an application: without PATCH_SET=APPLICATION the rule is about Windows itself";
const OF_WINDOWS: &str = "of Windows itself, and PATCH_SET=APPLICATION leaves that out";

pub(super) fn check(spec: &BaselineSpec, os: &OperatingSystem, found: &mut Found) {
    let global = &spec.global_filters.patch_filters;
    let rules = &spec.approval_rules.patch_rules;
    // Global filters apply to every rule, so they cover the patch sets of all rules.
    let sets = rules
        .iter()
        .map(|rule| Set::of(&rule.filters.patch_filters));
    let set = sets.reduce(Set::or).unwrap_or(Set::Both);
    filters(os, GLOBAL_FILTERS, global, set, found);
    for (index, rule) in rules.iter().enumerate() {
        let given = &rule.filters.patch_filters;
        filters(os, &filters_path(index), given, Set::of(given), found);
    }
    applications_only(global, set, found);
}

/// Which of Microsoft's patches a rule covers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    System,
    Applications,
    Both,
}

impl Set {
    /// A rule without PATCH_SET covers Windows itself only (AWS's predefined baselines).
    fn of(filters: &[PatchFilter]) -> Self {
        let Some(filter) = find(filters, &PatchFilterKey::PatchSet) else {
            return Self::System;
        };
        let has = |wanted| filter.values.iter().any(|set| set == wanted);
        match (has("OS"), has("APPLICATION")) {
            _ if has("*") => Self::Both,
            (true, false) => Self::System,
            (false, true) => Self::Applications,
            _ => Self::Both,
        }
    }

    fn or(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

fn find<'f>(filters: &'f [PatchFilter], key: &PatchFilterKey) -> Option<&'f PatchFilter> {
    filters.iter().find(|filter| filter.key == *key)
}

fn filters(os: &OperatingSystem, path: &str, filters: &[PatchFilter], set: Set, found: &mut Found) {
    for (index, filter) in filters.iter().enumerate() {
        for (position, value) in filter.values.iter().enumerate() {
            let advice = match filter.key {
                PatchFilterKey::Product => product(os, value, set),
                PatchFilterKey::ProductFamily => family(value, set),
                _ => None,
            };
            if let Some(advice) = advice {
                let field = format!("{path}[{index}].Values[{position}]");
                found.add(field, value.as_str(), advice);
            }
        }
    }
}

/// What to say of a product.
fn product(os: &OperatingSystem, product: &str, set: Set) -> Option<String> {
    if *os == OperatingSystem::Windows && product != "*" && !product.eq_ignore_ascii_case("All") {
        let of_windows = is_product_of_windows(product);
        match set {
            Set::System if is_product_of_application(product) => {
                return Some(OF_AN_APPLICATION.to_owned());
            }
            Set::Applications if of_windows => return Some(OF_WINDOWS.to_owned()),
            Set::Applications => return None,
            Set::Both if !of_windows => return None,
            _ => {}
        }
    }
    if OsRules::of(os).is_plausible_product(product) {
        return None;
    }
    Some(hint(os, &PatchFilterKey::Product, product).unwrap_or_else(|| UNKNOWN.to_owned()))
}

/// The family of Windows itself is `Windows`.
fn family(family: &str, set: Set) -> Option<String> {
    match (family, set) {
        ("*", _) => None,
        ("Windows", Set::Applications) => Some(OF_WINDOWS.to_owned()),
        ("Windows", _) => None,
        (_, Set::System) => Some(OF_AN_APPLICATION.to_owned()),
        _ => None,
    }
}

/// A global filter for applications leaves nothing for rules that cover Windows itself.
fn applications_only(global: &[PatchFilter], rules: Set, found: &mut Found) {
    let only = find(global, &PatchFilterKey::PatchSet).is_some()
        && Set::of(global) == Set::Applications
        && rules == Set::System;
    if only {
        let advice =
            "no rule can approve anything: a rule without PATCH_SET covers Windows itself only";
        found.add(GLOBAL_FILTERS, "PATCH_SET=APPLICATION", advice);
    }
}
